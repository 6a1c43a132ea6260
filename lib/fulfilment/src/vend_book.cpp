// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/vend_book.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/records.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::SaleId;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;

constexpr std::string_view kFirst[] = {
    "CREATE TABLE vends(sale INTEGER PRIMARY KEY, released INTEGER NOT NULL, body TEXT NOT NULL) STRICT",
    "CREATE TABLE slots(slot INTEGER PRIMARY KEY, item TEXT NOT NULL, capacity INTEGER NOT NULL,"
    " stock INTEGER NOT NULL, block INTEGER NOT NULL, mdb INTEGER UNIQUE) STRICT"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr std::string_view kTables[] = {"vends", "slots"};

using VendColumns = std::tuple<SaleId, bool, std::string>;
using SlotColumns = std::tuple<hal::SlotId, std::string, std::uint32_t, std::uint32_t, Number, std::optional<MdbItem>>;

#define TILLKIT_SLOT_COLUMNS "slot, item, capacity, stock, block, mdb"

constexpr Statement<VendColumns()> kVends{"SELECT sale, released, body FROM vends ORDER BY sale"};
constexpr Statement<VendColumns(SaleId)> kVend{"SELECT sale, released, body FROM vends WHERE sale = ?1"};
constexpr Statement<void(SaleId, std::string_view)> kAddVend{
    "INSERT INTO vends(sale, released, body) VALUES(?1, 0, ?2)"};
constexpr Statement<void(SaleId)> kRelease{"UPDATE vends SET released = 1 WHERE sale = ?1 AND released = 0"};
constexpr Statement<void(SaleId)> kRemoveVend{"DELETE FROM vends WHERE sale = ?1"};

constexpr Statement<SlotColumns()> kSlots{"SELECT " TILLKIT_SLOT_COLUMNS " FROM slots ORDER BY slot"};
constexpr Statement<SlotColumns(hal::SlotId)> kSlot{"SELECT " TILLKIT_SLOT_COLUMNS " FROM slots WHERE slot = ?1"};
constexpr Statement<SlotColumns(MdbItem)> kSlotOfMdb{"SELECT " TILLKIT_SLOT_COLUMNS " FROM slots WHERE mdb = ?1"};
constexpr Statement<void()> kRemoveSlots{"DELETE FROM slots"};
constexpr Statement<void(hal::SlotId)> kRemoveSlot{"DELETE FROM slots WHERE slot = ?1"};
constexpr Statement<void(hal::SlotId, std::string_view, std::uint32_t, std::uint32_t, SlotBlock,
                         std::optional<MdbItem>)>
    kAddSlot{"INSERT INTO slots(" TILLKIT_SLOT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement<void(hal::SlotId)> kTakeOne{"UPDATE slots SET stock = max(stock - 1, 0) WHERE slot = ?1"};
constexpr Statement<void(hal::SlotId)> kEmpty{"UPDATE slots SET stock = 0 WHERE slot = ?1"};
constexpr Statement<void(hal::SlotId, SlotBlock)> kBlock{"UPDATE slots SET block = ?2 WHERE slot = ?1"};

constexpr Number kNumberMax = std::numeric_limits<Number>::max();

/// Slots in one record: with items of the longest kind that is 30 KB.
constexpr std::size_t kSlotsPerRecord = 200;

// --- bodies ---

Result<Number> read_between(const JsonValue& body, std::string_view name, Number min, Number max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer_in(min, max);
}

Result<hal::SlotId> slot_of(const JsonValue& value) {
  TILLKIT_TRY(const Number number, value.integer_in(1, std::numeric_limits<std::uint16_t>::max()));
  return hal::SlotId(static_cast<std::uint16_t>(number));
}

Result<Handover> read_handover(std::string_view text, bool released) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
  const JsonValue body = document.root();
  Handover handover{.released = released};
  TILLKIT_TRY(const Number id, read_between(body, "handover", 1, kNumberMax));
  handover.id = HandoverId(static_cast<std::uint64_t>(id));
  TILLKIT_TRY(handover.paid, core::read_money(body, "paid"));
  TILLKIT_TRY(const JsonValue goods, body.member("goods"));
  TILLKIT_TRY(const core::JsonElements elements, goods.elements());
  for (const JsonValue value : elements) {
    offers::UnitRange range;
    TILLKIT_TRY(const Number line, read_between(value, "line", 1, std::numeric_limits<std::uint32_t>::max()));
    range.line = offers::LineId(static_cast<std::uint32_t>(line));
    TILLKIT_TRY(range.first, read_between(value, "first", 1, kNumberMax));
    TILLKIT_TRY(range.count, read_between(value, "count", 1, static_cast<Number>(kVendUnitsMax)));
    handover.goods.push_back(range);
    const auto slot = value.find("slot");
    if (!slot) continue;
    TILLKIT_TRY(const hal::SlotId lies_in, slot_of(*slot));
    handover.slots.push_back(lies_in);
  }
  const bool some_slots = !handover.slots.empty() && handover.slots.size() != handover.goods.size();
  if (some_slots) return fail(ErrorCode::Corrupt);
  return handover;
}

Result<Vend> vend_of(const VendColumns& row) {
  const auto& [sale, released, body] = row;
  TILLKIT_TRY(Handover handover, read_handover(body, released));
  return Vend{.sale = sale, .handover = std::move(handover)};
}

Result<Slot> slot_of(const SlotColumns& row) {
  const auto& [number, item, capacity, stock, block, mdb] = row;
  if (block < 0 || block >= static_cast<Number>(kSlotBlocks)) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(const auto name, core::parse_optional_id<offers::Name>(item));
  return Slot{.slot = number,
              .item = name,
              .capacity = capacity,
              .stock = stock,
              .block = static_cast<SlotBlock>(block),
              .mdb = mdb};
}

void write_slots(JsonWriter& json, std::string_view name, const std::vector<hal::SlotId>& slots) {
  json.name(name).begin_array();
  for (const hal::SlotId slot : slots)
    json.integer(slot.value());
  json.end_array();
}

Result<> read_slots(const JsonValue& body, std::string_view name, std::vector<hal::SlotId>& slots) {
  TILLKIT_TRY(const JsonValue list, body.member(name));
  TILLKIT_TRY(const core::JsonElements elements, list.elements());
  for (const JsonValue value : elements) {
    TILLKIT_TRY(const hal::SlotId slot, slot_of(value));
    slots.push_back(slot);
  }
  return {};
}

Result<> append(Tx& tx, journal::Kind kind, SaleId sale, JsonWriter& json) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
  return {};
}

