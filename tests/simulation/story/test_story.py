# SPDX-License-Identifier: Apache-2.0
"""The story's day ends with equal books, and the program that compares them sees when they are not.

usage: test_story.py ROOT [EMULATOR] STORY
"""
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import tillkit_report

ROOT, *STORY = sys.argv[1:]
ROOT = pathlib.Path(ROOT)
del sys.argv[1:]


def run_day(folder):
    return subprocess.run([*STORY, ROOT / "lib/catalog/examples/corner_shop.csv",
                           ROOT / "lib/offers/examples/corner_shop.json", folder],
                          capture_output=True, text=True, check=False)


def compare(folder):
    return subprocess.run([sys.executable, ROOT / "tests/simulation/story/compare_books.py", folder],
                          capture_output=True, text=True, check=False)


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.books = pathlib.Path(cls.temporary.name) / "books"
        cls.day = run_day(cls.books)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_the_day_ends_with_equal_books(self):
        self.assertEqual(0, self.day.returncode, self.day.stderr)
        compared = compare(self.books)
        self.assertEqual(0, compared.returncode, compared.stdout + compared.stderr)
        self.assertIn("The books are equal.", compared.stdout)
        # Points that are not leased here, and points of who has a debt.
        self.assertEqual(["points: not done"] * 2, re.findall(r"\w+: not done", self.day.stdout))
        self.assertNotIn("screen    ?", self.day.stdout)
        self.assertIn("Power went 8 times.", self.day.stdout)

    def test_the_same_day_again_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.day.stdout, run_day(folder).stdout)

    def changed(self, change):
        """What the comparison says after one book was changed."""
        with tempfile.TemporaryDirectory() as folder:
            books = pathlib.Path(folder) / "books"
            shutil.copytree(self.books, books)
            change(books)
            compared = compare(books)
            self.assertEqual(1, compared.returncode, compared.stdout + compared.stderr)
            return compared.stdout

    def change_lines(self, name, change):
        def apply(books):
            lines = [json.loads(line) for line in (books / name).read_text(encoding="utf-8").splitlines()]
            lines = change(lines)
            (books / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return self.changed(apply)

    def test_a_second_charge_is_seen(self):
        said = self.change_lines("wallet.jsonl", lambda lines: [lines[0], *lines])
        self.assertRegex(said, r"was charged 2 times")

    def test_a_charge_of_somebody_else_is_seen(self):
        said = self.change_lines("wallet.jsonl", lambda lines: [*lines, {**lines[0], "order": "T1X"}])
        self.assertRegex(said, r"moved money of T1X, which the journal does not know")

    def test_a_refund_that_did_not_happen_is_seen(self):
        said = self.change_lines("wallet.jsonl", lambda lines: [line for line in lines if line["kind"] != "refund"])
        self.assertRegex(said, r"the journal keeps 0, the wallet 3400")

    def test_goods_that_went_twice_or_not_at_all_are_seen(self):
        self.assertRegex(self.change_lines("goods.jsonl", lambda lines: [lines[0], *lines]), r"handed over 2 times")
        self.assertRegex(self.change_lines("goods.jsonl", lambda lines: lines[1:]), r"handed over 0 times")

    def test_a_fen_that_is_missing_in_the_drawer_is_seen(self):
        def steal(lines):
            lines[0]["minor"] -= 1
            return lines
        self.assertRegex(self.change_lines("drawer.jsonl", steal), r"cash is 3100 in the journal and 3099 in the drawer")

    def change_home(self, kind, change, said):
        """What the home says of one thing of a kind is another."""
        def apply(lines):
            found = [line for line in lines if line["kind"] == kind]
            self.assertTrue(found, f"the home's books have no {kind}")
            change(found)
            return [line for line in lines if line["kind"] != kind] + found
        self.assertRegex(self.change_lines("home.jsonl", apply), said)

    def add_one(self, name):
        """Changes a number of the first entry that has one."""
        def change(found):
            next(entry for entry in found if entry[name] > 0)[name] += 1
        return change

    def test_a_balance_of_the_home_that_differs_is_seen(self):
        self.change_home("balance", self.add_one("active"), r"points of P1-\w+: free are \d+ by the journals")
        self.change_home("balance", self.add_one("leased"), r"leased are \d+ by the journals, \d+ by the home")
        self.change_home("balance", self.add_one("debt"), r"free are -\d+ by the journals, 0 less a debt of")
        self.change_home("given", self.add_one("amount"), r"free are \d+ by the journals")

    def test_a_merge_that_only_the_home_or_nobody_knows_is_seen(self):
        self.change_home("merge", lambda found: found.clear(), r"merges P4-\w+ into P1-\w+, the home does not")

    def test_a_lease_that_differs_is_seen(self):
        self.change_home("lease", self.add_one("amount"), r"the home has no lease .*, the journals have")
        self.change_home("lease", lambda found: found.pop(), r"the home has no lease")
        self.change_home("lease", lambda found: found.append({**found[0], "lease": "L9"}), r"the journals have no lease")

    def test_a_loss_that_the_home_counts_is_seen(self):
        loss = {"kind": "loss", "lease": "risk-1", "amount": 1}
        self.assertRegex(self.change_lines("home.jsonl", lambda lines: [*lines, loss]), r"counts a loss of 1 by lease risk-1")

    def test_a_coupon_that_was_used_elsewhere_or_not_at_all_is_seen(self):
        def move(found):
            next(coupon for coupon in found if coupon["redeemed"])["redeemed"][0]["sale"] += 1
        self.change_home("coupon", move, r"redeemed by .* in the journals")
        self.change_home("coupon", lambda found: [found.remove(one) for one in found if one["redeemed"]][:0],
                         r"was redeemed and the home does not know it")

    def test_a_double_redemption_that_nobody_bears_is_seen(self):
        self.change_home("double_redemption", lambda found: found.clear(),
                         r"flyer-500: redeemed 2 times, double redemptions: 0")
        self.change_home("double_redemption", lambda found: found[0].update(funder="acme"),
                         r"the home has no double_redemption .*our-shop")

    def test_a_gift_that_differs_is_seen(self):
        self.change_home("grant", self.add_one("count"), r"the home has no grant")

    def test_a_notice_that_is_missing_or_comes_twice_is_seen(self):
        self.change_home("notice", lambda found: found.pop(), r"the home has no notice")
        self.change_home("notice", lambda found: found.append(found[0]), r"the journals have no notice")

    def change_journal(self, name, statement, said):
        def apply(books):
            base = sqlite3.connect(books / name)
            self.assertGreater(base.execute(statement).rowcount, 0)
            base.commit()
            base.close()
        self.assertRegex(self.changed(apply), said)

    def test_a_change_in_a_journal_is_seen_by_more_than_its_chain(self):
        self.change_journal("till.db", """UPDATE records SET body = replace(body, '"points":27', '"points":28')
                            WHERE kind = 'ledger.earned'""", r"sale \d+: earned 28 points, due are 27")
        self.change_journal("till2.db", """UPDATE records SET body = replace(body, '"settles":1200', '"settles":1199')
                            WHERE kind = 'ledger.taken'""", r"T2, sale \d+: what was taken is not what was reserved")
        self.change_journal("till.db", """UPDATE records SET kind = 'members.recognised' WHERE kind = 'members.notice'
                            AND body LIKE '%"what":9,%'""", r"T1: no notice of")
        self.change_journal("till.db", """UPDATE records SET body = replace(body, 'mei-1', 'mei-9')
                            WHERE kind = 'members.coupons_redeemed'""", r"redeems other coupons than it reserved")

    def test_a_lease_that_was_overspent_is_seen(self):
        self.change_journal("till2.db", """UPDATE records SET body = replace(body, '"amount":120', '"amount":119')
                            WHERE kind = 'ledger.lease_placed'""", r"lease \w+: 120 of 119 were spent")

    def test_personal_values_of_who_refused_are_seen(self):
        self.change_journal("till.db", """INSERT INTO personal SELECT seq + 1, 'payer', x'00', x'00' FROM records
                            WHERE kind = 'members.enrolled' AND sale = (SELECT max(sale) FROM records WHERE kind =
                            'members.enrolled')""", r"wants to be no member, and personal values are kept")

    def test_an_edited_record_is_seen(self):
        def edit(books):
            base = sqlite3.connect(books / "till.db")
            base.execute("UPDATE records SET body = replace(body, '\"minor\":3102', '\"minor\":2102')")
            base.commit()
            base.close()
        self.assertRegex(self.changed(edit), r"record 3 is not the one that was chained")

    def test_a_removed_record_is_seen(self):
        def remove(books):
            base = sqlite3.connect(books / "till.db")
            base.execute("DELETE FROM records WHERE seq = 50")
            base.commit()
            base.close()
        self.assertRegex(self.changed(remove), r"record 50 is missing")


if __name__ == "__main__":
    tillkit_report.main()
