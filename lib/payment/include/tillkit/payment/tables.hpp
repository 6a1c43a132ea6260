// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/order_number.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/payment/attempt.hpp"
#include "tillkit/payment/refund.hpp"
#include "tillkit/payment/tender.hpp"

/// What is open, as the records add up to it. `Corrupt` from a read means that a row is not what `apply` writes.
namespace tillkit::payment {

/// Hand it to `journal::Journal::open`. Tables: `attempts`, `refunds`, `given_back`.
extern const journal::TableSet kPaymentTables;

/// The seq of the record that intended an attempt, or a refund.
using AttemptId = core::StrongId<struct AttemptIdTag, std::int64_t>;
using RefundId = core::StrongId<struct RefundIdTag, std::int64_t>;

/// An attempt that is not over, or paid while its sale is open.
struct Attempt {
  AttemptId id{};
  journal::SaleId sale{};
  journal::OrderNumber order{};
  TenderKind tender = TenderKind::WalletCode;
  std::optional<codes::Wallet> wallet{};
  core::Money amount{};
  AttemptState state = AttemptState::Intended;
  core::WallReading began{};
  core::WallReading paid{};  ///< of `Paid` and `Refunding`
  bool sale_closed = false;  ///< its sale is over: it leaves the table as soon as it is settled

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// A refund that is not over, or was refused and waits for a person. One of an attempt at a time.
struct Refund {
  RefundId id{};
  AttemptId attempt{};
  journal::SaleId sale{};         ///< that gives back
  journal::OrderNumber number{};  ///< its own
  core::Money amount{};
  RefundState state = RefundState::Intended;
  core::WallReading began{};

  friend bool operator==(const Refund&, const Refund&) = default;
};

/// What of an attempt was given back. Kept beyond its sale, so that no refund ever exceeds what was paid.
struct GivenBack {
  core::Money amount{};
  std::uint32_t refunds = 0;   ///< confirmed
  core::WallReading newest{};  ///< when the newest ended, also one that was refused
};

/// What is owed or not known.
struct Backlog {
  std::size_t unresolved = 0;          ///< attempts: see `is_unresolved`; at `kUnresolvedMax` wallets are refused
  std::size_t needs_person = 0;        ///< of those: a person must decide
  std::size_t refunds = 0;             ///< under way
  std::size_t refunds_open = 0;        ///< those, and the ones that need a person; see `kRefundsOpenMax`
  std::vector<core::Money> at_risk{};  ///< of unresolved attempts, per currency
  std::vector<core::Money> owed{};     ///< refunds under way, per currency
  std::optional<core::WallReading> oldest{};  ///< when the oldest of all of them began
};

[[nodiscard]] core::Result<std::vector<Attempt>> attempts(const journal::Tables& tables);
/// None: it is over, or never was.
[[nodiscard]] core::Result<std::optional<Attempt>> find_attempt(const journal::Tables& tables, AttemptId attempt);
[[nodiscard]] core::Result<std::vector<Refund>> refunds(const journal::Tables& tables);
/// The refund of an attempt that is open.
[[nodiscard]] core::Result<std::optional<Refund>> find_refund(const journal::Tables& tables, AttemptId attempt);
/// Nothing so far where there never was a refund: 0 of `currency`.
[[nodiscard]] core::Result<GivenBack> given_back(const journal::Tables& tables, AttemptId attempt,
                                                 core::Currency currency);
[[nodiscard]] core::Result<Backlog> backlog(const journal::Tables& tables);

}  // namespace tillkit::payment
