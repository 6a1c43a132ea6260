// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/driver/wall_keeper.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A crystal that is off by more is broken.
inline constexpr std::int32_t kDriftPpmMax = 1'000;

struct VirtualClockSettings {
  core::WallTime wall{std::chrono::hours{495'004}};         ///< when the world begins: 2026-06-21T04:00:00Z
  core::WallTime lower_bound{std::chrono::hours{490'896}};  ///< the build: 2026-01-01T00:00:00Z
  bool synchronised = true;  ///< somebody keeps the device's clock right, until the first power cut
};

/// The clock of a virtual board: a crystal, and a civil clock that may have a battery.
class VirtualClock final : public hal::Clock, private Part {
 public:
  explicit VirtualClock(World& world, const VirtualClockSettings& settings = {});

  /// Time passes, and all that comes due runs: `World::advance`.
  void advance(World::Duration time) { world().advance(time); }

  /// What a right clock would show.
  [[nodiscard]] core::WallTime true_wall() const;

  /// The device's civil clock jumps. Monotonic time and an adopted wall time do not.
  void step_wall(std::chrono::milliseconds by);
  void set_wall(core::WallTime at);

  /// As after a start without a battery: the civil clock shows 1970 and nobody keeps it right.
  void start_in_1970();

  /// Synchronised: the device's clock shows the true time from now on. Else it goes on by its crystal from what it
  /// shows.
  void set_synchronised(bool synchronised);

  /// The crystal is `ppm` too fast (negative: too slow) from now on; at most `kDriftPpmMax`.
  void set_drift_ppm(std::int32_t ppm);

  /// Counts and fails calls of `adopt_wall`.
  FaultPlan& faults() { return faults_; }

  /// When, in the world's time, monotonic time is `due`. For the virtual scheduler.
  [[nodiscard]] World::Duration world_time_of(core::MonotonicTime due) const;

 private:
  [[nodiscard]] core::MonotonicTime do_monotonic() const override;
  [[nodiscard]] core::WallReading do_wall() const override;
  [[nodiscard]] core::Result<> do_adopt_wall(core::WallTime at, core::MonotonicTime measured) override;
  void do_raise_lower_bound(core::WallTime bound) override;
  void power_lost() override;
  void power_returned(Battery battery, ResetCause cause) override;

  [[nodiscard]] World::Duration crystal_since(World::Duration since) const;
  [[nodiscard]] core::WallTime shown() const;
  void begin_anew();

  const VirtualClockSettings settings_;
  FaultPlan faults_;
  hal::driver::WallKeeper keeper_;
  std::int32_t drift_ppm_ = 0;
  bool synchronised_;
  // Both run on from what they were at `since_`.
  World::Duration since_;
  core::MonotonicTime monotonic_then_{};
  core::WallTime wall_then_;
};

}  // namespace tillkit::hal_virtual
