# SPDX-License-Identifier: Apache-2.0
"""A terminal comes back with a queue of sales, over a link that does all that links do, among programs that die.

usage: test_drain.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
TILLKIT_DRAIN_SALES: how many sales lie in the queue. Else it is as many as a test of every day has time for.
"""
import csv
import os
import pathlib
import random
import time
import unittest

import tillkit_report
from nasty import FATES, NastyLink
from shop import MERCHANT, SEED, InShop, Shop, payment_code

SALES = int(os.environ.get("TILLKIT_DRAIN_SALES", "1000"))
SHARED_DATA = pathlib.Path(os.environ.get("TILLKIT_SHARED_DATA") or
                           pathlib.Path(__file__).resolve().parents[4] / "shared" / "data")
CATALOG = SHARED_DATA / "catalog_cn.csv"
NOTE = 100_000  # more than any basket here costs
MEMBERS = 20
# Who dies when this part of the queue is still there, in twentieths.
DEATHS = {19: "till", 17: "cloud", 15: "till", 14: "wallet", 13: "cloud", 11: "till", 9: "cloud", 8: "wallet",
          7: "till", 5: "cloud", 3: "till", 2: "cloud"}


def real_prices():
    """By barcodes that can be scanned as they stand: 13 digits of China, with a good check digit."""
    def is_gtin(code):
        return (len(code) == 13 and code.startswith("69") and code.isascii() and code.isdigit() and
                sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code)) % 10 == 0)
    with open(CATALOG, encoding="utf-8") as file:
        prices = {row["code"]: int(row["price_fen"]) for row in csv.DictReader(file) if is_gtin(row["code"])}
    return {code: price for code, price in prices.items() if 0 < price <= 20_000}


