// SPDX-License-Identifier: Apache-2.0
// Any text on a receipt becomes bytes that print it in its columns, and that hold no command of its own.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/receipt/escpos.hpp"

namespace core = tillkit::core;
namespace receipt = tillkit::receipt;

namespace {

/// The columns of GB 18030 text; fails where a byte belongs to nothing.
std::size_t columns_on_paper(std::string_view bytes) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    TILLKIT_ASSERT(lead >= 0x20 && lead != 0x7F && lead != 0x80 && lead != 0xFF);
    if (lead < 0x80) {
      ++at;
      ++columns;
      continue;
    }
    TILLKIT_ASSERT(at + 1 < bytes.size());
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    TILLKIT_ASSERT(second >= 0x30);
    at += second <= 0x39 ? 4 : 2;
    TILLKIT_ASSERT(at <= bytes.size());
    columns += 2;
  }
  return columns;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto font = (data[0] & 1) != 0 ? receipt::PaperFont::Gbk : receipt::PaperFont::Gb18030;
  const auto style = static_cast<receipt::PaperStyle>(data[0] >> 1 & 3);
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const receipt::PaperPrinter printer{.font = font};
  const std::vector<receipt::PaperLine> lines{{text, style}, {"end"}};
  const auto job = receipt::to_escpos(lines, printer);
  if (!job) {
    TILLKIT_ASSERT(style == receipt::PaperStyle::QrCode || text.size() > receipt::kPaperBytesMax / 4);
    return 0;
  }
  TILLKIT_ASSERT(job->size() <= receipt::kPaperBytesMax);
  const std::string drawn = receipt::printable(text, font);
  TILLKIT_ASSERT(receipt::printable(drawn, font) == drawn);
  if (style != receipt::PaperStyle::Plain) return 0;
  const std::string_view bytes = core::as_text(*job);
  const std::size_t begin = bytes.find("\x1c&") + 2;
  const std::string_view line = bytes.substr(begin, bytes.find('\n') - begin);
  TILLKIT_ASSERT(columns_on_paper(line) == receipt::columns_of(drawn));
  TILLKIT_ASSERT(bytes.substr(begin + line.size()).starts_with("\nend\n"));
  return 0;
}
