// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/limits.hpp"

#include <array>

namespace tillkit::catalog {
namespace {

using core::NamedLimit;

constexpr auto number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    NamedLimit{"catalog.categories_per_item_max",    number(kCategoriesPerItemMax),          "categories"},
    NamedLimit{"catalog.code_bytes_max",             number(kCodeBytesMax),                  "bytes"},
    NamedLimit{"catalog.codes_max",                  number(kCodesMax),                      "codes"},
    NamedLimit{"catalog.codes_per_item_max",         number(kCodesPerItemMax),               "codes"},
    NamedLimit{"catalog.csv_cells_max",              number(kCsvCellsMax),                   "cells"},
    NamedLimit{"catalog.csv_record_bytes_max",       number(kCsvRecordBytesMax),             "bytes"},
    NamedLimit{"catalog.finding_value_bytes_max",    number(kFindingValueBytesMax),          "bytes"},
    NamedLimit{"catalog.findings_max",               number(kFindingsMax),                   "rows"},
    NamedLimit{"catalog.id_bytes_max",               number(kIdBytesMax),                    "bytes"},
    NamedLimit{"catalog.items_max",                  number(kItemsMax),                      "items"},
    NamedLimit{"catalog.json_bytes_max",             number(kCatalogJsonLimits.bytes_max),   "bytes"},
    NamedLimit{"catalog.json_values_max",            number(kCatalogJsonLimits.values_max),  "values"},
    NamedLimit{"catalog.label_bytes_max",            number(kLabelBytesMax),                 "bytes"},
    NamedLimit{"catalog.labels_max",                 number(kLabelsMax),                     "labels"},
    NamedLimit{"catalog.minimum_age_max",            kMinimumAgeMax,                         "years"},
    NamedLimit{"catalog.name_bytes_max",             number(kNameBytesMax),                  "bytes"},
    NamedLimit{"catalog.per_grams_max",              kPerGramsMax,                           "grams"},
    NamedLimit{"catalog.price_minor_max",            kPriceMinorMax,                         "minor units"},
    NamedLimit{"catalog.reference_digits_max",       number(kReferenceDigitsMax),            "digits"},
    NamedLimit{"catalog.tags_per_item_max",          number(kTagsPerItemMax),                "tags"},
    NamedLimit{"catalog.tax_rate_max",               kTaxRateMax,                            "basis points"},
    NamedLimit{"catalog.text_bytes_max",             number(kTextBytesMax),                  "bytes"},
    NamedLimit{"catalog.timed_prices_max",           number(kTimedPricesMax),                "prices"},
    NamedLimit{"catalog.timed_prices_per_item_max",  number(kTimedPricesPerItemMax),         "prices"},
};
// clang-format on

}  // namespace

std::span<const NamedLimit> catalog_limits() {
  return kLimits;
}

}  // namespace tillkit::catalog
