// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checks.hpp"
#include "rows.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::sandbox {

/// What is known of an order's money. Stored by number; never renumber.
enum class OrderState : std::uint8_t {
  Unknown = 0,  ///< The wallet was asked to take it, or is about to be.
  Pending = 1,
  Paid = 2,
  Declined = 3,
  Reversed = 4,  ///< Nothing is taken, and nothing can be: also the tombstone of an order that was never seen.
  Refunded = 5,  ///< It was paid, and all of it was given back.
};

struct OrderRow {
  std::string terminal{};     ///< whose order it is
  std::string fingerprint{};  ///< of the request that opened it, under a key; empty: only ever reversed
  bool is_qr = false;
  Amount amount{};
  std::int64_t opened_ms = 0;
  OrderState state = OrderState::Unknown;
  std::string why{};
  std::string reason{};
  std::int64_t paid_minor = 0;
  std::vector<Discount> discounts{};
  std::string transaction{};
  std::string wallet{};
  std::string reference{};
  std::int64_t refunded_minor = 0;
  std::string qr_text{};
  std::int64_t qr_until_ms = 0;
  bool reversing = false;                   ///< A reversal was taken on; it is repeated until it ends.
  std::vector<std::string> refunds_open{};  ///< numbers of refunds whose end is not known
  std::int64_t refunds_open_minor = 0;
  std::int64_t refunds_count = 0;

  /// Whether it is paid or not is not known, or a reversal is not done.
  [[nodiscard]] bool is_undecided() const {
    return state == OrderState::Unknown || state == OrderState::Pending || reversing;
  }
  [[nodiscard]] bool is_open() const { return is_undecided() || !refunds_open.empty(); }
  [[nodiscard]] std::int64_t left_minor() const { return amount.minor - refunded_minor - refunds_open_minor; }

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<OrderRow> read(const core::JsonValue& row);
};

/// Stored by number; never renumber.
enum class RefundState : std::uint8_t {
  Asked = 0,  ///< The wallet was asked, or is about to be.
  Accepted = 1,
  Refunded = 2,
  Refused = 3,
};

struct RefundRow {
  std::string order{};
  Amount amount{};
  RefundState state = RefundState::Asked;
  std::int64_t to_payer_minor = 0;
  std::string reason{};

  [[nodiscard]] bool is_final() const { return state == RefundState::Refunded || state == RefundState::Refused; }

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<RefundRow> read(const core::JsonValue& row);
};

}  // namespace tillkit::sandbox
