// SPDX-License-Identifier: Apache-2.0
#include "uses.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "conditions.hpp"
#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

constexpr std::uint32_t kWordBits = 64;

bool pieces_only(const Effect& effect) {
  return std::holds_alternative<FixedPrice>(effect) || std::holds_alternative<BuyGet>(effect) ||
         std::holds_alternative<UnitPriceTo>(effect);
}

/// Units that a use takes at most and which of them, where it says so.
struct UnitLimit {
  std::int64_t units_max = 0;
  Pick pick = Pick::Free;
};

UnitLimit unit_limit(const Effect& effect) {
  if (const auto* percent = std::get_if<PercentOff>(&effect)) return {percent->units_max, percent->pick};
  if (const auto* price = std::get_if<UnitPriceTo>(&effect)) return {price->units_max, price->pick};
  return {};
}

bool is_covering(const Effect& effect) {
  return !std::holds_alternative<FixedPrice>(effect) && !std::holds_alternative<BuyGet>(effect) &&
         unit_limit(effect).units_max == 0;
}

/// The most that an effect can be worth on goods of this amount and number, whatever others do. Rates round up on that
/// many lines.
std::int64_t upper_value(const Effect& effect, const ScopeSum& sum, std::int64_t lines, std::int64_t draw) {
  const auto rounded = [&](core::BasisPoints rate) {
    return (sum.amount * rate.value() + lines * (core::kWhole.value() / 2)) / core::kWhole.value();
  };
  if (const auto* tiered =
          std::get_if<Tiered>(&effect)) {  // less goods never reach a higher tier; but it may be worth less
    std::int64_t best = 0;
    const std::int64_t reached = tiered->measure == Measure::Amount ? sum.amount : sum.units;
    for (const Tier& tier : tiered->tiers) {
      if (reached < tier.at_least) continue;
      const std::int64_t worth = tier.amount != 0 ? tier.amount : rounded(tier.rate);
      best = std::max(best, tiered->cap == 0 ? worth : std::min(worth, tiered->cap));
    }
    return best;
  }
  const std::int64_t value = value_of(effect, sum.amount, sum.units, sum.amount, draw);
  const auto* percent = std::get_if<PercentOff>(&effect);
  if (percent == nullptr || value == 0 || value == percent->cap) return value;
  return percent->cap == 0 ? rounded(percent->rate) : std::min(rounded(percent->rate), percent->cap);
}

}  // namespace

CouponState state_of(const Coupon& coupon, const core::WallReading& now) {
  const bool unbounded = coupon.valid_from == core::WallTime::min() && coupon.expires_at == core::WallTime::max();
  if (unbounded) return CouponState::Valid;
  if (now.quality == core::WallQuality::Unknown) return CouponState::ClockUnknown;
  if (now.at < coupon.valid_from) return CouponState::NotYetValid;
  return now.at < coupon.expires_at ? CouponState::Valid : CouponState::Expired;
}

std::int64_t budget_of(const Context& context, const OfferId& offer) {
  const auto found = std::ranges::find(context.budgets, offer, &OfferAmount::offer);
  return found == context.budgets.end() ? kNoLimit : found->amount;
}

std::int64_t draw_of(const Context& context, const OfferId& offer) {
  const auto found = std::ranges::find(context.draws, offer, &OfferAmount::offer);
  return found == context.draws.end() ? 0 : found->amount;
}

core::Result<> UseList::gather_coupons(const Compiled& rules, const Basket& given, const BasketView& basket) {
  const std::size_t first = candidates_.size();
  for (std::uint32_t i = 0; i < given.coupons.size(); ++i) {
    const Coupon& coupon = given.coupons[i];
    const auto offer = rules.by_id.find(coupon.offer.view());
    if (offer == rules.by_id.end() || !rules.document.offers[offer->second].coupon || coupon.id.empty()) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    for (std::uint32_t j = 0; j < i; ++j) {
      if (given.coupons[j].id == coupon.id) return core::fail(core::ErrorCode::InvalidArgument);
    }
    if (!rules.offers[offer->second].money || state_of(coupon, basket.context().now) != CouponState::Valid) continue;
    candidates_.push_back({rules.offers[offer->second].rank, offer->second, i});
  }
  std::ranges::sort(std::span(candidates_).subspan(first), {}, [&](const UseCandidate& candidate) {
    const Coupon& coupon = given.coupons[candidate.coupon];
    return std::tuple(candidate.rank, coupon.expires_at, coupon.claimed_at, coupon.id);
  });
  return {};
}

void UseList::gather_automatic(const Compiled& rules, const BasketView& basket) {
  marked_.assign((rules.by_rank.size() + kWordBits - 1) / kWordBits, 0);
  for (const ScopeIndex scope : basket.touched()) {
    for (const OfferIndex offer : rules.choice_offers.at(scope)) {
      const std::uint32_t rank = rules.offers[offer].rank;
      marked_[rank / kWordBits] |= std::uint64_t{1} << (rank % kWordBits);
    }
  }
  for (std::uint32_t word = 0; word < marked_.size(); ++word) {
    for (std::uint64_t bits = marked_[word]; bits != 0; bits &= bits - 1) {
      const std::uint32_t rank = word * kWordBits + static_cast<std::uint32_t>(std::countr_zero(bits));
      candidates_.push_back({rank, rules.by_rank[rank], kNoCoupon});
    }
  }
}

