// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/codes/code.hpp"

namespace tillkit::codes {

/// What a text that must be of that kind says.
template <class Expected>
Expected scanned(std::string_view text, const CodeTable& table = default_code_table()) {
  Code code = classify(text, table);
  INFO("kind " << std::string(to_string(kind_of(code))));
  REQUIRE(std::holds_alternative<Expected>(code));
  return std::get<Expected>(std::move(code));
}

inline Kind kind_scanned(std::string_view text, const CodeTable& table = default_code_table()) {
  return kind_of(classify(text, table));
}

/// `size` digits with that start.
inline std::string digits_from(std::string_view start, std::size_t size) {
  std::string text(start);
  while (text.size() < size)
    text += static_cast<char>('0' + text.size() * 7 % 10);
  return text.substr(0, size);
}

}  // namespace tillkit::codes
