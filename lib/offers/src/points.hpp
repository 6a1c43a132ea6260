// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tillkit/core/result.hpp"

namespace tillkit::offers::detail {

/// An amount and the points per minor unit that it earns.
struct Earning {
  std::int64_t net = 0;
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
};

/// Points of all together: fractions add up before the one floor.
[[nodiscard]] core::Result<std::int64_t> points_of(std::span<const Earning> earnings);

/// The same shared over them by largest remainder, ties to the earlier.
[[nodiscard]] core::Result<std::vector<std::int64_t>> share_points(std::span<const Earning> earnings);

/// a + b and a * b as fractions in lowest terms. `OutOfRange`: a part above `kRateMax`.
inline constexpr std::int64_t kRateMax = 2'147'483'647;
[[nodiscard]] core::Result<Earning> add_rates(const Earning& a, const Earning& b);
[[nodiscard]] core::Result<Earning> multiply_rates(const Earning& a, const Earning& b);

}  // namespace tillkit::offers::detail
