// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::sync {
namespace {

using core::WallQuality;

/// A device that starts without knowing the time.
struct Lost : Till {
  Lost() { board.clock.start_in_1970(); }
};

TEST_CASE("a terminal that does not know the time takes a signed one, and asks for nothing else before", "[sync]") {
  Lost till;
  REQUIRE(till.start());

  REQUIRE(till.board.world.advance_until([&] { return till.board.clock.wall().quality != WallQuality::Unknown; }, 10s));

  CHECK(till.cloud.seen == std::vector<std::string>{"/v1/session"});
  const auto off = till.board.clock.true_wall() - till.board.clock.wall().at;
  CHECK(std::chrono::abs(off) < 50ms);
  REQUIRE(till.sell());
  CHECK(till.advance_until_sent(10s));
}

TEST_CASE("a time that is not signed by a key of the cloud's is not believed", "[sync]") {
  Lost till;
  till.cloud.signs_as_stranger = true;
  REQUIRE(till.start());

  till.advance(1min);
  CHECK(till.board.clock.wall().quality == WallQuality::Unknown);
  CHECK(till.fault("time_not_believed") > 1);
  CHECK(till.cloud.calls("/v1/session") == static_cast<int>(till.cloud.seen.size()));
  till.cloud.signs_as_stranger = false;
  till.advance(5min);

  CHECK(till.board.clock.wall().quality == WallQuality::Trusted);
}

TEST_CASE("a time that was only carried on is put right by the cloud's, one that is trusted is compared", "[sync]") {
  hal_virtual::VirtualBoardSettings settings;
  settings.clock.synchronised = false;
  Till till(settings);
  till.board.clock.step_wall(-90s);
  REQUIRE(till.board.clock.wall().quality == WallQuality::Estimated);
  REQUIRE(till.start());

  till.advance(5s);
  CHECK(till.board.clock.wall().quality == WallQuality::Trusted);
  CHECK(std::chrono::abs(till.board.clock.true_wall() - till.board.clock.wall().at) < 100ms);
  CHECK(std::chrono::abs(*till.status().clock_off - 90s) < 100ms);

  till.cloud.clock_off = -7s;
  till.advance(2h);
  CHECK(std::chrono::abs(*till.status().clock_off + 7s) < 100ms);
  CHECK(std::chrono::abs(till.board.clock.true_wall() - till.board.clock.wall().at) < 100ms);
}

}  // namespace
}  // namespace tillkit::sync
