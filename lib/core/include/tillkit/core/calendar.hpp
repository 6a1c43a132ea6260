// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::core {

/// What a clock on the wall of the shop shows: a date and the time since its midnight (0 to below 24 h).
struct CivilTime {
  std::chrono::year_month_day date{std::chrono::year{1970} / 1 / 1};
  std::chrono::milliseconds since_midnight{0};

  friend constexpr bool operator==(const CivilTime&, const CivilTime&) = default;
};

/// Most that a shop's clock is away from UTC.
inline constexpr std::chrono::minutes kUtcOffsetMax{std::chrono::hours{18}};

/// Turns a moment into shop time, `utc_offset` ahead of UTC (480 min in Shanghai; daylight saving is the caller's).
/// `OutOfRange`: the offset is beyond `kUtcOffsetMax`, or the year outside 0001-9999.
[[nodiscard]] Result<CivilTime> to_civil(WallTime at, std::chrono::minutes utc_offset);

/// Turns shop time into a moment. `InvalidArgument`: no such date, or a time outside the day.
/// `OutOfRange`: the offset is beyond `kUtcOffsetMax`, or the year outside 0001-9999.
[[nodiscard]] Result<WallTime> to_wall(const CivilTime& civil, std::chrono::minutes utc_offset);

/// Reads `2026-11-21`. `InvalidArgument` and the byte offset, also for dates that no calendar has and the year 0000.
[[nodiscard]] Result<std::chrono::year_month_day> parse_date(std::string_view text);

/// Writes `2026-11-21`. `OutOfRange`: no such date, or the year outside 0001-9999.
[[nodiscard]] Result<std::string> format_date(std::chrono::year_month_day date);

/// Reads `08:30` or `08:30:15`; `24:00` is the end of the day. `InvalidArgument` and the byte offset.
[[nodiscard]] Result<std::chrono::seconds> parse_time_of_day(std::string_view text);

}  // namespace tillkit::core
