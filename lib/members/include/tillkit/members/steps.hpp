// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/tables.hpp"

/// The steps of members and coupons in somebody's transaction: each writes the records of what changed, and neither
/// commits nor acts. All fail as `journal::Tx::append` too.
namespace tillkit::members {

/// How the sale's member was recognised. Stored in records; never renumber.
enum class RecogniseHow : std::uint8_t {
  PaymentCode = 1,  ///< asked before the price
  Payer = 2,        ///< by the payment's outcome: it earns, the price stays
  Card = 3,
  Token = 4,
  Confirmed = 5,  ///< a hint that somebody confirmed
  Phone = 6,
};
/// The sale is of this member; one recognised before gives way.
/// - InvalidArgument: no sale, no member, or no such `how`.
[[nodiscard]] core::Result<> recognise(journal::Tx& tx, journal::SaleId sale, const MemberId& member, RecogniseHow how);

/// How a payer becomes a member. Stored in records; never renumber.
enum class EnrolPolicy : std::uint8_t {
  Off = 0,          ///< not at all
  Provisional = 1,  ///< a pseudonym that collects; a member with the first recorded consent
  Automatic = 2,    ///< a member at once: the merchant has the consent by other means
};
/// What the shopper said. Stored in records; never renumber.
enum class Consent : std::uint8_t {
  NotAsked = 0,
  Given = 1,
  Refused = 2,
};

/// Makes the payer a member: the one that this identity has, or a new provisional one, and records the sale as its
/// (`recognise`). `Consent::Given` or `EnrolPolicy::Automatic` makes it a consented one, also later. Of a
/// known member nothing else is appended; whatever the policy, a refusal that is new is.
///
/// None: does not want to be a member (now or before), or the policy is off.
/// - InvalidArgument: no sale. - Exhausted: `kIdentitiesMax`, and this one is not known here. Nothing was appended: the
///   sale goes on without a member.
[[nodiscard]] core::Result<std::optional<MemberId>> enrol(journal::Tx& tx, journal::SaleId sale,
                                                          const Identity& identity, EnrolPolicy policy, Consent consent,
                                                          RecogniseHow how = RecogniseHow::Payer);
/// The member, and all that are one with it, agrees. Each time is recorded: the text may be a newer one.
/// - NotFound: nobody enrolled it here, or it refused. - InvalidArgument: no member, no operator, or a version longer
///   than 64 bytes.
[[nodiscard]] core::Result<> consent(journal::Tx& tx, const MemberId& member, const journal::Operator& by,
                                     std::string_view text_version);
/// Remembers by its blind index alone that this identity wants none; its membership here ends, its coupons are not
/// redeemed here any more (a sale that has reserved one still finishes). All identities that are one provisional member
/// refuse together; a member that was registered elsewhere loses this identity, and keeps its own coupons. Refusing
/// again appends nothing.
/// - Exhausted: `kIdentitiesMax`, and this one is not known here.
[[nodiscard]] core::Result<> refuse_consent(journal::Tx& tx, const Identity& identity);
/// Two are one from now on, and so are all that were merged into either. Merging what is merged appends nothing.
///
/// Merges without a ring in them end in the same, in whatever order they come: who is left is who was merged into
/// nobody; of several the one that is registered, of those the first by id.
/// - InvalidArgument: one is empty, or it would be a ring: `into` was merged into `from`.
/// - Exhausted: `kAliasesMax`.
[[nodiscard]] core::Result<> merge(journal::Tx& tx, const MemberId& from, const MemberId& into);
/// - InvalidArgument: no sale, no member, no new tier, or it is the old one.
[[nodiscard]] core::Result<> reach_tier(journal::Tx& tx, journal::SaleId sale, const MemberId& member,
                                        const offers::Name& from, const offers::Name& to);

// Coupons.

/// The cloud placed it here; no member: whoever bears it. One that is here already is not placed again, one that was
/// given up only with a later `until`; else it is the old message once more, and nothing is appended.
/// - InvalidArgument: no id, no offer, no uses or more than `kCouponUsesMax`.
/// - FailedPrecondition: over so long that its uses may be forgotten (`kKeptAfterEnd`), or the member has refused to be
///   one.
/// - Exhausted: `kPlacedCouponsMax`.
[[nodiscard]] core::Result<> place_coupon(journal::Tx& tx, const HeldCoupon& coupon, const MemberId& member,
                                          core::WallTime until);
/// It is not redeemed here any more, what is not used goes back. A coupon whose `until` has passed stays until then.
/// - NotFound: not placed here. - FailedPrecondition: a sale has reserved it.
[[nodiscard]] core::Result<> give_up_coupon(journal::Tx& tx, const offers::CouponId& coupon);

/// Sets uses apart for a sale that is being paid: all or none. No uses: nothing is appended. Whether they are valid now
/// is the caller's to know: `coupons_of`, `check_coupon_token`.
///
/// A coupon is used by lease or by token, never by both: what is placed here, or was redeemed by lease, is not honoured
/// as a token, and a token's use counts against the lease.
/// - AlreadyExists: a use is not free (by lease: none left; by token: in the used-set, placed here, or over so long
/// that
///   its use may be forgotten), or the sale has reserved before and not released.
/// - NotFound: by lease, and not placed here.
/// - InvalidArgument: no sale, or a use without coupon or offer, or with a negative risk.
/// - Exhausted: `kCouponUsesPerSaleMax`, `kCouponUsesKeptMax`.
[[nodiscard]] core::Result<> reserve_coupons(journal::Tx& tx, journal::SaleId sale, std::span<const CouponUse> uses);
/// Uses all that are reserved for the sale, or frees them: a token's coupon is not in the used-set any more. None are:
/// nothing is appended.
[[nodiscard]] core::Result<> redeem_coupons(journal::Tx& tx, journal::SaleId sale);
[[nodiscard]] core::Result<> release_coupons(journal::Tx& tx, journal::SaleId sale);
/// A refund gives them back, to be used again: each at most once, and only what `sold` redeemed. Those that are not
/// known here (any more) are in the record all the same.
/// - InvalidArgument: as `reserve_coupons`. - Exhausted: `kCouponUsesPerSaleMax`.
[[nodiscard]] core::Result<> return_coupons(journal::Tx& tx, journal::SaleId sale, journal::SaleId sold,
                                            std::span<const CouponUse> uses);

struct Grant {
  offers::OfferId by{};
  offers::OfferId coupon{};  ///< the template
  std::uint32_t count = 1;

