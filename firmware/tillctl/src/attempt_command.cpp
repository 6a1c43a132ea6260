// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "ask_till.hpp"
#include "commands.hpp"
#include "till_view.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/terminal/resolution.hpp"

namespace tillctl {
namespace {

constexpr std::string_view kCommand = "attempt";

}  // namespace

int run_attempt(Arguments arguments) {
  if (arguments.empty()) return usage_error(kCommand, "missing:", "resolve");
  if (arguments.front() != "resolve") return usage_error(kCommand, "expected resolve, not", arguments.front());
  if (arguments.size() < 3) return usage_error(kCommand, "missing:", "resolve ORDER paid|not-paid|given-back");
  const std::string_view order = arguments[1];
  const std::string_view decision = arguments[2];
  if (!tillkit::terminal::decision_of(decision)) {
    return usage_error(kCommand, "expected paid, not-paid or given-back, not", decision);
  }
  Question question{.command = kCommand, .data = {}, .line = {}, .stopped = Stopped::Resolve};
  bool as_json = false;
  tillkit::core::JsonWriter json;
  json.begin_object().name("command").text("attempt.resolve").name("order").text(order);
  json.name("decision").text(decision);
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") {
      as_json = true;
      continue;
    }
    const bool known = option == "--data" || option == "--by" || option == "--reason";
    if (!known) return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (option == "--data") {
      question.data.path = arguments[i];
    } else {
      json.name(option.substr(2)).text(arguments[i]);
    }
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  auto line = json.end_object().finish();
  if (!line) return usage_error(kCommand, "an option is given twice, or is no text:", order);
  question.line = *std::move(line);
  ResolvedView view;
  return show_answer(question, as_json, view);
}

}  // namespace tillctl
