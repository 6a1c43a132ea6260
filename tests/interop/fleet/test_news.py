# SPDX-License-Identifier: Apache-2.0
"""Pages of news that are no good, a record that is none, and a journal of which the cloud says so: real terminals take
nothing of the first, are held up by nothing of the second, and wait for a person with the third.

usage: test_news.py CLOUD WALLET CATALOG RULES [EMULATOR] -- TILL TILLCTL
"""
import json
import ssl
import tempfile
import unittest
import warnings

import certificates
import tillkit_report
import tls_peer
from fleet import Till
from shop import CATALOG, COLA, MERCHANT, PROGRAMS, RULES, InShop
from stand_in_cloud import Key, StandInCloud, problem

RECORDS = 1_000
FAR = 4_102_444_800_000  # the year 2100


def lease(number=1, amount=100):
    return {"type": "lease_granted", "lease": {"id": f"l-{number}", "unit": "points", "of": "m-1", "amount": amount,
                                               "until": FAR, "lots": [{"lot": "lot-1", "amount": amount}]}}


class AgainstAStandIn(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fleet")
        self.addCleanup(self.folder.cleanup)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of SHA-1: the shop has bad certificates, too
            shop = certificates.Shop()
        context = tls_peer.Contexts(self.folder.name).server(shop.good["ec"], clients=shop.client_root)
        context.verify_mode = ssl.CERT_OPTIONAL  # a device that enrols has none
        self.cloud = StandInCloud(shop, context)
        trust = self.folder.name + "/trust.pem"
        with open(trust, "w", encoding="ascii") as file:
            file.write(certificates.pem(shop.root.certificate))
        self.till = Till(PROGRAMS, self.folder.name + "/T1", CATALOG, RULES)
        self.till.enrol(f"https://127.0.0.1:{self.cloud.port}", "7KQ4-M2XA-9TFD", trust)
        self.till.start()
        self.addCleanup(lambda: self.till.process.poll() is None and self.till.kill())

    def told(self):
        run = self.till.ctl("sync", "--data", self.till.folder, "--json")
        return json.loads(run.stdout.splitlines()[-1])


class BadNews(AgainstAStandIn):
    def bad_pages(self):
        """Each would grant a lease if it were believed."""
        page, other = self.cloud.page, Key("cloud-1")
        granted = {"changes": [lease()], "cursor": "9"}

        def cut(query):
            whole = page(query, **granted)
            half = whole["page"][:len(whole["page"]) // 2]
            return {**whole, "page": half, "signature": self.cloud.key.sign("tillkit-news-1\n" + half)}

        return {
            "signed by another": lambda query: page(query, key=other, **granted),
            "signed as something else": lambda query: page(query, signed="{}", **granted),
            "by a key that nobody knows": lambda query: {**page(query, **granted), "key": "cloud-2"},
            "without a signature": lambda query: {**page(query, **granted), "signature": "A" * 86},
            "another terminal's": lambda query: page(query, terminal="T2", **granted),
            "of another feed": lambda query: page(query, **{**granted, "feed": "copies"}),
            "older": lambda query: page(query, after="1", **granted),
            "newer": lambda query: page(query, after="7", **granted),
            "with a cursor that stays": lambda query: page(query, changes=[lease()]),
            "half": cut,
            "too long": lambda query: page(query, changes=[lease(n) for n in range(201)], cursor="9"),
            "of nothing": lambda query: page(query, changes=[lease(amount=0)], cursor="9"),
            "more than there is": lambda query: page(query, changes=[lease(amount=10**16)], cursor="9"),
            "that does not add up": lambda query: page(query, cursor="9", changes=[
                lease(), {"type": "lease_granted", "lease": {**lease(2)["lease"], "amount": 99}}]),
            "with what belongs to copies": lambda query: page(query, cursor="9", changes=[
                lease(), {"type": "item_gone", "item": "cola-330"}]),
            "no JSON": lambda query: {**page(query), "page": "news", "signature":
                                      self.cloud.key.sign("tillkit-news-1\nnews")},
        }

    def test_a_bad_page_changes_nothing_and_is_counted_and_the_next_good_one_is_taken(self):
        till, cloud = self.till, self.cloud
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        before = self.told()
        self.assertEqual(0, before["bad_pages"])
        for number, (name, page) in enumerate(self.bad_pages().items(), 1):
            with self.subTest(name):
                cloud.pages.append(page)
                till.do("sync", ms=0)
                till.wait_for(lambda _: not cloud.pages)
                till.wait_for(lambda _: self.told()["bad_pages"] == number)
                said = till.do("status")
                self.assertEqual([0, True], [said[what] for what in ("leases", "sells")])
        self.assertEqual(before["last"], self.told()["last"])  # nor does the journal tell of any

        cloud.pages.append(lambda query: cloud.page(query, [lease()], cursor="9"))
        till.do("sync", ms=0)
        till.wait_for(lambda said: said["leases"] == 1)
        cloud.pages.append(lambda query: cloud.page(query, [lease(2)], after="", cursor="9"))
        till.do("sync", ms=0)
        till.wait_for(lambda _: self.told()["bad_pages"] == number + 1)
        self.assertEqual(1, till.do("status")["leases"])
        till.stop()
        taken = [record for record in till.journal().values() if record["kind"] == "sync.news_taken"]
        self.assertEqual(["9"], [record["body"]["cursor"] for record in taken])


class Stopped(AgainstAStandIn):
    def test_where_the_cloud_says_that_the_journal_is_broken_nothing_more_goes_up_until_a_person_decides(self):
        till, cloud = self.till, self.cloud
        self.assertEqual(0, till.do("sync", ms=20_000)["unsent"])
        cloud.journal = problem("journal-broken", 422)
        self.assertEqual({"ok": True}, till.sell_for_cash(COLA, 500))
        till.wait_for(lambda said: "upload_stopped" in said)
        cloud.journal = None
        for restart in (False, True):
            if restart:
                till.kill()
                till.start()
            asked = cloud.requests["/v1/journal"]
            self.assertEqual({"ok": True}, till.sell_for_cash(COLA, 500))
            self.assertGreater(till.do("sync", ms=1_500)["unsent"], 0)
            self.assertEqual(["broken", asked], [self.told()["upload_stopped"], cloud.requests["/v1/journal"]])

        nobody = till.ctl("sync", "--data", till.folder, "--resume", "--by", "somebody", check=False)
        self.assertNotEqual(0, nobody.returncode)
        self.assertEqual(asked, cloud.requests["/v1/journal"])
        till.ctl("sync", "--data", till.folder, "--resume", "--by", "manager")
        said = till.do("sync", ms=20_000)
        self.assertEqual(0, said["unsent"])
        self.assertNotIn("upload_stopped", said)


class Poison(InShop):
    def test_one_record_of_a_thousand_that_the_cloud_cannot_use_is_parked_in_view_and_the_others_arrive(self):
        till = self.shop.till("T1")
        till.start()
        till.plug.pull()
        half = RECORDS // 2
        while till.do("status")["unsent"] < half:
            till.sell_for_cash(COLA, 500)
        # As a program of another version leaves it; this cloud does not know the kind.
        till.do("note", kind="checkout.from_tomorrow")
        while till.do("status")["unsent"] < RECORDS:
            till.sell_for_cash(COLA, 500)
        sales = len(till.ended())

        till.plug.put()
        said = till.do("sync", ms=60_000)
        self.assertEqual([0, 1], [said["unsent"], said["parked"]])
        self.assertNotIn("upload_stopped", said)
        lines = [json.loads(line)
                 for line in till.ctl("sync", "--data", till.folder, "--json").stdout.splitlines()]
        self.assertEqual([("checkout.from_tomorrow", "kind_not_known")],
                         [(line["kind"], line["why"]) for line in lines if "parked" in line])
        self.assertEqual([1, 0], [lines[-1][what] for what in ("parked_records", "unacknowledged")])
        parked = lines[0]["parked"]
        self.assertIn("checkout.from_tomorrow", till.ctl("sync", "--data", till.folder).stdout)

        self.settle_all()
        self.assertEqual(sales, len(self.shop.books()["sales"]))
        there = self.shop.cloud.admin("parked", merchant=MERCHANT)["parked"]
        self.assertEqual([(parked, "kind_not_known")], [(one["seq"], one["why"]["reason"]) for one in there])
        self.assertEqual("checkout.from_tomorrow", till.journal()[parked]["kind"])
        # The stopped terminal's file tells the same.
        lines = till.ctl("sync", "--data", till.folder, "--json").stdout.splitlines()
        self.assertEqual(parked, json.loads(lines[0])["parked"])


if __name__ == "__main__":
    tillkit_report.main()
