# SPDX-License-Identifier: Apache-2.0
"""The reference cloud's payment gateway in front of the stand-in wallet.

usage: test_gateway.py CONTRACT CLOUD WALLET
"""
import os
import sys
import tempfile
import threading
import unittest

import books
import servers
import tillkit_report

PROGRAMS = servers.Programs(*sys.argv[1:4])
del sys.argv[1:4]
CONTRACT = PROGRAMS.contract
CODE = "1345678901234567"
ALL = "any"


class Shop(unittest.TestCase):
    """One cloud and one wallet for all cases of a class; each case has order numbers of its own."""
    ARGUMENTS = ("--wallet-timeout-ms", "500", "--settle-every-ms", "50")

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.wallet = servers.Wallet(PROGRAMS.wallet, os.path.join(cls.folder, "wallet"))
        cls.addClassCleanup(lambda: cls.wallet.process.poll() is None and cls.wallet.stop())
        cls.start()
        cls.addClassCleanup(lambda: cls.cloud.stop())
        servers.a_shop(cls.cloud)
        servers.a_shop(cls.cloud, "other", "beijing-1")
        cls.terminal = servers.a_terminal(cls.cloud, CONTRACT)
        cls.addClassCleanup(lambda: cls.terminal.hang_up())
        cls.wallet.call("payer", user="alice", wallet="wechat_pay", balance_minor=1_000_000)
        cls.numbers = 0

    @classmethod
    def start(cls):
        cls.cloud = servers.Cloud(PROGRAMS.cloud, os.path.join(cls.folder, "cloud"), "--wallet",
                                  f"http://127.0.0.1:{cls.wallet.port}", *cls.ARGUMENTS)
        assert cls.cloud.started

    def number(self, terminal="T07"):
        type(self).numbers += 1
        return f"{terminal}K{self.numbers:08d}"

    def code(self, **script):
        """A payment code of alice's that the wallet treats in this way."""
        type(self).numbers += 1
        code = f"{CODE}{self.numbers:04d}"
        self.wallet.call("code", code=code, user="alice")
        if script:
            self.wallet.control(call="charge", code=code, script=script)
        return code

    def script(self, call, order, **script):
        self.wallet.control(call=call, order=order, script=script)

    def authorise(self, order, code=None, minor=1250, device=None, **more):
        body = {"order": order, "amount": {"minor": minor, "currency": "CNY"}, "code": code or self.code(),
                "wallets": ["wechat_pay"], "description": "矿泉水 x2", **more}
        return (device or self.terminal).gateway("authorise", **body)

    def query(self, order):
        return self.terminal.gateway("query", order=order)

    def reverse(self, order):
        return self.terminal.gateway("reverse", order=order)

    def refund(self, order, refund, minor, device=None):
        return (device or self.terminal).gateway("refund", order=order, refund=refund,
                                                 amount={"minor": minor, "currency": "CNY"})

    def movements(self, order):
        return [(m["kind"], m["minor"]) for m in self.wallet.books()["movements"] if m["order"] == order]

    def settled(self, order, state):
        """Without anybody asking: the gateway does by itself."""
        servers.wait_until(lambda: self.cloud.orders()[order]["state"] == state, f"{order} in state {state}")


