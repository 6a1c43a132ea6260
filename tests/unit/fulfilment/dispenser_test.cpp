// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/dispenser.hpp"

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/fulfilment/vend_book.hpp"
#include "tillkit/hal_virtual/product_dispenser.hpp"

namespace tillkit::fulfilment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::failed_with;
using core::must;
using core::Result;
using hal::SlotId;
using offers::LineId;
using enum UnitOutcome;

constexpr SlotId kOne{11};
constexpr SlotId kOther{12};

Handover goods_of(std::uint64_t id, std::int64_t from_one, std::int64_t from_other) {
  Handover handover{.id = HandoverId(id)};
  if (from_one > 0) {
    handover.goods.push_back({LineId(1), 1, from_one});
    handover.slots.push_back(kOne);
  }
  if (from_other > 0) {
    handover.goods.push_back({LineId(2), 1, from_other});
    handover.slots.push_back(kOther);
  }
  return handover;
}

struct Machine {
  explicit Machine(bool remembers = true) : cabinet(world) {
    cabinet.fill(kOne, 5);
    cabinet.fill(kOther, 5);
    if (!remembers) cabinet.forget_vends();
    fulfilment = std::make_unique<DispenserFulfilment>(cabinet, remembers);
  }

  core::Completion<HandoverReport> heard() {
    return [this](Result<HandoverReport> result) {
      CHECK_FALSE(last);  // each completion once
      last = std::move(result);
    };
  }
  Result<HandoverReport> start(const Handover& handover) {
    last.reset();
    const auto begun = fulfilment->start(handover, {}, heard());
    CHECK_FALSE(last);  // never from inside the call
    if (!begun) return std::unexpected(begun.error());
    world.advance_until([this] { return last.has_value(); }, 10min);
    return last.value_or(core::fail(ErrorCode::Cancelled));
  }
  Result<HandoverReport> inspect(const Handover& handover) {
    last.reset();
    const auto begun = fulfilment->inspect(handover, heard());
    if (!begun) return std::unexpected(begun.error());
    world.advance_until([this] { return last.has_value(); }, 10min);
    return last.value_or(core::fail(ErrorCode::Cancelled));
  }

  hal_virtual::World world;
  hal_virtual::VirtualProductDispenser cabinet;
  std::unique_ptr<DispenserFulfilment> fulfilment;
  std::optional<Result<HandoverReport>> last;
};

TEST_CASE("each unit is a turn of its motor, and is counted as it falls", "[fulfilment][vending]") {
  Machine machine;
  std::vector<std::size_t> counted;
  machine.fulfilment->watch([&](std::size_t out) { counted.push_back(out); });

  CHECK(must(machine.start(goods_of(1, 2, 1))).units == std::vector{Out, Out, Out});

  CHECK(machine.cabinet.fallen(kOne) == 2);
  CHECK(machine.cabinet.fallen(kOther) == 1);
  CHECK(machine.cabinet.motor_starts() == 3);
  CHECK(counted == std::vector<std::size_t>{1, 2, 3});
}

TEST_CASE("a slot that sticks or gives nothing is not turned again, the others are", "[fulfilment][vending]") {
  Machine machine;
  SECTION("jammed") {
    machine.cabinet.jam(kOne);
    const HandoverReport report = must(machine.start(goods_of(1, 2, 1)));
    CHECK(report == HandoverReport{{NotOut, NotOut, Out}, {kOne}, {}});
  }
  SECTION("empty") {
    const HandoverReport report = must(machine.start(goods_of(1, 6, 1)));
    CHECK(report == HandoverReport{{Out, Out, Out, Out, Out, NotOut, Out}, {}, {kOne}});
  }
  CHECK(machine.cabinet.fallen(kOther) == 1);
}

TEST_CASE("what was refused before any motor moved is told as it is", "[fulfilment][vending]") {
  Machine machine;
  SECTION("door open") {
    machine.cabinet.open_door();
    CHECK(failed_with(machine.start(goods_of(1, 1, 1)), ErrorCode::FailedPrecondition));
  }
  SECTION("no such slot") {
    Handover elsewhere = goods_of(1, 1, 0);
    elsewhere.slots.front() = SlotId(99);
    CHECK(failed_with(machine.start(elsewhere), ErrorCode::NotFound));
  }
  SECTION("not connected") {
    machine.cabinet.unplug();
    CHECK(failed_with(machine.start(goods_of(1, 1, 1)), ErrorCode::Unavailable));
  }
  CHECK(machine.cabinet.motor_starts() == 0);
  CHECK(machine.fulfilment->intend(goods_of(2, 1, 1)).has_value());
}

