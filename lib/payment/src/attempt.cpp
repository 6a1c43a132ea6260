// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/attempt.hpp"

#include <algorithm>

namespace tillkit::payment {
namespace {

using S = AttemptState;
using E = AttemptEvent;
using F = AttemptEffect;
using States = EnumSet<AttemptState>;
using Events = EnumSet<AttemptEvent>;

// clang-format off
constexpr std::array kRows{
    AttemptRow{S::Intended,    E::NotSent,             S::NotSent,     F::Release},
    AttemptRow{S::Intended,    E::Paid,                S::Paid,        F::Take},
    AttemptRow{S::Intended,    E::Declined,            S::Declined,    F::Release},
    AttemptRow{S::Intended,    E::Pending,             S::Pending,     F::Plan},
    AttemptRow{S::Intended,    E::NoAnswer,            S::Unknown,     F::Plan},
    AttemptRow{S::Intended,    E::Restarted,           S::Unknown,     F::Plan},        // it may have left before the stop

    AttemptRow{S::Pending,     E::Paid,                S::Paid,        F::Take},
    AttemptRow{S::Pending,     E::Declined,            S::Declined,    F::Release},
    AttemptRow{S::Pending,     E::Pending,             S::Pending,     F::Plan},
    AttemptRow{S::Pending,     E::NoAnswer,            S::Pending,     F::Plan},        // the question failed, not the charge
    AttemptRow{S::Pending,     E::NotFound,            S::Unknown,     F::Plan},        // they knew it before
    AttemptRow{S::Pending,     E::Deadline,            S::Reversing,   F::Abandon},

    AttemptRow{S::Unknown,     E::Paid,                S::Paid,        F::Take},
    AttemptRow{S::Unknown,     E::Declined,            S::Declined,    F::Release},
    AttemptRow{S::Unknown,     E::Pending,             S::Pending,     F::Plan},
    AttemptRow{S::Unknown,     E::NoAnswer,            S::Unknown,     F::Plan},
    AttemptRow{S::Unknown,     E::NotFound,            S::Unknown,     F::Plan},        // no answer: it may still arrive
    AttemptRow{S::Unknown,     E::Deadline,            S::Reversing,   F::Abandon},

    AttemptRow{S::Reversing,   E::Paid,                S::Refunding,   F::Plan},        // late success: never goods
    AttemptRow{S::Reversing,   E::Declined,            S::Reversed,    F::None},        // as good as a reversal: nothing ever will be
    AttemptRow{S::Reversing,   E::Pending,             S::Reversing,   F::Plan},
    AttemptRow{S::Reversing,   E::NoAnswer,            S::Reversing,   F::Plan},
    AttemptRow{S::Reversing,   E::NotFound,            S::Reversing,   F::Plan},        // the charge may arrive after the question
    AttemptRow{S::Reversing,   E::Restarted,           S::Reversing,   F::Plan},
    AttemptRow{S::Reversing,   E::Reversed,            S::Reversed,    F::None},
    AttemptRow{S::Reversing,   E::WindowOver,          S::NeedsPerson, F::CallPerson},

    AttemptRow{S::Paid,        E::RefundAsked,         S::Refunding,   F::Plan},

    AttemptRow{S::Refunding,   E::Paid,                S::Refunding,   F::Plan},        // nothing given back yet
    AttemptRow{S::Refunding,   E::Declined,            S::NeedsPerson, F::CallPerson},  // 'paid' and 'never taken' exclude each other
    AttemptRow{S::Refunding,   E::Pending,             S::Refunding,   F::Plan},
    AttemptRow{S::Refunding,   E::NoAnswer,            S::Refunding,   F::Plan},
    AttemptRow{S::Refunding,   E::NotFound,            S::Refunding,   F::Plan},
    AttemptRow{S::Refunding,   E::Restarted,           S::Refunding,   F::Plan},
    AttemptRow{S::Refunding,   E::Reversed,            S::NeedsPerson, F::CallPerson},  // exclude each other, too
    AttemptRow{S::Refunding,   E::GivenBack,           S::Refunded,    F::None},
    AttemptRow{S::Refunding,   E::RefundedInPart,      S::Paid,        F::None},        // the rest stays, and may be refunded
    AttemptRow{S::Refunding,   E::RefundRefused,       S::NeedsPerson, F::CallPerson},
    AttemptRow{S::Refunding,   E::WindowOver,          S::NeedsPerson, F::CallPerson},

    AttemptRow{S::NeedsPerson, E::PersonSaysPaid,      S::Paid,        F::None},        // the sale was decided before
    AttemptRow{S::NeedsPerson, E::PersonSaysNotPaid,   S::Reversed,    F::None},
    AttemptRow{S::NeedsPerson, E::PersonSaysGivenBack, S::Refunded,    F::None},
};

constexpr Events kAnswers{E::NotSent, E::Paid, E::Declined, E::Pending, E::NoAnswer, E::NotFound, E::Reversed, E::GivenBack};
constexpr Events kPersons{E::PersonSaysPaid, E::PersonSaysNotPaid, E::PersonSaysGivenBack};
constexpr Events kRefundEvents{E::RefundAsked, E::RefundedInPart, E::RefundRefused};
constexpr States kFinals{S::NotSent, S::Declined, S::Reversed, S::Refunded};

constexpr std::array kImpossible{
    ImpossibleAttempt{kFinals, Events{E::NotSent, E::Paid, E::Declined, E::Pending, E::NoAnswer, E::NotFound, E::Restarted, E::Deadline, E::Reversed, E::GivenBack, E::RefundAsked, E::RefundedInPart, E::RefundRefused, E::WindowOver, E::PersonSaysPaid, E::PersonSaysNotPaid, E::PersonSaysGivenBack},
                      "it is over: nothing is asked about it, and what a bill shows later is reconciliation's"},

    ImpossibleAttempt{States{S::Intended}, Events{E::NotFound, E::Reversed, E::GivenBack},
                      "nothing is asked while the charge is under way, and a charge cannot be answered so"},
    ImpossibleAttempt{States{S::Intended}, Events{E::Deadline, E::WindowOver},
                      "the charge under way ends by itself, with an answer or without: judged after that"},
    ImpossibleAttempt{States{S::Pending, S::Unknown}, Events{E::NotSent},
                      "the charge has left"},
    ImpossibleAttempt{States{S::Pending, S::Unknown}, Events{E::Restarted},
                      "not stored: a start finds it intended"},
    ImpossibleAttempt{States{S::Pending, S::Unknown}, Events{E::Reversed, E::GivenBack},
                      "nobody here reversed it: what another did is read as declined, or as given up and paid first"},
    ImpossibleAttempt{States{S::Pending, S::Unknown}, Events{E::WindowOver},
                      "its deadline comes before any window: it is given up first"},
    ImpossibleAttempt{States{S::Intended, S::Pending, S::Unknown, S::Reversing}, kRefundEvents,
                      "nobody knows that anything was paid"},

    ImpossibleAttempt{States{S::Reversing}, Events{E::NotSent},
                      "the charge has left"},
    ImpossibleAttempt{States{S::Reversing}, Events{E::Deadline},
                      "it is given up once, and for good"},
    ImpossibleAttempt{States{S::Reversing}, Events{E::GivenBack},
                      "what is given back was paid: that comes first"},

    ImpossibleAttempt{States{S::Paid}, kAnswers,
                      "at rest: nothing is asked about it"},
    ImpossibleAttempt{States{S::Paid}, Events{E::Restarted, E::Deadline, E::RefundedInPart, E::RefundRefused, E::WindowOver},
                      "at rest: it is undone by a refund, which is asked for first"},

    ImpossibleAttempt{States{S::Refunding}, Events{E::NotSent},
                      "the charge has left"},
    ImpossibleAttempt{States{S::Refunding}, Events{E::Deadline},
                      "its time to be paid is over"},
    ImpossibleAttempt{States{S::Refunding}, Events{E::RefundAsked},
                      "one refund of an attempt at a time"},

    ImpossibleAttempt{States{S::NeedsPerson}, Events{E::NotSent, E::Paid, E::Declined, E::Pending, E::NoAnswer, E::NotFound, E::Restarted, E::Deadline, E::Reversed, E::GivenBack, E::RefundAsked, E::RefundedInPart, E::RefundRefused, E::WindowOver},
                      "a person has it, and only a person ends it"},
    ImpossibleAttempt{States{S::Intended, S::Pending, S::Unknown, S::Reversing, S::Paid, S::Refunding}, kPersons,
                      "no person was called"},
};
// clang-format on

static_assert(covers_each_pair_once(std::span<const AttemptRow>(kRows), std::span<const ImpossibleAttempt>(kImpossible),
                                    kAttemptStates, kAttemptEvents));

}  // namespace

std::span<const AttemptRow> attempt_rows() {
  return kRows;
}

std::span<const ImpossibleAttempt> impossible_attempts() {
  return kImpossible;
}

Recovery recovery_of(AttemptState state) {
  switch (state) {
    case S::Intended:
    case S::Pending:
    case S::Unknown: return Recovery::Ask;
    case S::Reversing:
    case S::Refunding: return Recovery::Repeat;
    case S::NotSent:
    case S::Paid:
    case S::Declined:
    case S::Reversed:
    case S::Refunded:
    case S::NeedsPerson: return Recovery::None;
  }
  return Recovery::None;
}

bool is_final(AttemptState state) {
  return kFinals.has(state);
}

bool is_unresolved(AttemptState state) {
  return state != S::Paid && state != S::Refunding && !is_final(state);
}

std::optional<Step<AttemptState, AttemptEffect>> next(AttemptState state, AttemptEvent event) {
  const auto* row = std::ranges::find_if(kRows, [&](const AttemptRow& r) { return r.from == state && r.on == event; });
  if (row == kRows.end()) return std::nullopt;
  return Step<AttemptState, AttemptEffect>{row->to, row->then};
}

std::string_view to_string(AttemptState state) {
  switch (state) {
    case S::Intended: return "intended";
    case S::NotSent: return "not_sent";
    case S::Paid: return "paid";
    case S::Declined: return "declined";
    case S::Pending: return "pending";
    case S::Unknown: return "unknown";
    case S::Reversing: return "reversing";
    case S::Reversed: return "reversed";
    case S::Refunding: return "refunding";
    case S::Refunded: return "refunded";
    case S::NeedsPerson: return "needs_person";
  }
  return "unknown";
}

std::string_view to_string(AttemptEvent event) {
  switch (event) {
    case E::NotSent: return "not_sent";
    case E::Paid: return "paid";
    case E::Declined: return "declined";
    case E::Pending: return "pending";
    case E::NoAnswer: return "no_answer";
    case E::NotFound: return "not_found";
    case E::Restarted: return "restarted";
    case E::Deadline: return "deadline";
    case E::Reversed: return "reversed";
    case E::GivenBack: return "given_back";
    case E::RefundAsked: return "refund_asked";
    case E::RefundedInPart: return "refunded_in_part";
    case E::RefundRefused: return "refund_refused";
    case E::WindowOver: return "window_over";
    case E::PersonSaysPaid: return "person_says_paid";
    case E::PersonSaysNotPaid: return "person_says_not_paid";
    case E::PersonSaysGivenBack: return "person_says_given_back";
  }
  return "unknown";
}

}  // namespace tillkit::payment
