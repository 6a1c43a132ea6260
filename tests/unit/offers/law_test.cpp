// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "generator.hpp"
#include "money_laws.hpp"
#include "oracle.hpp"
#include "pricing.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::offers;
using namespace tillkit::offers::oracle;

namespace {

constexpr int kBrokenMax = 5;  // enough to read

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

template <class List>
void shuffle(Random& random, List& list) {
  for (std::size_t i = list.size(); i > 1; --i)
    std::swap(list[i - 1], list[below(random, i)]);
}

void shuffle(Random& random, Scope& scope) {
  for (auto* names : {&scope.items, &scope.brands, &scope.categories, &scope.tags})
    shuffle(random, *names);
}

bool is_covering(const Offer& offer) {
  if (const auto* percent = std::get_if<PercentOff>(&offer.effect)) return percent->units_max == 0;
  if (const auto* price = std::get_if<UnitPriceTo>(&offer.effect)) return price->units_max == 0;
  return std::holds_alternative<AmountOff>(offer.effect) || std::holds_alternative<Tiered>(offer.effect);
}

/// RULES.md, section 3: what is wrong with who owns the lines, or nothing.
std::string broken_ownership(const Case& made, const Evaluation& evaluation) {
  const LanePolicy& policy = made.document.lanes.at(static_cast<std::size_t>(Lane::Item));
  std::vector<const tillkit::offers::Use*> covering;
  std::vector<std::int64_t> taken(evaluation.lines.size());
  std::vector<std::size_t> uses(evaluation.lines.size());
  std::vector<std::size_t> owners(evaluation.lines.size());
  for (const tillkit::offers::Use& use : evaluation.uses) {
    if (use.lane != Lane::Item) continue;
    const bool covers = is_covering(made.document.offers[use.offer]);
    if (covers) covering.push_back(&use);
    std::vector<bool> touched(evaluation.lines.size());
    for (std::size_t i = use.first_take; i < use.first_take + use.takes; ++i) {
      taken[evaluation.takes[i].line] += evaluation.takes[i].count;
      touched[evaluation.takes[i].line] = true;
    }
    for (std::size_t line = 0; line < touched.size(); ++line) {
      if (!touched[line]) continue;
      ++uses[line];
      if (covers) ++owners[line];
    }
  }
  for (std::size_t line = 0; line < evaluation.lines.size(); ++line) {
    if (owners[line] > 1) return "two offers own a line";
    const std::size_t given = evaluation.lines[line].basket_line;
    const tillkit::offers::Line& goods = made.basket.lines[given];
    const std::int64_t units = goods.weighed ? 1 : goods.count;
    if (taken[line] == units || (policy.uses_per_line_max != 0 && uses[line] >= policy.uses_per_line_max)) continue;
    const std::int64_t price = evaluation.lines[line].initial / units;
    for (const tillkit::offers::Use* use : covering) {
      const Offer& offer = made.document.offers[use->offer];
      const auto* reduce = std::get_if<UnitPriceTo>(&offer.effect);
      if (reduce != nullptr && (goods.weighed || price <= reduce->price)) continue;
      if (in_scope(offer.scope, made.goods[given], price)) return "units are free that a covering offer fits";
    }
  }
  return {};
}

/// The same case, told in another order. Ids stay.
Case shuffled(Case made, Random& random) {
  shuffle(random, made.document.offers);
  for (Offer& offer : made.document.offers)
    shuffle(random, offer.scope);
  shuffle(random, made.basket.coupons);
  shuffle(random, made.basket.context.budgets);
  shuffle(random, made.basket.context.draws);

  std::vector<std::size_t> order(made.goods.size());
  for (std::size_t line = 0; line < order.size(); ++line)
    order[line] = line;
  shuffle(random, order);
  const Case before = made;
  for (std::size_t line = 0; line < order.size(); ++line) {
    made.basket.lines[line] = before.basket.lines[order[line]];
    made.goods[line] = before.goods[order[line]];
    shuffle(random, made.goods[line].categories);
    shuffle(random, made.goods[line].tags);
  }
  return made;
}

const char* name_of(Policy policy) {
  switch (policy) {
    case Policy::Best: return "best";
    case Policy::WeChat: return "wechat";
    case Policy::First: return "first";
    case Policy::Single: return "single";
  }
  return "?";
}

}  // namespace

TEST_CASE("a price does not depend on the order of offers, coupons and lines", "[offers]") {
  const CaseRange range = case_range(2'000);
  Random random(tillkit::test::seed());
  int broken = 0;
  for (std::uint64_t index = range.first; index < range.last && broken < kBrokenMax; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    Till other_till(shuffled(made, random));
    for (const Policy policy : kPolicies) {
      const std::string proof = till.json(policy);
      const std::string other_proof = other_till.json(policy);
      if (proof == other_proof) continue;
      ++broken;
      FAIL_CHECK("policy " << name_of(policy) << "\n" << proof << "\n" << other_proof << "\n" << describe(index, made));
    }
  }
}

TEST_CASE("a search that is cut short does not depend on the order either", "[offers]") {
  const CaseRange range = case_range(2'000);
  Random random(tillkit::test::seed());
  SearchOptions options;
  options.nodes_max = 20;
  for (std::uint64_t index = range.first; index < range.last; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    Till other_till(shuffled(made, random));
    const std::string proof = till.json(options);
    const std::string other_proof = other_till.json(options);
    if (proof != other_proof) FAIL(proof << "\n" << other_proof << "\n" << describe(index, made));
  }
}

TEST_CASE("each line has one owner and nothing that an offer covers is left, however short the search", "[offers]") {
  const CaseRange range = case_range(2'000);
  SearchOptions options;
  for (std::uint64_t index = range.first; index < range.last; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    for (const std::uint32_t nodes : {1U, 5U, 20U, 100U, 200'000U}) {
      options.nodes_max = nodes;
      const std::string law = broken_ownership(made, till.price(options));
      if (!law.empty())
        FAIL(law << " after " << nodes << " nodes\n" << till.json(options) << "\n" << describe(index, made));
    }
  }
}

TEST_CASE("rows and columns of every proof add up to the fen", "[offers]") {
  const CaseRange range = case_range(2'000);
  int broken = 0;
  for (std::uint64_t index = range.first; index < range.last && broken < kBrokenMax; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    for (const Policy policy : kPolicies) {
      const std::string law = broken_law(till.prove(policy), made.document);
      if (law.empty()) continue;
      ++broken;
      FAIL_CHECK("policy " << name_of(policy) << ": " << law << "\n"
                           << till.json(policy) << "\n"
                           << describe(index, made));
    }
  }
}

TEST_CASE("no other policy saves more than the best combination", "[offers]") {
  const CaseRange range = case_range(2'000);
  std::uint64_t better[4] = {};
  for (std::uint64_t index = range.first; index < range.last; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    const std::int64_t best = till.price().saved;
    for (const Policy policy : kPolicies) {
      const std::int64_t saved = till.price(policy).saved;
      if (saved > best) FAIL_CHECK("policy " << name_of(policy) << " saves more\n" << describe(index, made));
      if (saved < best) ++better[static_cast<std::size_t>(policy)];
    }
  }

  WARN("of " << range.last - range.first << " baskets the best combination saves more than wechat in " << better[1]
             << ", than first in " << better[2] << ", than single in " << better[3]);
  if (range.is_one()) return;
  CHECK(better[1] > 0);
  CHECK(better[2] > 0);
  CHECK(better[3] > 0);
}
