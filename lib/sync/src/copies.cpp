// SPDX-License-Identifier: Apache-2.0
#include "tillkit/sync/copies.hpp"

#include <bit>
#include <vector>

#include "taking.hpp"
#include "tillkit/members/cache.hpp"

namespace tillkit::sync {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using journal::CacheTx;

static_assert(1 + 2 * members::kProfileIdentitiesMax <= static_cast<std::size_t>(kCopyRowsMax));
static_assert(static_cast<int>(members::IdentityKind::Payer) == static_cast<int>(cloud::IdentityKind::Payer));
static_assert(static_cast<int>(members::IdentityKind::UnionId) == static_cast<int>(cloud::IdentityKind::UnionId));
static_assert(static_cast<int>(members::IdentityKind::Card) == static_cast<int>(cloud::IdentityKind::Card));
static_assert(static_cast<int>(members::IdentityKind::Phone) == static_cast<int>(cloud::IdentityKind::Phone));
static_assert(static_cast<int>(members::IdentityKind::MemberCode) == static_cast<int>(cloud::IdentityKind::MemberCode));

Result<members::Profile> profile_of(const cloud::MemberChanged& change, const core::WallReading& as_of) {
  const cloud::Member& member = change.member;
  members::Profile profile{.birth_month = member.birth_month,
                           .birth_day = member.birth_day,
                           .orders = member.orders,
                           .spent_minor = member.spent_minor,
                           .points = member.points,
                           .value_minor = member.value_minor,
                           .debt_points = member.debt_points,
                           .consented = member.consented,
                           .as_of = as_of};
  TILLKIT_TRY(profile.id, same_id<members::MemberId>(member.id));
  TILLKIT_TRY(profile.tier, same_id<offers::Name>(member.tier));
  for (const cloud::Name& name : member.tags) {
    TILLKIT_TRY(const auto tag, same_id<offers::Name>(name));
    profile.tags.push_back(tag);
  }
  for (const cloud::Coupon& coupon : change.coupons) {
    TILLKIT_TRY(const auto held, held_coupon(coupon));
    profile.coupons.push_back(held);
  }
  return profile;
}

class Putting {
 public:
  Putting(CacheTx& tx, const core::WallReading& as_of, CopySink* sink) : tx_(tx), as_of_(as_of), sink_(sink) {}

  Result<> operator()(const cloud::MemberChanged& change) {
    TILLKIT_TRY(const members::Profile profile, profile_of(change, as_of_));
    std::vector<members::Identity> identities;
    identities.reserve(change.identities.size());
    for (const cloud::Identity& identity : change.identities) {
      identities.push_back({.kind = static_cast<members::IdentityKind>(identity.kind),
                            .index = security::BlindIndex{std::bit_cast<std::int64_t>(identity.index)}});
    }
    return members::put(tx_, profile, identities);
  }
  Result<> operator()(const cloud::MemberGone& change) {
    TILLKIT_TRY(const auto member, same_id<members::MemberId>(change.member));
    return members::remove(tx_, member);
  }
  Result<> operator()(const cloud::IdRevoked& change) { return members::revoke(tx_, change.id.view()); }
  Result<> operator()(const cloud::ItemChanged& change) {
    return sink_ == nullptr ? fail(ErrorCode::Unsupported) : sink_->put_item(tx_, change.item);
  }
  Result<> operator()(const cloud::ItemGone& change) {
    return sink_ == nullptr ? fail(ErrorCode::Unsupported) : sink_->remove_item(tx_, change.item.view());
  }
  Result<> operator()(const cloud::RuleSetChanged& change) {
    return sink_ == nullptr ? fail(ErrorCode::Unsupported) : sink_->put_rule_set(tx_, change.rule_set);
  }

  // Decisions never come here: `belongs_to`.
  template <class Decision>
  Result<> operator()(const Decision&) {
    return fail(ErrorCode::Unsupported);
  }

 private:
  CacheTx& tx_;
  const core::WallReading& as_of_;
  CopySink* sink_;
};

/// Which feed a change belongs to.
struct FeedOf {
  cloud::Feed operator()(const cloud::MemberChanged&) const { return cloud::Feed::Copies; }
  cloud::Feed operator()(const cloud::MemberGone&) const { return cloud::Feed::Copies; }
  cloud::Feed operator()(const cloud::IdRevoked&) const { return cloud::Feed::Copies; }
  cloud::Feed operator()(const cloud::ItemChanged&) const { return cloud::Feed::Copies; }
  cloud::Feed operator()(const cloud::ItemGone&) const { return cloud::Feed::Copies; }
  cloud::Feed operator()(const cloud::RuleSetChanged&) const { return cloud::Feed::Copies; }
  template <class Decision>
  cloud::Feed operator()(const Decision&) const {
    return cloud::Feed::Decisions;
  }
};

}  // namespace

bool belongs_to(cloud::Feed feed, const cloud::Change& change) {
  return std::visit(FeedOf{}, change) == feed;
}

Result<bool> take_copy(CacheTx& tx, const cloud::Change& change, const core::WallReading& as_of, CopySink* sink) {
  const Result<> put = std::visit(Putting(tx, as_of, sink), change);
  if (put) return true;
  switch (put.error().code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::OutOfRange:
    case ErrorCode::Exhausted:
    case ErrorCode::Unsupported: return false;
    default: return std::unexpected(put.error());
  }
}

}  // namespace tillkit::sync
