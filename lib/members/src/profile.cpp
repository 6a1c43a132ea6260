// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/profile.hpp"

#include <limits>

namespace tillkit::members {
namespace {

/// Held at the ends: a sum that no shop reaches.
std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

bool reaches(const TierRule& rule, std::int64_t orders, std::int64_t spent_minor) {
  const bool by_orders = rule.orders_at_least > 0 && orders >= static_cast<std::int64_t>(rule.orders_at_least);
  const bool by_spending = rule.spent_at_least_minor > 0 && spent_minor >= rule.spent_at_least_minor;
  return by_orders || by_spending;
}

}  // namespace

offers::Member rules_view(const Profile& profile) {
  return {.known = !profile.id.empty(),
          .tier = profile.tier,
          .tags = profile.tags,
          .birth_month = profile.birth_month,
          .birth_day = profile.birth_day,
          .orders_before = profile.orders};
}

std::optional<offers::Name> tier_after(std::span<const TierRule> rules, const Profile& before, std::int64_t net_minor) {
  const std::int64_t orders = std::int64_t{before.orders} + 1;
  const std::int64_t spent_minor = add(before.spent_minor, net_minor);
  offers::Name tier = before.tier;
  for (const TierRule& rule : rules) {
    if (rule.from == tier && reaches(rule, orders, spent_minor)) tier = rule.to;
  }
  if (tier == before.tier) return std::nullopt;
  return tier;
}

}  // namespace tillkit::members
