// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::offers {

/// Why an offer or coupon was not used. Stored; never renumber.
enum class Reason : std::uint8_t {
  NeedsAmount = 1,  ///< `missing` minor units more of the right goods.
  NeedsPieces = 2,  ///< `missing` pieces more.
  NeedsItems = 3,   ///< `missing` different items more.
  NoGoods = 4,      ///< Nothing in the basket is in its scope.
  MembersOnly = 5,
  TierOnly = 6,  ///< `names` says which.
  TagOnly = 7,
  OrderNumber = 8,  ///< Not this order of the member: `missing` says which number it is for.
  Birthday = 9,
  Time = 10,          ///< Not now.
  ClockUnknown = 11,  ///< The terminal does not know the time.
  Channel = 12,
  Store = 13,
  Tender = 14,       ///< Pay with one of `names`.
  Code = 15,         ///< Needs a code.
  Excluded = 16,     ///< A `not` condition.
  NotYetValid = 17,  ///< Coupon: from `at` on.
  Expired = 18,      ///< Coupon: since `at`.
  BudgetUsedUp = 19,
  NoDraw = 20,
  GroupTaken = 21,     ///< Not together with `other`: same group.
  NotCombinable = 22,  ///< Not together with `other`: the lane's stacking.
  UsesPerOffer = 23,   ///< As many of this template as one sale takes.
  UsesPerOrder = 24,   ///< As many in this lane as one sale takes.
  UsesPerLine = 25,    ///< A line has as many as it takes (`other` is one of them).
  UnitsTaken = 26,     ///< Its goods are taken by `other`.
  NothingLeft = 27,    ///< There is nothing left to take off.
  BetterWithout = 28,  ///< It could be used, but this combination saves more, or as much with fewer coupons.
  NotRequested = 29,   ///< A coupon that takes no money off, and the shopper did not ask for it.
  HigherPrice = 30,    ///< Lane `Price`: another price is lower.
};

/// `needs_amount`, `not_combinable` ...
[[nodiscard]] std::string_view to_string(Reason reason);

struct Rejection {
  OfferId offer;
  CouponId coupon;  ///< Empty for automatic offers.
  Reason reason = Reason::NoGoods;
  std::int64_t missing = 0;
  OfferId other;
  CouponId other_coupon;
  std::vector<Name> names;
  core::WallTime at;
  std::string text;  ///< English, for the cashier: "needs 3.20 more", "not with coupon X", "only for gold members".
};

struct FunderShare {
  FunderId funder;
  FunderKind kind = FunderKind::Merchant;
  std::int64_t amount = 0;

  friend bool operator==(const FunderShare&, const FunderShare&) = default;
};

struct ProofUse {
  OfferId offer;
  CouponId coupon;  ///< Empty for automatic offers.
  std::string name;
  Lane lane = Lane::Order;
  std::int64_t face = 0;
  std::int64_t discount = 0;
  std::vector<FunderShare> funders;  ///< Add up to `discount`.
};

/// Units `first` to `first + count - 1` of a line (from 1), each with the same discounts. A weighed line is one unit.
struct UnitBand {
  std::int64_t first = 1;
  std::int64_t count = 1;
  std::int64_t list = 0;  ///< Per unit, like the next two.
  std::int64_t net = 0;
  std::vector<std::int64_t> discounts;  ///< Per unit, as `ProofLine::discounts`.
};

struct LineDiscount {
  std::uint32_t use = 0;  ///< Index into `PriceProof::uses`.
  std::int64_t amount = 0;
  std::vector<FunderShare> funders;  ///< Add up to `amount`.
};

