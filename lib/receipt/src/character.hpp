// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tillkit::receipt::detail {

/// One character of a text, and the columns that it takes.
struct Character {
  std::string_view bytes;
  char32_t code = 0;
  std::size_t columns = 1;

  [[nodiscard]] bool is_space() const { return code == ' '; }
};

/// Takes the first character off; a byte that is no UTF-8 is one of its own.
[[nodiscard]] Character take_character(std::string_view& text);

}  // namespace tillkit::receipt::detail
