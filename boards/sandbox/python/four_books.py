# SPDX-License-Identifier: Apache-2.0
"""What the records of terminals add up to, held against the books of cloud and wallet.

It knows the records from lib/*/records.hpp and shares no code with the library or the cloud.
"""
import collections

# As records have it: checkout's SaleState, where a sale is over; ledger's Unit.
STATES = {5: "closed", 7: "undone", 8: "voided", 10: "returned"}
UNITS = {1: "points", 2: "value", 3: "budget", 4: "risk"}


class Journal:
    """One terminal's records, read in order."""

    def __init__(self, records):
        self.sales, self.members, self.cash = {}, {}, 0
        self.attempts = {}  # by seq: order, amount
        self.paid, self.over, self.back = set(), set(), collections.Counter()
        self.moved = collections.Counter()  # of points and value, by unit and owner
        self.redeemed, self.enrolled, self.merges = set(), set(), {}
        for seq, record in sorted(records.items()):
            self._take(seq, record["kind"], record.get("sale"), record["body"])

    def _take(self, seq, kind, sale, body):
        if kind == "checkout.sale_closed":
            self.sales[sale] = STATES[body["how"]]
        elif kind == "checkout.cash_taken":
            self.cash += body["tendered"]["minor"] - body["change"]["minor"]
        elif kind == "checkout.cash_returned":
            self.cash -= body["amount"]["minor"]
        elif kind == "payment.attempt_intended":
            self.attempts[seq] = body["order"], body["amount"]["minor"]
        elif kind == "payment.attempt_paid":
            self.paid.add(body["attempt"])
        elif kind == "payment.refund_done":
            self.back[body["attempt"]] += body["amount"]["minor"]
        elif kind in ("payment.attempt_declined", "payment.attempt_not_sent", "payment.attempt_reversed",
                      "payment.attempt_given_back"):
            self.over.add(body["attempt"])
        else:
            self._take_of_member(kind, sale, body)

    def _take_of_member(self, kind, sale, body):
        if kind == "ledger.earned":
            self.moved["points", body["of"]] += body["points"]
        elif kind == "ledger.taken_back":
            self.moved["points", body["of"]] -= body["points"]
        elif kind == "ledger.taken":
            for part in body["parts"]:
                self.moved[UNITS[part["unit"]], part["of"]] -= sum(hold["amount"] for hold in part["holds"])
        elif kind == "ledger.given_back":
            self.moved[UNITS[body["unit"]], body["of"]] += sum(hold["amount"] for hold in body["holds"])
        elif kind == "members.recognised":
            self.members[sale] = body["member"]
        elif kind == "members.enrolled":
            self.enrolled.add(body["member"])
        elif kind == "members.merged":
            self.merges[body["from"]] = body["into"]
        elif kind == "members.coupons_redeemed":
            self.redeemed |= {(use["coupon"], sale) for use in body["coupons"]}
        elif kind == "members.coupons_returned":
            self.redeemed -= {(coupon, body["sale"]) for coupon in body["coupons"]}

    def orders(self):
        """By order: what the wallet has of it, as far as this journal knows."""
        return {order: minor - self.back[seq] if seq in self.paid - self.over else 0
                for seq, (order, minor) in self.attempts.items()}

    def still_open(self):
        return [f"{order} is still open" for seq, (order, _) in self.attempts.items()
                if seq not in self.paid | self.over]


def compare(journals, books, wallet, given):
    """What they do not say the same about. `given`: by unit and owner, what the merchant gave by itself."""
    found = [what for journal in journals.values() for what in journal.still_open()]
    if not books["adds_up"] or books["waiting"]:
        found.append("the cloud's books do not add up")
    return found + sales(journals, books) + orders(journals, wallet) + members(journals, books, given)


def unequal(what, here, there):
    return [f"{what} {key}: {here.get(key)} by the journals, {there.get(key)} elsewhere"
            for key in sorted(here.keys() | there.keys(), key=str) if here.get(key) != there.get(key)]


def sales(journals, books):
    known = {(sale["terminal"], sale["sale"]): sale["state"] for sale in books["sales"]}
    return unequal("sale", {(name, sale): how for name, j in journals.items() for sale, how in j.sales.items()}, known)


def orders(journals, wallet):
    taken, charges = collections.Counter(), collections.Counter()
    for movement in wallet["movements"]:
        taken[movement["order"]] += movement["minor"]
        charges[movement["order"]] += movement["kind"] == "charge"
    found = [f"{order} was charged {times} times" for order, times in charges.items() if times > 1]
    kept = {order: minor for journal in journals.values() for order, minor in journal.orders().items()}
    # One that the wallet never heard of has taken nothing.
    return found + unequal("order", kept, {order: taken.get(order, 0) for order in kept.keys() | taken.keys()})


def members(journals, books, given):
    merges = {merge["from"]: merge["into"] for merge in books["merges"]}

    def root(member):
        while member in merges:
            member = merges[member]
        return member

    balances = collections.Counter({(unit, root(of)): amount for (unit, of), amount in given.items()})
    count, redeemed = collections.Counter(), set()
    for name, journal in journals.items():
        for (unit, of), amount in journal.moved.items():
            if unit in ("points", "value"):
                balances[unit, root(of)] += amount
        for sale, member in journal.members.items():
            count[root(member)] += journal.sales.get(sale) == "closed"
        for member in journal.enrolled:
            count[root(member)] += 0
        redeemed |= {(coupon, name, sale) for coupon, sale in journal.redeemed}
    theirs = {(b["unit"], b["of"]): b["active"] + b["leased"] - b["debt"] for b in books["balances"]
              if b["unit"] in ("points", "value")}
    their_count = {member["member"]: member["orders"] for member in books["members"]}
    their_uses = {(coupon["coupon"], use["terminal"], use["sale"]) for coupon in books["coupons"]
                  for use in coupon["redeemed"]}
    return (unequal("balance", {key: balances.get(key, 0) for key in balances.keys() | theirs.keys()}, theirs) +
            unequal("orders of", {key: count.get(key, 0) for key in count.keys() | their_count.keys()}, their_count) +
            unequal("use", dict.fromkeys(redeemed, 1), dict.fromkeys(their_uses, 1)))
