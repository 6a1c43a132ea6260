// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/layout.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tillkit/core/calendar.hpp"
#include "tillkit/core/money.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

enum class Label : std::uint8_t {
  SaleTitle,
  RefundTitle,
  NotCompletedTitle,
  Copy,
  TaxNumber,
  Sale,
  OldSale,
  Time,
  OldTime,
  ClockUnknown,
  Terminal,
  Operator,
  Unattended,
  Gift,
  Funder,
  List,
  Discount,
  TaxOnTop,
  Total,
  RefundTotal,
  AtStake,
  TaxRate,
  Account,
  Order,
  Transaction,
  ProviderDiscount,
  Tendered,
  HandedOut,
  Change,
  Rounding,
  PointsEarned,
  PointsTakenBack,
  Fapiao,
  Thanks,
};

struct LabelRow {
  Label label;
  std::string_view zh;
  std::string_view en;
};

// clang-format off
constexpr std::array kLabels{
    LabelRow{Label::SaleTitle,         "销售小票",         "RECEIPT"},
    LabelRow{Label::RefundTitle,       "退款小票",         "REFUND"},
    LabelRow{Label::NotCompletedTitle, "交易未完成",       "NOT COMPLETED"},
    LabelRow{Label::Copy,              "补打",             "COPY"},
    LabelRow{Label::TaxNumber,         "税号",             "Tax no."},
    LabelRow{Label::Sale,              "单号",             "Sale"},
    LabelRow{Label::OldSale,           "原单号",           "Refund of sale"},
    LabelRow{Label::Time,              "时间",             "Time"},
    LabelRow{Label::OldTime,           "原时间",           "Sold at"},
    LabelRow{Label::ClockUnknown,      "（时间未校准）",   " (clock not set)"},
    LabelRow{Label::Terminal,          "终端",             "Terminal"},
    LabelRow{Label::Operator,          "收银员",           "Cashier"},
    LabelRow{Label::Unattended,        "自助",             "self-service"},
    LabelRow{Label::Gift,              "赠品",             "Gift"},
    LabelRow{Label::Funder,            "承担方",           "paid by"},
    LabelRow{Label::List,              "小计",             "Subtotal"},
    LabelRow{Label::Discount,          "优惠合计",         "You save"},
    LabelRow{Label::TaxOnTop,          "另加税",           "Tax added"},
    LabelRow{Label::Total,             "合计",             "TOTAL"},
    LabelRow{Label::RefundTotal,       "退款合计",         "REFUND TOTAL"},
    LabelRow{Label::AtStake,           "涉及金额",         "AMOUNT"},
    LabelRow{Label::TaxRate,           "税率",             "Tax"},
    LabelRow{Label::Account,           "账户",             "Account"},
    LabelRow{Label::Order,             "订单号",           "Order"},
    LabelRow{Label::Transaction,       "交易号",           "Transaction"},
    LabelRow{Label::ProviderDiscount,  "支付平台优惠",     "Wallet's discount"},
    LabelRow{Label::Tendered,          "实收",             "Received"},
    LabelRow{Label::HandedOut,         "退现金",           "Handed out"},
    LabelRow{Label::Change,            "找零",             "Change"},
    LabelRow{Label::Rounding,          "抹零",             "Rounding"},
    LabelRow{Label::PointsEarned,      "本次积分",         "Points earned"},
    LabelRow{Label::PointsTakenBack,   "退回积分",         "Points taken back"},
    LabelRow{Label::Fapiao,            "扫码开具发票",     "Scan for an invoice"},
    LabelRow{Label::Thanks,            "谢谢惠顾",         "Thank you"},
};
// clang-format on

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < kLabels.size(); ++i) {
    if (static_cast<std::size_t>(kLabels[i].label) != i || kLabels[i].zh.empty() || kLabels[i].en.empty()) return false;
  }
  return kLabels.size() == static_cast<std::size_t>(Label::Thanks) + 1;
}
static_assert(are_in_order());

/// `13%`, `6.5%`, `0.05%`
std::string rate_text(core::BasisPoints rate) {
  std::string text = std::to_string(rate.value() / 100);
  const std::int32_t rest = rate.value() % 100;
  if (rest != 0) text += "." + std::string(rest < 10 ? "0" : "") + std::to_string(rest % 10 == 0 ? rest / 10 : rest);
  return text + "%";
}

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

