# SPDX-License-Identifier: Apache-2.0
"""A device's life with the reference cloud: session, enrol, renew, health, revocation, and all that must be refused.

usage: test_device.py CONTRACT CLOUD WALLET
"""
import base64
import datetime
import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import servers
import tillkit_report

PROGRAMS = servers.Programs(*sys.argv[1:4])
del sys.argv[1:4]
CONTRACT = PROGRAMS.contract
NONCE = "3q2-7wABAgMEBQYHCAkKCw"
HEALTH = {"firmware": "0.1.0", "at": 1795219530250, "clock": "estimated", "boot": 13, "sells": False,
          "stopped": "storage_full", "unsent_records": 5213, "oldest_unsent_at": 1794614730250, "parked_records": 1,
          "unresolved": 2, "at_risk_minor": 1800, "free_bytes": 0, "faults": [{"what": "name_timeout", "count": 31}]}
REFUSED = (ssl.SSLError, ConnectionError, http.client.HTTPException)


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class WithCloud(unittest.TestCase):
    ARGUMENTS = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.devices = []
        self.cloud = None
        self.start()
        self.addCleanup(self.end)
        servers.a_shop(self.cloud)

    def start(self, *arguments):
        self.cloud = servers.Cloud(PROGRAMS.cloud, self.folder, *(arguments or self.ARGUMENTS))
        self.assertTrue(self.cloud.started)

    def end(self):
        for device in self.devices:
            device.hang_up()
        if self.cloud.process.poll() is None:
            self.assertEqual(0, self.cloud.stop())

    def device(self):
        self.devices.append(servers.Device(self.cloud, CONTRACT))
        return self.devices[-1]

    def terminal(self, name="T07"):
        device = self.device()
        self.assertEqual(200, device.enrol(self.claim(name)).status)
        return device

    def claim(self, name="T07", valid_s=600):
        return self.cloud.admin("claim", terminal=name, store="shanghai-12", valid_s=valid_s)["claim"]


class Enrolment(WithCloud):
    def test_makes_a_device_its_terminal(self):
        device = self.device()
        answer = device.enrol(self.claim())
        self.assertEqual(("T07", "shanghai-12"), (answer.body["terminal"], answer.body["store"]))
        made = x509.load_pem_x509_certificate(answer.body["certificates"].encode())
        root = x509.load_pem_x509_certificate(answer.body["trust_anchors"].encode())
        root.public_key().verify(made.signature, made.tbs_certificate_bytes, ec.ECDSA(made.signature_hash_algorithm))
        self.assertEqual("T07", made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        self.assertEqual(device.key.public_key().public_numbers(), made.public_key().public_numbers())
        usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        self.assertEqual([ExtendedKeyUsageOID.CLIENT_AUTH], list(usage))
        self.assertFalse(made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
        self.assertEqual(made.not_valid_after.replace(tzinfo=datetime.timezone.utc),
                         datetime.datetime.fromisoformat(answer.body["valid_until"].replace("Z", "+00:00")))
        self.assertEqual(32, len(unbase64url(answer.body["merchant_key"])))
        self.assertEqual("1.0", device.send("GET", "/v1/session").body["contract"])

    def test_gives_all_terminals_of_a_merchant_one_key_and_others_another(self):
        servers.a_shop(self.cloud, "other", "beijing-1")
        keys = []
        for name, store in (("A1", "shanghai-12"), ("A2", "shanghai-12"), ("B1", "beijing-1")):
            claim = self.cloud.admin("claim", terminal=name, store=store, valid_s=60)["claim"]
            keys.append(self.device().enrol(claim).body["merchant_key"])
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[0], keys[2])

    def test_answers_the_same_device_the_same_and_refuses_another(self):
        device, other, claim = self.device(), self.device(), self.claim()
        first = device.enrol(claim)
        again = device.enrol(claim.lower().replace("-", ""))
        self.assertEqual(first.body, again.body)
        self.assertEqual("claim-refused", other.enrol(claim).problem)
        self.assertEqual(200, device.send("GET", "/v1/session").status)

    def test_is_over_once_the_device_has_another_key(self):
        device, claim, key = self.device(), self.claim(), ec.generate_private_key(ec.SECP256R1())
        device.enrol(claim)
        device.post("/v1/renew", {"certificate_request": servers.certificate_request(key)})
        for other in (key, device.key):
            self.assertEqual("claim-refused", self.device().enrol(claim, other).problem)

    def test_refuses_a_claim_that_is_unknown_or_over(self):
        self.assertEqual("claim-refused", self.device().enrol("7KQ4-M2XA-9TFD").problem)
        claim = self.cloud.admin("claim", terminal="T07", store="shanghai-12", valid_s=1)
        servers.wait_until(lambda: time.time() * 1000 > claim["until_ms"], "the claim's second")
        self.assertEqual("claim-refused", self.device().enrol(claim["claim"]).problem)

    def test_refuses_requests_that_are_no_good(self):
        device, claim = self.device(), self.claim()
        good = servers.certificate_request(device.key)
        middle = len(good) // 2
        tampered = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1:]
        bad = [tampered, "x" * 64, servers.certificate_request(ec.generate_private_key(ec.SECP384R1())),
               servers.certificate_request(rsa.generate_private_key(65537, 2048)),
               good.replace("CERTIFICATE REQUEST", "CERTIFICATE")]
        for request in bad:
            with self.subTest(request[:80]):
                answer = device.post("/v1/enrol", {"claim": claim, "certificate_request": request, "firmware": "1"})
                self.assertEqual("certificate-request-refused", answer.problem)
        self.assertEqual(200, device.enrol(claim).status, "none of them has used the claim")

    def test_of_another_device_ends_the_one_before(self):
        old = self.terminal()
        new = self.terminal()
        self.assertEqual(200, new.send("GET", "/v1/session").status)
        with self.assertRaises(REFUSED):
            old.send("GET", "/v1/session")

    def test_survives_a_kill(self):
        device, claim = self.device(), self.claim()
        first = device.enrol(claim)
        self.cloud.kill()
        self.start()
        device.cloud = self.cloud
        self.assertEqual(200, device.send("GET", "/v1/session").status)
        repeat = self.device()
        repeat.key = device.key
        self.assertEqual(first.body, repeat.enrol(claim).body)


