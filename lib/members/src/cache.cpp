// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/cache.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "profile_bytes.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using journal::any_rows;
using journal::CacheTx;
using journal::Statement;
using journal::Tables;
using Number = std::int64_t;
using Text = std::string_view;

// A member's row has a number of its own: 100,000 identities point to it with 3 bytes, not with a text.
constexpr std::string_view kFirst[] = {
    "CREATE TABLE members(number INTEGER PRIMARY KEY, member TEXT NOT NULL UNIQUE, as_of INTEGER NOT NULL,"
    " profile BLOB NOT NULL) STRICT",
    "CREATE INDEX members_by_age ON members(as_of)",
    "CREATE TABLE member_identities(kind INTEGER NOT NULL, idx INTEGER NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY(kind, idx)) STRICT, WITHOUT ROWID",
    "CREATE TABLE revoked(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"};
constexpr journal::Migration kMigrations[] = {kFirst};

constexpr Statement<std::tuple<Number, core::Bytes>(Text)> kMember{
    "SELECT number, profile FROM members WHERE member = ?1"};
constexpr Statement<std::tuple<std::string, core::Bytes>(IdentityKind, security::BlindIndex)> kMemberWith{
    "SELECT member, profile FROM member_identities JOIN members USING(number) WHERE kind = ?1 AND idx = ?2"};
constexpr Statement<std::tuple<Number>(Text)> kNumber{"SELECT number FROM members WHERE member = ?1"};
constexpr Statement<std::tuple<Number>(IdentityKind, security::BlindIndex)> kOwner{
    "SELECT number FROM member_identities WHERE kind = ?1 AND idx = ?2"};
constexpr Statement<std::tuple<Number, std::optional<Number>>()> kState{"SELECT count(*), min(as_of) FROM members"};
constexpr Statement<std::tuple<Number>(Text)> kRevoked{"SELECT 1 FROM revoked WHERE id = ?1"};

constexpr Statement<void(Text, Number, core::ByteView)> kPut{
    "INSERT INTO members(member, as_of, profile) VALUES(?1, ?2, ?3)"
    " ON CONFLICT(member) DO UPDATE SET as_of = excluded.as_of, profile = excluded.profile"};
constexpr Statement<void(Number)> kRemove{"DELETE FROM members WHERE number = ?1"};
constexpr Statement<void(IdentityKind, security::BlindIndex, Number)> kPutIdentity{
    "INSERT INTO member_identities(kind, idx, number) VALUES(?1, ?2, ?3)"
    " ON CONFLICT(kind, idx) DO UPDATE SET number = excluded.number"};
constexpr Statement<void(IdentityKind, security::BlindIndex, Number)> kRemoveIdentity{
    "DELETE FROM member_identities WHERE kind = ?1 AND idx = ?2 AND number = ?3"};
constexpr Statement<void(Number)> kRemoveIdentitiesOf{"DELETE FROM member_identities WHERE number = ?1"};
constexpr Statement<void(Text)> kRevoke{"INSERT INTO revoked(id) VALUES(?1) ON CONFLICT DO NOTHING"};

bool is_birthday(const Profile& profile) {
  if (profile.birth_month == 0) return profile.birth_day == 0;
  return profile.birth_month <= 12 && profile.birth_day >= 1 && profile.birth_day <= 31;
}

bool is_coupon(const HeldCoupon& coupon) {
  return !coupon.id.empty() && !coupon.offer.empty() && coupon.uses >= 1 && coupon.uses <= kCouponUsesMax;
}

bool is_identity(const Identity& identity) {
  const auto kind = static_cast<std::size_t>(identity.kind);
  return kind >= 1 && kind <= kIdentityKinds;
}

bool is_profile(const Profile& profile) {
  return !profile.id.empty() && is_birthday(profile) && profile.tags.size() <= kProfileTagsMax &&
         profile.coupons.size() <= kProfileCouponsMax && std::ranges::all_of(profile.coupons, is_coupon);
}

