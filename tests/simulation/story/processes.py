# SPDX-License-Identifier: Apache-2.0
"""A day of a small shop among real programs: two terminals, the cloud and the wallet, mutual TLS on loopback between
them. The plug of the network is pulled for real, and a power cut is a kill. What people see is printed; in the end the
books are compared.

usage: processes.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
Exit status: 0 the books are equal.
"""
import json
import sys
import tempfile
import time

import four_books
from shop import MERCHANT, Shop, payment_code

COLA, TEA, RICE_CAKES, NOODLES = "6900000000014", "6900000000038", "6900000000052", "6900000000069"
CHOCOLATE, UMBRELLA, BATTERIES, BEER = "6900000000076", "6900000000083", "6900000000090", "6900000000106"
NAMES = {COLA: "a cola", TEA: "green tea", RICE_CAKES: "rice cakes", NOODLES: "noodles", CHOCOLATE: "chocolate",
         UMBRELLA: "an umbrella", BATTERIES: "batteries", BEER: "a beer"}
SETTLE_MS = 60_000


def say(who, what):
    print(f"  {who:10} {what}", flush=True)


def yuan(minor):
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


class Day:
    def __init__(self, shop):
        self.shop, self.chapters, self.codes, self.told = shop, 0, 0, 0
        self.till = None
        self.wallet_pays_for = "anyone"

    def chapter(self, title):
        self.chapters += 1
        print(f"\n{self.chapters}. {title}", flush=True)

    # Terminals.

    def open_counter(self, name):
        till = self.shop.device(name)
        said = json.loads(self.shop.enrol(till).stdout)
        say("technician", f"tillctl enrol --claim ...: {name} has made its key, has a certificate and {said['items']} items "
                          f"to sell, by the rules {said['rules']}")
        self.switch_on(till)
        return till

    def switch_on(self, till):
        self.till, self.told = till, len(till.events)
        said = till.start()
        till.do("watch")
        say(till.name, f"is on; its journal has {said['last']} records" if said["last"] > 1 else "is on")
        self.hear()

    def go_to(self, till):
        self.till, self.told = till, len(till.events)

    def hear(self, said=None):
        """Prints what the terminal told since."""
        for event in self.till.events[self.told:]:
            if event["event"] == "screen":
                say("screen", event["text"])
            elif event["event"] == "sale_ended":
                say(self.till.name, f"sale {event['sale']} is {event['how']}")
            elif event["event"] in ("change", "hand_out"):
                say("drawer", f"gives {yuan(event['minor'])}")
            elif event["event"] == "attention":
                say(self.till.name, f"needs somebody: {event['text']}")
            elif event["event"] == "asks_age":
                say(self.till.name, f"asks whether the shopper is {event['text']}")
        self.told = len(self.till.events)
        if said is not None and "refused" in said:
            say(self.till.name, f"refuses: {said['refused']}")
        return said

    def do(self, what, **more):
        return self.hear(self.till.do(what, **more))

    def settle(self):
        return self.do("settle", ms=SETTLE_MS)

    def finish(self):
        """Where the goods are not paid yet, whatever happened: once more."""
        while (said := self.settle())["left"] > 0:
            self.pay()
        return said

    def power_cut(self):
        self.till.kill()
        say("power", "goes, and comes back")
        self.switch_on(self.till)

    def plug(self, put, *tills):
        for till in tills or [self.till]:
            (till.plug.put if put else till.plug.pull)()
        say("network", "plugged in" if put else "pulled out")

    def bring_up_to_date(self):
        before = self.till.do("status")["unsent"]
        began = time.monotonic()
        said = self.till.do("sync", ms=SETTLE_MS)
        self.hear()
        say("cloud", f"has the journal of {self.till.name}, {before} records of it are new, "
                     f"{said['parked']} it cannot use ({(time.monotonic() - began) * 1000:.0f} ms)")

    # Shoppers.

    def scan(self, *codes):
        say("clerk", "scans " + ", ".join(NAMES[code] for code in codes))
        for code in codes:
            self.hear(self.till.do("scan", code=code))

    def next_code(self, **script):
        self.codes += 1
        code = payment_code(self.codes)
        if self.wallet_pays_for != "anyone":
            self.shop.wallet.call("code", code=code, user=self.wallet_pays_for)
        if script:
            self.shop.wallet.control(call="charge", code=code, script=script)
        return code

    def pay(self, **script):
        """By a payment code; `script`: what the wallet does with it."""
        say("shopper", "shows a payment code")
        said = self.do("scan", code=self.next_code(**script))
        return self.settle() if "ok" in said else said

    def pay_cash(self, minor):
        say("shopper", f"gives {yuan(minor)} in cash")
        return self.do("pay_cash", minor=minor)


    def shopper_is(self, name):
        self.wallet_pays_for = name
        self.shop.wallet.call("payer", user=name, wallet="wechat_pay", balance_minor=100_000)

    def admin(self, command, **body):
        return self.shop.cloud.admin(command, merchant=MERCHANT, **body)

    def member(self):
        """Of whoever pays now."""
        members = self.admin("books")["members"]
        found = [m["member"] for m in members if m["member"] not in self.known]
        assert len(found) == 1, members
        self.known.add(found[0])
        return found[0]

    known = frozenset()

    def account(self, member):
        for balance in self.admin("books")["balances"]:
            if balance["of"] == member and balance["unit"] == "points":
                say("cloud", f"{balance['active']} points free, {balance['leased']} leased"
                    + (f", a debt of {balance['debt']}" if balance["debt"] else ""))


