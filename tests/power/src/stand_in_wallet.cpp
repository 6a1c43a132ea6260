// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/stand_in_wallet.hpp"

#include <algorithm>

namespace tillkit::test {
namespace {

constexpr int kClosed = 0;

WalletAnswer problem(int status, std::string_view type, const WalletRequest& request) {
  return {.status = status, .problem = std::string(type), .order = request.order, .refund = request.refund};
}

/// What a gateway says that does not know, or does not say, what the wallet did.
WalletAnswer instead_of_truth(int status, const WalletRequest& request) {
  switch (status) {
    case 409: return problem(status, "order-busy", request);
    case 429: return problem(status, "too-many-requests", request);
    case 500: return problem(status, "internal-error", request);
    case 502: return problem(status, "wallet-unanswered", request);
    case 503: return problem(status, "unavailable", request);
    case kClosed: return {.status = kClosed};
    default: return problem(status, "", request);
  }
}

}  // namespace

// --- scripts ---

WalletScript WalletScript::taking(std::chrono::milliseconds time) const {
  WalletScript script = *this;
  script.thinks = time;
  return script;
}

WalletScript WalletScript::lost() const {
  WalletScript script = *this;
  script.arrives = false;
  script.answers = false;
  return script;
}

WalletScript WalletScript::travelling(std::chrono::milliseconds time) const {
  WalletScript script = *this;
  script.travels = time;
  return script;
}

WalletScript WalletScript::unanswered() const {
  WalletScript script = *this;
  script.answers = false;
  return script;
}

WalletScript WalletScript::late(std::chrono::milliseconds time) const {
  WalletScript script = *this;
  script.answers_after = time;
  return script;
}

WalletScript WalletScript::twice(std::chrono::milliseconds later) const {
  WalletScript script = *this;
  script.again_after = later;
  return script;
}

WalletScript WalletScript::saying(int other_status) const {
  WalletScript script = *this;
  script.answers = true;
  script.status = other_status;
  return script;
}

WalletScript WalletScript::closing() const {
  return saying(kClosed);
}

WalletScript approves(std::int64_t discount_minor) {
  return {.discount_minor = discount_minor};
}

WalletScript declines(std::string_view reason) {
  return {.yes = false, .reason = std::string(reason)};
}

// --- requests and answers under way ---

void StandInWallet::script(WalletCall call, WalletScript script) {
  scripts_[call].push_back(std::move(script));
}

void StandInWallet::script_all(WalletCall call, WalletScript script) {
  scripts_for_all_.insert_or_assign(call, std::move(script));
}

void StandInWallet::script_order(std::string order, WalletScript script) {
  scripts_by_order_.insert_or_assign(std::move(order), std::move(script));
}

WalletScript StandInWallet::take_script(const WalletRequest& request) {
  const auto of_order = scripts_by_order_.find(request.order);
  if (of_order != scripts_by_order_.end()) return of_order->second;
  std::deque<WalletScript>& waiting = scripts_[request.call];
  if (waiting.empty()) return scripts_for_all_[request.call];
  WalletScript script = std::move(waiting.front());
  waiting.pop_front();
  return script;
}

void StandInWallet::send(const WalletRequest& request, Answered answered) {
  Event event{.kind = Event::Kind::Arrival, .request = request, .script = take_script(request)};
  if (event.script.answers) {
    event.caller = ++last_caller_;
    callers_.emplace(event.caller, std::move(answered));
  }
  const Moment arrival = now_() + event.script.travels;
  if (event.script.arrives) {
    events_.emplace(arrival, std::move(event));
  } else {
    plan_answers(event, {}, arrival);
  }
}

void StandInWallet::hang_up() {
  callers_.clear();
}

void StandInWallet::run() {
  while (!events_.empty() && events_.begin()->first <= now_()) {
    auto due = events_.extract(events_.begin());
    handle(due.mapped(), due.key());
  }
}

std::optional<std::chrono::milliseconds> StandInWallet::next() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first;
}

void StandInWallet::handle(const Event& event, Moment at) {
  switch (event.kind) {
    case Event::Kind::Arrival: {
      ++arrivals_[{event.request.call, event.request.order}];
      const WalletAnswer answer = answer_to(event.request, event.script, at);
      plan_answers(event, answer, at);
      break;
    }
    case Event::Kind::Answer: pass_on(event); break;
    case Event::Kind::OrderDue: order_due(event.request.order, at); break;
    case Event::Kind::RefundDue: refund_due(event.request.refund, at); break;
  }
}

void StandInWallet::plan_answers(const Event& arrival, const WalletAnswer& answer, Moment at) {
  const WalletScript& script = arrival.script;
  if (!script.answers) return;
  Event event{.kind = Event::Kind::Answer,
              .answer = script.status == 200 ? answer : instead_of_truth(script.status, arrival.request),
              .caller = arrival.caller,
              .last_answer = !script.again_after};
  events_.emplace(at + script.answers_after, event);
  if (!script.again_after) return;
  event.last_answer = true;
  events_.emplace(at + script.answers_after + *script.again_after, event);
}

