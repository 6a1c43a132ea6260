// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/evaluate.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "combine.hpp"
#include "conditions.hpp"
#include "price_lane.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::offers {

using detail::Chosen;
using detail::kNone;
using detail::OpenUse;

struct Evaluator::Work {
  explicit Work(const RuleSet& rule_set) : rules(&rule_set.compiled()) {}

  core::Result<> evaluate(const Basket& basket, const SearchOptions& options, Evaluation& out);
  core::Result<> collect(const Basket& basket, detail::Keep keep);
  core::Result<> find_again(const Basket& basket, const detail::Solution& solution);
  core::Result<> mark_groups();
  core::Result<> check_draws(const Basket& basket) const;
  void greedy(Policy policy, detail::Solution& solution);
  void single(detail::Solution& solution);
  [[nodiscard]] bool add(std::uint32_t use, detail::Solution& solution, bool alone);
  void write(const detail::Solution& solution, Evaluation& out);
  [[nodiscard]] bool is_better(const detail::Solution& a, const detail::Solution& b) const;

  const detail::Compiled* rules;
  detail::BasketView view;
  detail::PriceLane prices;
  detail::UseList list;
  detail::Problem problem;
  detail::Combiner combiner;
  detail::ItemSearch items;
  detail::Replay replay;
  detail::SearchBudget budget;
  detail::Solution found;
  detail::Solution other;
  std::vector<std::uint64_t> group_bits;
  std::vector<std::uint32_t> group_offers;  // by group: an offer of it, or kNone
  std::vector<std::uint32_t> order;
  std::vector<Chosen> tried;
  std::vector<OpenUse> wanted;
};

/// Gives a bit to each group that offers in this basket compete in.
core::Result<> Evaluator::Work::mark_groups() {
  const std::span<const OpenUse> uses = list.uses();
  group_bits.assign(uses.size(), 0);
  if (rules->groups == 0) return {};
  group_offers.assign(rules->groups, kNone);
  order.assign(rules->groups, kNone);  // the bit of a group
  std::uint32_t bits = 0;
  for (const OpenUse& use : uses) {
    if (use.group == kNone) continue;
    std::uint32_t& offer = group_offers[use.group];
    if (offer == kNone) {
      offer = use.offer;
    } else if (offer != use.offer && order[use.group] == kNone) {
      if (bits == kOpenGroupsMax) return core::fail(core::ErrorCode::Exhausted);
      order[use.group] = bits++;
    }
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i].group != kNone && order[uses[i].group] != kNone)
      group_bits[i] = std::uint64_t{1} << order[uses[i].group];
  }
  return {};
}

core::Result<> Evaluator::Work::check_draws(const Basket& basket) const {
  for (const OfferAmount& draw : basket.context.draws) {
    const auto offer = rules->by_id.find(draw.offer.view());
    if (offer == rules->by_id.end()) continue;  // of a rule set before or after this one
    const auto* random = std::get_if<RandomOff>(&rules->document.offers[offer->second].effect);
    if (random == nullptr || draw.amount < random->min || draw.amount > random->max) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
  }
  return {};
}

/// Sets the problem up.
core::Result<> Evaluator::Work::collect(const Basket& basket, detail::Keep keep) {
  TILLKIT_TRY_VOID(list.collect(*rules, basket, view, keep));
  const std::span<const OpenUse> uses = list.uses();
  if (uses.size() > kOpenUsesMax) return core::fail(core::ErrorCode::Exhausted);
  TILLKIT_TRY_VOID(mark_groups());
  const auto item_uses = static_cast<std::uint32_t>(
      std::ranges::find_if(uses, [](const OpenUse& use) { return use.lane != Lane::Item; }) - uses.begin());
  problem = {rules, &basket, &view, &list, item_uses};
  return {};
}

/// Collects all uses, and leaves a solution found among the useful ones in `found`, in terms of all.
core::Result<> Evaluator::Work::find_again(const Basket& basket, const detail::Solution& solution) {
  found = solution;
  wanted.clear();
  for (const Chosen& chosen : found.chosen)
    wanted.push_back(problem.use(chosen.use));
  TILLKIT_TRY_VOID(collect(basket, detail::Keep::All));
  std::uint32_t use = 0;  // both are in the order of uses
  for (std::size_t i = 0; i < found.chosen.size(); ++i) {
    while (problem.use(use).offer != wanted[i].offer || problem.use(use).coupon != wanted[i].coupon)
      ++use;
    found.chosen[i].use = use;
  }
  return {};
}

core::Result<> Evaluator::Work::evaluate(const Basket& basket, const SearchOptions& options, Evaluation& out) {
  TILLKIT_TRY_VOID(check_draws(basket));
  TILLKIT_TRY_VOID(view.load(*rules, basket));
  prices.run(view);
  view.sum_scopes();
  const bool is_best = options.policy == Policy::Best;
  TILLKIT_TRY_VOID(collect(basket, is_best ? detail::Keep::Useful : detail::Keep::All));
  budget.start(options);

  out.proven = false;
  out.gap = 0;
  const detail::Solution* best = &found;
  switch (options.policy) {
    case Policy::Best:
      if (!combiner.run(problem, group_bits, budget)) {
        TILLKIT_TRY_VOID(collect(basket, detail::Keep::All));
        budget.start(options);
        TILLKIT_ASSERT(combiner.run(problem, group_bits, budget));
      }
      best = &combiner.solution();
      if (budget.cut()) {  // what a simple rule finds may be more than a search that was cut short
        TILLKIT_TRY_VOID(find_again(basket, *best));
        best = &found;
        for (const Policy simple : {Policy::First, Policy::WeChat}) {
          greedy(simple, other);
          if (is_better(other, found)) found = other;
        }
      }
      break;
    case Policy::First:
    case Policy::WeChat: greedy(options.policy, found); break;
    case Policy::Single: single(found); break;
  }
  write(*best, out);
  if (is_best) {
    out.gap = std::max<std::int64_t>(0, budget.cut() ? combiner.bound() - best->saved : 0);
    out.proven = !budget.cut() && replay.saved() == best->saved;
  }
  out.nodes = budget.nodes();
  return {};
}

