// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "tillkit/core/id.hpp"

namespace tillkit::codes {

[[nodiscard]] constexpr bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, core::is_digit_char);
}

[[nodiscard]] constexpr int digit_value(char c) {
  return c - '0';
}

[[nodiscard]] constexpr char digit_char(int value) {
  return static_cast<char>('0' + value);
}

/// The number that at most 18 digits make.
[[nodiscard]] constexpr std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits)
    number = number * 10 + digit_value(c);
  return number;
}

[[nodiscard]] constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i)
    power *= 10;
  return power;
}

}  // namespace tillkit::codes
