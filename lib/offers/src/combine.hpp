// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "item_search.hpp"
#include "replay.hpp"

namespace tillkit::offers::detail {

/// Uses and the units they take.
struct Solution {
  std::int64_t saved = 0;
  std::vector<Chosen> chosen;  // in the order of uses
  std::vector<Take> takes;
};

/// Finds the best combination: a way for each component of lane Item, and which of the later uses.
///
/// Depth first over the components, then over the later uses in their order, with a bound on what the rest can save.
/// Later uses see what is left, so more off in lane Item may be less off later; but as long as no threshold looks at
/// what is left, a fen more off early never makes the whole saving smaller. The bound rests on that: it gives all that
/// is undecided its most, in order, and lets percentages of the order see what that leaves.
class Combiner {
 public:
  /// Leaves the best in `solution()`. Group bits: one per open use, 0 where its group does not matter.
  /// False: the uses that were left out are needed.
  [[nodiscard]] bool run(const Problem& problem, std::span<const std::uint64_t> group_bits, SearchBudget& budget);

  [[nodiscard]] const Solution& solution() const { return best_; }
  /// No combination saves more.
  [[nodiscard]] std::int64_t bound() const { return bound_; }

 private:
  /// What is known of a later use before the search.
  struct LaterUse {
    std::int64_t upper = 0;        // most it can save
    std::int64_t smooth_cap = -1;  // a percentage of all that is left, at most this; -1: it is not
    core::BasisPoints rate;
    std::int64_t measured_amount = 0;
    std::int64_t units = 0;
    bool minds_what_is_left = false;  // less off early may mean more off here
  };
  struct Path {
    std::int64_t saved = 0;
    std::int64_t left = 0;  // of the order
    std::int64_t lane_start = 0;
    std::int64_t face = 0;
    std::uint64_t groups = 0;
    std::uint32_t coupons = 0;
    std::uint32_t lane_uses = 0;
    std::uint32_t lane_combinable = 0;
    Lane lane = Lane::Item;
  };

  [[nodiscard]] Path start() const;
  void study_later();
  [[nodiscard]] std::int64_t most_before(Lane lane) const;
  void decide_what_matters();
  void search();
  void component_node(std::uint32_t component, const Path& path);
  void enter_later(const Path& path);
  void later_node(std::uint32_t index, Path path);
  void apply_later(std::uint32_t index, const Path& path);
  void leaf(const Path& path);
  [[nodiscard]] bool prune(const Path& path, std::uint32_t component, std::uint32_t later);
  [[nodiscard]] std::int64_t bound_from(const Path& path, std::int64_t components, std::uint32_t later);
  [[nodiscard]] std::int64_t lane_bound(const Path& path, std::uint32_t first, std::uint32_t end, std::int64_t before);
  [[nodiscard]] bool lane_is_allowed(const Path& path) const;
  [[nodiscard]] bool may_use(const OpenUse& use, std::uint32_t index, const Path& path) const;
  [[nodiscard]] std::int64_t least_useful(std::uint32_t component);
  [[nodiscard]] Later value_now(const OpenUse& use, const LaterUse& later, const Path& path) const;
  [[nodiscard]] bool apply_items_one_by_one(Path& path);
  void gather(std::vector<Chosen>& chosen) const;

  Problem problem_;
  std::span<const std::uint64_t> group_bits_;
  SearchBudget* budget_ = nullptr;
  ItemSearch items_;
  Replay replay_;

  Matters matters_;
  bool free_order_ = false;
  bool line_limits_ = false;
  bool has_smooth_ = false;
  bool is_simple_ = true;  // no limits and groups: the suffix is as good as a look at each use
  std::int64_t total_ = 0;
  std::int64_t bound_ = 0;
  std::vector<LaterUse> later_;          // by index - item_uses
  std::vector<std::uint32_t> lane_end_;  // of the lane that a later use is in
  /// Most that the uses from one on can save; of a lane where only one may be used the largest counts.
  std::vector<std::int64_t> suffix_;
  std::vector<std::uint8_t> only_coupons_;  // from a later use on
  std::vector<std::int64_t> component_rest_;
  std::vector<std::uint8_t> component_only_coupons_;

  // The path.
  std::vector<std::uint32_t> picked_;  // candidate of each component
  std::vector<Chosen> later_chosen_;
  std::vector<Nets> nets_;  // by depth, where lines matter
  std::size_t depth_ = 0;
  std::vector<Nets> lane_starts_;         // by lane
  std::vector<std::uint32_t> line_uses_;  // by lane and line
  std::vector<LineShare> shares_;
  std::vector<std::int64_t> uppers_;
  std::vector<Chosen> gathered_;

  Solution best_;
  std::uint32_t best_coupons_ = 0;
  std::int64_t best_face_ = 0;
};

}  // namespace tillkit::offers::detail