class Authorise(Shop):
    def test_takes_the_money_once(self):
        order, code = self.number(), self.code()
        first = self.authorise(order, code)
        self.assertEqual(("paid", 1250), (first.outcome, first.body["paid"]["minor"]))
        self.assertEqual(first.body, self.authorise(order, code).body)
        self.assertEqual(first.body, self.query(order).body)
        self.assertEqual([("charge", 1250)], self.movements(order))

    def test_compares_bodies_by_their_values(self):
        order, code = self.number(), self.code()
        body = {"description": "a", "wallets": ["wechat_pay"], "code": code,
                "amount": {"currency": "CNY", "minor": 1}, "order": order}
        self.assertEqual("paid", self.terminal.gateway("authorise", **body).outcome)
        self.assertEqual("paid", self.terminal.gateway("authorise", **dict(reversed(body.items()))).outcome)
        for change in ({"amount": {"minor": 2, "currency": "CNY"}}, {"code": code + "1"}, {"description": "b"},
                       {"wallets": ["wechat_pay", "alipay"]}, {"wallets": []},
                       {"amount": {"minor": 1, "currency": "USD"}}):
            with self.subTest(change):
                self.assertEqual("key-reused", self.terminal.gateway("authorise", **{**body, **change}).problem)
        qr = {"order": order, "amount": body["amount"], "wallets": [], "description": "a", "valid_for_s": 9}
        self.assertEqual("key-reused", self.terminal.gateway("qr", **qr).problem)
        self.assertEqual([("charge", 1)], self.movements(order))

    def test_tells_of_discounts_and_keeps_the_user_s_name_to_itself(self):
        discounts = [{"minor": 150, "funder": "provider", "id": "autumn-26"}, {"minor": 50, "funder": "merchant"}]
        answers = [self.authorise(self.number(), self.code(discounts=discounts)) for _ in range(2)]
        self.assertEqual(1050, answers[0].body["paid"]["minor"])
        self.assertEqual(["provider", "merchant"], [d["funder"] for d in answers[0].body["discounts"]])
        self.assertEqual(answers[0].body["payer"], answers[1].body["payer"])
        self.assertNotIn("alice", str(answers[0].body))

    def test_tells_who_pays_before_paying_by_the_same_pseudonym(self):
        code = self.code()
        known = self.terminal.gateway("identify", code=code, wallets=["wechat_pay"])
        self.assertEqual("identified", known.outcome)
        self.assertEqual(known.body["payer"], self.authorise(self.number(), code).body["payer"])
        other = servers.a_terminal(self.cloud, CONTRACT, "B1", "beijing-1")
        there = other.gateway("identify", code=self.code(), wallets=[])
        self.assertNotEqual(known.body["payer"]["reference"], there.body["payer"]["reference"])
        other.hang_up()

    def test_does_not_wait_long_for_who_it_is(self):
        self.wallet.control(call="identify", script={"answers_after_ms": 3000, "times": 1})
        self.assertEqual("not_identified",
                         self.terminal.gateway("identify", code=self.code(), wallets=["wechat_pay"]).outcome)
        self.assertEqual("not_identified", self.terminal.gateway("identify", code="999", wallets=[]).outcome)
        self.assertEqual("not_identified",
                         self.terminal.gateway("identify", code=self.code(), wallets=["union_pay"]).outcome)

    def test_says_why_not(self):
        order = self.number()
        self.assertEqual("over_limit", self.authorise(order, self.code(yes=False, reason="over_limit")).body["reason"])
        self.assertEqual("declined", self.query(order).outcome)
        self.assertEqual("reversed", self.reverse(order).outcome)
        poor = self.authorise(self.number(), minor=10_000_000)
        self.assertEqual("not_enough_money", poor.body["reason"])
        code = self.code()
        self.authorise(self.number(), code)
        self.assertEqual("code_not_valid", self.authorise(self.number(), code).body["reason"])

    def test_waits_for_a_password_and_learns_the_end(self):
        for yes, state in ((True, books.PAID), (False, books.DECLINED)):
            order = self.number()
            code = self.code(thinks_ms=700, yes=yes, reason="wrong_password")
            self.assertEqual(("pending", "password"), (lambda b: (b["outcome"], b["why"]))(self.authorise(order, code).body))
            self.settled(order, state)
            self.assertEqual("paid" if yes else "declined", self.authorise(order, code).outcome)

    def test_refuses_what_the_merchant_does_not_take(self):
        order = self.number()
        self.assertEqual("wallet-not-offered", self.authorise(order, wallets=["union_pay"]).problem)
        usd = {"minor": 1, "currency": "USD"}
        self.assertEqual("wallet-not-offered", self.authorise(order, amount=usd).problem)
        self.assertEqual("not_found", self.query(order).outcome, "nothing has happened")
        self.assertEqual("paid", self.authorise(order, wallets=[]).outcome)

    def test_keeps_no_payment_code(self):
        code = self.code()
        self.authorise(self.number(), code)
        for name in os.listdir(self.cloud.folder):
            with open(os.path.join(self.cloud.folder, name), "rb") as file:
                self.assertNotIn(code.encode(), file.read(), name)

    def test_is_held_against_the_contract(self):
        good = {"order": self.number(), "amount": {"minor": 1, "currency": "CNY"}, "code": "12", "wallets": [],
                "description": "a"}
        schema = {"$ref": "#/components/schemas/AuthoriseRequest"}
        changes = [(name, other) for name in good
                   for other in (None, True, 0, 1.5, "", "a b", [], {}, "x" * 43, "水" * 42, "水" * 43,
                                 ["visa"], ["alipay", "alipay"], {"minor": 0, "currency": "CNY"},
                                 {"minor": 10 ** 12 + 1, "currency": "CNY"}, {"minor": 1, "currency": "cny"},
                                 {"minor": 1, "currency": "CNY", "more": 1}, {"minor": 1}, "x" * 1025)]
        for name, other in changes:
            body = {**good, name: other}
            if CONTRACT.errors(schema, body):
                with self.subTest(f"{name}: {other}"):
                    self.assertEqual("invalid-request", self.terminal.gateway("authorise", **body).problem)
        self.assertEqual("not_found", self.query(good["order"]).outcome)


