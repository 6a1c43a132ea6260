// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/rounding.hpp"

#include <array>
#include <utility>

#include "tillkit/core/assert.hpp"
#include "wide.hpp"

namespace tillkit::core {
namespace {

constexpr std::array kNames{
    std::pair{Rounding::HalfUp, std::string_view("half_up")},
    std::pair{Rounding::HalfEven, std::string_view("half_even")},
    std::pair{Rounding::Floor, std::string_view("floor")},
    std::pair{Rounding::Ceil, std::string_view("ceil")},
    std::pair{Rounding::TowardZero, std::string_view("toward_zero")},
};

/// Whether the cut quotient moves one step away from zero. `rest` is what the cut took, in parts of `denominator`.
bool moves_away(const wide::Quotient& cut, std::uint64_t denominator, bool negative, Rounding rounding) {
  if (cut.remainder == 0) return false;
  const std::uint64_t missing = denominator - cut.remainder;
  switch (rounding) {
    case Rounding::HalfUp: return cut.remainder >= missing;
    case Rounding::HalfEven: return cut.remainder > missing || (cut.remainder == missing && (cut.quotient & 1U) != 0);
    case Rounding::Floor: return negative;
    case Rounding::Ceil: return !negative;
    case Rounding::TowardZero: return false;
  }
  TILLKIT_ASSERT(false && "a Rounding outside the enumeration");
  return false;
}

}  // namespace

std::string_view to_string(Rounding rounding) {
  for (const auto& [value, name] : kNames) {
    if (value == rounding) return name;
  }
  TILLKIT_ASSERT(false && "a Rounding outside the enumeration");
  return {};
}

Result<Rounding> parse_rounding(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
  }
  return fail(ErrorCode::InvalidArgument);
}

Result<std::int64_t> divide(std::int64_t numerator, std::int64_t denominator, Rounding rounding) {
  return multiply_divide(numerator, 1, denominator, rounding);
}

Result<std::int64_t> multiply_divide(std::int64_t a, std::int64_t b, std::int64_t denominator, Rounding rounding) {
  if (denominator <= 0) return fail(ErrorCode::InvalidArgument);
  const bool negative = (a < 0) != (b < 0);
  const auto parts = static_cast<std::uint64_t>(denominator);
  const wide::Wide product = wide::multiply(wide::magnitude(a), wide::magnitude(b));
  if (product.high >= parts) return fail(ErrorCode::OutOfRange);

  const wide::Quotient cut = wide::divide(product, parts);
  if (!wide::fits_signed(negative, cut.quotient)) return fail(ErrorCode::OutOfRange);
  const std::uint64_t rounded = cut.quotient + (moves_away(cut, parts, negative, rounding) ? 1 : 0);
  if (!wide::fits_signed(negative, rounded)) return fail(ErrorCode::OutOfRange);
  return wide::to_signed(negative, rounded);
}

Result<std::int64_t> round_to_multiple(std::int64_t value, std::int64_t step, Rounding rounding) {
  TILLKIT_TRY(const std::int64_t steps, divide(value, step, rounding));
  return multiply_divide(steps, step, 1, rounding);
}

Result<Money> round_to_multiple(const Money& amount, std::int64_t step_minor, Rounding rounding) {
  TILLKIT_TRY(const std::int64_t minor, round_to_multiple(amount.minor, step_minor, rounding));
  return Money{minor, amount.currency};
}

}  // namespace tillkit::core
