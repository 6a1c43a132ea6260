// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_virtual/board.hpp"

// Where an implementation is put to be examined: each bench has the same names, so that one suite runs on all.

namespace tillkit::contract {

/// A virtual board; time passes when asked to.
class VirtualBench {
 public:
  hal::Scheduler& scheduler() { return board.scheduler; }
  hal::Clock& clock() { return board.clock; }

  /// One turn of the loop, without waiting. False: nothing was due.
  bool turn() { return board.world.turn(); }
  /// Turns until `done`; false: it did not come about in a time that is long for what a contract promises.
  bool until(const std::function<bool()>& done) { return board.world.advance_until(done, std::chrono::minutes{2}); }
  /// Turns for `time`.
  void pass(std::chrono::milliseconds time) { board.world.advance(time); }

  hal_virtual::VirtualBoard board;
};

/// The real loop of Linux; time passes by itself, so a suite asks for a few milliseconds only and never for 'at most'.
class LinuxBench {
 public:
  LinuxBench() {
    auto made = hal_linux::EventLoop::create(clock_);
    REQUIRE(made);
    loop = std::move(*made);
  }

  hal::Scheduler& scheduler() { return *loop; }
  hal::Clock& clock() { return clock_; }

  bool turn() { return loop->turn(std::chrono::milliseconds{0}); }
  bool until(const std::function<bool()>& done) {
    const auto patience = clock_.monotonic() + std::chrono::seconds{20};
    while (!done()) {
      if (clock_.monotonic() > patience) return false;
      loop->turn(std::chrono::milliseconds{5});
    }
    return true;
  }
  void pass(std::chrono::milliseconds time) {
    const auto end = clock_.monotonic() + time;
    CHECK(until([&] { return clock_.monotonic() >= end; }));
  }

 private:
  hal_linux::Clock clock_{core::WallTime{}};

 public:
  std::unique_ptr<hal_linux::EventLoop> loop;
};

/// What a call returned or a completion got, as one word.
template <class T>
core::ErrorCode code_of(const core::Result<T>& result) {
  CHECK_FALSE(result.has_value());
  return result ? core::ErrorCode{} : result.error().code;
}

}  // namespace tillkit::contract
