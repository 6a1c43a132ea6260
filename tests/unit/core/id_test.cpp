// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/id.hpp"

#include <string>
#include <type_traits>
#include <unordered_set>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

using namespace tillkit::core;

namespace {

using SlotId = StrongId<struct SlotTag, std::uint16_t>;
using ShelfId = StrongId<struct ShelfTag, std::uint16_t>;
using OrderNumber = TextId<struct OrderNumberTag, 32, is_order_char>;
using StoreId = TextId<struct StoreIdTag, 8>;

static_assert(!std::is_convertible_v<SlotId, ShelfId> && !std::is_constructible_v<SlotId, ShelfId>);
static_assert(!std::is_convertible_v<SlotId, int> && !std::is_convertible_v<int, SlotId>);
static_assert(!std::is_convertible_v<StoreId, std::string_view> && !std::is_constructible_v<OrderNumber, StoreId>);
static_assert(StoreId::parse("a-1")->view() == "a-1");

}  // namespace

TEST_CASE("ids have an order and a hash", "[core]") {
  CHECK(SlotId{3} < SlotId{12});
  CHECK(std::unordered_set<SlotId>{SlotId{1}, SlotId{1}, SlotId{2}}.size() == 2);
  const StoreId a = must(StoreId::parse("a"));
  const StoreId ab = must(StoreId::parse("ab"));
  const StoreId b = must(StoreId::parse("b"));
  CHECK(a < ab);
  CHECK(ab < b);
  CHECK(StoreId{} < a);
  CHECK(std::unordered_set<StoreId>{a, must(StoreId::parse("a")), b}.size() == 2);
}

TEST_CASE("a text id holds what it was given and not one character more", "[core]") {
  CHECK(must(OrderNumber::parse("T0042Z")).view() == "T0042Z");
  CHECK(must(OrderNumber::parse(std::string(32, 'A'))).view() == std::string(32, 'A'));
  CHECK(failed_at(OrderNumber::parse(std::string(33, 'A')), 32));
  CHECK(StoreId{}.empty());
}

TEST_CASE("a text id refuses characters outside its set", "[core]") {
  CHECK(failed_at(OrderNumber::parse(""), 0));
  CHECK(failed_at(OrderNumber::parse("T00a"), 3));
  CHECK(failed_at(StoreId::parse("shop 1"), 4));
  CHECK(failed_at(StoreId::parse(std::string_view("a\0b", 3)), 1));
  CHECK(failed_at(StoreId::parse("\xE5\xBA\x97"), 0));
  CHECK(must(StoreId::parse("A.b_:-9")).view() == "A.b_:-9");
}
