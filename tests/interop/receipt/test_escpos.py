# SPDX-License-Identifier: Apache-2.0
"""Receipts as a printer sees them: read by an independent reader of ESC/POS, held against the layout.

usage: test_escpos.py [EMULATOR] PRINT_RECEIPT
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import escpos_reader
import tillkit_report

*PREFIX, PRINT_RECEIPT = sys.argv[1:]
del sys.argv[1:]

KINDS = ("sale", "refund", "slip", "copy")
AMOUNT = re.compile(r"(-|￥|JP￥)?\d+\.\d\d$")


class Receipts(unittest.TestCase):
    def printed(self, kind, columns, language="zh-CN", font="gb18030", items=()):
        """The paper, and the lines of the layout that it was made of."""
        with tempfile.TemporaryDirectory(prefix="receipt-") as folder:
            job = pathlib.Path(folder, "job")
            run = subprocess.run([*PREFIX, PRINT_RECEIPT, kind, str(columns), language, font, job, *items], check=True,
                                 capture_output=True, timeout=60)
            paper = escpos_reader.read(job.read_bytes(), columns)
        return paper, run.stdout.decode("utf-8").splitlines()

    def every(self):
        for kind in KINDS:
            for columns in (32, 48):
                for language in ("zh-CN", "en"):
                    for font in ("gbk", "gb18030"):
                        with self.subTest(kind=kind, columns=columns, language=language, font=font):
                            yield columns, *self.printed(kind, columns, language, font)

    def test_the_paper_says_what_the_layout_says(self):
        for _, paper, lines in self.every():
            on_paper = [line.qr or line.text for line in paper.lines if line.qr or line.text]
            self.assertEqual(lines, on_paper)
            self.assertTrue(paper.cut)

    def test_columns_are_those_of_unicode_and_no_line_is_wider_than_the_paper(self):
        for columns, paper, _ in self.every():
            for line in paper.lines:
                self.assertEqual(escpos_reader.east_asian_width(line.text), escpos_reader.width(line.text), line.text)
                self.assertLessEqual(escpos_reader.width(line.text), columns)

    def test_every_amount_ends_at_the_edge_of_the_paper(self):
        for columns, paper, _ in self.every():
            amounts = [line.text for line in paper.lines if AMOUNT.search(line.text)]
            self.assertTrue(amounts)
            for text in amounts:
                self.assertEqual(columns, escpos_reader.width(text), text)

    def test_yuan_are_the_full_width_sign_that_such_fonts_have(self):
        for _, paper, _ in self.every():
            text = "".join(line.text for line in paper.lines)
            self.assertIn("￥", text)
            self.assertNotIn("¥", text)

    def test_the_total_is_tall_and_strong_and_nothing_else_is_tall(self):
        paper, _ = self.printed("sale", 32)
        tall = [line for line in paper.lines if line.height > 1]
        self.assertEqual(["合计"], [line.text.split(" ")[0] for line in tall])
        self.assertTrue(all(line.emphasised for line in tall))
        self.assertEqual(3, sum(line.emphasised for line in paper.lines))

    def test_a_copy_says_so_and_an_original_does_not(self):
        self.assertIn("*** 补打 1 ***", escpos_reader.picture(self.printed("copy", 32)[0]))
        self.assertNotIn("补打", escpos_reader.picture(self.printed("sale", 32)[0]))

    def test_the_invoice_code_is_centred_and_readable(self):
        code, = [line for line in self.printed("sale", 48)[0].lines if line.qr]
        self.assertEqual("https://fapiao.example/q?s=000123", code.qr)
        self.assertTrue(code.centred)
        self.assertGreaterEqual(code.qr_dots, 3)

    def test_what_a_font_lacks_is_a_mark_as_wide_as_it_was(self):
        item = "㐀一 🍎 한 ñ ₩5 ﷽"
        for font, shown in (("gb18030", "㐀一 ？ ？ n ?5 ?"), ("gbk", "？一 ？ ？ n ?5 ?")):
            paper, _ = self.printed("sale", 48, font=font, items=[item])
            self.assertIn(shown, [line.text for line in paper.lines])

    def test_every_character_of_the_set_is_read_as_itself(self):
        """Thousands of items a name each: all two-byte characters and extension A, as Python decodes them."""
        pictures = [chr(code) for code in range(0x80, 0xE000)
                    if not 0xD800 <= code and escpos_reader.east_asian_width(chr(code)) == 2
                    and len(chr(code).encode("gb18030")) == (4 if 0x3400 <= code < 0x4DB6 else 2)]
        self.assertGreater(len(pictures), 27_000)
        names = ["".join(pictures[begin:begin + 60]) for begin in range(0, len(pictures), 60)]
        for begin in range(0, len(names), 160):
            paper, _ = self.printed("sale", 48, items=names[begin:begin + 160])
            text = "".join(line.text for line in paper.lines)
            for name in names[begin:begin + 160]:
                self.assertIn(name, text)


class Reader(unittest.TestCase):
    """The reader refuses what would be garbage on paper."""

    def test_it_refuses_what_it_does_not_know(self):
        for job in (b"\x1b@\xb0\xa1\n", b"\x1b@\x1c&\xb0", b"\x1b@text", b"\x1b@\x07\n", b"\x1b@" + b"x" * 33 + b"\n",
                    b"\x1b@\x1d!\x11x\n", b"\x1d(k\x03"):
            with self.assertRaises((escpos_reader.NotUnderstood, UnicodeDecodeError)):
                escpos_reader.read(job, 32)


if __name__ == "__main__":
    tillkit_report.main()
