// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/steps.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "bodies.hpp"
#include "tillkit/payment/limits.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Money;
using core::Result;
using journal::Tx;
using S = AttemptState;
using E = AttemptEvent;

Result<> append(Tx& tx, journal::Kind kind, journal::SaleId sale, JsonWriter& json,
                std::span<const journal::PersonalValue> personal = {}) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body, .personal = personal}));
  return {};
}

JsonWriter about(const Attempt& attempt) {
  JsonWriter json;
  json.begin_object().name("attempt").integer(attempt.id.value());
  return json;
}

JsonWriter about(const Refund& refund) {
  JsonWriter json;
  json.begin_object().name("refund").integer(refund.id.value()).name("attempt").integer(refund.attempt.value());
  return json;
}

bool is_open(const std::optional<Refund>& refund) {
  return refund && recovery_of(refund->state) != Recovery::None;
}

Result<> record_paid(Tx& tx, const Attempt& attempt, bool late, const cloud::AttemptAnswer* answer) {
  JsonWriter json = about(attempt);
  json.name("late").boolean(late);
  const bool said = answer != nullptr && answer->outcome == cloud::Outcome::Paid;
  if (said) {
    write_money(json, "paid", answer->paid);
  } else {
    json.name("paid").null();
  }
  json.name("discounts").begin_array();
  if (said) {
    for (const cloud::Discount& discount : answer->discounts) {
      json.begin_object();
      write_money(json, "amount", discount.amount);
      json.name("funder").integer(static_cast<int>(discount.funder)).name("id").text(discount.id.view()).end_object();
    }
  }
  json.end_array().name("transaction").text(answer != nullptr ? answer->transaction.view() : std::string_view{});
  const bool payer = said && answer->payer.has_value();
  json.name("payer_wallet").integer(number_of(payer ? answer->payer->wallet : std::nullopt));
  if (!payer || answer->payer->reference.empty()) return append(tx, kAttemptPaid, attempt.sale, json);
  const std::array personal{journal::PersonalValue{kPayerField, answer->payer->reference.view()}};
  return append(tx, kAttemptPaid, attempt.sale, json, personal);
}

Result<> record_declined(Tx& tx, const Attempt& attempt, const cloud::AttemptAnswer* answer) {
  const auto reason = answer != nullptr ? answer->reason : cloud::DeclineReason::Other;
  JsonWriter json = about(attempt);
  json.name("reason").integer(static_cast<int>(reason));
  return append(tx, kAttemptDeclined, attempt.sale, json);
}

Result<> record_needs_person(Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund, AttemptEvent on) {
  JsonWriter json = about(attempt);
  json.name("refund").integer(refund ? refund->id.value() : 0).name("on").integer(static_cast<int>(on));
  return append(tx, kNeedsPerson, attempt.sale, json);
}

Result<> record_kind(Tx& tx, journal::Kind kind, const Attempt& attempt) {
  JsonWriter json = about(attempt);
  return append(tx, kind, attempt.sale, json);
}

/// Writes what a change of state means to the journal; false: nothing that it keeps.
Result<bool> record_step(Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund, AttemptEvent event,
                         AttemptState to, const cloud::AttemptAnswer* answer) {
  if (to == attempt.state) return false;
  Result<> recorded;
  switch (to) {
    case S::Intended:
    case S::Pending:
    case S::Unknown: return false;
    case S::NotSent: recorded = record_kind(tx, kAttemptNotSent, attempt); break;
    case S::Paid: recorded = record_paid(tx, attempt, false, answer); break;
    case S::Declined: recorded = record_declined(tx, attempt, answer); break;
    case S::Reversing: recorded = record_kind(tx, kAttemptReversing, attempt); break;
    case S::Reversed: recorded = record_kind(tx, kAttemptReversed, attempt); break;
    case S::Refunding: recorded = record_paid(tx, attempt, true, answer); break;
    case S::Refunded: recorded = record_kind(tx, kAttemptGivenBack, attempt); break;
    case S::NeedsPerson: recorded = record_needs_person(tx, attempt, refund, event); break;
  }
  if (!recorded) return std::unexpected(recorded.error());
  return true;
}

