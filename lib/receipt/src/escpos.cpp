// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/escpos.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gb18030.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using namespace std::string_view_literals;

// Epson's ESC/POS; what is used here is what Chinese makers copied. ESC @ also ends what a job that stopped inside left
// switched on. ESC R 0: printers for China take '$' for a yuan sign otherwise.
constexpr auto kBegin = "\x1b@\x1bR\0\x1c&"sv;
constexpr auto kStrongOn =
    "\x1b"
    "E\1"sv;
constexpr auto kStrongOff =
    "\x1b"
    "E\0"sv;
constexpr auto kTallOn = "\x1d!\1"sv;  // GS ! is for Chinese characters, too; ESC ! is not
constexpr auto kTallOff = "\x1d!\0"sv;
constexpr auto kCentred =
    "\x1b"
    "a\1"sv;
constexpr auto kLeft =
    "\x1b"
    "a\0"sv;
constexpr auto kQrModel = "\x1d(k\4\0\x31\x41\x32\0"sv;  // model 2
constexpr auto kQrModuleDots = "\x1d(k\3\0\x31\x43"sv;
constexpr auto kQrCorrection = "\x1d(k\3\0\x31\x45\x31"sv;  // level M: 15 percent of it may be crumpled
constexpr auto kQrPrint = "\x1d(k\3\0\x31\x51\x30"sv;
constexpr auto kFeedAndCut =
    "\x1d"
    "VB\0"sv;  // feeds to the cutter first; leaves a corner, so that nothing falls
constexpr auto kFeedToTear =
    "\x1b"
    "d\5"sv;

/// What the usual font (12 dots a column) prints on.
constexpr std::size_t kDotsPerColumn = 12;
/// A phone reads modules of 3 dots (0.38 mm); larger than 6 only wastes paper.
constexpr std::size_t kQrModuleDotsMin = 3;
constexpr std::size_t kQrModuleDotsMax = 6;
constexpr std::size_t kQrQuietModules = 8;

/// Bytes that a QR code of versions 1, 2, ... holds at level M (ISO/IEC 18004, table 7).
constexpr std::array<std::size_t, 18> kQrBytes{14,  26,  42,  62,  84,  106, 122, 152, 180,
                                               213, 251, 287, 331, 362, 412, 450, 504, 560};
static_assert(kQrBytes.back() >= kLinkBytesMax);
static_assert((17 + 4 * kQrBytes.size() + kQrQuietModules) * kQrModuleDotsMin <= kColumnsNarrow * kDotsPerColumn);

bool is_qr_text(std::string_view text) {
  return !text.empty() && text.size() <= kLinkBytesMax &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void append_qr(std::string& bytes, std::string_view text, std::size_t columns) {
  const auto version = static_cast<std::size_t>(std::ranges::lower_bound(kQrBytes, text.size()) - kQrBytes.begin()) + 1;
  const std::size_t modules = 17 + 4 * version + kQrQuietModules;
  const std::size_t dots = std::clamp(columns * kDotsPerColumn / modules, kQrModuleDotsMin, kQrModuleDotsMax);
  const std::size_t stored = text.size() + 3;
  bytes += kCentred;
  bytes += kQrModel;
  bytes += kQrModuleDots;
  bytes += static_cast<char>(dots);
  bytes += kQrCorrection;
  bytes += "\x1d(k"sv;
  bytes += static_cast<char>(stored & 0xFFU);
  bytes += static_cast<char>(stored >> 8U);
  bytes += "1P0"sv;
  bytes += text;
  bytes += kQrPrint;
  bytes += kLeft;
  bytes += '\n';
}

void append_line(std::string& bytes, const PaperLine& line, PaperFont font) {
  const bool tall = line.style == PaperStyle::Tall;
  const bool strong = tall || line.style == PaperStyle::Strong;
  if (strong) bytes += kStrongOn;
  if (tall) bytes += kTallOn;
  detail::append_gb18030(bytes, printable(line.text, font), font);
  bytes += '\n';
  if (tall) bytes += kTallOff;
  if (strong) bytes += kStrongOff;
}

}  // namespace

Result<core::Bytes> to_escpos(std::span<const PaperLine> lines, const PaperPrinter& printer) {
  const bool known_font = printer.font == PaperFont::Gbk || printer.font == PaperFont::Gb18030;
  const bool known_paper = printer.columns == kColumnsNarrow || printer.columns == kColumnsWide;
  if (!known_font || !known_paper) return fail(ErrorCode::InvalidArgument);
  std::string bytes(kBegin);
  for (const PaperLine& line : lines) {
    if (line.style == PaperStyle::QrCode) {
      if (!is_qr_text(line.text)) return fail(ErrorCode::InvalidArgument);
      append_qr(bytes, line.text, printer.columns);
    } else {
      append_line(bytes, line, printer.font);
    }
    if (bytes.size() > kPaperBytesMax) return fail(ErrorCode::Exhausted);
  }
  bytes += printer.cutter ? kFeedAndCut : kFeedToTear;
  if (bytes.size() > kPaperBytesMax) return fail(ErrorCode::Exhausted);
  return core::to_bytes(bytes);
}

Result<core::Bytes> print_job(const ReceiptData& receipt, Language language, const PaperPrinter& printer) {
  TILLKIT_TRY(const auto lines, lay_out(receipt, printer.columns, language, printer.font));
  return to_escpos(lines, printer);
}

}  // namespace tillkit::receipt
