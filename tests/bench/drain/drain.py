# SPDX-License-Identifier: Apache-2.0
"""What bringing a journal to the cloud costs: a whole terminal beside a bare loop of SQLite and libcurl, and what the
reference cloud takes from many terminals at once. Measures, asserts nothing.

usage: /usr/bin/python3 tests/bench/drain/drain.py [--build DIR] [--records N] [--items N] [--members N] [--terminals N]

All are processes of an optimised build (`cmake --preset release`), on one machine, with mutual TLS between them. The
rows of a table were measured in one run, in turns.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import types

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / folder) for folder in ("tests/support/python", "tests/interop/cloud_server",
                                               "tests/interop/fleet", "boards/sandbox/python")]

from fleet import Till  # noqa: E402
from servers import Cloud, Contract, Device, Process, Wallet, pem_of_key  # noqa: E402
from tillkit_journal import Journal  # noqa: E402

MERCHANT, STORE = "acme", "shanghai-12"
CASH_MINOR = 100_000
MINUTE_MS = 60_000
ROUNDS = 5


class Relay:
    """Passes bytes on and counts them."""

    def __init__(self, target, port):
        self.target, self.up, self.down = target, 0, 0
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for source, sink, name in ((near, far, "up"), (far, near, "down")):
                    threading.Thread(target=self._pass, args=(source, sink, name), daemon=True).start()

    def _pass(self, source, sink, name):
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                setattr(self, name, getattr(self, name) + len(block))
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # else the port stays taken for as long as somebody waits for a call
        self.listener.close()


def resident_kb(process, what="VmHWM"):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))


def cpu_s(process):
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def code_of(number):
    digits = f"692{number:09}"
    return digits + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)


class Bench:
    def __init__(self, folder, options):
        build = pathlib.Path(options.build)
        self.folder, self.options = pathlib.Path(folder), options
        sandbox, here = build / "boards/sandbox/cloud", build / "tests/bench/drain"
        self.programs = types.SimpleNamespace(
            till=[str(build / "tests/simulation/till/headless_till")], tillctl=[str(build / "firmware/tillctl/tillctl")],
            cloud=str(sandbox / "tillkit-cloud"), wallet=str(sandbox / "tillkit-wallet"), sink=str(here / "drain_sink"),
            bare=str(here / "drain_bare"))
        self.cloud_folder = str(self.folder / "cloud")
        self.wallet = Wallet(self.programs.wallet, str(self.folder / "wallet"))
        self.cloud = None
        self.port = self.start_cloud()
        self.cloud.admin("merchant", merchant=MERCHANT, currency="CNY", wallets=["wechat_pay"])
        self.cloud.admin("store", store=STORE, merchant=MERCHANT)

    def start_cloud(self, port=0):
        self.cloud = Cloud(self.programs.cloud, self.cloud_folder, "--wallet", f"http://127.0.0.1:{self.wallet.port}",
                           "--connections", "400", "--requests-per-s", "1000000", port=port)
        return self.cloud.port

    @contextlib.contextmanager
    def sink(self, *arguments, port=None):
        """The server that only acknowledges, at the cloud's port."""
        process = Process([self.programs.sink, self.cloud_folder, "--port", str(self.port if port is None else port),
                           *arguments])
        assert process.started, "the sink"
        try:
            yield process
        finally:
            process.stop()

    def end(self):
        self.cloud.stop()
        self.wallet.stop()

    def till(self, folder):
        return Till(self.programs, str(folder))

    def enrolled_till(self, name):
        till = self.till(self.folder / name)
        claim = self.cloud.admin("claim", terminal=name, store=STORE, valid_s=3600)["claim"]
        till.enrol(f"https://localhost:{self.port}", claim, self.cloud_folder + "/trust.pem")
        return till

    def enrolled_device(self, name):
        device = Device(self.cloud, Contract(str(ROOT / "lib/cloud/cloud-api.yaml")))
        device.enrol(self.cloud.admin("claim", terminal=name, store=STORE, valid_s=3600)["claim"])
        return device

    def give(self, command, **body):
        self.cloud.admin(command, merchant=MERCHANT, **body)

    def fill(self):
        """The cloud has goods, offers and members, made up."""
        goods = [{"id": f"i{n}", "codes": [code_of(n)], "name": f"杂货 {n} 号", "price_minor": n % 9_000 + 50,
                  "categories": ["dry"], "tax_rate": "13%"} for n in range(self.options.items)]
        for first in range(0, len(goods), 500):
            self.give("catalog", catalog={"items": goods[first:first + 500]})
        with open(ROOT / "lib/offers/examples/corner_shop.json", encoding="utf-8") as file:
            self.give("offers", rule_set=json.load(file))
        for number in range(self.options.members):
            self.give("member", member=f"m-{number}", consented=True, tier="gold", orders=7, spent_minor=12_345,
                      identities=[{"kind": "payer", "index": str(number * 7_919)}])

    def queue_up(self, till, records):
        """Sells for cash until the journal is so long; nobody listens."""
        said, sales = till.start(), 0
        while till.do("status")["unsent"] < records:
            requests = []
            for _ in range(200):
                requests += [{"do": "scan", "code": code_of((sales * 3 + n) % self.options.items)} for n in range(3)]
                requests.append({"do": "pay_cash", "minor": CASH_MINOR})
                sales += 1
            assert all(answer == {"ok": True} for answer in till.do_all(requests)), "a sale"
        said = till.do("status")
        till.stop()
        return {"records": said["unsent"], "sales": sales, "journal_bytes": os.path.getsize(till.folder + "/till.db")}

    def drain_till(self, master):
        """The whole terminal, from its start on until the cloud has everything."""
        folder = self.folder / "drained"
        shutil.copytree(master, folder)
        till = self.till(folder)
        till.start()
        begun, cpu = time.monotonic(), cpu_s(till.process)
        said = till.do("sync", ms=10 * MINUTE_MS)
        took = time.monotonic() - begun
        assert said["unsent"] == 0 and said["parked"] == 0, said
        result = {"seconds": took, "cpu_seconds": cpu_s(till.process) - cpu, "rss_kb": resident_kb(till.process),
                  "anonymous_kb": resident_kb(till.process, "RssAnon")}
        till.stop()
        shutil.rmtree(folder)
        return result

    def drain_bare(self, queue, identity):
        copy = self.folder / "queue-copy.db"
        shutil.copy(queue, copy)
        run = subprocess.run([self.programs.bare, str(copy), f"https://localhost:{self.port}",
                              self.cloud_folder + "/trust.pem", str(identity), str(self.folder / "keys")], stdout=subprocess.PIPE, text=True, check=True)
        copy.unlink()
        return json.loads(run.stdout)

    def drains(self, report):
        self.fill()
        master = self.enrolled_till("T1")
        bare = self.enrolled_device("T2")
        identity = self.folder / "bare.pem"
        identity.write_text(bare.certificates + pem_of_key(bare.key), encoding="utf-8")
        wire = self.wallet_sales()
        self.cloud.stop()
        queued = report["queued"] = self.queue_up(master, self.options.records)
        queue = self.folder / "queue.db"
        with self.sink("--keep", str(queue), port=0) as sink:
            relay = Relay(sink.port, self.port)
            self.drain_till(master.folder)
            relay.end()
        report["wire"] = {"up_per_queued_cash_sale": relay.up / queued["sales"],
                          "down_per_queued_cash_sale": relay.down / queued["sales"], **wire}
        with contextlib.closing(sqlite3.connect(queue)) as kept:
            records, = kept.execute("SELECT count(*) FROM queue").fetchone()
        assert records >= queued["records"], records  # each start of a terminal is a record, too

        with self.sink():
            rounds = [(self.drain_till(master.folder), self.drain_bare(queue, identity)) for _ in range(ROUNDS)]
        rate = lambda measured: records / min(one["seconds"] for one in measured)
        tills, bares = zip(*rounds)
        report["sink"] = {"till_records_per_s": rate(tills), "bare_records_per_s": rate(bares),
                          "ratio": rate(tills) / rate(bares), "till_rss_kb": max(one["rss_kb"] for one in tills),
                          "till_anonymous_kb": max(one["anonymous_kb"] for one in tills),
                          "bare_rss_kb": max(one["rss_kb"] for one in bares), "requests": bares[0]["requests"],
                          "till_cpu_s": min(one["cpu_seconds"] for one in tills)}
        self.start_cloud(self.port)
        cpu = cpu_s(self.cloud.process)
        drained = self.drain_till(master.folder)
        report["cloud"] = {"till_records_per_s": records / drained["seconds"],
                           "cloud_cpu_us_per_record": (cpu_s(self.cloud.process) - cpu) * 1e6 / records}
        return master.journal()

    def wallet_sales(self, count=100):
        """What a sale costs on the wire that a wallet pays, members and all, while the link is there."""
        till = self.enrolled_till("T3")
        self.cloud.stop()
        port = self.start_cloud()
        relay = Relay(port, self.port)
        till.start()
        till.do("sync", ms=MINUTE_MS)
        up, down = relay.up, relay.down
        for number in range(count):
            said = till.sell_by_code(code_of(number), f"13{number:016}")
            assert said["left"] == 0, said
        till.do("sync", ms=MINUTE_MS)
        result = {"up_per_wallet_sale": (relay.up - up) / count, "down_per_wallet_sale": (relay.down - down) / count}
        till.stop()
        relay.end()
        return result

    def ingest(self, journal, report):
        """Many terminals at once, each over a connection of its own, with the sales of the one above."""
        per_terminal, batch = self.options.ingest_records, 100
        source = [record for _, record in sorted(journal.items())]
        devices, bodies = [], []
        for number in range(self.options.terminals):
            device = self.enrolled_device(f"S{number}")
            paper = Journal(device.key, os.urandom(16))
            first = len(paper.records)
            for record in source[first:first + per_terminal]:
                paper.add(record["kind"], record.get("sale", 0), json.dumps(record["body"], ensure_ascii=False,
                                                                     separators=(",", ":")), record.get("version", 1))
            bodies.append([json.dumps(paper.upload(at, at + batch - 1)).encode()
                           for at in range(1, per_terminal + 1, batch)])
            devices.append(device)
            device.send("GET", "/v1/session?nonce=" + "A" * 22)
        refused, cpu = [], cpu_s(self.cloud.process)

        def send(device, batches):
            for body in batches:
                answer = device.send("POST", "/v1/journal", raw=body)
                assert answer.status == 200, answer
                refused.extend(answer.body["refused"])

        threads = [threading.Thread(target=send, args=pair) for pair in zip(devices, bodies)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, records = time.monotonic() - begun, len(devices) * per_terminal
        report["ingest"] = {"terminals": len(devices), "records_per_s": records / took, "refused": len(refused),
                            "cloud_cpu_us_per_record": (cpu_s(self.cloud.process) - cpu) * 1e6 / records,
                            "cloud_rss_kb": resident_kb(self.cloud.process)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--terminals", type=int, default=200)
    parser.add_argument("--ingest-records", type=int, default=500, help="of each of these terminals")
    options = parser.parse_args()
    report = {}
    with tempfile.TemporaryDirectory(prefix="drain") as folder:
        bench = Bench(folder, options)
        try:
            bench.ingest(bench.drains(report), report)
        finally:
            bench.end()
    for name, rows in report.items():
        for row, value in rows.items():
            print(f"{name:7} {row:28} {value:14,.2f}" if isinstance(value, float) else f"{name:7} {row:28} {value:11,}")


if __name__ == "__main__":
    main()
