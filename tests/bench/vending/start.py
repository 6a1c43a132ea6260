#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the vending firmware needs with a long queue and large copies: how long from its start until the screen says that
it sells, and resident memory. The host's optimised build is timed; of the ARM build the instructions are counted, and
memory is what lies in the emulated address space. Measures, asserts nothing.

usage: start.py [--records N] [--items N] [--members N]
       (after: cmake --build --preset release --target tillkit-vending tillctl headless_till tillkit-cloud \\
                 tillkit-wallet tillkit-sandbox
               cmake --build --preset linux-armv7 --target tillkit-vending)
"""
import argparse
import base64
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import types

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / folder) for folder in ("tests/interop/fleet", "boards/sandbox/python")]

from fleet import Till  # noqa: E402
from vending_shop import Programs, VendingShop  # noqa: E402

ROUNDS = 9
COPIES_S_MAX = 1_800
SETTLE_S = 3
CASH_MINOR = 100_000
GUEST_BYTES = 1 << 32
PROGRAM_AT = 0x10000  # where a static ARM program is linked to
WRITES = {4, 146, 289, 290, 296}


def is_idle(line):
    """It shows the screen of a machine that sells."""
    return line["do"] == "show" and json.loads(base64.b64decode(line["screen"]))["screen"] == "idle"


class Watch:
    """Stands between firmware and hardware and notes when the screen says for the first time that the machine sells."""

    def __init__(self, target):
        self.target, self.ready_ns = target, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            for ends in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source, sink, from_firmware):
        seen = b""
        try:
            while block := source.recv(65536):
                if from_firmware and self.ready_ns is None:
                    *lines, seen = (seen + block).split(b"\n")
                    if any(is_idle(json.loads(line)) for line in lines):
                        self.ready_ns = time.monotonic_ns()
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def wait(self):
        while self.ready_ns is None:
            time.sleep(0.01)
        return self.ready_ns


def code_of(number):
    digits = f"692{number:09}"
    return digits + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)


def child_of(pid):
    return int(subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout.split()[0])


def status_kb(pid, what):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))


def guest_kb(pid, program):
    """What is resident in the 4 GB that the emulated program sees."""
    base, total = None, 0
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if not words[0].endswith(":"):
                begin = int(words[0].split("-")[0], 16)
                if base is None and line.rstrip().endswith(program):
                    base = begin - PROGRAM_AT
                inside = base is not None and base <= begin < base + GUEST_BYTES
            elif words[0] == "Rss:" and inside:
                total += int(words[1])
    return total


class Bench:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        release, arm = ROOT / "build/release", ROOT / "build/linux-armv7"
        self.plugin, self.marks = os.path.join(folder, "marks.so"), os.path.join(folder, "marks")
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", self.plugin,
                        pathlib.Path(__file__).with_name("socket_marks.c")], check=True)
        self.arm_program = str(arm / "firmware/vending/tillkit-vending")
        self.host = [str(release / "firmware/vending/tillkit-vending")]
        self.arm = ["qemu-arm", self.arm_program]
        self.counted = ["qemu-arm", "-plugin", self.plugin, "-d", "plugin", "-D", self.marks, self.arm_program]
        self.tillctl = [str(release / "firmware/tillctl/tillctl")]
        self.till = [str(release / "tests/simulation/till/headless_till")]
        sandbox = release / "boards/sandbox"
        # The command that the hardware starts is chosen anew before each start.
        self.chosen = os.path.join(folder, "vending")
        self.choose(self.host)
        self.shop = VendingShop(folder, Programs(str(sandbox / "cloud/tillkit-wallet"),
                                                 str(sandbox / "cloud/tillkit-cloud"),
                                                 str(sandbox / "hardware/tillkit-sandbox"), [self.chosen], self.tillctl),
                                ROOT / "lib/catalog/examples/corner_shop.csv",
                                ROOT / "lib/offers/examples/corner_shop.json")
        self.watch = Watch(self.shop.device_port)
        path = pathlib.Path(self.shop.data, "vending.json")
        configuration = json.loads(path.read_text(encoding="utf-8"))
        configuration["devices"]["hardware"] = f"127.0.0.1:{self.watch.port}"
        path.write_text(json.dumps(configuration, ensure_ascii=False), encoding="utf-8")

    def choose(self, command):
        path = pathlib.Path(self.chosen)
        path.write_text("#!/bin/sh\nexec " + " ".join(command) + ' "$@"\n', encoding="utf-8")
        path.chmod(0o755)

    def start(self, command):
        """The machine's power comes back; when, and its process."""
        self.choose(command)
        self.watch.ready_ns = None
        begun = time.monotonic_ns()
        self.shop.act("power", on=True)
        return begun, self.watch.wait(), child_of(self.shop.hardware.process.pid)

    def stop(self):
        self.shop.act("power", on=False)

    def fill(self):
        """Copies of goods and members come down, then the link dies and sales pile up."""
        goods = [{"id": f"i{n}", "codes": [code_of(n)], "name": f"杂货 {n} 号", "price_minor": n % 9_000 + 50,
                  "categories": ["dry"], "tax_rate": "13%"} for n in range(self.options.items)]
        for first in range(0, len(goods), 500):
            self.shop.admin("catalog", catalog={"items": goods[first:first + 500]})
        for number in range(self.options.members):
            self.shop.admin("member", member=f"m-{number}", consented=True, tier="gold", orders=7, spent_minor=12_345,
                            identities=[{"kind": "payer", "index": str(number * 7_919)}])
        self.shop.enrol()
        till = Till(types.SimpleNamespace(till=self.till, tillctl=self.tillctl), self.shop.data)
        till.start()
        assert till.do("sync", ms=COPIES_S_MAX * 1_000)["unsent"] == 0, "the copies"
        till.stop()
        self.shop.cloud.stop()
        till.start()
        sales = 0
        while till.do("status")["unsent"] < self.options.records:
            requests = []
            for _ in range(200):
                requests += [{"do": "scan", "code": code_of((sales * 3 + n) % self.options.items)} for n in range(3)]
                requests.append({"do": "pay_cash", "minor": CASH_MINOR})
                sales += 1
            assert all(answer == {"ok": True} for answer in till.do_all(requests)), "a sale"
        queued = till.do("status")["unsent"]
        till.stop()
        print(f"{queued:,} records of {sales:,} sales wait; journal {self.megabytes('till.db')}, copies "
              f"{self.megabytes('cache.db')}", flush=True)

    def megabytes(self, name):
        return f"{os.path.getsize(os.path.join(self.shop.data, name)) / 1e6:.1f} MB"

    def measure(self):
        times = []
        for _ in range(ROUNDS):
            begun, ready, process = self.start(self.host)
            times.append((ready - begun) / 1e6)
            time.sleep(SETTLE_S)
            resident = (status_kb(process, "VmHWM"), status_kb(process, "RssAnon"))
            self.stop()
        print(f"host: from exec to 'ready to sell' {statistics.median(times):.0f} ms "
              f"({min(times):.0f} to {max(times):.0f}, {ROUNDS} starts); resident at most {resident[0]:,} KB, "
              f"{resident[1]:,} KB of it anonymous", flush=True)

        _, ready, _ = self.start(self.counted)
        time.sleep(SETTLE_S)
        self.stop()
        with open(self.marks, encoding="ascii") as file:
            marks = [tuple(map(int, line.split())) for line in file if line.count(" ") == 3 and line.endswith("\n")]
        before = [mark for mark in marks if mark[2] in WRITES and mark[1] <= ready]
        print(f"ARM: {before[-1][0] / 1e6:.1f} million instructions until then", flush=True)

        _, _, process = self.start(self.arm)
        time.sleep(SETTLE_S)
        print(f"ARM: {guest_kb(process, self.arm_program):,} KB of its memory are resident", flush=True)
        self.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--members", type=int, default=50_000)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        bench = Bench(folder, parser.parse_args())
        try:
            bench.fill()
            bench.measure()
        finally:
            bench.shop.end()


if __name__ == "__main__":
    main()
