// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/planner.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::MonotonicTime;
using S = AttemptState;

constexpr MonotonicTime kBegan{1h};
constexpr NextStep kWaitForAnswer{.act = Act::Wait};

const ProviderPolicy& policy() {
  return wechat_pay_policy();
}

NextStep wait_until(MonotonicTime until) {
  return {.act = Act::Wait, .until = until};
}
NextStep now_do(Act act) {
  return {.act = act};
}

/// An attempt whose charge was answered `after` it began.
AttemptFacts open_attempt(S state, std::chrono::milliseconds after = 1s) {
  AttemptFacts facts{.state = state, .began = kBegan};
  facts.exchanges.sent(Question::Charge, kBegan);
  facts.exchanges.over(kBegan + after, state == S::Pending, std::nullopt);
  return facts;
}

/// A question or an act at `at` that takes `takes`.
void exchange(Exchanges& exchanges, Question question, MonotonicTime at, bool understood = true,
              std::chrono::milliseconds takes = 1s) {
  exchanges.sent(question, at);
  exchanges.over(at + takes, understood, std::nullopt);
}

TEST_CASE("a charge under way is waited for, and what is over rests", "[payment]") {
  AttemptFacts facts{.state = S::Intended, .began = kBegan};
  CHECK(plan(facts, policy(), kBegan + 10h) == kWaitForAnswer);
  for (const S state : {S::NotSent, S::Paid, S::Declined, S::Reversed, S::Refunding, S::Refunded, S::NeedsPerson}) {
    facts.state = state;
    CHECK(plan(facts, policy(), kBegan + 1000h) == now_do(Act::Rest));
  }
  for (const S state : {S::Pending, S::Unknown, S::Reversing}) {
    facts.state = state;
    facts.exchanges.under_way = true;
    CHECK(plan(facts, policy(), kBegan + 1000h) == kWaitForAnswer);
  }
}

TEST_CASE("a pending attempt is asked about every five seconds, once more at its deadline, and given up", "[payment]") {
  auto facts = open_attempt(S::Pending);
  std::vector<std::chrono::seconds> asked;
  MonotonicTime now = kBegan + 1s;
  for (int i = 0; i < 50; ++i) {
    const NextStep step = plan(facts, policy(), now);
    if (step.act == Act::GiveUp) break;
    if (step.act == Act::Wait) {
      REQUIRE(step.until);
      REQUIRE(*step.until > now);
      now = *step.until;
      continue;
    }
    REQUIRE(step.act == Act::Ask);
    asked.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - kBegan));
    exchange(facts.exchanges, Question::Query, now);
    now += 1s;
  }

  CHECK(asked == std::vector{6s, 12s, 18s, 24s, 30s, 36s, 42s, 45s});
  CHECK(plan(facts, policy(), now) == now_do(Act::GiveUp));
}

TEST_CASE("the first question comes sooner or later, depending on whether there was an answer", "[payment]") {
  const auto& alipay = alipay_policy();
  CHECK(plan(open_attempt(S::Pending), alipay, kBegan + 1s) == wait_until(kBegan + 1s + alipay.ask_first_after));
  CHECK(plan(open_attempt(S::Unknown), alipay, kBegan + 1s) == wait_until(kBegan + 1s + alipay.ask_unknown_after));
  CHECK(plan(open_attempt(S::Unknown), alipay, kBegan + 1s + alipay.ask_unknown_after) == now_do(Act::Ask));
}

TEST_CASE("after a start an attempt is asked about at once", "[payment]") {
  const AttemptFacts facts{.state = S::Unknown, .began = kBegan};
  CHECK(plan(facts, policy(), kBegan) == now_do(Act::Ask));
  CHECK(plan(facts, policy(), kBegan + 10h) == now_do(Act::Ask));
}

TEST_CASE("a cancelled attempt is asked about once more before it is given up", "[payment]") {
  auto facts = open_attempt(S::Pending);
  facts.cancelled = kBegan + 8s;

  CHECK(plan(facts, policy(), kBegan + 8s) == now_do(Act::Ask));
  exchange(facts.exchanges, Question::Query, kBegan + 8s, false);
  CHECK(plan(facts, policy(), kBegan + 9s) == now_do(Act::GiveUp));
}

TEST_CASE("a shown code is waited for until it expires", "[payment]") {
  auto facts = open_attempt(S::Pending);
  facts.code_until = kBegan + 120s;
  exchange(facts.exchanges, Question::Query, kBegan + 115s);

  CHECK(plan(facts, policy(), kBegan + 117s) == wait_until(kBegan + 120s));
  CHECK(plan(facts, policy(), kBegan + 120s) == now_do(Act::Ask));
}

