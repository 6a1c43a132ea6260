// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: reading rules, a basket or a proof ends with one or with a mistake that says what was expected.
// What is read and compiles prices a basket, the price adds up, and its proof reads back as it was written.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tillkit/core/assert.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace core = tillkit::core;
namespace offers = tillkit::offers;

namespace {

constexpr std::string_view kBasket = R"({"lines":[
  {"item":"cola-330","brand":"acme","categories":["drinks"],"quantity":5,"unit_price":"3.50","tax_rate":"13%"},
  {"item":"mug","tags":["summer"],"quantity":2,"unit_price":"19.90","tax_rate":"13%","tax_included":false},
  {"item":"apples","categories":["fruit"],"grams":734,"unit_price":"12.80","per_grams":500,"tax_rate":"9%"},
  {"item":"burger","quantity":3,"unit_price":"15.00"}],
  "context":{"now":"2026-11-21T18:30:00+08:00","channel":"kiosk","store":"s","wallet":"wechat","card":"622588",
  "codes":["HELLO"],"member":{"tier":"gold","tags":["vip"],"birthday":"11-21","orders_before":9}}})";

/// The basket that all rules meet, with a coupon of every template in it, as far as there is room.
offers::BasketDocument basket_for(const offers::RuleDocument& rules) {
  offers::DocumentMistake mistake;
  auto basket = offers::read_basket(kBasket, rules.currency, nullptr, mistake);
  if (!basket) return {};  // a currency without two decimals
  for (const offers::Offer& offer : rules.offers) {
    if (const auto* random = std::get_if<offers::RandomOff>(&offer.effect)) {
      basket->basket.context.draws.push_back({offer.id, random->max});
    }
    const auto id = offers::CouponId::parse("c-" + std::to_string(basket->basket.coupons.size()));
    if (!offer.coupon || basket->basket.coupons.size() == 20 || !id) continue;
    offers::Coupon& coupon = basket->basket.coupons.emplace_back();
    coupon.id = *id;
    coupon.offer = offer.id;
    coupon.requested = true;
  }
  return *std::move(basket);
}

void check_sums(const offers::PriceProof& proof) {
  std::int64_t list = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  for (const offers::ProofLine& line : proof.lines) {
    list += line.list;
    net += line.net;
    std::int64_t line_discount = 0;
    for (const offers::LineDiscount& part : line.discounts)
      line_discount += part.amount;
    TILLKIT_ASSERT(line.net >= 0 && line.list - line_discount == line.net);
    discount += line_discount;
  }
  TILLKIT_ASSERT(list == proof.list && net == proof.net && discount == proof.discount && list - discount == net);
}

void check_refund(const offers::PriceProof& proof) {
  if (proof.lines.empty()) return;  // nothing to return
  std::vector<offers::UnitRange> all;
  for (const offers::ProofLine& line : proof.lines)
    all.push_back({line.id, 1, line.weighed ? 1 : line.count});
  const auto whole = offers::refund(proof, {}, all);
  TILLKIT_ASSERT(whole && whole->payable == proof.payable && whole->tax == proof.tax && whole->whole);
  std::int64_t payable = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::span<const offers::UnitRange> ranges(all);
    const auto piece = offers::refund(proof, ranges.first(i), ranges.subspan(i, 1));
    TILLKIT_ASSERT(piece && piece->payable >= 0);
    payable += piece->payable;
  }
  TILLKIT_ASSERT(payable == proof.payable);
}

void price(offers::RuleDocument document) {
  offers::BasketDocument written = basket_for(document);
  offers::RuleMistake blamed;
  auto rules = offers::RuleSet::compile(std::move(document), blamed);
  if (!rules) {
    TILLKIT_ASSERT(!blamed.expected.empty());
    return;
  }
  offers::DocumentMistake mistake;
  const auto basket = offers::classify(std::move(written), *rules, mistake);
  TILLKIT_ASSERT(basket.has_value());
  const offers::SearchOptions options{offers::Policy::Best, 2'000, nullptr};
  offers::Evaluator evaluator(*rules);
  offers::Evaluation evaluation;
  if (const auto done = evaluator.evaluate(*basket, options, evaluation); !done) {
    TILLKIT_ASSERT(done.error().code == core::ErrorCode::Exhausted);
    return;
  }
  TILLKIT_ASSERT(evaluation.list - evaluation.saved == evaluation.net && evaluation.net >= 0);
  const auto proof = offers::make_proof(*rules, *basket, options, evaluation);
  TILLKIT_ASSERT(proof.has_value());
  check_sums(*proof);
  const auto text = offers::to_json(*proof);
  TILLKIT_ASSERT(text.has_value());
  const auto read = offers::read_proof(*text, mistake);
  TILLKIT_ASSERT(read.has_value() && offers::to_json(*read) == text);
  check_refund(*read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  offers::DocumentMistake mistake;
  if (auto rules = offers::read_rules(text, mistake)) {
    price(*std::move(rules));
  } else {
    TILLKIT_ASSERT(!mistake.expected.empty());
  }
  mistake = {};
  TILLKIT_ASSERT(offers::read_basket(text, core::kCny, nullptr, mistake) || !mistake.expected.empty());
  mistake = {};
  if (const auto proof = offers::read_proof(text, mistake)) {
    check_sums(*proof);
    check_refund(*proof);
  } else {
    TILLKIT_ASSERT(!mistake.expected.empty());
  }
  return 0;
}