class Session(WithCloud):
    def test_signs_the_time_for_a_nonce(self):
        device = self.device()
        keys = device.enrol(self.claim()).body["keys"]
        self.assertNotIn("signed_time", device.send("GET", "/v1/session").body)
        answer = device.send("GET", f"/v1/session?nonce={NONCE}").body
        signed = answer["signed_time"]
        self.assertEqual(NONCE, signed["nonce"])
        point = unbase64url({k["name"]: k["public_key"] for k in keys}[signed["key"]])
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        raw = unbase64url(signed["signature"])
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        message = f"tillkit-time-1\n{NONCE}\n{signed['at']}".encode()
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        with self.assertRaises(InvalidSignature):
            key.verify(signature, message + b"0", ec.ECDSA(hashes.SHA256()))
        at = datetime.datetime.fromisoformat(signed["at"].replace("Z", "+00:00"))
        self.assertLess(abs((at - datetime.datetime.now(datetime.timezone.utc)).total_seconds()), 60)

    def test_refuses_other_questions(self):
        device = self.terminal()
        for query in ("nonce=short", f"nonce={NONCE}A", f"nonce={NONCE}&nonce={NONCE[::-1]}", "other=1", "nonce=" + "*" * 22):
            with self.subTest(query):
                self.assertEqual("invalid-request", device.send("GET", "/v1/session?" + query).problem)


class Renewal(WithCloud):
    def test_keeps_both_certificates_good(self):
        device = self.terminal()
        old = (device.key, device.certificates)
        key = ec.generate_private_key(ec.SECP256R1())
        answer = device.post("/v1/renew", {"certificate_request": servers.certificate_request(key)})
        new = (key, answer.body["certificates"])
        for device.key, device.certificates in (new, old, new):
            device.hang_up()
            self.assertEqual(200, device.send("GET", "/v1/session").status)

    def test_has_a_limit(self):
        device = self.terminal()
        body = {"certificate_request": servers.certificate_request(device.key)}
        problems = [device.post("/v1/renew", body).problem for _ in range(20)]
        self.assertEqual([None] * 15 + ["too-many-requests"] * 5, problems)

    def test_refuses_a_bad_request(self):
        answer = self.terminal().post("/v1/renew", {"certificate_request": "x" * 64})
        self.assertEqual("certificate-request-refused", answer.problem)


