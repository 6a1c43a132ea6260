// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::offers {

/// How to choose.
enum class Policy : std::uint8_t {
  Best = 0,  ///< The best combination (RULES.md, section 7).
  WeChat =
      1,  ///< One after another, larger face first, then higher threshold, earlier expiry, earlier claim, smaller id.
  First = 2,   ///< One after another in the order of uses, each that still can.
  Single = 3,  ///< The best that a single use gives.
};

/// Asked now and then whether to stop; the caller's idea of a time budget.
class StopSignal {
 public:
  virtual ~StopSignal() = default;
  [[nodiscard]] virtual bool stop() = 0;
};

struct SearchOptions {
  Policy policy = Policy::Best;
  std::uint32_t nodes_max = 200'000;  ///< Steps of the search; the same number gives the same answer everywhere.
  StopSignal* stop = nullptr;         ///< Asked every 1,024 nodes; must outlive the call.
};

inline constexpr std::uint32_t kNoCoupon = 0xFFFF'FFFF;

/// Units of a line that a use takes.
struct Take {
  std::uint32_t line = 0;  ///< Index into `Evaluation::lines`.
  std::uint32_t part = 0;  ///< Of a bundle; `buy_get` with `get_scope`: 0 buy, 1 get.
  std::int64_t count = 0;  ///< Of weighed goods 1: the whole line.

  friend bool operator==(const Take&, const Take&) = default;
};

/// What one use takes off one line.
struct LineShare {
  std::uint32_t line = 0;  ///< Index into `Evaluation::lines`.
  std::int64_t amount = 0;

  friend bool operator==(const LineShare&, const LineShare&) = default;
};

/// An offer applied.
struct Use {
  std::uint32_t offer = 0;           ///< Index into the rule document.
  std::uint32_t coupon = kNoCoupon;  ///< Index into the basket's coupons.
  Lane lane = Lane::Order;
  std::int64_t face = 0;      ///< Its value before limits.
  std::int64_t discount = 0;  ///< What it takes off; its shares add up to it.
  std::uint32_t first_take = 0;
  std::uint32_t takes = 0;  ///< In `Evaluation::takes`; lane `Item` only.
  std::uint32_t first_share = 0;
  std::uint32_t shares = 0;  ///< In `Evaluation::shares`; none of 0.
};

struct PricedLine {
  std::uint32_t basket_line = 0;  ///< Index into the basket's lines. Priced lines are in the order of line ids.
  std::int64_t list = 0;
  std::int64_t initial = 0;  ///< After lane `Price`.
  std::int64_t net = 0;
};

/// The outcome. Reuse one object: after the first few evaluations nothing is allocated.
struct Evaluation {
  std::vector<PricedLine> lines;
  std::vector<Use> uses;  ///< In the order they apply, lane `Price` included.
  std::vector<Take> takes;
  std::vector<LineShare> shares;
  std::int64_t list = 0;
  std::int64_t saved = 0;  ///< All discounts.
  std::int64_t net = 0;
  /// No combination saves more than `saved + gap`. `proven`: the gap is 0 and the search ended by itself, so ties are
  /// decided too.
  bool proven = false;
  std::int64_t gap = 0;
  std::uint32_t nodes = 0;
};

/// Prices baskets by one rule set, which must outlive it. Keeps memory between calls; one at a time.
class Evaluator {
 public:
  explicit Evaluator(const RuleSet& rules);
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  /// Same basket (in any order of its parts), same rules, same options: same `out`.
  /// On failure `out` is not to be used:
  /// - InvalidArgument: a line id or coupon id twice, a line whose amount is not count * unit price, a number out of
  ///   its range, a coupon of an unknown template, a draw outside its bounds.
  /// - Exhausted: beyond a limit of model.hpp.
  [[nodiscard]] core::Result<> evaluate(const Basket& basket, const SearchOptions& options, Evaluation& out);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace tillkit::offers
