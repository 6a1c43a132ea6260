// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "cloud_world.hpp"
#include "tillkit/codes/token.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/members/token.hpp"

using namespace tillkit;
using test::CloudWorld;

namespace {

template <class T>
std::size_t count_of(const std::vector<cloud::Change>& changes) {
  std::size_t count = 0;
  for (const cloud::Change& change : changes)
    count += std::holds_alternative<T>(change) ? 1U : 0U;
  return count;
}

std::string item(std::string_view id) {
  return R"({"id":")" + std::string(id) + R"(","codes":["20000)" + std::string(id) + R"("],"name":"n","price":"1.00"})";
}

}  // namespace

TEST_CASE("decisions reach the terminals that they are about, and stop counting with its records", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("settings", R"("settings":{"enrol":"off","tiers":[]})").status == 200);
  REQUIRE(world.admin("settings", R"("settings":{"enrol":"provisional","tiers":[]})").status == 200);
  REQUIRE(world.admin("member", R"("member":"m-1","consented":true)").status == 200);
  REQUIRE(world.admin("give", R"("unit":"value","of":"m-1","amount":500)").status == 200);
  const auto pushed = world.admin("lease", R"("terminal":"T1","unit":"value","of":"m-1","amount":500)");
  REQUIRE(pushed.says(R"("lease":"l-5")"));
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o","terminal":"T1")").status == 200);
  std::string mine;
  std::string theirs;

  const auto first = world.news("T1", "decisions", mine);
  CHECK(count_of<cloud::LeaseGranted>(first) == 1);
  CHECK(count_of<cloud::CouponPlaced>(first) == 1);
  CHECK(count_of<cloud::SettingsChanged>(first) == 1);
  CHECK(count_of<cloud::SettingsChanged>(world.news("T2", "decisions", theirs)) == 1);

  REQUIRE(world.admin("recall", R"("lease":"l-5")").status == 200);
  const auto second = world.news("T1", "decisions", mine);
  REQUIRE(second.size() == 1);
  CHECK(count_of<cloud::LeaseRecalled>(second) == 1);
  CHECK(world.news("T2", "decisions", theirs).empty());

  auto journal = world.journal_of("T1", 1);
  journal.add("ledger.lease_placed", 0, R"({"lease":"l-5"})");
  journal.add("ledger.lease_returned", 0, R"({"lease":"l-5","unit":2,"of":"m-1","unused":500})");
  journal.add("members.coupon_placed", 0, R"({"coupon":"c-1","until":1896000000000})");
  REQUIRE(world.upload("T1", journal.upload_all()).says(R"("refused":[])"));
  std::string again;
  const auto all = world.news("T1", "decisions", again);
  CHECK(all.size() == 1);
  CHECK(count_of<cloud::SettingsChanged>(all) == 1);
}

TEST_CASE("a double redemption is told to the terminal that bears it, until it has heard", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o")").status == 200);
  const std::string used =
      R"({"coupons":[{"coupon":"c-1","offer":"o","member":"","by":2,"expires":1896000000000,"risk":300}]})";
  auto one = world.journal_of("T1", 1);
  auto two = world.journal_of("T2", 2);
  two.wall += 60'000;
  const std::int64_t first = one.sell(100);
  one.add("members.coupons_redeemed", first, used);
  const std::int64_t second = two.sell(100);
  two.add("members.coupons_redeemed", second, used);
  REQUIRE(world.upload("T2", two.upload_all()).status == 200);
  REQUIRE(world.upload("T1", one.upload_all()).status == 200);

  std::string cursor;
  CHECK(world.news("T1", "decisions", cursor).empty());
  std::string other;
  const auto told = world.news("T2", "decisions", other);
  REQUIRE(told.size() == 1);
  const auto* twice = std::get_if<cloud::DoubleRedemption>(&told.front());
  REQUIRE(twice != nullptr);
  CHECK(twice->sale == second);
  CHECK(twice->amount_minor == 300);
  CHECK(twice->funder.view() == "merchant");

  two.add("members.double_redemption", 0, R"({"coupon":"c-1","sale":1,"funder":"merchant","amount":300})");
  REQUIRE(world.upload("T2", two.upload_from(4)).status == 200);
  std::string fresh;
  CHECK(world.news("T2", "decisions", fresh).empty());
}

TEST_CASE("copies come in pages, the newest of each, and a cursor goes on", "[cloud_home]") {
  CloudWorld world;
  std::string items;
  for (int i = 100; i < 550; ++i)
    items += (i > 100 ? "," : "") + item(std::to_string(i));
  const auto added = world.admin("catalog", R"("catalog":{"currency":"CNY","items":[)" + items + "]}");
  CAPTURE(added.body);
  REQUIRE(added.status == 200);
  std::string cursor;
  CHECK(count_of<cloud::ItemChanged>(world.news("T1", "copies", cursor)) == 450);

  REQUIRE(world.admin("catalog", R"("gone":["100"])").status == 200);
  REQUIRE(world.admin("revoke-id", R"("id":"t-1")").status == 200);
  const auto next = world.news("T1", "copies", cursor);
  CHECK(count_of<cloud::ItemGone>(next) == 1);
  CHECK(count_of<cloud::IdRevoked>(next) == 1);
  std::string fresh;
  const auto all = world.news("T1", "copies", fresh);
  CHECK(count_of<cloud::ItemChanged>(all) == 449);
  CHECK(fresh == cursor);
  CHECK(world.get("T1", "/v1/news", {{"feed", "copies"}, {"cursor", "99999.0"}}).says("cursor-unknown"));
  CHECK(world.get("T1", "/v1/news", {{"feed", "copies"}, {"cursor", "abc"}}).says("cursor-unknown"));
  CHECK(world.get("T1", "/v1/news", {{"feed", "gossip"}}).status == 400);
  CHECK(world.get("T1", "/v1/news", {{"feed", "copies"}, {"wait_s", "26"}}).status == 400);
}

