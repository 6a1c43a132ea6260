// SPDX-License-Identifier: Apache-2.0
#include "item_search.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "replay.hpp"
#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

/// Whether a value may be a fraction above its density because it was rounded.
bool is_rounded(const Effect& effect) {
  const auto* deal = std::get_if<BuyGet>(&effect);
  return std::holds_alternative<PercentOff>(effect) || std::holds_alternative<Tiered>(effect) ||
         (deal != nullptr && deal->rate != core::kWhole);
}

}  // namespace

/// A use whose units are being chosen.
struct ItemSearch::Enumeration {
  std::uint32_t position = 0;
  const Path* path = nullptr;
  const OpenUse* use = nullptr;
  const Offer* offer = nullptr;
  std::span<const Slot> slots;
  std::span<const std::uint32_t> dear_first;
  std::size_t first_count = 0;  // into counts_
  std::int64_t budget = 0;
  std::int64_t ceiling = 0;  // no leaf below saves more
  std::int64_t upper = 0;    // this use alone
  Structure structure;
  bool capped = false;  // a coupon whose face may be above what it takes off: of equal discounts the smaller face wins
  std::int64_t times = 0;
  std::int64_t best_times = 0;
  std::int64_t cheapest = 0;
  Wanted left{};  // units still to take, part by part (or groups, or units)
  bool done = false;
};

std::span<const std::uint32_t> ItemSearch::lines(std::uint32_t component) const {
  const Component& at = components_[component];
  return std::span(component_lines_).subspan(at.first_line, at.lines);
}

std::span<const Candidate> ItemSearch::candidates(std::uint32_t component) const {
  return components_[component].candidates;
}

std::span<const std::int64_t> ItemSearch::off(std::uint32_t component, const Candidate& candidate) const {
  return std::span(off_).subspan(candidate.first_off, components_[component].lines);
}

// Components.

/// Takes what is no question: a use whose goods no other wants and that can be added to whatever is applied.
void ItemSearch::settle() {
  settled_.clear();
  settled_saved_ = 0;
  settled_bits_.assign(problem_.item_uses, 0);
  if (!problem_.list->may_join()) return;
  line_parts_.resize(free_.size(), 0);
  for (const OpenUse& use : problem_.list->uses().first(problem_.item_uses)) {
    for (const Slot& slot : problem_.list->slots(use))
      ++line_parts_[slot.line];
  }
  for (std::uint32_t i = 0; i < problem_.item_uses; ++i) {
    const OpenUse& use = problem_.use(i);
    const std::span<const Slot> slots = problem_.list->slots(use);
    if (!use.covering || use.coupon != kNoCoupon || use.group != kNone) continue;
    if (!std::ranges::all_of(slots, [&](const Slot& slot) { return line_parts_[slot.line] == 1; })) continue;
    settled_bits_[i] = 1;
    const std::int64_t value = filled_value(use, 0);
    const std::int64_t discount = std::min({value, filled_amount(use), use.budget});
    if (discount <= 0) continue;
    settled_.push_back({i, value, discount, static_cast<std::uint32_t>(takes_.size()), use.slots});
    settled_saved_ += discount;
    for (const Slot& slot : slots)
      takes_.push_back({slot.line, slot.part, slot.available});
  }
  std::ranges::fill(line_parts_, 0U);
}

