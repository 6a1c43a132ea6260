// SPDX-License-Identifier: Apache-2.0
#include "till.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::payment {
namespace {

codes::PaymentCode some_code() {
  codes::WalletRoute route;
  route.add(codes::Wallet::Alipay);
  return {"2810123456789012345678", route, false};
}

bool is_stored(AttemptState state) {
  return state != AttemptState::Pending && state != AttemptState::Unknown;
}

}  // namespace

Till::Till(hal_virtual::VirtualBoard& board, StandIn& gateway, const ProviderPolicy& policy)
    : board_(board),
      stand_in_(gateway),
      policy_(policy),
      order_{.number = cloud::OrderNumber::parse("T1A5").value(), .amount = {kAmountMinor, core::kCny}} {
  run_ = std::make_shared<int>();
  gateway_ = std::make_unique<Gateway>(board.http, GatewaySettings{.origin = "https://pay.example"});
}

/// Callbacks of a run that is over do nothing.
template <class T, class Then>
Answer<T> Till::if_still_running(Then then) {
  return [run = std::weak_ptr<int>(run_), then = std::move(then)](const Answered<T>& answered) mutable {
    if (!run.expired()) then(answered);
  };
}

void Till::intend() {
  journal_.state = AttemptState::Intended;
  journal_.began = board_.clock.wall().at;
  facts_ = {.state = AttemptState::Intended, .began = now()};
  states_.push_back(AttemptState::Intended);
  facts_.exchanges.sent(Question::Charge, now());
}

void Till::charge() {
  intend();
  auto done = if_still_running<cloud::AttemptAnswer>(
      [this](const Answered<cloud::AttemptAnswer>& answered) { heard(Question::Charge, answered); });
  const auto begun = gateway_->authorise(order_, some_code(), "Cola", std::move(done));
  CHECK(begun.has_value());
}

void Till::show_code() {
  intend();
  auto done = if_still_running<cloud::QrAnswer>([this](const Answered<cloud::QrAnswer>& answered) {
    Answered<cloud::AttemptAnswer> attempt{.result = std::unexpected(core::Error{core::ErrorCode::Timeout}),
                                           .retry_after = answered.retry_after};
    if (answered.result) {
      attempt.result = answered.result->attempt;
      if (!answered.result->text.empty()) {
        shown_codes_.push_back(answered.result->text);
        facts_.code_until = now() + answered.result->valid_for;
      }
    } else {
      attempt.result = std::unexpected(answered.result.error());
    }
    heard(Question::Charge, attempt);
  });
  const auto begun = gateway_->create_qr(order_, {}, "Cola", std::chrono::seconds{60}, std::move(done));
  CHECK(begun.has_value());
}

void Till::cancel() {
  facts_.cancelled = now();
  go_on();
}

void Till::refund(std::int64_t minor) {
  begin_refund(minor);
  apply(AttemptEvent::RefundAsked);
  go_on();
}

void Till::begin_refund(std::int64_t minor) {
  ++journal_.refunds;
  journal_.refund = RefundState::Intended;
  journal_.refund_amount = minor;
  refund_ = RefundFacts{.began = now(), .paid = facts_.began, .one_before = refund_before_};
}

void Till::stop() {
  run_.reset();
  gateway_.reset();
  board_.scheduler.cancel(timer_);
  facts_ = {};
  refund_.reset();
  refund_before_.reset();
}

void Till::start() {
  run_ = std::make_shared<int>();
  gateway_ = std::make_unique<Gateway>(board_.http, GatewaySettings{.origin = "https://pay.example"});
  if (!journal_.state) return;
  const auto age = board_.clock.wall().at - journal_.began;
  facts_ = {.state = *journal_.state, .began = now() - age};
  if (journal_.refund && recovery_of(*journal_.refund) != Recovery::None) {
    refund_ = RefundFacts{.state = *journal_.refund, .began = now() - age, .paid = now() - age};
    apply(RefundEvent::Restarted);
  }
  if (recovery_of(facts_.state) != Recovery::None) apply(AttemptEvent::Restarted);
  go_on();
}

void Till::apply(AttemptEvent event) {
  const auto step = next(facts_.state, event);
  CAPTURE(std::string(to_string(facts_.state)), std::string(to_string(event)));
  CHECK(step.has_value());
  if (!step) return;
  if (step->to == AttemptState::Refunding && facts_.state == AttemptState::Reversing) begin_refund(kAmountMinor);
  facts_.state = step->to;
  if (states_.back() != step->to) states_.push_back(step->to);
  if (is_stored(step->to)) journal_.state = step->to;
  effects_.push_back(step->then);
  if (step->to == AttemptState::Refunded) journal_.refunded = kAmountMinor;
  if (step->to == AttemptState::Refunded && refund_ && recovery_of(refund_->state) != Recovery::None) {
    // Found given back by a question: the refund is over with it.
    refund_->state = RefundState::Refunded;
    journal_.refund = RefundState::Refunded;
  }
}

void Till::apply(RefundEvent event) {
  const auto step = next(refund_->state, event);
  CAPTURE(std::string(to_string(refund_->state)), std::string(to_string(event)));
  CHECK(step.has_value());
  if (!step) return;
  refund_->state = step->to;
  journal_.refund = step->to;
  if (event == RefundEvent::Refunded) journal_.refunded += journal_.refund_amount;
  const bool something_left = journal_.refunded < kAmountMinor;
  if (const auto told = attempt_event_of(event, something_left)) apply(*told);
}

