// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "basket_view.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillkit::offers::detail {

enum class Truth : std::uint8_t { No, Yes, Unknown };

/// Whether a condition holds for the basket, at the prices that `sum_scopes` saw last.
[[nodiscard]] Truth holds(const CompiledCondition& condition, const BasketView& basket);

/// Whether an offer's condition surely holds. Most have none, which costs nothing here.
[[nodiscard]] inline bool is_met(const CompiledOffer& offer, const BasketView& basket) {
  return offer.always || holds(offer.condition, basket) == Truth::Yes;
}

/// Why a condition that does not hold does not: the first part that is to blame. Offer and coupon are the caller's.
[[nodiscard]] Rejection blame(const CompiledCondition& condition, const BasketView& basket);

}  // namespace tillkit::offers::detail
