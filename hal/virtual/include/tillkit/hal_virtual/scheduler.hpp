// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "tillkit/hal/driver/timer_queue.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// The timers of a virtual board. They run when the world advances.
class VirtualScheduler final : public hal::Scheduler, private Part, private Loop {
 public:
  /// `clock` is of the same world and must outlive the scheduler.
  VirtualScheduler(World& world, VirtualClock& clock);
  ~VirtualScheduler() override;

  [[nodiscard]] std::size_t waiting() const { return timers_.size(); }

  /// Counts and fails calls of `call_at` and `call_after`.
  FaultPlan& faults() { return faults_; }

 private:
  [[nodiscard]] core::MonotonicTime do_now() const override;
  [[nodiscard]] core::Result<hal::TimerId> do_call_at(core::MonotonicTime due, hal::Task task) override;
  bool do_cancel(hal::TimerId timer) override;
  void power_lost() override;
  void begin_turn() override;
  bool finish_turn() override;
  [[nodiscard]] std::optional<std::chrono::microseconds> next_due() const override;

  VirtualClock& clock_;
  FaultPlan faults_;
  hal::driver::TimerQueue timers_;
  hal::TimerId newest_at_turn_;
};

}  // namespace tillkit::hal_virtual
