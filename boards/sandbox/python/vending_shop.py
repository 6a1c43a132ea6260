# SPDX-License-Identifier: Apache-2.0
"""One vending machine with everything around it, each a program: wallet, cloud, virtual hardware and the firmware, which
the hardware starts and pulls the power of. Mutual TLS between firmware and cloud, through a plug that can be pulled."""
import csv
import http.client
import json
import os
import shlex
import socket
import subprocess
import time

from sandbox_servers import ANSWER_S_MAX, Cloud, Process, Wallet, post_plain

MERCHANT, STORE, TERMINAL = "corner", "shanghai-12", "V1"
START_S_MAX = 60
VALID_S = 7 * 86_400
# Of what Mei has, set apart for this terminal: it needs nobody's word to spend that, so it can without a network.
SET_APART = {"points": 80, "value": 800}

# slot, item of the catalog, products; what is not in the catalog's currency has no slot
PLACES = [(11, "cola-330", 6), (12, "water-550", 8), (13, "green-tea-500", 6), (14, "milk-250", 4),
          (21, "rice-cakes", 5), (22, "chocolate-43", 6), (23, "noodles-cup", 4), (24, "battery-aa-4", 3),
          (31, "umbrella", 2), (32, "beer-500", 3), (33, "cola-330", 6), (34, "bag", 5)]
ENGLISH = {"cola-330": "Cola 330 ml", "water-550": "Water 550 ml", "green-tea-500": "Green tea 500 ml",
           "milk-250": "Milk 250 ml", "rice-cakes": "Rice cakes 150 g", "chocolate-43": "Chocolate 43 g",
           "noodles-cup": "Cup noodles, beef", "battery-aa-4": "4 AA batteries", "umbrella": "Folding umbrella",
           "beer-500": "Beer 500 ml", "bag": "Shopping bag"}
CAPACITY = 8
# A controller counts its keys in its own way: from 0 on, and never as the slots are numbered.
KEYS = {slot: key for key, (slot, _, _) in enumerate(PLACES)}


class Programs:
    """Paths, and commands as lists where an emulator may stand before them."""

    def __init__(self, wallet, cloud, hardware, vending, tillctl):
        self.wallet, self.cloud, self.hardware = wallet, cloud, hardware
        self.vending, self.tillctl = vending, tillctl


def items_of_csv(path):
    """A catalog as the cloud takes it."""
    items = []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            item = {name: row[name] for name in ("id", "name", "price", "unit", "brand", "tax_rate", "plu") if row[name]}
            item["codes"] = [row["code"]]
            item["categories"] = row["categories"].split(";")
            if row["min_age"]:
                item["min_age"] = int(row["min_age"])
            items.append(item)
    return items


