// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"

/// What members leave in the journal. Bodies are JSON objects, all of version 1; a later version adds members and never
/// changes what these say. Times are milliseconds since 1970. `member` is a pseudonym, `index` a blind index (decimal
/// text); nothing personal stands in a body.
namespace tillkit::members {

/// The sale is of this `member`: `how` a `RecogniseHow`.
inline constexpr journal::Kind kRecognised = journal::kind("members.recognised");
/// A member that nobody knew: `member`, `kind`, `index`, `policy` an `EnrolPolicy`, `consent` a `Consent`. Once per
/// identity.
inline constexpr journal::Kind kEnrolled = journal::kind("members.enrolled");
/// `from` and `into` are one member from now on.
inline constexpr journal::Kind kMerged = journal::kind("members.merged");
/// `member` agrees to be one: `by` (an operator; `unattended`: on the shopper's own screen; "": the merchant has it by
/// other means), `text` (the version of what was agreed to; "": not said).
inline constexpr journal::Kind kConsented = journal::kind("members.consented");
/// `kind`, `index`, `member` (or "": was none yet): does not want to be a member. What is known of it here goes.
inline constexpr journal::Kind kRefusedConsent = journal::kind("members.refused_consent");
/// `member`, `from`, `to`: by the rules, from the next sale on.
inline constexpr journal::Kind kTierReached = journal::kind("members.tier_reached");

/// The cloud sets a coupon apart for this terminal: `coupon`, `offer`, `member`, `claimed`, `valid_from`, `expires`,
/// `uses`, `until` (the terminal stops redeeming it then).
inline constexpr journal::Kind kCouponPlaced = journal::kind("members.coupon_placed");
/// What is not used of a placed coupon goes back: `coupon`, `unused`.
inline constexpr journal::Kind kCouponGivenUp = journal::kind("members.coupon_given_up");
/// The sale wants to use `coupons` (`coupon`, `offer`, `member`, `by` a `CouponBy`, `expires`, and of tokens `risk`).
inline constexpr journal::Kind kCouponsReserved = journal::kind("members.coupons_reserved");
/// The sale used them: `coupons` as above.
inline constexpr journal::Kind kCouponsRedeemed = journal::kind("members.coupons_redeemed");
/// It did not: an empty object.
inline constexpr journal::Kind kCouponsReleased = journal::kind("members.coupons_released");
/// A refund gave all of their goods back: `coupons` (ids) of `sale` can be used again.
inline constexpr journal::Kind kCouponsReturned = journal::kind("members.coupons_returned");
/// `member` gets `count` coupons of template `offer` for this sale (`by`: the offer that grants, or "").
inline constexpr journal::Kind kCouponGranted = journal::kind("members.coupon_granted");
/// A refund of `sale` takes back `count` of template `offer` of `member` (`by` as above); the cloud voids those not
/// used and reports those used with their funder.
inline constexpr journal::Kind kGrantVoided = journal::kind("members.grant_voided");
/// What became of coupons that were shown: `shown` (`end` a `CouponEnd`, `reason` an `offers::Reason` or a
/// `TokenRefusal`, `count`).
inline constexpr journal::Kind kCouponsShown = journal::kind("members.coupons_shown");
/// The cloud found that a coupon honoured here was used elsewhere, too: `coupon`, `sale`, `funder`, `amount`.
inline constexpr journal::Kind kDoubleRedemption = journal::kind("members.double_redemption");

/// To be passed on to `member`: `what` a `NoticeWhat`, `of` the seq of the record that changed it, `count`. Exactly one
/// per change record and member.
inline constexpr journal::Kind kNotice = journal::kind("members.notice");

}  // namespace tillkit::members
