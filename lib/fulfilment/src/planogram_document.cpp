// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/planogram_document.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "tillkit/core/json_members.hpp"
#include "tillkit/fulfilment/limits.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::JsonDocument;
using core::JsonValue;
using core::Result;
using offers::DocumentMistake;

constexpr std::size_t kFoundBytesMax = 40;

/// What stands there, short.
std::string short_text(const JsonValue& value) {
  if (const auto text = value.text()) return '"' + std::string(text->substr(0, kFoundBytesMax)) + '"';
  if (const auto number = value.number_text()) return std::string(number->substr(0, kFoundBytesMax));
  switch (value.kind()) {
    case core::JsonKind::Object: return "an object";
    case core::JsonKind::Array: return "a list";
    case core::JsonKind::Null: return "null";
    default: return "true or false";
  }
}

class Reader {
 public:
  Reader(const JsonDocument& document, DocumentMistake& mistake) : document_(document), mistake_(mistake) {}

  [[nodiscard]] std::unexpected<core::Error> wrong(const JsonValue& at, std::string expected,
                                                   ErrorCode code = ErrorCode::InvalidArgument) {
    const auto error = at.mistake(code);
    mistake_ = {.path = document_.path_of(error.error()).value_or(""),
                .expected = std::move(expected),
                .found = short_text(at)};
    return error;
  }

  [[nodiscard]] Result<> only(const JsonValue& object, std::initializer_list<std::string_view> names,
                              std::string_view what) {
    const auto members = object.members();
    if (!members) return wrong(object, std::string(what));
    for (const auto [name, value] : *members) {
      if (std::ranges::find(names, name) == names.end())
        return wrong(value, "no member of this name: it means nothing");
    }
    return {};
  }

