// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "world.hpp"

namespace tillkit::conformance {

/// What came of each rule: for people as it happens, or as one JSON text at the end.
class Report {
 public:
  explicit Report(bool as_json) : as_json_(as_json) {}

  void tried(const Rule& rule, const Verdict& verdict);
  void untried(const Rule& rule, const std::string& why);
  void end(const std::string& origin);

  [[nodiscard]] int broken() const { return broken_; }
  [[nodiscard]] int untried() const { return untried_; }

 private:
  struct Line {
    const char* verdict = "";
    Rule rule{};
    std::string why{};  ///< of what was not tried
    Finding finding{};  ///< of what is broken
  };
  void add(Line line);

  bool as_json_;
  int broken_ = 0;
  int untried_ = 0;
  std::vector<Line> lines_{};
};

}  // namespace tillkit::conformance