TEST_CASE("who asks to be asked later is asked later, and giving up does not wait for that", "[payment]") {
  auto facts = open_attempt(S::Unknown);
  facts.exchanges.over(kBegan + 1s, false, 20s);

  CHECK(plan(facts, policy(), kBegan + 10s) == wait_until(kBegan + 21s));
  CHECK(plan(facts, policy(), kBegan + 21s) == now_do(Act::Ask));
  facts.exchanges.over(kBegan + 1s, false, 3600s);
  CHECK(plan(facts, policy(), kBegan + 10s) == wait_until(kBegan + 45s));
  CHECK(plan(facts, policy(), kBegan + 45s) == now_do(Act::GiveUp));
}

TEST_CASE("a reversal waits until the provider allows it, and is repeated with growing pauses", "[payment]") {
  AttemptFacts facts{.state = S::Reversing, .began = kBegan, .cancelled = kBegan + 5s};
  CHECK(plan(facts, policy(), kBegan + 6s) == wait_until(kBegan + 15s));

  std::vector<std::chrono::seconds> sent;
  MonotonicTime now = kBegan + 15s;
  while (sent.size() < 9) {
    const NextStep step = plan(facts, policy(), now);
    if (step.act == Act::Wait) {
      REQUIRE(step.until);
      now = *step.until;
      continue;
    }
    REQUIRE(step.act == Act::Reverse);
    sent.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - kBegan));
    exchange(facts.exchanges, Question::Reverse, now, false, 0s);
  }
  CHECK(sent == std::vector{15s, 20s, 30s, 50s, 90s, 170s, 330s, 650s, 1250s});
}

TEST_CASE("when the network is back nobody waits for the end of a long pause", "[payment]") {
  AttemptFacts facts{.state = S::Reversing, .began = kBegan};
  for (int i = 0; i < 20; ++i)
    exchange(facts.exchanges, Question::Reverse, kBegan + 1h, false, 0s);
  CHECK(plan(facts, policy(), kBegan + 1h + 10s) == wait_until(kBegan + 1h + policy().reverse_retry_max));

  facts.exchanges.link_is_back();
  CHECK(plan(facts, policy(), kBegan + 1h + 10s) == now_do(Act::Reverse));
  facts.exchanges = {};
  facts.exchanges.link_is_back();
  CHECK(facts.exchanges.acts == 0);
}

TEST_CASE("a reversal past the window is asked about once more and goes to a person", "[payment]") {
  AttemptFacts facts{.state = S::Reversing, .began = kBegan};
  exchange(facts.exchanges, Question::Reverse, kBegan + 7 * 24h - 5min, false);
  const MonotonicTime end = kBegan + policy().reverse_window;

  CHECK(plan(facts, policy(), end - 1ms).act != Act::CallPerson);
  CHECK(plan(facts, policy(), end) == now_do(Act::Ask));
  exchange(facts.exchanges, Question::Query, end, false);
  CHECK(plan(facts, policy(), end + 1s) == now_do(Act::CallPerson));
}

TEST_CASE("a provider that says the window is over is believed before ours is", "[payment]") {
  AttemptFacts facts{.state = S::Reversing, .began = kBegan};
  exchange(facts.exchanges, Question::Reverse, kBegan + 60s);
  facts.window_refused = kBegan + 61s;

  CHECK(plan(facts, policy(), kBegan + 61s) == now_do(Act::Ask));
  exchange(facts.exchanges, Question::Query, kBegan + 61s);
  CHECK(plan(facts, policy(), kBegan + 62s) == now_do(Act::CallPerson));
}

TEST_CASE("an old reversal is asked about before it is repeated", "[payment]") {
  AttemptFacts facts{.state = S::Reversing, .began = kBegan};
  const MonotonicTime later = kBegan + policy().ask_before_replay_after;
  CHECK(plan(facts, policy(), later - 1ms) == now_do(Act::Reverse));
  CHECK(plan(facts, policy(), later) == now_do(Act::Ask));

  exchange(facts.exchanges, Question::Query, later, false);
  CHECK(plan(facts, policy(), later + 1s) == now_do(Act::Reverse));
  exchange(facts.exchanges, Question::Reverse, later + 1s, false);
  CHECK(plan(facts, policy(), later + 10min) == now_do(Act::Ask));
}

RefundFacts refund_at(MonotonicTime began) {
  return {.state = RefundState::Intended, .began = began, .paid = kBegan};
}

TEST_CASE("a refund goes out at once, but not too soon after the one before", "[payment]") {
  auto facts = refund_at(kBegan + 1h);
  CHECK(plan(facts, policy(), kBegan + 1h) == now_do(Act::Refund));
  facts.one_before = kBegan + 1h - 20s;
  CHECK(plan(facts, policy(), kBegan + 1h) == wait_until(kBegan + 1h + 40s));
  CHECK(plan(facts, policy(), kBegan + 1h + 40s) == now_do(Act::Refund));
}