struct ProofLine {
  LineId id;
  Name item;
  bool weighed = false;
  std::int64_t count = 0;
  std::int64_t unit_price = 0;
  std::int64_t list = 0;
  std::vector<LineDiscount> discounts;  ///< In the order they apply.
  std::int64_t net = 0;                 ///< list - discounts
  core::BasisPoints tax_rate;
  bool tax_included = true;
  std::int64_t tax = 0;
  std::vector<UnitBand> bands;
  std::int64_t points = 0;
  /// Points per minor unit of net, as a fraction: the earning rule, for refunds.
  std::int64_t points_numerator = 0;
  std::int64_t points_denominator = 1;
};

struct ProofGift {
  OfferId offer;
  CouponId coupon;
  Name item;
  std::uint32_t count = 0;
};

struct ProofGrant {
  OfferId offer;  ///< What granted it.
  CouponId coupon;
  std::int64_t points = 0;  ///< Points, or
  OfferId coupon_template;  ///< a coupon of this template,
  std::uint32_t count = 0;  ///< this many.
};

/// Everything that a price follows from, and everything that follows from it: what the receipt shows, what funders
/// owe, and what a refund gives back. Lines are in the order of their ids.
struct PriceProof {
  std::string rules_version;
  core::Currency currency;
  core::WallReading priced_at;
  std::vector<ProofLine> lines;
  std::vector<ProofUse> uses;
  std::vector<ProofGift> gifts;
  std::vector<ProofGrant> grants;
  std::vector<Rejection> rejected;
  std::int64_t list = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t payable = 0;  ///< net, and the tax that is not included in prices
  std::int64_t points = 0;   ///< Earned; grants are apart.
  Policy policy = Policy::Best;
  bool proven = false;
  std::int64_t gap = 0;
  std::uint32_t nodes = 0;
};

/// Writes the proof of an evaluation that `rules` and `basket` gave. `options` are those of the evaluation.
[[nodiscard]] core::Result<PriceProof> make_proof(const RuleSet& rules, const Basket& basket,
                                                  const SearchOptions& options, const Evaluation& evaluation);

inline constexpr std::size_t kProofBytesMax = 8'388'608;
inline constexpr std::size_t kProofValuesMax = 400'000;

/// The proof as one JSON text, always the same for the same price: what is hashed and stored. (The hash is taken
/// by whoever stores it: this module has no cryptography.) The number of nodes is not in it. `Exhausted`: beyond one of
/// the two limits above.
[[nodiscard]] core::Result<std::string> to_json(const PriceProof& proof);

// Refunds.

/// Units of a line, counted from 1.
struct UnitRange {
  LineId line;
  std::int64_t first = 1;
  std::int64_t count = 1;

  friend bool operator==(const UnitRange&, const UnitRange&) = default;
};

struct RefundDiscount {
  std::uint32_t use = 0;
  std::int64_t amount = 0;
  std::vector<FunderShare> funders;  ///< What each funder gets back; adds up to `amount`.
};

struct RefundLine {
  LineId line;
  std::int64_t units = 0;
  std::int64_t list = 0;
  std::vector<RefundDiscount> discounts;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t payable = 0;
};

struct Refund {
  std::vector<RefundLine> lines;
  std::int64_t list = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t payable = 0;            ///< What the shopper gets back.
  std::int64_t points = 0;             ///< To take back: earned before less earned after.
  std::vector<CouponId> coupons_back;  ///< All units they discounted are now returned.
  std::vector<std::uint32_t>
      grants_void;  ///< Indexes into the proof's grants; gifts likewise below. With the last unit.
  std::vector<std::uint32_t> gifts_back;
  bool whole = false;  ///< Nothing of the sale is left.
};

/// Computes what returning `now` gives back, after `before` was returned already; from the proof alone. Any sequence
/// of refunds of all units adds up to what was paid.
/// - InvalidArgument: no such line, or no such units.
/// - AlreadyExists: a unit is in `before` already, or twice in `now`. Nothing is to be given back.
[[nodiscard]] core::Result<Refund> refund(const PriceProof& proof, std::span<const UnitRange> before,
                                          std::span<const UnitRange> now);

}  // namespace tillkit::offers
