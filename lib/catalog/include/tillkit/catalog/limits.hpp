// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/core/json.hpp"
#include "tillkit/core/limits.hpp"

namespace tillkit::catalog {

/// Most that one catalog holds. A board with less memory sets less (`CatalogLimits`), none sets more.
inline constexpr std::size_t kItemsMax = 200'000;
inline constexpr std::size_t kCodesMax = 500'000;
inline constexpr std::size_t kTimedPricesMax = 100'000;
inline constexpr std::size_t kLabelsMax = 16'384;
inline constexpr std::size_t kTextBytesMax = 33'554'432;

/// Most that one item has.
inline constexpr std::size_t kCodesPerItemMax = 32;
inline constexpr std::size_t kCategoriesPerItemMax = 16;
inline constexpr std::size_t kTagsPerItemMax = 16;
inline constexpr std::size_t kTimedPricesPerItemMax = 16;
inline constexpr std::size_t kIdBytesMax = 64;
inline constexpr std::size_t kCodeBytesMax = 48;
inline constexpr std::size_t kLabelBytesMax = 32;
/// A name in UTF-8: 66 Chinese characters.
inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kReferenceDigitsMax = 9;
/// Ten thousand million yuan: whoever means it does not sell it at a till.
inline constexpr std::int64_t kPriceMinorMax = 1'000'000'000'000;
inline constexpr std::int32_t kTaxRateMax = 10'000;
inline constexpr std::int64_t kMinimumAgeMax = 99;
inline constexpr std::int64_t kPerGramsMax = 1'000'000;

/// One row of a CSV file, its line breaks in quotes included, and its cells.
inline constexpr std::size_t kCsvRecordBytesMax = 16'384;
inline constexpr std::size_t kCsvCellsMax = 64;
/// Rows that a report names, of each kind; it counts them all.
inline constexpr std::size_t kFindingsMax = 1'000;
/// How much of an offending value a report shows.
inline constexpr std::size_t kFindingValueBytesMax = 48;

/// What one catalog may hold; a value above the constant of that name counts as the constant.
struct CatalogLimits {
  std::size_t items_max = kItemsMax;
  std::size_t codes_max = kCodesMax;
  std::size_t timed_prices_max = kTimedPricesMax;
  std::size_t labels_max = kLabelsMax;  ///< Different brands, categories and tags together.
  std::size_t text_bytes_max = kTextBytesMax;
};

/// What a catalog as JSON may cost: about 5,000 items and 15 MB while it is read. Larger ones come as CSV.
inline constexpr core::JsonLimits kCatalogJsonLimits{.bytes_max = 4'194'304, .values_max = 100'000};

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> catalog_limits();

}  // namespace tillkit::catalog
