// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/profile.hpp"

namespace tillkit::members {

/// A coupon that the cloud sets apart for this terminal. It is used only in a commit that has it in the journal
/// (`members.coupon_placed`), and only before `until`; placed, it stays here until it is redeemed or given up. An
/// answer that comes to nothing leaves no trace: once an upload has reached beyond `until` without it, the cloud knows
/// that it is free.
struct CouponPlacement {
  HeldCoupon coupon{};
  core::WallTime until{};
};

/// Whom somebody is, as the cloud sees it.
struct Found {
  Profile profile{};
  bool may_spend = false;  ///< what was shown proves that it is the member: a wallet's own code, a member token
  /// What the answer sets apart here for the sale. It is not used before it is in the journal.
  std::vector<CouponPlacement> coupons{};
};

/// Called once, later, from the loop; never from inside the call that took it.
template <class T>
using Answer = std::move_only_function<void(core::Result<T>)>;

/// Who can be asked about members: the cloud. Questions have no effect that costs anything.
///
/// A call that returns an error did nothing, and `done` is not called. `done` gets the answer, or NotFound (nobody of
/// that name), or any other error: nobody said anything.
class MemberService {
 public:
  virtual ~MemberService() = default;

  /// Asks whose payment code it is. The code is in the request and nowhere else.
  [[nodiscard]] core::Result<> identify(const codes::PaymentCode& code, Answer<Found> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_identify(code, std::move(done));
  }
  /// Asks who it is: by a card, a phone number's index, a checked token (`MemberId`).
  [[nodiscard]] core::Result<> find(const std::variant<Identity, MemberId>& who, Answer<Found> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_find(who, std::move(done));
  }

  /// Sets the coupon of a checked token apart for this terminal. `done` also gets:
  /// - AlreadyExists: it was redeemed, or another terminal has it. - Rejected: it is void.
  [[nodiscard]] core::Result<> claim(const offers::CouponId& coupon, Answer<CouponPlacement> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_claim(coupon, std::move(done));
  }

 private:
  virtual core::Result<> do_identify(const codes::PaymentCode& code, Answer<Found> done) = 0;
  virtual core::Result<> do_find(const std::variant<Identity, MemberId>& who, Answer<Found> done) = 0;
  virtual core::Result<> do_claim(const offers::CouponId& coupon, Answer<CouponPlacement> done) = 0;
};

}  // namespace tillkit::members
