// SPDX-License-Identifier: Apache-2.0

// Tokens: what a terminal honours that it cannot ask anybody about.

#include "tillkit/members/token.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "../security/device.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::WallQuality;
using security::failed_with;
using security::must;
using namespace std::chrono_literals;

// Made by another implementation (Python's `cryptography`, that is OpenSSL), with the key whose secret number is the
// bytes 1 to 32.
constexpr std::string_view kVectorKey =
    "04515c3d6eb9e396b904d3feca7f54fdcd0cc1e997bf375dca515ad0a6c3b4035f4536be3a50f318fbf9a5475902a221502bef0d57e08c53b2"
    "cc0a56f17d9f9354";
constexpr std::string_view kVectorMember =
    "eyJrIjoiMjAyNi0xIiwibSI6Ik0tMTAwMSIsIm4iOjE3OTAwMDAwMDAsImUiOjE3OTAwMDAzMDAsInMiOiJzaG9wLTcifQ."
    "GDOp28YqT7a2UaPgR1Ktv47_gkuYyN-tN0bZC69wCI1h_h2S_T4pgeE9IoaMWjcaC7vWQBr9G2qO6wLNfobKmA";
constexpr std::string_view kVectorCoupon =
    "eyJrIjoiMjAyNi0xIiwiYyI6IkMtNzcwMDEiLCJvIjoidGVuLW9mZiIsIm0iOiJNLTEwMDEiLCJuIjoxNzkwMDAwMDAwLCJlIjoxNzk3Nzc2MDAwLC"
    "JzIjoic2hvcC03IiwiciI6MTAwMCwiZiI6dHJ1ZX0."
    "ja2F6-MX9cFzeZo-zQCF0D0_btMt0RPAjPp3LG0YhwXiN7FjbuYDTjILruLdbfDWEvAk_KQu9p6dHy66TlGr5w";

constexpr core::WallTime kFrom{std::chrono::seconds{1'790'000'000}};

offers::Name store(std::string_view text) {
  return *offers::Name::parse(text);
}
core::WallReading at(core::WallTime time) {
  return {time, WallQuality::Trusted};
}

codes::SignedToken parsed(std::string_view prefix, std::string_view parts) {
  const auto token = codes::parse_token(prefix, parts);
  REQUIRE(token.has_value());
  return *token;
}
codes::SignedToken parsed(std::string_view text) {
  return parsed(text.substr(0, codes::kMemberTokenPrefix.size()), text.substr(codes::kMemberTokenPrefix.size()));
}

/// Who issues tokens, and what a terminal knows of it.
struct Issuer {
  explicit Issuer(std::uint64_t number = 1) : device(number) {
    crypto = device.start();
    key = must(crypto->create_signing_key(1));
    keys = {{name, must(crypto->public_key(key))}};
  }

  security::Device device;
  std::unique_ptr<security::Crypto> crypto{};
  security::KeyId key{};
  KeyName name = *KeyName::parse("2026-1");
  std::vector<MerchantKey> keys{};

  /// Whatever stands in the payload, with a right signature.
  [[nodiscard]] codes::SignedToken sign(std::string_view prefix, std::string_view payload) const {
    std::string text(prefix);
    text += core::encode_base64url(core::as_bytes(payload));
    const auto signature = must(crypto->sign_es256(key, core::as_bytes(text)));
    text += "." + core::encode_base64url(signature);
    return parsed(text);
  }
  [[nodiscard]] auto check_member(const codes::SignedToken& token, core::WallTime time = kFrom) const {
    return check_member_token(token, keys, at(time), store("shop-7"));
  }
  [[nodiscard]] auto check_coupon(const codes::SignedToken& token, core::WallTime time = kFrom) const {
    return check_coupon_token(token, keys, at(time), store("shop-7"));
  }
};

MemberToken some_member() {
  return {.member = *MemberId::parse("M-1001"), .from = kFrom, .until = kFrom + 300s, .store = store("shop-7")};
}
CouponToken some_coupon() {
  return {.coupon = *offers::CouponId::parse("C-77001"),
          .offer = *offers::OfferId::parse("ten-off"),
          .member = *MemberId::parse("M-1001"),
          .from = kFrom,
          .until = kFrom + 24h * 90,
          .store = store("shop-7"),
          .risk_minor = 1'000,
          .offline = true};
}

TEST_CASE("tokens that another implementation signed are read and found right", "[members]") {
  Issuer issuer;
  const auto key = must(core::decode_hex(kVectorKey));
  std::ranges::copy(key, issuer.keys[0].public_key.begin());

  const auto member = issuer.check_member(parsed(codes::kMemberTokenPrefix, kVectorMember));
  const auto coupon = issuer.check_coupon(parsed(codes::kCouponTokenPrefix, kVectorCoupon));

  REQUIRE(member.has_value());
  CHECK(*member == some_member());
  REQUIRE(coupon.has_value());
  CHECK(*coupon == some_coupon());
}

TEST_CASE("what is signed here has the very payload that the other implementation signed", "[members]") {
  const Issuer issuer;

  const auto member = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));
  const auto coupon = parsed(must(sign_coupon_token(some_coupon(), issuer.name, *issuer.crypto, issuer.key)));

  CHECK(member.payload() == kVectorMember.substr(0, kVectorMember.find('.')));
  CHECK(coupon.payload() == kVectorCoupon.substr(0, kVectorCoupon.find('.')));
  CHECK(issuer.check_member(member) == some_member());
  CHECK(issuer.check_coupon(coupon) == some_coupon());
}

