// SPDX-License-Identifier: Apache-2.0
#include "combine.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include "tillkit/core/assert.hpp"
#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

std::int64_t reached(const Threshold& threshold, std::int64_t amount, std::int64_t units) {
  return threshold.measure == Measure::Amount ? amount : units;
}

/// How far up its thresholds an effect gets: not at all, so many times, that tier.
std::int64_t step_of(const Effect& effect, std::int64_t amount, std::int64_t units) {
  if (const auto* off = std::get_if<AmountOff>(&effect)) {
    if (off->every.at_least == 0) return reached(off->threshold, amount, units) >= off->threshold.at_least ? 1 : 0;
    const std::int64_t times = reached(off->every, amount, units) / off->every.at_least;
    return off->times_max == 0 ? times : std::min<std::int64_t>(times, off->times_max);
  }
  if (const auto* percent = std::get_if<PercentOff>(&effect)) {
    return reached(percent->threshold, amount, units) >= percent->threshold.at_least ? 1 : 0;
  }
  if (const auto* tiered = std::get_if<Tiered>(&effect)) {
    const std::int64_t measured = tiered->measure == Measure::Amount ? amount : units;
    return std::ranges::count_if(tiered->tiers, [&](const Tier& tier) { return measured >= tier.at_least; });
  }
  return 1;
}

}  // namespace

/// The most that the lanes before one can take off.
std::int64_t Combiner::most_before(Lane lane) const {
  std::int64_t most = items_.settled_saved();
  for (std::uint32_t i = 0; i < items_.components(); ++i)
    most += items_.bound(i);
  for (const OpenUse& use : problem_.list->uses().subspan(problem_.item_uses)) {
    if (use.lane < lane) most += use.upper;
  }
  return most;
}

void Combiner::study_later() {
  const auto count = static_cast<std::uint32_t>(problem_.list->uses().size()) - problem_.item_uses;
  later_.assign(count, {});
  lane_end_.assign(count, 0);
  suffix_.assign(count + 1, 0);
  only_coupons_.assign(count + 1, 1);
  free_order_ = false;
  line_limits_ = false;
  is_simple_ = true;
  for (std::uint32_t i = count; i-- > 0;) {
    const OpenUse& use = problem_.use(problem_.item_uses + i);
    const Offer& offer = problem_.offer(use);
    LaterUse& later = later_[i];
    const ScopeSum sum = problem_.basket->sum(problem_.rules->offers[use.offer].scope);
    later.measured_amount = sum.amount;
    later.units = sum.units;
    later.upper = use.upper;
    // A threshold that looks at what the lanes before left: whether that can make a difference.
    if (offer.threshold_base == Base::Discounted) {
      const std::int64_t least = std::max<std::int64_t>(0, later.measured_amount - most_before(use.lane));
      later.minds_what_is_left =
          step_of(offer.effect, least, later.units) != step_of(offer.effect, later.measured_amount, later.units);
    }
    if (use.everything && offer.base == Base::Discounted && !later.minds_what_is_left) {
      later.rate = rate_of(offer.effect, later.measured_amount, later.units);
      if (later.rate.value() != 0) later.smooth_cap = later.upper;
    }
    free_order_ = free_order_ || std::holds_alternative<FreeOrder>(offer.effect);
    const LanePolicy& policy = problem_.policy(use.lane);
    is_simple_ = is_simple_ && policy.uses_per_order_max == 0 && group_bits_[problem_.item_uses + i] == 0 &&
                 (policy.stacking == Stacking::Stack || policy.stacking == Stacking::Compete);
    line_limits_ = line_limits_ || problem_.policy(use.lane).uses_per_line_max != 0;
    only_coupons_[i] = static_cast<std::uint8_t>(only_coupons_[i + 1] != 0 && use.coupon != kNoCoupon);
    const bool last = i + 1 == count || problem_.use(problem_.item_uses + i + 1).lane != use.lane;
    lane_end_[i] = last ? i + 1 : lane_end_[i + 1];
    const std::int64_t in_lane = last ? 0 : suffix_[i + 1] - suffix_[lane_end_[i]];
    const bool compete = problem_.policy(use.lane).stacking == Stacking::Compete;
    suffix_[i] = suffix_[lane_end_[i]] + (compete ? std::max(in_lane, later.upper) : in_lane + later.upper);
  }
  has_smooth_ = std::ranges::any_of(later_, [](const LaterUse& later) { return later.smooth_cap >= 0; });
}

