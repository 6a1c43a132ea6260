// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ask_till.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "journal_view.hpp"
#include "till_view.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;

constexpr std::string_view kCommand = "journal";

struct Verb {
  std::string_view name;
  std::string_view command;  ///< of the technician's interface
  Stopped stopped;
};

constexpr std::array kVerbs{
    Verb{"verify", "journal.verify", Stopped::Look},
    Verb{"show", "journal.show", Stopped::Look},
    Verb{"export", "journal.export", Stopped::Export},
    Verb{"try-again", "journal.try_again", Stopped::TryAgain},
};

struct JournalRequest {
  std::string_view verb;
  Question question{.command = kCommand, .data = {}, .line = {}};
  bool json = false;
};

/// Reads one option of `show` into the request. Else the exit status.
std::optional<int> read_filter(std::string_view option, std::string_view value, core::JsonWriter& json) {
  const std::string_view name = option.substr(2);
  if (name == "kind") {
    json.name(name).text(value);
    return std::nullopt;
  }
  const auto number = read_positive(value);
  if (!number)
    return usage_error(kCommand, "expected a number from 1 on behind " + std::string(option) + ", not", value);
  json.name(name).integer(*number);
  return std::nullopt;
}

/// Reads the command line; else the exit status.
std::optional<int> read_arguments(Arguments arguments, JournalRequest& request) {
  if (arguments.empty()) return usage_error(kCommand, "missing:", "verify, show, export or try-again");
  request.verb = arguments.front();
  const auto* const verb = std::ranges::find(kVerbs, request.verb, &Verb::name);
  if (verb == kVerbs.end()) {
    return usage_error(kCommand, "expected verify, show, export or try-again, not", request.verb);
  }
  request.question.stopped = verb->stopped;
  core::JsonWriter json;
  json.begin_object().name("command").text(verb->command);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    const bool filter = request.verb == "show" && (option == "--from" || option == "--to" || option == "--sale" ||
                                                   option == "--kind" || option == "--limit");
    if (option == "--json") {
      request.json = true;
      continue;
    }
    if (option != "--data" && !filter) return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (option == "--data") {
      request.question.data.path = arguments[i];
    } else if (const auto status = read_filter(option, arguments[i], json)) {
      return status;
    }
  }
  if (request.question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  auto line = json.end_object().finish();
  if (!line) return usage_error(kCommand, "an option is given twice, or is no text:", request.verb);
  request.question.line = *std::move(line);
  return std::nullopt;
}

int run_export(const JournalRequest& request) {
  std::string last;
  std::string where;
  const auto status = ask_till(
      request.question,
      [&](std::string_view line) {
        last = line;
        return put_line(line);
      },
      where);
  if (status) return *status;
  if (std::fflush(stdout) != 0) return failed(kCommand, "the output cannot be written");
  if (!request.json) std::fprintf(stderr, "%s\n", export_summary(last).c_str());
  return kDone;
}

}  // namespace

int run_journal(Arguments arguments) {
  JournalRequest request;
  if (const auto status = read_arguments(arguments, request)) return *status;
  if (request.verb == "export") return run_export(request);
  if (request.verb == "try-again") {
    TriedAgainView view;
    return show_answer(request.question, request.json, view);
  }
  JournalView view;
  const int status = show_answer(request.question, request.json, view);
  return status == kDone && request.verb == "verify" && !view.sound() ? kFailed : status;
}

}  // namespace tillctl
