# SPDX-License-Identifier: Apache-2.0
"""The day among real programs ends with equal books, and each of its turns ends as it should.

usage: test_processes.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
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
        day = subprocess.run([sys.executable, pathlib.Path(__file__).with_name("processes.py"), *ARGUMENTS],
                             capture_output=True, text=True, check=False)
        cls.status, cls.said, cls.trouble = day.returncode, day.stdout, day.stderr
        cls.chapters = dict(part.split("\n", 1) for part in re.split(r"\n\d+\. ", cls.said)[1:])

    def chapter(self, beginning):
        return next(text for title, text in self.chapters.items() if title.startswith(beginning))

    def ends(self, beginning):
        return re.findall(r"sale \d+ is (\w+)", self.chapter(beginning))

    def test_the_books_are_equal(self):
        self.assertEqual(0, self.status, self.said + self.trouble)
        self.assertIn("\nThe books are equal.\n", self.said)
        self.assertNotIn(" ? ", self.said)

    def test_what_is_paid_is_sold_and_what_is_not_is_undone(self):
        for beginning in ("Cash", "A wallet pays", "The wallet declines", "Beer", "The wallet charges and",
                          "The wallet's connection", "The cloud has read", "A code on", "Power goes"):
            self.assertEqual(["closed"], self.ends(beginning), beginning)
        for beginning in ("The password never", "The charge never"):
            self.assertEqual(["undone"], self.ends(beginning), beginning)

    def test_a_day_without_network_goes_up_later(self):
        self.assertEqual(["closed"] * 4, self.ends("No network"))
        self.assertRegex(self.chapter("No network"), r"has the journal of T1, \d\d+ records of it are new, 0 it cannot use")

    def test_members_coupons_and_points_are_as_they_should_be(self):
        self.assertRegex(self.chapter("The shop takes members"), r"cloud +\d+ points free, 0 leased")
        # A member's price for the batteries, and 3.00 off by her coupon.
        self.assertIn("Paid ¥15.30", self.chapter("She comes back"))
        self.assertIn("1 double redemption", self.chapter("A copied flyer"))


if __name__ == "__main__":
    tillkit_report.main()
