// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "uses.hpp"

namespace tillkit::offers::detail {

using Wanted = std::array<std::int64_t, kPartsMax>;

/// How units come: `size` at a time (0: one at a time, `units_max` at most), from one scope or part by part.
struct Structure {
  std::int64_t units_max = kNoLimit;
  std::int64_t times_max = kNoLimit;
  std::int64_t size = 0;
  bool same_line = false;
  Wanted per_part{};
  std::uint32_t parts = 0;  // 0: not in parts

  [[nodiscard]] Wanted wanted(std::int64_t times) const {
    Wanted all = per_part;
    for (std::int64_t& units : all)
      units *= times;
    return all;
  }
};

[[nodiscard]] Structure structure_of(const Effect& effect);

/// Units in a group of a use that takes groups from one scope (`buy_get`, a bundle of one part); 0 for all others.
[[nodiscard]] std::int64_t group_size(const Effect& effect);

}  // namespace tillkit::offers::detail
