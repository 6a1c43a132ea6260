# SPDX-License-Identifier: Apache-2.0
"""TLS servers, proper and improper, and proof that the improper ones do work for whoever does not look."""

import json
import os
import socket
import ssl
import struct

from certificates import Leaf, key_pem, pem, sign_request
from http_peer import PATIENCE, RAW, Server
from port import Port


V10, V11, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Contexts:
    """Makes server contexts; OpenSSL wants its certificates in files."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def write(self, text):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}.pem")
        with open(path, "w", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
            file.write(text)
        return path

    def server(self, leaf, lowest=V12, highest=V13, ciphers="DEFAULT", curve=None, clients=None,
               own_preference=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers + ":@SECLEVEL=0")
        context.minimum_version, context.maximum_version = lowest, highest
        if not own_preference:
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        if curve:
            context.set_ecdh_curve(curve)
        context.load_cert_chain(self.write(leaf.chain_pem() + key_pem(leaf.key)))
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=pem(clients.certificate))
        return context

    def lax_client(self, chain_and_key=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = V10
        if chain_and_key:
            context.load_cert_chain(self.write(chain_and_key))
        return context


def server_contexts(contexts, shop):
    """By name; what is good first."""
    good, bad = shop.good, shop.bad
    all_of = {
        "ok13_ec": contexts.server(good["ec"], lowest=V13),
        "ok13_rsa": contexts.server(good["rsa"], lowest=V13),
        "ok13_p384": contexts.server(good["ec"], lowest=V13, curve="secp384r1"),
        "ok12_ecdsa_aes128": contexts.server(good["ec"], highest=V12, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"),
        "ok12_ecdsa_aes256": contexts.server(good["ec"], highest=V12, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"),
        "ok12_ecdsa_chacha": contexts.server(good["ec"], highest=V12, ciphers="ECDHE-ECDSA-CHACHA20-POLY1305"),
        "ok12_rsa_aes128": contexts.server(good["rsa"], highest=V12, ciphers="ECDHE-RSA-AES128-GCM-SHA256"),
        "ok12_rsa_chacha": contexts.server(good["rsa"], highest=V12, ciphers="ECDHE-RSA-CHACHA20-POLY1305"),
        "ok12_rsa_clients_preference": contexts.server(good["rsa"], highest=V12, own_preference=False),
        "ok_wildcard": contexts.server(good["wildcard"]),
        "ok_intermediate": contexts.server(good["intermediate"]),
        "ok_named": contexts.server(good["named"]),
        "ok_any_usage": contexts.server(good["any_usage"]),
        "mutual13": contexts.server(good["ec"], lowest=V13, clients=shop.client_root),
        "mutual12": contexts.server(good["ec"], highest=V12, clients=shop.client_root),
        "mutual12_aes256": contexts.server(good["ec"], highest=V12, clients=shop.client_root,
                                           ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"),
        "bad_tls10": contexts.server(good["ec"], lowest=V10, highest=V10),
        "bad_tls11": contexts.server(good["ec"], lowest=V10, highest=V11),
        "bad_tls12_cbc": contexts.server(good["ec"], highest=V12, ciphers="ECDHE-ECDSA-AES128-SHA"),
        "bad_tls12_no_forward_secrecy": contexts.server(good["rsa"], highest=V12, ciphers="AES128-GCM-SHA256"),
    }
    for name, leaf in bad.items():
        all_of["bad_" + name] = contexts.server(leaf)
    for name in ("weak_key", "weak_signature", "client_usage", "revoked", "unknown_authority", "wrong_name"):
        all_of["bad12_" + name] = contexts.server(bad[name], highest=V12)
    return all_of


def prove_that_lax_clients_get_through(contexts, shop, servers):
    """A refusal says something about the client only if the server works."""
    device = Leaf(shop.client_root, usages=())
    lax = contexts.lax_client(device.chain_pem() + key_pem(device.key))
    for server in servers:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link:
                with lax.wrap_socket(link) as secured:
                    secured.sendall(b"GET /act?n=lax&close=1 HTTP/1.1\r\nHost: x\r\n\r\n")
                    answer = secured.recv(4096)
        except OSError as error:
            answer = repr(error).encode()
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{server.name}: a client that checks nothing got {answer[:200]!r}")


class RawPeer(Port):
    """A TCP port that is no TLS server: `converse(link)` does what it likes."""

    def __init__(self, converse):
        self.converse = converse
        super().__init__(PATIENCE)

    def serve(self, link):
        with link:
            try:
                self.converse(link)
            except OSError:
                pass


def read_exactly(link, count):
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def read_record(link):
    head = read_exactly(link, 5)
    return head[0], read_exactly(link, struct.unpack(">H", head[3:5])[0])


def alert(description):
    return bytes([21, 3, 3, 0, 2, 2, description])


def numbers(data, width=2):
    return [int.from_bytes(data[at:at + width], "big") for at in range(0, len(data), width)]


def parse_hello(message):
    """What a ClientHello offers, as numbers of the IANA registries."""
    at = 4 + 2 + 32
    at += 1 + message[at]
    length = struct.unpack(">H", message[at:at + 2])[0]
    offer = {"random": message[6:38].hex(), "suites": numbers(message[at + 2:at + 2 + length]), "extensions": []}
    at += 2 + length
    at += 1 + message[at]
    at += 2
    while at < len(message):
        kind, length = struct.unpack(">HH", message[at:at + 4])
        value = message[at + 4:at + 4 + length]
        at += 4 + length
        offer["extensions"].append(kind)
        if kind == 0:
            offer["server_name"] = value[5:].decode()
        elif kind == 10:
            offer["groups"] = numbers(value[2:])
        elif kind == 13:
            offer["signatures"] = numbers(value[2:])
        elif kind == 43:
            offer["versions"] = numbers(value[1:])
    return offer


class HelloRecorder:
    """Keeps the last ClientHello and turns it down."""

    def __init__(self):
        self.offer = None
        self.peer = RawPeer(self.converse)
        self.port = self.peer.port

    def converse(self, link):
        kind, message = read_record(link)
        self.offer = parse_hello(message) if kind == 22 else None
        link.sendall(alert(40))
        link.shutdown(socket.SHUT_WR)
        read_exactly(link, 1 << 20)

    def as_json(self):
        return json.dumps(self.offer)


def wait_for_end(link):
    while link.recv(4096):
        pass


def raw_peers():
    def old_server_hello(link):  # of a server that knows nothing newer and looks at nothing but the version
        read_record(link)
        hello = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x2f" + b"\x00"
        message = b"\x02" + len(hello).to_bytes(3, "big") + hello
        link.sendall(b"\x16\x03\x01" + struct.pack(">H", len(message)) + message)
        wait_for_end(link)

    def close_at_once(link):
        read_record(link)

    def plain_text(link):
        read_record(link)
        link.sendall(RAW["http09"])
        wait_for_end(link)

    return {
        "tls_old_hello": RawPeer(old_server_hello),
        "tls_closes": RawPeer(close_at_once),
        "tls_silent": RawPeer(wait_for_end),
        "tls_plain_text": RawPeer(plain_text),
    }


def enrol(shop, kind, request_pem):
    authority = {"good": shop.client_root, "intermediate": shop.client_middle, "stranger": shop.client_stranger}[kind]
    return sign_request(authority, request_pem)


def tls_servers(contexts, shop, memory):
    servers = [Server(name, memory, context) for name, context in server_contexts(contexts, shop).items()]
    truncating = Server("truncating", memory, contexts.server(shop.good["ec"]), proper_close=False)
    return servers + [truncating]
