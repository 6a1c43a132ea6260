# SPDX-License-Identifier: Apache-2.0
"""The four books: what the records of terminals add up to, held against the books of cloud and wallet, and against what
lies in the machine.

It knows the records from lib/*/records.hpp and shares no code with the library or the cloud.

usage: four_books.py WHERE
WHERE is a file that says where the books of one vending machine are (`VendingShop.where_books_are`). It prints what they
say, side by side, as JSON: `equal`; `under_way` (something is not over yet, or was written while they were read);
`differences` in words; `findings`, the same as `code` and `values` (and `words`), for whoever speaks another language;
`known`, likewise: what is different and explained, since nobody could see it; `sales`, what each book says of each sale;
and `books`. Exit status: 0 equal, 1 not equal, 2 a book could not be read.
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


class Finding(str):
    """A difference: its words, and what they were made of."""

    def __new__(cls, code, words, **values):
        finding = super().__new__(cls, words)
        finding.code, finding.values = code, values
        return finding

    def told(self):
        return {"code": self.code, "values": self.values, "words": str(self)}


class Journal:
    """One terminal's records, read in order."""

    def __init__(self, records):
        self.sales, self.members, self.cash = {}, {}, 0
        self.attempts = {}  # by seq: order, amount
        self.sale_of = {}  # by order
        self.paid, self.over, self.back = set(), set(), collections.Counter()
        self.moved = collections.Counter()  # of points and value, by unit and owner
        self.redeemed, self.enrolled, self.merges = set(), set(), {}
        self.vends = {}  # by sale, while under way: the slot of each unit
        self.out, self.perhaps_out = collections.Counter(), collections.Counter()  # by slot
        self.sale_out, self.sale_perhaps = collections.Counter(), collections.Counter()
        self.perhaps_since = collections.Counter()  # by slot, since somebody said what lies there
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
                self.sale_out[sale] += outcome == OUT
                self.perhaps_out[slot] += outcome == UNKNOWN
                self.sale_perhaps[sale] += outcome == UNKNOWN
                self.perhaps_since[slot] += outcome == UNKNOWN
        elif kind == "fulfilment.slot_set":
            for slot in body["slots"]:
                self.perhaps_since[slot["slot"]] = 0
        elif kind == "checkout.cash_taken":
            self.cash += body["tendered"]["minor"] - body["change"]["minor"]
        elif kind == "checkout.cash_returned":
            self.cash -= body["amount"]["minor"]
        elif kind == "payment.attempt_intended":
            self.attempts[seq] = body["order"], body["amount"]["minor"]
            self.sale_of[body["order"]] = sale
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
        return [Finding("goods_open", f"the goods of sale {sale} are on their way", sale=sale)
                for sale in self.vends] + [
            Finding("order_open", f"{order} is still open", order=order)
            for seq, (order, _) in self.attempts.items() if seq not in self.paid | self.over]


def compare(journals, books, wallet, given):
    """What they do not say the same about. `given`: by unit and owner, what the merchant gave by itself."""
    found = [what for journal in journals.values() for what in journal.still_open()]
    if not books["adds_up"] or books["waiting"]:
        found.append(Finding("cloud_sums", "the cloud's books do not add up"))
    return found + sales(journals, books) + orders(journals, wallet) + members(journals, books, given)


def unequal(here, there, make):
    """A finding for each key of which the two do not say the same."""
    return [make(key, here.get(key), there.get(key)) for key in sorted(here.keys() | there.keys(), key=str)
            if here.get(key) != there.get(key)]


def sales(journals, books):
    def make(key, here, there):
        terminal, sale = key
        return Finding("sale", f"sale {sale} of {terminal}: {here or 'nothing'} in the journal, {there or 'nothing'} in the "
                               "cloud", terminal=terminal, sale=sale, here=here, there=there)
    known = {(sale["terminal"], sale["sale"]): sale["state"] for sale in books["sales"]}
    return unequal({(name, sale): how for name, j in journals.items() for sale, how in j.sales.items()}, known, make)


def kept_by_wallet(wallet):
    taken = collections.Counter()
    for movement in wallet["movements"]:
        taken[movement["order"]] += movement["minor"]
    return taken


