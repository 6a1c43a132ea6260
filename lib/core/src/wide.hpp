// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "tillkit/core/assert.hpp"

// 128-bit arithmetic on two words: 32-bit ARM has no wider type than 64 bits.
namespace tillkit::core::wide {

struct Wide {
  std::uint64_t high;
  std::uint64_t low;

  friend constexpr auto operator<=>(const Wide&, const Wide&) = default;
};

struct Quotient {
  std::uint64_t quotient;
  std::uint64_t remainder;
};

constexpr Wide multiply(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kLowHalf = 0xFFFF'FFFF;
  const std::uint64_t low = (a & kLowHalf) * (b & kLowHalf);
  const std::uint64_t cross1 = (a >> 32) * (b & kLowHalf) + (low >> 32);
  const std::uint64_t cross2 = (a & kLowHalf) * (b >> 32) + (cross1 & kLowHalf);
  const std::uint64_t high = (a >> 32) * (b >> 32) + (cross1 >> 32) + (cross2 >> 32);
  return {high, (cross2 << 32) | (low & kLowHalf)};
}

/// Divides where the quotient fits one word, that is `numerator.high < denominator`.
constexpr Quotient divide(const Wide& numerator, std::uint64_t denominator) {
  TILLKIT_ASSERT(numerator.high < denominator);
  if (numerator.high == 0) return {numerator.low / denominator, numerator.low % denominator};

  std::uint64_t quotient = 0;
  std::uint64_t remainder = numerator.high;
  for (int bit = 63; bit >= 0; --bit) {
    const bool carry = (remainder >> 63) != 0;
    remainder = (remainder << 1) | ((numerator.low >> bit) & 1U);
    quotient <<= 1;
    if (carry || remainder >= denominator) {
      remainder -= denominator;  // with the carry the true value is 2^64 more: the wrap takes it off
      quotient |= 1U;
    }
  }
  return {quotient, remainder};
}

/// The size of a number without its sign, also of -2^63.
constexpr std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// Whether a sign and a magnitude fit a signed word.
constexpr bool fits_signed(bool negative, std::uint64_t size) {
  return size <= (negative ? std::uint64_t{1} << 63 : (std::uint64_t{1} << 63) - 1);
}

/// Puts the sign back. The value must fit.
constexpr std::int64_t to_signed(bool negative, std::uint64_t size) {
  TILLKIT_ASSERT(fits_signed(negative, size));
  return static_cast<std::int64_t>(negative ? 0 - size : size);
}

}  // namespace tillkit::core::wide
