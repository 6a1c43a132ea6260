// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ask_till.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "till_view.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/fulfilment/planogram_document.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;

constexpr std::string_view kCommand = "planogram";
constexpr std::array<std::string_view, 6> kVerbs{"show", "load", "set", "block", "unblock", "refill"};

struct Order {
  std::string_view verb;
  std::string_view what;  // a slot or a file; empty: none was named
  std::string_view by;
  bool json = false;
  core::JsonWriter change;  // an open object
};

/// What a whole number can be; each is read again by whoever takes the request.
std::optional<std::int64_t> read_count(std::string_view text) {
  return text == "0" ? std::optional<std::int64_t>(0) : read_positive(text);
}

std::optional<int> read_option(std::string_view option, std::string_view value, Question& question, Order& order) {
  if (option == "--data") {
    question.data.path = value;
  } else if (option == "--by") {
    order.by = value;
  } else if (option == "--item") {
    order.change.name("item").text(value);
  } else {
    const auto number = read_count(value);
    if (!number) {
      return usage_error(kCommand, "expected a whole number behind " + std::string(option) + ", not", value);
    }
    order.change.name(option.substr(2)).integer(*number);
  }
  return std::nullopt;
}

std::optional<int> read_arguments(Arguments arguments, Question& question, Order& order) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") {
      order.json = true;
      continue;
    }
    const bool about_slot = option == "--item" || option == "--capacity" || option == "--stock" || option == "--mdb";
    const bool known =
        option == "--data" || (option == "--by" && order.verb != "show") || (about_slot && order.verb == "set");
    if (!known && !option.starts_with("--") && order.what.empty() && order.verb != "show") {
      order.what = option;
      continue;
    }
    if (!known) return usage_error(kCommand, "unknown argument", option);
    if (++i == arguments.size()) return usage_error(kCommand, "nothing behind", option);
    if (const auto status = read_option(option, arguments[i], question, order)) return status;
  }
  if (question.data.path.empty()) return usage_error(kCommand, "missing:", "--data DIR");
  const bool needs_what = order.verb != "show" && order.verb != "refill";
  if (needs_what && order.what.empty())
    return usage_error(kCommand, "missing:", order.verb == "load" ? "FILE" : "SLOT");
  return std::nullopt;
}

/// Puts a file's slots into the request. Else the exit status: a file's mistakes are told before anybody is asked.
std::optional<int> add_file(const Order& order, core::JsonWriter& request) {
  const auto text = read_file(kCommand, order.what, tillkit::fulfilment::kPlanogramBytesMax);
  if (!text) return kFailed;
  tillkit::offers::DocumentMistake mistake;
  if (!tillkit::fulfilment::read_planogram(*text, mistake)) {
    return failed(kCommand, std::string(order.what) + ": " + to_string(mistake));
  }
  const auto document = core::JsonDocument::parse(*text);
  if (!document) return failed(kCommand, std::string(order.what) + ": it cannot be read");
  request.name("planogram").value(document->root());
  return std::nullopt;
}

std::optional<int> add_change(Order& order, core::JsonWriter& request) {
  if (!order.what.empty()) {
    const auto slot = read_positive(order.what);
    if (!slot) return usage_error(kCommand, "expected the number of a slot, not", order.what);
    order.change.name("slot").integer(*slot);
  }
  if (order.verb == "block" || order.verb == "unblock") order.change.name("blocked").boolean(order.verb == "block");
  if (order.verb == "refill") order.change.name("refill").boolean(true);
  const auto change = order.change.end_object().finish();
  if (!change) return usage_error(kCommand, "an option is given twice, or is no text:", order.verb);
  const auto document = core::JsonDocument::parse(*change);
  if (!document) return usage_error(kCommand, "an option is no text:", order.verb);
  request.name("change").value(document->root());
  return std::nullopt;
}

}  // namespace

int run_planogram(Arguments arguments) {
  if (arguments.empty()) return usage_error(kCommand, "missing:", "show|load|set|block|unblock|refill");
  Order order;
  order.verb = arguments.front();
  if (std::ranges::find(kVerbs, order.verb) == kVerbs.end()) {
    return usage_error(kCommand, "expected show, load, set, block, unblock or refill, not", order.verb);
  }
  order.change.begin_object();
  Question question{.command = kCommand, .data = {}, .line = {}};
  if (const auto status = read_arguments(arguments, question, order)) return *status;
  core::JsonWriter request;
  request.begin_object().name("command").text(order.verb == "show" ? "planogram.show" : "planogram.set");
  if (order.verb != "show") {
    question.stopped = Stopped::Slots;
    const auto status = order.verb == "load" ? add_file(order, request) : add_change(order, request);
    if (status) return *status;
    request.name("by").text(order.by);
  }
  auto line = request.end_object().finish();
  if (!line) return usage_error(kCommand, "an option is no text:", order.verb);
  question.line = *std::move(line);
  PlanogramView view;
  return show_answer(question, order.json, view);
}

}  // namespace tillctl