// --- apply ---

Result<> apply_intended(Tx& tx, const Record& record) {
  TILLKIT_TRY_VOID(read_handover(record.body, false));
  return one_row(tx.run(kAddVend, record.sale, record.body));
}

Result<> apply_released(Tx& tx, const Record& record) {
  return one_row(tx.run(kRelease, record.sale));
}

/// What came out is gone from its slot, and what nobody saw may be: it is not promised to the next shopper.
Result<> apply_ended(Tx& tx, const Record& record) {
  TILLKIT_TRY(const VendEnd end, read_vend_ended(record.body));
  TILLKIT_TRY(const auto vend, find_vend(tx, record.sale));
  if (!vend || units_of(vend->handover) != end.report.units.size()) return fail(ErrorCode::Corrupt);
  const Handover& handover = vend->handover;
  std::size_t at = 0;
  for (std::size_t i = 0; i < handover.goods.size(); ++i) {
    for (Number unit = 0; unit < handover.goods[i].count; ++unit, ++at) {
      const bool stays = end.report.units[at] == UnitOutcome::NotOut || handover.slots.empty();
      if (!stays) TILLKIT_TRY_VOID(any_rows(tx.run(kTakeOne, handover.slots[i])));
    }
  }
  for (const hal::SlotId slot : end.report.jammed)
    TILLKIT_TRY_VOID(any_rows(tx.run(kBlock, slot, SlotBlock::Jammed)));
  for (const hal::SlotId slot : end.report.empty)
    TILLKIT_TRY_VOID(any_rows(tx.run(kEmpty, slot)));
  return one_row(tx.run(kRemoveVend, record.sale));
}

Result<Slot> read_slot(const JsonValue& body) {
  Slot slot;
  TILLKIT_TRY(const JsonValue number, body.member("slot"));
  TILLKIT_TRY(slot.slot, slot_of(number));
  TILLKIT_TRY(slot.item, core::read_optional_id<offers::Name>(body, "item"));
  TILLKIT_TRY(const Number capacity, read_between(body, "capacity", 0, kSlotCapacityMax));
  slot.capacity = static_cast<std::uint32_t>(capacity);
  TILLKIT_TRY(const Number stock, read_between(body, "stock", 0, capacity));
  slot.stock = static_cast<std::uint32_t>(stock);
  TILLKIT_TRY(const Number block, read_between(body, "block", 0, static_cast<Number>(kSlotBlocks) - 1));
  slot.block = static_cast<SlotBlock>(block);
  TILLKIT_TRY(const Number mdb, read_between(body, "mdb", -1, kMdbItemUnknown.value() - 1));
  if (mdb >= 0) slot.mdb = MdbItem(static_cast<std::uint16_t>(mdb));
  return slot;
}

