// SPDX-License-Identifier: Apache-2.0
// Members as the cloud tells of them, over the link.
#include "tillkit/members/cloud_members.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal_virtual/board.hpp"

namespace tillkit::members {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

constexpr std::string_view kOrigin = "https://cloud.example";
constexpr std::string_view kFound = R"({"outcome":"found","may_spend":true,"member":{"id":"m-77","tier":"gold",
"tags":["regular"],"birth_month":11,"birth_day":21,"orders":31,"spent_minor":45250,"points":1200,"value_minor":5000,
"debt_points":3,"consented":true},"coupons":[{"coupon":{"id":"c-9","offer":"free-coffee","claimed_at":1795000000000,
"expires_at":1796000000000,"uses":2},"until":1795220430250}]})";

struct Bench {
  Bench() {
    board.http.serve([this](const hal::HttpRequest& request) {
      const bool session = request.url.ends_with("/v1/session");
      if (!session) asked.push_back(request.url.substr(kOrigin.size()) + ' ' + request.body);
      auto answer = hal_virtual::VirtualAnswer::reply(
          200, session ? R"({"contract":"1.0","server_time":"2026-11-21T00:05:30.250Z"})" : body,
          session ? 0ms : delay);
      answer.response.headers = {{"content-type", "application/json"}};
      return answer;
    });
  }
  template <class T>
  Answer<T> into(std::optional<core::Result<T>>& got) {
    return [&got](core::Result<T> result) {
      CHECK_FALSE(got.has_value());
      got = std::move(result);
    };
  }
  core::Result<Found> find(const std::variant<Identity, MemberId>& who) {
    std::optional<core::Result<Found>> got;
    REQUIRE(members.find(who, into(got)));
    board.world.advance(1min);
    REQUIRE(got.has_value());
    return *std::move(got);
  }
  core::Result<CouponPlacement> claim(std::string_view coupon) {
    std::optional<core::Result<CouponPlacement>> got;
    REQUIRE(members.claim(offers::CouponId::parse(coupon).value(), into(got)));
    board.world.advance(1min);
    REQUIRE(got.has_value());
    return *std::move(got);
  }

  hal_virtual::VirtualBoard board;
  cloud::Link link{board.http, {.origin = std::string(kOrigin)}};
  CloudMembers members{link, board.clock};
  std::string body{kFound};
  std::chrono::milliseconds delay{0};
  std::vector<std::string> asked;
};

MemberId member(std::string_view text) {
  return MemberId::parse(text).value();
}

TEST_CASE("a member comes with all that the cloud says, and with what it sets apart", "[members]") {
  Bench bench;

  const auto found = bench.find(member("m-77"));

  REQUIRE(found);
  CHECK(bench.asked == std::vector<std::string>{R"(/v1/members/find {"member":"m-77"})"});
  const Profile& profile = found->profile;
  CHECK(profile.id == member("m-77"));
  CHECK(profile.tier.view() == "gold");
  REQUIRE(profile.tags.size() == 1);
  CHECK(profile.tags.front().view() == "regular");
  CHECK((profile.birth_month == 11 && profile.birth_day == 21));
  CHECK((profile.orders == 31 && profile.spent_minor == 45'250 && profile.points == 1'200));
  CHECK((profile.value_minor == 5'000 && profile.debt_points == 3 && profile.consented));
  CHECK(profile.as_of.at > core::WallTime{});
  CHECK(profile.coupons.empty());
  CHECK(found->may_spend);
  REQUIRE(found->coupons.size() == 1);
  const CouponPlacement& placement = found->coupons.front();
  CHECK(placement.until == core::WallTime(1'795'220'430'250ms));
  CHECK(placement.coupon.id.view() == "c-9");
  CHECK(placement.coupon.offer.view() == "free-coffee");
  CHECK(placement.coupon.valid_from == core::WallTime::min());
  CHECK(placement.coupon.expires_at == core::WallTime(1'796'000'000'000ms));
  CHECK(placement.coupon.uses == 2);
}

TEST_CASE("an identity is asked for by its kind and blind index, as records write it", "[members]") {
  Bench bench;
  REQUIRE(bench.find(Identity{.kind = IdentityKind::Card, .index = security::BlindIndex(-42)}));
  CHECK(bench.asked == std::vector<std::string>{R"(/v1/members/find {"identity":{"kind":"card","index":"-42"}})"});
}

TEST_CASE("nobody of that name is an answer, silence is none", "[members]") {
  Bench bench;
  bench.body = R"({"outcome":"not_found"})";
  CHECK(bench.find(member("m-1")).error().code == ErrorCode::NotFound);

  bench.body = R"({"outcome":"found"})";
  CHECK(bench.find(member("m-1")).error().code == ErrorCode::Timeout);

  bench.board.http.close_kept_connections();
  bench.board.http.refuse_connections(hal::HttpFault::ConnectFailed);
  CHECK(bench.find(member("m-1")).error().code == ErrorCode::Unavailable);
}

TEST_CASE("whose code it is is asked within its time, the connection included", "[members]") {
  Bench bench;
  bench.delay = 2s;
  std::optional<core::Result<Found>> got;
  codes::WalletRoute route;
  route.add(codes::Wallet::WeChatPay);
  const codes::PaymentCode code("134567890123456789", route, false);

  REQUIRE(bench.members.identify(code, bench.into(got)));
  bench.board.world.advance(900ms);

  REQUIRE(got.has_value());
  CHECK(got->error().code == ErrorCode::Timeout);
  REQUIRE(bench.asked.size() == 1);
  CHECK(bench.asked.front().starts_with("/v1/members/identify "));
}

TEST_CASE("a coupon that is claimed is set apart, or refused for its reason", "[members]") {
  Bench bench;
  bench.body =
      R"({"outcome":"set_apart","coupon":{"id":"c-9","offer":"free-coffee","claimed_at":1,"uses":1},"until":5})";
  const auto placement = bench.claim("c-9");
  REQUIRE(placement);
  CHECK(placement->coupon.offer.view() == "free-coffee");
  CHECK(placement->until == core::WallTime(5ms));
  CHECK(bench.asked == std::vector<std::string>{R"(/v1/coupons/claim {"coupon":"c-9"})"});

  // Another one than was asked for is no answer.
  CHECK(bench.claim("c-8").error().code == ErrorCode::Timeout);
  const std::vector<std::pair<std::string, ErrorCode>> refusals{{"used", ErrorCode::AlreadyExists},
                                                                {"elsewhere", ErrorCode::AlreadyExists},
                                                                {"void", ErrorCode::Rejected},
                                                                {"not_found", ErrorCode::NotFound}};
  for (const auto& [outcome, code] : refusals) {
    CAPTURE(outcome);
    bench.body = R"({"outcome":")" + outcome + R"("})";
    CHECK(bench.claim("c-9").error().code == code);
  }
}

}  // namespace
}  // namespace tillkit::members
