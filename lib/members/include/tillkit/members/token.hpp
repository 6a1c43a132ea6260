// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/codes/token.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/members/profile.hpp"
#include "tillkit/security/crypto.hpp"

/// Tokens that the cloud signs and a terminal checks alone (ES256). Their payload is compact JSON:
///
///     member  {"k":"key","m":"member","n":from,"e":until,"s":"store"}
///     coupon  {"k":"key","c":"coupon","o":"offer","m":"member","n":from,"e":until,"s":"store","r":risk,"f":offline}
///
/// Times are whole seconds since 1970, up to the year 9999, `e` is not included and comes after `n`; of a coupon `m`,
/// and of both `s`, may be missing, never empty: anybody's, any store. `r` is at most `cloud::kAmountMinorMax`. The
/// order does not count. A member that this build does not know refuses the token (`Form`).
///
/// A whole token has at most `codes::kTokenBytesMax` bytes. That leaves, with times of ten digits and all members
/// there, 75 characters for key, coupon, offer, member, store and risk of a coupon token together (76 with `f` true),
/// and 104 for key, member and store of a member token.
namespace tillkit::members {

using KeyName = core::TextId<struct TokenKeyTag, 16>;

/// One of the merchant's keys, as the cloud's settings bring it.
struct MerchantKey {
  KeyName name{};
  std::array<std::byte, security::kP256PublicKeyBytes> public_key{};
};
inline constexpr std::size_t kMerchantKeysMax = 8;

/// Lets its bearer spend what is leased: valid for minutes.
struct MemberToken {
  MemberId member{};
  core::WallTime from{};
  core::WallTime until{};
  offers::Name store{};  ///< empty: any
  friend bool operator==(const MemberToken&, const MemberToken&) = default;
};

struct CouponToken {
  offers::CouponId coupon{};
  offers::OfferId offer{};
  MemberId member{};  ///< empty: whoever bears it
  core::WallTime from{};
  core::WallTime until{};
  offers::Name store{};         ///< empty: any
  std::int64_t risk_minor = 0;  ///< the most that it takes off: what honouring it unchecked can cost
  bool offline = false;         ///< may be honoured where nobody can be asked
  friend bool operator==(const CouponToken&, const CouponToken&) = default;
};

/// Why a token is not honoured. Stored in records; never renumber.
enum class TokenRefusal : std::uint8_t {
  Form = 1,          ///< not a payload as above, or the other kind's token
  KeyUnknown = 2,    ///< no key of this name, or none that this terminal has yet
  Signature = 3,     ///< not that key's, or changed
  ClockUnknown = 4,  ///< the terminal does not know the time
  NotYetValid = 5,
  Expired = 6,
  OtherStore = 7,
};
[[nodiscard]] std::string_view to_string(TokenRefusal refusal);

/// Checks form, key, signature, time and store, in this order; what is wrong first is what it says. Of `keys` the first
/// `kMerchantKeysMax` are looked at; `store` empty: only tokens for any store. A `security::Crypto` must live.
[[nodiscard]] std::expected<MemberToken, TokenRefusal> check_member_token(const codes::SignedToken& token,
                                                                          std::span<const MerchantKey> keys,
                                                                          const core::WallReading& now,
                                                                          const offers::Name& store);
[[nodiscard]] std::expected<CouponToken, TokenRefusal> check_coupon_token(const codes::SignedToken& token,
                                                                          std::span<const MerchantKey> keys,
                                                                          const core::WallReading& now,
                                                                          const offers::Name& store);

/// Writes and signs a token, as a cloud does. Times are cut to whole seconds.
/// - InvalidArgument: no key's name, no member, coupon or offer, a time before 1970 or after 9999, `until` not after
///   `from`, or a risk that is negative or too high.
/// - Exhausted: it would be longer than a token may be. - otherwise as `Crypto::sign_es256`.
[[nodiscard]] core::Result<std::string> sign_member_token(const MemberToken& token, const KeyName& name,
                                                          const security::Crypto& crypto, security::KeyId key);
[[nodiscard]] core::Result<std::string> sign_coupon_token(const CouponToken& token, const KeyName& name,
                                                          const security::Crypto& crypto, security::KeyId key);

}  // namespace tillkit::members