Result<> apply_slot_set(Tx& tx, const Record& record) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(record.body));
  const JsonValue body = document.root();
  TILLKIT_TRY(const bool all, core::read_boolean(body, "all"));
  if (all) TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveSlots)));
  TILLKIT_TRY(const JsonValue list, body.member("slots"));
  TILLKIT_TRY(const core::JsonElements elements, list.elements());
  // All go before any comes: two may change their places on the bus.
  std::vector<Slot> set;
  for (const JsonValue value : elements) {
    TILLKIT_TRY(const Slot slot, read_slot(value));
    TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveSlot, slot.slot)));
    set.push_back(slot);
  }
  for (const Slot& slot : set) {
    TILLKIT_TRY_VOID(
        one_row(tx.run(kAddSlot, slot.slot, slot.item.view(), slot.capacity, slot.stock, slot.block, slot.mdb)));
  }
  return {};
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record);
};

constexpr Handler kHandlers[] = {
    {kVendIntended, &apply_intended},
    {kVendReleased, &apply_released},
    {kVendEnded, &apply_ended},
    {kSlotSet, &apply_slot_set},
};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  return handler->apply(tx, record);
}

/// What the slots will be, all of them.
Result<> check_all(std::vector<Slot> kept, std::span<const Slot> set) {
  std::erase_if(kept, [&](const Slot& slot) { return std::ranges::find(set, slot.slot, &Slot::slot) != set.end(); });
  kept.insert(kept.end(), set.begin(), set.end());
  if (kept.size() > kSlotsMax) return fail(ErrorCode::Exhausted);
  std::ranges::sort(kept, {}, &Slot::slot);
  if (std::ranges::adjacent_find(kept, {}, &Slot::slot) != kept.end()) return fail(ErrorCode::InvalidArgument);
  std::erase_if(kept, [](const Slot& slot) { return !slot.mdb.has_value(); });
  std::ranges::sort(kept, {}, &Slot::mdb);
  if (std::ranges::adjacent_find(kept, {}, &Slot::mdb) != kept.end()) return fail(ErrorCode::InvalidArgument);
  return {};
}

}  // namespace

constexpr journal::TableSet kFulfilmentTables{"fulfilment", kMigrations, kTables, &apply};

// The id must leave 8 bits for the units of a hand-over, and be a number of JSON's: 20 bits of the journal's own id,
// and as many records as a terminal writes in centuries.
HandoverId handover_id(const journal::JournalId& journal, SaleId sale) {
  constexpr unsigned kSaleBits = 35;
  const auto byte = [&](std::size_t at) { return std::to_integer<std::uint64_t>(journal.bytes.at(at)); };
  const std::uint64_t mark = (byte(0) << 12U) | (byte(1) << 4U) | (byte(2) >> 4U);
  const std::uint64_t low = static_cast<std::uint64_t>(sale.value()) & ((std::uint64_t{1} << kSaleBits) - 1);
  return HandoverId((mark << kSaleBits) | low);
}

Result<std::vector<Vend>> vends(const Tables& tables) {
  std::vector<Vend> found;
  TILLKIT_TRY_VOID(tables.each(kVends, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(Vend vend, vend_of(VendColumns(std::move(columns)...)));
    found.push_back(std::move(vend));
    return {};
  }));
  return found;
}

Result<std::optional<Vend>> find_vend(const Tables& tables, SaleId sale) {
  TILLKIT_TRY(const auto row, tables.find(kVend, sale));
  if (!row) return std::optional<Vend>{};
  TILLKIT_TRY(Vend vend, vend_of(*row));
  return std::optional(std::move(vend));
}

Result<std::vector<Slot>> slots(const Tables& tables) {
  std::vector<Slot> found;
  TILLKIT_TRY_VOID(tables.each(kSlots, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(const Slot slot, slot_of(SlotColumns(std::move(columns)...)));
    found.push_back(slot);
    return {};
  }));
  return found;
}

Result<std::optional<Slot>> find_slot(const Tables& tables, hal::SlotId number) {
  TILLKIT_TRY(const auto row, tables.find(kSlot, number));
  if (!row) return std::optional<Slot>{};
  TILLKIT_TRY(const Slot slot, slot_of(*row));
  return std::optional(slot);
}

Result<std::optional<Slot>> find_mdb(const Tables& tables, MdbItem item) {
  TILLKIT_TRY(const auto row, tables.find(kSlotOfMdb, item));
  if (!row) return std::optional<Slot>{};
  TILLKIT_TRY(const Slot slot, slot_of(*row));
  return std::optional(slot);
}

Result<> check_vend(const Handover& handover) {
  return units_of(handover) > kVendUnitsMax ? fail(ErrorCode::Exhausted) : Result<>{};
}