class Unknown(Shop):
    def test_a_lost_answer_is_learned_by_asking(self):
        for script in ({"answers": False}, {"answers_after_ms": 1500}, {"closes": True}, {"status": 500}, {"status": 409},
                       {"status": 429}, {"status": 503}):
            with self.subTest(script):
                order = self.number()
                self.assertEqual("unknown", self.authorise(order, self.code(**script)).outcome)
                self.settled(order, books.PAID)
                self.assertEqual("paid", self.query(order).outcome)
                self.assertEqual([("charge", 1250)], self.movements(order))

    def test_a_lost_request_stays_unknown_until_it_is_reversed(self):
        order = self.number()
        self.assertEqual("unknown", self.authorise(order, self.code(arrives=False)).outcome)
        self.assertEqual("unknown", self.query(order).outcome)
        self.assertEqual("reversed", self.reverse(order).outcome)
        self.assertEqual([], self.movements(order))

    def test_a_charge_that_comes_after_its_reversal_takes_nothing(self):
        order, code = self.number(), self.code(travels_ms=60_000)
        self.assertEqual("unknown", self.authorise(order, code).outcome)
        self.assertEqual("reversed", self.reverse(order).outcome)
        # Whoever is on the way arrives before the wallet ends.
        self.assertEqual(0, self.wallet.stop())
        type(self).wallet = servers.Wallet(PROGRAMS.wallet, os.path.join(self.folder, "wallet"), self.wallet.port)
        self.assertEqual([], self.movements(order))
        self.assertEqual("order-reversed", self.authorise(order, code).problem)

    def test_an_answer_that_comes_twice_is_not_taken_for_the_next(self):
        first, second = self.number(), self.number()
        self.assertEqual("paid", self.authorise(first, self.code(twice=True)).outcome)
        no = self.code(yes=False, reason="over_limit")
        self.assertEqual("declined", self.authorise(second, no).outcome)
        self.assertEqual("paid", self.query(first).outcome)

    def test_another_request_about_the_order_is_told_so(self):
        order, answers = self.number(), []
        other = servers.Device(self.cloud, CONTRACT)
        other.key, other.certificates = self.terminal.key, self.terminal.certificates
        code = self.code(answers_after_ms=400)
        slow = threading.Thread(target=lambda: answers.append(self.authorise(order, code, device=other)))
        slow.start()
        servers.wait_until(lambda: order in self.cloud.orders(), "the intent")
        for operation in ("query", "reverse"):
            self.assertEqual("order-busy", self.terminal.gateway(operation, order=order).problem)
        slow.join()
        other.hang_up()
        self.assertEqual("paid", answers[0].outcome)
        self.assertEqual("paid", self.query(order).outcome)

    def test_a_wallet_that_is_not_there_has_taken_nothing(self):
        self.wallet.stop()
        order, earlier = self.number(), self.number()
        answer = self.authorise(order, "135")
        self.assertEqual(("declined", "wallet_unreachable"), (answer.outcome, answer.body["reason"]))
        self.assertEqual("reversed", self.reverse(earlier).outcome, "never seen: nobody need be asked")
        type(self).wallet = servers.Wallet(PROGRAMS.wallet, os.path.join(self.folder, "wallet"), self.wallet.port)
        self.assertEqual("declined", self.query(order).outcome)

    def test_a_kill_forgets_nothing(self):
        paid, lost, reversing = self.number(), self.number(), self.number()
        self.authorise(paid)
        self.authorise(lost, self.code(answers_after_ms=1500))
        self.authorise(reversing)
        self.script("reverse", reversing, answers=False, times=1)
        self.assertEqual(("pending", "reversing"), (lambda b: (b["outcome"], b["why"]))(self.reverse(reversing).body))
        self.cloud.kill()
        self.start()
        self.terminal.cloud = self.cloud
        self.terminal.hang_up()
        self.settled(lost, books.PAID)
        self.settled(reversing, books.REFUNDED)
        self.assertEqual(["paid", "paid", "refunded"], [self.query(o).outcome for o in (paid, lost, reversing)])
        self.assertEqual([], books.differences(self.cloud.orders(), self.wallet.books()))


