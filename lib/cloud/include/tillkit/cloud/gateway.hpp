// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/problem.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"

/// What a terminal asks the gateway, and what it answers. Nothing here sends anything.
namespace tillkit::cloud {

using core::OrderNumber;
static_assert(OrderNumber::kLengthMax == kOrderCharactersMax);
/// A refund's number, of the same make.
using RefundNumber = core::TextId<struct RefundNumberTag, kOrderCharactersMax, core::is_order_char>;
using core::TransactionNumber;
/// A payer's pseudonym at this merchant.
using PayerReference = core::TextId<struct PayerReferenceTag, 64>;
using DiscountId = core::TextId<struct DiscountIdTag, 64>;

// Paths of the operations, all POST with a JSON body.
inline constexpr std::string_view kIdentifyPath = "/v1/gateway/identify";
inline constexpr std::string_view kAuthorisePath = "/v1/gateway/authorise";
inline constexpr std::string_view kQrPath = "/v1/gateway/qr";
inline constexpr std::string_view kQueryPath = "/v1/gateway/query";
inline constexpr std::string_view kReversePath = "/v1/gateway/reverse";
inline constexpr std::string_view kRefundPath = "/v1/gateway/refund";

/// One attempt: the number and the amount that its answers must be about.
struct Order {
  OrderNumber number;
  core::Money amount;  ///< above zero
};

/// One refund of an order, all of it or a part.
struct Refund {
  RefundNumber number;
  OrderNumber order;
  core::Money amount;  ///< above zero
};

// Request bodies. Each call fails, and nothing can have happened, with
// - InvalidArgument: no number, a description or a code that the contract does not allow, a wallet twice.
// - OutOfRange: an amount that is not above zero or beyond `kAmountMinorMax`, a time beyond `kQrValidMax`.

/// The body holds the payment code: it goes into the request, is wiped after, and is never logged.
[[nodiscard]] core::Result<std::string> identify_body(const codes::PaymentCode& code);
/// The same.
[[nodiscard]] core::Result<std::string> authorise_body(const Order& order, const codes::PaymentCode& code,
                                                       std::string_view description);
/// `wallets`: those that the code is for; none: all that the merchant has.
[[nodiscard]] core::Result<std::string> qr_body(const Order& order, std::span<const codes::Wallet> wallets,
                                                std::string_view description, std::chrono::seconds valid_for);
/// Of a query or a reversal.
[[nodiscard]] core::Result<std::string> order_body(const OrderNumber& order);
[[nodiscard]] core::Result<std::string> refund_body(const Refund& refund);

/// What became of an order. Stored in records; never renumber.
enum class Outcome : std::uint8_t {
  Unknown = 0,   ///< The gateway does not know either.
  Paid = 1,      ///< The money is taken.
  Declined = 2,  ///< Nothing is taken and nothing will be under this number.
  Pending = 3,   ///< Not decided.
  NotFound = 4,  ///< No such order, so far: the authorise may still be on its way. No answer about the money.
  Reversed = 5,  ///< Nothing was taken and nothing can be any more.
  Refunded = 6,  ///< It was paid, and all of it was given back.
};

/// Stored in records; never renumber.
enum class PendingWhy : std::uint8_t {
  Other = 0,
  Password = 1,    ///< The payer is asked for one.
  Scan = 2,        ///< A shown code waits for its payer.
  Processing = 3,  ///< The wallet works on it.
  Reversing = 4,   ///< The reversal is accepted and not confirmed.
};

/// Stored in records; never renumber.
enum class DeclineReason : std::uint8_t {
  Other = 0,
  CodeNotValid = 1,  ///< Expired or used: a new code and a new order number.
  NotEnoughMoney = 2,
  PayerCancelled = 3,
  OverLimit = 4,
  RefusedByRiskRules = 5,
  PayerAccountClosed = 6,
  NotSupported = 7,
  WrongPassword = 8,
  ProviderRefused = 9,
};

/// Who bears a provider's discount. Stored in records; never renumber.
enum class DiscountFunder : std::uint8_t { Other = 0, Provider = 1, Merchant = 2, Bank = 3 };

/// The words of the contract: `paid`, `password`, `code_not_valid`, `provider`.
[[nodiscard]] std::string_view to_string(Outcome outcome);
[[nodiscard]] std::string_view to_string(PendingWhy why);
[[nodiscard]] std::string_view to_string(DeclineReason reason);
[[nodiscard]] std::string_view to_string(DiscountFunder funder);

struct Discount {
  core::Money amount;
  DiscountFunder funder = DiscountFunder::Other;
  DiscountId id;  ///< may be empty
};

struct Payer {
  std::optional<codes::Wallet> wallet;  ///< none: one that this build does not know
  PayerReference reference;             ///< may be empty
};

/// What the gateway knows of an order. Beyond `outcome`, what does not belong to it is as constructed.
struct AttemptAnswer {
  Outcome outcome = Outcome::Unknown;
  PendingWhy why = PendingWhy::Other;           ///< of Pending
  DeclineReason reason = DeclineReason::Other;  ///< of Declined
  core::Money paid;                             ///< of Paid: what the payer paid; with the discounts it is the amount
  std::vector<Discount> discounts;              ///< of Paid
  core::Money refunded;                         ///< of Paid: given back since, less than all; of Refunded: all of it
  TransactionNumber transaction;                ///< of Paid and Refunded
  std::optional<Payer> payer;                   ///< of Paid
};

struct QrAnswer {
  AttemptAnswer attempt;  ///< Pending, Declined or Unknown
  std::string text;       ///< of Pending: what the picture holds
  std::chrono::seconds valid_for{0};
};

/// Stored in records; never renumber.
enum class RefundOutcome : std::uint8_t {
  Accepted = 1,  ///< On its way: repeat to learn the end.
  Refunded = 2,  ///< Given back.
  Refused = 3,   ///< Nothing is given back under this number, and never will be.
};

[[nodiscard]] std::string_view to_string(RefundOutcome outcome);

struct RefundAnswer {
  RefundOutcome outcome = RefundOutcome::Accepted;
  DeclineReason reason = DeclineReason::Other;  ///< of Refused
  std::optional<core::Money> to_payer;          ///< of Refunded, where the provider says it
};

struct IdentifyAnswer {
  std::optional<Payer> payer;  ///< none: nobody knows
};

// Answers. A reply other than 200 fails as `error_of` says. A 200 is understood or it is a Timeout (`Input`, the byte
// offset): the request was acted on and nobody here knows how. That holds for what is not JSON or of another media
// type, a mandatory member that is missing or mistyped, an outcome that this question cannot have, another order than
// was asked about, and amounts that are not what was asked or do not add up.

[[nodiscard]] core::Result<IdentifyAnswer> read_identify(const Reply& reply);
[[nodiscard]] core::Result<AttemptAnswer> read_authorise(const Reply& reply, const Order& asked);
[[nodiscard]] core::Result<QrAnswer> read_qr(const Reply& reply, const Order& asked);
[[nodiscard]] core::Result<AttemptAnswer> read_query(const Reply& reply, const Order& asked);
[[nodiscard]] core::Result<AttemptAnswer> read_reverse(const Reply& reply, const Order& asked);
[[nodiscard]] core::Result<RefundAnswer> read_refund(const Reply& reply, const Refund& asked);

}  // namespace tillkit::cloud
