# SPDX-License-Identifier: Apache-2.0
"""The vending machine's day ends with equal books, and each of its turns ends as it should.

usage: test_vending.py WALLET CLOUD HARDWARE CATALOG RULES [EMULATOR] -- VENDING TILLCTL
"""
import pathlib
import re
import subprocess
import sys
import unittest

import tillkit_report

ARGUMENTS = sys.argv[1:]
del sys.argv[1:]


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        day = subprocess.run([sys.executable, pathlib.Path(__file__).with_name("vending.py"), *ARGUMENTS],
                             capture_output=True, text=True, check=False)
        cls.status, cls.said, cls.trouble = day.returncode, day.stdout, day.stderr
        cls.chapters = dict(part.split("\n", 1) for part in re.split(r"\n\d+\. ", cls.said)[1:])

    def chapter(self, beginning):
        return next(text for title, text in self.chapters.items() if title.startswith(beginning))

    def falls(self, beginning):
        return len(re.findall(r"falls out of slot", self.chapter(beginning)))

    def test_the_books_are_equal(self):
        self.assertEqual(0, self.status, self.said + self.trouble)
        self.assertIn("\nThe books are equal.\n", self.said)

    def test_what_is_paid_falls_and_what_is_not_stays(self):
        for beginning, count in (("A stranger", 1), ("A member", 2), ("Three things", 3), ("Not enough", 1),
                                 ("The wallet wants", 1), ("The password never", 0), ("A code on", 1), ("No network", 1), ("Mei pays", 1),
                                 ("The motor sticks", 0), ("A technician frees", 1), ("One of two", 1), ("Power goes while", 1)):
            self.assertEqual(count, self.falls(beginning), beginning)

    def test_who_pays_is_a_member_and_a_member_saves(self):
        self.assertIn("has 1 member more", self.chapter("A stranger"))
        self.assertIn("saved", self.chapter("A member"))
        self.assertRegex(self.chapter("A member"), r"Mei has [1-9]\d* points more")


if __name__ == "__main__":
    tillkit_report.main()
