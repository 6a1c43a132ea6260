# SPDX-License-Identifier: Apache-2.0
"""tillctl sales, outbox, attempt resolve and planogram: at a terminal that runs, and at one that is stopped.

usage: test_sales.py [EMULATOR] TILL_SALES TILLCTL
"""
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time
import tty
import unittest

import tillkit_report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "receipt"))
import escpos_reader  # noqa: E402

*PREFIX, TILL_SALES, TILLCTL = sys.argv[1:]
del sys.argv[1:]


def tillctl(*arguments):
    return subprocess.run([*PREFIX, TILLCTL, *arguments], capture_output=True, text=True, timeout=120, check=False)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def state_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Till(unittest.TestCase):
    """A terminal that sold: cash, a wallet and its refused refund, one that a person must look at, one put aside."""

    @classmethod
    def setUpClass(cls):
        cls.original = pathlib.Path(tempfile.mkdtemp(prefix="tillctl-"))
        subprocess.run([*PREFIX, TILL_SALES, cls.original], check=True, timeout=120)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.original)

    def setUp(self):
        parent = pathlib.Path(tempfile.mkdtemp(prefix="tillctl-"))
        self.addCleanup(shutil.rmtree, parent)
        self.data = parent / "data"
        shutil.copytree(self.original, self.data)

    def run_on(self, *arguments, status=0):
        run = tillctl(*arguments, "--data", str(self.data))
        self.assertEqual(status, run.returncode, run.stdout[-2000:] + run.stderr)
        return run

    def lines(self, *arguments):
        return lines_of(self.run_on(*arguments, "--json").stdout)

    def waiting(self):
        """The order numbers that wait for a person: of the sale that was undone, of the refund that was refused."""
        attempts = [line for line in self.lines("outbox") if line.get("needs_person")]
        undone = [line["attempt"] for line in attempts if "refund" not in line]
        refused = [line["attempt"] for line in attempts if "refund" in line]
        return undone, refused

    def resolve(self, order, decision, who="lead", reason="bank statement of today", status=0):
        return self.run_on("attempt", "resolve", order, decision, "--by", who, "--reason", reason, status=status)

    def assert_resolved(self):
        """Decides both, and looks at what became of it."""
        (undone,), (refused,) = self.waiting()

        text = self.resolve(undone, "not-paid").stdout
        done = lines_of(self.run_on("attempt", "resolve", refused, "given-back", "--by", "lead", "--reason",
                                    "in cash", "--json").stdout)[-1]

        self.assertRegex(text, rf"{undone} of 7.00 CNY is decided: not-paid, by lead\n  sale \d+ is now undone")
        self.assertEqual(("attempt.resolve", "given-back", "returned"),
                         (done["done"], done["decision"], done["sale_state"]))
        self.assertEqual(([], []), self.waiting())
        self.assertEqual(["suspended", "undone", "returned", "closed", "closed"],
                         [line["state"] for line in self.lines("sales")[:-1]])
        self.assertIn("no open attempt has the order number", self.resolve(undone, "paid", status=1).stderr)
        self.assertIn("SOUND", self.run_on("journal", "verify").stdout)
        self.assertNotIn("bank statement", self.run_on("journal", "export").stdout)


    def assert_slots_can_be_set(self):
        """Loads a planogram, fills and blocks slots, and looks at what is there then."""
        self.assertIn("0 slots", self.run_on("planogram", "show").stdout)
        file = self.data.parent / "planogram.json"
        file.write_text(json.dumps({"slots": [{"slot": 11, "item": "cola", "capacity": 8, "mdb": 3},
                                              {"slot": 12, "item": "rice", "capacity": 6, "stock": 4}]}))

        loaded = self.run_on("planogram", "load", str(file), "--by", "lead", "--json").stdout
        done = lines_of(loaded)[-1]
        self.assertEqual(("planogram.set", 2, True), (done["done"], done["slots"], done["all"]))
        self.run_on("planogram", "refill", "11", "--by", "lead")
        self.run_on("planogram", "block", "12", "--by", "lead")
        self.run_on("planogram", "set", "13", "--by", "lead", "--item", "bag", "--capacity", "5")

        text = self.run_on("planogram", "show").stdout
        self.assertRegex(text, r"11 +cola +8 +8 +3 *\n")
        self.assertRegex(text, r"12 +rice +4 +6 +technician")
        self.assertRegex(text, r"13 +bag +0 +5 +empty")
        self.run_on("planogram", "unblock", "12", "--by", "lead")
        self.run_on("planogram", "refill", "--by", "lead")
        slots = self.lines("planogram", "show")[:-1]
        self.assertEqual([(11, 8, "none"), (12, 6, "none"), (13, 5, "none")],
                         [(line["slot"], line["stock"], line["block"]) for line in slots])
        file.write_text('{"slots": [{"slot": 11, "item": "cola", "capacity": 1000}]}')
        self.assertIn("/slots/0/capacity: expected a whole number from 0 to 999, found 1000",
                      self.run_on("planogram", "load", str(file), "--by", "lead", status=1).stderr)
        self.assertIn("there is no slot 99", self.run_on("planogram", "block", "99", "--by", "lead", status=1).stderr)
        self.assertIn("'by' is the name", self.run_on("planogram", "refill", status=1).stderr)
        self.assertIn("SOUND", self.run_on("journal", "verify").stdout)


