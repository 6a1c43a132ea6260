// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/sync/sync.hpp"
#include "tillkit/terminal/technician.hpp"

namespace tillkit::terminal {

/// What commands work with.
struct Tools {
  journal::Journal& journal;
  const hal::Clock& clock;
  checkout::Checkout* checkout;              ///< null: nothing can be sold or decided here
  sync::Sync* sync;                          ///< null: nothing is uploaded from here
  const checkout::Permissions* permissions;  ///< null: nobody may decide about uploading, and slots
  const journal::Tables* copies;             ///< what the cloud sent; null: it is not kept, or not looked at here
  ReceiptPrinter* printer;                   ///< null: none is fitted, or nothing is sold here
};

/// One thing that a technician can ask for. `request` has the members of `members`, any of them or none.
struct Command {
  std::string_view name;
  std::span<const std::string_view> members;
  std::unique_ptr<Answer> (*begin)(const Tools& tools, const core::JsonValue& request);
};

/// An answer whose lines are few and known.
[[nodiscard]] std::unique_ptr<Answer> lines(std::string text);
/// The answer to a member that is not what it should be: `'from' is the number of a record, from 1 on`.
[[nodiscard]] std::unique_ptr<Answer> bad_member(std::string_view name, std::string_view expected);

/// Adds a finished line. What cannot be written as JSON is left out: only numbers and our own words are written.
void add_line(std::string& piece, core::JsonWriter& json);
/// `{"done":"journal.verify",`
void begin_done(core::JsonWriter& json, std::string_view command);
/// Which journal it is, and how it is.
void write_journal(core::JsonWriter& json, const journal::Journal& journal);
using core::write_money;
/// `"wall_ms":..,"quality":..`, as an exported record has it.
void write_when(core::JsonWriter& json, const core::WallReading& when);
/// How long ago it was, in seconds; nothing where nobody knows.
void write_age(core::JsonWriter& json, std::string_view name, const core::WallReading& then, const hal::Clock& clock);

/// Reads a whole number from 1 to `max`, where it is there. False: it is there and is none.
template <class Take>
bool read_number(const core::JsonValue& request, std::string_view name, std::int64_t max, const Take& take) {
  const auto member = request.find(name);
  if (!member) return true;
  const auto number = member->integer_in(1, max);
  if (number) take(*number);
  return number.has_value();
}

[[nodiscard]] std::unique_ptr<Answer> begin_try_again(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_verify(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_show(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_export(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_sales(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_outbox(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_sync_status(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_sync_now(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_sync_resume(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_reprint(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_planogram_show(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_planogram_set(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_resolve(const Tools& tools, const core::JsonValue& request);

}  // namespace tillkit::terminal
