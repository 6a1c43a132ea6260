# SPDX-License-Identifier: Apache-2.0
"""tillctl price and refund-preview, as somebody uses them who writes rules: the README's example, mistakes, refunds.

usage: test_price.py SOURCE_DIR [EMULATOR] TILLCTL
"""
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unicodedata
import unittest

import tillkit_report

SOURCE, *TILLCTL = sys.argv[1:]
del sys.argv[1:]
SOURCE = pathlib.Path(SOURCE)
RULES = SOURCE / "lib/offers/examples/rules.json"
BASKET = SOURCE / "lib/offers/examples/basket.json"


def tillctl(*arguments, stdin=""):
    return subprocess.run([*TILLCTL, *map(str, arguments)], input=stdin, capture_output=True, encoding="utf-8", timeout=60,
                          check=False)


def rules(*offers, **members):
    return {"version": "1", "currency": "CNY", **members, "offers": list(offers)}


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name, name)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def done(self, *arguments, stdin=""):
        run = tillctl(*arguments, stdin=stdin)
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        return run.stdout

    def refused(self, *arguments, stdin="", status=1):
        run = tillctl(*arguments, stdin=stdin)
        self.assertEqual((status, ""), (run.returncode, run.stdout))
        return run.stderr

    def price(self, rule_file, basket, *options):
        return json.loads(self.done("price", "--offers", rule_file, *options, "-", stdin=json.dumps(basket)))


class Readme(Files):
    """What the README shows is what happens."""

    def setUp(self):
        super().setUp()
        text = (SOURCE / "README.md").read_text(encoding="utf-8")
        self.section = text[text.index("## Rules"):]
        self.section = self.section[:self.section.index("\n## ", 1)]

    def test_its_files_are_the_examples(self):
        shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", self.section, re.S)]
        self.assertEqual([json.loads(RULES.read_text(encoding="utf-8")), json.loads(BASKET.read_text(encoding="utf-8"))],
                         shown)

    def test_its_rule_is_a_dozen_lines(self):
        offer = RULES.read_text(encoding="utf-8").split('"offers": [\n')[1].split("\n  ]\n")[0]
        self.assertLessEqual(len(offer.splitlines()), 12)

    def test_its_commands_print_what_it_says(self):
        proof = self.file("proof.json", self.done("price", "--offers", RULES, BASKET))
        commands = re.findall(r"^    \$ tillctl (.*)\n((?:    .*\n|\n(?=    [^$\n]))*)", self.section, re.M)
        self.assertGreaterEqual(len(commands), 2)
        for command, output in commands:
            arguments = [str(SOURCE / a) if a.startswith("lib/") else a.replace("proof.json", str(proof))
                         for a in shlex.split(command.split(" > ")[0])]
            said = self.done(*arguments)
            if " > " in command:
                continue
            expected = "\n".join(line[4:] for line in output.splitlines()).strip("\n")
            if expected.endswith("..."):
                self.assertTrue(said.startswith(expected[:-3]), said)
            else:
                self.assertEqual(expected, said.strip("\n"))