Result<> intend_vend(Tx& tx, SaleId sale, const Handover& handover) {
  TILLKIT_TRY_VOID(check_vend(handover));
  const bool some_slots = !handover.slots.empty() && handover.slots.size() != handover.goods.size();
  if (sale == SaleId{} || handover.id == HandoverId{} || handover.goods.empty() || some_slots) {
    return fail(ErrorCode::InvalidArgument);
  }
  JsonWriter json;
  json.begin_object().name("handover").integer(static_cast<Number>(handover.id.value())).name("goods").begin_array();
  for (std::size_t i = 0; i < handover.goods.size(); ++i) {
    const offers::UnitRange& range = handover.goods[i];
    json.begin_object().name("line").integer(range.line.value()).name("first").integer(range.first);
    json.name("count").integer(range.count);
    if (!handover.slots.empty()) json.name("slot").integer(handover.slots[i].value());
    json.end_object();
  }
  json.end_array();
  core::write_money(json, "paid", handover.paid);
  return append(tx, kVendIntended, sale, json);
}

Result<> release_vend(Tx& tx, SaleId sale) {
  TILLKIT_TRY(const auto vend, find_vend(tx, sale));
  if (!vend || vend->handover.released) return fail(ErrorCode::FailedPrecondition);
  JsonWriter json;
  json.begin_object();
  return append(tx, kVendReleased, sale, json);
}

Result<> end_vend(Tx& tx, SaleId sale, const VendEnd& end) {
  TILLKIT_TRY(const auto vend, find_vend(tx, sale));
  if (!vend) return fail(ErrorCode::FailedPrecondition);
  const auto unknown = std::ranges::count(end.report.units, UnitOutcome::Unknown);
  const bool settled = end.state == HandoverState::Settled;
  const bool fits = is_final(end.state) && end.report.units.size() == units_of(vend->handover) &&
                    settled == (unknown != 0) && settled == end.choice.has_value();
  if (!fits) return fail(ErrorCode::InvalidArgument);
  JsonWriter json;
  json.begin_object().name("state").integer(static_cast<int>(end.state)).name("units").begin_array();
  for (const UnitOutcome outcome : end.report.units)
    json.integer(static_cast<int>(outcome));
  json.end_array();
  write_slots(json, "jammed", end.report.jammed);
  write_slots(json, "empty", end.report.empty);
  json.name("choice").integer(end.choice ? static_cast<int>(*end.choice) : 0).name("goods_unknown").integer(unknown);
  return append(tx, kVendEnded, sale, json);
}

Result<VendEnd> read_vend_ended(std::string_view text) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
  const JsonValue body = document.root();
  VendEnd end;
  TILLKIT_TRY(const Number state, core::read_integer(body, "state"));
  TILLKIT_TRY(end.state, core::enum_of<HandoverState>(state, kHandoverStates));
  TILLKIT_TRY(const JsonValue units, body.member("units"));
  TILLKIT_TRY(const core::JsonElements elements, units.elements());
  for (const JsonValue value : elements) {
    TILLKIT_TRY(const Number number, value.integer());
    TILLKIT_TRY(const auto outcome, core::enum_of<UnitOutcome>(number, kUnitOutcomes));
    end.report.units.push_back(outcome);
  }
  TILLKIT_TRY_VOID(read_slots(body, "jammed", end.report.jammed));
  TILLKIT_TRY_VOID(read_slots(body, "empty", end.report.empty));
  TILLKIT_TRY(const Number choice, read_between(body, "choice", 0, static_cast<Number>(UnknownGoods::ChargeStands)));
  if (choice != 0) end.choice = static_cast<UnknownGoods>(choice);
  return end;
}

Result<> set_slots(Tx& tx, std::span<const Slot> set, bool all, const journal::Operator& by) {
  for (const Slot& slot : set)
    TILLKIT_TRY_VOID(check(slot));
  TILLKIT_TRY(std::vector<Slot> before, slots(tx));
  if (all) before.clear();
  TILLKIT_TRY_VOID(check_all(std::move(before), set));
  std::size_t at = 0;
  do {
    JsonWriter json;
    json.begin_object().name("slots").begin_array();
    const auto part = set.subspan(at, std::min(kSlotsPerRecord, set.size() - at));
    for (const Slot& slot : part) {
      json.begin_object().name("slot").integer(slot.slot.value()).name("item").text(slot.item.view());
      json.name("capacity").integer(slot.capacity).name("stock").integer(slot.stock);
      json.name("block").integer(static_cast<int>(slot.block));
      json.name("mdb").integer(slot.mdb ? Number{slot.mdb->value()} : -1).end_object();
    }
    json.end_array().name("all").boolean(all && at == 0).name("by").text(by.view());
    TILLKIT_TRY_VOID(append(tx, kSlotSet, {}, json));
    at += part.size();
  } while (at < set.size());
  return {};
}

}  // namespace tillkit::fulfilment
