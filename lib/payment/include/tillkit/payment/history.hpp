// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/payment/attempt.hpp"
#include "tillkit/payment/refund.hpp"
#include "tillkit/payment/tables.hpp"
#include "tillkit/payment/tender.hpp"

/// What the records of one sale say of its attempts and refunds, also when the tables have forgotten them.
namespace tillkit::payment {

struct PastAttempt {
  AttemptId id{};
  core::OrderNumber order{};
  TenderKind tender = TenderKind::WalletCode;
  std::optional<codes::Wallet> wallet{};
  core::Money amount{};
  AttemptState state = AttemptState::Intended;  ///< as of the sale's last record
  core::Money paid{};  ///< by the payer, the rest of `amount` is the provider's discount; 0: not known
  core::TransactionNumber transaction{};  ///< may be empty
};

/// Of an undone sale, or of one that gives another one's goods back.
struct PastRefund {
  RefundId id{};
  AttemptId attempt{};
  core::OrderNumber order{};  ///< the attempt's
  TenderKind tender = TenderKind::WalletCode;
  std::optional<codes::Wallet> wallet{};
  core::Money amount{};
  RefundState state = RefundState::Intended;
};

struct PaymentHistory {
  std::vector<PastAttempt> attempts;  ///< in the order of their intents
  std::vector<PastRefund> refunds;
};

/// Adds what one record of the sale says, in their order. Other modules' records say nothing.
/// - Corrupt, or as reading JSON: the record is not what this module writes.
[[nodiscard]] core::Result<> tell(PaymentHistory& history, const journal::Record& record);

}  // namespace tillkit::payment
