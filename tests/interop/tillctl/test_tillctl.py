# SPDX-License-Identifier: Apache-2.0
"""tillctl as a technician's script sees it.

usage: test_tillctl.py LOCK PROCESSOR [EMULATOR] TILLCTL
"""
import json
import subprocess
import sys
import unittest

import tillkit_report

LOCK, PROCESSOR, *TILLCTL = sys.argv[1:]
del sys.argv[1:]


def tillctl(*arguments):
    return subprocess.run([*TILLCTL, *arguments], capture_output=True, text=True, timeout=60, check=False)


class Version(unittest.TestCase):
    def setUp(self):
        run = tillctl("version", "--json")
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        self.assertEqual(1, len(run.stdout.splitlines()), "one line, so that a script can read it line by line")
        self.answer = json.loads(run.stdout)

    def test_names_the_target_it_was_built_for(self):
        self.assertEqual(PROCESSOR, self.answer["target"]["processor"])
        self.assertEqual(32 if PROCESSOR == "armv7l" else 64, self.answer["target"]["pointer_bits"])

    def test_its_libraries_are_of_the_locked_series(self):
        with open(LOCK, encoding="utf-8") as lock:
            rows = [line.split("\t") for line in lock if not line.startswith("#")]
        series = {name: prefix for name, _, prefix, *_ in rows}
        names = {"mbedtls": "mbedtls", "cares": "c-ares", "curl": "curl", "sqlite": "sqlite", "cjson": "cjson"}
        for locked, shown in names.items():
            self.assertTrue(self.answer["libraries"][shown].startswith(series[locked]),
                            f"{shown} {self.answer['libraries'][shown]} is not of {series[locked]}")

    def test_curl_knows_one_tls_library_and_no_other_protocol(self):
        self.assertRegex(self.answer["libraries"]["curl_tls"], r"^mbedTLS/3\.6\.\d+$")
        self.assertEqual(["http", "https"], sorted(self.answer["protocols"]))

    def test_its_sqlite_can_keep_a_journal(self):
        self.assertIs(True, self.answer["storage_library_fit"])

    def test_lists_its_limits(self):
        self.assertGreater(len(self.answer["limits"]), 20)
        for name, value in self.answer["limits"].items():
            self.assertRegex(name, r"^[a-z_]+\.[a-z0-9_]+$")
            self.assertGreater(value, 0)

    def test_the_text_says_the_same(self):
        text = tillctl("version").stdout
        for name, version in self.answer["libraries"].items():
            self.assertRegex(text, rf"(?m)^{name} +{version}$")
        for name, value in self.answer["limits"].items():
            self.assertRegex(text, rf"(?m)^{name} +{value} ")


class Usage(unittest.TestCase):
    def test_help_is_no_failure_and_lists_the_commands(self):
        run = tillctl("help")
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        self.assertIn("tillctl version", run.stdout)

    def test_nothing_asked_is_answered_with_the_help_on_standard_error(self):
        run = tillctl()
        self.assertEqual((2, ""), (run.returncode, run.stdout))
        self.assertIn("tillctl version", run.stderr)

    def test_a_mistake_is_named_and_nothing_is_done(self):
        for arguments in (["verison"], ["version", "--jsno"]):
            run = tillctl(*arguments)
            self.assertEqual((2, ""), (run.returncode, run.stdout))
            self.assertIn(arguments[-1], run.stderr)
            self.assertIn("tillctl help", run.stderr)


if PROCESSOR == "armv7l":
    class Program(unittest.TestCase):
        def test_needs_nothing_but_the_kernel(self):
            said = subprocess.run(["file", "--brief", TILLCTL[-1]], capture_output=True, text=True, check=True).stdout
            self.assertIn("ARM, EABI5", said)
            self.assertIn("statically linked", said)


if __name__ == "__main__":
    tillkit_report.main()
