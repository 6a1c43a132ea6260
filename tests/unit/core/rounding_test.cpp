// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/rounding.hpp"

#include <array>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;

namespace {

constexpr std::array kRoundings{Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil,
                                Rounding::TowardZero};

/// Tries every whole number around the quotient and picks by the words of the definition.
std::int64_t slow_divide(std::int64_t numerator, std::int64_t denominator, Rounding rounding) {
  std::int64_t below = -200;
  while ((below + 1) * denominator <= numerator)
    ++below;
  const std::int64_t above = below * denominator == numerator ? below : below + 1;
  const std::int64_t to_below = numerator - below * denominator;
  const std::int64_t to_above = above * denominator - numerator;
  const std::int64_t nearer_zero = numerator < 0 ? above : below;
  const std::int64_t further_from_zero = numerator < 0 ? below : above;
  if (rounding == Rounding::Floor) return below;
  if (rounding == Rounding::Ceil) return above;
  if (rounding == Rounding::TowardZero) return nearer_zero;
  if (to_below != to_above) return to_below < to_above ? below : above;
  if (rounding == Rounding::HalfUp) return further_from_zero;
  return below % 2 == 0 ? below : above;
}

}  // namespace

TEST_CASE("each rounding does what its name says on both sides of zero", "[core]") {
  struct Case {
    std::int64_t tenths;
    std::array<std::int64_t, 5> rounded;  // in the order of kRoundings
  };
  for (const auto& [tenths, rounded] : {
           Case{25, {3, 2, 2, 3, 2}},
           Case{35, {4, 4, 3, 4, 3}},
           Case{24, {2, 2, 2, 3, 2}},
           Case{26, {3, 3, 2, 3, 2}},
           Case{20, {2, 2, 2, 2, 2}},
           Case{0, {0, 0, 0, 0, 0}},
           Case{5, {1, 0, 0, 1, 0}},
           Case{-5, {-1, 0, -1, 0, 0}},
           Case{-24, {-2, -2, -3, -2, -2}},
           Case{-25, {-3, -2, -3, -2, -2}},
           Case{-26, {-3, -3, -3, -2, -2}},
           Case{-35, {-4, -4, -4, -3, -3}},
       }) {
    for (std::size_t i = 0; i < kRoundings.size(); ++i) {
      CAPTURE(tenths, to_string(kRoundings[i]));
      CHECK(must(divide(tenths, 10, kRoundings[i])) == rounded[i]);
    }
  }
  CHECK(must(divide_half_up(-25, 10)) == -3);
  CHECK(must(divide_half_even(25, 10)) == 2);
  CHECK(must(divide_floor(-21, 10)) == -3);
  CHECK(must(divide_ceil(-29, 10)) == -2);
  CHECK(must(divide_toward_zero(-29, 10)) == -2);
}

TEST_CASE("small quotients round as a search over all whole numbers says", "[core]") {
  for (std::int64_t numerator = -150; numerator <= 150; ++numerator) {
    for (std::int64_t denominator = 1; denominator <= 40; ++denominator) {
      for (const Rounding rounding : kRoundings) {
        const auto rounded = divide(numerator, denominator, rounding);
        if (!rounded || *rounded != slow_divide(numerator, denominator, rounding)) {
          FAIL(numerator << " / " << denominator << ' ' << to_string(rounding));
        }
      }
    }
  }
}

TEST_CASE("a product above 64 bits is exact until it is divided", "[core]") {
  CHECK(must(multiply_divide(INT64_MAX, INT64_MAX, INT64_MAX, Rounding::Floor)) == INT64_MAX);
  CHECK(must(multiply_divide(INT64_MIN, INT64_MAX, INT64_MAX, Rounding::Ceil)) == INT64_MIN);
  CHECK(must(multiply_divide(INT64_MIN, 1, 1, Rounding::HalfUp)) == INT64_MIN);
  // 2^62 * 10^4 / (10^4 - 1) by long division: 2^62 + 461214723315070.29...
  CHECK(must(multiply_divide(std::int64_t{1} << 62, 10'000, 9'999, Rounding::Floor)) == 4'612'147'233'150'702'974);
  CHECK(failed_with(multiply_divide(INT64_MAX, 2, 1, Rounding::Floor), ErrorCode::OutOfRange));
  CHECK(failed_with(multiply_divide(INT64_MIN, -1, 1, Rounding::Floor), ErrorCode::OutOfRange));
  CHECK(failed_with(multiply_divide(INT64_MIN, INT64_MIN, 1, Rounding::Floor), ErrorCode::OutOfRange));
  CHECK(must(multiply_divide(INT64_MAX, 3, 6, Rounding::HalfUp)) == (std::int64_t{1} << 62));
}

