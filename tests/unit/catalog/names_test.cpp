// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/catalog/item.hpp"
#include "tillkit/catalog/refusal.hpp"
#include "tillkit/core/id.hpp"

using namespace tillkit::catalog;
using tillkit::core::ErrorCode;

namespace {

// clang-format off
constexpr std::array kReasons{
    Reason::Missing, Reason::NotUtf8, Reason::TooLong, Reason::ControlCharacter, Reason::TooMany, Reason::CodeInvalid,
    Reason::CodeTwice, Reason::IdInvalid, Reason::IdTwice, Reason::LabelInvalid, Reason::PriceInvalid,
    Reason::PriceNegative, Reason::PriceDecimals, Reason::PriceTooHigh, Reason::CurrencyDiffers, Reason::TaxRateInvalid,
    Reason::FlagInvalid, Reason::UnitInvalid, Reason::AgeInvalid, Reason::ReferenceInvalid, Reason::ReferenceTwice,
    Reason::TimeInvalid, Reason::WindowInvalid, Reason::WindowOverlaps, Reason::UnknownItem, Reason::DiffersFromItem,
    Reason::CatalogFull, Reason::CellCount, Reason::QuoteInvalid, Reason::HeaderMissing, Reason::ColumnMissing,
    Reason::ColumnUnknown, Reason::ColumnTwice, Reason::FileNotUtf8, Reason::CheckDigit, Reason::TaxRateSmall};
// clang-format on

}  // namespace

TEST_CASE("each reason and each field has a name of its own", "[catalog]") {
  std::set<std::string_view> names;
  for (const Reason reason : kReasons)
    names.insert(to_string(reason));
  CHECK(names.size() == kReasons.size());
  std::set<std::string_view> fields;
  for (std::size_t field = 0; field < kFieldCount; ++field)
    fields.insert(to_string(static_cast<Field>(field)));
  CHECK(fields.size() == kFieldCount);
  CHECK(to_string(Field::None).empty());
  CHECK(to_string(Field::Plu) == "plu");
  CHECK(to_string(Reason::Missing) == "missing");
  CHECK(to_string(Reason::TaxRateSmall) == "tax_rate_small");
  CHECK(to_string(PriceBasis::Base) == "base");
  CHECK(to_string(PriceBasis::Timed) == "timed");
  CHECK(to_string(PriceBasis::ClockUnknown) == "clock_unknown");
}

TEST_CASE("a reason says what can be done about it", "[catalog]") {
  CHECK(error_code(Reason::CodeTwice) == ErrorCode::AlreadyExists);
  CHECK(error_code(Reason::TooLong) == ErrorCode::Exhausted);
  CHECK(error_code(Reason::CatalogFull) == ErrorCode::Exhausted);
  CHECK(error_code(Reason::UnknownItem) == ErrorCode::NotFound);
  CHECK(error_code(Reason::PriceNegative) == ErrorCode::InvalidArgument);
}
