// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/texts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text_table.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using detail::Placeholder;
using payment::TenderKind;

constexpr std::array kKinds{TenderKind::WalletCode, TenderKind::WalletQr, TenderKind::Cash, TenderKind::StoredValue,
                            TenderKind::Points};
static_assert(kKinds.size() == payment::kTenderKinds);

/// Signs that are not another currency's as well where both may be met; all others are written by their code.
constexpr std::array<std::pair<core::Currency, std::string_view>, 9> kSigns{{
    {core::kCny, "¥"},
    {core::kUsd, "$"},
    {core::kEur, "€"},
    {core::kHkd, "HK$"},
    {core::kJpy, "JP¥"},
    {core::Currency::of("GBP"), "£"},
    {core::Currency::of("MOP"), "MOP$"},
    {core::Currency::of("SGD"), "S$"},
    {core::Currency::of("TWD"), "NT$"},
}};

std::string works_text(payment::TenderSet works, Language language) {
  std::string text;
  for (const TenderKind kind : kKinds) {
    if (!works.has(kind)) continue;
    if (!text.empty()) text += language == Language::ZhCn ? "、" : ", ";
    text += name_of(kind, language);
  }
  if (!text.empty()) return text;
  return language == Language::ZhCn ? "暂无，请联系工作人员" : "nothing for now, contact us";
}

Result<std::string> given(std::string_view text) {
  if (text.empty()) return fail(ErrorCode::InvalidArgument);
  return std::string(text);
}

Result<std::string> given(std::optional<std::int64_t> number) {
  if (!number) return fail(ErrorCode::InvalidArgument);
  return std::to_string(*number);
}

Result<std::string> value_of(Placeholder placeholder, const TextValues& values, Language language) {
  switch (placeholder) {
    case Placeholder::Amount:
      if (!values.amount) return fail(ErrorCode::InvalidArgument);
      return format_money(*values.amount);
    case Placeholder::Order: return given(values.order);
    case Placeholder::Sale: return given(values.sale);
    case Placeholder::Minutes: return given(values.minutes);
    case Placeholder::Age: return given(values.age);
    case Placeholder::Count: return given(values.count);
    case Placeholder::Works: return works_text(values.works, language);
  }
  return fail(ErrorCode::InvalidArgument);
}

}  // namespace

std::string_view to_string(Language language) {
  switch (language) {
    case Language::ZhCn: return "zh-CN";
    case Language::En: return "en";
  }
  return "invalid";
}

std::string_view name_of(TenderKind kind, Language language) {
  const bool chinese = language == Language::ZhCn;
  switch (kind) {
    case TenderKind::WalletCode: return chinese ? "付款码" : "payment code";
    case TenderKind::WalletQr: return chinese ? "扫码支付" : "scan to pay";
    case TenderKind::Cash: return chinese ? "现金" : "cash";
    case TenderKind::StoredValue: return chinese ? "储值" : "stored value";
    case TenderKind::Points: return chinese ? "积分" : "points";
  }
  return "?";
}

Result<std::string> fill(std::string_view pattern, const TextValues& values, Language language) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t plain = std::min(pattern.find_first_of("{}"), pattern.size());
    text += pattern.substr(0, plain);
    pattern.remove_prefix(plain);
    if (pattern.empty()) break;
    const auto placeholder = detail::placeholder_at(pattern);
    if (!placeholder) return fail(ErrorCode::InvalidArgument);
    TILLKIT_TRY(const std::string value, value_of(*placeholder, values, language));
    text += value;
    pattern.remove_prefix(detail::kPlaceholders[static_cast<std::size_t>(*placeholder)].size());
  }
  return text;
}

std::string format_money(const core::Money& amount) {
  std::string digits = core::format_amount(amount);
  const auto* sign = std::ranges::find(kSigns, amount.currency, &std::pair<core::Currency, std::string_view>::first);
  if (sign == kSigns.end()) return std::string(amount.currency.alpha()) + " " + digits;
  const bool negative = digits.starts_with('-');
  return (negative ? "-" : "") + std::string(sign->second) + digits.substr(negative ? 1 : 0);
}

}  // namespace tillkit::receipt
