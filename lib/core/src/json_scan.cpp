// SPDX-License-Identifier: Apache-2.0
#include "json_scan.hpp"

#include "tillkit/core/id.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::core {
namespace {

constexpr std::size_t utf8_bytes_of(unsigned code_point) {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x1'0000 ? 3 : 4;
}

constexpr bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
constexpr bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

class Scanner {
 public:
  Scanner(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<JsonScan> run() {
    skip_space();
    TILLKIT_TRY_VOID(value(0));
    skip_space();
    if (at_ != text_.size()) return fail_at(at_);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (next_is(' ') || next_is('\t') || next_is('\n') || next_is('\r'))
      ++at_;
  }

  /// `depth` counts the containers around the value; recursion ends at `depth_max`.
  Result<> value(std::size_t depth) {
    if (at_ == text_.size()) return fail_at(at_);
    if (found_.values.size() == limits_.values_max) return fail_at(at_, ErrorCode::Exhausted);
    found_.values.push_back(static_cast<std::int32_t>(at_));
    switch (text_[at_]) {
      case '{':
      case '[':
        if (depth == limits_.depth_max) return fail_at(at_, ErrorCode::Exhausted);
        return text_[at_] == '{' ? object(depth + 1) : array(depth + 1);
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  Result<> object(std::size_t depth) {
    ++at_;
    skip_space();
    if (take('}')) return {};
    for (std::size_t members = 1;; ++members) {
      if (!next_is('"')) return fail_at(at_);
      if (members > limits_.members_max) return fail_at(at_, ErrorCode::Exhausted);
      found_.names.push_back(static_cast<std::int32_t>(at_));
      TILLKIT_TRY_VOID(string());
      skip_space();
      if (!take(':')) return fail_at(at_);
      skip_space();
      TILLKIT_TRY_VOID(value(depth));
      skip_space();
      if (take('}')) return {};
      if (!take(',')) return fail_at(at_);
      skip_space();
    }
  }

  Result<> array(std::size_t depth) {
    ++at_;
    skip_space();
    if (take(']')) return {};
    for (;;) {
      TILLKIT_TRY_VOID(value(depth));
      skip_space();
      if (take(']')) return {};
      if (!take(',')) return fail_at(at_);
      skip_space();
    }
  }

  Result<> word(std::string_view expected) {
    for (const char c : expected) {
      if (!take(c)) return fail_at(at_);
    }
    return {};
  }

  Result<> number() {
    const std::size_t bytes = json_number_bytes(text_.substr(at_));
    if (bytes == 0) return fail_at(at_);
    if (bytes > kJsonNumberBytesMax) return fail_at(at_, ErrorCode::Exhausted);
    at_ += bytes;
    return {};
  }

  Result<> string() {
    const std::size_t start = at_++;
    std::size_t decoded_bytes = 0;
    while (!take('"')) {
      if (at_ == text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20) return fail_at(at_);
      if (text_[at_] == '\\') {
        TILLKIT_TRY_VOID(escape(decoded_bytes));
      } else {
        const std::size_t bytes = utf8_sequence_bytes(text_.substr(at_));
        if (bytes == 0) return fail_at(at_);
        at_ += bytes;
        decoded_bytes += bytes;
      }
      if (decoded_bytes > limits_.string_bytes_max) return fail_at(start, ErrorCode::Exhausted);
    }
    return {};
  }

  Result<> escape(std::size_t& decoded_bytes) {
    const std::size_t start = at_++;
    if (at_ == text_.size()) return fail_at(at_);
    if (text_[at_] != 'u') {
      if (!std::string_view("\"\\/bfnrt").contains(text_[at_])) return fail_at(at_);
      ++at_;
      decoded_bytes += 1;
      return {};
    }
    TILLKIT_TRY(const unsigned unit, utf16_unit());
    if (unit == 0) return fail_at(start, ErrorCode::Unsupported);
    if (is_low_surrogate(unit)) return fail_at(start);
    if (!is_high_surrogate(unit)) {
      decoded_bytes += utf8_bytes_of(unit);
      return {};
    }
    if (!take('\\') || !next_is('u')) return fail_at(start);
    TILLKIT_TRY(const unsigned second, utf16_unit());
    if (!is_low_surrogate(second)) return fail_at(start);
    decoded_bytes += 4;
    return {};
  }

  /// Reads `uXXXX`; stands at the `u`.
  Result<unsigned> utf16_unit() {
    ++at_;
    unsigned unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size()) return fail_at(at_);
      const char c = text_[at_];
      if (is_digit_char(c)) {
        unit = unit * 16 + static_cast<unsigned>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        unit = unit * 16 + static_cast<unsigned>(c - 'a' + 10);
      } else if (c >= 'A' && c <= 'F') {
        unit = unit * 16 + static_cast<unsigned>(c - 'A' + 10);
      } else {
        return fail_at(at_);
      }
    }
    return unit;
  }

  std::string_view text_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  JsonScan found_;
};

}  // namespace

std::size_t json_number_bytes(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit_char(text[at]))
      ++at;
    return at - start;
  };

  if (text.starts_with('-')) ++at;
  const bool leading_zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return 0;
  }
  return at;
}

Result<JsonScan> scan_json(std::string_view text, const JsonLimits& limits) {
  if (limits.bytes_max > kJsonBytesCeiling || limits.depth_max > kJsonDepthCeiling) {
    return fail(ErrorCode::FailedPrecondition);
  }
  if (text.size() > limits.bytes_max) return fail_at(limits.bytes_max, ErrorCode::Exhausted);
  return Scanner(text, limits).run();
}

}  // namespace tillkit::core
