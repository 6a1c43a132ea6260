// SPDX-License-Identifier: Apache-2.0
#include "document_effects.hpp"

#include <string>
#include <variant>

#include "document_conditions.hpp"

namespace tillkit::offers::detail {
namespace {

using core::JsonValue;
using core::Result;

constexpr Range kTimes{1, 1'000'000};
constexpr Range kPoints{1, 1'000'000'000};
constexpr Range kFactor{1, 1'000};
constexpr Range kPointsPer{1, kLineCountMax};
constexpr Range kGrants{1, 100};
constexpr Range kNth{2, 1'000};

/// `at_least` is an amount, `at_least_pieces` a number of pieces; likewise `every`.
Result<> read_threshold(DocumentReader& in, const JsonValue& object, std::string_view amount, std::string_view pieces,
                        Threshold& out) {
  TILLKIT_TRY_VOID(in.not_both(object, amount, pieces));
  TILLKIT_TRY_VOID(in.amount(object, amount, out.at_least, kSomeAmount));
  if (object.find(pieces)) out.measure = Measure::Pieces;
  return in.integer(object, pieces, out.at_least, kSomeCount);
}

template <class Units>
Result<> read_units(DocumentReader& in, const JsonValue& object, Units& out) {
  TILLKIT_TRY_VOID(in.integer(object, "units_max", out.units_max, kTimes));
  TILLKIT_TRY_VOID(in.choice(object, "pick", out.pick, kPickNames));
  if (out.pick != Pick::Free && out.units_max == 0) return in.wrong(object, "\"units_max\" beside \"pick\"");
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, AmountOff& out) {
  TILLKIT_TRY_VOID(in.only(value, kAmountOffMembers));
  TILLKIT_TRY_VOID(in.required(value, "amount"));
  TILLKIT_TRY_VOID(in.amount(value, "amount", out.amount, kSomeAmount));
  TILLKIT_TRY_VOID(read_threshold(in, value, "at_least", "at_least_pieces", out.threshold));
  TILLKIT_TRY_VOID(read_threshold(in, value, "every", "every_pieces", out.every));
  if (out.threshold.at_least != 0 && out.every.at_least != 0) {
    return in.wrong(value, "either a threshold (\"at_least\") or \"every\": the first \"every\" is the threshold");
  }
  TILLKIT_TRY_VOID(in.integer(value, "times_max", out.times_max, kTimes));
  if (out.times_max != 0 && out.every.at_least == 0) return in.wrong(value, "\"every\" beside \"times_max\"");
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, PercentOff& out) {
  TILLKIT_TRY_VOID(in.only(value, kPercentOffMembers));
  TILLKIT_TRY_VOID(in.required(value, "rate"));
  TILLKIT_TRY_VOID(in.rate(value, "rate", out.rate, kUpToWhole));
  TILLKIT_TRY_VOID(in.amount(value, "cap", out.cap, kSomeAmount));
  TILLKIT_TRY_VOID(read_threshold(in, value, "at_least", "at_least_pieces", out.threshold));
  TILLKIT_TRY_VOID(read_units(in, value, out));
  if (out.units_max != 0 && out.threshold.at_least != 0) {
    return in.wrong(value, "either a threshold (\"at_least\") or \"units_max\"");
  }
  return {};
}

Result<> read_tier(DocumentReader& in, const JsonValue& value, Threshold& reach, Tier& tier) {
  TILLKIT_TRY_VOID(in.only(value, kTierMembers));
  TILLKIT_TRY_VOID(read_threshold(in, value, "at_least", "at_least_pieces", reach));
  if (reach.at_least == 0) return in.wrong(value, "\"at_least\" or \"at_least_pieces\"");
  tier.at_least = reach.at_least;
  TILLKIT_TRY_VOID(in.not_both(value, "amount", "rate"));
  TILLKIT_TRY_VOID(in.amount(value, "amount", tier.amount, kSomeAmount));
  TILLKIT_TRY_VOID(in.rate(value, "rate", tier.rate, kUpToWhole));
  if (tier.amount == 0 && tier.rate.value() == 0) return in.wrong(value, "\"amount\" or \"rate\"");
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, Tiered& out) {
  TILLKIT_TRY_VOID(in.only(value, kTieredMembers));
  TILLKIT_TRY(const JsonValue array, in.required(value, "tiers"));
  TILLKIT_TRY(const core::JsonElements list, in.elements(array, "tiers", kTiersMax));
  if (array.size() == 0) return in.wrong(array, "at least one tier");
  for (const JsonValue element : list) {
    Threshold reach;
    Tier tier;
    TILLKIT_TRY_VOID(read_tier(in, element, reach, tier));
    if (out.tiers.empty()) out.measure = reach.measure;
    if (reach.measure != out.measure) return in.wrong(element, "all tiers by amount or all by pieces");
    if (!out.tiers.empty() && tier.at_least <= out.tiers.back().at_least) {
      return in.wrong(element, "a tier above the one before it");
    }
    out.tiers.push_back(tier);
  }
  return in.amount(value, "cap", out.cap, kSomeAmount);
}

Result<> read_part(DocumentReader& in, const JsonValue& value, const Scope& scope, BundlePart& part) {
  TILLKIT_TRY_VOID(in.only(value, kPartMembers));
  TILLKIT_TRY_VOID(in.required(value, "count"));
  TILLKIT_TRY_VOID(in.integer(value, "count", part.count, kSomeCount));
  if (const auto own = value.find("scope")) return read_scope(in, *own, part.scope);
  part.scope = scope;
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope& scope, FixedPrice& out) {
  TILLKIT_TRY_VOID(in.only(value, kFixedPriceMembers));
  TILLKIT_TRY_VOID(in.required(value, "price"));
  TILLKIT_TRY_VOID(in.amount(value, "price", out.price, kAnyAmount));
  TILLKIT_TRY_VOID(in.integer(value, "times_max", out.times_max, kTimes));
  TILLKIT_TRY_VOID(in.not_both(value, "count", "parts"));
  const auto parts = value.find("parts");
  if (!parts) {
    TILLKIT_TRY(const JsonValue count, in.required(value, "count"));
    TILLKIT_TRY(const std::int64_t pieces, in.integer_in(count, kSomeCount));
    out.parts.push_back({scope, static_cast<std::uint32_t>(pieces)});
    return {};
  }
  TILLKIT_TRY(const core::JsonElements list, in.elements(*parts, "parts", kPartsMax));
  if (parts->size() == 0) return in.wrong(*parts, "at least one part");
  for (const JsonValue part : list)
    TILLKIT_TRY_VOID(read_part(in, part, scope, out.parts.emplace_back()));
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, UnitPriceTo& out) {
  TILLKIT_TRY_VOID(in.only(value, kUnitPriceToMembers));
  TILLKIT_TRY_VOID(in.required(value, "price"));
  TILLKIT_TRY_VOID(in.amount(value, "price", out.price, kAnyAmount));
  TILLKIT_TRY_VOID(in.integer(value, "per_grams", out.per_grams, kTimes));
  TILLKIT_TRY_VOID(in.not_both(value, "per_grams", "units_max"));
  return read_units(in, value, out);
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, BuyGet& out) {
  TILLKIT_TRY_VOID(in.only(value, kBuyGetMembers));
  TILLKIT_TRY_VOID(in.not_both(value, "nth", "buy"));
  TILLKIT_TRY_VOID(in.not_both(value, "nth", "get"));
  TILLKIT_TRY_VOID(in.not_both(value, "nth", "get_scope"));
  if (const auto nth = value.find("nth")) {
    TILLKIT_TRY(const std::int64_t number, in.integer_in(*nth, kNth));
    out.buy = static_cast<std::uint32_t>(number - 1);
  } else {
    TILLKIT_TRY_VOID(in.required(value, "buy"));
    TILLKIT_TRY_VOID(in.required(value, "get"));
  }
  TILLKIT_TRY_VOID(in.integer(value, "buy", out.buy, kSomeCount));
  TILLKIT_TRY_VOID(in.integer(value, "get", out.get, kSomeCount));
  TILLKIT_TRY_VOID(in.rate(value, "rate", out.rate, kUpToWhole));
  TILLKIT_TRY_VOID(in.choice(value, "pick", out.pick, kPickNames));
  if (out.pick == Pick::Free) return in.wrong(value, "\"pick\" \"cheapest\" or \"dearest\"");
  TILLKIT_TRY_VOID(in.boolean(value, "same_line", out.same_line));
  TILLKIT_TRY_VOID(in.integer(value, "times_max", out.times_max, kTimes));
  TILLKIT_TRY_VOID(in.not_both(value, "same_line", "get_scope"));
  const auto scope = value.find("get_scope");
  out.has_get_scope = scope.has_value();
  return scope ? read_scope(in, *scope, out.get_scope) : Result<>{};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, FreeOrder&) {
  return in.only(value, {});
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, RandomOff& out) {
  TILLKIT_TRY_VOID(in.only(value, kRandomOffMembers));
  TILLKIT_TRY_VOID(in.required(value, "min"));
  TILLKIT_TRY_VOID(in.required(value, "max"));
  TILLKIT_TRY_VOID(in.amount(value, "min", out.min, kSomeAmount));
  TILLKIT_TRY_VOID(in.amount(value, "max", out.max, kSomeAmount));
  if (out.min > out.max) return in.wrong(value, "\"min\" not above \"max\"");
  return {};
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, Gift& out) {
  TILLKIT_TRY_VOID(in.only(value, kGiftMembers));
  TILLKIT_TRY_VOID(in.required(value, "item"));
  TILLKIT_TRY_VOID(in.id(value, "item", out.item));
  return in.integer(value, "count", out.count, kSomeCount);
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, PointsEarn& out) {
  TILLKIT_TRY_VOID(in.only(value, kPointsEarnMembers));
  TILLKIT_TRY_VOID(in.required(value, "points"));
  TILLKIT_TRY_VOID(in.required(value, "per"));
  TILLKIT_TRY_VOID(in.integer(value, "points", out.points, kSomeCount));
  return in.amount(value, "per", out.per, kPointsPer);
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, PointsMultiply& out) {
  TILLKIT_TRY_VOID(in.only(value, kPointsMultiplyMembers));
  TILLKIT_TRY_VOID(in.required(value, "numerator"));
  TILLKIT_TRY_VOID(in.integer(value, "numerator", out.numerator, kFactor));
  return in.integer(value, "denominator", out.denominator, kFactor);
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, PointsGrant& out) {
  TILLKIT_TRY_VOID(in.only(value, kPointsGrantMembers));
  TILLKIT_TRY_VOID(in.required(value, "points"));
  return in.integer(value, "points", out.points, kPoints);
}

Result<> read(DocumentReader& in, const JsonValue& value, const Scope&, CouponGrant& out) {
  TILLKIT_TRY_VOID(in.only(value, kCouponGrantMembers));
  TILLKIT_TRY_VOID(in.required(value, "coupon"));
  TILLKIT_TRY_VOID(in.id(value, "coupon", out.coupon));
  return in.integer(value, "count", out.count, kGrants);
}

/// Tries the kinds of effect one after another until it is at number `index`.
template <std::size_t Kind = 0>
Result<> read_kind(DocumentReader& in, std::size_t index, const JsonValue& value, const Scope& scope, Effect& effect) {
  if constexpr (Kind < std::variant_size_v<Effect>) {
    if (index != Kind) return read_kind<Kind + 1>(in, index, value, scope, effect);
    return read(in, value, scope, effect.emplace<Kind>());
  }
  return {};
}

static_assert(std::variant_size_v<Effect> == kEffects.size());

}  // namespace

Result<> read_effect(DocumentReader& in, const JsonValue& value, const Scope& scope, Effect& effect) {
  TILLKIT_TRY(const auto chosen, in.one_of(value, kEffects, "effect"));
  return read_kind(in, chosen.first, chosen.second, scope, effect);
}

}  // namespace tillkit::offers::detail
