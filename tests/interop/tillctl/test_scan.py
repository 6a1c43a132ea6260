# SPDX-License-Identifier: Apache-2.0
"""tillctl scan as a technician sees it: one JSON line per code, and never a payment code.

usage: test_scan.py [EMULATOR] TILLCTL
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tillkit_report

TILLCTL = sys.argv[1:]
del sys.argv[1:]

WECHAT = "134567890123456789"
ALIPAY = "287634438256643941"
UNION_PAY = "6223456789012345678"
PRODUCT = "6901234567892"
CONSUMER_PRESENTED = ("hQVDUFYwMWFYTwigAAADMwEBAVcTYpJhA1hEQzVkHSIQIBAAABiAH180AQBjM58mCFaLEtnaC9l/"
                      "nycBgJ8QEQcAAQOgAAABCDM5OTk5OTk5nzYCAAGCAgAAnzcE6gZYyA==")
MERCHANT_PRESENTED = ("00020101021126380009SG.PAYNOW010100211+6591234567030115204000053037025802SG5902NA"
                      "6009Singapore6304B5DB")
SIGNATURE = "A" * 86
# Each kind, as the command names it.
KINDS = {
    "payment_code": WECHAT,
    "emv_mpm": MERCHANT_PRESENTED,
    "emv_cpm": CONSUMER_PRESENTED,
    "item": PRODUCT,
    "weighed_item": "2112345012506",
    "gs1_coupon": "8112001234561234560123456",
    "member_code": f"TKM1.YQ.{SIGNATURE}",
    "coupon_token": f"TKC1.YQ.{SIGNATURE}",
    "unified_code": f"TKU1.YQ.{SIGNATURE}.{ALIPAY}",
    "link": "https://shop.example/j?c=1",
    "unknown": "6901234567894",
}


def tillctl(*arguments, text=None):
    return subprocess.run([*TILLCTL, "scan", *arguments], input=text, capture_output=True, text=True, timeout=60,
                          check=False)


class Scan(unittest.TestCase):
    def scan(self, *arguments, text=None):
        run = tillctl(*arguments, text=text)
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        return [json.loads(line) for line in run.stdout.splitlines()]

    def test_every_kind_has_its_line(self):
        self.assertEqual(list(KINDS), [answer["kind"] for answer in self.scan(*KINDS.values())])

    def test_standard_input_is_read_line_by_line(self):
        lines = "\r\n".join(KINDS.values())
        self.assertEqual(list(KINDS), [answer["kind"] for answer in self.scan("-", text=lines)])
        self.assertEqual([], self.scan("-", text=""))
        self.assertEqual("too_long", self.scan("-", text="1" * 5000)[0]["why"])

    def test_a_payment_code_is_masked(self):
        for code in (WECHAT, ALIPAY, UNION_PAY, CONSUMER_PRESENTED, KINDS["unified_code"], WECHAT[:-1], UNION_PAY + "12"):
            run = tillctl("-", text=code)
            self.assertEqual((0, ""), (run.returncode, run.stderr))
            payment = code.split(".")[-1]
            for start in range(0, len(payment) - 4):
                self.assertNotIn(payment[start:start + 5], run.stdout)

    def test_a_wallet_is_named_and_so_is_each_other_that_it_could_be(self):
        wechat, alipay, partner, union_pay = self.scan(WECHAT, ALIPAY, "251001020123456789012345", UNION_PAY)
        self.assertEqual("wechat_pay", wechat["wallet"])
        self.assertNotIn("also", wechat)
        self.assertEqual(("alipay", ["alipay_plus"]), (alipay["wallet"], alipay["also"]))
        self.assertEqual("28****************(18)", alipay["masked"])
        self.assertEqual(("alipay_plus", ["alipay"]), (partner["wallet"], partner["also"]))
        self.assertEqual("union_pay", union_pay["wallet"])
        self.assertEqual("union_pay", self.scan(CONSUMER_PRESENTED)[0]["wallet"])

    def test_what_is_unknown_says_what_it_was_nearest_to(self):
        digit, length, crc = self.scan("6901234567894", WECHAT[:-1], MERCHANT_PRESENTED[:-1] + "C")
        self.assertEqual({"kind": "unknown", "nearest": "item", "why": "check_digit", "expected": 2, "found": 4}, digit)
        self.assertEqual({"kind": "unknown", "nearest": "payment_code", "wallet": "wechat_pay", "why": "length",
                          "expected": 18, "found": 17}, length)
        self.assertEqual({"kind": "unknown", "nearest": "emv_mpm", "why": "emv", "mistake": "crc", "field": 63,
                          "expected": 0xB5DB, "found": 0xB5DC}, crc)

    def test_a_package_tells_its_batch_and_day(self):
        item, = self.scan("]d20109506000134376172702283103001250392201990\x1d10ABC-1")
        self.assertEqual({"kind": "item", "gtin": "09506000134376", "form": "gs1", "batch": "ABC-1", "expiry": "270228",
                          "grams": 1250, "price_minor": 1990, "currency": "CNY"}, item)

    def test_a_scales_label_tells_its_price(self):
        self.assertEqual([{"kind": "weighed_item", "prefix": "21", "item": "12345", "price_minor": 1250,
                           "currency": "CNY"}], self.scan("2112345012506"))

    def test_a_line_that_is_no_text_is_answered(self):
        run = subprocess.run([*TILLCTL, "scan", "-"], input=b"\xff\xfe\n\x01\n\n", capture_output=True, timeout=60,
                             check=False)
        self.assertEqual(["not_utf8", "control_character", "empty"],
                         [json.loads(line)["why"] for line in run.stdout.splitlines()])


class Table(unittest.TestCase):
    TABLE = {"version": 1, "currency": "CNY", "payments": [], "in_store": [], "links": [],
             "members": [{"first": "VIP", "last": "VIP", "length_min": 6, "length_max": 12, "characters": "text"}]}

    def scan_with(self, text, *codes):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "table.json"
            path.write_text(text, encoding="utf-8")
            return tillctl("--table", str(path), *codes)

    def test_a_table_decides(self):
        run = self.scan_with(json.dumps(self.TABLE), "VIP-0042", WECHAT)
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        member, payment = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual({"kind": "member_code", "card": "VIP-0042"}, member)
        self.assertEqual("unknown", payment["kind"])

    def test_a_mistake_in_a_table_is_named_with_its_path(self):
        wrong = json.loads(json.dumps(self.TABLE))
        wrong["members"][0]["length_max"] = 1000
        run = self.scan_with(json.dumps(wrong), "VIP-0042")
        self.assertEqual((1, ""), (run.returncode, run.stdout))
        self.assertIn(": /members/0/length_max: ", run.stderr)

    def test_no_table_is_no_guess(self):
        for text in ("{", ""):
            run = self.scan_with(text, PRODUCT)
            self.assertEqual((1, ""), (run.returncode, run.stdout))
        run = tillctl("--table", "/no/such/file", PRODUCT)
        self.assertEqual((1, ""), (run.returncode, run.stdout))
        self.assertIn("/no/such/file", run.stderr)


class Usage(unittest.TestCase):
    def test_a_mistake_is_named_and_nothing_is_done(self):
        for arguments in ([], ["--tabel", "x", PRODUCT], ["--table"]):
            run = tillctl(*arguments)
            self.assertEqual((2, ""), (run.returncode, run.stdout))
            self.assertIn("tillctl help", run.stderr)

    def test_the_limits_are_listed(self):
        run = subprocess.run([*TILLCTL, "version", "--json"], capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(1024, json.loads(run.stdout)["limits"]["codes.code_bytes_max"])


if __name__ == "__main__":
    tillkit_report.main()
