// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>

#include "tillkit/core/id.hpp"
#include "tillkit/core/utf8.hpp"
#include "tillkit/receipt/receipt.hpp"

namespace tillkit::receipt {
namespace {

using M = ReceiptMistake;

/// Amounts are at most this, and lists have limits, so that no sum below leaves 64 bits.
constexpr std::int64_t kMost = offers::kAmountMax;

bool in_range(std::int64_t amount) {
  return amount >= 0 && amount <= kMost;
}

bool is_text(std::string_view text, bool may_be_empty = false) {
  return text.empty() ? may_be_empty : is_receipt_text(text);
}

/// Something is hidden, and no more than four digits in a row are shown.
bool is_masked(std::string_view account) {
  constexpr int kDigitsShownMax = 4;
  int digits = 0;
  for (const char c : account) {
    digits = core::is_digit_char(c) ? digits + 1 : 0;
    if (digits > kDigitsShownMax) return false;
  }
  return account.empty() || account.contains('*');
}

M mistake_in_header(const ReceiptHeader& header) {
  const bool named = is_text(header.merchant) && is_text(header.store) && is_text(header.terminal);
  const bool rest =
      is_text(header.tax_number, true) && is_text(header.address, true) && is_text(header.operator_name, true);
  if (!named || !rest || header.sale.empty() || !is_receipt_link(header.fapiao_link)) return M::Text;
  return M::None;
}

M mistake_in_line(const ReceiptData& receipt, const ReceiptLine& line) {
  if (!is_text(line.name)) return M::Text;
  const bool weighed = line.quantity.unit() == core::QuantityUnit::Gram;
  if (!in_range(line.list) || !in_range(line.net) || !in_range(line.tax) || !in_range(line.unit_price) ||
      line.per_grams < 0 || line.per_grams > core::kGramsMax || line.tax_rate.value() < 0 ||
      line.tax_rate > core::kWhole || line.discounts.size() > kUsesMax) {
    return M::Limit;
  }
  if (line.quantity.is_zero() || (line.per_grams != 0 && !weighed)) return M::Lines;
  std::int64_t off = 0;
  for (const ReceiptDiscount& discount : line.discounts) {
    if (discount.use >= receipt.uses.size()) return M::Uses;
    if (discount.amount <= 0 || discount.amount > kMost) return M::Lines;
    off += discount.amount;
  }
  if (line.list - off != line.net) return M::Lines;
  return line.tax_included && line.tax > line.net ? M::Taxes : M::None;
}

M mistake_in_uses(const ReceiptData& receipt) {
  std::vector<std::int64_t> shares(receipt.uses.size());
  for (const ReceiptLine& line : receipt.lines) {
    for (const ReceiptDiscount& discount : line.discounts)
      shares[discount.use] += discount.amount;
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const ReceiptUse& use = receipt.uses[i];
    if (!is_text(use.name)) return M::Text;
    if (use.discount <= 0 || use.discount != shares[i] || use.funders.size() > offers::kFundersMax) return M::Uses;
    std::int64_t funded = 0;
    for (const ReceiptFunder& funder : use.funders) {
      if (!is_text(funder.name)) return M::Text;
      if (funder.amount <= 0 || funder.amount > use.discount - funded) return M::Uses;
      funded += funder.amount;
    }
  }
  return M::None;
}

M mistake_in_totals(const ReceiptData& receipt) {
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  for (const ReceiptLine& line : receipt.lines) {
    list += line.list;
    net += line.net;
    tax += line.tax;
    total += line.net + (line.tax_included ? 0 : line.tax);
  }
  const bool same = list == receipt.list && net == receipt.net && tax == receipt.tax && total == receipt.total &&
                    receipt.list - receipt.discount == receipt.net;
  return same ? M::None : M::Totals;
}

/// Each line's rate has one entry, and each entry is what its lines add up to.
M mistake_in_taxes(const ReceiptData& receipt) {
  std::size_t covered = 0;
  for (std::size_t i = 0; i < receipt.taxes.size(); ++i) {
    const ReceiptTax& tax = receipt.taxes[i];
    const auto same_rate = [&](const auto& other, core::BasisPoints rate, bool included) {
      return other.rate == rate && other.included == included;
    };
    for (std::size_t j = 0; j < i; ++j) {
      if (same_rate(receipt.taxes[j], tax.rate, tax.included)) return M::Taxes;
    }
    std::int64_t base = 0;
    std::int64_t sum = 0;
    for (const ReceiptLine& line : receipt.lines) {
      if (!same_rate(tax, line.tax_rate, line.tax_included)) continue;
      ++covered;
      base += line.tax_included ? line.net - line.tax : line.net;
      sum += line.tax;
    }
    if (base != tax.base || sum != tax.tax) return M::Taxes;
  }
  return covered == receipt.lines.size() ? M::None : M::Taxes;
}

M mistake_in_tender(const ReceiptTender& tender) {
  if (!is_text(tender.name, true) || !is_text(tender.account, true)) return M::Text;
  if (!is_masked(tender.account)) return M::Account;
  if (!in_range(tender.amount) || !in_range(tender.provider_discount) || !in_range(tender.tendered) ||
      !in_range(tender.change) || tender.rounding > kMost || tender.rounding < -kMost) {
    return M::Limit;
  }
  const bool external = payment::is_external(tender.kind);
  if (external == tender.order.empty() || (!external && !tender.transaction.empty())) return M::Attempt;
  if (tender.provider_discount > tender.amount || (!external && tender.provider_discount != 0)) return M::Tenders;
  if (tender.kind == payment::TenderKind::Cash) {
    return tender.tendered - tender.change + tender.rounding == tender.amount ? M::None : M::Cash;
  }
  return tender.tendered == 0 && tender.change == 0 && tender.rounding == 0 ? M::None : M::Cash;
}

M mistake_in_tenders(const ReceiptData& receipt) {
  std::int64_t sum = 0;
  for (const ReceiptTender& tender : receipt.tenders) {
    if (const M mistake = mistake_in_tender(tender); mistake != M::None) return mistake;
    if (tender.amount == 0) return M::Tenders;
    sum += tender.amount;
  }
  return sum == receipt.total ? M::None : M::Tenders;
}

M mistake_in_contents(const ReceiptData& receipt) {
  const bool refund = receipt.kind == ReceiptKind::Refund;
  if (refund == receipt.refers_to.sale.empty()) return M::Reference;
  if (refund && receipt.refers_to.sale == receipt.header.sale) return M::Reference;
  if (receipt.kind != ReceiptKind::NotCompleted) return receipt.lines.empty() ? M::Contents : M::None;
  const bool nothing_sold = receipt.lines.empty() && receipt.uses.empty() && receipt.gifts.empty() &&
                            receipt.taxes.empty() && receipt.header.fapiao_link.empty();
  const std::array sums{receipt.list, receipt.discount, receipt.net, receipt.tax, receipt.points};
  const bool no_sums = std::ranges::all_of(sums, [](std::int64_t sum) { return sum == 0; });
  const bool attempts = !receipt.tenders.empty() && std::ranges::all_of(receipt.tenders, [](const ReceiptTender& t) {
    return payment::is_external(t.kind);
  });
  return nothing_sold && no_sums && attempts ? M::None : M::Contents;
}

}  // namespace

bool is_receipt_text(std::string_view text) {
  if (text.empty() || text.size() > kTextBytesMax || !core::check_utf8(text)) return false;
  // U+0080 to U+009F are C2 80 to C2 9F.
  char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return false;
    if (static_cast<unsigned char>(before) == 0xC2 && byte < 0xA0) return false;
    before = c;
  }
  return true;
}

