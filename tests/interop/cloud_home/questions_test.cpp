// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "cloud_world.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/members/identity.hpp"

using namespace tillkit;
using test::CloudWorld;

namespace {

/// The identity that lib/members makes of the payer whom the world's wallet knows.
std::string payer_index(CloudWorld& world) {
  const core::Bytes key(32, std::byte{0});
  const auto merchant_key = world.crypto->import_mac_key(key);
  REQUIRE(merchant_key.has_value());
  const auto identity =
      members::IdentityMaker(*merchant_key)
          .payer({.wallet = codes::Wallet::WeChatPay, .reference = *cloud::PayerReference::parse("p_7Hq2mXw0vT")});
  REQUIRE(identity.has_value());
  return std::to_string(identity->index.value());
}

std::string lease_request(std::string_view key, std::string_view unit, std::string_view of, int amount) {
  return R"({"request":")" + std::string(key) + R"(","unit":")" + std::string(unit) + R"(","of":")" + std::string(of) +
         R"(","amount":)" + std::to_string(amount) + "}";
}

constexpr std::string_view kIdentify = R"({"code":"134567890123456789","wallets":["wechat_pay"]})";

}  // namespace

TEST_CASE("a payment code tells which member pays, with what it holds", "[cloud_home]") {
  CloudWorld world;
  CHECK(world.post("T1", "/v1/members/identify", std::string(kIdentify)).says("not_found"));
  REQUIRE(world
              .admin("member", R"("member":"m-77","tier":"gold","consented":true,"birth_month":2,"birth_day":29,)"
                               R"("tags":["regular"],"identities":[{"kind":"payer","index":")" +
                                   payer_index(world) + "\"}]")
              .status == 200);
  REQUIRE(world.admin("give", R"("unit":"points","of":"m-77","amount":120)").status == 200);
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o","member":"m-77","expires_at":1896000000000)").status ==
          200);

  const auto found = world.post("T1", "/v1/members/identify", std::string(kIdentify));

  CHECK(found.says(R"("may_spend":true)"));
  CHECK(found.says(R"("tier":"gold")"));
  CHECK(found.says(R"("points":120)"));
  CHECK(found.says(R"({"id":"c-1","offer":"o")"));
  // It is T1's now.
  const auto other = world.post("T2", "/v1/members/identify", std::string(kIdentify));
  CHECK(other.says(R"("coupons":[])"));
  CHECK(world.post("T2", "/v1/members/identify", R"({"code":"287654","wallets":[]})").says("not_found"));
}

TEST_CASE("a card number finds a member that collects and does not spend", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(
      world.admin("member", R"("member":"m-1","consented":true,"identities":[{"kind":"card","index":"-5"}])").status ==
      200);
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o","member":"m-1")").status == 200);

  const auto card = world.post("T1", "/v1/members/find", R"({"identity":{"kind":"card","index":"-5"}})");
  CHECK(card.says(R"("may_spend":false)"));
  CHECK(card.says(R"("coupons":[])"));
  CHECK(world.post("T1", "/v1/members/find", R"({"member":"m-1"})").says(R"("may_spend":true)"));
  CHECK(world.post("T9", "/v1/members/find", R"({"member":"m-1"})").says("not_found"));
  CHECK(world.post("T1", "/v1/members/find", R"({"identity":{"kind":"card","index":"-05"}})").status == 400);
  CHECK(world.post("T1", "/v1/members/find", "{}").status == 400);
}

TEST_CASE("without sharing a member is known in its home store only", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("member", R"("member":"m-1","store":"s1","consented":true)").status == 200);
  const std::string who = R"({"member":"m-1"})";
  CHECK(world.post("T3", "/v1/members/find", who).says("found"));

  REQUIRE(world.admin("share", R"("shared":false)").status == 200);
  CHECK(world.post("T3", "/v1/members/find", who).says("not_found"));
  CHECK(world.post("T1", "/v1/members/find", who).says(R"("found")"));
  REQUIRE(world.admin("share", R"("shared":true)").status == 200);
  CHECK(world.post("T3", "/v1/members/find", who).says(R"("found")"));
}

