// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::hal {

/// An adopted wall time counts as trusted for this long and as estimated after. A cheap crystal is off by up to
/// 50 ppm, 4.3 s a day: far inside the 300 s that WeChat Pay's signatures allow.
inline constexpr std::chrono::hours kWallTrustedFor{24};

/// The last moment that RFC 3339 can write: 9999-12-31T23:59:59.999Z.
inline constexpr core::WallTime kWallMax{std::chrono::milliseconds{253'402'300'799'999}};

/// Tells monotonic time, for time-outs, and wall time, for records, as different types.
///
/// A driver MUST keep monotonic time running while the processor sleeps, and MUST never let it step back; it starts at
/// or above zero.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Time since some moment of this boot. Never blocks, never fails.
  [[nodiscard]] core::MonotonicTime monotonic() const { return do_monotonic(); }

  /// The wall time and how far it can be believed. While the quality is `Unknown` the time is the lower bound.
  [[nodiscard]] core::WallReading wall() const { return do_wall(); }

  /// Takes over `at`, true at `measured` (now or a little ago), from a source that can be believed: a signed server
  /// time, a technician. From here on wall time is carried by monotonic time: `Trusted` for `kWallTrustedFor`, then
  /// `Estimated` unless the driver has another source that it trusts. It may step wall time forwards or back; whoever
  /// writes records keeps those from running backwards. It is kept in memory only: a restart begins with what the
  /// device's clock shows.
  /// - InvalidArgument: `measured` lies in the future or before time zero, or `at` is below the lower bound or past
  ///   `kWallMax`. Nothing changed.
  [[nodiscard]] core::Result<> adopt_wall(core::WallTime at, core::MonotonicTime measured) {
    if (measured > do_monotonic() || measured < core::MonotonicTime{} || at > kWallMax) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    return do_adopt_wall(at, measured);
  }

  /// Says that it is surely not earlier than `bound` (build time, last record, last signed server time). A clock that
  /// shows less is `Unknown`. A bound below the one in force changes nothing.
  void raise_lower_bound(core::WallTime bound) { do_raise_lower_bound(bound); }

 private:
  [[nodiscard]] virtual core::MonotonicTime do_monotonic() const = 0;
  [[nodiscard]] virtual core::WallReading do_wall() const = 0;
  [[nodiscard]] virtual core::Result<> do_adopt_wall(core::WallTime at, core::MonotonicTime measured) = 0;
  virtual void do_raise_lower_bound(core::WallTime bound) = 0;
};

}  // namespace tillkit::hal
