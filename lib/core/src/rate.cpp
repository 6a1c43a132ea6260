// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/rate.hpp"

#include <numeric>

#include "wide.hpp"

namespace tillkit::core {

Result<Rational> Rational::make(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) return fail(ErrorCode::InvalidArgument);
  const bool negative = (numerator < 0) != (denominator < 0) && numerator != 0;
  const std::uint64_t common = std::gcd(wide::magnitude(numerator), wide::magnitude(denominator));
  const std::uint64_t top = wide::magnitude(numerator) / common;
  const std::uint64_t bottom = wide::magnitude(denominator) / common;
  if (!wide::fits_signed(negative, top) || !wide::fits_signed(false, bottom)) return fail(ErrorCode::OutOfRange);
  return Rational(wide::to_signed(negative, top), wide::to_signed(false, bottom));
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  const bool a_negative = a.numerator_ < 0;
  const bool b_negative = b.numerator_ < 0;
  if (a_negative != b_negative) return a_negative ? std::strong_ordering::less : std::strong_ordering::greater;

  const auto left = wide::multiply(wide::magnitude(a.numerator_), wide::magnitude(b.denominator_));
  const auto right = wide::multiply(wide::magnitude(b.numerator_), wide::magnitude(a.denominator_));
  return a_negative ? right <=> left : left <=> right;
}

Result<Money> apply(BasisPoints rate, const Money& amount, Rounding rounding) {
  TILLKIT_TRY(const std::int64_t minor, multiply_divide(amount.minor, rate.value(), kWhole.value(), rounding));
  return Money{minor, amount.currency};
}

Result<Money> apply(const Rational& rate, const Money& amount, Rounding rounding) {
  TILLKIT_TRY(const std::int64_t minor, multiply_divide(amount.minor, rate.numerator(), rate.denominator(), rounding));
  return Money{minor, amount.currency};
}

}  // namespace tillkit::core
