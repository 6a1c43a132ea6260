// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"

namespace tillkit::hal::driver {

/// What the device's own civil clock shows, and whether somebody who can be believed keeps it right (NTP, GNSS).
struct DeviceClock {
  core::WallTime shows;
  bool synchronised = false;
};

/// Weighs an adopted wall time against the device's clock and the lower bound. For whoever writes a `hal::Clock`.
///
/// Believed in this order, as long as it is not below the bound: adopted within `kWallTrustedFor`; the device's
/// synchronised clock; adopted longer ago; the device's clock as it is.
class WallKeeper {
 public:
  explicit WallKeeper(core::WallTime lower_bound) : lower_bound_(lower_bound) {}

  [[nodiscard]] core::WallReading read(core::MonotonicTime now, const DeviceClock& device) const {
    using enum core::WallQuality;
    if (adopted_) {
      const bool fresh = now - adopted_->measured <= kWallTrustedFor;
      const auto carried = adopted_->at + std::chrono::floor<core::WallTime::duration>(now - adopted_->measured);
      if (fresh && carried >= lower_bound_) return {carried, Trusted};
      if (device.synchronised && device.shows >= lower_bound_) return {device.shows, Trusted};
      if (carried >= lower_bound_) return {carried, Estimated};
    }
    if (device.shows >= lower_bound_) return {device.shows, device.synchronised ? Trusted : Estimated};
    return {lower_bound_, Unknown};
  }

  [[nodiscard]] core::Result<> adopt(core::WallTime at, core::MonotonicTime measured) {
    if (at < lower_bound_) return core::fail(core::ErrorCode::InvalidArgument);
    adopted_ = Adopted{at, measured};
    return {};
  }

  void raise_lower_bound(core::WallTime bound) { lower_bound_ = std::max(lower_bound_, bound); }

 private:
  struct Adopted {
    core::WallTime at;
    core::MonotonicTime measured;
  };

  core::WallTime lower_bound_;
  std::optional<Adopted> adopted_;
};

}  // namespace tillkit::hal::driver
