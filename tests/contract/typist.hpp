// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>
#include <linux/input.h>

// What a keyboard with the US layout sends, as the keys lie on it: row by row, from left to right.

namespace tillkit::contract {

inline std::string event(std::uint16_t type, std::uint16_t code, std::int32_t value) {
  input_event event{};
  event.type = type;
  event.code = code;
  event.value = value;
  return {reinterpret_cast<const char*>(&event), sizeof event};
}

inline std::string key_event(std::uint16_t key) {
  return event(EV_KEY, key, 1) + event(EV_SYN, SYN_REPORT, 0) + event(EV_KEY, key, 0) + event(EV_SYN, SYN_REPORT, 0);
}

/// The keys of a text, without enter.
inline std::string typed_only(std::string_view text) {
  struct Row {
    std::uint16_t first;
    std::string_view plain, shifted;
  };
  constexpr Row kRows[] = {{KEY_1, "1234567890-=", "!@#$%^&*()_+"},
                           {KEY_Q, "qwertyuiop[]", "QWERTYUIOP{}"},
                           {KEY_A, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
                           {KEY_BACKSLASH, "\\zxcvbnm,./", "|ZXCVBNM<>?"}};
  std::string keys;
  for (const char wanted : text) {
    const bool control = wanted > 0 && wanted < 0x20 && wanted != '\t';
    // Control and `]` is 1D.
    const char sign = control ? static_cast<char>(wanted + '@') : wanted;
    if (sign == ' ' || sign == '\t') {
      keys += key_event(sign == ' ' ? KEY_SPACE : KEY_TAB);
      continue;
    }
    bool found = false;
    for (const Row& row : kRows) {
      const auto plain = row.plain.find(sign);
      const auto shifted = row.shifted.find(sign);
      if (plain == std::string_view::npos && shifted == std::string_view::npos) continue;
      found = true;
      const bool shift = plain == std::string_view::npos;
      const auto place = static_cast<std::uint16_t>(shift ? shifted : plain);
      const auto key = key_event(static_cast<std::uint16_t>(row.first + place));
      const std::uint16_t held = control ? KEY_LEFTCTRL : KEY_RIGHTSHIFT;
      if (control || shift) keys += event(EV_KEY, held, 1) + key + event(EV_KEY, held, 0);
      if (!control && !shift) keys += key;
    }
    CHECK(found);
  }
  return keys;
}

/// A scan: its keys and enter.
inline std::string typed(std::string_view text) {
  return typed_only(text) + key_event(KEY_ENTER);
}

}  // namespace tillkit::contract
