# SPDX-License-Identifier: Apache-2.0
"""What the four books of a machine are held to say, on stand-ins that change while they are read."""
import json
import os
import random
import unittest

import four_books
import tillkit_report

OUT, NOT_OUT, UNKNOWN = 1, 2, 3
SLOT, CAPACITY = 11, 8
SEED = int(os.environ.get("TILLKIT_SEED", "20261123"))


def money(minor):
    return {"minor": minor, "currency": "CNY"}


class World:
    """A machine, its wallet and its cloud. Whoever reads one book lets the world go on by some of its next steps."""

    def __init__(self, pace=lambda: 0):
        self.pace, self.steps = pace, []
        self.records, self.confirmed, self.at_cloud = [], 0, {}
        self.movements, self.turning = [], None
        self.slot = {"slot": SLOT, "stock": CAPACITY, "fallen": 0, "unseen": 0, "accounted": 0}
        self.believed = CAPACITY
        self.write("boot", None)

    # What happens.

    def write(self, kind, sale, **body):
        self.records.append({"kind": kind, "sale": sale, "body": body})
        return len(self.records)

    def upload(self, count):
        """The cloud takes some records, and confirms them."""
        for record in self.records[self.confirmed:self.confirmed + count]:
            if record["kind"] == "checkout.sale_priced":
                self.at_cloud[record["sale"]] = "open"
            elif record["kind"] == "checkout.sale_closed":
                self.at_cloud[record["sale"]] = four_books.STATES[record["body"]["how"]]
        self.confirmed = min(self.confirmed + count, len(self.records))

    def fall(self):
        self.slot["stock"] -= 1
        self.slot["fallen"] += 1

    def pay(self, order, minor):
        self.movements.append({"order": order, "kind": "charge", "minor": minor})

    def end_vend(self, sale, outcome=OUT, empty=False):
        self.write("fulfilment.vend_ended", sale, units=[outcome])
        self.believed = 0 if empty else self.believed - (outcome != NOT_OUT)

    def sale(self, number, minor=350, move=None, outcome=OUT, empty=False):
        """The steps of one, in their order; the uploads lag behind."""
        order, attempt = f"V1-{number}", []
        upload = lambda: self.upload(2)
        return [
            lambda: self.write("checkout.sale_priced", number, total=money(minor)),
            lambda: attempt.append(self.write("payment.attempt_intended", number, order=order, amount=money(minor))),
            lambda: self.pay(order, minor), upload,
            lambda: self.write("payment.attempt_paid", number, attempt=attempt[0]),
            lambda: self.write("fulfilment.vend_intended", number, goods=[{"slot": SLOT, "count": 1}]), upload,
            move or self.fall,
            lambda: self.end_vend(number, outcome, empty),
            lambda: self.write("checkout.sale_closed", number, how=5), upload, upload, upload]

    def run(self, steps=None):
        for step in steps if steps is not None else self.steps:
            step()
        if steps is None:
            self.steps = []

    def let_pass(self):
        for _ in range(min(self.pace(), len(self.steps))):
            self.steps.pop(0)()

    # How it is read.

    def read(self, book):
        copy = json.loads(json.dumps(book()))
        self.let_pass()
        return copy

    def terminal(self):
        return "V1"

    def given(self):
        return {}

    def journal(self):
        return {int(seq): record for seq, record in
                self.read(lambda: dict(enumerate(self.records, start=1))).items()}

    def till(self):
        return tuple(self.read(lambda: (len(self.records), len(self.records) - self.confirmed)))

    def planogram(self):
        return self.read(lambda: [{"slot": SLOT, "stock": self.believed}])

    def cloud(self):
        return self.read(lambda: {
            "adds_up": True, "waiting": 0, "merges": [], "balances": [], "members": [], "coupons": [],
            "sales": [{"terminal": "V1", "sale": sale, "state": state} for sale, state in self.at_cloud.items()]})

    def wallet(self):
        return self.read(lambda: {"movements": self.movements})

    def cabinet(self):
        return self.read(lambda: {"turning": self.turning, "slots": [self.slot]})


def after_one_sale(**how):
    world = World()
    world.run(world.sale(1, **how))
    return world


def codes(findings):
    return [finding["code"] for finding in findings]


