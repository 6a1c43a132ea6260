// SPDX-License-Identifier: Apache-2.0
// Leases as the cloud grants them, over the link.
#include "tillkit/ledger/cloud_leases.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal_virtual/board.hpp"

namespace tillkit::ledger {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using Got = core::Result<std::optional<LeaseGrant>>;

constexpr std::string_view kOrigin = "https://cloud.example";

struct Bench {
  Bench() {
    board.http.serve([this](const hal::HttpRequest& request) {
      const bool session = request.url.ends_with("/v1/session");
      if (!session) asked.push_back(request.url.substr(kOrigin.size()) + ' ' + request.body);
      auto answer = hal_virtual::VirtualAnswer::reply(
          200, session ? R"({"contract":"1.0","server_time":"2026-11-21T00:05:30.250Z"})" : body);
      answer.response.headers = {{"content-type", "application/json"}};
      return answer;
    });
  }
  Got ask(Unit unit, std::string_view of, std::int64_t amount) {
    LeaseRequest request{.key = RequestKey::parse("T1REQ").value(), .unit = unit, .amount = amount};
    if (!of.empty()) request.of = Owner::parse(of).value();
    std::optional<Got> got;
    REQUIRE(leases.ask(request, [&](Got answer) { got = std::move(answer); }));
    board.world.advance(1min);
    REQUIRE(got.has_value());
    return *std::move(got);
  }

  hal_virtual::VirtualBoard board;
  cloud::Link link{board.http, {.origin = std::string(kOrigin)}};
  CloudLeases leases{link};
  std::string body;
  std::vector<std::string> asked;
};

TEST_CASE("a lease comes as it was granted, lot by lot", "[ledger]") {
  Bench bench;
  bench.body =
      R"({"outcome":"granted","lease":{"id":"l-1","unit":"points","of":"m-77","amount":500,"until":1795824330250,
      "lots":[{"lot":"lot-1","amount":300,"expires_at":1800000000000},{"lot":"lot-2","amount":200}]}})";

  const Got got = bench.ask(Unit::Points, "m-77", 600);

  REQUIRE((got && *got));
  CHECK(bench.asked ==
        std::vector<std::string>{R"(/v1/leases {"request":"T1REQ","unit":"points","of":"m-77","amount":600})"});
  const LeaseGrant& grant = **got;
  CHECK(grant.id.view() == "l-1");
  CHECK(grant.unit == Unit::Points);
  CHECK(grant.of.view() == "m-77");
  CHECK(grant.amount == 500);
  CHECK(grant.until == core::WallTime(1'795'824'330'250ms));
  CHECK(grant.lots ==
        std::vector<LotPart>{
            {.lot = LotId::parse("lot-1").value(), .amount = 300, .expires_at = core::WallTime(1'800'000'000'000ms)},
            {.lot = LotId::parse("lot-2").value(), .amount = 200}});
  CHECK_FALSE(grant.draw_key.has_value());
}

TEST_CASE("risk is nobody's, and a refusal is an answer", "[ledger]") {
  Bench bench;
  bench.body = R"({"outcome":"refused"})";
  const Got got = bench.ask(Unit::Risk, "", 10'000);
  REQUIRE(got);
  CHECK_FALSE(got->has_value());
  CHECK(bench.asked.front().ends_with(R"("unit":"risk","of":"","amount":10000})"));
}

TEST_CASE("another lease than was asked for is no answer", "[ledger]") {
  Bench bench;
  const auto granted = [](std::string_view unit, std::string_view of, std::string_view amount) {
    return R"({"outcome":"granted","lease":{"id":"l-1","unit":")" + std::string(unit) + R"(","of":")" +
           std::string(of) + R"(","amount":)" + std::string(amount) + R"(,"until":1795824330250}})";
  };
  bench.body = granted("budget", "offer-1", "500");
  CHECK(bench.ask(Unit::Budget, "offer-1", 500));
  for (const std::string& body : {granted("risk", "", "500"), granted("budget", "offer-2", "500"),
                                  granted("budget", "offer-1", "501"), granted("budget", "offer-1", "0")}) {
    CAPTURE(body);
    bench.body = body;
    CHECK(bench.ask(Unit::Budget, "offer-1", 500).error().code == ErrorCode::Timeout);
  }
}

}  // namespace
}  // namespace tillkit::ledger
