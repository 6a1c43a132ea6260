# SPDX-License-Identifier: Apache-2.0
"""Servers that a terminal must refuse, and real terminals: no request reaches such a server, none but the session
where it is the session that is wrong, and no attempt is left of which anybody could ask what became of it.

usage: test_refused.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
"""
import socket
import ssl
import tempfile
import unittest
import warnings

import certificates
import tillkit_report
import tls_peer
from fleet import Till
from http_peer import PATIENCE, RAW, reply
from shop import CATALOG, PROGRAMS, RULES, WATER, payment_code
from stand_in_cloud import SESSION, StandInCloud, now_text, ok, problem

# No list of revoked servers comes with an enrolment, so a terminal cannot know them: test of hal::HttpClient.
NOT_FOR_TERMINALS = ("revoked", "revoked_below")
# All that is wrong with these is a date, which a device without a clock cannot judge.
ONLY_DATES = ("bad_expired", "bad_not_yet_valid")


def session(**more):
    return ok({"contract": "1.0", "server_time": now_text(), **more})


SESSIONS = {
    "another_contract": session(contract="2.0"),
    "no_contract": ok({"server_time": now_text()}),
    "no_time": ok({"contract": "1.0"}),
    "no_json": reply(200, b"<html>Please log in</html>", [("Content-Type", "application/json")]),
    "a_page_for_people": reply(200, b"<html>Please log in</html>", [("Content-Type", "text/html")]),
    "elsewhere": reply(302, b"", [("Location", "/v1/elsewhere")]),
    "not_allowed": problem("not-allowed", 403),
    "gone": reply(404),
    "broken": problem("internal-error", 500),
    "too_long": ok({"contract": "1.0", "server_time": now_text(), "more": "." * 65_536}),
    "no_http": RAW["garbage"],
}


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")  # that old protocols are no good is why they are here
        cls.certificates_folder = tempfile.TemporaryDirectory(prefix="refused")
        cls.addClassCleanup(cls.certificates_folder.cleanup)
        cls.certificates = certificates.Shop()
        cls.contexts = tls_peer.Contexts(cls.certificates_folder.name)
        cls.good = cls.contexts.server(cls.certificates.good["ec"], clients=cls.certificates.client_root)
        cls.good.verify_mode = ssl.CERT_OPTIONAL  # a device that enrols has none
        every = tls_peer.server_contexts(cls.contexts, cls.certificates)
        cls.bad = {name: context for name, context in every.items()
                   if name.startswith("bad") and not name.endswith(NOT_FOR_TERMINALS)}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fleet")
        self.addCleanup(self.folder.cleanup)
        self.cloud = StandInCloud(self.certificates, self.good)
        self.trust = self.folder.name + "/trust.pem"
        with open(self.trust, "w", encoding="ascii") as file:
            file.write(certificates.pem(self.certificates.root.certificate))
        self.tills = 0

    def till(self):
        self.tills += 1
        return Till(PROGRAMS, f"{self.folder.name}/T{self.tills}", CATALOG, RULES)

    def enrol(self, till, **more):
        return till.enrol(f"https://127.0.0.1:{self.cloud.port}", "7KQ4-M2XA-9TFD", self.trust, **more)

    def enrolled(self, **environment):
        till = self.till()
        self.enrol(till)
        till.start(**environment)
        self.addCleanup(lambda: till.process.poll() is None and till.kill())
        return till

    def try_all(self, till, number):
        """A sale by code that ends in cash, and all that sync has to do."""
        self.assertTrue(till.do("scan", code=WATER).get("ok"))
        till.do("scan", code=payment_code(number))
        said = till.do("settle", ms=20_000)
        self.assertEqual([200, 0, False], [said[what] for what in ("left", "unresolved", "paying")])
        self.assertEqual({"ok": True}, till.do("pay_cash", minor=200))
        return till.do("sync", ms=400)

    def check_attempts(self, till, of):
        """Each was never sent, and is over; what became of it is not a question."""
        till.stop()
        payments = [record for record in till.journal().values() if record["kind"].startswith("payment.")]
        intended = {record["seq"] for record in payments if record["kind"] == "payment.attempt_intended"}
        not_sent = {record["body"]["attempt"] for record in payments if record["kind"] == "payment.attempt_not_sent"}
        self.assertEqual(intended, not_sent)
        self.assertEqual(2 * len(intended), len(payments))
        self.assertLessEqual(len(intended), of)

    def is_served(self, context):
        """Whether somebody who looks at nothing gets an answer of this server."""
        self.cloud.show(context)
        with socket.create_connection(("127.0.0.1", self.cloud.port), timeout=PATIENCE) as link:
            with self.contexts.lax_client().wrap_socket(link) as secured:
                secured.sendall(b"GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n")
                return secured.recv(4096).startswith(b"HTTP/1.1 200 ")

    def test_a_device_asks_no_such_server_to_enrol_it(self):
        for name, context in self.bad.items():
            with self.subTest(name):
                self.assertTrue(self.is_served(context))
                self.cloud.show(context)
                run = self.enrol(self.till(), check=False)
                self.assertNotEqual(0, run.returncode, run.stdout)
                self.assertEqual({}, self.cloud.requests)
                self.assertGreater(self.cloud.lost, 0)

    def test_a_terminal_sends_such_a_server_nothing_and_sells_on_for_cash(self):
        till = self.enrolled()
        for number, (name, context) in enumerate(self.bad.items()):
            with self.subTest(name):
                self.cloud.show(context)
                self.assertGreater(self.try_all(till, number)["unsent"], 0)
                self.assertEqual({}, self.cloud.requests)
                self.assertGreater(self.cloud.lost, 0)
        # That one is well again, and is believed.
        self.cloud.show(self.good)
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        self.assertEqual(len(self.bad), len(till.ended()))
        self.check_attempts(till, len(self.bad))

    def test_without_a_clock_only_the_time_is_asked_and_only_where_nothing_but_the_date_may_be_wrong(self):
        till = self.enrolled(TILLKIT_TEST_CLOCK="1970")
        till.stop()
        for number, (name, context) in enumerate(self.bad.items()):
            with self.subTest(name):
                self.cloud.show(context)
                till.start(TILLKIT_TEST_CLOCK="1970")
                till.do("sync", ms=300)
                said = self.try_all(till, number)
                self.assertGreater(said["unsent"], 0)
                self.assertGreater(self.cloud.lost, 0)
                if name in ONLY_DATES:
                    self.assertNotEqual("unknown", said["clock"])
                    self.assertEqual({SESSION}, set(self.cloud.requests))
                else:
                    self.assertEqual("unknown", said["clock"])
                    self.assertEqual({}, self.cloud.requests)
                till.kill()
        self.cloud.show(self.good)
        till.start(TILLKIT_TEST_CLOCK="1970")
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        self.check_attempts(till, len(self.bad))

    def test_where_the_session_is_not_as_it_should_be_nothing_else_is_asked(self):
        till = self.enrolled()
        for number, (name, answer) in enumerate(SESSIONS.items()):
            with self.subTest(name):
                self.cloud.session = answer
                self.cloud.show(self.good)
                said = self.try_all(till, number)
                self.assertEqual({SESSION}, set(self.cloud.requests))
                self.assertGreater(said["unsent"], 0)
        self.cloud.session = None
        self.cloud.show(self.good)
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        self.check_attempts(till, len(SESSIONS))


if __name__ == "__main__":
    tillkit_report.main()