void ItemSearch::split() {
  const std::span<const WorkLine> lines = problem_.basket->lines();
  root_.resize(lines.size());
  std::iota(root_.begin(), root_.end(), 0U);
  const auto find = [&](std::uint32_t line) {
    while (root_[line] != line) {
      root_[line] = root_[root_[line]];
      line = root_[line];
    }
    return line;
  };
  for (std::uint32_t i = 0; i < problem_.item_uses; ++i) {
    if (settled_bits_[i] != 0) continue;
    const std::span<const Slot> slots = problem_.list->slots(problem_.use(i));
    const std::uint32_t first = find(slots.front().line);
    for (const Slot& slot : slots.subspan(1)) {
      // The lowest line is the root, so that the components do not depend on the order of uses.
      const std::uint32_t a = find(first);
      const std::uint32_t b = find(slot.line);
      root_[std::max(a, b)] = std::min(a, b);
    }
  }

  // last_user_ serves as the component of a root here.
  component_count_ = 0;
  last_user_.assign(lines.size(), kNone);
  for (std::uint32_t i = 0; i < problem_.item_uses; ++i) {
    if (settled_bits_[i] != 0) continue;
    const std::uint32_t root = find(problem_.list->slots(problem_.use(i)).front().line);
    if (last_user_[root] == kNone) {
      last_user_[root] = component_count_++;
      if (components_.size() < component_count_) components_.emplace_back();
      Component& fresh = components_[last_user_[root]];
      fresh.uses = 0;
      fresh.lines = 0;
      fresh.best = 0;
      fresh.bound = 0;
      fresh.candidates.clear();
      fresh.best_applied.clear();
      fresh.best_counts.clear();
    }
    ++components_[last_user_[root]].uses;
  }
  for (std::uint32_t line = 0; line < lines.size(); ++line) {
    if (const std::uint32_t component = last_user_[find(line)]; component != kNone) ++components_[component].lines;
  }
  std::uint32_t uses = 0;
  std::uint32_t line_count = 0;
  for (std::uint32_t component = 0; component < component_count_; ++component) {
    Component& at = components_[component];
    at.first_use = uses;
    at.first_line = line_count;
    uses += std::exchange(at.uses, 0);
    line_count += std::exchange(at.lines, 0);
  }
  component_uses_.resize(uses);
  component_lines_.resize(line_count);
  for (std::uint32_t i = 0; i < problem_.item_uses; ++i) {
    if (settled_bits_[i] != 0) continue;
    Component& at = components_[last_user_[find(problem_.list->slots(problem_.use(i)).front().line)]];
    component_uses_[at.first_use + at.uses++] = i;
  }
  // What a use comes to does not depend on those before it, so the narrow ones are decided first: a wide one that takes
  // all that they leave is no question then. Coupons of one template stay together.
  for (std::uint32_t component = 0; component < component_count_; ++component) {
    const Component& at = components_[component];
    const auto own = std::span(component_uses_).subspan(at.first_use, at.uses);
    if (own.size() < 2) continue;
    std::ranges::sort(own, {}, [&](std::uint32_t use) {
      return std::tuple(problem_.use(use).covering, problem_.use(use).slots, use);
    });
  }
  for (std::uint32_t line = 0; line < lines.size(); ++line) {
    const std::uint32_t component = last_user_[find(line)];
    if (component == kNone) continue;
    Component& at = components_[component];
    component_lines_[at.first_line + at.lines++] = line;
  }
}

void ItemSearch::start(const Problem& problem, std::span<const std::uint64_t> group_bits, SearchBudget& budget) {
  group_bits_ = group_bits;
  budget_ = &budget;
  chosen_.clear();
  takes_.clear();
  off_.clear();
  component_count_ = 0;
  start_units(problem);
}

void ItemSearch::solve() {
  settle();
  split();
  upper_.resize(problem_.item_uses);
  density_.resize(problem_.item_uses);
  for (std::uint32_t i = 0; i < problem_.item_uses; ++i) {
    if (settled_bits_[i] != 0) continue;
    const OpenUse& use = problem_.use(i);
    upper_[i] = std::min(use.upper != 0 ? use.upper : best_alone(use), use.budget);  // `use.upper` minds its goods
  }
  for (std::uint32_t component = 0; component < component_count_; ++component)
    solve_one(component);
}

bool ItemSearch::take_most(std::uint32_t use_index, std::vector<Take>& takes) {
  const OpenUse& use = problem_.use(use_index);
  const std::span<const Slot> slots = problem_.list->slots(use);
  if (components_.empty()) components_.emplace_back();
  component_count_ = 1;
  component_uses_.assign(1, use_index);
  component_lines_.clear();
  for (const Slot& slot : slots)
    component_lines_.push_back(slot.line);
  std::ranges::sort(component_lines_);
  component_lines_.erase(std::unique(component_lines_.begin(), component_lines_.end()), component_lines_.end());
  Component& at = components_.front();
  at.first_use = at.first_line = 0;
  at.uses = 1;
  at.lines = static_cast<std::uint32_t>(component_lines_.size());
  at.best_applied.clear();
  last_user_.assign(free_.size(), kNone);
  upper_.resize(std::max<std::size_t>(upper_.size(), use_index + 1));
  density_.resize(upper_.size());
  upper_[use_index] = std::min(use.upper != 0 ? use.upper : best_alone(use), use.budget);
  solve_one(0);
  list(0, at.best, {});
  if (at.candidates.empty() || at.candidates.front().uses == 0) return false;
  const Chosen& one = chosen(at.candidates.front()).front();
  const auto own = std::span(takes_).subspan(one.first_take, one.takes);
  takes.insert(takes.end(), own.begin(), own.end());
  return true;
}

// Search in one component.

