// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/scheduler.hpp"

#include <utility>

namespace tillkit::hal_virtual {

VirtualScheduler::VirtualScheduler(World& world, VirtualClock& clock) : Part(world), clock_(clock) {
  world.attach(*this);
}

VirtualScheduler::~VirtualScheduler() {
  world().detach(*this);
}

core::MonotonicTime VirtualScheduler::do_now() const {
  return clock_.monotonic();
}

core::Result<hal::TimerId> VirtualScheduler::do_call_at(core::MonotonicTime due, hal::Task task) {
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  const auto added = timers_.add(due, std::move(task));
  if (added && !has_power()) timers_.cancel(*added);
  return added;
}

bool VirtualScheduler::do_cancel(hal::TimerId timer) {
  return timers_.cancel(timer);
}

void VirtualScheduler::power_lost() {
  timers_.clear();
}

void VirtualScheduler::begin_turn() {
  newest_at_turn_ = timers_.newest();
}

bool VirtualScheduler::finish_turn() {
  const auto now = clock_.monotonic();
  bool ran = false;
  while (auto task = timers_.take_due(now, newest_at_turn_)) {
    task();
    ran = true;
  }
  return ran;
}

std::optional<std::chrono::microseconds> VirtualScheduler::next_due() const {
  const auto due = timers_.next_due();
  if (!due) return std::nullopt;
  return clock_.world_time_of(*due);
}

}  // namespace tillkit::hal_virtual
