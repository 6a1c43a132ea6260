// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/basket.hpp"

#include <algorithm>

#include "tillkit/checkout/limits.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::checkout {
namespace {

using core::ErrorCode;
using core::Money;
using core::Quantity;
using core::QuantityUnit;
using core::Result;
using offers::LineId;
using receipt::SaleRefusal;

std::unexpected<Refused> refuse(SaleRefusal refusal, std::optional<core::Error> cause = std::nullopt) {
  return std::unexpected(Refused{.refusal = refusal, .cause = cause});
}

std::unexpected<Refused> refuse_quantity() {
  return std::unexpected(
      Refused{.refusal = SaleRefusal::QuantityOutOfRange, .values = {.count = offers::kLineCountMax}});
}

/// What pricing a basket can fail with, in the shopper's words.
SaleRefusal refusal_of_pricing(const core::Error& error) {
  return error.code == ErrorCode::Exhausted ? SaleRefusal::BasketFull : SaleRefusal::AmountTooHigh;
}

template <class Names>
Result<> copy_names(const catalog::TextList& from, Names& to) {
  for (const std::string_view name : from) {
    TILLKIT_TRY(to.emplace_back(), offers::Name::parse(name));
  }
  return {};
}

Result<offers::Goods> goods_of(catalog::Items& items, const offers::Name& name) {
  offers::Goods goods;
  goods.item = name;
  const auto item = items.find_id(name.view());
  if (!item) return goods;  // it was sold, and is not in the catalog any more: no rule knows it
  if (!item->brand().empty()) {
    TILLKIT_TRY(goods.brand, offers::Name::parse(item->brand()));
  }
  TILLKIT_TRY_VOID(copy_names(item->categories(), goods.categories));
  TILLKIT_TRY_VOID(copy_names(item->tags(), goods.tags));
  return goods;
}

/// What a line costs: by the piece a product, by weight rounded once.
Result<std::int64_t> list_of(const BasketLine& line, core::Currency currency) {
  TILLKIT_TRY(const Quantity bought, line.weighed() ? Quantity::grams(line.count) : Quantity::pieces(line.count));
  TILLKIT_TRY(const Quantity per, line.weighed() ? Quantity::grams(line.per_grams) : Quantity::pieces(1));
  TILLKIT_TRY(const Money cost, core::cost_of(bought, {line.unit_price, currency}, per, core::Rounding::HalfUp));
  return cost.minor;
}

/// The weight that a printed price stands for, at least a gram.
std::int64_t grams_for(const Money& price, const BasketLine& line) {
  if (line.unit_price <= 0) return 1;
  return std::clamp<std::int64_t>(price.minor * line.per_grams / line.unit_price, 1, offers::kLineCountMax);
}

bool is_in_range(const Quantity& quantity) {
  return quantity.count() > 0 && quantity.count() <= offers::kLineCountMax;
}

}  // namespace

int Basket::minimum_age() const {
  int age = 0;
  for (const BasketLine& line : lines_)
    age = std::max(age, line.minimum_age);
  return age;
}