class Price(Files):
    def test_the_proof_is_hashed_as_it_is_printed(self):
        said = self.done("price", "--offers", RULES, BASKET)
        self.assertEqual(1, len(said.splitlines()))
        text = said.strip()[len('{"hash":"sha256:') + 64 + len('","proof":'):-1]
        answer = json.loads(said)
        self.assertEqual("sha256:" + hashlib.sha256(text.encode()).hexdigest(), answer["hash"])
        self.assertEqual(json.loads(text), answer["proof"])
        self.assertEqual((3390, 500, 2890), tuple(answer["proof"][k] for k in ("list", "discount", "net")))

    def test_the_same_basket_gives_the_same_bytes(self):
        self.assertEqual(self.done("price", "--offers", RULES, BASKET), self.done("price", "--offers", RULES, BASKET))

    def test_a_policy_is_another_choice(self):
        rule_file = self.file("rules.json", rules(
            {"id": "first", "coupon": True, "priority": 1, "group": "g", "effect": {"amount_off": {"amount": "1"}}},
            {"id": "larger", "coupon": True, "priority": 2, "group": "g", "effect": {"amount_off": {"amount": "2"}}}))
        basket = {"lines": [{"item": "a", "unit_price": "10"}],
                  "coupons": [{"id": "c-1", "offer": "first"}, {"id": "c-2", "offer": "larger"}]}
        saved = {policy: self.price(rule_file, basket, "--policy", policy)["proof"]["discount"]
                 for policy in ("best", "wechat", "first", "single")}
        self.assertEqual({"best": 200, "wechat": 200, "first": 100, "single": 200}, saved)

    def test_a_catalog_prices_codes(self):
        csv = self.file("items.csv", "code,id,name,price,tax_rate,unit\n6901234567892,cola-330,可乐 330 ml,3.50,13%,piece\n"
                                     "21,apples,Apples,12.80,9%,500g\n")
        items = self.file("items.json", {"currency": "CNY", "items": [
            {"id": "cola-330", "codes": ["6901234567892"], "name": "可乐 330 ml", "price": "3.50", "tax_rate": "13%"},
            {"id": "apples", "codes": ["21"], "name": "Apples", "price": "12.80", "unit": "500g", "tax_rate": 900}]})
        basket = self.file("basket.json", {"lines": [{"code": "6901234567892", "quantity": 6}, {"code": "21", "grams": 734}]})
        answers = [self.done("price", "--offers", RULES, "--catalog", catalog, basket) for catalog in (csv, items)]
        self.assertEqual(answers[0], answers[1])
        self.assertEqual([2100, 1879], [line["list"] for line in json.loads(answers[0])["proof"]["lines"]])
        table = self.done("price", "--offers", RULES, "--catalog", csv, "--explain", basket)
        self.assertIn("可乐 330 ml", table)

    def test_chinese_names_line_up(self):
        basket = {"lines": [{"item": "a", "name": name, "unit_price": "20"} for name in ("可口可乐", "Cola", "コーラ", "콜라 1L")]}
        table = self.done("price", "--offers", RULES, "--explain", "-", stdin=json.dumps(basket)).split("\n\n")[0]
        ends = {width(line[:line.index("20.00")]) for line in table.splitlines()[1:] if "20.00" in line}
        self.assertEqual(1, len(ends), table)

    def test_a_name_does_not_steer_the_terminal(self):
        basket = {"lines": [{"item": "a", "name": "\x1b[31mred\u009b\u202e", "unit_price": "1"}]}
        table = self.done("price", "--offers", RULES, "--explain", "-", stdin=json.dumps(basket))
        self.assertIn("?[31mred??", table)

    def test_what_was_not_used_says_why(self):
        basket = {"lines": [{"item": "a", "unit_price": "26.80"}]}
        table = self.done("price", "--offers", RULES, "--explain", "-", stdin=json.dumps(basket))
        self.assertRegex(table, r"not used\n +spend-30-get-5 +needs 3\.20 more")
        self.assertIn("to pay: 26.80 CNY", table)

    def test_mistakes_name_file_place_and_what_was_expected(self):
        bad_rules = self.file("bad.json", RULES.read_text(encoding="utf-8").replace('"5.00"', "500"))
        said = self.refused("price", "--offers", bad_rules, BASKET)
        self.assertIn(f"{bad_rules}:8:45: /offers/0/effect/amount_off/amount: expected an amount in CNY as text, such as", said)
        self.assertIn("found 500", said)
        compiled = self.file("lane.json", rules({"id": "a", "lane": "order", "effect": {"buy_get": {"nth": 2}}}))
        self.assertIn("/offers/0/lane: expected", self.refused("price", "--offers", compiled, BASKET))
        said = self.refused("price", "--offers", RULES, "-", stdin='{"lines":[{"item":"a"}]}')
        self.assertIn('-:1:11: /lines/0: expected a member "unit_price"', said)
        said = self.refused("price", "--offers", RULES, "-", stdin='{"lines":[],"coupons":[{"id":"c","offer":"gone"}]}')
        self.assertIn("/coupons/0/offer: expected a coupon template of these rules", said)
        self.assertIn("no-such-file", self.refused("price", "--offers", "no-such-file", BASKET))
        self.assertIn("no-such-file", self.refused("price", "--offers", RULES, "--catalog", "no-such-file", BASKET))

    def test_a_bad_row_of_a_catalog_is_said_and_the_others_are_sold(self):
        csv = self.file("items.csv", "code,name,price\n1,One,1.00\n2,Two,-2.00\n")
        run = tillctl("price", "--offers", RULES, "--catalog", csv, "-", stdin='{"lines":[{"code":"1"}]}')
        self.assertEqual(0, run.returncode)
        self.assertIn("line 3: price_negative in price: '-2.00'", run.stderr)
        self.assertIn("a code that the catalog knows",
                      tillctl("price", "--offers", RULES, "--catalog", csv, "-", stdin='{"lines":[{"code":"2"}]}').stderr)

    def test_a_command_line_that_is_not_understood_does_nothing(self):
        for arguments in ([], ["--offers"], [BASKET], ["--offers", RULES], ["--offers", RULES, "--policy", "wrong", BASKET],
                          ["--offers", RULES, BASKET, "another"], ["--offer", RULES, BASKET]):
            with self.subTest(arguments=arguments):
                self.assertIn("tillctl help", self.refused("price", *arguments, status=2))