class Books(unittest.TestCase):
    def test_quick_sales_without_a_fault_never_differ(self):
        chance = random.Random(SEED)
        for _ in range(10):
            world = World(pace=lambda: chance.randrange(6))
            world.slot["stock"] = world.believed = 40
            for number in range(1, 21):
                world.steps += world.sale(number)
            while world.steps:
                said = four_books.compare_books(world)
                self.assertTrue(said["equal"] or said["under_way"], f"seed {SEED}: {said['differences']}")
            said = four_books.compare_books(world)
            self.assertEqual((True, False), (said["equal"], said["under_way"]), said["differences"])

    def test_a_real_difference_is_one_as_soon_as_all_is_quiet(self):
        world = after_one_sale()
        world.pay("V1-1", 350)

        said = four_books.compare_books(world)

        self.assertEqual((False, False), (said["equal"], said["under_way"]))
        self.assertEqual(["charged_often", "order"], codes(said["findings"]))
        self.assertEqual({"order": "V1-1", "here": 350, "there": 700}, said["findings"][1]["values"])
        self.assertEqual("order V1-1: 3.50 by the journal, 7.00 by the wallet", said["differences"][1])

    def test_a_cloud_that_confirmed_all_and_has_a_sale_open_differs(self):
        world = after_one_sale()
        world.at_cloud[1] = "open"

        said = four_books.compare_books(world)

        self.assertEqual((False, False), (said["equal"], said["under_way"]))
        self.assertEqual({"terminal": "V1", "sale": 1, "here": "closed", "there": "open"}, said["findings"][0]["values"])

    def test_what_the_cloud_has_not_confirmed_is_under_way(self):
        world = after_one_sale()
        world.write("note", None)

        self.assertTrue(four_books.compare_books(world)["under_way"])

    def test_a_difference_that_a_second_look_does_not_find_is_none_yet(self):
        world = after_one_sale()
        looks = iter([700, 350])
        world.wallet = lambda: {"movements": [{"order": "V1-1", "kind": "charge", "minor": next(looks)}]}

        said = four_books.compare_books(world)

        self.assertEqual([], said["differences"])

    def test_what_a_covered_sensor_did_not_see_is_known_until_somebody_has_looked(self):
        world = World()

        def unseen():
            world.fall()
            world.slot["unseen"] += 1
        world.run(world.sale(1, move=unseen, outcome=NOT_OUT, empty=True))

        said = four_books.compare_books(world)
        self.assertEqual((False, False, []), (said["equal"], said["under_way"], said["differences"]))
        self.assertEqual([{"code": "unseen", "values": {"slot": SLOT, "count": 1},
                           "words": "slot 11: 1 fell that the covered sensor did not see"}], said["known"])

        world.slot["accounted"] = 1
        world.believed = world.slot["stock"]
        self.assertTrue(four_books.compare_books(world)["equal"])

    def test_a_product_that_falls_without_a_sale_is_no_fault_of_the_sensor(self):
        world = after_one_sale()
        world.fall()

        said = four_books.compare_books(world)

        self.assertEqual(["fallen", "stock"], codes(said["findings"]))
        self.assertEqual({"slot": SLOT, "here": 1, "there": 2}, said["findings"][0]["values"])

    def test_goods_that_nobody_announced_are_a_difference(self):
        world = after_one_sale()
        world.slot["stock"] = CAPACITY

        said = four_books.compare_books(world)

        self.assertEqual([{"slot": SLOT, "here": CAPACITY - 1, "there": CAPACITY}],
                         [finding["values"] for finding in said["findings"]])

    def test_what_may_have_come_out_is_none_until_somebody_says_what_lies_there(self):
        world = after_one_sale(move=lambda: None, outcome=UNKNOWN)
        self.assertTrue(four_books.compare_books(world)["equal"])

        world.write("fulfilment.slot_set", None, slots=[{"slot": SLOT, "stock": CAPACITY - 1}])
        world.upload(1)

        self.assertEqual(["stock"], codes(four_books.compare_books(world)["findings"]))

    def test_each_sale_stands_side_by_side(self):
        world = after_one_sale()
        world.run(world.sale(2, move=lambda: None, outcome=UNKNOWN)[:-3])

        said = four_books.compare_books(world)["sales"]

        self.assertEqual({"sale": 1, "journal": {"minor": 350, "kept": 350, "state": "closed"},
                          "cloud": {"state": "closed"}, "wallet": {"minor": 350}, "goods": {"out": 1, "perhaps": 0},
                          "equal": True}, said[0])
        self.assertEqual(({"state": "open"}, {"out": 0, "perhaps": 1}, False),
                         (said[1]["cloud"], said[1]["goods"], said[1]["equal"]))


if __name__ == "__main__":
    tillkit_report.main()
