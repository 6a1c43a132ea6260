// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tillkit/core/currency.hpp"
#include "tillkit/core/error.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"

/// What the bodies of records are made of, as members of a JSON object. All readers fail as `JsonValue::member` and as
/// the value's own type does.
namespace tillkit::core {

[[nodiscard]] inline Result<std::int64_t> read_integer(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer();
}

[[nodiscard]] inline Result<bool> read_boolean(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.boolean();
}

/// Money is `{"minor":1250,"currency":"CNY"}`.
inline JsonWriter& write_money(JsonWriter& json, std::string_view name, const Money& money) {
  return json.name(name)
      .begin_object()
      .name("minor")
      .integer(money.minor)
      .name("currency")
      .text(money.currency.alpha())
      .end_object();
}

[[nodiscard]] inline Result<Money> read_money(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue money, body.member(name));
  TILLKIT_TRY(const std::int64_t minor, read_integer(money, "minor"));
  TILLKIT_TRY(const JsonValue currency, money.member("currency"));
  TILLKIT_TRY(const std::string_view alpha, currency.text());
  TILLKIT_TRY(const Currency found, find_currency(alpha));
  return Money{minor, found};
}

/// A text of the id's own form.
template <class Id>
[[nodiscard]] Result<Id> read_id(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return Id::parse(text);
}

/// An id, or none where the text is empty.
template <class Id>
[[nodiscard]] Result<Id> parse_optional_id(std::string_view text) {
  if (text.empty()) return Id{};
  return Id::parse(text);
}

/// `read_id`, where an empty text is none.
template <class Id>
[[nodiscard]] Result<Id> read_optional_id(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return parse_optional_id<Id>(text);
}

/// The enumerator of a number from 1 to `count`; 0 and others are `Corrupt`.
template <class Enum>
[[nodiscard]] Result<Enum> enum_of(std::int64_t number, std::size_t count) {
  if (number < 1 || number > static_cast<std::int64_t>(count)) return fail(ErrorCode::Corrupt);
  return static_cast<Enum>(number);
}

}  // namespace tillkit::core
