// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/payment_code.hpp"

#include <ostream>
#include <type_traits>
#include <vector>

#include "scanned.hpp"

using namespace tillkit::codes;

namespace {

using Wallets = std::vector<Wallet>;

Wallets wallets_of(std::string_view text) {
  const Code code = classify(text);
  const auto* const payment = std::get_if<PaymentCode>(&code);
  if (payment == nullptr) return {};
  return {payment->wallets().begin(), payment->wallets().end()};
}

const Wallets kNone;
const Wallets kWeChat{Wallet::WeChatPay};
const Wallets kAlipay{Wallet::Alipay};
const Wallets kAlipayFirst{Wallet::Alipay, Wallet::AlipayPlus};
const Wallets kPartnerFirst{Wallet::AlipayPlus, Wallet::Alipay};
const Wallets kPartner{Wallet::AlipayPlus};
const Wallets kUnionPay{Wallet::UnionPay};

template <class T>
concept Streams = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::is_copy_constructible_v<PaymentCode> && !std::is_copy_assignable_v<PaymentCode>);
static_assert(std::is_nothrow_move_constructible_v<PaymentCode>);
static_assert(!std::is_convertible_v<PaymentCode, std::string> &&
              !std::is_convertible_v<PaymentCode, std::string_view>);
static_assert(!Streams<PaymentCode> && !Streams<CpmCode> && !Streams<UnifiedCode>);
// It has no room for a text.
static_assert(std::is_trivially_copyable_v<Unknown>);

}  // namespace

TEST_CASE("a WeChat Pay code has 18 digits and starts with 10 to 15", "[codes]") {
  for (const std::string_view start : {"10", "11", "12", "13", "14", "15"}) {
    CAPTURE(start);
    CHECK(wallets_of(digits_from(start, 18)) == kWeChat);
    CHECK(wallets_of(digits_from(start, 17)) == kNone);
    CHECK(wallets_of(digits_from(start, 19)) == kNone);
  }
  for (const std::string_view start : {"09", "16", "19", "00", "01"}) {
    CAPTURE(start);
    CHECK(wallets_of(digits_from(start, 18)) == kNone);
  }
  CHECK(wallets_of("13456789012345678a") == kNone);
  CHECK(scanned<PaymentCode>(digits_from("13", 18)).can_identify());
}

TEST_CASE("an Alipay code has 16 to 24 digits from 25 to 30, and Alipay+ shares most of them", "[codes]") {
  for (const std::string_view start : {"25", "26", "27", "28", "29", "30"}) {
    CAPTURE(start);
    CHECK(wallets_of(digits_from(start, 15)) == kNone);
    CHECK(wallets_of(digits_from(start, 16)) == kAlipay);
    CHECK(wallets_of(digits_from(start, 17)) == kAlipayFirst);
    CHECK(wallets_of(digits_from(start, 18)) == kAlipayFirst);
    CHECK(wallets_of(digits_from(start, 23)) == kAlipayFirst);
    CHECK(wallets_of(digits_from(start, 24)) == kPartnerFirst);
    CHECK(wallets_of(digits_from(start, 25)) == kPartner);
    CHECK(wallets_of(digits_from(start, 32)) == kPartner);
    CHECK(wallets_of(digits_from(start, 33)) == kNone);
  }
  for (const std::string_view start : {"24", "31"}) {
    CAPTURE(start);
    CHECK(wallets_of(digits_from(start, 16)) == kNone);
    CHECK(wallets_of(digits_from(start, 24)) == kNone);
  }
  CHECK_FALSE(scanned<PaymentCode>(digits_from("28", 18)).can_identify());
}

TEST_CASE("the examples of the Alipay+ documents have their route", "[codes]") {
  // docs.alipayplus.com: code format; payment codes.
  CHECK(wallets_of("251001020123456789012345") == kPartnerFirst);
  CHECK(wallets_of("281010897274821897274821") == kPartnerFirst);
  CHECK(wallets_of("2893612204263667830") == kPartnerFirst);
  CHECK(wallets_of("2893612204263567830") == kAlipayFirst);
  CHECK(wallets_of("28024456785672301") == kAlipayFirst);
}

TEST_CASE("a UnionPay code has 16 to 20 digits and starts with 62", "[codes]") {
  for (std::size_t size = 14; size <= 22; ++size) {
    CAPTURE(size);
    CHECK(wallets_of(digits_from("62", size)) == (size >= 16 && size <= 20 ? kUnionPay : kNone));
  }
  CHECK(wallets_of(digits_from("61", 19)) == kNone);
  CHECK(wallets_of(digits_from("63", 19)) == kNone);
}

TEST_CASE("an Alipay face code is a payment code", "[codes]") {
  CHECK(wallets_of("fp0593e8d5c136277b5df8f0a1") == kAlipay);
  CHECK(wallets_of("fp059") == kNone);
  CHECK(wallets_of("fp0593e8d5c136277b5df8f0a1 ") == kNone);
}

TEST_CASE("a payment code shows its first two characters and its length, and nothing else", "[codes]") {
  CHECK(scanned<PaymentCode>("287634438256643941").masked() == "28****************(18)");
  CHECK(scanned<PaymentCode>("25100102012345678901234567890123").masked() == "25****************(32)");
  CHECK(PaymentCode("1", {}, false).masked() == "1(1)");
}

TEST_CASE("a payment code is revealed as it was scanned, without the scanner's line break", "[codes]") {
  for (const std::string_view end : {"", "\r", "\n", "\r\n"}) {
    PaymentCode code = scanned<PaymentCode>("134567890123456789" + std::string(end));

    CHECK(code.reveal() == "134567890123456789");
    CHECK(code.size() == 18);
    const PaymentCode moved = std::move(code);
    CHECK(moved.reveal() == "134567890123456789");
    CHECK(moved.wallets().size() == 1);
  }
}

TEST_CASE("a code reader's prefix says nothing about a wallet", "[codes]") {
  CHECK(scanned<PaymentCode>("]C0134567890123456789").reveal() == "134567890123456789");
  CHECK(scanned<PaymentCode>("]Q1134567890123456789").reveal() == "134567890123456789");
}

TEST_CASE("a payment code that lost a digit is reported without its digits", "[codes]") {
  const auto lost = scanned<Unknown>("13456789012345678");
  CHECK(lost.nearest == Kind::PaymentCode);
  CHECK(lost.wallet == Wallet::WeChatPay);
  CHECK(lost.why == Why::Length);
  CHECK(lost.expected == 18);
  CHECK(lost.found == 17);
  const auto long_one = scanned<Unknown>(digits_from("62", 22));
  CHECK(long_one.wallet == Wallet::UnionPay);
  CHECK(long_one.expected == 20);
  CHECK(long_one.found == 22);
  CHECK(scanned<Unknown>(digits_from("13", 40)).nearest == Kind::Unknown);
}
