// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/answers.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::payment {
namespace {

using cloud::AttemptAnswer;
using cloud::Outcome;
using cloud::ProblemType;
using core::ErrorCode;
using core::ErrorSource;
using core::kCny;
using S = AttemptState;
using E = AttemptEvent;

core::Result<AttemptAnswer> said(Outcome outcome) {
  AttemptAnswer answer;
  answer.outcome = outcome;
  return answer;
}

template <class T>
core::Result<T> failed(ErrorCode code) {
  return core::fail(code);
}

template <class T>
core::Result<T> refused(ProblemType type) {
  return core::fail(ErrorCode::Rejected, ErrorSource::Provider, static_cast<int>(type));
}

std::vector<AttemptEvent> events(S state, Question asked, const core::Result<AttemptAnswer>& answer) {
  const auto list = events_of(state, asked, answer);
  return {list.begin(), list.end()};
}

TEST_CASE("whatever is answered to whatever is asked, the machine knows what it means", "[payment]") {
  struct Case {
    Question asked;
    std::vector<S> states;
    std::vector<Outcome> outcomes;
  };
  const std::vector<Outcome> all{Outcome::Paid,     Outcome::Declined, Outcome::Pending, Outcome::NotFound,
                                 Outcome::Reversed, Outcome::Refunded, Outcome::Unknown};
  // A query can be under way when an attempt is given up, and when a late success is found.
  const std::vector<Case> cases{
      {Question::Charge, {S::Intended}, {Outcome::Paid, Outcome::Declined, Outcome::Pending, Outcome::Unknown}},
      {Question::Query, {S::Pending, S::Unknown, S::Reversing, S::Refunding}, all},
      {Question::Reverse, {S::Reversing}, {Outcome::Reversed, Outcome::Refunded, Outcome::Pending, Outcome::Unknown}},
  };
  for (const auto& [asked, states, outcomes] : cases) {
    for (const S start : states) {
      std::vector<core::Result<AttemptAnswer>> answers;
      answers.reserve(outcomes.size() + 13);
      for (const Outcome outcome : outcomes)
        answers.push_back(said(outcome));
      for (int code = 1; code <= 13; ++code)
        answers.push_back(failed<AttemptAnswer>(static_cast<ErrorCode>(code)));
      for (const auto& answer : answers) {
        S state = start;
        for (const E event : events(start, asked, answer)) {
          CAPTURE(std::string(to_string(state)), std::string(to_string(event)));
          const auto step = next(state, event);
          REQUIRE(step);
          state = step->to;
        }
      }
    }
  }
}

TEST_CASE("of a charge, only silence leaves the outcome open", "[payment]") {
  for (int number = 1; number <= 13; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    CAPTURE(std::string(core::to_string(code)));
    const auto expected = code == ErrorCode::Timeout    ? E::NoAnswer
                          : code == ErrorCode::Rejected ? E::Declined
                                                        : E::NotSent;
    CHECK(events(S::Intended, Question::Charge, failed<AttemptAnswer>(code)) == std::vector{expected});
  }
}

TEST_CASE("a question that failed says nothing about the charge", "[payment]") {
  for (const Question asked : {Question::Query, Question::Reverse}) {
    CHECK(events(S::Reversing, asked, failed<AttemptAnswer>(ErrorCode::Timeout)) == std::vector{E::NoAnswer});
    for (const auto code : {ErrorCode::Unavailable, ErrorCode::Rejected, ErrorCode::Exhausted})
      CHECK(events(S::Reversing, asked, failed<AttemptAnswer>(code)).empty());
  }
}

TEST_CASE("a gateway that says 'unknown' has said nothing, whatever it was asked", "[payment]") {
  CHECK(events(S::Intended, Question::Charge, said(Outcome::Unknown)) == std::vector{E::NoAnswer});
  for (const S state : {S::Pending, S::Unknown, S::Reversing, S::Refunding})
    CHECK(events(state, Question::Query, said(Outcome::Unknown)) == std::vector{E::NoAnswer});
  CHECK(events(S::Reversing, Question::Reverse, said(Outcome::Unknown)) == std::vector{E::NoAnswer});
}

TEST_CASE("money that is back was paid before, and there are no goods for it", "[payment]") {
  const auto refunded = said(Outcome::Refunded);

  CHECK(events(S::Unknown, Question::Query, refunded) == std::vector{E::Deadline, E::Paid, E::GivenBack});
  CHECK(events(S::Reversing, Question::Reverse, refunded) == std::vector{E::Paid, E::GivenBack});
  CHECK(events(S::Refunding, Question::Query, refunded) == std::vector{E::GivenBack});
}

TEST_CASE("an order that somebody else reversed is declined to the sale, and a reversal to us", "[payment]") {
  CHECK(events(S::Pending, Question::Query, said(Outcome::Reversed)) == std::vector{E::Declined});
  CHECK(events(S::Reversing, Question::Reverse, said(Outcome::Reversed)) == std::vector{E::Reversed});
  CHECK(events(S::Refunding, Question::Query, said(Outcome::Reversed)) == std::vector{E::Reversed});
}

TEST_CASE("a refund's answers are not mixed up", "[payment]") {
  using cloud::RefundAnswer;
  using cloud::RefundOutcome;
  const auto answer = [](RefundOutcome outcome) {
    RefundAnswer said_so;
    said_so.outcome = outcome;
    return core::Result<RefundAnswer>(said_so);
  };

  CHECK(event_of(answer(RefundOutcome::Accepted)) == RefundEvent::Accepted);
  CHECK(event_of(answer(RefundOutcome::Refunded)) == RefundEvent::Refunded);
  CHECK(event_of(answer(RefundOutcome::Refused)) == RefundEvent::Refused);
  CHECK(event_of(failed<RefundAnswer>(ErrorCode::Timeout)) == RefundEvent::NoAnswer);
  CHECK(event_of(failed<RefundAnswer>(ErrorCode::Unavailable)) == RefundEvent::NotSent);
  CHECK(event_of(refused<RefundAnswer>(ProblemType::RefundWindowOver)) == RefundEvent::Refused);
  for (const auto type : {ProblemType::NothingLeft, ProblemType::OrderNotPaid}) {
    CHECK(must_ask_first(refused<RefundAnswer>(type)));
    CHECK_FALSE(event_of(refused<RefundAnswer>(type)));
  }
  CHECK_FALSE(must_ask_first(refused<RefundAnswer>(ProblemType::RefundTooLarge)));
  CHECK_FALSE(must_ask_first(failed<RefundAnswer>(ErrorCode::Timeout)));
  CHECK_FALSE(must_ask_first(answer(RefundOutcome::Refused)));
}

TEST_CASE("a refund without an answer is found in what the order has given back", "[payment]") {
  AttemptAnswer answer;
  answer.outcome = Outcome::Paid;
  answer.refunded = {500, kCny};

  CHECK(shows_refund(answer, {200, kCny}, {300, kCny}));
  CHECK_FALSE(shows_refund(answer, {201, kCny}, {300, kCny}));
  CHECK_FALSE(shows_refund(answer, {200, core::Currency::of("USD")}, {300, core::Currency::of("USD")}));
  answer.refunded = {};
  CHECK_FALSE(shows_refund(answer, {0, kCny}, {1, kCny}));
  answer.outcome = Outcome::Refunded;
  CHECK(shows_refund(answer, {0, kCny}, {1, kCny}));
}

TEST_CASE("the end of a refund tells the attempt whether something is left", "[payment]") {
  CHECK(attempt_event_of(RefundEvent::Refunded, true) == E::RefundedInPart);
  CHECK(attempt_event_of(RefundEvent::Refunded, false) == E::GivenBack);
  CHECK(attempt_event_of(RefundEvent::Refused, false) == E::RefundRefused);
  CHECK(attempt_event_of(RefundEvent::WindowOver, false) == E::WindowOver);
  for (const auto event : {RefundEvent::NotSent, RefundEvent::Accepted, RefundEvent::NoAnswer, RefundEvent::Restarted})
    CHECK_FALSE(attempt_event_of(event, false));
}

}  // namespace
}  // namespace tillkit::payment
