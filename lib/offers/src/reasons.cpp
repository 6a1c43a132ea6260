// SPDX-License-Identifier: Apache-2.0
#include "reasons.hpp"

#include <algorithm>

#include "conditions.hpp"
#include "structure.hpp"
#include "tillkit/core/money.hpp"
#include "values.hpp"

namespace tillkit::offers {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::NeedsAmount: return "needs_amount";
    case Reason::NeedsPieces: return "needs_pieces";
    case Reason::NeedsItems: return "needs_items";
    case Reason::NoGoods: return "no_goods";
    case Reason::MembersOnly: return "members_only";
    case Reason::TierOnly: return "tier_only";
    case Reason::TagOnly: return "tag_only";
    case Reason::OrderNumber: return "order_number";
    case Reason::Birthday: return "birthday";
    case Reason::Time: return "time";
    case Reason::ClockUnknown: return "clock_unknown";
    case Reason::Channel: return "channel";
    case Reason::Store: return "store";
    case Reason::Tender: return "tender";
    case Reason::Code: return "code";
    case Reason::Excluded: return "excluded";
    case Reason::NotYetValid: return "not_yet_valid";
    case Reason::Expired: return "expired";
    case Reason::BudgetUsedUp: return "budget_used_up";
    case Reason::NoDraw: return "no_draw";
    case Reason::GroupTaken: return "group_taken";
    case Reason::NotCombinable: return "not_combinable";
    case Reason::UsesPerOffer: return "uses_per_offer";
    case Reason::UsesPerOrder: return "uses_per_order";
    case Reason::UsesPerLine: return "uses_per_line";
    case Reason::UnitsTaken: return "units_taken";
    case Reason::NothingLeft: return "nothing_left";
    case Reason::BetterWithout: return "better_without";
    case Reason::NotRequested: return "not_requested";
    case Reason::HigherPrice: return "higher_price";
  }
  return {};
}