/// A step that needs no refund of its own; `answer` is what brought it.
Result<Stepped> step_once(Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund, AttemptEvent event,
                          const cloud::AttemptAnswer* answer) {
  const auto found = next(attempt.state, event);
  if (!found) return fail(ErrorCode::FailedPrecondition);
  Stepped stepped{.attempt = attempt, .refund = refund, .on = event, .then = found->then};
  const bool with_refund = found->to == S::NeedsPerson && is_open(refund);
  if (with_refund) {
    const auto ended = next(refund->state, RefundEvent::WindowOver);
    if (!ended) return fail(ErrorCode::FailedPrecondition);
    stepped.refund->state = ended->to;
  }
  TILLKIT_TRY(stepped.recorded,
              record_step(tx, attempt, with_refund ? refund : std::nullopt, event, found->to, answer));
  stepped.attempt.state = found->to;
  return stepped;
}

Result<Refund> append_refund(Tx& tx, const journal::TerminalName& terminal, const Attempt& attempt,
                             journal::SaleId sale, const Money& amount) {
  Refund refund{.id = RefundId(tx.next_seq().value()), .attempt = attempt.id, .sale = sale, .amount = amount};
  TILLKIT_TRY(refund.number, tx.make_order_number(terminal));
  JsonWriter json = about(attempt);
  json.name("number").text(refund.number.view());
  write_money(json, "amount", amount);
  json.name("order").text(attempt.order.view()).name("sale").integer(attempt.sale.value());
  json.name("tender").integer(static_cast<int>(attempt.tender)).name("wallet").integer(number_of(attempt.wallet));
  write_money(json, "of", attempt.amount);
  json.name("paid_at").integer(attempt.paid.at.time_since_epoch().count());
  json.name("paid_at_quality").integer(static_cast<int>(attempt.paid.quality));
  TILLKIT_TRY_VOID(append(tx, kRefundIntended, sale, json));
  return refund;
}

Result<> check_unresolved(const Tx& tx, journal::SaleId sale) {
  TILLKIT_TRY(const std::vector<Attempt> open, attempts(tx));
  const auto unresolved = [](const Attempt& attempt) { return is_unresolved(attempt.state); };
  if (std::ranges::any_of(open, [&](const Attempt& a) { return unresolved(a) && a.sale == sale; }))
    return fail(ErrorCode::FailedPrecondition);
  if (static_cast<std::size_t>(std::ranges::count_if(open, unresolved)) >= kUnresolvedMax)
    return fail(ErrorCode::Exhausted);
  return {};
}

}  // namespace

std::optional<core::MonotonicTime> moment_of(const core::WallReading& then, const hal::Clock& clock) {
  const core::WallReading now = clock.wall();
  const bool known = then.quality != core::WallQuality::Unknown && now.quality != core::WallQuality::Unknown;
  if (!known || now.at < then.at) return std::nullopt;
  return clock.monotonic() - (now.at - then.at);
}

Result<Attempt> intend(Tx& tx, const journal::TerminalName& terminal, const AttemptRequest& request) {
  if (!is_external(request.tender) || request.sale <= journal::SaleId{}) return fail(ErrorCode::InvalidArgument);
  if (!request.amount.is_positive() || request.amount.minor > cloud::kAmountMinorMax)
    return fail(ErrorCode::OutOfRange);
  TILLKIT_TRY_VOID(check_unresolved(tx, request.sale));
  Attempt attempt{.id = AttemptId(tx.next_seq().value()),
                  .sale = request.sale,
                  .tender = request.tender,
                  .wallet = request.wallet,
                  .amount = request.amount};
  TILLKIT_TRY(attempt.order, tx.make_order_number(terminal));
  JsonWriter json;
  json.begin_object().name("order").text(attempt.order.view());
  json.name("tender").integer(static_cast<int>(attempt.tender)).name("wallet").integer(number_of(attempt.wallet));
  write_money(json, "amount", attempt.amount);
  TILLKIT_TRY_VOID(append(tx, kAttemptIntended, attempt.sale, json));
  TILLKIT_TRY(const auto stored, find_attempt(tx, attempt.id));
  if (!stored) return fail(ErrorCode::Corrupt);
  return *stored;
}

