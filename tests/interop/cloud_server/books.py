# SPDX-License-Identifier: Apache-2.0
"""Compares the gateway's orders with the wallet's movements, to the fen."""

# As stored: see OrderState in boards/sandbox/cloud/src/gateway_rows.hpp.
UNKNOWN, PENDING, PAID, DECLINED, REVERSED, REFUNDED = range(6)


def differences(orders, books, merchant="acme"):
    """What the two do not say the same about; nothing where all is settled and equal."""
    found = []
    taken, charges = {}, {}
    for movement in books["movements"]:
        if movement["merchant"] != merchant:
            continue
        number = movement["order"]
        taken[number] = taken.get(number, 0) + movement["minor"]
        charges[number] = charges.get(number, 0) + (movement["kind"] == "charge")
        if number not in orders:
            found.append(f"{number}: the wallet has moved money for an order that the gateway does not know")
    for number, order in orders.items():
        state = order["state"]
        if state in (UNKNOWN, PENDING) or order["reversing"] or order["refunds_open"]:
            found.append(f"{number}: still open")
        expected = order["amount"]["minor"] - order["refunded_minor"] if state == PAID else 0
        if taken.get(number, 0) != expected:
            found.append(f"{number}: the wallet has {taken.get(number, 0)}, the gateway {expected}")
        if charges.get(number, 0) > 1:
            found.append(f"{number}: charged {charges[number]} times")
    return found


def spent(books, user):
    return sum(m["payer_minor"] for m in books["movements"] if m["user"] == user)
