// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "random.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;

namespace {

/// Pieces that readers stumble over, each well-formed.
constexpr std::array<std::string_view, 14> kStringPieces{"a",
                                                         "\\\"",
                                                         "\\\\",
                                                         "\\/",
                                                         "\\n",
                                                         "\\u0001",
                                                         "\\u00e9",
                                                         "\\ud83d\\ude00",
                                                         "\\uDBFF\\uDFFF",
                                                         "\xE5\xBA\x97",
                                                         "\x7F",
                                                         "\xF4\x8F\xBF\xBF",
                                                         "\xEF\xBB\xBF",
                                                         " "};
constexpr std::array<std::string_view, 14> kNumbers{"0",
                                                    "-0",
                                                    "9007199254740993",
                                                    "9223372036854775807",
                                                    "-9223372036854775808",
                                                    "9223372036854775808",
                                                    "18446744073709551616",
                                                    "1.0",
                                                    "1e3",
                                                    "1E-400",
                                                    "1e+999",
                                                    "0.1000000000000000055511151231257827",
                                                    "-123.456",
                                                    "4503599627370497.5"};
constexpr std::array<std::string_view, 5> kSpaces{"", "", " ", "\n", "\t\r"};

std::string random_string(Random& random, const std::string& start) {
  std::string text = '"' + start;
  for (int pieces = below(random, 4); pieces > 0; --pieces)
    text += pick(random, kStringPieces);
  return text + '"';
}

std::string random_json(Random& random, int depth) {
  const auto space = [&] { return std::string(pick(random, kSpaces)); };
  const int kind = below(random, depth > 0 ? 8 : 5);
  if (kind == 0) return pick(random, std::array{"null", "true", "false"});
  if (kind <= 2) return std::string(pick(random, kNumbers));
  if (kind <= 4) return random_string(random, "");
  const bool object = kind == 7;
  std::string text = object ? "{" : "[";
  const int count = below(random, 5);
  for (int i = 0; i < count; ++i) {
    text += (i > 0 ? "," : "") + space();
    if (object) text += random_string(random, std::to_string(i)) + space() + ':' + space();
    text += random_json(random, depth - 1) + space();
  }
  return text + (object ? "}" : "]");
}

/// One to three changes of the kind that a bad line, a bad editor or a bad person makes.
std::string mutated(Random& random, std::string text) {
  using namespace std::string_view_literals;
  constexpr std::string_view kBytes = "\"\\{}[]:,.0123456789eE+-tfnu \n\t\x00\x01\x80\xC3\xED\xA0\xF4\xFF"sv;
  for (int changes = 1 + below(random, 3); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = below(random, text.size());
    const std::size_t length = below(random, std::size_t{6});
    switch (below(random, 5)) {
      case 0: text[at] = pick(random, kBytes); break;
      case 1: text.insert(at, 1, pick(random, kBytes)); break;
      case 2: text.erase(at, length); break;
      case 3: text.insert(below(random, text.size()), text.substr(at, length)); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

/// Equal kinds, names, order, texts and number texts.
bool is_equal(const JsonValue& a, const JsonValue& b) {
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  if (a.kind() == JsonKind::Boolean) return *a.boolean() == *b.boolean();
  if (a.kind() == JsonKind::Number) return *a.number_text() == *b.number_text();
  if (a.kind() == JsonKind::String) return *a.text() == *b.text();
  if (a.kind() == JsonKind::Array) {
    const JsonElements left = *a.elements();
    const JsonElements right = *b.elements();
    auto other = right.begin();
    for (const JsonValue value : left) {
      if (!is_equal(value, *other++)) return false;
    }
  }
  if (a.kind() == JsonKind::Object) {
    const JsonMembers left = *a.members();
    const JsonMembers right = *b.members();
    auto other = right.begin();
    for (const auto& [name, value] : left) {
      const JsonMember counterpart = *other++;
      if (name != counterpart.name || !is_equal(value, counterpart.value)) return false;
    }
  }
  return true;
}

/// Whether the kind of value can start with that character.
bool starts_with(JsonKind kind, char c) {
  switch (kind) {
    case JsonKind::Null: return c == 'n';
    case JsonKind::Boolean: return c == 't' || c == 'f';
    case JsonKind::Number: return c == '-' || (c >= '0' && c <= '9');
    case JsonKind::String: return c == '"';
    case JsonKind::Array: return c == '[';
    case JsonKind::Object: return c == '{';
  }
  return false;
}

/// Whether every value stands where its offset says, and is found again by it.
bool has_paths(std::string_view text, const JsonDocument& document, const JsonValue& value, const std::string& path) {
  if (value.offset() >= text.size() || !starts_with(value.kind(), text[value.offset()])) return false;
  if (document.path_at(value.offset()).value_or("?") != path) return false;
  std::size_t index = 0;
  if (const auto elements = value.elements()) {
    for (const JsonValue element : *elements) {
      if (!has_paths(text, document, element, path + '/' + std::to_string(index++))) return false;
    }
  }
  if (const auto members = value.members()) {
    for (const auto& [name, member] : *members) {
      std::string token = '/' + std::string(name);
      for (std::size_t at = 0; (at = token.find('/', at + 1)) != token.npos;)
        token.replace(at, 1, "~1");
      if (!has_paths(text, document, member, path + token)) return false;
    }
  }
  return true;
}

/// Prints what was read, reads that, and prints it again. Names what is wrong, or nothing.
const char* check_round_trip(const JsonDocument& document) {
  const auto printed = JsonWriter().value(document.root()).finish();
  if (!printed) return "cannot be printed";
  const auto again = JsonDocument::parse(*printed);
  if (!again) return "cannot be read again";
  if (!is_equal(document.root(), again->root())) return "reads otherwise";
  const auto reprinted = JsonWriter().value(again->root()).finish();
  if (!reprinted || *reprinted != *printed) return "prints otherwise";
  return nullptr;
}

}  // namespace

TEST_CASE("random documents survive being printed and read again", "[core]") {
  Random random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = random_json(random, 5);
    const auto document = JsonDocument::parse(text);
    if (!document) FAIL("refused at " << document.error().foreign << ": " << text);
    if (const char* wrong = check_round_trip(*document)) FAIL(wrong << ": " << text);
    if (!has_paths(text, *document, document->root(), "")) FAIL("paths: " << text);
  }
}

TEST_CASE("damaged documents are refused or read, and what is read survives", "[core]") {
  Random random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  int read = 0;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = mutated(random, random_json(random, 4));
    const auto document = JsonDocument::parse(text);
    if (document) {
      ++read;
      if (const char* wrong = check_round_trip(*document)) FAIL(wrong << ": " << text);
    } else {
      ++refused;
      const Error& error = document.error();
      const bool inside = error.foreign >= 0 && static_cast<std::size_t>(error.foreign) <= text.size();
      if (error.source != ErrorSource::Input || !inside) FAIL("offset: " << text);
    }
  }
  CHECK(read > 500);
  CHECK(refused > 5'000);
}
