// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "tillkit/core/utf8.hpp"
#include "tillkit/receipt/receipt.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

/// Fills one receipt; the first thing that is wrong is kept.
class Maker {
 public:
  Maker(const ReceiptTexts& texts, ReceiptData& out) : texts_(texts), out_(out) {}

  const ItemText* item(const offers::Name& id) {
    const auto found = std::ranges::find(texts_.items, id, &ItemText::item);
    if (found != texts_.items.end()) return &*found;
    mistake_ = ReceiptMistake::ItemText;
    return nullptr;
  }

  void add_line(const offers::ProofLine& sold, std::int64_t units, ReceiptLine line) {
    const ItemText* text = item(sold.item);
    const auto quantity = sold.weighed ? core::Quantity::grams(sold.count) : core::Quantity::pieces(units);
    if (!quantity && mistake_ == ReceiptMistake::None) mistake_ = ReceiptMistake::Limit;
    if (text == nullptr || !quantity) return;
    line.name = text->name;
    line.quantity = *quantity;
    line.unit_price = sold.unit_price;
    line.per_grams = sold.weighed ? text->per_grams : 0;
    line.tax_rate = sold.tax_rate;
    line.tax_included = sold.tax_included;
    out_.lines.push_back(std::move(line));
  }

  /// The lines' part of an offer; funders add up over calls. An offer that takes nothing off is not on the receipt.
  void add_discount(std::vector<ReceiptDiscount>& discounts, const std::vector<offers::ProofUse>& uses,
                    std::uint32_t use, std::int64_t amount, std::span<const offers::FunderShare> funders) {
    if (amount == 0) return;
    if (use >= uses.size()) {
      mistake_ = ReceiptMistake::Uses;
      return;
    }
    ReceiptUse& shown = out_.uses[place_of(uses, use)];
    shown.discount += amount;
    for (const offers::FunderShare& share : funders)
      add_funder(shown, share);
    discounts.push_back({static_cast<std::uint32_t>(place_of(uses, use)), amount});
  }

  void sum_taxes() {
    for (const ReceiptLine& line : out_.lines) {
      const auto same = [&](const ReceiptTax& tax) {
        return tax.rate == line.tax_rate && tax.included == line.tax_included;
      };
      auto found = std::ranges::find_if(out_.taxes, same);
      if (found == out_.taxes.end()) {
        out_.taxes.push_back({line.tax_rate, line.tax_included, 0, 0});
        found = std::prev(out_.taxes.end());
      }
      found->base += line.tax_included ? line.net - line.tax : line.net;
      found->tax += line.tax;
    }
    std::ranges::sort(out_.taxes, {}, [](const ReceiptTax& tax) { return std::tuple(!tax.included, tax.rate); });
  }

  [[nodiscard]] ReceiptMistake mistake() const { return mistake_; }

 private:
  std::size_t place_of(const std::vector<offers::ProofUse>& uses, std::uint32_t use) {
    const auto found = std::ranges::find(places_, use);
    if (found != places_.end()) return static_cast<std::size_t>(found - places_.begin());
    const offers::ProofUse& used = uses[use];
    const bool under_lines = used.lane == offers::Lane::Price || used.lane == offers::Lane::Item;
    out_.uses.push_back(
        {used.name.empty() ? std::string(used.offer.view()) : used.name, !used.coupon.empty(), under_lines, 0, {}});
    places_.push_back(use);
    return places_.size() - 1;
  }

  void add_funder(ReceiptUse& use, const offers::FunderShare& share) {
    const auto text = std::ranges::find(texts_.funders, share.funder, &FunderText::funder);
    if (text == texts_.funders.end() || share.kind == offers::FunderKind::Merchant || share.amount == 0) return;
    const auto found = std::ranges::find(use.funders, text->name, &ReceiptFunder::name);
    if (found != use.funders.end()) {
      found->amount += share.amount;
    } else {
      use.funders.push_back({text->name, share.amount});
    }
  }

  const ReceiptTexts& texts_;
  ReceiptData& out_;
  std::vector<std::uint32_t> places_;  // of the proof's uses, in the receipt's
  ReceiptMistake mistake_ = ReceiptMistake::None;
};

Result<ReceiptData> checked(ReceiptData receipt, ReceiptMistake found, ReceiptMistake& mistake) {
  mistake = found == ReceiptMistake::None ? mistake_in(receipt) : found;
  if (mistake != ReceiptMistake::None) return fail(ErrorCode::InvalidArgument);
  return receipt;
}

}  // namespace