void ItemSearch::enter(std::uint32_t component, std::int64_t need, bool listing) {
  const Component& at = components_[component];
  component_ = component;
  need_ = need;
  found_ = 0;
  listing_ = listing;
  applied_.clear();
  counts_.clear();
  const bool compete = problem_.policy(Lane::Item).stacking == Stacking::Compete;
  suffix_.assign(at.uses + 1, 0);
  for (std::uint32_t i = at.uses; i-- > 0;) {
    const std::int64_t upper = upper_[component_uses_[at.first_use + i]];
    suffix_[i] = compete ? std::max(suffix_[i + 1], upper) : suffix_[i + 1] + upper;
  }
  by_density_.resize(at.uses);
  std::iota(by_density_.begin(), by_density_.end(), 0U);
  std::ranges::sort(by_density_, [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t a_density = density_[component_uses_[at.first_use + a]];
    const std::int64_t b_density = density_[component_uses_[at.first_use + b]];
    return a_density != b_density ? a_density > b_density : a < b;
  });
  free_amount_ = 0;
  for (const std::uint32_t line : lines(component)) {
    free_amount_ += problem_.basket->lines()[line].initial;
    last_user_[line] = 0;
  }
  for (std::uint32_t i = 0; i < at.uses; ++i) {
    for (const Slot& slot : problem_.list->slots(problem_.use(component_uses_[at.first_use + i])))
      last_user_[slot.line] = i;
  }
}

bool ItemSearch::is_plain(const Component& component) const {
  if (component.uses != 1) return false;
  const OpenUse& use = problem_.use(component_uses_[component.first_use]);
  if (use.covering) return true;
  // The most units are the best choice: unless fewer leave more to later offers, or make a smaller face.
  const bool face_matters = use.coupon != kNoCoupon && (use.budget != kNoLimit || need_ < component.best);
  return use.slots == 1 && !matters_.less && !matters_.lines && !face_matters;
}

void ItemSearch::solve_one(std::uint32_t component) {
  Component& at = components_[component];
  matters_ = {};
  need_ = at.best;
  if (is_plain(at)) {
    const std::uint32_t index = component_uses_[at.first_use];
    const OpenUse& use = problem_.use(index);
    at.best = use.covering ? std::min({filled_value(use, 0), filled_amount(use), use.budget}) : upper_[index];
    at.bound = at.best;
    return;
  }
  for (std::uint32_t i = 0; i < at.uses; ++i) {
    const std::uint32_t index = component_uses_[at.first_use + i];
    density_[index] = density_of(problem_.use(index));
  }
  enter(component, 1, false);
  at.bound = rest_bound(0, free_amount_);
  node(0, {});
  if (found_ == 0 && budget_->over()) apply_owners(at);
  at.best = found_;
  if (!budget_->over()) at.bound = found_;
}

/// What is surely allowed when there was no time to find anything: each line to its owner.
void ItemSearch::apply_owners(Component& at) {
  at.best_applied.clear();
  at.best_counts.clear();
  for (std::uint32_t i = 0; i < at.uses; ++i) {
    const std::uint32_t index = component_uses_[at.first_use + i];
    const OpenUse& use = problem_.use(index);
    const std::span<const Slot> slots = problem_.list->slots(use);
    const std::size_t first = at.best_counts.size();
    for (const Slot& slot : slots)
      at.best_counts.push_back(problem_.list->owner(slot.line) == index ? slot.available : 0);
    const std::int64_t value = value_of_units(problem_.offer(use), problem_.basket->lines(), slots,
                                              problem_.list->dear_first(use), std::span(at.best_counts).subspan(first));
    const std::int64_t discount = std::min(value, use.upper == 0 ? value : use.upper);
    if (discount <= 0) continue;
    found_ += discount;
    at.best_applied.push_back({index, value, discount, static_cast<std::uint32_t>(first)});
  }
}

std::int64_t ItemSearch::rest_bound(std::uint32_t position, std::int64_t free_amount) const {
  const Component& at = components_[component_];
  if (position == at.uses || problem_.policy(Lane::Item).stacking == Stacking::Compete) {
    return std::min(suffix_[position], free_amount);
  }
  // As if units could be cut: the densest uses first, each up to its own bound, until the goods are used up. A rounding
  // adds half a unit at most, to each use that has a unit to itself.
  std::int64_t sum = 0;  // in 1/kDensityOne
  std::int64_t left = free_amount;
  std::int64_t roundings = 0;
  for (const std::uint32_t i : by_density_) {
    if (i < position) continue;
    const std::uint32_t index = component_uses_[at.first_use + i];
    if (density_[index] == 0) continue;
    const OpenUse& use = problem_.use(index);
    const std::int64_t rounded = !is_rounded(problem_.offer(use).effect) ? 0 : use.covering ? use.slots : 1;
    roundings += rounded;
    if (left == 0) continue;
    const std::int64_t most = upper_[index] * kDensityOne + rounded * (kDensityOne / 2);
    const std::int64_t needs = most / density_[index];
    sum += needs <= left ? most : left * density_[index];
    left -= std::min(needs, left);
  }
  const std::int64_t bound = (sum + roundings * (kDensityOne / 2)) / kDensityOne;
  return std::min(bound, std::min(suffix_[position], free_amount));
}

