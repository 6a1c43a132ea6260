# SPDX-License-Identifier: Apache-2.0
"""A small program in the firmware's place: it uses the sandbox board's hardware by its lines (boards/sandbox/README.md),
so that the page can be tried without a library under it. Whoever shows a payment code or money has paid.

usage: standin_firmware.py DEVICES PLANOGRAM [JOURNAL SOCKET]
"""
import base64
import json
import os
import select
import socket
import sys
import time

QR = "https://wallet.example/pay/5ab0f3c2d1e4a697"
WORDS = {
    "idle": ("Please choose a product.", "请选择商品"), "basket": ("", ""),
    "choose_tender": ("How would you like to pay?", "请选择支付方式"), "show_code": ("Scan to pay.", "请扫码支付"),
    "waiting_for_wallet": ("One moment, your wallet is being asked.", "请稍候，正在向钱包确认"),
    "handing_over": ("Your product is coming.", "正在出货"), "thank_you": ("Thank you!", "谢谢惠顾"),
    "refund_done": ("It did not come out. Your money is on its way back.", "未能出货，款项已退回"),
    "refused": ("It is sold out.", "已售罄"),
}
WORKS = [("wallet_code", "Payment code", "付款码"), ("wallet_qr", "Scan to pay", "扫码支付"), ("cash", "Cash", "现金"),
         ("points", "Points", "积分")]


def money(minor):
    return {"minor": minor, "currency": "CNY", "text": f"¥{minor // 100}.{minor % 100:02}"}


