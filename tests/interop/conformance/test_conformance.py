# SPDX-License-Identifier: Apache-2.0
"""tillkit-conformance against the sandbox's cloud, and against clouds with one rule broken each.

usage: test_conformance.py CONTRACT CLOUD_SERVER_TESTS CONFORMANCE CLOUD WALLET BROKEN_CLOUD
"""
import concurrent.futures
import os
import re
import sys
import tempfile
import unittest

sys.path.append(sys.argv[2])
import shop  # noqa: E402
import tillkit_report  # noqa: E402

CONTRACT, _, CONFORMANCE, CLOUD, WALLET, BROKEN = sys.argv[1:7]
del sys.argv[1:7]
# More than processors: each run waits for time limits and long polls.
TOGETHER = 8

# What is broken, and all rules that see it.
BREAKAGES = {
    "old-tls": ["tls.version"],
    "foreign-certificates": ["tls.foreign-certificate"],
    "anybody-may-ask": ["tls.certificate"],
    "revocation-is-forgotten": ["tls.revoked"],
    "nonce-of-another": ["session.signed-time"],
    "clock-years-off": ["session.time"],
    "nonce-not-looked-at": ["session.strict"],
    "another-major-version": ["session.hello"],
    "claim-for-two-devices": ["enrol.once"],
    "claim-once-only": ["enrol.again"],
    "claims-made-up": ["enrol.unknown-claim"],
    "other-problem-for-a-request": ["enrol.certificate-request"],
    "merchant-key-per-terminal": ["enrol.merchant-key"],
    "one-merchant-key-for-all": ["enrol.other-merchant"],
    "ends-another-day": ["enrol.terminal"],
    "other-problem-for-a-renewal": ["renew.certificate-request"],
    "renewal-ends-the-old": ["renew.both-good", "claims.one", "tls.revoked"],
    "members-passed-over": ["requests.members"],
    "any-content-type": ["requests.form"],
    "page-of-html": ["requests.operations", "answers.form"],
    "smaller-bodies": ["requests.size"],
    "longer-certificate-requests": ["requests.enrol-size"],
    "health-not-noted": ["health.noted"],
    "health-not-looked-at": ["health.strict"],
    "plain-text": ["answers.form"],
    "not-the-schema": ["answers.schema"],
    "two-statuses": ["answers.problem"],
    "retry-after-everywhere": ["answers.retry-after"],
    "a-long-answer": ["answers.size"],
    "a-late-answer": ["answers.time"],
    "a-code-in-a-problem": ["answers.secrets"],
    "gap-acknowledged": ["upload.gap"],
    "gaps-in-a-list": ["upload.order"],
    "good-records-refused": ["upload.taken"],
    "same-again-is-a-fork": ["upload.again", "upload.parked"],
    "overlap-is-broken": ["upload.overlap"],
    "knows-nothing-of-how-far": ["upload.how-far"],
    "other-content-is-fine": ["upload.fork-content"],
    "counters-do-not-count": ["upload.fork-counter", "upload.fork-seq"],
    "signatures-do-not-count": ["upload.signature", "upload.signer"],
    "chains-do-not-count": ["upload.chain", "upload.earlier-head"],
    "journals-are-everybodys": ["upload.not-yours"],
    "poison-stops": ["upload.parked"],
    "refused-named-once": ["upload.parked"],
    "personal-not-checked": ["upload.personal"],
    "half-an-upload": ["upload.strict"],
    "smaller-uploads": ["upload.size"],
    "pages-signed-otherwise": ["news.signed"],
    "pages-of-another": ["news.place"],
    "polls-are-short": ["news.quiet"],
    "polls-bring-nothing": ["news.long-poll"],
    "any-cursor-is-the-first": ["news.cursor"],
    "any-feed": ["news.strict"],
    "pages-come-once": ["news.again"],
    "cursor-stands-still": ["news.on"],
    "sales-made-up": ["claims.no-sale", "claims.other-merchant"],
    "claims-under-one-name": ["claims.key"],
    "everybody-may-refund": ["claims.one"],
    "records-written-anew": ["claims.granted"],
    "second-charge": ["gateway.same-again"],
    "first-body-wins": ["gateway.key-reused"],
    "two-spaces-of-keys": ["gateway.one-space"],
    "amounts-rounded": ["gateway.amounts"],
    "paid-is-less": ["gateway.charge", "gateway.key-reused", "gateway.at-once"],
    "query-reverses": ["gateway.query"],
    "tombstones-not-stored": ["gateway.reverse-unseen", "gateway.tombstone", "gateway.tombstone-qr"],
    "late-charges-count": ["gateway.tombstone", "gateway.unknown-ends"],
    "late-codes-count": ["gateway.tombstone-qr", "gateway.qr"],
    "silence-is-no": ["gateway.unknown"],
    "password-is-no": ["gateway.pending"],
    "a-code-each-time": ["gateway.qr"],
    "any-currency": ["gateway.currency"],
    "declined-is-forgotten": ["gateway.declined"],
    "not-all-given-back": ["gateway.reverse-paid"],
    "both-at-once": ["gateway.at-once"],
    "identify-is-not-there": ["gateway.identify"],
    "parts-are-not-counted": ["refund.part", "refund.same-again", "refund.key-reused", "refund.sum"],
    "refunds-of-nothing": ["refund.unseen"],
    "refunds-of-what-is-not-paid": ["refund.not-paid"],
    "refunds-too-large": ["refund.too-large", "refund.sum"],
    "refunds-twice": ["refund.same-again", "refund.key-reused", "refund.sum", "refund.nothing-left"],
    "refunds-not-stored": ["refund.same-again", "refund.key-reused", "refund.sum", "refund.nothing-left"],
    "refunds-under-one-number": ["refund.key-reused"],
    "something-left": ["refund.nothing-left"],
    "anybody-is-found": ["members.strict"],
    "somebody-else-is-found": ["members.found"],
    "everybody-is-a-member": ["members.nobody", "members.apart"],
    "members-identify-is-not-there": ["members.identify"],
    "leases-of-any-form": ["leases.strict"],
    "leases-of-what-is-leased": ["leases.returned"],
    "members-are-everybodys": ["members.apart"],
    "leases-twice": ["leases.key"],
    "leases-of-too-much": ["leases.sum"],
    "leases-of-nobody": ["leases.nobody"],
    "coupons-for-two": ["coupons.one"],
    "coupons-made-up": ["coupons.nobody"],
    "events-for-everybody": ["events.token"],
    "events-with-one-number": ["events.order"],
}
# Rules that see it or not, by who comes first.
PERHAPS = {"polls-are-short": {"news.long-poll"}}


