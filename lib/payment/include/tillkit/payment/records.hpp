// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"

/// What attempts and refunds leave in the journal. Bodies are JSON objects, all of version 1; a later version adds
/// members and never changes what these say. Money is `{"minor":1250,"currency":"CNY"}`. Numbers of enumerations are
/// those of the headers. `attempt` and `refund` are the seq of the record that intended them. A payment code is in
/// none.
///
/// `Pending`, `Unknown`, a refund that is accepted, and answers that change nothing are not recorded.
namespace tillkit::payment {

/// `order` its number, `tender` a `TenderKind`, `wallet` a `codes::Wallet` (0: not known; it names the policy, whose
/// values are those in force when they are needed), `amount`.
inline constexpr journal::Kind kAttemptIntended = journal::kind("payment.attempt_intended");
/// `attempt`, `late` (it was given up before: no goods), `paid` by the payer, `discounts` (`amount`, `funder` a
/// `cloud::DiscountFunder`, `id`), `transaction` (or ""), `payer_wallet` (0: not known). Personal: `payer`, the
/// reference, where they said it.
inline constexpr journal::Kind kAttemptPaid = journal::kind("payment.attempt_paid");
/// `attempt`, `reason` a `cloud::DeclineReason` (0: a refusal without one).
inline constexpr journal::Kind kAttemptDeclined = journal::kind("payment.attempt_declined");
/// `attempt`.
inline constexpr journal::Kind kAttemptNotSent = journal::kind("payment.attempt_not_sent");
/// `attempt`: given up, for good.
inline constexpr journal::Kind kAttemptReversing = journal::kind("payment.attempt_reversing");
/// `attempt`: nothing was taken and nothing can be.
inline constexpr journal::Kind kAttemptReversed = journal::kind("payment.attempt_reversed");
/// `attempt`: it was paid, and the provider gave all of it back without a refund of ours (its reversal did).
inline constexpr journal::Kind kAttemptGivenBack = journal::kind("payment.attempt_given_back");
/// `attempt`, `number` of the refund, `amount`; and of the attempt, whose sale may be closed: `order`, `sale`,
/// `tender`, `wallet`, `of` (its amount), `paid_at` (ms since 1970), `paid_at_quality` (a `core::WallQuality`). The
/// record's own sale is the one that gives back.
inline constexpr journal::Kind kRefundIntended = journal::kind("payment.refund_intended");
/// `refund`, `attempt`, `amount`, `all` (nothing of the attempt is left), `to_payer` (or null: they did not say).
inline constexpr journal::Kind kRefundDone = journal::kind("payment.refund_done");
/// `refund`, `attempt`, `reason` a `cloud::DeclineReason`: nothing is given back under its number. A person is called.
inline constexpr journal::Kind kRefundRefused = journal::kind("payment.refund_refused");
/// `attempt`, `refund` (0: none is open), `on` the `AttemptEvent` that led here.
inline constexpr journal::Kind kNeedsPerson = journal::kind("payment.needs_person");
/// `attempt`, `refund` (0: none was open), `decision` an `AttemptEvent`, `given_back` (the money that the payer has
/// back by this decision), `by` (an operator). Personal: `why`, in the person's words.
inline constexpr journal::Kind kPersonDecided = journal::kind("payment.person_decided");

/// Not payment's own: written by whoever owns the sale, in the record's `sale`, when that is over however it ended. Its
/// body is theirs. What is settled leaves the tables with it; what is not goes on without the sale.
inline constexpr journal::Kind kSaleClosed = journal::kind("checkout.sale_closed");

inline constexpr journal::Field kPayerField = *journal::Field::parse("payer");
inline constexpr journal::Field kWhyField = *journal::Field::parse("why");

}  // namespace tillkit::payment