TEST_CASE("a token for anybody in any store says so by saying nothing", "[members]") {
  const Issuer issuer;
  CouponToken coupon = some_coupon();
  coupon.member = {};
  coupon.store = {};
  coupon.offline = false;
  MemberToken member = some_member();
  member.store = {};

  const auto coupon_text = parsed(must(sign_coupon_token(coupon, issuer.name, *issuer.crypto, issuer.key)));
  const auto member_text = parsed(must(sign_member_token(member, issuer.name, *issuer.crypto, issuer.key)));

  CHECK(core::as_text(must(core::decode_base64url(coupon_text.payload()))) ==
        R"({"k":"2026-1","c":"C-77001","o":"ten-off","n":1790000000,"e":1797776000,"r":1000,"f":false})");
  CHECK(check_coupon_token(coupon_text, issuer.keys, at(kFrom), store("another")) == coupon);
  CHECK(check_member_token(member_text, issuer.keys, at(kFrom), {}) == member);
}

TEST_CASE("a token is valid from its first second to just before its last", "[members]") {
  const Issuer issuer;
  const auto token = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));

  CHECK(issuer.check_member(token, kFrom - 1ms).error() == TokenRefusal::NotYetValid);
  CHECK(issuer.check_member(token, kFrom).has_value());
  CHECK(issuer.check_member(token, kFrom + 300s - 1ms).has_value());
  CHECK(issuer.check_member(token, kFrom + 300s).error() == TokenRefusal::Expired);
}

TEST_CASE("while the time is not known no token is honoured, an estimated one will do", "[members]") {
  const Issuer issuer;
  const auto member = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));
  const auto coupon = parsed(must(sign_coupon_token(some_coupon(), issuer.name, *issuer.crypto, issuer.key)));
  const core::WallReading unknown{kFrom, WallQuality::Unknown};
  const core::WallReading estimated{kFrom, WallQuality::Estimated};

  CHECK(check_member_token(member, issuer.keys, unknown, store("shop-7")).error() == TokenRefusal::ClockUnknown);
  CHECK(check_coupon_token(coupon, issuer.keys, unknown, store("shop-7")).error() == TokenRefusal::ClockUnknown);
  CHECK(check_member_token(member, issuer.keys, estimated, store("shop-7")).has_value());
  CHECK(check_coupon_token(coupon, issuer.keys, estimated, store("shop-7")).has_value());
}

TEST_CASE("a token of another store is refused, also where this one has no name", "[members]") {
  const Issuer issuer;
  const auto member = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));
  const auto coupon = parsed(must(sign_coupon_token(some_coupon(), issuer.name, *issuer.crypto, issuer.key)));

  CHECK(check_member_token(member, issuer.keys, at(kFrom), store("shop-8")).error() == TokenRefusal::OtherStore);
  CHECK(check_coupon_token(coupon, issuer.keys, at(kFrom), store("shop-70")).error() == TokenRefusal::OtherStore);
  CHECK(check_coupon_token(coupon, issuer.keys, at(kFrom), {}).error() == TokenRefusal::OtherStore);
}

