// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/members/tables.hpp"

/// What the steps ask the tables and nobody else needs.
namespace tillkit::members {

/// What is counted, so that no step counts rows. Stored; never renumber.
enum class Total : std::uint8_t {
  Coupons = 1,
  Uses = 2,
  Identities = 3,
  Aliases = 4,
  ForgottenUpTo = 5,  ///< a time: of what was over long before it rows may be gone
};
core::Result<std::int64_t> total(const journal::Tables& tables, Total what);

/// Whether something that ends then may have been forgotten: then nobody knows whether it was used.
core::Result<bool> may_be_forgotten(const journal::Tables& tables, core::WallTime ends);

/// A row of `coupons`, those that were given up too.
struct CouponRow {
  PlacedCoupon placed{};
  journal::Seq placement{};
  bool ended = false;
};
core::Result<std::optional<CouponRow>> find_row(const journal::Tables& tables, const offers::CouponId& coupon);
/// Whether a token of this coupon must not be honoured, because the coupon is or was redeemed by lease.
bool bars_token(const CouponRow& row);

/// A merge, looked at before it is done.
enum class Merging : std::uint8_t {
  Done,  ///< they are one already
  New,
  Ring,
};
core::Result<Merging> look_at_merge(const journal::Tables& tables, const MemberId& from, const MemberId& into);

/// Whether the sale has reserved, and not released, before.
core::Result<bool> has_uses(const journal::Tables& tables, journal::SaleId sale);

/// The identity that a provisional id was made of.
std::optional<Identity> identity_of(const MemberId& member);

/// Whether some identity here has this member, merged ones included.
core::Result<bool> is_enrolled(const journal::Tables& tables, const MemberId& member);

}  // namespace tillkit::members