core::Result<> UseList::collect(const Compiled& rules, const Basket& given, const BasketView& basket, Keep keep) {
  if (given.coupons.size() > kCouponsMax) return core::fail(core::ErrorCode::Exhausted);
  candidates_.clear();
  uses_.clear();
  slots_.clear();
  orders_.clear();
  all_lines_ = kNone;
  owners_.clear(basket.lines().size());
  owner_uses_.assign(basket.lines().size(), kNone);
  gather_automatic(rules, basket);
  const std::size_t automatic = candidates_.size();
  TILLKIT_TRY_VOID(gather_coupons(rules, given, basket));
  // Ranks of the two differ, and coupons of one template stay in their order. (A merge would allocate.)
  if (automatic < candidates_.size()) {
    for (std::uint32_t i = 0; i < candidates_.size(); ++i)
      candidates_[i].place = i;
    std::ranges::sort(candidates_, {},
                      [](const UseCandidate& candidate) { return std::pair(candidate.rank, candidate.place); });
  }
  keep_ = keep;
  if (keep == Keep::Useful) owners_.find(rules, given.context, basket, candidates_);
  is_whole_ = !owners_.left_out();
  for (const UseCandidate& candidate : candidates_)
    open(candidate, rules, given, basket);
  return {};
}

/// Leaves those lines of a use out where it is beaten; all of them or none, if it has a threshold or if others may not
/// simply be added. False: none is left.
bool UseList::leave_out_beaten(OpenUse& use, const UseCandidate& candidate, const Effect& effect,
                               const BasketView& basket) {
  const auto* percent = std::get_if<PercentOff>(&effect);
  if (!use.covering || (percent == nullptr && !candidate.single)) return true;
  const core::BasisPoints rate = percent == nullptr ? core::BasisPoints{} : percent->rate;
  const auto slots = std::span(slots_).subspan(use.first_slot, use.slots);
  const auto beaten = [&](const Slot& slot) { return owners_.beats(candidate, rate, basket, slot.line); };
  const auto count = static_cast<std::uint32_t>(std::ranges::count_if(slots, beaten));
  if (count == 0) return true;
  const auto has_first_owner = [&](const Slot& slot) {
    return owners_.rank(slot.line) == owners_.rank(slots.front().line);
  };
  const bool may_leave = count == use.slots ? owners_.may_join() || std::ranges::all_of(slots, has_first_owner)
                                            : owners_.may_join() && percent->threshold.at_least == 0;
  if (!may_leave) return true;
  is_whole_ = false;
  const auto gone = std::ranges::remove_if(slots, beaten);
  slots_.resize(slots_.size() - gone.size());
  use.slots -= count;
  use.upper = 0;  // it was of all its goods
  return use.slots != 0;
}

void UseList::restrict_to_pick(OpenUse& use, const BasketView& basket, Pick pick, std::int64_t units_max) {
  const std::span<const WorkLine> lines = basket.lines();
  const std::span<Slot> slots = std::span(slots_).subspan(use.first_slot, use.slots);
  std::ranges::sort(slots, [&](const Slot& a, const Slot& b) {
    const std::int64_t a_price = lines[a.line].price;
    const std::int64_t b_price = lines[b.line].price;
    if (a_price != b_price) return pick == Pick::Cheapest ? a_price < b_price : a_price > b_price;
    return a.line < b.line;
  });
  std::int64_t left = units_max;
  for (Slot& slot : slots) {
    slot.available = std::min(slot.available, left);
    left -= slot.available;
  }
  const auto kept = std::ranges::remove(slots, 0, &Slot::available);
  use.slots -= static_cast<std::uint32_t>(kept.size());
  slots_.resize(use.first_slot + use.slots);
  std::ranges::sort(std::span(slots_).subspan(use.first_slot), {}, &Slot::line);
}

