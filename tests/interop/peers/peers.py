# SPDX-License-Identifier: Apache-2.0
"""Starts the peers of an HTTP client on loopback, runs a command among them, and exits as it does.

    peers.py -- <command> [argument...]

TILLKIT_PEERS names a JSON file with ports and certificates. The peers are Python's ssl module and sockets: they share no
code with the client. Everything ends with this program; the command is killed after TIME_LIMIT seconds.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import warnings

import certificates
import tls_peer
from dns_peer import NameServer, silent_server
from http_peer import Memory, Server
from port import Port

TIME_LIMIT = 240


class Control(Port):
    """Answers a test's questions: a line in, a line out."""

    def __init__(self, memory, shop, hello, names):
        self.memory = memory
        self.shop = shop
        self.hello = hello
        self.names = names
        super().__init__()

    def serve(self, link):
        with link, link.makefile("rw", encoding="ascii", newline="\n") as lines:
            for line in lines:
                lines.write(str(self.answer(*line.split())) + "\n")
                lines.flush()

    def answer(self, question, *about):
        memory = self.memory
        with memory.lock:
            if question == "arrivals":
                return len(memory.requests[about[0]])
            if question == "request":  # the last one that arrived, byte for byte
                seen = memory.requests[about[0]]
                return base64.b64encode(seen[-1]).decode() if seen else ""
            if question in ("open", "accepted", "resumed", "lost"):
                return getattr(memory, question)[about[0]]
        if question == "enrol":
            kind, request = about
            chain = tls_peer.enrol(self.shop, kind, base64.b64decode(request).decode())
            return base64.b64encode(chain.encode()).decode()
        if question == "hello":
            return self.hello.as_json()
        if question == "names_asked":
            return self.names.asked
        raise ValueError(question)


def unreachable_port():
    """Bound, so that nobody else gets it, and not listening, so that it refuses."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def full_port():
    """Its queue is full: further connections hang until they give up."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    return listener, fillers


def description(shop, control, ports, names, silent):
    return {
        "control": control.port,
        "ports": ports,
        "name_server": f"127.0.0.1:{names.port}",
        "silent_name_server": "127.0.0.1:%d" % silent.getsockname()[1],
        "root": certificates.pem(shop.root.certificate),
        "weak_root": certificates.pem(shop.weak_root.certificate),
        "other_root": certificates.pem(shop.client_root.certificate),
        "lists": shop.lists,
    }


def run(command, folder, peers, trap):
    path = os.path.join(folder, "peers.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(peers, file)
    environment = dict(os.environ, TILLKIT_PEERS=path)
    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        environment[variable] = f"http://127.0.0.1:{trap.port}"  # whoever follows them is seen
    with subprocess.Popen(command, env=environment) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.kill())
        try:
            status = child.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            print(f"peers.py: killed after {TIME_LIMIT} s: {command}", file=sys.stderr)
            return 124
    return status if status >= 0 else 128 - status


def main(arguments):
    if len(arguments) < 2 or arguments[0] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")  # that SHA-1 and old protocols are no good is why they are here
    with tempfile.TemporaryDirectory(prefix="tillkit-peers-") as folder:
        shop, memory = certificates.Shop(), Memory()
        contexts = tls_peer.Contexts(folder)
        secure = tls_peer.tls_servers(contexts, shop, memory)
        tls_peer.prove_that_lax_clients_get_through(contexts, shop, secure)

        hello = tls_peer.HelloRecorder()
        names = NameServer({"till.test": "127.0.0.1", "shop.wild.test": "127.0.0.1", "a.shop.wild.test": "127.0.0.1",
                            "wild.test": "127.0.0.1", "long.test": "127.0.0.1"},
                           failing=["broken.test"], truncated=["long.test"])
        silent = silent_server()
        trap = Server("trap", memory)
        unreachable, (full, fillers) = unreachable_port(), full_port()

        ports = {server.name: server.port for server in secure}
        ports |= {name: peer.port for name, peer in tls_peer.raw_peers().items()}
        ports |= {"plain": Server("plain", memory).port, "hello": hello.port,
                  "unreachable": unreachable.getsockname()[1], "full": full.getsockname()[1]}
        control = Control(memory, shop, hello, names)
        status = run(arguments[1:], folder, description(shop, control, ports, names, silent), trap)
        for held in (silent, unreachable, full, *fillers):
            held.close()
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
