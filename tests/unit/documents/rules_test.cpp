// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "documents.hpp"

namespace tillkit::offers {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kFreeOrder = R"("effect":{"free_order":{}})";

template <class Kind>
Kind effect(std::string_view json) {
  const Offer offer = read_offer_well(R"("effect":{)" + std::string(json) + '}');
  REQUIRE(std::holds_alternative<Kind>(offer.effect));
  return std::get<Kind>(offer.effect);
}

Condition condition(std::string_view json) {
  return read_offer_well(R"("condition":{)" + std::string(json) + "}," + std::string(kFreeOrder)).condition;
}

TEST_CASE("spend 30 yuan, get 5 off, half paid by the brand", "[offers]") {
  const RuleDocument rules = read_rules_well(file("lib/offers/examples/rules.json"));

  CHECK(rules.version == "2026-11");
  CHECK(rules.currency == core::kCny);
  REQUIRE(rules.offers.size() == 1);
  const Offer& offer = rules.offers[0];
  CHECK(offer.id.view() == "spend-30-get-5");
  CHECK(offer.name == "Spend 30 yuan, get 5 off");
  CHECK_FALSE(offer.coupon);
  CHECK(offer.combinable);
  CHECK(offer.uses_per_order_max == 1);
  CHECK(offer.lane == Lane::Order);
  CHECK(offer.scope == Scope{});
  CHECK(offer.condition.kind == ConditionKind::All);
  CHECK(offer.condition.children.empty());
  const auto& off = std::get<AmountOff>(offer.effect);
  CHECK(off.amount == 500);
  CHECK(off.threshold.measure == Measure::Amount);
  CHECK(off.threshold.at_least == 3'000);
  CHECK(off.every.at_least == 0);
  REQUIRE(offer.funders.size() == 2);
  CHECK(offer.funders[0].id.view() == "acme");
  CHECK(offer.funders[0].kind == FunderKind::Brand);
  CHECK(offer.funders[0].share == core::BasisPoints(5'000));
  CHECK(offer.funders[1].kind == FunderKind::Merchant);
}

TEST_CASE("what an offer does not say is filled in", "[offers]") {
  const Offer offer = read_offer_well(kFreeOrder);

  CHECK(offer.name == "a");
  CHECK(offer.priority == 0);
  CHECK(offer.group.empty());
  CHECK(offer.combinable);
  CHECK(offer.base == Base::Discounted);
  CHECK(offer.threshold_base == Base::Initial);
  CHECK(offer.allocation == core::AllocationRule::LargestRemainder);
  CHECK(offer.funders.empty());
}

TEST_CASE("an offer says all that the model has", "[offers]") {
  const Offer offer = read_offer_well(
      R"("name":"满减","coupon":true,"lane":"tender","priority":-3,"group":"g","combinable":false,)"
      R"("uses_per_order_max":2,"scope":{"brands":["b"]},"base":"initial","threshold_base":"discounted",)"
      R"("allocation":"first_lines","funders":[{"id":"bank-1","kind":"bank"}],"effect":{"free_order":{}})");

  CHECK(offer.name == "满减");
  CHECK(offer.coupon);
  CHECK(offer.lane == Lane::Tender);
  CHECK(offer.priority == -3);
  CHECK(offer.group == name("g"));
  CHECK_FALSE(offer.combinable);
  CHECK(offer.uses_per_order_max == 2);
  CHECK(offer.base == Base::Initial);
  CHECK(offer.threshold_base == Base::Discounted);
  CHECK(offer.allocation == core::AllocationRule::FirstLines);
  REQUIRE(offer.funders.size() == 1);
  CHECK(offer.funders[0].kind == FunderKind::Bank);
  CHECK(offer.funders[0].share == core::kWhole);
}

TEST_CASE("lanes have their policies, and the others none", "[offers]") {
  const RuleDocument rules =
      read_rules_well(R"({"version":"1","currency":"CNY","lanes":{"item":{"stacking":"wechat","uses_per_order_max":20,)"
                      R"("uses_per_line_max":1},"tender":{"stacking":"compete"}},"offers":[]})");

  CHECK(rules.lanes[1].stacking == Stacking::WeChat);
  CHECK(rules.lanes[1].uses_per_order_max == 20);
  CHECK(rules.lanes[1].uses_per_line_max == 1);
  CHECK(rules.lanes[4].stacking == Stacking::Compete);
  CHECK(rules.lanes[3].stacking == Stacking::Stack);
  CHECK(rules.lanes[3].uses_per_order_max == 0);
}

TEST_CASE("an offer finds its lane by what it says", "[offers]") {
  struct Case {
    std::string_view members;
    Lane lane;
  };
  const std::array cases{
      Case{R"("effect":{"amount_off":{"amount":"1"}})", Lane::Order},
      Case{R"("effect":{"free_order":{}})", Lane::Order},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"items":["x"]})", Lane::Item},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"brands":["x"]})", Lane::Brand},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"categories":["x"]})", Lane::Brand},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"tags":["x"],"items":["y"]})", Lane::Brand},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"excluded_items":["x"]})", Lane::Order},
      Case{R"("effect":{"percent_off":{"rate":"1%"}})", Lane::Order},
      Case{R"("effect":{"percent_off":{"rate":"1%","units_max":1}})", Lane::Item},
      Case{R"("effect":{"fixed_price":{"price":"1","count":2}})", Lane::Item},
      Case{R"("effect":{"buy_get":{"nth":2}},"condition":{"tender":{"names":["w"]}})", Lane::Item},
      Case{R"("effect":{"unit_price_to":{"price":"1"}},"scope":{"items":["x"]})", Lane::Price},
      Case{R"("effect":{"unit_price_to":{"price":"1"}},"coupon":true)", Lane::Item},
      Case{R"("effect":{"unit_price_to":{"price":"1","units_max":1}})", Lane::Item},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"condition":{"tender":{"names":["w"]}})", Lane::Tender},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"condition":{"all":[{"member":{}},{"tender":{"bins":["6225"]}}]})",
           Lane::Tender},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"condition":{"not":{"tender":{"names":["w"]}}})", Lane::Order},
      Case{R"("effect":{"random_off":{"min":"1","max":"2"}},"scope":{"items":["x"]})", Lane::Brand},
      Case{R"("effect":{"points_earn":{"points":1,"per":"1"}},"scope":{"items":["x"]})", Lane::Order},
      Case{R"("effect":{"amount_off":{"amount":"1"}},"scope":{"items":["x"]},"lane":"order")", Lane::Order},
  };
  for (const Case& one : cases) {
    CAPTURE(one.members);
    CHECK(read_offer_well(one.members).lane == one.lane);
  }
}