class Till:
    def __init__(self, devices, planogram, journal, technician):
        host, port = devices.rsplit(":", 1)
        self.line = socket.create_connection((host, int(port)))
        self.received = b""
        with open(planogram, encoding="utf-8") as file:
            self.slots = {slot["slot"]: slot for slot in json.load(file)["slots"]}
        self.journal, self.blocked = journal, set()
        self.records = self.read_journal()
        for record in self.records:
            self.follow(record)
        self.language, self.chosen, self.order, self.paid, self.later = "en", None, 0, 0, None
        self.technician = None
        if technician:
            if os.path.exists(technician):
                os.unlink(technician)
            self.technician = socket.socket(socket.AF_UNIX)
            self.technician.bind(technician)
            self.technician.listen()

    # The journal: enough of one to be shown.

    def read_journal(self):
        if not self.journal or not os.path.exists(self.journal):
            return []
        with open(self.journal, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def note(self, kind, sale=None, **body):
        record = {"seq": len(self.records) + 1, "kind": kind, "wall_ms": int(time.time() * 1000), "body": body}
        if sale:
            record["sale"] = sale
        self.records.append(record)
        self.follow(record)
        if self.journal:
            with open(self.journal, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")

    def follow(self, record):
        """What is kept over a power cut: slots that somebody must look at."""
        if record["body"].get("seen") == "jammed":
            self.blocked.add(record["body"]["slot"])
        elif record["kind"] == "slot_set":
            self.blocked.discard(record["body"]["slot"])

    def answer_technician(self):
        peer, _ = self.technician.accept()
        with peer, peer.makefile("rwb") as lines:
            asked = json.loads(lines.readline())
            shown = []
            if asked["command"] == "journal.show":
                shown = self.records[asked.get("from", 1) - 1:]
            elif asked["command"] == "planogram.show":
                shown = [{"slot": number, "item": slot["item"], "capacity": slot["capacity"], "stock": slot["stock"],
                          "block": "jammed" if number in self.blocked else "none"} for number, slot in self.slots.items()]
            elif asked["command"] == "planogram.set" and asked["change"].get("blocked") is False:
                self.note("slot_set", slot=asked["change"]["slot"])
            for line in [*shown, {"done": asked["command"], "unacknowledged": 0}]:
                lines.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            lines.write(b"\n")  # the answer is whole

    # Lines.

    def say(self, do, **more):
        self.line.sendall(json.dumps({"do": do, **more}).encode() + b"\n")

    def lines(self, wait):
        readable, _, _ = select.select([s for s in (self.line, self.technician) if s], [], [], wait)
        if self.technician in readable:
            self.answer_technician()
        if self.line in readable:
            block = self.line.recv(65536)
            if not block:
                sys.exit(0)
            self.received += block
        *whole, self.received = self.received.split(b"\n")
        return [json.loads(line) for line in whole]

    def show(self, screen, words=None, **more):
        text = words or WORDS[screen][self.language != "en"]
        model = {"screen": screen, "language": self.language, "text": text, "operator_text": text, **more}
        self.say("show", screen=base64.b64encode(json.dumps(model).encode()).decode())

    def works(self):
        return [{"tender": kind, "name": zh if self.language != "en" else en} for kind, en, zh in WORKS]

    # A sale.

    def run(self):
        self.say("hello", boot=f"{os.getpid()}-{time.time()}")
        self.note("boot")
        while True:
            for line in self.lines(None if self.later is None else max(0, self.later - time.monotonic())):
                self.take(line)
            if self.later is not None and time.monotonic() >= self.later:
                self.be_idle()

    def be_idle(self):
        self.chosen, self.paid, self.later = None, 0, None
        self.show("idle")

    def take(self, line):
        kind = line["is"]
        if kind == "state" and self.chosen is None and self.order == 0:
            self.say("scanner", enabled=True, time=1)
            self.be_idle()
        elif kind == "press":
            self.press(json.loads(base64.b64decode(line["press"])))
        elif kind == "scan" and self.chosen and self.order == 0:
            self.show("waiting_for_wallet", amount=money(self.chosen["price"]))
            self.pay("wallet_code")
        elif kind == "vend":
            self.handed_over(line.get("seen"))

    def press(self, press):
        what = press["press"]
        if what == "stand_in":  # of a test: any screen, any record
            with open(press["file"], encoding="utf-8") as file:
                wanted = json.load(file)
            if wanted["screen"]:
                self.show(wanted["screen"].pop("screen"), wanted["screen"].pop("text"), **wanted["screen"])
            if wanted["record"]:
                self.note(wanted["record"].pop("kind"), wanted["record"].pop("sale"), **wanted["record"])
        elif what == "language":
            self.language = press["to"]
            self.be_idle()
        elif what == "cancel":
            self.give_back(self.paid)
            self.be_idle()
        elif what == "select" and self.order == 0:
            if press["slot"] in self.blocked:
                self.show("refused")
                return
            self.chosen = self.slots[press["slot"]]
            self.show("choose_tender", amount=money(self.chosen["price"]), works=self.works())
        elif what == "pay_qr" and self.chosen:
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
            self.show("show_code", amount=money(self.chosen["price"]), qr=QR, expires_at=until)
        elif what == "cash":
            self.paid += press["minor"]
            if not self.chosen:
                self.give_back(self.paid)
                self.paid = 0
            elif self.paid >= self.chosen["price"]:
                self.give_back(self.paid - self.chosen["price"])
                self.pay("cash")

    def give_back(self, minor):
        if minor > 0:
            self.say("pay_out", minor=minor)

    def pay(self, tender):
        self.note("sale_paid", item=self.chosen["item"], tender=tender, minor=self.chosen["price"])
        self.order = len(self.records)
        self.show("handing_over", out=0, units=1)
        self.say("dispense", order=self.order, vend=self.order, slot=self.chosen["slot"], limit_ms=4000)

    def handed_over(self, seen):
        dropped = seen == "dropped"
        self.note("goods_out" if dropped else "refunded", seen=seen, slot=self.chosen["slot"])
        self.order = 0
        if dropped:
            self.show("thank_you", paid=money(self.chosen["price"]), change=money(0), sale="S000001", points=3)
            self.print_receipt()
        else:
            self.show("refund_done", amount=money(self.chosen["price"]))
        self.later = time.monotonic() + 6

    def print_receipt(self):
        price = money(self.chosen["price"])["text"].replace("¥", "￥").encode("gb18030")
        name = (self.chosen.get("name_zh") or self.chosen["name"]).encode("gb18030")
        store = QR.encode()
        code = b"\x1d(k" + (len(store) + 3).to_bytes(2, "little") + b"1P0" + store + b"\x1d(k\x03\x001Q0"
        receipt = (b"\x1b@\x1ba\x01\x1bE\x01\x1d!\x11" + "街角小店".encode("gb18030") + b"\n\x1d!\x00\x1bE\x00\x1ba\x00" +
                   b"--\n\x1d!\x01" + "合计".encode("gb18030") + b"\x1d!\x00\n" + name + b" " * (32 - len(name) - len(price)) + price + b"\n" + b"-" * 32 + b"\n\x1ba\x01" + code +
                   "谢谢惠顾".encode("gb18030") + b"\n\x1bd\x03\x1dV\x00")
        self.say("print", job=len(self.records), limit_ms=20000, bytes=base64.b64encode(receipt).decode())


if __name__ == "__main__":
    Till(*sys.argv[1:3], *(sys.argv[3:5] if len(sys.argv) > 3 else (None, None))).run()
