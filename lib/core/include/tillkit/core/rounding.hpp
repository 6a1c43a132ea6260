// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// How a quotient becomes a whole number. Stored in rule sets and records; never renumber.
///
/// A refund mirrors its payment under `HalfUp`, `HalfEven` and `TowardZero`, but not under `Floor` and `Ceil`.
enum class Rounding : std::uint8_t {
  HalfUp = 0,      ///< To the nearest; a half goes away from zero: 2.5 to 3, -2.5 to -3. The shopkeeper's rounding.
  HalfEven = 1,    ///< To the nearest; a half goes to the even neighbour: 2.5 to 2, -3.5 to -4.
  Floor = 2,       ///< Towards minus infinity: 2.9 to 2, -2.1 to -3.
  Ceil = 3,        ///< Towards plus infinity: 2.1 to 3, -2.9 to -2.
  TowardZero = 4,  ///< Cuts off: 2.9 to 2, -2.9 to -2.
};

/// The name as it stands in rule files: `half_up`, `half_even`, `floor`, `ceil`, `toward_zero`.
[[nodiscard]] std::string_view to_string(Rounding rounding);

/// Reads such a name, or fails with `InvalidArgument`.
[[nodiscard]] Result<Rounding> parse_rounding(std::string_view name);

/// Divides. `InvalidArgument`: the denominator is not positive. Cannot overflow.
[[nodiscard]] Result<std::int64_t> divide(std::int64_t numerator, std::int64_t denominator, Rounding rounding);

/// Rounds `a * b / denominator` once, at the end: the product is exact (128 bits).
/// `InvalidArgument`: the denominator is not positive. `OutOfRange`: the result does not fit 64 bits.
[[nodiscard]] Result<std::int64_t> multiply_divide(std::int64_t a, std::int64_t b, std::int64_t denominator,
                                                   Rounding rounding);

[[nodiscard]] inline Result<std::int64_t> divide_half_up(std::int64_t numerator, std::int64_t denominator) {
  return divide(numerator, denominator, Rounding::HalfUp);
}
[[nodiscard]] inline Result<std::int64_t> divide_half_even(std::int64_t numerator, std::int64_t denominator) {
  return divide(numerator, denominator, Rounding::HalfEven);
}
[[nodiscard]] inline Result<std::int64_t> divide_floor(std::int64_t numerator, std::int64_t denominator) {
  return divide(numerator, denominator, Rounding::Floor);
}
[[nodiscard]] inline Result<std::int64_t> divide_ceil(std::int64_t numerator, std::int64_t denominator) {
  return divide(numerator, denominator, Rounding::Ceil);
}
[[nodiscard]] inline Result<std::int64_t> divide_toward_zero(std::int64_t numerator, std::int64_t denominator) {
  return divide(numerator, denominator, Rounding::TowardZero);
}

/// Rounds to a multiple of `step`: cash without 1-fen coins has step 10 (0.10 CNY), Swiss cash step 5 (0.05 CHF).
/// `InvalidArgument`: the step is not positive. `OutOfRange`: the multiple does not fit 64 bits.
[[nodiscard]] Result<std::int64_t> round_to_multiple(std::int64_t value, std::int64_t step, Rounding rounding);

/// The same for money; `step_minor` in minor units.
[[nodiscard]] Result<Money> round_to_multiple(const Money& amount, std::int64_t step_minor, Rounding rounding);

}  // namespace tillkit::core
