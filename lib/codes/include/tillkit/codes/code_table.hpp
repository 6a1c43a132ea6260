// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::codes {

/// Rows kept in place, `Max` at most.
template <class Row, std::size_t Max>
class Rows {
 public:
  static constexpr std::size_t kMax = Max;

  /// False, and nothing added, where it is full.
  constexpr bool add(const Row& row) {
    if (count_ == Max) return false;
    rows_[count_] = row;
    ++count_;
    return true;
  }
  [[nodiscard]] constexpr std::span<const Row> all() const { return std::span(rows_).first(count_); }

 private:
  std::array<Row, Max> rows_{};
  std::size_t count_ = 0;
};

inline constexpr std::size_t kPaymentRulesMax = 32;
inline constexpr std::size_t kInStoreRulesMax = 32;
inline constexpr std::size_t kMemberRulesMax = 16;
inline constexpr std::size_t kLinkRulesMax = 16;
/// Longest payment code that is no EMV code, and longest card number, in characters.
inline constexpr std::size_t kPaymentCodeCharactersMax = 64;
inline constexpr std::size_t kMemberCardCharactersMax = 40;
/// Longest in-store barcode, in digits; longest item reference and value in it.
inline constexpr std::size_t kInStoreDigitsMax = 20;
inline constexpr std::size_t kInStoreItemDigitsMax = 10;
inline constexpr std::size_t kInStoreValueDigitsMax = 9;

using CodePrefix = core::TextId<struct CodePrefixTag, 8>;
using LinkHost = core::TextId<struct LinkHostTag, 100>;
using LinkParameter = core::TextId<struct LinkParameterTag, 16>;

enum class Characters : std::uint8_t {
  Digits = 0,
  Text = 1,  ///< letters, digits and `._:-`
};

/// Which texts a row means: those that start with a prefix from `first` to `last` (two of one length, compared as text)
/// and have from `length_min` to `length_max` characters.
struct TextRange {
  CodePrefix first;
  CodePrefix last;
  std::uint8_t length_min = 0;
  std::uint8_t length_max = 0;
  Characters characters = Characters::Digits;

  [[nodiscard]] bool has_prefix(std::string_view text) const;
  [[nodiscard]] bool contains(std::string_view text) const;
  /// Whether some text could be in both.
  [[nodiscard]] bool overlaps(const TextRange& other) const;
};

/// A wallet's codes. Rows may overlap: the wallets of all that match make the route, in the order of the rows.
struct PaymentRule {
  Wallet wallet = Wallet::WeChatPay;
  TextRange range;
  bool can_identify = false;  ///< The wallet answers whose code it is, without charging.
  std::uint8_t mark_at = 0;   ///< With `mark`: the position, from 0, that must hold that character.
  char mark = '\0';

  [[nodiscard]] bool contains(std::string_view text) const;
};

/// Where a number stands in a barcode: position from 0, and how many digits.
struct DigitField {
  std::uint8_t at = 0;
  std::uint8_t digits = 0;
};

/// A number in a barcode with implied decimals.
struct ValueField {
  DigitField field;
  std::uint8_t decimals = 0;             ///< Of a kilogram, or of the currency's major unit.
  std::optional<std::uint8_t> check_at;  ///< A price only: where its verifier stands.
};

/// A barcode that a shop's scale prints: item, and weight or price or both. The last digit is the GS1 check digit.
/// Every shop sets its scales as it likes, so these rows are the shop's configuration before they are anything else.
struct InStoreRule {
  TextRange range;  ///< digits, of one length
  DigitField item;
  std::optional<ValueField> weight;
  std::optional<ValueField> price;
};

/// Card numbers of the shop's members.
struct MemberRule {
  TextRange range;
};

/// Posters that lead to something of ours. Other links are links, too, but nothing is looked for in them.
struct LinkRule {
  LinkHost host;        ///< exact, in small letters
  LinkParameter claim;  ///< name of the query parameter that holds the claim id; may be empty
};

/// What codes look like, as data: prefixes come from the cloud.
struct CodeTable {
  core::Currency currency = core::kCny;  ///< of prices in in-store barcodes
  bool mpm_short_forms = false;          ///< see `MpmRules`
  Rows<PaymentRule, kPaymentRulesMax> payments;
  Rows<InStoreRule, kInStoreRulesMax> in_store;
  Rows<MemberRule, kMemberRulesMax> members;
  Rows<LinkRule, kLinkRulesMax> links;
};

/// The table that is built in: the four wallets, and the forms that scales in China commonly print.
[[nodiscard]] const CodeTable& default_code_table();

/// Version of the document that `read_code_table` takes.
inline constexpr std::int64_t kCodeTableVersion = 1;

/// Reads a table from a JSON object (README.md shows one). Nothing of it is optional but what is marked so there.
/// Every error names the value's byte offset, which `JsonDocument::path_of` turns into a path:
/// - NotFound, InvalidArgument, OutOfRange: a member is missing, unknown, of another kind or not in range.
/// - Unsupported: another version.
/// - Exhausted: more rows than fit.
/// - AlreadyExists: a row of `in_store` or `members` that could be taken for another kind, or for a row before it.
///   Such a table could charge a barcode or sell a payment code.
[[nodiscard]] core::Result<CodeTable> read_code_table(const core::JsonValue& value);

}  // namespace tillkit::codes
