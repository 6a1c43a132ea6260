// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/screen.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/hal/display.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::Money;
using core::must;

const Money kPrice{1'230, core::kCny};

payment::TenderSet cash_only() {
  payment::TenderSet works;
  works.add(payment::TenderKind::Cash);
  return works;
}

template <class Id>
Id id_from(std::string_view text) {
  return must(Id::parse(text));
}

TextValues values() {
  TextValues values;
  values.amount = kPrice;
  values.order = "A1";
  values.sale = "S1";
  values.minutes = 5;
  values.age = 18;
  values.count = 3;
  return values;
}

std::vector<ScreenModel> some_screens() {
  return {IdleScreen{},
          BasketScreen{{{"可乐", must(core::Quantity::pieces(2)), {700, core::kCny}, {600, core::kCny}}},
                       1,
                       {100, core::kCny},
                       {600, core::kCny}},
          ChooseTenderScreen{kPrice, cash_only()},
          ShowCodeScreen{kPrice, "weixin://wxpay/bizpayurl?pr=1", must(core::parse_rfc3339("2026-11-21T10:35:00Z")),
                         std::chrono::minutes{5}},
          WaitingForWalletScreen{kPrice},
          EnterPasswordScreen{kPrice},
          HandingOverScreen{1, 2},
          ThankYouScreen{kPrice, {770, core::kCny}, id_from<SaleNumber>("S1")},
          NotCompletedScreen{kPrice, id_from<OrderNumber>("A1")},
          DeclinedScreen{kPrice, cash_only()},
          RefusedScreen{payment::TenderRefusal::Offline, {}, cash_only()},
          AgeCheckScreen{18},
          RefundDoneScreen{kPrice, id_from<OrderNumber>("R1")},
          StoppedScreen{StopReason::SafeMode},
          AttentionScreen{Attention::AttemptNeedsPerson, values()}};
}

TEST_CASE("there is one screen of each kind, and it can be said in every language to everybody", "[receipt]") {
  std::set<ScreenId> ids;
  for (const ScreenModel& screen : some_screens()) {
    ids.insert(id_of(screen));
    for (const Language language : {Language::ZhCn, Language::En}) {
      for (const Audience audience : {Audience::Shopper, Audience::Operator}) {
        CAPTURE(std::string(to_string(id_of(screen))));
        CHECK_FALSE(must(text_of(screen, language, audience)).empty());
      }
      CHECK(core::JsonDocument::parse(must(to_json(screen, language))).has_value());
    }
  }
  CHECK(ids.size() == kScreens);
}

TEST_CASE("each kind of screen has its own id", "[receipt]") {
  CHECK(id_of(IdleScreen{}) == ScreenId::Idle);
  CHECK(id_of(ShowCodeScreen{}) == ScreenId::ShowCode);
  CHECK(id_of(ThankYouScreen{}) == ScreenId::ThankYou);
  CHECK(id_of(NotCompletedScreen{}) == ScreenId::NotCompleted);
  CHECK(id_of(DeclinedScreen{}) == ScreenId::Declined);
  CHECK(id_of(RefusedScreen{}) == ScreenId::Refused);
  CHECK(id_of(StoppedScreen{}) == ScreenId::Stopped);
  CHECK(id_of(AttentionScreen{}) == ScreenId::Attention);
}

TEST_CASE("screens say this", "[receipt]") {
  const auto screens = some_screens();
  const auto json = [&](ScreenId id) { return must(to_json(screens[static_cast<std::size_t>(id)], Language::En)); };

  CHECK(json(ScreenId::NotCompleted) ==
        R"({"screen":"not_completed","language":"en",)"
        R"("text":"Not completed. If you were charged ¥12.30, it comes back by itself. Order A1.",)"
        R"("operator_text":"Not completed. Order A1, ¥12.30, is resolved by itself. Do not refund it by hand.",)"
        R"("order":"A1","amount":{"minor":1230,"currency":"CNY","text":"¥12.30"}})");
  CHECK(json(ScreenId::Basket) ==
        R"({"screen":"basket","language":"en","text":"Choose more, or pay. Total ¥6.00.",)"
        R"("operator_text":"Sale open, total ¥6.00.","lines":1,"rows":[{"name":"可乐","quantity":2,"unit":"piece",)"
        R"("list":{"minor":700,"currency":"CNY","text":"¥7.00"},"net":{"minor":600,"currency":"CNY","text":"¥6.00"}}],)"
        R"("discount":{"minor":100,"currency":"CNY","text":"¥1.00"},)"
        R"("total":{"minor":600,"currency":"CNY","text":"¥6.00"},"works":[],"member":false})");
  CHECK(json(ScreenId::ShowCode) ==
        R"({"screen":"show_code","language":"en","text":"Scan this code to pay ¥12.30, valid for 5 min.",)"
        R"("operator_text":"Shopper is to scan and pay ¥12.30, valid for 5 min.",)"
        R"("amount":{"minor":1230,"currency":"CNY","text":"¥12.30"},"qr":"weixin://wxpay/bizpayurl?pr=1",)"
        R"("expires_at":"2026-11-21T10:35:00.000Z"})");
}

TEST_CASE("a basket says whether its price is a member's, and what a member would pay and earn", "[receipt]") {
  BasketScreen basket{.rows = {}, .discount = {0, core::kCny}, .total = kPrice};
  basket.as_member = core::Money{1'000, core::kCny};
  basket.points = 12;
  CHECK(must(to_json(basket, Language::En))
            .ends_with(R"("member":false,"as_member":{"minor":1000,"currency":"CNY","text":"¥10.00"},"points":12})"));
  basket.member = true;
  basket.as_member.reset();
  CHECK(must(to_json(basket, Language::En)).ends_with(R"("member":true,"points":12})"));
  const ThankYouScreen thanks{
      .paid = kPrice, .change = {0, core::kCny}, .sale = id_from<SaleNumber>("S1"), .points = 12};
  CHECK(must(to_json(thanks, Language::En)).ends_with(R"("sale":"S1","points":12})"));
}

TEST_CASE("a basket says what it can be paid with", "[receipt]") {
  const BasketScreen basket{.rows = {}, .discount = {0, core::kCny}, .total = kPrice, .works = cash_only()};

  CHECK(must(to_json(basket, Language::En)).ends_with(R"("works":[{"tender":"cash","name":"cash"}],"member":false})"));
  CHECK(must(to_json(basket, Language::ZhCn)).contains(R"("works":[{"tender":"cash","name":"现金"}])"));
}

TEST_CASE("the end of a sale of which goods are missing says first what comes back, or whom to turn to", "[receipt]") {
  ThankYouScreen thanks{.paid = {300, core::kCny}, .change = {0, core::kCny}, .sale = id_from<SaleNumber>("S1")};
  const auto said = [&](Language language, Audience audience) { return must(text_of(thanks, language, audience)); };
  CHECK(said(Language::En, Audience::Shopper) == "Paid ¥3.00. Thank you.");

  thanks.back = core::Money{350, core::kCny};
  CHECK(said(Language::En, Audience::Shopper) ==
        "Some goods did not come out, ¥3.50 comes back by itself. Please do not shake the machine. "
        "Paid ¥3.00. Thank you.");
  CHECK(said(Language::ZhCn, Audience::Shopper) ==
        "有商品没有出来，¥3.50会自动退回。请不要摇动机器。支付成功¥3.00，谢谢惠顾。");
  CHECK(said(Language::En, Audience::Operator).starts_with("Sale S1: goods did not come out, a refund is under way."));
  CHECK(must(to_json(thanks, Language::En))
            .ends_with(R"("sale":"S1","points":0,"back":{"minor":350,"currency":"CNY","text":"¥3.50"}})"));

  thanks.back.reset();
  thanks.goods_unknown = true;
  CHECK(said(Language::En, Audience::Shopper) ==
        "We cannot tell whether your goods came out. If any did not, please contact us, sale S1. "
        "Paid ¥3.00. Thank you.");
  CHECK(
      said(Language::ZhCn, Audience::Shopper).starts_with("出货结果不明。如有商品没有拿到，请联系工作人员，单号S1。"));
  CHECK(must(to_json(thanks, Language::En)).ends_with(R"("points":0,"goods_unknown":true})"));
}

TEST_CASE("a refused wallet's screen names what works instead", "[receipt]") {
  const ScreenModel offline = RefusedScreen{payment::TenderRefusal::Offline, {}, cash_only()};

  CHECK(must(text_of(offline, Language::En, Audience::Shopper)).ends_with("Please use: cash."));
  CHECK(must(text_of(offline, Language::ZhCn, Audience::Shopper)).ends_with("请改用：现金。"));
  CHECK(must(to_json(offline, Language::En))
            .ends_with(R"("of":"tender","refusal":"offline","works":[{"tender":"cash","name":"cash"}]})"));
}

TEST_CASE("screens with a reason say the reason, not that there is one", "[receipt]") {
  CHECK(must(text_of(StoppedScreen{StopReason::SafeMode}, Language::En, Audience::Operator)).contains("Safe mode") ==
        false);
  CHECK(must(text_of(StoppedScreen{StopReason::SafeMode}, Language::En, Audience::Operator)).contains("safe mode"));
  CHECK(must(text_of(StoppedScreen{StopReason::Storage}, Language::En, Audience::Operator)).contains("Storage"));
  CHECK(must(text_of(RefusedScreen{SaleRefusal::BasketEmpty, {}, {}}, Language::En, Audience::Operator))
            .contains("basket is empty"));
  CHECK(must(text_of(AttentionScreen{Attention::PaperOut, {}}, Language::ZhCn, Audience::Operator)).contains("缺纸"));
  CHECK(must(to_json(RefusedScreen{SaleRefusal::BasketEmpty, {}, {}}, Language::En))
            .ends_with(R"("of":"sale","refusal":"basket_empty"})"));
}

TEST_CASE("every refusal can be shown", "[receipt]") {
  for (std::size_t r = 1; r <= kSaleRefusals; ++r) {
    CAPTURE(r);
    CHECK(to_json(RefusedScreen{static_cast<SaleRefusal>(r), values(), {}}, Language::ZhCn).has_value());
  }
  for (std::size_t r = 1; r <= payment::kTenderRefusals; ++r) {
    CAPTURE(r);
    CHECK(to_json(RefusedScreen{static_cast<payment::TenderRefusal>(r), {}, {}}, Language::ZhCn).has_value());
  }
}

TEST_CASE("of a long basket the last lines are shown, and it fits the display", "[receipt]") {
  BasketScreen basket;
  basket.discount = {0, core::kCny};
  basket.total = kPrice;
  for (int i = 0; i < 500; ++i) {
    basket.rows.push_back(
        {std::to_string(i) + std::string(kTextBytesMax - 3, '"'), must(core::Quantity::pieces(1)), kPrice, kPrice});
  }
  basket.lines = basket.rows.size();

  const std::string json = must(to_json(basket, Language::ZhCn));

  CHECK(json.size() <= hal::kScreenBytesMax);
  CHECK(json.contains(R"("lines":500)"));
  CHECK(json.contains(R"("name":"499)"));
  CHECK(json.contains(R"("name":"450)"));
  CHECK_FALSE(json.contains(R"("name":"449)"));
}

TEST_CASE("a screen that cannot be said is an error, not half a screen", "[receipt]") {
  CHECK(
      failed_with(to_json(RefusedScreen{SaleRefusal::PriceChanged, {}, {}}, Language::En), ErrorCode::InvalidArgument));
  CHECK(failed_with(to_json(NotCompletedScreen{kPrice, {}}, Language::En), ErrorCode::InvalidArgument));
  ShowCodeScreen code{kPrice, "", must(core::parse_rfc3339("2026-11-21T10:35:00Z")), std::chrono::minutes{5}};
  CHECK(failed_with(to_json(code, Language::En), ErrorCode::InvalidArgument));
  code.qr_text = std::string(kLinkBytesMax + 1, 'q');
  CHECK(failed_with(to_json(code, Language::En), ErrorCode::InvalidArgument));
  BasketScreen basket{{{std::string(kTextBytesMax + 1, 'a'), {}, kPrice, kPrice}}, 1, kPrice, kPrice};
  CHECK(failed_with(to_json(basket, Language::En), ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::receipt
