// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "item_search.hpp"

namespace tillkit::offers::detail {

/// Shares a use of lane Item over the lines that it takes units of; no share of 0, in the order of lines.
void share_units(const Problem& problem, const Chosen& chosen, std::span<const Take> takes,
                 std::vector<LineShare>& shares);

/// What is left, line by line.
struct Nets {
  std::vector<std::int64_t> lines;
  std::int64_t total = 0;

  void start(std::span<const WorkLine> from);
};

/// What a use of a later lane takes off now. `lane_start`: what was left when its lane began.
struct Later {
  std::int64_t face = 0;
  std::int64_t discount = 0;
};
[[nodiscard]] Later later_value(const Problem& problem, const OpenUse& use, const Nets& now, const Nets& lane_start,
                                std::int64_t budget);

/// Shares it over the lines and takes it off them.
void take_off(const Problem& problem, const OpenUse& use, std::int64_t discount, Nets& now,
              std::vector<LineShare>& shares);

/// Uses applied one after another as RULES.md says, nothing taken for granted.
class Replay {
 public:
  /// Applies uses, which are in order, with their units. False: they do not go together so.
  [[nodiscard]] bool run(const Problem& problem, std::span<const Chosen> chosen, std::span<const Take> takes);

  [[nodiscard]] std::span<const Chosen> chosen() const { return chosen_; }  // with faces and discounts
  [[nodiscard]] std::span<const LineShare> shares(std::size_t index) const {
    return std::span(shares_).subspan(first_share_[index], first_share_[index + 1] - first_share_[index]);
  }
  [[nodiscard]] const Nets& nets() const { return now_; }
  [[nodiscard]] std::int64_t saved() const { return saved_; }

 private:
  [[nodiscard]] bool apply(const Problem& problem, Chosen& chosen, std::span<const Take> takes);
  [[nodiscard]] bool goes_together(const Problem& problem, std::span<const Take> takes);
  [[nodiscard]] std::int64_t budget_left(const Problem& problem, const OpenUse& use) const;

  Nets now_;
  Nets lane_start_;
  std::vector<Chosen> chosen_;
  std::vector<LineShare> shares_;
  std::vector<std::uint32_t> first_share_;
  std::vector<LineShare> scratch_;
  std::vector<std::int64_t> counts_;
  std::vector<std::uint32_t> line_uses_;
  std::vector<std::int64_t> free_;
  std::int64_t saved_ = 0;
};

}  // namespace tillkit::offers::detail