@unittest.skipUnless(CATALOG.exists(), "no real catalog on this machine")
class Drain(InShop):
    def open_shop(self):
        self.random = random.Random(SEED)
        prices = real_prices()
        self.codes = sorted(prices)
        self.dear_code = next(code for code in self.codes if 1_500 <= prices[code] <= 2_500)
        print(f"TILLKIT_SEED={SEED}, {SALES} sales, {len(self.codes)} articles", flush=True)
        return Shop(self.folder.name, str(CATALOG))

    def some_goods(self):
        return [{"do": "scan", "code": code} for code in self.random.choices(self.codes, k=self.random.randint(1, 3))]

    def prepare(self, till):
        """Members with points of which the terminal holds leases, and coupons that may be honoured without asking."""
        admin = lambda command, **body: self.shop.cloud.admin(command, merchant=MERCHANT, **body)
        admin("settings", home={"risk_per_terminal_minor": 1_000_000, "risk_bearer": "our-shop"},
              settings={"enrol": "provisional", "points_worth": {"points": 10, "minor": 100}, "tiers": []})
        admin("lease", terminal=till.name, unit="risk", amount=MEMBERS * 500)
        tokens, flyers = [], []
        for number in range(MEMBERS):
            member = f"m-{number}"
            admin("member", member=member, consented=True)
            self.shop.give("points", member, 1_000)
            admin("lease", terminal=till.name, unit="points", of=member, amount=500 + number)
            tokens.append(admin("member-token", member=member, valid_s=86_400)["token"])
            admin("issue", coupon=f"flyer-{number}", offer="flyer")
            flyers.append(admin("coupon-token", coupon=f"flyer-{number}", valid_s=86_400, risk_minor=500,
                                offline=True)["token"])
        return tokens, flyers

    def honour(self, till, flyer):
        """Offline, with a coupon: the cloud is asked first, and nobody answers."""
        self.assertTrue(till.do("scan", code=self.dear_code).get("ok"))
        before = till.do("status")["left"]
        self.assertTrue(till.do("scan", code=flyer).get("ok"))
        till.wait_for(lambda said: said["left"] == before - 500)
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=NOTE))

    def fill_the_queue(self, till, tokens):
        """Offline: cash, every tenth sale of a member, some of them in part for points, every tenth of a new member."""
        cash = {"do": "pay_cash", "minor": NOTE}
        requests, must = [], []
        for number in range(SALES):
            asked = self.some_goods()
            special = number % 10
            if special == 1:
                asked.append({"do": "scan", "code": tokens[number // 10 % MEMBERS]})
                if number < 10 * MEMBERS:  # it asks for more than it holds a lease of, and waits for an answer
                    asked += [{"do": "pay_points"}, {"do": "settle", "ms": 20_000}]
            if special == 2:
                asked.append({"do": "phone", "number": f"138{number:08}"})
            # Points may pay for all of it.
            must += [*(request["do"] == "scan" for request in asked), special != 1]
            requests += [*asked, cash]
        began = time.monotonic()
        answers = till.do_all(requests)
        refused = [(request, answer) for request, answer, needed in zip(requests, answers, must)
                   if needed and "ok" not in answer]
        self.assertEqual([], refused[:3])
        self.assertEqual(SALES, len(till.ended()))
        return time.monotonic() - began

    def sell_on(self, till):
        """What comes in meanwhile: cash, and wallets' codes, paid in cash where that does not come off. Of every second
        one the money is taken and the link dies before anybody can hear of it."""
        till.do_all([*self.some_goods(), {"do": "pay_cash", "minor": NOTE}])
        for dies in (False, True):
            self.sold_by_code += 1
            if dies:
                self.shop.wallet.control(call="charge", script={"answers_after_ms": 400, "times": 1})
            till.do_all([*self.some_goods(), {"do": "scan", "code": payment_code(self.sold_by_code)}])
            if dies:
                till.do("wait", ms=300)
                till.plug.reset()
            if till.do("settle", ms=60_000)["left"] > 0:
                till.do("pay_cash", minor=NOTE)

    def kill_and_restart(self, who, till):
        if who == "till":
            self.sold_by_code += 1  # it dies while that one is being charged, or asked about
            till.do_all([*self.some_goods(), {"do": "scan", "code": payment_code(self.sold_by_code)}])
            till.kill()
            till.start()
        elif who == "cloud":
            self.shop.restart_cloud()
        else:
            self.shop.restart_wallet()

    def test_a_queue_of_real_sales_is_drained_over_a_nasty_link_among_deaths_and_the_four_books_are_equal(self):
        till = self.shop.till("T1", NastyLink)
        till.start()
        tokens, flyers = self.prepare(till)
        till.do("sync", ms=20_000)
        till.wait_for(lambda said: said["leases"] == MEMBERS + 1)
        till.plug.pull()
        sold_in = self.fill_the_queue(till, tokens)
        for flyer in flyers:
            self.honour(till, flyer)
        queue = till.do("status")["unsent"]

        offline = till.plug.accepted
        till.plug.put()
        till.plug.nasty = True
        deaths, began, self.sold_by_code = sorted(DEATHS.items()), time.monotonic(), 0
        while (unsent := till.do("sync", ms=250)["unsent"]) > 0 or deaths:
            while deaths and unsent <= queue * deaths[-1][0] / 20:
                self.kill_and_restart(deaths.pop()[1], till)
                self.sell_on(till)
            self.assertLess(time.monotonic() - began, 180 + SALES / 20, f"{unsent} are left")
        drained_in = time.monotonic() - began
        till.plug.calm_down()
        self.settle_all()
        books = self.shop.books()
        self.assertGreater(len(books["members"]), MEMBERS)  # some are new
        for what, there in (("points", any(balance["leased"] for balance in books["balances"])),
                            ("coupons", any(coupon["redeemed"] for coupon in books["coupons"])),
                            ("charges", self.shop.wallet.books()["movements"])):
            self.assertTrue(there, what)

        print(f"{SALES} sales in {sold_in:.1f} s; {queue} records drained in {drained_in:.1f} s, over "
              f"{till.plug.accepted - offline} connections: {dict(till.plug.met)}", flush=True)
        if SALES >= 10_000:
            self.assertEqual(set(FATES), set(till.plug.met))


if __name__ == "__main__":
    tillkit_report.main()
