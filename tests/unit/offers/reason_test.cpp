// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "example.hpp"
#include "pricing.hpp"

using namespace tillkit::offers;
using namespace tillkit::offers::example;
using namespace std::chrono_literals;
using tillkit::core::WallQuality;
using tillkit::offers::oracle::Till;

namespace {

/// Why an offer, or a coupon, was not used. Exactly one reason must be given.
Rejection why_not(const Case& made, std::string_view id) {
  Till till(made);
  const PriceProof proof = till.prove();
  std::vector<Rejection> found;
  for (const Rejection& rejection : proof.rejected) {
    if (rejection.coupon.empty() ? rejection.offer.view() == id : rejection.coupon.view() == id) {
      found.push_back(rejection);
    }
  }
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found[0].text.empty());
  return found[0];
}

/// A shop with 96.80 of goods and an offer of 5.00 off, on a condition.
Case on_condition(Condition condition) {
  Case made = shop();
  buy(made, "goods", 2, 4'840);
  offer(made, "off", Lane::Order, off(500)).condition = std::move(condition);
  return made;
}

Condition of_kind(ConditionKind kind) {
  Condition condition;
  condition.kind = kind;
  return condition;
}

Condition at_least(ConditionKind kind, std::int64_t count) {
  Condition condition = of_kind(kind);
  condition.at_least = count;
  return condition;
}

Condition with_names(ConditionKind kind, std::initializer_list<std::string_view> names) {
  Condition condition = of_kind(kind);
  for (const std::string_view one : names)
    condition.names.push_back(name(one));
  return condition;
}

void become_member(Case& made) {
  made.basket.context.member.known = true;
  made.basket.context.member.tier = name("silver");
  made.basket.context.member.tags = {name("staff")};
  made.basket.context.member.orders_before = 4;
}

Reason reason(const Case& made, std::string_view id = "off") {
  return why_not(made, id).reason;
}

}  // namespace

