// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "some_orders.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;

codes::PaymentCode code(std::string_view text = "134567890123456789") {
  codes::WalletRoute route;
  route.add(codes::Wallet::WeChatPay);
  return {text, route, true};
}

TEST_CASE("requests are the same bytes each time", "[cloud]") {
  CHECK(must(authorise_body(kOrder, code(), "Coffee")) ==
        R"({"order":"T1A5","amount":{"minor":1250,"currency":"CNY"},"code":"134567890123456789",)"
        R"("wallets":["wechat_pay"],"description":"Coffee"})");
  CHECK(must(identify_body(code())) == R"({"code":"134567890123456789","wallets":["wechat_pay"]})");
  CHECK(must(order_body(kOrder.number)) == R"({"order":"T1A5"})");
  CHECK(must(refund_body(kRefund)) == R"({"order":"T1A5","refund":"T1A6","amount":{"minor":250,"currency":"CNY"}})");
  const std::array wallets{codes::Wallet::Alipay, codes::Wallet::UnionPay};
  CHECK(must(qr_body(kOrder, wallets, "x", 120s)) ==
        R"({"order":"T1A5","amount":{"minor":1250,"currency":"CNY"},"wallets":["alipay","union_pay"],)"
        R"("description":"x","valid_for_s":120})");
}

TEST_CASE("an amount that cannot be charged is refused before anything is sent", "[cloud]") {
  for (const std::int64_t minor : {std::int64_t{0}, std::int64_t{-1}, kAmountMinorMax + 1}) {
    CAPTURE(minor);
    Order order = kOrder;
    order.amount.minor = minor;
    CHECK(failed_with(authorise_body(order, code(), "x"), ErrorCode::OutOfRange));
    CHECK(failed_with(qr_body(order, {}, "x", 1s), ErrorCode::OutOfRange));
    Refund refund = kRefund;
    refund.amount.minor = minor;
    CHECK(failed_with(refund_body(refund), ErrorCode::OutOfRange));
  }
  CHECK(failed_with(authorise_body({.number = kOrder.number, .amount = {1, {}}}, code(), "x"),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("a request without its number is refused", "[cloud]") {
  CHECK(failed_with(order_body({}), ErrorCode::InvalidArgument));
  CHECK(failed_with(authorise_body({.number = {}, .amount = kOrder.amount}, code(), "x"), ErrorCode::InvalidArgument));
  CHECK(failed_with(refund_body({.number = {}, .order = kRefund.order, .amount = kRefund.amount}),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(refund_body({.number = kRefund.number, .order = {}, .amount = kRefund.amount}),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("a description has 1 to 42 characters of UTF-8", "[cloud]") {
  std::string longest;
  for (std::size_t i = 0; i < kDescriptionCharactersMax; ++i)
    longest += "水";

  CHECK(authorise_body(kOrder, code(), longest).has_value());
  for (const auto& text : {longest + "x", std::string{}, std::string("\xFF")}) {
    CAPTURE(text);
    CHECK(failed_with(authorise_body(kOrder, code(), text), ErrorCode::InvalidArgument));
    CHECK(failed_with(qr_body(kOrder, {}, text, 1s), ErrorCode::InvalidArgument));
  }
}

TEST_CASE("a payment code that no wallet shows is refused without a word about it", "[cloud]") {
  for (const auto& text : {std::string{}, std::string(1'025, '1'), std::string("12 34"), std::string("12\"34")}) {
    CAPTURE(text);
    const auto refused = authorise_body(kOrder, code(text), "x");
    CHECK(failed_with(refused, ErrorCode::InvalidArgument));
    CHECK(refused.error().foreign == 0);
    CHECK(failed_with(identify_body(code(text)), ErrorCode::InvalidArgument));
  }
}

TEST_CASE("a shown code lives from one second to two hours, for each wallet once", "[cloud]") {
  const std::array twice{codes::Wallet::Alipay, codes::Wallet::Alipay};

  CHECK(qr_body(kOrder, {}, "x", kQrValidMax).has_value());
  CHECK(failed_with(qr_body(kOrder, {}, "x", 0s), ErrorCode::OutOfRange));
  CHECK(failed_with(qr_body(kOrder, {}, "x", kQrValidMax + 1s), ErrorCode::OutOfRange));
  CHECK(failed_with(qr_body(kOrder, twice, "x", 1s), ErrorCode::InvalidArgument));
}

TEST_CASE("an order number has at most 32 digits and capitals", "[cloud]") {
  CHECK(OrderNumber::parse(std::string(32, 'Z')).has_value());
  for (const auto& text : {std::string(33, 'Z'), std::string("a"), std::string("A-1"), std::string{}})
    CHECK(failed_with(OrderNumber::parse(text), ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::cloud
