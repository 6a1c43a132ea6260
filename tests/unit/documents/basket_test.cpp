// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "documents.hpp"

namespace tillkit::offers {
namespace {

/// A catalog of a bottle, at 4.00 when the clock is known, and of apples.
class TwoItems final : public ItemSource {
 public:
  core::Result<SourceItem> find(std::string_view code, const core::WallReading& now) const override {
    if (code == "6901234567892") {
      const std::int64_t price = now.quality == core::WallQuality::Unknown ? 350 : 400;
      return SourceItem{{name("cola-330"), name("acme"), {name("drinks")}, {name("cold")}},
                        "可乐 330 ml",
                        price,
                        0,
                        core::BasisPoints(1'300),
                        true};
    }
    if (code == "21") return SourceItem{{name("apples"), {}, {}, {}}, "", 1'280, 500, core::BasisPoints(900), false};
    if (code == "too-long") return core::fail(core::ErrorCode::InvalidArgument);
    return core::fail(core::ErrorCode::NotFound);
  }
};

std::string basket_of(std::string_view line) {
  return R"({"lines":[)" + std::string(line) + "]}";
}

TEST_CASE("a line says what is bought", "[offers]") {
  const BasketDocument basket = read_basket_well(basket_of(
      R"({"id":7,"item":"cola-330","name":"可乐","brand":"acme","categories":["drinks","cans"],"tags":["cold"],)"
      R"("quantity":3,"unit_price":"3.50","tax_rate":"13%","tax_included":false})"));

  REQUIRE(basket.basket.lines.size() == 1);
  const Line& line = basket.basket.lines[0];
  CHECK(line.id == LineId(7));
  CHECK_FALSE(line.weighed);
  CHECK(line.count == 3);
  CHECK(line.unit_price == 350);
  CHECK(line.list_amount == 1'050);
  CHECK(line.tax_rate == core::BasisPoints(1'300));
  CHECK_FALSE(line.tax_included);
  CHECK(basket.goods.at(0).item == name("cola-330"));
  CHECK(basket.goods[0].brand == name("acme"));
  CHECK(basket.goods[0].categories == std::vector{name("drinks"), name("cans")});
  CHECK(basket.goods[0].tags == std::vector{name("cold")});
  CHECK(basket.names.at(0) == "可乐");
}

TEST_CASE("what a line does not say is filled in", "[offers]") {
  const BasketDocument basket =
      read_basket_well(basket_of(R"({"item":"a","unit_price":"1"},{"item":"b","unit_price":"2","tags":[]})"));

  CHECK(basket.basket.lines.at(0).id == LineId(1));
  CHECK(basket.basket.lines.at(1).id == LineId(2));
  CHECK(basket.basket.lines[1].count == 1);
  CHECK(basket.basket.lines[1].tax_included);
  CHECK(basket.basket.lines[1].tax_rate == core::BasisPoints(0));
  CHECK(basket.names.at(1) == "b");
  CHECK(basket.basket.context.now.quality == core::WallQuality::Unknown);
  CHECK(basket.basket.context.utc_offset == std::chrono::hours(8));
  CHECK_FALSE(basket.basket.context.member.known);
}

TEST_CASE("weighed goods cost what the scale said, or what the weight comes to", "[offers]") {
  const auto amount = [](std::string_view line) {
    const Line read = read_basket_well(basket_of(line)).basket.lines.at(0);
    CHECK(read.weighed);
    CHECK(read.count == 734);
    return read.list_amount;
  };

  CHECK(amount(R"({"item":"a","grams":734,"unit_price":"12.80","per_grams":500})") == 1'879);  // 18.7904
  CHECK(amount(R"({"item":"a","grams":734,"unit_price":"12.50","per_grams":1000})") == 918);   // 9.175
  CHECK(amount(R"({"item":"a","grams":734,"unit_price":"12.80","per_grams":500,"amount":"18.80"})") == 1'880);
}

TEST_CASE("a line that names a code takes the rest from the catalog", "[offers]") {
  const TwoItems items;
  const BasketDocument basket = read_basket_well(
      basket_of(
          R"({"code":"6901234567892","quantity":2},{"code":"21","grams":1000},{"code":"6901234567892","unit_price":"1"})"),
      &items);

  REQUIRE(basket.basket.lines.size() == 3);
  CHECK(basket.basket.lines[0].list_amount == 700);
  CHECK(basket.basket.lines[0].tax_rate == core::BasisPoints(1'300));
  CHECK(basket.goods[0].categories == std::vector{name("drinks")});
  CHECK(basket.names[0] == "可乐 330 ml");
  CHECK(basket.basket.lines[1].weighed);
  CHECK(basket.basket.lines[1].list_amount == 2'560);
  CHECK_FALSE(basket.basket.lines[1].tax_included);
  CHECK(basket.names[1] == "apples");
  CHECK(basket.basket.lines[2].unit_price == 100);

  const BasketDocument later =
      read_basket_well(R"({"context":{"now":"2026-11-21T08:00:00+08:00"},"lines":[{"code":"6901234567892"}]})", &items);
  CHECK(later.basket.lines.at(0).unit_price == 400);
}

TEST_CASE("a code that does not fit its line is refused", "[offers]") {
  const TwoItems items;

  CHECK(basket_mistake(basket_of(R"({"code":"1"})"), &items).expected == "a code that the catalog knows");
  CHECK(basket_mistake(basket_of(R"({"code":"too-long"})"), &items).path == "/lines/0/code");
  CHECK(basket_mistake(basket_of(R"({"code":"21"})"), &items).expected == "\"grams\": this item is sold by weight");
  CHECK(basket_mistake(basket_of(R"({"code":"6901234567892","grams":5})"), &items).expected ==
        "\"quantity\": this item is sold by the piece");
}

TEST_CASE("coupons are read", "[offers]") {
  const BasketDocument basket =
      read_basket_well(R"({"lines":[],"coupons":[{"id":"c-1","offer":"o","claimed_at":"2026-11-01T00:00:00Z",)"
                       R"("valid_from":"2026-11-02T00:00:00Z","expires_at":"2026-12-01T00:00:00Z","requested":true},)"
                       R"({"id":"c-2","offer":"o"}]})");

  REQUIRE(basket.basket.coupons.size() == 2);
  const Coupon& coupon = basket.basket.coupons[0];
  CHECK(coupon.id.view() == "c-1");
  CHECK(coupon.offer.view() == "o");
  CHECK(coupon.claimed_at == must(core::parse_rfc3339("2026-11-01T00:00:00Z")));
  CHECK(coupon.valid_from == must(core::parse_rfc3339("2026-11-02T00:00:00Z")));
  CHECK(coupon.expires_at == must(core::parse_rfc3339("2026-12-01T00:00:00Z")));
  CHECK(coupon.requested);
  CHECK(basket.basket.coupons[1].valid_from == core::WallTime::min());
  CHECK(basket.basket.coupons[1].expires_at == core::WallTime::max());
  CHECK_FALSE(basket.basket.coupons[1].requested);
}

TEST_CASE("a context says who buys, when and where", "[offers]") {
  const Context context =
      read_basket_well(R"({"lines":[],"context":{"now":"2026-11-21T18:30:00+08:00","clock":"estimated",)"
                       R"("utc_offset_minutes":-60,"member":{"tier":"gold","tags":["vip"],"birthday":"02-29",)"
                       R"("orders_before":9},"channel":"kiosk","store":"s-1","wallet":"wechat","card":"622588",)"
                       R"("codes":["HELLO"],"draws":{"o":"3.21"},"budgets":{"p":"0","q":"99999999.00"}}})")
          .basket.context;

  CHECK(context.now.at == must(core::parse_rfc3339("2026-11-21T10:30:00Z")));
  CHECK(context.now.quality == core::WallQuality::Estimated);
  CHECK(context.utc_offset == std::chrono::minutes(-60));
  CHECK(context.member.known);
  CHECK(context.member.tier == name("gold"));
  CHECK(context.member.tags == std::vector{name("vip")});
  CHECK(context.member.birth_month == 2);
  CHECK(context.member.birth_day == 29);
  CHECK(context.member.orders_before == 9);
  CHECK(context.channel == name("kiosk"));
  CHECK(context.store == name("s-1"));
  CHECK(context.wallet == name("wechat"));
  CHECK(context.card == "622588");
  CHECK(context.codes == std::vector{name("HELLO")});
  REQUIRE(context.draws.size() == 1);
  CHECK(context.draws[0].offer.view() == "o");
  CHECK(context.draws[0].amount == 321);
  REQUIRE(context.budgets.size() == 2);
  CHECK(context.budgets[0].amount == 0);
  CHECK(context.budgets[1].amount == 9'999'999'900);
}

TEST_CASE("a moment is trusted unless somebody says otherwise", "[offers]") {
  const auto quality = [](std::string_view context) {
    return read_basket_well(R"({"lines":[],"context":)" + std::string(context) + '}').basket.context.now.quality;
  };

  CHECK(quality(R"({"now":"2026-11-21T10:30:00Z"})") == core::WallQuality::Trusted);
  CHECK(quality(R"({"now":"2026-11-21T10:30:00Z","clock":"unknown"})") == core::WallQuality::Unknown);
  CHECK(read_basket_well(R"({"lines":[],"context":{"member":{}}})").basket.context.member.known);
}

TEST_CASE("a basket has as many lines and coupons as the engine takes, and no more", "[offers]") {
  const auto list = [](std::size_t count, const std::string& before, const std::string& after) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text.append(i == 0 ? "" : ",").append(before).append(std::to_string(i)).append(after);
    return text;
  };
  const auto lines = [&](std::size_t count) {
    return basket_of(list(count, R"({"item":"a-)", R"(","unit_price":"1"})"));
  };
  const auto coupons = [&](std::size_t count) {
    return R"({"lines":[],"coupons":[)" + list(count, R"({"id":"c-)", R"(","offer":"o"})") + "]}";
  };

  CHECK(read_basket_well(lines(kLinesMax)).basket.lines.size() == kLinesMax);
  CHECK(basket_mistake(lines(kLinesMax + 1), nullptr, core::ErrorCode::Exhausted).expected == "at most 500 lines");
  CHECK(read_basket_well(coupons(kCouponsMax)).basket.coupons.size() == kCouponsMax);
  CHECK(basket_mistake(coupons(kCouponsMax + 1), nullptr, core::ErrorCode::Exhausted).path == "/coupons");
  const std::string_view half = R"({"item":"a","unit_price":"10737418.24"})";
  CHECK(basket_mistake(basket_of(std::string(half) + ',' + std::string(half)), nullptr, core::ErrorCode::Exhausted)
            .path == "/lines/1");
}

TEST_CASE("goods are looked up in the rules that price them", "[offers]") {
  RuleMistake blamed;
  RuleSet rules = must(RuleSet::compile(read_rules_well(file("lib/offers/examples/rules.json")), blamed));
  DocumentMistake mistake;

  const Basket basket = must(classify(read_basket_well(file("lib/offers/examples/basket.json")), rules, mistake));

  REQUIRE(basket.lines.size() == 2);
  CHECK(rules.goods(basket.lines[0].goods).item == name("cola-330"));
  CHECK(rules.goods(basket.lines[1].goods).item == name("rice-cakes"));
}

TEST_CASE("a coupon of no template is refused, and a draw outside its bounds", "[offers]") {
  RuleMistake blamed;
  RuleSet rules = must(
      RuleSet::compile(read_rules_well(R"({"version":"1","currency":"CNY","offers":[)"
                                       R"({"id":"automatic","effect":{"random_off":{"min":"1","max":"2"}}},)"
                                       R"({"id":"template","coupon":true,"effect":{"amount_off":{"amount":"1"}}}]})"),
                       blamed));
  DocumentMistake mistake;
  const auto refused = [&](std::string_view json) {
    mistake = {};
    return core::failed_with(classify(read_basket_well(json), rules, mistake), core::ErrorCode::InvalidArgument);
  };

  CHECK_FALSE(
      refused(R"({"lines":[],"coupons":[{"id":"c","offer":"template"}],"context":{"draws":{"automatic":"2"}}})"));
  CHECK(refused(R"({"lines":[],"coupons":[{"id":"c","offer":"template"},{"id":"d","offer":"automatic"}]})"));
  CHECK(mistake.path == "/coupons/1/offer");
  CHECK(mistake.found == "\"automatic\"");
  CHECK(refused(R"({"lines":[],"coupons":[{"id":"c","offer":"gone"}]})"));
  CHECK(refused(R"({"lines":[],"context":{"draws":{"automatic":"2.01"}}})"));
  CHECK(mistake.path == "/context/draws/automatic");
  CHECK(refused(R"({"lines":[],"context":{"draws":{"template":"1"}}})"));
  // Drawn for a rule set before or after this one.
  CHECK_FALSE(refused(R"({"lines":[],"context":{"draws":{"gone":"1"}}})"));
}

}  // namespace
}  // namespace tillkit::offers