Result<Stepped> step(Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund, AttemptEvent event) {
  return step_once(tx, attempt, refund, event, nullptr);
}

Result<std::vector<Stepped>> hear(Tx& tx, const journal::TerminalName& terminal, const Attempt& attempt,
                                  const std::optional<Refund>& refund, Question asked,
                                  const Result<cloud::AttemptAnswer>& answer) {
  std::vector<Stepped> steps;
  const cloud::AttemptAnswer* const said = answer ? &*answer : nullptr;
  if (said != nullptr && asked == Question::Query && is_open(refund)) {
    TILLKIT_TRY(const GivenBack before, given_back(tx, attempt.id, attempt.amount.currency));
    if (shows_refund(*said, before.amount, refund->amount)) {
      TILLKIT_TRY(Stepped stepped, step(tx, attempt, *refund, RefundEvent::Refunded, nullptr));
      steps.push_back(stepped);
      return steps;
    }
  }
  const AttemptEvents events = events_of(attempt.state, asked, answer);
  Attempt now = attempt;
  std::optional<Refund> now_refund = refund;
  for (const AttemptEvent* event = events.begin(); event != events.end(); ++event) {
    const S from = now.state;
    TILLKIT_TRY(Stepped stepped, step_once(tx, now, now_refund, *event, said));
    TILLKIT_TRY(const auto stored, find_attempt(tx, now.id));
    if (stored) stepped.attempt.paid = stored->paid;
    // What they gave back by themselves needs no refund of ours.
    const bool late = from == S::Reversing && stepped.attempt.state == S::Refunding;
    if (late && event + 1 == events.end()) {
      TILLKIT_TRY_VOID(append_refund(tx, terminal, stepped.attempt, now.sale, now.amount));
      TILLKIT_TRY(stepped.refund, find_refund(tx, now.id));
    }
    now = stepped.attempt;
    now_refund = stepped.refund;
    steps.push_back(stepped);
  }
  return steps;
}

Result<Stepped> intend_refund(Tx& tx, const journal::TerminalName& terminal, const Attempt& attempt,
                              journal::SaleId sale, const Money& amount, RefundRoom room, const ProviderPolicy& policy,
                              const hal::Clock& clock) {
  // What the caller holds may be older than this transaction.
  TILLKIT_TRY(const auto stored, find_attempt(tx, attempt.id));
  const Attempt current = stored.value_or(attempt);
  const auto asked = next(current.state, E::RefundAsked);
  if (!asked) return fail(ErrorCode::FailedPrecondition);
  TILLKIT_TRY(const GivenBack before, given_back(tx, current.id, current.amount.currency));
  const Refundable refundable{.amount = current.amount,
                              .refunded = before.amount,
                              .refunds = before.refunds,
                              .paid = moment_of(current.paid, clock).value_or(clock.monotonic())};
  TILLKIT_TRY_VOID(check_refund(refundable, amount, policy, clock.monotonic()));
  TILLKIT_TRY(const std::vector<Refund> open, refunds(tx));
  if (room == RefundRoom::Limited && open.size() >= kRefundsOpenMax) return fail(ErrorCode::Exhausted);

  TILLKIT_TRY_VOID(append_refund(tx, terminal, current, sale, amount));
  Stepped stepped{.attempt = current, .on = E::RefundAsked, .then = asked->then, .recorded = true};
  stepped.attempt.state = asked->to;
  stepped.attempt.sale_closed = !stored || stored->sale_closed;
  TILLKIT_TRY(stepped.refund, find_refund(tx, current.id));
  return stepped;
}

