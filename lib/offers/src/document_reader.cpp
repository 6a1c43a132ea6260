// SPDX-License-Identifier: Apache-2.0
#include "document_reader.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "tillkit/core/money.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

constexpr std::size_t kFoundBytesMax = 40;
/// Changes that turn one name into another: as many may be typing mistakes.
constexpr std::size_t kTypingMistakesMax = 3;

/// Cuts at the start of a character.
std::string shorten(std::string_view text) {
  if (text.size() <= kFoundBytesMax) return std::string(text);
  std::size_t end = 0;
  while (end < kFoundBytesMax) {
    const std::size_t bytes = core::utf8_sequence_bytes(text.substr(end));
    if (bytes == 0 || end + bytes > kFoundBytesMax) break;
    end += bytes;
  }
  return std::string(text.substr(0, end)) + "...";
}

/// How many characters to change, add or leave out (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

/// `12.5%`: at most two decimals, so every rate is a whole number of basis points.
core::Result<std::int64_t> parse_percent(std::string_view text) {
  constexpr std::size_t kWholeDigitsMax = 3;
  if (!text.ends_with('%')) return core::fail_at(text.size());
  text.remove_suffix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point < text.size() ? text.substr(point + 1) : std::string_view("0");
  if (whole.empty() || whole.size() > kWholeDigitsMax || decimals.empty() || decimals.size() > 2)
    return core::fail_at(0);
  if (whole.size() > 1 && whole.front() == '0') return core::fail_at(0);
  std::int64_t hundredths = 0;
  for (const std::string_view part : {whole, decimals}) {
    if (!std::ranges::all_of(part, core::is_digit_char)) return core::fail_at(0);
    for (const char digit : part)
      hundredths = hundredths * 10 + (digit - '0');
  }
  return decimals.size() == 2 ? hundredths : hundredths * 10;
}

std::string format_percent(std::int64_t rate) {
  std::string text = std::to_string(rate / 100);
  if (rate % 100 != 0) {
    text += '.';
    text += static_cast<char>('0' + rate % 100 / 10);
    if (rate % 10 != 0) text += static_cast<char>('0' + rate % 10);
  }
  return text + '%';
}

}  // namespace

std::string list_of(Names names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += quoted(names[i]);
  }
  return list;
}

std::string_view nearest(std::string_view name, Names names) {
  std::string_view best;
  std::size_t best_distance = std::min(kTypingMistakesMax, name.size() / 2) + 1;
  if (name.size() > kFoundBytesMax) return best;
  for (const std::string_view known : names) {
    const std::size_t changes = distance(name, known);
    if (changes < best_distance) {
      best = known;
      best_distance = changes;
    }
  }
  return best;
}

std::string describe(const core::JsonValue& value) {
  switch (value.kind()) {
    case core::JsonKind::Null: return "null";
    case core::JsonKind::Boolean: return value.boolean().value_or(false) ? "true" : "false";
    case core::JsonKind::Number: return shorten(value.number_text().value_or(""));
    case core::JsonKind::String: return quoted(shorten(value.text().value_or("")));
    case core::JsonKind::Array: return value.size() == 0 ? "an empty array" : "an array";
    case core::JsonKind::Object: return value.size() == 0 ? "an empty object" : "an object";
  }
  return {};
}

void set_position(DocumentMistake& mistake, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  mistake.line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t line_start = before.rfind('\n');
  mistake.column =
      static_cast<std::uint32_t>(before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1)) + 1;
}

core::Result<core::JsonDocument> parse_document(std::string_view text, const core::JsonLimits& limits,
                                                DocumentMistake& mistake) {
  auto document = core::JsonDocument::parse(text, limits);
  if (document) return document;
  const core::Error error = document.error();
  mistake = {};
  mistake.expected = "JSON (UTF-8, no comments, no comma after the last value, no name twice in an object)";
  if (error.code == core::ErrorCode::Unsupported) mistake.expected = "text without NUL characters";
  if (error.code == core::ErrorCode::Exhausted) {
    mistake.expected = "at most " + std::to_string(limits.bytes_max) + " bytes, " + std::to_string(limits.values_max) +
                       " values, " + std::to_string(limits.members_max) + " members of an object, " +
                       std::to_string(limits.string_bytes_max) + " bytes in a string and " +
                       std::to_string(limits.depth_max) + " levels";
  }
  if (error.source == core::ErrorSource::Input) {
    const auto offset = static_cast<std::size_t>(error.foreign);
    set_position(mistake, text, offset);
    if (error.code == core::ErrorCode::InvalidArgument) {
      mistake.found = "a mistake at byte " + std::to_string(offset);
      if (offset >= text.size()) mistake.found = "the end of the text";
    }
  }
  return std::unexpected(error);
}

