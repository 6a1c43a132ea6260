// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <utility>
#include <variant>

#include "tillkit/cloud/link.hpp"
#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/members/service.hpp"

namespace tillkit::members {

struct CloudMembersSettings {
  /// For all of an identify, a connection to open included: nobody waits longer for a question.
  std::chrono::milliseconds identify_timeout{800};
  std::chrono::milliseconds answer_timeout{5'000};  ///< of the other questions
};

/// Asks the cloud over the contract's `identify_member`, `find_member` and `claim_coupon`.
///
/// `done` gets, besides what `MemberService` says: Unavailable: nothing was asked. - Timeout: it was, and nobody knows
/// what the answer sets apart; that is free again by itself. - Rejected: the cloud refused the question.
class CloudMembers final : public MemberService {
 public:
  /// `link` and `clock` must outlive it and all questions that are under way.
  CloudMembers(const cloud::Link& link, const hal::Clock& clock, CloudMembersSettings settings = {})
      : link_(link), clock_(clock), settings_(settings) {}

 private:
  core::Result<> do_identify(const codes::PaymentCode& code, Answer<Found> done) override;
  core::Result<> do_find(const std::variant<Identity, MemberId>& who, Answer<Found> done) override;
  core::Result<> do_claim(const offers::CouponId& coupon, Answer<CouponPlacement> done) override;

  const cloud::Link& link_;
  const hal::Clock& clock_;
  CloudMembersSettings settings_;
};

}  // namespace tillkit::members