Result<Stepped> step(Tx& tx, const Attempt& attempt, const Refund& refund, RefundEvent event,
                     const cloud::RefundAnswer* answer) {
  const auto found = next(refund.state, event);
  if (!found) return fail(ErrorCode::FailedPrecondition);
  Stepped stepped{.attempt = attempt, .refund = refund};
  stepped.refund->state = found->to;
  TILLKIT_TRY(const GivenBack before, given_back(tx, attempt.id, attempt.amount.currency));
  TILLKIT_TRY(const Money left, core::checked_subtract(attempt.amount, before.amount));
  const bool something_left = refund.amount < left;
  const auto told = attempt_event_of(event, something_left);
  if (!told) return stepped;  // of `Accepted`, `NotSent` and the like the journal knows nothing

  const auto attempt_step = next(attempt.state, *told);
  if (!attempt_step) return fail(ErrorCode::FailedPrecondition);
  stepped.on = *told;
  stepped.then = attempt_step->then;
  stepped.recorded = true;
  JsonWriter json = about(refund);
  switch (found->to) {
    case RefundState::Refunded: {
      write_money(json, "amount", refund.amount);
      json.name("all").boolean(!something_left);
      if (answer != nullptr && answer->to_payer) {
        write_money(json, "to_payer", *answer->to_payer);
      } else {
        json.name("to_payer").null();
      }
      TILLKIT_TRY_VOID(append(tx, kRefundDone, refund.sale, json));
      break;
    }
    case RefundState::Refused: {
      const auto reason = answer != nullptr ? answer->reason : cloud::DeclineReason::Other;
      json.name("reason").integer(static_cast<int>(reason));
      TILLKIT_TRY_VOID(append(tx, kRefundRefused, refund.sale, json));
      break;
    }
    case RefundState::NeedsPerson: TILLKIT_TRY_VOID(record_needs_person(tx, attempt, refund, *told)); break;
    case RefundState::Intended:
    case RefundState::Accepted: return fail(ErrorCode::FailedPrecondition);
  }
  stepped.attempt.state = attempt_step->to;
  return stepped;
}

namespace {

struct Verdict {
  AttemptEvent event;
  Money given_back;
};

Result<Verdict> verdict_of(const Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund,
                           Decision decision) {
  const Money nothing{0, attempt.amount.currency};
  switch (decision) {
    case Decision::Paid: return Verdict{E::PersonSaysPaid, nothing};
    case Decision::NotPaid: return Verdict{E::PersonSaysNotPaid, nothing};
    case Decision::GivenBack: break;
  }
  if (decision != Decision::GivenBack) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const GivenBack before, given_back(tx, attempt.id, attempt.amount.currency));
  TILLKIT_TRY(const Money left, core::checked_subtract(attempt.amount, before.amount));
  const Money amount = refund ? refund->amount : left;
  return Verdict{amount < left ? E::PersonSaysPaid : E::PersonSaysGivenBack, amount};
}

}  // namespace

Result<Stepped> decide(Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund, Decision decision,
                       const journal::Operator& by, std::string_view why) {
  if (attempt.state != S::NeedsPerson) return fail(ErrorCode::FailedPrecondition);
  if (by.empty() || why.empty() || why.size() > journal::kPersonalValueBytesMax)
    return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const Verdict verdict, verdict_of(tx, attempt, refund, decision));
  const auto found = next(attempt.state, verdict.event);
  if (!found) return fail(ErrorCode::FailedPrecondition);
  Stepped stepped{.attempt = attempt, .refund = refund, .on = verdict.event, .then = found->then, .recorded = true};
  // One that was refused is over already; the person says what became of its amount.
  if (refund && !is_final(refund->state)) {
    const bool back = verdict.given_back.is_positive();
    const auto ended = next(refund->state, back ? RefundEvent::PersonSaysRefunded : RefundEvent::PersonSaysNotRefunded);
    if (!ended) return fail(ErrorCode::FailedPrecondition);
    stepped.refund->state = ended->to;
  }
  JsonWriter json = about(attempt);
  json.name("refund").integer(refund ? refund->id.value() : 0);
  json.name("decision").integer(static_cast<int>(verdict.event));
  write_money(json, "given_back", verdict.given_back);
  json.name("by").text(by.view());
  const std::array personal{journal::PersonalValue{kWhyField, why}};
  TILLKIT_TRY_VOID(append(tx, kPersonDecided, attempt.sale, json, personal));
  stepped.attempt.state = found->to;
  return stepped;
}

}  // namespace tillkit::payment
