// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::hal {

/// So many timers may wait at once; one more is `Exhausted`. A terminal in full work has about thirty.
inline constexpr std::size_t kTimersMax = 1024;

/// Names a waiting timer. Never given to another timer in the life of a scheduler; 0 names none.
struct TimerId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const TimerId&, const TimerId&) = default;
};

using Task = std::move_only_function<void()>;

/// The timers of the one loop.
///
/// A driver MUST run each task exactly once, from the loop and never from inside a call of this interface; never before
/// its time; in the order of due times, and for equal times in the order in which they were set. A task may set and
/// cancel timers, its own included (it has already run: `false`). A task set for now or for the past runs at the loop's
/// next turn, not in this one, so that a task that sets itself again cannot starve the devices.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  /// Runs `task` once at `due`.
  /// - Exhausted: `kTimersMax` wait already. The task was dropped and will not run.
  /// - InvalidArgument: `task` is empty.
  [[nodiscard]] core::Result<TimerId> call_at(core::MonotonicTime due, Task task) {
    if (!task) return core::fail(core::ErrorCode::InvalidArgument);
    return do_call_at(due, std::move(task));
  }

  /// Runs `task` once, `delay` from now; negative counts as zero. A delay past the end of monotonic time is
  /// `OutOfRange`.
  [[nodiscard]] core::Result<TimerId> call_after(std::chrono::microseconds delay, Task task) {
    if (delay < std::chrono::microseconds::zero()) delay = std::chrono::microseconds::zero();
    const auto now = do_now();
    if (delay > core::MonotonicTime::max() - now) return core::fail(core::ErrorCode::OutOfRange);
    return call_at(now + delay, std::move(task));
  }

  /// Takes a timer back. True: its task will not run. False: it ran, was cancelled before, or never was.
  bool cancel(TimerId timer) { return do_cancel(timer); }

 private:
  [[nodiscard]] virtual core::MonotonicTime do_now() const = 0;
  [[nodiscard]] virtual core::Result<TimerId> do_call_at(core::MonotonicTime due, Task task) = 0;
  virtual bool do_cancel(TimerId timer) = 0;
};

}  // namespace tillkit::hal
