// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/members/profile.hpp"

/// The cloud's members, as far as this terminal has them: a replica, which decides nothing about money.
namespace tillkit::members {

/// Hand it to `journal::Cache::open`. Tables: `members`, `member_identities`, `revoked`.
extern const journal::ReplicaSet kMemberReplica;

inline constexpr std::size_t kProfileIdentitiesMax = 16;

/// Puts a member and its identities in place of what was there. An identity that another member had is this one's now.
/// Takes one row of the step's limit, and one for each identity that is new or gone: at most
/// 1 + 2 * `kProfileIdentitiesMax`.
/// - InvalidArgument: no id, a birthday that is none, a coupon without id or uses, or beyond `kProfileTagsMax`,
///   `kProfileCouponsMax`, `kCouponUsesMax` or `kProfileIdentitiesMax`. Nothing was put.
[[nodiscard]] core::Result<> put(journal::CacheTx& tx, const Profile& profile, std::span<const Identity> identities);
/// What is not here is removed already.
[[nodiscard]] core::Result<> remove(journal::CacheTx& tx, const MemberId& member);

/// None: not here, which does not say that there is no such member.
/// - Corrupt: what is stored cannot be read. Whoever finds that discards the cache.
[[nodiscard]] core::Result<std::optional<Profile>> find(const journal::Tables& cache, const MemberId& member);
[[nodiscard]] core::Result<std::optional<Profile>> find(const journal::Tables& cache, const Identity& identity);

inline constexpr std::size_t kRevokedIdBytesMax = 64;
/// Tokens and coupons that are void before their time, by their id (`m` or `c`). Once is enough.
/// - InvalidArgument: no id, or longer than `kRevokedIdBytesMax`.
[[nodiscard]] core::Result<> revoke(journal::CacheTx& tx, std::string_view id);
[[nodiscard]] core::Result<bool> is_revoked(const journal::Tables& cache, std::string_view id);

struct CacheState {
  std::int64_t members = 0;
  std::optional<core::WallTime> oldest{};  ///< `as_of` of the member that was heard of longest ago; none: no members
};
[[nodiscard]] core::Result<CacheState> state(const journal::Tables& cache);

}  // namespace tillkit::members
