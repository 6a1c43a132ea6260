// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generator.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::offers::oracle {

/// The engine with the rules and the basket of a case. What it refuses fails the test.
class Till {
 public:
  explicit Till(const Case& made);

  [[nodiscard]] Evaluation price(const SearchOptions& options);
  [[nodiscard]] PriceProof prove(const SearchOptions& options);
  [[nodiscard]] std::string json(const SearchOptions& options);

  [[nodiscard]] Evaluation price(Policy policy = Policy::Best) { return price(SearchOptions{policy}); }
  [[nodiscard]] PriceProof prove(Policy policy = Policy::Best) { return prove(SearchOptions{policy}); }
  [[nodiscard]] std::string json(Policy policy = Policy::Best) { return json(SearchOptions{policy}); }

  [[nodiscard]] const RuleSet& rules() const { return rules_; }
  [[nodiscard]] const Basket& basket() const { return basket_; }

 private:
  RuleSet rules_;
  Basket basket_;
  Evaluator evaluator_;
};

/// Cases to run: TILLKIT_OFFERS_CASES says how many, TILLKIT_OFFERS_CASE that it is this one alone.
struct CaseRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< Not included.

  [[nodiscard]] bool is_one() const { return last == first + 1; }
};
[[nodiscard]] CaseRange case_range(std::uint64_t count);

/// `case 17 of seed 20261121`, and the case in words.
[[nodiscard]] std::string describe(std::uint64_t index, const Case& made);

inline constexpr Policy kPolicies[] = {Policy::Best, Policy::WeChat, Policy::First, Policy::Single};

}  // namespace tillkit::offers::oracle
