// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/offers/model.hpp"

namespace tillkit::offers::oracle {

/// Rules and a basket to price by them, small enough for the oracle.
struct Case {
  RuleDocument document;
  std::vector<Goods> goods;  ///< Of the basket's lines, in their order; the lines' own `goods` are not set.
  Basket basket;
};

/// Makes the `index`th case of a seed; the same one whatever was made before.
[[nodiscard]] Case make_case(std::uint64_t seed, std::uint64_t index);

/// A case in words, for whoever has to price it by hand.
[[nodiscard]] std::string describe(const Case& made);

/// Texts that are known to be right: ids and names in tests.
[[nodiscard]] OfferId offer_id(std::string_view text);
[[nodiscard]] CouponId coupon_id(std::string_view text);
[[nodiscard]] FunderId funder_id(std::string_view text);
[[nodiscard]] Name name(std::string_view text);

}  // namespace tillkit::offers::oracle
