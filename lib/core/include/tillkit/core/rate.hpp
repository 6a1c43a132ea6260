// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <numeric>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::core {

/// A rate in hundredths of a percent: 10,000 is the whole, 8,800 is 12 % off. May be negative or above the whole.
class BasisPoints {
 public:
  constexpr BasisPoints() = default;
  explicit constexpr BasisPoints(std::int32_t value) : value_(value) {}

  [[nodiscard]] constexpr std::int32_t value() const { return value_; }

  friend constexpr auto operator<=>(BasisPoints, BasisPoints) = default;

 private:
  std::int32_t value_ = 0;
};

inline constexpr BasisPoints kWhole{10'000};

/// An exact rate, for what basis points cannot say (one third, an exchange rate). Always reduced, denominator positive,
/// so that equal rates are equal values. The default is 0/1.
class Rational {
 public:
  constexpr Rational() = default;
  explicit constexpr Rational(BasisPoints rate) {
    const std::int32_t common = std::gcd(rate.value(), kWhole.value());
    numerator_ = rate.value() / common;
    denominator_ = kWhole.value() / common;
  }

  /// Reduces the sign and common factors. `InvalidArgument`: the denominator is 0.
  /// `OutOfRange`: -2^63 is in the way of moving the sign to the numerator.
  [[nodiscard]] static Result<Rational> make(std::int64_t numerator, std::int64_t denominator);

  [[nodiscard]] constexpr std::int64_t numerator() const { return numerator_; }
  [[nodiscard]] constexpr std::int64_t denominator() const { return denominator_; }

  friend constexpr bool operator==(const Rational&, const Rational&) = default;
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

 private:
  constexpr Rational(std::int64_t numerator, std::int64_t denominator)
      : numerator_(numerator), denominator_(denominator) {}

  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

/// Takes a share of an amount, rounded once to minor units. `OutOfRange`: the share does not fit 64 bits.
[[nodiscard]] Result<Money> apply(BasisPoints rate, const Money& amount, Rounding rounding);
[[nodiscard]] Result<Money> apply(const Rational& rate, const Money& amount, Rounding rounding);

}  // namespace tillkit::core
