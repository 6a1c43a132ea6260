// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/money.hpp"

#include <charconv>
#include <cstddef>

#include "tillkit/core/id.hpp"
#include "wide.hpp"

namespace tillkit::core {

Result<Currency> find_currency(std::string_view alpha) {
  for (std::size_t row = 1; row < kCurrencyRows.size(); ++row) {
    if (Currency(row).alpha() == alpha) return Currency(row);
  }
  return fail(ErrorCode::NotFound);
}

Result<Currency> find_currency(std::uint16_t numeric) {
  for (std::size_t row = 1; row < kCurrencyRows.size(); ++row) {
    if (kCurrencyRows[row].numeric == numeric) return Currency(row);
  }
  return fail(ErrorCode::NotFound);
}

Result<std::strong_ordering> compare(const Money& a, const Money& b) {
  if (a.currency != b.currency) return fail(ErrorCode::InvalidArgument);
  return a <=> b;
}

Result<Money> checked_add(const Money& a, const Money& b) {
  if (a.currency != b.currency) return fail(ErrorCode::InvalidArgument);
  Money sum{0, a.currency};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) return fail(ErrorCode::OutOfRange);
  return sum;
}

Result<Money> checked_subtract(const Money& a, const Money& b) {
  if (a.currency != b.currency) return fail(ErrorCode::InvalidArgument);
  Money difference{0, a.currency};
  if (__builtin_sub_overflow(a.minor, b.minor, &difference.minor)) return fail(ErrorCode::OutOfRange);
  return difference;
}

Result<Money> checked_negate(const Money& amount) {
  return checked_subtract(Money{0, amount.currency}, amount);
}

Result<Money> checked_multiply(const Money& amount, std::int64_t count) {
  Money product{0, amount.currency};
  if (__builtin_mul_overflow(amount.minor, count, &product.minor)) return fail(ErrorCode::OutOfRange);
  return product;
}

Result<Money> parse_amount(std::string_view text, Currency currency) {
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  std::uint64_t size = 0;
  std::size_t at = start;
  const auto read_digit = [&] {
    const auto digit = static_cast<std::uint64_t>(text[at++] - '0');
    return !__builtin_mul_overflow(size, std::uint64_t{10}, &size) && !__builtin_add_overflow(size, digit, &size);
  };

  bool fits = true;
  while (at < text.size() && is_digit_char(text[at]))
    fits = read_digit() && fits;
  if (at == start) return fail_at(at);
  if (text[start] == '0' && at > start + 1) return fail_at(start);
  if (currency.exponent() > 0) {
    if (at == text.size() || text[at] != '.') return fail_at(at);
    ++at;
    for (std::size_t digit = 0; digit < currency.exponent(); ++digit) {
      if (at == text.size() || !is_digit_char(text[at])) return fail_at(at);
      fits = read_digit() && fits;
    }
  }
  if (at != text.size()) return fail_at(at);
  if (!fits || !wide::fits_signed(start == 1, size)) return fail(ErrorCode::OutOfRange);
  if (start == 1 && size == 0) return fail_at(0);
  return Money{wide::to_signed(start == 1, size), currency};
}

std::string format_amount(const Money& amount) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), wide::magnitude(amount.minor)).ptr;
  std::string text(digits, end);
  const std::size_t exponent = amount.currency.exponent();
  if (exponent > 0) {
    if (text.size() <= exponent) text.insert(0, exponent + 1 - text.size(), '0');
    text.insert(text.size() - exponent, 1, '.');
  }
  if (amount.is_negative()) text.insert(0, 1, '-');
  return text;
}

}  // namespace tillkit::core
