// SPDX-License-Identifier: Apache-2.0
#include "gb18030.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "character.hpp"
#include "gb18030_table.hpp"

namespace tillkit::receipt {
namespace {

using detail::Character;
using detail::take_character;

constexpr char32_t kFullWidthQuestion = 0xFF1F;
/// Full-width forms of ASCII stand in ASCII's order.
constexpr char32_t kFullWidthOffset = 0xFF00 - 0x20;

/// Signs whose only picture in a Chinese font is the full-width one.
constexpr std::array<std::pair<char32_t, char32_t>, 3> kWideSigns{{
    {0x00A2, 0xFFE0},  // cent
    {0x00A3, 0xFFE1},  // pound
    {0x00A5, 0xFFE5},  // yen and yuan
}};

bool is_ascii(char32_t code) {
  return code >= 0x20 && code < 0x7F;
}

/// 0: it has none.
std::uint16_t two_byte_code(char32_t code) {
  if (code > 0xFFFF) return 0;
  const std::uint8_t page = detail::kPageOf[code >> 8U];
  if (page == detail::kNoPage) return 0;
  return detail::kTwoByteCodes[static_cast<std::size_t>(page) * 256 + (code & 0xFFU)];
}

/// Null: it is not in CJK extension A.
const detail::FourByteRun* four_byte_run(char32_t code) {
  const auto* const after = std::ranges::upper_bound(detail::kFourByteRuns, code, {}, &detail::FourByteRun::first);
  if (after == detail::kFourByteRuns.begin()) return nullptr;
  const auto* const run = std::prev(after);
  return code <= run->last ? run : nullptr;
}

bool has_picture(char32_t code, PaperFont font) {
  return two_byte_code(code) != 0 || (font == PaperFont::Gb18030 && four_byte_run(code) != nullptr);
}

/// The ASCII character that stands for it; 0: none does.
char32_t base_letter(char32_t code) {
  const auto* const found = std::ranges::lower_bound(detail::kBaseLetters, code, {}, &detail::BaseLetter::code);
  return found != detail::kBaseLetters.end() && found->code == code ? found->letter : 0;
}

/// What is printed for a character; 0: nothing, as the text has no column for it.
char32_t drawn(const Character& character, PaperFont font) {
  if (is_ascii(character.code)) return character.code;
  if (character.columns == 0) return 0;
  for (const auto& [sign, wide] : kWideSigns) {
    if (sign == character.code) return wide;
  }
  const bool wide = character.columns == 2;
  // All pictures outside ASCII are two columns wide.
  if (wide && has_picture(character.code, font)) return character.code;
  const char32_t letter = base_letter(character.code);
  if (!wide) return letter == 0 ? U'?' : letter;
  return letter <= U' ' ? kFullWidthQuestion : letter + kFullWidthOffset;
}

void append_utf8(std::string& text, char32_t code) {
  const auto continued = [&](unsigned shift) { text += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    continued(0);
  } else {
    text += static_cast<char>(0xE0U | (code >> 12U));
    continued(6);
    continued(0);
  }
}

}  // namespace

std::string printable(std::string_view utf8, PaperFont font) {
  if (font == PaperFont::Any) return std::string(utf8);
  std::string text;
  text.reserve(utf8.size());
  while (!utf8.empty()) {
    const Character character = take_character(utf8);
    // What has a picture lies in the first plane, so three bytes are enough.
    if (const char32_t code = drawn(character, font); code != 0) append_utf8(text, code);
  }
  return text;
}

void detail::append_gb18030(std::string& bytes, std::string_view drawable, PaperFont font) {
  while (!drawable.empty()) {
    const char32_t code = take_character(drawable).code;
    if (is_ascii(code)) {
      bytes += static_cast<char>(code);
    } else if (const std::uint16_t two = two_byte_code(code); two != 0) {
      bytes += static_cast<char>(two >> 8U);
      bytes += static_cast<char>(two & 0xFFU);
    } else if (const FourByteRun* const run = four_byte_run(code); run != nullptr && font == PaperFont::Gb18030) {
      // Four digits of base 126, 10, 126 and 10, the last one least (GB 18030-2000, 5.2).
      const std::uint32_t place = run->place + (static_cast<std::uint32_t>(code) - run->first);
      bytes += static_cast<char>(0x81U + place / 12'600);
      bytes += static_cast<char>(0x30U + place / 1'260 % 10);
      bytes += static_cast<char>(0x81U + place / 10 % 126);
      bytes += static_cast<char>(0x30U + place % 10);
    }
  }
}

}  // namespace tillkit::receipt