TEST_CASE("a coupon is one terminal's until an upload goes beyond its time without it", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o")").status == 200);
  const std::string claim = R"({"coupon":"c-1"})";
  auto journal = world.journal_of("T1", 1);

  CHECK(world.post("T1", "/v1/coupons/claim", claim).says("set_apart"));
  CHECK(world.post("T2", "/v1/coupons/claim", claim).says("elsewhere"));
  CHECK(world.post("T9", "/v1/coupons/claim", claim).says("not_found"));
  // Before its time: it may still be placed.
  journal.wall = 1'000'000'000'000;
  journal.sell(100);
  REQUIRE(world.upload("T1", journal.upload_all()).status == 200);
  CHECK(world.post("T2", "/v1/coupons/claim", claim).says("elsewhere"));

  journal.wall = 4'000'000'000'000;
  SECTION("not placed: it is free") {
    journal.sell(100);
    REQUIRE(world.upload("T1", journal.upload_all()).status == 200);
    CHECK(world.post("T2", "/v1/coupons/claim", claim).says("set_apart"));
  }
  SECTION("placed: it stays there until it is given up") {
    journal.wall = 1'000'000'100'000;
    journal.add("members.coupon_placed", 0,
                R"({"coupon":"c-1","offer":"o","member":"","claimed":1,"valid_from":0,"expires":1896000000000,)"
                R"("uses":1,"until":1896000000000})");
    journal.wall = 4'000'000'000'000;
    journal.sell(100);
    REQUIRE(world.upload("T1", journal.upload_all()).says(R"("refused":[])"));
    CHECK(world.post("T2", "/v1/coupons/claim", claim).says("elsewhere"));
    journal.add("members.coupon_given_up", 0, R"({"coupon":"c-1","unused":1})");
    REQUIRE(world.upload("T1", journal.upload_from(5)).status == 200);
    CHECK(world.post("T2", "/v1/coupons/claim", claim).says("set_apart"));
  }
  REQUIRE(world.admin("revoke-id", R"("id":"c-1")").status == 200);
  CHECK(world.post("T2", "/v1/coupons/claim", claim).says("void"));
}

TEST_CASE("leases never come to more than what is there, and a request asked again brings the same", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("member", R"("member":"m-1","consented":true)").status == 200);
  REQUIRE(world.admin("give", R"("unit":"points","of":"m-1","amount":300,"lot":"late")").status == 200);
  REQUIRE(
      world.admin("give", R"("unit":"points","of":"m-1","amount":50,"lot":"soon","expires_at":1896000000000)").status ==
      200);

  const auto first = world.post("T1", "/v1/leases", lease_request("R1", "points", "m-1", 200));
  CHECK(first.says(R"("amount":200,"until")"));
  CHECK(first.says(R"("lots":[{"lot":"own-soon","amount":50,"expires_at":1896000000000},{"lot":"own-late")"));
  CHECK(world.post("T1", "/v1/leases", lease_request("R1", "points", "m-1", 200)).body == first.body);
  CHECK(world.post("T1", "/v1/leases", lease_request("R1", "points", "m-1", 201)).says("key-reused"));
  CHECK(world.post("T2", "/v1/leases", lease_request("R1", "points", "m-1", 200)).says("key-reused"));

  CHECK(world.post("T2", "/v1/leases", lease_request("R2", "points", "m-1", 500)).says(R"("amount":150,"until")"));
  CHECK(world.post("T3", "/v1/leases", lease_request("R3", "points", "m-1", 1)).says("refused"));
  REQUIRE(world.admin("give", R"("unit":"points","of":"m-1","amount":1)").status == 200);
  // A refusal is the answer for good.
  CHECK(world.post("T3", "/v1/leases", lease_request("R3", "points", "m-1", 1)).says("refused"));
  CHECK(world.post("T3", "/v1/leases", lease_request("R4", "points", "m-1", 2)).says(R"("amount":1,"until")"));
  CHECK(world.post("T1", "/v1/leases", lease_request("R5", "points", "nobody", 1)).says("refused"));
  CHECK(world.post("T1", "/v1/leases", lease_request("R6", "risk", "m-1", 1)).status == 400);
}