TEST_CASE("while a refund or a question about it is under way nothing else is sent", "[payment]") {
  for (const auto asked : {Question::Refund, Question::Query}) {
    for (const auto state : {RefundState::Intended, RefundState::Accepted}) {
      auto facts = refund_at(kBegan);
      facts.state = state;
      facts.exchanges.sent(asked, kBegan);
      CHECK(plan(facts, policy(), kBegan + 1s) == kWaitForAnswer);
      CHECK(plan(facts, policy(), kBegan + 1000h) == kWaitForAnswer);
    }
  }
}

TEST_CASE("a refund is repeated with growing pauses until it is over", "[payment]") {
  auto facts = refund_at(kBegan);
  exchange(facts.exchanges, Question::Refund, kBegan, false, 0s);
  CHECK(plan(facts, policy(), kBegan + 1s) == wait_until(kBegan + 60s));
  facts.state = RefundState::Accepted;
  exchange(facts.exchanges, Question::Refund, kBegan + 60s, true, 0s);
  CHECK(plan(facts, policy(), kBegan + 61s) == wait_until(kBegan + 180s));
  CHECK(plan(facts, policy(), kBegan + 180s) == now_do(Act::Refund));
  for (const auto state : {RefundState::Refunded, RefundState::Refused, RefundState::NeedsPerson}) {
    facts.state = state;
    CHECK(plan(facts, policy(), kBegan + 1000h) == now_do(Act::Rest));
  }
}

TEST_CASE("a repetition keeps the gap, too", "[payment]") {
  ProviderPolicy quick = policy();
  quick.refund_retry_first = 1s;
  auto facts = refund_at(kBegan);
  exchange(facts.exchanges, Question::Refund, kBegan, false);
  CHECK(plan(facts, quick, kBegan + 2s) == wait_until(kBegan + quick.refund_gap));
}

TEST_CASE("an old refund is repeated only after somebody answered what became of it", "[payment]") {
  auto facts = refund_at(kBegan);
  const MonotonicTime later = kBegan + policy().ask_before_replay_after + 1h;
  CHECK(plan(facts, policy(), later) == now_do(Act::Ask));

  exchange(facts.exchanges, Question::Query, later, false);
  const NextStep again = plan(facts, policy(), later + 1s);
  CHECK(again == wait_until(later + 1s + policy().refund_retry_first));
  CHECK(plan(facts, policy(), *again.until) == now_do(Act::Ask));
  exchange(facts.exchanges, Question::Query, *again.until, true);
  CHECK(plan(facts, policy(), *again.until + 1h) == now_do(Act::Refund));
  exchange(facts.exchanges, Question::Refund, *again.until + 1h, false);
  CHECK(plan(facts, policy(), *again.until + 3h) == now_do(Act::Ask));
}

TEST_CASE("a refund that does not fit the order is asked about, and then a person is called", "[payment]") {
  auto facts = refund_at(kBegan);
  exchange(facts.exchanges, Question::Refund, kBegan);
  facts.exchanges.ask_first = true;

  CHECK(plan(facts, policy(), kBegan + 1s) == now_do(Act::Ask));
  exchange(facts.exchanges, Question::Query, kBegan + 1s, false);
  CHECK(plan(facts, policy(), kBegan + 2s) == wait_until(kBegan + 2s + policy().refund_retry_first));
  exchange(facts.exchanges, Question::Query, kBegan + 70s, true);
  CHECK(plan(facts, policy(), kBegan + 71s) == now_do(Act::CallPerson));
}

TEST_CASE("a refund past its window goes to a person", "[payment]") {
  auto facts = refund_at(kBegan);
  const MonotonicTime end = kBegan + policy().refund_window;
  CHECK(plan(facts, policy(), end - 1ms).act != Act::CallPerson);
  CHECK(plan(facts, policy(), end) == now_do(Act::CallPerson));
}

TEST_CASE("a step never asks to wait for what has passed, whatever happened before", "[payment]") {
  for (const auto* rules : {&wechat_pay_policy(), &alipay_policy(), &gateway_policy()}) {
    for (const S state : {S::Pending, S::Unknown, S::Reversing}) {
      for (int age_s = 0; age_s < 800'000; age_s = age_s * 2 + 1) {
        for (int asked = -1; asked <= age_s; asked = asked * 2 + 2) {
          AttemptFacts facts{.state = state, .began = kBegan};
          if (asked >= 0) exchange(facts.exchanges, Question::Query, kBegan + std::chrono::seconds{asked}, false, 0s);
          const MonotonicTime now = kBegan + std::chrono::seconds{age_s};
          const NextStep step = plan(facts, *rules, now);
          CAPTURE(age_s, asked, std::string(to_string(step.act)));
          CHECK((step.act == Act::Wait) == step.until.has_value());
          if (step.until) CHECK(*step.until > now);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tillkit::payment