Result<ReceiptData> make_sale_receipt(const ReceiptHeader& header, const offers::PriceProof& proof,
                                      const ReceiptTexts& texts, std::span<const ReceiptTender> tenders,
                                      ReceiptMistake& mistake) {
  ReceiptData out;
  out.header = header;
  out.currency = proof.currency;
  Maker maker(texts, out);
  for (const offers::ProofLine& sold : proof.lines) {
    ReceiptLine line;
    line.list = sold.list;
    line.net = sold.net;
    line.tax = sold.tax;
    for (const offers::LineDiscount& discount : sold.discounts)
      maker.add_discount(line.discounts, proof.uses, discount.use, discount.amount, discount.funders);
    maker.add_line(sold, sold.count, std::move(line));
  }
  for (const offers::ProofGift& gift : proof.gifts) {
    if (const ItemText* text = maker.item(gift.item)) out.gifts.push_back({text->name, gift.count});
  }
  maker.sum_taxes();
  out.tenders.assign(tenders.begin(), tenders.end());
  out.list = proof.list;
  out.discount = proof.discount;
  out.net = proof.net;
  out.tax = proof.tax;
  out.total = proof.payable;
  return checked(std::move(out), maker.mistake(), mistake);
}

Result<ReceiptData> make_refund_receipt(const ReceiptHeader& header, const SaleReference& refers_to,
                                        const offers::PriceProof& proof, const offers::Refund& refund,
                                        const ReceiptTexts& texts, std::span<const ReceiptTender> tenders,
                                        ReceiptMistake& mistake) {
  ReceiptData out;
  out.kind = ReceiptKind::Refund;
  out.header = header;
  out.refers_to = refers_to;
  out.currency = proof.currency;
  Maker maker(texts, out);
  for (const offers::RefundLine& back : refund.lines) {
    const auto sold = std::ranges::find(proof.lines, back.line, &offers::ProofLine::id);
    if (sold == proof.lines.end()) {
      mistake = ReceiptMistake::Lines;
      return fail(ErrorCode::InvalidArgument);
    }
    ReceiptLine line;
    line.list = back.list;
    line.net = back.net;
    line.tax = back.tax;
    for (const offers::RefundDiscount& discount : back.discounts)
      maker.add_discount(line.discounts, proof.uses, discount.use, discount.amount, discount.funders);
    maker.add_line(*sold, back.units, std::move(line));
  }
  for (const std::uint32_t index : refund.gifts_back) {
    const offers::ProofGift* gift = index < proof.gifts.size() ? &proof.gifts[index] : nullptr;
    const ItemText* text = gift != nullptr ? maker.item(gift->item) : nullptr;
    if (text != nullptr) out.gifts.push_back({text->name, gift->count});
  }
  maker.sum_taxes();
  out.tenders.assign(tenders.begin(), tenders.end());
  out.list = refund.list;
  out.discount = refund.discount;
  out.net = refund.net;
  out.tax = refund.tax;
  out.total = refund.payable;
  return checked(std::move(out), maker.mistake(), mistake);
}

Result<ReceiptData> make_not_completed_slip(const ReceiptHeader& header, core::Currency currency,
                                            std::span<const ReceiptTender> tenders, ReceiptMistake& mistake) {
  ReceiptData out;
  out.kind = ReceiptKind::NotCompleted;
  out.header = header;
  out.header.fapiao_link.clear();  // nothing was sold
  out.currency = currency;
  out.tenders.assign(tenders.begin(), tenders.end());
  for (const ReceiptTender& tender : tenders) {
    if (tender.amount <= 0 || tender.amount > offers::kAmountMax) {
      mistake = ReceiptMistake::Limit;
      return fail(ErrorCode::InvalidArgument);
    }
    out.total += std::min(tender.amount, offers::kAmountMax - out.total);
  }
  return checked(std::move(out), ReceiptMistake::None, mistake);
}

ReceiptData copy_of(const ReceiptData& receipt) {
  ReceiptData copy = receipt;
  ++copy.copy;
  return copy;
}

std::string mask_account(std::string_view account) {
  constexpr std::size_t kShown = 4;
  constexpr std::size_t kShownFrom = 8;
  std::vector<std::string_view> characters;
  while (!account.empty()) {
    const std::size_t bytes = std::max<std::size_t>(1, core::utf8_sequence_bytes(account));
    characters.push_back(account.substr(0, bytes));
    account.remove_prefix(bytes);
  }
  if (characters.empty()) return {};
  std::string masked = "****";
  if (characters.size() < kShownFrom) return masked;
  for (std::size_t i = characters.size() - kShown; i < characters.size(); ++i)
    masked += characters[i];
  return masked;
}

}  // namespace tillkit::receipt
