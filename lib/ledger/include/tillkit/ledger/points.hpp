// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/security/mac.hpp"

/// The arithmetic of points and draws: exact, each rounding named.
namespace tillkit::ledger {

/// What points are worth when they pay: `points` for `minor` units, both above zero.
struct PointsRate {
  std::int64_t points = 100;
  std::int64_t minor = 100;

  friend bool operator==(const PointsRate&, const PointsRate&) = default;
};

/// What paying `minor` costs in points: rounded up, so that no rounding gives money away.
/// - OutOfRange: a negative amount, a rate with a part below 1, or more than fits.
[[nodiscard]] core::Result<std::int64_t> points_for(std::int64_t minor, const PointsRate& rate);
/// What so many points pay at most: rounded down.
[[nodiscard]] core::Result<std::int64_t> worth_of(std::int64_t points, const PointsRate& rate);

/// What is earned of `points` (what the earning rule gives for the goods) where `by_points` of `payable` was paid with
/// points: points earn no points. Rounded down; 0 where nothing was payable.
/// - OutOfRange: a negative number, or `by_points` above `payable`.
[[nodiscard]] core::Result<std::int64_t> earned_of(std::int64_t points, std::int64_t payable, std::int64_t by_points);

/// The n-th draw (from 0) of a random discount, from `min` to `max`, both included: the first 64 bits of HMAC-SHA-256
/// under the draw key over `tillkit/draw/v1` and n (8 bytes, big endian), scaled to the range. Whoever has the key
/// after the campaign can check each draw.
/// - OutOfRange: `min` below 1 or above `max`. - Unavailable: no memory.
[[nodiscard]] core::Result<std::int64_t> draw(const security::MacKey& key, std::uint64_t n, std::int64_t min,
                                              std::int64_t max);

}  // namespace tillkit::ledger