TEST_CASE("a token of a key that is not the merchant's is refused", "[members]") {
  Issuer issuer;
  const auto token = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));
  const MerchantKey right = issuer.keys[0];

  issuer.keys[0].name = *KeyName::parse("2026-2");
  CHECK(issuer.check_member(token).error() == TokenRefusal::KeyUnknown);
  CHECK(check_member_token(token, {}, at(kFrom), store("shop-7")).error() == TokenRefusal::KeyUnknown);
  issuer.keys[0] = {right.name, must(issuer.crypto->public_key(must(issuer.crypto->create_signing_key(2))))};
  CHECK(issuer.check_member(token).error() == TokenRefusal::Signature);
  issuer.keys[0].public_key = {};
  CHECK(issuer.check_member(token).error() == TokenRefusal::Signature);
  issuer.keys = {issuer.keys[0], right};
  issuer.keys[0].name = *KeyName::parse("2026-2");
  CHECK(issuer.check_member(token).has_value());
}

TEST_CASE("more keys than a merchant may have are not looked at", "[members]") {
  Issuer issuer;
  const auto token = parsed(must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key)));
  const MerchantKey right = issuer.keys[0];
  issuer.keys.assign(kMerchantKeysMax - 1, {*KeyName::parse("other"), right.public_key});

  issuer.keys.push_back(right);
  CHECK(issuer.check_member(token).has_value());
  issuer.keys.insert(issuer.keys.begin(), issuer.keys[0]);
  CHECK(issuer.check_member(token).error() == TokenRefusal::KeyUnknown);
}

TEST_CASE("a token with any one bit changed is refused", "[members]") {
  const Issuer issuer;
  const std::string good = must(sign_coupon_token(some_coupon(), issuer.name, *issuer.crypto, issuer.key));
  REQUIRE(issuer.check_coupon(parsed(good)).has_value());
  constexpr std::size_t kPrefix = codes::kCouponTokenPrefix.size();

  // As text: most changes leave no token at all.
  for (std::size_t bit = kPrefix * 8; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto token = codes::parse_token(codes::kCouponTokenPrefix, std::string_view(changed).substr(kPrefix));
    if (token) CHECK_FALSE(issuer.check_coupon(*token).has_value());
  }
  // As bytes: each bit of payload and signature.
  const codes::SignedToken token = parsed(good);
  for (const std::string_view part : {token.payload(), token.signature()}) {
    core::Bytes bytes = must(core::decode_base64url(part));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      CAPTURE(bit, part.size());
      const std::byte mask{static_cast<unsigned char>(1U << (bit % 8))};
      bytes[bit / 8] ^= mask;
      const std::string other = core::encode_base64url(bytes);
      bytes[bit / 8] ^= mask;
      std::string parts(part == token.payload() ? other : token.payload());
      parts += ".";
      parts += part == token.payload() ? token.signature() : other;
      CHECK_FALSE(issuer.check_coupon(parsed(codes::kCouponTokenPrefix, parts)).has_value());
    }
  }
}

TEST_CASE("a member token is no coupon token, and the other way round", "[members]") {
  const Issuer issuer;
  const std::string member = must(sign_member_token(some_member(), issuer.name, *issuer.crypto, issuer.key));
  const std::string coupon = must(sign_coupon_token(some_coupon(), issuer.name, *issuer.crypto, issuer.key));

  CHECK(issuer.check_coupon(parsed(member)).error() == TokenRefusal::Form);
  CHECK(issuer.check_member(parsed(coupon)).error() == TokenRefusal::Form);
  // Relabelled: the signature covers the prefix.
  CHECK_FALSE(issuer.check_coupon(parsed(codes::kCouponTokenPrefix, member.substr(5))).has_value());
  const auto as_member = issuer.sign(codes::kCouponTokenPrefix, R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000})");
  const auto relabelled =
      parsed(codes::kMemberTokenPrefix, std::string(as_member.payload()) + "." + std::string(as_member.signature()));
  CHECK(issuer.check_member(relabelled).error() == TokenRefusal::Signature);
}

