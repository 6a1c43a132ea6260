// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>

#include "some_items.hpp"

using namespace tillkit::catalog;
using std::chrono::milliseconds;
using tillkit::core::ErrorCode;
using tillkit::core::WallQuality;
using tillkit::core::WallTime;

namespace {

TimedPrice from_to(std::string_view from, std::string_view until, std::int64_t minor) {
  return {at(from), at(until), Money{minor, kCny}};
}

constexpr auto kNine = "2026-11-21T09:00:00+08:00";
constexpr auto kTen = "2026-11-21T10:00:00+08:00";
constexpr auto kEleven = "2026-11-21T11:00:00+08:00";
constexpr auto kNoon = "2026-11-21T12:00:00+08:00";
constexpr auto kOne = "2026-11-21T13:00:00+08:00";

}  // namespace

TEST_CASE("a timed price holds from its first moment to just before its end", "[catalog]") {
  const Texts codes{"A1"};
  const std::array timed{from_to(kEleven, kNoon, 70), from_to(kNine, kTen, 80), from_to(kNoon, kOne, 60)};
  NewItem item = an_item(codes);
  item.timed_prices = timed;
  CatalogBuilder builder(kCny);
  REQUIRE(builder.add(item).has_value());
  const Catalog catalog = std::move(builder).finish();
  const ItemView view = catalog.item(ItemIndex(0));
  const auto price_at = [&](WallTime now) { return view.price_at({now, WallQuality::Trusted}); };
  const PriceReading base{Money{100, kCny}, PriceBasis::Base};

  CHECK(price_at(at(kNine) - milliseconds{1}) == base);
  CHECK(price_at(at(kNine)) == PriceReading{Money{80, kCny}, PriceBasis::Timed});
  CHECK(price_at(at(kTen) - milliseconds{1}) == PriceReading{Money{80, kCny}, PriceBasis::Timed});
  CHECK(price_at(at(kTen)) == base);
  CHECK(price_at(at(kEleven)) == PriceReading{Money{70, kCny}, PriceBasis::Timed});
  CHECK(price_at(at(kNoon)) == PriceReading{Money{60, kCny}, PriceBasis::Timed});
  CHECK(price_at(at(kOne)) == base);
  CHECK(std::ranges::equal(view.timed_prices(), std::array{timed[1], timed[0], timed[2]}));
}

TEST_CASE("without a clock the base price holds, and says so where it matters", "[catalog]") {
  const Texts codes{"A1"};
  const Texts plain_codes{"B1"};
  const std::array timed{from_to(kNine, kTen, 80)};
  NewItem item = an_item(codes);
  item.timed_prices = timed;
  CatalogBuilder builder(kCny);
  REQUIRE(builder.add(item).has_value());
  REQUIRE(builder.add(an_item(plain_codes)).has_value());
  const Catalog catalog = std::move(builder).finish();

  const ItemView view = catalog.item(ItemIndex(0));
  CHECK(view.price_at({at(kNine), WallQuality::Unknown}) == PriceReading{Money{100, kCny}, PriceBasis::ClockUnknown});
  CHECK(view.price_at({at(kNine), WallQuality::Estimated}) == PriceReading{Money{80, kCny}, PriceBasis::Timed});
  const ItemView plain = catalog.item(ItemIndex(1));
  CHECK(plain.price_at({at(kNine), WallQuality::Unknown}) == PriceReading{Money{100, kCny}, PriceBasis::Base});
}

TEST_CASE("either end of a window may be open, not both", "[catalog]") {
  const Texts codes{"A1"};
  CatalogBuilder builder(kCny);
  const ItemIndex item = must(builder.add(an_item(codes)));

  REQUIRE(builder.add_timed_price(item, {WallTime::min(), at(kNine), Money{80, kCny}}).has_value());
  REQUIRE(builder.add_timed_price(item, {at(kTen), WallTime::max(), Money{70, kCny}}).has_value());
  CHECK(refused_for(builder.check_timed_price(item, {.price = Money{60, kCny}}), Reason::WindowInvalid,
                    Field::ValidUntil));
  CHECK(
      refused_for(builder.check_timed_price(item, from_to(kTen, kTen, 60)), Reason::WindowInvalid, Field::ValidUntil));
  const Catalog catalog = std::move(builder).finish();

  const ItemView view = catalog.item(item);
  CHECK(view.price_at({WallTime{}, WallQuality::Trusted}).price == Money{80, kCny});
  CHECK(view.price_at({at(kNine), WallQuality::Trusted}).price == Money{100, kCny});
  CHECK(view.price_at({at(kNoon), WallQuality::Trusted}).price == Money{70, kCny});
}

TEST_CASE("at no moment two timed prices hold", "[catalog]") {
  const Texts codes{"A1"};
  CatalogBuilder builder(kCny);
  const ItemIndex item = must(builder.add(an_item(codes)));
  REQUIRE(builder.add_timed_price(item, from_to(kTen, kEleven, 80)).has_value());

  CHECK_FALSE(builder.check_timed_price(item, from_to(kNine, kTen, 70)).has_value());  // touching is not overlapping
  CHECK_FALSE(builder.check_timed_price(item, from_to(kEleven, kNoon, 70)).has_value());
  CHECK(failed_with(builder.add_timed_price(item, from_to(kTen, kEleven, 70)), ErrorCode::AlreadyExists));
  CHECK(failed_with(builder.add_timed_price(item, from_to(kNine, kNoon, 70)), ErrorCode::AlreadyExists));
  CHECK(failed_with(builder.add_timed_price(item, {WallTime::min(), WallTime::max() - milliseconds{1}, {1, kCny}}),
                    ErrorCode::AlreadyExists));
  const Texts other_codes{"B1"};
  const std::array overlapping{from_to(kNine, kEleven, 80), from_to(kTen, kNoon, 70)};
  NewItem other = an_item(other_codes);
  other.timed_prices = overlapping;
  CHECK(refused_for(builder.check(other), Reason::WindowOverlaps, Field::ValidFrom, 1));
}

TEST_CASE("a timed price is a price, and belongs to an item that is there", "[catalog]") {
  const Texts codes{"A1"};
  CatalogBuilder builder(kCny);
  const ItemIndex item = must(builder.add(an_item(codes)));

  CHECK(refused_for(builder.check_timed_price(item, from_to(kNine, kTen, -1)), Reason::PriceNegative, Field::Price));
  CHECK(failed_with(builder.add_timed_price(ItemIndex(1), from_to(kNine, kTen, 1)), ErrorCode::NotFound));
  CHECK(builder.add_timed_price(item, from_to(kNine, kTen, 0)).has_value());
}
