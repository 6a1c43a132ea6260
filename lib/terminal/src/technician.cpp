// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/technician.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "commands.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::terminal {
namespace {

constexpr std::array<std::string_view, 5> kShowMembers{"from", "to", "sale", "kind", "limit"};

constexpr std::array<std::string_view, 4> kSalesMembers{"from", "to", "state", "limit"};
constexpr std::array<std::string_view, 4> kResolveMembers{"order", "decision", "by", "reason"};

constexpr std::array<std::string_view, 1> kResumeMembers{"by"};
constexpr std::array<std::string_view, 2> kReprintMembers{"sale", "by"};
constexpr std::array<std::string_view, 3> kSlotMembers{"planogram", "change", "by"};

constexpr std::array kCommands{
    Command{"attempt.resolve", kResolveMembers, &begin_resolve},
    Command{"journal.export", {}, &begin_export},
    Command{"journal.show", kShowMembers, &begin_show},
    Command{"journal.try_again", {}, &begin_try_again},
    Command{"journal.verify", {}, &begin_verify},
    Command{"outbox", {}, &begin_outbox},
    Command{"planogram.set", kSlotMembers, &begin_planogram_set},
    Command{"planogram.show", {}, &begin_planogram_show},
    Command{"receipt.reprint", kReprintMembers, &begin_reprint},
    Command{"sales", kSalesMembers, &begin_sales},
    Command{"sync.now", {}, &begin_sync_now},
    Command{"sync.resume", kResumeMembers, &begin_sync_resume},
    Command{"sync.status", {}, &begin_sync_status},
};

class Lines final : public Answer {
 public:
  explicit Lines(std::string text) : text_(std::move(text)) {}

 private:
  bool do_next(std::string& piece) override {
    piece = std::exchange(text_, {});
    return false;
  }

  std::string text_;
};

std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

std::string list_of(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::unique_ptr<Answer> no_command(std::string_view name) {
  std::string what = "there is no command " + quoted(name) + "; there are ";
  for (const Command& command : kCommands)
    what += (&command == kCommands.data() ? "" : ", ") + std::string(command.name);
  return problem(core::ErrorCode::NotFound, what);
}

/// The first member that a command does not take; empty: there is none.
std::string_view unknown_member(const core::JsonMembers& members, const Command& command) {
  for (const auto [name, value] : members) {
    if (name != "command" && std::ranges::find(command.members, name) == command.members.end()) return name;
  }
  return {};
}

}  // namespace

std::unique_ptr<Answer> lines(std::string text) {
  return std::make_unique<Lines>(std::move(text));
}

std::unique_ptr<Answer> problem(core::ErrorCode code, std::string_view what) {
  core::JsonWriter json;
  auto line = json.begin_object().name("error").text(to_string(code)).name("what").text(what).end_object().finish();
  if (!line) line = R"({"error":"invalid_argument","what":"the request is not understood"})";
  return lines(*std::move(line) + "\n");
}

std::unique_ptr<Answer> Technician::answer(std::string_view line) {
  const auto document = core::JsonDocument::parse(line);
  if (!document) {
    return problem(core::ErrorCode::InvalidArgument, "a request is a JSON object in one line; this is none from byte " +
                                                         std::to_string(document.error().foreign));
  }
  const core::JsonValue request = document->root();
  const auto members = request.members();
  if (!members) return problem(core::ErrorCode::InvalidArgument, "a request is a JSON object");
  const auto name = request.find("command");
  const auto text = name ? name->text() : core::Result<std::string_view>(core::fail(core::ErrorCode::NotFound));
  if (!text) return problem(core::ErrorCode::InvalidArgument, "a request needs a text 'command'");

  const auto* const command = std::ranges::find(kCommands, *text, &Command::name);
  if (command == kCommands.end()) return no_command(*text);
  if (const std::string_view unknown = unknown_member(*members, *command); !unknown.empty()) {
    return problem(core::ErrorCode::InvalidArgument,
                   quoted(command->name) + " does not know " + quoted(unknown) +
                       (command->members.empty() ? "; it takes nothing" : "; it takes " + list_of(command->members)));
  }
  return command->begin({journal_, clock_, checkout_, sync_, permissions_, copies_, printer_}, request);
}

}  // namespace tillkit::terminal
