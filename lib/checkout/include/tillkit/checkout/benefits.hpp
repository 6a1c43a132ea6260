// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/members/tables.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::checkout {

/// What one offer gives to the member when the sale is paid: a coupon, or points.
struct Gift {
  offers::OfferId by{};
  offers::OfferId coupon{};  ///< the template; empty: points
  std::int64_t points = 0;   ///< each
  std::uint32_t count = 1;

  friend bool operator==(const Gift&, const Gift&) = default;
};

/// What a sale's price brings besides the price: kept until it is paid.
struct Benefits {
  std::int64_t points = 0;  ///< by the earning rule, before what points pay of it
  std::vector<Gift> gifts{};
  std::vector<members::CouponCount> shown{};  ///< coupons that did not apply, and why
  std::optional<codes::Wallet> wallet{};      ///< that the price counts on
  std::int64_t depends = 0;                   ///< what hangs on that
  offers::Name tier{};                        ///< that the member reaches by it; empty: none
  offers::Name tier_before{};
  members::Consent consent = members::Consent::NotAsked;    ///< what the shopper said before it was to be paid
  std::optional<members::Identity> enrol{};                 ///< that becomes a member when it is paid
  members::RecogniseHow how = members::RecogniseHow::Card;  ///< by what

  friend bool operator==(const Benefits&, const Benefits&) = default;
};

/// Reads the body of a `sale_benefits`. - Corrupt, or as reading JSON: it is none.
[[nodiscard]] core::Result<Benefits> read_benefits(std::string_view body);

}  // namespace tillkit::checkout
