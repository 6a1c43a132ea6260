# SPDX-License-Identifier: Apache-2.0
"""What the journals of all terminals say of members, against the books of their home. For compare_books.py.

It knows the records from lib/members and lib/ledger (records.hpp) and from the numbers in their headers, and shares no
code with them.
"""
import collections

POINTS, VALUE, BUDGET, RISK = 1, 2, 3, 4
UNITS = {POINTS: "points", VALUE: "value", BUDGET: "budget", RISK: "risk"}
EARNED, SPENT, GIVEN_BACK, TAKEN_BACK, VALUE_SPENT, VALUE_GIVEN_BACK, REDEEMED, RETURNED, GRANTED, VOIDED, TIER, \
    ENROLLED = range(1, 13)
CLOSED = 5
GOODS, TOKEN = 1, 2


class Member:
    """An account's sums, by the journals and by what the home gave by itself."""

    def __init__(self):
        self.given = self.earned = self.spent = self.given_back = self.taken_back = self.leased = 0

    def balance(self):
        return self.given + self.earned - self.spent + self.given_back - self.taken_back


class Members:
    """All journals' records about members, each journal in its order."""

    def __init__(self, tills, home, trouble):
        self.trouble, self.home = trouble, collections.defaultdict(list)
        for line in home:
            self.home[line.pop("kind")].append(line)
        self.into = {merge["from"]: merge["into"] for merge in self.home["merge"]}
        self.accounts = collections.defaultdict(Member)
        self.leases, self.used, self.returned = {}, collections.Counter(), {}
        self.uses, self.doubles = collections.defaultdict(list), []
        self.grants, self.notices = [], []
        for gift in self.home["given"]:
            self.account(gift["unit"], gift["of"]).given += gift["amount"]
        for name, till in tills.items():
            Till(self, name, till)
        for lease, (_, unit, of, amount) in self.leases.items():
            left = amount - self.used[lease]
            if left < 0:
                trouble.append(f"lease {lease}: {self.used[lease]} of {amount} were spent")
            if self.returned.get(lease, left) != left:
                trouble.append(f"lease {lease}: {self.returned[lease]} went back, and {left} were left")
            if lease not in self.returned:
                self.account(unit, of).leased += left

    def root(self, of):
        while of in self.into:
            of = self.into[of]
        return of

    def account(self, unit, of):
        return self.accounts[unit, self.root(of)]

    # --- against the home ---

    def compare(self):
        self.compare_balances()
        self.compare_lists("lease", [dict(zip(("lease", "terminal", "unit", "of", "amount"), (lease, *rest)))
                                     for lease, rest in self.leases.items()])
        self.compare_coupons()
        self.compare_lists("grant", self.grants)
        self.compare_lists("notice", [{**notice, "member": self.root(notice["member"])} for notice in self.notices])
        for loss in self.home["loss"]:
            self.trouble.append(f"the home counts a loss of {loss['amount']} by lease {loss['lease']}")

    def compare_lists(self, what, own):
        """Every entry of the one is one of the other, as often."""
        theirs = [{**entry, "member": self.root(entry["member"])} if what == "notice" else entry
                  for entry in self.home[what]]
        here, there = (collections.Counter(tuple(sorted(entry.items())) for entry in entries)
                       for entries in (own, theirs))
        for entry in (here - there).elements():
            self.trouble.append(f"the home has no {what} {dict(entry)}, the journals have")
        for entry in (there - here).elements():
            self.trouble.append(f"the journals have no {what} {dict(entry)}, the home has")

    def compare_balances(self):
        theirs = {(line["unit"], line["of"]): line for line in self.home["balance"]}
        for unit, of in sorted(set(self.accounts) | set(theirs)):
            own, line = self.accounts[unit, of], theirs.get((unit, of), {"active": 0, "leased": 0, "debt": 0})
            name = f"{UNITS[unit]} of {of or 'the merchant'}"
            if line["leased"] != own.leased:
                self.trouble.append(f"{name}: leased are {own.leased} by the journals, {line['leased']} by the home")
            free = own.balance() - own.leased
            if (line["active"], line["debt"]) != (max(free, 0), max(-free, 0)):
                self.trouble.append(f"{name}: free are {free} by the journals, {line['active']} less a debt of "
                                    f"{line['debt']} by the home")

    def compare_coupons(self):
        theirs = {line["coupon"]: line for line in self.home["coupon"]}
        twice = []
        for coupon, uses in self.uses.items():
            if coupon not in theirs:
                self.trouble.append(f"coupon {coupon} was redeemed and the home does not know it")
        for coupon, line in theirs.items():
            own = [(terminal, sale) for terminal, sale, _, _ in self.uses[coupon]]
            if sorted(own) != sorted((use["terminal"], use["sale"]) for use in line["redeemed"]):
                self.trouble.append(f"coupon {coupon}: redeemed by {own} in the journals, {line['redeemed']} at the home")
            too_many = len(own) - line["uses"]
            named = [double for double in self.home["double_redemption"] if double["coupon"] == coupon]
            if max(too_many, 0) != len(named):
                self.trouble.append(f"coupon {coupon}: redeemed {len(own)} times, double redemptions: {len(named)}")
            for double in named:
                use = [use for use in self.uses[coupon] if use[:2] == (double["terminal"], double["sale"])]
                if len(use) != 1 or use[0][2] != TOKEN or use[0][3] != double["amount"]:
                    self.trouble.append(f"coupon {coupon}: {double} is none of its uses at a risk")
            twice += named
        self.compare_lists("double_redemption", self.doubles)
        covered = sum(amount for _, unit, _, amount in self.leases.values() if unit == RISK)
        lost = sum(double["amount"] for double in twice)
        if lost > covered:
            self.trouble.append(f"{lost} were lost by double redemptions, the risk budgets are {covered}")

    def print(self):
        theirs = {(line["unit"], line["of"]): line for line in self.home["balance"]}
        print("\n  account                     given  earned  spent  back  taken back  leased  free  home: leased  free")
        for (unit, of), own in sorted(self.accounts.items()):
            line = theirs.get((unit, of), {"active": 0, "leased": 0, "debt": 0})
            print(f"  {UNITS[unit] + ' ' + of:27}{own.given:6}{own.earned:8}{own.spent:7}{own.given_back:6}"
                  f"{own.taken_back:12}{own.leased:8}{own.balance() - own.leased:6}{line['leased']:14}"
                  f"{line['active'] - line['debt']:6}")
        redeemed = sum(len(uses) for uses in self.uses.values())
        print(f"{len(self.leases)} leases, {len(self.home['coupon'])} coupons, {redeemed} redemptions, "
              f"{len(self.home['double_redemption'])} of them double, {len(self.grants)} grants, "
              f"{len(self.notices)} notices, one for each change")


