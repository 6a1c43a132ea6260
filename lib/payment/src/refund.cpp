// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/refund.hpp"

#include <algorithm>
#include <array>

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::fail;
using S = RefundState;
using E = RefundEvent;
using F = RefundEffect;
using States = EnumSet<RefundState>;
using Events = EnumSet<RefundEvent>;

// clang-format off
constexpr std::array kRows{
    RefundRow{S::Intended,    E::NotSent,               S::Intended,    F::Plan},
    RefundRow{S::Intended,    E::Accepted,              S::Accepted,    F::Plan},
    RefundRow{S::Intended,    E::Refunded,              S::Refunded,    F::Settle},
    RefundRow{S::Intended,    E::Refused,               S::Refused,     F::CallPerson},
    RefundRow{S::Intended,    E::NoAnswer,              S::Intended,    F::Plan},        // repeated with the same key
    RefundRow{S::Intended,    E::Restarted,             S::Intended,    F::Plan},
    RefundRow{S::Intended,    E::WindowOver,            S::NeedsPerson, F::CallPerson},

    RefundRow{S::Accepted,    E::NotSent,               S::Accepted,    F::Plan},        // a repetition that did not leave
    RefundRow{S::Accepted,    E::Accepted,              S::Accepted,    F::Plan},
    RefundRow{S::Accepted,    E::Refunded,              S::Refunded,    F::Settle},
    RefundRow{S::Accepted,    E::Refused,               S::Refused,     F::CallPerson},  // accepted is not given back
    RefundRow{S::Accepted,    E::NoAnswer,              S::Accepted,    F::Plan},
    RefundRow{S::Accepted,    E::Restarted,             S::Accepted,    F::Plan},
    RefundRow{S::Accepted,    E::WindowOver,            S::NeedsPerson, F::CallPerson},

    RefundRow{S::NeedsPerson, E::PersonSaysRefunded,    S::Refunded,    F::None},        // the attempt has its own decision
    RefundRow{S::NeedsPerson, E::PersonSaysNotRefunded, S::Refused,     F::None},
};

constexpr std::array kImpossible{
    ImpossibleRefund{States{S::Refunded, S::Refused}, Events{E::NotSent, E::Accepted, E::Refunded, E::Refused, E::NoAnswer, E::Restarted, E::WindowOver, E::PersonSaysRefunded, E::PersonSaysNotRefunded},
                     "it is over: nothing is asked about it"},
    ImpossibleRefund{States{S::Intended, S::Accepted}, Events{E::PersonSaysRefunded, E::PersonSaysNotRefunded},
                     "no person was called"},
    ImpossibleRefund{States{S::NeedsPerson}, Events{E::NotSent, E::Accepted, E::Refunded, E::Refused, E::NoAnswer, E::Restarted, E::WindowOver},
                     "a person has it, and only a person ends it"},
};
// clang-format on

static_assert(covers_each_pair_once(std::span<const RefundRow>(kRows), std::span<const ImpossibleRefund>(kImpossible),
                                    kRefundStates, kRefundEvents));

}  // namespace

std::span<const RefundRow> refund_rows() {
  return kRows;
}

std::span<const ImpossibleRefund> impossible_refunds() {
  return kImpossible;
}

Recovery recovery_of(RefundState state) {
  return state == S::Intended || state == S::Accepted ? Recovery::Repeat : Recovery::None;
}

bool is_final(RefundState state) {
  return state == S::Refunded || state == S::Refused;
}

std::optional<Step<RefundState, RefundEffect>> next(RefundState state, RefundEvent event) {
  const auto* row = std::ranges::find_if(kRows, [&](const RefundRow& r) { return r.from == state && r.on == event; });
  if (row == kRows.end()) return std::nullopt;
  return Step<RefundState, RefundEffect>{row->to, row->then};
}

std::string_view to_string(RefundState state) {
  switch (state) {
    case S::Intended: return "intended";
    case S::Accepted: return "accepted";
    case S::Refunded: return "refunded";
    case S::Refused: return "refused";
    case S::NeedsPerson: return "needs_person";
  }
  return "unknown";
}

std::string_view to_string(RefundEvent event) {
  switch (event) {
    case E::NotSent: return "not_sent";
    case E::Accepted: return "accepted";
    case E::Refunded: return "refunded";
    case E::Refused: return "refused";
    case E::NoAnswer: return "no_answer";
    case E::Restarted: return "restarted";
    case E::WindowOver: return "window_over";
    case E::PersonSaysRefunded: return "person_says_refunded";
    case E::PersonSaysNotRefunded: return "person_says_not_refunded";
  }
  return "unknown";
}

core::Result<> check_refund(const Refundable& attempt, const core::Money& amount, const ProviderPolicy& policy,
                            core::MonotonicTime now) {
  TILLKIT_TRY(const core::Money left, core::checked_subtract(attempt.amount, attempt.refunded));
  if (amount.currency != left.currency) return fail(ErrorCode::InvalidArgument);
  if (!amount.is_positive() || amount > left) return fail(ErrorCode::OutOfRange);
  if (attempt.refunds >= policy.refunds_max) return fail(ErrorCode::Exhausted);
  if (now - attempt.paid >= policy.refund_window) return fail(ErrorCode::FailedPrecondition);
  return {};
}

}  // namespace tillkit::payment
