// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include <algorithm>
#include <array>

#include "tillkit/core/allocate.hpp"
#include "tillkit/core/assert.hpp"
#include "values.hpp"

namespace tillkit::offers::detail {
namespace {

using Amounts = std::array<std::int64_t, kLinesMax>;

}  // namespace

void share_units(const Problem& problem, const Chosen& chosen, std::span<const Take> takes,
                 std::vector<LineShare>& shares) {
  const Offer& offer = problem.offer(problem.use(chosen.use));
  const auto* price_to = std::get_if<UnitPriceTo>(&offer.effect);
  const std::span<const WorkLine> lines = problem.basket->lines();
  // Parts follow one another, so a line may come again.
  shares.clear();
  for (const Take& take : takes) {
    auto at = std::ranges::lower_bound(shares, take.line, {}, &LineShare::line);
    if (at == shares.end() || at->line != take.line) at = shares.insert(at, {take.line, 0});
    at->amount += take.count;
  }
  if (shares.size() == 1) {
    shares.front().amount = chosen.discount;
    return;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what lines use is touched
  Amounts weights;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  Amounts caps;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  Amounts amounts;
  std::int64_t taken = 0;
  std::int64_t units = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::int64_t price = lines[shares[i].line].price;
    caps[i] = shares[i].amount * price;
    weights[i] = shares[i].amount * (price - (price_to != nullptr ? price_to->price : 0));
    taken += caps[i];
    units += shares[i].amount;
  }
  if (const core::BasisPoints rate = line_rate(offer.effect, taken, units); rate.value() != 0) {
    for (std::size_t i = 0; i < shares.size(); ++i)
      weights[i] = percent_of(caps[i], rate);
  }
  const auto out = std::span(amounts).first(shares.size());
  TILLKIT_ASSERT(core::allocate(chosen.discount, std::span(weights).first(shares.size()), out, offer.allocation,
                                std::span(caps).first(shares.size()))
                     .has_value());
  for (std::size_t i = 0; i < shares.size(); ++i)
    shares[i].amount = out[i];
  std::erase_if(shares, [](const LineShare& share) { return share.amount == 0; });
}

void Nets::start(std::span<const WorkLine> from) {
  lines.resize(from.size());
  total = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    lines[i] = from[i].initial;
    total += from[i].initial;
  }
}

Later later_value(const Problem& problem, const OpenUse& use, const Nets& now, const Nets& lane_start,
                  std::int64_t budget) {
  const Offer& offer = problem.offer(use);
  const std::span<const WorkLine> lines = problem.basket->lines();
  std::int64_t left = 0;
  std::int64_t initial = 0;
  std::int64_t before = 0;
  std::int64_t units = 0;
  for (const Slot& slot : problem.list->slots(use)) {
    left += now.lines[slot.line];
    initial += lines[slot.line].initial;
    before += lane_start.lines[slot.line];
    units += lines[slot.line].units;
  }
  const bool all = std::holds_alternative<FreeOrder>(offer.effect);
  const std::int64_t measured = offer.threshold_base == Base::Initial ? initial : before;
  const std::int64_t base = offer.base == Base::Initial && !all ? initial : left;
  Later later;
  later.face = value_of(offer.effect, measured, units, base, use.draw);
  later.discount = std::min({later.face, budget, left, all ? now.total : now.total - 1});
  return later;
}

void take_off(const Problem& problem, const OpenUse& use, std::int64_t discount, Nets& now,
              std::vector<LineShare>& shares) {
  const Offer& offer = problem.offer(use);
  const std::span<const WorkLine> lines = problem.basket->lines();
  const std::span<const Slot> slots = problem.list->slots(use);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what lines use is touched
  Amounts weights;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  Amounts caps;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  Amounts amounts;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    caps[i] = now.lines[slots[i].line];
    weights[i] = offer.base == Base::Initial ? lines[slots[i].line].initial : caps[i];
  }
  const auto out = std::span(amounts).first(slots.size());
  TILLKIT_ASSERT(core::allocate(discount, std::span(weights).first(slots.size()), out, offer.allocation,
                                std::span(caps).first(slots.size()))
                     .has_value());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (out[i] == 0) continue;
    now.lines[slots[i].line] -= out[i];
    shares.push_back({slots[i].line, out[i]});
  }
  now.total -= discount;
}

std::int64_t Replay::budget_left(const Problem& problem, const OpenUse& use) const {
  std::int64_t left = use.budget;
  if (left == kNoLimit) return left;
  for (const Chosen& before : chosen_) {
    if (problem.use(before.use).offer == use.offer) left -= before.discount;
  }
  return left;
}