class Reverse(Shop):
    def test_of_an_order_never_seen_keeps_a_tombstone(self):
        order = self.number()
        self.assertEqual("reversed", self.reverse(order).outcome)
        self.assertEqual("reversed", self.query(order).outcome)
        self.assertEqual("order-reversed", self.authorise(order).problem)
        qr = {"order": order, "amount": {"minor": 1, "currency": "CNY"}, "wallets": [], "description": "a",
              "valid_for_s": 9}
        self.assertEqual("order-reversed", self.terminal.gateway("qr", **qr).problem)
        self.assertEqual("order-not-found", self.refund(order, self.number(), 1).problem)
        self.assertEqual("reversed", self.reverse(order).outcome)
        self.assertEqual([], self.movements(order))

    def test_gives_all_back(self):
        order = self.number()
        self.authorise(order)
        first = self.reverse(order)
        self.assertEqual(("refunded", 1250), (first.outcome, first.body["refunded"]["minor"]))
        self.assertEqual(first.body, self.reverse(order).body)
        self.assertEqual([("charge", 1250), ("reversal", -1250)], self.movements(order))
        self.assertEqual("nothing-left", self.refund(order, self.number(), 1).problem)

    def test_gives_back_what_refunds_left(self):
        order = self.number()
        self.authorise(order)
        self.refund(order, self.number(), 250)
        self.assertEqual("refunded", self.reverse(order).outcome)
        self.assertEqual([("charge", 1250), ("refund", -250), ("reversal", -1000)], self.movements(order))

    def test_that_takes_its_time_is_finished_without_being_asked(self):
        order = self.number()
        self.authorise(order)
        self.script("reverse", order, thinks_ms=600)
        self.assertEqual("reversing", self.reverse(order).body["why"])
        self.assertEqual("order-not-paid", self.refund(order, self.number(), 1).problem)
        self.settled(order, books.REFUNDED)
        self.assertEqual("refunded", self.reverse(order).outcome)

    def test_that_the_wallet_refuses_leaves_the_order_as_it_was(self):
        for reason in ("reversal-window-over", "reversal-too-soon"):
            order = self.number()
            self.authorise(order)
            self.script("reverse", order, yes=False, reason=reason)
            self.assertEqual(reason, self.reverse(order).problem)
            self.assertEqual("paid", self.query(order).outcome)