  [[nodiscard]] Result<std::int64_t> number(const JsonValue& value, std::int64_t min, std::int64_t max) {
    const auto number = value.integer_in(min, max);
    if (!number) {
      return wrong(value, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return *number;
  }

  [[nodiscard]] Result<SlotChange> slot(const JsonValue& value) {
    const auto number_of_slot = value.find("slot");
    if (!number_of_slot) return wrong(value, "a 'slot': its number");
    SlotChange change;
    TILLKIT_TRY(const auto number_there, number(*number_of_slot, 1, std::numeric_limits<std::uint16_t>::max()));
    change.slot = hal::SlotId(static_cast<std::uint16_t>(number_there));
    if (const auto item = value.find("item")) {
      const auto text = item->text();
      const auto name = text ? core::parse_optional_id<offers::Name>(*text) : std::unexpected(text.error());
      if (!name) return wrong(*item, "the id of an item, or \"\" for none");
      change.item = *name;
    }
    TILLKIT_TRY(change.capacity, products(value, "capacity"));
    TILLKIT_TRY(change.stock, products(value, "stock"));
    const bool too_full = change.stock && change.capacity && *change.stock > *change.capacity;
    if (too_full) return wrong(*value.find("stock"), "at most the capacity");
    if (const auto mdb = value.find("mdb")) {
      TILLKIT_TRY(const auto selection, number(*mdb, 0, kMdbItemUnknown.value() - 1));
      change.mdb = MdbItem(static_cast<std::uint16_t>(selection));
    }
    return change;
  }

  [[nodiscard]] Result<bool> flag(const JsonValue& value) {
    const auto flag = value.boolean();
    if (!flag) return wrong(value, "true or false");
    return *flag;
  }

 private:
  [[nodiscard]] Result<std::optional<std::uint32_t>> products(const JsonValue& value, std::string_view name) {
    const auto member = value.find(name);
    if (!member) return std::optional<std::uint32_t>{};
    TILLKIT_TRY(const auto count, number(*member, 0, kSlotCapacityMax));
    return std::optional(static_cast<std::uint32_t>(count));
  }

  const JsonDocument& document_;
  DocumentMistake& mistake_;
};

}  // namespace

Result<std::vector<SlotChange>> read_planogram(const JsonDocument& document, const JsonValue& planogram,
                                               DocumentMistake& mistake) {
  Reader reader(document, mistake);
  TILLKIT_TRY_VOID(reader.only(planogram, {"slots"}, "a planogram: an object with 'slots'"));
  const auto list = planogram.find("slots");
  if (!list) return reader.wrong(planogram, "a planogram: an object with 'slots'");
  const auto elements = list->elements();
  if (!elements) return reader.wrong(*list, "a list of slots");
  std::vector<SlotChange> slots;
  for (const JsonValue value : *elements) {
    if (slots.size() == kSlotsMax) {
      return reader.wrong(value, "at most " + std::to_string(kSlotsMax) + " slots", ErrorCode::Exhausted);
    }
    TILLKIT_TRY_VOID(reader.only(value, {"slot", "item", "capacity", "stock", "mdb"}, "a slot: an object"));
    TILLKIT_TRY(const SlotChange slot, reader.slot(value));
    const auto same = [&](const SlotChange& other) {
      return other.slot == slot.slot || (slot.mdb && other.mdb == slot.mdb);
    };
    if (const auto twice = std::ranges::find_if(slots, same); twice != slots.end()) {
      const bool same_slot = twice->slot == slot.slot;
      return reader.wrong(*value.find(same_slot ? "slot" : "mdb"), "a number that no slot before it has");
    }
    if (!slot.item) return reader.wrong(value, "an 'item': what lies there");
    if (!slot.capacity) return reader.wrong(value, "a 'capacity': how many it holds");
    slots.push_back(slot);
  }
  return slots;
}

Result<std::vector<SlotChange>> read_planogram(std::string_view json, DocumentMistake& mistake) {
  const core::JsonLimits limits{.bytes_max = kPlanogramBytesMax};
  const auto document = JsonDocument::parse(json, limits);
  if (!document) {
    mistake = {};
    mistake.expected = "JSON of at most " + std::to_string(kPlanogramBytesMax) +
                       " bytes (UTF-8, no comments, no comma after the last value, no name twice in an object)";
    if (json.size() <= kPlanogramBytesMax)
      mistake.found = "a mistake at byte " + std::to_string(document.error().foreign);
    return std::unexpected(document.error());
  }
  return read_planogram(*document, document->root(), mistake);
}

Result<SlotChange> read_slot_change(const JsonDocument& document, const JsonValue& value, DocumentMistake& mistake) {
  Reader reader(document, mistake);
  TILLKIT_TRY_VOID(reader.only(value, {"slot", "item", "capacity", "stock", "mdb", "blocked", "refill"},
                               "what is changed of a slot: an object"));
  TILLKIT_TRY(SlotChange change, reader.slot(value));
  if (const auto blocked = value.find("blocked")) {
    TILLKIT_TRY(change.blocked, reader.flag(*blocked));
  }
  if (const auto refill = value.find("refill")) {
    TILLKIT_TRY(change.refill, reader.flag(*refill));
  }
  return change;
}

Slot changed(const std::optional<Slot>& before, const SlotChange& change) {
  Slot slot = before.value_or(Slot{.slot = change.slot});
  if (change.item && *change.item != slot.item) {
    slot.item = *change.item;
    slot.stock = 0;
    slot.block = SlotBlock::None;
  }
  slot.capacity = change.capacity.value_or(slot.capacity);
  slot.stock = change.stock.value_or(std::min(slot.stock, slot.capacity));
  if (change.refill) slot.stock = slot.item.empty() ? 0 : slot.capacity;
  if (change.mdb) slot.mdb = change.mdb;
  if (change.blocked) slot.block = *change.blocked ? SlotBlock::Technician : SlotBlock::None;
  return slot;
}

std::vector<Slot> changed(std::span<const Slot> before, std::span<const SlotChange> planogram) {
  std::vector<Slot> slots;
  for (const SlotChange& change : planogram) {
    const auto known = std::ranges::find(before, change.slot, &Slot::slot);
    slots.push_back(changed(known == before.end() ? std::nullopt : std::optional(*known), change));
    // The file says all of it: a selection that it does not name is none.
    slots.back().mdb = change.mdb;
  }
  return slots;
}

}  // namespace tillkit::fulfilment
