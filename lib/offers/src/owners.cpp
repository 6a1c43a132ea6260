// SPDX-License-Identifier: Apache-2.0
#include "owners.hpp"

#include <algorithm>

#include "conditions.hpp"
#include "structure.hpp"
#include "uses.hpp"
#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

/// What covers whole lines and is worth something for one line alone.
bool covers_lines(const Effect& effect) {
  const auto* percent = std::get_if<PercentOff>(&effect);
  return std::holds_alternative<AmountOff>(effect) || std::holds_alternative<Tiered>(effect) ||
         (percent != nullptr && percent->units_max == 0);
}

/// Whether an effect takes any number of groups or bundles, each worth what it is worth by itself: two offers of it do
/// no more than one. (Of groups, those of the dearest units together are worth most.)
bool is_repeatable(const Effect& effect) {
  const auto* deal = std::get_if<BuyGet>(&effect);
  if (deal != nullptr) return deal->times_max == 0 && deal->rate == core::kWhole && !deal->has_get_scope;
  const auto* bundle = std::get_if<FixedPrice>(&effect);
  return bundle != nullptr && bundle->times_max == 0;
}

bool is_same_deal(const Effect& a, const Effect& b) {
  const auto* deal = std::get_if<BuyGet>(&a);
  const auto* other_deal = std::get_if<BuyGet>(&b);
  if (deal != nullptr && other_deal != nullptr) {
    return deal->buy == other_deal->buy && deal->get == other_deal->get && deal->pick == other_deal->pick &&
           deal->same_line == other_deal->same_line;
  }
  const auto* bundle = std::get_if<FixedPrice>(&a);
  const auto* other = std::get_if<FixedPrice>(&b);
  return bundle != nullptr && other != nullptr && bundle->price == other->price &&
         std::ranges::equal(bundle->parts, other->parts, {}, &BundlePart::count, &BundlePart::count);
}

}  // namespace

void LineOwners::clear(std::size_t lines) {
  owners_.assign(lines, {});
  may_join_ = false;
  left_out_ = false;
  deals_.clear();
}

/// Says what a candidate of lane Item is, and which lines it contests.
void LineOwners::study(const Compiled& rules, const Context& context, const BasketView& basket,
                       UseCandidate& candidate) {
  const CompiledOffer& compiled = rules.offers[candidate.offer];
  const bool is_free =
      candidate.coupon == kNoCoupon && compiled.group_free &&
      (context.budgets.empty() || budget_of(context, rules.document.offers[candidate.offer].id) == kNoLimit);
  if (is_free && compiled.unlimited.value() != 0) {
    candidate.unlimited = compiled.unlimited;
    candidate.closed = !is_met(compiled, basket);
    return;
  }
  const Effect& effect = rules.document.offers[candidate.offer].effect;
  const ScopeSum sum = basket.sum(compiled.scope);
  const std::int64_t group = group_size(effect);
  if (group != 0) {
    const std::int64_t units = compiled.parts.empty() ? sum.units : basket.sum(compiled.parts.front()).units;
    candidate.closed = units < group || has_twin(rules, basket, candidate, is_free);
    if (candidate.closed) return;
  }
  if (may_join_ && is_free && covers_lines(effect)) {
    std::uint32_t lines = 0;
    basket.for_lines(compiled.scope, [&](std::uint32_t) { ++lines; });
    if (lines == 1) {
      candidate.single = true;
      candidate.value = std::min(value_of(effect, sum.amount, sum.units, sum.amount, 0), sum.amount);
      candidate.closed = candidate.value <= 0 || !is_met(compiled, basket);
      return;
    }
  }
  const auto contest = [&](std::uint32_t line) { owners_[line].contested = true; };
  if (!std::holds_alternative<FixedPrice>(effect)) basket.for_lines(compiled.scope, contest);
  for (const ScopeIndex part : compiled.parts)
    basket.for_lines(part, contest);
}

