// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiled.hpp"

namespace tillkit::offers::detail {

/// A line as pricing sees it. Units are pieces; a weighed line is one unit.
struct WorkLine {
  std::uint32_t basket_line = 0;
  LineId id;
  GoodsClass goods;
  std::uint32_t item = 0;
  bool weighed = false;
  std::int64_t units = 1;
  std::int64_t price = 0;    // of a unit, initial; before lane Price has run, the list price
  std::int64_t list = 0;     // of the line
  std::int64_t initial = 0;  // of the line, units * price
};

/// What the lines in a scope add up to.
struct ScopeSum {
  std::int64_t amount = 0;
  std::int64_t units = 0;
};

/// The lines, by id, and which of them are in which scope.
class BasketView {
 public:
  /// Copies and checks the lines of a basket; they are at their list prices then.
  [[nodiscard]] core::Result<> load(const Compiled& rules, const Basket& basket);

  /// Sums up the scopes at the prices of this moment.
  void sum_scopes();

  [[nodiscard]] std::span<WorkLine> lines() { return lines_; }
  [[nodiscard]] std::span<const WorkLine> lines() const { return lines_; }
  [[nodiscard]] const Compiled& rules() const { return *rules_; }
  [[nodiscard]] const Context& context() const { return given_->context; }

  /// Pieces, or grams of weighed goods.
  [[nodiscard]] std::int64_t count_of(const WorkLine& line) const { return given_->lines[line.basket_line].count; }
  [[nodiscard]] bool fits(const WorkLine& line, ScopeIndex scope) const;

  /// By the last `sum_scopes`.
  [[nodiscard]] ScopeSum sum(ScopeIndex scope) const {
    return stamps_[scope] == stamp_ ? sums_[scope].sum : ScopeSum{};
  }
  /// Scopes that have a line, in no order; `kEverything` is among them.
  [[nodiscard]] std::span<const ScopeIndex> touched() const { return touched_; }

  /// Calls `each(line index)` for the lines of a scope, in order.
  template <class Each>
  void for_lines(ScopeIndex scope, Each each) const {
    if (scope == kEverything) {
      for (std::uint32_t i = 0; i < lines_.size(); ++i)
        each(i);
    } else if (stamps_[scope] == stamp_) {
      for (std::uint32_t link = sums_[scope].head; link != kNone; link = links_[link].next)
        each(links_[link].line);
    }
  }

 private:
  struct Entry {
    ScopeSum sum;
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
  };
  struct Link {
    std::uint32_t line;
    std::uint32_t next;
  };

  const Compiled* rules_ = nullptr;
  const Basket* given_ = nullptr;
  std::vector<WorkLine> lines_;
  std::vector<Entry> sums_;
  std::vector<std::uint32_t> stamps_;
  std::uint32_t stamp_ = 0;
  std::vector<Link> links_;
  std::vector<ScopeIndex> touched_;
};

}  // namespace tillkit::offers::detail
