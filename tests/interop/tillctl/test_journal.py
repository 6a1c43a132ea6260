# SPDX-License-Identifier: Apache-2.0
"""tillctl journal: a technician looks at a terminal that runs, at one that is stopped, and at one that is damaged.

usage: test_journal.py [EMULATOR] TILL_FOLDER TILLCTL
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import tillkit_report

*PREFIX, TILL_FOLDER, TILLCTL = sys.argv[1:]
del sys.argv[1:]
RECORDS = 40


def tillctl(*arguments):
    return subprocess.run([*PREFIX, TILLCTL, *arguments], capture_output=True, text=True, timeout=120, check=False)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def seqs(lines):
    return [line["seq"] for line in lines if "seq" in line]


def state_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Till(unittest.TestCase):
    """A stopped terminal: the start (1), and RECORDS notes."""

    @classmethod
    def setUpClass(cls):
        cls.original = pathlib.Path(tempfile.mkdtemp(prefix="tillctl-"))
        subprocess.run([*PREFIX, TILL_FOLDER, cls.original, str(RECORDS)], check=True, timeout=120)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.original)

    def setUp(self):
        parent = pathlib.Path(tempfile.mkdtemp(prefix="tillctl-"))
        self.addCleanup(shutil.rmtree, parent)
        self.data = parent / "data"
        shutil.copytree(self.original, self.data)
        self.file = self.data / "till.db"

    def journal(self, verb, *arguments, status=0):
        run = tillctl("journal", verb, "--data", str(self.data), *arguments)
        self.assertEqual(status, run.returncode, run.stdout[-2000:] + run.stderr)
        return run

    def fail_starts(self, times):
        for _ in range(times):
            subprocess.run([*PREFIX, TILL_FOLDER, self.data, "0", "--fail"], check=True, timeout=120)

    def edit(self, before, after):
        content = self.file.read_bytes()
        self.assertIn(before, content)
        self.file.write_bytes(content.replace(before, after, 1))


class Stopped(Till):
    def test_a_sound_journal_verifies_and_a_look_changes_no_byte(self):
        before = state_of(self.data)

        run = self.journal("verify")
        self.journal("show")
        self.journal("export")

        self.assertEqual("", run.stderr)
        self.assertIn("SOUND: 41 records and 41 seals hold, and the tables are what they add up to", run.stdout)
        self.assertNotIn("NOT SOUND", run.stdout)
        self.assertIn("no terminal runs", run.stdout)
        self.assertIn("1 to 41, uploaded to 0", run.stdout)
        self.assertEqual(before, state_of(self.data))

    def test_json_is_a_line_that_a_script_reads(self):
        done = lines_of(self.journal("verify", "--json").stdout)[-1]

        self.assertEqual("journal.verify", done["done"])
        self.assertIs(True, done["sound"])
        self.assertEqual(41, done["records"])
        self.assertEqual("inspected", done["safe_reason"])

    def test_show_lines_up_and_says_where_to_go_on(self):
        text = self.journal("show", "--limit", "3", "--from", "8").stdout
        rows = [line for line in text.splitlines() if "test.note" in line]

        self.assertEqual(3, len(rows))
        self.assertEqual(1, len({row.index("test.note") for row in rows}))
        self.assertIn("面包", rows[0])
        self.assertIn("there may be more: --from 11", text)
        self.assertIn("there is no such record", self.journal("show", "--from", "500").stdout)

    def test_show_filters(self):
        def shown(*arguments):
            return seqs(lines_of(self.journal("show", "--json", *arguments).stdout))

        self.assertEqual(list(range(1, 42)), shown())
        self.assertEqual([40, 41], shown("--limit", "2"))
        self.assertEqual([3, 4, 5], shown("--from", "3", "--to", "5"))
        self.assertEqual([1], shown("--kind", "journal.started"))
        self.assertEqual(list(range(12, 22)), shown("--sale", "12"))
        self.assertEqual([12, 13], shown("--sale", "12", "--limit", "2"))

    def test_export_is_whole_and_its_last_line_says_so(self):
        run = self.journal("export")
        lines = lines_of(run.stdout)

        self.assertEqual(list(range(1, 42)), seqs(lines))
        self.assertEqual({"done": "journal.export", "records": 41, "whole": True}, lines[-1])
        self.assertIn("41 records exported, all that there are", run.stderr)
        self.assertEqual("", self.journal("export", "--json").stderr)

    def test_export_needs_no_keys_and_the_others_say_what_is_missing(self):
        shutil.rmtree(self.data / "keys")

        self.assertEqual(41, len(seqs(lines_of(self.journal("export").stdout))))
        for verb in ("verify", "show"):
            self.assertIn("there are no keys, so the seals cannot be checked", self.journal(verb, status=1).stderr)
        self.assertFalse((self.data / "keys").exists())

    def test_damaged_keys_are_named(self):
        for spoil, said in ((lambda k: os.chmod(k, 0o755), "chmod 700"),
                            (lambda k: (k / "device-secret").unlink(), "secret was removed"),
                            (lambda k: (k / "device-secret").write_bytes(b"x"), "secret is damaged"),
                            (lambda k: (k / "counter").unlink(), "counter was removed"),
                            (lambda k: (k / "counter").write_bytes(b"x" * 16), "counter is damaged")):
            with self.subTest(said):
                shutil.rmtree(self.data)
                shutil.copytree(self.original, self.data)
                spoil(self.data / "keys")
                run = self.journal("verify", status=1)
                self.assertIn(said, run.stderr)
                self.assertIn("tillctl journal export", run.stderr)
                self.journal("export")

    def test_a_folder_without_a_journal_is_named_and_stays_empty(self):
        for folder, said in (("empty", "no terminal has run with this data folder"), ("missing", "No such file")):
            self.data = self.file.parent.parent / folder
            if folder == "empty":
                self.data.mkdir()
            for verb in ("verify", "show", "export"):
                self.assertIn(said, self.journal(verb, status=1).stderr)
            self.assertEqual([], list(self.data.rglob("*")))

    def test_another_devices_keys_put_the_journal_in_safe_mode(self):
        other = self.file.parent.parent / "other"
        other.mkdir()
        subprocess.run([*PREFIX, TILL_FOLDER, other, "0"], check=True, timeout=120)
        shutil.rmtree(self.data / "keys")
        shutil.copytree(other / "keys", self.data / "keys")

        run = self.journal("verify", status=1)

        self.assertIn("SAFE MODE", run.stdout)
        self.assertIn("NOT SOUND", run.stdout)
        self.assertIn("seal_wrong", run.stdout)
        self.assertEqual(41, len(seqs(lines_of(self.journal("show", "--json").stdout))))
        self.assertEqual(41, len(seqs(lines_of(self.journal("export").stdout))))

    def test_an_older_copy_is_named(self):
        subprocess.run([*PREFIX, TILL_FOLDER, self.data, "1"], check=True, timeout=120)
        shutil.copy(self.original / "till.db", self.file)

        run = self.journal("verify", status=1)

        self.assertIn("rolled_back", run.stdout)
        self.assertIn("SAFE MODE: an older copy of the file", run.stdout)
        self.assertIn("Somebody put an older copy of the file back", " ".join(run.stdout.split()))


class FailedStarts(Till):
    def start(self):
        """Nothing where it sells; else why it does not."""
        return subprocess.run([*PREFIX, TILL_FOLDER, self.data, "1"], check=True, timeout=120, capture_output=True,
                              text=True).stdout.strip()

    def test_a_technician_lets_the_terminal_out_of_safe_mode(self):
        self.fail_starts(3)
        self.assertEqual("failed_starts", self.start())
        self.assertIn("'journal try-again'", self.journal("verify").stdout)
        before = self.file.read_bytes()

        done = lines_of(self.journal("try-again", "--json").stdout)[-1]

        self.assertEqual(("journal.try_again", 4), (done["done"], done["failed_starts"]))
        self.assertEqual(before, self.file.read_bytes())
        self.assertNotIn("SAFE MODE", self.journal("verify").stdout)
        self.assertEqual("", self.start())

    def test_starts_that_fail_again_end_in_safe_mode_again(self):
        self.fail_starts(3)
        self.assertIn("3 failed starts: the next start may sell again", self.journal("try-again").stdout)
        self.fail_starts(2)
        self.assertEqual("failed_starts", self.start())

    def test_where_it_is_not_in_safe_mode_nothing_changes(self):
        for failed in (0, 2):
            self.fail_starts(failed)
            before = state_of(self.data)
            self.assertIn(f"{failed} failed starts: failed starts do not keep", self.journal("try-again").stdout)
            self.assertEqual(before, state_of(self.data))

    def test_what_else_is_wrong_stays_so(self):
        self.fail_starts(3)
        self.edit(b"note 7 ", b"nota 7 ")
        before = state_of(self.data)

        run = self.journal("try-again", status=1)

        self.assertIn("not all that is wrong with this journal", run.stderr)
        self.assertEqual(("", before), (run.stdout, state_of(self.data)))

    def test_a_terminal_whose_first_starts_failed_has_no_journal_yet(self):
        for make in (lambda: None, self.file.touch):
            self.fail_starts(3)
            for file in self.data.glob("till.db*"):
                file.unlink()
            make()
            self.assertEqual("failed_starts", self.start())
            self.assertIn("failed starts: the next start may sell again", self.journal("try-again").stdout)
            self.assertEqual("", self.start())
            self.assertIn("1 to 2,", self.journal("verify").stdout)

    def test_a_folder_without_a_journal_or_keys_stays_as_it_is(self):
        shutil.rmtree(self.data / "keys")
        before = state_of(self.data)
        self.assertIn("keys: there are no keys", self.journal("try-again", status=1).stderr)
        self.assertEqual(before, state_of(self.data))
        self.file.unlink()
        self.assertIn("keys: there are no keys", self.journal("try-again", status=1).stderr)
        self.assertEqual([], list(self.data.iterdir()))
        self.data.rmdir()
        self.assertIn("keys: there are no keys", self.journal("try-again", status=1).stderr)
        self.assertFalse(self.data.exists())


class Damaged(Till):
    def test_a_flipped_byte_in_a_record_is_named_with_its_number_and_what_to_do(self):
        self.edit(b"note 20 ", b"note 21 ")

        run = self.journal("verify", status=1)

        self.assertIn("NOT SOUND: 1 flaw in 41 records", run.stdout)
        self.assertRegex(run.stdout, r"(?m)^  changed  record 21 is not what was written here")
        self.assertIn("keep the whole data folder as it is, run 'tillctl journal export'", " ".join(run.stdout.split()))
        finding = lines_of(self.journal("verify", "--json", status=1).stdout)[0]
        self.assertEqual(("changed", 21, 21), (finding["flaw"], finding["first"], finding["last"]))
        self.assertEqual(41, len(seqs(lines_of(self.journal("export").stdout))))

    def test_a_page_of_rubbish_in_the_middle_costs_what_lay_there(self):
        content = self.file.read_bytes()
        middle = content.index(b"note 20 ") // 512 * 512
        self.file.write_bytes(content[:middle] + b"\xa5" * 512 + content[middle + 512:])
        damaged = self.file.read_bytes()

        run = self.journal("export")
        lines = lines_of(run.stdout)

        found = set(seqs(lines))
        gaps = [line["unreadable"] for line in lines if "unreadable" in line]
        self.assertGreater(len(found), 30)
        self.assertTrue(gaps)
        for seq in range(1, 42):
            self.assertTrue(seq in found or any(first <= seq and (seq <= last or last == 0) for first, last in gaps))
        self.assertIs(False, lines[-1]["whole"])
        self.assertIn("the file is damaged", run.stderr)
        self.assertIn("NOT SOUND", self.journal("verify", status=1).stdout)
        self.assertIn("cannot be read", self.journal("show").stdout)
        self.assertEqual(damaged, self.file.read_bytes())

    def test_a_file_that_was_cut_gives_what_is_left(self):
        content = self.file.read_bytes()
        for left in (0.9, 0.5, 0.2):
            with self.subTest(left):
                self.file.write_bytes(content[:int(len(content) * left) // 512 * 512])
                before = self.file.read_bytes()
                lines = lines_of(self.journal("export").stdout)
                self.assertIs(False, lines[-1]["whole"])
                run = tillctl("journal", "verify", "--data", str(self.data))
                self.assertEqual(1, run.returncode)
                self.assertTrue("NOT SOUND" in run.stdout or "too damaged" in run.stderr, run.stdout + run.stderr)
                self.assertEqual(before, self.file.read_bytes())

    def test_what_is_no_database_is_said_and_exported_as_nothing(self):
        self.file.write_bytes(b"notes of the day\n" * 100)

        self.assertIn("it is no journal, or too damaged", self.journal("verify", status=1).stderr)
        run = self.journal("export")
        done = lines_of(run.stdout)[-1]
        self.assertEqual((0, False), (done["records"], done["whole"]))
        self.assertIn("nothing can be read", done["what"])
        self.assertIn("nothing can be read", run.stderr)

    def test_an_empty_file_is_no_journal(self):
        self.file.write_bytes(b"")

        self.assertIn("the file is empty", self.journal("verify", status=1).stderr)
        self.assertIs(False, lines_of(self.journal("export").stdout)[-1]["whole"])

    def test_any_flipped_byte_ends_in_words_and_a_whole_export(self):
        content = self.file.read_bytes()
        step = len(content) // (6 if PREFIX else 25)
        for at in range(16, len(content), step):
            with self.subTest(at):
                self.file.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1:])
                self.assertEqual("journal.export", lines_of(self.journal("export").stdout)[-1]["done"])
                run = tillctl("journal", "verify", "--data", str(self.data))
                self.assertIn(run.returncode, (0, 1), run.stderr)


class Running(Till):
    def setUp(self):
        super().setUp()
        self.process = None

    def start(self, records=0, said=("serving\n",)):
        self.process = subprocess.Popen([*PREFIX, TILL_FOLDER, self.data, str(records), "--serve"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        for line in said:
            self.assertEqual(line, self.process.stdout.readline())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.communicate(timeout=60)
        self.process.stdin.close()
        self.process.stdout.close()

    def test_a_running_terminal_is_asked(self):
        self.start()

        text = self.journal("verify").stdout
        lines = lines_of(self.journal("export").stdout)
        shown = lines_of(self.journal("show", "--json", "--limit", "1").stdout)

        self.assertIn("of the running terminal", text)
        self.assertIn("SOUND: 42 records", text)
        self.assertEqual(list(range(1, 43)), seqs(lines))
        self.assertEqual("running", lines[-1]["state"])
        self.assertEqual([42], seqs(shown))

    def test_a_running_terminal_is_ended_first(self):
        self.fail_starts(3)
        self.start(said=["failed_starts\n", "serving\n"])

        self.assertIn("end its program, say this again, and start it", self.journal("try-again", status=1).stderr)
        (self.data / "till.sock").unlink()
        self.assertIn("another program may have it", self.journal("try-again", status=1).stderr)

    def test_a_long_export_arrives_whole(self):
        self.start(1500)

        lines = lines_of(self.journal("export").stdout)

        self.assertEqual(list(range(1, 41 + 1 + 1500 + 1)), seqs(lines))
        self.assertIs(True, lines[-1]["whole"])

    def test_a_terminal_that_was_killed_leaves_a_socket_that_stops_nobody(self):
        self.start(3)
        self.process.kill()
        self.process.wait(timeout=60)
        self.assertTrue((self.data / "till.sock").is_socket())

        self.assertIn("SOUND: 45 records", self.journal("verify").stdout)
        self.start()
        self.assertIn("of the running terminal", self.journal("verify").stdout)

    def test_a_terminal_with_too_many_clients_is_said_to_have(self):
        self.start()
        clients = []
        for _ in range(4):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(self.data / "till.sock"))
            client.sendall(b'{"command":"journal.show","limit":1}\n')
            self.assertTrue(client.recv(1))
            clients.append(client)

        self.assertIn("too many clients", self.journal("verify", status=1).stderr)

        for client in clients:
            client.close()

    def test_a_terminal_without_a_socket_keeps_its_file_to_itself(self):
        self.start()
        (self.data / "till.sock").unlink()

        for verb in ("verify", "export"):
            self.assertIn("another program may have it", self.journal(verb, status=1).stderr)
        self.assertIsNone(self.process.poll())


class Usage(unittest.TestCase):
    def test_a_mistake_is_named_and_nothing_is_done(self):
        for arguments in ([], ["burn"], ["verify"], ["verify", "--data"], ["verify", "--data", "x", "--from", "1"],
                          ["show", "--data", "x", "--from", "zero"], ["show", "--data", "x", "--limit", "-1"],
                          ["show", "--data", "x", "--from", "1", "--from", "2"], ["export", "--data", "x", "--all"]):
            run = tillctl("journal", *arguments)
            self.assertEqual((2, ""), (run.returncode, run.stdout), arguments)
            self.assertIn("tillctl help", run.stderr)

    def test_help_lists_what_there_is(self):
        text = tillctl("help").stdout
        for verb in ("verify", "show", "export", "try-again"):
            self.assertIn(f"tillctl journal {verb} --data DIR", text)


del Till  # only what is derived from it runs


if __name__ == "__main__":
    tillkit_report.main()
