// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/mpm.hpp"

#include <array>

#include "digits.hpp"
#include "mpm_text.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/crc.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::codes {
namespace {

using Objects = std::vector<MpmObject>;
using Fault = std::optional<MpmFault>;

constexpr std::size_t kCrcDigits = 4;
constexpr std::uint8_t kIdentifier = 0;  // what a template is, in its part 00

/// The ids on the way to an object.
struct Path {
  std::uint8_t field = kMpmNoPart;
  std::uint8_t part = kMpmNoPart;

  [[nodiscard]] MpmFault fault(MpmMistake mistake, std::uint8_t id) const {
    if (field == kMpmNoPart) return {.mistake = mistake, .field = id};
    if (part == kMpmNoPart) return {.mistake = mistake, .field = field, .part = id};
    return {.mistake = mistake, .field = field, .part = part, .subpart = id};
  }
  [[nodiscard]] Path into(std::uint8_t id) const { return field == kMpmNoPart ? Path{.field = id} : Path{field, id}; }
};

bool two_digits(std::string_view text, std::size_t at) {
  return text.size() >= at + 2 && all_digits(text.substr(at, 2));
}

/// Where `count` characters from `at` end, or nothing where the text is shorter.
std::optional<std::size_t> skip_characters(std::string_view text, std::size_t at, std::size_t count) {
  while (count > 0) {
    if (at == text.size()) return std::nullopt;
    ++at;
    while (at < text.size() && continues_character(text[at]))
      ++at;
    --count;
  }
  return at;
}

/// Reads ids, lengths and values; knows no meaning.
std::expected<Objects, MpmFault> read_objects(std::string_view text, Path path) {
  constexpr std::size_t kHeader = 4;
  Objects objects;
  std::uint8_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!two_digits(text, at)) return std::unexpected(path.fault(MpmMistake::Id, last));
    const auto id = static_cast<std::uint8_t>(number_of(text.substr(at, 2)));
    last = id;
    if (!two_digits(text, at + 2)) return std::unexpected(path.fault(MpmMistake::Length, id));
    const auto length = static_cast<std::size_t>(number_of(text.substr(at + 2, 2)));
    if (length == 0) return std::unexpected(path.fault(MpmMistake::Length, id));
    const auto end = skip_characters(text, at + kHeader, length);
    if (!end) return std::unexpected(path.fault(MpmMistake::PastEnd, id));
    if (std::ranges::find(objects, id, &MpmObject::id) != objects.end())
      return std::unexpected(path.fault(MpmMistake::Repeated, id));
    objects.push_back({id, std::string(text.substr(at + kHeader, *end - at - kHeader)), {}});
    at = *end;
  }
  return objects;
}

enum class Form : std::uint8_t {
  Any,
  Printable,  // the specification's 'ans': ASCII from space to tilde
  Digits,
  Capitals,
  Letters,
  Version,
  Initiation,
  Amount,
  TipKind,
  Percent,
  Requests,  // some of A, M and E, each once
};

/// What the values of the ids from `first` to `last` look like. Lengths in characters.
struct FieldRule {
  std::uint8_t first;
  std::uint8_t last;
  std::uint8_t min;
  std::uint8_t max;
  Form form;
};

// clang-format off
constexpr std::array kRootRules{
    FieldRule{ 0,  0, 2,  2, Form::Version},
    FieldRule{ 1,  1, 2,  2, Form::Initiation},
    FieldRule{ 2, 51, 1, 99, Form::Printable},
    FieldRule{52, 52, 4,  4, Form::Digits},
    FieldRule{53, 53, 3,  3, Form::Digits},
    FieldRule{54, 54, 1, 13, Form::Amount},
    FieldRule{55, 55, 2,  2, Form::TipKind},
    FieldRule{56, 56, 1, 13, Form::Amount},
    FieldRule{57, 57, 1,  5, Form::Percent},
    FieldRule{58, 58, 2,  2, Form::Capitals},
    FieldRule{59, 59, 1, 25, Form::Printable},
    FieldRule{60, 60, 1, 15, Form::Printable},
    FieldRule{61, 61, 1, 10, Form::Printable},
    FieldRule{62, 99, 1, 99, Form::Any},
};
constexpr std::array kTemplateRules{
    FieldRule{ 0,  0, 1, 32, Form::Printable},
    FieldRule{ 1, 99, 1, 99, Form::Any},
};
constexpr std::array kAdditionalRules{
    FieldRule{ 0,  0, 1, 99, Form::Any},
    FieldRule{ 1,  8, 1, 25, Form::Printable},
    FieldRule{ 9,  9, 1,  3, Form::Requests},
    FieldRule{10, 10, 1, 20, Form::Printable},  // merchant's tax number, since 1.1
    FieldRule{11, 11, 3,  3, Form::Printable},  // merchant's channel, since 1.1
    FieldRule{12, 99, 1, 99, Form::Any},
};
constexpr std::array kLanguageRules{
    FieldRule{ 0,  0, 2,  2, Form::Letters},
    FieldRule{ 1,  1, 1, 25, Form::Any},
    FieldRule{ 2,  2, 1, 15, Form::Any},
    FieldRule{ 3, 99, 1, 99, Form::Any},
};
// clang-format on

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

