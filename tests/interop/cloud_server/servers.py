# SPDX-License-Identifier: Apache-2.0
"""The contract, and devices that talk to the cloud with Python's own TLS."""
import datetime
import http.client
import http.server
import json
import os
import ssl
import tempfile
import threading
import time

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator, RefResolver
# Tests of the servers have all of them from here.
from sandbox_servers import ANSWER_S_MAX, JSON, PROBLEM, Answer, Cloud, Process, Wallet, post_plain  # noqa: F401

PROBLEM_JSON = "application/problem+json"
DIED_AS_TOLD = 86


class Contract:
    """Holds each answer against the schemas of cloud-api.yaml."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.api = yaml.safe_load(file)
        self.problems = {p["type"]: p["status"] for p in self.api["x-problems"]}
        self.seen = set()

    def errors(self, schema, value):
        validator = Draft202012Validator(schema, resolver=RefResolver("", self.api))
        return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)]

    def check(self, method, path, answer):
        if answer.status == 200:
            operation = self.api["paths"][path][method.lower()]
            schema = operation["responses"]["200"]["content"][JSON]["schema"]
            wrong = self.errors(schema, answer.body)
            limit = self.api["x-limits"]["answer_body_bytes_max"]
            if path in ("/v1/enrol", "/v1/renew"):
                limit += self.api["x-limits"]["certificates_bytes_max"]
            assert answer.size <= limit, f"{path}: {answer.size} bytes"
            assert answer.content_type == JSON, answer.content_type
            self.seen.add((path, answer.body.get("outcome", "")))
        else:
            wrong = self.errors({"$ref": "#/components/schemas/Problem"}, answer.body)
            assert answer.content_type == PROBLEM_JSON, answer.content_type
            assert self.problems.get(answer.body["type"]) == answer.status == answer.body["status"], answer.body
            assert (answer.retry_after is not None) == (answer.status in (429, 503)), answer.retry_after
            assert answer.retry_after is None or 1 <= int(answer.retry_after) <= 3600
            self.seen.add((path, answer.problem))
        assert not wrong, f"{method} {path} {answer.body}: {wrong}"


def certificate_request(key, name="whatever"):
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def pem_of_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def not_after(pem):
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after.replace(tzinfo=datetime.timezone.utc)


class Device:
    """A terminal: its key, its certificate, and one connection to the cloud that it keeps."""

    def __init__(self, cloud, contract, trust=None):
        self.cloud, self.contract = cloud, contract
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificates = None
        self.trust = trust or os.path.join(cloud.folder, "trust.pem")
        self.connection = None

    def connect(self):
        context = ssl.create_default_context(cafile=self.trust)
        if self.certificates:
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                file.write(self.certificates + pem_of_key(self.key))
                file.flush()
                context.load_cert_chain(file.name)
        self.connection = http.client.HTTPSConnection("localhost", self.cloud.port, context=context,
                                                      timeout=ANSWER_S_MAX)
        self.connection.connect()

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def send(self, method, path, body=None, headers=None, raw=None):
        if self.connection is None:
            self.connect()
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        try:
            self.connection.request(method, path, data, {"Content-Type": JSON} if headers is None else headers)
            answer = Answer(self.connection.getresponse())
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise
        if path.split("?")[0] in self.contract.api["paths"]:
            self.contract.check(method, path.split("?")[0], answer)
        return answer

    def post(self, path, body):
        return self.send("POST", path, body)

    def gateway(self, operation, **body):
        return self.post("/v1/gateway/" + operation, body)

    def enrol(self, claim, key=None, **more):
        body = {"claim": claim, "certificate_request": certificate_request(key or self.key), "firmware": "0.1.0", **more}
        answer = self.post("/v1/enrol", body)
        if answer.status == 200 and key is None:
            self.certificates = answer.body["certificates"]
            self.hang_up()
        return answer


def a_shop(cloud, merchant="acme", store="shanghai-12", wallets=("wechat_pay", "alipay")):
    cloud.admin("merchant", merchant=merchant, currency="CNY", wallets=list(wallets))
    cloud.admin("store", store=store, merchant=merchant)


def a_terminal(cloud, contract, name="T07", store="shanghai-12"):
    device = Device(cloud, contract)
    claim = cloud.admin("claim", terminal=name, store=store, valid_s=600)["claim"]
    answer = device.enrol(claim)
    assert answer.status == 200, answer
    return device


class Programs:
    """Where a test finds its programs and the contract: CONTRACT CLOUD WALLET of the command line."""

    def __init__(self, contract, cloud, wallet):
        self.contract, self.cloud, self.wallet = Contract(contract), cloud, wallet


def wait_until(condition, what):
    """Asks again until it holds; a deadline, not a guess how long it takes."""
    deadline = time.monotonic() + ANSWER_S_MAX
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Liar:
    """A wallet that answers every question with what it is told to."""

    def __init__(self):
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                raw = json.dumps({"order": asked.get("order"), **liar.answer}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_):
                pass

        self.answer = {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
