# SPDX-License-Identifier: Apache-2.0
"""A day of two vending machines among real programs: the firmware, the virtual hardware that outlives it, the cloud and
the wallet. The terminal turns the motors of the first; the second has an MDB controller of its own. What people see is
printed; in the end of each four books are compared: journal, cloud, wallet, and the goods themselves.

usage: vending.py WALLET CLOUD HARDWARE CATALOG RULES [EMULATOR] -- VENDING TILLCTL
Exit status: 0 the books are equal.
"""
import json
import signal
import sys
import tempfile
import time

import four_books
from vending_shop import ENGLISH, PLACES, Programs, VendingShop

NAMES = {slot: ENGLISH[item] for slot, item, _ in PLACES}
COLA, WATER, TEA, MILK, RICE_CAKES, CHOCOLATE, NOODLES = 11, 12, 13, 14, 21, 22, 23
SETTLE_S_MAX = 120


def say(who, what):
    print(f"  {who:10} {what}", flush=True)


class Day:
    def __init__(self, shop):
        self.shop, self.chapters = shop, 0
        self.shown, self.fallen, self.jobs = None, {}, 0

    def chapter(self, title):
        self.chapters += 1
        print(f"\n{self.chapters}. {title}", flush=True)

    def look(self):
        """Says what has changed before the shopper's eyes."""
        state = self.shop.state()
        screen = state["screen"]
        words = screen["text"] if screen else None
        if screen and screen["screen"] == "basket" and screen["rows"]:
            words = f"in all {screen['total']['text']}"
            if screen["discount"]["minor"] > 0:
                words += f", saved {screen['discount']['text']}"
            if screen["member"]:
                words += ", member"
        if screen and screen["screen"] == "idle":
            words = None
        if words != self.shown and words:
            say("screen", words)
        self.shown = words
        for slot in state["cabinet"]["slots"]:
            for _ in range(slot["fallen"] - self.fallen.get(slot["slot"], 0)):
                say("machine", f"{NAMES[slot['slot']]} falls out of slot {slot['slot']}")
            self.fallen[slot["slot"]] = slot["fallen"]
        for _ in range(state["printer"]["jobs"] - self.jobs):
            say("printer", "a receipt")
        self.jobs = state["printer"]["jobs"]
        return state

    def until(self, is_so, what, seconds=SETTLE_S_MAX):
        deadline = time.monotonic() + seconds
        while not is_so(state := self.look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not come to this: {what}; {state['screen']}")
            time.sleep(0.05)
        return state

    def until_screen(self, *screens):
        return self.until(lambda state: state["screen"] and state["screen"]["screen"] in screens, " or ".join(screens))

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(0.05)

    # --- what people do ---

    def act(self, act, **more):
        said = self.shop.act(act, **more)
        assert "error" not in said, f"{act}: {said}"
        self.look()
        return said

    def press(self, press, **more):
        said = self.shop.press(press, **more)
        assert "error" not in said, f"{press}: {said}"
        self.wait(0.2)

    def select(self, *slots):
        for slot in slots:
            say("shopper", f"chooses {NAMES[slot]}")
            said = self.shop.select(slot)
            assert "error" not in said, f"{slot}: {said}"
            self.wait(0.2)

    def show_code(self, person):
        code = self.act("code", person=person)["code"]
        say(person, "shows a payment code")
        self.act("scan", code=code)

    def buy(self, person, *slots):
        self.select(*slots)
        self.show_code(person)
        self.until_screen("thank_you")
        self.end()

    def end(self):
        """Until the machine is ready for the next one."""
        self.until_screen("idle")

    def selects_until_asked(self, slot):
        """A controller that has just come up or ended a session takes no selection at once."""
        say("shopper", f"chooses {NAMES[slot]}")
        deadline = time.monotonic() + SETTLE_S_MAX
        while "error" in self.shop.select(slot):
            assert time.monotonic() < deadline, "the controller takes no selection"
            self.wait(0.2)
        self.until_screen("basket")

    def cancel(self):
        say("shopper", "wants out")
        self.press("cancel")

    def power(self, on):
        say("power", "comes back" if on else "goes")
        self.act("power", on=on)
        if on:
            self.until(lambda state: state["screen"] is not None, "a screen")

    def network(self, plugged):
        say("network", "plugged in" if plugged else "pulled out")
        self.act("network", plugged=plugged)

    def points_of(self, member):
        for balance in self.shop.admin("books")["balances"]:
            if (balance["of"], balance["unit"]) == (member, "points"):
                return balance["active"] + balance["leased"]
        return 0

    def cloud_knows_all(self):
        """What is on its way arrives."""
        self.shop.ctl("sync", "--data", self.shop.data, "--now")

        def up_to_date():
            said = self.shop.ctl("sync", "--data", self.shop.data, "--json")
            return json.loads(said.splitlines()[-1])["unacknowledged"] == 0
        deadline = time.monotonic() + SETTLE_S_MAX
        while not up_to_date():
            assert time.monotonic() < deadline, "the cloud does not have it all"
            time.sleep(0.2)


def morning(day):
    day.chapter("A technician makes the box a terminal of this shop, says what lies in its slots, and switches it on")
    said = day.shop.enrol()
    say("technician", f"tillctl enrol: it has a certificate and {said['items']} items to sell, by the rules "
                      f"{said['rules']}; tillctl planogram load: {len(PLACES)} slots")
    day.shop.power_on()
    say("machine", "is ready")
    day.press("language", to="en")

    day.chapter("A stranger pays, and is a member: one code, one act")
    before = len(day.shop.admin("books")["members"])
    day.buy("li", WATER)
    day.cloud_knows_all()
    say("cloud", f"has {len(day.shop.admin('books')['members']) - before} member more")

    day.chapter("A member: her payment code says who she is, her coupon counts by itself, and pays")
    points = day.points_of("mei")
    day.buy("mei", RICE_CAKES, COLA)
    day.cloud_knows_all()
    say("cloud", f"Mei has {day.points_of('mei') - points} points more")

    day.chapter("Three things at once, and Alipay")
    day.buy("wang", WATER, TEA, COLA)

    day.chapter("Not enough money: declined; somebody else pays")
    day.select(CHOCOLATE)
    day.show_code("zhou")
    day.until_screen("declined")
    day.show_code("wang")
    day.until_screen("thank_you")
    day.end()

    day.chapter("The wallet wants a password, and gets it")
    day.act("wallet", password=True)
    day.select(NOODLES)
    day.show_code("mei")
    day.until_screen("enter_password")
    say("mei", "types it")
    day.act("password", person="mei", yes=True)
    day.until_screen("thank_you")
    day.end()

    day.chapter("The password never comes: given up, and nothing is taken")
    day.select(NOODLES)
    day.show_code("mei")
    day.until_screen("enter_password")
    day.cancel()
    day.act("wallet", password=False)
    day.end()

    day.chapter("A code on the screen: the shopper scans it")
    day.select(TEA)
    day.press("pay_qr")
    shown = day.until_screen("show_code")["screen"]["qr"]
    say("li", "scans it and pays")
    day.act("pay_qr", person="li", qr=shown)
    day.until_screen("thank_you")
    day.end()


def trouble(day):
    day.chapter("No network: a code is refused at once, and nothing is taken; then it is back")
    day.network(False)
    day.select(WATER)
    day.show_code("li")
    day.until_screen("refused")
    day.network(True)
    day.wait(1)
    day.show_code("li")
    day.until_screen("thank_you")
    day.end()

    day.chapter("Mei pays without a network: some of her stored value was set apart for this machine beforehand")
    day.network(False)
    day.select(COLA)
    say("mei", "shows her card")
    day.act("scan", code=day.shop.people[0]["card"])
    day.until(lambda state: state["screen"]["member"], "she is known")
    day.press("pay_value")
    day.until_screen("thank_you")
    day.network(True)
    day.end()

    day.chapter("The wallet does not answer for a while: asked again, and paid once")
    day.act("wallet", answers=False)
    day.select(CHOCOLATE)
    day.show_code("wang")
    day.until_screen("waiting_for_wallet")
    day.wait(2)
    day.act("wallet", answers=True)
    day.until_screen("thank_you", "not_completed")
    day.end()

    day.chapter("The motor sticks: the money goes back, and nothing is sold from there until somebody has looked")
    day.act("jam", slot=MILK, on=True)
    day.select(MILK)
    day.show_code("wang")
    day.until_screen("not_completed", "refund_done", "refused")
    day.end()
    day.select(MILK)
    day.until_screen("refused")
    day.end()

    day.chapter("A technician frees the motor and refills: the terminal hears of it, and sells from there again")
    day.act("jam", slot=MILK, on=False)
    day.act("refill")
    day.buy("wang", MILK)

    day.chapter("One of two sticks: what came out is paid, the other comes back")
    day.act("jam", slot=TEA, on=True)
    day.select(WATER, TEA)
    day.show_code("mei")
    day.until_screen("thank_you", "refund_done", "not_completed")
    day.end()


def dark(day):
    day.chapter("Power goes while the wallet waits for the password: the machine comes back, asks, and hands over")
    day.act("wallet", password=True)
    day.select(CHOCOLATE)
    day.show_code("mei")
    day.until_screen("enter_password")
    day.power(False)
    day.act("password", person="mei", yes=True)
    day.act("wallet", password=False)
    day.power(True)
    day.until_screen("idle")

    day.chapter("Power goes between payment and drop: the cabinet remembers, so nobody pays for nothing")
    day.select(COLA)
    day.show_code("wang")
    day.until(lambda state: state["cabinet"]["turning"] is not None, "a motor turns")
    day.power(False)
    day.power(True)
    day.until_screen("idle")

    day.chapter("The same, just when it has fallen: paid, and not handed over twice")
    day.select(WATER)
    before = day.fallen[WATER]
    day.show_code("li")
    day.until(lambda state: {s["slot"]: s for s in state["cabinet"]["slots"]}[WATER]["fallen"] > before, "it falls")
    day.power(False)
    day.power(True)
    day.until_screen("idle")

    day.chapter("The cloud dies in the middle of a charge, and comes back with its books")
    day.act("wallet", password=True)
    day.select(CHOCOLATE)
    day.show_code("wang")
    day.until_screen("enter_password")
    day.shop.restart_cloud()
    say("power", "the cloud was killed and runs again")
    day.act("wallet", password=False)
    day.act("password", person="wang", yes=True)
    day.until_screen("thank_you", "not_completed")
    day.end()


def at_the_bus(day):
    day.chapter("Another machine, with a controller of its own; the terminal is a cashless reader on its bus")
    day.shop.enrol()
    day.shop.power_on()
    say("machine", "is ready")
    day.press("language", to="en")

    day.chapter("A stranger presses a key of the machine, pays, and the controller turns its motor")
    day.selects_until_asked(WATER)
    day.show_code("li")
    day.until_screen("thank_you")
    day.end()

    day.chapter("A member's coupon counts on a machine that knows nothing of coupons: approved below its price")
    day.selects_until_asked(RICE_CAKES)
    day.show_code("mei")
    day.until_screen("thank_you")
    day.end()

    day.chapter("Somebody thinks again, and pulls the lever")
    day.selects_until_asked(NOODLES)
    day.act("lever")
    day.end()

    day.chapter("The controller says that its motor sticks: the money goes back")
    day.act("jam", slot=COLA, on=True)
    day.selects_until_asked(COLA)
    day.show_code("wang")
    day.until_screen("not_completed", "refund_done", "refused")
    day.end()
    day.act("jam", slot=COLA, on=False)
    day.act("refill")

    day.chapter("The terminal's power goes before the approval: it asks the wallet again, and no money stays for nothing")
    day.act("wallet", password=True)
    day.selects_until_asked(CHOCOLATE)
    day.show_code("mei")
    day.until_screen("enter_password")
    day.power(False)
    day.act("password", person="mei", yes=True)
    day.act("wallet", password=False)
    day.power(True)
    day.until_screen("idle")

    day.chapter("And it goes on")
    day.selects_until_asked(CHOCOLATE)
    day.show_code("wang")
    day.until_screen("thank_you")
    day.end()


def main():
    split = sys.argv.index("--")
    wallet, cloud, hardware, catalog, rules, *emulator = sys.argv[1:split]
    vending, tillctl = sys.argv[split + 1:]
    programs = Programs(wallet, cloud, hardware, [*emulator, vending], [*emulator, tillctl])
    # However it is ended, what it started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    different = 0
    for controller, parts in ((False, (morning, trouble, dark)), (True, (at_the_bus,))):
        with tempfile.TemporaryDirectory(prefix="story") as folder:
            shop = VendingShop(folder, programs, catalog, rules, controller=controller)
            try:
                day = Day(shop)
                for part in parts:
                    part(day)
                different += not compare(day)
            finally:
                shop.end()
    return 1 if different else 0


def compare(day):
    print("\nThe day is over.", flush=True)
    deadline = time.monotonic() + SETTLE_S_MAX
    while True:
        day.cloud_knows_all()
        said = four_books.compare_machine(day.shop.where_books_are())
        if said["equal"] or (not said["under_way"] and time.monotonic() > deadline - SETTLE_S_MAX / 2):
            break
        assert time.monotonic() < deadline, said["differences"]
        time.sleep(0.5)
    charges = sum(m["kind"] == "charge" for m in day.shop.wallet.books()["movements"])
    print(f"{len(said['books'][0]['lines'])} sales, {charges} charges, {sum(day.fallen.values())} products out. "
          "The journal, the cloud's and the wallet's books, and the goods:")
    print("\n".join(said["differences"]) if said["differences"] else "The books are equal.", flush=True)
    return not said["differences"]


if __name__ == "__main__":
    sys.exit(main())