def morning(day):
    day.chapter("The shop opens: an address, a claim code and a trust file make a box a terminal of this shop")
    day.shop.give_goods()
    say("cloud", "has goods, prices and offers for all terminals of the shop")
    first = day.open_counter("T1")

    day.chapter("Cash")
    day.scan(COLA, COLA, TEA)
    day.pay_cash(5_000)

    day.chapter("A wallet pays: the charge goes terminal, cloud, wallet, over TLS in which both sides show who they are")
    day.scan(NOODLES, TEA)
    day.pay()

    day.chapter("The wallet declines; the shopper shows another code")
    day.scan(UMBRELLA)
    day.pay(yes=False, reason="insufficient_funds")
    day.pay()

    day.chapter("Beer: the till asks for the age; the wallet asks for a password, which takes 2 s")
    day.scan(BEER)
    say("clerk", "looks at a card: old enough")
    day.do("age", years=18)
    day.pay(thinks_ms=2_000)

    day.chapter("The password never comes: given up, reversed")
    day.scan(NOODLES)
    day.pay(thinks_ms=600_000)
    return first


def bad_line(day):
    day.chapter("The wallet charges and its answer is lost: asked, and paid once")
    day.scan(CHOCOLATE)
    day.pay(answers=False)

    day.chapter("The wallet's connection closes after the charge: paid once")
    day.scan(COLA)
    day.pay(closes=True)

    day.chapter("The charge never arrives, and nobody says so: asked, not found, reversed")
    day.scan(CHOCOLATE)
    day.pay(arrives=False)

    day.chapter("The cloud has read the charge, and the plug is pulled before it answers: one charge")
    day.scan(UMBRELLA)
    day.till.plug.lost_answers = 1
    day.pay()
    day.till.plug.lost_answers = 0

    day.chapter("No network: a code is refused at once, cash works; then the queue goes up")
    day.plug(False)
    for _ in range(3):
        day.scan(COLA, RICE_CAKES)
        day.pay_cash(2_000)
    day.scan(COLA)
    day.pay()
    day.pay_cash(1_000)
    day.plug(True)
    day.bring_up_to_date()

    day.chapter("A code on the screen: the shopper scans it")
    day.scan(TEA)
    day.do("pay_qr")
    day.do("wait", ms=500)
    shown = [event["text"] for event in day.till.events if event["event"] == "qr"]
    assert shown, "no code on the screen"
    day.shopper_is("li")
    day.shop.wallet.call("pay", qr_text=shown[-1], user="li")
    say("shopper", "scans it and pays")
    day.settle()
    day.wallet_pays_for = "anyone"


def dark(day):
    day.chapter("Power goes while the wallet waits for the password: the till comes back, asks, and is paid once")
    day.scan(NOODLES)
    say("shopper", "shows a payment code")
    day.do("scan", code=day.next_code(thinks_ms=1_500))
    day.do("wait", ms=300)
    day.power_cut()
    day.finish()

    day.chapter("The cloud dies in the middle of a charge, and the wallet in the next: each comes back with its books")
    for who, restart in (("cloud", day.shop.restart_cloud), ("wallet", day.shop.restart_wallet)):
        day.scan(TEA)
        say("shopper", "shows a payment code")
        day.do("scan", code=day.next_code(thinks_ms=1_000))
        day.do("wait", ms=300)
        restart()
        say("power", f"the {who} was killed and runs again")
        day.finish()

    day.chapter("Everything goes at once")
    day.scan(CHOCOLATE, CHOCOLATE)
    say("shopper", "shows a payment code")
    day.do("scan", code=day.next_code(thinks_ms=1_000))
    day.do("wait", ms=300)
    day.shop.restart_wallet()
    day.shop.restart_cloud()
    day.power_cut()
    day.finish()

    day.chapter("A sale goes back")
    day.scan(UMBRELLA)
    day.pay()
    sale = day.till.ended()[-1]
    say("clerk", f"gives back sale {sale}")
    day.do("refund", sale=sale)
    day.settle()


