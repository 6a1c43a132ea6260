// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/cloud_members.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/members/from_cloud.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using std::chrono::milliseconds;

Result<Found> found_of(const cloud::MemberAnswer& answer, const core::WallReading& now) {
  if (!answer.found) return fail(ErrorCode::NotFound);
  Found found{.may_spend = answer.found->may_spend};
  TILLKIT_TRY(found.profile, profile_of(answer.found->member, now));
  for (const cloud::Placement& placement : answer.found->coupons) {
    TILLKIT_TRY(const HeldCoupon coupon, coupon_of(placement.coupon));
    found.coupons.push_back({.coupon = coupon, .until = placement.until});
  }
  return found;
}

Result<CouponPlacement> placement_of(const cloud::ClaimAnswer& answer) {
  switch (answer.outcome) {
    case cloud::ClaimOutcome::SetApart: break;
    case cloud::ClaimOutcome::Used:
    case cloud::ClaimOutcome::Elsewhere: return fail(ErrorCode::AlreadyExists);
    case cloud::ClaimOutcome::Void: return fail(ErrorCode::Rejected);
    case cloud::ClaimOutcome::NotFound: return fail(ErrorCode::NotFound);
  }
  TILLKIT_TRY(const HeldCoupon coupon, coupon_of(answer.coupon));
  return CouponPlacement{.coupon = coupon, .until = answer.until};
}

}  // namespace

Result<> CloudMembers::do_identify(const codes::PaymentCode& code, Answer<Found> done) {
  TILLKIT_TRY(std::string body, cloud::identify_body(code));
  cloud::LinkRequest question = cloud::post(cloud::kIdentifyMemberPath, std::move(body));
  question.timeout = settings_.identify_timeout;
  // All of it without a connection to open; else half for that and half for the question.
  question.timeout_once_opened = std::max(milliseconds{1}, settings_.identify_timeout / 2);
  question.session_timeout = question.timeout_once_opened;
  link_.send(std::move(question), [done = std::move(done), &clock = clock_](cloud::LinkResult result) mutable {
    if (!result) return done(std::unexpected(result.error().error));
    const auto answer = cloud::read_member(cloud::reply_of(*result));
    done(answer ? found_of(*answer, clock.wall()) : std::unexpected(answer.error()));
  });
  return {};
}

Result<> CloudMembers::do_find(const std::variant<Identity, MemberId>& who, Answer<Found> done) {
  std::string body;
  if (const auto* const member = std::get_if<MemberId>(&who)) {
    TILLKIT_TRY(const auto id, cloud::MemberId::parse(member->view()));
    TILLKIT_TRY(body, cloud::find_body(id));
  } else {
    const Identity& identity = std::get<Identity>(who);
    TILLKIT_TRY(body, cloud::find_body(cloud::Identity{.kind = static_cast<cloud::IdentityKind>(identity.kind),
                                                       .index = identity.index.value()}));
  }
  cloud::LinkRequest question = cloud::post(cloud::kFindMemberPath, std::move(body));
  question.timeout = settings_.answer_timeout;
  link_.send(std::move(question), [done = std::move(done), &clock = clock_](cloud::LinkResult result) mutable {
    if (!result) return done(std::unexpected(result.error().error));
    const auto answer = cloud::read_member(cloud::reply_of(*result));
    done(answer ? found_of(*answer, clock.wall()) : std::unexpected(answer.error()));
  });
  return {};
}

Result<> CloudMembers::do_claim(const offers::CouponId& coupon, Answer<CouponPlacement> done) {
  TILLKIT_TRY(const auto asked, cloud::Name::parse(coupon.view()));
  TILLKIT_TRY(std::string body, cloud::claim_coupon_body(asked));
  cloud::LinkRequest question = cloud::post(cloud::kClaimCouponPath, std::move(body));
  question.timeout = settings_.answer_timeout;
  link_.send(std::move(question), [done = std::move(done), asked](cloud::LinkResult result) mutable {
    if (!result) return done(std::unexpected(result.error().error));
    const auto answer = cloud::read_claim_coupon(cloud::reply_of(*result), asked);
    done(answer ? placement_of(*answer) : std::unexpected(answer.error()));
  });
  return {};
}

}  // namespace tillkit::members
