// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::WallQuality;
using core::WallReading;
using core::WallTime;

constexpr WallTime kBuilt{std::chrono::hours{490'896}};      // 2026-01-01
constexpr WallTime kPlausible{std::chrono::hours{495'004}};  // 2026-06-21
constexpr WallTime k1970{};

/// A clock whose device shows `kPlausible` at the start, kept right by nobody, and whose lower bound is `kBuilt`.
class VirtualSubject {
 public:
  hal::Clock& clock() { return board_.clock; }
  void pass(std::chrono::microseconds time) { board_.clock.advance(time); }
  /// The device's own clock shows `at` now.
  void show(WallTime at, bool synchronised) {
    board_.clock.set_synchronised(synchronised);
    board_.clock.set_wall(at);
  }

 private:
  hal_virtual::VirtualBoard board_{
      {.clock = {.wall = kPlausible, .lower_bound = kBuilt, .synchronised = false}, .http = {}}};
};

class LinuxSubject {
 public:
  hal::Clock& clock() { return clock_; }
  void pass(std::chrono::microseconds time) {
    kernel_.time += time;
    kernel_.shown += std::chrono::floor<std::chrono::milliseconds>(time);
  }
  void show(WallTime at, bool synchronised) {
    kernel_.shown = at;
    kernel_.kept_right = synchronised;
  }

 private:
  struct Kernel final : hal_linux::KernelTime {
    core::MonotonicTime time{1h};
    WallTime shown = kPlausible;
    bool kept_right = false;

    core::MonotonicTime since_boot() const override { return time; }
    WallTime wall() const override { return shown; }
    bool synchronised() const override { return kept_right; }
  };

  Kernel kernel_;
  hal_linux::Clock clock_{kBuilt, kernel_};
};

using Clocks = std::tuple<VirtualSubject, LinuxSubject>;

TEMPLATE_LIST_TEST_CASE("monotonic time moves with time, wherever wall time jumps", "[contract][clock]", Clocks) {
  TestType subject;
  const auto start = subject.clock().monotonic();
  CHECK(start >= core::MonotonicTime{});

  subject.show(k1970, false);
  CHECK(subject.clock().monotonic() == start);
  subject.pass(1'234'567us);
  CHECK(subject.clock().monotonic() == start + 1'234'567us);
  subject.show(kPlausible + 24h, true);
  REQUIRE(subject.clock().adopt_wall(kPlausible, start));

  CHECK(subject.clock().monotonic() == start + 1'234'567us);
}

TEMPLATE_LIST_TEST_CASE("a plausible clock that nobody keeps right is an estimate", "[contract][clock]", Clocks) {
  TestType subject;
  CHECK(subject.clock().wall() == WallReading{kPlausible, WallQuality::Estimated});

  subject.pass(90s);

  CHECK(subject.clock().wall() == WallReading{kPlausible + 90s, WallQuality::Estimated});
}

TEMPLATE_LIST_TEST_CASE("a clock that is kept right is trusted, unless it lies below the bound", "[contract][clock]",
                        Clocks) {
  TestType subject;

  subject.show(kPlausible + 1h, true);
  CHECK(subject.clock().wall() == WallReading{kPlausible + 1h, WallQuality::Trusted});
  subject.show(kBuilt - 1ms, true);
  CHECK(subject.clock().wall() == WallReading{kBuilt, WallQuality::Unknown});
}

TEMPLATE_LIST_TEST_CASE("a start in 1970 has no time but the lower bound", "[contract][clock]", Clocks) {
  TestType subject;
  subject.show(k1970, false);

  CHECK(subject.clock().wall() == WallReading{kBuilt, WallQuality::Unknown});
  subject.pass(1h);
  CHECK(subject.clock().wall() == WallReading{kBuilt, WallQuality::Unknown});
}

TEMPLATE_LIST_TEST_CASE("the bound itself is not below the bound", "[contract][clock]", Clocks) {
  TestType subject;
  subject.show(kBuilt, false);

  CHECK(subject.clock().wall() == WallReading{kBuilt, WallQuality::Estimated});
}

TEMPLATE_LIST_TEST_CASE("the lower bound rises and never falls", "[contract][clock]", Clocks) {
  TestType subject;
  const auto bound = kPlausible + 1h;

  subject.clock().raise_lower_bound(bound);
  CHECK(subject.clock().wall() == WallReading{bound, WallQuality::Unknown});
  subject.clock().raise_lower_bound(kBuilt);
  CHECK(subject.clock().wall() == WallReading{bound, WallQuality::Unknown});
  subject.pass(1h);
  CHECK(subject.clock().wall() == WallReading{bound, WallQuality::Estimated});
}

TEMPLATE_LIST_TEST_CASE("an adopted time is trusted for a day and carried as an estimate after", "[contract][clock]",
                        Clocks) {
  TestType subject;
  subject.show(k1970, false);
  const auto told = kPlausible + 250ms;

  REQUIRE(subject.clock().adopt_wall(told, subject.clock().monotonic()));

  CHECK(subject.clock().wall() == WallReading{told, WallQuality::Trusted});
  subject.pass(hal::kWallTrustedFor);
  CHECK(subject.clock().wall() == WallReading{told + 24h, WallQuality::Trusted});
  subject.pass(1us);
  CHECK(subject.clock().wall() == WallReading{told + 24h, WallQuality::Estimated});
  subject.pass(1s);
  CHECK(subject.clock().wall() == WallReading{told + 24h + 1s, WallQuality::Estimated});
}

TEMPLATE_LIST_TEST_CASE("a time measured a little ago is a little later now", "[contract][clock]", Clocks) {
  TestType subject;
  subject.pass(5s);
  const auto measured = subject.clock().monotonic();
  subject.pass(1'700ms);

  REQUIRE(subject.clock().adopt_wall(kPlausible, measured));

  CHECK(subject.clock().wall() == WallReading{kPlausible + 1'700ms, WallQuality::Trusted});
  subject.pass(24h - 1'700ms);
  CHECK(subject.clock().wall().quality == WallQuality::Trusted);
  subject.pass(1us);
  CHECK(subject.clock().wall().quality == WallQuality::Estimated);
}

TEMPLATE_LIST_TEST_CASE("an adopted time wins over what the device shows, and may step back", "[contract][clock]",
                        Clocks) {
  TestType subject;
  subject.show(kPlausible + 24h, true);

  REQUIRE(subject.clock().adopt_wall(kPlausible, subject.clock().monotonic()));
  CHECK(subject.clock().wall() == WallReading{kPlausible, WallQuality::Trusted});
  subject.show(kPlausible + 48h, false);
  CHECK(subject.clock().wall() == WallReading{kPlausible, WallQuality::Trusted});

  REQUIRE(subject.clock().adopt_wall(kPlausible - 1h, subject.clock().monotonic()));
  CHECK(subject.clock().wall() == WallReading{kPlausible - 1h, WallQuality::Trusted});
}

TEMPLATE_LIST_TEST_CASE("after a day a clock that is kept right wins over an adopted time", "[contract][clock]",
                        Clocks) {
  TestType subject;
  REQUIRE(subject.clock().adopt_wall(kPlausible, subject.clock().monotonic()));
  subject.pass(25h);

  subject.show(kPlausible + 30h, true);
  CHECK(subject.clock().wall() == WallReading{kPlausible + 30h, WallQuality::Trusted});
  subject.show(kPlausible + 30h, false);
  CHECK(subject.clock().wall() == WallReading{kPlausible + 25h, WallQuality::Estimated});
}

TEMPLATE_LIST_TEST_CASE("a bound above an adopted time shows that it was wrong", "[contract][clock]", Clocks) {
  TestType subject;
  subject.show(k1970, false);
  REQUIRE(subject.clock().adopt_wall(kPlausible, subject.clock().monotonic()));

  subject.clock().raise_lower_bound(kPlausible + 1h);

  CHECK(subject.clock().wall() == WallReading{kPlausible + 1h, WallQuality::Unknown});
}

TEMPLATE_LIST_TEST_CASE("a time that cannot be is not adopted", "[contract][clock]", Clocks) {
  TestType subject;
  subject.pass(1s);
  const auto now = subject.clock().monotonic();
  const auto before = subject.clock().wall();

  CHECK(code_of(subject.clock().adopt_wall(kPlausible + 1h, now + 1us)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.clock().adopt_wall(kPlausible + 1h, core::MonotonicTime{-1us})) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.clock().adopt_wall(kBuilt - 1ms, now)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.clock().adopt_wall(hal::kWallMax + 1ms, now)) == ErrorCode::InvalidArgument);

  CHECK(subject.clock().wall() == before);
  CHECK(subject.clock().adopt_wall(kBuilt, now));
}

TEST_CASE("the kernel's monotonic time does not step back and its wall time is not 1970", "[contract][clock]") {
  hal_linux::Clock clock(kBuilt);
  auto last = clock.monotonic();

  for (int i = 0; i < 10'000; ++i) {
    const auto now = clock.monotonic();
    REQUIRE(now >= last);
    last = now;
  }

  CHECK(last > core::MonotonicTime{});
  CHECK(clock.wall().at >= kBuilt);
  CHECK(hal_linux::kernel_time().wall() > kBuilt);
}

}  // namespace
}  // namespace tillkit::contract
