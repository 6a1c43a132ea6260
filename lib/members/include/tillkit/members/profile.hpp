// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::members {

/// A coupon that a member holds, or a benefit with a quota (one free item a month is a coupon of the month).
struct HeldCoupon {
  offers::CouponId id{};
  offers::OfferId offer{};
  core::WallTime claimed_at{};
  core::WallTime valid_from = core::WallTime::min();
  core::WallTime expires_at = core::WallTime::max();  ///< not included
  std::uint32_t uses = 1;                             ///< 1 to `kCouponUsesMax`

  friend bool operator==(const HeldCoupon&, const HeldCoupon&) = default;
};

inline constexpr std::size_t kProfileTagsMax = 32;
inline constexpr std::size_t kProfileCouponsMax = 100;
inline constexpr std::uint32_t kCouponUsesMax = 1'000;

/// What a terminal knows of a member: no name, no number, nothing personal but the birthday's day and month.
struct Profile {
  MemberId id{};
  offers::Name tier{};  ///< empty: none
  std::vector<offers::Name> tags{};
  std::uint8_t birth_month = 0;  ///< 0: not known
  std::uint8_t birth_day = 0;
  std::uint32_t orders = 0;      ///< so far, as of `as_of`
  std::int64_t spent_minor = 0;  ///< in the tier's period, net
  std::int64_t points = 0;       ///< that may be spent, for the screen only: spending needs a lease
  std::int64_t value_minor = 0;  ///< likewise
  std::int64_t debt_points = 0;  ///< above 0: nothing is spent until it is earned again
  bool consented = false;        ///< else it is a provisional member: it collects and does not spend
  core::WallReading as_of{};
  std::vector<HeldCoupon> coupons{};

  friend bool operator==(const Profile&, const Profile&) = default;
};

/// What rules may ask about a member. A provisional one is known to them, too: it only does not spend.
[[nodiscard]] offers::Member rules_view(const Profile& profile);

/// One step up: who has `from` (empty: no tier) and reaches one of the sums has `to` from the next sale on.
struct TierRule {
  offers::Name from{};
  offers::Name to{};
  std::uint32_t orders_at_least = 0;      ///< 0: does not count
  std::int64_t spent_at_least_minor = 0;  ///< likewise
};

/// The tier after one more sale, of `net_minor`; none: it stays. The rules are gone through once, in their order, and
/// each that applies is a step: a big sale may take several. Sums are held at the ends of their numbers.
[[nodiscard]] std::optional<offers::Name> tier_after(std::span<const TierRule> rules, const Profile& before,
                                                     std::int64_t net_minor);

}  // namespace tillkit::members
