// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "item_units.hpp"

namespace tillkit::offers::detail {

/// Counts nodes and says when to stop.
class SearchBudget {
 public:
  void start(const SearchOptions& options) {
    nodes_max_ = options.nodes_max;
    stop_ = options.stop;
    phase_max_ = options.nodes_max;
    nodes_ = 0;
    over_ = stopped_ = cut_ = false;
  }
  /// Lets the search go on until this many quarters of the nodes are used up.
  void begin_phase(std::uint32_t quarters) {
    constexpr std::uint64_t kQuarters = 4;
    phase_max_ = static_cast<std::uint32_t>(std::uint64_t{nodes_max_} * quarters / kQuarters);
    over_ = stopped_;
  }
  /// False: stop now.
  [[nodiscard]] bool step() {
    constexpr std::uint32_t kAskMask = 1'023;
    if (over_) return false;
    ++nodes_;
    if (stop_ != nullptr && (nodes_ & kAskMask) == 0 && stop_->stop()) stopped_ = true;
    if (nodes_ > phase_max_ || stopped_) over_ = cut_ = true;
    return !over_;
  }
  [[nodiscard]] bool over() const { return over_; }
  /// Whether any phase was stopped.
  [[nodiscard]] bool cut() const { return cut_; }
  [[nodiscard]] std::uint32_t nodes() const { return nodes_; }

 private:
  std::uint32_t nodes_max_ = 0;
  std::uint32_t phase_max_ = 0;
  std::uint32_t nodes_ = 0;
  StopSignal* stop_ = nullptr;
  bool over_ = false;
  bool stopped_ = false;
  bool cut_ = false;
};

/// A way to use the offers of one component of lane Item: uses that contest no unit with those of other components.
struct Candidate {
  std::int64_t saved = 0;
  std::int64_t face = 0;
  std::uint32_t coupons = 0;
  std::uint32_t uses = 0;
  std::uint32_t combinable = 0;  // how many of the uses are
  std::uint64_t groups = 0;
  std::uint32_t first_chosen = 0;
  std::uint32_t first_off = 0;  // per line of the component what is taken off; only where `lines_matter`
};

/// What of a candidate matters to the lanes that follow.
struct Matters {
  bool lines = false;  // on which lines the discount falls; else only how much
  bool less = false;   // more discount is not surely as good as less
  /// Who saves this much may leave nothing of the order; the last use then gives a fen back, if it can.
  std::int64_t whole = kNoLimit;
};

/// Finds the ways to use the offers of lane Item (RULES.md, section 3), component by component.
class ItemSearch : public ItemUnits {
 public:
  /// Takes up a problem. Nothing is taken yet.
  void start(const Problem& problem, std::span<const std::uint64_t> group_bits, SearchBudget& budget);

  /// The same for a use by itself, where it takes more than a look to find the best units: searches. Nothing else may
  /// have been taken.
  [[nodiscard]] bool take_most(std::uint32_t use, std::vector<Take>& takes);

  /// Splits the uses into components and computes the most that each can save.
  void solve();

  /// Uses that are part of every best combination, by themselves.
  [[nodiscard]] std::span<const Chosen> settled() const { return settled_; }
  [[nodiscard]] std::int64_t settled_saved() const { return settled_saved_; }

  [[nodiscard]] std::uint32_t components() const { return component_count_; }
  [[nodiscard]] std::span<const std::uint32_t> lines(std::uint32_t component) const;
  [[nodiscard]] std::int64_t best(std::uint32_t component) const { return components_[component].best; }
  /// No way saves more, whether or not the search was stopped.
  [[nodiscard]] std::int64_t bound(std::uint32_t component) const { return components_[component].bound; }

  /// Lists the ways that save at least `need` and that may be part of the best combination, best first.
  void list(std::uint32_t component, std::int64_t need, const Matters& matters);
  [[nodiscard]] std::span<const Candidate> candidates(std::uint32_t component) const;
  [[nodiscard]] std::span<const Chosen> chosen(const Candidate& candidate) const {
    return std::span(chosen_).subspan(candidate.first_chosen, candidate.uses);
  }
  [[nodiscard]] std::span<const std::int64_t> off(std::uint32_t component, const Candidate& candidate) const;
  [[nodiscard]] std::span<const Take> takes() const { return takes_; }

