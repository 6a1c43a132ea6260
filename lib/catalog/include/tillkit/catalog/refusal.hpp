// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/core/error.hpp"
#include "tillkit/core/id.hpp"

namespace tillkit::catalog {

/// The place of an item in one catalog, from 0. Not stable from one catalog to the next; the id is.
using ItemIndex = core::StrongId<struct ItemIndexTag, std::uint32_t>;

/// What can be said about an item: the columns of a CSV file, and nearly the members in JSON.
enum class Field : std::uint8_t {
  None = 0,
  Id = 1,
  Code = 2,
  Name = 3,
  Brand = 4,
  Categories = 5,
  Price = 6,
  PriceMinor = 7,
  PriceFen = 8,
  TaxRate = 9,
  TaxInclusive = 10,
  Unit = 11,
  MinAge = 12,
  Tags = 13,
  ValidFrom = 14,
  ValidUntil = 15,
  Plu = 16,
};
inline constexpr std::size_t kFieldCount = 17;

/// The column's name: `code`, `price_minor`, ...; empty for `None`.
[[nodiscard]] std::string_view to_string(Field field);

/// Why an item, a row or a file was refused, or what is doubtful about it. Closed; never renumber.
enum class Reason : std::uint8_t {
  // An item or a row.
  Missing = 1,            ///< What must be there is empty.
  NotUtf8 = 2,            ///< The text is not UTF-8.
  TooLong = 3,            ///< Longer than the limit of its kind.
  ControlCharacter = 4,   ///< A line break, tab or the like inside a name.
  TooMany = 5,            ///< More codes, categories, tags or timed prices than one item may have.
  CodeInvalid = 6,        ///< A code has a character other than `!` to `~`, or a `;`.
  CodeTwice = 7,          ///< Another item has this code.
  IdInvalid = 8,          ///< The id, or the first code that stands for it, has a character that ids do not have.
  IdTwice = 9,            ///< Another item has this id.
  LabelInvalid = 10,      ///< A brand, category or tag is no id.
  PriceInvalid = 11,      ///< No amount.
  PriceNegative = 12,     ///< Below zero.
  PriceDecimals = 13,     ///< More decimals than the currency has.
  PriceTooHigh = 14,      ///< Above `kPriceMinorMax`.
  CurrencyDiffers = 15,   ///< Not the catalog's currency.
  TaxRateInvalid = 16,    ///< Neither `13%` nor basis points from 0 to 10,000.
  FlagInvalid = 17,       ///< Neither true nor false.
  UnitInvalid = 18,       ///< Neither `piece` nor a weight such as `g`, `500g`, `kg`.
  AgeInvalid = 19,        ///< No age from 0 to `kMinimumAgeMax`.
  ReferenceInvalid = 20,  ///< An in-store reference is 1 to 9 digits, not all 0.
  ReferenceTwice = 21,    ///< Another item has this in-store reference.
  TimeInvalid = 22,       ///< No RFC 3339 time, with its offset.
  WindowInvalid = 23,     ///< A window that ends before it starts, or has neither start nor end.
  WindowOverlaps = 24,    ///< The item has another price for part of this window.
  UnknownItem = 25,       ///< A timed price for an item that no row before it defines.
  DiffersFromItem = 26,   ///< A row for a timed price that says something else about the item than its own row.
  CatalogFull = 27,       ///< A limit of the whole catalog.
  CellCount = 28,         ///< More or fewer cells than the header.
  QuoteInvalid = 29,      ///< A quote inside a cell without quotes, text behind a closing quote, or none closing.
  // A file.
  HeaderMissing = 40,  ///< There is no row at all.
  ColumnMissing = 41,  ///< A column that must be there is not.
  ColumnUnknown = 42,  ///< A column that nobody knows and the caller does not ignore.
  ColumnTwice = 43,    ///< A column twice, or the price in two columns.
  FileNotUtf8 = 44,    ///< The first text that is not ASCII is not UTF-8: the file is of another encoding.
  // Doubts: the row is accepted.
  CheckDigit = 60,    ///< As long as a GTIN, but the check digit is wrong: an in-store code, or mistyped.
  TaxRateSmall = 61,  ///< Less than 1 % in basis points: was `13%` meant by `13`?
};

/// `code_twice`, `price_negative`, ...
[[nodiscard]] std::string_view to_string(Reason reason);

/// What a caller can do about it, in the library's words.
[[nodiscard]] core::ErrorCode error_code(Reason reason);

/// Why an item was not taken, and which of its texts is to blame.
struct Refusal {
  Reason reason{};
  Field field = Field::None;
  std::size_t position = 0;        ///< Of the code, category, tag or timed price among its like.
  std::string_view value{};        ///< Points into what the caller handed in; may be empty.
  std::optional<ItemIndex> other;  ///< Who has it already.
};

}  // namespace tillkit::catalog
