// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/vend_book.hpp"

#include "till.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/fulfilment/records.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::must;
using journal::SaleId;
using journal::Tx;
using offers::LineId;
using enum UnitOutcome;

constexpr SaleId kSale{9};

/// Three units out of two slots.
Handover three() {
  return {.id = HandoverId(77),
          .goods = {{LineId(1), 1, 2}, {LineId(1), 3, 1}},
          .slots = {hal::SlotId(11), hal::SlotId(12)},
          .paid = {1'050, core::kCny}};
}

TEST_CASE("an open hand-over is found as it was intended, also after a restart", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.commit([](Tx& tx) { return intend_vend(tx, kSale, three()); }));

  CHECK(must(find_vend(till.tables(), kSale))->handover == three());
  REQUIRE(till.commit([](Tx& tx) { return release_vend(tx, kSale); }));
  till.restart();

  Handover released = three();
  released.released = true;
  CHECK(must(vends(till.tables())) == std::vector<Vend>{{kSale, released}});
  CHECK_FALSE(must(find_vend(till.tables(), SaleId(10))));
  till.check_rebuild();
}

TEST_CASE("the end of a vend takes what came out from its slots, in the same commit", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.set({slot_with(11, "cola", 5), slot_with(12, "cola", 5), slot_with(13, "cola", 5)}));
  REQUIRE(till.commit([](Tx& tx) { return intend_vend(tx, kSale, three()); }));
  const VendEnd end{.state = HandoverState::Settled,
                    .report = {.units = {Out, Unknown, NotOut}, .jammed = {hal::SlotId(12)}, .empty = {}},
                    .choice = UnknownGoods::Refund};

  REQUIRE(till.commit([&](Tx& tx) { return end_vend(tx, kSale, end); }));

  CHECK(must(vends(till.tables())).empty());
  CHECK(till.slot(11).stock == 3);  // what nobody saw is not promised to the next shopper
  CHECK(till.slot(12).stock == 5);
  CHECK(till.slot(12).block == SlotBlock::Jammed);
  CHECK(till.slot(13) == slot_with(13, "cola", 5));
  core::Result<VendEnd> stored = core::fail(ErrorCode::NotFound);
  REQUIRE(till.opened->each({}, [&](const journal::Record& record) -> core::Result<> {
    if (record.kind != kVendEnded) return {};
    stored = read_vend_ended(record.body);
    CHECK(record.body.find(R"("goods_unknown":1)") != std::string::npos);
    return {};
  }));
  REQUIRE(stored.has_value());
  CHECK(*stored == end);
  till.check_rebuild();
}

TEST_CASE("a slot that gave nothing counts as empty, and no stock falls below none", "[fulfilment][vending]") {
  Till till;
  REQUIRE(till.set({slot_with(11, "cola", 1), slot_with(12, "cola", 5)}));
  REQUIRE(till.commit([](Tx& tx) { return intend_vend(tx, kSale, three()); }));

  REQUIRE(till.commit([&](Tx& tx) {
    return end_vend(tx, kSale,
                    {.state = HandoverState::InPart,
                     .report = {.units = {Out, Out, NotOut}, .jammed = {}, .empty = {hal::SlotId(12)}}});
  }));

  CHECK(till.slot(11).stock == 0);
  CHECK(till.slot(12).stock == 0);
  CHECK(till.slot(12).block == SlotBlock::None);
}

TEST_CASE("what cannot be is not recorded of a hand-over", "[fulfilment][vending]") {
  Till till;
  const auto intend = [&](SaleId sale, const Handover& handover) {
    return till.commit([&](Tx& tx) { return intend_vend(tx, sale, handover); });
  };
  const auto end = [&](const VendEnd& how) { return till.commit([&](Tx& tx) { return end_vend(tx, kSale, how); }); };
  Handover half = three();
  half.slots.pop_back();
  CHECK(failed_with(intend(kSale, half), ErrorCode::InvalidArgument));
  CHECK(failed_with(intend(SaleId{}, three()), ErrorCode::InvalidArgument));
  CHECK(failed_with(intend(kSale, {.id = HandoverId(1)}), ErrorCode::InvalidArgument));
  CHECK(failed_with(till.commit([](Tx& tx) { return release_vend(tx, kSale); }), ErrorCode::FailedPrecondition));
  CHECK(failed_with(end({.report = {{Out, Out, Out}}}), ErrorCode::FailedPrecondition));
  REQUIRE(intend(kSale, three()));
  CHECK_FALSE(intend(kSale, three()));  // a sale has one
  REQUIRE(till.commit([](Tx& tx) { return release_vend(tx, kSale); }));
  CHECK(failed_with(till.commit([](Tx& tx) { return release_vend(tx, kSale); }), ErrorCode::FailedPrecondition));

  CHECK(failed_with(end({.report = {{Out, Out}}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(end({.state = HandoverState::Unknown, .report = {{Out, Out, Out}}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(end({.report = {{Out, Out, Unknown}}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(end({.report = {{Out, Out, Out}}, .choice = UnknownGoods::Refund}), ErrorCode::InvalidArgument));
  CHECK(
      failed_with(end({.state = HandoverState::Settled, .report = {{Out, Out, Unknown}}}), ErrorCode::InvalidArgument));
  CHECK(end({.report = {{Out, Out, Out}}}));
  CHECK(failed_with(end({.report = {{Out, Out, Out}}}), ErrorCode::FailedPrecondition));
}

TEST_CASE("as many units as the journal names are intended, and no more", "[fulfilment][vending][limits]") {
  Till till;
  Handover many{.id = HandoverId(1),
                .goods = {{LineId(1), 1, static_cast<std::int64_t>(kVendUnitsMax)}},
                .paid = {1, core::kCny}};
  CHECK(till.commit([&](Tx& tx) { return intend_vend(tx, kSale, many); }));
  ++many.goods.front().count;
  CHECK(failed_with(check_vend(many), ErrorCode::Exhausted));
  CHECK(failed_with(till.commit([&](Tx& tx) { return intend_vend(tx, SaleId(10), many); }), ErrorCode::Exhausted));
}

TEST_CASE("sales of two journals have different hand-overs", "[fulfilment][vending]") {
  journal::JournalId one;
  journal::JournalId other;
  other.bytes[2] = std::byte{0x10};

  CHECK(handover_id(one, SaleId(5)) != handover_id(other, SaleId(5)));
  CHECK(handover_id(one, SaleId(5)) != handover_id(one, SaleId(6)));
  CHECK(handover_id(one, SaleId(5)) == handover_id(one, SaleId(5)));
  one.bytes.fill(std::byte{0xFF});
  CHECK(handover_id(one, SaleId(5)).value() < (std::uint64_t{1} << 55U));
}

}  // namespace
}  // namespace tillkit::fulfilment
