// SPDX-License-Identifier: Apache-2.0
#include "conditions.hpp"

#include <algorithm>
#include <chrono>

#include "tillkit/core/calendar.hpp"

namespace tillkit::offers::detail {
namespace {

Truth truth(bool value) {
  return value ? Truth::Yes : Truth::No;
}

bool contains(const std::vector<Name>& names, const Name& name) {
  return !name.empty() && std::ranges::find(names, name) != names.end();
}

bool has_any(const std::vector<Name>& names, const std::vector<Name>& of) {
  return std::ranges::any_of(of, [&](const Name& name) { return contains(names, name); });
}

/// Counts the different items in a scope.
std::int64_t coverage(const BasketView& basket, ScopeIndex scope) {
  const std::span<const WorkLine> lines = basket.lines();
  std::int64_t count = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!basket.fits(lines[i], scope)) continue;
    const bool seen = std::ranges::any_of(lines.first(i), [&](const WorkLine& before) {
      return before.item == lines[i].item && basket.fits(before, scope);
    });
    if (!seen) ++count;
  }
  return count;
}

Truth in_window(const TimeWindow& window, const Context& context) {
  if (context.now.quality == core::WallQuality::Unknown) return Truth::Unknown;
  if (context.now.at < window.from || context.now.at >= window.until) return Truth::No;
  const auto civil = core::to_civil(context.now.at, context.utc_offset);
  if (!civil) return Truth::Unknown;
  std::chrono::sys_days day{civil->date};
  const std::chrono::milliseconds at = civil->since_midnight;
  bool inside = false;
  if (window.day_from < window.day_until) {
    inside = at >= window.day_from && at < window.day_until;
  } else if (at >= window.day_from) {
    inside = true;
  } else if (at < window.day_until) {  // past midnight of the day before
    inside = true;
    day -= std::chrono::days{1};
  }
  const unsigned bit = std::chrono::weekday{day}.iso_encoding() - 1;
  return truth(inside && ((window.weekdays >> bit) & 1U) != 0);
}

/// The birthday of that year; of those born on 29 February, the 28th in other years.
std::chrono::sys_days birthday_in(std::chrono::year year, const Member& member) {
  const std::chrono::year_month month{year, std::chrono::month{member.birth_month}};
  const std::chrono::day last =
      std::chrono::year_month_day_last{year, std::chrono::month_day_last{month.month()}}.day();
  return std::chrono::sys_days{month / std::min(std::chrono::day{member.birth_day}, last)};
}

Truth is_birthday(const Condition& condition, const Context& context) {
  constexpr std::uint8_t kMonths = 12;
  constexpr std::uint8_t kDays = 31;
  const Member& member = context.member;
  if (!member.known || member.birth_month == 0 || member.birth_month > kMonths || member.birth_day == 0 ||
      member.birth_day > kDays) {
    return Truth::No;
  }
  if (context.now.quality == core::WallQuality::Unknown) return Truth::Unknown;
  const auto civil = core::to_civil(context.now.at, context.utc_offset);
  if (!civil) return Truth::Unknown;
  const std::chrono::sys_days today{civil->date};
  for (int years = -1; years <= 1; ++years) {
    const std::chrono::days away = birthday_in(civil->date.year() + std::chrono::years{years}, member) - today;
    if (away.count() <= condition.days_before && -away.count() <= condition.days_after) return Truth::Yes;
  }
  return Truth::No;
}

bool is_order(const Condition& condition, const Member& member) {
  if (!member.known) return false;
  const std::uint64_t number = std::uint64_t{member.orders_before} + 1;
  return condition.every ? number % condition.number == 0 : number == condition.number;
}

bool is_tender(const Condition& condition, const Context& context) {
  return contains(condition.names, context.wallet) ||
         std::ranges::any_of(condition.bins, [&](const std::string& bin) { return context.card.starts_with(bin); });
}