void StandInWallet::pass_on(const Event& event) {
  const auto found = callers_.find(event.caller);
  if (found == callers_.end()) return;
  // A copy: whoever is called may hang up.
  const Answered answered = found->second;
  if (event.last_answer) callers_.erase(found);
  answered(event.answer);
}

// --- the wallet ---

WalletAnswer StandInWallet::answer_to(const WalletRequest& request, const WalletScript& script, Moment at) {
  switch (request.call) {
    case WalletCall::Authorise:
    case WalletCall::CreateQr: return open(request, script, at);
    case WalletCall::Query: return query(request);
    case WalletCall::Reverse: return reverse(request, script, at);
    case WalletCall::Refund: return refund(request, script, at);
  }
  std::unreachable();
}

WalletAnswer StandInWallet::open(const WalletRequest& request, const WalletScript& script, Moment at) {
  if (request.order.empty() || request.minor <= 0) return problem(400, "invalid-request", request);
  if (const auto known = orders_.find(request.order); known != orders_.end()) {
    const Order& order = known->second;
    if (order.state != State::Tombstone && order.request != request) return problem(422, "key-reused", request);
    const bool dead =
        order.state == State::Tombstone || order.state == State::Reversing || order.state == State::Reversed;
    return dead ? problem(410, "order-reversed", request) : answer_about(order);
  }
  Order& order = orders_[request.order];
  order.request = request;
  if (request.call == WalletCall::CreateQr) {
    wait(order, State::WaitsForScan, at + request.valid_for);
  } else if (!codes_.emplace(request.code, request.order).second) {
    decide(order, declines("code_not_valid"), at);
  } else {
    decide(order, script, at);
  }
  return answer_about(order);
}

bool StandInWallet::shopper_scans(std::string_view number, const WalletScript& script) {
  const auto found = orders_.find(number);
  if (found == orders_.end()) return false;
  Order& order = found->second;
  if (order.state != State::WaitsForScan || order.until <= now_()) return false;
  decide(order, script, now_());
  return true;
}

WalletAnswer StandInWallet::query(const WalletRequest& request) const {
  const auto found = orders_.find(request.order);
  if (found == orders_.end()) return {.outcome = WalletOutcome::NotFound, .order = request.order};
  return answer_about(found->second);
}

WalletAnswer StandInWallet::reverse(const WalletRequest& request, const WalletScript& script, Moment at) {
  if (!script.yes) return problem(422, script.reason, request);
  Order& order = orders_[request.order];
  order.request.order = request.order;
  const bool ended = order.state == State::Tombstone || order.state == State::Reversed;
  if (!ended && order.state != State::Reversing) {
    if (script.thinks > Moment{0}) {
      wait(order, State::Reversing, at + script.thinks);
    } else {
      finish_reversal(order, at);
    }
  }
  return answer_about(order);
}

WalletAnswer StandInWallet::refund(const WalletRequest& request, const WalletScript& script, Moment at) {
  if (request.refund.empty() || request.minor <= 0) return problem(400, "invalid-request", request);
  if (const auto known = refunds_.find(request.refund); known != refunds_.end()) {
    return known->second.request == request ? answer_about(known->second) : problem(422, "key-reused", request);
  }
  const auto found = orders_.find(request.order);
  if (found == orders_.end()) return problem(404, "order-not-found", request);
  Order& order = found->second;
  if (!order.taken || order.state == State::Reversing) return problem(422, "order-not-paid", request);
  if (order.request.currency != request.currency) return problem(400, "invalid-request", request);
  if (order.left_minor() == 0) return problem(422, "nothing-left", request);
  if (request.minor > order.left_minor()) return problem(422, "refund-too-large", request);
  Refund& refund = refunds_[request.refund];
  refund.request = request;
  refund.script = script;
  order.accepted_minor += request.minor;
  if (script.thinks > Moment{0}) {
    events_.emplace(at + script.thinks, Event{.kind = Event::Kind::RefundDue, .request = request});
  } else {
    finish_refund(order, refund, at);
  }
  return answer_about(refund);
}

void StandInWallet::decide(Order& order, const WalletScript& script, Moment at) {
  if (script.thinks > Moment{0}) {
    order.script = script;
    order.script.thinks = Moment{0};
    wait(order, State::Thinks, at + script.thinks);
    return;
  }
  if (!script.yes) {
    order.state = State::Declined;
    order.reason = script.reason;
    return;
  }
  order.state = State::Paid;
  order.taken = true;
  order.paid_minor = order.request.minor - std::min(script.discount_minor, order.request.minor);
  ledger_.push_back({at, WalletEntry::Kind::Charge, order.request.order, order.request.order, order.request.minor});
}

void StandInWallet::wait(Order& order, State state, Moment until) {
  order.state = state;
  order.until = until;
  events_.emplace(until, Event{.kind = Event::Kind::OrderDue, .request = order.request});
}

