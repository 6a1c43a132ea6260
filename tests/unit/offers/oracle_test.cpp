// SPDX-License-Identifier: Apache-2.0
#include "oracle.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "generator.hpp"
#include "money_laws.hpp"
#include "pricing.hpp"
#include "tillkit/test/seed.hpp"

namespace offers = tillkit::offers;
using namespace tillkit::offers;
using namespace tillkit::offers::oracle;

namespace {

oracle::Use to_oracle(const Till& till, const Evaluation& evaluation, const offers::Use& used) {
  const Basket& basket = till.basket();
  const auto line_id = [&](std::uint32_t line) { return basket.lines.at(evaluation.lines.at(line).basket_line).id; };
  oracle::Use use;
  use.offer = till.rules().document().offers.at(used.offer).id;
  if (used.coupon != kNoCoupon) use.coupon = basket.coupons.at(used.coupon).id;
  use.lane = used.lane;
  use.face = used.face;
  use.discount = used.discount;
  for (std::uint32_t i = 0; i < used.takes; ++i) {
    const offers::Take& take = evaluation.takes.at(used.first_take + i);
    use.takes.push_back({line_id(take.line), take.part, take.count});
  }
  for (std::uint32_t i = 0; i < used.shares; ++i) {
    const LineShare& share = evaluation.shares.at(used.first_share + i);
    use.shares.push_back({line_id(share.line), share.amount});
  }
  std::ranges::sort(use.takes, {}, [](const oracle::Take& take) { return std::tuple(take.line, take.part); });
  std::ranges::sort(use.shares, {}, &oracle::Share::line);
  return use;
}

std::vector<oracle::Use> money_uses(const Till& till, const Evaluation& evaluation) {
  std::vector<oracle::Use> uses;
  for (const offers::Use& use : evaluation.uses) {
    if (takes_money_off(till.rules().document().offers.at(use.offer).effect)) {
      uses.push_back(to_oracle(till, evaluation, use));
    }
  }
  return uses;
}

std::string text(const std::vector<oracle::Use>& uses) {
  std::string all;
  for (const oracle::Use& use : uses) {
    all += "    " + std::string(use.offer.view()) + " " + std::string(use.coupon.view()) + " face " +
           std::to_string(use.face) + " discount " + std::to_string(use.discount) + " takes";
    for (const oracle::Take& take : use.takes) {
      all += " " + std::to_string(take.count) + " of line " + std::to_string(take.line.value()) + " part " +
             std::to_string(take.part) + ",";
    }
    all += " shares";
    for (const oracle::Share& share : use.shares)
      all += " line " + std::to_string(share.line.value()) + ": " + std::to_string(share.amount) + ",";
    all += "\n";
  }
  return all;
}

/// Names the first thing that the engine and the oracle see differently, or nothing.
const char* compare(const Answer& answer, const Evaluation& evaluation, const std::vector<oracle::Use>& uses) {
  if (evaluation.list != answer.list) return "list";
  if (evaluation.saved != answer.saved) return "saved";
  if (evaluation.net != answer.list - answer.saved) return "net";
  if (!evaluation.proven) return "proven";
  if (evaluation.gap != 0) return "gap";
  if (uses != answer.uses) return "uses";
  if (evaluation.lines.size() != answer.lines.size()) return "number of lines";
  for (std::size_t line = 0; line < answer.lines.size(); ++line) {
    const PricedLine& priced = evaluation.lines[line];
    const oracle::Line& expected = answer.lines[line];
    if (priced.list != expected.list || priced.initial != expected.initial || priced.net != expected.net) {
      return "a line";
    }
  }
  return nullptr;
}

std::vector<std::int64_t> discounts_of(const ProofLine& line, const UnitBand& band, std::size_t uses) {
  std::vector<std::int64_t> discounts(uses);
  for (std::size_t i = 0; i < line.discounts.size(); ++i)
    discounts.at(line.discounts[i].use) += band.discounts.at(i);
  return discounts;
}

const char* compare_units(const oracle::Line& expected, const ProofLine& line, std::size_t uses) {
  std::size_t unit = 0;
  for (const UnitBand& band : line.bands) {
    for (std::int64_t i = 0; i < band.count; ++i, ++unit) {
      if (unit >= expected.units.size()) return "number of units";
      const oracle::Unit& of_oracle = expected.units[unit];
      if (band.list != of_oracle.list || band.net != of_oracle.net) return "a unit's price";
      if (discounts_of(line, band, uses) != of_oracle.discounts) return "a unit's discounts";
    }
  }
  return unit == expected.units.size() ? nullptr : "number of units";
}

std::vector<Extra> extras_of(const PriceProof& proof) {
  std::vector<Extra> extras;
  extras.reserve(proof.gifts.size() + proof.grants.size());
  for (const ProofGift& gift : proof.gifts)
    extras.push_back({gift.offer, gift.coupon});
  for (const ProofGrant& grant : proof.grants)
    extras.push_back({grant.offer, grant.coupon});
  return extras;
}

/// The gifts and grants among the extras that the oracle found: points have no row of their own.
std::vector<Extra> given(const RuleDocument& document, const Answer& answer) {
  std::vector<Extra> gifts;
  std::vector<Extra> grants;
  for (const Extra& extra : answer.extras) {
    const auto offer = std::ranges::find(document.offers, extra.offer, &Offer::id);
    if (std::holds_alternative<Gift>(offer->effect)) gifts.push_back(extra);
    if (std::holds_alternative<PointsGrant>(offer->effect)) grants.push_back(extra);
  }
  gifts.insert(gifts.end(), grants.begin(), grants.end());
  return gifts;
}

const char* compare(const Answer& answer, const PriceProof& proof, const RuleDocument& document) {
  if (proof.payable != answer.payable) return "payable";
  if (proof.points != answer.points) return "points";
  if (proof.uses.size() != answer.uses.size()) return "number of uses in the proof";
  if (extras_of(proof) != given(document, answer)) return "gifts and grants";
  for (std::size_t line = 0; line < answer.lines.size(); ++line) {
    if (proof.lines.at(line).tax != answer.lines[line].tax) return "tax";
    const char* wrong = compare_units(answer.lines[line], proof.lines[line], answer.uses.size());
    if (wrong != nullptr) return wrong;
  }
  return nullptr;
}

/// What the cases are like, so that a run that has become easy is seen.
struct Distribution {
  std::uint64_t cases = 0;
  std::uint64_t competing = 0;  ///< At least two uses that can be applied, and not all of them were.
  std::uint64_t several = 0;    ///< At least two uses applied.
  std::uint64_t taking = 0;     ///< At least two uses that take units applied.
  std::uint64_t limited = 0;    ///< A use was held below its face.
  std::uint64_t combinations = 0;

