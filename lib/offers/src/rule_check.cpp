// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "compiled.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::offers {

bool takes_money_off(const Effect& effect) {
  return !std::holds_alternative<Gift>(effect) && !std::holds_alternative<PointsEarn>(effect) &&
         !std::holds_alternative<PointsMultiply>(effect) && !std::holds_alternative<PointsGrant>(effect) &&
         !std::holds_alternative<CouponGrant>(effect);
}

namespace detail {
namespace {

constexpr std::size_t kTextBytesMax = 128;
constexpr std::int64_t kPointsMax = 1'000'000'000;
constexpr std::uint32_t kTimesMax = 1'000'000;
constexpr std::size_t kBinDigitsMin = 4;
constexpr std::size_t kBinDigitsMax = 10;

/// Walks one document; keeps the first mistake.
class Check {
 public:
  explicit Check(RuleMistake& mistake) : mistake_(mistake) {}

  core::Result<> document(const RuleDocument& document);

 private:
  core::Result<> wrong(std::string member, std::string expected) {
    mistake_ = {offer_, std::move(member), std::move(expected)};
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  core::Result<> too_much(std::string member, std::string expected) {
    mistake_ = {offer_, std::move(member), std::move(expected)};
    return core::fail(core::ErrorCode::Exhausted);
  }
  core::Result<> amount(const std::string& member, std::int64_t value, std::int64_t min) {
    if (value >= min && value <= kAmountMax) return {};
    return wrong(member,
                 "an amount from " + std::to_string(min) + " to " + std::to_string(kAmountMax) + " minor units");
  }
  core::Result<> count(const std::string& member, std::int64_t value, std::int64_t min, std::int64_t max) {
    if (value >= min && value <= max) return {};
    return wrong(member, "a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  core::Result<> rate(const std::string& member, core::BasisPoints value, std::int32_t min) {
    if (value.value() >= min && value <= core::kWhole) return {};
    return wrong(member, "a rate from " + std::to_string(min) + " to 10000 basis points");
  }
  core::Result<> threshold(const std::string& member, const Threshold& value) {
    return value.measure == Measure::Amount ? amount(member, value.at_least, 0)
                                            : count(member, value.at_least, 0, kLineCountMax);
  }

  core::Result<> offer(const Offer& offer);
  core::Result<> scope(const std::string& member, const Scope& scope);
  core::Result<> condition(const std::string& member, const Condition& condition, std::size_t depth);
  core::Result<> window(const std::string& member, const TimeWindow& window);
  core::Result<> funders(const Offer& offer);
  core::Result<> place(const Offer& offer);
  core::Result<> units(const Offer& offer, std::uint32_t units_max, Pick pick);

  core::Result<> effect(const Offer& offer, const AmountOff& effect);
  core::Result<> effect(const Offer& offer, const PercentOff& effect);
  core::Result<> effect(const Offer& offer, const Tiered& effect);
  core::Result<> effect(const Offer& offer, const FixedPrice& effect);
  core::Result<> effect(const Offer& offer, const UnitPriceTo& effect);
  core::Result<> effect(const Offer& offer, const BuyGet& effect);
  core::Result<> effect(const Offer& offer, const FreeOrder& effect);
  core::Result<> effect(const Offer& offer, const RandomOff& effect);
  core::Result<> effect(const Offer& offer, const Gift& effect);
  core::Result<> effect(const Offer& offer, const PointsEarn& effect);
  core::Result<> effect(const Offer& offer, const PointsMultiply& effect);
  core::Result<> effect(const Offer& offer, const PointsGrant& effect);
  core::Result<> effect(const Offer& offer, const CouponGrant& effect);

  RuleMistake& mistake_;
  std::size_t offer_ = kNoOffer;
  std::size_t names_ = 0;
};

core::Result<> Check::scope(const std::string& member, const Scope& scope) {
  for (const auto* list : {&scope.items, &scope.brands, &scope.categories, &scope.tags, &scope.excluded_items,
                           &scope.excluded_brands, &scope.excluded_categories, &scope.excluded_tags}) {
    names_ += list->size();
    if (std::ranges::any_of(*list, &Name::empty)) return wrong(member, "names that are not empty");
  }
  if (names_ > kScopeNamesMax) {
    return too_much(member, "at most " + std::to_string(kScopeNamesMax) + " names in all scopes together");
  }
  TILLKIT_TRY_VOID(amount(member + "/unit_price_min", scope.unit_price_min, 0));
  TILLKIT_TRY_VOID(amount(member + "/unit_price_max", scope.unit_price_max, 0));
  if (scope.unit_price_max != 0 && scope.unit_price_max < scope.unit_price_min) {
    return wrong(member + "/unit_price_max", "no less than unit_price_min");
  }
  return {};
}

core::Result<> Check::window(const std::string& member, const TimeWindow& window) {
  constexpr std::chrono::seconds kDay{86'400};
  constexpr std::uint8_t kAllDays = 0x7F;
  if (window.from >= window.until) return wrong(member + "/until", "a moment after `from`");
  if (window.weekdays == 0 || window.weekdays > kAllDays) return wrong(member + "/weekdays", "at least one weekday");
  if (window.day_from < std::chrono::seconds{0} || window.day_from >= kDay) {
    return wrong(member + "/day_from", "a time from 00:00 to before 24:00");
  }
  if (window.day_until <= std::chrono::seconds{0} || window.day_until > kDay || window.day_until == window.day_from) {
    return wrong(member + "/day_until", "a time up to 24:00, other than `day_from`");
  }
  return {};
}

core::Result<> Check::condition(const std::string& member, const Condition& condition, std::size_t depth) {
  constexpr std::uint32_t kOrdersMax = 1'000'000;
  constexpr std::uint16_t kDaysMax = 180;
  if (depth > kConditionDepthMax) {
    return too_much(member, "at most " + std::to_string(kConditionDepthMax) + " conditions inside one another");
  }
  switch (condition.kind) {
    case ConditionKind::Any:
      if (condition.children.empty()) return wrong(member, "at least one condition to choose from");
      break;
    case ConditionKind::Not:
      if (condition.children.size() != 1) return wrong(member, "exactly one condition");
      break;
    case ConditionKind::Subtotal:
      TILLKIT_TRY_VOID(scope(member + "/scope", condition.scope));
      return amount(member + "/at_least", condition.at_least, 1);
    case ConditionKind::Pieces:
    case ConditionKind::Coverage:
      TILLKIT_TRY_VOID(scope(member + "/scope", condition.scope));
      return count(member + "/at_least", condition.at_least, 1, kLineCountMax);
    case ConditionKind::Tier:
    case ConditionKind::MemberTag:
    case ConditionKind::Channel:
    case ConditionKind::Store:
    case ConditionKind::Code:
      if (condition.names.empty()) return wrong(member, "at least one name");
      break;
    case ConditionKind::Tender:
      if (condition.names.empty() && condition.bins.empty()) return wrong(member, "a wallet or the digits of a card");
      for (const std::string& bin : condition.bins) {
        if (bin.size() < kBinDigitsMin || bin.size() > kBinDigitsMax ||
            !std::ranges::all_of(bin, core::is_digit_char)) {
          return wrong(member + "/bins", "4 to 10 digits each");
        }
      }
      break;
    case ConditionKind::OrderNumber: return count(member + "/number", condition.number, 1, kOrdersMax);
    case ConditionKind::Birthday:
      TILLKIT_TRY_VOID(count(member + "/days_before", condition.days_before, 0, kDaysMax));
      return count(member + "/days_after", condition.days_after, 0, kDaysMax);
    case ConditionKind::Time: return window(member, condition.window);
    case ConditionKind::All:
    case ConditionKind::Member: break;
  }
  if (std::ranges::any_of(condition.names, &Name::empty)) return wrong(member, "names that are not empty");
  for (std::size_t i = 0; i < condition.children.size(); ++i) {
    TILLKIT_TRY_VOID(this->condition(member + "/" + std::to_string(i), condition.children[i], depth + 1));
  }
  return {};
}

core::Result<> Check::funders(const Offer& offer) {
  if (offer.funders.size() > kFundersMax) {
    return too_much("funders", "at most " + std::to_string(kFundersMax) + " funders");
  }
  std::int32_t sum = offer.funders.empty() ? core::kWhole.value() : 0;
  for (std::size_t i = 0; i < offer.funders.size(); ++i) {
    const Funder& funder = offer.funders[i];
    const std::string member = "funders/" + std::to_string(i);
    if (funder.id.empty()) return wrong(member + "/id", "an id");
    TILLKIT_TRY_VOID(rate(member + "/share", funder.share, 1));
    for (std::size_t j = 0; j < i; ++j) {
      if (offer.funders[j].id == funder.id) return wrong(member + "/id", "each funder once");
    }
    sum += funder.share.value();
  }
  if (sum != core::kWhole.value()) {
    return wrong("funders", "shares that add up to 10000 basis points, not " + std::to_string(sum));
  }
  return {};
}

/// Which effect may stand in which lane.
core::Result<> Check::place(const Offer& offer) {
  const Effect& effect = offer.effect;
  const bool takes_units = std::holds_alternative<FixedPrice>(effect) || std::holds_alternative<BuyGet>(effect);
  switch (offer.lane) {
    case Lane::Price:
      if (!std::holds_alternative<UnitPriceTo>(effect)) return wrong("lane", "unit_price_to is what lane price is for");
      if (offer.coupon) return wrong("lane", "a coupon cannot make a price; use lane item");
      if (!offer.group.empty()) return wrong("group", "no group in lane price: the lowest price wins");
      return {};
    case Lane::Item:
      if (!std::holds_alternative<AmountOff>(effect) && !std::holds_alternative<PercentOff>(effect) &&
          !std::holds_alternative<Tiered>(effect) && !std::holds_alternative<UnitPriceTo>(effect) && !takes_units) {
        return wrong("lane", "a later lane: this effect takes no units");
      }
      if (offer.base != Base::Discounted || offer.threshold_base != Base::Initial) {
        return wrong("base", "no base in lane item: it comes first, what it takes is at its initial price");
      }
      return {};
    case Lane::Brand:
    case Lane::Order:
    case Lane::Tender:
      if (takes_units || std::holds_alternative<UnitPriceTo>(effect)) {
        return wrong("lane", "lane item: this effect takes units");
      }
      return {};
  }
  return wrong("lane", "price, item, brand, order or tender");
}

core::Result<> Check::units(const Offer& offer, std::uint32_t units_max, Pick pick) {
  TILLKIT_TRY_VOID(count("effect/units_max", units_max, 0, kLineCountMax));
  if (units_max != 0 && offer.lane != Lane::Item) return wrong("effect/units_max", "lane item, where units are taken");
  if (pick != Pick::Free && units_max == 0) return wrong("effect/pick", "units_max with it");
  return {};
}

core::Result<> Check::effect(const Offer& /*offer*/, const AmountOff& effect) {
  TILLKIT_TRY_VOID(amount("effect/amount", effect.amount, 1));
  TILLKIT_TRY_VOID(threshold("effect/threshold", effect.threshold));
  TILLKIT_TRY_VOID(threshold("effect/every", effect.every));
  TILLKIT_TRY_VOID(count("effect/times_max", effect.times_max, 0, kTimesMax));
  if (effect.every.at_least == 0 && effect.times_max != 0) return wrong("effect/times_max", "`every` with it");
  if (effect.every.at_least != 0 && effect.threshold.at_least != 0) {
    return wrong("effect/threshold", "either `every` or a threshold");
  }
  return {};
}

core::Result<> Check::effect(const Offer& offer, const PercentOff& effect) {
  TILLKIT_TRY_VOID(rate("effect/rate", effect.rate, 1));
  TILLKIT_TRY_VOID(amount("effect/cap", effect.cap, 0));
  TILLKIT_TRY_VOID(threshold("effect/threshold", effect.threshold));
  TILLKIT_TRY_VOID(units(offer, effect.units_max, effect.pick));
  if (effect.units_max != 0 && effect.threshold.at_least != 0) {
    return wrong("effect/threshold",
                 "a subtotal condition: with units_max the units taken say nothing about the basket");
  }
  return {};
}

core::Result<> Check::effect(const Offer& /*offer*/, const Tiered& effect) {
  if (effect.tiers.empty()) return wrong("effect/tiers", "at least one tier");
  if (effect.tiers.size() > kTiersMax)
    return too_much("effect/tiers", "at most " + std::to_string(kTiersMax) + " tiers");
  std::int64_t before = 0;
  for (std::size_t i = 0; i < effect.tiers.size(); ++i) {
    const Tier& tier = effect.tiers[i];
    const std::string member = "effect/tiers/" + std::to_string(i);
    TILLKIT_TRY_VOID(threshold(member + "/at_least", {effect.measure, tier.at_least}));
    if (tier.at_least <= before) return wrong(member + "/at_least", "more than the tier before");
    before = tier.at_least;
    if ((tier.amount != 0) == (tier.rate.value() != 0)) return wrong(member, "either an amount or a rate");
    if (tier.amount != 0) TILLKIT_TRY_VOID(amount(member + "/amount", tier.amount, 1));
    if (tier.rate.value() != 0) TILLKIT_TRY_VOID(rate(member + "/rate", tier.rate, 1));
  }
  return amount("effect/cap", effect.cap, 0);
}

core::Result<> Check::effect(const Offer& offer, const FixedPrice& effect) {
  if (effect.parts.empty()) return wrong("effect/parts", "at least one part");
  if (effect.parts.size() > kPartsMax)
    return too_much("effect/parts", "at most " + std::to_string(kPartsMax) + " parts");
  if (offer.scope != Scope{}) return wrong("scope", "no scope here: each part of a bundle has its own");
  for (std::size_t i = 0; i < effect.parts.size(); ++i) {
    const std::string member = "effect/parts/" + std::to_string(i);
    TILLKIT_TRY_VOID(scope(member + "/scope", effect.parts[i].scope));
    TILLKIT_TRY_VOID(count(member + "/count", effect.parts[i].count, 1, kLineCountMax));
  }
  TILLKIT_TRY_VOID(amount("effect/price", effect.price, 0));
  return count("effect/times_max", effect.times_max, 0, kTimesMax);
}

core::Result<> Check::effect(const Offer& offer, const UnitPriceTo& effect) {
  TILLKIT_TRY_VOID(amount("effect/price", effect.price, 0));
  if (effect.per_grams != 0 && offer.lane != Lane::Price) {
    return wrong("effect/per_grams", "lane price: only there weighed goods get another price");
  }
  TILLKIT_TRY_VOID(count("effect/per_grams", effect.per_grams, 0, kLineCountMax));
  return units(offer, effect.units_max, effect.pick);
}

core::Result<> Check::effect(const Offer& /*offer*/, const BuyGet& effect) {
  TILLKIT_TRY_VOID(count("effect/buy", effect.buy, 1, kLineCountMax));
  TILLKIT_TRY_VOID(count("effect/get", effect.get, 1, kLineCountMax));
  TILLKIT_TRY_VOID(rate("effect/rate", effect.rate, 1));
  TILLKIT_TRY_VOID(count("effect/times_max", effect.times_max, 0, kTimesMax));
  if (effect.pick == Pick::Free) return wrong("effect/pick", "cheapest or dearest");
  if (effect.has_get_scope && effect.same_line) return wrong("effect/same_line", "either same_line or a get_scope");
  return effect.has_get_scope ? scope("effect/get_scope", effect.get_scope) : core::Result<>{};
}

core::Result<> Check::effect(const Offer& offer, const FreeOrder& /*effect*/) {
  if (offer.lane != Lane::Order && offer.lane != Lane::Tender) return wrong("lane", "order or tender");
  return offer.scope == Scope{} ? core::Result<>{} : wrong("scope", "no scope: the whole order is free");
}

core::Result<> Check::effect(const Offer& /*offer*/, const RandomOff& effect) {
  TILLKIT_TRY_VOID(amount("effect/min", effect.min, 1));
  return amount("effect/max", effect.max, effect.min);
}

core::Result<> Check::effect(const Offer& /*offer*/, const Gift& effect) {
  if (effect.item.empty()) return wrong("effect/item", "an item");
  return count("effect/count", effect.count, 1, kLineCountMax);
}

core::Result<> Check::effect(const Offer& /*offer*/, const PointsEarn& effect) {
  TILLKIT_TRY_VOID(count("effect/points", effect.points, 1, kLineCountMax));
  return count("effect/per", effect.per, 1, kLineCountMax);
}

core::Result<> Check::effect(const Offer& /*offer*/, const PointsMultiply& effect) {
  constexpr std::int64_t kFactorMax = 1'000;
  TILLKIT_TRY_VOID(count("effect/numerator", effect.numerator, 1, kFactorMax));
  return count("effect/denominator", effect.denominator, 1, kFactorMax);
}

core::Result<> Check::effect(const Offer& /*offer*/, const PointsGrant& effect) {
  return count("effect/points", effect.points, 1, kPointsMax);
}

core::Result<> Check::effect(const Offer& /*offer*/, const CouponGrant& effect) {
  constexpr std::uint32_t kGrantMax = 100;
  if (effect.coupon.empty()) return wrong("effect/coupon", "the id of a coupon template");
  return count("effect/count", effect.count, 1, kGrantMax);
}

core::Result<> Check::offer(const Offer& offer) {
  if (offer.id.empty()) return wrong("id", "an id");
  if (offer.name.size() > kTextBytesMax || !core::check_utf8(offer.name).has_value()) {
    return wrong("name", "UTF-8, at most " + std::to_string(kTextBytesMax) + " bytes");
  }
  TILLKIT_TRY_VOID(place(offer));
  TILLKIT_TRY_VOID(scope("scope", offer.scope));
  TILLKIT_TRY_VOID(condition("condition", offer.condition, 1));
  TILLKIT_TRY_VOID(count("uses_per_order_max", offer.uses_per_order_max, 1, static_cast<std::int64_t>(kCouponsMax)));
  if (!offer.coupon && offer.uses_per_order_max != 1) return wrong("uses_per_order_max", "1: only coupons repeat");
  TILLKIT_TRY_VOID(std::visit([&](const auto& effect) { return this->effect(offer, effect); }, offer.effect));
  return funders(offer);
}

core::Result<> Check::document(const RuleDocument& document) {
  if (document.version.empty() || document.version.size() > kTextBytesMax ||
      !core::check_utf8(document.version).has_value()) {
    return wrong("version", "1 to " + std::to_string(kTextBytesMax) + " bytes of UTF-8");
  }
  if (document.offers.size() > kOffersMax)
    return too_much("offers", "at most " + std::to_string(kOffersMax) + " offers");
  for (offer_ = 0; offer_ < document.offers.size(); ++offer_) {
    TILLKIT_TRY_VOID(offer(document.offers[offer_]));
  }
  return {};
}

}  // namespace

core::Result<> check_document(const RuleDocument& document, RuleMistake& mistake) {
  return Check(mistake).document(document);
}

}  // namespace detail
}  // namespace tillkit::offers
