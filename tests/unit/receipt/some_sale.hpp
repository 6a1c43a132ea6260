// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "must.hpp"
#include "tillkit/offers/document.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/receipt/receipt.hpp"

/// A sale with a bit of everything, priced by the real engine, and what it is paid with.
namespace tillkit::receipt {

using core::must;

inline constexpr std::string_view kSomeRules = R"({"version":"1","currency":"CNY","offers":[
  {"id":"flash","name":"可乐特价","scope":{"items":["cola-330"]},"effect":{"unit_price_to":{"price":"3.00"}}},
  {"id":"second-half","name":"第二件半价","scope":{"items":["cola-330"]},"effect":{"buy_get":{"nth":2,"rate":"50%"}},
   "funders":[{"id":"acme","kind":"brand","share":"33.33%"},{"id":"shop","kind":"merchant","share":"66.67%"}]},
  {"id":"five-off","name":"满20减5券","coupon":true,"effect":{"amount_off":{"amount":"5","at_least":"20"}},
   "funders":[{"id":"city-bank","kind":"bank"}]},
  {"id":"mug","name":"送杯子","effect":{"gift":{"item":"mug"}}}]})";
inline constexpr std::string_view kSomeBasket = R"({"lines":[
  {"item":"cola-330","quantity":5,"unit_price":"3.50","tax_rate":"13%"},
  {"item":"apples","grams":734,"unit_price":"12.80","per_grams":500,"tax_rate":"9%","tax_included":false}],
  "coupons":[{"id":"c-1","offer":"five-off"}],
  "context":{"now":"2026-11-21T18:30:05+08:00"}})";

inline offers::PriceProof proof_of(std::string_view rules_json, std::string_view basket_json) {
  offers::DocumentMistake mistake;
  offers::RuleMistake blamed;
  auto rules = must(offers::RuleSet::compile(must(offers::read_rules(rules_json, mistake)), blamed));
  const auto basket = must(offers::classify(
      must(offers::read_basket(basket_json, rules.document().currency, nullptr, mistake)), rules, mistake));
  offers::Evaluator evaluator(rules);
  offers::Evaluation evaluation;
  REQUIRE(evaluator.evaluate(basket, {}, evaluation).has_value());
  return must(offers::make_proof(rules, basket, {}, evaluation));
}

inline offers::PriceProof some_proof() {
  return proof_of(kSomeRules, kSomeBasket);
}

template <class Id>
Id id_of_text(std::string_view text) {
  return must(Id::parse(text));
}

inline const std::vector<ItemText>& some_items() {
  static const std::vector<ItemText> items{
      {id_of_text<offers::Name>("cola-330"), "可口可乐 330毫升", 0},
      {id_of_text<offers::Name>("apples"), "烟台红富士苹果（精选大果礼盒散装）", 500},
      {id_of_text<offers::Name>("mug"), "纪念杯", 0}};
  return items;
}

inline const std::vector<FunderText>& some_funders() {
  static const std::vector<FunderText> funders{{id_of_text<offers::FunderId>("acme"), "可口可乐公司"}};
  return funders;
}

inline ReceiptTexts some_texts() {
  return {some_items(), some_funders()};
}

inline ReceiptHeader some_header() {
  ReceiptHeader header;
  header.merchant = "好邻居超市";
  header.tax_number = "91310000MA1FL0000X";
  header.store = "人民广场店";
  header.terminal = "T-0001";
  header.operator_name = "小王";
  header.sale = id_of_text<SaleNumber>("T-0001-000123");
  header.at = {must(core::parse_rfc3339("2026-11-21T18:30:05+08:00")), core::WallQuality::Trusted};
  header.fapiao_link = "https://fapiao.example/q?s=000123";
  return header;
}

inline ReceiptTender some_wallet(std::int64_t amount) {
  ReceiptTender tender;
  tender.kind = payment::TenderKind::WalletCode;
  tender.name = "微信支付";
  tender.account = mask_account("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
  tender.order = id_of_text<OrderNumber>("T00010000003V7Q2ZK8F5M1C0");
  tender.transaction = id_of_text<TransactionNumber>("4200001234202611210123456789");
  tender.amount = amount;
  return tender;
}

inline ReceiptTender some_cash(std::int64_t amount, std::int64_t tendered, std::int64_t change, std::int64_t rounding) {
  ReceiptTender tender;
  tender.amount = amount;
  tender.tendered = tendered;
  tender.change = change;
  tender.rounding = rounding;
  return tender;
}

/// The sale above: 20.00 from a wallet, of which its promotion paid 1.00, the rest in cash.
inline ReceiptData some_receipt() {
  const offers::PriceProof proof = some_proof();
  ReceiptTender wallet = some_wallet(2'000);
  wallet.provider_discount = 100;
  const std::int64_t rest = proof.payable - 2'000;
  const std::array tenders{wallet, some_cash(rest, 1'000, 1'000 - (rest - rest % 10), rest % 10)};
  ReceiptMistake mistake{};
  auto receipt = make_sale_receipt(some_header(), proof, some_texts(), tenders, mistake);
  INFO(std::string(to_string(mistake)));
  REQUIRE(receipt.has_value());
  return *std::move(receipt);
}

/// Two of the five colas and all apples come back, to the wallet.
inline ReceiptData some_refund() {
  const offers::PriceProof proof = some_proof();
  const std::array now{offers::UnitRange{offers::LineId(1), 2, 2}, offers::UnitRange{offers::LineId(2), 1, 1}};
  const offers::Refund refund = must(offers::refund(proof, {}, now));
  ReceiptHeader header = some_header();
  header.sale = id_of_text<SaleNumber>("T-0001-000125");
  header.operator_name.clear();
  header.at.quality = core::WallQuality::Unknown;
  header.fapiao_link.clear();
  ReceiptTender wallet = some_wallet(refund.payable);
  wallet.order = id_of_text<OrderNumber>("R0001");
  ReceiptMistake mistake{};
  auto receipt = make_refund_receipt(header, {some_header().sale, some_header().at}, proof, refund, some_texts(),
                                     std::array{wallet}, mistake);
  INFO(std::string(to_string(mistake)));
  REQUIRE(receipt.has_value());
  return *std::move(receipt);
}

inline ReceiptData some_slip() {
  ReceiptTender wallet = some_wallet(1'230);
  wallet.transaction = {};
  ReceiptMistake mistake{};
  return must(make_not_completed_slip(some_header(), core::kCny, std::array{wallet}, mistake));
}

}  // namespace tillkit::receipt
