// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// An amount in minor units (fen, cents) of one currency, negative for a refund. The default is 0 of no currency.
struct Money {
  std::int64_t minor = 0;
  Currency currency;

  [[nodiscard]] constexpr bool is_zero() const { return minor == 0; }
  [[nodiscard]] constexpr bool is_negative() const { return minor < 0; }
  [[nodiscard]] constexpr bool is_positive() const { return minor > 0; }

  /// Same amount in the same currency; 0 CNY is not 0 USD.
  friend constexpr bool operator==(const Money&, const Money&) = default;

  /// Orders amounts of one currency. Between two currencies there is no order: that is a broken invariant, not an
  /// answer. For amounts from outside use `compare`.
  friend constexpr std::strong_ordering operator<=>(const Money& a, const Money& b) {
    TILLKIT_ASSERT(a.currency == b.currency);
    return a.minor <=> b.minor;
  }
};

/// Orders two amounts, or fails with `InvalidArgument` where the currencies differ.
[[nodiscard]] Result<std::strong_ordering> compare(const Money& a, const Money& b);

/// Adds. `InvalidArgument`: the currencies differ. `OutOfRange`: the sum does not fit 64 bits.
[[nodiscard]] Result<Money> checked_add(const Money& a, const Money& b);

/// Subtracts. Fails as `checked_add` does.
[[nodiscard]] Result<Money> checked_subtract(const Money& a, const Money& b);

/// Turns a payment into its refund. `OutOfRange` for the one amount that has no mirror, -2^63.
[[nodiscard]] Result<Money> checked_negate(const Money& amount);

/// Multiplies by a count, which may be negative. `OutOfRange`: the product does not fit 64 bits.
[[nodiscard]] Result<Money> checked_multiply(const Money& amount, std::int64_t count);

/// Adds up a range of amounts, or of things that `amount_of` finds an amount in. An empty range is 0 of `currency`.
/// `InvalidArgument`: an amount in another currency. `OutOfRange`: a sum on the way does not fit 64 bits.
template <class Range, class AmountOf = std::identity>
[[nodiscard]] Result<Money> checked_sum(const Range& range, Currency currency, AmountOf amount_of = {}) {
  Money sum{0, currency};
  for (const auto& item : range) {
    auto next = checked_add(sum, std::invoke(amount_of, item));
    if (!next) return next;
    sum = *next;
  }
  return sum;
}

/// Reads an amount written as `format_amount` writes it: `12.30`, `-0.05`, `1200` where the currency has no minor unit.
/// Exactly the currency's digits; no sign `+`, no `-0.00`, no leading zeros, spaces or separators.
/// `InvalidArgument`: the byte offset. `OutOfRange`: does not fit 64 bits.
[[nodiscard]] Result<Money> parse_amount(std::string_view text, Currency currency);

/// Writes the amount in major units with exactly the currency's digits, without its name.
[[nodiscard]] std::string format_amount(const Money& amount);

}  // namespace tillkit::core
