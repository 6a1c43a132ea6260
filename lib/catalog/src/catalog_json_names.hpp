// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace tillkit::catalog {

// What may stand in a catalog as JSON; the schema has the same names, and a test compares them.
inline constexpr std::array<std::string_view, 2> kCatalogMembers{"currency", "items"};
inline constexpr std::array<std::string_view, 14> kItemMembers{
    "id",       "codes",         "name", "brand",   "categories", "price", "price_minor",
    "tax_rate", "tax_inclusive", "unit", "min_age", "tags",       "plu",   "timed_prices"};
inline constexpr std::array<std::string_view, 4> kTimedPriceMembers{"price", "price_minor", "valid_from",
                                                                    "valid_until"};

}  // namespace tillkit::catalog
