// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/planner.hpp"

#include <algorithm>

namespace tillkit::payment {
namespace {

using core::MonotonicTime;
using std::chrono::milliseconds;

/// `first`, doubled for each time after the first, `longest` at most.
milliseconds pause_after(std::uint32_t times, milliseconds first, milliseconds longest) {
  milliseconds pause = first;
  for (std::uint32_t i = 1; i < times && pause < longest; ++i)
    pause *= 2;
  return std::min(pause, longest);
}

/// `act` now, or wait for its time.
NextStep at(MonotonicTime due, Act act, const Exchanges& exchanges, MonotonicTime now) {
  if (exchanges.not_before) due = std::max(due, *exchanges.not_before);
  if (now >= due) return {.act = act};
  return {.act = Act::Wait, .until = due};
}

bool asked_since(const Exchanges& exchanges, MonotonicTime moment) {
  return exchanges.asked && *exchanges.asked >= moment;
}

/// Whether a query has gone out since the newest act. After a start nothing is known of the acts before it.
bool asked_since_act(const Exchanges& exchanges) {
  return exchanges.acted ? asked_since(exchanges, *exchanges.acted) : exchanges.asked.has_value();
}

NextStep plan_open(const AttemptFacts& facts, const ProviderPolicy& policy, MonotonicTime now) {
  const Exchanges& exchanges = facts.exchanges;
  MonotonicTime deadline = facts.code_until.value_or(facts.began + policy.give_up_after);
  if (facts.cancelled) deadline = std::min(deadline, *facts.cancelled);
  if (now >= deadline) {
    // The last question comes right before the reversal: whoever has paid by then gets the goods. One that they do not
    // want to hear yet is left out, so that giving up never waits for anybody.
    const bool unwelcome = exchanges.not_before && *exchanges.not_before > now;
    return {.act = asked_since(exchanges, deadline) || unwelcome ? Act::GiveUp : Act::Ask};
  }

  MonotonicTime due = now;  // after a start: at once
  if (exchanges.ended) {
    const milliseconds first = exchanges.answered ? policy.ask_first_after : policy.ask_unknown_after;
    due = *exchanges.ended + (exchanges.asked ? policy.ask_every : first);
  }
  NextStep step = at(due, Act::Ask, exchanges, now);
  if (step.until) step.until = std::min(*step.until, deadline);
  return step;
}

NextStep plan_reversal(const AttemptFacts& facts, const ProviderPolicy& policy, MonotonicTime now) {
  const Exchanges& exchanges = facts.exchanges;
  MonotonicTime window_end = facts.began + policy.reverse_window;
  if (facts.window_refused) window_end = std::min(window_end, *facts.window_refused);
  if (now >= window_end) {
    if (asked_since(exchanges, window_end)) return {.act = Act::CallPerson};
    return at(now, Act::Ask, exchanges, now);
  }

  MonotonicTime due = facts.began + policy.reverse_earliest;
  if (exchanges.acts > 0 && exchanges.ended) {
    const auto pause = pause_after(exchanges.acts, policy.reverse_retry_first, policy.reverse_retry_max);
    due = std::max(due, *exchanges.ended + pause);
  }
  // A reversal changes nothing the second time, so a question that nobody answers does not hold it up.
  const bool old = now - facts.began >= policy.ask_before_replay_after;
  const Act act = old && !asked_since_act(exchanges) ? Act::Ask : Act::Reverse;
  NextStep step = at(due, act, exchanges, now);
  if (step.until) step.until = std::min(*step.until, window_end);
  return step;
}

}  // namespace

std::string_view to_string(Act act) {
  switch (act) {
    case Act::Rest: return "rest";
    case Act::Wait: return "wait";
    case Act::Ask: return "ask";
    case Act::GiveUp: return "give_up";
    case Act::Reverse: return "reverse";
    case Act::Refund: return "refund";
    case Act::CallPerson: return "call_person";
  }
  return "unknown";
}

void Exchanges::sent(Question question, MonotonicTime now) {
  under_way = true;
  if (question == Question::Query) asked = now;
  if (question == Question::Reverse || question == Question::Refund) {
    acted = now;
    ++acts;
    ask_first = false;
  }
}

void Exchanges::over(MonotonicTime now, bool understood, std::optional<std::chrono::seconds> retry_after) {
  under_way = false;
  ended = now;
  answered = understood;
  not_before = retry_after ? std::optional(now + *retry_after) : std::nullopt;
}

void Exchanges::link_is_back() {
  acts = std::min<std::uint32_t>(acts, 1);
}

NextStep plan(const AttemptFacts& facts, const ProviderPolicy& policy, MonotonicTime now) {
  using enum AttemptState;
  switch (facts.state) {
    case Intended: return {.act = Act::Wait};
    case Pending:
    case Unknown:
      if (facts.exchanges.under_way) return {.act = Act::Wait};
      return plan_open(facts, policy, now);
    case Reversing:
      if (facts.exchanges.under_way) return {.act = Act::Wait};
      return plan_reversal(facts, policy, now);
    case NotSent:
    case Paid:
    case Declined:
    case Reversed:
    case Refunding:  // its refund has facts and a plan of its own
    case Refunded:
    case NeedsPerson: break;
  }
  return {.act = Act::Rest};
}

NextStep plan(const RefundFacts& facts, const ProviderPolicy& policy, MonotonicTime now) {
  const Exchanges& exchanges = facts.exchanges;
  if (recovery_of(facts.state) == Recovery::None) return {.act = Act::Rest};
  if (exchanges.under_way) return {.act = Act::Wait};
  const MonotonicTime window_end = facts.paid + policy.refund_window;
  if (now >= window_end) return {.act = Act::CallPerson};

  // Only an answer counts as having looked: a refund under a key that they have forgotten gives back twice.
  const bool looked = exchanges.answered && asked_since_act(exchanges);
  if (exchanges.ask_first && looked) return {.act = Act::CallPerson};
  const bool old = now - facts.began >= policy.ask_before_replay_after;
  const bool look_first = exchanges.ask_first || (old && !looked);

  MonotonicTime due = facts.began;
  if (facts.one_before) due = std::max(due, *facts.one_before + policy.refund_gap);
  if (exchanges.acted) due = std::max(due, *exchanges.acted + policy.refund_gap);
  const bool first_look = look_first && !asked_since_act(exchanges);
  if (exchanges.ended && !first_look) {
    const auto pause = pause_after(exchanges.acts, policy.refund_retry_first, policy.refund_retry_max);
    due = std::max(due, *exchanges.ended + pause);
  }
  NextStep step = at(first_look ? now : due, look_first ? Act::Ask : Act::Refund, exchanges, now);
  if (step.until) step.until = std::min(*step.until, window_end);
  return step;
}

}  // namespace tillkit::payment