/// A condition without children.
Truth leaf_holds(const CompiledCondition& compiled, const BasketView& basket) {
  const Condition& condition = *compiled.condition;
  const Context& context = basket.context();
  const Member& member = context.member;
  switch (condition.kind) {
    case ConditionKind::Subtotal: return truth(basket.sum(compiled.scope).amount >= condition.at_least);
    case ConditionKind::Pieces: return truth(basket.sum(compiled.scope).units >= condition.at_least);
    case ConditionKind::Coverage: return truth(coverage(basket, compiled.scope) >= condition.at_least);
    case ConditionKind::Member: return truth(member.known);
    case ConditionKind::Tier: return truth(member.known && contains(condition.names, member.tier));
    case ConditionKind::MemberTag: return truth(member.known && has_any(condition.names, member.tags));
    case ConditionKind::OrderNumber: return truth(is_order(condition, member));
    case ConditionKind::Birthday: return is_birthday(condition, context);
    case ConditionKind::Time: return in_window(condition.window, context);
    case ConditionKind::Channel: return truth(contains(condition.names, context.channel));
    case ConditionKind::Store: return truth(contains(condition.names, context.store));
    case ConditionKind::Tender: return truth(is_tender(condition, context));
    case ConditionKind::Code: return truth(has_any(condition.names, context.codes));
    case ConditionKind::All:
    case ConditionKind::Any:
    case ConditionKind::Not: break;
  }
  return Truth::Yes;
}

}  // namespace

Truth holds(const CompiledCondition& condition, const BasketView& basket) {
  switch (condition.condition->kind) {
    case ConditionKind::All: {
      Truth all = Truth::Yes;
      for (const CompiledCondition& child : condition.children) {
        const Truth one = holds(child, basket);
        if (one == Truth::No) return Truth::No;
        if (one == Truth::Unknown) all = Truth::Unknown;
      }
      return all;
    }
    case ConditionKind::Any: {
      Truth any = Truth::No;
      for (const CompiledCondition& child : condition.children) {
        const Truth one = holds(child, basket);
        if (one == Truth::Yes) return Truth::Yes;
        if (one == Truth::Unknown) any = Truth::Unknown;
      }
      return any;
    }
    case ConditionKind::Not: {
      const Truth child = holds(condition.children.front(), basket);
      return child == Truth::Unknown ? Truth::Unknown : truth(child == Truth::No);
    }
    default: return leaf_holds(condition, basket);
  }
}

Rejection blame(const CompiledCondition& compiled, const BasketView& basket) {
  const Condition& condition = *compiled.condition;
  Rejection rejection;
  const auto because = [&](Reason reason, std::int64_t missing = 0) {
    rejection.reason = holds(compiled, basket) == Truth::Unknown ? Reason::ClockUnknown : reason;
    rejection.missing = missing;
    rejection.names = condition.names;
    return rejection;
  };
  const ScopeSum sum = basket.sum(compiled.scope);
  switch (condition.kind) {
    case ConditionKind::All:
    case ConditionKind::Any: {
      // Of a choice, the part that is nearest to a shopper's reach: the first that asks for more goods, else the first.
      const CompiledCondition* first = nullptr;
      for (const CompiledCondition& child : compiled.children) {
        if (holds(child, basket) == Truth::Yes) continue;
        if (first == nullptr) first = &child;
        if (condition.kind == ConditionKind::Any && child.condition->kind == ConditionKind::Subtotal) {
          first = &child;
          break;
        }
      }
      return first != nullptr ? blame(*first, basket) : because(Reason::Excluded);
    }
    case ConditionKind::Not: return because(Reason::Excluded);
    case ConditionKind::Subtotal: return because(Reason::NeedsAmount, condition.at_least - sum.amount);
    case ConditionKind::Pieces: return because(Reason::NeedsPieces, condition.at_least - sum.units);
    case ConditionKind::Coverage:
      return because(Reason::NeedsItems, condition.at_least - coverage(basket, compiled.scope));
    case ConditionKind::Member: return because(Reason::MembersOnly);
    case ConditionKind::Tier: return because(Reason::TierOnly);
    case ConditionKind::MemberTag: return because(Reason::TagOnly);
    case ConditionKind::OrderNumber: return because(Reason::OrderNumber, condition.number);
    case ConditionKind::Birthday: return because(Reason::Birthday);
    case ConditionKind::Time: return because(Reason::Time);
    case ConditionKind::Channel: return because(Reason::Channel);
    case ConditionKind::Store: return because(Reason::Store);
    case ConditionKind::Tender: return because(Reason::Tender);
    case ConditionKind::Code: return because(Reason::Code);
  }
  return because(Reason::Excluded);
}

}  // namespace tillkit::offers::detail
