// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/proof.hpp"

#include <array>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "documents.hpp"
#include "tillkit/offers/evaluate.hpp"

namespace tillkit::offers {
namespace {

/// Offers of every kind that leaves a trace in a proof, and a basket that meets them.
constexpr std::string_view kRules = R"({"version":"满减 1","currency":"CNY","offers":[
  {"id":"flash","scope":{"items":["cola-330"]},"effect":{"unit_price_to":{"price":"3.00"}}},
  {"id":"second-half","scope":{"items":["cola-330"]},"effect":{"buy_get":{"nth":2,"rate":"50%"}},
   "funders":[{"id":"acme","kind":"brand","share":"33.33%"},{"id":"shop","kind":"merchant","share":"66.67%"}]},
  {"id":"five-off","coupon":true,"effect":{"amount_off":{"amount":"5","at_least":"20"}},
   "funders":[{"id":"city-bank","kind":"bank"}]},
  {"id":"big","effect":{"amount_off":{"amount":"50","at_least":"1000"}}},
  {"id":"gold","condition":{"tier":["gold","black"]},"effect":{"percent_off":{"rate":"10%"}}},
  {"id":"late","coupon":true,"effect":{"amount_off":{"amount":"9"}}},
  {"id":"mug","effect":{"gift":{"item":"mug"}}},
  {"id":"points","effect":{"points_earn":{"points":1,"per":"1"}}},
  {"id":"more-points","effect":{"points_grant":{"points":20}}},
  {"id":"next-time","effect":{"coupon_grant":{"coupon":"five-off","count":2}}}]})";
constexpr std::string_view kBasket = R"({"lines":[
  {"item":"cola-330","quantity":5,"unit_price":"3.50","tax_rate":"13%"},
  {"item":"apples","grams":734,"unit_price":"12.80","per_grams":500,"tax_rate":"9%","tax_included":false}],
  "coupons":[{"id":"c-1","offer":"five-off"},{"id":"c-2","offer":"five-off"},
  {"id":"c-3","offer":"late","expires_at":"2026-01-01T00:00:00Z"}],
  "context":{"now":"2026-11-21T18:30:00+08:00","member":{"tier":"silver"}}})";

