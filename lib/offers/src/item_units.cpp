// SPDX-License-Identifier: Apache-2.0
#include "item_units.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

std::int64_t density(std::int64_t off, std::int64_t of) {
  if (of <= 0 || off >= of) return kDensityOne;
  return (off * kDensityOne + of - 1) / of;
}

}  // namespace

void ItemUnits::start_units(const Problem& problem) {
  problem_ = problem;
  const std::span<const WorkLine> lines = problem_.basket->lines();
  free_.resize(lines.size());
  line_uses_.assign(lines.size(), 0);
  for (std::size_t i = 0; i < lines.size(); ++i)
    free_[i] = lines[i].units;
}

bool ItemUnits::take_best(std::uint32_t use_index, std::vector<Take>& takes) {
  const OpenUse& use = problem_.use(use_index);
  if (!choose_best(use)) return false;
  const std::span<const Slot> slots = problem_.list->slots(use);
  const std::size_t first = takes.size();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (fill_[i] != 0) takes.push_back({slots[i].line, slots[i].part, fill_[i]});
  }
  occupy(std::span(takes).subspan(first));
  return true;
}

std::int64_t ItemUnits::face_alone(std::uint32_t use_index) {
  const OpenUse& use = problem_.use(use_index);
  return use.lane == Lane::Item ? best_alone(use) : use.upper;
}

void ItemUnits::occupy(std::span<const Take> takes) {
  for (const Take& take : takes)
    free_[take.line] -= take.count;
}

void ItemUnits::give_back(std::span<const Take> takes) {
  for (const Take& take : takes)
    free_[take.line] += take.count;
}

std::int64_t ItemUnits::free_on(const Slot& slot) const {
  const std::uint16_t line_max = problem_.policy(Lane::Item).uses_per_line_max;
  if (line_max != 0 && line_uses_[slot.line] >= line_max) return 0;
  return std::min(slot.available, free_[slot.line]);
}

/// The most bundles or groups, if parts did not share goods.
std::int64_t ItemUnits::times_max(const OpenUse& use) {
  const Structure structure = structure_of(problem_.offer(use).effect);
  std::array<std::int64_t, kPartsMax> units{};
  std::int64_t groups = 0;
  for (const Slot& slot : problem_.list->slots(use)) {
    units[slot.part] += free_on(slot);
    if (structure.same_line) groups += free_on(slot) / structure.size;
  }
  std::int64_t times = structure.times_max;
  if (structure.same_line) return std::min(times, groups);
  for (std::uint32_t part = 0; part < structure.parts; ++part)
    times = std::min(times, units[part] / structure.per_part[part]);
  if (structure.parts < 2) return times;
  std::int64_t low = 0;  // parts may share goods
  while (low < times) {
    const std::int64_t middle = low + (times - low + 1) / 2;
    fill_.assign(use.slots, kUndecided);
    if (fill_parts(use, structure, structure.wanted(middle)) >= 0) {
      low = middle;
    } else {
      times = middle - 1;
    }
  }
  return low;
}

/// Gives the parts of a bundle what they still want (`left`), the dearest goods first, beside what `fill_` decided;
/// what that costs, or -1 where they cannot all be served. Goods in several parts count once: units go in as long as no
/// set of parts is asked to take more than it wants (Hall), and taking the dearest first is then best (a matroid).
std::int64_t ItemUnits::fill_parts(const OpenUse& use, const Structure& structure, const Wanted& left) {
  const std::span<const Slot> slots = problem_.list->slots(use);
  const std::uint32_t sets = 1U << structure.parts;
  std::array<std::int64_t, std::size_t{1} << kPartsMax> room{};
  for (std::uint32_t set = 1; set < sets; ++set) {
    const auto part = static_cast<std::uint32_t>(std::countr_zero(set));
    room[set] = room[set & (set - 1)] + left[part];
  }
  line_parts_.resize(free_.size(), 0);
  line_fill_.resize(free_.size(), 0);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    line_fill_[slots[i].line] = 0;
    if (fill_[i] == kUndecided) line_parts_[slots[i].line] |= 1U << slots[i].part;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (fill_[i] != kUndecided) line_fill_[slots[i].line] += fill_[i];
  }
  std::int64_t amount = 0;
  std::int64_t missing = room[sets - 1];
  for (const std::uint32_t i : problem_.list->dear_first(use)) {
    const std::uint32_t line = slots[i].line;
    const std::uint32_t own = std::exchange(line_parts_[line], 0U);
    if (own == 0) continue;
    std::int64_t units = std::max<std::int64_t>(0, free_on(slots[i]) - line_fill_[line]);
    for (std::uint32_t set = own; set < sets; set = (set + 1) | own)
      units = std::min(units, room[set]);
    for (std::uint32_t set = own; set < sets; set = (set + 1) | own)
      room[set] -= units;
    line_fill_[line] += units;
    missing -= units;
    amount += units * problem_.basket->lines()[line].price;
  }
  return missing == 0 ? amount : -1;
}