/// Whether an offer before does all that this one can.
bool LineOwners::has_twin(const Compiled& rules, const BasketView& basket, const UseCandidate& candidate,
                          bool is_free) {
  const CompiledOffer& compiled = rules.offers[candidate.offer];
  const Effect& effect = rules.document.offers[candidate.offer].effect;
  if (!is_repeatable(effect)) return false;
  const bool is_known = std::ranges::any_of(deals_, [&](OfferIndex deal) {
    return rules.offers[deal].scope == compiled.scope && rules.offers[deal].parts == compiled.parts &&
           is_same_deal(rules.document.offers[deal].effect, effect);
  });
  left_out_ = left_out_ || is_known;
  if (!is_known && is_free && is_met(compiled, basket)) deals_.push_back(candidate.offer);
  return is_known;
}

void LineOwners::find(const Compiled& rules, const Context& context, const BasketView& basket,
                      std::span<UseCandidate> candidates) {
  const auto in_lane = [&](const UseCandidate& candidate) { return rules.offers[candidate.offer].lane == Lane::Item; };
  const LanePolicy& policy = rules.document.lanes[static_cast<std::size_t>(Lane::Item)];
  may_join_ =
      policy.stacking == Stacking::Stack &&
      (policy.uses_per_order_max == 0 || std::ranges::count_if(candidates, in_lane) <= policy.uses_per_order_max);
  margin_ = later_margin(rules, candidates);
  for (UseCandidate& candidate : candidates) {
    if (in_lane(candidate)) study(rules, context, basket, candidate);
  }
  const std::span<const WorkLine> lines = basket.lines();
  const auto may_own = [](const UseCandidate& candidate) {
    return !candidate.closed && (candidate.single || candidate.unlimited.value() != 0);
  };
  for (const UseCandidate& candidate : candidates) {
    if (!may_own(candidate)) continue;
    basket.for_lines(rules.offers[candidate.offer].scope, [&](std::uint32_t line) {
      Owner& owner = owners_[line];
      if (!owner.contested) {
        const std::int64_t value =
            candidate.single ? candidate.value : percent_of(lines[line].initial, candidate.unlimited);
        if (value > owner.value) owner = {candidate.rank, candidate.unlimited, value, false};
      } else if (candidate.unlimited > owner.rate && percent_of(lines[line].price, candidate.unlimited) != 0) {
        owner = {candidate.rank, candidate.unlimited, 0, true};
      }
    });
  }
  if (!may_join_) return;
  for (UseCandidate& candidate : candidates) {
    if (!may_own(candidate)) continue;
    candidate.closed = true;
    basket.for_lines(rules.offers[candidate.offer].scope, [&](std::uint32_t line) {
      if (!beats(candidate, candidate.unlimited, basket, line)) candidate.closed = false;
    });
    left_out_ = left_out_ || candidate.closed;
  }
}

/// So many fen more in lane Item are more in all: of a fen more, percentages of what is left take back their rate, and
/// each rounding at most a fen.
std::int64_t LineOwners::later_margin(const Compiled& rules, std::span<const UseCandidate> candidates) {
  constexpr std::int64_t kMost = 1'000;
  std::int64_t roundings = 0;
  std::int64_t kept = kMost;  // of a thousand, rounded down
  for (const UseCandidate& candidate : candidates) {
    const CompiledOffer& offer = rules.offers[candidate.offer];
    const std::int32_t rate = offer.lane == Lane::Item ? 0 : offer.rate.value();
    if (rate == 0) continue;
    ++roundings;
    kept = kept * (core::kWhole.value() - rate) / core::kWhole.value();
  }
  return kept == 0 ? kAmountMax : (roundings + 1) * kMost / kept;
}

bool LineOwners::beats(const UseCandidate& candidate, core::BasisPoints rate, const BasketView& basket,
                       std::uint32_t line) const {
  const Owner& owner = owners_[line];
  if (owner.rank == kNone || owner.rank == candidate.rank) return false;
  const bool before = candidate.coupon != kNoCoupon || owner.rank < candidate.rank;
  const WorkLine& here = basket.lines()[line];
  if (!owner.contested) {
    const std::int64_t value = candidate.single ? candidate.value : percent_of(here.initial, rate);
    return owner.value - value >= (before ? 0 : margin_);
  }
  if (rate.value() == 0 || owner.rate < rate) return false;
  return before ||
         (owner.rate.value() - rate.value()) * here.price >= margin_ * core::kWhole.value();  // with each unit
}

}  // namespace tillkit::offers::detail