  void count(const Answer& answer) {
    const auto in_lane = [&](Lane lane) { return std::ranges::count(answer.uses, lane, &oracle::Use::lane); };
    const std::size_t chosen = answer.uses.size() - static_cast<std::size_t>(in_lane(Lane::Price));
    ++cases;
    competing += answer.choices >= 2 && chosen < answer.choices ? 1U : 0U;
    several += chosen >= 2 ? 1U : 0U;
    taking += in_lane(Lane::Item) >= 2 ? 1U : 0U;
    limited += std::ranges::any_of(answer.uses, [](const auto& use) { return use.discount < use.face; }) ? 1U : 0U;
    combinations += answer.combinations;
  }
};

/// A search that is cut short may miss something, but says how much, and what it found is a price.
const char* compare_cut_short(const Answer& answer, Till& till, const RuleDocument& document) {
  for (const std::uint32_t nodes_max : {1U, 7U, 60U}) {
    SearchOptions options;
    options.nodes_max = nodes_max;
    const Evaluation evaluation = till.price(options);
    if (evaluation.saved > answer.saved) return "saved, when cut short: too much";
    if (evaluation.gap < 0 || evaluation.saved + evaluation.gap < answer.saved) return "gap, when cut short";
    if (evaluation.proven && compare(answer, evaluation, money_uses(till, evaluation)) != nullptr) {
      return "proven, when cut short";
    }
    if (!broken_law(till.prove(options), document).empty()) return "the laws of money, when cut short";
  }
  return nullptr;
}

constexpr std::size_t kDifferingMax = 5;  // of which all is told

}  // namespace

TEST_CASE("the engine finds what trying everything finds", "[offers]") {
  const CaseRange range = case_range(2'000);
  Distribution distribution;
  std::vector<std::uint64_t> differing;
  for (std::uint64_t index = range.first; index < range.last; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    const Answer answer = ask(made.document, made.goods, made.basket);
    Till till(made);

    const Evaluation evaluation = till.price();
    const PriceProof proof = till.prove();

    const auto uses = money_uses(till, evaluation);
    const char* wrong = compare(answer, evaluation, uses);
    if (wrong == nullptr) wrong = compare(answer, proof, made.document);
    if (wrong == nullptr && till.price(Policy::Single).saved != answer.best_single) wrong = "the best single use";
    if (wrong == nullptr) wrong = compare_cut_short(answer, till, made.document);
    if (wrong != nullptr) differing.push_back(index);
    if ((wrong != nullptr && differing.size() <= kDifferingMax) || range.is_one()) {
      INFO(describe(index, made) << "  by trying all: saved " << answer.saved << "\n"
                                 << text(answer.uses) << "  by the engine: saved " << evaluation.saved << " proven "
                                 << evaluation.proven << " gap " << evaluation.gap << "\n"
                                 << text(uses));
      if (range.is_one()) WARN("the case that was asked for");
      if (wrong != nullptr) FAIL_CHECK("differs in: " << wrong);
    }
    distribution.count(answer);
  }

  CAPTURE(tillkit::test::seed(), differing);
  CHECK(differing.empty());
  WARN(distribution.cases << " cases: " << distribution.competing << " with uses that compete, " << distribution.several
                          << " with several uses, " << distribution.taking << " where several take units, "
                          << distribution.limited << " with a use held below its face, " << distribution.combinations
                          << " combinations");
  if (!range.is_one() && distribution.cases >= 1'000) {
    CHECK(distribution.competing * 10 > distribution.cases * 3);
    CHECK(distribution.several * 10 > distribution.cases * 3);
    CHECK(distribution.taking * 20 > distribution.cases);
  }
}
