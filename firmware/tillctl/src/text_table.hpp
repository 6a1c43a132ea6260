// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tillctl {

/// How many columns of a terminal the text takes: Chinese, Japanese and Korean characters take two.
std::size_t display_width(std::string_view text);

/// The text with control characters shown as `?`: a name from a file does not steer the terminal.
std::string printable(std::string_view text);

/// Rows of cells that line up.
class TextTable {
 public:
  enum class Align { Left, Right };

  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  /// Fewer cells than columns: the others are empty.
  void add(std::vector<std::string> cells);
  /// A line by itself, which does not widen the columns.
  void add_line(std::string text);

  /// Two spaces before each column, none at the end of a line.
  [[nodiscard]] std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string line;
  };

  std::vector<Align> columns_;
  std::vector<Row> rows_;
};

}  // namespace tillctl