/// `0.734kg`, `12kg`
std::string weight_text(std::int64_t grams) {
  std::string text = std::to_string(grams / 1'000);
  const std::string rest = std::to_string(1'000 + grams % 1'000).substr(1);
  if (rest != "000") text += "." + rest;
  return text + "kg";
}

class Layout {
 public:
  Layout(const ReceiptData& receipt, std::size_t columns, Language language, PaperFont font)
      : receipt_(receipt), columns_(columns), language_(language), font_(font) {}

  Result<std::vector<PaperLine>> run() {
    TILLKIT_TRY_VOID(header());
    rule();
    if (receipt_.kind == ReceiptKind::NotCompleted) {
      TILLKIT_TRY_VOID(explanation());
    } else {
      for (const ReceiptLine& line : receipt_.lines)
        goods(line);
      for (const ReceiptGift& gift : receipt_.gifts)
        row(text(Label::Gift) + ": " + gift.name, "x" + std::to_string(gift.count));
      rule();
      totals();
    }
    rule();
    for (const ReceiptTender& tender : receipt_.tenders)
      paid(tender);
    points();
    footer();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string text(Label label) const {
    const LabelRow& found = kLabels[static_cast<std::size_t>(label)];
    return std::string(language_ == Language::ZhCn ? found.zh : found.en);
  }

  [[nodiscard]] std::string plain(std::int64_t amount) const {
    return core::format_amount({amount, receipt_.currency});
  }
  [[nodiscard]] std::string signed_money(std::int64_t amount) const {
    return format_money({amount, receipt_.currency});
  }

  void line(std::string text, PaperStyle style = PaperStyle::Plain) { out_.push_back({std::move(text), style}); }
  void rule() { line(std::string(columns_, '-')); }

  /// A text as lines; what the font draws decides where they end.
  [[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns) const {
    return wrap(printable(text, font_), columns);
  }

  void centred(std::string_view text, PaperStyle style = PaperStyle::Plain) {
    for (const std::string& part : wrapped(text, columns_))
      line(std::string((columns_ - columns_of(part)) / 2, ' ') + part, style);
  }

  void said(Label label, std::string_view value) {
    for (std::string& part : wrapped(text(label) + ": " + std::string(value), columns_))
      line(std::move(part));
  }

  /// A text, and an amount at the end of its last line, or on a line of its own where there is no room.
  void row(std::string_view left, std::string_view amount, std::size_t indent = 0,
           PaperStyle style = PaperStyle::Plain) {
    const std::string right = printable(amount, font_);
    std::vector<std::string> parts = wrapped(left, columns_ - indent);
    if (indent + columns_of(parts.back()) + 1 + columns_of(right) > columns_) parts.emplace_back();
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
      line(std::string(indent, ' ') + parts[i], style);
    const std::string last = parts.back().empty() ? std::string() : std::string(indent, ' ') + parts.back();
    const std::size_t used = columns_of(last) + columns_of(right);
    line(last + std::string(columns_ - std::min(columns_, used), ' ') + right, style);
  }

  Result<> moment(Label label, const core::WallReading& reading) {
    TILLKIT_TRY(const core::CivilTime civil, core::to_civil(reading.at, receipt_.header.utc_offset));
    TILLKIT_TRY(std::string shown, core::format_date(civil.date));
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(civil.since_midnight).count();
    shown += " " + two_digits(seconds / 3'600) + ":" + two_digits(seconds / 60 % 60) + ":" + two_digits(seconds % 60);
    if (reading.quality == core::WallQuality::Unknown) shown += text(Label::ClockUnknown);
    said(label, shown);
    return {};
  }

  [[nodiscard]] Label title() const {
    switch (receipt_.kind) {
      case ReceiptKind::Sale: return Label::SaleTitle;
      case ReceiptKind::Refund: return Label::RefundTitle;
      case ReceiptKind::NotCompleted: return Label::NotCompletedTitle;
    }
    return Label::SaleTitle;
  }

  Result<> header() {
    const ReceiptHeader& header = receipt_.header;
    centred(header.merchant, PaperStyle::Strong);
    centred(header.store);
    if (!header.address.empty()) centred(header.address);
    centred(text(title()), PaperStyle::Strong);
    if (receipt_.copy != 0)
      centred("*** " + text(Label::Copy) + " " + std::to_string(receipt_.copy) + " ***", PaperStyle::Strong);
    if (!header.tax_number.empty()) said(Label::TaxNumber, header.tax_number);
    said(Label::Sale, header.sale.view());
    TILLKIT_TRY_VOID(moment(Label::Time, header.at));
    if (receipt_.kind == ReceiptKind::Refund) {
      said(Label::OldSale, receipt_.refers_to.sale.view());
      TILLKIT_TRY_VOID(moment(Label::OldTime, receipt_.refers_to.at));
    }
    said(Label::Terminal, header.terminal);
    said(Label::Operator, header.operator_name.empty() ? text(Label::Unattended) : header.operator_name);
    return {};
  }

  Result<> explanation() {
    TILLKIT_TRY(const std::string_view pattern, pattern_of(ScreenId::NotCompleted, language_, Audience::Shopper));
    TextValues values;
    values.amount = core::Money{receipt_.total, receipt_.currency};
    values.order = receipt_.tenders.front().order.view();
    TILLKIT_TRY(const std::string said, fill(pattern, values, language_));
    for (std::string& part : wrapped(said, columns_))
      line(std::move(part));
    row(text(Label::AtStake), signed_money(receipt_.total), 0, PaperStyle::Tall);
    return {};
  }

  void goods(const ReceiptLine& sold) {
    for (std::string& part : wrapped(sold.name, columns_))
      line(std::move(part));
    const bool weighed = sold.quantity.unit() == core::QuantityUnit::Gram;
    std::string amount = weighed ? weight_text(sold.quantity.count()) : std::to_string(sold.quantity.count());
    if (!weighed || sold.per_grams != 0) amount += " x " + plain(sold.unit_price);
    if (sold.per_grams != 0) amount += sold.per_grams == 1'000 ? "/kg" : "/" + std::to_string(sold.per_grams) + "g";
    row(amount, plain(sold.list), 2);
    for (const ReceiptDiscount& discount : sold.discounts) {
      const ReceiptUse& use = receipt_.uses[discount.use];
      if (use.under_lines) row(use.name, plain(-discount.amount), 2);
    }
  }

  void totals() {
    if (receipt_.discount != 0) row(text(Label::List), plain(receipt_.list));
    for (const ReceiptUse& use : receipt_.uses) {
      if (!use.under_lines) row(use.name, plain(-use.discount));
      for (const ReceiptFunder& funder : use.funders)
        row((use.under_lines ? use.name + " " : "") + text(Label::Funder) + " " + funder.name, plain(funder.amount), 2);
    }
    if (receipt_.discount != 0) row(text(Label::Discount), plain(-receipt_.discount));
    if (receipt_.total != receipt_.net) row(text(Label::TaxOnTop), plain(receipt_.total - receipt_.net));
    const Label label = receipt_.kind == ReceiptKind::Refund ? Label::RefundTotal : Label::Total;
    row(text(label), signed_money(receipt_.total), 0, PaperStyle::Tall);
    for (const ReceiptTax& tax : receipt_.taxes)
      row(text(Label::TaxRate) + " " + rate_text(tax.rate) + " / " + plain(tax.base), plain(tax.tax));
  }

  void paid(const ReceiptTender& tender) {
    const bool cash = tender.kind == payment::TenderKind::Cash;
    row(tender.name.empty() ? name_of(tender.kind, language_) : std::string_view(tender.name),
        signed_money(tender.amount));
    if (tender.provider_discount != 0) row(text(Label::ProviderDiscount), plain(tender.provider_discount), 2);
    // Of a short one nothing is left to show.
    if (tender.account.find_first_not_of('*') != std::string::npos) number(Label::Account, tender.account);
    if (!tender.order.empty()) number(Label::Order, tender.order.view());
    if (!tender.transaction.empty()) number(Label::Transaction, tender.transaction.view());
    if (!cash) return;
    row(text(receipt_.kind == ReceiptKind::Refund ? Label::HandedOut : Label::Tendered), plain(tender.tendered), 2);
    if (tender.rounding != 0) row(text(Label::Rounding), plain(tender.rounding), 2);
    if (tender.change != 0) row(text(Label::Change), plain(tender.change), 2);
  }

  void points() {
    if (receipt_.points == 0) return;
    const bool back = receipt_.kind == ReceiptKind::Refund;
    rule();
    row(text(back ? Label::PointsTakenBack : Label::PointsEarned),
        (back ? "-" : "+") + std::to_string(receipt_.points));
  }

  /// A number that may be longer than a line.
  void number(Label label, std::string_view value) {
    if (columns_of(printable(value, font_)) <= columns_ - 2) return row(text(label), value, 2);
    line("  " + text(label));
    for (const std::string& part : wrapped(value, columns_ - 2))
      line("  " + part);
  }

  void footer() {
    if (!receipt_.header.fapiao_link.empty()) {
      rule();
      centred(text(Label::Fapiao));
      line(receipt_.header.fapiao_link, PaperStyle::QrCode);
    }
    if (receipt_.kind != ReceiptKind::Sale) return;
    rule();
    centred(text(Label::Thanks));
  }

  const ReceiptData& receipt_;
  std::size_t columns_;
  Language language_;
  PaperFont font_;
  std::vector<PaperLine> out_;
};

}  // namespace

Result<std::vector<PaperLine>> lay_out(const ReceiptData& receipt, std::size_t columns, Language language,
                                       PaperFont font) {
  if (columns != kColumnsNarrow && columns != kColumnsWide) return fail(ErrorCode::InvalidArgument);
  if (mistake_in(receipt) != ReceiptMistake::None) return fail(ErrorCode::InvalidArgument);
  auto lines = Layout(receipt, columns, language, font).run();
  if (!lines) return fail(ErrorCode::InvalidArgument);
  return lines;
}

}  // namespace tillkit::receipt
