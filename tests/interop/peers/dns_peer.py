# SPDX-License-Identifier: Apache-2.0
"""A name server on loopback: UDP, and TCP on the same port for whom UDP's answer was cut."""

import socket
import struct
import threading

NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
TYPE_A = 1


def question_of(query):
    """The labels of the first question, its type, and its bytes."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    return ".".join(labels), kind, query[12:at + 5]


class NameServer:
    def __init__(self, addresses, failing=(), truncated=()):
        """`addresses`: name to IPv4 address. `failing` names answer SERVFAIL, `truncated` ones only over TCP."""
        self.addresses = addresses
        self.failing = set(failing)
        self.truncated = set(truncated)
        self.asked = 0
        while True:
            self.stream = socket.create_server(("127.0.0.1", 0))
            self.port = self.stream.getsockname()[1]
            self.datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.datagram.bind(("127.0.0.1", self.port))
                break
            except OSError:  # somebody has that number for UDP
                self.stream.close()
                self.datagram.close()
        threading.Thread(target=self.serve_datagrams, daemon=True).start()
        threading.Thread(target=self.serve_streams, daemon=True).start()

    def answer(self, query, may_cut):
        self.asked += 1
        name, kind, question = question_of(query)
        cut = may_cut and name in self.truncated
        code, answers = NO_ERROR, b""
        if name in self.failing:
            code = SERVER_FAILURE
        elif name not in self.addresses:
            code = NO_SUCH_NAME
        elif kind == TYPE_A and not cut:
            answers = b"\xc0\x0c" + struct.pack(">HHIH", TYPE_A, 1, 60, 4) + socket.inet_aton(self.addresses[name])
        flags = 0x8580 | code | (0x0200 if cut else 0)
        return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answers else 0, 0, 0) + question + answers

    def serve_datagrams(self):
        while True:
            query, client = self.datagram.recvfrom(4096)
            self.datagram.sendto(self.answer(query, may_cut=True), client)

    def serve_streams(self):
        while True:
            link, _ = self.stream.accept()
            threading.Thread(target=self.serve_stream, args=(link,), daemon=True).start()

    def serve_stream(self, link):
        with link:
            link.settimeout(5)
            try:
                while True:
                    head = link.recv(2, socket.MSG_WAITALL)
                    if len(head) < 2:
                        return
                    query = link.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
                    answer = self.answer(query, may_cut=False)
                    link.sendall(struct.pack(">H", len(answer)) + answer)
            except OSError:
                return


def silent_server():
    """Takes questions and never answers."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    return silent
