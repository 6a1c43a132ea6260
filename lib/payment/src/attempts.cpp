// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/attempts.hpp"

#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::fail;
using core::MonotonicTime;
using core::Result;
using journal::Tx;

cloud::Order order_of(const Attempt& attempt) {
  return {.number = attempt.order, .amount = attempt.amount};
}

/// Of the same make as an attempt's.
cloud::RefundNumber refund_number(const core::OrderNumber& number) {
  const auto parsed = cloud::RefundNumber::parse(number.view());
  TILLKIT_ASSERT(parsed.has_value());
  return *parsed;
}

Answered<cloud::AttemptAnswer> charge_answer(const Answered<cloud::QrAnswer>& answered) {
  Answered<cloud::AttemptAnswer> charge{.result = fail(ErrorCode::Timeout), .retry_after = answered.retry_after};
  if (answered.result) {
    charge.result = answered.result->attempt;
  } else {
    charge.result = std::unexpected(answered.result.error());
  }
  return charge;
}

}  // namespace

/// What one run knows of an attempt beyond the tables.
struct Attempts::Running {
  Attempt attempt;
  std::optional<Refund> refund;
  AttemptFacts facts;
  RefundFacts refund_facts;
  bool age_known = true;  // else the facts' times are a careful guess
  hal::TimerId timer;

  [[nodiscard]] bool refunds() const { return attempt.state == AttemptState::Refunding && refund.has_value(); }
  [[nodiscard]] Exchanges& exchanges() { return refunds() ? refund_facts.exchanges : facts.exchanges; }
};

Attempts::Attempts(const AttemptsParts& parts, const journal::TerminalName& terminal, const PolicySet& policies)
    : parts_(parts), terminal_(terminal), policies_(policies), alive_(std::make_shared<int>()) {}

Attempts::~Attempts() {
  for (const auto& [id, running] : running_)
    parts_.scheduler.cancel(running->timer);
}

Attempts::Running* Attempts::find(AttemptId attempt) {
  const auto found = running_.find(attempt);
  return found == running_.end() ? nullptr : found->second.get();
}

template <class T, class Then>
Answer<T> Attempts::while_alive(Then then) {
  return [alive = std::weak_ptr<int>(alive_), then = std::move(then)](const Answered<T>& answered) mutable {
    if (!alive.expired()) then(answered);
  };
}

/// A call that a provider refuses outright did nothing. That is an answer like any other, and comes from the loop.
template <class T, class Then>
void Attempts::or_refused(Result<> sent, Then then) {
  if (sent) return;
  auto task = [alive = std::weak_ptr<int>(alive_), error = sent.error(), then = std::move(then)]() mutable {
    if (!alive.expired()) then(Answered<T>{.result = std::unexpected(error)});
  };
  TILLKIT_ASSERT(parts_.scheduler.call_after(std::chrono::microseconds::zero(), std::move(task)).has_value());
}

// --- from outside ---

Result<> Attempts::start() {
  TILLKIT_TRY(const std::vector<Attempt> found, attempts(parts_.journal.tables()));
  for (const Attempt& attempt : found) {
    TILLKIT_TRY(const auto refund, find_refund(parts_.journal.tables(), attempt.id));
    if (recovery_of(attempt.state) != Recovery::None) TILLKIT_TRY_VOID(load(attempt, refund));
  }
  for (const Attempt& attempt : found)
    go_on(attempt.id);
  return {};
}

Result<> Attempts::load(const Attempt& attempt, const std::optional<Refund>& refund) {
  const auto restarted = next(attempt.state, AttemptEvent::Restarted);
  if (!restarted) return fail(ErrorCode::Corrupt);
  auto running = std::make_unique<Running>();
  running->attempt = attempt;
  running->attempt.state = restarted->to;
  running->refund = refund;
  running->facts = {.state = restarted->to, .began = now()};
  running->age_known = false;
  if (running->refunds()) {
    begin_refund_facts(*running);
    running->refund_facts.one_before = now();  // a request may have left right before the stop
  }
  learn_age(*running);
  running_[attempt.id] = std::move(running);
  return {};
}

