// SPDX-License-Identifier: Apache-2.0
#include "press.hpp"

#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::vending {
namespace {

template <class Kind>
Kind pressed(std::string_view line) {
  const auto press = read_press(line);
  if (!press || !std::holds_alternative<Kind>(*press)) FAIL("another press: " << line);
  return std::get<Kind>(*press);
}

TEST_CASE("each line of the README is a press", "[vending]") {
  CHECK(pressed<Select>(R"({"press":"select","slot":11})").slot == hal::SlotId(11));
  CHECK(pressed<Select>(R"({"press":"select","slot":65535})").slot == hal::SlotId(65'535));
  pressed<PayQr>(R"({"press":"pay_qr"})");
  pressed<PayPoints>(R"({"press":"pay_points"})");
  pressed<PayValue>(R"({"press":"pay_value"})");
  pressed<PayNothing>(R"({"press":"pay_nothing"})");
  pressed<Cancel>(R"({"press":"cancel"})");
  pressed<Confirm>(R"({"press":"confirm"})");
  CHECK(pressed<SayConsent>(R"({"press":"consent","yes":true})").yes);
  CHECK_FALSE(pressed<SayConsent>(R"({"press":"consent","yes":false})").yes);
  CHECK(pressed<SpeakLanguage>(R"({"press":"language","to":"en"})").language == receipt::Language::En);
  CHECK(pressed<SpeakLanguage>(R"({"press":"language","to":"zh-CN"})").language == receipt::Language::ZhCn);
  CHECK(pressed<TypePhone>(R"({"press":"phone","number":"13800138000"})").number == "13800138000");
}

TEST_CASE("what is no press is refused, and not guessed", "[vending]") {
  for (const std::string_view line :
       {"", "select", "{}", R"({"press":1})", R"({"press":"buy"})", R"({"press":"PAY_QR"})", R"({"press":"select"})",
        R"({"press":"select","slot":0})", R"({"press":"select","slot":65536})", R"({"press":"select","slot":"11"})",
        R"({"press":"consent"})", R"({"press":"consent","yes":"yes"})", R"({"press":"language","to":"fr"})",
        R"({"press":"phone","number":13800138000})", R"({"press":"pay_qr"}{"press":"pay_qr"})",
        R"([{"press":"pay_qr"}])", R"({"press":"cash","minor":500})"}) {
    CAPTURE(line);
    CHECK_FALSE(read_press(line).has_value());
  }
  CHECK_FALSE(read_press(R"({"press":"phone","number":")" + std::string(65, '1') + "\"}").has_value());
}

}  // namespace
}  // namespace tillkit::vending
