// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/journal/statement.hpp"
#include "tillkit/ledger/points.hpp"
#include "tillkit/ledger/service.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/profile.hpp"
#include "tillkit/members/service.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/members/token.hpp"
#include "tillkit/payment/tender.hpp"

namespace tillkit::checkout {

/// Where members, coupons and leases come from. All must outlive `Checkout`.
struct Membership {
  const members::IdentityMaker& identities;
  members::MemberService* service = nullptr;  ///< null: nobody can be asked
  ledger::LeaseService* leases = nullptr;     ///< likewise
  const journal::Tables* cache = nullptr;     ///< with `members::kMemberReplica`; null: none
};

struct MembershipSettings {
  members::EnrolPolicy enrol = members::EnrolPolicy::Provisional;
  /// A price waits at most so long for the answer whose code it is.
  std::chrono::milliseconds identify_max{800};
  ledger::PointsRate points_rate{};        ///< what points pay
  std::vector<members::MerchantKey> keys;  ///< that tokens are checked with
  std::vector<members::TierRule> tiers;    ///< how members rise
  offers::Name first_tier{};  ///< what a stranger is told a member would pay; empty: a member without a tier
};

/// Who buys, as far as it is known.
struct Shopper {
  members::MemberId member{};
  members::RecogniseHow how = members::RecogniseHow::Card;
  /// What was shown proves it: a wallet's own code, a member token. A card number only earns.
  bool may_spend = false;
  std::optional<core::WallTime> spend_until{};         ///< of a token; none: while the sale lasts
  std::optional<members::Profile> profile{};           ///< none: only the name is known
  std::optional<members::Identity> enrol{};            ///< nobody knows it yet: the sale makes it a member
  std::vector<members::CouponPlacement> placements{};  ///< set apart by the cloud's answer, and not in the journal yet
  bool for_price = true;                               ///< else a member's price would be more than what was shown
  bool asked = false;                                  ///< the cloud's answer: what it says of spending counts
};

/// A part of the price that points or stored value pay: chosen, and set apart with the next commit.
struct LocalTender {
  payment::TenderKind kind = payment::TenderKind::Points;
  core::Money amount{};
};

}  // namespace tillkit::checkout