/// The lines matter where a later use covers only some of them and could be worth more or less for what they lost.
void Combiner::decide_what_matters() {
  matters_ = {};
  std::int64_t most = suffix_.front() + items_.settled_saved();
  for (std::uint32_t i = 0; i < items_.components(); ++i)
    most += items_.bound(i);
  // Where everything may be taken off, less off early leaves room for a later use to be had.
  if (most >= total_ - 1) matters_.less = true;
  for (std::uint32_t i = 0; i < later_.size(); ++i) {
    const OpenUse& use = problem_.use(problem_.item_uses + i);
    const Offer& offer = problem_.offer(use);
    if (later_[i].minds_what_is_left) matters_.less = true;
    if (use.everything) continue;
    const bool is_percent = rate_of(offer.effect, later_[i].measured_amount, later_[i].units).value() != 0;
    const bool constant = !later_[i].minds_what_is_left && (!is_percent || offer.base == Base::Initial);
    // Whatever the others take, its goods hold all of it.
    const std::int64_t value =
        value_of(offer.effect, later_[i].measured_amount, later_[i].units, later_[i].measured_amount, use.draw);
    const bool fits = later_[i].measured_amount - most > value;
    if (!constant || !fits) matters_.lines = true;
  }
}

/// Before anything was chosen.
Combiner::Path Combiner::start() const {
  Path path;
  path.saved = items_.settled_saved();
  path.left = path.lane_start = total_ - path.saved;
  path.lane_uses = path.lane_combinable = static_cast<std::uint32_t>(items_.settled().size());
  return path;
}

bool Combiner::run(const Problem& problem, std::span<const std::uint64_t> group_bits, SearchBudget& budget) {
  problem_ = problem;
  group_bits_ = group_bits;
  budget_ = &budget;
  total_ = problem.basket->sum(kEverything).amount;
  best_.saved = 0;
  best_.chosen.clear();
  best_.takes.clear();
  best_coupons_ = 0;
  best_face_ = 0;
  budget.begin_phase(2);
  items_.start(problem, group_bits, budget);
  items_.solve();
  study_later();
  decide_what_matters();
  // Where less off in lane Item may be better, or elsewhere, what was left out or settled is a question after all.
  const bool whole = problem.list->is_whole() && items_.settled().empty();
  if (!whole && (matters_.lines || matters_.less)) return false;

  const std::uint32_t components = items_.components();
  Path root = start();
  std::int64_t items_bound = 0;
  for (std::uint32_t i = 0; i < components; ++i)
    items_bound += items_.bound(i);
  bound_ = bound_from(root, items_bound, 0);

  budget.begin_phase(3);
  const auto list_ways = [&](std::uint32_t component, std::int64_t need) {
    Matters matters = matters_;
    matters.whole = root.left - (items_bound - items_.bound(component));
    items_.list(component, need, matters);
  };
  for (std::uint32_t i = 0; i < components; ++i)
    list_ways(i, items_.best(i));
  search();

  // With that much saved, less in one component may still do as well: a coupon that can be spared, or a later offer
  // that is worth more for it.
  bool more = false;
  for (std::uint32_t i = 0; i < components; ++i) {
    const std::int64_t least = least_useful(i);
    if (least >= items_.best(i)) continue;
    list_ways(i, least);
    more = more || items_.candidates(i).size() > 1;
  }
  budget.begin_phase(4);
  if (more) search();
  return true;
}

