// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/identity.hpp"

#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "../security/device.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using security::failed_with;
using security::must;

struct Merchant {
  security::Device device{};
  std::unique_ptr<security::Crypto> crypto = device.start();
  security::MacKey key = must(crypto->import_mac_key(core::as_bytes("the merchant's key, 32 bytes lo")));
  IdentityMaker maker{key};

  [[nodiscard]] cloud::Payer payer(codes::Wallet wallet, std::string_view reference) const {
    return {wallet, must(cloud::PayerReference::parse(reference))};
  }
};

TEST_CASE("a mainland phone number is one, however it is written", "[members]") {
  const Merchant merchant;
  const Identity mobile = must(merchant.maker.phone("13800138000"));
  for (const char* written : {"+86 138 0013 8000", "+8613800138000", "138-0013-8000", "(+86) 138 0013 8000",
                              "0086 13800138000", "86 138 0013 8000", "8613800138000", "013800138000"}) {
    CAPTURE(written);
    CHECK(must(merchant.maker.phone(written)) == mobile);
  }
  const Identity landline = must(merchant.maker.phone("021 6226 7777"));
  CHECK(must(merchant.maker.phone("+86 (021) 6226-7777")) == landline);
  CHECK(must(merchant.maker.phone("+86 21 62267777")) == landline);
  CHECK(landline != mobile);
}

TEST_CASE("a phone number of another country needs its country code", "[members]") {
  const Merchant merchant;
  const Identity hong_kong = must(merchant.maker.phone("+852 5123 4567"));

  CHECK(must(merchant.maker.phone("0085251234567")) == hong_kong);
  CHECK(failed_with(merchant.maker.phone("51234567"), ErrorCode::InvalidArgument));
  CHECK(must(merchant.maker.phone("+1 380 013 8000")) != must(merchant.maker.phone("13800138000")));
  CHECK(must(merchant.maker.phone("+1 380 013 80000")) != must(merchant.maker.phone("13800138000")));
}

TEST_CASE("what cannot be a phone number is none", "[members]") {
  const Merchant merchant;
  for (const char* written : {"", " ", "+", "00", "+86", "138001380001", "1380013", "13800l38000", "138+00138000",
                              "++8613800138000", "+0123456789", "+1234567890123456", "00000000000", "+123456",
                              "12345678901234567890", "+86 00 1234 56789", "138.0013.8000", "１3800138000"}) {
    CAPTURE(written);
    CHECK(failed_with(merchant.maker.phone(written), ErrorCode::InvalidArgument));
  }
}

TEST_CASE("the same value shown as different things makes different identities", "[members]") {
  const Merchant merchant;
  const std::string value = "13800138000";
  const auto& maker = merchant.maker;
  const std::vector<Identity> all{
      must(maker.payer(merchant.payer(codes::Wallet::WeChatPay, value))),
      must(maker.payer(merchant.payer(codes::Wallet::Alipay, value))),
      must(maker.union_id(codes::Wallet::WeChatPay, value)),
      must(maker.union_id(codes::Wallet::Alipay, value)),
      must(maker.card(must(codes::MemberCard::parse(value)))),
      must(maker.phone(value)),
      must(maker.member_code(value)),
  };

  std::set<std::int64_t> indexes;
  for (const Identity& identity : all)
    indexes.insert(identity.index.value());

  CHECK(indexes.size() == all.size());
}

TEST_CASE("two terminals of one merchant make the same identity, two merchants do not", "[members]") {
  const Merchant merchant;
  const security::MacKey same =
      must(merchant.crypto->import_mac_key(core::as_bytes("the merchant's key, 32 bytes lo")));
  const security::MacKey other =
      must(merchant.crypto->import_mac_key(core::as_bytes("another merchant's key, 32 byte")));

  const auto payer = merchant.payer(codes::Wallet::Alipay, "2088000000000001");

  CHECK(must(merchant.maker.payer(payer)) == must(IdentityMaker(same).payer(payer)));
  CHECK(must(merchant.maker.payer(payer)) != must(IdentityMaker(other).payer(payer)));
}

TEST_CASE("nothing makes no identity", "[members]") {
  const Merchant merchant;
  const auto& maker = merchant.maker;

  CHECK(failed_with(maker.payer({codes::Wallet::Alipay, {}}), ErrorCode::InvalidArgument));
  CHECK(
      failed_with(maker.payer({std::nullopt, must(cloud::PayerReference::parse("2088"))}), ErrorCode::InvalidArgument));
  CHECK(failed_with(maker.union_id(codes::Wallet::Alipay, ""), ErrorCode::InvalidArgument));
  CHECK(failed_with(maker.union_id(codes::Wallet::Alipay, std::string(129, 'x')), ErrorCode::InvalidArgument));
  CHECK(maker.union_id(codes::Wallet::Alipay, std::string(128, 'x')).has_value());
  CHECK(failed_with(maker.card({}), ErrorCode::InvalidArgument));
  CHECK(failed_with(maker.member_code(""), ErrorCode::InvalidArgument));
  CHECK(failed_with(maker.member_code(std::string(129, 'x')), ErrorCode::InvalidArgument));
}

TEST_CASE("a provisional member's id shows its kind and index, and nothing else looks like one", "[members]") {
  const Identity one{IdentityKind::Payer, security::BlindIndex(0x0123'4567'89AB'CDEF)};
  const Identity negative{IdentityKind::MemberCode, security::BlindIndex(-1)};

  CHECK(provisional_id(one).view() == "P1-0123456789abcdef");
  CHECK(provisional_id(negative).view() == "P5-ffffffffffffffff");
  CHECK(is_provisional(provisional_id(one)));
  CHECK(is_provisional(provisional_id(negative)));
  for (const char* other :
       {"M-1", "P1-0123456789abcde", "P1-0123456789abcdef0", "P0-0123456789abcdef", "P6-0123456789abcdef",
        "P1-0123456789ABCDEF", "P1_0123456789abcdef", "Q1-0123456789abcdef", "P1-0123456789abcdeg"}) {
    CAPTURE(other);
    CHECK_FALSE(is_provisional(must(MemberId::parse(other))));
  }
  CHECK_FALSE(is_provisional({}));
}

TEST_CASE("each kind of identity has its word", "[members]") {
  CHECK(to_string(IdentityKind::Payer) == "payer");
  CHECK(to_string(IdentityKind::UnionId) == "union_id");
  CHECK(to_string(IdentityKind::Card) == "card");
  CHECK(to_string(IdentityKind::Phone) == "phone");
  CHECK(to_string(IdentityKind::MemberCode) == "member_code");
}

}  // namespace
}  // namespace tillkit::members
