// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/gtin.hpp"

#include <algorithm>
#include <cstddef>

#include "tillkit/core/id.hpp"

namespace tillkit::catalog {

bool has_gtin_form(std::string_view code) {
  const std::size_t size = code.size();
  if (size != 8 && size != 12 && size != 13 && size != 14) return false;
  return std::ranges::all_of(code, core::is_digit_char);
}

std::optional<std::uint64_t> gtin_number(std::string_view code) {
  if (!has_gtin_form(code)) return std::nullopt;
  std::uint64_t number = 0;
  unsigned sum = 0;
  unsigned weight = code.size() % 2 == 0 ? 3 : 1;  // the check digit, on the right, has weight 1
  for (const char c : code) {
    const auto digit = static_cast<unsigned>(c - '0');
    number = number * 10 + digit;
    sum += digit * weight;
    weight = 4 - weight;
  }
  if (sum % 10 != 0 || number == 0) return std::nullopt;
  return number;
}

}  // namespace tillkit::catalog
