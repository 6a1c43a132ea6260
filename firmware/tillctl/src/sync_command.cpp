// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "ask_till.hpp"
#include "commands.hpp"
#include "till_view.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

constexpr std::string_view kCommand = "sync";

}  // namespace

int run_sync(Arguments arguments) {
  Question question{.command = kCommand, .data = {}, .line = {}};
  bool as_json = false;
  bool now = false;
  bool resume = false;
  std::string_view by;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") as_json = true;
    if (option == "--now") now = true;
    if (option == "--resume") resume = true;
    if (option == "--json" || option == "--now" || option == "--resume") continue;
    if (option != "--data" && option != "--by") return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (option == "--by") {
      by = arguments[i];
    } else {
      question.data.path = arguments[i];
    }
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  if (now && resume) return usage_error(kCommand, "either --now or", "--resume");
  if (resume != !by.empty())
    return usage_error(kCommand, "--resume and --by belong together; missing:", resume ? "--by WHO" : "--resume");
  tillkit::core::JsonWriter json;
  json.begin_object().name("command").text(now ? "sync.now" : resume ? "sync.resume" : "sync.status");
  if (resume) json.name("by").text(by);
  auto line = json.end_object().finish();
  if (!line) return usage_error(kCommand, "this is no text:", by);
  question.line = *std::move(line);
  if (now) question.stopped = Stopped::Pull;
  SyncView view;
  return show_answer(question, as_json, view);
}

}  // namespace tillctl