class Refund(Files):
    def setUp(self):
        super().setUp()
        self.proof = self.file("proof.json", self.done("price", "--offers", RULES, BASKET))

    def refund(self, *arguments):
        return json.loads(self.done("refund-preview", self.proof, *arguments))

    def test_pieces_add_up_to_what_was_paid(self):
        first = self.refund("--return", "1:2")
        second = self.refund("--before", "1:2", "--return", "1")
        third = self.refund("--before", "1", "--return", "2")
        self.assertEqual([2, 4, 1], [r["lines"][0]["units"] for r in (first, second, third)])
        self.assertEqual(2890, sum(r["payable"] for r in (first, second, third)))
        self.assertEqual(333, sum(r["tax"] for r in (first, second, third)))
        self.assertEqual([False, False, True], [r["whole"] for r in (first, second, third)])
        for answer in (first, second, third):
            for line in answer["lines"]:
                for discount in line["discounts"]:
                    self.assertEqual(discount["amount"], sum(f["amount"] for f in discount["funders"]))

    def test_units_may_be_named(self):
        self.assertEqual(299 * 2, self.refund("--return", "1:5-6")["net"])
        self.assertEqual(298 + 299 * 2, self.refund("--before", "1:2-4", "--return", "1:3")["net"])

    def test_the_proof_may_stand_at_the_end_or_come_in(self):
        answer = self.refund("--return", "1", "2")
        self.assertEqual(answer, json.loads(self.done("refund-preview", "--return", "1", "2", self.proof)))
        self.assertEqual(answer, json.loads(self.done("refund-preview", "-", "--return", "1", "2",
                                                      stdin=self.proof.read_text(encoding="utf-8"))))

    def test_a_table_says_who_gets_what_back(self):
        table = self.done("refund-preview", self.proof, "--return", "1", "2", "--explain")
        self.assertIn("to give back: 28.90 CNY, nothing of the sale is left", table)
        self.assertIn("back to acme (brand) 1.55, our-shop (merchant) 1.55", table)

    def test_nothing_is_given_back_twice(self):
        for before, now in (("1:2", "1:2-3"), ("2", "2"), ("1:6", "1:1")):
            with self.subTest(before=before, now=now):
                self.refused("refund-preview", self.proof, "--before", before, "--return", now)
        self.refused("refund-preview", self.proof, "--return", "2", "2")
        self.refused("refund-preview", self.proof, "--return", "3")
        self.refused("refund-preview", self.proof, "--return", "1:7")

    def test_a_proof_that_was_changed_is_refused(self):
        text = self.proof.read_text(encoding="utf-8")
        changed = self.file("changed.json", text.replace('"net":2890', '"net":2891'))
        self.assertIn("the proof was changed", self.refused("refund-preview", changed, "--return", "1"))
        bare = self.file("bare.json", json.loads(text)["proof"])
        self.assertIn('"hash"', self.refused("refund-preview", bare, "--return", "1"))
        forged = json.loads(text)["proof"]
        forged["net"] += 1
        forged_text = json.dumps(forged, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(forged_text.encode()).hexdigest()
        forged_file = self.file("forged.json", f'{{"hash":"sha256:{digest}","proof":{forged_text}}}')
        self.assertIn("totals that the lines add up to", self.refused("refund-preview", forged_file, "--return", "1"))
        self.refused("refund-preview", self.file("cut.json", text[:-5]), "--return", "1")

    def test_a_command_line_that_is_not_understood_does_nothing(self):
        for arguments in ([], [self.proof], [self.proof, "--return"], [self.proof, "--return", "x"],
                          [self.proof, "--return", "1:0"], [self.proof, "--return", "1:3-2"], ["--return", "1"],
                          [self.proof, "--return", "1", "--after", "2"], [self.proof, "another", "--return", "1"]):
            with self.subTest(arguments=arguments):
                self.assertIn("tillctl help", self.refused("refund-preview", *arguments, status=2))


if __name__ == "__main__":
    tillkit_report.main()
