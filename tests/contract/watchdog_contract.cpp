// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"
#include "tillkit/hal_linux/watchdog.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

/// A board whose resets can be counted.
class VirtualSubject : public VirtualBench {
 public:
  hal::Watchdog& watchdog() { return board.watchdog; }
  std::uint32_t boots() { return board.world.power().boots(); }
  void cut_and_restore_power() {
    board.world.power().cut();
    board.world.power().restore();
  }
};

using Watchdogs = std::tuple<VirtualSubject>;

TEMPLATE_LIST_TEST_CASE("a watchdog that is fed does not bite, one that is not resets the board",
                        "[contract][watchdog]", Watchdogs) {
  TestType subject;
  bool ran_after = false;
  REQUIRE(subject.watchdog().start(2s));
  CHECK_FALSE(subject.watchdog().caused_last_reset());

  for (int i = 0; i < 10; ++i) {
    subject.pass(1'900ms);
    CHECK(subject.watchdog().feed());
  }
  REQUIRE(subject.scheduler().call_after(1h, [&] { ran_after = true; }));
  CHECK(subject.boots() == 1);
  CHECK(subject.until([&] { return subject.boots() == 2; }));
  subject.pass(2h);

  CHECK(subject.watchdog().caused_last_reset());
  CHECK_FALSE(ran_after);
  CHECK(subject.boots() == 2);
}

TEMPLATE_LIST_TEST_CASE("a watchdog that was not started does nothing and cannot be fed", "[contract][watchdog]",
                        Watchdogs) {
  TestType subject;

  CHECK(code_of(subject.watchdog().feed()) == ErrorCode::FailedPrecondition);
  subject.pass(2min);

  CHECK(subject.boots() == 1);
  CHECK_FALSE(subject.watchdog().caused_last_reset());
}

TEMPLATE_LIST_TEST_CASE("a watchdog is started once, within its range", "[contract][watchdog]", Watchdogs) {
  TestType subject;

  CHECK(code_of(subject.watchdog().start(hal::kWatchdogTimeoutMin - 1ms)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.watchdog().start(hal::kWatchdogTimeoutMax + 1ms)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.watchdog().feed()) == ErrorCode::FailedPrecondition);
  REQUIRE(subject.watchdog().start(hal::kWatchdogTimeoutMin));
  CHECK(code_of(subject.watchdog().start(hal::kWatchdogTimeoutMax)) == ErrorCode::FailedPrecondition);

  CHECK(subject.until([&] { return subject.boots() == 2; }));
  CHECK(subject.clock().monotonic().time_since_epoch() < hal::kWatchdogTimeoutMax);
}

TEMPLATE_LIST_TEST_CASE("the watchdog is remembered for one boot", "[contract][watchdog]", Watchdogs) {
  TestType subject;
  REQUIRE(subject.watchdog().start(1s));
  CHECK(subject.until([&] { return subject.boots() == 2; }));
  CHECK(subject.watchdog().caused_last_reset());

  subject.cut_and_restore_power();

  CHECK_FALSE(subject.watchdog().caused_last_reset());
  CHECK(code_of(subject.watchdog().feed()) == ErrorCode::FailedPrecondition);
}

TEST_CASE("a kernel without a watchdog is told apart from one that does not let us", "[contract][watchdog]") {
  hal_linux::Watchdog absent("/dev/no-watchdog-here");
  CHECK(code_of(absent.start(10s)) == ErrorCode::Unsupported);
  CHECK(code_of(absent.feed()) == ErrorCode::FailedPrecondition);
  CHECK_FALSE(absent.caused_last_reset());

  hal_linux::Watchdog no_watchdog("/dev/null");
  CHECK(code_of(no_watchdog.start(10s)) == ErrorCode::Unsupported);
  CHECK(code_of(no_watchdog.feed()) == ErrorCode::FailedPrecondition);

  hal_linux::Watchdog folder("/dev");
  CHECK(code_of(folder.start(10s)) == ErrorCode::Unavailable);
}

}  // namespace
}  // namespace tillkit::contract