TEST_CASE("copies of members follow sharing", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("member", R"("member":"m-1","store":"s1","consented":true)").status == 200);
  std::string home;
  std::string away;
  CHECK(count_of<cloud::MemberChanged>(world.news("T1", "copies", home)) == 1);
  CHECK(count_of<cloud::MemberChanged>(world.news("T3", "copies", away)) == 1);

  REQUIRE(world.admin("share", R"("shared":false)").status == 200);
  CHECK(std::holds_alternative<cloud::MemberChanged>(world.news("T1", "copies", home).back()));
  const auto gone = world.news("T3", "copies", away);
  REQUIRE(gone.size() == 1);
  CHECK(count_of<cloud::MemberGone>(gone) == 1);

  REQUIRE(world.admin("share", R"("shared":true)").status == 200);
  CHECK(count_of<cloud::MemberChanged>(world.news("T3", "copies", away)) == 1);
  CHECK(std::holds_alternative<cloud::MemberChanged>(world.news("T1", "copies", home).back()));
}

TEST_CASE("who waits for news gets it at once, and holds up nobody", "[cloud_home]") {
  CloudWorld world;
  std::string cursor;
  REQUIRE(world.admin("settings", R"("settings":{"enrol":"off","tiers":[]})").status == 200);
  REQUIRE(world.news("T1", "decisions", cursor).size() == 1);

  CloudWorld::Answer waited;
  const auto begin = std::chrono::steady_clock::now();
  std::thread waiting(
      [&] { waited = world.get("T1", "/v1/news", {{"feed", "decisions"}, {"cursor", cursor}, {"wait_s", "25"}}); });
  REQUIRE(world.admin("settings", R"("settings":{"enrol":"provisional","tiers":[]})").status == 200);
  waiting.join();

  CHECK(waited.says("provisional"));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("events come once, in order, to whoever has the token", "[cloud_home]") {
  CloudWorld world;
  const std::string made = world.admin("token", "").body;
  const std::string token = made.substr(10, 43);
  auto journal = world.journal_of("T1", 1);
  const std::int64_t sale = journal.sell(1'250, "m-1");
  journal.add("members.notice", sale, R"({"member":"m-1","what":1,"of":2,"count":12})");
  journal.add("members.sneezed", 0, "{}");
  const std::string upload = journal.upload_all();
  REQUIRE(world.upload("T1", upload).status == 200);
  REQUIRE(world.upload("T1", upload).status == 200);

  const auto all = world.get("", "/v1/events", {}, token);
  CHECK(all.says(R"("number":1,"type":"sale")"));
  CHECK(all.says(R"("amount":{"minor":1250,"currency":"CNY"})"));
  CHECK(all.says(R"("what":"points_earned","count":12)"));
  CHECK(all.says(R"("number":3,"type":"parked")"));
  CHECK(all.says(R"("cursor":"3","more":false)"));
  CHECK(world.get("", "/v1/events", {{"after", "3"}}, token).says(R"("events":[],"cursor":"3")"));
  CHECK(world.get("", "/v1/events", {{"after", "4"}}, token).says("cursor-unknown"));
  CHECK(world.get("", "/v1/events", {}, "guess").status == 403);
  CHECK(world.get("T1", "/v1/events", {}, "").status == 403);
}

TEST_CASE("tokens that the cloud makes are ones that terminals honour", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("member", R"("member":"m-1","consented":true)").status == 200);
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o","member":"m-1")").status == 200);
  const std::string member = world.admin("member-token", R"("member":"m-1","valid_s":300)").body;
  const std::string coupon =
      world.admin("coupon-token", R"("coupon":"c-1","valid_s":300,"risk_minor":500,"offline":true)").body;
  members::MerchantKey key{.name = *members::KeyName::parse(world.authority->signing_key_name())};
  const std::string& public_key = world.authority->signing_public_key();
  std::ranges::copy(core::as_bytes(public_key), key.public_key.begin());
  const core::WallReading now{sandbox::wall_now(), core::WallQuality::Trusted};
  const auto token_in = [](const std::string& answer) {
    const std::string text = answer.substr(10, answer.size() - 12);
    const auto token = codes::parse_token(text.substr(0, 5), std::string_view(text).substr(5));
    REQUIRE(token.has_value());
    return *token;
  };

  const auto checked = members::check_member_token(token_in(member), std::span(&key, 1), now, {});
  REQUIRE(checked.has_value());
  CHECK(checked->member.view() == "m-1");
  const auto checked_coupon = members::check_coupon_token(token_in(coupon), std::span(&key, 1), now, {});
  REQUIRE(checked_coupon.has_value());
  CHECK(checked_coupon->risk_minor == 500);
  CHECK(checked_coupon->member.view() == "m-1");
}
