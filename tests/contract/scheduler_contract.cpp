// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

using Loops = std::tuple<VirtualBench, LinuxBench>;

TEMPLATE_LIST_TEST_CASE("a task runs once, from the loop and not from inside the call", "[contract][scheduler]",
                        Loops) {
  TestType bench;
  int runs = 0;

  const auto timer = bench.scheduler().call_after(0us, [&] { ++runs; });

  REQUIRE(timer);
  CHECK(runs == 0);
  CHECK(bench.until([&] { return runs > 0; }));
  bench.pass(5ms);
  CHECK(runs == 1);
}

TEMPLATE_LIST_TEST_CASE("a task never runs before its time", "[contract][scheduler]", Loops) {
  TestType bench;
  const auto start = bench.clock().monotonic();
  std::vector<std::chrono::microseconds> early_by;
  int runs = 0;

  for (const auto delay : {0us, 1us, 999us, 1'000us, 1'001us, 2'500us, 4'999us}) {
    REQUIRE(bench.scheduler().call_at(start + delay, [&, delay] {
      ++runs;
      if (bench.clock().monotonic() < start + delay) early_by.push_back(delay);
    }));
  }

  CHECK(bench.until([&] { return runs == 7; }));
  CHECK(early_by.empty());
}

TEMPLATE_LIST_TEST_CASE("tasks run in the order of their times, equal ones as they were set", "[contract][scheduler]",
                        Loops) {
  TestType bench;
  const auto start = bench.clock().monotonic() + 2ms;
  std::string order;
  const auto set = [&](std::chrono::milliseconds after, char name) {
    REQUIRE(bench.scheduler().call_at(start + after, [&order, name] { order += name; }));
  };

  set(3ms, 'f');
  set(1ms, 'b');
  set(0ms, 'a');
  set(2ms, 'd');
  set(1ms, 'c');
  set(2ms, 'e');

  CHECK(bench.until([&] { return order.size() == 6; }));
  CHECK(order == "abcdef");
}

TEMPLATE_LIST_TEST_CASE("tasks that are all overdue run in the order of their times", "[contract][scheduler]", Loops) {
  TestType bench;
  bench.pass(1ms);
  const auto now = bench.clock().monotonic();
  std::string order;
  const auto set = [&](std::chrono::microseconds ago, char name) {
    REQUIRE(bench.scheduler().call_at(now - ago, [&order, name] { order += name; }));
  };

  set(1us, 'c');
  set(900us, 'a');
  set(2us, 'b');
  bench.turn();

  CHECK(order == "abc");
}

TEMPLATE_LIST_TEST_CASE("a task set for now or for the past by a task waits for the next turn", "[contract][scheduler]",
                        Loops) {
  TestType bench;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    CHECK(bench.scheduler().call_after(-5us, again).has_value());
  };
  std::function<void()> again_in_the_past = [&] {
    ++runs;
    CHECK(bench.scheduler().call_at(core::MonotonicTime{}, again_in_the_past).has_value());
  };
  REQUIRE(bench.scheduler().call_after(0us, again));
  REQUIRE(bench.scheduler().call_after(0us, again_in_the_past));

  for (int turn = 1; turn <= 5; ++turn) {
    CAPTURE(turn);
    CHECK(bench.turn());
    CHECK(runs == 2 * turn);
  }
}

TEMPLATE_LIST_TEST_CASE("a cancelled task does not run", "[contract][scheduler]", Loops) {
  TestType bench;
  bool ran = false;
  const auto timer = bench.scheduler().call_after(1ms, [&] { ran = true; });
  REQUIRE(timer);

  CHECK(bench.scheduler().cancel(*timer));

  CHECK_FALSE(bench.scheduler().cancel(*timer));
  bench.pass(5ms);
  CHECK_FALSE(ran);
}

