# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments: what was acknowledged is there afterwards. And the loop is shown programs that it must catch.

usage: test_kill.py KILLS [EMULATOR] APPEND_RECORDS
"""
import sys
import tempfile
import unittest

import tillkit_report
from kill_loop import kill_loop, script, text_of

KILLS, *PROGRAM = sys.argv[1:]
KILLS = int(KILLS)
del sys.argv[1:]

# A program that keeps its promises in one file of lines; `store` is what it does for one.
TEMPLATE = """
import os, sys, time
command, path = sys.argv[1], os.path.join(sys.argv[2], "lines")
file = open(path, "ab+", buffering=0)
file.seek(0)
lines = file.read().split(b"\\n")[:-1]
number = len(lines)
if command == "list":
    for line in lines:
        print("stored", line.decode())
    sys.exit({list_status})
print("ready", flush=True)
while True:
    number += 1
    {store}
"""
STORE = r'file.write(b"%d\n" % number)'
ACKNOWLEDGE = 'print("acknowledged", number, flush=True)'
HONEST = f"{STORE}; {ACKNOWLEDGE}; time.sleep(0.0005)"


class Kill(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        outcome = kill_loop(PROGRAM, KILLS)
        print(text_of(outcome))
        self.assertEqual([], outcome.problems)
        self.assertEqual(KILLS, outcome.kills)
        # Else it would prove nothing.
        self.assertGreater(outcome.acknowledged, KILLS)
        self.assertGreater(outcome.killed_early, 0)


class Loop(unittest.TestCase):
    def outcome_of(self, store, list_status=0, patience=20):
        with tempfile.TemporaryDirectory() as folder:
            body = TEMPLATE.format(store=store, list_status=list_status)
            return kill_loop([sys.executable, str(script(folder, "program.py", body))], 30, patience)

    def caught(self, what, store, **options):
        outcome = self.outcome_of(store, **options)
        self.assertEqual(1, len(outcome.problems), outcome.problems)
        self.assertRegex(outcome.problems[0], what)

    def test_an_honest_program_passes(self):
        outcome = self.outcome_of(HONEST)
        self.assertEqual([], outcome.problems)
        self.assertEqual(30, outcome.kills)

    def test_a_program_that_stores_after_it_has_spoken_is_caught(self):
        self.caught("acknowledged are lost", f"{ACKNOWLEDGE}; time.sleep(0.002); {STORE}")

    def test_a_program_that_stores_twice_is_caught(self):
        self.caught("stored twice", f"{STORE}; {STORE}; {ACKNOWLEDGE}; time.sleep(0.0005)")

    def test_a_program_that_acknowledges_twice_is_caught(self):
        self.caught("acknowledged twice", f"{STORE}; {ACKNOWLEDGE}; {ACKNOWLEDGE}; time.sleep(0.0005)")

    def test_a_program_that_ends_by_itself_is_caught(self):
        self.caught("ended by itself with 3", f"{STORE}; {ACKNOWLEDGE}; sys.exit(3)")

    def test_a_program_that_says_something_else_is_caught(self):
        self.caught("said something else", f"{STORE}; print('hello', flush=True); {ACKNOWLEDGE}; time.sleep(0.0005)")

    def test_a_program_whose_store_is_damaged_is_caught(self):
        self.caught("list exits with 1", HONEST, list_status=1)

    def test_a_program_that_falls_silent_is_caught(self):
        self.caught("said nothing for 0.3 s after 0 acknowledged", "time.sleep(1)", patience=0.3)


if __name__ == "__main__":
    tillkit_report.main()