class Stopped(Till):
    def test_slots_are_set_in_its_files(self):
        self.assert_slots_can_be_set()

    def test_a_look_at_the_slots_and_a_mistake_change_no_byte(self):
        before = state_of(self.data)

        self.run_on("planogram", "show")
        self.run_on("planogram", "block", "99", "--by", "lead", status=1)

        self.assertEqual(before, state_of(self.data))

    def test_sales_line_up_the_newest_first(self):
        text = self.run_on("sales").stdout
        rows = [line for line in text.splitlines() if "CNY" in line]

        self.assertIn("no terminal runs", text)
        self.assertEqual(5, len(rows))
        self.assertEqual(1, len({row.index(" CNY") for row in rows}), text)
        self.assertRegex(rows[0], r"suspended +3\.50 CNY")
        self.assertRegex(rows[1], r"undoing +7\.00 CNY +wechat_pay 7\.00 CNY \(needs_person\)")
        self.assertRegex(rows[2], r"returning of \d+ +12\.90 CNY +back: wechat_pay 12\.90 CNY \(refused\)")
        self.assertRegex(rows[3], r"T1-[0-9A-Fa-f]{4}-\d+ .* closed +12\.90 CNY +wechat_pay 12\.90 CNY +anna +1 +20")
        self.assertRegex(rows[4], r"closed +3\.50 CNY +cash 3\.50 CNY")

    def test_sales_are_chosen(self):
        closed = self.lines("sales", "--state", "closed")
        self.assertEqual(2, closed[-1]["sales"])
        one = self.lines("sales", "--limit", "1")
        self.assertEqual(1, one[-1]["sales"])
        below = self.lines("sales", "--to", str(one[-1]["next"]))
        self.assertEqual(4, below[-1]["sales"])
        self.assertIn(f"there are more: --to {one[-1]['next']}", self.run_on("sales", "--limit", "1").stdout)
        self.assertIn("there is no such sale", self.run_on("sales", "--state", "voided").stdout)
        self.assertIn("one of open, suspended", self.run_on("sales", "--state", "gone", status=1).stderr)

    def test_the_outbox_says_what_waits_and_what_it_comes_to(self):
        text = self.run_on("outbox").stdout

        self.assertRegex(text, r"unresolved +2 attempts, of them for a person: 2")
        self.assertRegex(text, r"at risk +19\.90 CNY")
        self.assertRegex(text, r"owed +nothing in 0 refunds under way")
        self.assertRegex(text, r"put aside +1 sale\n")
        self.assertRegex(text, r"not uploaded +\d+ records, the oldest since \d+ (s|min)\n")
        self.assertRegex(text, r"attempt +T1\w+ +\d+ +NEEDS A PERSON +12\.90 CNY")
        self.assertRegex(text, r"its refund +T1\w+ +refused +12\.90 CNY")
        self.assertRegex(text, r"suspended sale +\d+ +3\.50 CNY")
        self.assertIn("tillctl attempt resolve ORDER", text)

    def test_a_look_changes_no_byte(self):
        before = state_of(self.data)

        self.run_on("sales")
        self.run_on("outbox")

        self.assertEqual(before, state_of(self.data))

    def test_a_decision_settles_the_sale_and_the_terminal_goes_on(self):
        self.assert_resolved()

        process = subprocess.Popen([*PREFIX, TILL_SALES, self.data, "--serve"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.assertEqual("serving\n", process.stdout.readline())
        self.assertIn("of the running terminal", self.run_on("outbox").stdout)
        self.assertEqual(([], []), self.waiting())
        process.communicate(timeout=60)
        self.assertEqual(0, process.returncode)

    def test_whoever_has_the_device_decides_and_is_named(self):
        (undone,), _ = self.waiting()

        self.resolve(undone, "paid", who="technician.7")

        bodies = [line["body"] for line in self.lines("journal", "show", "--kind", "payment.person_decided")[:-1]]
        self.assertEqual(["technician.7"], [body["by"] for body in bodies])

    def test_what_cannot_be_decided_is_said_and_changes_no_byte(self):
        (undone,), _ = self.waiting()
        before = state_of(self.data)

        for order, who, reason, said in (("T1ABCDEFGHJK", "lead", "why", "no open attempt has the order number"),
                                         ("no order", "lead", "why", "'order' is the order number"),
                                         (undone, "", "why", "'by' is the name"),
                                         (undone, "lead", "", "'reason' is why"),
                                         (undone, "lead", " ", "'reason' is why")):
            with self.subTest(said):
                self.assertIn(said, self.resolve(order, "paid", who, reason, status=1).stderr)
        self.assertIn("expected paid, not-paid or given-back", self.resolve(undone, "maybe", status=2).stderr)

        self.assertEqual(before, state_of(self.data))

    def test_nothing_is_decided_in_a_journal_that_is_not_sound_or_not_this_devices(self):
        (undone,), _ = self.waiting()
        content = (self.data / "till.db").read_bytes()
        wal = self.data / "till.db-wal"
        where = wal if wal.exists() and b"Rice cakes" in wal.read_bytes() else self.data / "till.db"
        content = where.read_bytes()
        where.write_bytes(content.replace(b"Rice cakes", b"Rice caked"))
        before = state_of(self.data)
        run = self.resolve(undone, "paid", status=1)
        self.assertIn("nothing was changed", run.stderr)
        self.assertEqual(before, state_of(self.data))

        shutil.rmtree(self.data / "keys")
        self.assertIn("there are no keys", self.resolve(undone, "paid", status=1).stderr)


class Running(Till):
    def setUp(self):
        super().setUp()
        self.process = subprocess.Popen([*PREFIX, TILL_SALES, self.data, "--serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.assertEqual("serving\n", self.process.stdout.readline())

    def stop(self):
        self.process.communicate(timeout=60)

    def test_a_running_terminal_tells_of_its_sales(self):
        self.assertIn("of the running terminal", self.run_on("sales").stdout)
        self.assertEqual(5, self.lines("sales")[-1]["sales"])
        self.assertIn("NEEDS A PERSON", self.run_on("outbox").stdout)

    def test_a_running_terminal_decides_with_its_own_checkout(self):
        self.assert_resolved()
        self.assertIsNone(self.process.poll())

    def test_a_running_terminal_has_its_slots_set(self):
        self.assertIn("'anna' may not say what lies in the slots",
                      self.run_on("planogram", "set", "11", "--by", "anna", "--item", "cola", status=1).stderr)
        self.assert_slots_can_be_set()
        self.assertIsNone(self.process.poll())

    def test_a_running_terminal_asks_its_permissions(self):
        (undone,), _ = self.waiting()
        records = self.lines("outbox")[-1]["last"]

        self.assertIn("'anna' may not decide", self.resolve(undone, "paid", who="anna", status=1).stderr)
        self.assertIn("'reason' is why", self.resolve(undone, "paid", reason="", status=1).stderr)

        self.assertEqual(records, self.lines("outbox")[-1]["last"])

    def test_a_terminal_that_does_not_answer_keeps_its_journal_to_itself(self):
        (undone,), _ = self.waiting()
        (self.data / "till.sock").unlink()

        self.assertIn("another program may have it", self.resolve(undone, "paid", status=1).stderr)


class Printing(Till):
    """A running terminal whose printer is a device file: a pseudo terminal, of which the test holds the far end."""

    def setUp(self):
        super().setUp()
        self.paper, line = os.openpty()
        self.addCleanup(os.close, self.paper)
        self.addCleanup(os.close, line)
        tty.setraw(line)
        self.process = subprocess.Popen([*PREFIX, TILL_SALES, self.data, "--serve", os.ttyname(line)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.communicate, timeout=60)
        self.assertEqual("serving\n", self.process.stdout.readline())

    def printed(self, end):
        """What comes out until `end` does."""
        job = b""
        until = time.monotonic() + 30
        while not job.endswith(end) and time.monotonic() < until:
            if select.select([self.paper], [], [], 1)[0]:
                job += os.read(self.paper, 4096)
        return job

    def test_a_running_terminal_prints_a_receipt_again_as_a_copy_that_is_counted(self):
        sale = self.lines("sales")[-2]["sale"]
        for copy in (1, 2):
            run = self.run_on("reprint", str(sale), "--by", "lead")
            self.assertIn(f"copy {copy} of the receipt of sale {sale} is on its way", run.stdout)

            paper = escpos_reader.read(self.printed(b"\x1dVB\0"), 32)
            self.assertIn(f"*** 补打 {copy} ***", [line.text.strip() for line in paper.lines])
        records = self.lines("journal", "show", "--kind", "checkout.reprinted")
        self.assertEqual([1, 2], [line["body"]["copy"] for line in records if "body" in line])

    def test_who_may_not_and_what_has_no_receipt_prints_nothing(self):
        records = self.lines("outbox")[-1]["last"]
        self.assertIn("'nobody' may not", self.run_on("reprint", "1", "--by", "nobody", status=1).stderr)
        self.assertIn("there is no sale", self.run_on("reprint", "999999", "--by", "lead", status=1).stderr)
        self.assertEqual(records, self.lines("outbox")[-1]["last"])
        self.assertEqual(([], [], []), select.select([self.paper], [], [], 0))


class Stopped(Till):
    def test_a_stopped_terminal_prints_nothing(self):
        before = state_of(self.data)
        self.assertIn("no terminal runs", self.run_on("reprint", "1", "--by", "lead", status=1).stderr)
        self.assertEqual(before, state_of(self.data))


class Usage(unittest.TestCase):
    def test_a_mistake_is_named_and_nothing_is_done(self):
        for arguments in (["sales"], ["sales", "--data"], ["sales", "--data", "x", "--limit", "0"],
                          ["sales", "--data", "x", "--sale", "1"], ["sales", "--data", "x", "--to", "1", "--to", "2"],
                          ["outbox"], ["outbox", "--data"], ["outbox", "--data", "x", "--limit", "1"],
                          ["reprint"], ["reprint", "x"], ["reprint", "0", "--by", "a", "--data", "x"],
                          ["reprint", "1", "--data", "x"], ["reprint", "1", "--by", "a"],
                          ["planogram"], ["planogram", "eat"], ["planogram", "show"],
                          ["planogram", "load", "--data", "x"],
                          ["planogram", "set", "--data", "x"], ["planogram", "set", "one", "--data", "x"],
                          ["planogram", "set", "1", "--data", "x", "--stock", "-1"],
                          ["planogram", "block", "1", "--data", "x", "--stock", "1"],
                          ["planogram", "show", "11", "--data", "x"],
                          ["attempt"], ["attempt", "burn"], ["attempt", "resolve", "T1"],
                          ["attempt", "resolve", "T1", "lost", "--data", "x"],
                          ["attempt", "resolve", "T1", "paid", "--by", "x"],
                          ["attempt", "resolve", "T1", "paid", "--data", "x", "--by", "a", "--by", "b"]):
            run = tillctl(*arguments)
            self.assertEqual((2, ""), (run.returncode, run.stdout), arguments)
            self.assertIn("tillctl help", run.stderr)

    def test_help_lists_them(self):
        text = tillctl("help").stdout
        for line in ("tillctl planogram load FILE --by WHO --data DIR", "tillctl sales --data DIR",
                     "tillctl outbox --data DIR", "tillctl reprint SALE --by WHO --data DIR",
                     "tillctl attempt resolve ORDER paid|not-paid|given-back --by WHO --reason WHY --data DIR"):
            self.assertIn(line, text)


del Till  # only what is derived from it runs


if __name__ == "__main__":
    tillkit_report.main()
