// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tillkit/offers/model.hpp"
#include "tillkit/offers/rule_set.hpp"

/// Baskets and wallets drawn from real data: what ../shared/data/README.md describes.
namespace tillkit::real_data {

/// The folder, or nothing where it is absent. TILLKIT_SHARED_DATA names another.
[[nodiscard]] std::optional<std::filesystem::path> folder();

/// A rule set and what can be bought by it.
struct Shop {
  std::optional<offers::RuleSet> rules;
  struct Item {
    offers::GoodsClass goods;
    std::int64_t price = 0;
  };
  std::vector<Item> items;
  std::vector<std::size_t> basket_sizes;

  /// Coupons that real people held, person by person: indexes into the offers of the rule set.
  std::vector<std::vector<std::uint32_t>> wallets;

  /// Real baskets; only of the US grocer.
  std::vector<std::vector<offers::Line>> baskets;
};

/// The Chinese shop's articles and prices, basket sizes of a grocer, and the faces of real coupons (`x:y` takes y yuan
/// off from x yuan, a number is a rate). The data does not say what a coupon was for; here, by a hash of its number, 7
/// in 10 are for a category of goods (one coupon on a line, 20 in an order: WeChat Pay's limits) and 3 in 10 for the
/// order (8 in an order; two thirds may be combined). Rates are of what is left.
[[nodiscard]] Shop chinese_shop(const std::filesystem::path& folder);

/// The US grocer's transactions, and its 981 coupons as automatic offers, each 50 to 200 cents off the products it
/// names, of which it takes at least one. (The data has no faces.)
[[nodiscard]] Shop us_grocer(const std::filesystem::path& folder);

/// A basket of `size` different articles, one to three pieces of each.
[[nodiscard]] std::vector<offers::Line> draw_basket(const Shop& shop, std::size_t size, std::mt19937_64& random);

/// The coupons of as many real wallets as make `count` coupons.
[[nodiscard]] std::vector<offers::Coupon> draw_wallet(const Shop& shop, std::size_t count, std::mt19937_64& random);

}  // namespace tillkit::real_data
