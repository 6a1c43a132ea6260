# SPDX-License-Identifier: Apache-2.0
"""Runs a unittest module so that its cases are counted in the same report as the C++ ones (TILLKIT_TEST_REPORT)."""
import os
import unittest


class Report(unittest.TextTestResult):
    def stopTest(self, test):
        super().stopTest(test)
        path = os.environ.get("TILLKIT_TEST_REPORT")
        if not path:
            return
        outcome = "passed"
        if any(test is t for t, _ in self.failures + self.errors):
            outcome = "failed"
        elif any(test is t for t, _ in self.skipped):
            outcome = "skipped"
        with open(path, "a", encoding="utf-8") as report:
            report.write(f"{outcome}\t{test.id()}\n")


def main():
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Report, verbosity=2))