TEST_CASE("a signed member token whose payload is not as agreed is refused by its form", "[members]") {
  const Issuer issuer;
  CHECK(issuer.check_member(issuer.sign(codes::kMemberTokenPrefix, R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000})"))
            .has_value());
  for (const char* payload : {
           "null",
           "[]",
           "{}",
           "{",
           R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000}x)",
           R"({"k":"2026-1","m":"M-1","n":1})",
           R"({"k":"2026-1","m":"M-1","e":4000000000})",
           R"({"k":"2026-1","n":1,"e":4000000000})",
           R"({"m":"M-1","n":1,"e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000,"x":1})",
           R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000,"c":"C-1"})",
           R"({"k":"2026-1","k":"2026-1","m":"M-1","n":1,"e":4000000000})",
           R"({"k":"","m":"M-1","n":1,"e":4000000000})",
           R"({"k":"12345678901234567","m":"M-1","n":1,"e":4000000000})",
           R"({"k":1,"m":"M-1","n":1,"e":4000000000})",
           R"({"k":"2026-1","m":"","n":1,"e":4000000000})",
           R"({"k":"2026-1","m":"M 1","n":1,"e":4000000000})",
           R"({"k":"2026-1","m":null,"n":1,"e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":1,"e":4000000000,"s":""})",
           R"({"k":"2026-1","m":"M-1","n":-1,"e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":1.0,"e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":"1","e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":4000000000,"e":4000000000})",
           R"({"k":"2026-1","m":"M-1","n":1,"e":253402300800})",
           R"({"k":"2026-1","m":"M-1","n":1,"e":9223372036854775807})",
           R"({"k":"2026-1","m":{"a":"M-1"},"n":1,"e":4000000000})",
       }) {
    CAPTURE(payload);
    const auto checked = issuer.check_member(issuer.sign(codes::kMemberTokenPrefix, payload));
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error() == TokenRefusal::Form);
  }
}

TEST_CASE("a signed coupon token whose payload is not as agreed is refused by its form", "[members]") {
  const Issuer issuer;
  CHECK(issuer
            .check_coupon(issuer.sign(codes::kCouponTokenPrefix,
                                      R"({"f":true,"r":0,"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000})"))
            .has_value());
  for (const char* payload : {
           R"({"k":"2026-1","o":"o","n":1,"e":4000000000,"r":1,"f":true})",
           R"({"k":"2026-1","c":"C","n":1,"e":4000000000,"r":1,"f":true})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"f":true})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"r":1})",
           R"({"k":"2026-1","c":"C","o":"o","m":"","n":1,"e":4000000000,"r":1,"f":true})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"r":-1,"f":true})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"r":1000000000001,"f":true})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"r":1,"f":1})",
           R"({"k":"2026-1","c":"C","o":"o","n":1,"e":4000000000,"r":1,"f":true,"u":2})",
       }) {
    CAPTURE(payload);
    const auto checked = issuer.check_coupon(issuer.sign(codes::kCouponTokenPrefix, payload));
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error() == TokenRefusal::Form);
  }
}

TEST_CASE("what is wrong first is what is said", "[members]") {
  Issuer issuer;
  MemberToken expired = some_member();
  expired.until = kFrom + 1s;
  const std::string text = must(sign_member_token(expired, issuer.name, *issuer.crypto, issuer.key));
  const core::WallReading unknown{kFrom + 1h, WallQuality::Unknown};
  const auto refusal = [&](const core::WallReading& now) {
    return check_member_token(parsed(text), issuer.keys, now, store("shop-8")).error();
  };

  CHECK(refusal(at(kFrom)) == TokenRefusal::OtherStore);
  CHECK(refusal(at(kFrom + 1h)) == TokenRefusal::Expired);
  CHECK(refusal(unknown) == TokenRefusal::ClockUnknown);
  issuer.keys[0].public_key[10] ^= std::byte{1};
  CHECK(refusal(unknown) == TokenRefusal::Signature);
  issuer.keys.clear();
  CHECK(refusal(unknown) == TokenRefusal::KeyUnknown);
}

