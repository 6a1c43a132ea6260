// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// Time since some moment of this boot; for time-outs. It never goes backwards and means nothing after a restart.
struct MonotonicTimeline {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTimeline, duration>;
  static constexpr bool is_steady = true;  // NOLINT(readability-identifier-naming): std::chrono's name
};
using MonotonicTime = MonotonicTimeline::time_point;

/// Civil time, UTC, milliseconds since 1970-01-01T00:00:00Z without leap seconds. Not convertible to `MonotonicTime`.
struct WallTimeline {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallTimeline, duration>;
  static constexpr bool is_steady = false;  // NOLINT(readability-identifier-naming)
};
using WallTime = WallTimeline::time_point;

/// How far a wall time can be believed. Stored in records; never renumber.
enum class WallQuality : std::uint8_t {
  Unknown = 0,    ///< Started without a clock; the time is only a lower bound.
  Estimated = 1,  ///< Carried by monotonic time or by a battery clock since the last trusted moment.
  Trusted = 2,    ///< A source that can be believed vouched for it, recently.
};

/// A wall time and how far it can be believed.
struct WallReading {
  WallTime at;
  WallQuality quality = WallQuality::Unknown;

  friend constexpr bool operator==(const WallReading&, const WallReading&) = default;
};

[[nodiscard]] std::string_view to_string(WallQuality quality);

/// Reads an RFC 3339 date-time (`2026-11-21T08:05:30.250+08:00`), any offset, `T` and `Z` in either case.
/// Digits past the millisecond are cut off. A leap second (`:60`) counts as the next full second.
/// Fails with `InvalidArgument` and the byte offset, also for dates that no calendar has and for years outside
/// 0001-9999.
[[nodiscard]] Result<WallTime> parse_rfc3339(std::string_view text);

/// Writes `2026-11-21T00:05:30.250Z`: UTC, always three digits of milliseconds, so that texts sort as times do.
/// Fails with `OutOfRange` for years outside 0001-9999.
[[nodiscard]] Result<std::string> format_rfc3339(WallTime at);

}  // namespace tillkit::core
