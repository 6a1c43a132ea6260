# SPDX-License-Identifier: Apache-2.0
"""Real terminals, a real cloud and a real wallet: each a process, mutual TLS on loopback between them.

usage: test_fleet.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
"""
import collections
import os
import sys
import tempfile
import time
import types
import unittest

import tillkit_report
from fleet import Plug, Till
from servers import Cloud, Wallet

split = sys.argv.index("--")
CLOUD, WALLET, CATALOG, RULES, *EMULATOR = sys.argv[1:split]
PROGRAMS = types.SimpleNamespace(till=[*EMULATOR, sys.argv[split + 1]], tillctl=[*EMULATOR, sys.argv[split + 2]])
del sys.argv[1:]
SEED = int(os.environ.get("TILLKIT_SEED", "20261122"))

COLA, WATER = "6900000000014", "6900000000021"
MERCHANT, STORE = "acme", "shanghai-12"


def payment_code(number):
    return f"13{number:016}"


class Shop:
    """A cloud with its wallet, and terminals behind plugs."""

    def __init__(self, folder):
        self.folder = folder
        self.wallet = Wallet(WALLET, folder + "/wallet")
        self.cloud = Cloud(CLOUD, folder + "/cloud", *self.arguments())
        self.cloud.admin("merchant", merchant=MERCHANT, currency="CNY", wallets=["wechat_pay", "alipay"])
        self.cloud.admin("store", store=STORE, merchant=MERCHANT)
        self.tills, self.plugs = [], []

    def arguments(self):
        return "--wallet", f"http://127.0.0.1:{self.wallet.port}", "--settle-every-ms", "200"

    def till(self, name):
        plug = Plug(self.cloud.port, SEED + len(self.plugs))
        self.plugs.append(plug)
        till = Till(PROGRAMS, f"{self.folder}/{name}", CATALOG, RULES)
        claim = self.cloud.admin("claim", terminal=name, store=STORE, valid_s=3600)["claim"]
        till.enrol(f"https://localhost:{plug.port}", claim, self.folder + "/cloud/trust.pem")
        till.name, till.plug = name, plug
        self.tills.append(till)
        return till

    def restart_cloud(self):
        self.cloud.kill()
        self.cloud = Cloud(CLOUD, self.folder + "/cloud", *self.arguments(), port=self.cloud.port)

    def restart_wallet(self):
        self.wallet.kill()
        self.wallet = Wallet(WALLET, self.folder + "/wallet", port=self.wallet.port)

    def books(self):
        return self.cloud.admin("books", merchant=MERCHANT)

    def end(self):
        for till in self.tills:
            if till.process is not None and till.process.poll() is None:
                till.kill()
        for plug in self.plugs:
            plug.end()
        self.cloud.stop()
        self.wallet.stop()

    def differences(self):
        """What journals, cloud and wallet do not say the same about. All tills are stopped, all is uploaded."""
        found = []
        books = self.books()
        known = {(s["terminal"], s["sale"]): s for s in books["sales"]}
        sold = {}
        charged = collections.Counter()
        for till in self.tills:
            records = till.journal()
            for record in records.values():
                if record["kind"] == "checkout.sale_closed":
                    sold[till.name, record["sale"]] = record
                if record["kind"] == "payment.attempt_paid":
                    charged[till.name] += 1
        for key in sold.keys() - known.keys():
            found.append(f"{key} was sold and the cloud does not know it")
        for key, sale in known.items():
            if sale["state"] == "closed" and key not in sold:
                found.append(f"{key} is sold in the cloud and not in its journal")
        charges = collections.Counter()
        taken = collections.Counter()
        for movement in self.wallet.books()["movements"]:
            name = next(t.name for t in self.tills if movement["order"].startswith(t.name))
            taken[movement["order"]] += movement["minor"]
            charges[movement["order"]] += movement["kind"] == "charge"
        paid = sum(1 for order in taken if taken[order] > 0)
        for order, times in charges.items():
            if times > 1:
                found.append(f"{order} was charged {times} times")
        if paid != sum(charged.values()):
            found.append(f"the wallet keeps the money of {paid} orders, the journals of {sum(charged.values())}")
        if not books["adds_up"] or books["waiting"]:
            found.append("the cloud's books do not add up")
        return found


class Fleet(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fleet")
        self.addCleanup(self.folder.cleanup)
        self.shop = Shop(self.folder.name)
        self.addCleanup(self.shop.end)

    def settle_all(self):
        for till in self.shop.tills:
            self.assertEqual(0, till.do("settle", ms=60_000)["unresolved"])
            self.assertEqual(0, till.do("sync", ms=60_000)["unsent"])
            till.stop()
        self.assertEqual([], self.shop.differences())

    def test_what_is_sold_reaches_all_books_and_the_payer_becomes_a_member(self):
        till = self.shop.till("T1")
        self.assertTrue(till.start()["sells"])
        self.assertEqual({"ok": True}, till.sell_for_cash(COLA, 500))
        till.sell_by_code(WATER, payment_code(1))
        till.sell_by_code(WATER, payment_code(1))
        self.settle_all()

        self.assertEqual(3, len(till.ended()))
        books = self.shop.books()
        self.assertEqual([1, 2], [len(books["members"]), books["members"][0]["orders"]])
        self.assertEqual({"points_earned": 2, "enrolled": 1}, books["notices"])

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
        said = till.sell_by_code(WATER, payment_code(2))
        self.assertEqual(0, said.get("unresolved", 0))
        self.assertEqual(0, till.do("status")["unresolved"])
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=200))
        self.assertEqual(before, self.shop.cloud.orders(MERCHANT))
        self.assertGreater(till.do("sync", ms=1_500)["unsent"], 0)
        till.stop()
        self.assertEqual([], [r for r in till.journal().values() if r["kind"] == "payment.attempt_unknown"])

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


if __name__ == "__main__":
    tillkit_report.main()
