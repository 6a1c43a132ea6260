# SPDX-License-Identifier: Apache-2.0
"""Terminals that sell what their cloud sends: items, prices and offers.

usage: test_goods.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
"""
import json
import os

import tillkit_report
from shop import COLA, MERCHANT, WATER, InShop, items_of_csv


def one_offer(version):
    return {"version": version, "currency": "CNY", "offers": [
        {"id": "one-off", "name": "1 off", "effect": {"amount_off": {"amount": "1.00", "at_least": "3.00"}}}]}


def rules_of_sales(records):
    """The rule sets that sales were priced with, in their order."""
    return [r["body"]["rules_version"] for _, r in sorted(records.items()) if "rules_version" in r["body"]]


class Goods(InShop):
    def wait_until_told(self, till, **wanted):
        """What `tillctl sync` says of the running terminal, once it is as wanted; and the lines before it."""
        till.do("sync", ms=5_000)
        for _ in range(400):  # a long poll for decisions ends first
            *lines, said = map(json.loads, till.ctl("sync", "--data", till.folder, "--json").stdout.splitlines())
            if all(said.get(name) == value for name, value in wanted.items()):
                return said, lines
            till.do("wait", ms=100)
        raise AssertionError(f"it stays {said}")

    def price(self, till, *codes):
        for code in codes:
            self.assertTrue(till.do("scan", code=code).get("ok"), code)
        return till.do("status")["price"]

    def test_a_device_with_an_address_a_claim_and_a_trust_file_sells_what_the_cloud_says(self):
        self.shop.give_goods()
        self.shop.cloud.admin("settings", merchant=MERCHANT, settings={"enrol": "provisional", "tiers": []})
        till = self.shop.device("T1")
        said = json.loads(self.shop.enrol(till).stdout)
        self.assertEqual([True, 13, "corner-shop-1"], [said["up_to_date"], said["items"], said["rules"]])

        # Ready before it ever saw the network again.
        till.plug.pull()
        self.assertTrue(till.start()["sells"])
        self.assertEqual(1_200, self.price(till, COLA, COLA, COLA, WATER))  # three drinks for 10.00
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=1_200))
        self.assertEqual("unknown_item", till.do("scan", code="6900000099995")["refused"])
        till.plug.put()
        self.settle_all()
        self.assertEqual(["corner-shop-1"], rules_of_sales(till.journal()))

    def test_a_price_and_an_offer_of_the_admin_hold_from_the_next_sale_on(self):
        self.shop.give_goods()
        till = self.shop.device("T1")
        self.shop.enrol(till)
        till.start()
        self.assertEqual(350, self.price(till, COLA))  # begun before the news

        cola = next(item for item in items_of_csv() if item["id"] == "cola-330")
        self.shop.cloud.admin("catalog", merchant=MERCHANT, catalog={"items": [{**cola, "price": "4.20"}]}, gone=["bag"])
        self.shop.cloud.admin("offers", merchant=MERCHANT, rule_set=one_offer("autumn-2"))
        self.wait_until_told(till, rules="autumn-2", items=12)
        self.assertEqual(700, self.price(till, COLA))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=700))

        self.assertEqual(320, self.price(till, COLA))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=320))
        self.assertIn("refused", till.do("scan", code="bag"))
        till.kill()  # what came is there without anybody to ask
        till.plug.pull()
        till.start()
        self.assertEqual(320, self.price(till, COLA))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=320))
        till.plug.put()
        self.settle_all()
        self.assertEqual(["corner-shop-1", "autumn-2", "autumn-2"], rules_of_sales(till.journal()))

    def test_a_rule_set_that_cannot_be_used_changes_nothing_and_is_told(self):
        self.shop.give_goods()
        till = self.shop.device("T1")
        self.shop.enrol(till)
        till.start()
        broken = {**one_offer("autumn-9"), "offers": [{"id": "x", "name": "X", "effect": {"haggle": {}}}]}
        self.shop.cloud.admin("offers", status=409, merchant=MERCHANT, rule_set=broken)
        self.shop.cloud.admin("offers", merchant=MERCHANT, rule_set=broken, unchecked=True)

        said, lines = self.wait_until_told(till, refused_copies=1)
        self.assertEqual("corner-shop-1", said["rules"])
        self.assertEqual("rule_set", lines[0]["refused"])
        self.assertIn("haggle", lines[0]["why"])
        self.assertIn("haggle", till.ctl("sync", "--data", till.folder).stdout)
        self.assertEqual(1_000, self.price(till, COLA, COLA, COLA))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=1_000))

        self.shop.cloud.admin("offers", merchant=MERCHANT, rule_set=one_offer("autumn-2"))
        self.wait_until_told(till, refused_copies=0, rules="autumn-2")
        self.settle_all()

    def test_a_link_that_dies_while_the_first_state_comes_loses_nothing(self):
        goods = [{"id": f"i{n}", "codes": [f"i{n}"], "name": f"Number {n}", "price_minor": 100 + n}
                 for n in range(3_000)]
        for first in range(0, len(goods), 500):
            self.shop.cloud.admin("catalog", merchant=MERCHANT, catalog={"items": goods[first:first + 500]})
        self.shop.cloud.admin("offers", merchant=MERCHANT, rule_set=one_offer("autumn-2"))
        till = self.shop.device("T1")
        till.plug.answer_bytes_left = 150_000
        run = self.shop.enrol(till, check=False)
        said = json.loads(run.stdout)
        self.assertEqual([1, "T1", False], [run.returncode, said["terminal"], said["up_to_date"]])
        self.assertIn("sync --now", run.stderr)
        self.assertGreater(said["items"], 0)
        self.assertLess(said["items"], 3_000)

        # Once more without a network, then with it: the rest comes, and nothing else.
        self.assertEqual(1, till.ctl("sync", "--data", till.folder, "--now", "--json", check=False).returncode)
        till.plug.put()
        rest = json.loads(till.ctl("sync", "--data", till.folder, "--now", "--json").stdout)
        self.assertEqual([True, 3_000, 3_001 - said["taken"]], [rest["up_to_date"], rest["items"], rest["taken"]])
        till.start()
        self.assertEqual(2_900, self.price(till, "i2900"))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=2_900))
        self.settle_all()

    def test_a_cache_that_is_lost_comes_again(self):
        self.shop.give_goods()
        till = self.shop.device("T1")
        self.shop.enrol(till)
        for name in ("cache.db", "cache.db-wal"):
            path = os.path.join(till.folder, name)
            if os.path.exists(path):
                os.remove(path)
        till.start()
        self.wait_until_told(till, rules="corner-shop-1", items=13)
        self.assertEqual(1_000, self.price(till, COLA, COLA, COLA))
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=1_000))
        self.settle_all()


if __name__ == "__main__":
    tillkit_report.main()
