// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/planogram.hpp"

#include "till.hpp"
#include "tillkit/fulfilment/limits.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::must;
using hal::SlotId;
using offers::LineId;

offers::Name name(std::string_view text) {
  return must(offers::Name::parse(text));
}

Slot at_mdb(Slot slot, std::uint16_t mdb) {
  slot.mdb = MdbItem(mdb);
  return slot;
}

TEST_CASE("slots are found by their number and by the bus's", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.set({at_mdb(slot_with(12, "cola", 3), 2), slot_with(11, "rice", 0), at_mdb(slot_with(13, "", 0), 0)}));

  CHECK(must(slots(till.tables())).front().slot == SlotId(11));
  CHECK(must(find_mdb(till.tables(), MdbItem(2)))->slot == SlotId(12));
  CHECK(must(find_mdb(till.tables(), MdbItem(0)))->slot == SlotId(13));
  CHECK_FALSE(must(find_mdb(till.tables(), MdbItem(3))));
  CHECK_FALSE(must(find_mdb(till.tables(), kMdbItemUnknown)));
  CHECK_FALSE(must(find_slot(till.tables(), SlotId(14))));
  till.check_rebuild();
}

TEST_CASE("a technician changes some slots, or says what all are", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.set({at_mdb(slot_with(11, "cola", 3), 1), at_mdb(slot_with(12, "rice", 3), 2)}));

  // They change their places on the bus.
  REQUIRE(till.set({at_mdb(slot_with(11, "cola", 3), 2), at_mdb(slot_with(12, "rice", 3), 1)}, false));
  CHECK(must(find_mdb(till.tables(), MdbItem(1)))->slot == SlotId(12));
  REQUIRE(till.set({slot_with(13, "beer", 1)}, false));
  CHECK(must(slots(till.tables())).size() == 3);
  REQUIRE(till.set({slot_with(13, "beer", 1)}));
  CHECK(must(slots(till.tables())).size() == 1);
  REQUIRE(till.set({}));
  CHECK(must(slots(till.tables())).empty());
}

TEST_CASE("a planogram that cannot be is refused, and changes nothing", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.set({at_mdb(slot_with(11, "cola", 3), 1)}));
  Slot too_full = slot_with(12, "rice", 11);
  Slot too_large = slot_with(12, "rice", 0);
  too_large.capacity = kSlotCapacityMax + 1;
  const std::vector<std::vector<Slot>> wrong{
      {slot_with(0, "cola", 1)},
      {too_full},
      {slot_with(12, "", 1)},
      {at_mdb(slot_with(12, "rice", 1), 1)},
      {at_mdb(slot_with(12, "rice", 1), 0xFFFF)},
      {slot_with(12, "rice", 1), slot_with(12, "cola", 1)},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    CHECK(failed_with(till.set(wrong[i], false), ErrorCode::InvalidArgument));
  }
  CHECK(failed_with(till.set({too_large}, false), ErrorCode::OutOfRange));
  CHECK(must(slots(till.tables())).size() == 1);
}

TEST_CASE("as many slots as a machine has, and no more", "[fulfilment][vending][limits]") {
  Till till;
  std::vector<Slot> many;
  for (std::uint16_t i = 1; i <= kSlotsMax; ++i)
    many.push_back(at_mdb(slot_with(i, "cola", 1), i));
  REQUIRE(till.set(many));
  CHECK(must(slots(till.tables())).size() == kSlotsMax);
  CHECK(failed_with(till.set({slot_with(9'999, "cola", 1)}, false), ErrorCode::Exhausted));
  till.check_rebuild();
}

TEST_CASE("goods come out of the chosen slot first, then of the next that has some", "[fulfilment][vending]") {
  const std::vector<Slot> planogram{slot_with(11, "cola", 2), slot_with(12, "cola", 3), slot_with(13, "rice", 1)};
  const auto placed = [&](const std::vector<Wanted>& wanted) { return place(planogram, wanted); };

  CHECK(must(placed({{LineId(1), name("cola"), 4, {}}})) ==
        Placed{{{LineId(1), 1, 2}, {LineId(1), 3, 2}}, {SlotId(11), SlotId(12)}});
  CHECK(must(placed({{LineId(1), name("cola"), 4, SlotId(12)}})) ==
        Placed{{{LineId(1), 1, 3}, {LineId(1), 4, 1}}, {SlotId(12), SlotId(11)}});
  // A slot that holds something else by now is no choice any more.
  CHECK(must(placed({{LineId(1), name("cola"), 1, SlotId(13)}})) == Placed{{{LineId(1), 1, 1}}, {SlotId(11)}});
  // What one line takes is not there for the next.
  CHECK(must(placed({{LineId(1), name("cola"), 2, {}}, {LineId(2), name("cola"), 1, {}}})) ==
        Placed{{{LineId(1), 1, 2}, {LineId(2), 1, 1}}, {SlotId(11), SlotId(12)}});
  CHECK(failed_with(placed({{LineId(1), name("cola"), 6, {}}}), ErrorCode::OutOfRange));
  CHECK(failed_with(placed({{LineId(1), name("beer"), 1, {}}}), ErrorCode::NotFound));
  std::vector<Slot> blocked{slot_with(11, "cola", 2)};
  blocked.front().block = SlotBlock::Jammed;
  const std::vector<Wanted> one{{LineId(1), name("cola"), 1, {}}};
  CHECK(failed_with(place(blocked, one), ErrorCode::FailedPrecondition));
}

}  // namespace
}  // namespace tillkit::fulfilment