std::unexpected<core::Error> DocumentReader::wrong(const core::JsonValue& at, std::string expected,
                                                   core::ErrorCode code) {
  offset_ = at.offset();
  expected_ = std::move(expected);
  found_ = describe(at);
  return at.mistake(code);
}

core::Result<> DocumentReader::only(const core::JsonValue& object, Names names) {
  const auto members = object.members();
  if (!members) return wrong(object, names.empty() ? "{}" : "an object with the members " + list_of(names));
  for (const auto& [name, value] : *members) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string_view meant = nearest(name, names);
    std::string expected = "a known name: " + list_of(names);
    if (!meant.empty()) expected = "a known name (is " + quoted(meant) + " meant?)";
    if (names.empty()) expected = "nothing here: {}";
    auto failure = wrong(value, std::move(expected));
    found_ = quoted(shorten(name));
    return failure;
  }
  return {};
}

core::Result<core::JsonValue> DocumentReader::required(const core::JsonValue& object, std::string_view member) {
  if (const auto value = object.find(member)) return *value;
  auto failure = wrong(object, "a member " + quoted(member));
  found_.clear();
  return failure;
}

core::Result<std::pair<std::size_t, core::JsonValue>> DocumentReader::one_of(const core::JsonValue& object, Names names,
                                                                             std::string_view what) {
  TILLKIT_TRY_VOID(only(object, names));
  if (object.size() != 1) return wrong(object, "exactly one " + std::string(what) + ": one of " + list_of(names));
  TILLKIT_TRY(const core::JsonMembers members, object.members());
  const core::JsonMember member = *members.begin();
  const auto found = std::ranges::find(names, member.name);
  return std::pair{static_cast<std::size_t>(found - names.begin()), member.value};
}

core::Result<> DocumentReader::not_both(const core::JsonValue& object, std::string_view a, std::string_view b) {
  const auto value = object.find(b);
  if (!value || !object.find(a)) return {};
  return wrong(*value, "only one of " + quoted(a) + " and " + quoted(b));
}

core::Result<core::JsonElements> DocumentReader::elements(const core::JsonValue& array, std::string_view what,
                                                          std::size_t count_max) {
  const auto elements = array.elements();
  if (!elements) return wrong(array, "an array of " + std::string(what));
  if (array.size() > count_max) {
    return wrong(array, "at most " + std::to_string(count_max) + ' ' + std::string(what), core::ErrorCode::Exhausted);
  }
  return *elements;
}

core::Result<std::int64_t> DocumentReader::amount(const core::JsonValue& value, Range range) {
  const bool whole_only = currency_.exponent() == 0;
  const auto written = value.text();
  if (!written) {
    std::string expected = "an amount in " + std::string(currency_.alpha()) + " as text, such as ";
    expected += quoted(core::format_amount({500, currency_}));
    return wrong(value, std::move(expected));
  }
  std::string text(*written);
  if (!whole_only && !text.empty() && !text.contains('.')) text += '.' + std::string(currency_.exponent(), '0');
  const auto money = core::parse_amount(text, currency_);
  if (money && money->minor >= range.min && money->minor <= range.max) return money->minor;
  if (!money && money.error().code != core::ErrorCode::OutOfRange) {
    return wrong(value, "an amount in " + std::string(currency_.alpha()) + " such as " +
                            quoted(core::format_amount({500, currency_})) +
                            (whole_only ? " (no decimals)" : ": digits only, with all decimals or none"));
  }
  return wrong(value, "an amount from " + quoted(core::format_amount({range.min, currency_})) + " to " +
                          quoted(core::format_amount({range.max, currency_})));
}

core::Result<std::string_view> DocumentReader::text(const core::JsonValue& value, std::size_t bytes_max) {
  const auto text = value.text();
  if (text && !text->empty() && text->size() <= bytes_max) return *text;
  return wrong(value, "a text of 1 to " + std::to_string(bytes_max) + " bytes");
}

