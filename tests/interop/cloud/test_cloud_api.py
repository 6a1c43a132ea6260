# SPDX-License-Identifier: Apache-2.0
"""The cloud contract against itself, and lib/cloud against the contract.

usage: test_cloud_api.py CONTRACT [EMULATOR] CLOUD_PEER
"""
import copy
import json
import subprocess
import sys
import unittest
from urllib.parse import parse_qs, urlsplit

import yaml
from jsonschema import Draft202012Validator, RefResolver

import tillkit_report

CONTRACT, *PEER = sys.argv[1:]
del sys.argv[1:]

with open(CONTRACT, encoding="utf-8") as file:
    API = yaml.safe_load(file)
SCHEMAS = API["components"]["schemas"]
JSON, PROBLEM_JSON = "application/json", "application/problem+json"
PROBLEM_PREFIX = "urn:tillkit:problem:"

# The part of OpenAPI 3.1's structure that the contract uses; a member that is not listed here is a typing error.
STRUCTURE = {
    "$ref": "#/$defs/document",
    "$defs": {
        "text": {"type": "string", "minLength": 1},
        "reference": {"type": "object", "required": ["$ref"], "additionalProperties": False,
                      "properties": {"$ref": {"type": "string", "pattern": "^#/components/"}}},
        "document": {
            "type": "object", "required": ["openapi", "info", "paths", "components"], "additionalProperties": False,
            "properties": {
                "openapi": {"pattern": r"^3\.1\.\d+$"},
                "info": {"type": "object", "required": ["title", "version"], "additionalProperties": False,
                         "properties": {"title": {"$ref": "#/$defs/text"}, "version": {"pattern": r"^\d+\.\d+$"},
                                        "description": {"$ref": "#/$defs/text"},
                                        "license": {"type": "object", "required": ["name"]}}},
                "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
                "security": {"type": "array", "items": {"type": "object"}},
                "tags": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                "paths": {"type": "object", "additionalProperties": False,
                          "patternProperties": {"^/v1/": {"$ref": "#/$defs/path"}}},
                "components": {"$ref": "#/$defs/components"},
                "x-limits": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
                "x-problems": {"type": "array", "items": {
                    "type": "object", "required": ["type", "status", "money", "client"], "additionalProperties": False,
                    "properties": {"type": {"pattern": "^" + PROBLEM_PREFIX}, "status": {"type": "integer"},
                                   "money": {"enum": ["nothing", "unknown"]}, "client": {"$ref": "#/$defs/text"}}}},
            }},
        "path": {"type": "object", "additionalProperties": False, "minProperties": 1,
                 "properties": {"get": {"$ref": "#/$defs/operation"}, "post": {"$ref": "#/$defs/operation"}}},
        "operation": {
            "type": "object", "required": ["operationId", "tags", "summary", "description", "responses"],
            "additionalProperties": False,
            "properties": {
                "operationId": {"pattern": "^[a-z_]+$"}, "tags": {"type": "array", "items": {"type": "string"}},
                "summary": {"$ref": "#/$defs/text"}, "description": {"$ref": "#/$defs/text"},
                "security": {"type": "array", "items": {"type": "object"}},
                "parameters": {"type": "array", "items": {
                    "type": "object", "required": ["name", "in", "schema"], "additionalProperties": False,
                    "properties": {"name": {"type": "string"}, "in": {"const": "query"}, "required": {"type": "boolean"},
                                   "description": {"type": "string"}, "schema": {"type": "object"},
                                   "examples": {"$ref": "#/$defs/examples"}}}},
                "requestBody": {"type": "object", "required": ["required", "content"], "additionalProperties": False,
                                "properties": {"required": {"const": True}, "content": {"$ref": "#/$defs/content"}}},
                "responses": {"type": "object", "required": ["200", "default"], "additionalProperties": False,
                              "properties": {"200": {"$ref": "#/$defs/response"},
                                             "default": {"$ref": "#/$defs/reference"}}},
            }},
        "response": {"type": "object", "required": ["description", "content"], "additionalProperties": False,
                     "properties": {"description": {"$ref": "#/$defs/text"}, "content": {"$ref": "#/$defs/content"},
                                    "headers": {"type": "object", "additionalProperties": {
                                        "type": "object", "required": ["schema"]}}}},
        "content": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
                    "patternProperties": {"^application/(problem\\+)?json$": {
                        "type": "object", "required": ["schema", "examples"], "additionalProperties": False,
                        "properties": {"schema": {"$ref": "#/$defs/reference"},
                                       "examples": {"$ref": "#/$defs/examples"}}}}},
        "examples": {"type": "object", "minProperties": 1, "additionalProperties": {
            "type": "object", "required": ["value"], "additionalProperties": False,
            "properties": {"summary": {"type": "string"}, "value": {}}}},
        "components": {"type": "object", "additionalProperties": False, "properties": {
            "securitySchemes": {"type": "object", "additionalProperties": {"type": "object", "required": ["type"]}},
            "responses": {"type": "object", "additionalProperties": {"$ref": "#/$defs/response"}},
            "schemas": {"type": "object", "additionalProperties": {"type": "object"}}}},
    },
}