  friend bool operator==(const Grant&, const Grant&) = default;
};
/// - InvalidArgument: no sale, no member, no template, or a count that is not from 1 to `kCouponUsesMax`.
[[nodiscard]] core::Result<> grant_coupons(journal::Tx& tx, journal::SaleId sale, const MemberId& member,
                                           const Grant& grant);
[[nodiscard]] core::Result<> void_grant(journal::Tx& tx, journal::SaleId sale, journal::SaleId sold,
                                        const MemberId& member, const Grant& grant);
/// Adds to `coupons_shown`; entries of one end and reason are added up.
/// - InvalidArgument: no such end, or a count that is not from 1 to 1,000,000.
[[nodiscard]] core::Result<> count_shown(journal::Tx& tx, journal::SaleId sale, std::span<const CouponCount> shown);
/// Records each time it is called: the cloud's message must be taken once, by its cursor.
/// - InvalidArgument: no coupon, no sale, no funder, or a negative amount.
[[nodiscard]] core::Result<> record_double_redemption(journal::Tx& tx, const offers::CouponId& coupon,
                                                      journal::SaleId sale, const offers::FunderId& funder,
                                                      std::int64_t amount_minor);

/// What a notice is about. Stored in records; never renumber.
enum class NoticeWhat : std::uint8_t {
  PointsEarned = 1,
  PointsSpent = 2,
  PointsGivenBack = 3,
  PointsTakenBack = 4,
  ValueSpent = 5,
  ValueGivenBack = 6,
  CouponRedeemed = 7,
  CouponReturned = 8,
  CouponGranted = 9,
  GrantVoided = 10,
  TierReached = 11,
  Enrolled = 12,
};
/// Appends the notice of a change whose record is `of`. The steps above do that themselves where they change coupons,
/// tiers and memberships (placed, given up, merged, consented and refused need none); whoever changes points and value
/// does it with this. It goes to who the member is now.
/// - InvalidArgument: no member, no such `what`, or no record `of`.
[[nodiscard]] core::Result<> notice(journal::Tx& tx, journal::SaleId sale, const MemberId& member, NoticeWhat what,
                                    journal::Seq of, std::int64_t count);

inline constexpr std::size_t kPlacedCouponsMax = 200'000;
inline constexpr std::size_t kCouponUsesPerSaleMax = 100;
/// Uses that are kept: reserved, or redeemed and not long over.
inline constexpr std::size_t kCouponUsesKeptMax = 200'000;
/// Identities that were enrolled here or refused.
inline constexpr std::size_t kIdentitiesMax = 500'000;
inline constexpr std::size_t kAliasesMax = 200'000;

}  // namespace tillkit::members
