// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/refusal.hpp"

#include <array>

#include "tillkit/core/assert.hpp"

namespace tillkit::catalog {
namespace {

constexpr std::array<std::string_view, kFieldCount> kFieldNames{
    "",          "id",       "code",          "name", "brand",   "categories", "price",      "price_minor",
    "price_fen", "tax_rate", "tax_inclusive", "unit", "min_age", "tags",       "valid_from", "valid_until",
    "plu"};

}  // namespace

std::string_view to_string(Field field) {
  const auto at = static_cast<std::size_t>(field);
  TILLKIT_ASSERT(at < kFieldNames.size());
  return kFieldNames[at];
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::Missing: return "missing";
    case Reason::NotUtf8: return "not_utf8";
    case Reason::TooLong: return "too_long";
    case Reason::ControlCharacter: return "control_character";
    case Reason::TooMany: return "too_many";
    case Reason::CodeInvalid: return "code_invalid";
    case Reason::CodeTwice: return "code_twice";
    case Reason::IdInvalid: return "id_invalid";
    case Reason::IdTwice: return "id_twice";
    case Reason::LabelInvalid: return "label_invalid";
    case Reason::PriceInvalid: return "price_invalid";
    case Reason::PriceNegative: return "price_negative";
    case Reason::PriceDecimals: return "price_decimals";
    case Reason::PriceTooHigh: return "price_too_high";
    case Reason::CurrencyDiffers: return "currency_differs";
    case Reason::TaxRateInvalid: return "tax_rate_invalid";
    case Reason::FlagInvalid: return "flag_invalid";
    case Reason::UnitInvalid: return "unit_invalid";
    case Reason::AgeInvalid: return "age_invalid";
    case Reason::ReferenceInvalid: return "reference_invalid";
    case Reason::ReferenceTwice: return "reference_twice";
    case Reason::TimeInvalid: return "time_invalid";
    case Reason::WindowInvalid: return "window_invalid";
    case Reason::WindowOverlaps: return "window_overlaps";
    case Reason::UnknownItem: return "unknown_item";
    case Reason::DiffersFromItem: return "differs_from_item";
    case Reason::CatalogFull: return "catalog_full";
    case Reason::CellCount: return "cell_count";
    case Reason::QuoteInvalid: return "quote_invalid";
    case Reason::HeaderMissing: return "header_missing";
    case Reason::ColumnMissing: return "column_missing";
    case Reason::ColumnUnknown: return "column_unknown";
    case Reason::ColumnTwice: return "column_twice";
    case Reason::FileNotUtf8: return "file_not_utf8";
    case Reason::CheckDigit: return "check_digit";
    case Reason::TaxRateSmall: return "tax_rate_small";
  }
  TILLKIT_ASSERT(false && "a Reason outside the enumeration");
  return {};
}

core::ErrorCode error_code(Reason reason) {
  switch (reason) {
    case Reason::CodeTwice:
    case Reason::IdTwice:
    case Reason::ReferenceTwice:
    case Reason::WindowOverlaps: return core::ErrorCode::AlreadyExists;
    case Reason::TooLong:
    case Reason::TooMany:
    case Reason::CatalogFull: return core::ErrorCode::Exhausted;
    case Reason::Missing:
    case Reason::UnknownItem: return core::ErrorCode::NotFound;
    default: return core::ErrorCode::InvalidArgument;
  }
}

}  // namespace tillkit::catalog
