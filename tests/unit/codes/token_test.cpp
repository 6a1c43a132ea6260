// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/token.hpp"

#include "scanned.hpp"
#include "tillkit/core/encoding.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

std::string part(std::size_t bytes) {
  core::Bytes content(bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    content[i] = static_cast<std::byte>(i * 37 + 11);
  return core::encode_base64url(content);
}

std::string parts(std::size_t payload_bytes = 90, std::size_t signature_bytes = 64) {
  return part(payload_bytes) + "." + part(signature_bytes);
}

// Also a payment code, of UnionPay: the example of cpm_test.cpp.
constexpr std::string_view kConsumerPresented =
    "hQVDUFYwMWFYTwigAAADMwEBAVcTYpJhA1hEQzVkHSIQIBAAABiAH180AQBjM58mCFaLEtnaC9l/"
    "nycBgJ8QEQcAAQOgAAABCDM5OTk5OTk5nzYCAAGCAgAAnzcE6gZYyA==";

void check_token(const Unknown& refused, Kind nearest, TokenPart piece) {
  CHECK(refused.nearest == nearest);
  CHECK(refused.why == Why::Token);
  CHECK(refused.found == static_cast<std::uint32_t>(piece));
}

}  // namespace

TEST_CASE("a member token is taken apart, and what its signature covers is named", "[codes]") {
  const auto member = scanned<MemberCode>("TKM1." + parts());

  const auto* const token = std::get_if<SignedToken>(&member.value);
  REQUIRE(token != nullptr);
  CHECK(token->payload() == part(90));
  CHECK(token->signature() == part(64));
  CHECK(token->signed_text() == "TKM1." + part(90));
}

TEST_CASE("a coupon token is of the same form", "[codes]") {
  const auto coupon = scanned<CouponToken>("TKC1." + parts(1) + "\r\n");

  CHECK(coupon.token.signed_text() == "TKC1." + part(1));
  CHECK(coupon.token.signature() == part(64));
}

TEST_CASE("a token of another form says which piece is wrong", "[codes]") {
  check_token(scanned<Unknown>("TKM1."), Kind::MemberCode, TokenPart::Whole);
  check_token(scanned<Unknown>("TKM1." + part(90)), Kind::MemberCode, TokenPart::Whole);
  check_token(scanned<Unknown>("TKM1.." + part(64)), Kind::MemberCode, TokenPart::Payload);
  check_token(scanned<Unknown>("TKM1.a+b." + part(64)), Kind::MemberCode, TokenPart::Payload);
  check_token(scanned<Unknown>("TKM1." + parts(90, 63)), Kind::MemberCode, TokenPart::Signature);
  check_token(scanned<Unknown>("TKM1." + parts(90, 65)), Kind::MemberCode, TokenPart::Signature);
  check_token(scanned<Unknown>("TKC1." + parts() + ".x"), Kind::CouponToken, TokenPart::Signature);
  check_token(scanned<Unknown>("TKC1." + parts() + "="), Kind::CouponToken, TokenPart::Signature);
  CHECK(scanned<Unknown>("TKM2." + parts()).nearest == Kind::Unknown);
}

TEST_CASE("a token fits one code: 300 bytes are the most", "[codes]") {
  // 5 + 208 + 1 + 86 = 300
  CHECK(kind_scanned("TKM1." + parts(156)) == Kind::MemberCode);
  check_token(scanned<Unknown>("TKM1." + parts(157)), Kind::MemberCode, TokenPart::Whole);
}

TEST_CASE("a unified code carries a member, signed as the plain token is, and a payment code", "[codes]") {
  const auto code = scanned<UnifiedCode>("TKU1." + parts() + ".134567890123456789");

  CHECK(code.member.signed_text() == "TKM1." + part(90));
  CHECK(code.payment.wallets().front() == Wallet::WeChatPay);
  CHECK(code.payment.reveal() == "134567890123456789");

  const auto emv = scanned<UnifiedCode>("TKU1." + parts() + "." + std::string(kConsumerPresented));
  CHECK(emv.payment.wallets().front() == Wallet::UnionPay);
  CHECK(emv.payment.reveal() == kConsumerPresented);
}

TEST_CASE("a unified code with a damaged part is refused as a whole", "[codes]") {
  check_token(scanned<Unknown>("TKU1." + parts()), Kind::UnifiedCode, TokenPart::Whole);
  check_token(scanned<Unknown>("TKU1." + parts() + "."), Kind::UnifiedCode, TokenPart::Payment);
  check_token(scanned<Unknown>("TKU1." + parts() + ".13456789012345678"), Kind::UnifiedCode, TokenPart::Payment);
  check_token(scanned<Unknown>("TKU1." + parts() + ".hQVDUFYwMWE="), Kind::UnifiedCode, TokenPart::Payment);
  check_token(scanned<Unknown>("TKU1." + parts(90, 60) + ".134567890123456789"), Kind::UnifiedCode,
              TokenPart::Signature);
}
