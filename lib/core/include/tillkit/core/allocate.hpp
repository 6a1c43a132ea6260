// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// Most lines that one amount is shared over, and the largest weight of a line (2^31-1).
inline constexpr std::size_t kAllocationLinesMax = 1'024;
inline constexpr std::int64_t kAllocationWeightMax = 2'147'483'647;

/// Who gets the units that are left over once each line has its proportional share, cut to whole units.
/// Stored in rule sets and records; never renumber.
enum class AllocationRule : std::uint8_t {
  LargestRemainder = 0,  ///< One each to the lines that lost most by cutting; a tie goes to the earlier line.
  FirstLines = 1,        ///< One each from the first line on.
  LastLine = 2,          ///< All to the last line.
};

/// `largest_remainder`, `first_lines`, `last_line`: as in rule files.
[[nodiscard]] std::string_view to_string(AllocationRule rule);

/// Reads such a name, or fails with `InvalidArgument`.
[[nodiscard]] Result<AllocationRule> parse_allocation_rule(std::string_view name);

/// Shares a whole number of units (fen, points) over lines in proportion to their weights.
///
/// The shares add up to `amount` exactly, and `shares[i]` belongs to `weights[i]`. A negative amount gives the mirror
/// of the positive one. A line of weight 0 takes nothing; where all weights are 0 all lines weigh the same.
///
/// `caps`, if given, bounds each share from above, in units without a sign. A line that must not fall below a floor has
/// the cap `price - floor`. Lines whose exact share is above their cap take the cap, and what they cannot take is
/// shared over the others, by weight again, until it fits; only then is it cut to whole units. Left-over units pass
/// lines that are full.
///
/// Without caps a share is less than one unit away from the exact one under `LargestRemainder`, and at most one unit
/// under `FirstLines`.
/// Nothing is allocated on the heap. On failure `shares` is as it was:
/// - InvalidArgument: the spans differ in length, or a weight or cap is out of its range (below 0, above
///   `kAllocationWeightMax`).
/// - Exhausted: more than `kAllocationLinesMax` lines, or the caps of the lines with weight do not hold the amount
///   (no lines hold only 0).
[[nodiscard]] Result<> allocate(std::int64_t amount, std::span<const std::int64_t> weights,
                                std::span<std::int64_t> shares, AllocationRule rule = AllocationRule::LargestRemainder,
                                std::span<const std::int64_t> caps = {});

/// The same for money; caps in minor units.
[[nodiscard]] Result<> allocate(const Money& amount, std::span<const std::int64_t> weights, std::span<Money> shares,
                                AllocationRule rule = AllocationRule::LargestRemainder,
                                std::span<const std::int64_t> caps_minor = {});

}  // namespace tillkit::core