bool Evaluator::Work::is_better(const detail::Solution& a, const detail::Solution& b) const {
  if (a.saved != b.saved) return a.saved > b.saved;
  return problem.compare(a.chosen, a.takes, b.chosen, b.takes) < 0;
}

/// Adds a use with the units that it gains most with, if it goes together with what is there.
bool Evaluator::Work::add(std::uint32_t use, detail::Solution& solution, bool alone) {
  const std::size_t takes_before = solution.takes.size();
  Chosen one{use, 0, 0, static_cast<std::uint32_t>(takes_before), 0};
  const bool takes_units = problem.use(use).lane == Lane::Item;
  const bool took =
      !takes_units || (alone ? items.take_most(use, solution.takes) : items.take_best(use, solution.takes));
  if (!took) return false;
  one.takes = static_cast<std::uint32_t>(solution.takes.size() - takes_before);
  tried = solution.chosen;
  tried.insert(std::ranges::upper_bound(tried, use, {}, &Chosen::use), one);
  if (replay.run(problem, tried, solution.takes)) {
    solution.chosen.assign(replay.chosen().begin(), replay.chosen().end());
    solution.saved = replay.saved();
    return true;
  }
  if (takes_units && !alone) items.give_back(std::span(solution.takes).subspan(takes_before));
  solution.takes.resize(takes_before);
  return false;
}

void Evaluator::Work::greedy(Policy policy, detail::Solution& solution) {
  const std::span<const OpenUse> uses = list.uses();
  solution.saved = 0;
  solution.chosen.clear();
  solution.takes.clear();
  items.start(problem, group_bits, budget);
  order.resize(uses.size());
  for (std::uint32_t i = 0; i < uses.size(); ++i)
    order[i] = i;
  if (policy == Policy::WeChat) {
    // Automatic ones first, then coupons: face, threshold, expiry, claim, id.
    const auto key = [&](std::uint32_t i) {
      const OpenUse& use = uses[i];
      const Offer& offer = problem.offer(use);
      if (use.coupon == kNoCoupon)
        return std::tuple(0, std::int64_t{i}, std::int64_t{0}, core::WallTime{}, core::WallTime{}, CouponId{});
      const Coupon& coupon = problem.given->coupons[use.coupon];
      const auto* off = std::get_if<AmountOff>(&offer.effect);
      const std::int64_t threshold = off == nullptr ? 0 : std::max(off->threshold.at_least, off->every.at_least);
      return std::tuple(1, -items.face_alone(i), -threshold, coupon.expires_at, coupon.claimed_at, coupon.id);
    };
    std::ranges::sort(order, {}, key);
  }
  for (const std::uint32_t use : order)
    static_cast<void>(add(use, solution, false));  // one that does not go together is left out: that is the policy
}

void Evaluator::Work::single(detail::Solution& solution) {
  solution = {};
  for (std::uint32_t use = 0; use < list.uses().size(); ++use) {
    items.start(problem, group_bits, budget);
    other = {};
    if (add(use, other, true) && is_better(other, solution)) solution = other;
  }
}

/// Writes lane Price and the solution, applied anew one after another.
void Evaluator::Work::write(const detail::Solution& solution, Evaluation& out) {
  out.uses.clear();
  out.takes.assign(solution.takes.begin(), solution.takes.end());
  out.shares.clear();
  out.lines.clear();
  out.list = out.saved = 0;
  for (const detail::PriceUse& use : prices.uses()) {
    Use one;
    one.offer = use.offer;
    one.lane = Lane::Price;
    one.first_share = static_cast<std::uint32_t>(out.shares.size());
    for (const LineShare& share : prices.shares(use)) {
      out.shares.push_back(share);
      one.discount += share.amount;
    }
    one.shares = static_cast<std::uint32_t>(out.shares.size()) - one.first_share;
    one.face = one.discount;
    out.saved += one.discount;
    out.uses.push_back(one);
  }
  TILLKIT_ASSERT(replay.run(problem, solution.chosen, solution.takes));
  const std::span<const Chosen> chosen = replay.chosen();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const OpenUse& use = problem.use(chosen[i].use);
    Use one{use.offer,       use.coupon, use.lane, chosen[i].face, chosen[i].discount, chosen[i].first_take,
            chosen[i].takes, 0,          0};
    one.first_share = static_cast<std::uint32_t>(out.shares.size());
    out.shares.insert(out.shares.end(), replay.shares(i).begin(), replay.shares(i).end());
    one.shares = static_cast<std::uint32_t>(out.shares.size()) - one.first_share;
    out.uses.push_back(one);
  }
  out.saved += replay.saved();
  const std::span<const detail::WorkLine> lines = std::as_const(view).lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.lines.push_back({lines[i].basket_line, lines[i].list, lines[i].initial, replay.nets().lines[i]});
    out.list += lines[i].list;
  }
  out.net = out.list - out.saved;
}

Evaluator::Evaluator(const RuleSet& rules) : work_(std::make_unique<Work>(rules)) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

core::Result<> Evaluator::evaluate(const Basket& basket, const SearchOptions& options, Evaluation& out) {
  return work_->evaluate(basket, options, out);
}

}  // namespace tillkit::offers
