# SPDX-License-Identifier: Apache-2.0
"""A terminal's journal, its chain and its signed heads, made from the contract's text alone."""
import base64
import hashlib
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def text(value, size):
    return struct.pack(">" + size, len(value.encode())) + value.encode()


class Journal:
    def __init__(self, key, journal):
        self.key, self.journal = key, journal
        self.records = []
        self.chain = bytes(32)
        self.counter = 0

    def add(self, kind, sale, body, version=1):
        """`sale`: 0 is none. `body`: the JSON as text."""
        seq = len(self.records) + 1
        record = {"seq": seq, "kind": kind, "version": version, "sale": sale, "wall": 1795219530250 + seq, "quality": 2,
                  "boot": 1, "monotonic": seq, "operator": "unattended", "shift": 0, "day": 20778, "body": body}
        if sale == 0:
            del record["sale"]
        canonical = (b"\x01" + self.journal + struct.pack(">q", seq) + text(kind, "H") + struct.pack(">H", version) +
                     struct.pack(">qqBIq", sale, record["wall"], 2, 1, seq) + text("unattended", "H") +
                     struct.pack(">Ii", 0, 20778) + text(body, "I"))
        self.chain = hashlib.sha256(self.chain + canonical).digest()
        self.records.append(record)

    def upload(self, first=1, last=None):
        """Records `first` to `last` under a head that covers all that there are."""
        self.counter += 1
        message = (b"tillkit journal head 1\0" + self.journal + struct.pack(">q", len(self.records)) + self.chain +
                   struct.pack(">Q", self.counter))
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        head = {"seq": len(self.records), "chain": base64url(self.chain), "counter": self.counter,
                "signature": base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}
        return {"journal": self.journal.hex(), "head": head, "records": self.records[first - 1:last]}
