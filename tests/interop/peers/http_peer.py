# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server that does what the address says, good or bad, and remembers what arrived."""

import collections
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from port import Port

PATIENCE = 20  # seconds; nothing here waits longer for a client


def reply(status, body=b"", headers=(), version="1.1"):
    head = f"HTTP/{version} {status} X\r\nContent-Length: {len(body)}\r\n"
    return (head + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n").encode() + body


OK = "HTTP/1.1 200 OK\r\n"
# What the peer writes for /raw/<name>; it closes the connection afterwards.
RAW = {
    "http09": b"<html>hello</html>\n",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "status_text": b"HTTP/1.1 OK\r\n\r\n",
    "status_two_digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "status_999": b"HTTP/1.1 999 Far\r\nContent-Length: 0\r\n\r\n",
    "http2": b"HTTP/2 200 \r\ncontent-length: 2\r\n\r\nhi",
    "http12": b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhi",
    "header_without_colon": (OK + "Content-Length 2\r\n\r\nhi").encode(),
    "header_name_blank": (OK + "Content-Length : 2\r\n\r\nhi").encode(),
    "header_nul": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nhi",
    "header_64k": (OK + "X: " + "y" * 65536 + "\r\nContent-Length: 2\r\n\r\nhi").encode(),
    "headers_many": (OK + "X: yyyyyyyy\r\n" * 2000 + "Content-Length: 2\r\n\r\nhi").encode(),
    "header_cut": (OK + "Content-Type: text/pl").encode(),
    "header_cut_at_line": (OK + "Content-Type: text/plain\r\n").encode(),
    "interim_endless": b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 2000 + reply(200, b"hi"),
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + reply(200, b"hi"),
    "length_too_long": (OK + "Content-Length: 10\r\n\r\nhi").encode(),
    "length_twice_same": (OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi").encode(),
    "length_twice_other": (OK + "Content-Length: 2\r\nContent-Length: 12\r\n\r\nhi").encode(),
    "length_list": (OK + "Content-Length: 2, 12\r\n\r\nhi").encode(),
    "length_negative": (OK + "Content-Length: -2\r\n\r\nhi").encode(),
    "length_plus": (OK + "Content-Length: +2\r\n\r\nhi").encode(),
    "length_endless": (OK + "Content-Length: 99999999999999999999999\r\n\r\nhi").encode(),
    "length_and_chunks": (OK + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n").encode(),
    "chunks_and_length": (OK + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n").encode(),
    "chunks": (OK + "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\nTrailer: z\r\n\r\n").encode(),
    "chunks_cut": (OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel").encode(),
    "chunks_cut_at_end": (OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n").encode(),
    "chunks_bad": (OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n").encode(),
    "no_length": (OK + "\r\nhi").encode(),
    "old_version": reply(200, b"hi", version="1.0"),
    "folded": (OK + "X: a\r\n b\r\nContent-Length: 2\r\n\r\nhi").encode(),
    "redirect": reply(302, b"", [("Location", "/act?n=redirected")]),
    "cookie": reply(200, b"hi", [("Set-Cookie", "a=b; Path=/"), ("Connection", "close")]),
    "gzip": reply(200, bytes.fromhex("1f8b08000000000000ffcbc80400a56a9fac02000000"), [("Content-Encoding", "gzip")]),
}


class Request:
    def __init__(self, head, body):
        self.raw = head + body
        self.method, self.target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        url = urllib.parse.urlsplit(self.target)
        self.path = url.path
        self.query = dict(urllib.parse.parse_qsl(url.query))


class Memory:
    """What arrived, and how many connections are open, by server."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = collections.defaultdict(list)
        self.open = collections.Counter()
        self.accepted = collections.Counter()
        self.resumed = collections.Counter()
        self.lost = collections.Counter()  # handshakes that failed

    def arrived(self, request):
        with self.lock:
            self.requests[request.query.get("n", request.path)].append(request.raw)

    def add(self, counter, server, count=1):
        with self.lock:
            counter[server] += count


class Gone(Exception):
    pass


class Connection:
    def __init__(self, link, memory):
        self.link = link
        self.memory = memory
        self.buffer = b""

    def read_more(self):
        try:
            more = self.link.recv(65536)
        except (OSError, ssl.SSLError):
            more = b""
        if not more:
            raise Gone()
        self.buffer += more

    def next_request(self):
        while b"\r\n\r\n" not in self.buffer:
            self.read_more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        head += b"\r\n\r\n"
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":", 1)[1])
        while len(self.buffer) < length:
            self.read_more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Request(head, body)

    def serve(self):
        """Until somebody closes."""
        try:
            while True:
                request = self.next_request()
                self.memory.arrived(request)
                if not self.answer(request):
                    return
        except (Gone, OSError, ssl.SSLError):
            pass

    def answer(self, request):
        """False: the connection is to be closed."""
        if request.path.startswith("/raw/"):
            return self.answer_raw(request)
        if request.path == "/act":
            return self.act(request)
        self.link.sendall(reply(404))
        return True

    def answer_raw(self, request):
        self.link.sendall(RAW[request.path.removeprefix("/raw/")])
        return False

    def act(self, request):
        kind = request.query.get("kind", "reply")
        time.sleep(int(request.query.get("delay", "0")) / 1000)
        if kind == "silence":
            self.read_more()  # until the client gives up
            return False
        if kind == "close":
            return False
        if kind == "reset":
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if kind == "cut":
            self.link.sendall(reply(200, b"0123456789")[:-5])
            return False
        if kind == "malformed":
            self.link.sendall(RAW["garbage"])
            return False
        return self.act_reply(request)

    def act_reply(self, request):
        query = request.query
        body = b"." * int(query["bytes"]) if "bytes" in query else query.get("body", "").encode()
        if query.get("echo"):
            body = request.raw.split(b"\r\n\r\n", 1)[1]
        closing = query.get("close") == "1"
        headers = [("X-Mixed-Case", "Value")] + ([("Connection", "close")] if closing else [])
        answer = reply(int(query.get("status", "200")), body, headers)
        answer += query.get("tail", "").encode()
        if query.get("drip"):
            for byte in answer:
                self.link.sendall(bytes([byte]))
                time.sleep(int(query["drip"]) / 1000)
        else:
            self.link.sendall(answer)
        return not closing


class Server(Port):
    """One port on loopback. With `context` it speaks TLS."""

    def __init__(self, name, memory, context=None, proper_close=True):
        self.name = name
        self.memory = memory
        self.context = context
        self.proper_close = proper_close
        super().__init__(PATIENCE)

    def serve(self, link):
        self.memory.add(self.memory.open, self.name)
        self.memory.add(self.memory.accepted, self.name)
        try:
            self.converse(link)
        finally:
            link.close()
            self.memory.add(self.memory.open, self.name, -1)

    def converse(self, link):
        if self.context is None:
            Connection(link, self.memory).serve()
            return
        secured = self.context.wrap_socket(link, server_side=True, do_handshake_on_connect=False)
        try:
            secured.do_handshake()
        except (OSError, ssl.SSLError):
            self.memory.add(self.memory.lost, self.name)
            self.drain(secured)
            return
        if secured.session_reused:
            self.memory.add(self.memory.resumed, self.name)
        Connection(secured, self.memory).serve()
        if self.proper_close:
            try:
                secured.settimeout(1)
                secured.unwrap()
            except (OSError, ssl.SSLError, ValueError):
                pass
        secured.close()

    @staticmethod
    def drain(secured):
        """Reads what the client still sends: closing on it would make a reset of our alert."""
        raw = socket.socket(fileno=secured.detach())
        try:
            raw.settimeout(1)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
        except OSError:
            pass
        finally:
            raw.close()
