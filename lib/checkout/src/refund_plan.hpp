// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"

namespace tillkit::checkout {

/// What goes back of a sale, to whom, and what its member keeps.
struct Checkout::RefundPlan {
  ReturnBody body;
  std::vector<std::pair<payment::Attempt, core::Money>> wallets;
  std::vector<ledger::Reservation> local;  // points, value and budgets that go back
  CashReturn cash;
  members::MemberId member;  // that earned; empty: nobody did
  std::int64_t points = 0;   // that it earned and loses
  std::vector<members::CouponUse> coupons;
  std::vector<members::Grant> grants;
};

}  // namespace tillkit::checkout