Outcome<LineId> Basket::add(const catalog::ItemView& item, const Quantity& quantity, const std::optional<Money>& price,
                            const Pricing& pricing, hal::SlotId slot) {
  const auto name = offers::Name::parse(item.id());
  const Money unit_price = item.price_at(pricing.context.now).price;
  if (!name || unit_price.currency != shelf_->currency()) return refuse(SaleRefusal::NotForSale);
  const bool weighed = item.per().unit() == QuantityUnit::Gram;
  BasketLine line{.item = *name,
                  .name = std::string(item.name()),
                  .per_grams = weighed ? item.per().count() : 0,
                  .count = quantity.count(),
                  .unit_price = unit_price.minor,
                  .tax_rate = item.tax_rate(),
                  .tax_included = item.tax_inclusive(),
                  .minimum_age = item.minimum_age(),
                  .slot = slot};
  const bool by_weight = quantity.unit() == QuantityUnit::Gram || price.has_value();
  if (weighed != by_weight) return refuse(weighed ? SaleRefusal::WeightNeeded : SaleRefusal::NotByWeight);
  if (price && price->currency != shelf_->currency()) return refuse(SaleRefusal::NotForSale);
  if (price && quantity.is_zero()) line.count = grams_for(*price, line);
  if (line.count < 1 || line.count > offers::kLineCountMax) return refuse_quantity();

  std::vector<BasketLine> lines = lines_;
  const auto same = std::ranges::find_if(lines, [&](const BasketLine& other) {
    return !weighed && !other.asked && other.item == line.item && other.unit_price == line.unit_price &&
           other.slot == line.slot;
  });
  if (same != lines.end()) {
    same->count += line.count;
    line = *same;
    lines.erase(same);
  } else {
    line.id = LineId(next_line_);
  }
  if (line.count > offers::kLineCountMax) return refuse_quantity();
  if (lines.size() >= kSaleLinesMax) return refuse(SaleRefusal::BasketFull);
  const auto list = list_of(line, shelf_->currency());
  if (!list) return refuse(SaleRefusal::AmountTooHigh, list.error());
  line.list = price ? price->minor : *list;
  // What was scanned last stands last: it is what the shopper looks at.
  lines.push_back(line);
  if (const auto adopted = adopt(std::move(lines), pricing); !adopted) return std::unexpected(adopted.error());
  next_line_ = std::max(next_line_, line.id.value() + 1);
  return line.id;
}

Outcome<LineId> Basket::add_asked(BasketLine line, const Pricing& pricing) {
  if (lines_.size() >= kSaleLinesMax) return refuse(SaleRefusal::BasketFull);
  line.id = LineId(next_line_);
  line.per_grams = 0;
  line.count = 1;
  line.list = line.unit_price;
  line.asked = true;
  std::vector<BasketLine> lines = lines_;
  lines.push_back(line);
  if (const auto adopted = adopt(std::move(lines), pricing); !adopted) return std::unexpected(adopted.error());
  next_line_ = line.id.value() + 1;
  return line.id;
}

Outcome<> Basket::change(LineId id, const Quantity& quantity, const Pricing& pricing) {
  std::vector<BasketLine> lines = lines_;
  const auto line = std::ranges::find(lines, id, &BasketLine::id);
  if (line == lines.end()) return refuse(SaleRefusal::NothingToRemove);
  if (quantity.is_zero()) {
    lines.erase(line);
  } else {
    const bool by_weight = quantity.unit() == QuantityUnit::Gram;
    if (line->weighed() != by_weight) {
      return refuse(by_weight ? SaleRefusal::NotByWeight : SaleRefusal::WeightNeeded);
    }
    if (!is_in_range(quantity)) return refuse_quantity();
    line->count = quantity.count();
    const auto list = list_of(*line, shelf_->currency());
    if (!list) return refuse(SaleRefusal::AmountTooHigh, list.error());
    line->list = *list;
  }
  const bool is_less = lines.size() < lines_.size();
  auto adopted = adopt(std::move(lines), pricing);
  if (adopted && is_less) ++removed_;
  return adopted;
}

Outcome<> Basket::remove_older_than(int age, const Pricing& pricing) {
  std::vector<BasketLine> lines = lines_;
  const auto gone = std::erase_if(lines, [&](const BasketLine& line) { return line.minimum_age > age; });
  auto adopted = adopt(std::move(lines), pricing);
  if (adopted) removed_ += static_cast<std::uint32_t>(gone);
  return adopted;
}

Outcome<> Basket::reprice(const Pricing& pricing) {
  return adopt(lines_, pricing);
}

void Basket::keep(std::vector<BasketLine> lines, std::uint32_t removed, std::int64_t payable) {
  clear();
  price_.payable = payable;
  for (const BasketLine& line : lines) {
    next_line_ = std::max(next_line_, line.id.value() + 1);
    price_.list += line.list;
    price_.net.push_back(line.list);
  }
  lines_ = std::move(lines);
  removed_ = removed;
}

