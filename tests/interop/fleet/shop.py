# SPDX-License-Identifier: Apache-2.0
"""A shop: a cloud with its wallet and terminals, each a process, and its books compared.

The programs are those of the test's command line: CLOUD WALLET CATALOG RULES [EMULATOR...] -- TILL TILLCTL
"""
import csv
import json
import os
import sys
import tempfile
import types
import unittest

import four_books
from fleet import Plug, Till
from servers import Cloud, Wallet

split = sys.argv.index("--")
CLOUD, WALLET, CATALOG, RULES, *EMULATOR = sys.argv[1:split]
PROGRAMS = types.SimpleNamespace(till=[*EMULATOR, sys.argv[split + 1]], tillctl=[*EMULATOR, sys.argv[split + 2]])
del sys.argv[1:]
SEED = int(os.environ.get("TILLKIT_SEED", "20261122"))

COLA, WATER = "6900000000014", "6900000000021"
RICE_CAKES, CHOCOLATE = "6900000000052", "6900000000076"
MERCHANT, STORE = "acme", "shanghai-12"


def payment_code(number):
    return f"13{number:016}"


def items_of_csv():
    """The corner shop's catalog, as news have items."""
    items = []
    with open(CATALOG, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            item = {name: row[name] for name in ("id", "name", "price", "unit", "brand", "tax_rate", "plu") if row[name]}
            item["codes"] = [row["code"]]
            item["categories"] = row["categories"].split(";")
            if row["min_age"]:
                item["min_age"] = int(row["min_age"])
            items.append(item)
    return items


class Shop:
    """A cloud with its wallet, and terminals behind plugs."""

    def __init__(self, folder, catalog=CATALOG, cloud_arguments=()):
        self.folder, self.catalog, self.cloud_arguments = folder, catalog, cloud_arguments
        self.wallet = Wallet(WALLET, folder + "/wallet")
        self.cloud = Cloud(CLOUD, folder + "/cloud", *self.arguments())
        self.cloud.admin("merchant", merchant=MERCHANT, currency="CNY", wallets=["wechat_pay", "alipay"])
        self.cloud.admin("store", store=STORE, merchant=MERCHANT)
        self.tills, self.plugs, self.given = [], [], {}

    def arguments(self):
        return ("--wallet", f"http://127.0.0.1:{self.wallet.port}", "--settle-every-ms", "200",
                *self.cloud_arguments)

    def till(self, name, link=Plug):
        till = self.device(name, self.catalog, RULES, link=link)
        self.enrol(till)
        return till

    def device(self, name, *goods, link=Plug):
        """Not enrolled yet."""
        till = Till(PROGRAMS, f"{self.folder}/{name}", *goods)
        till.name, till.plug = name, link(self.cloud.port, SEED + len(self.plugs))
        self.plugs.append(till.plug)
        self.tills.append(till)
        return till

    def enrol(self, till, check=True):
        """With nothing but an address, a claim code and a trust file."""
        claim = self.cloud.admin("claim", terminal=till.name, store=STORE, valid_s=3600)["claim"]
        return till.enrol(f"https://localhost:{till.plug.port}", claim, self.folder + "/cloud/trust.pem", check)

    def give_goods(self):
        """The cloud has the corner shop's catalog and offers."""
        self.cloud.admin("catalog", merchant=MERCHANT, catalog={"items": items_of_csv()})
        with open(RULES, encoding="utf-8") as file:
            self.cloud.admin("offers", merchant=MERCHANT, rule_set=json.load(file))

    def give(self, unit, member, amount):
        """The merchant gives it, of which no journal tells."""
        self.cloud.admin("give", merchant=MERCHANT, unit=unit, of=member, amount=amount)
        self.given[unit, member] = self.given.get((unit, member), 0) + amount

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
        """What journals, drawers, cloud and wallet do not say the same about. Tills are stopped, all is uploaded."""
        journals = {till.name: four_books.Journal(till.journal()) for till in self.tills}
        found = four_books.compare(journals, self.books(), self.wallet.books(), self.given)
        return found + [f"{till.name}: {till.drawer} in the drawer, {journals[till.name].cash} by its journal"
                        for till in self.tills if till.drawer != journals[till.name].cash]


class InShop(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fleet")
        self.addCleanup(self.folder.cleanup)
        self.shop = self.open_shop()
        self.addCleanup(self.shop.end)

    def open_shop(self):
        return Shop(self.folder.name)

    def settle_all(self):
        for till in self.shop.tills:
            self.assertEqual(0, till.do("settle", ms=60_000)["unresolved"])
            self.assertEqual(0, till.do("sync", ms=60_000)["unsent"])
            till.stop()
        self.assertEqual([], self.shop.differences())

    def ask_while_it_runs(self, till, *arguments):
        """The terminal answers from its loop, which turns while it waits for its next line."""
        return json.loads(till.ctl(*arguments).stdout.splitlines()[-1])