std::int64_t ItemSearch::budget_left(const OpenUse& use) const {
  std::int64_t left = use.budget;
  if (left == kNoLimit) return left;
  for (const Applied& applied : applied_) {
    if (problem_.use(applied.use).offer == use.offer) left -= applied.discount;
  }
  return left;
}

bool ItemSearch::may_apply(std::uint32_t position, const Path& path) const {
  const Component& at = components_[component_];
  const std::uint32_t index = component_uses_[at.first_use + position];
  const OpenUse& use = problem_.use(index);
  const LanePolicy& policy = problem_.policy(Lane::Item);
  if (policy.uses_per_order_max != 0 && applied_.size() >= policy.uses_per_order_max) return false;
  if (policy.stacking == Stacking::Compete && !applied_.empty()) return false;
  if (policy.stacking == Stacking::Strict && !applied_.empty() &&
      (!use.combinable || path.combinable != applied_.size())) {
    return false;
  }
  const bool same_offer = !applied_.empty() && problem_.use(applied_.back().use).offer == use.offer;
  if (use.before != kNone && (applied_.empty() || applied_.back().use != use.before)) return false;
  return same_offer || (path.groups & group_bits_[index]) == 0;
}

void ItemSearch::node(std::uint32_t position, const Path& path) {
  if (!budget_->step()) return;
  const Component& at = components_[component_];
  if (position == at.uses) {
    leaf(path);
    return;
  }
  if (path.saved + rest_bound(position, free_amount_) < need_) return;
  if (may_apply(position, path)) apply(position, path);
  node(position + 1, path);
}

/// Of the goods that a covering use fits nothing may be left over, unless the line is full. Nor of those that have an
/// owner: taking them is better than not, and what was hidden relies on it.
bool ItemSearch::leaves_nothing_free() const {
  const std::uint16_t line_max = problem_.policy(Lane::Item).uses_per_line_max;
  const auto is_open = [&](std::uint32_t line) {
    return free_[line] != 0 && (line_max == 0 || line_uses_[line] < line_max);
  };
  for (const std::uint32_t line : lines(component_)) {
    if (problem_.list->owner(line) != kNone && is_open(line)) return false;
  }
  for (const Applied& applied : applied_) {
    const OpenUse& use = problem_.use(applied.use);
    if (!use.covering) continue;
    for (const Slot& slot : problem_.list->slots(use)) {
      if (is_open(slot.line)) return false;
    }
  }
  return true;
}

void ItemSearch::leaf(const Path& path) {
  if (path.saved < need_ || !leaves_nothing_free()) return;
  leaf_best_ = std::max(leaf_best_, path.saved);
  if (listing_) {
    keep_applied();
    return;
  }
  found_ = path.saved;
  need_ = found_ + 1;
  components_[component_].best_applied = applied_;
  components_[component_].best_counts = counts_;
}

/// Makes a candidate of what is applied now.
void ItemSearch::keep_applied() {
  Candidate candidate;
  candidate.uses = static_cast<std::uint32_t>(applied_.size());
  for (const Applied& applied : applied_) {
    const OpenUse& use = problem_.use(applied.use);
    candidate.saved += applied.discount;
    candidate.groups |= group_bits_[applied.use];
    if (use.combinable) ++candidate.combinable;
    if (use.coupon == kNoCoupon) continue;
    ++candidate.coupons;
    candidate.face += applied.face;
  }
  keep(candidate);
}

