#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the books that a day leaves: the journals of the tills, the wallet's ledger, the drawer, the goods, and what
the members' home keeps (member_books.py).

usage: compare_books.py FOLDER

Reads the stores themselves and shares no code with the library; it knows the records from lib/*/records.hpp. Exit status:
0 the books are equal, 1 they differ, 2 they cannot be read.
"""
import collections
import hashlib
import json
import pathlib
import sqlite3
import struct
import sys

sys.dont_write_bytecode = True
from member_books import Members  # noqa: E402, beside this file

CLOSED, UNDONE, VOIDED, RETURNED = 5, 7, 8, 10
STATES = {1: "open", 2: "suspended", 3: "paying", 5: "closed", 6: "undoing", 7: "undone", 8: "voided", 9: "returning",
          10: "returned"}
PERSON_SAYS_PAID = 15
TILLS = {"T1": "till.db", "T2": "till2.db"}


class Attempt:
    def __init__(self, sale, amount):
        self.sale, self.amount, self.taken, self.over, self.back = sale, amount, False, False, 0

    def kept(self):
        return self.amount - self.back if self.taken else 0


class Sale:
    def __init__(self):
        self.state, self.total, self.cash, self.settled, self.of = 1, 0, 0, 0, None
        self.refunded = self.local = 0


class Journal:
    """What the records say, read in order."""

    def __init__(self, path, trouble):
        self.attempts, self.orders, self.refunds = {}, {}, {}
        self.bodies = []
        self.sales = collections.OrderedDict()
        self.trouble = trouble
        base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        (self.id,) = base.execute("SELECT journal FROM state").fetchone()
        chain, expected = bytes(32), 1
        columns = ("seq, kind, version, sale, wall_ms, quality, boot, monotonic_us, operator, shift, business_day,"
                   " chain, body")
        for row in base.execute(f"SELECT {columns} FROM records ORDER BY seq"):
            seq, kind, sale, body = row[0], row[1], row[3], row[12]
            if seq != expected:
                trouble.append(f"record {expected} is missing")
            expected = seq + 1
            chain = hashlib.sha256(chain + self.canonical(row)).digest()
            if chain != row[11]:
                trouble.append(f"record {seq} is not the one that was chained")
                chain = row[11]
            self.bodies.append((seq, kind, sale, json.loads(body)))
            self.take(*self.bodies[-1])
        self.personal = {seq for (seq,) in base.execute("SELECT seq FROM personal")}
        base.close()
        self.records = expected - 1

    def canonical(self, row):
        def text(value):
            data = value.encode()
            return struct.pack(">H", len(data)) + data
        seq, kind, version, sale, wall, quality, boot, monotonic, operator, shift, day, _, body = row
        body = body.encode()
        return (b"\x01" + self.id + struct.pack(">q", seq) + text(kind) + struct.pack(">Hqq", version, sale or 0, wall) +
                struct.pack(">BIq", quality, boot, monotonic) + text(operator) + struct.pack(">Ii", shift, day) +
                struct.pack(">I", len(body)) + body)

    def key(self, table, key, value):
        if key in self.orders or key in self.refunds:
            self.trouble.append(f"number {key} was used twice")
        table[key] = value

    def take(self, seq, kind, sale_id, body):
        sale = self.sales.setdefault(sale_id, Sale()) if sale_id else None
        attempt = self.attempts.get(body.get("attempt"))
        if kind in ("checkout.sale_priced", "checkout.sale_suspended"):
            sale.total = body["total"]["minor"]
            sale.state = 3 if kind == "checkout.sale_priced" else 2
        elif kind == "checkout.sale_reopened":
            sale.state = 1
        elif kind == "checkout.sale_undoing":
            sale.state = 6
        elif kind == "checkout.return_started":
            sale.state, sale.total, sale.of = 9, body["amount"]["minor"], body["of"]
        elif kind == "checkout.cash_taken":
            sale.cash += body["tendered"]["minor"] - body["change"]["minor"]
            sale.settled += body["settled"]["minor"]
        elif kind == "checkout.cash_returned":
            sale.cash -= body["amount"]["minor"]
            sale.settled -= body["settled"]["minor"]
        elif kind == "ledger.taken":
            sale.local += sum(part["settles"] for part in body["parts"])
        elif kind == "ledger.given_back":
            sale.refunded += body["settles"]
        elif kind == "checkout.sale_closed":
            sale.state = body["how"]
        elif kind == "payment.attempt_intended":
            self.attempts[seq] = Attempt(sale_id, body["amount"]["minor"])
            self.key(self.orders, body["order"], self.attempts[seq])
        elif kind == "payment.attempt_paid":
            if attempt.taken:
                self.trouble.append(f"attempt {body['attempt']} was paid twice")
            attempt.taken = True
        elif kind in ("payment.attempt_declined", "payment.attempt_not_sent", "payment.attempt_reversed"):
            attempt.over = True
        elif kind == "payment.attempt_given_back":
            attempt.back = attempt.amount
        elif kind == "payment.refund_intended":
            self.key(self.refunds, body["number"], attempt)
        elif kind == "payment.refund_done":
            attempt.back += body["amount"]["minor"]
            sale.refunded += body["amount"]["minor"]
        elif kind == "payment.person_decided":
            attempt.back += body["given_back"]["minor"]
            attempt.taken = attempt.taken or body["decision"] == PERSON_SAYS_PAID
            attempt.over = not attempt.taken


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def by_sale(path, tills, trouble):
    """Notes of the shop, by the terminal and the number at the end of a sale's number."""
    found = collections.defaultdict(list)
    for note in lines(path):
        terminal, of, number = note["sale"].split("-")
        journal = tills.get(terminal)
        if journal is None or of != journal.id.hex()[:4] or int(number) not in journal.sales:
            trouble.append(f"{path.name} names sale {note['sale']}, which the journal does not know")
        found[terminal, int(number)].append(note)
    return found


def compare_wallet(tills, ledger, trouble):
    kept, charges = collections.Counter(), collections.Counter()
    orders = {order: attempt for journal in tills.values() for order, attempt in journal.orders.items()}
    refunds = {number for journal in tills.values() for number in journal.refunds}
    if len(orders) != sum(len(journal.orders) for journal in tills.values()):
        trouble.append("two terminals used one order number")
    for entry in ledger:
        order = entry["order"]
        if order not in orders:
            trouble.append(f"the wallet moved money of {order}, which the journal does not know")
        if entry["kind"] == "charge":
            charges[order] += 1
            kept[order] += entry["minor"]
        else:
            kept[order] -= entry["minor"]
        if entry["kind"] == "refund" and entry["key"] not in refunds:
            trouble.append(f"the wallet gave back {entry['key']}, which the journal does not know")
    for order, attempt in orders.items():
        if charges[order] > 1:
            trouble.append(f"{order} was charged {charges[order]} times")
        if attempt.kept() != kept[order]:
            trouble.append(f"{order}: the journal keeps {attempt.kept()}, the wallet {kept[order]}")
        if not attempt.taken and not attempt.over:
            trouble.append(f"{order} has no end")
    return kept


def compare_sale(number, sale, own, notes, trouble):
    """One sale: its tenders, its goods, its end."""
    taken = sum(attempt.amount for attempt in own if attempt.taken)
    name = f"sale {number} ({STATES.get(sale.state, sale.state)})"
    if sale.state == CLOSED:
        tenders = taken + sale.settled + sale.local
        if tenders != sale.total:
            trouble.append(f"{name}: its tenders are {tenders}, its total is {sale.total}")
        if len(notes) != 1:
            trouble.append(f"{name}: its goods were handed over {len(notes)} times")
    elif notes:
        trouble.append(f"{name}: goods were handed over")
    if sale.state in (UNDONE, VOIDED) and (sale.settled or sale.local or sum(attempt.kept() for attempt in own)):
        trouble.append(f"{name}: it keeps money")
    if sale.state == RETURNED and sale.refunded - sale.settled != sale.total:
        trouble.append(f"{name}: it gave back {sale.refunded - sale.settled} of {sale.total}")
    if sale.state in (3, 6, 9):
        trouble.append(f"{name}: it has no end")


def yuan(minor):
    return f"{minor / 100:.2f}"


def compare_row(terminal, number, journal, kept, drawer, goods, trouble):
    """A sale's sums by each book: wallet, cash, points, goods."""
    sale = journal.sales[number]
    own = [attempt for attempt in journal.attempts.values() if attempt.sale == number]
    orders = [order for order, attempt in journal.orders.items() if attempt.sale == number]
    in_drawer = sum(note["minor"] for note in drawer[terminal, number])
    if in_drawer != sale.cash:
        trouble.append(f"sale {number}: cash is {sale.cash} in the journal and {in_drawer} in the drawer")
    compare_sale(number, sale, own, goods[terminal, number], trouble)
    return [sum(attempt.kept() for attempt in own), sum(kept[order] for order in orders), sale.cash, in_drawer,
            sale.local, len(goods[terminal, number])]


def columns(row):
    wallet, ledger, cash, in_drawer, local, goods = row
    return (f"{yuan(wallet):>17}{yuan(ledger):>9}{yuan(cash):>15}{yuan(in_drawer):>9}{yuan(local):>8}{goods:>7}")


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, trouble = pathlib.Path(sys.argv[1]), []
    try:
        tills = {name: Journal(folder / file, trouble) for name, file in TILLS.items()}
        ledger = lines(folder / "wallet.jsonl")
        drawer = by_sale(folder / "drawer.jsonl", tills, trouble)
        goods = by_sale(folder / "goods.jsonl", tills, trouble)
        members = Members(tills, lines(folder / "home.jsonl"), trouble)
        members.compare()
    except (OSError, sqlite3.Error, ValueError, KeyError, AttributeError) as error:
        print(f"compare_books: {error!r}", file=sys.stderr)
        return 2
    kept = compare_wallet(tills, ledger, trouble)

    print("      sale  how        price  wallet: journal   ledger  cash: journal   drawer  points  goods")
    sums = [0] * 6
    for terminal, journal in tills.items():
        for number, sale in journal.sales.items():
            row = compare_row(terminal, number, journal, kept, drawer, goods, trouble)
            sums = [a + b for a, b in zip(sums, row)]
            print(f"{terminal:4}{number:6}  {STATES.get(sale.state, '?'):9}{yuan(sale.total):>8}{columns(row)}")
    print(f"       all  {sum(len(journal.sales) for journal in tills.values()):<9}{'':8}{columns(sums)}")
    members.print()
    if not trouble:
        print(f"{sum(journal.records for journal in tills.values())} records, every one chained to the one before; "
              f"{sum(len(journal.orders) for journal in tills.values())} attempts, "
              f"{sum(len(journal.refunds) for journal in tills.values())} refunds, no number used twice")
    for what in trouble:
        print(f"DIFFERENT: {what}")
    print("The books are equal." if not trouble else "The books DIFFER.")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
