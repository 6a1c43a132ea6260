// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/watchdog.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A watchdog: unfed, it takes the power of the virtual board away and gives it back. The battery clock goes on.
class VirtualWatchdog final : public hal::Watchdog, private Part {
 public:
  explicit VirtualWatchdog(World& world) : Part(world) {}

  [[nodiscard]] bool running() const { return timeout_.has_value(); }

  /// Counts and fails calls of `start` and `feed`.
  FaultPlan& faults() { return faults_; }

 private:
  [[nodiscard]] core::Result<> do_start(std::chrono::milliseconds timeout) override;
  [[nodiscard]] core::Result<> do_feed() override;
  [[nodiscard]] bool do_caused_last_reset() const override { return caused_last_reset_; }
  void power_lost() override;
  void power_returned(Battery battery, ResetCause cause) override;

  void wind_up();

  FaultPlan faults_;
  std::optional<std::chrono::milliseconds> timeout_;
  hal::TimerId bite_;
  bool caused_last_reset_ = false;
};

}  // namespace tillkit::hal_virtual
