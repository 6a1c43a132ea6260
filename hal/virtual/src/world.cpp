// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/world.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal_virtual {
namespace {

/// A program that turns the loop more often without time passing waits for something that never comes.
constexpr int kTurnsPerInstantMax = 100'000;

bool run_due(hal::driver::TimerQueue& queue, core::MonotonicTime now, hal::TimerId newest) {
  bool ran = false;
  while (auto task = queue.take_due(now, newest)) {
    task();
    ran = true;
  }
  return ran;
}

void keep_earliest(std::optional<World::Duration>& earliest, std::optional<World::Duration> due) {
  if (due && (!earliest || *due < *earliest)) earliest = due;
}

hal::TimerId add(hal::driver::TimerQueue& queue, core::MonotonicTime due, hal::Task task) {
  const auto added = queue.add(due, std::move(task));
  TILLKIT_ASSERT(added.has_value());
  return *added;
}

}  // namespace

World::World() {
  power_.attach(*this);
}
World::~World() {
  power_.detach(*this);
}

void World::advance(Duration time) {
  advance_until([] { return false; }, time);
}

bool World::advance_until(const std::function<bool()>& done, Duration at_most) {
  TILLKIT_ASSERT(!turning_);
  const auto end = now_ + at_most;
  int turns_now = 0;
  while (!done()) {
    const auto due = next_due();
    if (!due || *due > std::max(end, now_)) {  // a task may have stalled past the end
      now_ = std::max(now_, end);
      return false;
    }
    turns_now = *due > now_ ? 0 : turns_now + 1;
    TILLKIT_ASSERT(turns_now < kTurnsPerInstantMax);
    now_ = std::max(now_, *due);
    turn();
  }
  return true;
}

bool World::turn() {
  TILLKIT_ASSERT(!turning_);
  turning_ = true;
  const auto newest_outside = outside_tasks_.newest();
  const auto newest_in_device = device_tasks_.newest();
  for (auto* loop : loops_)
    loop->begin_turn();

  const auto now = queue_now();
  bool ran = run_due(outside_tasks_, now, newest_outside);
  ran = run_due(device_tasks_, now, newest_in_device) || ran;
  for (auto* loop : loops_)
    ran = loop->finish_turn() || ran;
  turning_ = false;
  return ran;
}

hal::TimerId World::in_device(Duration delay, hal::Task task) {
  if (!power_.on()) return {};
  return add(device_tasks_, queue_now() + delay, std::move(task));
}

hal::TimerId World::outside(Duration delay, hal::Task task) {
  return add(outside_tasks_, queue_now() + delay, std::move(task));
}

std::optional<World::Duration> World::next_due() const {
  std::optional<Duration> earliest;
  for (const auto* queue : {&outside_tasks_, &device_tasks_}) {
    if (const auto due = queue->next_due()) keep_earliest(earliest, due->time_since_epoch());
  }
  for (const auto* loop : loops_)
    keep_earliest(earliest, loop->next_due());
  return earliest;
}

}  // namespace tillkit::hal_virtual
