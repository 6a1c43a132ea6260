// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "pattern.hpp"

namespace tillkit::conformance {
namespace {

using core::JsonKind;
using core::JsonValue;

using Wrong = std::optional<std::string>;

std::int64_t number(const JsonValue& value) {
  return value.integer().value_or(0);
}

std::string_view text(const JsonValue& value) {
  const auto found = value.text();
  return found ? *found : std::string_view();
}

std::int64_t characters_in(std::string_view utf8) {
  // Bytes that continue a character are 10xxxxxx.
  return std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// Of what the contract's constants and enumerations are: texts, integers, booleans.
bool same(const JsonValue& a, const JsonValue& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case JsonKind::String: return text(a) == text(b);
    case JsonKind::Boolean: return a.boolean().value_or(false) == b.boolean().value_or(false);
    case JsonKind::Number: return a.number_text().value_or("a") == b.number_text().value_or("b");
    case JsonKind::Null: return true;
    case JsonKind::Array:
    case JsonKind::Object: return false;
  }
  return false;
}

class Checker {
 public:
  explicit Checker(const JsonValue& root) : root_(root) {}

  [[nodiscard]] Wrong check(const JsonValue& schema, const JsonValue& value, const std::string& path) const {
    const auto keywords = schema.members();
    if (!keywords) return path + ": the schema is no object";
    for (const auto [name, rule] : *keywords) {
      if (Wrong wrong = keyword(name, rule, schema, value, path)) return wrong;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Wrong keyword(std::string_view name, const JsonValue& rule, const JsonValue& schema,
                              const JsonValue& value, const std::string& path) const {
    if (name == "$ref") return check(referred(text(rule)), value, path);
    if (name == "type") return is_of_type(text(rule), value) ? Wrong() : path + " is no " + std::string(text(rule));
    if (name == "const") return same(rule, value) ? Wrong() : path + " is not what it has to be";
    if (name == "enum")
      return any(rule, [&](const JsonValue& one) { return same(one, value); }, path, "not one of the words");
    if (name == "anyOf") {
      return any(rule, [&](const JsonValue& one) { return !check(one, value, path); }, path, "none of the forms");
    }
    if (name == "oneOf") return one_of(rule, value, path);
    if (name == "not") return check(rule, value, path) ? Wrong() : path + " is what it must not be";
    if (name == "required" || name == "properties") return object_keyword(name, rule, value, path);
    if (name == "additionalProperties") return only_known(schema, value, path);
    if (name == "items" || name == "minItems" || name == "maxItems" || name == "uniqueItems") {
      return array_keyword(name, rule, value, path);
    }
    if (name == "unevaluatedProperties") return std::nullopt;  // of requests only
    return scalar_keyword(name, rule, value, path);
  }

  [[nodiscard]] JsonValue referred(std::string_view reference) const {
    JsonValue found = root_;
    reference.remove_prefix(2);  // "#/"
    while (!reference.empty()) {
      const std::size_t end = std::min(reference.find('/'), reference.size());
      found = found.member(reference.substr(0, end)).value_or(found);
      reference.remove_prefix(std::min(end + 1, reference.size()));
    }
    return found;
  }

  [[nodiscard]] static bool is_of_type(std::string_view type, const JsonValue& value) {
    if (type == "integer") return value.kind() == JsonKind::Number && value.integer().has_value();
    return to_string(value.kind()) == type;
  }

  template <class Fits>
  [[nodiscard]] static Wrong any(const JsonValue& list, const Fits& fits, const std::string& path,
                                 std::string_view otherwise) {
    const auto elements = list.elements();
    if (!elements) return path + ": the schema has no list";
    for (const JsonValue one : *elements) {
      if (fits(one)) return std::nullopt;
    }
    return path + " is " + std::string(otherwise);
  }

  [[nodiscard]] Wrong one_of(const JsonValue& list, const JsonValue& value, const std::string& path) const {
    const auto elements = list.elements();
    if (!elements) return path + ": the schema has no list";
    int fitting = 0;
    std::string why;
    for (const JsonValue one : *elements) {
      const Wrong wrong = check(one, value, path);
      if (!wrong) ++fitting;
      // The form of another outcome says nothing about this one.
      if (wrong && !wrong->starts_with(path + "/outcome")) why += (why.empty() ? "" : "; or ") + *wrong;
    }
    if (fitting == 1) return std::nullopt;
    if (fitting > 1) return path + " has several forms at once";
    return why.empty() ? path + "/outcome is none that the contract has here" : why;
  }

  [[nodiscard]] Wrong object_keyword(std::string_view name, const JsonValue& rule, const JsonValue& value,
                                     const std::string& path) const {
    if (value.kind() != JsonKind::Object) return std::nullopt;
    if (name == "required") {
      const auto names = rule.elements();
      if (!names) return path + ": the schema has no list";
      for (const JsonValue needed : *names) {
        if (!value.find(text(needed))) return path + "/" + std::string(text(needed)) + " is missing";
      }
      return std::nullopt;
    }
    const auto properties = rule.members();
    if (!properties) return path + ": the schema has no members";
    for (const auto [property, schema] : *properties) {
      const auto member = value.find(property);
      if (!member) continue;
      if (Wrong wrong = check(schema, *member, path + "/" + std::string(property))) return wrong;
    }
    return std::nullopt;
  }

  [[nodiscard]] static Wrong only_known(const JsonValue& schema, const JsonValue& value, const std::string& path) {
    const auto properties = schema.find("properties");
    const auto members = value.members();
    if (!properties || !members) return std::nullopt;
    for (const auto [name, member] : *members) {
      if (!properties->find(name)) return path + "/" + std::string(name) + " is not known";
    }
    return std::nullopt;
  }

  [[nodiscard]] Wrong array_keyword(std::string_view name, const JsonValue& rule, const JsonValue& value,
                                    const std::string& path) const {
    const auto elements = value.elements();
    if (!elements || name == "uniqueItems") return std::nullopt;
    const auto size = static_cast<std::int64_t>(value.size());
    if (name == "minItems") return size >= number(rule) ? Wrong() : path + " has too few elements";
    if (name == "maxItems") return size <= number(rule) ? Wrong() : path + " has too many elements";
    std::size_t index = 0;
    for (const JsonValue element : *elements) {
      if (Wrong wrong = check(rule, element, path + "/" + std::to_string(index++))) return wrong;
    }
    return std::nullopt;
  }

  [[nodiscard]] static Wrong scalar_keyword(std::string_view name, const JsonValue& rule, const JsonValue& value,
                                            const std::string& path) {
    if (name == "minimum" || name == "maximum") {
      if (value.kind() != JsonKind::Number) return std::nullopt;
      const auto found = value.integer();
      const bool good = found && (name == "minimum" ? *found >= number(rule) : *found <= number(rule));
      return good ? Wrong() : path + " is out of its bounds";
    }
    const bool of_text = name == "pattern" || name == "minLength" || name == "maxLength";
    if (!of_text) return path + ": a keyword that this program does not know: " + std::string(name);
    if (value.kind() != JsonKind::String) return std::nullopt;
    if (name == "pattern") return matches(text(rule), text(value)) ? Wrong() : path + " does not fit its pattern";
    const std::int64_t length = characters_in(text(value));
    const bool good = name == "minLength" ? length >= number(rule) : length <= number(rule);
    return good ? Wrong() : path + " has a length out of its bounds";
  }

  JsonValue root_;
};

}  // namespace

std::optional<std::string> wrong_by_schema(const JsonValue& root, const JsonValue& schema, const JsonValue& value) {
  return Checker(root).check(schema, value, "");
}

}  // namespace tillkit::conformance