TEST_CASE("a scope says which goods", "[offers]") {
  const Scope scope =
      read_offer_well(R"("effect":{"free_order":{}},"scope":{"items":["i1","i2"],"brands":["b"],)"
                      R"("categories":["c"],"tags":["t"],"excluded_items":["ei"],"excluded_brands":["eb"],)"
                      R"("excluded_categories":["ec"],"excluded_tags":["et"],"unit_price_min":"1.50",)"
                      R"("unit_price_max":"9"})")
          .scope;

  const Scope expected{{name("i1"), name("i2")},
                       {name("b")},
                       {name("c")},
                       {name("t")},
                       {name("ei")},
                       {name("eb")},
                       {name("ec")},
                       {name("et")},
                       150,
                       900};
  CHECK(scope == expected);
}

TEST_CASE("money off is read with its threshold", "[offers]") {
  CHECK(effect<AmountOff>(R"("amount_off":{"amount":"5"})").threshold.at_least == 0);
  const auto repeated = effect<AmountOff>(R"("amount_off":{"amount":"5","every":"30","times_max":3})");
  CHECK(repeated.every.at_least == 3'000);
  CHECK(repeated.times_max == 3);
  const auto pieces = effect<AmountOff>(R"("amount_off":{"amount":"5","every_pieces":2})");
  CHECK(pieces.every.measure == Measure::Pieces);
  CHECK(pieces.every.at_least == 2);
  const auto percent = effect<PercentOff>(R"("percent_off":{"rate":"12.5%","cap":"20","at_least_pieces":2})");
  CHECK(percent.rate == core::BasisPoints(1'250));
  CHECK(percent.cap == 2'000);
  CHECK(percent.threshold.measure == Measure::Pieces);
  CHECK(percent.threshold.at_least == 2);
  const auto units = effect<PercentOff>(R"("percent_off":{"rate":"0.01%","units_max":2,"pick":"dearest"})");
  CHECK(units.rate == core::BasisPoints(1));
  CHECK(units.units_max == 2);
  CHECK(units.pick == Pick::Dearest);
  const auto tiered = effect<Tiered>(
      R"("tiered":{"tiers":[{"at_least":"100","amount":"10"},{"at_least":"200","rate":"15%"}],"cap":"50"})");
  CHECK(tiered.measure == Measure::Amount);
  REQUIRE(tiered.tiers.size() == 2);
  CHECK(tiered.tiers[0].at_least == 10'000);
  CHECK(tiered.tiers[0].amount == 1'000);
  CHECK(tiered.tiers[1].rate == core::BasisPoints(1'500));
  CHECK(tiered.cap == 5'000);
  CHECK(effect<Tiered>(R"("tiered":{"tiers":[{"at_least_pieces":2,"rate":"1%"}]})").measure == Measure::Pieces);
  const auto random = effect<RandomOff>(R"("random_off":{"min":"0.10","max":"8.88"})");
  CHECK(random.min == 10);
  CHECK(random.max == 888);
}

TEST_CASE("effects that take units are read", "[offers]") {
  const Offer any_three =
      read_offer_well(R"("effect":{"fixed_price":{"price":"10","count":3}},"scope":{"tags":["snack"]})");
  const auto& bundle = std::get<FixedPrice>(any_three.effect);
  REQUIRE(bundle.parts.size() == 1);
  CHECK(bundle.parts[0].count == 3);
  CHECK(bundle.parts[0].scope.tags == std::vector{name("snack")});
  CHECK(any_three.scope == Scope{});
  CHECK(bundle.price == 1'000);

  const Offer menu = read_offer_well(
      R"("effect":{"fixed_price":{"price":"15.90","times_max":2,"parts":[{"count":1,"scope":{"items":["burger"]}},)"
      R"({"count":2}]}},"scope":{"tags":["drink"]})");
  const auto& parts = std::get<FixedPrice>(menu.effect).parts;
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].scope.items == std::vector{name("burger")});
  CHECK(parts[1].scope.tags == std::vector{name("drink")});
  CHECK(menu.scope == Scope{});

  const auto price = effect<UnitPriceTo>(R"("unit_price_to":{"price":"25.80","per_grams":500})");
  CHECK(price.price == 2'580);
  CHECK(price.per_grams == 500);

  const auto second_half = effect<BuyGet>(R"("buy_get":{"nth":2,"rate":"50%"})");
  CHECK(second_half.buy == 1);
  CHECK(second_half.get == 1);
  CHECK(second_half.rate == core::BasisPoints(5'000));
  CHECK(second_half.pick == Pick::Cheapest);
  CHECK_FALSE(second_half.has_get_scope);
  const auto third_free = effect<BuyGet>(R"("buy_get":{"nth":3})");
  CHECK(third_free.buy == 2);
  CHECK(third_free.rate == core::kWhole);
  const auto mug =
      effect<BuyGet>(R"("buy_get":{"buy":2,"get":1,"pick":"dearest","times_max":4,"get_scope":{"items":["mug"]}})");
  CHECK(mug.pick == Pick::Dearest);
  CHECK(mug.times_max == 4);
  CHECK(mug.has_get_scope);
  CHECK(mug.get_scope.items == std::vector{name("mug")});
  CHECK(effect<BuyGet>(R"("buy_get":{"buy":1,"get":2,"same_line":true})").same_line);
}

TEST_CASE("effects that take no money off are read", "[offers]") {
  CHECK(effect<Gift>(R"("gift":{"item":"mug"})").count == 1);
  CHECK(effect<Gift>(R"("gift":{"item":"mug","count":2})").item == name("mug"));
  const auto earn = effect<PointsEarn>(R"("points_earn":{"points":3,"per":"2"})");
  CHECK(earn.points == 3);
  CHECK(earn.per == 200);
  const auto multiply = effect<PointsMultiply>(R"("points_multiply":{"numerator":3})");
  CHECK(multiply.numerator == 3);
  CHECK(multiply.denominator == 1);
  CHECK(effect<PointsGrant>(R"("points_grant":{"points":100})").points == 100);
  const auto grant = effect<CouponGrant>(R"("coupon_grant":{"coupon":"next","count":2})");
  CHECK(grant.coupon.view() == "next");
  CHECK(grant.count == 2);
}

TEST_CASE("conditions are read, one inside another", "[offers]") {
  const Condition all = condition(
      R"("all":[{"member":{}},{"any":[{"tier":["gold"]},{"member_tag":["vip","staff"]}]},{"not":{"store":["s"]}}])");
  CHECK(all.kind == ConditionKind::All);
  REQUIRE(all.children.size() == 3);
  CHECK(all.children[0].kind == ConditionKind::Member);
  CHECK(all.children[1].kind == ConditionKind::Any);
  REQUIRE(all.children[1].children.size() == 2);
  CHECK(all.children[1].children[1].kind == ConditionKind::MemberTag);
  CHECK(all.children[1].children[1].names == std::vector{name("vip"), name("staff")});
  CHECK(all.children[2].kind == ConditionKind::Not);
  REQUIRE(all.children[2].children.size() == 1);
  CHECK(all.children[2].children[0].kind == ConditionKind::Store);

  const Condition subtotal = condition(R"("subtotal":{"at_least":"30","scope":{"brands":["acme"]}})");
  CHECK(subtotal.kind == ConditionKind::Subtotal);
  CHECK(subtotal.at_least == 3'000);
  CHECK(subtotal.scope.brands == std::vector{name("acme")});
  CHECK(condition(R"("pieces":{"at_least":30})").at_least == 30);
  CHECK(condition(R"("coverage":{"at_least":2})").kind == ConditionKind::Coverage);
  CHECK(condition(R"("channel":["kiosk"])").kind == ConditionKind::Channel);
  CHECK(condition(R"("code":["HELLO"])").kind == ConditionKind::Code);
  const Condition order = condition(R"("order_number":{"number":10,"every":true})");
  CHECK(order.number == 10);
  CHECK(order.every);
  const Condition birthday = condition(R"("birthday":{"days_before":3,"days_after":7})");
  CHECK(birthday.days_before == 3);
  CHECK(birthday.days_after == 7);
  const Condition tender = condition(R"("tender":{"names":["wechat"],"bins":["622588","4000"]})");
  CHECK(tender.names == std::vector{name("wechat")});
  CHECK(tender.bins == std::vector<std::string>{"622588", "4000"});
}

TEST_CASE("a time window is read, and what it does not say does not bind", "[offers]") {
  const TimeWindow window =
      condition(R"("time":{"from":"2026-11-01T00:00:00+08:00","until":"2026-12-01T00:00:00+08:00",)"
                R"("weekdays":["mon","sun"],"day_from":"08:30","day_until":"10:00"})")
          .window;
  CHECK(window.from == must(core::parse_rfc3339("2026-10-31T16:00:00Z")));
  CHECK(window.until == must(core::parse_rfc3339("2026-11-30T16:00:00Z")));
  CHECK(window.weekdays == 0b100'0001);
  CHECK(window.day_from == 8h + 30min);
  CHECK(window.day_until == 10h);

  const TimeWindow night = condition(R"("time":{"day_from":"22:00","day_until":"02:00"})").window;
  CHECK(night.from == core::WallTime::min());
  CHECK(night.until == core::WallTime::max());
  CHECK(night.weekdays == 0x7F);
  CHECK(night.day_from > night.day_until);
}

TEST_CASE("amounts have the digits of their currency", "[offers]") {
  const auto amount = [](std::string_view currency, std::string_view written) {
    const RuleDocument rules =
        read_rules_well(R"({"version":"1","offers":[{"id":"a","effect":{"amount_off":{"amount":")" +
                        std::string(written) + R"("}}}],"currency":")" + std::string(currency) + "\"}");
    return std::get<AmountOff>(rules.offers.at(0).effect).amount;
  };

  CHECK(amount("CNY", "0.01") == 1);
  CHECK(amount("CNY", "21474836.47") == kAmountMax);
  CHECK(amount("JPY", "500") == 500);
  CHECK(amount("KWD", "1.250") == 1'250);
  CHECK(amount("KWD", "1") == 1'000);
  const auto mistake = rules_mistake(
      R"({"version":"1","currency":"JPY","offers":[{"id":"a","effect":{"amount_off":{"amount":"5.00"}}}]})");
  CHECK(mistake.expected == "an amount in JPY such as \"500\" (no decimals)");
}

TEST_CASE("an offer on 14,477 items is read", "[offers]") {
  constexpr std::size_t kItems = 14'477;
  std::string items;
  for (std::size_t i = 0; i < kItems; ++i)
    items += (i == 0 ? "\"item-" : ",\"item-") + std::to_string(i) + '"';

  const Offer offer = read_offer_well(R"("effect":{"percent_off":{"rate":"5%"}},"scope":{"items":[)" + items + "]}");

  REQUIRE(offer.scope.items.size() == kItems);
  CHECK(offer.scope.items.back().view() == "item-14476");
}

TEST_CASE("more offers than a rule set may have are refused", "[offers]") {
  std::string offers;
  for (std::size_t i = 0; i <= kOffersMax; ++i)
    offers += (i == 0 ? "" : ",") + std::string(R"({"id":"o)") + std::to_string(i) + R"(","effect":{"free_order":{}}})";
  const DocumentMistake mistake = rules_mistake(rules_of(offers), core::ErrorCode::Exhausted);
  CHECK(mistake.path == "/offers");
  CHECK(mistake.expected == "at most 20000 offers");

  offers.resize(offers.rfind(",{"));
  CHECK(read_rules_well(rules_of(offers)).offers.size() == kOffersMax);
}

}  // namespace
}  // namespace tillkit::offers