/// As long ago as wall time says, where it says anything.
void Attempts::learn_age(Running& running) const {
  if (running.age_known) return;
  const auto began = moment_of(running.attempt.began, parts_.clock);
  if (!running.refunds()) {
    if (began) running.facts.began = *began;
    running.age_known = began.has_value();
    return;
  }
  const auto paid = moment_of(running.attempt.paid, parts_.clock);
  const auto refund_began = moment_of(running.refund->began, parts_.clock);
  // Until its age is known it is old: a refund under a key that they have forgotten would give back twice.
  running.refund_facts.began = refund_began.value_or(now() - policy_of(running.attempt).ask_before_replay_after);
  running.refund_facts.paid = paid.value_or(now());
  running.age_known = paid.has_value() && refund_began.has_value();
}

/// A refund that was intended now, or found at a start (`learn_age` then says how old it is).
void Attempts::begin_refund_facts(Running& running) const {
  running.refund_facts = {.state = running.refund->state, .began = now(), .paid = now()};
  const auto request = std::ranges::find(refund_requests_, running.attempt.id, &RefundRequest::attempt);
  if (request != refund_requests_.end()) {
    running.refund_facts.one_before = request->at;
    return;
  }
  const auto before = given_back(parts_.journal.tables(), running.attempt.id, running.attempt.amount.currency);
  if (!before) {
    running.refund_facts.one_before = now();  // not to be read now: as if there were one
  } else if (before->newest.at != core::WallTime{}) {
    running.refund_facts.one_before = moment_of(before->newest, parts_.clock).value_or(now());
  }
}

/// Nothing leaves from inside a transaction, or while nothing can be stored. A commit without a record writes nothing.
Result<> Attempts::check_durable() const {
  const auto nothing = parts_.journal.commit([](Tx&) -> Result<> { return {}; });
  if (!nothing) return fail(ErrorCode::FailedPrecondition);
  return {};
}

Result<Attempt> Attempts::intend(Tx& tx, const AttemptRequest& request) {
  return payment::intend(tx, terminal_, request);
}

Result<> Attempts::let_go(const Attempt& attempt) {
  TILLKIT_TRY_VOID(check_durable());
  TILLKIT_TRY(const auto stored, find_attempt(parts_.journal.tables(), attempt.id));
  const bool intended = stored && *stored == attempt && attempt.state == AttemptState::Intended;
  if (!intended || find(attempt.id) != nullptr) return fail(ErrorCode::FailedPrecondition);
  auto running = std::make_unique<Running>();
  running->attempt = attempt;
  running->facts = {.state = attempt.state, .began = now()};
  running->facts.exchanges.sent(Question::Charge, now());
  running_[attempt.id] = std::move(running);
  return {};
}

Result<> Attempts::charge(const Attempt& attempt, const codes::PaymentCode& code, std::string_view description) {
  TILLKIT_TRY_VOID(let_go(attempt));
  const auto then = [this, id = attempt.id](const Answered<cloud::AttemptAnswer>& answered) {
    heard(id, Question::Charge, answered);
  };
  or_refused<cloud::AttemptAnswer>(
      parts_.provider.authorise(order_of(attempt), code, description, while_alive<cloud::AttemptAnswer>(then)), then);
  return {};
}

Result<> Attempts::show_code(const Attempt& attempt, std::span<const codes::Wallet> wallets,
                             std::string_view description) {
  TILLKIT_TRY_VOID(let_go(attempt));
  const auto then = [this, id = attempt.id](const Answered<cloud::QrAnswer>& answered) {
    Running* const running = find(id);
    const bool shown = running != nullptr && answered.result && !answered.result->text.empty();
    if (shown) {
      running->facts.code_until = now() + answered.result->valid_for;
      parts_.sales.code_to_show(running->attempt, answered.result->text, answered.result->valid_for);
    }
    heard(id, Question::Charge, charge_answer(answered));
  };
  const auto valid_for = std::chrono::ceil<std::chrono::seconds>(policy_of(attempt).shown_code_for);
  or_refused<cloud::QrAnswer>(
      parts_.provider.create_qr(order_of(attempt), wallets, description, valid_for, while_alive<cloud::QrAnswer>(then)),
      then);
  return {};
}

void Attempts::give_up(AttemptId attempt) {
  Running* const running = find(attempt);
  if (running == nullptr) return;
  if (!running->facts.cancelled) running->facts.cancelled = now();
  go_on(attempt);
}