void ItemSearch::apply(std::uint32_t position, const Path& path) {
  const Component& at = components_[component_];
  const std::uint32_t index = component_uses_[at.first_use + position];
  Enumeration enumeration;
  enumeration.position = position;
  enumeration.path = &path;
  enumeration.use = &problem_.use(index);
  enumeration.offer = &problem_.offer(*enumeration.use);
  enumeration.slots = problem_.list->slots(*enumeration.use);
  enumeration.dear_first = problem_.list->dear_first(*enumeration.use);
  enumeration.budget = budget_left(*enumeration.use);
  enumeration.structure = structure_of(enumeration.offer->effect);
  enumeration.first_count = counts_.size();
  // What tiers give may fall when more is taken; for all else what is free bounds it.
  const std::int64_t most = best_alone(*enumeration.use);
  const std::int64_t goods = enumeration.structure.parts < 2 ? filled_amount(*enumeration.use) : most;
  enumeration.upper = std::holds_alternative<Tiered>(enumeration.offer->effect)
                          ? upper_[index]
                          : std::min({upper_[index], most, goods});
  enumeration.upper = std::min(enumeration.upper, enumeration.budget);
  enumeration.capped = enumeration.use->coupon != kNoCoupon && (most > goods || most > enumeration.budget);
  enumeration.ceiling = path.saved + enumeration.upper + rest_bound(position + 1, free_amount_);
  if (enumeration.upper <= 0 || enumeration.ceiling < need_) return;

  counts_.resize(counts_.size() + enumeration.slots.size(), 0);
  const std::int64_t outer_best = std::exchange(leaf_best_, -1);
  const std::int64_t outer_need = need_;
  if (!listing_ && !enumeration.use->covering && choose_best(*enumeration.use)) {
    std::ranges::copy(fill_, counts_.begin() + static_cast<std::ptrdiff_t>(enumeration.first_count));
    enumeration.times = best_times_;
    commit(enumeration);  // a good one first: it rules out most of the others
    std::fill(counts_.begin() + static_cast<std::ptrdiff_t>(enumeration.first_count), counts_.end(), 0);
  }
  if (enumeration.use->covering) {
    cover_slot(enumeration, 0);
  } else if (enumeration.structure.parts != 0) {
    count_times(enumeration);
  } else {
    enumeration.left[0] =
        enumeration.structure.same_line ? enumeration.structure.times_max : enumeration.structure.units_max;
    count_slot(enumeration, 0);
  }
  leaf_best_ = std::max(outer_best, leaf_best_);
  if (listing_) need_ = outer_need;
  counts_.resize(enumeration.first_count);
}

/// Whether all that can still be found under this use is surely no better than what was found.
bool ItemSearch::is_settled(const Enumeration& at) const {
  if (at.ceiling < need_ || budget_->over()) return true;
  if (!listing_ || at.capped || matters_.lines || matters_.less || leaf_best_ < at.ceiling) return false;
  // Units were tried in the order of preference, so only other later uses could make a difference.
  const Component& component = components_[component_];
  const std::uint32_t later = component.uses - at.position - 1;
  if (need_ < at.ceiling && (at.use->coupon != kNoCoupon || later != 0)) return false;  // less may mean a smaller face
  if (later == 0) return true;
  if (later > 1) return false;
  const std::uint32_t* const uses = component_uses_.data() + component.first_use + at.position;
  if (uses[1] < uses[0]) return false;  // its units are looked at first
  const OpenUse& last = problem_.use(uses[1]);
  if (last.coupon != kNoCoupon && last.budget != kNoLimit) return false;  // equal discounts, smaller faces
  return last.coupon != kNoCoupon || at.path->saved + at.upper < leaf_best_;
}

/// A bound for what is found when the counts up to `slot` stay and the others are as good as can be.
std::int64_t ItemSearch::optimistic(const Enumeration& at, std::uint32_t slot) {
  const std::span<const std::int64_t> counts = std::span(counts_).subspan(at.first_count, at.slots.size());
  fill_.assign(at.slots.size(), 0);
  std::copy_n(counts.begin(), slot, fill_.begin());
  std::int64_t taken = 0;  // decided
  for (std::uint32_t i = 0; i < slot; ++i)
    taken += counts[i] * problem_.basket->lines()[at.slots[i].line].price;
  Wanted left = at.left;
  std::int64_t in_parts = -1;
  if (at.structure.parts > 1) {
    std::ranges::fill(std::span(fill_).subspan(slot), kUndecided);
    in_parts = fill_parts(*at.use, at.structure, at.left);
    if (in_parts < 0) return std::numeric_limits<std::int64_t>::min();  // the parts do not come together
    std::ranges::fill(std::span(fill_).subspan(slot), 0);
  }
  for (const std::uint32_t i : at.dear_first) {
    if (i < slot) continue;
    if (at.use->covering) {
      fill_[i] = free_on(at.slots[i]);
    } else if (at.structure.same_line) {
      const std::int64_t groups = std::min(left[0], free_on(at.slots[i]) / at.structure.size);
      fill_[i] = groups * at.structure.size;
      left[0] -= groups;
    } else {
      std::int64_t& wanted = left[at.structure.parts == 0 ? 0 : at.slots[i].part];
      fill_[i] = std::min(wanted, free_on(at.slots[i]));
      wanted -= fill_[i];
    }
  }
  std::int64_t value = std::holds_alternative<Tiered>(at.offer->effect)
                           ? at.upper
                           : value_of_units(*at.offer, problem_.basket->lines(), at.slots, at.dear_first, fill_);
  if (const auto* bundle = std::get_if<FixedPrice>(&at.offer->effect); bundle != nullptr) {
    value = (in_parts >= 0 ? taken + in_parts : filled_amount(*at.use)) - at.times * bundle->price;
  } else {
    value = std::min(value, filled_amount(*at.use));
  }
  value = std::min({value, at.upper, at.budget});
  return at.path->saved + value + rest_bound(at.position + 1, free_amount_ - taken);
}

