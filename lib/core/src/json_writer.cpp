// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "json_scan.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::core {
namespace {

/// The letter of a short escape, or 0 where there is none.
constexpr char short_escape(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return '\0';
  }
}

constexpr std::size_t kEscapeMax = 6;

/// Writes it as it stands in a string; returns where to go on.
char* put_escaped(char* out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') {
    *out++ = c;
  } else if (const char letter = short_escape(c); letter != '\0') {
    *out++ = '\\';
    *out++ = letter;
  } else {
    out = std::ranges::copy(std::string_view("\\u00"), out).out;
    *out++ = kDigits[static_cast<unsigned char>(c) >> 4];
    *out++ = kDigits[static_cast<unsigned char>(c) & 0x0F];
  }
  return out;
}

template <class Integer>
std::string_view print(Integer value, char (&buffer)[24]) {
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value).ptr;
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

}  // namespace

JsonWriter::JsonWriter(const JsonLimits& limits) : limits_(limits) {
  if (limits.bytes_max > kJsonBytesCeiling || limits.depth_max > kJsonDepthCeiling) {
    keep(ErrorCode::FailedPrecondition);
  }
}

JsonWriter& JsonWriter::begin_object() {
  return begin(true);
}
JsonWriter& JsonWriter::end_object() {
  return end(true);
}
JsonWriter& JsonWriter::begin_array() {
  return begin(false);
}
JsonWriter& JsonWriter::end_array() {
  return end(false);
}
JsonWriter& JsonWriter::null() {
  return raw_value("null");
}
JsonWriter& JsonWriter::boolean(bool value) {
  return raw_value(value ? "true" : "false");
}

JsonWriter& JsonWriter::signed_integer(std::int64_t value) {
  char buffer[24];
  return raw_value(print(value, buffer));
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
  char buffer[24];
  return raw_value(print(value, buffer));
}

JsonWriter& JsonWriter::number(std::string_view number_text) {
  if (number_text.empty() || json_number_bytes(number_text) != number_text.size()) keep(ErrorCode::InvalidArgument);
  if (number_text.size() > kJsonNumberBytesMax) keep(ErrorCode::Exhausted);
  return raw_value(number_text);
}

JsonWriter& JsonWriter::name(std::string_view name) {
  if (!outcome_) return *this;
  if (open_.empty() || !open_.back().object || open_.back().named) {
    keep(ErrorCode::FailedPrecondition);
    return *this;
  }
  Container& container = open_.back();
  if (container.count == limits_.members_max) {
    keep(ErrorCode::Exhausted);
    return *this;
  }
  if (container.count > 0) text_ += ',';
  const std::size_t offset = text_.size();
  if (!append_string(name)) return *this;
  const Name added{offset, text_.size() - offset};
  if (is_duplicate(container, added)) {
    keep(ErrorCode::InvalidArgument);
    return *this;
  }
  names_.push_back(added);
  text_ += ':';
  container.named = true;
  ++container.count;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  if (before_value() && append_string(value)) after_append();
  return *this;
}

JsonWriter& JsonWriter::value(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::Null: return null();
    case JsonKind::Boolean: return boolean(*value.boolean());
    case JsonKind::Number: return raw_value(*value.number_text());
    case JsonKind::String: return text(*value.text());
    case JsonKind::Array: {
      begin_array();
      for (const JsonValue element : *value.elements())
        this->value(element);
      return end_array();
    }
    case JsonKind::Object: {
      begin_object();
      for (const auto& [member_name, member] : *value.members())
        name(member_name).value(member);
      return end_object();
    }
  }
  return *this;
}

Result<std::string> JsonWriter::finish() {
  if (!open_.empty() || values_ == 0) keep(ErrorCode::FailedPrecondition);
  const JsonLimits limits = limits_;
  JsonWriter done = std::exchange(*this, JsonWriter(limits));
  if (!done.outcome_) return std::unexpected(done.outcome_.error());
  return std::move(done.text_);
}

JsonWriter& JsonWriter::raw_value(std::string_view json) {
  if (!before_value()) return *this;
  text_ += json;
  after_append();
  return *this;
}

JsonWriter& JsonWriter::begin(bool object) {
  if (!before_value()) return *this;
  if (open_.size() == limits_.depth_max) {
    keep(ErrorCode::Exhausted);
    return *this;
  }
  text_ += object ? '{' : '[';
  open_.push_back({object, false, 0, names_.size()});
  after_append();
  return *this;
}

JsonWriter& JsonWriter::end(bool object) {
  if (!outcome_) return *this;
  if (open_.empty() || open_.back().object != object || open_.back().named) {
    keep(ErrorCode::FailedPrecondition);
    return *this;
  }
  names_.resize(open_.back().first_name);
  open_.pop_back();
  text_ += object ? '}' : ']';
  after_append();
  return *this;
}

void JsonWriter::keep(ErrorCode code) {
  if (outcome_) outcome_ = fail(code);
}

/// Puts what stands between this value and the one before; false after a mistake.
bool JsonWriter::before_value() {
  if (!outcome_) return false;
  if (values_ == limits_.values_max) {
    keep(ErrorCode::Exhausted);
    return false;
  }
  if (open_.empty() ? values_ > 0 : open_.back().object && !open_.back().named) {
    keep(ErrorCode::FailedPrecondition);
    return false;
  }
  ++values_;
  if (open_.empty()) return true;
  Container& container = open_.back();
  if (!container.object && container.count++ > 0) text_ += ',';
  container.named = false;
  return true;
}

void JsonWriter::after_append() {
  if (text_.size() > limits_.bytes_max) keep(ErrorCode::Exhausted);
}

bool JsonWriter::append_string(std::string_view value) {
  if (value.size() > limits_.string_bytes_max) {
    keep(ErrorCode::Exhausted);
  } else if (value.contains('\0')) {
    keep(ErrorCode::Unsupported);
  } else if (!check_utf8(value)) {
    keep(ErrorCode::InvalidArgument);
  }
  if (!outcome_) return false;
  text_ += '"';
  // Bodies of records are texts, with quotes all over: pieces are put together aside, and not character by character.
  constexpr std::size_t kPiece = 64;
  std::array<char, kPiece * kEscapeMax>
      piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  while (!value.empty()) {
    char* out = piece.data();
    for (const char c : value.substr(0, kPiece))
      out = put_escaped(out, c);
    text_.append(piece.data(), out);
    value.remove_prefix(std::min(kPiece, value.size()));
  }
  text_ += '"';
  return true;
}

/// Escaping is one to one, so names are equal where their escaped texts are.
bool JsonWriter::is_duplicate(const Container& container, const Name& added) const {
  const std::string_view text = text_;
  const std::string_view added_text = text.substr(added.offset, added.size_bytes);
  for (std::size_t i = container.first_name; i < names_.size(); ++i) {
    if (text.substr(names_[i].offset, names_[i].size_bytes) == added_text) return true;
  }
  return false;
}

}  // namespace tillkit::core
