// SPDX-License-Identifier: Apache-2.0
#include "text_table.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "tillkit/core/utf8.hpp"

namespace tillctl {
namespace {

struct Span {
  char32_t first;
  char32_t last;
};

// Unicode's East Asian Width W and F, in the blocks that names of goods are written in.
constexpr std::array kWide{
    Span{0x1100, 0x115F},   Span{0x2E80, 0x303E},   Span{0x3041, 0xA4CF},   Span{0xAC00, 0xD7A3},
    Span{0xF900, 0xFAFF},   Span{0xFE30, 0xFE6F},   Span{0xFF00, 0xFF60},   Span{0xFFE0, 0xFFE6},
    Span{0x1F300, 0x1F64F}, Span{0x1F900, 0x1F9FF}, Span{0x20000, 0x3FFFD},
};
// Combining marks, zero-width spaces and joiners, variation selectors.
constexpr std::array kNoWidth{Span{0x0300, 0x036F}, Span{0x200B, 0x200F}, Span{0x202A, 0x202E}, Span{0xFE00, 0xFE0F}};

bool is_in(char32_t c, std::span<const Span> spans) {
  return std::ranges::any_of(spans, [c](const Span& span) { return c >= span.first && c <= span.last; });
}

/// Calls `use` with each character and its bytes; bytes that are not UTF-8 one by one as U+FFFD.
template <class Use>
void for_each_character(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const std::size_t bytes = std::max<std::size_t>(tillkit::core::utf8_sequence_bytes(text), 1);
    const auto lead = static_cast<unsigned char>(text.front());
    char32_t character = lead < 0x80 ? lead : 0xFFFD;
    if (bytes > 1) {
      character = lead & (0xFFU >> (bytes + 1));
      for (std::size_t i = 1; i < bytes; ++i)
        character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    use(character, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&](char32_t character, std::string_view /*bytes*/) {
    if (is_in(character, kNoWidth)) return;
    width += is_in(character, kWide) ? 2U : 1U;
  });
  return width;
}

std::string printable(std::string_view text) {
  std::string shown;
  for_each_character(text, [&](char32_t character, std::string_view bytes) {
    const bool control = character < 0x20 || (character >= 0x7F && character < 0xA0);
    // The last ones turn the direction of writing.
    const bool steers =
        control || (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
    shown += steers ? std::string_view("?") : bytes;
  });
  return shown;
}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back({std::move(cells), {}});
}

void TextTable::add_line(std::string text) {
  rows_.push_back({{}, std::move(text)});
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const Row& row : rows_) {
    for (std::size_t column = 0; column < row.cells.size(); ++column)
      widths[column] = std::max(widths[column], display_width(row.cells[column]));
  }
  std::string text;
  for (const Row& row : rows_) {
    std::string line = row.line;
    for (std::size_t column = 0; column < row.cells.size(); ++column) {
      const std::string& cell = row.cells[column];
      const std::string space(widths[column] - display_width(cell), ' ');
      line += "  ";
      line += columns_[column] == Align::Left ? cell + space : space + cell;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace tillctl
