# SPDX-License-Identifier: Apache-2.0
"""Another project, in another folder, finds tillkit in one prefix, builds with it and runs.

usage: test_consumer.py --build BUILD --cmake CMAKE --toolchain FILE --flags FLAGS --emulator EMULATOR
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import tillkit_report

parser = argparse.ArgumentParser()
for option in ("build", "cmake", "toolchain", "flags", "emulator"):
    parser.add_argument(f"--{option}", default="")
OPTIONS = parser.parse_args()
del sys.argv[1:]


class Consumer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.prefix = self.root / "moved" / "prefix"
        installed = self.root / "prefix"
        self.run_command(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", installed)
        self.run_command(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", installed, "--component", "deps")
        # A prefix is packed on one machine and unpacked on another: nothing in it may name the place of its making.
        self.prefix.parent.mkdir()
        installed.rename(self.prefix)
        shutil.copytree(pathlib.Path(__file__).parent / "project", self.root / "project")

    def run_command(self, *command, **options):
        run = subprocess.run([str(c) for c in command if c != ""], capture_output=True, text=True, check=False, **options)
        self.assertEqual(0, run.returncode, f"{command}\n{run.stdout}{run.stderr}")
        return run.stdout

    def test_builds_and_runs_against_one_prefix_that_was_moved(self):
        self.run_command(OPTIONS.cmake, "-S", self.root / "project", "-B", self.root / "build", "-G", "Ninja",
                         f"-DCMAKE_TOOLCHAIN_FILE={OPTIONS.toolchain}", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                         f"-DCMAKE_CXX_FLAGS={OPTIONS.flags}")
        self.run_command(OPTIONS.cmake, "--build", self.root / "build")
        said = self.run_command(OPTIONS.emulator, self.root / "build" / "consumer")
        self.assertEqual(["12.90 - 3.23 = 9.67", "3.50 - 0.87 = 2.63", "3.60 - 0.90 = 2.70"], said.splitlines()[:3])
        self.assertRegex(said.splitlines()[3], r"^TLS by mbedTLS/3\.6\.\d+; a journal survives a power cut$")

        till = [OPTIONS.emulator, self.root / "build" / "till"]
        for _ in range(2):  # the second start finds the journal of the first
            said = self.run_command(*till, cwd=self.root)
            self.assertEqual("Paid ¥3.50. Thank you.", said.splitlines()[-1])
        self.assertTrue((self.root / "till" / "till.db").exists())

    def test_the_readme_shows_the_program_that_was_built(self):
        readme = (pathlib.Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
        program = (self.root / "project" / "till.cpp").read_text(encoding="utf-8")
        self.assertIn("```cpp\n" + program.split("\n", 1)[1] + "```", readme)

    def test_no_installed_file_names_a_place_of_the_build(self):
        places = [str(self.root), str(pathlib.Path(OPTIONS.build).resolve())]
        for path in sorted(self.prefix.rglob("*.cmake")):
            text = path.read_text(encoding="utf-8")
            for place in places:
                self.assertNotIn(place, text, path)

    def test_the_bill_of_materials_is_installed(self):
        self.assertEqual(1, len(list((self.prefix / "share" / "tillkit").glob("sbom-*.cdx.json"))))


if __name__ == "__main__":
    tillkit_report.main()
