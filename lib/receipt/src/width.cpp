// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <span>

#include "character.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/utf8.hpp"
#include "tillkit/receipt/layout.hpp"
#include "width_table.hpp"

namespace tillkit::receipt {
namespace {

using detail::Character;
using detail::CodeRange;
using detail::take_character;

bool contains(std::span<const CodeRange> ranges, char32_t code) {
  const auto after = std::ranges::upper_bound(ranges, code, {}, &CodeRange::first);
  return after != ranges.begin() && code <= std::prev(after)->last;
}

/// Marks that belong to what stands before them.
bool closes(char32_t code) {
  constexpr std::u32string_view kClosing = U",.;:!?)]}%，。；：！？、）》】」』”’…";
  return kClosing.contains(code);
}

std::string joined(std::span<const Character> characters) {
  while (!characters.empty() && characters.back().is_space())
    characters = characters.first(characters.size() - 1);
  std::string text;
  for (const Character& character : characters)
    text += character.bytes;
  return text;
}

/// Whether a line may end before character `at`.
bool may_break(std::span<const Character> line, std::size_t at) {
  const Character& next = line[at];
  if (next.columns == 0 || closes(next.code)) return false;
  if (next.is_space() || line[at - 1].is_space()) return true;
  return next.columns == 2 || line[at - 1].columns == 2;
}

/// How many of the characters go on the line, of which the first `fitting` fit.
std::size_t line_end(std::span<const Character> rest, std::size_t fitting) {
  if (fitting == rest.size()) return fitting;
  for (std::size_t at = fitting; at > 0; --at) {
    if (may_break(rest, at)) return at;
  }
  return fitting;  // one word that is longer than the line
}

}  // namespace

Character detail::take_character(std::string_view& text) {
  const std::size_t bytes = std::max<std::size_t>(1, core::utf8_sequence_bytes(text));
  Character character{text.substr(0, bytes)};
  const auto first = static_cast<unsigned char>(text[0]);
  character.code = bytes == 1 ? first : first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i)
    character.code = (character.code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  if (character.code >= 0x80) {
    if (contains(detail::kZero, character.code)) {
      character.columns = 0;
    } else if (contains(detail::kWide, character.code)) {
      character.columns = 2;
    }
  }
  text.remove_prefix(bytes);
  return character;
}

std::size_t columns_of(std::string_view utf8) {
  std::size_t columns = 0;
  while (!utf8.empty())
    columns += take_character(utf8).columns;
  return columns;
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t columns) {
  TILLKIT_ASSERT(columns >= 2);
  std::vector<Character> characters;
  while (!utf8.empty())
    characters.push_back(take_character(utf8));
  std::vector<std::string> lines;
  std::span<const Character> rest = characters;
  do {
    std::size_t fitting = 0;
    for (std::size_t used = 0; fitting < rest.size() && used + rest[fitting].columns <= columns; ++fitting)
      used += rest[fitting].columns;
    const std::size_t end = line_end(rest, fitting);
    lines.push_back(joined(rest.first(end)));
    rest = rest.subspan(end);
    while (!rest.empty() && rest.front().is_space())
      rest = rest.subspan(1);
  } while (!rest.empty());
  return lines;
}

}  // namespace tillkit::receipt