/// Covering: line after line, all that is free of it or nothing; what is left must be taken by later uses. (Uses that
/// count units come before.)
void ItemSearch::cover_slot(Enumeration& at, std::uint32_t slot) {
  if (slot == at.slots.size()) {
    commit(at);
    return;
  }
  const Slot& here = at.slots[slot];
  const std::int64_t free = free_on(here);
  if (last_user_[here.line] <= at.position || free == 0) {
    counts_[at.first_count + slot] = free;
    cover_slot(at, slot + 1);
  } else {
    for (const std::int64_t units : {free, std::int64_t{0}}) {
      counts_[at.first_count + slot] = units;
      if (!is_settled(at) && optimistic(at, slot + 1) >= need_) cover_slot(at, slot + 1);
    }
  }
  counts_[at.first_count + slot] = 0;
}

/// Bundles and groups: how many, then from where.
void ItemSearch::count_times(Enumeration& at) {
  static_cast<void>(best_alone(*at.use));  // wanted is its number of bundles
  at.best_times = best_times_;
  at.cheapest = kNoLimit;
  for (const Slot& slot : at.slots)
    at.cheapest = std::min(at.cheapest, problem_.basket->lines()[slot.line].price);
  const std::int64_t most = times_max(*at.use);
  if (most == 0) return;
  // The bound is concave in the number, but for its rounding down: where it still grows at the most, all fewer are
  // ruled out with the next.
  const std::int64_t at_most = times_bound(at, most, most);
  if (at_most >= need_) count_times(at, most, most);
  if (most == 1) return;
  const std::int64_t next = times_bound(at, most - 1, most - 1);
  if (next < need_ && next < at_most) return;
  count_times(at, 1, most - 1);
}

/// Halves a range of numbers as long as its better half cannot be ruled out, so that a line of thousands of units costs
/// no more than its breakpoints.
void ItemSearch::count_times(Enumeration& at, std::int64_t from, std::int64_t to) {
  if (at.ceiling < need_) return;
  if (!budget_->step()) return;
  if (from == to) {
    at.times = from;
    at.left = at.structure.wanted(at.times);
    // Preference among units is by line, not by number: what one number of bundles settled another may still beat.
    const std::int64_t ceiling = std::exchange(at.ceiling, kNoLimit);
    const std::int64_t need = need_;
    const std::int64_t best = std::exchange(leaf_best_, -1);
    count_slot(at, 0);
    at.ceiling = ceiling;
    leaf_best_ = std::max(best, leaf_best_);
    if (listing_) need_ = need;
    return;
  }
  const std::int64_t middle = from + (to - from) / 2;
  const std::int64_t more = times_bound(at, middle + 1, to);
  const std::int64_t fewer = times_bound(at, from, middle);
  // Listing goes by preference, the search for the most by promise.
  const bool more_first = listing_ || more >= fewer;
  for (const bool is_more : {more_first, !more_first}) {
    if ((is_more ? more : fewer) < need_) continue;
    count_times(at, is_more ? middle + 1 : from, is_more ? to : middle);
  }
}

/// The most with so many bundles or groups: the goods of the fewest are not there for others, however they are picked.
std::int64_t ItemSearch::times_bound(const Enumeration& at, std::int64_t from, std::int64_t to) {
  // Of bundles each further one gains less than the one before; more groups never gain less.
  const bool bundle = std::holds_alternative<FixedPrice>(at.offer->effect);
  const std::int64_t times = bundle ? std::clamp(at.best_times, from, to) : to;
  const std::int64_t value = std::min(filled_value(*at.use, times), at.budget);
  const std::int64_t gone = from * at.structure.size * at.cheapest;
  return at.path->saved + value + rest_bound(at.position + 1, std::max<std::int64_t>(0, free_amount_ - gone));
}

