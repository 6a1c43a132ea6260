// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::sync {
namespace {

constexpr const char* kDecisions = "decisions";
constexpr const char* kCopies = "copies";

std::string in_a_year() {
  return std::to_string((hal_virtual::VirtualClockSettings{}.wall + 365 * 24h).time_since_epoch() / 1ms);
}

std::string lease(const std::string& id, int amount = 500) {
  return R"({"type":"lease_granted","lease":{"id":")" + id + R"(","unit":"budget","of":"autumn","amount":)" +
         std::to_string(amount) + R"(,"until":)" + in_a_year() + "}}";
}
std::string coupon(const std::string& id, const std::string& offer = "free-coffee") {
  return R"({"type":"coupon_placed","coupon":{"id":")" + id + R"(","offer":")" + offer +
         R"(","claimed_at":1,"uses":1},"member":"m-77","until":)" + in_a_year() + "}";
}
std::string recalled(const std::string& type, const std::string& name, const std::string& id) {
  return R"({"type":")" + type + R"(",")" + name + R"(":")" + id + "\"}";
}
std::string settings(int number, int tiers, const cloud::CloudKey& key) {
  std::string list;
  for (int i = 0; i < tiers; ++i)
    list += std::string(i == 0 ? "" : ",") + R"({"from":"","to":"t)" + std::to_string(i) + "\"}";
  return R"({"type":"settings","number":)" + std::to_string(number) +
         R"(,"settings":{"enrol":"provisional","keys":[{"name":")" + std::string(key.name.view()) +
         R"(","public_key":")" + core::encode_base64url(key.public_key) + R"("}],"tiers":[)" + list + "]}}";
}

struct Running : Till {
  Running() {
    pace.copies_every = 10s;
    REQUIRE(start());
    advance(1s);
    REQUIRE(advance_until_sent());
  }
  /// Long enough for a long poll to end and the next to bring what is there.
  void news() { advance(40s); }
  [[nodiscard]] std::string cursor() const { return must(news_cursor(journal->tables(), cloud::Feed::Decisions)); }
  [[nodiscard]] std::optional<ledger::Lease> held(std::string_view id) const {
    return must(ledger::find_lease(journal->tables(), must(ledger::LeaseId::parse(id))));
  }
  [[nodiscard]] bool placed(std::string_view id) const {
    return must(members::find_coupon(journal->tables(), must(offers::CouponId::parse(id)))).has_value();
  }
};

TEST_CASE("a page of decisions is one commit with its cursor", "[sync]") {
  Running till;
  const auto before = till.journal->last_seq().value();
  till.disk->reset_counts();
  till.cloud.tell(kDecisions, lease("l-1"));
  till.cloud.tell(kDecisions, coupon("c-1"));
  till.cloud.tell(kDecisions, R"({"type":"merged","from":"P1-0123456789abcdef","into":"m-77"})");
  till.cloud.tell(kDecisions, R"({"type":"newest","what":1})");

  till.news();

  CHECK(till.cursor() == "4");
  CHECK(till.held("l-1")->grant.amount == 500);
  CHECK(till.placed("c-1"));
  CHECK(till.journal->last_seq().value() == before + 4);
  CHECK(till.host.taken == 1);
  CHECK(till.status().passed_over == 1);
  CHECK(till.journal->verify().sound());
  CHECK(till.difference().empty());
}

