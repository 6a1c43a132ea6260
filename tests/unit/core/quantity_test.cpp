// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/quantity.hpp"

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

using namespace tillkit::core;

namespace {

Quantity pieces(std::int64_t count) {
  return must(Quantity::pieces(count));
}
Quantity grams(std::int64_t count) {
  return must(Quantity::grams(count));
}

}  // namespace

TEST_CASE("quantities of one unit add, subtract and multiply", "[core]") {
  CHECK(must(checked_add(pieces(2), pieces(3))) == pieces(5));
  CHECK(must(checked_subtract(grams(500), grams(500))) == grams(0));
  CHECK(must(checked_multiply(grams(250), 4)) == grams(1'000));
  CHECK(pieces(2) < pieces(3));
}

TEST_CASE("pieces and grams do not mix", "[core]") {
  CHECK(failed_with(checked_add(pieces(1), grams(1)), ErrorCode::InvalidArgument));
  CHECK(failed_with(checked_subtract(pieces(1), grams(1)), ErrorCode::InvalidArgument));
  CHECK(pieces(0) != grams(0));
}

TEST_CASE("a quantity stays between nothing and its limit", "[core]") {
  CHECK(failed_with(Quantity::pieces(-1), ErrorCode::OutOfRange));
  CHECK(pieces(kPiecesMax).count() == kPiecesMax);
  CHECK(failed_with(Quantity::pieces(kPiecesMax + 1), ErrorCode::OutOfRange));
  CHECK(grams(kGramsMax).count() == kGramsMax);
  CHECK(failed_with(Quantity::grams(kGramsMax + 1), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_add(pieces(kPiecesMax), pieces(1)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_subtract(pieces(1), pieces(2)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_multiply(pieces(1), -1), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_multiply(pieces(0), -1), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_multiply(pieces(2), INT64_MAX), ErrorCode::OutOfRange));
}

TEST_CASE("goods by weight cost their part of the price, rounded once", "[core]") {
  const Money price_500g{1'280, kCny};

  CHECK(must(cost_of(grams(333), price_500g, grams(500), Rounding::HalfUp)) == Money{852, kCny});  // 852.48
  CHECK(must(cost_of(grams(333), price_500g, grams(500), Rounding::Ceil)) == Money{853, kCny});
  CHECK(must(cost_of(pieces(3), Money{350, kCny}, pieces(1), Rounding::HalfUp)) == Money{1'050, kCny});
  CHECK(failed_with(cost_of(pieces(3), price_500g, grams(500), Rounding::HalfUp), ErrorCode::InvalidArgument));
  CHECK(failed_with(cost_of(grams(3), price_500g, grams(0), Rounding::HalfUp), ErrorCode::InvalidArgument));
  CHECK(failed_with(cost_of(pieces(2), Money{INT64_MAX, kCny}, pieces(1), Rounding::HalfUp), ErrorCode::OutOfRange));
}