TEST_CASE("an offer says how much is missing to its threshold", "[offers]") {
  Case made = shop();
  buy(made, "goods", 2, 4'840);
  offer(made, "off", Lane::Order, off_from(500, 10'000));

  const Rejection rejection = why_not(made, "off");

  CHECK(rejection.reason == Reason::NeedsAmount);
  CHECK(rejection.missing == 320);
  CHECK(rejection.text == "needs 3.20 more");
}

TEST_CASE("a subtotal that is too small says what is missing", "[offers]") {
  const Rejection rejection = why_not(on_condition(at_least(ConditionKind::Subtotal, 10'000)), "off");

  CHECK(rejection.reason == Reason::NeedsAmount);
  CHECK(rejection.missing == 320);
  CHECK(rejection.text == "needs 3.20 more");
}

TEST_CASE("pieces and different items that are missing are counted", "[offers]") {
  const Rejection pieces = why_not(on_condition(at_least(ConditionKind::Pieces, 5)), "off");
  CHECK(pieces.reason == Reason::NeedsPieces);
  CHECK(pieces.missing == 3);

  const Rejection different = why_not(on_condition(at_least(ConditionKind::Coverage, 3)), "off");
  CHECK(different.reason == Reason::NeedsItems);
  CHECK(different.missing == 2);

  Case made = shop();
  buy(made, "goods", 2, 100);
  AmountOff three = off(50);
  three.threshold = {Measure::Pieces, 3};
  offer(made, "off", Lane::Item, three);
  const Rejection threshold = why_not(made, "off");
  CHECK(threshold.reason == Reason::NeedsPieces);
  CHECK(threshold.missing == 1);
}

TEST_CASE("an offer on goods that are not there says so", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 100);
  offer(made, "later", Lane::Order, off(50), items({"other"}));
  offer(made, "item", Lane::Item, off(50), items({"other"}));
  coupon_template(made, "coupon", Lane::Brand, off(50), items({"other"}));
  coupon(made, "c", "coupon");
  Till till(made);

  // Offers that the basket has nothing to do with may be left out; a coupon in the shopper's hand is answered.
  CHECK(reason(made, "c") == Reason::NoGoods);
  for (const Rejection& rejection : till.prove().rejected)
    CHECK(rejection.reason == Reason::NoGoods);
}

TEST_CASE("members, tiers, tags and orders", "[offers]") {
  CHECK(reason(on_condition(of_kind(ConditionKind::Member))) == Reason::MembersOnly);

  Case tier = on_condition(with_names(ConditionKind::Tier, {"gold"}));
  become_member(tier);
  const Rejection rejection = why_not(tier, "off");
  CHECK(rejection.reason == Reason::TierOnly);
  CHECK(rejection.names == std::vector{name("gold")});
  CHECK(rejection.text == "only for gold members");

  Case tag = on_condition(with_names(ConditionKind::MemberTag, {"student"}));
  become_member(tag);
  CHECK(reason(tag) == Reason::TagOnly);

  Condition first = of_kind(ConditionKind::OrderNumber);
  first.number = 1;
  Case order = on_condition(first);
  become_member(order);
  const Rejection number = why_not(order, "off");
  CHECK(number.reason == Reason::OrderNumber);
  CHECK(number.missing == 1);

  Condition birthday = of_kind(ConditionKind::Birthday);
  birthday.days_before = 3;
  Case born = on_condition(birthday);
  become_member(born);
  born.basket.context.member.birth_month = 11;
  born.basket.context.member.birth_day = 25;  // four days from now
  CHECK(reason(born) == Reason::Birthday);
  born.basket.context.member.birth_day = 24;
  CHECK(Till(born).price().saved == 500);
}

TEST_CASE("time, and a terminal that does not know it", "[offers]") {
  Condition evening = of_kind(ConditionKind::Time);
  evening.window.day_from = 18h;
  evening.window.day_until = 22h;
  Case made = on_condition(evening);

  CHECK(reason(made) == Reason::Time);
  made.basket.context.now.at += 7h;
  CHECK(Till(made).price().saved == 500);
  made.basket.context.now.quality = WallQuality::Unknown;
  CHECK(reason(made) == Reason::ClockUnknown);

  Case inverted = on_condition(of_kind(ConditionKind::Not));
  inverted.document.offers[0].condition.children.push_back(evening);
  CHECK(Till(inverted).price().saved == 500);
  inverted.basket.context.now.quality = WallQuality::Unknown;
  CHECK(reason(inverted) == Reason::ClockUnknown);
}

TEST_CASE("channel, store, tender and code", "[offers]") {
  CHECK(reason(on_condition(with_names(ConditionKind::Channel, {"app"}))) == Reason::Channel);
  CHECK(reason(on_condition(with_names(ConditionKind::Store, {"s7"}))) == Reason::Store);
  CHECK(reason(on_condition(with_names(ConditionKind::Code, {"secret"}))) == Reason::Code);

  Case made = on_condition(with_names(ConditionKind::Tender, {"wechat"}));
  made.basket.context.wallet = name("alipay");
  const Rejection rejection = why_not(made, "off");
  CHECK(rejection.reason == Reason::Tender);
  CHECK(rejection.names == std::vector{name("wechat")});
}

TEST_CASE("whom an offer leaves out is told so", "[offers]") {
  Case made = on_condition(of_kind(ConditionKind::Not));
  made.document.offers[0].condition.children.push_back(of_kind(ConditionKind::Member));
  become_member(made);

  CHECK(reason(made) == Reason::Excluded);
}

TEST_CASE("a coupon has its time", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  coupon_template(made, "off", Lane::Order, off(100));
  Coupon& only = coupon(made, "c", "off");

  only.valid_from = kNow + 1h;
  const Rejection early = why_not(made, "c");
  CHECK(early.reason == Reason::NotYetValid);
  CHECK(early.at == kNow + 1h);

  only.valid_from = kNow;
  CHECK(Till(made).price().saved == 100);

  only.expires_at = kNow;
  const Rejection late = why_not(made, "c");
  CHECK(late.reason == Reason::Expired);
  CHECK(late.at == kNow);

  only.expires_at = kNow + 1h;
  made.basket.context.now.quality = WallQuality::Unknown;
  CHECK(reason(made, "c") == Reason::ClockUnknown);
}

TEST_CASE("a budget that is used up, and a draw that was not made", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  offer(made, "off", Lane::Order, off(100));
  offer(made, "random", Lane::Order, RandomOff{1, 9});
  made.basket.context.budgets.push_back({offer_id("off"), 0});

  CHECK(reason(made) == Reason::BudgetUsedUp);
  CHECK(reason(made, "random") == Reason::NoDraw);
}

TEST_CASE("the other offer of its group is named", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  offer(made, "five", Lane::Order, off(500)).group = name("g");
  offer(made, "four", Lane::Brand, off(400)).group = name("g");

  const Rejection rejection = why_not(made, "four");

  CHECK(rejection.reason == Reason::GroupTaken);
  CHECK(rejection.other == offer_id("five"));
}

TEST_CASE("the coupon that it does not go with is named", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 10'000);
  lane(made, Lane::Order).stacking = Stacking::Compete;
  coupon_template(made, "five", Lane::Order, off(500));
  coupon(made, "c5", "five");
  offer(made, "three", Lane::Order, off(300));

  const Rejection rejection = why_not(made, "three");

  CHECK(rejection.reason == Reason::NotCombinable);
  CHECK(rejection.other == offer_id("five"));
  CHECK(rejection.other_coupon == coupon_id("c5"));
  CHECK(rejection.text.starts_with("not with coupon "));
}

TEST_CASE("limits of a template, a lane and a line", "[offers]") {
  Case made = shop();
  buy(made, "goods", 4, 2'500);
  coupon_template(made, "off", Lane::Order, off(500));
  coupon(made, "a", "off");
  coupon(made, "b", "off");
  CHECK(reason(made, "b") == Reason::UsesPerOffer);

  Case full = shop();
  buy(full, "goods", 4, 2'500);
  lane(full, Lane::Order).uses_per_order_max = 1;
  offer(full, "five", Lane::Order, off(500));
  offer(full, "three", Lane::Order, off(300));
  CHECK(reason(full, "three") == Reason::UsesPerOrder);

  Case line = shop();
  buy(line, "goods", 4, 2'500);
  lane(line, Lane::Item).uses_per_line_max = 1;
  offer(line, "five", Lane::Item, off(500));
  offer(line, "three", Lane::Item, off(300));
  const Rejection rejection = why_not(line, "three");
  CHECK(rejection.reason == Reason::UsesPerLine);
  CHECK(rejection.other == offer_id("five"));
}

TEST_CASE("goods that another offer took are named by it", "[offers]") {
  Case made = shop();
  buy(made, "goods", 3, 100);
  offer(made, "better", Lane::Item, bundle(200, 0, {{Scope{}, 3}}));
  offer(made, "worse", Lane::Item, bundle(250, 0, {{Scope{}, 3}}));

  const Rejection rejection = why_not(made, "worse");

  CHECK(rejection.reason == Reason::UnitsTaken);
  CHECK(rejection.other == offer_id("better"));
}

TEST_CASE("nothing left, better without, not requested", "[offers]") {
  Case made = shop();
  buy(made, "goods", 1, 1'000);
  offer(made, "all", Lane::Brand, off(1'000));
  offer(made, "off", Lane::Order, off(500));
  CHECK(reason(made) == Reason::NothingLeft);

  Case better = shop();
  buy(better, "goods", 1, 1'000);
  coupon_template(better, "coupon", Lane::Brand, off(500));
  coupon(better, "c", "coupon");
  offer(better, "all", Lane::Order, off(1'000));
  CHECK(reason(better, "c") == Reason::BetterWithout);

  Case gift = shop();
  buy(gift, "goods", 1, 1'000);
  coupon_template(gift, "gift", Lane::Order, Gift{name("cup"), 1});
  coupon(gift, "c", "gift");
  CHECK(reason(gift, "c") == Reason::NotRequested);
}

TEST_CASE("a price that another one undercuts is not used", "[offers]") {
  Case made = shop();
  buy(made, "milk", 1, 500);
  UnitPriceTo member;
  member.price = 450;
  UnitPriceTo flash;
  flash.price = 399;
  offer(made, "member", Lane::Price, member);
  offer(made, "flash", Lane::Price, flash);

  CHECK(reason(made, "member") == Reason::HigherPrice);
}

TEST_CASE("every reason has a name of its own", "[offers]") {
  std::set<std::string_view> names;
  for (int value = 1; value <= static_cast<int>(Reason::HigherPrice); ++value)
    names.insert(to_string(static_cast<Reason>(value)));

  CHECK(names.size() == 30);
  CHECK_FALSE(names.contains(""));
  CHECK(to_string(Reason::NeedsAmount) == "needs_amount");
  CHECK(to_string(Reason::NotCombinable) == "not_combinable");
}
