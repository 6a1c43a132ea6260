// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/answers.hpp"

namespace tillkit::payment {
namespace {

using cloud::Outcome;
using cloud::ProblemType;
using core::ErrorCode;
using E = AttemptEvent;

bool is_open(AttemptState state) {
  return state == AttemptState::Pending || state == AttemptState::Unknown;
}

AttemptEvents events_of_failure(Question asked, const core::Error& error) {
  if (error.code == ErrorCode::Timeout) return AttemptEvents{E::NoAnswer};
  if (asked != Question::Charge) return {};
  return error.code == ErrorCode::Rejected ? AttemptEvents{E::Declined} : AttemptEvents{E::NotSent};
}

/// They have given back what they say was paid. Whoever did that, it was paid first, and there are no goods for it.
AttemptEvents events_of_refunded(AttemptState state) {
  if (is_open(state)) return AttemptEvents{E::Deadline, E::Paid, E::GivenBack};
  if (state == AttemptState::Reversing) return AttemptEvents{E::Paid, E::GivenBack};
  return AttemptEvents{E::GivenBack};
}

}  // namespace

AttemptEvents events_of(AttemptState state, Question asked, const core::Result<cloud::AttemptAnswer>& answer) {
  if (!answer) return events_of_failure(asked, answer.error());
  switch (answer->outcome) {
    case Outcome::Paid: return AttemptEvents{E::Paid};
    case Outcome::Declined: return AttemptEvents{E::Declined};
    case Outcome::Pending: return AttemptEvents{E::Pending};
    case Outcome::NotFound: return AttemptEvents{E::NotFound};
    case Outcome::Unknown: return AttemptEvents{E::NoAnswer};
    case Outcome::Refunded: return events_of_refunded(state);
    // Ended by the provider itself or by somebody at another screen: for the sale it is a no like any other.
    case Outcome::Reversed: return is_open(state) ? AttemptEvents{E::Declined} : AttemptEvents{E::Reversed};
  }
  return AttemptEvents{E::NoAnswer};
}

bool must_ask_first(const core::Result<cloud::RefundAnswer>& answer) {
  if (answer) return false;
  return cloud::is_problem(answer.error(), ProblemType::NothingLeft) ||
         cloud::is_problem(answer.error(), ProblemType::OrderNotPaid);
}

std::optional<RefundEvent> event_of(const core::Result<cloud::RefundAnswer>& answer) {
  if (must_ask_first(answer)) return std::nullopt;
  if (!answer) {
    switch (answer.error().code) {
      case ErrorCode::Timeout: return RefundEvent::NoAnswer;
      case ErrorCode::Rejected: return RefundEvent::Refused;
      default: return RefundEvent::NotSent;
    }
  }
  switch (answer->outcome) {
    case cloud::RefundOutcome::Accepted: return RefundEvent::Accepted;
    case cloud::RefundOutcome::Refunded: return RefundEvent::Refunded;
    case cloud::RefundOutcome::Refused: return RefundEvent::Refused;
  }
  return RefundEvent::NoAnswer;
}

bool shows_refund(const cloud::AttemptAnswer& answer, const core::Money& before, const core::Money& amount) {
  if (answer.outcome == Outcome::Refunded) return true;
  if (answer.outcome != Outcome::Paid || !answer.refunded.is_positive()) return false;
  const auto expected = core::checked_add(before, amount);
  return expected && expected->currency == answer.refunded.currency && answer.refunded.minor >= expected->minor;
}

std::optional<AttemptEvent> attempt_event_of(RefundEvent event, bool something_left) {
  switch (event) {
    case RefundEvent::Refunded: return something_left ? E::RefundedInPart : E::GivenBack;
    case RefundEvent::Refused: return E::RefundRefused;
    case RefundEvent::WindowOver: return E::WindowOver;
    case RefundEvent::NotSent:
    case RefundEvent::Accepted:
    case RefundEvent::NoAnswer:
    case RefundEvent::Restarted:
    case RefundEvent::PersonSaysRefunded:
    case RefundEvent::PersonSaysNotRefunded: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tillkit::payment