TEST_CASE("the ids that shops use fit a token, the longest that there can be do not", "[members]") {
  const Issuer issuer;
  // A key's year and number, a 20-digit coupon, a 16-digit offer, a provisional member, an 8-digit store, 9,999.99.
  CouponToken coupon{.coupon = *offers::CouponId::parse("26112100000000000001"),
                     .offer = *offers::OfferId::parse("2611210000000001"),
                     .member = *MemberId::parse("P1-0123456789abcdef"),
                     .from = kFrom,
                     .until = kFrom + 24h * 90,
                     .store = store("10000001"),
                     .risk_minor = 999'999,
                     .offline = false};
  const KeyName name = *KeyName::parse("2026");
  const std::string text = must(sign_coupon_token(coupon, name, *issuer.crypto, issuer.key));
  CHECK(text.size() <= codes::kTokenBytesMax);
  CHECK(check_coupon_token(parsed(text), std::array{MerchantKey{name, issuer.keys[0].public_key}}, at(kFrom),
                           coupon.store) == coupon);

  // Key, coupon, offer, member, store and risk have 75 characters together.
  const auto with_coupon_of = [&](std::size_t length) {
    coupon.coupon = *offers::CouponId::parse(std::string(length, 'c'));
    return sign_coupon_token(coupon, name, *issuer.crypto, issuer.key);
  };
  constexpr std::size_t kRest = 4 + 16 + 19 + 8 + 6;
  CHECK(must(with_coupon_of(75 - kRest)).size() <= codes::kTokenBytesMax);
  CHECK(failed_with(with_coupon_of(76 - kRest), ErrorCode::Exhausted));
  CHECK(failed_with(with_coupon_of(offers::CouponId::kLengthMax), ErrorCode::Exhausted));
  // Key, member and store have 104.
  MemberToken member = some_member();
  member.member = *MemberId::parse(std::string(48, 'm'));
  member.store = store(std::string(48, 's'));
  CHECK(must(sign_member_token(member, *KeyName::parse("2026-100"), *issuer.crypto, issuer.key)).size() <=
        codes::kTokenBytesMax);
  CHECK(failed_with(sign_member_token(member, *KeyName::parse("2026-1000"), *issuer.crypto, issuer.key),
                    ErrorCode::Exhausted));
}

TEST_CASE("a token needs its ids, a key's name and an end behind its beginning", "[members]") {
  const Issuer issuer;
  const auto member = [&](const MemberToken& token, const KeyName& name) {
    return failed_with(sign_member_token(token, name, *issuer.crypto, issuer.key), ErrorCode::InvalidArgument);
  };
  const auto coupon = [&](const CouponToken& token, const KeyName& name) {
    return failed_with(sign_coupon_token(token, name, *issuer.crypto, issuer.key), ErrorCode::InvalidArgument);
  };

  CHECK(member(some_member(), {}));
  CHECK(coupon(some_coupon(), {}));
  MemberToken without = some_member();
  without.member = {};
  CHECK(member(without, issuer.name));
  without = some_member();
  without.until = without.from;
  CHECK(member(without, issuer.name));
  without.until = without.from + 999ms;
  CHECK(member(without, issuer.name));
  without.from = core::WallTime{-1s};
  CHECK(member(without, issuer.name));
  without = some_member();
  without.until = core::WallTime::max();
  CHECK(member(without, issuer.name));
  CouponToken lacking = some_coupon();
  lacking.coupon = {};
  CHECK(coupon(lacking, issuer.name));
  lacking = some_coupon();
  lacking.offer = {};
  CHECK(coupon(lacking, issuer.name));
  lacking = some_coupon();
  lacking.risk_minor = -1;
  CHECK(coupon(lacking, issuer.name));
  lacking.risk_minor = 1'000'000'000'001;
  CHECK(coupon(lacking, issuer.name));
  lacking = some_coupon();
  lacking.until = lacking.from;
  CHECK(coupon(lacking, issuer.name));
  CHECK(failed_with(sign_member_token(some_member(), issuer.name, *issuer.crypto, security::KeyId{99}),
                    ErrorCode::NotFound));
}

TEST_CASE("each refusal has its word", "[members]") {
  const char* const words[] = {"form",          "key_unknown", "signature",  "clock_unknown",
                               "not_yet_valid", "expired",     "other_store"};
  for (std::size_t i = 0; i < std::size(words); ++i)
    CHECK(to_string(static_cast<TokenRefusal>(i + 1)) == words[i]);
}

}  // namespace
}  // namespace tillkit::members
