// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/profile.hpp"

#include <array>
#include <limits>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::members {
namespace {

offers::Name tier(std::string_view text) {
  return text.empty() ? offers::Name{} : *offers::Name::parse(text);
}

const std::array kRules{
    TierRule{.from = {}, .to = tier("silver"), .orders_at_least = 3},
    TierRule{.from = tier("silver"), .to = tier("gold"), .orders_at_least = 10, .spent_at_least_minor = 100'000},
    TierRule{.from = tier("gold"), .to = tier("black"), .spent_at_least_minor = 1'000'000},
};

Profile member(std::string_view now, std::uint32_t orders, std::int64_t spent) {
  return {.id = *MemberId::parse("M-1"), .tier = tier(now), .orders = orders, .spent_minor = spent};
}

TEST_CASE("rules see of a member what they may ask about", "[members]") {
  Profile profile = member("gold", 7, 0);
  profile.tags = {tier("vip"), tier("staff")};
  profile.birth_month = 2;
  profile.birth_day = 29;

  const offers::Member view = rules_view(profile);

  CHECK(view.known);
  CHECK(view.tier == tier("gold"));
  CHECK(view.tags == profile.tags);
  CHECK(view.birth_month == 2);
  CHECK(view.birth_day == 29);
  CHECK(view.orders_before == 7);
  CHECK_FALSE(rules_view({}).known);
}

TEST_CASE("the sale that reaches one of the sums brings the next tier, and not the one before", "[members]") {
  CHECK_FALSE(tier_after(kRules, member("", 1, 0), 1).has_value());
  CHECK(tier_after(kRules, member("", 2, 0), 1) == tier("silver"));
  CHECK_FALSE(tier_after(kRules, member("silver", 8, 99'000), 999).has_value());
  CHECK(tier_after(kRules, member("silver", 9, 0), 1) == tier("gold"));
  CHECK(tier_after(kRules, member("silver", 0, 99'000), 1'000) == tier("gold"));
}

TEST_CASE("a big sale takes several steps, one after another", "[members]") {
  CHECK(tier_after(kRules, member("", 2, 0), 1'000'000) == tier("black"));
  CHECK_FALSE(tier_after(kRules, member("", 0, 0), 1'000'000).has_value());
  std::array turned{kRules[1], kRules[0]};
  CHECK(tier_after(turned, member("", 2, 0), 1'000'000) == tier("silver"));
}

TEST_CASE("a sum of 0 does not count, and a tier without a rule stays", "[members]") {
  const std::array never{TierRule{.from = {}, .to = tier("silver")}};

  CHECK_FALSE(tier_after(never, member("", 1'000, 1'000'000), 1).has_value());
  CHECK_FALSE(tier_after(kRules, member("staff", 1'000, 9'000'000), 1).has_value());
  CHECK_FALSE(tier_after({}, member("", 1'000, 1'000'000), 1).has_value());
  // Only orders count for the first step: no sum of money takes it.
  CHECK_FALSE(tier_after(kRules, member("", 0, 0), 9'000'000).has_value());
}

TEST_CASE("rules that lead back to where they began change nothing", "[members]") {
  const std::array around{TierRule{.from = {}, .to = tier("a"), .orders_at_least = 1},
                          TierRule{.from = tier("a"), .to = {}, .orders_at_least = 1}};

  CHECK_FALSE(tier_after(around, member("", 5, 0), 1).has_value());
}

TEST_CASE("sums at the ends of the numbers do not turn over", "[members]") {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const std::array rich{TierRule{.from = {}, .to = tier("rich"), .spent_at_least_minor = kMax}};
  const std::array busy{TierRule{.from = {}, .to = tier("busy"), .orders_at_least = 0xFFFF'FFFF}};

  CHECK(tier_after(rich, member("", 0, kMax), kMax) == tier("rich"));
  CHECK_FALSE(tier_after(rich, member("", 0, -kMax), -kMax).has_value());
  CHECK(tier_after(busy, member("", 0xFFFF'FFFF, 0), 1) == tier("busy"));
}

}  // namespace
}  // namespace tillkit::members
