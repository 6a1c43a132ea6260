// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tillkit/offers/proof.hpp"

namespace tillkit::offers::detail {

/// Of the first `part` units of `whole`, what belongs to `of`: the running sum, rounded down. Never falls, and at
/// `whole` it is `of`.
[[nodiscard]] constexpr std::int64_t running(std::int64_t of, std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : of * part / whole;  // amounts are below 2^31
}

/// Splits the units from `from` to `to` of a discount over its funders, whose amounts add up to `whole`. Parts of a
/// discount taken one after another add up to what each funder bears, and no part is negative: the first funder gets
/// its running sum, the next one of what that leaves, and so on.
[[nodiscard]] std::vector<FunderShare> split_over_funders(std::span<const FunderShare> funders, std::int64_t whole,
                                                          std::int64_t from, std::int64_t to);

}  // namespace tillkit::offers::detail