PriceProof proof_of(std::string_view rules_json, std::string_view basket_json) {
  RuleMistake blamed;
  DocumentMistake mistake;
  RuleSet rules = must(RuleSet::compile(read_rules_well(rules_json), blamed));
  const Basket basket = must(classify(read_basket_well(basket_json), rules, mistake));
  Evaluator evaluator(rules);
  Evaluation evaluation;
  REQUIRE(evaluator.evaluate(basket, {}, evaluation).has_value());
  return must(make_proof(rules, basket, {}, evaluation));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

DocumentMistake proof_mistake(std::string_view json) {
  DocumentMistake mistake;
  const auto proof = read_proof(json, mistake);
  REQUIRE_FALSE(proof.has_value());
  CHECK(proof.error().code == core::ErrorCode::InvalidArgument);
  return mistake;
}

TEST_CASE("a proof is read as it was written", "[offers]") {
  const PriceProof proof = proof_of(kRules, kBasket);
  const std::string json = must(to_json(proof));
  CHECK(proof.uses.size() == 3);
  CHECK(proof.gifts.size() == 1);
  CHECK(proof.grants.size() == 2);
  CHECK(proof.rejected.size() >= 4);
  DocumentMistake mistake;

  const auto read = read_proof(json, mistake);

  INFO(to_string(mistake));
  REQUIRE(read.has_value());
  CHECK(must(to_json(*read)) == json);
  CHECK(read->rules_version == "满减 1");
  CHECK(read->priced_at == proof.priced_at);
  CHECK(read->payable == proof.payable);
  REQUIRE(read->lines.size() == 2);
  CHECK(read->lines[1].weighed);
  CHECK(read->lines[1].tax_rate == core::BasisPoints(900));
  CHECK_FALSE(read->lines[1].tax_included);
  CHECK(read->uses[1].funders == proof.uses[1].funders);
}

TEST_CASE("a refund from a proof that was read is that of the proof that was written", "[offers]") {
  const PriceProof written = proof_of(kRules, kBasket);
  DocumentMistake mistake;
  const PriceProof read = must(read_proof(must(to_json(written)), mistake));
  const std::array returned{UnitRange{LineId(1), 2, 3}, UnitRange{LineId(2), 1, 1}};

  const Refund from_written = must(refund(written, {}, returned));
  const Refund from_read = must(refund(read, {}, returned));

  CHECK(from_read.payable == from_written.payable);
  CHECK(from_read.payable > 0);
  CHECK(from_read.tax == from_written.tax);
  CHECK(from_read.points == from_written.points);
  REQUIRE(from_read.lines.size() == from_written.lines.size());
  CHECK(from_read.lines[0].discounts.size() == from_written.lines[0].discounts.size());
}

TEST_CASE("a proof whose numbers do not add up is refused", "[offers]") {
  const std::string json =
      must(to_json(proof_of(file("lib/offers/examples/rules.json"), file("lib/offers/examples/basket.json"))));
  struct Case {
    std::string_view from;
    std::string_view to;
    std::string_view path;
    std::string_view expected;
  };
  const std::array cases{
      Case{R"("net":2890)", R"("net":2891)", "", "totals that the lines add up to"},
      Case{R"("net":1790)", R"("net":1791)", "/lines/0", "discounts that add up"},
      Case{R"("amount":155)", R"("amount":156)", "/lines/0/discounts/0", "amounts of funders"},
      Case{R"("count":4)", R"("count":3)", "/lines/0/bands/1/first", "a whole number from 4 to 4"},
      Case{R"("net":298)", R"("net":297)", "/lines/0/bands/0", "add up to list - net"},
      Case{R"("first":5,"count":2)", R"("first":5,"count":1)", "/lines/0", "bands that add up to the line"},
      Case{R"("discounts":[52])", R"("discounts":[52,0])", "/lines/0/bands/0", "each discount of the line"},
      Case{R"("use":0)", R"("use":1)", "/lines/0/discounts/0/use", "a whole number from 0 to 0"},
      Case{R"("face":500,"discount":500)", R"("face":500,"discount":501)", "/uses/0", "amounts of funders"},
      Case{R"("id":2)", R"("id":1)", "/lines/1", "lines in the order of their ids"},
      Case{R"("points_denominator":1)", R"("points_denominator":0)", "/lines/0/points_denominator",
           "a whole number from 1"},
      Case{R"("policy":"best")", R"("policy":"bset")", "/policy", "\"best\", \"wechat\""},
      Case{R"("proven":true,)", "", "", "a member \"proven\""},
      Case{R"("rejected":[])", R"("rejected":[{"offer":"a","reason":"whim","text":""}])", "/rejected/0/reason",
           "a reason"},
      Case{R"("weighed":false)", R"("weighed":true)", "/lines/0/bands/0/count", "a whole number from 1 to 1"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.from, one.to);
    const std::string changed = replaced(json, one.from, one.to);
    const DocumentMistake mistake = proof_mistake(changed);
    CHECK(mistake.path == one.path);
    CAPTURE(mistake.expected);
    CHECK(mistake.expected.contains(one.expected));
  }
}

TEST_CASE("the words of a proof are those of the rules", "[offers]") {
  CHECK(to_string(Lane::Tender) == "tender");
  CHECK(to_string(FunderKind::Bank) == "bank");
  for (const Policy policy : {Policy::Best, Policy::WeChat, Policy::First, Policy::Single})
    CHECK(must(parse_policy(to_string(policy))) == policy);
  CHECK_FALSE(parse_policy("Best").has_value());
  for (const auto rule :
       {core::AllocationRule::LargestRemainder, core::AllocationRule::FirstLines, core::AllocationRule::LastLine}) {
    const std::string offer = R"("effect":{"free_order":{}},"allocation":")" + std::string(to_string(rule)) + '"';
    CHECK(read_offer_well(offer).allocation == rule);
  }
}

}  // namespace
}  // namespace tillkit::offers