TEST_CASE("a bad page changes nothing, and the next good one counts", "[sync]") {
  const auto replace = [](std::string text, const std::string& what, const std::string& with) {
    if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), with);
    return text;
  };
  const std::pair<const char*, const char*> damages[] = {{"\"T07\"", "\"T08\""},
                                                         {"\"decisions\"", "\"copies\""},
                                                         {"\"after\":\"0\"", "\"after\":\"7\""},
                                                         {"\"amount\":500", "\"amount\":0"},
                                                         {"\"changes\"", "\"change\""},
                                                         {"lease_granted", "member_gone"},
                                                         {"}", ""},
                                                         {"\"cursor\":\"1\"", "\"cursor\":\"\""}};
  for (const auto& [what, with] : damages) {
    CAPTURE(what, with);
    Running till;
    till.cloud.damage_page = [&](std::string page) { return replace(std::move(page), what, with); };
    till.cloud.tell(kDecisions, lease("l-1"));
    const auto before = till.journal->last_seq();

    till.news();
    CHECK(till.status().bad_pages > 0);
    CHECK(till.journal->last_seq() == before);
    till.cloud.damage_page = {};
    till.sync->sync_now();
    till.news();

    CHECK(till.held("l-1").has_value());
  }

  Running till;
  till.cloud.tell(kDecisions, lease("l-1"));
  SECTION("signed by a stranger") {
    till.cloud.signs_as_stranger = true;
    till.news();
  }
  SECTION("changed behind the signature") {
    till.cloud.damage_answer = [&](std::string answer) { return replace(std::move(answer), ":500", ":501"); };
    till.news();
  }
  SECTION("by a key that nobody knows") {
    till.cloud.damage_answer = [&](std::string answer) { return replace(std::move(answer), "cloud-2026", "other"); };
    till.news();
  }
  CHECK(till.status().bad_pages > 0);
  CHECK_FALSE(till.held("l-1").has_value());
}

TEST_CASE("what comes twice counts once", "[sync]") {
  Running till;
  const std::string journal = to_string(till.journal->id());
  REQUIRE(till.sell());
  till.cloud.tell(kDecisions, lease("l-1"));
  till.cloud.tell(kDecisions, coupon("c-1"));
  till.cloud.tell(kDecisions, R"({"type":"merged","from":"P1-0123456789abcdef","into":"m-77"})");
  till.cloud.tell(kDecisions, R"({"type":"double_redemption","coupon":"c-2","journal":")" + journal +
                                  R"(","sale":2,"funder":"shop","amount_minor":300})");
  till.cloud.tell(kDecisions, settings(3, 1, till.keys->cloud_key()));
  till.cloud.tell(kDecisions, R"({"type":"refund_claimed","claim":"T09K1","journal":")" + journal + R"(","sale":2})");
  till.news();
  const int records = till.records_of(members::kDoubleRedemption) + till.records_of(ledger::kLeasePlaced) +
                      till.records_of(members::kCouponPlaced) + till.records_of(members::kMerged) +
                      till.records_of(kSettingsChanged) + till.records_of(kRefundCeded);
  CHECK(records == 6);

  till.cloud.forgets_cursors = true;
  till.news();
  till.cloud.forgets_cursors = false;
  till.news();

  CHECK(till.cursor() == "6");
  CHECK(till.records_of(kNewsTaken) >= 2);
  CHECK(till.records_of(members::kDoubleRedemption) == 1);
  CHECK(till.records_of(ledger::kLeasePlaced) == 1);
  CHECK(till.records_of(members::kCouponPlaced) == 1);
  CHECK(till.records_of(kSettingsChanged) == 1);
  CHECK(till.records_of(kRefundCeded) == 1);
  CHECK(till.records_of(kDecisionRefused) == 0);
  CHECK(till.journal->verify().sound());
}

TEST_CASE("a decision that cannot be taken is recorded and blocks nothing", "[sync]") {
  Running till;
  const std::string other(32, '0');
  till.cloud.tell(kDecisions, coupon("c-0", std::string(64, 'o')));
  till.cloud.tell(kDecisions, R"({"type":"merged","from":"m-1","into":"m-2"})");
  till.cloud.tell(kDecisions, R"({"type":"merged","from":"m-2","into":"m-1"})");
  till.cloud.tell(kDecisions, R"({"type":"double_redemption","coupon":"c-2","journal":")" + other +
                                  R"(","sale":2,"funder":"shop","amount_minor":300})");
  till.cloud.tell(kDecisions, lease("l-1"));

  till.news();

  CHECK(till.held("l-1").has_value());
  CHECK(till.cursor() == "5");
  CHECK(till.status().refused_decisions == 3);
  CHECK(till.records_of(kDecisionRefused) == 3);
  CHECK(till.difference().empty());
  CHECK(till.backlog() == 0);
}