TEST_CASE("when the door opens between two units, the rest stays inside", "[fulfilment][vending]") {
  Machine machine;
  machine.fulfilment->watch([&](std::size_t /*out*/) { machine.cabinet.open_door(); });

  CHECK(must(machine.start(goods_of(1, 2, 1))).units == std::vector{Out, NotOut, NotOut});

  CHECK(machine.cabinet.motor_starts() == 1);
}

TEST_CASE("a cabinet that stops answering moves nothing more, and is asked later", "[fulfilment][vending]") {
  Machine machine;
  machine.fulfilment->watch([&](std::size_t /*out*/) { machine.cabinet.stop_answering(); });

  CHECK(must(machine.start(goods_of(1, 2, 1))).units == std::vector{Out, Unknown, NotOut});
  CHECK(failed_with(machine.inspect(goods_of(1, 2, 1)), ErrorCode::Unavailable));
  machine.cabinet.answer_again();

  CHECK(must(machine.inspect(goods_of(1, 2, 1))).units == std::vector{Out, Out, NotOut});
  CHECK(machine.cabinet.motor_starts() == 2);
}

TEST_CASE("a hand-over that was begun before is asked about, and nothing falls twice", "[fulfilment][vending]") {
  Machine machine;
  REQUIRE(machine.start(goods_of(1, 1, 1)));

  CHECK(must(machine.start(goods_of(1, 1, 1))).units == std::vector{Unknown, Unknown});
  CHECK(must(machine.inspect(goods_of(1, 1, 1))).units == std::vector{Out, Out});
  CHECK(failed_with(machine.inspect(goods_of(2, 1, 1)), ErrorCode::NotFound));
  CHECK(machine.cabinet.motor_starts() == 2);
}

TEST_CASE("a program that stops while a motor turns hears nothing, and the next one asks", "[fulfilment][vending]") {
  Machine machine;
  REQUIRE(machine.fulfilment->start(goods_of(1, 1, 1), {},
                                    [](const Result<HandoverReport>&) { FAIL_CHECK("the program is gone"); }));
  machine.world.advance(1s);
  machine.fulfilment = std::make_unique<DispenserFulfilment>(machine.cabinet, true);

  CHECK(failed_with(machine.inspect(goods_of(1, 1, 1)), ErrorCode::FailedPrecondition));  // it still turns
  machine.world.advance(2s);
  CHECK(must(machine.inspect(goods_of(1, 1, 1))).units == std::vector{Out, NotOut});
  CHECK(machine.cabinet.fallen() == 1);
}

TEST_CASE("a cabinet without a memory is not asked", "[fulfilment][vending]") {
  Machine machine(false);
  CHECK(machine.fulfilment->recovery() == core::Recovery::Settle);
  CHECK(failed_with(machine.inspect(goods_of(1, 1, 0)), ErrorCode::Unsupported));
  CHECK(Machine().fulfilment->recovery() == core::Recovery::Inspect);
}

TEST_CASE("one hand-over at a time, of what it remembers, out of slots", "[fulfilment][vending][limits]") {
  Machine machine;
  constexpr auto kMost = static_cast<std::int64_t>(kDispensedUnitsMax);
  CHECK(must(machine.fulfilment->intend(goods_of(1, kMost, 0))) == Intention::Start);
  CHECK(failed_with(machine.fulfilment->intend(goods_of(1, kMost, 1)), ErrorCode::Exhausted));
  Handover nowhere = goods_of(1, 1, 0);
  nowhere.slots.clear();
  CHECK(failed_with(machine.fulfilment->intend(nowhere), ErrorCode::NotFound));
  REQUIRE(machine.fulfilment->start(goods_of(1, 1, 0), {}, machine.heard()));
  CHECK(failed_with(machine.fulfilment->intend(goods_of(2, 1, 0)), ErrorCode::FailedPrecondition));
  CHECK(failed_with(machine.fulfilment->start(goods_of(2, 1, 0), {}, machine.heard()), ErrorCode::FailedPrecondition));
  CHECK(failed_with(machine.fulfilment->inspect(goods_of(1, 1, 0), machine.heard()), ErrorCode::FailedPrecondition));
  machine.world.advance(5s);
  CHECK(machine.last.has_value());
}

TEST_CASE("no two units have the same vend", "[fulfilment][vending]") {
  journal::JournalId journal;
  std::set<hal::VendId> seen;
  for (const std::byte mark : {std::byte{0x00}, std::byte{0x10}, std::byte{0xFF}}) {
    journal.bytes.fill(mark);
    for (std::int64_t sale = 1; sale <= 300; ++sale) {
      for (std::size_t unit = 1; unit <= kDispensedUnitsMax; ++unit)
        seen.insert(vend_id(handover_id(journal, journal::SaleId(sale)), unit));
    }
  }
  CHECK(seen.size() == 3 * 300 * kDispensedUnitsMax);
}

}  // namespace
}  // namespace tillkit::fulfilment
