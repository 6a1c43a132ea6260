// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/limits.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "some_items.hpp"

using namespace tillkit::catalog;
using tillkit::core::ErrorCode;
using tillkit::core::NamedLimit;

namespace {

/// How many of these items a catalog of `limits` takes.
std::size_t taken(const CatalogLimits& limits, std::size_t offered, std::string_view brand = {}) {
  CatalogBuilder builder(kCny, limits);
  for (std::size_t i = 0; i < offered; ++i) {
    const std::string code = "C" + std::to_string(i);
    const std::string more = "D" + std::to_string(i);
    const std::string label = std::string(brand) + std::to_string(i);
    const Texts codes{code, more};
    NewItem item = an_item(codes);
    if (!brand.empty()) item.brand = label;
    const auto added = builder.add(item);
    if (added) continue;
    CHECK(added.error().code == ErrorCode::Exhausted);
    CHECK(builder.check(item)->reason == Reason::CatalogFull);
  }
  return builder.size();
}

TimedPrice minute(int number) {
  const auto from = at("2026-11-21T09:00:00Z") + std::chrono::minutes{number};
  return {from, from + std::chrono::minutes{1}, Money{1, kCny}};
}

}  // namespace

TEST_CASE("the catalog's limits are listed once each, in order, with a unit", "[catalog]") {
  const auto limits = catalog_limits();

  CHECK(std::ranges::is_sorted(limits, std::ranges::less{}, &NamedLimit::name));
  CHECK(std::ranges::adjacent_find(limits, std::ranges::equal_to{}, &NamedLimit::name) == limits.end());
  for (const auto& [name, value, unit] : limits) {
    CAPTURE(std::string(name));
    CHECK(name.starts_with("catalog."));
    CHECK(value > 0);
    CHECK_FALSE(unit.empty());
  }
}

TEST_CASE("a catalog is full at each of its limits, and says so", "[catalog]") {
  CHECK(taken({}, 9, "b") == 9);
  CHECK(taken({.items_max = 4}, 9) == 4);
  CHECK(taken({.codes_max = 9}, 9) == 4);
  CHECK(taken({.labels_max = 3}, 9, "b") == 3);
  CHECK(taken({.labels_max = 0}, 9) == 9);
  CHECK(taken({.text_bytes_max = 50}, 9) == 5);  // two codes and a name: 3 + 3 + 4 bytes, the id is the first code
}

TEST_CASE("no catalog holds more than the constants, whatever is asked for", "[catalog]") {
  CHECK(taken({.items_max = kItemsMax + 1}, kItemsMax + 1) == kItemsMax);
}

TEST_CASE("one item has so many codes and so many timed prices", "[catalog]") {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i <= kCodesPerItemMax; ++i)
    texts.push_back("C" + std::to_string(i));
  Texts codes(texts.begin(), texts.end());
  CatalogBuilder builder(kCny);
  CHECK(failed_with(builder.add(an_item(codes)), ErrorCode::Exhausted));
  codes.pop_back();
  const ItemIndex item = must(builder.add(an_item(codes)));

  std::vector<TimedPrice> prices;
  for (int i = 0; i < static_cast<int>(kTimedPricesPerItemMax); ++i) {
    prices.push_back(minute(i));
    REQUIRE(builder.add_timed_price(item, prices.back()).has_value());
  }
  prices.push_back(minute(100));
  CHECK(refused_for(builder.check_timed_price(item, prices.back()), Reason::TooMany, Field::ValidFrom));
  CHECK(failed_with(builder.add_timed_price(item, prices.back()), ErrorCode::Exhausted));

  const Texts other_codes{"other"};
  NewItem other = an_item(other_codes);
  other.timed_prices = prices;
  CHECK(failed_with(builder.add(other), ErrorCode::Exhausted));
  prices.pop_back();
  other.timed_prices = prices;
  CHECK(builder.add(other).has_value());
}

TEST_CASE("a catalog has so many timed prices", "[catalog]") {
  const Texts codes{"A1"};
  CatalogBuilder builder(kCny, {.timed_prices_max = 2});
  const ItemIndex item = must(builder.add(an_item(codes)));
  REQUIRE(builder.add_timed_price(item, minute(0)).has_value());
  REQUIRE(builder.add_timed_price(item, minute(1)).has_value());

  CHECK(failed_with(builder.add_timed_price(item, minute(2)), ErrorCode::Exhausted));
  const Texts other_codes{"B1"};
  const std::array prices{minute(3)};
  NewItem other = an_item(other_codes);
  other.timed_prices = prices;
  CHECK(failed_with(builder.add(other), ErrorCode::Exhausted));
}