void Till::go_on() {
  board_.scheduler.cancel(timer_);
  if (facts_.state == AttemptState::Refunding && refund_) {
    perform(plan(*refund_, policy_, now()), true);
  } else {
    perform(plan(facts_, policy_, now()), false);
  }
}

void Till::perform(const NextStep& step, bool of_refund) {
  switch (step.act) {
    case Act::Rest: return;
    case Act::Wait: return wait(step.until);
    case Act::Ask: return ask(of_refund);
    case Act::GiveUp: apply(AttemptEvent::Deadline); return go_on();
    case Act::Reverse: return reverse();
    case Act::Refund: return send_refund();
    case Act::CallPerson:
      if (of_refund) {
        apply(RefundEvent::WindowOver);
      } else {
        apply(AttemptEvent::WindowOver);
      }
      return go_on();
  }
}

void Till::wait(std::optional<core::MonotonicTime> until) {
  if (!until) return;
  const auto timer = board_.scheduler.call_at(*until, [this, run = std::weak_ptr<int>(run_)] {
    if (!run.expired()) go_on();
  });
  CHECK(timer.has_value());
  timer_ = timer.value_or(hal::TimerId{});
}

void Till::ask(bool of_refund) {
  Exchanges& exchanges = of_refund ? refund_->exchanges : facts_.exchanges;
  exchanges.sent(Question::Query, now());
  auto done = if_still_running<cloud::AttemptAnswer>([this, of_refund](const Answered<cloud::AttemptAnswer>& answered) {
    if (!of_refund) return heard(Question::Query, answered);
    refund_->exchanges.over(now(), answered.result.has_value(), answered.retry_after);
    const core::Money before{journal_.refunded, core::kCny};
    if (answered.result && shows_refund(*answered.result, before, {journal_.refund_amount, core::kCny})) {
      apply(RefundEvent::Refunded);
    } else {
      for (const AttemptEvent event : events_of(facts_.state, Question::Query, answered.result))
        apply(event);
    }
    go_on();
  });
  const auto begun = gateway_->query(order_, std::move(done));
  CHECK(begun.has_value());
}

void Till::reverse() {
  facts_.exchanges.sent(Question::Reverse, now());
  auto done = if_still_running<cloud::AttemptAnswer>([this](const Answered<cloud::AttemptAnswer>& answered) {
    if (!answered.result && cloud::is_problem(answered.result.error(), cloud::ProblemType::ReversalWindowOver))
      facts_.window_refused = now();
    heard(Question::Reverse, answered);
  });
  const auto begun = gateway_->reverse(order_, std::move(done));
  CHECK(begun.has_value());
}

void Till::send_refund() {
  refund_->exchanges.sent(Question::Refund, now());
  refund_before_ = now();
  const cloud::Refund request{.number = cloud::RefundNumber::parse("R" + std::to_string(journal_.refunds)).value(),
                              .order = order_.number,
                              .amount = {journal_.refund_amount, core::kCny}};
  auto done = if_still_running<cloud::RefundAnswer>([this](const Answered<cloud::RefundAnswer>& answered) {
    refund_->exchanges.over(now(), answered.result.has_value(), answered.retry_after);
    refund_->exchanges.ask_first = must_ask_first(answered.result);
    if (const auto event = event_of(answered.result)) apply(*event);
    go_on();
  });
  const auto begun = gateway_->refund(request, std::move(done));
  CHECK(begun.has_value());
}

void Till::heard(Question asked, const Answered<cloud::AttemptAnswer>& answered) {
  facts_.exchanges.over(now(), answered.result.has_value(), answered.retry_after);
  for (const AttemptEvent event : events_of(facts_.state, asked, answered.result))
    apply(event);
  go_on();
}

bool Till::settle(std::chrono::microseconds at_most) {
  const auto at_rest = [this] {
    return is_final(facts_.state) || facts_.state == AttemptState::Paid || facts_.state == AttemptState::NeedsPerson;
  };
  board_.world.advance_until([&] { return at_rest() || !board_.world.power().on(); }, at_most);
  return at_rest();
}

int Till::count(AttemptEffect effect) const {
  return static_cast<int>(std::ranges::count(effects_, effect));
}

std::optional<RefundState> Till::refund_state() const {
  return journal_.refund;
}

void Till::check_books() const {
  CAPTURE(std::string(to_string(facts_.state)));
  CHECK(stand_in_.charges(order()) <= 1);
  CHECK(stand_in_.calls("authorise") + stand_in_.calls("qr") <= 1);
  CHECK(count(AttemptEffect::Take) + count(AttemptEffect::Release) + count(AttemptEffect::Abandon) == 1);
  const bool goods = count(AttemptEffect::Take) == 1;
  if (facts_.state == AttemptState::Paid) {
    CHECK(goods);
    CHECK(stand_in_.kept_minor(order()) == kAmountMinor - journal_.refunded);
  } else {
    CHECK(is_final(facts_.state));
    CHECK(stand_in_.kept_minor(order()) == 0);
    CHECK(stand_in_.given_back_minor(order()) == journal_.refunded);
  }
}

}  // namespace tillkit::payment
