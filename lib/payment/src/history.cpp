// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/history.hpp"

#include <algorithm>

#include "bodies.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using journal::Record;

template <class T>
T* find_by_id(std::vector<T>& things, std::int64_t id) {
  const auto found = std::ranges::find_if(things, [&](const T& thing) { return thing.id.value() == id; });
  return found == things.end() ? nullptr : &*found;
}

Result<> tell_intended(PaymentHistory& history, const Record& record, const JsonValue& body) {
  PastAttempt attempt{.id = AttemptId(record.seq.value())};
  TILLKIT_TRY(attempt.order, read_order(body, "order"));
  TILLKIT_TRY(const std::int64_t tender, read_integer(body, "tender"));
  TILLKIT_TRY(attempt.tender, enum_of<TenderKind>(tender, kTenderKinds));
  TILLKIT_TRY(const std::int64_t wallet, read_integer(body, "wallet"));
  TILLKIT_TRY(attempt.wallet, wallet_of(wallet));
  TILLKIT_TRY(attempt.amount, read_money(body, "amount"));
  history.attempts.push_back(attempt);
  return {};
}

Result<> tell_paid(PastAttempt& attempt, const JsonValue& body) {
  TILLKIT_TRY(const bool late, read_boolean(body, "late"));
  // Null where nobody said what the payer paid.
  TILLKIT_TRY(const JsonValue paid, body.member("paid"));
  if (!paid.is_null()) {
    TILLKIT_TRY(attempt.paid, read_money(body, "paid"));
  }
  TILLKIT_TRY(const JsonValue transaction, body.member("transaction"));
  TILLKIT_TRY(const std::string_view number, transaction.text());
  if (!number.empty()) {
    TILLKIT_TRY(attempt.transaction, core::TransactionNumber::parse(number));
  }
  attempt.state = late ? AttemptState::Refunding : AttemptState::Paid;
  return {};
}

Result<> tell_refund_intended(PaymentHistory& history, const Record& record, const JsonValue& body) {
  PastRefund refund{.id = RefundId(record.seq.value())};
  TILLKIT_TRY(const std::int64_t attempt, read_integer(body, "attempt"));
  refund.attempt = AttemptId(attempt);
  TILLKIT_TRY(refund.order, read_order(body, "order"));
  TILLKIT_TRY(const std::int64_t tender, read_integer(body, "tender"));
  TILLKIT_TRY(refund.tender, enum_of<TenderKind>(tender, kTenderKinds));
  TILLKIT_TRY(const std::int64_t wallet, read_integer(body, "wallet"));
  TILLKIT_TRY(refund.wallet, wallet_of(wallet));
  TILLKIT_TRY(refund.amount, read_money(body, "amount"));
  history.refunds.push_back(refund);
  if (PastAttempt* const known = find_by_id(history.attempts, attempt)) known->state = AttemptState::Refunding;
  return {};
}

Result<> tell_decided(PaymentHistory& history, const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t attempt, read_integer(body, "attempt"));
  TILLKIT_TRY(const std::int64_t refund, read_integer(body, "refund"));
  TILLKIT_TRY(const std::int64_t number, read_integer(body, "decision"));
  TILLKIT_TRY(const auto decision, enum_of<AttemptEvent>(number, kAttemptEvents));
  TILLKIT_TRY(const core::Money given_back, read_money(body, "given_back"));
  if (PastAttempt* const known = find_by_id(history.attempts, attempt)) {
    const auto decided = next(AttemptState::NeedsPerson, decision);
    if (!decided) return fail(ErrorCode::Corrupt);
    known->state = decided->to;
  }
  if (PastRefund* const known = find_by_id(history.refunds, refund)) {
    known->state = given_back.is_positive() ? RefundState::Refunded : RefundState::Refused;
  }
  return {};
}

Result<> tell_refund(PaymentHistory& history, const JsonValue& body, RefundState state) {
  TILLKIT_TRY(const std::int64_t number, read_integer(body, "refund"));
  if (PastRefund* const refund = find_by_id(history.refunds, number)) refund->state = state;
  TILLKIT_TRY(const std::int64_t about, read_integer(body, "attempt"));
  PastAttempt* const attempt = find_by_id(history.attempts, about);
  if (attempt == nullptr) return {};
  if (state == RefundState::Refused) {
    attempt->state = AttemptState::NeedsPerson;
    return {};
  }
  TILLKIT_TRY(const bool all, read_boolean(body, "all"));
  attempt->state = all ? AttemptState::Refunded : AttemptState::Paid;
  return {};
}

/// Where a record of an attempt alone leads to.
std::optional<AttemptState> state_after(const journal::Kind& kind) {
  if (kind == kAttemptDeclined) return AttemptState::Declined;
  if (kind == kAttemptNotSent) return AttemptState::NotSent;
  if (kind == kAttemptReversing) return AttemptState::Reversing;
  if (kind == kAttemptReversed) return AttemptState::Reversed;
  if (kind == kAttemptGivenBack) return AttemptState::Refunded;
  if (kind == kNeedsPerson) return AttemptState::NeedsPerson;
  return std::nullopt;
}

}  // namespace

Result<> tell(PaymentHistory& history, const Record& record) {
  if (!record.kind.view().starts_with("payment.")) return {};
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(record.body));
  const JsonValue body = document.root();
  if (record.kind == kAttemptIntended) return tell_intended(history, record, body);
  if (record.kind == kRefundIntended) return tell_refund_intended(history, record, body);
  if (record.kind == kRefundDone) return tell_refund(history, body, RefundState::Refunded);
  if (record.kind == kRefundRefused) return tell_refund(history, body, RefundState::Refused);
  if (record.kind == kPersonDecided) return tell_decided(history, body);
  TILLKIT_TRY(const std::int64_t about, read_integer(body, "attempt"));
  PastAttempt* const attempt = find_by_id(history.attempts, about);
  if (attempt == nullptr) return {};
  if (record.kind == kAttemptPaid) return tell_paid(*attempt, body);
  const auto state = state_after(record.kind);
  if (!state) return fail(ErrorCode::Unsupported);
  attempt->state = *state;
  return {};
}

}  // namespace tillkit::payment
