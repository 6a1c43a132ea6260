// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string_view>

#include "ask_till.hpp"
#include "commands.hpp"
#include "till_view.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

constexpr std::string_view kCommand = "reprint";

}  // namespace

int run_reprint(Arguments arguments) {
  if (arguments.empty()) return usage_error(kCommand, "missing:", "SALE");
  const auto sale = read_positive(arguments.front());
  if (!sale) return usage_error(kCommand, "this is not the number of a sale:", arguments.front());
  Question question{.command = kCommand, .data = {}, .line = {}, .stopped = Stopped::Refuse};
  bool as_json = false;
  std::string_view by;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") {
      as_json = true;
      continue;
    }
    if (option != "--data" && option != "--by") return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (option == "--by") {
      by = arguments[i];
    } else {
      question.data.path = arguments[i];
    }
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  if (by.empty()) return usage_error(kCommand, "missing:", "--by WHO");
  tillkit::core::JsonWriter json;
  json.begin_object().name("command").text("receipt.reprint").name("sale").integer(*sale).name("by").text(by);
  auto line = json.end_object().finish();
  if (!line) return usage_error(kCommand, "this is no text:", by);
  question.line = *std::move(line);
  ReprintView view;
  return show_answer(question, as_json, view);
}

}  // namespace tillctl