class Health(WithCloud):
    def test_is_noted_and_the_newest_counts(self):
        device = self.terminal()
        self.assertEqual({"noted": True}, device.post("/v1/health", HEALTH).body)
        device.post("/v1/health", {**HEALTH, "boot": 14})
        listed = self.cloud.admin("terminals")["terminals"]
        self.assertEqual({**HEALTH, "boot": 14}, listed[0]["health"]["report"])
        self.assertEqual([], self.cloud.admin("terminals", after="T07")["terminals"])

    def test_is_held_against_the_contract(self):
        schema = {"$ref": "#/components/schemas/HealthReport"}
        for number, name in enumerate(HEALTH):
            device = self.terminal(f"T{number:02}")  # a terminal may ask a hundred times a second
            for other in (None, True, -1, 1.5, "", "?", [], {}, 10 ** 16, [{"what": "x", "count": 1, "more": 1}]):
                body = {**HEALTH, name: other}
                with self.subTest(f"{name}: {other}"):
                    good = not CONTRACT.errors(schema, body)
                    self.assertEqual(None if good else "invalid-request", device.post("/v1/health", body).problem)
            without = {k: v for k, v in HEALTH.items() if k != name}
            good = not CONTRACT.errors(schema, without)
            self.assertEqual(None if good else "invalid-request", device.post("/v1/health", without).problem, name)


class MustRefuse(WithCloud):
    def test_everything_but_hello_and_enrol_without_a_certificate(self):
        device = self.device()
        self.assertEqual(200, device.send("GET", "/v1/session").status)
        for path, operations in CONTRACT.api["paths"].items():
            if path in ("/v1/session", "/v1/enrol", "/v1/events"):
                continue
            for method in operations:
                with self.subTest(path):
                    body = {} if method == "post" else None
                    self.assertEqual("not-allowed", device.send(method.upper(), path, body).problem)

    def test_a_certificate_of_another_authority(self):
        device, key = self.device(), ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "T07")])
        now = datetime.datetime.utcnow()
        forged = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(device.key.public_key())
                  .serial_number(7).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
                  .sign(key, hashes.SHA256()))
        self.terminal()
        device.certificates = forged.public_bytes(servers.serialization.Encoding.PEM).decode()
        with self.assertRaises(REFUSED):
            device.send("GET", "/v1/session")

    def test_a_revoked_terminal_at_once_and_after_a_restart(self):
        device = self.terminal()
        self.assertEqual(200, device.send("GET", "/v1/session").status)
        self.assertEqual({"certificates": 1}, self.cloud.admin("revoke", terminal="T07"))
        self.assertEqual("not-allowed", device.send("GET", "/v1/session").problem, "on the connection that it has")
        device.hang_up()
        with self.assertRaises(REFUSED):
            device.send("GET", "/v1/session")
        self.cloud.kill()
        self.start()
        device.cloud = self.cloud
        with self.assertRaises(REFUSED):
            device.send("GET", "/v1/session")

    def test_a_body_that_is_too_large(self):
        device = self.terminal()
        limit = CONTRACT.api["x-limits"]["request_body_bytes_max"]
        padded = b'{"order":"T07A"' + b" " * (limit - 16) + b"}"
        self.assertEqual(limit, len(padded))
        self.assertEqual("not_found", device.send("POST", "/v1/gateway/query", raw=padded).outcome)
        self.assertEqual("too-large", device.send("POST", "/v1/gateway/query", raw=padded + b" ").problem)
        self.assertEqual("too-large", device.send("POST", "/v1/health", raw=b" " * 600_000).problem)

    def test_what_is_not_the_contract_s(self):
        device = self.terminal()
        for raw in (b"", b"{", b"[]", b"null", b'{"order":"T07A","order":"T07A"}', b'{"order":"\xff"}',
                    b'{"order":"T07A","more":1}', b"{}", b'{"order":7}', b'{"order":"t07a"}', b'{"order":""}',
                    b"[" * 3000):
            with self.subTest(raw[:40]):
                self.assertEqual("invalid-request", device.send("POST", "/v1/gateway/query", raw=raw).problem)
        for headers in ({"Content-Type": "text/plain"}, {}):
            answer = device.send("POST", "/v1/gateway/query", raw=b'{"order":"T07A"}', headers=headers)
            self.assertEqual("invalid-request", answer.problem)
        for method, path in (("GET", "/v1/nothing"), ("POST", "/v1/session"), ("GET", "/"), ("PUT", "/v1/health")):
            self.assertEqual("invalid-request", device.send(method, path, {} if method != "GET" else None).problem)

    def test_an_administrator_without_the_token(self):
        for token in (None, "", "wrong"):
            self.assertEqual(401, servers.post_plain(self.cloud.admin_port, "/admin/terminals", {}, token).status)
        self.cloud.admin("nothing", status=404)
        self.cloud.admin("claim", status=400, terminal="T07")
        self.cloud.admin("claim", status=409, terminal="T07", store="nowhere", valid_s=1)

    def test_a_second_process_on_the_same_data(self):
        second = servers.Cloud(PROGRAMS.cloud, self.folder)
        self.assertFalse(second.started)
        self.assertEqual(1, second.wait())
        self.assertEqual(200, self.terminal().send("GET", "/v1/session").status)

    def test_reading_by_others(self):
        self.terminal()
        for name in os.listdir(self.folder):
            self.assertEqual(0o600, os.stat(os.path.join(self.folder, name)).st_mode & 0o777, name)


