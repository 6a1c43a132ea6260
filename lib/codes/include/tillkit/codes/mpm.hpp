// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/money.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::codes {

/// Largest merchant-presented code, in bytes: the specification's 512 characters, fewer where they take several bytes.
inline constexpr std::size_t kMpmBytesMax = 512;
/// Longest value, in characters: the length has two digits.
inline constexpr std::size_t kMpmValueCharactersMax = 99;

/// Ids of the root that code refers to by name (EMVCo QR Code Specification, merchant-presented mode 1.1, table 3.1).
enum MpmId : std::uint8_t {
  kMpmFormat = 0,
  kMpmInitiation = 1,
  kMpmAccountFirst = 2,
  kMpmAccountTemplateFirst = 26,
  kMpmAccountLast = 51,
  kMpmCategory = 52,
  kMpmCurrency = 53,
  kMpmAmount = 54,
  kMpmTip = 55,
  kMpmTipFixed = 56,
  kMpmTipPercent = 57,
  kMpmCountry = 58,
  kMpmName = 59,
  kMpmCity = 60,
  kMpmPostalCode = 61,
  kMpmAdditional = 62,
  kMpmCrc = 63,
  kMpmLanguage = 64,
  kMpmReservedFirst = 65,
  kMpmTemplateFirst = 80,
  kMpmIdLast = 99,
};

/// One data object: a value, or the parts of a template, never both.
struct MpmObject {
  std::uint8_t id = 0;
  std::string value;
  std::vector<MpmObject> parts;

  friend bool operator==(const MpmObject&, const MpmObject&) = default;
};

/// What is wrong with a merchant-presented code.
enum class MpmMistake : std::uint8_t {
  TooLong = 1,    ///< Beyond `kMpmBytesMax`.
  NotUtf8 = 2,    ///< Bytes that are no text.
  Id = 3,         ///< Two digits were expected.
  Length = 4,     ///< Two digits from 01 to 99 were expected, or the value is longer or shorter than this field may be.
  PastEnd = 5,    ///< The length goes past the end of what it lies in.
  First = 6,      ///< The first object is not 00.
  Last = 7,       ///< The last object is not 63, or something follows it.
  Repeated = 8,   ///< The id stands twice in one template.
  Missing = 9,    ///< A field that must be there is not.
  Form = 10,      ///< The value is not of this field's form.
  Tip = 11,       ///< 55, 56 and 57 do not go together.
  Crc = 12,       ///< `expected` is what the text adds up to, `found` what it says.
  Structure = 13  ///< For building: a value and parts at once, or parts where the field has none.
};

[[nodiscard]] std::string_view to_string(MpmMistake mistake);

/// Where a code stops being one. `part` and `subpart` are ids inside the templates, `kMpmNoPart` where it is the field.
struct MpmFault {
  MpmMistake mistake;
  std::uint8_t field = 0;
  std::uint8_t part = 0xFF;
  std::uint8_t subpart = 0xFF;
  std::uint16_t expected = 0;
  std::uint16_t found = 0;

  friend bool operator==(const MpmFault&, const MpmFault&) = default;
};

inline constexpr std::uint8_t kMpmNoPart = 0xFF;

/// How the payer is asked for a tip.
enum class MpmTip : std::uint8_t { None = 0, Prompt = 1, Fixed = 2, Percent = 3 };

/// A merchant-presented code: its objects as they stood, without 63, whose value follows from the rest.
struct Mpm {
  std::vector<MpmObject> objects;

  [[nodiscard]] const MpmObject* find(std::uint8_t id) const;
  /// The value of an object of the root; of a part of a template.
  [[nodiscard]] std::optional<std::string_view> value(std::uint8_t id) const;
  [[nodiscard]] std::optional<std::string_view> value(std::uint8_t id, std::uint8_t part) const;

  /// Shown for one payment only.
  [[nodiscard]] bool is_dynamic() const { return value(kMpmInitiation) == "12"; }

  /// `NotFound`: this build does not know the currency.
  [[nodiscard]] core::Result<core::Currency> currency() const;
  /// - NotFound: the payer enters the amount, or the currency is not known.
  /// - OutOfRange: finer than the currency's minor unit.
  [[nodiscard]] core::Result<core::Money> amount() const;

  [[nodiscard]] MpmTip tip() const;
  /// The fee of `MpmTip::Fixed`; fails as `amount` does.
  [[nodiscard]] core::Result<core::Money> tip_fixed() const;
  /// The fee of `MpmTip::Percent` 1 to 9999 basis points. `NotFound`: there is none.
  [[nodiscard]] core::Result<core::BasisPoints> tip_percent() const;

  /// Whether the payer's app shall ask for this part of field 62: its value is `***`.
  [[nodiscard]] bool prompts_for(std::uint8_t part) const { return value(kMpmAdditional, part) == "***"; }

  friend bool operator==(const Mpm&, const Mpm&) = default;
};

/// What is tolerated of national forms.
struct MpmRules {
  /// Lets 52, 59 and 60 be absent, as PromptPay and VietQR leave them out between persons.
  bool short_forms = false;
};

/// Reads a merchant-presented code, version 1.1, to the letter.
[[nodiscard]] std::expected<Mpm, MpmFault> parse_mpm(std::string_view text, MpmRules rules = {});

/// Writes the text with its CRC. What it writes, `parse_mpm` reads as the same `code` under the same rules; what
/// `parse_mpm` would refuse, it refuses with the same fault.
[[nodiscard]] std::expected<std::string, MpmFault> build_mpm(const Mpm& code, MpmRules rules = {});

}  // namespace tillkit::codes
