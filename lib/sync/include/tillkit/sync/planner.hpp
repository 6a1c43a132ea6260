// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/core/time.hpp"

/// Decides what sync does next, and never does it. Same facts, same answer; time and chance are values.
namespace tillkit::sync {

/// How often things are done, and how long is waited after a failure.
struct Pace {
  std::chrono::milliseconds gather{300};    ///< records of one sale travel together
  std::chrono::seconds decisions_wait{25};  ///< a long poll; the cloud answers at once when there is something
  std::chrono::seconds copies_every{60};
  std::chrono::seconds clock_every{3'600};
  std::chrono::seconds health_every{900};
  std::chrono::milliseconds backoff_first{1'000};
  std::chrono::milliseconds backoff_most{300'000};
  /// How long nothing is tried while the device believes that it has no network: that is only a hint.
  std::chrono::seconds offline_pause{60};
};

/// Waits that grow with each failure in a row: twice as long each time, up to a limit, and of that a random part
/// between half and all, so that a shop's terminals do not come back in step.
class Backoff {
 public:
  /// `chance`: 0 to 65,535. `at_least`: what the other side asked for. `silence`: nobody answered, so that an answer to
  /// anything at all shows that it is over.
  void failed(const Pace& pace, core::MonotonicTime now, std::uint16_t chance, std::chrono::milliseconds at_least = {},
              bool silence = false);
  void succeeded() { *this = {}; }
  /// Somebody answered something.
  void link_answered() {
    if (silence_) *this = {};
  }

  [[nodiscard]] core::MonotonicTime not_before() const { return not_before_; }
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

 private:
  std::uint32_t failures_ = 0;
  bool silence_ = false;
  core::MonotonicTime not_before_{};
};

inline constexpr std::size_t kBatchBytesMin = 4'096;
inline constexpr std::size_t kBatchBytesFirst = 65'536;

/// How many bytes a batch may have: what the link takes.
class BatchSize {
 public:
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// It did not get through in time, or is too large.
  void halve() {
    bytes_ = std::max(kBatchBytesMin, bytes_ / 2);
    good_ = 0;
  }
  /// It got through; `full`: there was more to send.
  void passed(bool full) {
    if (!full || ++good_ < kGoodBeforeGrowth) return;
    good_ = 0;
    bytes_ = std::min(cloud::kUploadBodyBytesMax, bytes_ * 2);
  }

 private:
  static constexpr int kGoodBeforeGrowth = 2;
  std::size_t bytes_ = kBatchBytesFirst;
  int good_ = 0;
};

/// What is known. Times are monotonic; none: not yet in this run.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of what they are about; there is one
struct Facts {
  core::MonotonicTime now{};
  bool network_up = true;     ///< a hint
  bool payment_busy = false;  ///< a request of payment's is under way: the link is its
  bool clock_known = true;
  std::optional<core::MonotonicTime> tried{};  ///< anything was sent last

  // up
  bool upload_stopped = false;
  bool upload_under_way = false;
  std::int64_t last_seq = 0;
  std::int64_t sent = 0;                            ///< the cloud has everything up to here
  std::optional<core::MonotonicTime> first_seen{};  ///< since when there is something to send
  std::size_t batch_bytes = kBatchBytesFirst;
  Backoff upload{};

  // down
  bool news_under_way = false;  ///< or a page is being taken over
  bool copies_wanted = true;    ///< false: this terminal keeps none
  core::MonotonicTime decisions_due{};
  std::optional<core::MonotonicTime> copies_asked{};
  bool copies_more = false;
  bool decisions_more = false;
  Backoff decisions{};
  Backoff copies{};

  // the rest
  bool other_under_way = false;
  std::optional<core::MonotonicTime> clock_asked{};
  Backoff clock{};
  std::optional<core::MonotonicTime> renew_at{};  ///< none: nothing to renew
  Backoff renew{};
  std::optional<core::MonotonicTime> health_sent{};
  bool health_wanted = true;  ///< false: nobody here can say how the terminal is
  Backoff health{};
  std::optional<core::MonotonicTime> recalls_due{};  ///< none: nothing is recalled
};

enum class Act : std::uint8_t {
  Wait = 0,  ///< until `until`, or until something changes; then plan again
  AskTime = 1,
  Upload = 2,
  PollNews = 3,
  Renew = 4,
  SendHealth = 5,
  GiveBack = 6,  ///< what was recalled and may be free now
};
[[nodiscard]] std::string_view to_string(Act act);

struct NextStep {
  Act act = Act::Wait;
  core::MonotonicTime until = core::MonotonicTime::max();  ///< of Wait; max: nothing comes by itself
  std::int64_t from = 0;                                   ///< of Upload: the first record
  std::size_t bytes = 0;                                   ///< of Upload: of the whole body
  cloud::Feed feed = cloud::Feed::Decisions;               ///< of PollNews
  std::chrono::seconds wait{0};                            ///< of PollNews

  friend bool operator==(const NextStep&, const NextStep&) = default;
};

/// While the clock is unknown only the time is asked for. At most one upload, one poll and one other request are under
/// way at a time, and none begins while payment has the link. Plan again after each step, answer and change.
[[nodiscard]] NextStep plan(const Facts& facts, const Pace& pace);

}  // namespace tillkit::sync
