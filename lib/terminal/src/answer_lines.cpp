// SPDX-License-Identifier: Apache-2.0
// What the lines of several answers have in common.
#include <chrono>

#include "commands.hpp"
#include "tillkit/payment/steps.hpp"

namespace tillkit::terminal {
namespace {

std::string_view word_of(journal::State state) {
  switch (state) {
    case journal::State::Running: return "running";
    case journal::State::Safe: return "safe";
    case journal::State::Failed: return "failed";
  }
  return "unknown";
}

}  // namespace

std::unique_ptr<Answer> bad_member(std::string_view name, std::string_view expected) {
  return problem(core::ErrorCode::InvalidArgument, "'" + std::string(name) + "' is " + std::string(expected));
}

void add_line(std::string& piece, core::JsonWriter& json) {
  if (const auto line = json.end_object().finish()) piece += *line + '\n';
}

void begin_done(core::JsonWriter& json, std::string_view command) {
  json.begin_object().name("done").text(command);
}

void write_journal(core::JsonWriter& json, const journal::Journal& journal) {
  json.name("journal").text(journal::to_string(journal.id())).name("first").integer(journal.first_seq().value());
  json.name("last").integer(journal.last_seq().value());
  json.name("acknowledged").integer(journal.acknowledged().value());
  json.name("state").text(word_of(journal.state())).name("safe_reason").text(to_string(journal.safe_reason()));
}

void write_when(core::JsonWriter& json, const core::WallReading& when) {
  json.name("wall_ms").integer(when.at.time_since_epoch().count()).name("quality").text(to_string(when.quality));
}

void write_age(core::JsonWriter& json, std::string_view name, const core::WallReading& then, const hal::Clock& clock) {
  const auto moment = payment::moment_of(then, clock);
  if (!moment) return;
  json.name(name).integer(std::chrono::floor<std::chrono::seconds>(clock.monotonic() - *moment).count());
}

}  // namespace tillkit::terminal
