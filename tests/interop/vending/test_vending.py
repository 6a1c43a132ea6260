# SPDX-License-Identifier: Apache-2.0
"""The vending firmware as whoever installs it meets it.

usage: test_vending.py EXAMPLE [EMULATOR] VENDING
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import tillkit_report

EXAMPLE, *VENDING = sys.argv[1:]
# The least with which the board comes up.
FITTED = {"shop": {"merchant": "m", "store": "s"}, "goods": {"by": "mdb"}, "devices": {"mdb_bridge": "/dev/none"}}
del sys.argv[1:]


def vending(*arguments):
    return subprocess.run([*VENDING, *arguments], capture_output=True, text=True, check=False, timeout=60)


class Vending(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vending")
        self.addCleanup(folder.cleanup)
        self.data = folder.name

    def write(self, name, text):
        path = os.path.join(self.data, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_what_is_not_understood_is_named_and_nothing_is_done(self):
        for arguments, what in ((["--color"], "unknown argument '--color'"), ([], "unknown board ''"),
                                (["--board", "toaster", "--config", EXAMPLE], "unknown board 'toaster'"),
                                (["--board"], "a value is missing behind '--board'"),
                                (["--data", ""], "a value is missing behind '--data'")):
            run = vending(*arguments)
            self.assertEqual(2, run.returncode, arguments)
            self.assertIn(what, run.stderr)
            self.assertIn("usage: tillkit-vending", run.stderr)
        self.assertEqual([], os.listdir(self.data))
        self.assertTrue(vending("--help").stdout.startswith("usage: tillkit-vending"))

    def test_a_configuration_is_checked_without_selling(self):
        run = vending("--check", "--config", EXAMPLE)
        self.assertEqual((0, "the configuration is right\n"), (run.returncode, run.stdout), run.stderr)
        wrong = self.write("wrong.json", '{"shop":{"merchant":"m","store":"s"},"goods":{"by":"hand"}}')
        run = vending("--check", "--config", wrong)
        self.assertEqual((1, ""), (run.returncode, run.stdout))
        self.assertIn('wrong.json: /goods/by: expected one of "dispenser", "mdb"', run.stderr)
        run = vending("--check", "--config", self.data + "/none.json")
        self.assertEqual(1, run.returncode)
        self.assertIn("none.json cannot be read: No such file", run.stderr)

    def test_a_device_that_nobody_enrolled_says_so_and_is_not_started_again_in_vain(self):
        self.write("vending.json", json.dumps(FITTED))
        run = vending("--board", "linux-armv7", "--data", self.data)
        self.assertEqual(3, run.returncode, run.stderr)
        self.assertIn("this device was not enrolled; tillctl enrol", run.stderr)
        # It did not come up, so this configuration is not known to be good.
        self.assertNotIn("vending.good.json", os.listdir(self.data))

    def test_a_mistake_in_a_new_configuration_leaves_the_one_that_was_good(self):
        self.write("vending.good.json", json.dumps(FITTED))
        self.write("vending.json", '{"shop":{"merchant":"m"}}')
        run = vending("--board", "linux-armv7", "--data", self.data)
        self.assertIn("vending.json: /shop/store: expected a text: it is mandatory", run.stderr)
        self.assertIn("it goes on with the configuration that it last came up with", run.stderr)
        self.assertEqual(3, run.returncode)

    def test_the_example_fits_its_board_and_what_a_board_cannot_do_is_a_mistake(self):
        for board in ("linux-armv7", "sandbox"):
            run = vending("--check", "--board", board, "--config", EXAMPLE)
            self.assertEqual((0, "the configuration is right\n"), (run.returncode, run.stdout), run.stderr)
        shop = {"shop": {"merchant": "m", "store": "s"}}
        for wrong, told in ((shop, '/goods/by: expected "mdb": this board has no motors of its own'),
                            (shop | {"goods": {"by": "mdb"}},
                             "/devices/mdb_bridge: expected a serial line: goods come out by mdb")):
            path = self.write("wrong.json", json.dumps(wrong))
            run = vending("--check", "--board", "linux-armv7", "--config", path)
            self.assertEqual((1, ""), (run.returncode, run.stdout))
            self.assertIn("wrong.json: " + told, run.stderr)
            self.assertEqual(0, vending("--check", "--board", "sandbox", "--config", path).returncode)
            # Unattended too: it is not tried, the one that was good is.
            self.write("vending.json", json.dumps(wrong))
            self.write("vending.good.json", json.dumps(FITTED))
            run = vending("--board", "linux-armv7", "--data", self.data)
            self.assertIn("vending.json: " + told, run.stderr)
            self.assertEqual(3, run.returncode, run.stderr)

    def test_a_new_configuration_with_which_the_board_does_not_start_leaves_the_one_that_was_good(self):
        devices = FITTED["devices"] | {"display_socket": self.data + "/no/such/folder/display.sock"}
        self.write("vending.json", json.dumps(FITTED | {"devices": devices}))
        run = vending("--board", "linux-armv7", "--data", self.data)
        self.assertIn("the board does not start", run.stderr)
        self.assertEqual(1, run.returncode)
        self.write("vending.good.json", json.dumps(FITTED))
        run = vending("--board", "linux-armv7", "--data", self.data)
        self.assertIn("the board does not start", run.stderr)
        self.assertIn("it goes on with the configuration that it last came up with", run.stderr)
        # It got as far as to ask who this device is.
        self.assertEqual(3, run.returncode, run.stderr)
        with open(self.data + "/vending.good.json", encoding="utf-8") as file:
            self.assertEqual(FITTED, json.load(file))


if __name__ == "__main__":
    tillkit_report.main()
