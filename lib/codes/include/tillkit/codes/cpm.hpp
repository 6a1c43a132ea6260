// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <utility>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/id.hpp"

namespace tillkit::codes {

/// How the base64 of `85 05 "CPV01"` begins: every consumer-presented code.
inline constexpr std::string_view kCpmStart = "hQVDUFY";
/// Largest code, in decoded bytes; the specification asks for 512 at least.
inline constexpr std::size_t kCpmBytesMax = 768;
/// Most data objects in one template, and most application templates.
inline constexpr std::size_t kCpmObjectsMax = 48;
inline constexpr std::size_t kCpmApplicationsMax = 8;

/// An application identifier, 5 to 16 bytes in upper-case hex; the first five bytes name its owner.
using ApplicationId = core::TextId<struct ApplicationIdTag, 32, core::is_order_char>;

enum class CpmScheme : std::uint8_t {
  Other = 0,
  UnionPay = 1,
  Visa = 2,
  Mastercard = 3,
  Amex = 4,
  Jcb = 5,
  Discover = 6
};

[[nodiscard]] std::string_view to_string(CpmScheme scheme);

/// Whose application it is, by the registered owner.
[[nodiscard]] CpmScheme scheme_of(const ApplicationId& id);

/// What is wrong with a consumer-presented code.
enum class CpmMistake : std::uint8_t {
  Base64 = 1,         ///< Not base64.
  TooLong = 2,        ///< Beyond `kCpmBytesMax`.
  First = 3,          ///< The first object is not 85.
  Version = 4,        ///< 85 is not `CPV01`.
  Tag = 5,            ///< No tag of one or two bytes.
  Length = 6,         ///< No definite length, or one that goes past the end of what it lies in.
  Repeated = 7,       ///< 85 or 62 twice, or a tag twice in one template.
  NoApplication = 8,  ///< No 61.
  NoId = 9,           ///< A 61 without 4F.
  IdLength = 10,      ///< 4F is not of 5 to 16 bytes.
  InBoth = 11,        ///< A tag stands in 61 and in 62.
  TooMany = 12,       ///< More objects than the limits above.
};

[[nodiscard]] std::string_view to_string(CpmMistake mistake);

/// Where a code stops being one: `offset` counts decoded bytes. Says nothing about what the code contains.
struct CpmFault {
  CpmMistake mistake;
  std::uint16_t tag = 0;
  std::uint16_t offset = 0;

  friend bool operator==(const CpmFault&, const CpmFault&) = default;
};

/// A consumer-presented EMV code: a payment code that says which applications can take it.
class CpmCode {
 public:
  /// The whole code as it goes to the acquirer. Its route is UnionPay where the first application is, else empty.
  [[nodiscard]] const PaymentCode& payment() const { return payment_; }
  [[nodiscard]] PaymentCode take_payment() && { return std::move(payment_); }

  /// In the code's order, which is the shopper's preference; one at least.
  [[nodiscard]] std::span<const ApplicationId> applications() const {
    return std::span(applications_).first(application_count_);
  }
  [[nodiscard]] CpmScheme scheme() const { return scheme_of(applications_[0]); }

 private:
  friend std::expected<CpmCode, CpmFault> parse_cpm(std::string_view text);

  CpmCode(PaymentCode payment, const std::array<ApplicationId, kCpmApplicationsMax>& applications, std::size_t count)
      : payment_(std::move(payment)), applications_(applications), application_count_(count) {}

  PaymentCode payment_;
  std::array<ApplicationId, kCpmApplicationsMax> applications_;
  std::size_t application_count_;
};

/// Reads a consumer-presented code, version 1.1. The decoded bytes are wiped before it returns.
[[nodiscard]] std::expected<CpmCode, CpmFault> parse_cpm(std::string_view text);

}  // namespace tillkit::codes
