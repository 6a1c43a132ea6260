// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::hal::driver {

/// The waiting timers of a `hal::Scheduler`, in the order in which they must run. For whoever writes one.
///
/// A turn of the loop: `last = newest()`, then, at its end, `while (auto task = take_due(now, last)) task();`. What is
/// set during a turn has an id above `last` and waits for the next one.
class TimerQueue {
 public:
  explicit TimerQueue(std::size_t timers_max = kTimersMax) : timers_max_(timers_max) {}

  /// - Exhausted: as many timers as the limit wait already. The task is dropped.
  [[nodiscard]] core::Result<TimerId> add(core::MonotonicTime due, Task task) {
    if (tasks_.size() >= timers_max_) return core::fail(core::ErrorCode::Exhausted);
    const TimerId id{++newest_.value};
    tasks_.emplace(Place{due, id}, std::move(task));
    due_of_.emplace(id.value, due);
    return id;
  }

  bool cancel(TimerId timer) {
    const auto found = due_of_.find(timer.value);
    if (found == due_of_.end()) return false;
    const Place place{found->second, timer};
    due_of_.erase(found);
    // The task dies after the queue is whole again: what it owns may call back into the scheduler.
    const auto dropped = tasks_.extract(place);
    return true;
  }

  /// When the next task is due; none waits: nothing.
  [[nodiscard]] std::optional<core::MonotonicTime> next_due() const {
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first.due;
  }

  [[nodiscard]] TimerId newest() const { return newest_; }
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }

  /// Takes out the first task that is due at `now` and not younger than `last`; an empty one if there is none.
  [[nodiscard]] Task take_due(core::MonotonicTime now, TimerId last) {
    for (auto it = tasks_.begin(); it != tasks_.end() && it->first.due <= now; ++it) {
      if (it->first.id > last) continue;
      due_of_.erase(it->first.id.value);
      return std::move(tasks_.extract(it).mapped());
    }
    return {};
  }

  /// Drops all tasks without running them. Ids go on rising.
  void clear() {
    due_of_.clear();
    const auto dropped = std::exchange(tasks_, {});
  }

 private:
  struct Place {
    core::MonotonicTime due;
    TimerId id;
    friend constexpr auto operator<=>(const Place&, const Place&) = default;
  };

  std::size_t timers_max_;
  TimerId newest_;
  std::map<Place, Task> tasks_;
  std::unordered_map<std::uint64_t, core::MonotonicTime> due_of_;
};

}  // namespace tillkit::hal::driver
