// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tillkit/offers/model.hpp"
#include "tillkit/offers/rule_set.hpp"

/// Offers, coupons and baskets made up from a fixed seed.
namespace tillkit::bench {

struct Shop {
  std::vector<offers::RuleSet> rules;  // one: it has no default
  std::vector<offers::Basket> baskets;
};

struct ShopSize {
  std::size_t lines = 0;
  std::size_t offers = 0;
  std::size_t coupons = 0;
  std::int64_t units_max = 4;
  bool wide = false;
};

inline constexpr int kBaskets = 256;  // different ones, priced in turn

/// Of the automatic offers 40 % take percent off a category, 30 % are 'buy 3 get 1 free', 20 % take an amount off an
/// item, and of 10 % the best takes an amount off the order from a threshold on: the mix that others were measured
/// with. `wide`: 'buy 3 get 1' in a category, not of one item, so that it contests the percentages' goods. Of 28
/// coupons 20 are for a category and 8 for the order, under WeChat Pay's limits.
[[nodiscard]] Shop make_shop(const ShopSize& size);

}  // namespace tillkit::bench
