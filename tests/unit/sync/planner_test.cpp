// SPDX-License-Identifier: Apache-2.0
#include "tillkit/sync/planner.hpp"

#include <catch2/catch_test_macros.hpp>

namespace tillkit::sync {
namespace {

using namespace std::chrono_literals;
using core::MonotonicTime;

constexpr Pace kPace;

MonotonicTime at(std::chrono::microseconds time) {
  return MonotonicTime{time};
}

/// Nothing to do for a minute.
Facts idle() {
  Facts facts{.now = at(1'000s)};
  facts.news_under_way = true;
  facts.clock_asked = facts.now;
  facts.health_sent = facts.now;
  return facts;
}

TEST_CASE("with nothing to do sync waits for what comes next", "[sync]") {
  const NextStep next = plan(idle(), kPace);

  CHECK(next.act == Act::Wait);
  CHECK(next.until == idle().now + kPace.health_every);
}

TEST_CASE("records are gathered for a moment, and then go up from the first that is not there", "[sync]") {
  Facts facts = idle();
  facts.last_seq = 9;
  facts.sent = 4;
  facts.first_seen = facts.now;
  facts.batch_bytes = 5'000;

  CHECK(plan(facts, kPace).until == facts.now + kPace.gather);
  facts.now += kPace.gather;
  CHECK(plan(facts, kPace) == NextStep{.act = Act::Upload, .from = 5, .bytes = 5'000});
  facts.upload_under_way = true;
  CHECK(plan(facts, kPace).act == Act::Wait);
  facts.upload_under_way = false;
  facts.upload_stopped = true;
  CHECK(plan(facts, kPace).act == Act::Wait);
}

TEST_CASE("news that are there come before copies that are due, and these before a long poll", "[sync]") {
  Facts facts = idle();
  facts.news_under_way = false;

  facts.decisions_more = true;
  CHECK(plan(facts, kPace) == NextStep{.act = Act::PollNews, .feed = cloud::Feed::Decisions});
  facts.decisions_more = false;
  CHECK(plan(facts, kPace) == NextStep{.act = Act::PollNews, .feed = cloud::Feed::Copies});
  facts.copies_asked = facts.now;
  CHECK(plan(facts, kPace) == NextStep{.act = Act::PollNews, .feed = cloud::Feed::Decisions, .wait = 25s});
  facts.copies_more = true;
  CHECK(plan(facts, kPace).feed == cloud::Feed::Copies);
  facts.copies_wanted = false;
  CHECK(plan(facts, kPace).feed == cloud::Feed::Decisions);
  facts.decisions_due = facts.now + 1s;
  CHECK(plan(facts, kPace).until == facts.now + 1s);
}

TEST_CASE("one other request at a time: the clock, a certificate, a report", "[sync]") {
  Facts facts = idle();
  facts.clock_asked.reset();
  facts.health_sent.reset();
  facts.renew_at = facts.now;

  CHECK(plan(facts, kPace).act == Act::AskTime);
  facts.clock_asked = facts.now;
  CHECK(plan(facts, kPace).act == Act::Renew);
  facts.renew_at = facts.now + 1s;
  CHECK(plan(facts, kPace).act == Act::SendHealth);
  facts.other_under_way = true;
  CHECK(plan(facts, kPace).act == Act::Wait);
  facts.other_under_way = false;
  facts.health_wanted = false;
  CHECK(plan(facts, kPace).until == facts.now + 1s);
}

TEST_CASE("while the time is unknown nothing else is asked for", "[sync]") {
  Facts facts = idle();
  facts.clock_known = false;
  facts.news_under_way = false;
  facts.last_seq = 9;

  CHECK(plan(facts, kPace).act == Act::AskTime);
  facts.other_under_way = true;
  CHECK(plan(facts, kPace) == NextStep{});
}

TEST_CASE("payment has the link before sync", "[sync]") {
  Facts facts = idle();
  facts.payment_busy = true;
  facts.news_under_way = false;
  facts.last_seq = 9;

  CHECK(plan(facts, kPace) == NextStep{});
  facts.recalls_due = facts.now;
  CHECK(plan(facts, kPace).act == Act::GiveBack);
}

TEST_CASE("without a network one try a minute remains: the device may be wrong", "[sync]") {
  Facts facts = idle();
  facts.network_up = false;
  facts.last_seq = 9;
  facts.tried = facts.now;

  CHECK(plan(facts, kPace).until == facts.now + kPace.offline_pause);
  facts.now += kPace.offline_pause;
  CHECK(plan(facts, kPace).act == Act::Upload);
}

TEST_CASE("waits after failures double up to a limit, and lie between half and all of it", "[sync]") {
  const MonotonicTime now = at(5s);
  Backoff least;
  Backoff most;
  std::chrono::milliseconds whole = kPace.backoff_first;
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    least.failed(kPace, now, 0);
    most.failed(kPace, now, 65'535);
    CHECK(least.not_before() >= now + whole / 2);
    CHECK(least.not_before() < now + whole / 2 + 10ms);
    CHECK(most.not_before() == now + whole);
    whole = std::min(whole * 2, kPace.backoff_most);
  }
  least.succeeded();
  CHECK(least.not_before() == MonotonicTime{});
  CHECK(least.failures() == 0);
}

TEST_CASE("what the other side asks for is waited, and an answer ends the waits of silence only", "[sync]") {
  Backoff asked;
  asked.failed(kPace, at(0s), 0, 90s);
  CHECK(asked.not_before() == at(90s));
  asked.link_answered();
  CHECK(asked.not_before() == at(90s));

  Backoff silent;
  silent.failed(kPace, at(0s), 0, {}, true);
  silent.link_answered();
  CHECK(silent.not_before() == MonotonicTime{});
}

TEST_CASE("a batch has what the link takes", "[sync]") {
  BatchSize size;
  CHECK(size.bytes() == kBatchBytesFirst);
  size.passed(true);
  size.halve();
  size.passed(true);
  CHECK(size.bytes() == kBatchBytesFirst / 2);
  size.passed(false);
  size.passed(true);
  CHECK(size.bytes() == kBatchBytesFirst);
  for (int i = 0; i < 20; ++i)
    size.halve();
  CHECK(size.bytes() == kBatchBytesMin);
  for (int i = 0; i < 40; ++i)
    size.passed(true);
  CHECK(size.bytes() == cloud::kUploadBodyBytesMax);
}

}  // namespace
}  // namespace tillkit::sync
