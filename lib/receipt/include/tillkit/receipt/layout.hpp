// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/receipt/receipt.hpp"
#include "tillkit/receipt/texts.hpp"

namespace tillkit::receipt {

/// Paper of 58 mm and of 80 mm, in the usual font.
inline constexpr std::size_t kColumnsNarrow = 32;
inline constexpr std::size_t kColumnsWide = 48;

/// How a line is printed where a printer can.
enum class PaperStyle : std::uint8_t {
  Plain = 0,
  Strong = 1,  ///< Larger or bolder, in the same columns.
  QrCode = 2,  ///< The text is what a QR code says, not what is printed; it has no columns.
  Tall = 3,    ///< Strong, and twice as high: what the shopper looks for first.
};

/// What the device that shows the lines has pictures of.
enum class PaperFont : std::uint8_t {
  Any = 0,      ///< All of Unicode: a screen.
  Gbk = 1,      ///< ASCII and the two-byte characters of GB 18030: small printers.
  Gb18030 = 2,  ///< These, and the four-byte ones that every GB 18030-2000 font has: CJK extension A.
};

struct PaperLine {
  std::string text;  ///< Aligned by spaces already; none at its end.
  PaperStyle style = PaperStyle::Plain;

  friend bool operator==(const PaperLine&, const PaperLine&) = default;
};

/// The receipt as lines of at most `columns`, the same for the same receipt. They say what `font` can draw
/// (`printable`), and amounts stand in line there, too.
/// - InvalidArgument: `columns` is neither of the two above, `mistake_in` finds something, or a time outside years
///   0001-9999.
[[nodiscard]] core::Result<std::vector<PaperLine>> lay_out(const ReceiptData& receipt, std::size_t columns,
                                                           Language language, PaperFont font = PaperFont::Any);

/// What a printer with `font` prints for a text, in the columns that `columns_of` then counts. Signs of money that only
/// have a wide picture become wide (`¥` is U+FFE5 there); a letter whose marks the font lacks stands without them
/// (`ñ` is `n`); all else that it surely lacks (emoji, Korean, controls) is a question mark, as wide as the character
/// was. Nothing in it can be a command to the printer.
[[nodiscard]] std::string printable(std::string_view utf8, PaperFont font);

/// How many columns a text takes: two for wide characters, full-width forms and those that are wide in Chinese fonts
/// ('ambiguous': as GB 18030 printers print them), none for marks that combine.
[[nodiscard]] std::size_t columns_of(std::string_view utf8);

/// Breaks a text into lines of at most `columns` (at least 2): at spaces, between wide characters, else inside a word;
/// no line starts with a closing mark if one character can go with it. An empty text is one empty line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view utf8, std::size_t columns);

}  // namespace tillkit::receipt
