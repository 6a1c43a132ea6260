# SPDX-License-Identifier: Apache-2.0
"""A cloud of the test's own: it shows the certificates and says the things that it is told to, good or bad, and keeps
what was asked. Certificates and Python's ssl are those of the tests of the HTTP client."""
import base64
import collections
import datetime
import json
import os
import socket
import threading
import time

from certificates import ec_key, pem, sign_request
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from http_peer import PATIENCE, Connection, Gone, Server, reply
from port import Port

SESSION = "/v1/session"
PROBLEM = "urn:tillkit:problem:"
DAYS = 30


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    """Of a cloud that signs times and news."""

    def __init__(self, name):
        self.name, self.key = name, ec_key()

    def public(self):
        point = self.key.public_key().public_bytes(serialization.Encoding.X962,
                                                   serialization.PublicFormat.UncompressedPoint)
        return {"name": self.name, "public_key": base64url(point)}

    def sign(self, text):
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def now_text():
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"


class StandInCloud(Port):
    """Set what is to be otherwise: `context` (TLS), `session` and `journal` (bytes instead of the answer), `pages` (of
    news, the next first, each as a function of the query). What came: `requests`, by path; `lost`, handshakes that
    failed."""

    def __init__(self, shop, context):
        self.shop, self.context = shop, context
        self.session = self.journal = None
        self.pages = collections.deque()
        self.key = Key("cloud-1")
        self.acknowledged = 0
        self.requests, self.lost = collections.Counter(), 0
        self.links, self.lock = set(), threading.Lock()
        super().__init__(PATIENCE)

    def show(self, context):
        """From now on; nobody is left who has seen another one."""
        with self.lock:
            self.context = context
            self.requests.clear()
            self.lost = 0
            for link in self.links:
                end(link)

    def serve(self, link):
        with self.lock:
            secured = self.context.wrap_socket(link, server_side=True, do_handshake_on_connect=False)
            self.links.add(secured)
        try:
            self.converse(secured)
        except (Gone, OSError):
            pass
        with self.lock:
            self.links.discard(secured)
            secured.close()

    def converse(self, secured):
        try:
            secured.do_handshake()
        except OSError:
            with self.lock:
                self.lost += 1
            return Server.drain(secured)
        connection = Connection(secured, None)
        while True:
            secured.sendall(self.answer(connection.next_request()))

    def answer(self, request):
        with self.lock:
            self.requests[request.path] += 1
        body = json.loads(request.raw.split(b"\r\n\r\n", 1)[1] or b"null")
        answers = {SESSION: self.tell_session, "/v1/enrol": self.enrol, "/v1/journal": self.take_journal,
                   "/v1/news": self.tell_news, "/v1/health": lambda request, body: {"noted": True}}
        made = answers.get(request.path, self.refuse)(request, body)
        return made if isinstance(made, bytes) else ok(made)

    def tell_session(self, request, _body):
        if self.session is not None:
            return self.session
        at = now_text()
        said = {"contract": "1.0", "server_time": at}
        if nonce := request.query.get("nonce"):
            said["signed_time"] = {"nonce": nonce, "at": at, "key": self.key.name,
                                   "signature": self.key.sign(f"tillkit-time-1\n{nonce}\n{at}")}
        return said

    def enrol(self, _request, body):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=DAYS)
        return {"terminal": "T1", "store": "shanghai-12",
                "certificates": sign_request(self.shop.client_root, body["certificate_request"], DAYS),
                "valid_until": until.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "trust_anchors": pem(self.shop.root.certificate), "keys": [self.key.public()],
                "merchant_key": base64url(os.urandom(32))}

    def take_journal(self, _request, body):
        if self.journal is not None:
            return self.journal
        if body["records"]:
            self.acknowledged = max(self.acknowledged, body["records"][-1]["seq"])
        return {"acknowledged": self.acknowledged, "refused": []}

    def tell_news(self, request, _body):
        query = request.query
        with self.lock:
            page = self.pages.popleft() if query["feed"] == "decisions" and self.pages else None
        if page is None:
            # As long as a terminal is asked to wait would be long for a test; it asks again at once.
            time.sleep(min(0.2, float(query.get("wait_s", 0))))
            return self.page(query)
        return page(query)

    def page(self, query, changes=(), key=None, signed=None, **more):
        """A page that goes on with what was asked for; `more` says what it has otherwise."""
        after = query.get("cursor", "")
        said = {"terminal": "T1", "feed": query["feed"], "after": after, "cursor": after or "0", "more": False,
                "changes": list(changes), **more}
        text = json.dumps(said)
        signature = (key or self.key).sign("tillkit-news-1\n" + (signed or text))
        return {"page": text, "key": self.key.name, "signature": signature}

    def refuse(self, _request, _body):
        return problem("not-allowed", 403)


def end(link):
    try:
        socket.socket.shutdown(link, socket.SHUT_RDWR)  # under TLS, which is its own thread's
    except OSError:
        pass  # the terminal was first


def ok(body):
    return reply(200, json.dumps(body).encode(), [("Content-Type", "application/json")])


def problem(name, status):
    body = {"type": PROBLEM + name, "status": status, "title": name}
    return reply(status, json.dumps(body).encode(), [("Content-Type", "application/problem+json")])