def members(day, first):
    day.chapter("The shop takes members: who pays is one, in the same act")
    day.known = {member["member"] for member in day.admin("books")["members"]}
    day.admin("settings", home={"risk_per_terminal_minor": 1_000, "risk_bearer": "our-shop"},
              settings={"enrol": "provisional", "points_worth": {"points": 10, "minor": 100}, "tiers": []})
    day.till.do("sync", ms=SETTLE_MS)
    day.shopper_is("mei")
    day.scan(BATTERIES, RICE_CAKES)
    day.pay()
    day.bring_up_to_date()
    day.account(made := day.member())
    mei = "mei"
    day.admin("member", member=mei, consented=True)
    day.admin("merge", **{"from": made, "into": mei})
    say("phone", "Mei opens her member card: what was booked for her payment code is hers")
    day.account(mei)

    day.chapter("She comes back: her payment code says who she is, and her coupon applies by itself")
    day.admin("issue", coupon="mei-1", offer="three-off", member=mei)
    day.scan(BATTERIES, NOODLES)
    day.pay()
    day.bring_up_to_date()
    day.account(mei)

    day.chapter("A second counter: points and member are there at once")
    second = day.open_counter("T2")
    day.shop.give("points", mei, 100)
    say("cloud", "the merchant gives Mei 100 points")
    day.till.do("sync", ms=SETTLE_MS)
    card = day.admin("member-token", member=mei, valid_s=86_400)["token"]
    day.scan(RICE_CAKES)
    say("shopper", "shows her member code, and pays with points")
    day.do("scan", code=card)
    day.do("pay_points")
    if day.settle()["left"] > 0:
        day.pay_cash(2_000)
    day.bring_up_to_date()
    day.account(mei)

    day.chapter("A copied flyer at both counters while nobody can be asked: honoured within the risk that the merchant set")
    for till in (first, second):
        day.admin("lease", terminal=till.name, unit="risk", amount=500)
    day.admin("issue", coupon="flyer-1", offer="flyer")
    flyer = day.admin("coupon-token", coupon="flyer-1", valid_s=86_400, risk_minor=500, offline=True)["token"]
    for till in (first, second):
        till.do("sync", ms=SETTLE_MS)
        till.wait_for(lambda said: said["leases"] > 0)
    day.plug(False, first, second)
    for till in (first, second):
        day.go_to(till)
        day.scan(UMBRELLA)
        say("shopper", "shows the flyer")
        day.do("scan", code=flyer)
        day.do("wait", ms=1_500)  # it asks the cloud first
        day.pay_cash(5_000)
    day.plug(True, first, second)
    for till in (first, second):
        day.go_to(till)
        day.bring_up_to_date()
    doubles = day.admin("books")["double_redemptions"]
    say("cloud", f"tells of {len(doubles)} double redemption, borne by the merchant")


def main():
    with tempfile.TemporaryDirectory(prefix="story") as folder:
        shop = Shop(folder)
        try:
            day = Day(shop)
            first = morning(day)
            bad_line(day)
            dark(day)
            members(day, first)
            print("\nThe day is over.")
            for till in shop.tills:
                day.go_to(till)
                day.settle()
                assert till.do("sync", ms=SETTLE_MS)["unsent"] == 0, till.name
                till.stop()
            found = shop.differences()
            charges = sum(movement["kind"] == "charge" for movement in shop.wallet.books()["movements"])
            print(f"{sum(len(till.journal()) for till in shop.tills)} records, {len(shop.books()['sales'])} sales, "
                  f"{charges} charges. Journals, drawers, the wallet's and the cloud's books:")
            print("\n".join(found) if found else "The books are equal.")
            return 1 if found else 0
        finally:
            shop.end()


if __name__ == "__main__":
    sys.exit(main())
