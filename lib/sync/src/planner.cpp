// SPDX-License-Identifier: Apache-2.0
#include "tillkit/sync/planner.hpp"

#include <array>

namespace tillkit::sync {
namespace {

using core::MonotonicTime;
using std::chrono::milliseconds;

/// The earliest of what could be done, and what that is.
class Earliest {
 public:
  explicit Earliest(MonotonicTime now) : now_(now) {}

  /// True: it is due, and nothing was before.
  bool offer(MonotonicTime due, const NextStep& step) {
    if (found_.act != Act::Wait) return false;
    if (due > now_) {
      found_.until = std::min(found_.until, due);
      return false;
    }
    found_ = step;
    return true;
  }
  [[nodiscard]] const NextStep& found() const { return found_; }

 private:
  MonotonicTime now_;
  NextStep found_{};
};

MonotonicTime every(const std::optional<MonotonicTime>& last, milliseconds pause) {
  return last ? *last + pause : MonotonicTime{};
}

void offer_upload(Earliest& earliest, const Facts& facts, const Pace& pace, MonotonicTime gate) {
  if (facts.upload_stopped || facts.upload_under_way || facts.sent >= facts.last_seq) return;
  const MonotonicTime gathered = every(facts.first_seen, pace.gather);
  earliest.offer(std::max({gathered, facts.upload.not_before(), gate}),
                 {.act = Act::Upload, .from = facts.sent + 1, .bytes = facts.batch_bytes});
}

void offer_news(Earliest& earliest, const Facts& facts, const Pace& pace, MonotonicTime gate) {
  if (facts.news_under_way) return;
  const auto poll = [&](cloud::Feed feed, MonotonicTime due, std::chrono::seconds wait) {
    earliest.offer(std::max(due, gate), {.act = Act::PollNews, .feed = feed, .wait = wait});
  };
  // Decisions that are there already, then copies that are due, then decisions that may come.
  if (facts.decisions_more) poll(cloud::Feed::Decisions, facts.decisions.not_before(), std::chrono::seconds{0});
  const MonotonicTime copies_due = facts.copies_more ? MonotonicTime{} : every(facts.copies_asked, pace.copies_every);
  if (facts.copies_wanted)
    poll(cloud::Feed::Copies, std::max(copies_due, facts.copies.not_before()), std::chrono::seconds{0});
  if (facts.decisions_more) return;
  poll(cloud::Feed::Decisions, std::max(facts.decisions_due, facts.decisions.not_before()), pace.decisions_wait);
}

void offer_other(Earliest& earliest, const Facts& facts, const Pace& pace, MonotonicTime gate) {
  if (facts.other_under_way) return;
  const MonotonicTime clock_due = std::max(every(facts.clock_asked, pace.clock_every), facts.clock.not_before());
  earliest.offer(std::max(clock_due, gate), {.act = Act::AskTime});
  if (facts.renew_at) {
    earliest.offer(std::max({*facts.renew_at, facts.renew.not_before(), gate}), {.act = Act::Renew});
  }
  if (!facts.health_wanted) return;
  const MonotonicTime health_due = std::max(every(facts.health_sent, pace.health_every), facts.health.not_before());
  earliest.offer(std::max(health_due, gate), {.act = Act::SendHealth});
}

}  // namespace

std::string_view to_string(Act act) {
  constexpr std::array<std::string_view, 7> kNames{"wait",  "ask_time",    "upload",   "poll_news",
                                                   "renew", "send_health", "give_back"};
  return kNames[static_cast<std::size_t>(act)];
}

void Backoff::failed(const Pace& pace, MonotonicTime now, std::uint16_t chance, milliseconds at_least, bool silence) {
  constexpr std::uint32_t kDoublingsMax = 20;  // of a second: longer than any limit
  constexpr std::int64_t kChances = 65'536;
  const milliseconds grown = pace.backoff_first * (std::int64_t{1} << std::min(failures_, kDoublingsMax));
  const milliseconds whole = std::min(grown, pace.backoff_most);
  const milliseconds wait = whole / 2 + (whole - whole / 2) * (chance + 1) / kChances;
  ++failures_;
  silence_ = silence;
  not_before_ = now + std::max(wait, at_least);
}

NextStep plan(const Facts& facts, const Pace& pace) {
  Earliest earliest(facts.now);
  if (facts.recalls_due) earliest.offer(*facts.recalls_due, {.act = Act::GiveBack});
  // Payment says when it is done.
  if (facts.payment_busy) return earliest.found();
  const MonotonicTime gate = facts.network_up ? MonotonicTime{} : every(facts.tried, pace.offline_pause);
  if (!facts.clock_known) {
    if (!facts.other_under_way) earliest.offer(std::max(facts.clock.not_before(), gate), {.act = Act::AskTime});
    return earliest.found();
  }
  offer_upload(earliest, facts, pace, gate);
  offer_news(earliest, facts, pace, gate);
  offer_other(earliest, facts, pace, gate);
  return earliest.found();
}

}  // namespace tillkit::sync