class ShortLife(WithCloud):
    ARGUMENTS = ("--device-validity-s", "3")

    def test_a_certificate_ends(self):
        device = self.terminal()
        self.assertEqual(200, device.send("GET", "/v1/session").status)
        end = servers.not_after(device.certificates).timestamp()
        servers.wait_until(lambda: time.time() > end + 1, "the end of the certificate")
        self.assertEqual("not-allowed", device.send("GET", "/v1/session").problem, "on the connection that it has")
        device.hang_up()
        with self.assertRaises(REFUSED):
            device.send("GET", "/v1/session")


class Slow(WithCloud):
    ARGUMENTS = ("--requests-per-s", "5")

    def test_too_many_requests_are_told_when_to_come_back(self):
        device = self.terminal()
        problems = [device.send("GET", "/v1/session").problem for _ in range(30)]
        self.assertIn("too-many-requests", problems)
        self.assertIsNone(problems[0])
        servers.wait_until(lambda: device.send("GET", "/v1/session").status == 200, "another try")


class Server(WithCloud):
    def test_shows_a_certificate_for_its_names_only(self):
        device = self.device()
        with self.assertRaises(ssl.SSLCertVerificationError):
            context = ssl.create_default_context(cafile=os.path.join(self.folder, "trust.pem"))
            with socket.create_connection(("127.0.0.1", self.cloud.port)) as plain:
                context.wrap_socket(plain, server_hostname="cloud.example")
        with self.assertRaises(ssl.SSLCertVerificationError):
            with socket.create_connection(("127.0.0.1", self.cloud.port)) as plain:
                ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        device.connect()

    def test_resumes_sessions_of_clients_with_a_certificate(self):
        device = self.terminal()
        context = ssl.create_default_context(cafile=os.path.join(self.folder, "trust.pem"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(device.certificates + servers.pem_of_key(device.key))
            file.flush()
            context.load_cert_chain(file.name)
        session = None
        for reused in (False, True):
            with socket.create_connection(("127.0.0.1", self.cloud.port)) as plain:
                with context.wrap_socket(plain, server_hostname="localhost", session=session) as secure:
                    secure.sendall(b"GET /v1/session HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.assertTrue(secure.recv(100).startswith(b"HTTP/1.1 200"))
                    self.assertEqual(reused, secure.session_reused)
                    session = secure.session

    def test_ends_cleanly_and_says_how_it_is_used(self):
        self.assertEqual(0, self.cloud.stop())
        for words in ([], [self.folder, "--port"], [self.folder, "--port", "x"], [self.folder, "--what", "1"], ["a", "b"]):
            run = subprocess.run([PROGRAMS.cloud, *words], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(2, run.returncode, words)
            self.assertIn("usage: tillkit-cloud", run.stderr)


if __name__ == "__main__":
    tillkit_report.main()