Result<Attempt> Attempts::find_paid(const journal::OrderNumber& order) const {
  TILLKIT_TRY(const journal::Seq seq, journal::seq_of(order, terminal_));
  const AttemptId id(seq.value());
  TILLKIT_TRY(const auto open, find_attempt(parts_.journal.tables(), id));
  if (open && open->order == order) {
    if (open->state != AttemptState::Paid) return fail(ErrorCode::FailedPrecondition);
    return *open;
  }
  TILLKIT_TRY(const journal::Record intended, parts_.journal.read(seq));
  if (intended.kind != kAttemptIntended) return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(intended.body));
  Attempt attempt{.id = id, .sale = intended.sale, .began = intended.at.wall, .sale_closed = true};
  TILLKIT_TRY(attempt.order, read_order(document.root(), "order"));
  if (attempt.order != order) return fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::int64_t tender, read_integer(document.root(), "tender"));
  TILLKIT_TRY(attempt.tender, enum_of<TenderKind>(tender, kTenderKinds));
  TILLKIT_TRY(const std::int64_t wallet, read_integer(document.root(), "wallet"));
  TILLKIT_TRY(attempt.wallet, wallet_of(wallet));
  TILLKIT_TRY(attempt.amount, read_money(document.root(), "amount"));

  // Its sale's records say how it ended. What a refund did later says `given_back`.
  TILLKIT_TRY_VOID(
      parts_.journal.each({.from = seq, .sale = intended.sale}, [&](const journal::Record& record) -> Result<> {
        if (record.kind != kAttemptPaid && record.kind != kPersonDecided) return {};
        TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
        TILLKIT_TRY(const std::int64_t about, read_integer(body.root(), "attempt"));
        if (about != id.value()) return {};
        bool kept = false;
        if (record.kind == kAttemptPaid) {
          TILLKIT_TRY(const bool late, read_boolean(body.root(), "late"));
          attempt.paid = record.at.wall;
          kept = !late;
        } else {
          TILLKIT_TRY(const std::int64_t decision, read_integer(body.root(), "decision"));
          kept = decision == static_cast<std::int64_t>(AttemptEvent::PersonSaysPaid);
          if (attempt.paid == core::WallReading{}) attempt.paid = record.at.wall;
        }
        attempt.state = kept ? AttemptState::Paid : AttemptState::Refunded;
        return {};
      }));
  if (attempt.state != AttemptState::Paid) return fail(ErrorCode::FailedPrecondition);
  return attempt;
}

Result<Stepped> Attempts::intend_refund(Tx& tx, const Attempt& attempt, journal::SaleId sale, const core::Money& amount,
                                        RefundRoom room) {
  return payment::intend_refund(tx, terminal_, attempt, sale, amount, room, policy_of(attempt), parts_.clock);
}

Result<> Attempts::refund(const Stepped& intended) {
  TILLKIT_TRY_VOID(check_durable());
  if (!intended.refund) return fail(ErrorCode::FailedPrecondition);
  TILLKIT_TRY(const auto attempt, find_attempt(parts_.journal.tables(), intended.attempt.id));
  TILLKIT_TRY(const auto refund, find_refund(parts_.journal.tables(), intended.attempt.id));
  const bool durable = attempt && refund && *refund == *intended.refund && attempt->state == AttemptState::Refunding;
  if (!durable || find(attempt->id) != nullptr) return fail(ErrorCode::FailedPrecondition);
  auto running = std::make_unique<Running>();
  running->attempt = *attempt;
  running->refund = *refund;
  running->facts = {.state = attempt->state, .began = now()};
  begin_refund_facts(*running);
  running->refund_facts.paid = moment_of(attempt->paid, parts_.clock).value_or(now());
  running_[attempt->id] = std::move(running);
  go_on(attempt->id);
  return {};
}

Result<> Attempts::resolve(const journal::OrderNumber& order, Decision decision, const journal::Operator& by,
                           std::string_view why) {
  TILLKIT_TRY(const journal::Seq seq, journal::seq_of(order, terminal_));
  const auto committed = parts_.journal.commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto attempt, find_attempt(tx, AttemptId(seq.value())));
    if (!attempt || attempt->order != order) return fail(ErrorCode::NotFound);
    TILLKIT_TRY(const auto refund, find_refund(tx, attempt->id));
    TILLKIT_TRY(const Stepped stepped, decide(tx, *attempt, refund, decision, by, why));
    return parts_.sales.step(tx, stepped, nullptr);
  });
  if (!committed) {
    parts_.sales.taken_back();
    return std::unexpected(committed.error());
  }
  parts_.sales.committed();
  return {};
}

