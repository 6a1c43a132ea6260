// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/members/profile.hpp"

/// What this terminal decided about members and coupons, as the records add up to it.
namespace tillkit::members {

/// Hand it to `journal::Journal::open`. Tables: `aliases`, `identities`, `coupons`, `coupon_uses` (the used-set, too),
/// `coupons_shown`, `totals`.
extern const journal::TableSet kMemberTables;

/// What is over is forgotten this long after it ended, by trusted time: a redeemed coupon and a token's use after the
/// coupon expired; a placed coupon nobody used after it expired, or was given up and `until` has passed, too. What may
/// have been forgotten is not taken again, so no use is forgotten that could happen twice.
inline constexpr std::chrono::days kKeptAfterEnd{90};

/// Who a member is now: itself, or what it was merged into.
[[nodiscard]] core::Result<MemberId> resolve(const journal::Tables& tables, const MemberId& member);
/// All names of a member: who it is now first, then those that were merged into it.
[[nodiscard]] core::Result<std::vector<MemberId>> names_of(const journal::Tables& tables, const MemberId& member);

enum class Known : std::uint8_t {
  No = 0,
  Member = 1,
  Refused = 2,  ///< does not want to be a member: is not asked and not enrolled again
};
struct KnownIdentity {
  Known known = Known::No;
  MemberId member{};  ///< of `Member`, resolved
  bool consented = false;
};
/// What this terminal's own records say of an identity. The cache may know more.
[[nodiscard]] core::Result<KnownIdentity> find_identity(const journal::Tables& tables, const Identity& identity);

/// By what right a coupon is redeemed here. Stored in records; never renumber.
enum class CouponBy : std::uint8_t {
  Lease = 1,  ///< placed here: nobody else redeems it
  Token = 2,  ///< a signed token, at the merchant's risk
};

/// A coupon that is placed here and was not given up.
struct PlacedCoupon {
  HeldCoupon coupon{};
  MemberId member{};
  core::WallTime until{};      ///< not redeemed here from then on
  std::uint32_t reserved = 0;  ///< uses
  std::uint32_t redeemed = 0;  ///< of this placement, and as a token

  [[nodiscard]] std::uint32_t left() const { return coupon.uses - reserved - redeemed; }
};
[[nodiscard]] core::Result<std::optional<PlacedCoupon>> find_coupon(const journal::Tables& tables,
                                                                    const offers::CouponId& coupon);
/// What a member, or one that was merged into it, may redeem now: valid, not over, with uses left. None while the time
/// is not known, and none of nobody's.
[[nodiscard]] core::Result<std::vector<PlacedCoupon>> coupons_of(const journal::Tables& tables, const MemberId& member,
                                                                 const core::WallReading& now);
/// Those that are placed here, whose time is over and of which no sale has reserved: to be given up (`give_up_coupon`).
[[nodiscard]] core::Result<std::vector<offers::CouponId>> coupons_over(const journal::Tables& tables,
                                                                       core::WallTime now, std::size_t at_most);
/// Whether a token for this coupon cannot be honoured here: it is in the used-set, or the coupon is or was placed here
/// and used.
[[nodiscard]] core::Result<bool> is_used(const journal::Tables& tables, const offers::CouponId& coupon);

/// One use in a sale. Of a coupon with several uses each is one.
struct CouponUse {
  offers::CouponId coupon{};
  offers::OfferId offer{};
  MemberId member{};  ///< empty: whoever bears it
  CouponBy by = CouponBy::Lease;
  core::WallTime expires_at = core::WallTime::max();
  std::int64_t risk_minor = 0;  ///< of tokens

  friend bool operator==(const CouponUse&, const CouponUse&) = default;
};
/// In the order in which they were reserved.
[[nodiscard]] core::Result<std::vector<CouponUse>> reserved_for(const journal::Tables& tables, journal::SaleId sale);

/// How a coupon that was shown ended. Stored in records; never renumber.
enum class CouponEnd : std::uint8_t {
  Redeemed = 1,
  Rejected = 2,      ///< by the rules: `reason` an `offers::Reason`
  TokenRefused = 3,  ///< `reason` a `TokenRefusal`
  AlreadyUsed = 4,   ///< in the used-set
  NoRiskLeft = 5,    ///< the risk budget is used up
  NotOffline = 6,    ///< may be honoured only where somebody can be asked
  Abandoned = 7,     ///< the sale was given up
  OtherMember = 8,   ///< another member's
};
inline constexpr std::size_t kCouponEnds = 8;
[[nodiscard]] std::string_view to_string(CouponEnd end);

struct CouponCount {
  CouponEnd end = CouponEnd::Redeemed;
  std::uint8_t reason = 0;
  std::int64_t count = 0;

  friend bool operator==(const CouponCount&, const CouponCount&) = default;
};
/// All that were shown here so far, by end and reason.
[[nodiscard]] core::Result<std::vector<CouponCount>> coupons_shown(const journal::Tables& tables);

}  // namespace tillkit::members