void UseList::add_slots(OpenUse& use, const Offer& offer, const CompiledOffer& compiled, const BasketView& basket) {
  const std::span<const WorkLine> lines = basket.lines();
  use.first_slot = static_cast<std::uint32_t>(slots_.size());
  if (use.lane != Lane::Item && use.everything) {  // they all have the same
    if (all_lines_ == kNone) {
      all_lines_ = use.first_slot;
      for (std::uint32_t line = 0; line < lines.size(); ++line)
        slots_.push_back({line, 0, lines[line].units});
    }
    use.first_slot = all_lines_;
    use.slots = static_cast<std::uint32_t>(lines.size());
    return;
  }
  const bool only_pieces = use.lane == Lane::Item && pieces_only(offer.effect);
  const auto* price_to = std::get_if<UnitPriceTo>(&offer.effect);
  const auto add = [&](ScopeIndex scope, std::uint32_t part) {
    basket.for_lines(scope, [&](std::uint32_t line) {
      if (only_pieces && lines[line].weighed) return;
      if (price_to != nullptr && lines[line].price <= price_to->price) return;
      slots_.push_back({line, part, lines[line].units});
    });
  };
  if (std::holds_alternative<FixedPrice>(offer.effect)) {
    for (std::uint32_t part = 0; part < compiled.parts.size(); ++part)
      add(compiled.parts[part], part);
  } else {
    add(compiled.scope, 0);
    for (const ScopeIndex get : compiled.parts)
      add(get, 1);
  }
  use.slots = static_cast<std::uint32_t>(slots_.size()) - use.first_slot;
  const UnitLimit limit = unit_limit(offer.effect);
  if (limit.pick != Pick::Free) restrict_to_pick(use, basket, limit.pick, limit.units_max);
}

/// Whether a use takes the same amount whatever else is applied, in a later lane where only one is: the highest is
/// best.
bool UseList::is_rival(const OpenUse& use, const Offer& offer, const Compiled& rules) {
  return use.lane != Lane::Item && use.coupon == kNoCoupon && use.group == kNone && use.budget == kNoLimit &&
         std::holds_alternative<AmountOff>(offer.effect) && offer.threshold_base == Base::Initial &&
         rules.document.lanes[static_cast<std::size_t>(use.lane)].stacking == Stacking::Compete;
}

void UseList::open(const UseCandidate& candidate, const Compiled& rules, const Basket& given,
                   const BasketView& basket) {
  if (candidate.closed) return;
  const Offer& offer = rules.document.offers[candidate.offer];
  const CompiledOffer& compiled = rules.offers[candidate.offer];
  OpenUse use;
  use.offer = candidate.offer;
  use.coupon = candidate.coupon;
  use.lane = offer.lane;
  use.covering = offer.lane == Lane::Item && is_covering(offer.effect);
  use.everything = compiled.scope == kEverything;
  use.combinable = offer.combinable;
  use.group = compiled.group;
  use.uses_max = offer.uses_per_order_max;
  if (!given.context.budgets.empty()) use.budget = budget_of(given.context, offer.id);
  if (use.budget <= 0) return;
  if (std::holds_alternative<RandomOff>(offer.effect)) {
    use.draw = draw_of(given.context, offer.id);
    if (use.draw == 0) return;
  }

  // What its goods are worth together says early whether it can come to anything.
  ScopeSum sum = basket.sum(compiled.scope);
  if (!std::holds_alternative<FixedPrice>(offer.effect)) {
    if (sum.units == 0) return;
    if (is_covering(offer.effect) && !std::holds_alternative<UnitPriceTo>(offer.effect)) {
      use.upper = std::min(upper_value(offer.effect, sum, 1, use.draw), sum.amount);
      if (use.upper <= 0) return;
    }
  }
  if (!is_met(compiled, basket)) return;
  if (keep_ == Keep::Useful && !uses_.empty() && uses_.back().lane == use.lane && is_rival(use, offer, rules) &&
      is_rival(uses_.back(), rules.document.offers[uses_.back().offer], rules)) {
    is_whole_ = false;
    if (uses_.back().upper >= use.upper) return;
    uses_.pop_back();
  }
  if (!uses_.empty() && use.coupon != kNoCoupon && uses_.back().offer == use.offer) {
    use.before = static_cast<std::uint32_t>(uses_.size()) - 1;
    use.instance = uses_.back().instance + 1;
    if (use.instance >= use.uses_max) return;
  }

  add_slots(use, offer, compiled, basket);
  if (use.slots == 0 || !leave_out_beaten(use, candidate, offer.effect, basket)) return;
  if (use.lane == Lane::Item) {
    if (use.covering && use.upper != 0 && use.slots > 1) {
      use.upper = std::min(upper_value(offer.effect, sum, use.slots, 0), sum.amount);
    }
    use.first_order = static_cast<std::uint32_t>(orders_.size());
    for (std::uint32_t i = 0; i < use.slots; ++i)
      orders_.push_back(i);
    if (use.slots > 1) {
      const std::span<const WorkLine> lines = basket.lines();
      std::ranges::sort(std::span(orders_).subspan(use.first_order), [&](std::uint32_t a, std::uint32_t b) {
        const std::int64_t a_price = lines[slots_[use.first_slot + a].line].price;
        const std::int64_t b_price = lines[slots_[use.first_slot + b].line].price;
        return a_price != b_price ? a_price > b_price : a < b;
      });
    }
  }
  if (use.upper != 0) use.upper = std::min(use.upper, use.budget);
  if (owners_.may_join() && use.lane == Lane::Item) {
    for (const Slot& slot : slots(use)) {
      if (owners_.rank(slot.line) == candidate.rank) owner_uses_[slot.line] = static_cast<std::uint32_t>(uses_.size());
    }
  }
  uses_.push_back(use);
}

}  // namespace tillkit::offers::detail