void ItemSearch::count_slot(Enumeration& at, std::uint32_t slot) {
  if (slot == at.slots.size()) {
    const bool complete = at.structure.parts == 0 || std::ranges::all_of(std::span(at.left).first(at.structure.parts),
                                                                         [](std::int64_t left) { return left == 0; });
    if (complete) commit(at);
    return;
  }
  if (!budget_->step()) return;
  const Slot& here = at.slots[slot];
  std::int64_t free = free_on(here);
  std::int64_t in_parts = 0;  // of the same line, in parts before
  for (std::uint32_t i = 0; i < slot; ++i) {
    if (at.slots[i].line == here.line) in_parts += counts_[at.first_count + i];
  }
  free = std::min(free, free_[here.line] - in_parts);
  const std::int64_t size = at.structure.same_line ? at.structure.size : 1;
  const std::uint32_t part = at.structure.parts == 0 ? 0 : here.part;
  const std::int64_t most = std::min(free / size, at.left[part]);
  std::int64_t least = 0;  // the later slots of this part hold no more
  if (at.structure.parts != 0) {
    least = at.left[part];
    for (std::uint32_t i = slot + 1; i < at.slots.size(); ++i)
      least -= at.slots[i].part == part ? free_on(at.slots[i]) : 0;
  }
  least = std::max<std::int64_t>(0, least);
  if (least <= most) count_numbers(at, slot, least, most);
  counts_[at.first_count + slot] = 0;
}

/// How many units (or groups in this line) of a slot, from the most down; many of them by halves.
void ItemSearch::count_numbers(Enumeration& at, std::uint32_t slot, std::int64_t from, std::int64_t to) {
  constexpr std::int64_t kFew = 4;
  const std::int64_t size = at.structure.same_line ? at.structure.size : 1;
  const std::uint32_t part = at.structure.parts == 0 ? 0 : at.slots[slot].part;
  if (to - from < kFew || at.structure.parts > 1) {
    for (std::int64_t number = to; number >= from && !is_settled(at); --number) {
      if (number != to && !budget_->step()) return;
      counts_[at.first_count + slot] = number * size;
      at.left[part] -= number;
      if (optimistic(at, slot + 1) >= need_) count_slot(at, slot + 1);
      at.left[part] += number;
    }
    return;
  }
  if (is_settled(at) || !budget_->step()) return;
  // As with the most of a range on this slot, and the fewest taken from the others.
  const auto bound = [&](std::int64_t low, std::int64_t high) {
    const std::int64_t more = (high - low) * size * problem_.basket->lines()[at.slots[slot].line].price;
    counts_[at.first_count + slot] = high * size;
    at.left[part] -= low;
    free_amount_ += more;
    const std::int64_t most = optimistic(at, slot + 1);
    free_amount_ -= more;
    at.left[part] += low;
    return most;
  };
  const std::int64_t middle = from + (to - from) / 2;
  const std::int64_t more = bound(middle + 1, to);
  const std::int64_t fewer = bound(from, middle);
  const bool more_first = listing_ || more >= fewer;
  for (const bool is_more : {more_first, !more_first}) {
    if ((is_more ? more : fewer) < need_) continue;
    count_numbers(at, slot, is_more ? middle + 1 : from, is_more ? to : middle);
  }
}

/// Applies the use with the units counted, and goes on.
void ItemSearch::commit(Enumeration& at) {
  const std::span<const WorkLine> lines = problem_.basket->lines();
  const std::span<const std::int64_t> counts = std::span(counts_).subspan(at.first_count, at.slots.size());
  const std::int64_t value = value_of_units(*at.offer, lines, at.slots, at.dear_first, counts);
  std::int64_t taken = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    taken += counts[i] * lines[at.slots[i].line].price;
  const std::int64_t discount = std::min({value, taken, at.budget});
  if (discount <= 0) return;

  // One line may be in several parts: it counts one use.
  const auto move = [&](std::int64_t sign) {
    const std::span<const std::int64_t> now = std::span(counts_).subspan(at.first_count, at.slots.size());
    for (std::size_t i = 0; i < at.slots.size(); ++i) {
      if (now[i] == 0) continue;
      const std::uint32_t line = at.slots[i].line;
      free_[line] -= sign * now[i];
      bool again = false;
      for (std::size_t j = 0; j < i; ++j)
        again = again || (now[j] != 0 && at.slots[j].line == line);
      if (!again) line_uses_[line] += static_cast<std::uint32_t>(sign);
    }
  };
  move(1);
  free_amount_ -= taken;

  const std::uint32_t index = components_[component_].first_use + at.position;
  Path path = *at.path;
  path.saved += discount;
  if (at.use->combinable) ++path.combinable;
  path.groups |= group_bits_[component_uses_[index]];
  applied_.push_back({component_uses_[index], value, discount, static_cast<std::uint32_t>(at.first_count)});
  node(at.position + 1, path);
  applied_.pop_back();
  // Units are tried in the order of preference: behind the last use, what comes now has to save more.
  const bool is_last = at.position + 1 == components_[component_].uses;
  if (listing_ && is_last && at.use->coupon == kNoCoupon && !matters_.lines && !matters_.less)
    need_ = std::max(need_, leaf_best_ + 1);

  free_amount_ += taken;
  move(-1);
}

