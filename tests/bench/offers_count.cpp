// SPDX-License-Identifier: Apache-2.0
// Prices made-up baskets so many times, for count_instructions.sh:
//   offers_count LINES OFFERS COUPONS TIMES
#include <array>
#include <cstdio>
#include <cstdlib>

#include "made_up_shop.hpp"
#include "tillkit/offers/evaluate.hpp"

int main(int argument_count, char** arguments) {
  if (argument_count != 5) {
    std::fputs("usage: offers_count LINES OFFERS COUPONS TIMES\n", stderr);
    return 2;
  }
  const auto number = [&](int index) { return static_cast<std::size_t>(std::atoll(arguments[index])); };
  const tillkit::bench::Shop shop = tillkit::bench::make_shop({number(1), number(2), number(3)});
  tillkit::offers::Evaluator evaluator(shop.rules.front());
  tillkit::offers::Evaluation evaluation;
  std::int64_t saved = 0;
  for (std::size_t i = 0; i < number(4); ++i) {
    if (!evaluator.evaluate(shop.baskets[i % tillkit::bench::kBaskets], {}, evaluation)) return 1;
    saved += evaluation.saved;
  }
  std::printf("%lld\n", static_cast<long long>(saved));
  return 0;
}
