// SPDX-License-Identifier: Apache-2.0
#include <csetjmp>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"

using namespace tillkit::core;

namespace {

std::jmp_buf back_to_test;
std::string broken;

// Nothing can be thrown through code that is built without exceptions.
void note_and_return(const AssertFailure& failure) {
  broken = failure.expression;
  std::longjmp(back_to_test, 1);
}

/// Whether the call breaks an invariant; it must own nothing, its frame is left without a word.
template <class Call>
bool breaks_invariant(Call call) {
  const AssertHandler before = set_assert_handler(&note_and_return);
  broken.clear();
  if (setjmp(back_to_test) == 0) call();
  set_assert_handler(before);
  return !broken.empty();
}

Result<std::vector<int>> three_lines() {
  return std::vector{1, 2, 3};
}

}  // namespace

TEST_CASE("ordering amounts of two currencies, or pieces and grams, is a broken invariant", "[core]") {
  static bool less = false;
  static const Money yuan{100, kCny};
  static const Money dollars{1, kUsd};
  static const Quantity pieces = must(Quantity::pieces(1));
  static const Quantity grams = must(Quantity::grams(1));

  CHECK(breaks_invariant([] { less = yuan < dollars; }));
  CHECK(broken == "a.currency == b.currency");
  CHECK(breaks_invariant([] { less = pieces < grams; }));
  CHECK_FALSE(breaks_invariant([] { less = yuan <= yuan; }));
  CHECK(less);
}

TEST_CASE("the value of a result that is passing by can be looped over", "[core]") {
  int sum = 0;

  for (const int line : *three_lines())
    sum += line;

  CHECK(sum == 6);
}