std::int64_t Combiner::least_useful(std::uint32_t component) {
  Path root = start();
  std::int64_t others = 0;
  for (std::uint32_t i = 0; i < items_.components(); ++i)
    others += i == component ? 0 : items_.bound(i);
  std::int64_t low = 0;
  std::int64_t high = items_.best(component);
  if (high == 0 || bound_from(root, others + high - 1, 0) < best_.saved) return high;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (bound_from(root, others + middle, 0) >= best_.saved) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

void Combiner::search() {
  const std::uint32_t components = items_.components();
  component_rest_.assign(components + 1, 0);
  component_only_coupons_.assign(components + 1, only_coupons_.front());
  for (std::uint32_t i = components; i-- > 0;) {
    component_rest_[i] = component_rest_[i + 1] + items_.best(i);
    bool only = component_only_coupons_[i + 1] != 0;
    for (const Candidate& candidate : items_.candidates(i))
      only = only && candidate.coupons == candidate.uses;
    component_only_coupons_[i] = static_cast<std::uint8_t>(only);
  }
  picked_.assign(components, 0);
  later_chosen_.clear();
  depth_ = 0;
  if (matters_.lines) {
    if (nets_.size() < components + later_.size() + 2) nets_.resize(components + later_.size() + 2);
    nets_[0].start(problem_.basket->lines());
    if (lane_starts_.size() < kLanes) lane_starts_.resize(kLanes);
  }
  if (line_limits_) line_uses_.assign(kLanes * problem_.basket->lines().size(), 0);
  Path root = start();
  component_node(0, root);
}

// Bounds.

std::int64_t Combiner::lane_bound(const Path& path, std::uint32_t first, std::uint32_t end, std::int64_t before) {
  const Lane lane = problem_.use(problem_.item_uses + first).lane;
  const LanePolicy& policy = problem_.policy(lane);
  const std::int64_t used = lane == path.lane ? path.lane_uses : 0;
  const std::int64_t used_combinable = lane == path.lane ? path.lane_combinable : 0;
  std::int64_t places = policy.uses_per_order_max == 0 ? kNoLimit : policy.uses_per_order_max - used;
  const auto has = [&](bool combinable) {
    for (std::uint32_t i = first; i < end; ++i) {
      if (problem_.use(problem_.item_uses + i).combinable == combinable) return true;
    }
    return false;
  };
  bool only_combinable = false;
  if (policy.stacking == Stacking::Compete) places = std::min<std::int64_t>(places, 1 - used);
  if (policy.stacking == Stacking::WeChat && used_combinable == 0 && !has(true)) {
    places = std::min<std::int64_t>(places, 1 - used);
  }
  if (policy.stacking == Stacking::Strict) {
    if (used > used_combinable) return 0;
    only_combinable = true;
  }
  if (places <= 0) return 0;

  std::int64_t sum = 0;
  std::int64_t in_groups = 0;
  std::int64_t alone = 0;  // the best of those that are used alone or not at all
  std::array<std::int64_t, kOpenGroupsMax> in_group{};
  uppers_.clear();
  for (std::uint32_t i = first; i < end; ++i) {
    const OpenUse& use = problem_.use(problem_.item_uses + i);
    std::int64_t upper = later_[i].upper;
    const std::uint64_t bit = group_bits_[problem_.item_uses + i];
    if (later_[i].smooth_cap >= 0 && bit == 0) {  // what others of its group take would not be taken before it
      const std::int64_t left = std::max<std::int64_t>(0, total_ - before - sum);
      upper = std::min(later_[i].smooth_cap, percent_above(left, later_[i].rate));
    }
    if (only_combinable && !use.combinable) {
      if (used == 0) alone = std::max(alone, later_[i].upper);
      continue;
    }
    if (bit != 0 && use.before == kNone) {
      if ((path.groups & bit) != 0) continue;
      std::int64_t& counted = in_group[static_cast<std::size_t>(std::countr_zero(bit))];
      // Which of the group is used, and so when, is open: what it takes leaves percentages before it as they are.
      const std::int64_t more = std::max<std::int64_t>(0, upper - counted);
      counted += more;
      in_groups += more;
      upper = 0;
    }
    sum += upper;
    if (places != kNoLimit) uppers_.push_back(later_[i].upper);
  }
  sum += in_groups;
  if (places < static_cast<std::int64_t>(uppers_.size())) {
    std::ranges::nth_element(uppers_, uppers_.begin() + static_cast<std::ptrdiff_t>(places), std::greater{});
    std::int64_t top = 0;
    for (std::int64_t i = 0; i < places; ++i)
      top += uppers_[static_cast<std::size_t>(i)];
    sum = std::min(sum, top);
  }
  return std::max(sum, alone);
}

std::int64_t Combiner::bound_from(const Path& path, std::int64_t components, std::uint32_t later) {
  constexpr std::uint32_t kManyUses = 64;
  const auto count = static_cast<std::uint32_t>(later_.size());
  std::int64_t more = components;
  if (count - later > kManyUses || (!has_smooth_ && is_simple_)) {
    const bool over = later < count && path.lane_uses != 0 &&
                      problem_.use(problem_.item_uses + later).lane == path.lane &&
                      problem_.policy(path.lane).stacking == Stacking::Compete;
    more += over ? suffix_[lane_end_[later]] : suffix_[later];
  } else {
    while (later < count) {
      more += lane_bound(path, later, lane_end_[later], path.saved + more);
      later = lane_end_[later];
    }
  }
  return std::min(path.saved + more, free_order_ ? total_ : std::max<std::int64_t>(0, total_ - 1));
}

bool Combiner::prune(const Path& path, std::uint32_t component, std::uint32_t later) {
  const std::int64_t bound = bound_from(path, component_rest_[component], later);
  if (bound != best_.saved) return bound < best_.saved;
  // It can only be as good: then with fewer coupons, or smaller faces.
  std::uint32_t coupons = path.coupons;
  std::int64_t face = path.face;
  const bool only_coupons =
      component < items_.components() ? component_only_coupons_[component] != 0 : only_coupons_[later] != 0;
  if (path.saved < best_.saved && only_coupons) {
    ++coupons;
    face += best_.saved - path.saved;
  }
  if (coupons != best_coupons_) return coupons > best_coupons_;
  return face > best_face_;
}

// Components.

void Combiner::component_node(std::uint32_t component, const Path& path) {
  if (!budget_->step()) return;
  if (component == items_.components()) {
    enter_later(path);
    return;
  }
  if (prune(path, component, 0)) return;
  const LanePolicy& policy = problem_.policy(Lane::Item);
  const std::span<const Candidate> candidates = items_.candidates(component);
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    Path next = path;
    next.saved += candidate.saved;
    next.left -= candidate.saved;
    next.coupons += candidate.coupons;
    next.face += candidate.face;
    next.groups |= candidate.groups;
    next.lane_uses += candidate.uses;
    next.lane_combinable += candidate.combinable;
    if ((path.groups & candidate.groups) != 0) continue;
    if (policy.uses_per_order_max != 0 && next.lane_uses > policy.uses_per_order_max) continue;
    if (policy.stacking == Stacking::Compete && next.lane_uses > 1) continue;
    if (policy.stacking == Stacking::Strict && next.lane_uses > 1 && next.lane_combinable != next.lane_uses) continue;
    picked_[component] = i;
    if (matters_.lines) {
      nets_[depth_ + 1] = nets_[depth_];
      const std::span<const std::uint32_t> lines = items_.lines(component);
      const std::span<const std::int64_t> off = items_.off(component, candidate);
      for (std::size_t line = 0; line < lines.size(); ++line)
        nets_[depth_ + 1].lines[lines[line]] -= off[line];
      nets_[depth_ + 1].total -= candidate.saved;
    }
    ++depth_;
    component_node(component + 1, next);
    --depth_;
  }
}

