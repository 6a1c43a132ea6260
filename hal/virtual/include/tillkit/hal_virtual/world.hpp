// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "tillkit/hal/driver/timer_queue.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal_virtual/power.hpp"

namespace tillkit::hal_virtual {

/// A loop that the world turns. The virtual scheduler is one.
class Loop {
 public:
  virtual ~Loop() = default;

  /// What is set after this call belongs to the next turn.
  virtual void begin_turn() = 0;
  /// Runs what is due. False: nothing was.
  virtual bool finish_turn() = 0;
  /// When something is due, in the world's time.
  [[nodiscard]] virtual std::optional<std::chrono::microseconds> next_due() const = 0;
};

/// Where virtual devices live: true time, which the test moves, and the power.
///
/// Nothing happens by itself, so a run is repeated by doing the same again. Devices and timers run in the order of
/// their times; at the same time what comes from outside goes first, then devices, then timers.
class World final : private Powered {
 public:
  using Duration = std::chrono::microseconds;

  World();
  ~World() override;

  /// Time since the world began. A power cut does not touch it.
  [[nodiscard]] Duration now() const { return now_; }
  [[nodiscard]] Power& power() { return power_; }

  /// Lets `time` pass and runs all that comes due, at its time. Not from inside a task.
  void advance(Duration time);

  /// Advances until `done` is true, asked after each turn; false: `at_most` passed before.
  bool advance_until(const std::function<bool()>& done, Duration at_most);

  /// Runs what is due now: one turn of the loop. False: nothing was.
  bool turn();

  /// Lets `time` pass while nobody looks, as during a slow commit. Allowed inside a task; what came due runs late.
  void stall(Duration time) { now_ += time; }

  // For the devices.

  /// Runs `task` from the loop, `delay` from now, unless the power goes before.
  hal::TimerId in_device(Duration delay, hal::Task task);
  /// The same for what the board's power does not reach: packets under way, servers, people.
  hal::TimerId outside(Duration delay, hal::Task task);
  /// Takes back a task of `in_device`.
  void cancel_in_device(hal::TimerId task) { device_tasks_.cancel(task); }

  void attach(Loop& loop) { loops_.push_back(&loop); }
  void detach(Loop& loop) { std::erase(loops_, &loop); }

 private:
  using Queue = hal::driver::TimerQueue;

  void power_lost() override { device_tasks_.clear(); }
  void power_returned(Battery, ResetCause) override {}
  [[nodiscard]] std::optional<Duration> next_due() const;
  [[nodiscard]] core::MonotonicTime queue_now() const { return core::MonotonicTime{now_}; }

  Duration now_{};
  Power power_;
  // The limits are those of the devices that put tasks in.
  Queue outside_tasks_{std::numeric_limits<std::size_t>::max()};
  Queue device_tasks_{std::numeric_limits<std::size_t>::max()};
  std::vector<Loop*> loops_;
  bool turning_ = false;
};

/// Keeps a virtual device attached to its world for as long as it lives. Tasks of the world refer to it: once a device
/// is gone, the world must not turn any more.
class Part : public Powered {
 public:
  ~Part() override { world_.power().detach(*this); }

 protected:
  explicit Part(World& world) : world_(world) { world_.power().attach(*this); }

  [[nodiscard]] World& world() const { return world_; }
  [[nodiscard]] bool has_power() const { return world_.power().on(); }

 private:
  void power_lost() override {}
  void power_returned(Battery, ResetCause) override {}

  World& world_;
};

}  // namespace tillkit::hal_virtual
