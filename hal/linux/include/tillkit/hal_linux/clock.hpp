// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/driver/wall_keeper.hpp"

namespace tillkit::hal_linux {

/// What the kernel says about time. A test answers in its place, to see 1970 without owning a machine.
class KernelTime {
 public:
  virtual ~KernelTime() = default;

  [[nodiscard]] virtual core::MonotonicTime since_boot() const = 0;  ///< CLOCK_BOOTTIME: goes on during sleep
  [[nodiscard]] virtual core::WallTime wall() const = 0;             ///< CLOCK_REALTIME
  [[nodiscard]] virtual bool synchronised() const = 0;               ///< adjtimex: some daemon keeps it right
};

/// The kernel of this machine.
[[nodiscard]] const KernelTime& kernel_time();

/// `hal::Clock` on Linux. It reads the system's clock and never sets it: that is the system's own business.
class Clock final : public hal::Clock {
 public:
  /// `lower_bound` is where `raise_lower_bound` starts: the time of the build, given by the board. `kernel` must
  /// outlive the clock.
  explicit Clock(core::WallTime lower_bound, const KernelTime& kernel = kernel_time());

 private:
  [[nodiscard]] core::MonotonicTime do_monotonic() const override;
  [[nodiscard]] core::WallReading do_wall() const override;
  [[nodiscard]] core::Result<> do_adopt_wall(core::WallTime at, core::MonotonicTime measured) override;
  void do_raise_lower_bound(core::WallTime bound) override;

  const KernelTime& kernel_;
  hal::driver::WallKeeper keeper_;
};

}  // namespace tillkit::hal_linux