core::Result<std::size_t> DocumentReader::choice(const core::JsonValue& value, Names names) {
  if (const auto text = value.text()) {
    const auto found = std::ranges::find(names, *text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  return wrong(value, list_of(names));
}

core::Result<core::Currency> DocumentReader::currency(const core::JsonValue& value) {
  if (const auto text = value.text()) {
    if (const auto currency = core::find_currency(*text)) return *currency;
  }
  return wrong(value, "a currency of ISO 4217 such as \"CNY\"");
}

core::Result<std::int64_t> DocumentReader::integer_in(const core::JsonValue& value, Range range) {
  if (const auto read = value.integer_in(range.min, range.max)) return *read;
  return wrong(value, "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
}

core::Result<> DocumentReader::amount(const core::JsonValue& object, std::string_view member, std::int64_t& out,
                                      Range range) {
  const auto value = object.find(member);
  if (!value) return {};
  TILLKIT_TRY(out, amount(*value, range));
  return {};
}

core::Result<> DocumentReader::rate(const core::JsonValue& object, std::string_view member, core::BasisPoints& out,
                                    Range range) {
  const auto value = object.find(member);
  if (!value) return {};
  const auto written = value->text();
  const auto read = written ? parse_percent(*written) : core::Result<std::int64_t>(core::fail_at(0));
  if (!read) return wrong(*value, "a rate such as \"10%\" or \"12.5%\", with two decimals at most");
  if (*read < range.min || *read > range.max) {
    return wrong(*value,
                 "a rate from " + quoted(format_percent(range.min)) + " to " + quoted(format_percent(range.max)));
  }
  out = core::BasisPoints(static_cast<std::int32_t>(*read));
  return {};
}

core::Result<> DocumentReader::integer(const core::JsonValue& object, std::string_view member, std::int64_t& out,
                                       Range range) {
  const auto value = object.find(member);
  if (!value) return {};
  TILLKIT_TRY(out, integer_in(*value, range));
  return {};
}

core::Result<> DocumentReader::boolean(const core::JsonValue& object, std::string_view member, bool& out) {
  const auto value = object.find(member);
  if (!value) return {};
  const auto read = value->boolean();
  if (!read) return wrong(*value, "true or false");
  out = *read;
  return {};
}

core::Result<> DocumentReader::moment(const core::JsonValue& object, std::string_view member, core::WallTime& out) {
  const auto value = object.find(member);
  if (!value) return {};
  const auto text = value->text();
  const auto read = text ? core::parse_rfc3339(*text) : core::Result<core::WallTime>(core::fail_at(0));
  if (!read) return wrong(*value, "a moment such as \"2026-11-21T08:00:00+08:00\"");
  out = *read;
  return {};
}

core::Result<> DocumentReader::names(const core::JsonValue& object, std::string_view member, std::vector<Name>& out,
                                     Range count) {
  const auto value = object.find(member);
  if (!value) return {};
  return names(*value, out, count);
}

core::Result<> DocumentReader::names(const core::JsonValue& array, std::vector<Name>& out, Range count) {
  TILLKIT_TRY(const core::JsonElements list, elements(array, "names", static_cast<std::size_t>(count.max)));
  if (array.size() == 0 && count.min > 0) return wrong(array, "at least one name");
  out.reserve(array.size());
  for (const core::JsonValue value : list) {
    TILLKIT_TRY(const Name name, id<Name>(value));
    out.push_back(name);
  }
  return {};
}

DocumentMistake DocumentReader::mistake(std::string_view text, const core::JsonDocument& document) const {
  DocumentMistake mistake{document.path_at(offset_).value_or(""), expected_, found_};
  set_position(mistake, text, offset_);
  return mistake;
}

std::string DocumentReader::id_expected(std::size_t length_max) {
  return "a name of 1 to " + std::to_string(length_max) + " characters: letters, digits and . _ : -";
}

}  // namespace detail

std::string to_string(const DocumentMistake& mistake) {
  std::string text = mistake.path;
  if (!text.empty()) text += ": ";
  text += "expected " + mistake.expected;
  if (!mistake.found.empty()) text += ", found " + mistake.found;
  return text;
}

}  // namespace tillkit::offers