class Till:
    """One journal's part."""

    def __init__(self, members, name, journal):
        self.members, self.name, self.journal, self.trouble = members, name, journal, members.trouble
        self.reserved = collections.defaultdict(list)  # by sale
        self.coupons = collections.defaultdict(list)   # reserved, by sale
        self.redeemed = {}                             # by sale
        self.member, self.benefits, self.earned = {}, {}, collections.Counter()
        self.granted = collections.defaultdict(collections.Counter)
        self.risk, self.by_points = collections.Counter(), collections.Counter()
        self.changes = []  # that the member is to be told of: seq, what, member, count
        self.notices = []
        self.enrolled, self.refused = {}, []
        for seq, kind, sale, body in journal.bodies:
            if kind == "checkout.sale_benefits":
                self.benefits[sale] = body
            elif kind.startswith(("ledger.", "members.")):
                getattr(self, "take_" + kind.split(".")[1])(seq, sale, body)
        self.check_sales()
        self.check_notices()
        self.check_personal()

    def where(self, sale):
        return f"{self.name}, sale {sale}"

    def changed(self, seq, what, member, count):
        self.changes.append((seq, what, self.members.root(member), count))

    # --- ledger ---

    def take_lease_requested(self, seq, sale, body):
        pass

    def take_lease_refused(self, seq, sale, body):
        pass

    def take_lease_placed(self, seq, sale, body):
        if body["lease"] in self.members.leases:
            self.trouble.append(f"{self.name}: lease {body['lease']} was placed twice")
        self.members.leases[body["lease"]] = (self.name, body["unit"], body["of"], body["amount"])

    def take_lease_returned(self, seq, sale, body):
        self.members.returned[body["lease"]] = body["unused"]

    def take_reserved(self, seq, sale, body):
        self.reserved[sale].append(body)

    def take_released(self, seq, sale, body):
        self.reserved.pop(sale)

    def take_taken(self, seq, sale, body):
        if body["parts"] != self.reserved.pop(sale):
            self.trouble.append(f"{self.where(sale)}: what was taken is not what was reserved")
        told = collections.Counter()
        for part in body["parts"]:
            amount = sum(hold["amount"] for hold in part["holds"])
            self.members.account(part["unit"], part["of"]).spent += amount
            for hold in part["holds"]:
                lease = self.members.leases.get(hold["lease"], (None, None, None, 0))
                if lease[:3] != (self.name, part["unit"], part["of"]):
                    self.trouble.append(f"{self.where(sale)}: spends of lease {hold['lease']}, which it does not have")
                self.members.used[hold["lease"]] += hold["amount"]
            told[part["unit"], part["of"]] += amount
            self.risk[sale] += amount if part["unit"] == RISK else 0
            self.by_points[sale] += part["settles"] if part["unit"] == POINTS else 0
        for (unit, of), amount in told.items():
            if unit in (POINTS, VALUE):
                self.changed(seq, SPENT if unit == POINTS else VALUE_SPENT, of, amount)

    def take_given_back(self, seq, sale, body):
        amount = sum(hold["amount"] for hold in body["holds"])
        self.members.account(body["unit"], body["of"]).given_back += amount
        if body["unit"] in (POINTS, VALUE) and amount > 0:
            self.changed(seq, GIVEN_BACK if body["unit"] == POINTS else VALUE_GIVEN_BACK, body["of"], amount)

    def take_earned(self, seq, sale, body):
        self.members.account(POINTS, body["of"]).earned += body["points"]
        self.earned[sale] += body["points"] if body["why"] == GOODS else 0
        self.changed(seq, EARNED, body["of"], body["points"])

    def take_taken_back(self, seq, sale, body):
        self.members.account(POINTS, body["of"]).taken_back += body["points"]
        self.changed(seq, TAKEN_BACK, body["of"], body["points"])

    # --- members ---

    def take_recognised(self, seq, sale, body):
        self.member[sale] = body["member"]

    def take_enrolled(self, seq, sale, body):
        self.enrolled[sale] = (body["kind"], body["index"])
        self.members.account(POINTS, body["member"])
        self.changed(seq, ENROLLED, body["member"], 1)

    def take_merged(self, seq, sale, body):
        if self.members.into.get(body["from"]) != body["into"]:
            self.trouble.append(f"{self.name}: merges {body['from']} into {body['into']}, the home does not")

    def take_consented(self, seq, sale, body):
        pass

    def take_refused_consent(self, seq, sale, body):
        self.refused.append((sale, (body["kind"], body["index"])))

    def take_tier_reached(self, seq, sale, body):
        self.changed(seq, TIER, body["member"], 1)

    def take_coupon_placed(self, seq, sale, body):
        pass

    def take_coupon_given_up(self, seq, sale, body):
        pass

    def take_coupons_shown(self, seq, sale, body):
        pass

    def take_coupons_reserved(self, seq, sale, body):
        self.coupons[sale] = body["coupons"]

    def take_coupons_released(self, seq, sale, body):
        self.coupons.pop(sale)

    def take_coupons_redeemed(self, seq, sale, body):
        if body["coupons"] != self.coupons.pop(sale, None):
            self.trouble.append(f"{self.where(sale)}: redeems other coupons than it reserved")
        self.redeemed[sale] = body["coupons"]
        told = collections.Counter()
        for use in body["coupons"]:
            self.members.uses[use["coupon"]].append((self.name, sale, use["by"], use.get("risk", 0)))
            told[use["member"]] += 1
        self.tell_coupons(seq, REDEEMED, told)

    def take_coupons_returned(self, seq, sale, body):
        told = collections.Counter()
        for coupon in body["coupons"]:
            uses = self.members.uses[coupon]
            self.members.uses[coupon] = [use for use in uses if use[:2] != (self.name, body["sale"])]
            told.update(use["member"] for use in self.redeemed[body["sale"]] if use["coupon"] == coupon)
        self.tell_coupons(seq, RETURNED, told)

    def tell_coupons(self, seq, what, told):
        for member, count in told.items():
            if member:
                self.changed(seq, what, member, count)

    def take_coupon_granted(self, seq, sale, body):
        self.granted[sale][body["by"], body["offer"]] += body["count"]
        self.members.grants.append({"terminal": self.name, "sale": sale, "member": body["member"],
                                    "offer": body["offer"], "count": body["count"], "voided": False})
        self.changed(seq, GRANTED, body["member"], body["count"])

    def take_grant_voided(self, seq, sale, body):
        for grant in self.members.grants:
            if (grant["terminal"], grant["sale"], grant["offer"]) == (self.name, body["sale"], body["offer"]):
                grant["voided"] = True
        self.changed(seq, VOIDED, body["member"], body["count"])

    def take_double_redemption(self, seq, sale, body):
        self.members.doubles.append({"terminal": self.name, **body})

    def take_notice(self, seq, sale, body):
        self.notices.append((body["of"], body["what"], self.members.root(body["member"]), body["count"]))
        self.members.notices.append({"terminal": self.name, **body})

    # --- does it hold together? ---

    def check_sales(self):
        for sale in list(self.reserved) + list(self.coupons):
            self.trouble.append(f"{self.where(sale)}: something is still set apart for it")
        for number, sale in self.journal.sales.items():
            benefits = self.benefits.get(number)
            risk = sum(use.get("risk", 0) for use in self.redeemed.get(number, []))
            if risk != self.risk[number]:
                self.trouble.append(f"{self.where(number)}: its coupons risked {risk}, {self.risk[number]} were taken")
            due, gifts = 0, collections.Counter()
            if benefits and sale.state == CLOSED and number in self.member:
                rest = sale.total - self.by_points[number]
                due = benefits["points"] * rest // sale.total if sale.total else 0
                gifts.update({(gift["by"], gift["coupon"]): gift["count"] for gift in benefits["grants"]
                              if gift["coupon"]})
            if due != self.earned[number]:
                self.trouble.append(f"{self.where(number)}: earned {self.earned[number]} points, due are {due}")
            if gifts != self.granted[number]:
                self.trouble.append(f"{self.where(number)}: granted {dict(self.granted[number])}, due are {dict(gifts)}")
            if sale.state != CLOSED and (number in self.redeemed or self.by_points[number]):
                self.trouble.append(f"{self.where(number)}: is not paid, and used coupons or points")

    def check_notices(self):
        changes, notices = collections.Counter(self.changes), collections.Counter(self.notices)
        for change in (changes - notices).elements():
            self.trouble.append(f"{self.name}: no notice of {change}")
        for notice in (notices - changes).elements():
            self.trouble.append(f"{self.name}: notice {notice} is of no change, or not the only one")

    def check_personal(self):
        """Of who refused nothing personal is left."""
        identities = {identity for _, identity in self.refused}
        sales = {sale for sale, _ in self.refused if sale}
        sales |= {sale for sale, identity in self.enrolled.items() if identity in identities}
        left = {sale for seq, _, sale, _ in self.journal.bodies if seq in self.journal.personal and sale in sales}
        for sale in sorted(left):
            self.trouble.append(f"{self.where(sale)}: the payer wants to be no member, and personal values are kept")
