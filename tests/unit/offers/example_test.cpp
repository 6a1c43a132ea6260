// SPDX-License-Identifier: Apache-2.0
// Prices worked out by hand. Nothing here comes from the engine or from the oracle.
#include "example.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "generator.hpp"
#include "oracle.hpp"
#include "pricing.hpp"

namespace oracle = tillkit::offers::oracle;
using namespace tillkit::offers;
using namespace tillkit::offers::example;
using tillkit::offers::oracle::Till;
using namespace std::chrono_literals;
using tillkit::core::BasisPoints;

namespace {

std::int64_t saved(const Case& made, Policy policy = Policy::Best) {
  Till till(made);
  const Evaluation evaluation = till.price(policy);
  if (policy == Policy::Best) {
    CHECK(evaluation.proven);
    CHECK(oracle::ask(made.document, made.goods, made.basket).saved == evaluation.saved);
  }
  return evaluation.saved;
}

/// Coupons, or the offers of automatic uses, in the order they apply.
std::vector<std::string> used(const Case& made, Policy policy = Policy::Best) {
  Till till(made);
  std::vector<std::string> names;
  for (const ProofUse& use : till.prove(policy).uses)
    names.emplace_back(use.coupon.empty() ? use.offer.view() : use.coupon.view());
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("where the larger discount first saves 2, the best combination saves 3", "[offers]") {
  // Two of each: coke 2, sandwich 3, chocolate 1. Two sandwiches for 4 save 2, and then no sandwich is left.
  // Sandwich and coke for 3.50, sandwich and chocolate for 2.50 save 1.50 each.
  Case made = shop();
  buy(made, "coke", 2, 200);
  buy(made, "sandwich", 2, 300);
  buy(made, "chocolate", 2, 100);
  offer(made, "a-two", Lane::Item, bundle(400, 1, {{items({"sandwich"}), 2}}));
  offer(made, "b-drink", Lane::Item, bundle(350, 1, {{items({"sandwich"}), 1}, {items({"coke"}), 1}}));
  offer(made, "c-sweet", Lane::Item, bundle(250, 1, {{items({"sandwich"}), 1}, {items({"chocolate"}), 1}}));

  CHECK(saved(made) == 300);
  CHECK(used(made) == Names{"b-drink", "c-sweet"});
  CHECK(saved(made, Policy::WeChat) == 200);
  CHECK(saved(made, Policy::First) == 200);
  CHECK(saved(made, Policy::Single) == 200);
}

TEST_CASE("every 30 takes 5 off, and only as often as it may", "[offers]") {
  Case made = shop();
  buy(made, "rice", 1, 10'000);
  AmountOff effect;
  effect.amount = 500;
  effect.every = {Measure::Amount, 3'000};
  offer(made, "every", Lane::Order, effect);

  CHECK(saved(made) == 1'500);
  effect.times_max = 2;
  made.document.offers[0].effect = effect;
  CHECK(saved(made) == 1'000);
  made.basket.lines[0].unit_price = 2'999;
  made.basket.lines[0].list_amount = 2'999;
  CHECK(saved(made) == 0);
}

TEST_CASE("the second at half price is half of the cheaper one, rounded half-up once", "[offers]") {
  Case made = shop();
  offer(made, "half", Lane::Item, buy_get(1, 1, BasisPoints(5'000)));

  SECTION("two of 9.99: 4.995 is 5.00") {
    buy(made, "tea", 2, 999);
    CHECK(saved(made) == 500);
  }
  SECTION("10.00 and 6.01: 3.005 is 3.01") {
    buy(made, "tea", 1, 1'000);
    buy(made, "cake", 1, 601);
    CHECK(saved(made) == 301);
  }
  SECTION("10, 8, 6, 4: pairs from the dear end, half of 8 and half of 4") {
    buy(made, "a", 1, 1'000);
    buy(made, "b", 1, 800);
    buy(made, "c", 1, 600);
    buy(made, "d", 1, 400);
    CHECK(saved(made) == 600);
  }
  SECTION("10, 8, 6: the pair of the two dear ones") {
    buy(made, "a", 1, 1'000);
    buy(made, "b", 1, 800);
    buy(made, "c", 1, 600);
    CHECK(saved(made) == 400);
  }
  SECTION("one alone has no second") {
    buy(made, "a", 1, 1'000);
    CHECK(saved(made) == 0);
  }
  SECTION("within a line: two of 3.00 and two of 5.00, not across") {
    std::get<BuyGet>(made.document.offers[0].effect).same_line = true;
    buy(made, "a", 3, 300);
    buy(made, "b", 3, 500);
    CHECK(saved(made) == 150 + 250);
  }
}

TEST_CASE("any three for 9.00 takes the three dearest", "[offers]") {
  Case made = shop();
  buy(made, "a", 1, 500);
  buy(made, "b", 1, 400);
  buy(made, "c", 1, 300);
  buy(made, "d", 1, 200);
  offer(made, "three", Lane::Item, bundle(900, 0, {{Scope{}, 3}}));

  CHECK(saved(made) == 300);  // 12.00 for 9.00

  buy(made, "e", 2, 500);  // 5, 5, 5 for 9; 4, 3, 2 for 9 saves nothing
  CHECK(saved(made) == 600);
}

TEST_CASE("two bundles cost twice the price, of one use", "[offers]") {
  Case made = shop();
  buy(made, "a", 4, 500);
  buy(made, "b", 2, 400);
  offer(made, "three", Lane::Item, bundle(900, 0, {{Scope{}, 3}}));

  CHECK(saved(made) == 2'800 - 2 * 900);
  CHECK(used(made) == Names{"three"});
}

TEST_CASE("buy one of these, get one of those", "[offers]") {
  // One coffee gives one cake free: two coffees, the cakes cost 3.00 and 2.00, so both are free; with three cakes
  // the dearest two.
  Case made = shop();
  buy(made, "coffee", 2, 1'000);
  buy(made, "cake", 1, 300);
  buy(made, "roll", 2, 200);
  BuyGet effect = buy_get(1, 1);
  effect.has_get_scope = true;
  effect.get_scope = items({"cake", "roll"});
  offer(made, "coffee-cake", Lane::Item, effect, items({"coffee"}));

  CHECK(saved(made) == 500);
  std::get<BuyGet>(made.document.offers[0].effect).times_max = 1;
  CHECK(saved(made) == 300);
}

TEST_CASE("the last tier that is reached counts", "[offers]") {
  Case made = shop();
  Tiered effect;
  effect.tiers = {{10'000, 1'000, BasisPoints()}, {20'000, 2'500, BasisPoints()}, {30'000, 0, BasisPoints(1'500)}};
  offer(made, "tiers", Lane::Order, effect);
  const auto saved_of = [&](std::int64_t amount) {
    made.basket.lines.clear();
    made.goods.clear();
    buy(made, "goods", 1, amount);
    return saved(made);
  };

  CHECK(saved_of(9'999) == 0);
  CHECK(saved_of(10'000) == 1'000);
  CHECK(saved_of(19'999) == 1'000);
  CHECK(saved_of(20'000) == 2'500);
  CHECK(saved_of(29'999) == 2'500);
  CHECK(saved_of(30'003) == 4'500);  // 4500.45
  CHECK(saved_of(30'004) == 4'501);  // 4500.60
}

TEST_CASE("reduce-to brings each piece down to the price, and no piece up", "[offers]") {
  Case made = shop();
  buy(made, "shirt", 3, 1'200);
  buy(made, "sock", 5, 900);
  UnitPriceTo effect;
  effect.price = 990;
  offer(made, "reduce", Lane::Item, effect);

  CHECK(saved(made) == 630);
  std::get<UnitPriceTo>(made.document.offers[0].effect).units_max = 2;
  CHECK(saved(made) == 420);
}

TEST_CASE("the lowest of several prices makes the price, and it is no choice", "[offers]") {
  Case made = shop();
  buy(made, "milk", 4, 500);
  UnitPriceTo member;
  member.price = 450;
  UnitPriceTo flash;
  flash.price = 399;
  offer(made, "member", Lane::Price, member);
  offer(made, "flash", Lane::Price, flash);
  offer(made, "half", Lane::Item, buy_get(1, 1, BasisPoints(5'000)));

  // 4 x 1.01, then half of two pieces of 3.99: 399 off the four.
  CHECK(saved(made) == 404 + 399);
  CHECK(used(made) == Names{"flash", "half"});
}

TEST_CASE("weighed goods have a price by weight in lane price", "[offers]") {
  // 385 g of apples that cost 5.39; at 1.20 per 100 g they are 4.62.
  Case made = shop();
  buy(made, "apples", 1, 1'400);
  Line& line = made.basket.lines[0];
  line.weighed = true;
  line.count = 385;
  line.list_amount = 539;
  UnitPriceTo effect;
  effect.price = 120;
  effect.per_grams = 100;
  offer(made, "flash", Lane::Price, effect);

  CHECK(saved(made) == 77);
}

TEST_CASE("store-wide offers exclude each other only if all are set to off", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  lane(made, Lane::Order).stacking = Stacking::WeChat;
  coupon_template(made, "five", Lane::Order, off(500));
  coupon_template(made, "three", Lane::Order, off(300));
  coupon(made, "c5", "five");
  coupon(made, "c3", "three");

  CHECK(saved(made) == 800);
  made.document.offers[1].combinable = false;
  CHECK(saved(made) == 800);
  made.document.offers[0].combinable = false;
  CHECK(saved(made) == 500);
  CHECK(used(made) == Names{"c5"});
  CHECK(used(made, Policy::WeChat) == Names{"c5"});
}

TEST_CASE("strict stacking wants all of them on", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  lane(made, Lane::Order).stacking = Stacking::Strict;
  offer(made, "five", Lane::Order, off(500));
  offer(made, "three", Lane::Order, off(300));

  CHECK(saved(made) == 800);
  made.document.offers[1].combinable = false;
  CHECK(saved(made) == 500);
}

TEST_CASE("of offers that compete one is used", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  lane(made, Lane::Order).stacking = Stacking::Compete;
  offer(made, "five", Lane::Order, off(500));
  offer(made, "six", Lane::Order, percent(600));
  offer(made, "tender", Lane::Tender, off(100));

  CHECK(saved(made) == 700);
  CHECK(used(made) == Names{"six", "tender"});
}

TEST_CASE("of a group one offer is used, of one template several coupons", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  coupon_template(made, "a", Lane::Brand, off(400)).group = name("g");
  made.document.offers[0].uses_per_order_max = 2;
  offer(made, "b", Lane::Order, off(500)).group = name("g");
  coupon(made, "c1", "a");

  CHECK(saved(made) == 500);
  coupon(made, "c2", "a");
  CHECK(saved(made) == 800);
  CHECK(used(made) == Names{"c1", "c2"});
  coupon(made, "c3", "a");
  CHECK(saved(made) == 800);
}

TEST_CASE("a free order is free, and nothing else can be used after it", "[offers]") {
  Case made = shop();
  buy(made, "goods", 3, 333);
  offer(made, "free", Lane::Order, FreeOrder{});
  offer(made, "off", Lane::Tender, off(100));
  Till till(made);

  const PriceProof proof = till.prove();

  CHECK(proof.net == 0);
  CHECK(proof.payable == 0);
  CHECK(proof.discount == 999);
  CHECK(used(made) == Names{"free"});
}

TEST_CASE("at least 1 fen is to be paid", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 50);
  offer(made, "off", Lane::Order, off(100));
  Till till(made);

  const PriceProof proof = till.prove();

  CHECK(proof.net == 1);
  REQUIRE(proof.uses.size() == 1);
  CHECK(proof.uses[0].face == 100);
  CHECK(proof.uses[0].discount == 49);
}

TEST_CASE("an order of 1 fen takes no discount", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1);
  offer(made, "off", Lane::Order, off(1));

  CHECK(used(made).empty());
}

TEST_CASE("20 % of 100.00 with a cap of 15.00 is 15.00", "[offers]") {
  Case made = shop();
  buy(made, "goods", 4, 2'500);
  offer(made, "percent", Lane::Order, percent(2'000, 1'500));

  CHECK(saved(made) == 1'500);
  made.document.offers[0].effect = percent(1'499, 1'500);
  CHECK(saved(made) == 1'499);
}

TEST_CASE("a percentage is of what is left, or of the initial price", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "a-off", Lane::Brand, off(2'000));
  offer(made, "b-percent", Lane::Order, percent(1'000)).base = Base::Discounted;

  CHECK(saved(made) == 2'800);
  made.document.offers[1].base = Base::Initial;
  CHECK(saved(made) == 3'000);
}

TEST_CASE("a threshold looks at the initial price, or at what earlier lanes left", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "a-off", Lane::Brand, off(2'000));
  offer(made, "b-off", Lane::Order, off_from(1'000, 10'000)).threshold_base = Base::Initial;

  CHECK(saved(made) == 3'000);
  made.document.offers[1].threshold_base = Base::Discounted;
  CHECK(saved(made) == 2'000);
  CHECK(used(made) == Names{"a-off"});
}

TEST_CASE("what one lane took does not hurt the thresholds of its own lane", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  for (const char* const id : {"a", "b"})
    offer(made, id, Lane::Order, off_from(1'000, 10'000)).threshold_base = Base::Discounted;

  CHECK(saved(made) == 2'000);
}

TEST_CASE("a coupon that saves nothing more stays with the shopper", "[offers]") {
  // The order offer takes all but 1 fen, with or without the coupon before it.
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  coupon_template(made, "coupon", Lane::Brand, off(500));
  coupon(made, "c", "coupon");
  offer(made, "all", Lane::Order, off(1'000));

  CHECK(saved(made) == 999);
  CHECK(used(made) == Names{"all"});
}

TEST_CASE("of coupons that save the same, the smaller face goes first", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  coupon_template(made, "large", Lane::Order, off(2'000));
  coupon_template(made, "small", Lane::Order, off(1'000));
  coupon(made, "a-large", "large");
  coupon(made, "b-small", "small");

  CHECK(saved(made) == 999);
  CHECK(used(made) == Names{"b-small"});
}

TEST_CASE("of equal coupons the one that expires first is used, then the one claimed first, then the smaller id",
          "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  coupon_template(made, "off", Lane::Order, off(100));
  coupon(made, "a", "off");
  coupon(made, "b", "off");
  coupon(made, "c", "off");

  CHECK(used(made) == Names{"a"});
  made.basket.coupons[2].claimed_at -= 1h;
  CHECK(used(made) == Names{"c"});
  made.basket.coupons[1].expires_at -= 1h;
  CHECK(used(made) == Names{"b"});
}

TEST_CASE("a line belongs to one of the offers that cover it", "[offers]") {
  Case made = shop();
  buy(made, "a", 4, 500);
  buy(made, "b", 1, 700);
  offer(made, "four", Lane::Item, off(400), items({"a"}));
  offer(made, "three", Lane::Item, off(300), items({"a"}));
  offer(made, "other", Lane::Item, off(200), items({"b"}));

  CHECK(saved(made) == 600);
  CHECK(used(made) == Names{"four", "other"});
}

TEST_CASE("a single item takes one single-item discount", "[offers]") {
  Case made = shop();
  buy(made, "a", 4, 500);
  buy(made, "b", 1, 700);
  PercentOff half = percent(5'000);
  half.units_max = 1;
  offer(made, "four", Lane::Item, off(400), items({"a"}));
  offer(made, "half", Lane::Item, half, items({"a"}));
  offer(made, "other", Lane::Item, off(200), items({"b"}));

  CHECK(saved(made) == 850);
  lane(made, Lane::Item).uses_per_line_max = 1;
  CHECK(saved(made) == 600);
  CHECK(used(made) == Names{"four", "other"});
}

TEST_CASE("of two offers for a line, one fen more that a later rounding takes back is no more", "[offers]") {
  // 9 or 10 fen off 100: half of the 91 or 90 that are left is 46 or 45 off. Both save 55, and the first is used.
  Case made = shop();
  buy(made, "goods", 1, 100);
  offer(made, "a", Lane::Item, off(9), items({"goods"}));
  offer(made, "b", Lane::Item, off(10), items({"goods"}));
  offer(made, "half", Lane::Order, percent(5'000));

  CHECK(saved(made) == 55);
  CHECK(used(made) == Names{"a", "half"});
}

TEST_CASE("a percentage that is worth nothing on what others leave is left out", "[offers]") {
  // A tenth of 4 fen is nothing; of both pieces it would be 1 fen, half of one is 2.
  Case made = shop();
  buy(made, "sweet", 2, 4);
  buy(made, "goods", 1, 1'000);
  offer(made, "tenth", Lane::Item, percent(1'000), items({"sweet"}));
  PercentOff half = percent(5'000);
  half.units_max = 1;
  offer(made, "half", Lane::Item, half, items({"sweet"}));

  CHECK(saved(made) == 2);
  CHECK(used(made) == Names{"half"});
}

TEST_CASE("a percentage that needs all its goods is not robbed of some by a higher one", "[offers]") {
  Case made = shop();
  buy(made, "x", 1, 60);
  buy(made, "y", 1, 60);
  offer(made, "fifth-of-x", Lane::Item, percent(2'000), items({"x"}));
  PercentOff both = percent(1'500);
  both.threshold.at_least = 100;
  offer(made, "of-both", Lane::Item, both, items({"x", "y"}));

  CHECK(saved(made) == 18);
  CHECK(used(made) == Names{"of-both"});
}

TEST_CASE("two offers of one deal do more than one only where each has its limit, its rounding or its goods",
          "[offers]") {
  Case made = shop();
  buy(made, "a", 4, 300);
  buy(made, "b", 4, 300);
  offer(made, "one", Lane::Item, buy_get(1, 1), items({"a"}));
  offer(made, "two", Lane::Item, buy_get(1, 1), items({"a"}));
  CHECK(saved(made) == 600);
  CHECK(used(made) == Names{"one"});

  made.document.offers[1].scope = items({"b"});
  CHECK(saved(made) == 1'200);

  made.document.offers[1].scope = items({"a"});
  for (Offer& offer : made.document.offers)
    std::get<BuyGet>(offer.effect).times_max = 1;
  CHECK(used(made) == Names{"one", "two"});

  for (Offer& offer : made.document.offers) {
    offer.effect = bundle(500, 1, {{items({"a"}), 2}});
    offer.scope = {};
  }
  CHECK(saved(made) == 200);

  // Half of 3 fen is 2, and half of 6 is 3.
  made.basket.lines[0].unit_price = 3;
  made.basket.lines[0].list_amount = 12;
  for (Offer& offer : made.document.offers) {
    offer.effect = buy_get(1, 1, BasisPoints(5'000));
    offer.scope = items({"a"});
  }
  CHECK(saved(made) == 4);
}

TEST_CASE("a percentage is rounded on each line that it covers", "[offers]") {
  Case made = shop();
  buy(made, "a", 1, 5);
  buy(made, "b", 1, 15);
  buy(made, "c", 1, 100);
  offer(made, "tenth", Lane::Item, percent(1'000), items({"a", "b"}));

  CHECK(saved(made) == 3);  // half a fen up, twice; of both together it would be 2
}

TEST_CASE("a contested unit goes where it saves more", "[offers]") {
  // Three pieces: 1 fen off for each piece of a coupon that wants two, half price for at most one. The percentage takes
  // one piece of 10.00, the amount keeps the two that it needs.
  Case made = shop();
  buy(made, "a", 3, 1'000);
  AmountOff two{300, {Measure::Pieces, 2}, {}, 0};
  offer(made, "two", Lane::Item, two);
  PercentOff half = percent(5'000);
  half.units_max = 1;
  offer(made, "half", Lane::Item, half);

  CHECK(saved(made) == 800);
  made.basket.lines[0].count = 2;
  made.basket.lines[0].list_amount = 2'000;
  CHECK(saved(made) == 500);
  CHECK(used(made) == Names{"half"});
}

TEST_CASE("a budget is not overdrawn", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "off", Lane::Order, off(500));
  made.basket.context.budgets.push_back({offer_id("off"), 120});

  CHECK(saved(made) == 120);
  made.basket.context.budgets[0].amount = 0;
  CHECK(saved(made) == 0);
}

TEST_CASE("coupons of one template draw on one budget", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  coupon_template(made, "off", Lane::Order, off(500)).uses_per_order_max = 3;
  for (const char* const id : {"a", "b", "c"})
    coupon(made, id, "off");
  made.basket.context.budgets.push_back({offer_id("off"), 800});

  CHECK(saved(made) == 800);
  CHECK(used(made) == Names{"a", "b"});
}

TEST_CASE("what was drawn is taken off", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "random", Lane::Order, RandomOff{1, 888});

  CHECK(saved(made) == 0);
  made.basket.context.draws.push_back({offer_id("random"), 666});
  CHECK(saved(made) == 666);
}

TEST_CASE("a draw outside its bounds is refused", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "random", Lane::Order, RandomOff{1, 888});
  made.basket.context.draws.push_back({offer_id("random"), 889});
  Till till(made);
  Evaluator evaluator(till.rules());
  Evaluation evaluation;

  const auto outcome = evaluator.evaluate(till.basket(), {}, evaluation);

  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == tillkit::core::ErrorCode::InvalidArgument);
}

TEST_CASE("a discount is shared over lines by the offer's rule", "[offers]") {
  // 100 off three lines of 1.00: 33.33 each.
  Case made = shop();
  for (const char* const item : {"a", "b", "c"})
    buy(made, item, 1, 100);
  offer(made, "off", Lane::Order, off(100));
  const auto nets = [&] {
    Till till(made);
    std::vector<std::int64_t> all;
    for (const ProofLine& line : till.prove().lines)
      all.push_back(line.net);
    return all;
  };
  using Nets = std::vector<std::int64_t>;

  CHECK(nets() == Nets{66, 67, 67});
  made.document.offers[0].allocation = tillkit::core::AllocationRule::LastLine;
  CHECK(nets() == Nets{67, 67, 66});
  made.document.offers[0].effect = off(101);  // 33.67 each: two over
  CHECK(nets() == Nets{67, 67, 65});
  made.document.offers[0].allocation = tillkit::core::AllocationRule::FirstLines;
  CHECK(nets() == Nets{66, 66, 67});
}

TEST_CASE("points are added up exactly and floored once", "[offers]") {
  // 1 point for each 100 fen: 1.50 and 2.50 are 4 points together, though 1 and 2 apart.
  Case made = shop();
  buy(made, "a", 1, 150);
  buy(made, "b", 1, 250);
  offer(made, "points", Lane::Order, PointsEarn{1, 100});
  const auto points = [&] {
    Till till(made);
    return till.prove().points;
  };

  CHECK(points() == 4);
  offer(made, "double", Lane::Order, PointsMultiply{2, 1}, items({"a"}));
  CHECK(points() == 5);  // 3 + 2.5
  offer(made, "triple", Lane::Order, PointsMultiply{3, 1}, items({"a", "b"}));
  CHECK(points() == 12);
}

TEST_CASE("a gift, points and a coupon are granted, and a coupon for a gift only on request", "[offers]") {
  Case made = shop();
  buy(made, "a", 1, 150);
  offer(made, "gift", Lane::Order, Gift{name("cup"), 2});
  offer(made, "grant", Lane::Order, PointsGrant{30});
  coupon_template(made, "next", Lane::Order, off(100));
  offer(made, "give", Lane::Order, CouponGrant{offer_id("next"), 1});
  coupon_template(made, "gift-coupon", Lane::Order, Gift{name("bag"), 1});
  coupon(made, "g", "gift-coupon");
  {
    Till till(made);
    const PriceProof proof = till.prove();
    CHECK(proof.discount == 0);
    REQUIRE(proof.gifts.size() == 1);
    CHECK(proof.gifts[0].item == name("cup"));
    CHECK(proof.gifts[0].count == 2);
    REQUIRE(proof.grants.size() == 2);
  }
  made.basket.coupons[0].requested = true;
  Till till(made);
  CHECK(till.prove().gifts.size() == 2);
}

TEST_CASE("tax is in the price, or comes on top", "[offers]") {
  Case made = shop();
  buy(made, "a", 1, 1'130);
  buy(made, "b", 1, 1'000);
  for (Line& line : made.basket.lines)
    line.tax_rate = BasisPoints(1'300);
  made.basket.lines[1].tax_included = false;
  Till till(made);

  const PriceProof proof = till.prove();

  CHECK(proof.lines[0].tax == 130);
  CHECK(proof.lines[1].tax == 130);
  CHECK(proof.tax == 260);
  CHECK(proof.payable == 2'260);
}

TEST_CASE("15 % and 100 % are not the same coupon", "[offers]") {
  Case made = shop();
  buy(made, "goods", 2, 1'000);
  coupon_template(made, "percent", Lane::Order, percent(1'500));
  coupon(made, "c", "percent");

  CHECK(saved(made) == 300);
  made.document.offers[0].effect = percent(10'000);
  CHECK(saved(made) == 1'999);
  made.document.offers[0].effect = percent(1'000);
  CHECK(saved(made) == 200);
}

TEST_CASE("a line of 6,000 units is priced as its formula says, in few steps", "[offers]") {
  // Buy 2 get 1 for at most 1,000 groups: 3,000 units, 1,000 of 1.00 free. Half price for 100 units: 50.00.
  // 15 % of the 6000.00 - 1000.00 - 50.00 that are left: 742.50.
  Case made = shop();
  buy(made, "cans", 6'000, 100);
  BuyGet group = buy_get(2, 1);
  group.times_max = 1'000;
  offer(made, "group", Lane::Item, group);
  PercentOff half = percent(5'000);
  half.units_max = 100;
  offer(made, "half", Lane::Item, half);
  offer(made, "order", Lane::Order, percent(1'500));
  Till till(made);

  const Evaluation evaluation = till.price();

  CHECK(evaluation.saved == 100'000 + 5'000 + 74'250);
  CHECK(evaluation.proven);
  CHECK(evaluation.gap == 0);
  CHECK(evaluation.nodes < 1'000);
  CHECK(till.prove().net == 420'750);
}

TEST_CASE("6,000 units in bundles of three are 2,000 bundles", "[offers]") {
  Case made = shop();
  buy(made, "cans", 6'000, 100);
  offer(made, "three", Lane::Item, bundle(250, 0, {{Scope{}, 3}}));
  Till till(made);

  const Evaluation evaluation = till.price();

  CHECK(evaluation.saved == 100'000);
  CHECK(evaluation.proven);
  CHECK(evaluation.nodes < 1'000);
}

TEST_CASE("6,000 units that groups and a percentage contest are still priced in few steps", "[offers]") {
  // Buy 3, get 1 is a quarter off, at most 1,000 times: 100,000 fen of 4,000 units; 15 % is on the other 2,000.
  Case made = shop();
  buy(made, "cans", 6'000, 100);
  BuyGet four;
  four.buy = 3;
  four.times_max = 1'000;
  offer(made, "four", Lane::Item, four);
  offer(made, "percent", Lane::Item, percent(1'500));
  Till till(made);

  const Evaluation evaluation = till.price();

  CHECK(evaluation.saved == 100'000 + 30'000);
  CHECK(evaluation.proven);
  CHECK(evaluation.nodes < 1'000);
}
