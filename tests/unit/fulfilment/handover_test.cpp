// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/handover.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "machine_check.hpp"

namespace tillkit::fulfilment {
namespace {

using S = HandoverState;
using E = HandoverEvent;
using F = HandoverEffect;

std::vector<HandoverState> all_states() {
  std::vector<HandoverState> states;
  for (std::size_t s = 1; s <= kHandoverStates; ++s)
    states.push_back(static_cast<HandoverState>(s));
  return states;
}

TEST_CASE("each state of a hand-over says what each event means, or why it cannot happen", "[fulfilment]") {
  core::check_each_pair(handover_rows(), impossible_handovers(), kHandoverStates, kHandoverEvents);
  core::check_names<HandoverState>(kHandoverStates);
  core::check_names<HandoverEvent>(kHandoverEvents);
}

TEST_CASE("a hand-over goes only along these lines", "[fulfilment]") {
  const std::set<std::pair<S, S>> lines{{S::Intended, S::Unknown},      {S::Intended, S::HandedOver},
                                        {S::Intended, S::InPart},       {S::Intended, S::NotHandedOver},
                                        {S::Unknown, S::HandedOver},    {S::Unknown, S::InPart},
                                        {S::Unknown, S::NotHandedOver}, {S::Unknown, S::Settled}};
  std::set<std::pair<S, S>> drawn;
  for (const auto& row : handover_rows()) {
    if (row.from != row.to) drawn.emplace(row.from, row.to);
  }
  CHECK(drawn == lines);
}

TEST_CASE("each hand-over that is not over can still come to its end", "[fulfilment]") {
  for (const S state : all_states()) {
    CAPTURE(std::string(to_string(state)));
    const auto ends = core::reachable(state, handover_rows());
    CHECK(std::ranges::any_of(ends, is_final));
    CHECK((ends.size() == 1) == is_final(state));
  }
}

TEST_CASE("the sale is closed or undone once, when the hand-over ends and never before", "[fulfilment]") {
  for (const auto& row : handover_rows()) {
    CAPTURE(std::string(to_string(row.from)), std::string(to_string(row.on)));
    CHECK((row.then == F::Close || row.then == F::Undo) == is_final(row.to));
  }
}

TEST_CASE("nothing is closed without goods, but by a decision that is recorded", "[fulfilment]") {
  for (const auto& row : handover_rows()) {
    CAPTURE(std::string(to_string(row.from)), std::string(to_string(row.on)));
    const bool with_goods = row.on == E::AtOnce || row.on == E::All;
    CHECK((row.then == F::Close) == (with_goods || row.on == E::SettledCharge));
    CHECK((row.to == S::Settled) == (row.on == E::SettledRefund || row.on == E::SettledCharge));
  }
}

TEST_CASE("silence and a restart never say that goods came out, or that they did not", "[fulfilment]") {
  for (const auto& row : handover_rows()) {
    if (row.on == E::NoAnswer || row.on == E::Restarted || row.on == E::NotRemembered) CHECK(row.to == S::Unknown);
  }
  CHECK(next(S::Intended, E::Restarted) == core::Step<S, F>{S::Unknown, F::Inspect});
  CHECK(next(S::Unknown, E::NoAnswer) == core::Step<S, F>{S::Unknown, F::Inspect});
  CHECK(next(S::Unknown, E::NotRemembered) == core::Step<S, F>{S::Unknown, F::Settle});
}

TEST_CASE("the stored numbers of hand-overs never change", "[fulfilment]") {
  CHECK(static_cast<int>(S::Intended) == 1);
  CHECK(static_cast<int>(S::HandedOver) == 3);
  CHECK(static_cast<int>(S::Settled) == 6);
  CHECK(static_cast<int>(E::AtOnce) == 1);
  CHECK(static_cast<int>(E::NoAnswer) == 6);
  CHECK(static_cast<int>(E::SettledCharge) == 10);
}

}  // namespace
}  // namespace tillkit::fulfilment
