// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "structure.hpp"
#include "uses.hpp"

namespace tillkit::offers::detail {

/// Of a slot: how much of it is taken is still open.
inline constexpr std::int64_t kUndecided = -1;

/// Densities are in fractions of this.
inline constexpr std::int64_t kDensityOne = std::int64_t{1} << 24;

/// A use in a solution.
struct Chosen {
  std::uint32_t use = 0;  // index into the open uses
  std::int64_t face = 0;
  std::int64_t discount = 0;
  std::uint32_t first_take = 0;
  std::uint32_t takes = 0;
};

/// What a search works on; all outlive it.
struct Problem {
  const Compiled* rules = nullptr;
  const Basket* given = nullptr;
  const BasketView* basket = nullptr;
  const UseList* list = nullptr;
  std::uint32_t item_uses = 0;  // the first of the open uses

  [[nodiscard]] const OpenUse& use(std::uint32_t index) const { return list->uses()[index]; }
  [[nodiscard]] const Offer& offer(const OpenUse& use) const { return rules->document.offers[use.offer]; }
  [[nodiscard]] const LanePolicy& policy(Lane lane) const {
    return rules->document.lanes[static_cast<std::size_t>(lane)];
  }
  /// Face, expiry and so on of two sets of uses: RULES.md 7, (2) to (7). Negative: a is better.
  [[nodiscard]] int compare(std::span<const Chosen> a, std::span<const Take> a_takes, std::span<const Chosen> b,
                            std::span<const Take> b_takes) const;
};

/// Which units of lane Item are free, and what one use can do with them.
class ItemUnits {
 public:
  /// Takes for one use what it gains most with of what is free, and appends it. False: it gains nothing.
  [[nodiscard]] bool take_best(std::uint32_t use, std::vector<Take>& takes);
  /// What one use would be worth if it were the only one; a use of a later lane likewise.
  [[nodiscard]] std::int64_t face_alone(std::uint32_t use);
  void occupy(std::span<const Take> takes);
  void give_back(std::span<const Take> takes);

 protected:
  /// Nothing is taken yet.
  void start_units(const Problem& problem);
  [[nodiscard]] std::int64_t free_on(const Slot& slot) const;
  [[nodiscard]] std::int64_t times_max(const OpenUse& use);
  [[nodiscard]] std::int64_t fill_parts(const OpenUse& use, const Structure& structure, const Wanted& left);
  [[nodiscard]] bool choose_best(const OpenUse& use);
  void fill(const OpenUse& use, std::int64_t times);
  [[nodiscard]] std::int64_t filled_value(const OpenUse& use, std::int64_t times);
  [[nodiscard]] std::int64_t filled_amount(const OpenUse& use) const;
  [[nodiscard]] std::int64_t best_alone(const OpenUse& use);
  /// Most saved per amount taken, in 1/kDensityOne, rounded up.
  [[nodiscard]] std::int64_t density_of(const OpenUse& use);

  Problem problem_;
  std::vector<std::int64_t> free_;        // by line
  std::vector<std::uint32_t> line_uses_;  // by line
  std::vector<std::int64_t> fill_;        // by slot of the use that is looked at
  std::int64_t best_times_ = 0;
  std::vector<std::uint32_t> line_parts_;  // by line: the parts that want it; 0 between calls
  std::vector<std::int64_t> line_fill_;    // by line
  std::vector<std::int64_t> still_free_;   // by line
};

}  // namespace tillkit::offers::detail
