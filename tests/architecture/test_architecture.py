#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree keeps the architecture; and each rule sees what it is there to see.

usage: test_architecture.py ROOT
"""
import pathlib
import sys
import tempfile
import unittest

import tillkit_report
from check_architecture import MODULES, check

ROOT = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class TheTree(unittest.TestCase):
    def test_keeps_the_architecture(self):
        self.assertEqual([], [f"{b.path}:{b.line}: {b.what}" for b in check(ROOT)])


class EachRule(unittest.TestCase):
    """Each plants one breach in a small sound tree and expects exactly that to be named."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for top in ("hal", "boards", "firmware", "tests", "toolchain"):
            (self.root / top).mkdir()
        for module in MODULES:
            self.write(f"lib/{module}/README.md", f"# {module}\n")
        self.write("lib/payment/src/fine.cpp", SPDX + '#include "tillkit/core/money.hpp"\n#include "tillkit/hal/clock.hpp"\n'
                   'const char* text = "sleep(double)";  // time(nullptr), 1\'000\'000 float\n')
        self.write("lib/journal/src/fine.cpp", SPDX + "#include <sqlite3.h>\n")
        self.assertEqual([], check(self.root))

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def expect(self, path, text, what, line=2):
        self.write(path, text)
        found = check(self.root)
        self.assertEqual([(path, line)], [(b.path, b.line) for b in found], found)
        self.assertIn(what, found[0].what)

    def test_a_module_may_not_use_one_below_it(self):
        self.expect("lib/codes/src/x.cpp", SPDX + '#include "tillkit/journal/record.hpp"\n', "codes may not use journal")

    def test_the_links_language_is_not_for_everybody(self):
        self.expect("lib/checkout/src/x.cpp", SPDX + '#include "tillkit/cloud/envelope.hpp"\n', "checkout may not use cloud")

    def test_a_pure_module_does_not_see_hal(self):
        self.expect("lib/offers/src/x.cpp", SPDX + '#include "tillkit/hal/clock.hpp"\n', "offers may not use hal")

    def test_lib_does_not_see_a_driver(self):
        self.expect("lib/payment/src/x.cpp", SPDX + '#include "tillkit/hal_linux/event_loop.hpp"\n', "payment may not use hal_linux")

    def test_hal_does_not_see_a_module_above_core(self):
        self.expect("hal/include/tillkit/hal/x.hpp", SPDX + '#include "tillkit/receipt/screen.hpp"\n', "hal may not use receipt")

    def test_a_module_may_not_link_one_below_it(self):
        self.expect("lib/core/CMakeLists.txt", "tillkit_library(core\n  USES tillkit::payment)\n", "core may not link payment")

    def test_sqlite_stays_in_the_journal(self):
        self.expect("lib/catalog/src/x.cpp", SPDX + "#include <sqlite3.h>\n", "SQLite lives in lib/journal")

    def test_a_vendor_header_never_stands_in_a_public_header(self):
        self.expect("lib/journal/include/tillkit/journal/x.hpp", SPDX + "#include <sqlite3.h>\n", "SQLite lives in lib/journal")

    def test_tls_stays_in_the_set_up(self):
        self.expect("lib/security/src/x.cpp", SPDX + "#include <mbedtls/ssl.h>\n", "TLS set-up")

    def test_curl_stays_in_the_linux_driver(self):
        self.expect("lib/sync/src/x.cpp", SPDX + "#include <curl/curl.h>\n", "libcurl lives in hal/linux")

    def test_lib_reads_no_clock(self):
        self.expect("lib/sync/src/x.cpp", SPDX + "auto t = std::chrono::steady_clock::now();\n", "no clock")
        self.expect("lib/sync/src/x.cpp", SPDX + "auto t = ::time(nullptr);\n", "no clock")

    def test_lib_does_not_sleep(self):
        self.expect("lib/sync/src/x.cpp", SPDX + "usleep(5);\n", "does not sleep")

    def test_lib_has_no_floating_point(self):
        self.expect("lib/core/src/x.cpp", SPDX + "double price = 0;\n", "floating point")

    def test_lib_has_no_threads(self):
        self.expect("lib/core/src/x.cpp", SPDX + "#include <thread>\n", "through hal")

    def test_lib_throws_nothing(self):
        self.expect("lib/core/src/x.cpp", SPDX + "void f() { throw 1; }\n", "without exceptions")

    def test_no_other_top_level_folder(self):
        (self.root / "docs").mkdir()
        self.assertEqual(["docs"], [b.path for b in check(self.root)])

    def test_no_module_outside_the_table(self):
        self.write("lib/util/README.md", "# util\n")
        self.assertEqual(["lib/util"], [b.path for b in check(self.root)])

    def test_each_module_has_a_readme(self):
        (self.root / "lib/core/README.md").unlink()
        self.assertEqual(["lib/core/README.md"], [b.path for b in check(self.root)])

    def test_each_source_has_its_licence_line(self):
        self.expect("hal/src/x.cpp", "int x;\n", "SPDX", line=1)


if __name__ == "__main__":
    tillkit_report.main()
