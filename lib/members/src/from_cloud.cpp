// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/from_cloud.hpp"

#include "tillkit/core/json_members.hpp"

namespace tillkit::members {

using core::Result;

// The numbers of both kinds are those of records.
static_assert(static_cast<int>(cloud::IdentityKind::Payer) == static_cast<int>(IdentityKind::Payer));
static_assert(static_cast<int>(cloud::IdentityKind::MemberCode) == static_cast<int>(IdentityKind::MemberCode));

Result<Profile> profile_of(const cloud::Member& member, const core::WallReading& as_of) {
  Profile profile{.birth_month = member.birth_month,
                  .birth_day = member.birth_day,
                  .orders = member.orders,
                  .spent_minor = member.spent_minor,
                  .points = member.points,
                  .value_minor = member.value_minor,
                  .debt_points = member.debt_points,
                  .consented = member.consented,
                  .as_of = as_of};
  TILLKIT_TRY(profile.id, MemberId::parse(member.id.view()));
  TILLKIT_TRY(profile.tier, core::parse_optional_id<offers::Name>(member.tier.view()));
  for (const cloud::Name& tag : member.tags) {
    TILLKIT_TRY(const auto name, offers::Name::parse(tag.view()));
    profile.tags.push_back(name);
  }
  return profile;
}

Result<HeldCoupon> coupon_of(const cloud::Coupon& coupon) {
  HeldCoupon held{.claimed_at = coupon.claimed_at,
                  .valid_from = coupon.valid_from.value_or(core::WallTime::min()),
                  .expires_at = coupon.expires_at.value_or(core::WallTime::max()),
                  .uses = coupon.uses};
  TILLKIT_TRY(held.id, offers::CouponId::parse(coupon.id.view()));
  TILLKIT_TRY(held.offer, offers::OfferId::parse(coupon.offer.view()));
  return held;
}

Identity identity_of(const cloud::Identity& identity) {
  return {.kind = static_cast<IdentityKind>(identity.kind), .index = security::BlindIndex(identity.index)};
}

}  // namespace tillkit::members
