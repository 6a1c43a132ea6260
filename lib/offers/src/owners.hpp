// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basket_view.hpp"

namespace tillkit::offers::detail {

/// What may become a use.
struct UseCandidate {
  std::uint32_t rank = 0;
  OfferIndex offer = 0;
  std::uint32_t coupon = 0;
  std::uint32_t place = 0;
  bool closed = false;            // known not to be open, or not to be needed
  bool single = false;            // automatic, covers one line and nothing but its goods limits it
  core::BasisPoints unlimited{};  // automatic, covers lines by this rate and nothing limits it; or 0
  std::int64_t value = 0;         // of a single one, for all of its line
};

/// Which use gains most with a line and may be added to whatever else is applied: the line's owner.
///
/// Nobody needs another use on that line that surely gains less, so long as a fen more off in lane Item is never a fen
/// less in all.
class LineOwners {
 public:
  /// No line has an owner.
  void clear(std::size_t lines);
  /// Finds them among the candidates, which are in the order of uses; closes those that come to nothing.
  void find(const Compiled& rules, const Context& context, const BasketView& basket,
            std::span<UseCandidate> candidates);

  /// Whether a use can be added whatever else is applied; if not, owners only replace others.
  [[nodiscard]] bool may_join() const { return may_join_; }
  /// Whether it closed any that is open but not needed.
  [[nodiscard]] bool left_out() const { return left_out_; }
  [[nodiscard]] std::uint32_t rank(std::uint32_t line) const { return owners_[line].rank; }
  /// Whether this candidate, of such a rate, is not needed on a line.
  [[nodiscard]] bool beats(const UseCandidate& candidate, core::BasisPoints rate, const BasketView& basket,
                           std::uint32_t line) const;

 private:
  struct Owner {
    std::uint32_t rank = kNone;
    core::BasisPoints rate;  // where others may take units of the line
    std::int64_t value = 0;  // where they may not
    bool contested = false;
  };

  void study(const Compiled& rules, const Context& context, const BasketView& basket, UseCandidate& candidate);
  [[nodiscard]] bool has_twin(const Compiled& rules, const BasketView& basket, const UseCandidate& candidate,
                              bool is_free);
  [[nodiscard]] static std::int64_t later_margin(const Compiled& rules, std::span<const UseCandidate> candidates);

  std::vector<Owner> owners_;      // by line
  std::vector<OfferIndex> deals_;  // open ones that can be had any number of times
  bool may_join_ = false;
  bool left_out_ = false;
  std::int64_t margin_ = 0;
};

}  // namespace tillkit::offers::detail
