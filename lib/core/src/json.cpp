// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include <cjson/cJSON.h>

#include "json_scan.hpp"
#include "tillkit/core/assert.hpp"

// How cJSON's tree is used. The scanner has passed the text before cJSON sees it, so cJSON only builds. Its numbers are
// doubles, which no amount survives: every number node is turned into a raw node that holds the number as written.
// `valueint`, which nobody reads then, holds the offset of the value in the text.
namespace tillkit::core {
namespace {

int type_of(const cJSON* node) {
  return node->type & 0xFF;
}

/// Follows cJSON's tree in the order of the text, beside the scanner's list of offsets.
class Annotator {
 public:
  Annotator(std::string_view text, const JsonScan& scan) : text_(text), scan_(scan) {}

  Result<> run(cJSON* root) {
    TILLKIT_TRY_VOID(annotate(root));
    TILLKIT_ASSERT(next_value_ == scan_.values.size() && next_name_ == scan_.names.size());
    return {};
  }

 private:
  struct Name {
    std::string_view text;
    std::int32_t offset = 0;
  };

  Result<> annotate(cJSON* node) {
    TILLKIT_ASSERT(next_value_ < scan_.values.size());
    const std::int32_t offset = scan_.values[next_value_++];
    node->valueint = offset;
    if (type_of(node) == cJSON_Number) return keep_number_text(node, static_cast<std::size_t>(offset));
    const bool object = type_of(node) == cJSON_Object;
    const std::size_t first_name = names_.size();
    for (cJSON* child = node->child; child != nullptr; child = child->next) {
      if (object) names_.push_back({child->string, scan_.names[next_name_++]});
      TILLKIT_TRY_VOID(annotate(child));
    }
    if (!object) return {};
    const Result<> unique = check_unique(first_name);
    names_.resize(first_name);
    return unique;
  }

  Result<> keep_number_text(cJSON* node, std::size_t offset) {
    const std::size_t bytes = json_number_bytes(text_.substr(offset));
    auto* const number = static_cast<char*>(cJSON_malloc(bytes + 1));
    if (number == nullptr) return fail(ErrorCode::Exhausted);
    std::memcpy(number, text_.data() + offset, bytes);
    number[bytes] = '\0';
    node->valuestring = number;
    node->type = cJSON_Raw;
    return {};
  }

  /// The names from `first_name` on belong to one object. Sorting them is done with them, so it may reorder.
  Result<> check_unique(std::size_t first_name) {
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first_name);
    std::sort(begin, names_.end(),
              [](const Name& a, const Name& b) { return a.text != b.text ? a.text < b.text : a.offset < b.offset; });
    const auto same = [](const Name& a, const Name& b) { return a.text == b.text; };
    const auto twice = std::adjacent_find(begin, names_.end(), same);
    if (twice != names_.end()) return fail_at(static_cast<std::size_t>(std::next(twice)->offset));
    return {};
  }

  std::string_view text_;
  const JsonScan& scan_;
  std::size_t next_value_ = 0;
  std::size_t next_name_ = 0;
  std::vector<Name> names_;  // of the objects around
};

const cJSON* find_member(const cJSON* object, std::string_view name) {
  for (const cJSON* child = object->child; child != nullptr; child = child->next) {
    if (name == child->string) return child;
  }
  return nullptr;
}

template <class Integer>
Result<Integer> read_integer(const JsonValue& value) {
  TILLKIT_TRY(const std::string_view number, value.number_text());
  if (number.find_first_of(".eE") != number.npos) return value.mistake();
  const bool minus_zero = number == "-0";  // from_chars takes no minus for unsigned
  const std::string_view digits = minus_zero ? number.substr(1) : number;
  Integer integer = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [stop, error] = std::from_chars(begin, end, integer);
  if (error != std::errc{} || stop != end) return value.mistake(ErrorCode::OutOfRange);
  return integer;
}

void append_pointer_token(std::string& path, std::string_view name) {
  path += '/';
  for (const char c : name) {
    if (c == '~') {
      path += "~0";
    } else if (c == '/') {
      path += "~1";
    } else {
      path += c;
    }
  }
}

bool append_path(std::string& path, const cJSON* node, int offset) {
  if (node->valueint == offset) return true;
  const std::size_t bytes = path.size();
  std::size_t index = 0;
  for (const cJSON* child = node->child; child != nullptr; child = child->next, ++index) {
    append_pointer_token(path, type_of(node) == cJSON_Object ? std::string(child->string) : std::to_string(index));
    if (append_path(path, child, offset)) return true;
    path.resize(bytes);
  }
  return false;
}

}  // namespace

std::string_view to_string(JsonKind kind) {
  switch (kind) {
    case JsonKind::Null: return "null";
    case JsonKind::Boolean: return "boolean";
    case JsonKind::Number: return "number";
    case JsonKind::String: return "string";
    case JsonKind::Array: return "array";
    case JsonKind::Object: return "object";
  }
  TILLKIT_ASSERT(false && "a JsonKind outside the enumeration");
  return {};
}

