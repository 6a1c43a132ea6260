// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/screen.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/core/json_writer.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;

/// `hal::kScreenBytesMax`; this module does not see hal.
constexpr core::JsonLimits kScreenJsonLimits{.bytes_max = std::size_t{64} * 1'024};

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

/// What a screen's text names.
TextValues values_of(const ScreenModel& screen) {
  return std::visit(
      Overloaded{
          [](const IdleScreen&) { return TextValues{}; },
          [](const BasketScreen& s) { return TextValues{.amount = s.total}; },
          [](const ChooseTenderScreen& s) { return TextValues{.amount = s.amount, .works = s.works}; },
          [](const ShowCodeScreen& s) {
            return TextValues{.amount = s.amount, .minutes = std::int64_t{s.valid_for.count()}};
          },
          [](const WaitingForWalletScreen& s) { return TextValues{.amount = s.amount}; },
          [](const EnterPasswordScreen& s) { return TextValues{.amount = s.amount}; },
          [](const HandingOverScreen&) { return TextValues{}; },
          [](const ThankYouScreen& s) { return TextValues{.amount = s.paid, .sale = std::string(s.sale.view())}; },
          [](const NotCompletedScreen& s) {
            return TextValues{.amount = s.amount, .order = std::string(s.order.view())};
          },
          [](const DeclinedScreen& s) { return TextValues{.amount = s.amount, .works = s.works}; },
          [](const RefusedScreen& s) {
            TextValues values = s.values;
            values.works = s.works;
            return values;
          },
          [](const AgeCheckScreen& s) { return TextValues{.age = s.minimum_age}; },
          [](const RefundDoneScreen& s) { return TextValues{.amount = s.amount}; },
          [](const StoppedScreen&) { return TextValues{}; },
          [](const AttentionScreen& s) { return s.values; },
      },
      screen);
}

/// The reason's own text where a screen has one.
Result<std::string_view> pattern_of_screen(const ScreenModel& screen, Language language, Audience audience) {
  if (const auto* refused = std::get_if<RefusedScreen>(&screen)) {
    return std::visit([&](auto refusal) { return pattern_of(refusal, language, audience); }, refused->refusal);
  }
  if (const auto* stopped = std::get_if<StoppedScreen>(&screen)) return pattern_of(stopped->reason, language, audience);
  if (const auto* called = std::get_if<AttentionScreen>(&screen)) {
    return pattern_of(called->attention, language, audience);
  }
  return pattern_of(id_of(screen), language, audience);
}

/// What the end of a sale says first, where it is not sure that all goods came out; else nothing.
Result<std::string> text_about_goods(const ScreenModel& screen, Language language, Audience audience) {
  std::string text;
  const auto* const thanks = std::get_if<ThankYouScreen>(&screen);
  if (thanks == nullptr) return text;
  const TextValues values{.amount = thanks->back, .sale = std::string(thanks->sale.view())};
  const auto add = [&](Attention attention) -> Result<> {
    TILLKIT_TRY(const std::string_view pattern, pattern_of(attention, language, audience));
    TILLKIT_TRY(const std::string said, fill(pattern, values, language));
    text += said;
    if (language == Language::En) text += ' ';
    return {};
  };
  if (thanks->back) TILLKIT_TRY_VOID(add(Attention::GoodsStuck));
  if (thanks->goods_unknown) TILLKIT_TRY_VOID(add(Attention::GoodsUnknown));
  return text;
}

void write_money(JsonWriter& json, std::string_view name, const core::Money& amount) {
  json.name(name).begin_object().name("minor").integer(amount.minor).name("currency");
  json.text(amount.currency.alpha()).name("text").text(format_money(amount)).end_object();
}

void write_works(JsonWriter& json, payment::TenderSet works, Language language) {
  using enum payment::TenderKind;
  json.name("works").begin_array();
  for (const payment::TenderKind kind : {WalletCode, WalletQr, Cash, StoredValue, Points}) {
    if (!works.has(kind)) continue;
    json.begin_object().name("tender").text(to_string(kind)).name("name").text(name_of(kind, language)).end_object();
  }
  json.end_array();
}

/// What a screen holds beside its words.
struct DataWriter {
  JsonWriter& json;
  Language language;

  Result<> operator()(const IdleScreen&) const { return {}; }
  Result<> operator()(const BasketScreen& s) const {
    json.name("lines").integer(s.lines).name("rows").begin_array();
    const std::size_t skipped = s.rows.size() - std::min(s.rows.size(), kScreenLinesMax);
    for (std::size_t i = skipped; i < s.rows.size(); ++i) {
      const BasketRow& row = s.rows[i];
      if (row.name.size() > kTextBytesMax) return fail(ErrorCode::InvalidArgument);
      json.begin_object().name("name").text(row.name).name("quantity").integer(row.quantity.count());
      json.name("unit").text(to_string(row.quantity.unit()));
      write_money(json, "list", row.list);
      write_money(json, "net", row.net);
      json.end_object();
    }
    json.end_array();
    write_money(json, "discount", s.discount);
    write_money(json, "total", s.total);
    write_works(json, s.works, language);
    json.name("member").boolean(s.member);
    if (s.as_member) write_money(json, "as_member", *s.as_member);
    if (s.points) json.name("points").integer(*s.points);
    return {};
  }
  Result<> operator()(const ChooseTenderScreen& s) const {
    write_money(json, "amount", s.amount);
    write_works(json, s.works, language);
    return {};
  }
  Result<> operator()(const ShowCodeScreen& s) const {
    if (s.qr_text.empty() || s.qr_text.size() > kLinkBytesMax) return fail(ErrorCode::InvalidArgument);
    TILLKIT_TRY(const std::string until, core::format_rfc3339(s.expires_at));
    write_money(json, "amount", s.amount);
    json.name("qr").text(s.qr_text).name("expires_at").text(until);
    return {};
  }
  Result<> operator()(const WaitingForWalletScreen& s) const { return amount(s.amount); }
  Result<> operator()(const EnterPasswordScreen& s) const { return amount(s.amount); }
  Result<> operator()(const HandingOverScreen& s) const {
    json.name("out").integer(s.out).name("units").integer(s.units);
    return {};
  }
  Result<> operator()(const ThankYouScreen& s) const {
    write_money(json, "paid", s.paid);
    write_money(json, "change", s.change);
    json.name("sale").text(s.sale.view()).name("points").integer(s.points);
    if (s.back) write_money(json, "back", *s.back);
    if (s.goods_unknown) json.name("goods_unknown").boolean(true);
    return {};
  }
  Result<> operator()(const NotCompletedScreen& s) const {
    json.name("order").text(s.order.view());
    return amount(s.amount);
  }
  Result<> operator()(const DeclinedScreen& s) const {
    write_works(json, s.works, language);
    return amount(s.amount);
  }
  Result<> operator()(const RefusedScreen& s) const {
    const auto* tender = std::get_if<payment::TenderRefusal>(&s.refusal);
    json.name("of").text(tender != nullptr ? "tender" : "sale").name("refusal");
    json.text(std::visit([](auto refusal) { return to_string(refusal); }, s.refusal));
    if (tender != nullptr) write_works(json, s.works, language);
    return {};
  }
  Result<> operator()(const AgeCheckScreen& s) const {
    json.name("minimum_age").integer(s.minimum_age);
    return {};
  }
  Result<> operator()(const RefundDoneScreen& s) const {
    if (!s.order.empty()) json.name("order").text(s.order.view());
    return amount(s.amount);
  }
  Result<> operator()(const StoppedScreen& s) const {
    json.name("reason").text(to_string(s.reason));
    return {};
  }
  Result<> operator()(const AttentionScreen& s) const {
    json.name("attention").text(to_string(s.attention));
    return {};
  }

  Result<> amount(const core::Money& money) const {
    write_money(json, "amount", money);
    return {};
  }
};

}  // namespace

ScreenId id_of(const ScreenModel& screen) {
  return static_cast<ScreenId>(screen.index());
}

Result<std::string> text_of(const ScreenModel& screen, Language language, Audience audience) {
  TILLKIT_TRY(const std::string_view pattern, pattern_of_screen(screen, language, audience));
  TILLKIT_TRY(const std::string before, text_about_goods(screen, language, audience));
  TILLKIT_TRY(const std::string text, fill(pattern, values_of(screen), language));
  return before + text;
}

Result<std::string> to_json(const ScreenModel& screen, Language language) {
  TILLKIT_TRY(const std::string shopper, text_of(screen, language, Audience::Shopper));
  TILLKIT_TRY(const std::string at_till, text_of(screen, language, Audience::Operator));
  JsonWriter json(kScreenJsonLimits);
  json.begin_object().name("screen").text(to_string(id_of(screen))).name("language").text(to_string(language));
  json.name("text").text(shopper).name("operator_text").text(at_till);
  TILLKIT_TRY_VOID(std::visit(DataWriter{json, language}, screen));
  return json.end_object().finish();
}

}  // namespace tillkit::receipt