def orders(journals, wallet):
    def make(order, here, there):
        told = "nothing" if here is None else yuan(here)
        return Finding("order", f"order {order}: {told} by the journal, {yuan(there)} by the wallet", order=order, here=here,
                       there=there)
    taken, charges = kept_by_wallet(wallet), collections.Counter()
    for movement in wallet["movements"]:
        charges[movement["order"]] += movement["kind"] == "charge"
    found = [Finding("charged_often", f"order {order} was charged {times} times", order=order, times=times)
             for order, times in charges.items() if times > 1]
    kept = {order: minor for journal in journals.values() for order, minor in journal.orders().items()}
    # One that the wallet never heard of has taken nothing.
    return found + unequal(kept, {order: taken.get(order, 0) for order in kept.keys() | taken.keys()}, make)


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

    def balance(key, here, there):
        unit, of = key
        return Finding(f"balance_{unit}", f"{unit} of {of}: {here} by the journals, {there or 0} in the cloud", of=of,
                       here=here, there=there)

    def bought(member, here, there):
        return Finding("bought", f"purchases of {member}: {here} by the journals, {there or 0} in the cloud", member=member,
                       here=here, there=there)

    def use(key, here, _):
        coupon, terminal, sale = key
        code, where = ("use_here", "journal") if here else ("use_there", "cloud")
        return Finding(code, f"coupon {coupon} was used in sale {sale} of {terminal}: only the {where} says so",
                       coupon=coupon, terminal=terminal, sale=sale)
    return (unequal({key: balances.get(key, 0) for key in balances.keys() | theirs.keys()}, theirs, balance) +
            unequal({key: count.get(key, 0) for key in count.keys() | their_count.keys()}, their_count, bought) +
            unequal(dict.fromkeys(redeemed, 1), dict.fromkeys(their_uses, 1), use))


def goods(journals, slots):
    """What fell, by the cabinet's own count, against what the journals say came out. `slots`: as the hardware tells them;
    the findings, and those that are explained by falls that no sensor could see."""
    found, known = [], []
    out, perhaps = collections.Counter(), collections.Counter()
    for journal in journals.values():
        out += journal.out
        perhaps += journal.perhaps_out
    cabinet = {slot["slot"]: slot for slot in slots}
    for slot in sorted(cabinet.keys() | out.keys() | perhaps.keys()):
        told = cabinet.get(slot, {})
        fallen, unseen = told.get("fallen", 0), told.get("unseen", 0)
        if out[slot] <= fallen <= out[slot] + perhaps[slot]:
            continue
        if not out[slot] <= fallen - unseen <= out[slot] + perhaps[slot]:
            found.append(Finding("fallen", f"slot {slot}: {out[slot]} came out by the journal, {fallen} fell out of it",
                                 slot=slot, here=out[slot], there=fallen))
        elif is_unexplored(told):
            known.append(Finding("unseen", f"slot {slot}: {unseen} fell that the covered sensor did not see", slot=slot,
                                 count=unseen - told.get("accounted", 0)))
    return found, known


def is_unexplored(slot):
    """Something fell that nobody saw, and no technician has looked since."""
    return slot.get("unseen", 0) > slot.get("accounted", 0)


def stocks(journal, terminal, slots):
    """What the terminal believes to be in its slots (None: it does not say) against what lies there."""
    if terminal is None:
        return []
    found = []
    believed = {slot["slot"]: slot["stock"] for slot in terminal}
    for slot in slots:
        number, lies = slot["slot"], slot["stock"]
        # What may have come out is not promised to the next shopper: the terminal has counted it.
        if number not in believed or is_unexplored(slot):
            continue
        if not believed[number] <= lies <= believed[number] + journal.perhaps_since[number]:
            found.append(Finding("stock", f"slot {number}: {believed[number]} left by the terminal, {lies} lie there",
                                 slot=number, here=believed[number], there=lies))
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


class Machine:
    """Where the books of one machine are read from; each is read for itself, at its own time."""

    def __init__(self, where):
        self.where = where

    def terminal(self):
        return self.where["terminal"]

    def given(self):
        return {(unit, of): amount for unit, of, amount in self.where["given"]}

    def ask_till(self, *words):
        """Lines of tillctl, the last of which says that it is done."""
        run = subprocess.run([*self.where["tillctl"], *words, "--data", self.where["data"], "--json"],
                             capture_output=True, text=True, check=False, timeout=ANSWER_S_MAX)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode != 0 or not lines:
            raise ValueError(f"tillctl {words[0]}: {run.stderr.strip()}")
        return lines

    def journal(self):
        *records, done = self.ask_till("journal", "export")
        if not done.get("whole"):
            raise ValueError("the journal is not whole")
        return {record["seq"]: record for record in records}

    def till(self):
        """The last record, and how many of them the cloud has not confirmed."""
        done = self.ask_till("outbox")[-1]
        return done["last"], done["unacknowledged"]

    def planogram(self):
        return self.ask_till("planogram", "show")[:-1]

    def cloud(self):
        with open(self.where["cloud_folder"] + "/admin-token", encoding="utf-8") as file:
            token = file.read()
        return post_plain(self.where["cloud_admin_port"], "/admin/books", {"merchant": self.where["merchant"]}, token).body

    def wallet(self):
        return get(self.where["wallet_port"], "/books")

    def cabinet(self):
        with open(self.where["hardware"], encoding="utf-8") as file:
            return get(json.load(file)["page_port"], "/state")["cabinet"]