bool Combiner::lane_is_allowed(const Path& path) const {
  return problem_.policy(path.lane).stacking != Stacking::WeChat || path.lane_uses < 2 || path.lane_combinable != 0;
}

void Combiner::enter_later(const Path& path) {
  if (!lane_is_allowed(path)) return;
  Path next = path;
  // All goods free: one fen stays on the order, and the last use that applies gives it back.
  if (next.left == 0 && total_ != 0 && !apply_items_one_by_one(next)) return;
  later_node(0, next);
}

bool Combiner::apply_items_one_by_one(Path& path) {
  gather(gathered_);
  if (!replay_.run(problem_, gathered_, items_.takes())) return false;
  path.saved = replay_.saved();
  path.left = replay_.nets().total;
  if (matters_.lines) nets_[depth_] = replay_.nets();
  return true;
}

// Later uses.

bool Combiner::may_use(const OpenUse& use, std::uint32_t index, const Path& path) const {
  const LanePolicy& policy = problem_.policy(use.lane);
  if (policy.uses_per_order_max != 0 && path.lane_uses >= policy.uses_per_order_max) return false;
  if (policy.stacking == Stacking::Compete && path.lane_uses != 0) return false;
  if (policy.stacking == Stacking::Strict && path.lane_uses != 0 &&
      (!use.combinable || path.lane_combinable != path.lane_uses)) {
    return false;
  }
  if (use.before != kNone && (later_chosen_.empty() || later_chosen_.back().use != use.before)) return false;
  const bool same_offer = !later_chosen_.empty() && problem_.use(later_chosen_.back().use).offer == use.offer;
  if (!same_offer && (path.groups & group_bits_[index]) != 0) return false;
  if (policy.uses_per_line_max == 0) return true;
  const std::size_t first = static_cast<std::size_t>(use.lane) * problem_.basket->lines().size();
  return std::ranges::none_of(problem_.list->slots(use), [&](const Slot& slot) {
    return line_uses_[first + slot.line] >= policy.uses_per_line_max;
  });
}

