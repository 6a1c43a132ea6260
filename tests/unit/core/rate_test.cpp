// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/rate.hpp"

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

using namespace tillkit::core;

TEST_CASE("a rate is taken of an amount and rounded once", "[core]") {
  const Money price{1'999, kCny};

  CHECK(must(apply(BasisPoints{8'800}, price, Rounding::HalfUp)) == Money{1'759, kCny});  // 1759.12
  CHECK(must(apply(BasisPoints{8'800}, price, Rounding::Ceil)) == Money{1'760, kCny});
  CHECK(must(apply(kWhole, price, Rounding::HalfUp)) == price);
  CHECK(must(apply(must(Rational::make(1, 3)), price, Rounding::HalfUp)) == Money{666, kCny});
  CHECK(must(apply(must(Rational::make(-1, 3)), price, Rounding::HalfUp)) == Money{-666, kCny});
  CHECK(failed_with(apply(BasisPoints{10'001}, Money{INT64_MAX, kCny}, Rounding::Floor), ErrorCode::OutOfRange));
}

TEST_CASE("equal rationals are equal values", "[core]") {
  CHECK(must(Rational::make(2, 4)) == must(Rational::make(-1, -2)));
  CHECK(must(Rational::make(0, -7)) == Rational{});
  CHECK(Rational(BasisPoints{8'800}) == must(Rational::make(22, 25)));
  CHECK(Rational(BasisPoints{-50}) == must(Rational::make(-1, 200)));
  CHECK(must(Rational::make(6, -4)).numerator() == -3);
  CHECK(must(Rational::make(6, -4)).denominator() == 2);
}

TEST_CASE("rationals order by their value", "[core]") {
  const Rational third = must(Rational::make(1, 3));
  CHECK(third < must(Rational::make(1, 2)));
  CHECK(must(Rational::make(-1, 2)) < must(Rational::make(-1, 3)));
  CHECK(must(Rational::make(-1, 3)) < third);
  CHECK(must(Rational::make(INT64_MAX - 1, INT64_MAX)) < must(Rational::make(1, 1)));
  CHECK(must(Rational::make(INT64_MAX - 2, INT64_MAX - 1)) < must(Rational::make(INT64_MAX - 1, INT64_MAX)));
}

TEST_CASE("a rational whose sign cannot be moved is out of range", "[core]") {
  CHECK(failed_with(Rational::make(1, 0), ErrorCode::InvalidArgument));
  CHECK(failed_with(Rational::make(INT64_MIN, -1), ErrorCode::OutOfRange));
  CHECK(failed_with(Rational::make(1, INT64_MIN), ErrorCode::OutOfRange));
  CHECK(must(Rational::make(INT64_MIN, INT64_MIN)) == must(Rational::make(1, 1)));
  CHECK(must(Rational::make(INT64_MIN, 2)).numerator() == INT64_MIN / 2);
}