/// The units that a use gains most with, into `fill_`; false: it gains nothing. Where the parts of a `buy_get` share
/// goods it is a good choice, not surely the best one.
bool ItemUnits::choose_best(const OpenUse& use) {
  if (best_alone(use) <= 0) return false;
  const Structure structure = structure_of(problem_.offer(use).effect);
  if (structure.parts < 2) return true;
  const std::int64_t times = best_times_;
  Wanted left = structure.wanted(times);
  fill_.assign(use.slots, kUndecided);
  if (fill_parts(use, structure, left) < 0) return false;
  // Of a bundle the dearest goods that fit; `get` units are the dearest that leave enough to buy.
  const bool bundle = std::holds_alternative<FixedPrice>(problem_.offer(use).effect);
  const std::span<const Slot> slots = problem_.list->slots(use);
  still_free_.assign(free_.size(), 0);
  for (const Slot& slot : slots)
    still_free_[slot.line] = bundle ? line_fill_[slot.line] : free_on(slot);
  for (const bool gets : {true, false}) {
    for (const std::uint32_t i : problem_.list->dear_first(use)) {
      const Slot& slot = slots[i];
      if ((slot.part == 1) != gets) continue;
      fill_[i] = std::min(left[slot.part], still_free_[slot.line]);
      left[slot.part] -= fill_[i];
      while (fill_[i] > 0 && fill_parts(use, structure, left) < 0) {
        --fill_[i];
        ++left[slot.part];
      }
      still_free_[slot.line] -= fill_[i];
    }
  }
  return std::ranges::all_of(left, [](std::int64_t wanted) { return wanted == 0; });
}

/// Takes the dearest units into `fill_`, `times` bundles or groups of them; parts as if they did not share goods.
void ItemUnits::fill(const OpenUse& use, std::int64_t times) {
  const Structure structure = structure_of(problem_.offer(use).effect);
  const std::span<const Slot> slots = problem_.list->slots(use);
  fill_.assign(slots.size(), 0);
  Wanted left = structure.wanted(times);
  if (structure.parts == 0) left[0] = structure.same_line ? times : structure.units_max;
  for (const std::uint32_t i : problem_.list->dear_first(use)) {
    std::int64_t& wanted = left[structure.same_line ? 0 : slots[i].part];
    if (structure.same_line) {
      const std::int64_t groups = std::min(wanted, free_on(slots[i]) / structure.size);
      fill_[i] = groups * structure.size;
      wanted -= groups;
    } else {
      fill_[i] = std::min(wanted, free_on(slots[i]));
      wanted -= fill_[i];
    }
  }
}

/// What the units in `fill_` cost.
std::int64_t ItemUnits::filled_amount(const OpenUse& use) const {
  const std::span<const Slot> slots = problem_.list->slots(use);
  std::int64_t amount = 0;
  for (std::size_t i = 0; i < slots.size(); ++i)
    amount += fill_[i] * problem_.basket->lines()[slots[i].line].price;
  return amount;
}

std::int64_t ItemUnits::filled_value(const OpenUse& use, std::int64_t times) {
  const auto* bundle = std::get_if<FixedPrice>(&problem_.offer(use).effect);
  if (bundle != nullptr && bundle->parts.size() > 1) {
    fill_.assign(use.slots, kUndecided);
    return std::max<std::int64_t>(0, fill_parts(use, structure_of(problem_.offer(use).effect),
                                                structure_of(problem_.offer(use).effect).wanted(times)) -
                                         times * bundle->price);
  }
  fill(use, times);
  return value_of_units(problem_.offer(use), problem_.basket->lines(), problem_.list->slots(use),
                        problem_.list->dear_first(use), fill_);
}

/// The most that a use is worth on what is free now, with `best_times_` bundles or groups. Not in parts: `fill_` is
/// how.
std::int64_t ItemUnits::best_alone(const OpenUse& use) {
  best_times_ = 0;
  const bool bundle = std::holds_alternative<FixedPrice>(problem_.offer(use).effect);
  if (use.covering || structure_of(problem_.offer(use).effect).size == 0) return filled_value(use, 0);
  best_times_ = times_max(use);
  fill_.assign(use.slots, 0);
  if (best_times_ == 0) return 0;
  if (!bundle) return filled_value(use, best_times_);
  // Each further bundle has cheaper goods than the one before: the last that still gains is the best number.
  std::int64_t low = 0;
  std::int64_t high = best_times_;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (filled_value(use, middle) > (middle == 1 ? 0 : filled_value(use, middle - 1))) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  best_times_ = low;
  return low == 0 ? 0 : filled_value(use, low);
}

std::int64_t ItemUnits::density_of(const OpenUse& use) {
  const Effect& effect = problem_.offer(use).effect;
  if (const auto* off = std::get_if<AmountOff>(&effect)) {
    const Threshold& per = off->every.at_least != 0 ? off->every : off->threshold;
    return per.measure == Measure::Amount ? density(off->amount, per.at_least) : kDensityOne;
  }
  if (const auto* percent = std::get_if<PercentOff>(&effect)) {
    return density(percent->rate.value(), core::kWhole.value());
  }
  if (const auto* tiered = std::get_if<Tiered>(&effect)) {
    std::int64_t most = 0;
    for (const Tier& tier : tiered->tiers) {
      const std::int64_t at_tier = tier.amount == 0 ? density(tier.rate.value(), core::kWhole.value())
                                   : tiered->measure == Measure::Amount ? density(tier.amount, tier.at_least)
                                                                        : kDensityOne;
      most = std::max(most, at_tier);
    }
    return most;
  }
  const std::int64_t dearest =
      problem_.basket->lines()[problem_.list->slots(use)[problem_.list->dear_first(use).front()].line].price;
  if (const auto* price = std::get_if<UnitPriceTo>(&effect)) return density(dearest - price->price, dearest);
  if (const auto* bundle = std::get_if<FixedPrice>(&effect)) {
    const std::int64_t size = structure_of(effect).size;
    return density(dearest * size - bundle->price, dearest * size);
  }
  const auto& deal = std::get<BuyGet>(effect);
  if (deal.has_get_scope || (deal.pick == Pick::Dearest && !deal.same_line)) {
    return density(deal.rate.value(), core::kWhole.value());
  }
  return density(std::int64_t{deal.rate.value()} * deal.get,
                 std::int64_t{core::kWhole.value()} * (std::int64_t{deal.buy} + deal.get));
}

}  // namespace tillkit::offers::detail
