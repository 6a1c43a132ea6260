# SPDX-License-Identifier: Apache-2.0
"""The story's day ends with equal books, and the program that compares them sees when they are not.

usage: test_story.py ROOT [EMULATOR] STORY
"""
import json
import pathlib
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
        self.assertNotIn("not done", self.day.stdout)
        self.assertNotIn("screen    ?", self.day.stdout)
        self.assertIn("Power went 5 times.", self.day.stdout)

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
