// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ask_till.hpp"
#include "commands.hpp"
#include "till_view.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

constexpr std::string_view kCommand = "sales";

/// Reads one option into the request. Else the exit status.
std::optional<int> read_option(std::string_view option, std::string_view value, Question& question,
                               tillkit::core::JsonWriter& json) {
  if (option == "--data") {
    question.data.path = value;
    return std::nullopt;
  }
  const std::string_view name = option.substr(2);
  if (name == "state") {
    json.name(name).text(value);
    return std::nullopt;
  }
  const auto number = read_positive(value);
  if (!number)
    return usage_error(kCommand, "expected a number from 1 on behind " + std::string(option) + ", not", value);
  json.name(name).integer(*number);
  return std::nullopt;
}

}  // namespace

int run_sales(Arguments arguments) {
  Question question{.command = kCommand, .data = {}, .line = {}};
  bool as_json = false;
  tillkit::core::JsonWriter json;
  json.begin_object().name("command").text("sales");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") {
      as_json = true;
      continue;
    }
    const bool known =
        option == "--data" || option == "--from" || option == "--to" || option == "--state" || option == "--limit";
    if (!known) return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (const auto status = read_option(option, arguments[i], question, json)) return *status;
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  auto line = json.end_object().finish();
  if (!line) return usage_error(kCommand, "an option is given twice, or is no text:", kCommand);
  question.line = *std::move(line);
  SalesView view;
  return show_answer(question, as_json, view);
}

}  // namespace tillctl
