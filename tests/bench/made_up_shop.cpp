// SPDX-License-Identifier: Apache-2.0
#include "made_up_shop.hpp"

#include <cstdlib>
#include <random>
#include <string>
#include <utility>

namespace tillkit::bench {
namespace {

using namespace offers;

constexpr int kItems = 500;
constexpr int kCategories = 20;
constexpr std::uint64_t kSeed = 20'261'122;

template <class Id>
Id id(char label, std::uint64_t number) {
  std::string text(1, label);
  text += std::to_string(number);
  return Id::parse(text).value();
}

Offer automatic(std::uint64_t number, bool wide, std::mt19937_64& random) {
  constexpr std::uint64_t kTenths = 10;
  constexpr std::uint64_t kPercent = 4;
  constexpr std::uint64_t kGroup = 7;
  constexpr std::uint64_t kItem = 9;
  Offer offer;
  offer.id = id<OfferId>('p', number);
  offer.lane = Lane::Item;
  const std::uint64_t kind = number % kTenths;
  const auto category = [&] { return id<Name>('c', random() % kCategories); };
  const auto item = [&] { return id<Name>('i', random() % kItems); };
  if (kind < kPercent) {
    PercentOff percent;
    percent.rate = core::BasisPoints{static_cast<std::int32_t>(500 + 100 * (random() % 20))};
    offer.scope.categories.push_back(category());
    offer.effect = percent;
  } else if (kind < kGroup) {
    BuyGet group;
    group.buy = 3;
    (wide ? offer.scope.categories : offer.scope.items).push_back(wide ? category() : item());
    offer.effect = group;
  } else if (kind < kItem) {
    AmountOff off;
    off.amount = static_cast<std::int64_t>(50 + random() % 200);
    offer.scope.items.push_back(item());
    offer.effect = off;
  } else {
    AmountOff off;
    off.amount = static_cast<std::int64_t>(100 + random() % 900);
    off.threshold.at_least = static_cast<std::int64_t>(5'000 + random() % 20'000);
    offer.lane = Lane::Order;
    offer.effect = off;
  }
  return offer;
}

/// Of 28 coupons 20 for a category and 8 for the order: WeChat Pay's limits.
Offer coupon_template(std::uint64_t number, std::mt19937_64& random) {
  constexpr std::uint64_t kOf = 28;
  constexpr std::uint64_t kForGoods = 20;
  Offer offer;
  offer.id = id<OfferId>('t', number);
  offer.coupon = true;
  const bool goods = number % kOf < kForGoods;
  offer.lane = goods ? Lane::Item : Lane::Order;
  if (goods) offer.scope.categories.push_back(id<Name>('c', random() % kCategories));
  if (random() % kCategories == 0) {
    PercentOff percent;
    percent.rate = core::BasisPoints{500};
    offer.effect = percent;
  } else {
    AmountOff off;
    off.amount = static_cast<std::int64_t>(100 * (1 + random() % 20));
    off.threshold.at_least = off.amount * static_cast<std::int64_t>(2 + random() % 6);
    offer.effect = off;
  }
  return offer;
}

}  // namespace

Shop make_shop(const ShopSize& size) {
  std::mt19937_64 random(kSeed);
  constexpr std::size_t kTemplates = 280;
  RuleDocument document;
  document.version = "bench";
  document.lanes[static_cast<std::size_t>(Lane::Order)].stacking = Stacking::Compete;  // the best threshold counts
  if (size.coupons != 0) {
    document.lanes[static_cast<std::size_t>(Lane::Item)] = {Stacking::Stack, 20, 1};
    document.lanes[static_cast<std::size_t>(Lane::Order)] = {Stacking::WeChat, 8, 0};
  }
  for (std::uint64_t i = 0; i < size.offers; ++i)
    document.offers.push_back(automatic(i, size.wide, random));
  for (std::uint64_t i = 0; size.coupons != 0 && i < kTemplates; ++i)
    document.offers.push_back(coupon_template(i, random));
  RuleMistake mistake;
  auto rules = RuleSet::compile(std::move(document), mistake);
  if (!rules) std::abort();
  Shop shop;
  shop.rules.push_back(*std::move(rules));
  for (int i = 0; i < kBaskets; ++i) {
    Basket& basket = shop.baskets.emplace_back();
    for (std::uint32_t line = 0; line < size.lines; ++line) {
      const std::uint64_t number = random() % kItems;
      Goods goods;
      goods.item = id<Name>('i', number);
      goods.categories.push_back(id<Name>('c', number % kCategories));
      Line one;
      one.id = LineId(line + 1);
      one.goods = shop.rules.front().classify(goods).value();
      one.count = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size.units_max));
      one.unit_price = 100 + static_cast<std::int64_t>(number * 7 % 2'900);
      one.list_amount = one.count * one.unit_price;
      basket.lines.push_back(one);
    }
    for (std::uint64_t coupon = 0; coupon < size.coupons; ++coupon) {
      Coupon one;
      one.id = id<CouponId>('k', coupon);
      // In the proportion of WeChat Pay's limits, whatever the number.
      one.offer = id<OfferId>('t', random() % (kTemplates / 28) * 28 + coupon * 28 / size.coupons);
      basket.coupons.push_back(one);
    }
  }
  return shop;
}

}  // namespace tillkit::bench
