// SPDX-License-Identifier: Apache-2.0
// What lies in which slot of a machine: shown, and changed by a technician.
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/planogram_document.hpp"
#include "tillkit/terminal/slot_setting.hpp"

namespace tillkit::terminal {
namespace {

using core::ErrorCode;
using fulfilment::Slot;

constexpr std::string_view kUnchanged = "; nothing was changed";

std::unexpected<Objection> object(ErrorCode code, std::string what) {
  return std::unexpected(Objection{code, std::move(what)});
}

std::expected<journal::Operator, Objection> read_by(const core::JsonValue& request) {
  const auto member = request.find("by");
  const auto by = journal::Operator::parse(member ? member->text().value_or("") : std::string_view());
  if (!by || *by == journal::kUnattended) {
    return object(ErrorCode::InvalidArgument, "'by' is the name of whoever changes it: 1 to 32 letters or digits");
  }
  return *by;
}

std::unexpected<Objection> object_to(const offers::DocumentMistake& mistake, ErrorCode code) {
  return object(code, to_string(mistake) + std::string(kUnchanged));
}

/// All slots, as a file says it.
std::expected<std::vector<Slot>, Objection> read_all(const std::vector<Slot>& before,
                                                     const core::JsonDocument& document,
                                                     const core::JsonValue& planogram) {
  offers::DocumentMistake mistake;
  const auto slots = fulfilment::read_planogram(document, planogram, mistake);
  if (!slots) return object_to(mistake, slots.error().code);
  return fulfilment::changed(before, *slots);
}

/// One slot; or, where only a refill is asked for and none is named, every one.
std::expected<std::vector<Slot>, Objection> read_one(const std::vector<Slot>& before,
                                                     const core::JsonDocument& document,
                                                     const core::JsonValue& change) {
  if (change.size() == 1 && change.find("refill")) {
    std::vector<Slot> full;
    full.reserve(before.size());
    for (const Slot& slot : before)
      full.push_back(fulfilment::changed(slot, {.slot = slot.slot, .refill = true}));
    return full;
  }
  offers::DocumentMistake mistake;
  const auto read = fulfilment::read_slot_change(document, change, mistake);
  if (!read) return object_to(mistake, read.error().code);
  const auto known = std::ranges::find(before, read->slot, &Slot::slot);
  // What is only blocked or filled must be there; what is said to lie somewhere makes the slot.
  if (known == before.end() && !read->item) {
    return object(ErrorCode::NotFound, "there is no slot " + std::to_string(read->slot.value()) +
                                           "; say what lies there with 'item' and 'capacity'" +
                                           std::string(kUnchanged));
  }
  return std::vector{fulfilment::changed(known == before.end() ? std::nullopt : std::optional(*known), *read)};
}

std::string words_of(const core::Error& error, const journal::Journal& journal) {
  std::string words = "the journal does not take it now";
  if (error.code == ErrorCode::InvalidArgument) {
    words = "a slot cannot be so: more stock than capacity, stock of nothing, or a selection of the bus twice";
  } else if (error.code == ErrorCode::Exhausted) {
    words = journal.state() == journal::State::Running ? "there are more slots than a machine has, or no room to store"
                                                       : "there is no room to store it";
  }
  return words + std::string(kUnchanged);
}

std::string_view word_of(const Slot& slot) {
  return to_string(slot.block);
}

}  // namespace

std::expected<SlotSetting, Objection> read_slot_setting(const journal::Tables& tables, std::string_view request) {
  const auto document = core::JsonDocument::parse(request);
  if (!document) return object(ErrorCode::InvalidArgument, "a request is a JSON object in one line");
  const core::JsonValue root = document->root();
  const auto by = read_by(root);
  if (!by) return std::unexpected(by.error());
  const auto before = fulfilment::slots(tables);
  if (!before) {
    return object(before.error().code, "the tables cannot be read: 'journal.verify' says what is damaged");
  }
  const auto planogram = root.find("planogram");
  const auto change = root.find("change");
  if (planogram.has_value() == change.has_value()) {
    return object(ErrorCode::InvalidArgument,
                  "'planogram' is all slots, 'change' is one: exactly one of them is given");
  }
  auto slots = planogram ? read_all(*before, *document, *planogram) : read_one(*before, *document, *change);
  if (!slots) return std::unexpected(slots.error());
  return SlotSetting{.slots = *std::move(slots), .all = planogram.has_value(), .by = *by};
}

std::unique_ptr<Answer> begin_planogram_show(const Tools& tools, const core::JsonValue& /*request*/) {
  const auto slots = fulfilment::slots(tools.journal.tables());
  if (!slots) return problem(slots.error().code, "the tables cannot be read: 'journal.verify' says what is damaged");
  std::string text;
  for (const Slot& slot : *slots) {
    core::JsonWriter json;
    json.begin_object().name("slot").integer(slot.slot.value()).name("item").text(slot.item.view());
    json.name("capacity").integer(slot.capacity).name("stock").integer(slot.stock).name("block").text(word_of(slot));
    if (slot.mdb) json.name("mdb").integer(slot.mdb->value());
    add_line(text, json);
  }
  core::JsonWriter json;
  begin_done(json, "planogram.show");
  json.name("slots").integer(slots->size());
  write_journal(json, tools.journal);
  add_line(text, json);
  return lines(std::move(text));
}

std::unique_ptr<Answer> begin_planogram_set(const Tools& tools, const core::JsonValue& request) {
  // The request's mistakes are named by their paths in it.
  core::JsonWriter copy;
  copy.value(request);
  const auto line = copy.finish();
  if (!line) return problem(ErrorCode::InvalidArgument, "a request is a JSON object in one line");
  const auto setting = read_slot_setting(tools.journal.tables(), *line);
  if (!setting) return problem(setting.error().code, setting.error().what);
  const bool may = tools.permissions != nullptr &&
                   tools.permissions->is_permitted(setting->by, checkout::Action::Slots, core::Money{});
  if (!may) {
    return problem(ErrorCode::PermissionDenied, "'" + std::string(setting->by.view()) +
                                                    "' may not say what lies in the slots" + std::string(kUnchanged));
  }
  const auto done = tools.journal.commit(
      [&](journal::Tx& tx) { return fulfilment::set_slots(tx, setting->slots, setting->all, setting->by); });
  if (!done) return problem(done.error().code, words_of(done.error(), tools.journal));
  std::string text;
  core::JsonWriter json;
  begin_done(json, "planogram.set");
  json.name("slots")
      .integer(setting->slots.size())
      .name("all")
      .boolean(setting->all)
      .name("by")
      .text(setting->by.view());
  write_journal(json, tools.journal);
  add_line(text, json);
  return lines(std::move(text));
}

}  // namespace tillkit::terminal
