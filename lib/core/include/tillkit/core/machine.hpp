// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tillkit::core {

/// What a start does with what it finds in a state. Stored nowhere.
enum class Recovery : std::uint8_t {
  None = 0,     ///< Nothing: it is over, or a person has it.
  Ask = 1,      ///< Query by its number. A charge is never sent twice.
  Repeat = 2,   ///< Send the same again, with the same key.
  Inspect = 3,  ///< Ask the hardware what it did. Goods are never moved twice.
  Settle = 4,   ///< Nobody remembers: a policy decides, and it is recorded that it did.
};

/// One row of a machine: `{from, on, to, then}`.
template <class State, class Event, class Effect>
struct Row {
  State from;
  Event on;
  State to;
  Effect then;
};

template <class State, class Effect>
struct Step {
  State to;
  Effect then;

  friend constexpr bool operator==(const Step&, const Step&) = default;
};

/// Enumerators with numbers from 1 to 31.
template <class Enum>
class EnumSet {
 public:
  template <class... Enums>
  explicit constexpr EnumSet(Enums... values) : bits_((bit(values) | ... | 0U)) {}

  [[nodiscard]] constexpr bool has(Enum value) const { return (bits_ & bit(value)) != 0; }

 private:
  static constexpr std::uint32_t bit(Enum value) { return std::uint32_t{1} << static_cast<unsigned>(value); }

  std::uint32_t bits_;
};

/// Pairs that cannot happen, and why.
template <class State, class Event>
struct ImpossiblePairs {
  EnumSet<State> states;
  EnumSet<Event> events;
  std::string_view why;
};

/// Whether every pair is either in one row or in one entry of the impossible ones. States and events count from 1.
template <class State, class Event, class Effect>
[[nodiscard]] constexpr bool covers_each_pair_once(std::span<const Row<State, Event, Effect>> rows,
                                                   std::span<const ImpossiblePairs<State, Event>> impossible,
                                                   std::size_t states, std::size_t events) {
  for (std::size_t s = 1; s <= states; ++s) {
    for (std::size_t e = 1; e <= events; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      int found = 0;
      for (const auto& row : rows)
        found += row.from == state && row.on == event ? 1 : 0;
      for (const auto& pairs : impossible)
        found += pairs.states.has(state) && pairs.events.has(event) ? 1 : 0;
      if (found != 1) return false;
    }
  }
  return true;
}

}  // namespace tillkit::core
