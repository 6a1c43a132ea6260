// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tillkit/offers/model.hpp"

/// What lib/offers/RULES.md says, tried out: every set of uses, every way to give units to them. Slow on purpose, and
/// shares nothing with the engine but the data it is given.
namespace tillkit::offers::oracle {

struct Take {
  LineId line;
  std::uint32_t part = 0;
  std::int64_t count = 0;

  friend bool operator==(const Take&, const Take&) = default;
};

struct Share {
  LineId line;
  std::int64_t amount = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

struct Use {
  OfferId offer;
  CouponId coupon;  ///< Empty for automatic offers.
  Lane lane = Lane::Order;
  std::int64_t face = 0;
  std::int64_t discount = 0;
  std::vector<Take> takes;    ///< By line, then part; none of 0.
  std::vector<Share> shares;  ///< By line; none of 0.

  friend bool operator==(const Use&, const Use&) = default;
};

/// A unit of a line with what each use takes off it.
struct Unit {
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::vector<std::int64_t> discounts;  ///< One for each of `Answer::uses`.
};

struct Line {
  LineId id;
  std::int64_t list = 0;
  std::int64_t initial = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::vector<Unit> units;
};

/// An open use that takes no money off.
struct Extra {
  OfferId offer;
  CouponId coupon;

  friend bool operator==(const Extra&, const Extra&) = default;
};

struct Answer {
  std::int64_t list = 0;
  std::int64_t saved = 0;
  std::int64_t payable = 0;
  std::int64_t points = 0;
  std::vector<Line> lines;  ///< In the order of their ids.
  std::vector<Use> uses;    ///< In the order they apply, lane `price` included.
  std::vector<Extra> extras;
  std::uint64_t combinations = 0;  ///< That are allowed, the empty one included.
  std::size_t choices = 0;         ///< Open uses that take money off and that some allowed combination contains.
  std::int64_t best_single = 0;    ///< Most that combinations of at most one use save.
};

/// Prices a basket; `goods` are those of its lines, in the basket's order. Both must be valid.
[[nodiscard]] Answer ask(const RuleDocument& document, const std::vector<Goods>& goods, const Basket& basket);

/// Whether goods at this unit price (weighed: of the whole line) are in a scope.
[[nodiscard]] bool in_scope(const Scope& scope, const Goods& goods, std::int64_t unit_price);

/// Whether the uses of an offer are open, but for what their coupons say.
[[nodiscard]] bool is_open(const RuleDocument& document, const std::vector<Goods>& goods, const Basket& basket,
                           const Offer& offer);

/// Shares `amount` by weight, unit by unit. `caps` as in core::allocate.
[[nodiscard]] std::vector<std::int64_t> share_out(std::int64_t amount, const std::vector<std::int64_t>& weights,
                                                  const std::vector<std::int64_t>& caps, core::AllocationRule rule);

}  // namespace tillkit::offers::oracle
