# SPDX-License-Identifier: Apache-2.0
"""The four books: what the records of terminals add up to, held against the books of cloud and wallet, and against what
lies in the machine.

It knows the records from lib/*/records.hpp and shares no code with the library or the cloud.

usage: four_books.py WHERE
WHERE is a file that says where the books of one vending machine are (`VendingShop.where_books_are`). It prints what they
say, side by side, as JSON: `equal`, `under_way` (something is not over yet), `differences` in words, and `books`.
Exit status: 0 equal, 1 not equal, 2 a book could not be read.
"""
import collections
import http.client
import json
import subprocess
import sys

from sandbox_servers import post_plain

# As records have it: checkout's SaleState, where a sale is over; ledger's Unit.
STATES = {5: "closed", 7: "undone", 8: "voided", 10: "returned"}
UNITS = {1: "points", 2: "value", 3: "budget", 4: "risk"}
# fulfilment's UnitOutcome.
OUT, UNKNOWN = 1, 3
ANSWER_S_MAX = 30


class Journal:
    """One terminal's records, read in order."""

    def __init__(self, records):
        self.sales, self.members, self.cash = {}, {}, 0
        self.attempts = {}  # by seq: order, amount
        self.paid, self.over, self.back = set(), set(), collections.Counter()
        self.moved = collections.Counter()  # of points and value, by unit and owner
        self.redeemed, self.enrolled, self.merges = set(), set(), {}
        self.vends = {}  # by sale, while under way: the slot of each unit
        self.out, self.perhaps_out = collections.Counter(), collections.Counter()  # by slot
        self.totals, self.begun = {}, set()
        for seq, record in sorted(records.items()):
            self._take(seq, record["kind"], record.get("sale"), record["body"])

    def _take(self, seq, kind, sale, body):
        if kind in ("checkout.sale_priced", "checkout.return_started"):
            self.begun.add(sale)
            self.totals[sale] = body.get("total", body.get("amount"))["minor"]
        elif kind == "checkout.sale_closed":
            self.sales[sale] = STATES[body["how"]]
        elif kind == "fulfilment.vend_intended":
            self.vends[sale] = [goods.get("slot") for goods in body["goods"] for _ in range(goods["count"])]
        elif kind == "fulfilment.vend_ended":
            for slot, outcome in zip(self.vends.pop(sale), body["units"], strict=True):
                self.out[slot] += outcome == OUT
                self.perhaps_out[slot] += outcome == UNKNOWN
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
        return [f"the goods of sale {sale} are on their way" for sale in self.vends] + [f"{order} is still open" for seq, (order, _) in self.attempts.items()
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


def goods(journals, fallen):
    """`fallen`: by slot, what the machine itself counted."""
    found = []
    out, perhaps = collections.Counter(), collections.Counter()
    for journal in journals.values():
        out += journal.out
        perhaps += journal.perhaps_out
    for slot in sorted(fallen.keys() | out.keys() | perhaps.keys()):
        if not out[slot] <= fallen.get(slot, 0) <= out[slot] + perhaps[slot]:
            found.append(f"slot {slot}: {out[slot]} by the journals, {fallen.get(slot, 0)} fell out of it")
    return found


# --- one vending machine ---


def yuan(minor):
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S_MAX)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def read_journal(where):
    run = subprocess.run([*where["tillctl"], "journal", "export", "--data", where["data"], "--json"],
                         capture_output=True, text=True, check=False, timeout=ANSWER_S_MAX)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    if run.returncode != 0 or not lines or not lines[-1].get("whole"):
        raise ValueError(f"the journal cannot be read: {run.stderr.strip()}")
    return {record["seq"]: record for record in lines[:-1]}


def shown(journal, books, wallet, fallen):
    """What each book says, in a few lines."""
    def state(sale):
        return journal.sales.get(sale, "under way")
    kept = collections.Counter()
    for movement in wallet["movements"]:
        kept[movement["order"]] += movement["minor"]
    return [
        {"name": "journal", "lines": [f"sale {sale}: {yuan(journal.totals[sale])}, {state(sale)}"
                                      for sale in sorted(journal.begun)]},
        {"name": "cloud", "lines": [f"sale {sale['sale']}: {sale['state']}"
                                    for sale in sorted(books["sales"], key=lambda sale: sale["sale"])]},
        {"name": "wallet", "lines": [f"{order[:12]}…: {yuan(minor)} kept" for order, minor in sorted(kept.items())]},
        {"name": "goods", "lines": [f"slot {slot}: {count} out" for slot, count in sorted(fallen.items()) if count]},
    ]


def compare_machine(where):
    journal = Journal(read_journal(where))
    with open(where["cloud_folder"] + "/admin-token", encoding="utf-8") as file:
        token = file.read()
    books = post_plain(where["cloud_admin_port"], "/admin/books", {"merchant": where["merchant"]}, token).body
    wallet = get(where["wallet_port"], "/books")
    with open(where["hardware"], encoding="utf-8") as file:
        page_port = json.load(file)["page_port"]
    fallen = {slot["slot"]: slot["fallen"] for slot in get(page_port, "/state")["cabinet"]["slots"]}
    journals = {where["terminal"]: journal}
    given = {(unit, of): amount for unit, of, amount in where["given"]}
    found = compare(journals, books, wallet, given) + goods(journals, fallen)
    under_way = bool(journal.still_open()) or bool(journal.begun - journal.sales.keys()) or (
        len(books["sales"]) < len(journal.sales))
    return {"equal": not found, "under_way": under_way, "differences": found,
            "books": shown(journal, books, wallet, fallen)}


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            said = compare_machine(json.load(file))
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        print(json.dumps({"equal": False, "under_way": True, "differences": [f"a book cannot be read: {error}"],
                          "books": []}, ensure_ascii=False))
        return 2
    print(json.dumps(said, ensure_ascii=False))
    return 0 if said["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
