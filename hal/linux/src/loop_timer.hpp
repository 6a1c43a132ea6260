// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::hal_linux {

/// One timer of a loop, taken once and kept, also while it rests: setting it anew cannot fail, whoever else has used
/// the loop's timers up.
class LoopTimer {
 public:
  /// `scheduler` and `clock` must outlive it. `rang` may end whoever owns the timer.
  LoopTimer(hal::Scheduler& scheduler, const hal::Clock& clock, std::function<void()> rang)
      : scheduler_(scheduler), clock_(clock), rang_(std::move(rang)) {}
  ~LoopTimer() { scheduler_.cancel(timer_); }
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  /// Takes the timer, at rest; before anything else is called.
  /// - Exhausted: the loop has none left.
  [[nodiscard]] core::Result<> hold() { return set(clock_.monotonic() + kRest); }

  void ring_at(core::MonotonicTime due) { must_set(due); }
  void rest() { must_set(clock_.monotonic() + kRest); }

 private:
  static constexpr std::chrono::hours kRest{24};  // then it rings for nothing, which does no harm

  [[nodiscard]] core::Result<> set(core::MonotonicTime due) {
    scheduler_.cancel(timer_);
    TILLKIT_TRY(timer_, scheduler_.call_at(due, [this] {
      rest();  // first of all: its place is free now, and must not go to another
      const auto rang = rang_;
      rang();
    }));
    return {};
  }
  void must_set(core::MonotonicTime due) {
    const auto set_again = set(due);
    TILLKIT_ASSERT(set_again.has_value());
  }

  hal::Scheduler& scheduler_;
  const hal::Clock& clock_;
  std::function<void()> rang_;
  hal::TimerId timer_;
};

}  // namespace tillkit::hal_linux
