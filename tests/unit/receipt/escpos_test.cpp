// SPDX-License-Identifier: Apache-2.0
// What stands in the bytes is read by an independent reader in tests/interop/receipt; here are rules and limits.
#include "tillkit/receipt/escpos.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "some_sale.hpp"

namespace tillkit::receipt {
namespace {

using namespace std::string_view_literals;
using core::ErrorCode;
using core::failed_with;

std::string bytes_of(std::string_view text, PaperFont font = PaperFont::Gb18030) {
  const PaperPrinter printer{.font = font};
  const std::vector<PaperLine> lines{{std::string(text)}};
  const auto bytes = must(to_escpos(lines, printer));
  const std::string_view all = core::as_text(bytes);
  const std::size_t begin = all.find("\x1c&"sv) + 2;
  return std::string(all.substr(begin, all.find('\n') - begin));
}

TEST_CASE("text becomes the bytes that GB 18030 has for it", "[receipt]") {
  // From the standard's own tables: two bytes, and the first and last of CJK extension A.
  CHECK(bytes_of("A~") == "A~");
  CHECK(bytes_of("啊好邻居") == "\xb0\xa1\xba\xc3\xc1\xda\xbe\xd3");
  CHECK(bytes_of("￥（，") == "\xa3\xa4\xa3\xa8\xa3\xac");
  CHECK(bytes_of("镕") == "\xe9\x46");
  CHECK(bytes_of("㐀䶵") == "\x81\x39\xee\x39\x82\x35\x87\x38");
}

TEST_CASE("a printer prints in the columns that the text was laid out in, whatever its font lacks", "[receipt]") {
  struct Row {
    std::string_view text, gb18030, gbk;
  };
  // clang-format off
  for (const Row& row : {
           Row{"¥12.30 £5 ¢9",     "￥12.30 ￡5 ￠9",  "￥12.30 ￡5 ￠9"},
           Row{"Señor Dvořák",     "Senor Dvorák",     "Senor Dvorák"},  // á is in the font, ñ and ř are not
           Row{"㐀 four bytes",    "㐀 four bytes",    "？ four bytes"},
           Row{"苹果🍎 한 𠀀",     "苹果？ ？ ？",     "苹果？ ？ ？"},
           Row{"e\u0301 a\u200Bb", "e ab",             "e ab"},
           Row{"a\u00A0b\u2011c",  "a b?c",            "a b?c"},
           Row{"ᎠД\uE000ǹ",        "?Д？n",            "?Д？n"},
           Row{"a\x1b@\x7f\x80z",  "a?@??z",           "a?@??z"},
       }) {
    // clang-format on
    CAPTURE(row.text);
    CHECK(printable(row.text, PaperFont::Gb18030) == row.gb18030);
    CHECK(printable(row.text, PaperFont::Gbk) == row.gbk);
    CHECK(printable(row.text, PaperFont::Any) == row.text);
    CHECK(printable(row.gb18030, PaperFont::Gb18030) == row.gb18030);
  }
}

TEST_CASE("each character of the first planes is printed as wide as it is counted", "[receipt]") {
  for (const PaperFont font : {PaperFont::Gbk, PaperFont::Gb18030}) {
    for (char32_t code = 0x20; code < 0x30000; ++code) {
      if (code >= 0xD800 && code < 0xE000) continue;
      std::string text;
      if (code < 0x80) text = {static_cast<char>(code)};
      if (code >= 0x80 && code < 0x800)
        text = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
      if (code >= 0x800 && code < 0x10000) {
        text = {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
                static_cast<char>(0x80 | (code & 63))};
      }
      if (code >= 0x10000) {
        text = {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
                static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
      }
      const std::string drawn = printable(text, font);
      const std::string bytes = bytes_of(text, font);
      const bool ascii = bytes.size() == 1;
      // Two bytes and four bytes are pictures of two columns.
      const std::size_t columns = bytes.empty() ? 0 : ascii ? 1 : 2;
      if (columns_of(drawn) == columns && bytes.size() != 3 && bytes.size() < 5) continue;
      CAPTURE(static_cast<std::uint32_t>(code), drawn);
      FAIL("printed as wide as " << columns << " columns");
    }
  }
}

TEST_CASE("amounts with a wide sign still end at the edge of the paper", "[receipt]") {
  for (const std::size_t columns : {kColumnsNarrow, kColumnsWide}) {
    int signs = 0;
    for (const PaperLine& line : must(lay_out(some_receipt(), columns, Language::ZhCn, PaperFont::Gb18030))) {
      CAPTURE(line.text);
      CHECK_FALSE(line.text.contains("¥"));
      if (!line.text.contains("￥")) continue;
      CHECK(columns_of(line.text) == columns);
      ++signs;
    }
    CHECK(signs == 3);
  }
}

TEST_CASE("the total is tall and strong, and nothing behind it is", "[receipt]") {
  const std::vector<PaperLine> lines{{"a"}, {"b", PaperStyle::Strong}, {"c", PaperStyle::Tall}, {"d"}};
  const auto bytes = must(to_escpos(lines, {}));
  CHECK(core::as_text(bytes) ==
        "\x1b@\x1bR\0\x1c&a\n\x1b"
        "E\1b\n\x1b"
        "E\0\x1b"
        "E\1\x1d!\1c\n\x1d!\0\x1b"
        "E\0d\n\x1dVB\0"sv);
}

TEST_CASE("a printer without a cutter feeds the paper to where it is torn off", "[receipt]") {
  const auto bytes = must(to_escpos({}, {.cutter = false}));
  CHECK(
      core::as_text(bytes).ends_with("\x1b"
                                     "d\5"sv));
  CHECK_FALSE(core::as_text(bytes).contains("\x1dV"sv));
}

TEST_CASE("a name that holds commands prints them as text", "[receipt]") {
  const std::string name =
      "a\x1d"
      "V\x1b@\n\x10\x04\x01";
  CHECK(bytes_of(name) == "a?V?@????");
}

TEST_CASE("a QR code is as large as its paper takes", "[receipt]") {
  const auto dots = [](std::size_t bytes, std::size_t columns) {
    const std::vector<PaperLine> lines{{std::string(bytes, 'q'), PaperStyle::QrCode}};
    const auto job = must(to_escpos(lines, {.columns = columns}));
    const std::string_view text = core::as_text(job);
    return static_cast<int>(text[text.find("\x1d(k\3\0\x31\x43"sv) + 7]);
  };
  CHECK(dots(10, kColumnsNarrow) == 6);
  CHECK(dots(300, kColumnsNarrow) == 4);  // version 13 with its margin: 77 modules on 384 dots
  CHECK(dots(kLinkBytesMax, kColumnsNarrow) == 3);
  CHECK(dots(kLinkBytesMax, kColumnsWide) == 5);
}

TEST_CASE("fonts and paper that no printer has, QR texts that no reader takes, and jobs that are too long are refused",
          "[receipt]") {
  const std::vector<PaperLine> line{{"a"}};
  CHECK(failed_with(to_escpos(line, {.font = PaperFont::Any}), ErrorCode::InvalidArgument));
  CHECK(failed_with(to_escpos(line, {.columns = 40}), ErrorCode::InvalidArgument));
  for (const std::string& text :
       {std::string(), std::string("a\n"), std::string("é"), std::string(kLinkBytesMax + 1, 'q')}) {
    const std::vector<PaperLine> code{{text, PaperStyle::QrCode}};
    CHECK(failed_with(to_escpos(code, {}), ErrorCode::InvalidArgument));
  }
  // Begin, end and line feed are 12 bytes: 7, 4 and 1.
  std::vector<PaperLine> lines{{std::string(kPaperBytesMax - 12, 'x')}};
  CHECK(must(to_escpos(lines, {})).size() == kPaperBytesMax);
  lines[0].text += 'x';
  CHECK(failed_with(to_escpos(lines, {}), ErrorCode::Exhausted));
  ReceiptData receipt = some_receipt();
  ++receipt.total;
  CHECK(failed_with(print_job(receipt, Language::En, {}), ErrorCode::InvalidArgument));
}

TEST_CASE("a copy says so in its bytes", "[receipt]") {
  const auto job = must(print_job(copy_of(some_receipt()), Language::En, {}));
  CHECK(core::as_text(job).contains("*** COPY 1 ***"));
  CHECK_FALSE(core::as_text(must(print_job(some_receipt(), Language::En, {}))).contains("COPY"));
}

}  // namespace
}  // namespace tillkit::receipt
