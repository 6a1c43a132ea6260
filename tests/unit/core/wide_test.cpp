// SPDX-License-Identifier: Apache-2.0
#include "wide.hpp"

#include <array>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/seed.hpp"

using namespace tillkit::core::wide;

namespace {

using Digits = std::array<std::uint32_t, 9>;  // base 2^16, lowest first, one to spare for the carry

Digits digits_of(std::uint64_t value) {
  Digits digits{};
  for (std::size_t i = 0; i < 4; ++i)
    digits[i] = static_cast<std::uint32_t>(value >> (16 * i) & 0xFFFF);
  return digits;
}

/// As on paper, digit by digit: a * b + c.
Digits on_paper(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const Digits left = digits_of(a);
  const Digits right = digits_of(b);
  Digits sum = digits_of(c);
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; i + j < sum.size(); ++j) {
      const std::uint64_t digit = (j < 4 ? std::uint64_t{left[i]} * right[j] : 0) + sum[i + j] + carry;
      sum[i + j] = static_cast<std::uint32_t>(digit & 0xFFFF);
      carry = digit >> 16;
    }
  }
  return sum;
}

Digits digits_of(const Wide& value) {
  Digits digits = digits_of(value.low);
  const Digits high = digits_of(value.high);
  for (std::size_t i = 0; i < 4; ++i)
    digits[i + 4] = high[i];
  return digits;
}

}  // namespace

TEST_CASE("wide products are those of multiplication on paper", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t a = random() >> (random() % 64);
    const std::uint64_t b = random() >> (random() % 64);
    if (digits_of(multiply(a, b)) != on_paper(a, b, 0)) FAIL(a << " * " << b);
  }
  CHECK(multiply(UINT64_MAX, UINT64_MAX) == Wide{UINT64_MAX - 1, 1});
  CHECK(multiply(0, UINT64_MAX) == Wide{0, 0});
}

TEST_CASE("quotient times divisor plus remainder is the number again", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t divisor = (random() >> (random() % 64)) | 1U;
    const Wide number{random() % divisor, random()};
    const Quotient result = divide(number, divisor);
    const bool exact = on_paper(result.quotient, divisor, result.remainder) == digits_of(number);
    if (!exact || result.remainder >= divisor) FAIL(number.high << ':' << number.low << " / " << divisor);
  }
  const Quotient largest = divide(Wide{UINT64_MAX - 1, UINT64_MAX}, UINT64_MAX);
  CHECK(largest.quotient == UINT64_MAX);
  CHECK(largest.remainder == UINT64_MAX - 1);
}

TEST_CASE("the least number has a magnitude and gets its sign back", "[core]") {
  CHECK(magnitude(INT64_MIN) == std::uint64_t{1} << 63);
  CHECK(to_signed(true, std::uint64_t{1} << 63) == INT64_MIN);
  CHECK(to_signed(false, INT64_MAX) == INT64_MAX);
  CHECK_FALSE(fits_signed(false, std::uint64_t{1} << 63));
  CHECK_FALSE(fits_signed(true, (std::uint64_t{1} << 63) + 1));
}