 private:
  struct Applied {
    std::uint32_t use;
    std::int64_t face;
    std::int64_t discount;
    std::uint32_t first_count;  // into counts_
  };
  struct Component {
    std::uint32_t first_use = 0;
    std::uint32_t uses = 0;
    std::uint32_t first_line = 0;
    std::uint32_t lines = 0;
    std::int64_t best = 0;
    std::int64_t bound = 0;
    std::vector<Candidate> candidates;
    std::vector<Applied> best_applied;  // how `best` was found
    std::vector<std::int64_t> best_counts;
  };
  /// The sums of what was decided on the way to a node.
  struct Path {
    std::int64_t saved = 0;
    std::uint32_t combinable = 0;
    std::uint64_t groups = 0;
  };
  struct Enumeration;

  void settle();
  void split();
  void enter(std::uint32_t component, std::int64_t need, bool listing);
  void solve_one(std::uint32_t component);
  void apply_owners(Component& at);
  void keep_applied();
  [[nodiscard]] bool is_plain(const Component& component) const;
  void list_plain(Component& component);

  void node(std::uint32_t position, const Path& path);
  void leaf(const Path& path);
  [[nodiscard]] bool leaves_nothing_free() const;
  [[nodiscard]] bool may_apply(std::uint32_t position, const Path& path) const;
  [[nodiscard]] std::int64_t rest_bound(std::uint32_t position, std::int64_t free_amount) const;
  void apply(std::uint32_t position, const Path& path);
  void apply_covering(std::uint32_t position, const Path& path);
  void apply_counting(std::uint32_t position, const Path& path);
  void cover_slot(Enumeration& at, std::uint32_t slot);
  void count_slot(Enumeration& at, std::uint32_t slot);
  void count_times(Enumeration& at);
  void count_times(Enumeration& at, std::int64_t from, std::int64_t to);
  [[nodiscard]] std::int64_t times_bound(const Enumeration& at, std::int64_t from, std::int64_t to);
  void count_numbers(Enumeration& at, std::uint32_t slot, std::int64_t from, std::int64_t to);
  void commit(Enumeration& at);
  void keep(Candidate candidate);
  [[nodiscard]] bool is_settled(const Enumeration& at) const;
  [[nodiscard]] std::int64_t optimistic(const Enumeration& at, std::uint32_t slot);
  [[nodiscard]] std::int64_t budget_left(const OpenUse& use) const;
  [[nodiscard]] bool dominates(const Candidate& a, const Candidate& b) const;

  std::span<const std::uint64_t> group_bits_;
  SearchBudget* budget_ = nullptr;

  std::vector<Component> components_;  // never shrinks: its candidates keep their memory
  std::uint32_t component_count_ = 0;
  std::vector<std::uint32_t> component_uses_;
  std::vector<std::uint32_t> component_lines_;
  std::vector<Chosen> settled_;
  std::int64_t settled_saved_ = 0;
  std::vector<Chosen> chosen_;
  std::vector<Take> takes_;
  std::vector<std::int64_t> off_;

  // Per line of the basket.
  std::vector<std::uint32_t> root_;
  std::vector<std::uint32_t> last_user_;  // position in the component of the last use with a slot there

  // Per use of lane Item.
  std::vector<std::uint8_t> settled_bits_;
  std::vector<std::int64_t> upper_;
  std::vector<std::int64_t> density_;  // most saved per amount taken, in 1/2^24, rounded up

  // Of the component that is being searched.
  std::uint32_t component_ = 0;
  std::int64_t need_ = 0;
  std::int64_t found_ = 0;
  std::int64_t leaf_best_ = 0;
  bool listing_ = false;
  Matters matters_;
  std::vector<std::int64_t> suffix_;       // sum (where uses compete: largest) of upper bounds from a position on
  std::vector<std::uint32_t> by_density_;  // positions
  std::vector<Applied> applied_;
  std::vector<std::int64_t> counts_;
  std::vector<LineShare> shares_;
  std::int64_t free_amount_ = 0;
};

}  // namespace tillkit::offers::detail
