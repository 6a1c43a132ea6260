// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/cloud/members.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/profile.hpp"

/// What the cloud says of members, as this module has it. All fail with InvalidArgument where an id has not its form.
namespace tillkit::members {

/// Without coupons: what a member holds and what is set apart here are told apart by whoever asked.
[[nodiscard]] core::Result<Profile> profile_of(const cloud::Member& member, const core::WallReading& as_of);
[[nodiscard]] core::Result<HeldCoupon> coupon_of(const cloud::Coupon& coupon);
[[nodiscard]] Identity identity_of(const cloud::Identity& identity);

}  // namespace tillkit::members