/// Digits, then perhaps a point and more digits; not all of them zero.
bool is_positive_decimal(std::string_view text, std::size_t whole_max, std::size_t decimals_max) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() || whole.size() > whole_max || decimals.size() > decimals_max) return false;
  if (!all_digits(whole) || !all_digits(decimals)) return false;
  return std::ranges::any_of(text, [](char c) { return c >= '1' && c <= '9'; });
}

bool has_form(std::string_view value, Form form) {
  switch (form) {
    case Form::Any: return true;
    case Form::Printable: return std::ranges::all_of(value, is_printable);
    case Form::Digits: return all_digits(value);
    case Form::Capitals: return std::ranges::all_of(value, is_capital);
    case Form::Letters:
      return std::ranges::all_of(value, [](char c) { return is_capital(c) || (c >= 'a' && c <= 'z'); });
    case Form::Version: return value == "01";
    case Form::Initiation: return value == "11" || value == "12";
    case Form::Amount: return is_positive_decimal(value, value.size(), value.size());
    case Form::TipKind: return value == "01" || value == "02" || value == "03";
    case Form::Percent: return is_positive_decimal(value, 2, 2);
    case Form::Requests:
      return value.find_first_not_of("AME") == std::string_view::npos &&
             std::ranges::all_of(value, [&](char c) { return std::ranges::count(value, c) == 1; });
  }
  return false;
}

template <std::size_t Count>
Fault check_objects(const Objects& objects, const std::array<FieldRule, Count>& rules, Path path) {
  for (const MpmObject& object : objects) {
    const auto* const rule =
        std::ranges::find_if(rules, [&](const FieldRule& r) { return r.first <= object.id && object.id <= r.last; });
    if (rule == rules.end()) continue;
    const std::size_t characters = characters_in(object.value);
    if (characters < rule->min || characters > rule->max) return path.fault(MpmMistake::Length, object.id);
    if (!has_form(object.value, rule->form)) return path.fault(MpmMistake::Form, object.id);
  }
  return std::nullopt;
}

bool has(const Objects& objects, std::uint8_t id) {
  return std::ranges::find(objects, id, &MpmObject::id) != objects.end();
}

/// Turns the value of a template into its parts.
template <std::size_t Count>
Fault open_template(MpmObject& object, const std::array<FieldRule, Count>& rules, Path path) {
  auto parts = read_objects(object.value, path.into(object.id));
  if (!parts) return parts.error();
  if (const Fault fault = check_objects(*parts, rules, path.into(object.id))) return fault;
  object.value.clear();
  object.parts = *std::move(parts);
  return std::nullopt;
}

/// A template that says in its part 00 whose it is.
Fault open_identified(MpmObject& object, Path path) {
  if (const Fault fault = open_template(object, kTemplateRules, path)) return fault;
  if (!has(object.parts, kIdentifier)) return path.into(object.id).fault(MpmMistake::Missing, kIdentifier);
  return std::nullopt;
}

Fault open_additional(MpmObject& object, Path path) {
  constexpr std::uint8_t kSchemeTemplateFirst = 50;
  if (const Fault fault = open_template(object, kAdditionalRules, path)) return fault;
  for (MpmObject& part : object.parts) {
    if (part.id < kSchemeTemplateFirst) continue;
    if (const Fault fault = open_identified(part, path.into(object.id))) return fault;
  }
  return std::nullopt;
}

