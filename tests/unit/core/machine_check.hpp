// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/machine.hpp"

namespace tillkit::core {

/// Every pair is in one row, or in one entry of the impossible ones, which has a reason; `next` says the same.
template <class State, class Event, class Effect>
void check_each_pair(std::span<const Row<State, Event, Effect>> rows,
                     std::span<const ImpossiblePairs<State, Event>> impossible, std::size_t states,
                     std::size_t events) {
  for (std::size_t s = 1; s <= states; ++s) {
    for (std::size_t e = 1; e <= events; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      CAPTURE(std::string(to_string(state)), std::string(to_string(event)));
      int in_rows = 0;
      for (const auto& row : rows)
        in_rows += row.from == state && row.on == event ? 1 : 0;
      int in_impossible = 0;
      for (const auto& pairs : impossible)
        in_impossible += pairs.states.has(state) && pairs.events.has(event) ? 1 : 0;
      CHECK(in_rows + in_impossible == 1);
      CHECK(next(state, event).has_value() == (in_rows == 1));
    }
  }
  for (const auto& pairs : impossible)
    CHECK(pairs.why.size() > 10);
}

/// The states that can follow, in however many steps.
template <class State, class Event, class Effect>
std::set<State> reachable(State from, std::span<const Row<State, Event, Effect>> rows) {
  std::set<State> seen{from};
  for (std::size_t before = 0; before != seen.size();) {
    before = seen.size();
    for (const auto& row : rows) {
      if (seen.contains(row.from)) seen.insert(row.to);
    }
  }
  return seen;
}

/// Each number has a name of its own, and the first and last of each kind keep their numbers.
template <class Enum>
void check_names(std::size_t count) {
  std::set<std::string> names;
  for (std::size_t i = 1; i <= count; ++i)
    names.emplace(to_string(static_cast<Enum>(i)));
  CHECK(names.size() == count);
}

}  // namespace tillkit::core
