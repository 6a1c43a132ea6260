// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/limits.hpp"

#include <array>
#include <cstdint>

namespace tillkit::receipt {
namespace {

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"receipt.gifts_max",             static_cast<std::int64_t>(kGiftsMax),                    "gifts"},
    core::NamedLimit{"receipt.json_bytes_max",        static_cast<std::int64_t>(kReceiptJsonLimits.bytes_max), "bytes"},
    core::NamedLimit{"receipt.link_bytes_max",        static_cast<std::int64_t>(kLinkBytesMax),                "bytes"},
    core::NamedLimit{"receipt.paper_bytes_max",       static_cast<std::int64_t>(kPaperBytesMax),               "bytes"},
    core::NamedLimit{"receipt.sale_number_bytes_max", static_cast<std::int64_t>(kSaleNumberBytesMax),          "bytes"},
    core::NamedLimit{"receipt.screen_lines_max",      static_cast<std::int64_t>(kScreenLinesMax),              "lines"},
    core::NamedLimit{"receipt.tenders_max",           static_cast<std::int64_t>(kTendersMax),                  "tenders"},
    core::NamedLimit{"receipt.text_bytes_max",        static_cast<std::int64_t>(kTextBytesMax),                "bytes"},
    core::NamedLimit{"receipt.uses_max",              static_cast<std::int64_t>(kUsesMax),                     "offers"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> receipt_limits() {
  return kLimits;
}

}  // namespace tillkit::receipt