void Attempts::set_policies(const PolicySet& policies) {
  policies_ = policies;
  plan_all();
}

void Attempts::link_is_back() {
  for (const auto& [id, running] : running_)
    running->exchanges().link_is_back();
  plan_all();
}

/// What is planned may end, and take itself out.
void Attempts::plan_all() {
  std::vector<AttemptId> ids;
  ids.reserve(running_.size());
  for (const auto& [id, running] : running_)
    ids.push_back(id);
  for (const AttemptId id : ids)
    go_on(id);
}

// --- the loop ---

/// Steps and commits, the sale with it; memory follows what is durable. False: nothing happened.
template <class Step>
bool Attempts::commit(Running& running, const cloud::AttemptAnswer* answer, Step&& step) {
  std::vector<Stepped> steps;
  bool impossible = false;
  const auto committed = parts_.journal.commit([&](Tx& tx) -> Result<> {
    auto stepped = step(tx);
    impossible = !stepped && stepped.error().code == ErrorCode::FailedPrecondition;
    if (!stepped) return std::unexpected(stepped.error());
    steps = *std::move(stepped);
    for (const Stepped& one : steps) {
      if (one.recorded) TILLKIT_TRY_VOID(parts_.sales.step(tx, one, answer));
    }
    return {};
  });
  if (!committed) {
    if (impossible) ++impossible_answers_;
    parts_.sales.taken_back();
    return false;
  }
  for (const Stepped& stepped : steps)
    adopt(running, stepped);
  // What is at rest leaves first: the sale may at once ask for its refund.
  const AttemptId id = running.attempt.id;
  if (recovery_of(running.attempt.state) == Recovery::None) {
    parts_.scheduler.cancel(running.timer);
    running_.erase(id);
  }
  if (std::ranges::any_of(steps, &Stepped::recorded)) parts_.sales.committed();
  return true;
}

void Attempts::adopt(Running& running, const Stepped& stepped) const {
  const bool new_refund = stepped.refund && (!running.refund || running.refund->id != stepped.refund->id);
  running.attempt = stepped.attempt;
  running.refund = stepped.refund;
  running.facts.state = stepped.attempt.state;
  if (new_refund) {
    begin_refund_facts(running);
    running.age_known = true;
  } else if (running.refund) {
    running.refund_facts.state = running.refund->state;
  }
}

void Attempts::go_on(AttemptId attempt) {
  Running* const running = find(attempt);
  if (running == nullptr) return;
  parts_.scheduler.cancel(running->timer);
  if (parts_.journal.state() != journal::State::Running) return;
  learn_age(*running);
  const ProviderPolicy& policy = policy_of(running->attempt);
  const NextStep step =
      running->refunds() ? plan(running->refund_facts, policy, now()) : plan(running->facts, policy, now());
  if (step.act == Act::Rest) {
    running_.erase(attempt);
  } else if (step.act == Act::Wait) {
    if (step.until) wait(*running, *step.until);
  } else {
    perform(*running, step.act);
  }
}

void Attempts::perform(Running& running, Act act) {
  switch (act) {
    case Act::Ask: return ask(running);
    case Act::GiveUp: return give_up_now(running);
    case Act::Reverse: return reverse(running);
    case Act::Refund: return send_refund(running);
    case Act::CallPerson: return call_person(running);
    case Act::Rest:
    case Act::Wait: return;
  }
}

void Attempts::wait(Running& running, MonotonicTime until) {
  auto timer = parts_.scheduler.call_at(until, [this, id = running.attempt.id, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) go_on(id);
  });
  // Without it the attempt would rest until a start: so start.
  TILLKIT_ASSERT(timer.has_value());
  running.timer = *timer;
}

void Attempts::give_up_now(Running& running) {
  const AttemptId id = running.attempt.id;
  const bool stored = commit(running, nullptr, [&](Tx& tx) -> Result<std::vector<Stepped>> {
    TILLKIT_TRY(Stepped stepped, step(tx, running.attempt, running.refund, AttemptEvent::Deadline));
    return std::vector<Stepped>{stepped};
  });
  if (stored) return go_on(id);
  wait(running, now() + kStorePause);
}

