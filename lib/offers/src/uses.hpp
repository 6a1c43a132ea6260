// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "basket_view.hpp"
#include "owners.hpp"
#include "tillkit/offers/evaluate.hpp"

namespace tillkit::offers::detail {

inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// Units of one line that a use may take (lane Item), or a line that it covers (later lanes: all of it).
struct Slot {
  std::uint32_t line = 0;
  std::uint32_t part = 0;
  std::int64_t available = 0;
};

/// A use that may be chosen. In the order of uses, so its index says which of two applies first.
struct OpenUse {
  OfferIndex offer = 0;
  std::uint32_t coupon = kNoCoupon;
  Lane lane = Lane::Order;
  bool covering = false;    // lane Item: takes all that it fits
  bool everything = false;  // later lanes: covers all lines
  bool combinable = true;
  std::uint32_t group = kNone;
  std::uint32_t before = kNone;  // the coupon of the same template before this one: used first
  std::uint32_t instance = 0;    // how many of the same template are before it
  std::uint32_t first_slot = 0;
  std::uint32_t slots = 0;
  std::uint32_t first_order = 0;  // into UseList::orders: its slots from dear to cheap
  std::uint32_t uses_max = 1;     // of this template
  std::int64_t budget = kNoLimit;
  std::int64_t draw = 0;
  std::int64_t upper = 0;  // no combination gives it more
};

enum class CouponState : std::uint8_t { Valid, NotYetValid, Expired, ClockUnknown };
[[nodiscard]] CouponState state_of(const Coupon& coupon, const core::WallReading& now);

/// Which of them to collect.
enum class Keep : std::uint8_t {
  All,
  /// Not those, and not those lines of them, that no best combination needs: as long as a fen more off in lane Item is
  /// never a fen less in all.
  Useful,
};

/// The open uses that take money off (RULES.md, section 2), but for lane Price.
class UseList {
 public:
  /// `basket` has its scopes summed up at the initial prices.
  [[nodiscard]] core::Result<> collect(const Compiled& rules, const Basket& given, const BasketView& basket, Keep keep);

  /// Whether nothing was left out.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  /// Whether any use of lane Item can be added whatever is applied. Not known of a list of all.
  [[nodiscard]] bool may_join() const { return owners_.may_join(); }
  /// Of a list that is not whole: the use that gains most with a line and can be added to whatever is applied, or
  /// kNone. What was left out relies on its taking what is free of the line.
  [[nodiscard]] std::uint32_t owner(std::uint32_t line) const { return owner_uses_[line]; }

  [[nodiscard]] std::span<const OpenUse> uses() const { return uses_; }
  [[nodiscard]] std::span<const Slot> slots(const OpenUse& use) const {
    return std::span(slots_).subspan(use.first_slot, use.slots);
  }
  /// Indexes into `slots(use)`, from dear to cheap, ties to the lower slot.
  [[nodiscard]] std::span<const std::uint32_t> dear_first(const OpenUse& use) const {
    return std::span(orders_).subspan(use.first_order, use.slots);
  }

 private:
  [[nodiscard]] core::Result<> gather_coupons(const Compiled& rules, const Basket& given, const BasketView& basket);
  void gather_automatic(const Compiled& rules, const BasketView& basket);
  [[nodiscard]] bool leave_out_beaten(OpenUse& use, const UseCandidate& candidate, const Effect& effect,
                                      const BasketView& basket);
  [[nodiscard]] static bool is_rival(const OpenUse& use, const Offer& offer, const Compiled& rules);
  void open(const UseCandidate& candidate, const Compiled& rules, const Basket& given, const BasketView& basket);
  void add_slots(OpenUse& use, const Offer& offer, const CompiledOffer& compiled, const BasketView& basket);
  void restrict_to_pick(OpenUse& use, const BasketView& basket, Pick pick, std::int64_t units_max);

  std::vector<UseCandidate> candidates_;
  std::vector<std::uint64_t> marked_;  // a bit for each rank
  std::vector<OpenUse> uses_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> orders_;
  std::uint32_t all_lines_ = kNone;  // the slots of later uses that cover everything
  Keep keep_ = Keep::All;
  bool is_whole_ = true;
  LineOwners owners_;
  std::vector<std::uint32_t> owner_uses_;  // by line
};

/// What is left of an offer's budget, `kNoLimit` where it has none.
[[nodiscard]] std::int64_t budget_of(const Context& context, const OfferId& offer);
/// The draw for an offer, or 0.
[[nodiscard]] std::int64_t draw_of(const Context& context, const OfferId& offer);

}  // namespace tillkit::offers::detail