class Refund(Shop):
    def test_gives_back_once_what_is_asked_for(self):
        order, first, second = self.number(), self.number(), self.number()
        self.authorise(order, self.code(discounts=[{"minor": 200, "funder": "provider"}]))
        answer = self.refund(order, first, 1000)
        self.assertEqual(("refunded", 1000), (answer.outcome, answer.body["to_payer"]["minor"]))
        self.assertEqual(answer.body, self.refund(order, first, 1000).body)
        self.assertEqual(1000, self.query(order).body["refunded"]["minor"])
        self.assertEqual("key-reused", self.refund(order, first, 1).problem)
        self.assertEqual("refund-too-large", self.refund(order, second, 251).problem)
        rest = self.refund(order, second, 250)
        self.assertEqual(50, rest.body["to_payer"]["minor"], "the discount's funder gets the rest")
        self.assertEqual("nothing-left", self.refund(order, self.number(), 1).problem)
        self.assertEqual("refunded", self.query(order).outcome)
        self.assertEqual([("charge", 1250), ("refund", -1000), ("refund", -250)], self.movements(order))

    def test_of_what_was_not_paid_is_refused(self):
        order = self.number()
        self.assertEqual("order-not-found", self.refund(order, self.number(), 1).problem)
        self.authorise(order, self.code(yes=False, reason="over_limit"))
        self.assertEqual("order-not-paid", self.refund(order, self.number(), 1).problem)

    def test_that_is_on_its_way_is_finished_without_being_asked(self):
        for yes, end in ((True, "refunded"), (False, "refused")):
            order, refund = self.number(), self.number()
            self.authorise(order)
            self.script("refund", order, thinks_ms=600, yes=yes, reason="payer_account_closed")
            self.assertEqual("accepted", self.refund(order, refund, 250).outcome)
            self.assertEqual("refund-too-large", self.refund(order, self.number(), 1001).problem)
            servers.wait_until(lambda o=order: not self.cloud.orders()[o]["refunds_open"], "the refund's end")
            self.assertEqual(end, self.refund(order, refund, 250).outcome)

    def test_whose_answer_is_lost_gives_back_once(self):
        order, refund = self.number(), self.number()
        self.authorise(order)
        self.script("refund", order, answers=False, times=1)
        self.assertEqual("wallet-unanswered", self.refund(order, refund, 250).problem)
        self.assertEqual("refunded", self.refund(order, refund, 250).outcome)
        self.assertEqual([("charge", 1250), ("refund", -250)], self.movements(order))

    def test_that_the_wallet_refuses_leaves_the_number_free(self):
        order, refund = self.number(), self.number()
        self.authorise(order)
        for problem in ("refund-window-over", "too-many-refunds"):
            self.script("refund", order, problem=problem, times=1)
            self.assertEqual(problem, self.refund(order, refund, 250).problem)
        self.assertEqual("refunded", self.refund(order, refund, 250).outcome)

    def test_has_a_limit(self):
        order = self.number()
        self.authorise(order)
        problems = [self.refund(order, self.number(), 1).problem for _ in range(51)]
        self.assertEqual([None] * 50 + ["too-many-refunds"], problems)


class Qr(Shop):
    def qr(self, order, **more):
        return self.terminal.gateway("qr", **{"order": order, "amount": {"minor": 300, "currency": "CNY"},
                                              "wallets": ["wechat_pay"], "description": "Cola", "valid_for_s": 120,
                                              **more})

    def test_is_paid_by_whoever_scans_it(self):
        order = self.number()
        shown = self.qr(order)
        self.assertEqual(("pending", "scan"), (shown.outcome, shown.body["why"]))
        self.assertEqual(shown.body["qr"]["text"], self.qr(order).body["qr"]["text"])
        self.assertEqual("scan", self.query(order).body["why"])
        self.assertEqual("key-reused", self.qr(order, valid_for_s=121).problem)
        self.wallet.call("pay", qr_text=shown.body["qr"]["text"], user="alice")
        self.settled(order, books.PAID)
        self.assertEqual("unknown", self.qr(order).outcome, "an answer about a code has no word for it; query has")
        self.assertEqual("paid", self.query(order).outcome)

    def test_is_dead_when_it_is_over_or_reversed(self):
        over, cancelled = self.number(), self.number()
        self.qr(over, valid_for_s=1)
        shown = self.qr(cancelled).body["qr"]["text"]
        self.settled(over, books.DECLINED)
        self.assertEqual("declined", self.qr(over, valid_for_s=1).outcome)
        self.assertEqual("reversed", self.reverse(cancelled).outcome)
        self.assertEqual(422, servers.post_plain(self.wallet.port, "/pay", {"qr_text": shown, "user": "alice"}).status)

    def test_whose_text_was_lost_is_told_again(self):
        order = self.number()
        self.script("qr", order, answers=False, times=1)
        self.assertEqual("unknown", self.qr(order).outcome)
        self.assertIn("text", self.qr(order).body["qr"])