namespace detail {
namespace {

std::string list_of(const std::vector<Name>& names) {
  std::string text;
  for (const Name& name : names) {
    if (!text.empty()) text += " or ";
    text += name.view();
  }
  return text;
}

std::string other_of(const Rejection& rejection) {
  return rejection.other_coupon.empty() ? "offer " + std::string(rejection.other.view())
                                        : "coupon " + std::string(rejection.other_coupon.view());
}

std::string day_of(core::WallTime at) {
  constexpr std::size_t kDateChars = 10;
  const auto text = core::format_rfc3339(at);
  return text ? text->substr(0, kDateChars) : "a day that no calendar has";
}

/// What has to be reached first, and how much of it there is.
struct Reach {
  Threshold threshold;
  bool found = false;
};

Reach reach_of(const Effect& effect) {
  if (const auto* off = std::get_if<AmountOff>(&effect)) {
    return {off->every.at_least != 0 ? off->every : off->threshold, true};
  }
  if (const auto* percent = std::get_if<PercentOff>(&effect)) return {percent->threshold, percent->units_max == 0};
  if (const auto* tiered = std::get_if<Tiered>(&effect)) {
    return {{tiered->measure, tiered->tiers.front().at_least}, true};
  }
  return {};
}

}  // namespace

std::string text_of(const Rejection& rejection, core::Currency currency) {
  switch (rejection.reason) {
    case Reason::NeedsAmount: return "needs " + core::format_amount({rejection.missing, currency}) + " more";
    case Reason::NeedsPieces:
      return "needs " + std::to_string(rejection.missing) + (rejection.missing == 1 ? " piece more" : " pieces more");
    case Reason::NeedsItems:
      return "needs " + std::to_string(rejection.missing) +
             (rejection.missing == 1 ? " different item more" : " different items more");
    case Reason::NoGoods: return "nothing that it is for";
    case Reason::MembersOnly: return "only for members";
    case Reason::TierOnly: return "only for " + list_of(rejection.names) + " members";
    case Reason::TagOnly: return "only for members tagged " + list_of(rejection.names);
    case Reason::OrderNumber: return "only for a member's order number " + std::to_string(rejection.missing);
    case Reason::Birthday: return "only around the member's birthday";
    case Reason::Time: return "not at this time";
    case Reason::ClockUnknown: return "the terminal does not know the time";
    case Reason::Channel: return "only through " + list_of(rejection.names);
    case Reason::Store: return "only in store " + list_of(rejection.names);
    case Reason::Tender:
      return rejection.names.empty() ? "only for certain cards" : "only when paid with " + list_of(rejection.names);
    case Reason::Code: return "needs its code";
    case Reason::Excluded: return "excluded by its condition";
    case Reason::NotYetValid: return "valid from " + day_of(rejection.at);
    case Reason::Expired: return "expired on " + day_of(rejection.at);
    case Reason::BudgetUsedUp: return "its budget is used up";
    case Reason::NoDraw: return "nothing was drawn for it";
    case Reason::GroupTaken:
    case Reason::NotCombinable: return "not with " + other_of(rejection);
    case Reason::UsesPerOffer: return "no more of these in one sale";
    case Reason::UsesPerOrder: return "as many offers of this kind as one sale takes";
    case Reason::UsesPerLine: return "its goods have " + other_of(rejection) + " already";
    case Reason::UnitsTaken: return "its goods go with " + other_of(rejection);
    case Reason::NothingLeft: return "nothing is left to take off";
    case Reason::BetterWithout: return "the sale is no cheaper with it";
    case Reason::NotRequested: return "not asked for";
    case Reason::HigherPrice: return "another price is lower";
  }
  return {};
}

bool Reasons::is_used(OfferIndex offer, std::uint32_t coupon) const {
  return std::ranges::find(price_offers_, offer) != price_offers_.end() ||
         std::ranges::any_of(chosen_, [&](const Chosen& chosen) {
           const OpenUse& use = problem_.use(chosen.use);
           return use.offer == offer && use.coupon == coupon;
         });
}

bool Reasons::has_goods(OfferIndex offer) const {
  const CompiledOffer& compiled = problem_.rules->offers[offer];
  const auto has = [&](ScopeIndex scope) { return problem_.basket->sum(scope).units > 0; };
  const bool bundle = std::holds_alternative<FixedPrice>(problem_.rules->document.offers[offer].effect);
  if (!compiled.money && compiled.scope == kEverything) return true;
  return (bundle || has(compiled.scope)) && std::ranges::all_of(compiled.parts, has);
}

std::vector<Rejection> Reasons::list() {
  const Compiled& rules = *problem_.rules;
  const std::vector<Coupon>& coupons = problem_.given->coupons;
  no_groups_.assign(problem_.list->uses().size(), 0);
  std::vector<Rejection> out;
  std::vector<std::uint32_t> own;
  for (const OfferIndex index : rules.by_rank) {
    const Offer& offer = rules.document.offers[index];
    own.clear();
    if (offer.coupon) {
      for (std::uint32_t i = 0; i < coupons.size(); ++i) {
        if (coupons[i].offer == offer.id) own.push_back(i);
      }
      std::ranges::sort(own, {}, [&](std::uint32_t coupon) { return coupons[coupon].id; });
    } else if (has_goods(index)) {
      own.push_back(kNoCoupon);
    }
    for (const std::uint32_t coupon : own) {
      if (is_used(index, coupon)) continue;
      Rejection rejection = reject(index, coupon);
      if (rejection.reason == Reason{}) continue;  // an offer that takes no money off, and is used
      rejection.offer = offer.id;
      if (coupon != kNoCoupon) rejection.coupon = coupons[coupon].id;
      rejection.text = text_of(rejection, rules.document.currency);
      out.push_back(std::move(rejection));
    }
  }
  return out;
}

Rejection Reasons::reject(OfferIndex index, std::uint32_t coupon) {
  const Compiled& rules = *problem_.rules;
  const Offer& offer = rules.document.offers[index];
  Rejection rejection;
  const auto because = [&](Reason reason) {
    rejection.reason = reason;
    return rejection;
  };
  if (coupon != kNoCoupon) {
    const Coupon& held = problem_.given->coupons[coupon];
    switch (state_of(held, problem_.given->context.now)) {
      case CouponState::Valid: break;
      case CouponState::ClockUnknown: return because(Reason::ClockUnknown);
      case CouponState::NotYetValid: rejection.at = held.valid_from; return because(Reason::NotYetValid);
      case CouponState::Expired: rejection.at = held.expires_at; return because(Reason::Expired);
    }
    if (!rules.offers[index].money && !held.requested) return because(Reason::NotRequested);
  }
  if (!has_goods(index)) return because(Reason::NoGoods);
  if (budget_of(problem_.given->context, offer.id) <= 0) return because(Reason::BudgetUsedUp);
  if (std::holds_alternative<RandomOff>(offer.effect) && draw_of(problem_.given->context, offer.id) == 0) {
    return because(Reason::NoDraw);
  }
  if (!is_met(rules.offers[index], *problem_.basket)) {
    return blame(rules.offers[index].condition, *problem_.basket);
  }
  if (!rules.offers[index].money) {
    const bool given = coupon == kNoCoupon || std::ranges::find(given_, coupon) != given_.end();
    return because(given ? Reason{} : Reason::UsesPerOffer);
  }
  if (offer.lane == Lane::Price) return because(Reason::HigherPrice);
  return reject_money(index, coupon);
}

bool Reasons::misses_threshold(OfferIndex index, ScopeSum sum, Rejection& out) const {
  const Reach reach = reach_of(problem_.rules->document.offers[index].effect);
  if (!reach.found) return false;
  const bool amount = reach.threshold.measure == Measure::Amount;
  out.missing = reach.threshold.at_least - (amount ? sum.amount : sum.units);
  out.reason = amount ? Reason::NeedsAmount : Reason::NeedsPieces;
  return out.missing > 0;
}

Rejection Reasons::reject_money(OfferIndex index, std::uint32_t coupon) {
  Rejection rejection;
  if (misses_threshold(index, problem_.basket->sum(problem_.rules->offers[index].scope), rejection)) return rejection;
  rejection = {};
  const std::span<const OpenUse> uses = problem_.list->uses();
  const auto open =
      std::ranges::find_if(uses, [&](const OpenUse& use) { return use.offer == index && use.coupon == coupon; });
  if (open != uses.end()) return reject_open(static_cast<std::uint32_t>(open - uses.begin()));
  const auto same = std::ranges::count(uses, index, &OpenUse::offer);
  const bool too_many = coupon != kNoCoupon && same >= problem_.rules->document.offers[index].uses_per_order_max;
  rejection.reason = too_many ? Reason::UsesPerOffer : Reason::NothingLeft;
  return rejection;
}

void Reasons::name(std::uint32_t use, Rejection& out) const {
  const OpenUse& other = problem_.use(use);
  out.other = problem_.offer(other).id;
  if (other.coupon != kNoCoupon) out.other_coupon = problem_.given->coupons[other.coupon].id;
}

/// Whether the uses that were chosen keep this one out, whatever goods are left.
bool Reasons::is_kept_out(std::uint32_t index, Rejection& out) const {
  const OpenUse& use = problem_.use(index);
  const LanePolicy& policy = problem_.policy(use.lane);
  const Chosen* in_lane = nullptr;
  const Chosen* not_combinable = nullptr;
  std::size_t uses = 0;
  bool any_combinable = use.combinable;
  for (const Chosen& chosen : chosen_) {
    const OpenUse& other = problem_.use(chosen.use);
    if (use.group != kNone && other.group == use.group && other.offer != use.offer) {
      out.reason = Reason::GroupTaken;
      name(chosen.use, out);
      return true;
    }
    if (other.lane != use.lane) continue;
    ++uses;
    if (in_lane == nullptr) in_lane = &chosen;
    any_combinable = any_combinable || other.combinable;
    if (!other.combinable && not_combinable == nullptr) not_combinable = &chosen;
  }
  if (in_lane == nullptr) return false;
  const Chosen* against = nullptr;
  if (policy.stacking == Stacking::Compete) against = in_lane;
  if (policy.stacking == Stacking::WeChat && !any_combinable) against = in_lane;
  if (policy.stacking == Stacking::Strict) against = use.combinable ? not_combinable : in_lane;
  if (against != nullptr) {
    out.reason = Reason::NotCombinable;
    name(against->use, out);
    return true;
  }
  if (policy.uses_per_order_max == 0 || uses < policy.uses_per_order_max) return false;
  out.reason = Reason::UsesPerOrder;
  return true;
}

/// Whether the goods that the chosen uses take or cover are what is missing.
bool Reasons::is_short_of_goods(std::uint32_t index, Rejection& out) {
  const OpenUse& use = problem_.use(index);
  const std::span<const Slot> slots = problem_.list->slots(use);
  const auto wants = [&](std::uint32_t line) {
    return std::ranges::any_of(slots, [&](const Slot& slot) { return slot.line == line; });
  };
  const Chosen* taker = nullptr;
  std::vector<std::uint32_t> line_uses(problem_.basket->lines().size(), 0);
  for (const Chosen& chosen : chosen_) {
    const OpenUse& other = problem_.use(chosen.use);
    if (other.lane != use.lane) continue;
    bool meets = false;
    const auto count = [&](std::uint32_t line) {
      ++line_uses[line];
      meets = meets || wants(line);
    };
    if (use.lane == Lane::Item) {
      for (const Take& take : takes_.subspan(chosen.first_take, chosen.takes))
        count(take.line);
    } else {
      for (const Slot& slot : problem_.list->slots(other))
        count(slot.line);
    }
    if (meets && taker == nullptr) taker = &chosen;
  }
  if (taker == nullptr) return false;
  const std::uint16_t line_max = problem_.policy(use.lane).uses_per_line_max;
  const bool full =
      line_max != 0 && std::ranges::any_of(slots, [&](const Slot& slot) { return line_uses[slot.line] >= line_max; });
  items_.start(problem_, no_groups_, budget_);
  items_.occupy(takes_);
  std::vector<Take> ignored;
  if (full) {
    out.reason = Reason::UsesPerLine;
  } else if (use.lane == Lane::Item && !items_.take_best(index, ignored)) {
    out.reason = Reason::UnitsTaken;
  } else {
    return false;
  }
  name(taker->use, out);
  return true;
}

Rejection Reasons::reject_open(std::uint32_t index) {
  Rejection rejection;
  const OpenUse& use = problem_.use(index);
  if (use.lane == Lane::Item && std::ranges::none_of(chosen_, [&](const Chosen& chosen) {
        return problem_.use(chosen.use).lane == Lane::Item;
      })) {
    items_.start(problem_, no_groups_, budget_);
    std::vector<Take> ignored;
    if (!items_.take_best(index, ignored)) {  // bundles and groups that do not come together at all
      std::int64_t available = 0;
      for (const Slot& slot : problem_.list->slots(use))
        available += slot.available;
      rejection.missing = group_size(problem_.offer(use).effect) - available;
      rejection.reason = rejection.missing > 0 ? Reason::NeedsPieces : Reason::BetterWithout;
      if (rejection.missing <= 0) rejection.missing = 0;
      return rejection;
    }
  }
  if (is_kept_out(index, rejection) || is_short_of_goods(index, rejection)) return rejection;
  rejection.reason = Reason::BetterWithout;
  if (use.lane != Lane::Item) {
    // What is left where it would apply may be too little for its threshold, or nothing at all.
    std::vector<Chosen> before;
    std::ranges::copy_if(chosen_, std::back_inserter(before),
                         [&](const Chosen& chosen) { return problem_.use(chosen.use).lane < use.lane; });
    if (!replay_.run(problem_, before, takes_)) return rejection;
    const Nets lane_start = replay_.nets();
    before.clear();
    std::ranges::copy_if(chosen_, std::back_inserter(before), [&](const Chosen& chosen) { return chosen.use < index; });
    if (!replay_.run(problem_, before, takes_)) return rejection;
    ScopeSum left;
    for (const Slot& slot : problem_.list->slots(use)) {
      left.amount += lane_start.lines[slot.line];
      left.units += problem_.basket->lines()[slot.line].units;
    }
    if (problem_.offer(use).threshold_base == Base::Discounted && misses_threshold(use.offer, left, rejection)) {
      return rejection;
    }
    rejection.missing = 0;
    if (later_value(problem_, use, replay_.nets(), lane_start, use.budget).discount <= 0) {
      rejection.reason = Reason::NothingLeft;
      return rejection;
    }
  }
  return rejection;
}

}  // namespace detail
}  // namespace tillkit::offers