def minor(yuan):
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class VendingShop:
    def __init__(self, folder, programs, catalog, rules, page_port=0, books_command=None, controller=False):
        """`controller`: the machine has an MDB controller of its own, which turns the motors; else the terminal does."""
        self.folder, self.programs, self.controller = folder, programs, controller
        self.items = items_of_csv(catalog)
        self.data = os.path.join(folder, "till")
        self.given = {}
        self.hardware = None
        os.makedirs(self.data, exist_ok=True)
        self.wallet = Wallet(programs.wallet, os.path.join(folder, "wallet"))
        self.cloud = Cloud(programs.cloud, os.path.join(folder, "cloud"), *self.cloud_arguments())
        self.set_up_cloud(rules)
        self.plug_port, self.device_port = free_port(), free_port()
        try:
            self.start_hardware(page_port, books_command)
        except RuntimeError:
            self.end()
            raise

    def cloud_arguments(self):
        return ("--wallet", f"http://127.0.0.1:{self.wallet.port}", "--settle-every-ms", "200")

    # --- who is there before the first shopper ---

    def admin(self, command, **body):
        return self.cloud.admin(command, merchant=MERCHANT, **body)

    def set_up_cloud(self, rules):
        self.admin("merchant", currency="CNY", wallets=["wechat_pay", "alipay"])
        self.cloud.admin("store", store=STORE, merchant=MERCHANT)
        self.admin("catalog", catalog={"items": self.items})
        with open(rules, encoding="utf-8") as file:
            self.admin("offers", rule_set=json.load(file))
        self.admin("settings", home={"risk_per_terminal_minor": 1_000, "risk_bearer": "our-shop"},
                   settings={"enrol": "provisional", "points_worth": {"points": 10, "minor": 100}, "tiers": []})
        self.people = [
            self.person("mei", "Mei", "小梅", "wechat_pay", 20_000, member=True),
            self.person("li", "Li", "老李", "wechat_pay", 5_000),
            self.person("wang", "Wang", "小王", "alipay", 10_000),
            self.person("zhou", "Zhou", "小周", "wechat_pay", 150),
        ]
        self.admin("issue", coupon="mei-1", offer="three-off", member="mei")
        self.give("points", "mei", 120)
        self.give("value", "mei", 1_000)
        mei = self.people[0]
        mei["card"] = self.admin("member-token", member="mei", valid_s=VALID_S)["token"]
        self.admin("issue", coupon="flyer-1", offer="flyer")
        flyer = {"code": self.admin("coupon-token", coupon="flyer-1", valid_s=VALID_S, risk_minor=500)["token"],
                 "name": "A flyer's coupon", "name_zh": "传单优惠券"}
        self.people[1]["coupons"] = [flyer]
        self.claim = self.cloud.admin("claim", terminal=TERMINAL, store=STORE, valid_s=3_600)["claim"]

    def person(self, user, name, name_zh, wallet, balance_minor, member=False):
        self.wallet.call("payer", user=user, wallet=wallet, balance_minor=balance_minor)
        if member:
            self.admin("member", member=user, consented=True, payers=[{"wallet": wallet, "user": user}])
        person = {"id": user, "name": name, "name_zh": name_zh, "wallet": wallet, "user": user,
                  "balance_minor": balance_minor, "coupons": []}
        return {**person, "member": user} if member else person

    def give(self, unit, member, amount):
        """The merchant gives it, of which no journal tells."""
        self.admin("give", unit=unit, of=member, amount=amount)
        self.given[unit, member] = self.given.get((unit, member), 0) + amount

    def write(self, name, document):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
        return path

    def slots(self):
        """As `tillctl planogram load` takes them."""
        return {"slots": [{"slot": slot, "item": item, "capacity": CAPACITY, "stock": stock, "mdb": KEYS[slot]}
                          for slot, item, stock in PLACES]}

    def places(self):
        """As the hardware takes them: what lies in the cabinet, and what is written below it."""
        items = {item["id"]: item for item in self.items}
        return {"slots": [{"slot": slot, "mdb": KEYS[slot], "item": item, "name": ENGLISH[item],
                           "name_zh": items[item]["name"], "price": minor(items[item]["price"]),
                           "capacity": CAPACITY, "stock": stock}
                          for slot, item, stock in PLACES]}

    # --- programs ---

    def start_hardware(self, page_port, books_command):
        """The machine stands there, without power."""
        with open(os.path.join(self.data, "vending.json"), "w", encoding="utf-8") as file:
            json.dump(self.configuration(), file, ensure_ascii=False, indent=1)
        options = ["--off", "--page-port", str(page_port), "--devices", f"127.0.0.1:{self.device_port}",
                   "--plug", f"127.0.0.1:{self.plug_port}=127.0.0.1:{self.cloud.port}",
                   "--planogram", self.write("cabinet.json", self.places()),
                   "--people", self.write("people.json", {"people": self.people}),
                   "--cloud-admin", f"http://127.0.0.1:{self.cloud.admin_port}",
                   "--cloud-token", os.path.join(self.folder, "cloud", "admin-token"), "--merchant", MERCHANT,
                   "--wallet-admin", f"http://127.0.0.1:{self.wallet.port}",
                   "--till-socket", os.path.join(self.data, "till.sock")]
        if self.controller:
            options.append("--controller")
        if books_command:
            options += ["--books", shlex.join([*books_command, self.write("books.json", self.where_books_are())])]
        self.hardware = Process([self.programs.hardware, *options, "--", *self.programs.vending,
                                 "--board", "sandbox", "--data", self.data])
        if not self.hardware.started:
            raise RuntimeError("the virtual hardware does not start")
        self.write("hardware.json", {"page_port": self.hardware.page_port})

    def configuration(self):
        return {"language": "zh-CN",
                "shop": {"merchant": "街角小店", "store": "上海虹桥站 B1", "address": "上海市闵行区申虹路",
                         "store_id": STORE, "channel": "vending"},
                "patience": {"basket_s": 60, "result_s": 6},
                "goods": {"by": "mdb" if self.controller else "dispenser"},
                "devices": {"hardware": f"127.0.0.1:{self.device_port}"},
                "operators": [{"name": "technician", "may": ["refund", "reprint", "resolve", "slots"],
                               "refund_max_minor": 100_000}]}

    def enrol(self):
        """A technician makes the box a terminal of this shop, and says what lies in its slots."""
        said = self.ctl("enrol", "--cloud", f"https://localhost:{self.plug_port}", "--claim", self.claim,
                        "--data", self.data, "--trust", os.path.join(self.folder, "cloud", "trust.pem"), "--json")
        for unit, amount in SET_APART.items():
            self.admin("lease", terminal=TERMINAL, unit=unit, of="mei", amount=amount, valid_s=VALID_S)
        self.ctl("planogram", "load", self.write("slots.json", self.slots()), "--data", self.data, "--by", "technician")
        return json.loads(said)

    def ctl(self, *arguments):
        run = subprocess.run([*self.programs.tillctl, *arguments], capture_output=True, text=True, check=False,
                             timeout=START_S_MAX)
        if run.returncode != 0:
            raise RuntimeError(f"tillctl {arguments[0]}: {run.stderr.strip()}")
        return run.stdout

    def restart_cloud(self):
        self.cloud.kill()
        self.cloud = Cloud(self.programs.cloud, self.cloud.folder, *self.cloud_arguments(), port=self.cloud.port)

    def end(self):
        """Each by its pid; the hardware takes the firmware with it."""
        for process in (self.hardware, self.cloud, self.wallet):
            if process is not None and process.process.poll() is None:
                process.stop()

    # --- what people do ---

    def act(self, act, **more):
        """One of the page's own acts; refused: what it says."""
        answer = post_plain(self.hardware.page_port, "/act", {"act": act, **more})
        return answer.body if answer.status == 200 else {"error": answer.body.get("error", answer.status)}

    def press(self, press, **more):
        return self.act("press", press={"press": press, **more})

    def select(self, slot):
        """A shopper presses the key of a slot, whosever key it is."""
        return self.act("select", slot=slot)

    def state(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.hardware.page_port, timeout=ANSWER_S_MAX)
        try:
            connection.request("GET", "/state")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def wait_for(self, is_so, seconds=START_S_MAX):
        """The machine's state, once it is as wanted; None: it does not become so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.state()
            if is_so(state):
                return state
            time.sleep(0.05)
        return None

    def wait_for_screen(self, *screens, seconds=START_S_MAX):
        return self.wait_for(lambda state: state["screen"] and state["screen"]["screen"] in screens, seconds)

    def power_on(self):
        """Waits until the machine sells."""
        self.act("power", on=True)
        if self.wait_for_screen("idle") is None:
            raise RuntimeError(f"the firmware does not come up: {self.state()['screen']}")

    # --- what the books are compared from ---

    def where_books_are(self):
        return {"tillctl": self.programs.tillctl, "data": self.data, "terminal": TERMINAL, "merchant": MERCHANT,
                "cloud_admin_port": self.cloud.admin_port, "cloud_folder": self.cloud.folder,
                "wallet_port": self.wallet.port,
                "hardware": os.path.join(self.folder, "hardware.json"),
                "given": [[unit, of, amount] for (unit, of), amount in self.given.items()]}
