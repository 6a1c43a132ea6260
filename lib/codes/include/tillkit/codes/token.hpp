// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tillkit::codes {

// A token of ours is one line that fits a QR code:
//
//   TKM1.<payload>.<signature>            a member   (who)
//   TKC1.<payload>.<signature>            a coupon   (what)
//   TKU1.<payload>.<signature>.<payment>  a member and a payment code in one scan
//
// Payload and signature are base64url without padding, the payload 1 byte at least, the signature the 64 bytes of
// ES256. The signature covers everything before its dot, always with the prefix of the plain token: the member part of
// a TKU1 is signed as `TKM1.<payload>`, so that one token serves both. <payment> is a payment code as it would be
// scanned alone; it is outside the signature because its wallet protects it.

inline constexpr std::string_view kMemberTokenPrefix = "TKM1.";
inline constexpr std::string_view kCouponTokenPrefix = "TKC1.";
inline constexpr std::string_view kUnifiedCodePrefix = "TKU1.";

/// Longest token, in bytes, prefix included; in a unified code the part without the payment code.
inline constexpr std::size_t kTokenBytesMax = 300;
/// ES256: r and s, 32 bytes each.
inline constexpr std::size_t kTokenSignatureBytes = 64;

/// The pieces of a token, numbered as they stand.
enum class TokenPart : std::uint8_t { Whole = 0, Payload = 1, Signature = 2, Payment = 3 };

/// A signed token whose form is right. Nobody has checked the signature yet: it proves nothing.
class SignedToken {
 public:
  /// What the signature covers: prefix and payload as text. Valid as long as this object, as are the others.
  [[nodiscard]] std::string_view signed_text() const { return std::string_view(text_).substr(0, signed_size_); }
  /// base64url
  [[nodiscard]] std::string_view payload() const { return signed_text().substr(kMemberTokenPrefix.size()); }
  /// base64url
  [[nodiscard]] std::string_view signature() const { return std::string_view(text_).substr(signed_size_ + 1); }

  friend bool operator==(const SignedToken&, const SignedToken&) = default;

 private:
  friend std::expected<SignedToken, TokenPart> parse_token(std::string_view prefix, std::string_view parts);

  SignedToken(std::string text, std::size_t signed_size) : text_(std::move(text)), signed_size_(signed_size) {}

  std::string text_;
  std::size_t signed_size_;
};

/// Reads `<payload>.<signature>`, what follows one of the plain prefixes, or says which piece is wrong.
[[nodiscard]] std::expected<SignedToken, TokenPart> parse_token(std::string_view prefix, std::string_view parts);

}  // namespace tillkit::codes
