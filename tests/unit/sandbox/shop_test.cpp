// SPDX-License-Identifier: Apache-2.0
#include "shop.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/codes/code.hpp"

namespace {

using namespace tillkit;
using sandbox::read_people;
using sandbox::read_planogram;

/// `element` so many times, with its number for each `#`.
std::string list_of(const std::string& name, const std::string& element, std::size_t count) {
  std::string text = "{\"" + name + "\":[";
  for (std::size_t i = 0; i < count; ++i) {
    text += i == 0 ? "" : ",";
    for (const char letter : element)
      text += letter == '#' ? std::to_string(i + 1) : std::string(1, letter);
  }
  return text + "]}";
}

TEST_CASE("a planogram says what lies where, and is refused where it makes no sense", "[sandbox]") {
  const auto places = read_planogram(
      R"({"slots":[{"slot":11,"item":"cola","name":"Cola","name_zh":"可乐","price":350,"capacity":8,"stock":5}]})");
  REQUIRE(places);
  REQUIRE(places->size() == 1);
  CHECK(places->front().slot == 11);
  CHECK(places->front().mdb == 11);
  CHECK(places->front().name_zh == "可乐");
  CHECK(places->front().stock == 5);

  for (const std::string wrong : {R"("slot":0,"item":"a","name":"A","price":1,"capacity":8,"stock":1)",
                                  R"("slot":1,"item":"a","name":"A","price":-1,"capacity":8,"stock":1)",
                                  R"("slot":1,"item":"a","name":"A","price":1,"capacity":8,"stock":9)",
                                  R"("slot":1,"mdb":65535,"item":"a","name":"A","price":1,"capacity":8,"stock":1)",
                                  R"("slot":1,"item":"a","price":1,"capacity":8,"stock":1)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_planogram("{\"slots\":[{" + wrong + "}]}"));
  }
}

TEST_CASE("a controller may have its own number for a slot, from 0 on", "[sandbox]") {
  const auto places = read_planogram(
      R"({"slots":[{"slot":11,"mdb":0,"item":"cola","name":"Cola","price":350,"capacity":8,"stock":5}]})");
  REQUIRE(places);
  CHECK(places->front().slot == 11);
  CHECK(places->front().mdb == 0);
}

TEST_CASE("two places with one number, and two shoppers with one name, are refused at the second", "[sandbox]") {
  const auto place = [](const std::string& numbers) {
    return "{" + numbers + R"(,"item":"a","name":"A","price":1,"capacity":8,"stock":1})";
  };
  for (const std::string other : {R"("slot":1,"mdb":5)", R"("slot":2,"mdb":1)"}) {
    CAPTURE(other);
    const auto places = read_planogram(R"({"slots":[)" + place(R"("slot":1)") + "," + place(other) + "]}");
    CHECK(places.error().code == core::ErrorCode::AlreadyExists);
  }
  CHECK(read_planogram(R"({"slots":[)" + place(R"("slot":1,"mdb":2)") + "," + place(R"("slot":2,"mdb":1)") + "]}"));
  const std::string shopper = R"({"id":"a","name":"A","wallet":"alipay","user":"u","balance_minor":1})";
  CHECK(read_people(list_of("people", shopper, 2)).error().code == core::ErrorCode::AlreadyExists);
}

TEST_CASE("a file with more than the page shows is refused", "[sandbox]") {
  const std::string place = R"({"slot":#,"item":"a","name":"A","price":1,"capacity":8,"stock":1})";
  const std::string shopper = R"({"id":"a#","name":"A","wallet":"alipay","user":"u","balance_minor":1})";

  CHECK(read_planogram(list_of("slots", place, sandbox::kPlacesMax)));
  CHECK(read_planogram(list_of("slots", place, sandbox::kPlacesMax + 1)).error().code == core::ErrorCode::Exhausted);
  CHECK(read_people(list_of("people", shopper, sandbox::kShoppersMax)));
  CHECK(read_people(list_of("people", shopper, sandbox::kShoppersMax + 1)).error().code == core::ErrorCode::Exhausted);
  const std::string coupons = list_of("coupons", R"({"code":"C","name":"C"})", sandbox::kShopperCouponsMax + 1);
  const std::string rich = shopper.substr(0, shopper.size() - 1) + "," + coupons.substr(1);
  CHECK(read_people(list_of("people", rich, 1)).error().code == core::ErrorCode::Exhausted);
}

TEST_CASE("a terminal takes a phone's payment code for one of its own wallet", "[sandbox]") {
  const std::string random = "\x01\x7f\xff\x80ghijklmnopqrstu";
  for (const auto& [name, wallet] :
       {std::pair{"wechat_pay", codes::Wallet::WeChatPay}, std::pair{"alipay", codes::Wallet::Alipay},
        std::pair{"unionpay", codes::Wallet::UnionPay}}) {
    CAPTURE(name);
    const codes::Code code = codes::classify(sandbox::payment_code(name, random));
    const auto* const payment = std::get_if<codes::PaymentCode>(&code);
    REQUIRE(payment != nullptr);
    CHECK(payment->wallets().front() == wallet);
  }
}

}  // namespace
