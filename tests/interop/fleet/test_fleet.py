# SPDX-License-Identifier: Apache-2.0
"""Real terminals, a real cloud and a real wallet: each a process, mutual TLS on loopback between them.

usage: test_fleet.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
"""
import collections
import time

import tillkit_report
from servers import wait_until
from shop import CHOCOLATE, COLA, EMULATOR, MERCHANT, RICE_CAKES, WATER, InShop, payment_code


class Fleet(InShop):
    def test_what_is_sold_reaches_all_books_and_the_payer_becomes_a_member(self):
        till = self.shop.till("T1")
        self.assertTrue(till.start()["sells"])
        self.assertEqual({"ok": True}, till.sell_for_cash(COLA, 500))
        self.shop.wallet.call("payer", user="li", wallet="wechat_pay", balance_minor=1_000)
        for number in (1, 2):  # a code is good once
            self.shop.wallet.call("code", code=payment_code(number), user="li")
            till.sell_by_code(WATER, payment_code(number))
        self.assertEqual(0, till.do("sync", ms=60_000)["unsent"])
        # The technician asks the running terminal, and is told the same.
        said = self.ask_while_it_runs(till, "sync", "--data", till.folder, "--json")
        self.assertEqual([0, 0, True], [said[what] for what in ("unacknowledged", "parked_records", "running")])
        said = self.ask_while_it_runs(till, "sync", "--data", till.folder, "--now", "--json")
        self.assertEqual("sync.now", said["done"])
        self.settle_all()

        self.assertEqual(3, len(till.ended()))
        books = self.shop.books()
        self.assertEqual([1, 2], [len(books["members"]), books["members"][0]["orders"]])
        self.assertEqual({"points_earned": 2, "enrolled": 1}, books["notices"])

    def test_a_member_whose_wallet_the_merchant_knows_is_recognised_by_the_code_that_pays(self):
        self.shop.cloud.admin("settings", merchant=MERCHANT, settings={"enrol": "provisional", "tiers": []})
        self.shop.cloud.admin("member", merchant=MERCHANT, member="mei", consented=True,
                              payers=[{"wallet": "wechat_pay", "user": "mei"}])
        self.shop.wallet.call("payer", user="mei", wallet="wechat_pay", balance_minor=1_000)
        till = self.shop.till("T1")
        till.start()
        self.shop.wallet.call("code", code=payment_code(1), user="mei")
        till.sell_by_code(WATER, payment_code(1))
        self.assertEqual(0, till.do("sync", ms=60_000)["unsent"])
        self.settle_all()

        members = self.shop.books()["members"]
        self.assertEqual([("mei", 1)], [(member["member"], member["orders"]) for member in members])

    def test_a_device_without_a_clock_gets_the_time_from_the_cloud_and_sells(self):
        till = self.shop.till("T1")
        till.plug.pull()
        till.start(TILLKIT_TEST_CLOCK="1970")
        self.assertEqual("unknown", till.do("status")["clock"])
        # Nothing but cash works while nobody can be asked for the time.
        till.sell_by_code(WATER, payment_code(1))
        self.assertEqual([200, 0], [till.do("status")[what] for what in ("left", "unresolved")])
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=200))

        till.plug.put()
        till.do("sync", ms=60_000)
        self.assertNotEqual("unknown", till.do("status")["clock"])
        till.sell_by_code(WATER, payment_code(1))
        self.assertEqual(2, len(till.ended()))
        self.settle_all()

    def test_a_revoked_terminal_charges_nobody_and_leaves_nothing_open(self):
        till = self.shop.till("T1")
        till.start()
        till.sell_by_code(WATER, payment_code(1))
        self.assertEqual(0, till.do("sync", ms=60_000)["unsent"])
        before = self.shop.cloud.orders(MERCHANT)

        self.shop.cloud.admin("revoke", terminal="T1")
        # Over a connection that it has still, the cloud says no; to a new one it says nothing at all.
        for number in (2, 3):
            said = till.sell_by_code(WATER, payment_code(number))
            self.assertEqual(0, said.get("unresolved", 0))
            self.assertEqual(0, till.do("status")["unresolved"])
            self.assertEqual({"ok": True}, till.do("pay_cash", minor=200))
            till.plug.cut()
        self.assertEqual(before, self.shop.cloud.orders(MERCHANT))
        self.assertGreater(till.do("sync", ms=1_500)["unsent"], 0)
        till.stop()
        self.assertEqual({"paid": 1, "declined": 1, "not_sent": 1}, self.ends_of_attempts(till))

    def ends_of_attempts(self, till):
        """How many ended how; the journal has nothing else of them, so nobody has to ask what became of one."""
        payments = [record for record in till.journal().values() if record["kind"].startswith("payment.")]
        ended = {r["body"]["attempt"]: r["kind"] for r in payments if r["kind"] != "payment.attempt_intended"}
        self.assertEqual({r["seq"] for r in payments if r["kind"] == "payment.attempt_intended"}, set(ended))
        self.assertEqual(2 * len(ended), len(payments))
        return collections.Counter(kind.removeprefix("payment.attempt_") for kind in ended.values())

    def test_a_certificate_near_its_end_is_renewed_by_the_terminal_itself_until_it_is_revoked(self):
        # Two thirds of it are waited for, twice; one third is for a machine that has much to do.
        validity_ms = 45_000 if EMULATOR else 15_000
        self.shop.cloud_arguments = ("--device-validity-s", str(validity_ms // 1_000))
        self.shop.restart_cloud()
        till = self.shop.till("T1")
        till.start()
        first = end = till.do("status")["certified_until"]
        for number in (0, 1):  # past the end of the one that it was enrolled with, and past the next one's
            self.assertEqual(0, till.sell_by_code(WATER, payment_code(number))["left"])
            till.wait_for(lambda said: said["certified_until"] > end and time.time() * 1_000 > end)
            end = till.do("status")["certified_until"]
            till.plug.cut()  # a kept connection has its certificate behind it
        self.assertEqual(0, till.sell_by_code(WATER, payment_code(2))["left"])
        self.assertGreater(end, first + validity_ms)
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        self.assertEqual(3, len(till.ended()))

        self.shop.cloud.admin("revoke", terminal="T1")
        till.plug.cut()
        till.sell_by_code(WATER, payment_code(3))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=200))
        self.assertGreater(till.do("sync", ms=1_500)["unsent"], 0)
        till.stop()
        self.assertEqual(3, self.charges())
        self.assertEqual({"paid": 3, "not_sent": 1}, self.ends_of_attempts(till))

    def test_eight_sales_on_a_flapping_link_and_one_more_are_nine_charges(self):
        till = self.shop.till("T1")
        till.start()
        for number in range(8):
            self.assertTrue(till.do("scan", code=WATER).get("ok"))
            # Of what is asked from now on, one answer is lost: the member's, the charge's, or a query's.
            till.plug.lost_answers = 1 + number % 3
            said = till.do("scan", code=payment_code(number))
            said = till.do("settle", ms=60_000)
            if said["state"] == "open" and said["left"] > 0:
                till.plug.lost_answers = 0
                till.do("scan", code=payment_code(100 + number))
                till.do("settle", ms=60_000)
        till.plug.lost_answers = 0
        till.sell_by_code(WATER, payment_code(8))
        self.assertGreaterEqual(till.plug.swallowed, 8)
        self.settle_all()

        self.assertEqual(9, len(till.ended()))
        kept = collections.Counter()
        for movement in self.shop.wallet.books()["movements"]:
            kept[movement["order"]] += movement["minor"]
        self.assertEqual(9, sum(1 for minor in kept.values() if minor > 0))

    def test_a_charge_on_a_kept_connection_that_dies_once_the_cloud_has_read_it_is_one_charge(self):
        till = self.shop.till("T1")
        till.start()
        till.sell_by_code(WATER, payment_code(0))
        sold = 1
        for die in (till.plug.cut, till.plug.reset):
            died = False
            while not died:
                # The money is taken at once, and the wallet's answer takes its time: nobody can have heard of it.
                self.shop.wallet.control(call="charge", script={"answers_after_ms": 2_000, "times": 1})
                self.assertTrue(till.do("scan", code=WATER).get("ok"))
                self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])  # and no upload has the connection
                before = till.plug.accepted
                self.assertTrue(till.do("scan", code=payment_code(sold)).get("ok"))

                def charged():
                    # A slow machine may not have connected in time; then nothing was sent, and the shopper tries again.
                    said = till.do("status")
                    if said.get("left") and not said["paying"]:
                        till.do("scan", code=payment_code(sold))
                    return self.charges() == sold + 1

                wait_until(charged, "the wallet is asked to charge")
                # A slow machine may have opened one, because all that there were had something to do.
                died = till.plug.accepted == before
                if died:
                    die()
                till.do("settle", ms=60_000)
                sold += 1
                self.assertEqual(sold, len(till.ended()))
                self.assertLess(sold, 20, "it keeps no connection")
        self.settle_all()

        self.assertEqual(sold, self.charges())
        paid = [r for r in till.journal().values() if r["kind"] == "payment.attempt_paid"]
        self.assertEqual(sold, len(paid))

    def charges(self):
        return sum(movement["kind"] == "charge" for movement in self.shop.wallet.books()["movements"])

    def test_a_drain_over_a_bad_link_with_deaths_on_all_sides_ends_with_equal_books(self):
        till = self.shop.till("T1")
        till.start()
        till.plug.pull()
        for number in range(40):
            self.assertEqual({"ok": True}, till.sell_for_cash(COLA if number % 2 else WATER, 500))
        self.assertGreater(till.do("status")["unsent"], 100)

        till.plug.put()
        till.plug.fault_chance = 0.15
        for number in range(6):
            if number in (1, 4):
                self.shop.restart_cloud()
            if number == 2:
                self.shop.restart_wallet()
                self.shop.restart_cloud()
            if number in (3, 5):
                till.kill()
                till.start()
            till.do("sync", ms=400)
            self.assertEqual({"ok": True}, till.sell_for_cash(WATER, 200))
            till.sell_by_code(COLA, payment_code(number), ms=20_000)
            if till.do("status")["left"] > 0:
                till.do("pay_cash", minor=500)
        till.plug.fault_chance = 0.0
        self.settle_all()

    def test_a_week_offline_on_three_terminals_spends_nothing_twice(self):
        shop = self.shop
        tills = [shop.till(name) for name in ("T1", "T2", "T3")]
        admin = lambda command, **body: shop.cloud.admin(command, merchant=MERCHANT, **body)
        admin("settings", settings={"enrol": "provisional", "points_worth": {"points": 10, "minor": 100}, "tiers": []},
              home={"risk_per_terminal_minor": 1_000, "risk_bearer": "our-shop"})
        admin("member", member="li", consented=True)
        shop.give("points", "li", 100)
        for till, amount in zip(tills, (40, 30, 20)):
            admin("lease", terminal=till.name, unit="points", of="li", amount=amount)
            admin("lease", terminal=till.name, unit="risk", amount=600)
        admin("issue", coupon="flyer-1", offer="flyer")
        member = admin("member-token", member="li", valid_s=3_600)["token"]
        flyer = admin("coupon-token", coupon="flyer-1", valid_s=3_600, risk_minor=500, offline=True)["token"]
        for till in tills:
            till.start()
            till.do("sync", ms=20_000)
            till.wait_for(lambda said: said["leases"] == 2)
            till.plug.pull()

        # Cut off, each spends what it holds, and no fen more: 10 points pay 1.00. And each honours the same flyer.
        for till, points in zip(tills, (40, 30, 20)):
            self.assertTrue(till.do("scan", code=CHOCOLATE).get("ok"))
            self.assertTrue(till.do("scan", code=member).get("ok"))
            till.do("wait", ms=1_000)
            self.assertEqual({"ok": True}, till.do("pay_points"))
            self.assertEqual(711 - points * 10, till.do("settle", ms=20_000)["left"])
            self.assertEqual({"ok": True}, till.do("pay_cash", minor=1_000))
            for _ in range(2):
                self.assertTrue(till.do("scan", code=CHOCOLATE).get("ok"))
            self.assertTrue(till.do("scan", code=RICE_CAKES).get("ok"))
            before = till.do("status")["left"]
            self.assertTrue(till.do("scan", code=flyer).get("ok"))
            till.wait_for(lambda said: said["left"] == before - 500)  # it asks first, and nobody answers
            self.assertEqual({"ok": True}, till.do("pay_cash", minor=10_000))
            # Once is enough, at the same terminal.
            self.assertTrue(till.do("scan", code=CHOCOLATE).get("ok"))
            till.do("scan", code=flyer)
            self.assertEqual(711, till.do("wait", ms=1_000)["left"])
            self.assertEqual({"ok": True}, till.do("pay_cash", minor=10_000))
        for till in tills:
            till.plug.put()
        self.settle_all()

        books = shop.books()
        points = next(b for b in books["balances"] if (b["unit"], b["of"]) == ("points", "li"))
        # 10 were never leased; each of three bars of chocolate paid for by Li earns for what was not paid in points.
        self.assertEqual([], books["losses"])
        self.assertEqual(0, points["debt"])
        spent = 40 + 30 + 20
        earned = points["active"] + points["leased"] + spent - 100
        self.assertGreater(earned, 0)
        self.assertEqual(2, len(books["double_redemptions"]))
        self.assertEqual({"our-shop"}, {d["funder"] for d in books["double_redemptions"]})


if __name__ == "__main__":
    tillkit_report.main()
