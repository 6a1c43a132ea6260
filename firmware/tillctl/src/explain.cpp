// SPDX-License-Identifier: Apache-2.0
#include "explain.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "text_table.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/offers/document.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace offers = tillkit::offers;

using Align = TextTable::Align;

/// Writes amounts of one proof.
class Writer {
 public:
  explicit Writer(const offers::PriceProof& proof) : proof_(proof) {}

  [[nodiscard]] std::string amount(std::int64_t minor) const { return core::format_amount({minor, proof_.currency}); }
  [[nodiscard]] std::string minus(std::int64_t minor) const { return minor == 0 ? "" : amount(-minor); }

  [[nodiscard]] std::string use(std::uint32_t index) const {
    const offers::ProofUse& use = proof_.uses[index];
    std::string text = printable(use.name.empty() ? use.offer.view() : std::string_view(use.name));
    if (!use.coupon.empty()) text += ", coupon " + std::string(use.coupon.view());
    return text;
  }

  [[nodiscard]] std::string funders(const std::vector<offers::FunderShare>& shares) const {
    std::string text;
    for (const offers::FunderShare& share : shares) {
      text += (text.empty() ? "" : ", ") + std::string(share.funder.view());
      if (share.funder.view() != to_string(share.kind)) text += " (" + std::string(to_string(share.kind)) + ')';
      text += ' ' + amount(share.amount);
    }
    return text;
  }

 private:
  const offers::PriceProof& proof_;
};

std::string quantity(const offers::ProofLine& line) {
  return std::to_string(line.count) + (line.weighed ? " g" : "");
}

std::string percent(core::BasisPoints rate) {
  const std::int32_t hundredths = rate.value() % 100;
  std::string text = std::to_string(rate.value() / 100);
  if (hundredths != 0)
    text += '.' + std::to_string(hundredths / 10) + (hundredths % 10 != 0 ? std::to_string(hundredths % 10) : "");
  return text + '%';
}

std::string lines_of(const offers::PriceProof& proof, const LineNames& names, const Writer& write) {
  TextTable table({Align::Right, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right});
  table.add({"line", "goods", "quantity", "list", "discount", "net", "tax"});
  for (const offers::ProofLine& line : proof.lines) {
    const auto name = names.find(line.id);
    const std::string goods = printable(name == names.end() ? line.item.view() : std::string_view(name->second));
    table.add({std::to_string(line.id.value()), goods, quantity(line), write.amount(line.list),
               write.minus(line.list - line.net), write.amount(line.net), write.amount(line.tax)});
    for (const offers::LineDiscount& discount : line.discounts)
      table.add({"", "  " + write.use(discount.use), "", "", write.minus(discount.amount)});
  }
  table.add({"", "total", "", write.amount(proof.list), write.minus(proof.discount), write.amount(proof.net),
             write.amount(proof.tax)});
  return table.text();
}

std::string uses_of(const offers::PriceProof& proof, const Writer& write) {
  if (proof.uses.empty()) return "\nno offer was used\n";
  TextTable table({Align::Left, Align::Left, Align::Right, Align::Left});
  for (std::uint32_t i = 0; i < proof.uses.size(); ++i) {
    const offers::ProofUse& use = proof.uses[i];
    table.add({write.use(i), std::string(to_string(use.lane)), write.minus(use.discount),
               "paid by " + write.funders(use.funders)});
  }
  return "\noffers used, in their order\n" + table.text();
}

std::string extras_of(const offers::PriceProof& proof) {
  TextTable table({Align::Left, Align::Left});
  for (const offers::ProofGift& gift : proof.gifts) {
    table.add({std::string(gift.offer.view()),
               "gift: " + std::to_string(gift.count) + " x " + std::string(gift.item.view())});
  }
  for (const offers::ProofGrant& grant : proof.grants) {
    const std::string what = grant.coupon_template.empty() ? std::to_string(grant.points) + " points"
                                                           : std::to_string(grant.count) + " x coupon " +
                                                                 std::string(grant.coupon_template.view());
    table.add({std::string(grant.offer.view()), "after the payment: " + what});
  }
  if (proof.points != 0) table.add({"points", "earned: " + std::to_string(proof.points)});
  const std::string text = table.text();
  return text.empty() ? text : "\nbesides\n" + text;
}

