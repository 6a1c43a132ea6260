# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a real till: sales, wallet and acknowledgements agree. And tills that do it wrong are seen.

usage: test_sell.py KILLS [EMULATOR] SELL
"""
import sys
import unittest

import tillkit_report
from kill_loop import kill_loop, text_of

KILLS, *PROGRAM = sys.argv[1:]
KILLS = int(KILLS)
del sys.argv[1:]


class Sell(unittest.TestCase):
    def test_no_money_is_lost_or_taken_twice(self):
        outcome = kill_loop(PROGRAM, KILLS)
        print(text_of(outcome))
        self.assertEqual([], outcome.problems)
        self.assertEqual(KILLS, outcome.kills)
        # Else it would prove nothing.
        self.assertGreater(outcome.acknowledged, KILLS)
        self.assertGreater(outcome.killed_early, 0)

    def test_a_till_that_says_so_before_it_is_durable_is_caught(self):
        self.caught("early", "acknowledged are lost")

    def test_a_till_that_charges_twice_is_caught(self):
        self.caught("twice", "was charged 2 times")

    def caught(self, mistake, what):
        outcome = kill_loop([*PROGRAM, "--mistake", mistake], 60)
        self.assertEqual(1, len(outcome.problems), outcome.problems)
        self.assertRegex(outcome.problems[0], what)


if __name__ == "__main__":
    tillkit_report.main()