def validator(schema):
    """Of a schema of the contract; references are looked up in the whole of it."""
    return Draft202012Validator(schema, resolver=RefResolver("", API))


def named(name):
    return validator({"$ref": f"#/components/schemas/{name}"})


def walk(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from walk(member, (*path, name))
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from walk(element, (*path, index))


def resolve(reference):
    value = API
    for name in reference.removeprefix("#/").split("/"):
        value = value[name]
    return value


def contents():
    """(what, operation, content) of each body in the contract."""
    for path in API["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:
                yield "request", operation["operationId"], operation["requestBody"]["content"]
            yield "answer", operation["operationId"], operation["responses"]["200"]["content"]
    for name, response in API["components"]["responses"].items():
        yield "problem", name, response["content"]


def examples(kind):
    for what, operation, content in contents():
        if what == kind:
            for media in content.values():
                for name, example in media["examples"].items():
                    yield operation, name, media["schema"], example["value"]


def peer(command, lines=()):
    run = subprocess.run([*PEER, command], input="".join(json.dumps(line) + "\n" for line in lines),
                         capture_output=True, text=True, timeout=120, check=False)
    if run.returncode != 0:
        raise AssertionError(f"cloud_peer {command}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


# What the examples' answers are about, where they do not say it themselves.
AMOUNTS = {"T07K00000001A5QZ8N2C4V6B9M1X3": 1250, "T07K00000002R7T9Y1P3D5F7G9H1J": 800,
           "T07K000000037W9E1R3T5Y7U9I1O3": 300}


# What else the examples answer.
ASKED = {"claim_coupon": {"coupon": "c-9001"}, "lease": {"of": "m-77", "amount": 500}, "claim_refund": {"sale": 41}}

# Operations of the merchant's own systems: the library has no reader for their answers.
OTHERS = {o["operationId"] for path in API["paths"].values() for o in path.values() if o["tags"] == ["crm"]}


def library_answers():
    return [example for example in examples("answer") if example[0] not in OTHERS]


def reply(operation, example, body=None, status=200, content_type=JSON):
    """A line for the peer: this body came as the answer to the question that the example answers."""
    return {"question": operation, "order": example.get("order", "A"), "refund": example.get("refund", "A"),
            "minor": 250 if operation == "refund" else AMOUNTS.get(example.get("order"), 1),
            "nonce": example.get("signed_time", {}).get("nonce", ""), "status": status, "content_type": content_type,
            "asked": ASKED.get(operation, {}), "retry_after": "", "body": json.dumps(example if body is None else body)}


def without(value, path):
    changed = copy.deepcopy(value)
    target = changed
    for name in path[:-1]:
        target = target[name]
    del target[path[-1]]
    return changed


def replaced(value, path, new):
    changed = copy.deepcopy(value)
    target = changed
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = new
    return changed


def pages():
    """One page of news for each type of change, and more where one does not show all its members."""
    coupon = {"id": "c-1", "offer": "free-coffee", "claimed_at": 1, "valid_from": 2, "expires_at": 3, "uses": 1000}
    member = {"id": "m-77", "tier": "gold", "tags": ["a", "b"], "birth_month": 2, "birth_day": 29, "orders": 4294967295,
              "spent_minor": 9007199254740991, "points": 1, "value_minor": 2, "debt_points": 3, "consented": True}
    lease = {"id": "l-1", "unit": "points", "of": "m-77", "amount": 5, "until": 253402300799999,
             "lots": [{"lot": "a", "amount": 2, "expires_at": 7}, {"lot": "b", "amount": 3}]}
    journal, key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", {"name": "k", "public_key": "B" + "A" * 86}
    changes = {
        "decisions": [
            {"type": "lease_granted", "lease": lease},
            {"type": "lease_granted", "lease": {"id": "l-2", "unit": "budget", "of": "lucky", "amount": 5, "until": 0,
                                                "draw_key": "A" * 43}},
            {"type": "lease_recalled", "lease": "l-1"},
            {"type": "coupon_placed", "coupon": coupon, "member": "m-77", "until": 9},
            {"type": "coupon_recalled", "coupon": "c-1"},
            {"type": "merged", "from": "P1-0123456789abcdef", "into": "m-77"},
            {"type": "double_redemption", "coupon": "c-1", "journal": journal, "sale": 41, "funder": "shop", "amount_minor": 0},
            {"type": "refund_claimed", "claim": "T09K1", "journal": journal, "sale": 41},
            {"type": "settings", "number": 3, "settings": {
                "enrol": "off", "points_worth": {"points": 100, "minor": 1}, "keys": [key], "first_tier": "silver",
                "tiers": [{"from": "", "to": "silver", "orders_at_least": 1},
                          {"from": "silver", "to": "gold", "spent_at_least_minor": 5}], "policies": {"a": [1, {}]}}}],
        "copies": [
            {"type": "member", "member": member, "identities": [{"kind": "phone", "index": "-9223372036854775808"},
                                                                {"kind": "payer", "index": "0"}], "coupons": [coupon]},
            {"type": "member_gone", "member": "m-77"},
            {"type": "revoked", "id": "c-1"},
            {"type": "item", "item": {"id": "i-1", "price": 300}},
            {"type": "item_gone", "item": "i-1"},
            {"type": "rule_set", "rule_set": {"offers": []}}],
    }
    return [{"terminal": "T07", "feed": feed, "after": "", "cursor": "a:1", "more": False, "changes": [change]}
            for feed, all_of_it in changes.items() for change in all_of_it]


PAGES = pages()


def page_reply(page):
    return {**reply("page", {}), "body": json.dumps(page)}


class TheContract(unittest.TestCase):
    def test_is_built_as_openapi_says(self):
        found = [f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(STRUCTURE).iter_errors(API)]
        self.assertEqual([], found)

    def test_each_operation_has_a_name_of_its_own_and_a_known_tag(self):
        operations = [o for path in API["paths"].values() for o in path.values()]
        names = [o["operationId"] for o in operations]
        self.assertEqual(len(names), len(set(names)))
        tags = {tag["name"] for tag in API["tags"]}
        self.assertTrue(all(set(o["tags"]) <= tags for o in operations))

    def test_each_reference_leads_somewhere_and_each_schema_is_used(self):
        used = set()
        for path, value in walk(API):
            if path and path[-1] == "$ref":
                resolve(value)
                used.add(value)
        self.assertEqual(set(), {f"#/components/schemas/{name}" for name in SCHEMAS} - used)

    def test_each_schema_is_a_schema(self):
        keywords = set(Draft202012Validator.VALIDATORS) | {"description", "examples", "$defs", "contentMediaType", "contentSchema"}
        for name, schema in SCHEMAS.items():
            with self.subTest(name):
                Draft202012Validator.check_schema(schema)
                for path, value in walk(schema):
                    # Members of `properties` have any name; all else is a keyword that the validator knows.
                    if isinstance(value, dict) and (not path or path[-1] != "properties"):
                        self.assertLessEqual(set(value), keywords, path)

    def test_each_required_member_is_described(self):
        for name, schema in SCHEMAS.items():
            base = resolve(schema["$ref"]) if "$ref" in schema else {}
            known = {**base.get("properties", {}), **schema.get("properties", {})}
            self.assertLessEqual(set(schema.get("required", [])), set(known), name)

    def test_the_examples_are_as_the_schemas_say(self):
        seen = 0
        for kind in ("request", "answer", "problem"):
            for operation, name, schema, value in examples(kind):
                with self.subTest(f"{kind} {operation} {name}"):
                    seen += 1
                    self.assertEqual([], [e.message for e in validator(schema).iter_errors(value)])
        self.assertGreater(seen, 35)
        for path in API["paths"].values():
            for parameter in path.get("get", {}).get("parameters", []):
                for example in parameter["examples"].values():
                    self.assertTrue(validator(parameter["schema"]).is_valid(example["value"]))

    def test_each_outcome_of_each_answer_has_an_example(self):
        for what, operation, content in contents():
            if what != "answer":
                continue
            media = content[JSON]
            cases = resolve(media["schema"]["$ref"]).get("oneOf", [])
            for case in cases:
                with self.subTest(f"{operation} {case}"):
                    self.assertTrue(any(validator(case).is_valid(e["value"]) for e in media["examples"].values()))

    def test_a_payment_code_stands_in_two_requests_and_nowhere_else(self):
        holders = [name for name, schema in SCHEMAS.items() if "code" in schema.get("properties", {})]
        self.assertEqual(["IdentifyRequest", "AuthoriseRequest"], holders)
        codes = {value["code"] for _, _, _, value in examples("request") if "code" in value}
        for _, _, _, value in examples("answer"):
            self.assertFalse(any(code in json.dumps(value) for code in codes))

    def test_requests_are_strict_and_answers_tolerant(self):
        for _, name, schema, value in examples("request"):
            self.assertFalse(validator(schema).is_valid({**value, "extra": 1}), name)
            if isinstance(value.get("amount"), dict):
                self.assertFalse(validator(schema).is_valid(replaced(value, ("amount", "extra"), 1)), name)
        for _, name, schema, value in examples("answer"):
            self.assertTrue(validator(schema).is_valid({**value, "extra": 1}), name)

    def test_what_may_have_moved_money_is_never_listed_as_nothing(self):
        for problem in API["x-problems"]:
            uncertain = problem["status"] == 409 or problem["status"] >= 500
            self.assertEqual("unknown" if uncertain else "nothing", problem["money"], problem["type"])


class TheLibrary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emitted = peer("emit")

    def emitted_of(self, kind):
        found = [line for line in self.emitted if kind in line]
        self.assertTrue(found)
        return found

    def test_sends_what_the_schemas_say_within_the_limit(self):
        lines = self.emitted_of("schema")
        for line in lines:
            with self.subTest(line["schema"]):
                self.assertEqual([], [e.message for e in named(line["schema"]).iter_errors(line["body"])])
                limit = "upload_body_bytes_max" if line["schema"] == "UploadRequest" else "request_body_bytes_max"
                written = json.dumps(line["body"], ensure_ascii=False, separators=(",", ":"))
                self.assertLessEqual(len(written.encode()), API["x-limits"][limit])
        asked = {schema["$ref"].rsplit("/", 1)[1] for _, _, schema, _ in examples("request")}
        self.assertEqual(asked, {line["schema"] for line in lines})

    def test_draws_the_same_limits(self):
        mine = {line["limit"].removeprefix("cloud."): line["value"] for line in self.emitted_of("limit")}
        self.assertEqual({k: v for k, v in API["x-limits"].items() if k != "events_max"}, mine)
        properties = {name: schema.get("properties", {}) for name, schema in SCHEMAS.items()}
        self.assertEqual(mine["amount_minor_max"], properties["Amount"]["minor"]["maximum"])
        self.assertEqual(mine["amount_minor_max"], properties["AmountOrNothing"]["minor"]["maximum"])
        self.assertEqual(mine["description_characters_max"], SCHEMAS["Description"]["maxLength"])
        self.assertEqual(mine["discounts_max"], properties["Paid"]["discounts"]["maxItems"])
        self.assertEqual(mine["qr_valid_s_max"], properties["QrRequest"]["valid_for_s"]["maximum"])
        self.assertEqual(mine["qr_valid_s_max"], properties["QrReady"]["qr"]["properties"]["valid_for_s"]["maximum"])
        self.assertEqual(mine["qr_text_bytes_max"], properties["QrReady"]["qr"]["properties"]["text"]["maxLength"])
        self.assertIn(f"{{1,{mine['order_characters_max']}}}", SCHEMAS["Order"]["pattern"])
        self.assertEqual(mine["certificate_request_bytes_max"], properties["EnrolRequest"]["certificate_request"]["maxLength"])
        self.assertEqual(mine["certificates_bytes_max"], SCHEMAS["Pem"]["maxLength"])
        self.assertEqual(mine["cloud_keys_max"], SCHEMAS["CloudKeys"]["maxItems"])
        self.assertEqual(mine["upload_records_max"], properties["UploadRequest"]["records"]["maxItems"])
        self.assertEqual(mine["news_page_bytes_max"], properties["NewsPage"]["page"]["maxLength"])
        self.assertEqual(mine["news_changes_max"], properties["News"]["changes"]["maxItems"])
        self.assertIn(f"{{1,{mine['cursor_characters_max']}}}", SCHEMAS["Cursor"]["pattern"])
        waits = [p["schema"]["maximum"] for p in API["paths"]["/v1/news"]["get"]["parameters"] if p["name"] == "wait_s"]
        self.assertEqual([mine["news_wait_s_max"]], waits)
        header = API["components"]["responses"]["Problem"]["headers"]["Retry-After"]["schema"]
        self.assertEqual(mine["retry_after_s_max"], header["maximum"])

    def test_knows_the_same_problems(self):
        mine = [(PROBLEM_PREFIX + line["problem"], line["status"], line["nothing_happened"])
                for line in self.emitted_of("problem")]
        self.assertEqual([(p["type"], p["status"], p["money"] == "nothing") for p in API["x-problems"]], mine)

    def test_knows_the_same_paths_and_words(self):
        posted = [path for path, operations in API["paths"].items() if "post" in operations]
        self.assertEqual(sorted(posted), sorted(line["path"] for line in self.emitted_of("path")))
        for line in self.emitted_of("words_of"):
            schema = resolve("#/components/schemas/" + line["words_of"])
            self.assertEqual(schema.get("examples", schema.get("enum")), line["words"])

    def test_asks_for_news_with_the_contracts_parameters(self):
        lines = self.emitted_of("target")
        for line in lines:
            target = urlsplit(line["target"])
            parameters = {p["name"]: p for p in API["paths"][target.path]["get"]["parameters"]}
            given = {name: values[0] for name, values in parse_qs(target.query, strict_parsing=True).items()}
            self.assertLessEqual(set(given), set(parameters))
            for name, parameter in parameters.items():
                with self.subTest(f"{line['target']} {name}"):
                    self.assertTrue(name in given or not parameter["required"])
                    value = int(given[name]) if name in given and name == "wait_s" else given.get(name)
                    self.assertTrue(value is None or validator(parameter["schema"]).is_valid(value))

    def test_reads_every_example_and_says_what_it_said(self):
        cases = library_answers()
        for (operation, name, _, value), read in zip(cases, peer("read", [reply(o, v) for o, _, _, v in cases])):
            with self.subTest(f"{operation} {name}"):
                self.assertTrue(read["understood"], read)
                if operation == "session":
                    self.assertEqual(value["contract"], f"{read['answer']['contract_major']}.{read['answer']['contract_minor']}")
                    self.assertEqual(value["server_time"], read["answer"]["server_time"])
                    self.assertEqual("signed_time" in value, "signed" in read["answer"])
                    continue
                # Number and amount are what was asked; they are compared, not given back.
                said = {k: v for k, v in value.items() if k not in ("order", "refund", "amount")}
                self.assertEqual(said, read["answer"])

    def test_signed_time_is_what_the_contract_says_was_signed(self):
        for operation, name, _, value in examples("answer"):
            if name == "signed_time":
                answer = peer("read", [reply(operation, value)])[0]["answer"]
                nonce, at = value["signed_time"]["nonce"], value["signed_time"]["at"]
                self.assertEqual(f"tillkit-time-1\n{nonce}\n{at}", answer["signed"])
                self.assertEqual(64, answer["signature_bytes"])

    def test_whatever_breaks_the_schema_is_an_unknown_outcome(self):
        """Each member of each example taken out, and replaced by values of every other kind."""
        lines, whats, kept, optional = [], [], 0, []
        for operation, name, schema, value in library_answers():
            check = validator(schema)
            for path, found in walk(value):
                if not path:
                    continue
                changes = [("without", without(value, path))]
                for other in (None, True, -1, 0, 10 ** 13, 1.5, "", "?", "x" * 70, [], {}):
                    if other != found or isinstance(other, bool) != isinstance(found, bool):
                        changes.append((repr(other)[:20], replaced(value, path, other)))
                for change, body in changes:
                    if check.is_valid(body):
                        kept += 1
                        # What the schema can do without, the reader can, too; only amounts must still add up, and
                        # the first record of a list has nothing to take over.
                        if change == "without" and not {"discounts", "signed_time", "lots", "records"} & set(path):
                            optional.append(reply(operation, value, body))
                    else:
                        lines.append(reply(operation, value, body))
                        whats.append(f"{operation} {name} {path} {change}")
        self.assertGreater(len(lines), 1000)
        self.assertGreater(kept, 50)
        wrong = [what for what, read in zip(whats, peer("read", lines)) if read.get("error") != "timeout"]
        self.assertEqual([], wrong)
        self.assertGreater(len(optional), 3)
        self.assertTrue(all(read["understood"] for read in peer("read", optional)))

    def test_reads_every_change_and_says_what_it_said(self):
        reads = peer("read", [page_reply(page) for page in PAGES])
        for page, read in zip(PAGES, reads):
            with self.subTest(page["changes"][0]["type"]):
                self.assertEqual([], [e.message for e in named("News").iter_errors(page)])
                self.assertTrue(read["understood"], read)
                self.assertEqual({**page, "passed_over": 0}, read["answer"])
        types = SCHEMAS["Change"]["anyOf"][-1]["properties"]["type"]["not"]["enum"]
        self.assertEqual(sorted(types), sorted({page["changes"][0]["type"] for page in PAGES}))

    def test_whatever_breaks_a_page_leaves_nothing_of_it(self):
        check, lines, whats, kept = named("News"), [], [], []
        for page in PAGES:
            for path, found in walk(page):
                if not path or "item" in path[3:] or "rule_set" in path[3:] or "policies" in path:
                    continue
                changes = [("without", without(page, path))]
                changes += [(repr(other)[:20], replaced(page, path, other))
                            for other in (None, True, -1, 0, 10 ** 16, 1.5, "", "?", "x" * 70, [], {}) if other != found]
                for change, body in changes:
                    if not check.is_valid(body):
                        lines.append(page_reply(body))
                        whats.append(f"{path} {change}")
                    elif change == "without" and "lots" not in path:
                        kept.append(page_reply(body))
        self.assertGreater(len(lines), 1000)
        wrong = [what for what, read in zip(whats, peer("read", lines)) if read.get("error") != "corrupt"]
        self.assertEqual([], wrong)
        self.assertGreater(len(kept), 10)
        self.assertTrue(all(read["understood"] for read in peer("read", kept)))

    def test_passes_over_changes_and_members_that_are_new(self):
        for page in PAGES:
            newer = {**page, "new": [1], "changes": [{"type": "newest", "what": {}}, {**page["changes"][0], "new": 1}]}
            read = peer("read", [page_reply(newer)])[0]
            self.assertEqual({**page, "passed_over": 1}, read["answer"])

    def test_takes_no_more_changes_than_the_contract_says(self):
        most = {**PAGES[-1], "changes": [{"type": "newest"}] * API["x-limits"]["news_changes_max"]}
        over = {**most, "changes": [*most["changes"], {"type": "newest"}]}
        reads = peer("read", [page_reply(most), page_reply(over)])
        self.assertEqual([True, False], [read["understood"] for read in reads])

    def test_members_and_words_that_are_new_change_nothing_else(self):
        lines, expected = [], []
        for operation, name, _, value in library_answers():
            for path, found in walk(value):
                # A record is as the chain has it, and nothing else.
                if isinstance(found, dict) and "records" not in path:
                    lines.append(reply(operation, value, replaced(value, (*path, "new"), {"deep": [1, None]})
                                       if path else {**value, "new": {"deep": [1, None]}}))
                    expected.append(value)
        reads = peer("read", lines)
        plain = peer("read", [{**line, "body": json.dumps(value)} for line, value in zip(lines, expected)])
        self.assertEqual(plain, reads)
        self.assertTrue(all(read["understood"] for read in reads))

        for operation, name, _, value in library_answers():
            for path, found in walk(value):
                if path and path[-1] in ("why", "reason", "funder", "wallet"):
                    read = peer("read", [reply(operation, value, replaced(value, path, "newest"))])[0]
                    with self.subTest(f"{operation} {name} {path}"):
                        self.assertTrue(read["understood"])
                        found = read["answer"]
                        for step in path:
                            found = found[step]
                        self.assertEqual("other", found)

    def test_reads_each_problem_as_the_contract_says(self):
        lines, expected = [], []
        for number, problem in enumerate(API["x-problems"], 1):
            body = {"type": problem["type"], "status": problem["status"], "title": "t", "new": 1}
            value = {"order": "A"}
            lines.append(reply("query", value, body, problem["status"], PROBLEM_JSON))
            if problem["money"] == "unknown":
                expected.append(("timeout", "http", problem["status"]))
            else:
                word = "unavailable" if problem["type"].endswith("too-many-requests") else "rejected"
                expected.append((word, "provider", number))
            # The same document under another status, with another media type, or of a type that is not listed.
            for status, kind, change in ((409, PROBLEM_JSON, {}), (409, PROBLEM_JSON, {"status": 409}),
                                         (500, PROBLEM_JSON, {"status": 500}), (problem["status"], JSON, {}),
                                         (problem["status"], PROBLEM_JSON, {"type": PROBLEM_PREFIX + "new"}),
                                         (problem["status"], PROBLEM_JSON, {"type": "about:blank"})):
                lines.append(reply("query", value, {**body, **change}, status, kind))
                expected.append(("timeout", "http", status))
        reads = [(read.get("error"), read.get("source"), read.get("foreign")) for read in peer("read", lines)]
        self.assertEqual(expected, reads)

    def test_reads_every_problem_example(self):
        lines = [reply("refund", {}, value, value["status"], PROBLEM_JSON + "; charset=utf-8")
                 for _, _, _, value in examples("problem")]
        money = {p["type"]: p["money"] for p in API["x-problems"]}
        for (_, name, _, value), read in zip(examples("problem"), peer("read", lines)):
            with self.subTest(name):
                self.assertEqual(money[value["type"]] == "unknown", read["error"] == "timeout")


if __name__ == "__main__":
    tillkit_report.main()
