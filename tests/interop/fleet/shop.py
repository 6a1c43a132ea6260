# SPDX-License-Identifier: Apache-2.0
"""A shop: a cloud with its wallet and terminals, each a process, and its books compared.

The programs are those of the test's command line: CLOUD WALLET CATALOG RULES [EMULATOR...] -- TILL TILLCTL
"""
import json
import os
import sys
import tempfile
import types
import unittest

import fleet_books
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
        plug = link(self.cloud.port, SEED + len(self.plugs))
        self.plugs.append(plug)
        till = Till(PROGRAMS, f"{self.folder}/{name}", self.catalog, RULES)
        claim = self.cloud.admin("claim", terminal=name, store=STORE, valid_s=3600)["claim"]
        till.enrol(f"https://localhost:{plug.port}", claim, self.folder + "/cloud/trust.pem")
        till.name, till.plug = name, plug
        self.tills.append(till)
        return till

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
        """What journals, drawers, cloud and wallet do not say the same about. All tills are stopped, all is uploaded."""
        journals = {till.name: fleet_books.Journal(till.journal()) for till in self.tills}
        found = fleet_books.compare(journals, self.books(), self.wallet.books(), self.given)
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
