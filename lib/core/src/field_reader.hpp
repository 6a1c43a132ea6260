// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tillkit/core/id.hpp"

namespace tillkit::core {

/// Reads fields of fixed width from left to right. After the first failure it reads no further and stays there.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  /// Reads exactly `width` digits with a value from `min` to `max`; `min` after a failure.
  int number(std::size_t width, int min, int max) {
    if (failed_) return min;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!has_digit(at_ + i)) return fail_here(at_ + i, min);
      value = value * 10 + (text_[at_ + i] - '0');
    }
    if (value < min || value > max) return fail_here(at_, min);
    at_ += width;
    return value;
  }

  /// Reads one character of `allowed`.
  char one_of(std::string_view allowed) {
    if (failed_) return '\0';
    if (at_ == text_.size() || !allowed.contains(text_[at_])) return fail_here(at_, '\0');
    return text_[at_++];
  }

  /// Reads one character if it is the next.
  bool optional(char c) {
    if (failed_ || at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// Reads one or more digits as a decimal fraction of a second, cut to milliseconds.
  std::chrono::milliseconds fraction() {
    int value = 0;
    std::size_t digits = 0;
    for (; !failed_ && has_digit(at_); ++at_, ++digits) {
      if (digits < 3) value = value * 10 + (text_[at_] - '0');
    }
    if (digits == 0) return std::chrono::milliseconds{fail_here(at_, 0)};
    for (; digits < 3; ++digits)
      value *= 10;
    return std::chrono::milliseconds{value};
  }

  /// Reads `2026-11-21`.
  std::chrono::year_month_day date() {
    const std::chrono::year year{number(4, 1, 9999)};
    one_of("-");
    const std::chrono::month month{static_cast<unsigned>(number(2, 1, 12))};
    one_of("-");
    const std::size_t day_at = at_;
    const std::chrono::day day{static_cast<unsigned>(number(2, 1, 31))};
    const std::chrono::year_month_day date{year, month, day};
    if (!failed_ && !date.ok()) fail_here(day_at, 0);
    return date;
  }

  void end() {
    if (!failed_ && at_ != text_.size()) fail_here(at_, 0);
  }

  [[nodiscard]] bool failed() const { return failed_; }
  /// Where it stands: behind the last field, or at the first mistake.
  [[nodiscard]] std::size_t offset() const { return at_; }

 private:
  [[nodiscard]] bool has_digit(std::size_t at) const { return at < text_.size() && is_digit_char(text_[at]); }

  template <class Value>
  Value fail_here(std::size_t at, Value value) {
    if (!failed_) at_ = at;
    failed_ = true;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// Appends a number with at least `width` digits. The number must not be negative.
inline void append_padded(std::string& text, long long value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace tillkit::core
