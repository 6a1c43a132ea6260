// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/sale.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "machine_check.hpp"

namespace tillkit::checkout {
namespace {

using S = SaleState;
using E = SaleEvent;

TEST_CASE("each state of a sale says what each event means, or why it cannot happen", "[checkout]") {
  core::check_each_pair(sale_rows(), impossible_sales(), kSaleStates, kSaleEvents);
  core::check_names<SaleState>(kSaleStates);
  core::check_names<SaleEvent>(kSaleEvents);
  CHECK(static_cast<int>(S::Returned) == 10);
  CHECK(static_cast<int>(E::Restarted) == 12);
}

TEST_CASE("a sale goes only along these lines", "[checkout]") {
  const std::set<std::pair<S, S>> lines{
      {S::Open, S::Suspended},    {S::Open, S::Paying},        {S::Open, S::Voided},    {S::Suspended, S::Paying},
      {S::Suspended, S::Voided},  {S::Paying, S::Fulfilling},  {S::Paying, S::Open},    {S::Paying, S::Undoing},
      {S::Fulfilling, S::Closed}, {S::Fulfilling, S::Undoing}, {S::Undoing, S::Undone}, {S::Returning, S::Returned}};
  std::set<std::pair<S, S>> drawn;
  for (const auto& row : sale_rows()) {
    if (row.from != row.to) drawn.emplace(row.from, row.to);
  }
  CHECK(drawn == lines);
}

TEST_CASE("each sale that is not over can still come to its end", "[checkout]") {
  for (std::size_t s = 1; s <= kSaleStates; ++s) {
    const S state = static_cast<S>(s);
    CAPTURE(std::string(to_string(state)));
    const auto ends = core::reachable(state, sale_rows());
    CHECK(std::ranges::any_of(ends, is_final));
    CHECK((ends.size() == 1) == is_final(state));
    CHECK(next(state, E::Restarted).has_value() != is_final(state));
  }
}

TEST_CASE("what is given up never comes to goods", "[checkout]") {
  const auto ends = core::reachable(S::Undoing, sale_rows());
  CHECK(!ends.contains(S::Fulfilling));
  CHECK(!ends.contains(S::Closed));
}

TEST_CASE("a start asks about what is being paid, and repeats what goes back", "[checkout]") {
  using core::Recovery;
  CHECK(recovery_of(S::Paying) == Recovery::Ask);
  CHECK(recovery_of(S::Fulfilling) == Recovery::Inspect);
  CHECK(recovery_of(S::Undoing) == Recovery::Repeat);
  CHECK(recovery_of(S::Returning) == Recovery::Repeat);
  for (const S state : {S::Open, S::Suspended, S::Closed, S::Undone, S::Voided, S::Returned})
    CHECK(recovery_of(state) == Recovery::None);
}

}  // namespace
}  // namespace tillkit::checkout
