// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>

#include "tillkit/core/error.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/refusal.hpp"
#include "tillkit/receipt/texts.hpp"

namespace tillkit::checkout {

/// Why something was not done. Nothing changed: the basket is as before, no money and no goods moved.
struct Refused {
  receipt::Refusal refusal = receipt::SaleRefusal::NoSale;
  receipt::TextValues values{};        ///< what the refusal's texts name
  payment::TenderSet works{};          ///< of a tender's refusal: what can be used instead
  std::optional<core::Error> cause{};  ///< of the layer below, where one refused
};

/// What a shopper or an operator asked for: done, or refused with a reason that has a text for both of them.
template <class T = void>
class [[nodiscard]] Outcome : public std::expected<T, Refused> {
 public:
  using std::expected<T, Refused>::expected;
};

}  // namespace tillkit::checkout
