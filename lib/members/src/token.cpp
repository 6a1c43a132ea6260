// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/token.hpp"

#include <algorithm>

#include "tillkit/cloud/limits.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using Seconds = std::int64_t;

/// The last second of year 9999.
constexpr Seconds kSecondsMax = 253'402'300'799;
constexpr core::JsonLimits kLimits{.bytes_max = codes::kTokenBytesMax,
                                   .depth_max = 1,
                                   .values_max = 10,
                                   .members_max = 9,
                                   .string_bytes_max = offers::CouponId::kLengthMax};

core::WallTime time_of(Seconds seconds) {
  return core::WallTime{std::chrono::seconds{seconds}};
}

Seconds seconds_of(core::WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

template <class Id>
Result<Id> read_id(const JsonValue& payload, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, payload.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return Id::parse(text);
}

/// Empty where it is missing; never "".
template <class Id>
Result<Id> read_id_if_any(const JsonValue& payload, std::string_view name) {
  if (!payload.find(name)) return Id{};
  return read_id<Id>(payload, name);
}

/// What both tokens say: the key and when and where.
template <class Token>
Result<KeyName> read_common(const JsonValue& payload, Token& token) {
  TILLKIT_TRY(const JsonValue from, payload.member("n"));
  TILLKIT_TRY(const JsonValue until, payload.member("e"));
  TILLKIT_TRY(const Seconds from_seconds, from.integer_in(0, kSecondsMax));
  TILLKIT_TRY(const Seconds until_seconds, until.integer_in(from_seconds + 1, kSecondsMax));
  token.from = time_of(from_seconds);
  token.until = time_of(until_seconds);
  TILLKIT_TRY(token.store, read_id_if_any<offers::Name>(payload, "s"));
  return read_id<KeyName>(payload, "k");
}

Result<KeyName> read_payload(const JsonValue& payload, MemberToken& token) {
  TILLKIT_TRY_VOID(payload.only({"k", "m", "n", "e", "s"}));
  TILLKIT_TRY(token.member, read_id<MemberId>(payload, "m"));
  return read_common(payload, token);
}

Result<KeyName> read_payload(const JsonValue& payload, CouponToken& token) {
  TILLKIT_TRY_VOID(payload.only({"k", "c", "o", "m", "n", "e", "s", "r", "f"}));
  TILLKIT_TRY(token.coupon, read_id<offers::CouponId>(payload, "c"));
  TILLKIT_TRY(token.offer, read_id<offers::OfferId>(payload, "o"));
  TILLKIT_TRY(token.member, read_id_if_any<MemberId>(payload, "m"));
  TILLKIT_TRY(const JsonValue risk, payload.member("r"));
  TILLKIT_TRY(token.risk_minor, risk.integer_in(0, cloud::kAmountMinorMax));
  TILLKIT_TRY(const JsonValue offline, payload.member("f"));
  TILLKIT_TRY(token.offline, offline.boolean());
  return read_common(payload, token);
}

bool is_signed(const codes::SignedToken& token, const MerchantKey& key) {
  const auto bytes = core::decode_base64url(token.signature());
  if (!bytes || bytes->size() != security::kEs256SignatureBytes) return false;
  const auto signature = std::span<const std::byte, security::kEs256SignatureBytes>(*bytes);
  return security::verify_es256(key.public_key, core::as_bytes(token.signed_text()), signature).has_value();
}

template <class Token>
std::expected<Token, TokenRefusal> check(std::string_view prefix, const codes::SignedToken& signed_token,
                                         std::span<const MerchantKey> keys, const core::WallReading& now,
                                         const offers::Name& store) {
  if (!signed_token.signed_text().starts_with(prefix)) return std::unexpected(TokenRefusal::Form);
  const auto bytes = core::decode_base64url(signed_token.payload());
  if (!bytes) return std::unexpected(TokenRefusal::Form);
  const auto payload = core::JsonDocument::parse(core::as_text(*bytes), kLimits);
  if (!payload) return std::unexpected(TokenRefusal::Form);
  Token token;
  const auto name = read_payload(payload->root(), token);
  if (!name) return std::unexpected(TokenRefusal::Form);

  keys = keys.first(std::min(keys.size(), kMerchantKeysMax));
  const auto key = std::ranges::find(keys, *name, &MerchantKey::name);
  if (key == keys.end()) return std::unexpected(TokenRefusal::KeyUnknown);
  if (!is_signed(signed_token, *key)) return std::unexpected(TokenRefusal::Signature);

  if (now.quality == core::WallQuality::Unknown) return std::unexpected(TokenRefusal::ClockUnknown);
  if (now.at < token.from) return std::unexpected(TokenRefusal::NotYetValid);
  if (now.at >= token.until) return std::unexpected(TokenRefusal::Expired);
  if (!token.store.empty() && token.store != store) return std::unexpected(TokenRefusal::OtherStore);
  return token;
}

template <class Token>
bool has_times(const Token& token) {
  const Seconds from = seconds_of(token.from);
  const Seconds until = seconds_of(token.until);
  return from >= 0 && until > from && until <= kSecondsMax;
}

core::JsonWriter begin(const KeyName& name) {
  core::JsonWriter json;
  json.begin_object().name("k").text(name.view());
  return json;
}

/// What both say behind their ids.
template <class Token>
void write_common(core::JsonWriter& json, const Token& token) {
  if (!token.member.empty()) json.name("m").text(token.member.view());
  json.name("n").integer(seconds_of(token.from)).name("e").integer(seconds_of(token.until));
  if (!token.store.empty()) json.name("s").text(token.store.view());
}

Result<std::string> sign(std::string_view prefix, core::JsonWriter& json, const security::Crypto& crypto,
                         security::KeyId key) {
  TILLKIT_TRY(const std::string payload, json.end_object().finish());
  std::string text(prefix);
  text += core::encode_base64url(core::as_bytes(payload));
  constexpr std::size_t kSignatureCharacters = (codes::kTokenSignatureBytes * 4 + 2) / 3;
  if (text.size() + 1 + kSignatureCharacters > codes::kTokenBytesMax) return fail(ErrorCode::Exhausted);
  TILLKIT_TRY(const auto signature, crypto.sign_es256(key, core::as_bytes(text)));
  text += '.';
  text += core::encode_base64url(signature);
  return text;
}

}  // namespace