TEST_CASE("only rounding up can make a result too large", "[core]") {
  // (2^63 - 1) + 1/2: 2^64 - 1 halves.
  CHECK(must(multiply_divide(INT64_MAX, 1, 1, Rounding::Ceil)) == INT64_MAX);
  // 18446744073709551615 / 2 = 3 * 6148914691236517205 / 2 = 2^63 - 1/2
  CHECK(must(multiply_divide(6'148'914'691'236'517'205, 3, 2, Rounding::Floor)) == INT64_MAX);
  CHECK(failed_with(multiply_divide(6'148'914'691'236'517'205, 3, 2, Rounding::HalfUp), ErrorCode::OutOfRange));
  CHECK(must(multiply_divide(6'148'914'691'236'517'205, -3, 2, Rounding::HalfUp)) == INT64_MIN);
}

TEST_CASE("a denominator that is not positive is refused", "[core]") {
  CHECK(failed_with(divide(1, 0, Rounding::HalfUp), ErrorCode::InvalidArgument));
  CHECK(failed_with(divide(1, -1, Rounding::HalfUp), ErrorCode::InvalidArgument));
}

TEST_CASE("a refund mirrors its payment under the symmetric roundings", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t a = static_cast<std::int64_t>(random()) >> (1 + random() % 62);
    const std::int64_t b = static_cast<std::int64_t>(random()) >> (1 + random() % 62);
    const std::int64_t denominator = 1 + static_cast<std::int64_t>(random() >> (1 + random() % 62));
    for (const Rounding rounding : {Rounding::HalfUp, Rounding::HalfEven, Rounding::TowardZero}) {
      const auto there = multiply_divide(a, b, denominator, rounding);
      const auto back = multiply_divide(-a, b, denominator, rounding);
      const bool mirrors = there && back ? *there == -*back : there.has_value() == back.has_value();
      if (!mirrors && !(back && *back == INT64_MIN)) FAIL(a << " * " << b << " / " << denominator);
    }
    const auto floor = multiply_divide(a, b, denominator, Rounding::Floor);
    const auto ceil = multiply_divide(-a, b, denominator, Rounding::Ceil);
    if (floor && ceil && *floor != -*ceil) FAIL(a << " * " << b << " / " << denominator);
  }
}

TEST_CASE("cash rounds to the coins that there are", "[core]") {
  CHECK(must(round_to_multiple(Money{1'234, kCny}, 10, Rounding::HalfUp)) == Money{1'230, kCny});
  CHECK(must(round_to_multiple(Money{1'235, kCny}, 10, Rounding::HalfUp)) == Money{1'240, kCny});
  CHECK(must(round_to_multiple(Money{1'239, kCny}, 10, Rounding::TowardZero)) == Money{1'230, kCny});
  CHECK(must(round_to_multiple(Money{1'232, Currency::of("CHF")}, 5, Rounding::HalfUp)).minor == 1'230);
  CHECK(must(round_to_multiple(Money{1'233, Currency::of("CHF")}, 5, Rounding::HalfUp)).minor == 1'235);
  CHECK(must(round_to_multiple(-1'235, 10, Rounding::HalfUp)) == -1'240);
  CHECK(must(round_to_multiple(-1'235, 10, Rounding::Ceil)) == -1'230);
  CHECK(failed_with(round_to_multiple(1, 0, Rounding::HalfUp), ErrorCode::InvalidArgument));
  CHECK(failed_with(round_to_multiple(INT64_MAX, 10, Rounding::Ceil), ErrorCode::OutOfRange));
}