JsonKind JsonValue::kind() const {
  switch (type_of(node_)) {
    case cJSON_NULL: return JsonKind::Null;
    case cJSON_False:
    case cJSON_True: return JsonKind::Boolean;
    case cJSON_Raw: return JsonKind::Number;
    case cJSON_String: return JsonKind::String;
    case cJSON_Array: return JsonKind::Array;
    case cJSON_Object: return JsonKind::Object;
    default: break;
  }
  TILLKIT_ASSERT(false && "a node that no text makes");
  return JsonKind::Null;
}

std::size_t JsonValue::offset() const {
  return static_cast<std::size_t>(node_->valueint);
}

std::unexpected<Error> JsonValue::mistake(ErrorCode code) const {
  return fail_at(offset(), code);
}

Result<bool> JsonValue::boolean() const {
  if (kind() != JsonKind::Boolean) return mistake();
  return type_of(node_) == cJSON_True;
}

Result<std::int64_t> JsonValue::integer() const {
  return read_integer<std::int64_t>(*this);
}

Result<std::uint64_t> JsonValue::unsigned_integer() const {
  return read_integer<std::uint64_t>(*this);
}

Result<std::int64_t> JsonValue::integer_in(std::int64_t min, std::int64_t max) const {
  TILLKIT_TRY(const std::int64_t value, integer());
  if (value < min || value > max) return mistake(ErrorCode::OutOfRange);
  return value;
}

Result<std::string_view> JsonValue::number_text() const {
  if (kind() != JsonKind::Number) return mistake();
  return node_->valuestring;
}

Result<std::string_view> JsonValue::text() const {
  if (kind() != JsonKind::String) return mistake();
  return node_->valuestring;
}

std::size_t JsonValue::size() const {
  std::size_t count = 0;
  for (const cJSON* child = node_->child; child != nullptr; child = child->next)
    ++count;
  return count;
}

Result<JsonElements> JsonValue::elements() const {
  if (kind() != JsonKind::Array) return mistake();
  return JsonElements(node_->child);
}

Result<JsonMembers> JsonValue::members() const {
  if (kind() != JsonKind::Object) return mistake();
  return JsonMembers(node_->child);
}

Result<JsonValue> JsonValue::at(std::size_t index) const {
  TILLKIT_TRY(const JsonElements all, elements());
  for (const JsonValue element : all) {
    if (index-- == 0) return element;
  }
  return mistake(ErrorCode::NotFound);
}

Result<JsonValue> JsonValue::member(std::string_view name) const {
  if (kind() != JsonKind::Object) return mistake();
  const cJSON* const found = find_member(node_, name);
  if (found == nullptr) return mistake(ErrorCode::NotFound);
  return JsonValue(found);
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  const cJSON* const found = kind() == JsonKind::Object ? find_member(node_, name) : nullptr;
  if (found == nullptr) return std::nullopt;
  return JsonValue(found);
}

Result<> JsonValue::only(std::initializer_list<std::string_view> names) const {
  TILLKIT_TRY(const JsonMembers all, members());
  for (const auto& [name, value] : all) {
    if (std::ranges::find(names, name) == names.end()) return value.mistake();
  }
  return {};
}

JsonElements::Iterator& JsonElements::Iterator::operator++() {
  node_ = node_->next;
  return *this;
}

JsonElements::Iterator JsonElements::Iterator::operator++(int) {
  const Iterator before = *this;
  ++*this;
  return before;
}

JsonMember JsonMembers::Iterator::operator*() const {
  return {node_->string, JsonValue(node_)};
}

JsonMembers::Iterator& JsonMembers::Iterator::operator++() {
  node_ = node_->next;
  return *this;
}

JsonMembers::Iterator JsonMembers::Iterator::operator++(int) {
  const Iterator before = *this;
  ++*this;
  return before;
}

void JsonDocument::Deleter::operator()(cJSON* root) const {
  cJSON_Delete(root);
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, const JsonLimits& limits) {
  TILLKIT_TRY(const JsonScan scan, scan_json(text, limits));
  Root root(cJSON_ParseWithLength(text.data(), text.size()));
  if (!root) return fail(ErrorCode::Exhausted);  // the text is JSON: only memory can be missing
  TILLKIT_TRY_VOID(Annotator(text, scan).run(root.get()));
  return JsonDocument(std::move(root));
}

Result<std::string> JsonDocument::path_at(std::size_t offset) const {
  std::string path;
  if (offset > kJsonBytesCeiling || !append_path(path, root_.get(), static_cast<int>(offset))) {
    return fail(ErrorCode::NotFound);
  }
  return path;
}

Result<std::string> JsonDocument::path_of(const Error& error) const {
  if (error.source != ErrorSource::Input || error.foreign < 0) return fail(ErrorCode::NotFound);
  return path_at(static_cast<std::size_t>(error.foreign));
}

}  // namespace tillkit::core