def report_on(program, breakage=None):
    with tempfile.TemporaryDirectory() as folder:
        world = shop.Shop(folder, program, WALLET, ["--break", breakage] if breakage else [])
        try:
            return shop.run(CONFORMANCE, world, *world.everything())
        finally:
            world.stop()


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.honest = report_on(CLOUD)

    def test_the_reference_cloud_keeps_all_rules(self):
        report = self.honest
        self.assertEqual([], [rule for rule in report["rules"] if rule["verdict"] != "pass"])
        self.assertEqual(0, report["status"])
        self.assertGreater(report["passed"], 100)

    def test_a_broken_rule_is_seen_by_the_rules_that_say_so_and_no_others(self):
        with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
            reports = dict(zip(BREAKAGES, pool.map(lambda name: report_on(BROKEN, name), BREAKAGES)))
        for name, rules in BREAKAGES.items():
            with self.subTest(name):
                report = reports[name]
                failed = [rule for rule in report["rules"] if rule["verdict"] == "fail"]
                self.assertEqual(set(rules), {rule["rule"] for rule in failed} - PERHAPS.get(name, set()), failed)
                self.assertEqual(1, report["status"])
                for rule in failed:
                    self.assertTrue(all(rule[part] for part in ("where", "sent", "came", "expected", "money")), rule)
                    self.assertNotIn(shop.CODE, str(rule), "codes are shown to nobody")

    def test_what_was_not_given_is_not_tried_and_that_is_no_pass(self):
        with tempfile.TemporaryDirectory() as folder:
            world = shop.Shop(folder, CLOUD, WALLET)
            try:
                keys = os.path.join(folder, "keys")
                given = ("--claim", world.claim("T01"), "--data", keys, "--only", "gateway.", "--only", "enrol.once")
                report = shop.run(CONFORMANCE, world, *given)
                self.assertEqual(3, report["status"])
                self.assertIn("gateway.tombstone", shop.named(report, "untried"))
                self.assertIn("gateway.tombstone-qr", shop.named(report, "pass"))
                self.assertIn("enrol.once", shop.named(report, "pass"))
                again = shop.run(CONFORMANCE, world, *given, "--allow-untried")
                self.assertEqual(0, again["status"], "the same keys: the same device again")
                shown = shop.run(CONFORMANCE, world, *given, as_json=False)
                self.assertRegex(shown.stdout, r"untried  gateway.charge .*\n +why +needs --paying")
                other = shop.run(CONFORMANCE, world, *given[:2], "--only", "gateway.query", as_json=False)
                self.assertIn("could not be enrolled", other.stdout, "another folder is another device")
            finally:
                world.stop()

    def test_a_server_that_terminals_do_not_trust_keeps_no_rule_that_needs_one(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as elsewhere:
            world, other = shop.Shop(folder, CLOUD, WALLET), shop.Shop(elsewhere, CLOUD, WALLET)
            try:
                report = shop.run(CONFORMANCE, world, *world.everything(), "--trust", other.trust())
                self.assertIn("tls.terminal", shop.named(report, "fail"))
                self.assertIn("enrol.terminal", shop.named(report, "fail"))
                self.assertEqual({"tls.version"}, shop.named(report, "pass"))
                self.assertIn("gateway.tombstone", shop.named(report, "untried"))
                self.assertEqual(1, report["status"])
            finally:
                world.stop()
                other.stop()

    def test_each_rule_is_seen_broken_somewhere(self):
        seen = {rule for rules in BREAKAGES.values() for rule in rules}
        self.assertEqual({"tls.terminal"}, {rule["rule"] for rule in self.honest["rules"]} - seen)

    def test_says_how_it_is_used(self):
        for words in ([], ["https://localhost:1"], ["http://localhost:1", "--trust", "x"], ["https://localhost:1", "--what", "1"]):
            with self.subTest(words):
                run = shop.subprocess.run([CONFORMANCE, *words], capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(2, run.returncode)
                self.assertIn("usage: tillkit-conformance", run.stderr)

    def test_each_rule_stands_at_a_place_of_the_contract(self):
        with open(CONTRACT, encoding="utf-8") as file:
            contract = file.read()
        for rule in self.honest["rules"]:
            for path in re.findall(r"(?:GET|POST) (/v1/[a-z/-]+)", rule["where"]):
                self.assertIn(f"\n  {path}:\n", contract, rule["rule"])
            for schema in re.findall(r"schemas: ([A-Z][A-Za-z]+)", rule["where"]):
                self.assertIn(f"\n    {schema}:\n", contract, rule["rule"])
            for heading in re.findall(r"info: ([A-Z][A-Za-z' -]+)", rule["where"]):
                self.assertIn(f"**{heading}", contract, rule["rule"])


if __name__ == "__main__":
    tillkit_report.main()