Fault open_language(MpmObject& object, Path path) {
  constexpr std::uint8_t kPreference = 0;
  constexpr std::uint8_t kName = 1;
  if (const Fault fault = open_template(object, kLanguageRules, path)) return fault;
  for (const std::uint8_t part : {kPreference, kName}) {
    if (!has(object.parts, part)) return path.into(object.id).fault(MpmMistake::Missing, part);
  }
  return std::nullopt;
}

Fault open_templates(Objects& objects) {
  for (MpmObject& object : objects) {
    const std::uint8_t id = object.id;
    Fault fault;
    if ((id >= kMpmAccountTemplateFirst && id <= kMpmAccountLast) || id >= kMpmTemplateFirst)
      fault = open_identified(object, {});
    if (id == kMpmAdditional) fault = open_additional(object, {});
    if (id == kMpmLanguage) fault = open_language(object, {});
    if (fault) return fault;
  }
  return std::nullopt;
}

Fault check_tip(const Mpm& code) {
  const auto wrong = [](std::uint8_t id) { return MpmFault{.mistake = MpmMistake::Tip, .field = id}; };
  const MpmTip tip = code.tip();
  if (has(code.objects, kMpmTipFixed) != (tip == MpmTip::Fixed)) return wrong(kMpmTipFixed);
  if (has(code.objects, kMpmTipPercent) != (tip == MpmTip::Percent)) return wrong(kMpmTipPercent);
  return std::nullopt;
}

Fault check_complete(const Objects& objects, MpmRules rules) {
  const auto missing = [](std::uint8_t id) { return MpmFault{.mistake = MpmMistake::Missing, .field = id}; };
  const auto is_account = [](const MpmObject& o) { return o.id >= kMpmAccountFirst && o.id <= kMpmAccountLast; };
  if (std::ranges::none_of(objects, is_account)) return missing(kMpmAccountFirst);
  for (const std::uint8_t id : {kMpmCategory, kMpmCurrency, kMpmCountry, kMpmName, kMpmCity}) {
    if (rules.short_forms && (id == kMpmCategory || id == kMpmName || id == kMpmCity)) continue;
    if (!has(objects, id)) return missing(id);
  }
  return std::nullopt;
}

/// The CRC is of the text up to and with the length in front of it.
Fault check_crc(std::string_view text, const MpmObject& last) {
  if (last.value.size() != kCrcDigits) return MpmFault{.mistake = MpmMistake::Length, .field = kMpmCrc};
  unsigned found = 0;
  for (const char c : last.value) {
    if (!core::is_digit_char(c) && (c < 'A' || c > 'F')) return MpmFault{.mistake = MpmMistake::Form, .field = kMpmCrc};
    found = found * 16 + static_cast<unsigned>(core::is_digit_char(c) ? c - '0' : c - 'A' + 10);
  }
  const std::uint16_t expected = core::Crc16CcittFalse::of(core::as_bytes(text.substr(0, text.size() - kCrcDigits)));
  if (found == expected) return std::nullopt;
  return MpmFault{
      .mistake = MpmMistake::Crc, .field = kMpmCrc, .expected = expected, .found = static_cast<std::uint16_t>(found)};
}

}  // namespace

std::expected<Mpm, MpmFault> parse_mpm(std::string_view text, MpmRules rules) {
  if (text.size() > kMpmBytesMax) return std::unexpected(MpmFault{.mistake = MpmMistake::TooLong});
  if (!core::check_utf8(text)) return std::unexpected(MpmFault{.mistake = MpmMistake::NotUtf8});
  auto objects = read_objects(text, {});
  if (!objects) return std::unexpected(objects.error());
  if (objects->empty() || objects->front().id != kMpmFormat)
    return std::unexpected(MpmFault{.mistake = MpmMistake::First, .field = kMpmFormat});
  if (objects->back().id != kMpmCrc) return std::unexpected(MpmFault{.mistake = MpmMistake::Last, .field = kMpmCrc});
  // Before anything is said about the fields: a damaged text shall be reported as damaged.
  if (const Fault fault = check_crc(text, objects->back())) return std::unexpected(*fault);
  objects->pop_back();
  Mpm code{*std::move(objects)};
  if (const Fault fault = check_objects(code.objects, kRootRules, {})) return std::unexpected(*fault);
  if (const Fault fault = open_templates(code.objects)) return std::unexpected(*fault);
  if (const Fault fault = check_tip(code)) return std::unexpected(*fault);
  if (const Fault fault = check_complete(code.objects, rules)) return std::unexpected(*fault);
  return code;
}

}  // namespace tillkit::codes