TEST_CASE("what is recalled goes back at once, or as soon as no sale holds it", "[sync]") {
  Running till;
  for (const auto* id : {"l-1", "l-2"})
    till.cloud.tell(kDecisions, lease(id));
  till.cloud.tell(kDecisions, coupon("c-1"));
  till.news();
  const journal::SaleId sale{100};
  const ledger::Reservation some{.unit = ledger::Unit::Budget,
                                 .of = must(ledger::Owner::parse("autumn")),
                                 .holds = {{.lease = must(ledger::LeaseId::parse("l-2")), .amount = 5}}};
  REQUIRE(till.commit([&](journal::Tx& tx) { return ledger::reserve(tx, sale, some); }));

  till.cloud.tell(kDecisions, recalled("lease_recalled", "lease", "l-1"));
  till.cloud.tell(kDecisions, recalled("lease_recalled", "lease", "l-2"));
  till.cloud.tell(kDecisions, recalled("lease_recalled", "lease", "l-9"));
  till.cloud.tell(kDecisions, recalled("coupon_recalled", "coupon", "c-1"));
  till.news();
  CHECK_FALSE(till.held("l-1").has_value());
  CHECK_FALSE(till.placed("c-1"));
  CHECK(till.held("l-2").has_value());
  CHECK(till.status().recalls == 1);
  till.restart();
  till.advance(1min);
  CHECK(till.status().recalls == 1);
  REQUIRE(till.commit([&](journal::Tx& tx) { return ledger::release(tx, sale); }));
  till.advance(1min);

  CHECK_FALSE(till.held("l-2").has_value());
  CHECK(till.status().recalls == 0);
  CHECK(till.records_of(ledger::kLeaseReturned) == 2);
  CHECK(till.journal->verify().sound());
}

TEST_CASE("a lease that a sale used up ends its recall, too", "[sync]") {
  Running till;
  till.cloud.tell(kDecisions, lease("l-1", 5));
  till.news();
  const journal::SaleId sale{100};
  const ledger::Reservation all{.unit = ledger::Unit::Budget,
                                .of = must(ledger::Owner::parse("autumn")),
                                .holds = {{.lease = must(ledger::LeaseId::parse("l-1")), .amount = 5}}};
  REQUIRE(till.commit([&](journal::Tx& tx) { return ledger::reserve(tx, sale, all); }));
  till.cloud.tell(kDecisions, recalled("lease_recalled", "lease", "l-1"));
  till.news();
  CHECK(till.status().recalls == 1);

  REQUIRE(till.commit([&](journal::Tx& tx) { return ledger::take(tx, sale); }));
  till.advance(1min);

  CHECK(till.status().recalls == 0);
  CHECK(till.records_of(kRecallEnded) == 1);
}

TEST_CASE("a sale is ceded to another terminal once, when nothing here refunds it", "[sync]") {
  Running till;
  const std::string claim =
      R"({"type":"refund_claimed","claim":"T09K1","journal":")" + to_string(till.journal->id()) + R"(","sale":2})";
  till.host.cession = Cession::NotNow;
  till.cloud.tell(kDecisions, claim);
  till.news();
  CHECK_FALSE(must(is_ceded(till.journal->tables(), journal::SaleId{2})));
  CHECK(till.status().recalls == 1);

  SECTION("later") {
    till.host.cession = Cession::Yes;
    till.advance(1min);
    CHECK(must(is_ceded(till.journal->tables(), journal::SaleId{2})));
    CHECK(till.records_of(kRefundCeded) == 1);
  }
  SECTION("never") {
    till.host.cession = Cession::Never;
    till.advance(1min);
    CHECK_FALSE(must(is_ceded(till.journal->tables(), journal::SaleId{2})));
    CHECK(till.records_of(kDecisionRefused) == 1);
  }
  CHECK(till.status().recalls == 0);
}

