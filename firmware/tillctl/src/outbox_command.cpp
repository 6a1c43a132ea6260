// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "ask_till.hpp"
#include "commands.hpp"
#include "till_view.hpp"

namespace tillctl {
namespace {

constexpr std::string_view kCommand = "outbox";

}  // namespace

int run_outbox(Arguments arguments) {
  Question question{.command = kCommand, .data = {}, .line = R"({"command":"outbox"})"};
  bool as_json = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--json") {
      as_json = true;
      continue;
    }
    if (arguments[i] != "--data") return usage_error(kCommand, "unknown argument", arguments[i]);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", "--data");
    question.data.path = arguments[i];
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  OutboxView view;
  return show_answer(question, as_json, view);
}

}  // namespace tillctl