Outcome<> Basket::refresh_prices(const Pricing& pricing) {
  std::vector<BasketLine> lines = lines_;
  for (BasketLine& line : lines) {
    const auto item = shelf_->items().find_id(line.item.view());
    const bool same_way = item && !line.asked && (item->per().unit() == QuantityUnit::Gram) == line.weighed();
    if (!same_way) continue;
    const std::int64_t unit_price = item->price_at(pricing.context.now).price.minor;
    const std::int64_t per_grams = line.weighed() ? item->per().count() : 0;
    // What the scale printed at this price stays as printed.
    if (unit_price == line.unit_price && per_grams == line.per_grams) continue;
    line.unit_price = unit_price;
    line.per_grams = per_grams;
    const auto list = list_of(line, shelf_->currency());
    if (!list) return refuse(SaleRefusal::AmountTooHigh, list.error());
    line.list = *list;
  }
  return adopt(std::move(lines), pricing);
}

Result<offers::Basket> Basket::offered(const std::vector<BasketLine>& lines, const Pricing& pricing) const {
  offers::Basket basket;
  basket.context = pricing.context;
  basket.coupons = pricing.coupons;
  basket.lines.reserve(lines.size());
  for (const BasketLine& line : lines) {
    TILLKIT_TRY(const offers::Goods goods, goods_of(shelf_->items(), line.item));
    TILLKIT_TRY(const offers::GoodsClass goods_class, shelf_->rules_.classify(goods));
    basket.lines.push_back({.id = line.id,
                            .goods = goods_class,
                            .weighed = line.weighed(),
                            .count = line.count,
                            .unit_price = line.unit_price,
                            .list_amount = line.list,
                            .tax_rate = line.tax_rate,
                            .tax_included = line.tax_included});
  }
  return basket;
}

Outcome<> Basket::adopt(std::vector<BasketLine> lines, const Pricing& pricing) {
  const auto offered_basket = offered(lines, pricing);
  if (!offered_basket) return refuse(refusal_of_pricing(offered_basket.error()), offered_basket.error());
  offers::Evaluation evaluation;
  if (const auto done = shelf_->evaluator_.evaluate(*offered_basket, {}, evaluation); !done) {
    return refuse(refusal_of_pricing(done.error()), done.error());
  }
  BasketPrice price{.list = evaluation.list, .discount = evaluation.saved, .payable = evaluation.net};
  price.net.resize(lines.size());
  for (const offers::PricedLine& line : evaluation.lines)
    price.net[line.basket_line] = line.net;
  const bool tax_on_top = std::ranges::any_of(lines, [](const BasketLine& line) { return !line.tax_included; });
  if (tax_on_top) {
    const auto proof = offers::make_proof(shelf_->rules_, *offered_basket, {}, evaluation);
    if (!proof) return refuse(refusal_of_pricing(proof.error()), proof.error());
    price.payable = proof->payable;
  }
  if (price.payable > offers::kAmountMax) return refuse(SaleRefusal::AmountTooHigh);
  lines_ = std::move(lines);
  price_ = std::move(price);
  evaluation_ = std::move(evaluation);
  pricing_ = pricing;
  return {};
}

Result<offers::PriceProof> Basket::proof() const {
  TILLKIT_TRY(const offers::Basket basket, offered(lines_, pricing_));
  TILLKIT_TRY(offers::PriceProof proof, offers::make_proof(shelf_->rules_, basket, {}, evaluation_));
  std::erase_if(proof.rejected, [](const offers::Rejection& rejection) { return rejection.coupon.empty(); });
  return proof;
}

Result<OtherPrice> Basket::price_by(const Pricing& pricing) const {
  TILLKIT_TRY(const offers::Basket basket, offered(lines_, pricing));
  offers::Evaluation evaluation;
  TILLKIT_TRY_VOID(shelf_->evaluator_.evaluate(basket, {}, evaluation));
  TILLKIT_TRY(const offers::PriceProof proof, offers::make_proof(shelf_->rules_, basket, {}, evaluation));
  OtherPrice price{.payable = proof.payable, .points = proof.points};
  for (const offers::ProofGrant& grant : proof.grants)
    price.points += grant.points;
  return price;
}

void Basket::clear() {
  *this = Basket(*shelf_);
}

}  // namespace tillkit::checkout