std::string rejected_of(const offers::PriceProof& proof) {
  if (proof.rejected.empty()) return {};
  TextTable table({Align::Left, Align::Left});
  for (const offers::Rejection& rejection : proof.rejected) {
    std::string offer(rejection.offer.view());
    if (!rejection.coupon.empty()) offer += ", coupon " + std::string(rejection.coupon.view());
    table.add(
        {offer, printable(rejection.text.empty() ? to_string(rejection.reason) : std::string_view(rejection.text))});
  }
  return "\nnot used\n" + table.text();
}

std::string end_of(const offers::PriceProof& proof, const Writer& write) {
  std::string text = "\nto pay: " + write.amount(proof.payable) + ' ' + std::string(proof.currency.alpha());
  std::vector<std::string> rates;
  for (const offers::ProofLine& line : proof.lines) {
    const std::string rate = percent(line.tax_rate);
    if (line.tax != 0 && std::find(rates.begin(), rates.end(), rate) == rates.end()) rates.push_back(rate);
  }
  if (proof.tax != 0) {
    text += ", with " + write.amount(proof.tax) + " tax (";
    for (std::size_t i = 0; i < rates.size(); ++i)
      text += (i == 0 ? "" : ", ") + rates[i];
    text += ')';
  }
  text += "\nrules " + printable(proof.rules_version) + ", policy " + std::string(to_string(proof.policy)) + ": ";
  if (proof.policy != offers::Policy::Best) return text + "chosen by that rule\n";
  if (proof.proven) return text + "proven optimal\n";
  return text + "at most " + write.amount(proof.gap) + " from optimal\n";
}

}  // namespace

std::string explain(const offers::PriceProof& proof, const LineNames& names) {
  const Writer write(proof);
  return lines_of(proof, names, write) + uses_of(proof, write) + extras_of(proof) + rejected_of(proof) +
         end_of(proof, write);
}

std::string explain(const offers::Refund& refund, const offers::PriceProof& proof) {
  const Writer write(proof);
  TextTable table({Align::Right, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right,
                   Align::Right, Align::Left});
  table.add({"line", "goods", "units", "list", "discount", "net", "tax", "back", ""});
  for (const offers::RefundLine& line : refund.lines) {
    std::string item;
    for (const offers::ProofLine& sold : proof.lines) {
      if (sold.id == line.line) item = sold.item.view();
    }
    table.add({std::to_string(line.line.value()), item, std::to_string(line.units), write.amount(line.list),
               write.minus(line.list - line.net), write.amount(line.net), write.amount(line.tax),
               write.amount(line.payable)});
    for (const offers::RefundDiscount& discount : line.discounts) {
      table.add({"", "  " + write.use(discount.use), "", "", write.minus(discount.amount), "", "", "",
                 "back to " + write.funders(discount.funders)});
    }
  }
  table.add({"", "total", "", write.amount(refund.list), write.minus(refund.discount), write.amount(refund.net),
             write.amount(refund.tax), write.amount(refund.payable)});
  std::string text = table.text() + "\nto give back: " + write.amount(refund.payable) + ' ' +
                     std::string(proof.currency.alpha()) + (refund.whole ? ", nothing of the sale is left" : "") + '\n';
  if (refund.points != 0) text += "points to take back: " + std::to_string(refund.points) + '\n';
  for (const offers::CouponId& coupon : refund.coupons_back)
    text += "coupon to give back: " + std::string(coupon.view()) + '\n';
  for (const std::uint32_t index : refund.gifts_back)
    text += "gift to bring back: " + std::string(proof.gifts[index].item.view()) + '\n';
  for (const std::uint32_t index : refund.grants_void)
    text += "no longer given: what " + std::string(proof.grants[index].offer.view()) + " granted\n";
  return text;
}

}  // namespace tillctl
