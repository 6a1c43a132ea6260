// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/attempt.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "machine_check.hpp"

namespace tillkit::payment {
namespace {

using S = AttemptState;
using E = AttemptEvent;
using F = AttemptEffect;

std::vector<AttemptState> all_states() {
  std::vector<AttemptState> states;
  for (std::size_t s = 1; s <= kAttemptStates; ++s)
    states.push_back(static_cast<AttemptState>(s));
  return states;
}

TEST_CASE("each state of an attempt says what each event means, or why it cannot happen", "[payment]") {
  check_each_pair(attempt_rows(), impossible_attempts(), kAttemptStates, kAttemptEvents);
  check_names<AttemptState>(kAttemptStates);
  check_names<AttemptEvent>(kAttemptEvents);
}

TEST_CASE("an attempt leaves only along the lines of the architecture", "[payment]") {
  const std::set<std::pair<S, S>> lines{
      {S::Intended, S::NotSent},      {S::Intended, S::Paid},         {S::Intended, S::Declined},
      {S::Intended, S::Pending},      {S::Intended, S::Unknown},      {S::Pending, S::Paid},
      {S::Pending, S::Declined},      {S::Pending, S::Reversing},     {S::Pending, S::Unknown},
      {S::Unknown, S::Paid},          {S::Unknown, S::Declined},      {S::Unknown, S::Reversing},
      {S::Unknown, S::Pending},       {S::Reversing, S::Reversed},    {S::Reversing, S::Refunding},
      {S::Paid, S::Refunding},        {S::Refunding, S::Refunded},    {S::Refunding, S::Paid},
      {S::Reversing, S::NeedsPerson}, {S::Refunding, S::NeedsPerson}, {S::NeedsPerson, S::Paid},
      {S::NeedsPerson, S::Reversed},  {S::NeedsPerson, S::Refunded}};
  std::set<std::pair<S, S>> drawn;
  for (const auto& row : attempt_rows()) {
    if (row.from != row.to) drawn.emplace(row.from, row.to);
  }
  CHECK(drawn == lines);
}

TEST_CASE("each attempt that is not over can still come to its end", "[payment]") {
  for (const S state : all_states()) {
    CAPTURE(std::string(to_string(state)));
    const auto ends = reachable(state, attempt_rows());
    CHECK(std::ranges::any_of(ends, is_final));
    CHECK((ends.size() == 1) == is_final(state));
  }
}

TEST_CASE("each state names what a start does with it", "[payment]") {
  for (const S state : all_states()) {
    CAPTURE(std::string(to_string(state)));
    const auto found = next(state, E::Restarted);
    const bool stored = state != S::Pending && state != S::Unknown;
    CHECK(found.has_value() == (recovery_of(state) != Recovery::None && stored));
    if (found) CHECK(recovery_of(found->to) == recovery_of(state));
  }
  CHECK(recovery_of(S::Intended) == Recovery::Ask);
  CHECK(recovery_of(S::Reversing) == Recovery::Repeat);
  CHECK(recovery_of(S::Refunding) == Recovery::Repeat);
}

TEST_CASE("an attempt that was given up never leads to goods", "[payment]") {
  for (const S given_up : {S::Reversing, S::NeedsPerson}) {
    for (const S state : reachable(given_up, attempt_rows())) {
      for (std::size_t e = 1; e <= kAttemptEvents; ++e) {
        const auto step = next(state, static_cast<E>(e));
        if (step) CHECK(step->then != F::Take);
      }
    }
  }
}

TEST_CASE("what the sale reserved is taken or released once on every way to the end", "[payment]") {
  const auto ends_reservation = [](F effect) {
    return effect == F::Take || effect == F::Release || effect == F::Abandon;
  };
  for (const auto& row : attempt_rows()) {
    CAPTURE(std::string(to_string(row.from)), std::string(to_string(row.on)));
    const bool open_before = row.from == S::Intended || row.from == S::Pending || row.from == S::Unknown;
    const bool open_after = row.to == S::Intended || row.to == S::Pending || row.to == S::Unknown;
    CHECK(ends_reservation(row.then) == (open_before && !open_after));
  }
}

TEST_CASE("not found, a conflict and silence decide nothing", "[payment]") {
  for (const S state : {S::Pending, S::Unknown, S::Reversing, S::Refunding}) {
    for (const E event : {E::NotFound, E::NoAnswer, E::Pending}) {
      CAPTURE(std::string(to_string(state)), std::string(to_string(event)));
      const auto step = next(state, event);
      REQUIRE(step);
      CHECK_FALSE(is_final(step->to));
      CHECK(step->to != S::Paid);
      CHECK(step->to != S::NeedsPerson);
      CHECK(step->then == F::Plan);
    }
  }
}

TEST_CASE("'paid' and 'never taken' exclude each other: a person looks", "[payment]") {
  for (const E event : {E::Declined, E::Reversed})
    CHECK(next(S::Refunding, event) == Step<S, F>{S::NeedsPerson, F::CallPerson});
  CHECK(next(S::Refunding, E::RefundRefused) == Step<S, F>{S::NeedsPerson, F::CallPerson});
  CHECK(next(S::Reversing, E::Declined) == Step<S, F>{S::Reversed, F::None});
}

TEST_CASE("whoever shows an attempt to a person says so", "[payment]") {
  for (const auto& row : attempt_rows())
    CHECK((row.then == F::CallPerson) == (row.to == S::NeedsPerson));
}

TEST_CASE("unresolved is what nobody knows the money of, not what is paid, refunded or over", "[payment]") {
  const std::set<S> open{S::Intended, S::Pending, S::Unknown, S::Reversing, S::NeedsPerson};
  for (const S state : all_states())
    CHECK(is_unresolved(state) == open.contains(state));
  CHECK(is_final(S::NotSent));
  CHECK(is_final(S::Declined));
  CHECK(is_final(S::Reversed));
  CHECK(is_final(S::Refunded));
  CHECK_FALSE(is_final(S::Paid));
}

TEST_CASE("the stored numbers of attempts never change", "[payment]") {
  CHECK(static_cast<int>(S::Intended) == 1);
  CHECK(static_cast<int>(S::Paid) == 3);
  CHECK(static_cast<int>(S::Reversing) == 7);
  CHECK(static_cast<int>(S::NeedsPerson) == 11);
  CHECK(static_cast<int>(E::NoAnswer) == 5);
  CHECK(static_cast<int>(E::PersonSaysGivenBack) == 17);
}

}  // namespace
}  // namespace tillkit::payment