void Attempts::call_person(Running& running) {
  const AttemptId id = running.attempt.id;
  const bool stored = commit(running, nullptr, [&](Tx& tx) -> Result<std::vector<Stepped>> {
    TILLKIT_TRY(Stepped stepped, running.refunds()
                                     ? step(tx, running.attempt, *running.refund, RefundEvent::WindowOver, nullptr)
                                     : step(tx, running.attempt, running.refund, AttemptEvent::WindowOver));
    return std::vector<Stepped>{stepped};
  });
  if (stored) return go_on(id);
  wait(running, now() + kStorePause);
}

void Attempts::ask(Running& running) {
  running.exchanges().sent(Question::Query, now());
  const auto then = [this, id = running.attempt.id](const Answered<cloud::AttemptAnswer>& answered) {
    heard(id, Question::Query, answered);
  };
  or_refused<cloud::AttemptAnswer>(
      parts_.provider.query(order_of(running.attempt), while_alive<cloud::AttemptAnswer>(then)), then);
}

void Attempts::reverse(Running& running) {
  running.exchanges().sent(Question::Reverse, now());
  const auto then = [this, id = running.attempt.id](const Answered<cloud::AttemptAnswer>& answered) {
    heard(id, Question::Reverse, answered);
  };
  or_refused<cloud::AttemptAnswer>(
      parts_.provider.reverse(order_of(running.attempt), while_alive<cloud::AttemptAnswer>(then)), then);
}

void Attempts::send_refund(Running& running) {
  running.exchanges().sent(Question::Refund, now());
  std::erase_if(refund_requests_,
                [&](const RefundRequest& r) { return r.forget <= now() || r.attempt == running.attempt.id; });
  refund_requests_.push_back({running.attempt.id, now(), now() + policy_of(running.attempt).refund_gap});
  const auto then = [this, id = running.attempt.id](const Answered<cloud::RefundAnswer>& answered) {
    heard_refund(id, answered);
  };
  const cloud::Refund request{.number = refund_number(running.refund->number),
                              .order = running.attempt.order,
                              .amount = running.refund->amount};
  or_refused<cloud::RefundAnswer>(parts_.provider.refund(request, while_alive<cloud::RefundAnswer>(then)), then);
}

void Attempts::heard(AttemptId attempt, Question asked, const Answered<cloud::AttemptAnswer>& answered) {
  Running* const running = find(attempt);
  if (running == nullptr) return;
  const bool pending = answered.result && answered.result->outcome == cloud::Outcome::Pending;
  if (pending) parts_.sales.waiting(running->attempt, answered.result->why);
  if (asked == Question::Reverse && !answered.result &&
      cloud::is_problem(answered.result.error(), cloud::ProblemType::ReversalWindowOver)) {
    running->facts.window_refused = now();
  }
  running->exchanges().over(now(), answered.result.has_value(), answered.retry_after);
  const cloud::AttemptAnswer* const said = answered.result ? &*answered.result : nullptr;
  Result<cloud::AttemptAnswer> kept = answered.result;
  if (kept && kept->payer && !parts_.sales.may_keep_payer(running->attempt, *kept->payer)) {
    kept->payer->reference = {};
  }
  const bool stored = commit(
      *running, said, [&](Tx& tx) { return hear(tx, terminal_, running->attempt, running->refund, asked, kept); });
  if (!stored) {
    // Heard and not kept: as if nobody had answered. A charge is asked about from here on.
    running->exchanges().over(now(), false, answered.retry_after);
    if (const auto lost = next(running->attempt.state, AttemptEvent::NoAnswer)) {
      running->attempt.state = lost->to;
      running->facts.state = lost->to;
    }
  }
  go_on(attempt);
}

void Attempts::heard_refund(AttemptId attempt, const Answered<cloud::RefundAnswer>& answered) {
  Running* const running = find(attempt);
  if (running == nullptr) return;
  running->exchanges().over(now(), answered.result.has_value(), answered.retry_after);
  running->exchanges().ask_first = must_ask_first(answered.result);
  const auto event = event_of(answered.result);
  if (!event) return go_on(attempt);
  const cloud::RefundAnswer* const said = answered.result ? &*answered.result : nullptr;
  const bool stored = commit(*running, nullptr, [&](Tx& tx) -> Result<std::vector<Stepped>> {
    TILLKIT_TRY(Stepped stepped, step(tx, running->attempt, *running->refund, *event, said));
    return std::vector<Stepped>{stepped};
  });
  if (!stored) running->exchanges().over(now(), false, answered.retry_after);
  go_on(attempt);
}

}  // namespace tillkit::payment