// Candidates.

bool ItemSearch::dominates(const Candidate& a, const Candidate& b) const {
  if (a.saved < b.saved || (matters_.less && a.saved != b.saved)) return false;
  if (b.saved >= matters_.whole) return false;
  if ((a.groups & ~b.groups) != 0) return false;
  const LanePolicy& policy = problem_.policy(Lane::Item);
  if (policy.uses_per_order_max != 0 && a.uses > b.uses) return false;
  if (policy.stacking != Stacking::Stack && (a.uses != b.uses || a.combinable != b.combinable)) return false;
  if (matters_.lines && !std::ranges::equal(off(component_, a), off(component_, b))) return false;
  return problem_.compare(chosen(a), takes_, chosen(b), takes_) <= 0;
}

void ItemSearch::keep(Candidate candidate) {
  Component& at = components_[component_];
  const std::size_t chosen_before = chosen_.size();
  const std::size_t takes_before = takes_.size();
  const std::size_t off_before = off_.size();
  candidate.first_chosen = static_cast<std::uint32_t>(chosen_before);
  candidate.first_off = static_cast<std::uint32_t>(off_before);
  if (matters_.lines) off_.resize(off_before + at.lines, 0);
  for (const Applied& applied : applied_) {
    const OpenUse& use = problem_.use(applied.use);
    const std::span<const Slot> slots = problem_.list->slots(use);
    Chosen one{applied.use, applied.face, applied.discount, static_cast<std::uint32_t>(takes_.size()), 0};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const std::int64_t count = counts_[applied.first_count + i];
      if (count == 0) continue;
      takes_.push_back({slots[i].line, slots[i].part, count});
      ++one.takes;
    }
    chosen_.push_back(one);
    if (matters_.lines) {
      share_units(problem_, one, std::span(takes_).subspan(one.first_take, one.takes), shares_);
      for (const LineShare& share : shares_) {
        const auto line = std::ranges::lower_bound(lines(component_), share.line);
        off_[off_before + static_cast<std::size_t>(line - lines(component_).begin())] += share.amount;
      }
    }
  }
  std::ranges::sort(std::span(chosen_).subspan(chosen_before), {}, &Chosen::use);
  const bool beaten =
      std::ranges::any_of(at.candidates, [&](const Candidate& other) { return dominates(other, candidate); });
  if (beaten) {
    chosen_.resize(chosen_before);
    takes_.resize(takes_before);
    off_.resize(off_before);
    return;
  }
  std::erase_if(at.candidates, [&](const Candidate& other) { return dominates(candidate, other); });
  at.candidates.push_back(candidate);
}

void ItemSearch::list_plain(Component& at) {
  const std::uint32_t index = component_uses_[at.first_use];
  const OpenUse& use = problem_.use(index);
  if (at.best > 0 && at.best >= need_) {
    const std::int64_t value = best_alone(use);
    counts_ = fill_;
    applied_.push_back({index, value, at.best, 0});
    keep_applied();
    applied_.clear();
  }
  if (need_ <= 0 || at.candidates.empty()) keep({});
}

void ItemSearch::list(std::uint32_t component, std::int64_t need, const Matters& matters) {
  Component& at = components_[component];
  at.candidates.clear();
  matters_ = matters;
  need_ = need;
  if (is_plain(at)) {
    component_ = component;
    applied_.clear();
    counts_.clear();
    list_plain(at);
    return;
  }
  for (std::uint32_t i = 0; i < at.uses; ++i) {
    const std::uint32_t index = component_uses_[at.first_use + i];
    density_[index] = density_of(problem_.use(index));
  }
  enter(component, need, true);
  node(0, {});
  if (budget_->over()) {  // stopped: at least the best that was found before, or nothing
    applied_ = at.best_applied;
    counts_ = at.best_counts;
    keep_applied();
  }
  std::ranges::sort(at.candidates, [&](const Candidate& a, const Candidate& b) {
    if (a.saved != b.saved) return a.saved > b.saved;
    return problem_.compare(chosen(a), takes_, chosen(b), takes_) < 0;
  });
}

}  // namespace tillkit::offers::detail