class Others(Shop):
    def test_have_orders_of_their_own(self):
        order = self.number()
        self.authorise(order)
        neighbour = servers.a_terminal(self.cloud, CONTRACT, "T08")
        stranger = servers.a_terminal(self.cloud, CONTRACT, "B2", "beijing-1")
        for device in (neighbour, stranger):
            self.assertEqual("not-allowed", self.authorise(order, device=device).problem)
            self.assertEqual("not-allowed", device.gateway("reverse", order=order).problem)
        self.assertEqual("paid", neighbour.gateway("query", order=order).outcome)
        self.assertEqual("not_found", stranger.gateway("query", order=order).outcome)
        self.assertEqual("order-not-found", self.refund(order, "B2K1", 1, stranger).problem)
        self.assertEqual("paid", self.query(order).outcome)
        neighbour.hang_up()
        stranger.hang_up()


class Lies(unittest.TestCase):
    TRUE = {"outcome": "paid", "minor": 1250, "currency": "CNY", "paid_minor": 1200, "transaction": "42",
            "wallet": "wechat_pay", "user": "alice", "refunded_minor": 0,
            "discounts": [{"minor": 50, "funder": "provider"}]}

    def test_of_a_wallet_are_never_passed_on(self):
        wallet = servers.Liar()
        self.addCleanup(wallet.stop)
        with tempfile.TemporaryDirectory() as folder:
            cloud = servers.Cloud(PROGRAMS.cloud, folder, "--wallet", f"http://127.0.0.1:{wallet.port}",
                                  "--settle-every-ms", "600000")
            self.addCleanup(cloud.stop)
            servers.a_shop(cloud)
            terminal = servers.a_terminal(cloud, CONTRACT)
            self.addCleanup(terminal.hang_up)
            lies = [{"order": "OTHER"}, {"outcome": "sold"}, {"outcome": 7}, {"minor": 1249}, {"currency": "USD"},
                    {"paid_minor": 1250}, {"paid_minor": -1}, {"discounts": []}, {"transaction": ""},
                    {"transaction": "a b"}, {"refunded_minor": 1251}, {"refunded_minor": -1},
                    {"discounts": [{"minor": 60, "funder": "a"}, {"minor": -10, "funder": "b"}]},
                    {"discounts": [{"minor": 50, "funder": "a", "id": "not a name"}]},
                    {"discounts": [{"minor": 1, "funder": "a"}] * 50}]
            for number, lie in enumerate([*lies, {}]):
                with self.subTest(lie):
                    wallet.answer = {**self.TRUE, **lie}
                    body = {"order": f"T07L{number}", "amount": {"minor": 1250, "currency": "CNY"}, "code": "12",
                            "wallets": [], "description": "x"}
                    self.assertEqual("unknown" if lie else "paid", terminal.gateway("authorise", **body).outcome)
                    wallet.answer = self.TRUE
                    self.assertEqual("paid", terminal.gateway("query", order=body["order"]).outcome)


class WhatWasSaid(unittest.TestCase):
    """Of the last name, so that it runs last."""

    def test_every_outcome_of_the_gateway_was_seen(self):
        said = {
            "authorise": {"paid", "declined", "pending", "unknown"}, "qr": {"pending", "declined", "unknown"},
            "query": {"paid", "declined", "pending", "not_found", "reversed", "refunded", "unknown"},
            "reverse": {"reversed", "refunded", "pending"}, "refund": {"refunded", "accepted", "refused"},
            "identify": {"identified", "not_identified"}}
        for operation, words in said.items():
            seen = {word for path, word in CONTRACT.seen if path == "/v1/gateway/" + operation}
            self.assertLessEqual(words, seen, operation)


if __name__ == "__main__":
    tillkit_report.main()
