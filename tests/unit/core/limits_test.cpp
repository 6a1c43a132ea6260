// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/limits.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit::core;

TEST_CASE("the limits are listed once each, in order, with a unit", "[core]") {
  const auto limits = core_limits();

  CHECK(std::ranges::is_sorted(limits, std::ranges::less{}, &NamedLimit::name));
  CHECK(std::ranges::adjacent_find(limits, std::ranges::equal_to{}, &NamedLimit::name) == limits.end());
  for (const auto& [name, value, unit] : limits) {
    CAPTURE(std::string(name));
    CHECK(name.starts_with("core."));
    CHECK(value > 0);
    CHECK_FALSE(unit.empty());
  }
}
