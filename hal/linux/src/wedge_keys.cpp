// SPDX-License-Identifier: Apache-2.0
#include "wedge_keys.hpp"

#include <algorithm>
#include <array>

#include <linux/input-event-codes.h>

namespace tillkit::hal_linux {
namespace {

struct KeyRow {
  std::uint16_t code;
  char plain;
  char shifted;
};

// clang-format off
constexpr std::array kKeys{
    KeyRow{KEY_1, '1', '!'}, KeyRow{KEY_2, '2', '@'}, KeyRow{KEY_3, '3', '#'}, KeyRow{KEY_4, '4', '$'},
    KeyRow{KEY_5, '5', '%'}, KeyRow{KEY_6, '6', '^'}, KeyRow{KEY_7, '7', '&'}, KeyRow{KEY_8, '8', '*'},
    KeyRow{KEY_9, '9', '('}, KeyRow{KEY_0, '0', ')'}, KeyRow{KEY_MINUS, '-', '_'}, KeyRow{KEY_EQUAL, '=', '+'},
    KeyRow{KEY_TAB, '\t', '\t'},
    KeyRow{KEY_Q, 'q', 'Q'}, KeyRow{KEY_W, 'w', 'W'}, KeyRow{KEY_E, 'e', 'E'}, KeyRow{KEY_R, 'r', 'R'},
    KeyRow{KEY_T, 't', 'T'}, KeyRow{KEY_Y, 'y', 'Y'}, KeyRow{KEY_U, 'u', 'U'}, KeyRow{KEY_I, 'i', 'I'},
    KeyRow{KEY_O, 'o', 'O'}, KeyRow{KEY_P, 'p', 'P'}, KeyRow{KEY_LEFTBRACE, '[', '{'}, KeyRow{KEY_RIGHTBRACE, ']', '}'},
    KeyRow{KEY_A, 'a', 'A'}, KeyRow{KEY_S, 's', 'S'}, KeyRow{KEY_D, 'd', 'D'}, KeyRow{KEY_F, 'f', 'F'},
    KeyRow{KEY_G, 'g', 'G'}, KeyRow{KEY_H, 'h', 'H'}, KeyRow{KEY_J, 'j', 'J'}, KeyRow{KEY_K, 'k', 'K'},
    KeyRow{KEY_L, 'l', 'L'}, KeyRow{KEY_SEMICOLON, ';', ':'}, KeyRow{KEY_APOSTROPHE, '\'', '"'},
    KeyRow{KEY_GRAVE, '`', '~'}, KeyRow{KEY_BACKSLASH, '\\', '|'},
    KeyRow{KEY_Z, 'z', 'Z'}, KeyRow{KEY_X, 'x', 'X'}, KeyRow{KEY_C, 'c', 'C'}, KeyRow{KEY_V, 'v', 'V'},
    KeyRow{KEY_B, 'b', 'B'}, KeyRow{KEY_N, 'n', 'N'}, KeyRow{KEY_M, 'm', 'M'}, KeyRow{KEY_COMMA, ',', '<'},
    KeyRow{KEY_DOT, '.', '>'}, KeyRow{KEY_SLASH, '/', '?'}, KeyRow{KEY_SPACE, ' ', ' '},
    KeyRow{KEY_KPASTERISK, '*', '*'}, KeyRow{KEY_KPMINUS, '-', '-'}, KeyRow{KEY_KPPLUS, '+', '+'},
    KeyRow{KEY_KPSLASH, '/', '/'}, KeyRow{KEY_KPDOT, '.', '.'},
    KeyRow{KEY_KP0, '0', '0'}, KeyRow{KEY_KP1, '1', '1'}, KeyRow{KEY_KP2, '2', '2'}, KeyRow{KEY_KP3, '3', '3'},
    KeyRow{KEY_KP4, '4', '4'}, KeyRow{KEY_KP5, '5', '5'}, KeyRow{KEY_KP6, '6', '6'}, KeyRow{KEY_KP7, '7', '7'},
    KeyRow{KEY_KP8, '8', '8'}, KeyRow{KEY_KP9, '9', '9'},
};
// clang-format on

bool is_letter(char plain) {
  return plain >= 'a' && plain <= 'z';
}

/// The control character that ASCII puts 64 below a capital letter or sign.
WedgeKey controlled(const KeyRow& key) {
  const char at = is_letter(key.plain) ? key.shifted : key.plain == '6' ? '^' : key.plain == '-' ? '_' : key.plain;
  if (at < '@' || at > '_') return {.kind = WedgeKey::Kind::Strange};
  return {.kind = WedgeKey::Kind::Character, .character = static_cast<char>(at - '@')};
}

}  // namespace

WedgeKey WedgeKeys::take(std::uint16_t code, std::int32_t value) {
  const bool held = value != 0;
  switch (code) {
    case KEY_LEFTSHIFT: left_shift_ = held; return {};
    case KEY_RIGHTSHIFT: right_shift_ = held; return {};
    case KEY_LEFTCTRL: left_control_ = held; return {};
    case KEY_RIGHTCTRL: right_control_ = held; return {};
    case KEY_CAPSLOCK:
      if (value == 1) caps_lock_ = !caps_lock_;
      return {};
    case KEY_NUMLOCK: return {};
    default: break;
  }
  if (value != 1) return {};
  if (code == KEY_ENTER || code == KEY_KPENTER) return {.kind = WedgeKey::Kind::End};
  const auto* const key = std::ranges::find(kKeys, code, &KeyRow::code);
  if (key == kKeys.end()) return {.kind = WedgeKey::Kind::Strange};
  if (left_control_ || right_control_) return controlled(*key);
  const bool shift = (left_shift_ || right_shift_) != (caps_lock_ && is_letter(key->plain));
  return {.kind = WedgeKey::Kind::Character, .character = shift ? key->shifted : key->plain};
}

}  // namespace tillkit::hal_linux