TEMPLATE_LIST_TEST_CASE("a task can cancel another one that is due in the same turn, but not itself",
                        "[contract][scheduler]", Loops) {
  TestType bench;
  bool other_ran = false;
  bool cancelled_itself = true;
  bool cancelled_other = false;
  hal::TimerId self;
  hal::TimerId other;
  const auto now = bench.clock().monotonic();

  const auto first = bench.scheduler().call_at(now, [&] {
    cancelled_itself = bench.scheduler().cancel(self);
    cancelled_other = bench.scheduler().cancel(other);
  });
  const auto second = bench.scheduler().call_at(now, [&] { other_ran = true; });
  REQUIRE((first && second));
  self = *first;
  other = *second;
  bench.turn();
  bench.pass(1ms);

  CHECK_FALSE(cancelled_itself);
  CHECK(cancelled_other);
  CHECK_FALSE(other_ran);
}

TEMPLATE_LIST_TEST_CASE("a timer that never was cannot be cancelled", "[contract][scheduler]", Loops) {
  TestType bench;

  CHECK_FALSE(bench.scheduler().cancel({}));
  CHECK_FALSE(bench.scheduler().cancel({12'345}));
}

TEMPLATE_LIST_TEST_CASE("one timer above the limit is refused and dropped, and there is room when one is over",
                        "[contract][scheduler]", Loops) {
  TestType bench;
  std::vector<hal::TimerId> timers;
  bool refused_ran = false;
  int runs = 0;
  for (std::size_t i = 0; i < hal::kTimersMax; ++i) {
    const auto timer = bench.scheduler().call_after(1ms, [&] { ++runs; });
    REQUIRE(timer);
    timers.push_back(*timer);
  }

  CHECK(code_of(bench.scheduler().call_after(0us, [&] { refused_ran = true; })) == ErrorCode::Exhausted);
  CHECK(bench.scheduler().cancel(timers.front()));
  CHECK(bench.scheduler().call_after(1ms, [&] { ++runs; }));

  CHECK(bench.until([&] { return runs == static_cast<int>(hal::kTimersMax); }));
  CHECK_FALSE(refused_ran);
  CHECK(bench.scheduler().call_after(0us, [] {}));
}

TEMPLATE_LIST_TEST_CASE("a timer's name is never given to another", "[contract][scheduler]", Loops) {
  TestType bench;
  std::set<hal::TimerId> names{hal::TimerId{}};

  for (int i = 0; i < 100; ++i) {
    const auto timer = bench.scheduler().call_after(0us, [] {});
    REQUIRE(timer);
    CHECK(names.insert(*timer).second);
    if (i % 3 == 0) bench.scheduler().cancel(*timer);
    if (i % 7 == 0) bench.turn();
  }
}

TEMPLATE_LIST_TEST_CASE("an empty task and a time past the end are refused", "[contract][scheduler]", Loops) {
  TestType bench;
  bench.pass(1ms);

  CHECK(code_of(bench.scheduler().call_after(1ms, {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(bench.scheduler().call_after(std::chrono::microseconds::max(), [] {})) == ErrorCode::OutOfRange);
}

TEMPLATE_LIST_TEST_CASE("a timer of years does not hold up one of now", "[contract][scheduler]", Loops) {
  TestType bench;
  bool late = false;
  bool soon = false;

  REQUIRE(bench.scheduler().call_after(std::chrono::years{30}, [&] { late = true; }));
  REQUIRE(bench.scheduler().call_at(core::MonotonicTime::max(), [&] { late = true; }));
  REQUIRE(bench.scheduler().call_after(1ms, [&] { soon = true; }));

  CHECK(bench.until([&] { return soon; }));
  CHECK_FALSE(late);
}

TEMPLATE_LIST_TEST_CASE("what a dropped task owns may use the scheduler while it goes", "[contract][scheduler]",
                        Loops) {
  TestType bench;
  struct Owner {
    hal::Scheduler& scheduler;
    hal::TimerId other;
    ~Owner() { scheduler.cancel(other); }
  };
  bool other_ran = false;
  const auto other = bench.scheduler().call_after(0us, [&] { other_ran = true; });
  REQUIRE(other);
  const auto owning =
      bench.scheduler().call_after(1ms, [owner = std::unique_ptr<Owner>(new Owner{bench.scheduler(), *other})] {});
  REQUIRE(owning);

  CHECK(bench.scheduler().cancel(*owning));

  bench.turn();
  CHECK_FALSE(other_ran);
}

}  // namespace
}  // namespace tillkit::contract