/// What a later use is worth at this point of the path.
Later Combiner::value_now(const OpenUse& use, const LaterUse& later, const Path& path) const {
  std::int64_t budget = use.budget;
  if (budget != kNoLimit) {
    for (const Chosen& chosen : later_chosen_) {
      if (problem_.use(chosen.use).offer == use.offer) budget -= chosen.discount;
    }
  }
  if (matters_.lines) {
    return later_value(problem_, use, nets_[depth_], lane_starts_[static_cast<std::size_t>(use.lane)], budget);
  }
  const Offer& offer = problem_.offer(use);
  const bool all = std::holds_alternative<FreeOrder>(offer.effect);
  const std::int64_t measured = later.minds_what_is_left ? path.lane_start : later.measured_amount;
  const std::int64_t base = offer.base == Base::Initial && !all ? later.measured_amount : path.left;
  const std::int64_t face = value_of(offer.effect, measured, later.units, base, use.draw);
  return {face, std::min({face, budget, all ? path.left : path.left - 1})};
}

void Combiner::later_node(std::uint32_t index, Path path) {
  if (!budget_->step()) return;
  if (index == later_.size()) {
    if (lane_is_allowed(path)) leaf(path);
    return;
  }
  const OpenUse& use = problem_.use(problem_.item_uses + index);
  if (use.lane != path.lane) {
    if (!lane_is_allowed(path)) return;
    path.lane = use.lane;
    path.lane_uses = path.lane_combinable = 0;
    path.lane_start = path.left;
    if (matters_.lines) lane_starts_[static_cast<std::size_t>(use.lane)] = nets_[depth_];
  }
  if (prune(path, items_.components(), index)) return;
  if (may_use(use, problem_.item_uses + index, path)) apply_later(index, path);
  later_node(index + 1, path);
}

void Combiner::apply_later(std::uint32_t index, const Path& path) {
  const OpenUse& use = problem_.use(problem_.item_uses + index);
  const Later value = value_now(use, later_[index], path);
  if (value.discount <= 0) return;
  Path next = path;
  next.saved += value.discount;
  next.left -= value.discount;
  next.groups |= group_bits_[problem_.item_uses + index];
  ++next.lane_uses;
  if (use.combinable) ++next.lane_combinable;
  if (use.coupon != kNoCoupon) {
    ++next.coupons;
    next.face += value.face;
  }
  const std::size_t first = static_cast<std::size_t>(use.lane) * problem_.basket->lines().size();
  const auto count_lines = [&](std::uint32_t by) {
    if (problem_.policy(use.lane).uses_per_line_max == 0) return;
    for (const Slot& slot : problem_.list->slots(use))
      line_uses_[first + slot.line] += by;
  };
  count_lines(1);
  if (matters_.lines) {
    nets_[depth_ + 1] = nets_[depth_];
    shares_.clear();
    take_off(problem_, use, value.discount, nets_[depth_ + 1], shares_);
  }
  later_chosen_.push_back({problem_.item_uses + index, value.face, value.discount, 0, 0});
  ++depth_;
  later_node(index + 1, next);
  --depth_;
  later_chosen_.pop_back();
  count_lines(static_cast<std::uint32_t>(-1));
}

void Combiner::gather(std::vector<Chosen>& chosen) const {
  chosen.assign(items_.settled().begin(), items_.settled().end());
  for (std::uint32_t i = 0; i < items_.components(); ++i) {
    const std::span<const Chosen> part = items_.chosen(items_.candidates(i)[picked_[i]]);
    chosen.insert(chosen.end(), part.begin(), part.end());
  }
  std::ranges::sort(chosen, {}, &Chosen::use);
  chosen.insert(chosen.end(), later_chosen_.begin(), later_chosen_.end());
}

void Combiner::leaf(const Path& path) {
  if (path.saved < best_.saved) return;
  gather(gathered_);
  if (path.saved == best_.saved && problem_.compare(gathered_, items_.takes(), best_.chosen, best_.takes) >= 0) {
    return;
  }
  best_.saved = path.saved;
  best_coupons_ = path.coupons;
  best_face_ = path.face;
  best_.takes.clear();
  best_.chosen = gathered_;
  for (Chosen& chosen : best_.chosen) {
    const auto own = items_.takes().subspan(chosen.first_take, chosen.takes);
    chosen.first_take = static_cast<std::uint32_t>(best_.takes.size());
    best_.takes.insert(best_.takes.end(), own.begin(), own.end());
  }
}

}  // namespace tillkit::offers::detail
