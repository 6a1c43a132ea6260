// SPDX-License-Identifier: Apache-2.0
#include "document_conditions.hpp"

#include <algorithm>
#include <string>

#include "tillkit/core/calendar.hpp"

namespace tillkit::offers::detail {
namespace {

using core::JsonValue;
using core::Result;

constexpr std::size_t kChildrenMax = 64;
constexpr std::size_t kBinsMax = 1'000;
constexpr std::size_t kBinDigitsMin = 4;
constexpr std::size_t kBinDigitsMax = 10;
constexpr Range kOrderNumbers{1, 1'000'000};
constexpr Range kDays{0, 180};

Result<> read_children(DocumentReader& in, const JsonValue& value, std::size_t depth, Condition& condition) {
  if (condition.kind == ConditionKind::Not)
    return read_condition(in, value, depth + 1, condition.children.emplace_back());
  TILLKIT_TRY(const core::JsonElements list, in.elements(value, "conditions", kChildrenMax));
  if (value.size() == 0) return in.wrong(value, "at least one condition");
  condition.children.reserve(value.size());
  for (const JsonValue child : list)
    TILLKIT_TRY_VOID(read_condition(in, child, depth + 1, condition.children.emplace_back()));
  return {};
}

Result<> read_reach(DocumentReader& in, const JsonValue& value, Condition& condition) {
  TILLKIT_TRY_VOID(in.only(value, kReachMembers));
  TILLKIT_TRY_VOID(in.required(value, "at_least"));
  if (condition.kind == ConditionKind::Subtotal) {
    TILLKIT_TRY_VOID(in.amount(value, "at_least", condition.at_least, kSomeAmount));
  } else {
    TILLKIT_TRY_VOID(in.integer(value, "at_least", condition.at_least, kSomeCount));
  }
  if (const auto scope = value.find("scope")) return read_scope(in, *scope, condition.scope);
  return {};
}

Result<> read_order_number(DocumentReader& in, const JsonValue& value, Condition& condition) {
  TILLKIT_TRY_VOID(in.only(value, kOrderNumberMembers));
  TILLKIT_TRY_VOID(in.required(value, "number"));
  TILLKIT_TRY_VOID(in.integer(value, "number", condition.number, kOrderNumbers));
  return in.boolean(value, "every", condition.every);
}

Result<> read_birthday(DocumentReader& in, const JsonValue& value, Condition& condition) {
  TILLKIT_TRY_VOID(in.only(value, kBirthdayMembers));
  TILLKIT_TRY_VOID(in.integer(value, "days_before", condition.days_before, kDays));
  return in.integer(value, "days_after", condition.days_after, kDays);
}

Result<> read_time_of_day(DocumentReader& in, const JsonValue& object, std::string_view member,
                          std::chrono::seconds& out) {
  const auto value = object.find(member);
  if (!value) return {};
  const auto text = value->text();
  const auto read = text ? core::parse_time_of_day(*text) : Result<std::chrono::seconds>(core::fail_at(0));
  if (!read) return in.wrong(*value, "a time of day such as \"08:30\"");
  out = *read;
  return {};
}

Result<> read_weekdays(DocumentReader& in, const JsonValue& object, std::uint8_t& weekdays) {
  const auto array = object.find("weekdays");
  if (!array) return {};
  TILLKIT_TRY(const core::JsonElements list, in.elements(*array, "weekdays", kWeekdayNames.size()));
  if (array->size() == 0) return in.wrong(*array, "at least one weekday");
  unsigned days = 0;
  for (const JsonValue value : list) {
    TILLKIT_TRY(const std::size_t day, in.choice(value, kWeekdayNames));
    if ((days >> day & 1U) != 0) return in.wrong(value, "each weekday once");
    days |= 1U << day;
  }
  weekdays = static_cast<std::uint8_t>(days);
  return {};
}

Result<> read_time(DocumentReader& in, const JsonValue& value, TimeWindow& window) {
  TILLKIT_TRY_VOID(in.only(value, kTimeMembers));
  if (value.size() == 0) return in.wrong(value, "at least one of " + list_of(kTimeMembers));
  TILLKIT_TRY_VOID(in.moment(value, "from", window.from));
  TILLKIT_TRY_VOID(in.moment(value, "until", window.until));
  if (window.from >= window.until) return in.wrong(value, "\"from\" before \"until\"");
  TILLKIT_TRY_VOID(read_weekdays(in, value, window.weekdays));
  TILLKIT_TRY_VOID(read_time_of_day(in, value, "day_from", window.day_from));
  TILLKIT_TRY_VOID(read_time_of_day(in, value, "day_until", window.day_until));
  constexpr std::chrono::seconds kDay{86'400};
  if (window.day_from == window.day_until || window.day_from == kDay || window.day_until == std::chrono::seconds{0}) {
    return in.wrong(value, "\"day_from\" from \"00:00\" on, \"day_until\" up to \"24:00\", and not the same");
  }
  return {};
}

Result<> read_bins(DocumentReader& in, const JsonValue& object, std::vector<std::string>& bins) {
  const auto array = object.find("bins");
  if (!array) return {};
  TILLKIT_TRY(const core::JsonElements list, in.elements(*array, "first digits of cards", kBinsMax));
  if (array->size() == 0) return in.wrong(*array, "at least one");
  for (const JsonValue value : list) {
    const auto text = value.text();
    if (!text || text->size() < kBinDigitsMin || text->size() > kBinDigitsMax ||
        !std::ranges::all_of(*text, core::is_digit_char)) {
      return in.wrong(value, "the first 4 to 10 digits of a card number, as text");
    }
    bins.emplace_back(*text);
  }
  return {};
}

Result<> read_tender(DocumentReader& in, const JsonValue& value, Condition& condition) {
  TILLKIT_TRY_VOID(in.only(value, kTenderMembers));
  if (value.size() == 0) return in.wrong(value, "\"names\" of wallets or \"bins\" of cards");
  TILLKIT_TRY_VOID(in.names(value, "names", condition.names));
  return read_bins(in, value, condition.bins);
}

}  // namespace

Result<> read_scope(DocumentReader& in, const JsonValue& value, Scope& scope) {
  TILLKIT_TRY_VOID(in.only(value, kScopeMembers));
  TILLKIT_TRY_VOID(in.names(value, "items", scope.items));
  TILLKIT_TRY_VOID(in.names(value, "brands", scope.brands));
  TILLKIT_TRY_VOID(in.names(value, "categories", scope.categories));
  TILLKIT_TRY_VOID(in.names(value, "tags", scope.tags));
  TILLKIT_TRY_VOID(in.names(value, "excluded_items", scope.excluded_items));
  TILLKIT_TRY_VOID(in.names(value, "excluded_brands", scope.excluded_brands));
  TILLKIT_TRY_VOID(in.names(value, "excluded_categories", scope.excluded_categories));
  TILLKIT_TRY_VOID(in.names(value, "excluded_tags", scope.excluded_tags));
  TILLKIT_TRY_VOID(in.amount(value, "unit_price_min", scope.unit_price_min, kAnyAmount));
  TILLKIT_TRY_VOID(in.amount(value, "unit_price_max", scope.unit_price_max, kSomeAmount));
  if (scope.unit_price_max != 0 && scope.unit_price_max < scope.unit_price_min) {
    return in.wrong(value, "\"unit_price_min\" not above \"unit_price_max\"");
  }
  return {};
}

Result<> read_condition(DocumentReader& in, const JsonValue& value, std::size_t depth, Condition& condition) {
  if (depth > kConditionDepthMax) {
    return in.wrong(value, "at most " + std::to_string(kConditionDepthMax) + " conditions inside one another",
                    core::ErrorCode::Exhausted);
  }
  TILLKIT_TRY(const auto chosen, in.one_of(value, kConditions, "condition; several go into \"all\" or \"any\""));
  condition.kind = static_cast<ConditionKind>(chosen.first);
  const JsonValue& what = chosen.second;
  switch (condition.kind) {
    case ConditionKind::All:
    case ConditionKind::Any:
    case ConditionKind::Not: return read_children(in, what, depth, condition);
    case ConditionKind::Subtotal:
    case ConditionKind::Pieces:
    case ConditionKind::Coverage: return read_reach(in, what, condition);
    case ConditionKind::Member: return in.only(what, {});
    case ConditionKind::OrderNumber: return read_order_number(in, what, condition);
    case ConditionKind::Birthday: return read_birthday(in, what, condition);
    case ConditionKind::Time: return read_time(in, what, condition.window);
    case ConditionKind::Tender: return read_tender(in, what, condition);
    case ConditionKind::Tier:
    case ConditionKind::MemberTag:
    case ConditionKind::Channel:
    case ConditionKind::Store:
    case ConditionKind::Code: return in.names(what, condition.names, kSomeNames);
  }
  return {};
}

}  // namespace tillkit::offers::detail
