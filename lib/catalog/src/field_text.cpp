// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "tillkit/catalog/limits.hpp"
#include "tillkit/core/id.hpp"

namespace tillkit::catalog {
namespace {

constexpr std::string_view kAround = " \t";

/// Digits as a number up to `max`; above it `max + 1`. Nothing if there is another character, no digit, or a 0 in
/// front.
std::optional<std::int64_t> read_number(std::string_view digits, std::int64_t max) {
  if (digits.empty() || !std::ranges::all_of(digits, core::is_digit_char)) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  std::int64_t number = 0;
  for (const char c : digits) {
    number = number * 10 + (c - '0');
    if (number > max) return max + 1;
  }
  return number;
}

struct Decimal {
  std::int64_t units = 0;  ///< In the last of the decimals asked for.
  bool too_fine = false;
};

/// A decimal number with at most `decimals` behind the point; above `max` of these `max + 1`.
std::optional<Decimal> read_decimal(std::string_view text, std::size_t decimals, std::int64_t max) {
  const std::size_t point = text.find('.');
  const auto whole = read_number(text.substr(0, point), max);
  if (!whole) return std::nullopt;
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty() || !std::ranges::all_of(fraction, core::is_digit_char)) return std::nullopt;
  }
  if (fraction.size() > decimals) return Decimal{0, true};
  std::int64_t units = *whole;
  for (std::size_t i = 0; i < decimals && units <= max; ++i)
    units = units * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return Decimal{std::min(units, max + 1), false};
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

Reading<std::int64_t> read_price(std::string_view text, core::Currency currency) {
  const bool negative = text.starts_with('-');
  const auto decimal = read_decimal(text.substr(negative ? 1 : 0), currency.exponent(), kPriceMinorMax);
  if (!decimal) return std::unexpected(Reason::PriceInvalid);
  if (negative) return std::unexpected(Reason::PriceNegative);
  if (decimal->too_fine) return std::unexpected(Reason::PriceDecimals);
  if (decimal->units > kPriceMinorMax) return std::unexpected(Reason::PriceTooHigh);
  return decimal->units;
}

Reading<std::int64_t> read_price_minor(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto number = read_number(text.substr(negative ? 1 : 0), kPriceMinorMax);
  if (!number) return std::unexpected(Reason::PriceInvalid);
  if (negative) return std::unexpected(Reason::PriceNegative);
  if (*number > kPriceMinorMax) return std::unexpected(Reason::PriceTooHigh);
  return *number;
}

Reading<core::BasisPoints> read_tax_rate(std::string_view text) {
  std::int64_t rate = kTaxRateMax + 1;
  if (text.ends_with('%')) {
    const auto percent = read_decimal(text.substr(0, text.size() - 1), 2, kTaxRateMax);
    if (percent && !percent->too_fine) rate = percent->units;
  } else if (const auto number = read_number(text, kTaxRateMax)) {
    rate = *number;
  }
  if (rate > kTaxRateMax) return std::unexpected(Reason::TaxRateInvalid);
  return core::BasisPoints(static_cast<std::int32_t>(rate));
}

Reading<std::int64_t> read_unit(std::string_view text) {
  if (text == "piece") return 0;
  std::int64_t grams = 1;
  std::string_view count = text;
  if (text.ends_with("kg")) {
    grams = 1'000;
    count.remove_suffix(2);
  } else if (text.ends_with('g')) {
    count.remove_suffix(1);
  } else {
    return std::unexpected(Reason::UnitInvalid);
  }
  if (count.empty()) return grams;
  const auto number = read_number(count, kPerGramsMax);
  if (!number || *number == 0 || *number > kPerGramsMax / grams) return std::unexpected(Reason::UnitInvalid);
  return *number * grams;
}

Reading<bool> read_flag(std::string_view text) {
  constexpr std::array<std::string_view, 5> kYes{"true", "TRUE", "yes", "YES", "1"};
  constexpr std::array<std::string_view, 5> kNo{"false", "FALSE", "no", "NO", "0"};
  if (std::ranges::find(kYes, text) != kYes.end()) return true;
  if (std::ranges::find(kNo, text) != kNo.end()) return false;
  return std::unexpected(Reason::FlagInvalid);
}

Reading<std::int64_t> read_age(std::string_view text) {
  const auto age = read_number(text, kMinimumAgeMax);
  if (!age || *age > kMinimumAgeMax) return std::unexpected(Reason::AgeInvalid);
  return *age;
}

}  // namespace tillkit::catalog
