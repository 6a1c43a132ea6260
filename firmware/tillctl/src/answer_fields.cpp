// SPDX-License-Identifier: Apache-2.0
#include "answer_fields.hpp"

#include <chrono>

#include "text_table.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/time.hpp"

namespace tillctl {

namespace core = tillkit::core;

std::string text_of(const core::JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  const auto text = member ? member->text() : core::Result<std::string_view>(core::fail(core::ErrorCode::NotFound));
  return text ? printable(*text) : std::string();
}

std::int64_t number_of(const core::JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  return member ? member->integer().value_or(0) : 0;
}

bool is_set(const core::JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  return member && member->boolean().value_or(false);
}

std::string count(std::int64_t number, std::string_view what) {
  return std::to_string(number) + ' ' + std::string(what) + (number == 1 ? "" : "s");
}

std::string time_of(const core::JsonValue& record) {
  const auto at = core::format_rfc3339(core::WallTime(std::chrono::milliseconds(number_of(record, "wall_ms"))));
  if (!at) return "?";
  std::string text = at->substr(0, 19);
  text[10] = ' ';
  const std::string quality = text_of(record, "quality");
  if (quality == "estimated") return text + " about";
  return quality == "trusted" ? text : text + " at least";
}

std::string money_of(const core::JsonValue& money) {
  const auto currency = core::find_currency(text_of(money, "currency"));
  if (!currency) return "?";
  return core::format_amount({number_of(money, "minor"), *currency}) + ' ' + std::string(currency->alpha());
}

std::string money_of(const core::JsonValue& object, std::string_view name) {
  const auto money = object.find(name);
  return money ? money_of(*money) : "?";
}

std::string age_of(const core::JsonValue& object, std::string_view name) {
  if (!object.find(name)) return "?";
  const std::int64_t seconds = number_of(object, name);
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (minutes == 0) return std::to_string(seconds) + " s";
  if (hours == 0) return std::to_string(minutes) + " min";
  if (hours < 24) return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
  return std::to_string(hours / 24) + " d " + std::to_string(hours % 24) + " h";
}

}  // namespace tillctl
