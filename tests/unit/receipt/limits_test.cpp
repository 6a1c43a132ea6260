// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/limits.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit;

TEST_CASE("the limits of receipts are listed once each, in order, with a unit", "[receipt]") {
  const auto limits = receipt::receipt_limits();

  CHECK(std::ranges::is_sorted(limits, std::ranges::less{}, &core::NamedLimit::name));
  CHECK(std::ranges::adjacent_find(limits, std::ranges::equal_to{}, &core::NamedLimit::name) == limits.end());
  for (const auto& [name, value, unit] : limits) {
    CAPTURE(std::string(name));
    CHECK(name.starts_with("receipt."));
    CHECK(value > 0);
    CHECK_FALSE(unit.empty());
  }
}
