# SPDX-License-Identifier: Apache-2.0
"""Kills the cloud, and the wallet, at each of their storage writes; after each cut the two books must agree.

A terminal does here what its own rules say: after an answer that did not come it asks, what it cannot learn it reverses,
a reversal and a refund it repeats under the same key, and an authorise it never sends twice.

usage: test_cuts.py CONTRACT CLOUD WALLET
"""
import http.client
import os
import sys
import tempfile
import unittest

import books
import servers
import tillkit_report

PROGRAMS = servers.Programs(*sys.argv[1:4])
del sys.argv[1:4]
NO_ANSWER = (OSError, http.client.HTTPException)
BALANCE = 1_000_000
# 2 points a write: just before it is durable, and just after.
POINTS_MAX = 60


class Cuts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.numbers = 0
        self.wallet = self.cloud = None
        self.start_wallet()
        self.start_cloud()
        self.addCleanup(self.end)
        servers.a_shop(self.cloud)
        self.terminal = servers.a_terminal(self.cloud, PROGRAMS.contract)
        self.wallet.call("payer", user="alice", wallet="wechat_pay", balance_minor=BALANCE)
        self.deaths = 0

    def end(self):
        self.terminal.hang_up()
        for process in (self.cloud, self.wallet):
            if process.process.poll() is None:
                process.stop()

    # The cloud's own thread is quiet while the points are counted, so that each is hit once.
    def start_cloud(self, die_at=None, settle_every_ms=600_000):
        self.cloud = servers.Cloud(PROGRAMS.cloud, os.path.join(self.folder, "cloud"), "--wallet",
                                   f"http://127.0.0.1:{self.wallet.port}", "--wallet-timeout-ms", "2000",
                                   "--settle-every-ms", str(settle_every_ms), die_at=die_at)
        self.assertTrue(self.cloud.started)

    def start_wallet(self, die_at=None):
        port = self.wallet.port if self.wallet else 0
        self.wallet = servers.Wallet(PROGRAMS.wallet, os.path.join(self.folder, "wallet"), port, die_at)
        self.assertTrue(self.wallet.started)

    def restart_cloud(self, die_at):
        # TLS ends at once only if the client has hung up.
        self.terminal.hang_up()
        self.assertEqual(0, self.cloud.stop())
        self.start_cloud(die_at=die_at)
        self.terminal.cloud = self.cloud

    def revive(self):
        """Whoever has died comes back and stays."""
        if self.cloud.process.poll() is not None:
            self.deaths += 1
            self.assertEqual(servers.DIED_AS_TOLD, self.cloud.wait())
            self.start_cloud()
            self.terminal.cloud = self.cloud
            self.terminal.hang_up()
        if self.wallet.process.poll() is not None:
            self.deaths += 1
            self.assertEqual(servers.DIED_AS_TOLD, self.wallet.wait())
            self.start_wallet()

    def ask(self, operation, **body):
        """The answer, or none: it did not come."""
        try:
            return self.terminal.gateway(operation, **body)
        except NO_ANSWER:
            return None
        finally:
            self.wait_for_the_dying()
            self.revive()

    def wait_for_the_dying(self):
        """A program that has begun to die holds its port and its file a moment longer."""
        for process in (self.cloud, self.wallet):
            try:
                servers.post_plain(getattr(process, "admin_port", process.port), "/", None, method="GET")
            except NO_ANSWER:
                process.process.wait(timeout=servers.ANSWER_S_MAX)
            except ValueError:
                pass  # it answers, and has no such page

    def number(self):
        self.numbers += 1
        return f"T07K{self.numbers:08d}"

    def amount(self, minor):
        return {"minor": minor, "currency": "CNY"}

    def until(self, operation, outcomes, **body):
        """Repeats what may be repeated until it has an end."""
        for _ in range(5):
            answer = self.ask(operation, **body)
            if answer is not None and (answer.outcome in outcomes or answer.problem in outcomes):
                return answer
        self.fail(f"{operation} does not end: {answer}")

    def pay(self):
        order = self.number()
        code = self.make_code()
        answer = self.ask("authorise", order=order, amount=self.amount(1250), code=code, wallets=["wechat_pay"],
                          description="x")
        if answer is None or answer.outcome not in ("paid", "declined"):
            answer = self.ask("query", order=order)
        if answer is not None and answer.outcome == "paid":
            return order
        self.until("reverse", {"reversed", "refunded"}, order=order)
        return None

    def make_code(self):
        code = f"13{self.numbers:016d}"
        try:
            self.wallet.call("code", code=code, user="alice")
        except NO_ANSWER:
            self.wait_for_the_dying()
            self.revive()
            self.wallet.call("code", code=code, user="alice")
        return code

    def scenario(self):
        """Pays twice; asks; reverses the one, refunds the other in two parts."""
        reversed_order, refunded_order = self.pay(), self.pay()
        if reversed_order:
            self.until("query", {"paid"}, order=reversed_order)
            self.until("reverse", {"reversed", "refunded"}, order=reversed_order)
        if refunded_order:
            for minor in (250, 1000):
                self.until("refund", {"refunded"}, order=refunded_order, refund=self.number(),
                           amount=self.amount(minor))
        kept = self.pay()
        if kept:
            self.until("query", {"paid"}, order=kept)

    def check(self, point):
        orders, wallet = self.cloud.orders(), self.wallet.books()
        self.assertEqual([], books.differences(orders, wallet), f"point {point}")
        balance = {p["user"]: p["balance_minor"] for p in wallet["payers"]}["alice"]
        self.assertEqual(BALANCE - books.spent(wallet, "alice"), balance)

    def cut(self, restart):
        """How many points there are."""
        uncut = False
        for point in range(1, POINTS_MAX):
            restart(point)
            deaths = self.deaths
            self.scenario()
            self.check(point)
            if self.deaths == deaths:
                uncut = True
                break
        self.assertTrue(uncut, "the scenario never came through uncut")
        self.assertEqual(point - 1, self.deaths, "each point before was a death")
        return point - 1

    def test_of_the_cloud_leave_equal_books(self):
        def restart(point):
            self.restart_cloud(point)
        # 2 writes an authorise, a reversal and a refund.
        self.assertEqual(2 * 2 * (3 + 1 + 2), self.cut(restart))

    def test_of_the_wallet_leave_equal_books(self):
        def restart(point):
            self.assertEqual(0, self.wallet.stop())
            self.start_wallet(die_at=point)
        # 1 write a code that is made, a charge, a reversal and a refund.
        self.assertEqual(2 * (3 + 3 + 1 + 2), self.cut(restart))

    def test_a_cloud_that_settles_by_itself_needs_no_terminal(self):
        """The terminal is gone for good after the cut: whatever was charged, the cloud learns of it."""
        for point in range(1, 5):
            self.restart_cloud(point)
            order, code = self.number(), f"14{self.numbers:016d}"
            self.wallet.call("code", code=code, user="alice")
            with self.assertRaises(NO_ANSWER):
                self.terminal.gateway("authorise", order=order, amount=self.amount(1250), code=code, wallets=[],
                                      description="x")
            self.assertEqual(servers.DIED_AS_TOLD, self.cloud.wait())
            self.start_cloud(settle_every_ms=50)
            charged = any(m["order"] == order for m in self.wallet.books()["movements"])
            self.assertEqual(point > 2, charged)
            known = order in self.cloud.orders()
            self.assertEqual(point > 1, known)
            if charged:
                servers.wait_until(lambda o=order: self.cloud.orders()[o]["state"] == books.PAID, "the charge")


if __name__ == "__main__":
    tillkit_report.main()
