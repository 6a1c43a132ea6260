// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tillkit/codes/code_table.hpp"
#include "tillkit/codes/cpm.hpp"
#include "tillkit/codes/gs1.hpp"
#include "tillkit/codes/gtin.hpp"
#include "tillkit/codes/mpm.hpp"
#include "tillkit/codes/payment_code.hpp"
#include "tillkit/codes/token.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"

namespace tillkit::codes {

/// What a scanned text is. Stored in records; never renumber.
enum class Kind : std::uint8_t {
  Unknown = 0,
  PaymentCode = 1,
  EmvMpm = 2,
  EmvCpm = 3,
  Item = 4,
  WeighedItem = 5,
  Gs1Coupon = 6,
  MemberCode = 7,
  CouponToken = 8,
  UnifiedCode = 9,
  Link = 10,
};

/// `payment_code`, `emv_mpm`, ... `unknown`
[[nodiscard]] std::string_view to_string(Kind kind);

/// The barcode that an item number came from.
enum class ItemForm : std::uint8_t { Ean13 = 1, Ean8 = 2, UpcA = 3, UpcE = 4, Gtin14 = 5, Gs1 = 6 };

[[nodiscard]] std::string_view to_string(ItemForm form);

struct Item {
  Gtin gtin;
  ItemForm form = ItemForm::Ean13;
  /// Eight digits can be an EAN-8 and a UPC-E at once; where the scanner does not say, this is the less likely one.
  std::optional<Gtin> also;
  Gs1Details details;  ///< empty unless `form` is Gs1
};

using ShopItem = core::TextId<struct ShopItemTag, kInStoreItemDigitsMax, core::is_digit_char>;

/// An in-store label: what was weighed or priced at the scale.
struct WeighedItem {
  CodePrefix prefix;  ///< the prefix it matched, of the rule's length: part of the item's number in many shops
  ShopItem item;
  std::optional<core::Quantity> weight;
  std::optional<core::Money> price;
};

using MemberCard = core::TextId<struct MemberCardTag, kMemberCardCharactersMax>;

/// Who the shopper is: a card number, which only earns, or a token, which spends once its signature is checked.
struct MemberCode {
  std::variant<MemberCard, SignedToken> value;
};

struct CouponToken {
  SignedToken token;
};

/// Member and payment in one scan.
struct UnifiedCode {
  SignedToken member;
  PaymentCode payment;
};

using ClaimId = core::TextId<struct ClaimIdTag, 64>;

/// A http or https address.
struct Link {
  std::string url;
  LinkHost host;  ///< in small letters
  bool secure = false;
  ClaimId claim;  ///< empty unless the table names the host and its parameter is there
};

/// Why a text is nothing that is known. The numbers are in `Unknown::expected` and `found`.
enum class Why : std::uint8_t {
  Unrecognised = 0,      ///< Nothing comes near.
  Empty = 1,             ///< No characters.
  TooLong = 2,           ///< `expected` bytes at most, `found`.
  ControlCharacter = 3,  ///< `found` is its byte offset.
  NotUtf8 = 4,           ///< `found` is the byte offset.
  Length = 5,            ///< `expected` characters, the nearest length that is right, and `found`.
  CheckDigit = 6,        ///< The digits.
  PriceCheckDigit = 7,   ///< The digits.
  Emv = 8,               ///< See `Unknown::mpm` or `cpm`.
  Gs1 = 9,               ///< See `Unknown::gs1`.
  NotAnItem = 10,        ///< A GS1 barcode without an item number and without a coupon.
  NotYet = 11,           ///< `found` is a GS1 identifier that this build does not handle.
  Token = 12,            ///< `found` is the piece that is wrong, see `TokenPart`.
  Form = 13,             ///< Characters that this kind cannot have.
  Scheme = 14,           ///< A link that is neither http nor https.
  Value = 15,            ///< A number that is too large for what it counts.
};

[[nodiscard]] std::string_view to_string(Why why);

/// A text that is nothing that is known. Keeps none of it: it may have been a payment code with a digit lost.
struct Unknown {
  Kind nearest = Kind::Unknown;
  Why why = Why::Unrecognised;
  std::uint32_t expected = 0;
  std::uint32_t found = 0;
  std::optional<Wallet> wallet{};  ///< with `nearest` PaymentCode
  std::optional<MpmFault> mpm{};
  std::optional<CpmFault> cpm{};
  std::optional<Gs1Fault> gs1{};
};

/// One scanned code, in the order of `Kind`. Moves only: it may hold a payment code.
using Code = std::variant<Unknown, PaymentCode, Mpm, CpmCode, Item, WeighedItem, Gs1Coupon, MemberCode, CouponToken,
                          UnifiedCode, Link>;

[[nodiscard]] inline Kind kind_of(const Code& code) {
  return static_cast<Kind>(code.index());
}

/// Longest scanned text, in bytes, without the line break that scanners add.
inline constexpr std::size_t kCodeBytesMax = 1024;

/// Says what `text` is. Always the same for the same text and table, and never fails: what it does not know is
/// `Unknown`, with what it was nearest to and why not.
///
/// `text` is what the scanner sent: with or without a line break behind it and an AIM symbology identifier (`]C1`) in
/// front, FNC1 as 0x1D. Where several kinds would fit, this order decides: payment codes, member cards, in-store
/// labels, item numbers, GS1 element strings.
[[nodiscard]] Code classify(std::string_view text, const CodeTable& table = default_code_table());

}  // namespace tillkit::codes