bool is_receipt_link(std::string_view link) {
  return link.size() <= kLinkBytesMax && std::ranges::all_of(link, [](char c) { return c > ' ' && c <= '~'; });
}

ReceiptMistake mistake_in(const ReceiptData& receipt) {
  const bool few = receipt.lines.size() <= offers::kLinesMax && receipt.uses.size() <= kUsesMax &&
                   receipt.gifts.size() <= kGiftsMax && receipt.tenders.size() <= kTendersMax &&
                   receipt.taxes.size() <= offers::kLinesMax;
  const std::array sums{receipt.list, receipt.discount, receipt.net, receipt.tax};
  // With tax on top of prices the total may be twice the net.
  if (!few || !std::ranges::all_of(sums, in_range) || receipt.total < 0 || receipt.points < 0) return M::Limit;
  if (const M mistake = mistake_in_header(receipt.header); mistake != M::None) return mistake;
  if (const M mistake = mistake_in_contents(receipt); mistake != M::None) return mistake;
  for (const ReceiptLine& line : receipt.lines) {
    if (const M mistake = mistake_in_line(receipt, line); mistake != M::None) return mistake;
  }
  if (const M mistake = mistake_in_uses(receipt); mistake != M::None) return mistake;
  for (const ReceiptGift& gift : receipt.gifts) {
    if (!is_text(gift.name)) return M::Text;
    if (gift.count < 1 || gift.count > core::kPiecesMax) return M::Limit;
  }
  if (receipt.kind != ReceiptKind::NotCompleted) {
    if (const M mistake = mistake_in_totals(receipt); mistake != M::None) return mistake;
  }
  if (const M mistake = mistake_in_taxes(receipt); mistake != M::None) return mistake;
  return mistake_in_tenders(receipt);
}

std::string_view to_string(ReceiptMistake mistake) {
  switch (mistake) {
    case M::None: return "none";
    case M::Text: return "text";
    case M::Account: return "account";
    case M::Limit: return "limit";
    case M::Reference: return "reference";
    case M::ItemText: return "item_text";
    case M::Lines: return "lines";
    case M::Uses: return "uses";
    case M::Totals: return "totals";
    case M::Taxes: return "taxes";
    case M::Tenders: return "tenders";
    case M::Cash: return "cash";
    case M::Attempt: return "attempt";
    case M::Contents: return "contents";
  }
  return "invalid";
}

std::string_view to_string(ReceiptKind kind) {
  switch (kind) {
    case ReceiptKind::Sale: return "sale";
    case ReceiptKind::Refund: return "refund";
    case ReceiptKind::NotCompleted: return "not_completed";
  }
  return "invalid";
}

}  // namespace tillkit::receipt
