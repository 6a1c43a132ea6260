# SPDX-License-Identifier: Apache-2.0
"""The cloud's home as a device sees it: over TLS, killed at each of its writes.

usage: test_tls.py TILLKIT_CLOUD
"""
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import tillkit_report
from tillkit_journal import Journal

CLOUD, = sys.argv[1:]
del sys.argv[1:]

DIED_AS_TOLD = 86


class Device:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.journal = Journal(self.key, bytes(range(16)))

    def certificate_request(self):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "T1")])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.key, hashes.SHA256())
        return request.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())


class Gone(Exception):
    pass


class Cloud:
    """A program over a data folder that outlives it."""

    def __init__(self, folder, die_at=0):
        environment = {**os.environ, "TILLKIT_CLOUD_DIE_AT": str(die_at)}
        self.folder = folder
        self.process = subprocess.Popen([CLOUD, folder], env=environment, stdout=subprocess.PIPE, text=True)
        self.ports = json.loads(self.process.stdout.readline())
        with open(os.path.join(folder, "admin-token"), encoding="utf-8") as file:
            self.token = file.read()

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def died(self):
        self.process.stdout.close()
        return self.process.wait()

    def ask(self, connection, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = "Bearer " + token
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Gone from error
        finally:
            connection.close()

    def admin(self, command, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["admin_port"], timeout=30)
        return self.ask(connection, "POST", "/admin/" + command, body, self.token)

    def device(self, method, path, body=None, token=None):
        context = ssl.create_default_context(cafile=os.path.join(self.folder, "trust.pem"))
        certificate = os.path.join(self.folder, "device.pem")
        if os.path.exists(certificate) and token is None:
            context.load_cert_chain(certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", self.ports["port"], context=context, timeout=60)
        return self.ask(connection, method, path, body, token)


def set_up(folder, device):
    cloud = Cloud(folder)
    cloud.admin("merchant", {"merchant": "m", "currency": "CNY", "wallets": []})
    cloud.admin("store", {"store": "s", "merchant": "m"})
    claim = cloud.admin("claim", {"terminal": "T1", "store": "s", "valid_s": 600})[1]["claim"]
    status, enrolled = cloud.device("POST", "/v1/enrol", {"claim": claim, "firmware": "1",
                                                          "certificate_request": device.certificate_request()})
    assert status == 200, enrolled
    with open(os.path.join(folder, "device.pem"), "wb") as file:
        file.write(device.key_pem() + enrolled["certificates"].encode())
    token = cloud.admin("token", {"merchant": "m"})[1]["token"]
    cloud.end()
    return token


class Home(unittest.TestCase):
    def test_a_kill_at_any_write_loses_nothing_and_does_nothing_twice(self):
        expected, point = None, 0
        while True:
            device = Device()
            for total in (100, 200):
                sale = len(device.journal.records) + 1
                for kind, body in (("checkout.sale_priced", {"total": {"minor": total, "currency": "CNY"}}),
                                   ("ledger.earned", {"of": "m-1", "points": total, "why": 1}),
                                   ("checkout.sale_closed", {"how": 5})):
                    device.journal.add(kind, sale, json.dumps(body))
            upload = device.journal.upload()
            steps = [lambda cloud: cloud.admin("member", {"merchant": "m", "member": "m-1", "consented": True}),
                     lambda cloud: cloud.device("POST", "/v1/journal", upload),
                     lambda cloud: cloud.device("POST", "/v1/leases",
                                                {"request": "R1", "unit": "points", "of": "m-1", "amount": 250}),
                     lambda cloud: cloud.device("POST", "/v1/members/find", {"member": "m-1"})]
            with tempfile.TemporaryDirectory() as folder, self.subTest(point=point):
                token = set_up(folder, device)
                cloud, killed = Cloud(folder, point), False
                for step in steps:
                    try:
                        status, answer = step(cloud)
                    except Gone:
                        self.assertEqual(cloud.died(), DIED_AS_TOLD)
                        cloud, killed = Cloud(folder), True
                        status, answer = step(cloud)
                    self.assertEqual(status, 200, answer)
                self.assertEqual(answer["member"]["points"], 50)
                books = cloud.admin("books", {"merchant": "m"})[1]
                events = cloud.device("GET", "/v1/events", token=token)[1]
                cloud.end()
                expected = expected or (books, events)
                self.assertEqual((books, events), expected)
                self.assertEqual(len(events["events"]), 2)
            if point > 0 and not killed:
                break
            point += 1
        self.assertGreater(point, 4)

    def test_a_long_poll_waits_while_others_are_answered(self):
        device = Device()
        with tempfile.TemporaryDirectory() as folder:
            set_up(folder, device)
            cloud = Cloud(folder)
            answers = []
            waiting = threading.Thread(
                target=lambda: answers.append(cloud.device("GET", "/v1/news?feed=decisions&wait_s=25")))
            waiting.start()
            self.assertEqual(cloud.device("POST", "/v1/members/find", {"member": "m-1"})[1], {"outcome": "not_found"})
            self.assertEqual(cloud.admin("settings", {"merchant": "m", "settings": {"enrol": "off", "tiers": []}})[0], 200)
            waiting.join()
            page = json.loads(answers[0][1]["page"])
            self.assertEqual([change["type"] for change in page["changes"]], ["settings"])
            cloud.end()


if __name__ == "__main__":
    tillkit_report.main()
