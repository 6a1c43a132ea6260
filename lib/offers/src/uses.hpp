// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "basket_view.hpp"
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
  std::uint32_t hidden = 0;       // slots behind these that are out of sight
  std::uint32_t first_order = 0;  // into UseList::orders: its slots from dear to cheap
  std::uint32_t uses_max = 1;     // of this template
  std::int64_t budget = kNoLimit;
  std::int64_t draw = 0;
  std::int64_t upper = 0;  // no combination gives it more
};

enum class CouponState : std::uint8_t { Valid, NotYetValid, Expired, ClockUnknown };
[[nodiscard]] CouponState state_of(const Coupon& coupon, const core::WallReading& now);

/// The open uses that take money off (RULES.md, section 2), but for lane Price.
class UseList {
 public:
  /// `basket` has its scopes summed up at the initial prices.
  [[nodiscard]] core::Result<> collect(const Compiled& rules, const Basket& given, const BasketView& basket);

  [[nodiscard]] std::span<const OpenUse> uses() const { return uses_; }
  [[nodiscard]] std::span<const Slot> slots(const OpenUse& use) const {
    return std::span(slots_).subspan(use.first_slot, use.slots);
  }
  /// Takes those lines of a use out of sight for which `gone(line)` holds.
  template <class Gone>
  void hide(std::uint32_t index, Gone gone) {
    OpenUse& use = uses_[index];
    hidden_.clear();
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < use.slots; ++i) {
      Slot& slot = slots_[use.first_slot + i];
      if (gone(slot.line)) {
        hidden_.push_back(slot);
      } else {
        slots_[use.first_slot + kept++] = slot;
      }
    }
    if (hidden_.empty()) return;
    std::ranges::copy(hidden_, slots_.begin() + use.first_slot + kept);
    use.hidden += use.slots - kept;
    use.slots = kept;
    use.upper = 0;  // it was of all its goods
    order_slots(use);
  }
  /// Brings them all back.
  void show_all();

  /// Indexes into `slots(use)`, from dear to cheap, ties to the lower slot.
  [[nodiscard]] std::span<const std::uint32_t> dear_first(const OpenUse& use) const {
    return std::span(orders_).subspan(use.first_order, use.slots);
  }

 private:
  struct Candidate {
    std::uint32_t rank;
    OfferIndex offer;
    std::uint32_t coupon;
    std::uint32_t place = 0;
  };

  [[nodiscard]] core::Result<> gather_coupons(const Compiled& rules, const Basket& given, const BasketView& basket);
  void gather_automatic(const Compiled& rules, const BasketView& basket);
  void open(const Candidate& candidate, const Compiled& rules, const Basket& given, const BasketView& basket);
  void add_slots(OpenUse& use, const Offer& offer, const CompiledOffer& compiled, const BasketView& basket);
  void order_slots(const OpenUse& use);
  void restrict_to_pick(OpenUse& use, const BasketView& basket, Pick pick, std::int64_t units_max);

  std::vector<Candidate> candidates_;
  std::vector<std::uint64_t> marked_;  // a bit for each rank
  std::vector<OpenUse> uses_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> orders_;
  std::vector<Slot> hidden_;
  std::span<const WorkLine> lines_;
};

/// What is left of an offer's budget, `kNoLimit` where it has none.
[[nodiscard]] std::int64_t budget_of(const Context& context, const OfferId& offer);
/// The draw for an offer, or 0.
[[nodiscard]] std::int64_t draw_of(const Context& context, const OfferId& offer);

}  // namespace tillkit::offers::detail
