// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

/// The members of each object of a stored receipt, for the reader and for the schema's test.
namespace tillkit::receipt::detail {

using Names = std::span<const std::string_view>;

inline constexpr std::array<std::string_view, 17> kReceiptMembers{
    "version", "kind",    "copy", "header",   "refers_to", "currency", "lines", "uses",  "gifts",
    "taxes",   "tenders", "list", "discount", "net",       "tax",      "total", "points"};
inline constexpr std::array<std::string_view, 10> kHeaderMembers{"merchant",       "tax_number", "store", "address",
                                                                 "terminal",       "operator",   "sale",  "at",
                                                                 "utc_offset_min", "fapiao_link"};
inline constexpr std::array<std::string_view, 2> kMomentMembers{"at", "quality"};
inline constexpr std::array<std::string_view, 2> kReferenceMembers{"sale", "at"};
inline constexpr std::array<std::string_view, 11> kLineMembers{"name",      "quantity",     "unit",      "unit_price",
                                                               "per_grams", "list",         "discounts", "net",
                                                               "tax_rate",  "tax_included", "tax"};
inline constexpr std::array<std::string_view, 2> kDiscountMembers{"use", "amount"};
inline constexpr std::array<std::string_view, 5> kUseMembers{"name", "coupon", "under_lines", "discount", "funders"};
inline constexpr std::array<std::string_view, 2> kFunderMembers{"name", "amount"};
inline constexpr std::array<std::string_view, 2> kGiftMembers{"name", "count"};
inline constexpr std::array<std::string_view, 4> kTaxMembers{"rate", "included", "base", "tax"};
inline constexpr std::array<std::string_view, 10> kTenderMembers{
    "kind", "name", "account", "order", "transaction", "amount", "provider_discount", "tendered", "change", "rounding"};

struct NamedTable {
  std::string_view definition;  ///< In the schema; empty: the document itself.
  Names members;
};

inline constexpr std::array kTables{
    NamedTable{"", kReceiptMembers},      NamedTable{"header", kHeaderMembers},
    NamedTable{"moment", kMomentMembers}, NamedTable{"reference", kReferenceMembers},
    NamedTable{"line", kLineMembers},     NamedTable{"line_discount", kDiscountMembers},
    NamedTable{"use", kUseMembers},       NamedTable{"funder", kFunderMembers},
    NamedTable{"gift", kGiftMembers},     NamedTable{"tax", kTaxMembers},
    NamedTable{"tender", kTenderMembers},
};

inline constexpr std::int64_t kVersion = 1;

}  // namespace tillkit::receipt::detail
