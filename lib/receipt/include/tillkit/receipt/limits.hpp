// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tillkit/core/json.hpp"
#include "tillkit/core/limits.hpp"

namespace tillkit::receipt {

/// One text on a receipt, in UTF-8: a name, an address, an account.
inline constexpr std::size_t kTextBytesMax = 200;
inline constexpr std::size_t kLinkBytesMax = 512;
/// The number of a sale, which an invoice's link ends with.
inline constexpr std::size_t kSaleNumberBytesMax = 48;
inline constexpr std::size_t kTendersMax = 16;
/// Offers and coupons that one receipt names; more is `Exhausted`, and the sale has its proof without them.
inline constexpr std::size_t kUsesMax = 1'000;
inline constexpr std::size_t kGiftsMax = 200;
/// Basket lines that one screen shows: the latest.
inline constexpr std::size_t kScreenLinesMax = 50;

/// One print job: as much as `hal::kPrintBytesMax`, which this module cannot see. About 1,500 lines.
inline constexpr std::size_t kPaperBytesMax = 65'536;

/// A receipt as JSON: 500 lines with ten discounts each.
inline constexpr core::JsonLimits kReceiptJsonLimits{.bytes_max = 1'048'576, .values_max = 40'000};

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> receipt_limits();

}  // namespace tillkit::receipt
