// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/evaluate.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "example.hpp"
#include "pricing.hpp"

using namespace tillkit::offers;
using namespace tillkit::offers::example;
using tillkit::core::ErrorCode;
using tillkit::offers::oracle::Till;

namespace {

bool refused(const Case& made, ErrorCode code) {
  Till till(made);
  Evaluator evaluator(till.rules());
  Evaluation evaluation;
  const auto outcome = evaluator.evaluate(till.basket(), {}, evaluation);
  return !outcome.has_value() && outcome.error().code == code;
}

/// Two lines, a template and a coupon of it.
Case two_lines() {
  Case made = shop();
  buy(made, "a", 2, 100);
  buy(made, "b", 1, 300);
  coupon_template(made, "off", Lane::Order, off(50));
  coupon(made, "c", "off");
  return made;
}

/// Stops as soon as it is asked.
class Stop final : public StopSignal {
 public:
  bool stop() override {
    ++asked_;
    return true;
  }

  [[nodiscard]] int asked() const { return asked_; }

 private:
  int asked_ = 0;
};

}  // namespace

TEST_CASE("a basket that contradicts itself is refused", "[offers]") {
  Case twice = two_lines();
  twice.basket.lines[1].id = twice.basket.lines[0].id;
  CHECK(refused(twice, ErrorCode::InvalidArgument));

  Case coupons = two_lines();
  coupons.basket.coupons.push_back(coupons.basket.coupons[0]);
  CHECK(refused(coupons, ErrorCode::InvalidArgument));

  Case amount = two_lines();
  amount.basket.lines[0].list_amount = 199;
  CHECK(refused(amount, ErrorCode::InvalidArgument));

  Case unknown = two_lines();
  unknown.basket.coupons[0].offer = offer_id("nobody");
  CHECK(refused(unknown, ErrorCode::InvalidArgument));

  Case negative = two_lines();
  negative.basket.lines[0].unit_price = -100;
  negative.basket.lines[0].list_amount = -200;
  CHECK(refused(negative, ErrorCode::InvalidArgument));

  Case none = two_lines();
  none.basket.lines[0].count = 0;
  none.basket.lines[0].list_amount = 0;
  CHECK(refused(none, ErrorCode::InvalidArgument));

  CHECK_FALSE(refused(two_lines(), ErrorCode::InvalidArgument));
}

TEST_CASE("as many lines and coupons as the limits say are priced, and not one more", "[offers]") {
  Case lines = shop();
  for (std::size_t i = 0; i < kLinesMax; ++i)
    buy(lines, "a", 1, 100);
  offer(lines, "percent", Lane::Order, percent(1'000));
  CHECK(Till(lines).price().saved == static_cast<std::int64_t>(kLinesMax) * 10);
  buy(lines, "a", 1, 100);
  CHECK(refused(lines, ErrorCode::Exhausted));

  Case coupons = shop();
  buy(coupons, "a", 1, 100'000);
  coupon_template(coupons, "off", Lane::Order, off(50)).uses_per_order_max = 2;
  for (std::size_t i = 0; i < kCouponsMax; ++i)
    coupon(coupons, "c" + std::to_string(i), "off");
  CHECK(Till(coupons).price().saved == 100);
  coupon(coupons, "one-more", "off");
  CHECK(refused(coupons, ErrorCode::Exhausted));
}

TEST_CASE("an empty basket costs nothing", "[offers]") {
  Case made = shop();
  offer(made, "off", Lane::Order, off(50));
  Till till(made);

  const Evaluation evaluation = till.price();

  CHECK(evaluation.list == 0);
  CHECK(evaluation.saved == 0);
  CHECK(evaluation.net == 0);
  CHECK(evaluation.uses.empty());
  CHECK(evaluation.proven);
}

TEST_CASE("one object prices one basket after the other", "[offers]") {
  Case made = two_lines();
  Till till(made);
  Evaluator evaluator(till.rules());
  Evaluation evaluation;
  Basket other = till.basket();
  other.lines.pop_back();
  other.coupons.clear();

  REQUIRE(evaluator.evaluate(till.basket(), {}, evaluation).has_value());
  CHECK(evaluation.net == 450);
  REQUIRE(evaluator.evaluate(other, {}, evaluation).has_value());
  CHECK(evaluation.net == 200);
  CHECK(evaluation.uses.empty());
  CHECK(evaluation.lines.size() == 1);
  REQUIRE(evaluator.evaluate(till.basket(), {}, evaluation).has_value());
  CHECK(evaluation.net == 450);
}

TEST_CASE("a search that is told to stop stops, and what it found is a price", "[offers]") {
  // Twelve kinds of goods and six offers on them that want the same units: more than 1,024 steps.
  Case made = shop();
  for (int i = 0; i < 12; ++i)
    buy(made, "item" + std::to_string(i), 6, 100 + 37 * i % 91);
  for (int i = 0; i < 6; ++i) {
    const std::string id = "bundle" + std::to_string(i);
    const std::string first = "item" + std::to_string(2 * i);
    const std::string second = "item" + std::to_string((2 * i + 5) % 12);
    const std::string third = "item" + std::to_string((2 * i + 7) % 12);
    offer(made, id, Lane::Item,
          bundle(150 + 11 * i, 0, {{items({first, second}), 2}, {items({second, third}), 1}, {Scope{}, 1}}));
  }
  Till till(made);
  Stop stop;
  SearchOptions options;
  options.stop = &stop;

  const Evaluation evaluation = till.price(options);

  if (evaluation.nodes >= 1'024) {
    CHECK(stop.asked() >= 1);
    CHECK(evaluation.nodes <= 2 * 1'024);
    CHECK_FALSE(evaluation.proven);
  }
  CHECK(evaluation.net == evaluation.list - evaluation.saved);
  CHECK(evaluation.saved > 0);
  SearchOptions few;
  few.nodes_max = 2'000;
  CHECK(till.price(few).nodes <= 2'000);
}
