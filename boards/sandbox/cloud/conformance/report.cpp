// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <cstdio>

#include "tillkit/core/json_writer.hpp"

namespace tillkit::conformance {
namespace {

constexpr int kNameWidth = 27;

void show(const char* name, std::string_view text) {
  std::printf("            %-9s %.*s\n", name, static_cast<int>(text.size()), text.data());
}

}  // namespace

void Report::tried(const Rule& rule, const Verdict& verdict) {
  if (verdict) {
    add({.verdict = "pass", .rule = rule});
    return;
  }
  ++broken_;
  add({.verdict = "FAIL", .rule = rule, .finding = verdict.error()});
}

void Report::untried(const Rule& rule, const std::string& why) {
  ++untried_;
  add({.verdict = "untried", .rule = rule, .why = why});
}

void Report::add(Line line) {
  if (!as_json_) {
    std::printf("%-8s %-*.*s %.*s\n", line.verdict, kNameWidth, static_cast<int>(line.rule.name.size()),
                line.rule.name.data(), static_cast<int>(line.rule.promise.size()), line.rule.promise.data());
    if (!line.why.empty()) show("why", line.why);
    if (!line.finding.expected.empty()) {
      show("contract", line.rule.where);
      show("sent", line.finding.sent);
      show("came", line.finding.came);
      show("expected", line.finding.expected);
      show("money", line.rule.money);
    }
    std::fflush(stdout);
  }
  lines_.push_back(std::move(line));
}

void Report::end(const std::string& origin) {
  const std::size_t passed = lines_.size() - static_cast<std::size_t>(broken_) - static_cast<std::size_t>(untried_);
  if (!as_json_) {
    std::printf("\n%zu rules kept, %d broken, %d not tried: %s\n", passed, broken_, untried_, origin.c_str());
    return;
  }
  core::JsonWriter json;
  json.begin_object().name("server").text(origin).name("passed").integer(passed).name("failed").integer(broken_);
  json.name("untried").integer(untried_).name("rules").begin_array();
  for (const Line& line : lines_) {
    const std::string_view verdict(line.verdict);
    json.begin_object().name("rule").text(line.rule.name).name("verdict").text(verdict == "FAIL" ? "fail" : verdict);
    json.name("where").text(line.rule.where).name("promise").text(line.rule.promise);
    if (!line.why.empty()) json.name("why").text(line.why);
    if (!line.finding.expected.empty()) {
      json.name("sent").text(line.finding.sent).name("came").text(line.finding.came);
      json.name("expected").text(line.finding.expected).name("money").text(line.rule.money);
    }
    json.end_object();
  }
  const auto text = json.end_array().end_object().finish();
  std::printf("%s\n", text ? text->c_str() : "{}");
}

}  // namespace tillkit::conformance