bool Replay::apply(const Problem& problem, Chosen& chosen, std::span<const Take> takes) {
  const OpenUse& use = problem.use(chosen.use);
  const std::int64_t budget = budget_left(problem, use);
  if (use.lane != Lane::Item) {
    const Later later = later_value(problem, use, now_, lane_start_, budget);
    chosen.face = later.face;
    chosen.discount = later.discount;
    if (chosen.discount <= 0) return false;
    take_off(problem, use, chosen.discount, now_, shares_);
    return true;
  }
  const std::span<const Slot> slots = problem.list->slots(use);
  const auto own = takes.subspan(chosen.first_take, chosen.takes);
  counts_.assign(slots.size(), 0);
  for (const Take& take : own) {
    const auto slot =
        std::ranges::find_if(slots, [&](const Slot& at) { return at.line == take.line && at.part == take.part; });
    if (slot == slots.end() || take.count > slot->available) return false;
    counts_[static_cast<std::size_t>(slot - slots.begin())] = take.count;
    free_[take.line] -= take.count;
    if (free_[take.line] < 0) return false;
  }
  chosen.face =
      value_of_units(problem.offer(use), problem.basket->lines(), slots, problem.list->dear_first(use), counts_);
  std::int64_t taken = 0;
  for (const Take& take : own)
    taken += take.count * problem.basket->lines()[take.line].price;
  chosen.discount = std::min({chosen.face, taken, budget, now_.total - 1});
  if (chosen.discount <= 0) return false;
  share_units(problem, chosen, own, scratch_);
  for (const LineShare& share : scratch_) {
    now_.lines[share.line] -= share.amount;
    shares_.push_back(share);
  }
  now_.total -= chosen.discount;
  return true;
}

/// Groups, and the limits of each lane: RULES.md, section 6.
bool Replay::goes_together(const Problem& problem, std::span<const Take> takes) {
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    const OpenUse& a = problem.use(chosen_[i].use);
    for (std::size_t j = 0; a.group != kNone && j < i; ++j) {
      const OpenUse& b = problem.use(chosen_[j].use);
      if (b.group == a.group && b.offer != a.offer) return false;
    }
  }
  for (std::size_t first = 0; first < chosen_.size();) {
    const Lane lane = problem.use(chosen_[first].use).lane;
    const LanePolicy& policy = problem.policy(lane);
    std::size_t end = first;
    std::size_t combinable = 0;
    line_uses_.assign(problem.basket->lines().size(), 0);
    for (; end < chosen_.size() && problem.use(chosen_[end].use).lane == lane; ++end) {
      const OpenUse& use = problem.use(chosen_[end].use);
      if (use.combinable) ++combinable;
      if (policy.uses_per_line_max == 0) continue;
      if (lane != Lane::Item) {
        for (const Slot& slot : problem.list->slots(use))
          ++line_uses_[slot.line];
        continue;
      }
      const auto own = takes.subspan(chosen_[end].first_take, chosen_[end].takes);
      for (std::size_t i = 0; i < own.size(); ++i) {  // a line may be in several parts
        const bool again =
            std::ranges::any_of(own.first(i), [&](const Take& take) { return take.line == own[i].line; });
        if (!again) ++line_uses_[own[i].line];
      }
    }
    const std::size_t uses = end - first;
    if (policy.uses_per_order_max != 0 && uses > policy.uses_per_order_max) return false;
    if (policy.stacking == Stacking::Compete && uses > 1) return false;
    if (policy.stacking == Stacking::WeChat && uses > 1 && combinable == 0) return false;
    if (policy.stacking == Stacking::Strict && uses > 1 && combinable != uses) return false;
    if (policy.uses_per_line_max != 0 && std::ranges::max(line_uses_) > policy.uses_per_line_max) return false;
    first = end;
  }
  return true;
}

bool Replay::run(const Problem& problem, std::span<const Chosen> chosen, std::span<const Take> takes) {
  now_.start(problem.basket->lines());
  lane_start_ = now_;
  free_.clear();
  for (const WorkLine& line : problem.basket->lines())
    free_.push_back(line.units);
  chosen_.clear();
  shares_.clear();
  first_share_.assign(1, 0);
  saved_ = 0;
  Lane lane = Lane::Item;
  for (Chosen one : chosen) {
    if (problem.use(one.use).lane != lane) {
      lane = problem.use(one.use).lane;
      lane_start_ = now_;
    }
    if (!apply(problem, one, takes)) return false;
    saved_ += one.discount;
    chosen_.push_back(one);
    first_share_.push_back(static_cast<std::uint32_t>(shares_.size()));
  }
  return goes_together(problem, takes);
}

}  // namespace tillkit::offers::detail
