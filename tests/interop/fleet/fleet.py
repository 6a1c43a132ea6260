# SPDX-License-Identifier: Apache-2.0
"""Terminals as processes, and the plug of their network."""
import json
import os
import random
import socket
import struct
import subprocess
import threading

ANSWER_S_MAX = 120
REQUESTS_AT_ONCE = 100  # what the answers to them fill is less than a pipe


class Plug:
    """Stands between a terminal and the cloud, on loopback; it sees bytes, not what they say.

    `pull` and `put` are the network plug. With a chance for a fault (0 to 1) each connection may die: before anything
    of it is passed on, while a request is under way, or while its answer is.
    """

    def __init__(self, target, seed=0):
        self.target = target
        self.random = random.Random(seed)
        self.fault_chance = 0.0
        self.lost_answers = 0  # so many answers to come are swallowed, with their connections
        self.answer_bytes_left = None  # behind so many bytes of answers it is pulled by itself
        self.swallowed = 0
        self.plugged = True
        self.accepted = 0  # connections, so far
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self):
        with self.lock:
            self.plugged = False
        self.cut()

    def cut(self):
        """Ends the connections that there are; others may come."""
        self._end_all(close)

    def reset(self):
        """The same with RST, without a word of TLS."""
        self._end_all(reset)

    def _end_all(self, how):
        with self.lock:
            how(*self.open)

    def put(self):
        self.plugged = True

    def end(self):
        self.pull()
        close(self.listener)

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        try:
            far = socket.create_connection(("127.0.0.1", self.target)) if self.plugged else None
        except OSError:
            far = None  # the cloud does not run
        with self.lock:
            if far is None or not self.plugged or self.random.random() < self.fault_chance:
                close(near, far)
                return
            self.open |= {near, far}
        threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
        self._pass(far, near, True)
        with self.lock:
            self.open -= {near, far}
        close(near, far)

    def _pass(self, source, sink, answers):
        handshake = 4  # the cloud's first flights are no answers
        try:
            while block := source.recv(65536):
                with self.lock:
                    fault = self.random.random() < self.fault_chance
                    handshake -= 1
                    if answers and handshake < 0 and self.lost_answers > 0:
                        self.lost_answers -= 1
                        self.swallowed += 1
                        break
                    if fault:
                        block = block[:self.random.randrange(len(block))]
                    if answers and self.answer_bytes_left is not None:
                        self.answer_bytes_left -= len(block)
                        if self.answer_bytes_left < 0:
                            self.answer_bytes_left = None
                            self.plugged = False
                            close(*self.open)
                            break
                sink.sendall(block)
                if fault:
                    break
        except OSError:
            pass
        close(source, sink)


def close(*connections):
    for connection in connections:
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()


def reset(*connections):
    """Ends them with RST."""
    for connection in connections:
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RD)  # tells nobody; wakes the thread that reads, which would hold it open
        except OSError:
            pass
        connection.close()


class Till:
    """A terminal's process, of which there may be several in the life of a data folder."""

    def __init__(self, programs, folder, *goods):
        """`goods` are the files of catalog and rules, or nothing: then it sells what its cloud sends."""
        self.programs, self.folder, self.goods = programs, folder, goods
        self.process = None
        self.events = []
        self.drawer = 0  # what people put into it and got out of it, as they saw it

    def enrol(self, origin, claim, trust, check=True):
        return self.ctl("enrol", "--cloud", origin, "--claim", claim, "--data", self.folder, "--trust", trust, "--json",
                        check=check)

    def ctl(self, *arguments, check=True):
        run = subprocess.run([*self.programs.tillctl, *arguments], capture_output=True, text=True, check=False,
                             timeout=ANSWER_S_MAX)
        if check:
            assert run.returncode == 0, run.stderr
        return run

    def start(self, **environment):
        self.process = subprocess.Popen([*self.programs.till, self.folder, *self.goods],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        return self._read("started")

    def kill(self):
        self.process.kill()
        self._gone()

    def stop(self):
        self.process.stdin.close()
        status = self._gone()
        assert status == 0, status

    def _gone(self):
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(timeout=ANSWER_S_MAX)

    def do(self, what, **more):
        return self.do_all([{"do": what, **more}])[0]

    def _read(self, event=None):
        while line := self.process.stdout.readline():
            said = json.loads(line)
            if "event" not in said or said["event"] == event:
                return said
            if said["event"] in ("change", "hand_out"):
                self.drawer -= said["minor"]
            self.events.append(said)
        raise AssertionError("the till's process ended")

    def wait_for(self, is_so):
        """Asks for the status until it is as it should be, for a minute at most."""
        for _ in range(600):
            said = self.do("wait", ms=100)
            if is_so(said):
                return said
        raise AssertionError(f"it stays {said}")

    def ended(self, how="closed"):
        return [e["sale"] for e in self.events if e["event"] == "sale_ended" and e["how"] == how]

    def do_all(self, requests):
        """One after the other, without waiting for the answers in between; their answers, in order."""
        answers = []
        for begin in range(0, len(requests), REQUESTS_AT_ONCE):
            some = requests[begin:begin + REQUESTS_AT_ONCE]
            self.process.stdin.write("".join(json.dumps(request) + "\n" for request in some))
            self.process.stdin.flush()
            for request in some:
                answers.append(self._read())
                if request["do"] == "pay_cash" and "ok" in answers[-1]:
                    self.drawer += request["minor"]
        return answers

    def sell_for_cash(self, code, minor):
        assert self.do("scan", code=code).get("ok"), "scan"
        return self.do("pay_cash", minor=minor)

    def sell_by_code(self, code, payment_code, ms=30_000):
        assert self.do("scan", code=code).get("ok"), "scan"
        said = self.do("scan", code=payment_code)
        return self.do("settle", ms=ms) if said.get("ok") else said

    def journal(self):
        """All records, by seq; the till must be stopped."""
        lines = self.ctl("journal", "export", "--data", self.folder, "--json").stdout.splitlines()
        records = [json.loads(line) for line in lines]
        assert records[-1]["whole"], records[-1]
        return {r["seq"]: r for r in records[:-1]}
