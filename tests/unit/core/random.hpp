// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <random>

namespace tillkit::core {

using Random = std::mt19937_64;

/// A number from 0 to below `bound`, the same on every machine.
template <std::integral Integer>
Integer below(Random& random, Integer bound) {
  return static_cast<Integer>(random() % static_cast<std::uint64_t>(bound));
}

/// One of a list.
template <class List>
decltype(auto) pick(Random& random, const List& list) {
  return list[below(random, list.size())];
}

}  // namespace tillkit::core
