// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/planogram_document.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/fulfilment/limits.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::must;
using hal::SlotId;

offers::Name name(std::string_view text) {
  return must(offers::Name::parse(text));
}

core::Result<std::vector<SlotChange>> read(std::string_view json) {
  offers::DocumentMistake mistake;
  return read_planogram(json, mistake);
}

std::string mistake_in(std::string_view json) {
  offers::DocumentMistake mistake;
  CHECK_FALSE(read_planogram(json, mistake));
  return to_string(mistake);
}

TEST_CASE("a planogram file says what lies where", "[fulfilment][vending]") {
  const auto slots = must(read(R"({"slots": [{"slot": 11, "item": "cola", "capacity": 8, "mdb": 0},
                                             {"slot": 12, "item": "", "capacity": 0},
                                             {"slot": 13, "item": "rice", "capacity": 6, "stock": 4}]})"));

  REQUIRE(slots.size() == 3);
  CHECK(slots[0] == SlotChange{.slot = SlotId(11), .item = name("cola"), .capacity = 8, .mdb = MdbItem(0)});
  CHECK(slots[1].item == offers::Name{});
  CHECK(slots[2].stock == 4);
  CHECK(must(read(R"({"slots": []})")).empty());
}

TEST_CASE("each mistake of a planogram file is named with its path", "[fulfilment][vending]") {
  const auto slot = [](const std::string& members) {
    return R"({"slots": [{"slot": 1, "item": "a", "capacity": 1}, {)" + members + "}]}";
  };
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"[]", "expected a planogram: an object with 'slots', found a list"},
      {R"({"slot": []})", "/slot: expected no member of this name: it means nothing, found a list"},
      {"{}", "expected a planogram: an object with 'slots', found an object"},
      {R"({"slots": 1})", "/slots: expected a list of slots, found 1"},
      {R"({"slots": [7]})", "/slots/0: expected a slot: an object, found 7"},
      {slot(""), "/slots/1: expected a 'slot': its number, found an object"},
      {slot(R"("slot": 0)"), "/slots/1/slot: expected a whole number from 1 to 65535, found 0"},
      {slot(R"("slot": 2.5)"), "/slots/1/slot: expected a whole number from 1 to 65535, found 2.5"},
      {slot(R"("slot": 1)"), "/slots/1/slot: expected a number that no slot before it has, found 1"},
      {slot(R"("slot": 2)"), "/slots/1: expected an 'item': what lies there, found an object"},
      {slot(R"("slot": 2, "item": "a")"), "/slots/1: expected a 'capacity': how many it holds, found an object"},
      {slot(R"("slot": 2, "item": "no item")"),
       "/slots/1/item: expected the id of an item, or \"\" for none, found \"no item\""},
      {slot(R"("slot": 2, "capacity": 1000)"), "/slots/1/capacity: expected a whole number from 0 to 999, found 1000"},
      {slot(R"("slot": 2, "item": "a", "capacity": 3, "stock": 4)"),
       "/slots/1/stock: expected at most the capacity, found 4"},
      {slot(R"("slot": 2, "mdb": 65535)"), "/slots/1/mdb: expected a whole number from 0 to 65534, found 65535"},
      {slot(R"("slot": 2, "blocked": true)"),
       "/slots/1/blocked: expected no member of this name: it means nothing, found true or false"},
  };
  for (const auto& [json, expected] : wrong) {
    CAPTURE(json);
    CHECK(mistake_in(json) == expected);
  }
  CHECK(mistake_in(R"({"slots": [{"slot": 1, "item": "a", "capacity": 1, "mdb": 3},
                                 {"slot": 2, "item": "a", "capacity": 1, "mdb": 3}]})") ==
        "/slots/1/mdb: expected a number that no slot before it has, found 3");
  CHECK(mistake_in("{").starts_with("expected JSON of at most"));
}

TEST_CASE("a planogram file has as many slots and bytes as a machine, and no more", "[fulfilment][vending][limits]") {
  const auto file_of = [](std::size_t slots) {
    std::string json = R"({"slots": [)";
    for (std::size_t i = 1; i <= slots; ++i)
      json += (i == 1 ? "" : ",") + std::string(R"({"slot":)") + std::to_string(i) + R"(,"item":"a","capacity":1})";
    return json + "]}";
  };
  CHECK(must(read(file_of(kSlotsMax))).size() == kSlotsMax);
  CHECK(failed_with(read(file_of(kSlotsMax + 1)), ErrorCode::Exhausted));
  const std::string small = R"({"slots": []})";
  CHECK(read(small + std::string(kPlanogramBytesMax - small.size(), ' ')));
  CHECK(failed_with(read(small + std::string(kPlanogramBytesMax, ' ')), ErrorCode::Exhausted));
}

TEST_CASE("what a file does not say stays: stock and blocks of slots with the same goods", "[fulfilment][vending]") {
  const Slot jammed{.slot = SlotId(11),
                    .item = name("cola"),
                    .capacity = 8,
                    .stock = 5,
                    .block = SlotBlock::Jammed,
                    .mdb = MdbItem(1)};
  const std::vector<Slot> before{jammed};
  const auto now = [&](const SlotChange& change) { return changed(before, std::vector{change}).front(); };

  const Slot smaller = now({.slot = SlotId(11), .item = name("cola"), .capacity = 4});
  CHECK(smaller ==
        Slot{.slot = SlotId(11), .item = name("cola"), .capacity = 4, .stock = 4, .block = SlotBlock::Jammed});
  CHECK(now({.slot = SlotId(11), .item = name("rice"), .capacity = 8}) ==
        Slot{.slot = SlotId(11), .item = name("rice"), .capacity = 8});
  CHECK(now({.slot = SlotId(12), .item = name("rice"), .capacity = 8, .stock = 2}).stock == 2);
  CHECK(changed(jammed, {.slot = SlotId(11), .blocked = false}).block == SlotBlock::None);
  CHECK(changed(jammed, {.slot = SlotId(11), .blocked = true}).block == SlotBlock::Technician);
  CHECK(changed(jammed, {.slot = SlotId(11), .refill = true}).stock == 8);
  CHECK(changed(std::nullopt, {.slot = SlotId(11), .capacity = 8, .refill = true}).stock == 0);
  CHECK(changed(jammed, {.slot = SlotId(11), .stock = 1}).mdb == MdbItem(1));
}

}  // namespace
}  // namespace tillkit::fulfilment
