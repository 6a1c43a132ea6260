# SPDX-License-Identifier: Apache-2.0
"""Every answer that the cloud's home gives in its tests, held against the contract.

usage: test_contract.py CONTRACT CLOUD_HOME_TEST
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import yaml
from jsonschema import Draft202012Validator, RefResolver

import tillkit_report

CONTRACT, PROGRAM = sys.argv[1:]
del sys.argv[1:]

with open(CONTRACT, encoding="utf-8") as file:
    API = yaml.safe_load(file)
RESOLVER = RefResolver("", API)
PROBLEMS = {problem["type"]: problem["status"] for problem in API["x-problems"]}
ASKED = {"/v1/journal", "/v1/news", "/v1/members/identify", "/v1/members/find", "/v1/coupons/claim", "/v1/leases",
         "/v1/refund-claims", "/v1/events"}


def validator(schema):
    return Draft202012Validator(schema, resolver=RESOLVER)


def schema_of(path, method, status):
    responses = API["paths"][path][method]["responses"]
    if str(status) in responses:
        return responses[str(status)]["content"]["application/json"]["schema"]
    return {"$ref": "#/components/schemas/Problem"}


class Contract(unittest.TestCase):
    def test_all_answers_are_the_contracts(self):
        with tempfile.TemporaryDirectory() as folder:
            noted = os.path.join(folder, "exchanges")
            run = subprocess.run([PROGRAM], env={**os.environ, "TILLKIT_EXCHANGES": noted}, capture_output=True)
            self.assertEqual(run.returncode, 0, run.stdout[-2000:])
            with open(noted, encoding="utf-8") as file:
                exchanges = [json.loads(line) for line in file]
        answered = set()
        page = validator({"$ref": "#/components/schemas/News"})
        for exchange in exchanges:
            path, status = exchange["path"], exchange["status"]
            body = json.loads(exchange["body"])
            with self.subTest(path=path, request=exchange["request"][:300], body=exchange["body"][:300]):
                validator(schema_of(path, exchange["method"], status)).validate(body)
                self.assertLessEqual(len(exchange["body"].encode()), API["x-limits"]["long_answer_body_bytes_max"])
                if status == 200:
                    answered.add(path)
                    self.assertEqual(exchange["type"], "application/json")
                else:
                    self.assertEqual(PROBLEMS[body["type"]], status)
                    self.assertEqual(exchange["type"], "application/problem+json")
                if path == "/v1/news" and status == 200:
                    page.validate(json.loads(body["page"]))
                if exchange["method"] == "post" and status == 200:
                    operation = API["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
                    validator(operation).validate(json.loads(exchange["request"]))
        self.assertEqual(answered, ASKED)


if __name__ == "__main__":
    tillkit_report.main()
