// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "uses.hpp"

namespace tillkit::offers::detail {

/// Half-up `amount * rate`.
[[nodiscard]] constexpr std::int64_t percent_of(std::int64_t amount, core::BasisPoints rate) {
  return (amount * rate.value() + core::kWhole.value() / 2) / core::kWhole.value();
}
/// The same, rounded up: a bound.
[[nodiscard]] constexpr std::int64_t percent_above(std::int64_t amount, core::BasisPoints rate) {
  return (amount * rate.value() + core::kWhole.value() - 1) / core::kWhole.value();
}

/// What an effect that has no structure of units is worth, for goods worth `measured` (or that many units) of which
/// `base` is discounted. 0: its threshold is not reached.
[[nodiscard]] std::int64_t value_of(const Effect& effect, std::int64_t measured_amount, std::int64_t measured_units,
                                    std::int64_t base, std::int64_t draw);

/// The rate that an effect takes, with goods worth `measured` (or that many units): 0 where its threshold is not
/// reached or its value is an amount.
[[nodiscard]] core::BasisPoints rate_of(const Effect& effect, std::int64_t measured_amount,
                                        std::int64_t measured_units);

/// The same for a use of lane Item that rounds on each line: 0 for all others.
[[nodiscard]] core::BasisPoints line_rate(const Effect& effect, std::int64_t taken_amount, std::int64_t taken_units);

/// What a use of lane Item is worth for the units taken: `counts[i]` of `slots[i]`. 0: it cannot be used so.
/// `times`: bundles or groups, for effects that have them.
[[nodiscard]] std::int64_t value_of_units(const Offer& offer, std::span<const WorkLine> lines,
                                          std::span<const Slot> slots, std::span<const std::uint32_t> dear_first,
                                          std::span<const std::int64_t> counts);

}  // namespace tillkit::offers::detail