TEST_CASE("a budget's lease brings the terminal's own key for its draws", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("give", R"("unit":"budget","of":"lucky","amount":1000)").status == 200);

  const auto key_of = [&](std::string_view terminal, std::string_view request) {
    const auto answer = world.post(terminal, "/v1/leases", lease_request(request, "budget", "lucky", 100));
    const cloud::LeaseRequest asked{.request = *core::OrderNumber::parse(request),
                                    .unit = cloud::LeaseUnit::Budget,
                                    .of = *cloud::LeaseOwner::parse("lucky"),
                                    .amount = 100};
    const auto lease = cloud::read_lease({answer.status, "application/json", "", answer.body}, asked);
    REQUIRE(lease.has_value());
    REQUIRE(answer.says("draw_key"));
    return answer.body.substr(answer.body.find("draw_key"), 60);
  };

  CHECK(key_of("T1", "B1") == key_of("T1", "B2"));
  CHECK(key_of("T2", "B3") != key_of("T1", "B4"));
}

TEST_CASE("the risk of a terminal ends at the merchant's limit", "[cloud_home]") {
  CloudWorld world;
  CHECK(world.post("T1", "/v1/leases", lease_request("K1", "risk", "", 10)).says("refused"));
  REQUIRE(world
              .admin("settings", R"("settings":{"enrol":"provisional","tiers":[]},)"
                                 R"("home":{"risk_per_terminal_minor":1000,"risk_bearer":"shop"})")
              .status == 200);
  CHECK(world.post("T1", "/v1/leases", lease_request("K2", "risk", "", 800)).says(R"("amount":800)"));
  CHECK(world.post("T1", "/v1/leases", lease_request("K3", "risk", "", 800)).says(R"("amount":200)"));
  CHECK(world.post("T1", "/v1/leases", lease_request("K4", "risk", "", 1)).says("refused"));
  CHECK(world.post("T2", "/v1/leases", lease_request("K5", "risk", "", 800)).says(R"("amount":800)"));

  auto journal = world.journal_of("T1", 1);
  journal.add("ledger.lease_returned", 0, R"({"lease":"K2","unit":4,"of":"","unused":800})");
  REQUIRE(world.upload("T1", journal.upload_all()).says(R"("refused":[])"));
  CHECK(world.post("T1", "/v1/leases", lease_request("K6", "risk", "", 900)).says(R"("amount":800)"));
  CHECK(world.books().contains(R"("adds_up":true)"));
}

TEST_CASE("another terminal's sale is refunded only where that one agrees", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  const std::int64_t sale = journal.sell(500);
  journal.sell(100);
  journal.add("checkout.reprinted", sale, R"({"of":1,"copy":1,"by":"a"})");
  const auto claim = [&](std::string_view by, std::string_view key) {
    return world.post(by, "/v1/refund-claims",
                      R"({"claim":")" + std::string(key) + R"(","terminal":"T1","sale":)" + std::to_string(sale) + "}");
  };
  CHECK(claim("T2", "C1").says("sale-not-found"));
  REQUIRE(world.upload("T1", journal.upload_all()).status == 200);

  CHECK(claim("T2", "C1").says("waiting"));
  CHECK(claim("T3", "C2").says("refused"));
  CHECK(world.post("T2", "/v1/refund-claims", R"({"claim":"C1","terminal":"T1","sale":3})").says("key-reused"));
  CHECK(claim("T9", "C3").says("sale-not-found"));
  std::string cursor;
  const auto news = world.news("T1", "decisions", cursor);
  REQUIRE(news.size() == 1);
  const auto* told = std::get_if<cloud::RefundClaimed>(&news.front());
  REQUIRE(told != nullptr);
  CHECK(told->claim.view() == "C1");
  CHECK(told->sale == sale);

  SECTION("by a record") {
    journal.add("sync.refund_ceded", 0, R"({"claim":"C1","sale":)" + std::to_string(sale) + "}");
    REQUIRE(world.upload("T1", journal.upload_all()).says(R"("refused":[])"));
  }
  SECTION("never again, by a person") {
    REQUIRE(world.admin("write-off", R"("terminal":"T1","as_spent":true)").status == 200);
  }
  const auto granted = claim("T2", "C1");
  CHECK(granted.says("granted"));
  CHECK(granted.says(R"("seq":1,)"));
  CHECK_FALSE(granted.says(R"("seq":3,)"));
  CHECK(granted.says(R"("seq":5,)"));
  CHECK(claim("T3", "C2").says("refused"));
  CHECK(claim("T3", "C4").says("refused"));
}