def shown(journal, books, wallet, slots):
    """What each book says, in a few lines."""
    def state(sale):
        return journal.sales.get(sale, "under way")
    kept = kept_by_wallet(wallet)
    return [
        {"name": "journal", "lines": [f"sale {sale}: {yuan(journal.totals[sale])}, {state(sale)}"
                                      for sale in sorted(journal.begun)]},
        {"name": "cloud", "lines": [f"sale {sale['sale']}: {sale['state']}"
                                    for sale in sorted(books["sales"], key=lambda sale: sale["sale"])]},
        {"name": "wallet", "lines": [f"{order[:12]}…: {yuan(minor)} kept" for order, minor in sorted(kept.items())]},
        {"name": "goods", "lines": [f"slot {slot['slot']}: {slot['fallen']} out"
                                    for slot in sorted(slots, key=lambda slot: slot["slot"]) if slot["fallen"]]},
    ]


def side_by_side(terminal, journal, books, wallet):
    """Of each sale what each book says. `kept`: what the wallet must have of it, by the journal."""
    states = {sale["sale"]: sale["state"] for sale in books["sales"] if sale["terminal"] == terminal}
    taken, kept = kept_by_wallet(wallet), journal.orders()
    rows = []
    for sale in sorted(journal.begun | states.keys()):
        own = [order for order, of in journal.sale_of.items() if of == sale]
        here = journal.sales.get(sale, "open") if sale in journal.begun else None
        due = sum(kept[order] for order in own)
        has = sum(taken.get(order, 0) for order in own)
        rows.append({"sale": sale,
                     "journal": {"minor": journal.totals[sale], "kept": due, "state": here} if here else None,
                     "cloud": {"state": states[sale]} if sale in states else None,
                     "wallet": {"minor": has} if own else None,
                     "goods": {"out": journal.sale_out[sale], "perhaps": journal.sale_perhaps[sale]},
                     "equal": here == states.get(sale) and due == has and sale not in journal.vends})
    return rows


def look_once(machine):
    """All books, one after the other, and the last record they are compared by. They stand for one instant only where
    nothing was written from before the first until after the last, and the cloud had confirmed all of it before it was
    asked; else they are under way."""
    journal = Journal(records := machine.journal())
    last, unconfirmed = machine.till()
    planogram = machine.planogram()
    books, wallet, cabinet = machine.cloud(), machine.wallet(), machine.cabinet()
    slots = cabinet["slots"]
    held_still = max(records, default=0) == last and not unconfirmed and machine.till() == (last, 0)
    journals = {machine.terminal(): journal}
    wrong_goods, known = goods(journals, slots)
    found = compare(journals, books, wallet, machine.given()) + wrong_goods + stocks(journal, planogram, slots)
    # What the cloud says of a sale is no reason to wait: it has confirmed all that was read here.
    busy = bool(journal.still_open()) or bool(journal.begun - journal.sales.keys()) or cabinet.get("turning") is not None
    return {"equal": not found and not known, "under_way": busy or not held_still,
            "differences": found, "findings": [finding.told() for finding in found],
            "known": [finding.told() for finding in known], "last": last,
            "sales": side_by_side(machine.terminal(), journal, books, wallet),
            "books": shown(journal, books, wallet, slots)}


def compare_books(machine):
    """As `look_once`; a difference is one only if a second look at the same records finds it again."""
    first = look_once(machine)
    if first["under_way"] or not first["differences"]:
        return first
    second = look_once(machine)
    if (first["last"], first["differences"]) != (second["last"], second["differences"]):
        second["under_way"] = True
    return second


def compare_machine(where):
    return compare_books(Machine(where))


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            said = compare_machine(json.load(file))
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        finding = Finding("unreadable", f"a book cannot be read: {error}", why=str(error))
        print(json.dumps({"equal": False, "under_way": True, "differences": [finding], "findings": [finding.told()],
                          "known": [], "sales": [], "books": []}, ensure_ascii=False))
        return 2
    print(json.dumps(said, ensure_ascii=False))
    return 0 if said["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
