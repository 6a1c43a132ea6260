// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/texts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "text_table.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::Money;
using core::must;
using enum payment::TenderKind;

struct Text {
  std::string id;
  Language language;
  Audience audience;
  std::string text;
  bool refusal;
};

template <class Id>
void add(std::vector<Text>& texts, std::size_t first, std::size_t count, bool refusal) {
  for (std::size_t i = first; i < first + count; ++i) {
    for (const Language language : {Language::ZhCn, Language::En}) {
      for (const Audience audience : {Audience::Shopper, Audience::Operator}) {
        const auto id = static_cast<Id>(i);
        const auto text = pattern_of(id, language, audience);
        CAPTURE(i);
        REQUIRE(text.has_value());
        texts.push_back({std::string(to_string(id)), language, audience, std::string(*text), refusal});
      }
    }
  }
}

std::vector<Text> all_texts() {
  std::vector<Text> texts;
  add<ScreenId>(texts, 0, kScreens, false);
  add<SaleRefusal>(texts, 1, kSaleRefusals, true);
  add<payment::TenderRefusal>(texts, 1, payment::kTenderRefusals, true);
  add<StopReason>(texts, 1, kStopReasons, true);
  add<Attention>(texts, 1, kAttentions, true);
  return texts;
}

TextValues all_values() {
  TextValues values;
  values.amount = Money{1'230, core::kCny};
  values.order = "A1";
  values.sale = "S1";
  values.minutes = 5;
  values.age = 18;
  values.count = 3;
  values.works.add(Cash);
  return values;
}

TEST_CASE("every screen, refusal, reason and call has a text for each language and audience", "[receipt]") {
  const auto texts = all_texts();
  CHECK(texts.size() == (15 + 42 + 10 + 3 + 8) * 4);
  for (const Text& text : texts) {
    CAPTURE(text.id, to_string(text.language), static_cast<int>(text.audience));
    CHECK_FALSE(text.text.empty());
  }
}

TEST_CASE("both languages name the same values", "[receipt]") {
  const auto texts = all_texts();
  for (std::size_t i = 0; i < texts.size(); i += 4) {
    CAPTURE(texts[i].id);
    CHECK(detail::placeholders_in(texts[i].text) == detail::placeholders_in(texts[i + 2].text));
    CHECK(detail::placeholders_in(texts[i + 1].text) == detail::placeholders_in(texts[i + 3].text));
  }
}

TEST_CASE("what names nothing is seen in a pattern", "[receipt]") {
  using detail::placeholders_in;
  CHECK(placeholders_in("plain") == 0);
  CHECK(placeholders_in("{amount}") == 1U);
  CHECK(placeholders_in("a{works}b{amount}") == 0x41U);
  CHECK(placeholders_in("{amounts}") == 1U << 31U);
  CHECK(placeholders_in("{") == 1U << 31U);
  CHECK((placeholders_in("{amount}}") >> 31U) == 1U);
}

TEST_CASE("every text can be said, and nothing of its pattern is left", "[receipt]") {
  for (const Text& text : all_texts()) {
    CAPTURE(text.id, to_string(text.language));
    const std::string said = must(fill(text.text, all_values(), text.language));
    CHECK_FALSE(said.contains('{'));
    CHECK_FALSE(said.contains('}'));
  }
}

TEST_CASE("a refusal says what is the matter and what to do", "[receipt]") {
  for (const Text& text : all_texts()) {
    if (!text.refusal) continue;
    CAPTURE(text.id, text.text);
    const std::string full_stop = text.language == Language::ZhCn ? "。" : ".";
    std::size_t sentences = 0;
    for (std::size_t at = text.text.find(full_stop); at != std::string::npos; at = text.text.find(full_stop, at + 1))
      ++sentences;
    CHECK(text.text.ends_with(full_stop));
    CHECK(sentences >= 2);
  }
}

TEST_CASE("a wallet that does not work says what does", "[receipt]") {
  using enum payment::TenderRefusal;
  for (const auto refusal :
       {NotOffered, Offline, ClockUnknown, TooManyUnresolved, NoMember, NotCovered, NoScanner, TooManyRefunds}) {
    for (const Language language : {Language::ZhCn, Language::En}) {
      for (const Audience audience : {Audience::Shopper, Audience::Operator}) {
        CAPTURE(std::string(to_string(refusal)));
        CHECK(must(pattern_of(refusal, language, audience)).contains("{works}"));
      }
    }
  }
}

TEST_CASE("no shopper is sent to staff who may not be there, nor told to wait where nothing comes", "[receipt]") {
  for (const Text& text : all_texts()) {
    if (text.audience != Audience::Shopper) continue;
    CAPTURE(text.id, text.text);
    CHECK_FALSE(text.text.contains("店员"));
    CHECK_FALSE(text.text.contains("staff"));
  }
  const auto free = payment::TenderRefusal::NothingToPay;
  CHECK(must(pattern_of(free, Language::En, Audience::Shopper)).contains("confirm"));
  CHECK(must(pattern_of(free, Language::ZhCn, Audience::Shopper)).contains("确认"));
}

TEST_CASE("where nobody knows whether money was taken, no text says that none was", "[receipt]") {
  const auto english = [](auto id, Audience audience) { return must(pattern_of(id, Language::En, audience)); };
  const auto chinese = [](auto id, Audience audience) { return must(pattern_of(id, Language::ZhCn, audience)); };
  for (const Audience audience : {Audience::Shopper, Audience::Operator}) {
    for (const ScreenId id : {ScreenId::NotCompleted, ScreenId::WaitingForWallet, ScreenId::EnterPassword}) {
      CHECK_FALSE(english(id, audience).contains("othing was taken"));
      CHECK_FALSE(english(id, audience).contains("eclined"));
      CHECK_FALSE(chinese(id, audience).contains("没有扣款"));
      CHECK_FALSE(chinese(id, audience).contains("拒绝"));
    }
    CHECK(english(ScreenId::NotCompleted, audience).contains("by itself"));
    CHECK(chinese(ScreenId::NotCompleted, audience).contains("自动"));
    CHECK(english(ScreenId::Declined, audience).contains("nothing was taken"));
    CHECK(chinese(ScreenId::Declined, audience).contains("没有扣款"));
  }
}

TEST_CASE("texts keep to characters that printers and screens have", "[receipt]") {
  const std::string marks = "，。：；！？、（）";
  for (const Text& text : all_texts()) {
    CAPTURE(text.id, text.text);
    REQUIRE(core::check_utf8(text.text).has_value());
    std::string_view rest = text.text;
    while (!rest.empty()) {
      const std::size_t bytes = core::utf8_sequence_bytes(rest);
      const std::string character(rest.substr(0, bytes));
      CAPTURE(character);
      // Three bytes from U+4E00 to U+9FA5.
      const bool ideograph = bytes == 3 && character >= "一" && character <= "龥";
      const bool ascii = bytes == 1 && character[0] >= ' ' && character[0] <= '~';
      const bool chinese = text.language == Language::ZhCn;
      CHECK((ascii || (chinese && (ideograph || marks.contains(character)))));
      rest.remove_prefix(bytes);
    }
  }
}

TEST_CASE("ids have names of their own", "[receipt]") {
  const auto texts = all_texts();
  std::set<std::pair<bool, std::string>> names;
  for (std::size_t r = 1; r <= kSaleRefusals; ++r)
    names.emplace(true, to_string(static_cast<SaleRefusal>(r)));
  for (std::size_t s = 0; s < kScreens; ++s)
    names.emplace(false, to_string(static_cast<ScreenId>(s)));
  CHECK(names.size() == kSaleRefusals + kScreens);
  CHECK_FALSE(names.contains({true, "invalid"}));
  CHECK(to_string(SaleRefusal::RefundNeedsNetwork) == "refund_needs_network");
  CHECK(to_string(StopReason::SafeMode) == "safe_mode");
  CHECK(to_string(Attention::PaperOut) == "paper_out");
  CHECK(to_string(Language::ZhCn) == "zh-CN");
  CHECK(to_string(Language::En) == "en");
}

TEST_CASE("the stored numbers of refusals never change", "[receipt]") {
  CHECK(static_cast<int>(SaleRefusal::UnknownItem) == 1);
  CHECK(static_cast<int>(SaleRefusal::AlreadyPaying) == 15);
  CHECK(static_cast<int>(SaleRefusal::StorageFull) == 23);
  CHECK(static_cast<int>(SaleRefusal::SaleOpen) == 35);
  CHECK(static_cast<int>(SaleRefusal::CouponOfOther) == 39);
  CHECK(static_cast<int>(SaleRefusal::RefundCeded) == 40);
  CHECK(static_cast<int>(SaleRefusal::SlotBlocked) == 42);
}

TEST_CASE("values go where the pattern names them", "[receipt]") {
  TextValues values = all_values();
  CHECK(must(fill("{amount} x {count}, {order}/{sale} {minutes} {age}", values, Language::En)) ==
        "¥12.30 x 3, A1/S1 5 18");
  CHECK(must(fill("{works}", values, Language::ZhCn)) == "现金");
  values.works.add(WalletCode);
  values.works.add(Points);
  CHECK(must(fill("{works}", values, Language::ZhCn)) == "付款码、现金、积分");
  CHECK(must(fill("{works}", values, Language::En)) == "payment code, cash, points");
  CHECK(must(fill("{works}", {}, Language::En)).contains("contact us"));
  CHECK(must(fill("{works}", {}, Language::ZhCn)).contains("请联系工作人员"));
}

TEST_CASE("a value that is missing is not left out silently", "[receipt]") {
  for (const auto* pattern : {"{amount}", "{order}", "{sale}", "{minutes}", "{age}", "{count}"}) {
    CAPTURE(pattern);
    CHECK(failed_with(fill(pattern, {}, Language::En), ErrorCode::InvalidArgument));
  }
  for (const auto* pattern : {"{", "}", "{price}", "a {amount", "{{amount}}"}) {
    CAPTURE(pattern);
    CHECK(failed_with(fill(pattern, all_values(), Language::En), ErrorCode::InvalidArgument));
  }
  CHECK(failed_with(pattern_of(static_cast<SaleRefusal>(0), Language::En, Audience::Shopper), ErrorCode::NotFound));
  CHECK(failed_with(pattern_of(static_cast<Attention>(99), Language::En, Audience::Shopper), ErrorCode::NotFound));
}

TEST_CASE("amounts are written with their currency", "[receipt]") {
  CHECK(format_money({1'230, core::kCny}) == "¥12.30");
  CHECK(format_money({5, core::kCny}) == "¥0.05");
  CHECK(format_money({0, core::kCny}) == "¥0.00");
  CHECK(format_money({-1'230, core::kCny}) == "-¥12.30");
  CHECK(format_money({-500, core::kUsd}) == "-$5.00");
  CHECK(format_money({999, core::kEur}) == "€9.99");
  CHECK(format_money({1'000, core::kHkd}) == "HK$10.00");
  CHECK(format_money({1'200, core::kJpy}) == "JP¥1200");
  CHECK(format_money({5, core::Currency::of("CHF")}) == "CHF 0.05");
  CHECK(format_money({1'234, core::Currency::of("KWD")}) == "KWD 1.234");
  CHECK(format_money({100'000'000, core::kCny}) == "¥1000000.00");
}

TEST_CASE("no two currencies are written alike", "[receipt]") {
  std::set<std::string> written;
  for (const core::CurrencyRow& row : core::kCurrencyRows) {
    const auto currency = core::find_currency(std::string_view(row.alpha.data(), 3));
    if (currency) CHECK(written.insert(format_money({10'000, *currency})).second);
  }
  CHECK(written.size() == core::kCurrencyRows.size() - 1);
}

TEST_CASE("tenders have a name in each language", "[receipt]") {
  std::set<std::string> names;
  for (const Language language : {Language::ZhCn, Language::En}) {
    for (const auto kind : {WalletCode, WalletQr, Cash, StoredValue, Points})
      names.emplace(name_of(kind, language));
  }
  CHECK(names.size() == 10);
}

}  // namespace
}  // namespace tillkit::receipt