/// Takes what is not in `kept` from the member of this number.
Result<> remove_identities(CacheTx& tx, Number number, const Result<StoredProfile>& stored,
                           std::span<const Identity> kept) {
  // Nobody knows which they were: looks at all there are. None may stay, the number is given to somebody else one day.
  if (!stored) return any_rows(tx.run(kRemoveIdentitiesOf, number));
  for (const Identity& identity : stored->identities) {
    if (std::ranges::find(kept, identity) != kept.end()) continue;
    TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveIdentity, identity.kind, identity.index, number)));
  }
  return {};
}

}  // namespace

constexpr journal::ReplicaSet kMemberReplica{"members", kMigrations};

Result<> put(CacheTx& tx, const Profile& profile, std::span<const Identity> identities) {
  if (!is_profile(profile) || identities.size() > kProfileIdentitiesMax ||
      !std::ranges::all_of(identities, is_identity))
    return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const auto before, tx.find(kMember, profile.id.view()));
  if (before) {
    const auto& [number, bytes] = *before;
    TILLKIT_TRY_VOID(remove_identities(tx, number, read_profile(profile.id, bytes), identities));
  }
  TILLKIT_TRY_VOID(any_rows(tx.run(kPut, profile.id.view(), profile.as_of.at.time_since_epoch().count(),
                                   write_profile(profile, identities))));
  TILLKIT_TRY(const auto number, tx.find(kNumber, profile.id.view()));
  if (!number) return fail(ErrorCode::Corrupt);
  for (const Identity& identity : identities) {
    TILLKIT_TRY(const auto owner, tx.find(kOwner, identity.kind, identity.index));
    if (owner == number) continue;
    TILLKIT_TRY_VOID(any_rows(tx.run(kPutIdentity, identity.kind, identity.index, std::get<0>(*number))));
  }
  return {};
}

Result<> remove(CacheTx& tx, const MemberId& member) {
  TILLKIT_TRY(const auto before, tx.find(kMember, member.view()));
  if (!before) return {};
  const auto& [number, bytes] = *before;
  TILLKIT_TRY_VOID(remove_identities(tx, number, read_profile(member, bytes), {}));
  return any_rows(tx.run(kRemove, number));
}

Result<std::optional<Profile>> find(const Tables& cache, const MemberId& member) {
  TILLKIT_TRY(const auto row, cache.find(kMember, member.view()));
  if (!row) return std::optional<Profile>{};
  TILLKIT_TRY(StoredProfile stored, read_profile(member, std::get<1>(*row)));
  return std::optional(std::move(stored.profile));
}

Result<std::optional<Profile>> find(const Tables& cache, const Identity& identity) {
  TILLKIT_TRY(const auto row, cache.find(kMemberWith, identity.kind, identity.index));
  if (!row) return std::optional<Profile>{};
  const auto member = MemberId::parse(std::get<0>(*row));
  if (!member) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(StoredProfile stored, read_profile(*member, std::get<1>(*row)));
  return std::optional(std::move(stored.profile));
}

Result<> revoke(CacheTx& tx, std::string_view id) {
  if (id.empty() || id.size() > kRevokedIdBytesMax) return fail(ErrorCode::InvalidArgument);
  return any_rows(tx.run(kRevoke, id));
}

Result<bool> is_revoked(const Tables& cache, std::string_view id) {
  TILLKIT_TRY(const auto row, cache.find(kRevoked, id));
  return row.has_value();
}

Result<CacheState> state(const Tables& cache) {
  TILLKIT_TRY(const auto row, cache.find(kState));
  CacheState found;
  if (!row) return found;
  found.members = std::get<0>(*row);
  if (std::get<1>(*row)) found.oldest = core::WallTime{std::chrono::milliseconds{*std::get<1>(*row)}};
  return found;
}

}  // namespace tillkit::members
