// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/members/steps.hpp"

/// What the records of one sale say of its member and coupons, also when the tables have forgotten it.
namespace tillkit::members {

enum class CouponsState : std::uint8_t { None, Reserved, Redeemed, Released };

struct MembersHistory {
  std::optional<MemberId> member{};  ///< that it was recognised as; an earlier one gives way
  RecogniseHow how = RecogniseHow::Payer;
  std::optional<Identity> enrolled{};  ///< that the sale made a member
  CouponsState coupons_state = CouponsState::None;
  std::vector<CouponUse> coupons;  ///< the last that it reserved
  std::vector<Grant> granted;
  std::vector<offers::CouponId> returned;  ///< of a refund
  std::vector<Grant> voided;               ///< of a refund
  std::size_t notices = 0;
};

/// Adds what one record of the sale says, in their order. Other modules' records say nothing.
/// - Corrupt, or as reading JSON: the record is not what this module writes. - Unsupported: a later build's record.
[[nodiscard]] core::Result<> tell(MembersHistory& history, const journal::Record& record);

}  // namespace tillkit::members
