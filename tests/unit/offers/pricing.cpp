// SPDX-License-Identifier: Apache-2.0
#include "pricing.hpp"

#include <cstdlib>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/seed.hpp"

namespace tillkit::offers::oracle {
namespace {

RuleSet compile(const Case& made) {
  RuleMistake mistake;
  auto rules = RuleSet::compile(made.document, mistake);
  if (!rules) {
    FAIL("offer " << mistake.offer << ", " << mistake.member << ": expected " << mistake.expected << "\n"
                  << describe(made));
  }
  return *std::move(rules);
}

Basket classify(const Case& made, RuleSet& rules) {
  Basket basket = made.basket;
  for (std::size_t line = 0; line < basket.lines.size(); ++line) {
    const auto goods = rules.classify(made.goods[line]);
    if (!goods) FAIL("the goods of a line have no class\n" << describe(made));
    basket.lines[line].goods = *goods;
  }
  return basket;
}

}  // namespace

Till::Till(const Case& made) : rules_(compile(made)), basket_(classify(made, rules_)), evaluator_(rules_) {}

Evaluation Till::price(const SearchOptions& options) {
  Evaluation evaluation;
  const auto outcome = evaluator_.evaluate(basket_, options, evaluation);
  if (!outcome) FAIL("the basket was refused with code " << static_cast<int>(outcome.error().code));
  return evaluation;
}

PriceProof Till::prove(const SearchOptions& options) {
  auto proof = make_proof(rules_, basket_, options, price(options));
  if (!proof) FAIL("no proof was made, code " << static_cast<int>(proof.error().code));
  return *std::move(proof);
}

std::string Till::json(const SearchOptions& options) {
  auto text = to_json(prove(options));
  if (!text) FAIL("the proof has no JSON text, code " << static_cast<int>(text.error().code));
  return *std::move(text);
}

CaseRange case_range(std::uint64_t count) {
  const char* const one = std::getenv("TILLKIT_OFFERS_CASE");
  if (one != nullptr && *one != '\0') {
    const std::uint64_t index = std::strtoull(one, nullptr, 0);
    return {index, index + 1};
  }
  const char* const all = std::getenv("TILLKIT_OFFERS_CASES");
  if (all != nullptr && *all != '\0') return {0, std::strtoull(all, nullptr, 0)};
  return {0, count};
}

std::string describe(std::uint64_t index, const Case& made) {
  return "case " + std::to_string(index) + " of seed " + std::to_string(test::seed()) + "\n" + describe(made);
}

}  // namespace tillkit::offers::oracle
