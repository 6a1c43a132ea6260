// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/id.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::codes {

/// Ends an element of variable length: what scanners send for FNC1.
inline constexpr char kGroupSeparator = '\x1D';

/// Most elements in one message.
inline constexpr std::size_t kGs1ElementsMax = 32;

/// What is wrong with an element string.
enum class Gs1Mistake : std::uint8_t {
  Empty = 1,      ///< No element at all.
  UnknownAi = 2,  ///< An application identifier that this build does not know; its length is unknown, so all ends here.
  Length = 3,     ///< A value is too short or too long; `expected` is the nearest length that is right.
  Character = 4,  ///< A character that this identifier does not take.
  CheckDigit = 5,  ///< `expected` and `found` are the digits.
  Repeated = 6,    ///< The same identifier again with another value.
  TooMany = 7,     ///< More than `kGs1ElementsMax` elements.
  Date = 8,        ///< No such day.
};

[[nodiscard]] std::string_view to_string(Gs1Mistake mistake);

struct Gs1Fault {
  Gs1Mistake mistake;
  std::uint16_t ai = 0;  ///< The application identifier; of an unknown one its first digits, at most four.
  std::uint16_t offset = 0;
  std::uint16_t expected = 0;
  std::uint16_t found = 0;

  friend bool operator==(const Gs1Fault&, const Gs1Fault&) = default;
};

/// One element. `value` lies in the text that was parsed.
struct Gs1Element {
  std::uint16_t ai = 0;
  std::string_view value;

  friend bool operator==(const Gs1Element&, const Gs1Element&) = default;
};

/// The elements of one barcode, in its order, each identifier once. Looks into the text that was parsed, which must
/// outlive it.
class Gs1Message {
 public:
  [[nodiscard]] std::span<const Gs1Element> elements() const { return std::span(elements_).first(count_); }

  /// The value of that identifier.
  [[nodiscard]] std::optional<std::string_view> find(std::uint16_t ai) const;

  /// The first element with an identifier from `first` to `last`: 3100 to 3105 for a net weight in kilograms.
  [[nodiscard]] std::optional<Gs1Element> find_in(std::uint16_t first, std::uint16_t last) const;

 private:
  friend std::expected<Gs1Message, Gs1Fault> parse_gs1(std::string_view text);

  std::array<Gs1Element, kGs1ElementsMax> elements_{};
  std::size_t count_ = 0;
};

/// Reads an element string as a scanner sends it, without the symbology identifier: identifiers as digits, FNC1 as
/// `kGroupSeparator`. Lengths, characters, check digits and dates are checked by the GS1 syntax dictionary's table.
[[nodiscard]] std::expected<Gs1Message, Gs1Fault> parse_gs1(std::string_view text);

/// A day as a barcode gives it: the century is for whoever has a clock to decide. Day 0 is the whole month.
struct Gs1Date {
  std::uint8_t year_of_century = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;

  friend bool operator==(const Gs1Date&, const Gs1Date&) = default;
};

/// Reads `YYMMDD`; nothing where there is no such day in any century.
[[nodiscard]] std::optional<Gs1Date> parse_gs1_date(std::string_view digits);

/// A number with implied decimals, exact: 1234 with 3 decimals is 1.234.
struct Gs1Decimal {
  std::int64_t digits = 0;
  std::uint8_t decimals = 0;

  friend bool operator==(const Gs1Decimal&, const Gs1Decimal&) = default;
};

/// A net weight in kilograms (AI 310n).
struct Gs1Weight {
  Gs1Decimal kilograms;

  /// `OutOfRange`: not a whole number of grams.
  [[nodiscard]] core::Result<std::int64_t> grams() const;

  friend bool operator==(const Gs1Weight&, const Gs1Weight&) = default;
};

/// What the goods in the package cost (AI 392n, 393n).
struct Gs1Price {
  Gs1Decimal amount;
  std::uint16_t currency = 0;  ///< ISO 4217 number; 0 where the barcode leaves it to the shop (AI 392n).

  /// The price, in `shop` where the barcode names no currency.
  /// - NotFound: a currency that this build does not know. - OutOfRange: finer than the minor unit, or too large.
  [[nodiscard]] core::Result<core::Money> money(core::Currency shop) const;

  friend bool operator==(const Gs1Price&, const Gs1Price&) = default;
};

constexpr bool is_gs1_char(char c) {  // character set 82 of the General Specifications
  return (c >= '%' && c <= '?') || c == '!' || c == '"' || (c >= 'A' && c <= 'Z') || c == '_' || (c >= 'a' && c <= 'z');
}

using Gs1Batch = core::TextId<struct Gs1BatchTag, 20, is_gs1_char>;
using Gs1Serial = core::TextId<struct Gs1SerialTag, 20, is_gs1_char>;

/// What a barcode says about the one package besides its item number.
struct Gs1Details {
  Gs1Batch batch;                      ///< AI 10; empty where it is not there
  Gs1Serial serial;                    ///< AI 21; empty where it is not there
  std::optional<Gs1Date> best_before;  ///< AI 15
  std::optional<Gs1Date> expiry;       ///< AI 17: not to be sold after this day
  std::optional<std::int64_t> count;   ///< AI 30
  std::optional<Gs1Weight> weight;     ///< AI 310n
  std::optional<Gs1Price> price;       ///< AI 392n, 393n

  friend bool operator==(const Gs1Details&, const Gs1Details&) = default;
};

[[nodiscard]] Gs1Details details_of(const Gs1Message& message);

/// What a coupon number is made of. Stored in records; never renumber.
enum class Gs1CouponForm : std::uint8_t {
  PositiveOffer = 1,  ///< AI 8112: funder, offer and serial; the offer itself is in the cloud's file
  Gcn = 2,            ///< AI 255: global coupon number, with a serial if each is cleared once
};

using CouponFunder = core::TextId<struct CouponFunderTag, 12, core::is_digit_char>;
using CouponOffer = core::TextId<struct CouponOfferTag, 6, core::is_digit_char>;
using CouponSerial = core::TextId<struct CouponSerialTag, 15, core::is_digit_char>;
using CouponGcn = core::TextId<struct CouponGcnTag, 13, core::is_digit_char>;

/// A GS1 coupon: only what identifies it.
struct Gs1Coupon {
  Gs1CouponForm form;
  std::uint8_t format = 0;  ///< AI 8112: 0 or 1
  CouponFunder funder{};    ///< AI 8112: 6 to 12 digits
  CouponOffer offer{};      ///< AI 8112: 6 digits
  CouponGcn gcn{};          ///< AI 255: 13 digits
  CouponSerial serial{};    ///< AI 8112: 6 to 15 digits, always there. AI 255: up to 12, may be empty

  friend bool operator==(const Gs1Coupon&, const Gs1Coupon&) = default;
};

/// Reads the value of AI 8112. `Length`: it stops early or goes on; `Character`: a format or a length digit that is not
/// defined. Offsets count from the start of `value`.
[[nodiscard]] std::expected<Gs1Coupon, Gs1Fault> parse_positive_offer(std::string_view value);

}  // namespace tillkit::codes
