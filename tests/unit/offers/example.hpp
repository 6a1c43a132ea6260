// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "generator.hpp"

/// Small shops, written down in a few lines.
namespace tillkit::offers::example {

using oracle::Case;
using oracle::coupon_id;
using oracle::name;
using oracle::offer_id;

/// 2026-11-21, a Saturday: noon of the shop's clock.
inline constexpr core::WallTime kNow{std::chrono::milliseconds{1'795'233'600'000}};

/// A shop without rules, a trusted clock, an empty basket.
inline Case shop() {
  Case made;
  made.document.version = "example";
  made.basket.context.now = {kNow, core::WallQuality::Trusted};
  return made;
}

inline void buy(Case& made, std::string_view item, std::int64_t count, std::int64_t unit_price) {
  Line line;
  line.id = LineId(static_cast<std::uint32_t>(made.basket.lines.size() + 1));
  line.count = count;
  line.unit_price = unit_price;
  line.list_amount = count * unit_price;
  made.basket.lines.push_back(line);
  made.goods.push_back({name(item), {}, {}, {}});
}

inline Scope items(std::initializer_list<std::string_view> names) {
  Scope scope;
  for (const std::string_view item : names)
    scope.items.push_back(name(item));
  return scope;
}

inline Offer& offer(Case& made, std::string_view id, Lane lane, Effect effect, Scope scope = {}) {
  Offer added;
  added.id = offer_id(id);
  added.name = std::string(id);
  added.lane = lane;
  added.effect = std::move(effect);
  added.scope = std::move(scope);
  return made.document.offers.emplace_back(std::move(added));
}

inline Offer& coupon_template(Case& made, std::string_view id, Lane lane, Effect effect, Scope scope = {}) {
  Offer& added = offer(made, id, lane, std::move(effect), std::move(scope));
  added.coupon = true;
  return added;
}

inline Coupon& coupon(Case& made, std::string_view id, std::string_view of) {
  Coupon added;
  added.id = coupon_id(id);
  added.offer = offer_id(of);
  added.claimed_at = kNow - std::chrono::hours(24);
  added.expires_at = kNow + std::chrono::hours(24);
  return made.basket.coupons.emplace_back(added);
}

inline AmountOff off(std::int64_t amount) {
  return {amount, {}, {}, 0};
}

inline AmountOff off_from(std::int64_t amount, std::int64_t at_least) {
  return {amount, {Measure::Amount, at_least}, {}, 0};
}

inline PercentOff percent(std::int32_t basis_points, std::int64_t cap = 0) {
  PercentOff effect;
  effect.rate = core::BasisPoints(basis_points);
  effect.cap = cap;
  return effect;
}

inline FixedPrice bundle(std::int64_t price, std::uint32_t times_max, std::vector<BundlePart> parts) {
  return {std::move(parts), price, times_max};
}

inline BuyGet buy_get(std::uint32_t buy_count, std::uint32_t get_count, core::BasisPoints rate = core::kWhole) {
  BuyGet effect;
  effect.buy = buy_count;
  effect.get = get_count;
  effect.rate = rate;
  return effect;
}

inline LanePolicy& lane(Case& made, Lane of) {
  return made.document.lanes.at(static_cast<std::size_t>(of));
}

}  // namespace tillkit::offers::example