TEST_CASE("settings hold from the page that brings them, also after a start, and older ones do not come back",
          "[sync]") {
  Running till;
  till.cloud.tell(kDecisions, settings(3, 2, till.keys->cloud_key("k-2")));
  till.cloud.tell(kDecisions, settings(2, 1, till.keys->cloud_key()));
  till.news();
  CHECK(till.host.settings == std::vector<std::size_t>{2});
  till.restart();

  CHECK(till.host.settings == std::vector<std::size_t>{2, 2});
  CHECK(must(stored_settings(till.journal->tables()))->number == 3);
  till.cloud.damage_answer = [](std::string answer) { return answer.replace(answer.find("cloud-2026"), 10, "k-2"); };
  till.cloud.tell(kDecisions, lease("l-1"));
  till.news();
  CHECK(till.held("l-1").has_value());
}

TEST_CASE("a page with more decisions than a commit has records is taken whole, or again", "[sync]") {
  Running till;
  for (int i = 0; i < 200; ++i)
    till.cloud.tell(kDecisions, lease("l-" + std::to_string(i)));
  REQUIRE(till.board.world.advance_until([&] { return till.records_of(ledger::kLeasePlaced) > 0; }, 1min));
  CHECK(till.records_of(ledger::kLeasePlaced) < 200);
  CHECK(till.cursor().empty());
  till.restart();
  till.news();

  CHECK(till.records_of(ledger::kLeasePlaced) == 200);
  CHECK(till.cursor() == "200");
}

TEST_CASE("copies come in steps into the cache, and a cache that was lost begins anew", "[sync]") {
  Running till;
  for (int i = 0; i < 150; ++i) {
    till.cloud.tell(kCopies, R"({"type":"member","member":{"id":"m-)" + std::to_string(i) +
                                 R"(","orders":1,"spent_minor":2,"points":3,"value_minor":4,"debt_points":0,)" +
                                 R"("consented":true},"identities":[{"kind":"card","index":")" + std::to_string(i) +
                                 R"("}],"coupons":[]})");
  }
  till.cloud.tell(kCopies, R"({"type":"member_gone","member":"m-0"})");
  till.cloud.tell(kCopies, R"({"type":"revoked","id":"c-1"})");
  till.cloud.tell(kCopies, R"({"type":"item","item":{"id":"i-1"}})");
  till.cloud.tell(kCopies, R"({"type":"item_gone","item":"i-2"})");
  till.cloud.tell(kCopies, R"({"type":"rule_set","rule_set":{}})");
  till.cloud.page_changes = 100;

  till.news();

  const auto find = [&](std::string_view id) {
    return must(members::find(till.cache->tables(), must(members::MemberId::parse(id))));
  };
  CHECK_FALSE(find("m-0").has_value());
  CHECK(find("m-149")->points == 3);
  CHECK(must(members::is_revoked(till.cache->tables(), "c-1")));
  CHECK(till.sink.calls == std::vector<std::string>{R"(put {"id":"i-1"})", "gone i-2", "rules {}"});
  CHECK(must(till.cache->cursor("copies")) == "155");
  CHECK(till.status().copies_at.has_value());

  till.board.world.power().cut();
  till.stop();
  REQUIRE(journal::Cache::discard({.path = "cache.db", .vfs = till.vfs.name()}));
  till.board.world.power().restore();
  REQUIRE(till.start());
  till.news();
  CHECK(find("m-149").has_value());
}

TEST_CASE("copies that cannot be kept are counted and passed over", "[sync]") {
  Running till;
  till.cloud.tell(kCopies, R"({"type":"member","member":{"id":"m-1","tier":")" + std::string(64, 't') +
                               R"(","orders":1,"spent_minor":2,"points":3,"value_minor":4,"debt_points":0,)" +
                               R"("consented":true},"identities":[],"coupons":[]})");
  till.cloud.tell(kCopies, R"({"type":"revoked","id":"c-1"})");

  till.news();

  CHECK(must(members::is_revoked(till.cache->tables(), "c-1")));
  CHECK(till.status().passed_over == 1);
}

TEST_CASE("a cloud that does not wait is not asked more than once a second", "[sync]") {
  Running till;
  till.cloud.damage_answer = {};
  const int before = till.cloud.calls("/v1/news");
  till.pace.decisions_wait = 0s;
  till.restart();

  till.advance(60s);

  CHECK(till.cloud.calls("/v1/news") - before < 75);
}

}  // namespace
}  // namespace tillkit::sync