std::string_view to_string(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::Form: return "form";
    case TokenRefusal::KeyUnknown: return "key_unknown";
    case TokenRefusal::Signature: return "signature";
    case TokenRefusal::ClockUnknown: return "clock_unknown";
    case TokenRefusal::NotYetValid: return "not_yet_valid";
    case TokenRefusal::Expired: return "expired";
    case TokenRefusal::OtherStore: return "other_store";
  }
  return "unknown";
}

std::expected<MemberToken, TokenRefusal> check_member_token(const codes::SignedToken& token,
                                                            std::span<const MerchantKey> keys,
                                                            const core::WallReading& now, const offers::Name& store) {
  return check<MemberToken>(codes::kMemberTokenPrefix, token, keys, now, store);
}

std::expected<CouponToken, TokenRefusal> check_coupon_token(const codes::SignedToken& token,
                                                            std::span<const MerchantKey> keys,
                                                            const core::WallReading& now, const offers::Name& store) {
  return check<CouponToken>(codes::kCouponTokenPrefix, token, keys, now, store);
}

Result<std::string> sign_member_token(const MemberToken& token, const KeyName& name, const security::Crypto& crypto,
                                      security::KeyId key) {
  if (name.empty() || token.member.empty() || !has_times(token)) return fail(ErrorCode::InvalidArgument);
  core::JsonWriter json = begin(name);
  write_common(json, token);
  return sign(codes::kMemberTokenPrefix, json, crypto, key);
}

Result<std::string> sign_coupon_token(const CouponToken& token, const KeyName& name, const security::Crypto& crypto,
                                      security::KeyId key) {
  if (name.empty() || token.coupon.empty() || token.offer.empty() || !has_times(token) || token.risk_minor < 0 ||
      token.risk_minor > cloud::kAmountMinorMax)
    return fail(ErrorCode::InvalidArgument);
  core::JsonWriter json = begin(name);
  json.name("c").text(token.coupon.view()).name("o").text(token.offer.view());
  write_common(json, token);
  json.name("r").integer(token.risk_minor).name("f").boolean(token.offline);
  return sign(codes::kCouponTokenPrefix, json, crypto, key);
}

}  // namespace tillkit::members