void StandInWallet::order_due(const std::string& number, Moment at) {
  Order& order = orders_.find(number)->second;
  // Something else may have ended what this was to end.
  if (order.until != at) return;
  if (order.state == State::Thinks) decide(order, WalletScript(order.script), at);
  if (order.state == State::Reversing) finish_reversal(order, at);
  if (order.state == State::WaitsForScan) decide(order, declines("expired"), at);
}

void StandInWallet::refund_due(const std::string& number, Moment at) {
  Refund& refund = refunds_.find(number)->second;
  finish_refund(orders_.find(refund.request.order)->second, refund, at);
}

void StandInWallet::finish_reversal(Order& order, Moment at) {
  order.state = State::Reversed;
  const std::int64_t left = order.left_minor();
  if (order.taken && left > 0) give_back(order, WalletEntry::Kind::Reversal, order.request.order, left, at);
}

void StandInWallet::finish_refund(Order& order, Refund& refund, Moment at) {
  order.accepted_minor -= refund.request.minor;
  if (!refund.script.yes) {
    refund.outcome = WalletOutcome::Refused;
    // What this refund had kept from a reversal.
    if (order.state == State::Reversed) finish_reversal(order, at);
    return;
  }
  refund.outcome = WalletOutcome::Refunded;
  refund.to_payer_minor = give_back(order, WalletEntry::Kind::Refund, refund.request.refund, refund.request.minor, at);
}

std::int64_t StandInWallet::give_back(Order& order, WalletEntry::Kind kind, const std::string& key, std::int64_t minor,
                                      Moment at) {
  const std::int64_t to_payer_before = std::min(order.refunded_minor, order.paid_minor);
  order.refunded_minor += minor;
  ledger_.push_back({at, kind, order.request.order, key, minor});
  return std::min(order.refunded_minor, order.paid_minor) - to_payer_before;
}

WalletAnswer StandInWallet::answer_about(const Order& order) {
  WalletAnswer answer{.order = order.request.order};
  if (order.taken) {
    answer.currency = order.request.currency;
    answer.amount_minor = order.request.minor;
    answer.paid_minor = order.paid_minor;
    answer.refunded_minor = order.refunded_minor;
  }
  switch (order.state) {
    case State::Tombstone: answer.outcome = WalletOutcome::Reversed; break;
    case State::WaitsForScan:
      answer.outcome = WalletOutcome::Pending;
      answer.why = "scan";
      answer.qr_text = "https://wallet.example/pay/" + order.request.order;
      break;
    case State::Thinks:
      answer.outcome = WalletOutcome::Pending;
      answer.why = "password";
      break;
    case State::Paid:
      answer.outcome = order.refunded_minor == order.request.minor ? WalletOutcome::Refunded : WalletOutcome::Paid;
      break;
    case State::Declined:
      answer.outcome = WalletOutcome::Declined;
      answer.reason = order.reason;
      break;
    case State::Reversing:
      answer.outcome = WalletOutcome::Pending;
      answer.why = "reversing";
      break;
    case State::Reversed:
      if (order.accepted_minor > 0) {
        answer.outcome = WalletOutcome::Pending;
        answer.why = "reversing";
      } else {
        answer.outcome = order.taken ? WalletOutcome::Refunded : WalletOutcome::Reversed;
      }
      break;
  }
  return answer;
}

WalletAnswer StandInWallet::answer_about(const Refund& refund) {
  WalletAnswer answer{.outcome = refund.outcome,
                      .order = refund.request.order,
                      .refund = refund.request.refund,
                      .currency = refund.request.currency,
                      .amount_minor = refund.request.minor,
                      .to_payer_minor = refund.to_payer_minor};
  if (refund.outcome == WalletOutcome::Refused) answer.reason = refund.script.reason;
  return answer;
}

// --- the books ---

std::uint32_t StandInWallet::arrivals(WalletCall call, const std::string& order) const {
  const auto found = arrivals_.find({call, order});
  return found == arrivals_.end() ? 0 : found->second;
}

std::uint32_t StandInWallet::arrivals(WalletCall call) const {
  std::uint32_t sum = 0;
  for (const auto& [key, count] : arrivals_) {
    if (key.first == call) sum += count;
  }
  return sum;
}

std::map<std::string, WalletBook> StandInWallet::books() const {
  std::map<std::string, WalletBook> books;
  for (const WalletEntry& entry : ledger_) {
    WalletBook& book = books[entry.order];
    switch (entry.kind) {
      case WalletEntry::Kind::Charge:
        book.charged_minor += entry.minor;
        ++book.charges;
        break;
      case WalletEntry::Kind::Reversal: book.reversed_minor += entry.minor; break;
      case WalletEntry::Kind::Refund: book.refunded_minor += entry.minor; break;
    }
  }
  return books;
}

std::int64_t StandInWallet::kept_minor() const {
  std::int64_t sum = 0;
  for (const WalletEntry& entry : ledger_)
    sum += entry.kind == WalletEntry::Kind::Charge ? entry.minor : -entry.minor;
  return sum;
}

}  // namespace tillkit::test
