// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/health.hpp"
#include "tillkit/cloud/link.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/session.hpp"
#include "tillkit/cloud/upload.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/sync/copies.hpp"
#include "tillkit/sync/planner.hpp"
#include "tillkit/sync/tables.hpp"

namespace tillkit::sync {

/// Whether another terminal may refund a sale that was made here.
enum class Cession : std::uint8_t {
  Yes,     ///< nothing of it was refunded or is being refunded here; from now on `is_ceded` says that nothing may be
  NotNow,  ///< the sale is not over, or a refund of it is under way
  Never,   ///< it was refunded here, or there is no such sale
};

/// The terminal around: what it knows and is told. Called from the loop.
class SyncHost {
 public:
  virtual ~SyncHost() = default;

  /// Asked inside of a commit: looks, and changes nothing.
  [[nodiscard]] virtual Cession may_cede(journal::SaleId sale) = 0;
  /// From now on these hold. Told at the start, too, if there are any.
  virtual void settings_changed(const cloud::Settings& settings) = 0;
  /// Leases, coupons or merges are in the journal that were not before.
  virtual void decisions_taken() = 0;
  /// Copies are in the cache that were not before; of a page in several steps, after each.
  virtual void copies_taken() = 0;
  /// Nothing more is uploaded until `Sync::resume_upload`.
  virtual void upload_stopped(StopWhy why) = 0;

  /// How the terminal is; sync adds what it knows itself (clock, records, faults). None: it cannot say now.
  [[nodiscard]] virtual std::optional<cloud::HealthReport> health() = 0;

  /// When the certificate is to be renewed: best when a third of its life is left. None: not at all.
  [[nodiscard]] virtual std::optional<core::WallTime> renew_at() = 0;
  /// A certificate request in PEM.
  [[nodiscard]] virtual core::Result<std::string> certificate_request() = 0;
  /// Keeps what came. An error: it is asked for once more, later.
  [[nodiscard]] virtual core::Result<> renewed(const cloud::Credentials& credentials) = 0;
};

struct SyncSettings {
  cloud::TerminalId terminal{};
  /// The cloud's keys, as enrolment or the last renewal brought them. Those of the cloud's settings are believed, too.
  std::vector<cloud::CloudKey> keys{};
  Pace pace{};
  std::chrono::milliseconds upload_timeout{30'000};
  std::chrono::milliseconds answer_timeout{15'000};  ///< of news: behind the time that the cloud may wait
  std::chrono::milliseconds look_every{5'000};  ///< at the journal, where nobody says that it has grown; at recalls
};

/// So long an answer shows that the cloud can be reached: a network that calls itself offline is tried once a minute
/// (`Pace::offline_pause`), and news may be waited for as long again.
inline constexpr std::chrono::minutes kAnswerCounts{3};

/// All must outlive it.
struct SyncParts {
  journal::Journal& journal;
  journal::Cache* cache = nullptr;  ///< null: no copies are asked for
  const cloud::Link& link;
  hal::Clock& clock;
  hal::Scheduler& scheduler;
  hal::Random& random;
  hal::NetworkStatus& network;
  SyncHost& host;
  CopySink* copies = nullptr;  ///< null: items and rule sets are passed over
};

struct SyncStatus {
  std::int64_t backlog = 0;                        ///< records that the cloud does not have
  std::optional<core::WallReading> oldest{};       ///< when the first of them was appended
  std::int64_t parked = 0;                         ///< records that the cloud cannot use
  std::int64_t refused_decisions = 0;              ///< of the cloud, that could not be taken here
  std::int64_t recalls = 0;                        ///< what it wants back and sales still hold
  std::optional<StopWhy> stopped{};                ///< nothing is uploaded
  std::optional<core::WallReading> uploaded_at{};  ///< the last success, in this run
  std::optional<core::WallReading> decisions_at{};
  std::optional<core::WallReading> copies_at{};
  std::int64_t bad_pages = 0;    ///< of news, in this run: nothing of them counted
  std::int64_t passed_over = 0;  ///< changes that this build does not know or keep
  std::int64_t taken = 0;        ///< changes, in this run; with those passed over
  bool up_to_date = false;       ///< both feeds came to their end in this run, and what they brought is taken
  std::optional<std::chrono::milliseconds> clock_off{};  ///< the cloud's time less this terminal's, when last compared
  std::map<std::string, std::int64_t, std::less<>> faults{};  ///< in this run: by `hal::HttpFault` or problem
};

/// Brings the journal to the cloud, each record exactly once, and the cloud's news into journal and cache.
///
/// What it must not forget lies in the journal (records.hpp), so it may be killed at any moment: what was under way is
/// asked again, and what is known changes nothing the second time. Commits are its own, from the loop; it begins none
/// inside of another's.
class Sync {
 public:
  Sync(const SyncParts& parts, SyncSettings settings);
  ~Sync();
  Sync(const Sync&) = delete;
  Sync& operator=(const Sync&) = delete;

  /// Begins. Fails as `journal::Tables` does; then nothing runs.
  [[nodiscard]] core::Result<> start();

  /// The journal has grown. Without it, that is seen a little later.
  void wake();
  /// The network came or went.
  void network_changed();
  /// A request of payment's is under way, or none is any more: sync begins none meanwhile.
  void set_payment_busy(bool busy);
  /// Everything that waits is tried at once.
  void sync_now();
  /// The cloud answered within `kAnswerCounts`, and since the network went offline, where it says that it did.
  [[nodiscard]] bool has_answered() const;

  /// A person decided that uploading goes on: verified the journal, or gave this device the right to it.
  /// - FailedPrecondition: it is not stopped, or as `Journal::commit`. - InvalidArgument: nobody.
  [[nodiscard]] core::Result<> resume_upload(const journal::Operator& by);

  [[nodiscard]] core::Result<SyncStatus> status() const;

 private:
  struct Page {
    cloud::News news;
    std::size_t next = 0;
    core::WallReading as_of;
  };
  struct FeedState {
    std::optional<std::string> ahead;  // of pages that brought nothing, and so are not written down
    bool begin_anew = false;           // the cloud does not know the cursor
  };
  struct Sent {
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool full = false;
  };

  void run();
  [[nodiscard]] Facts facts();
  void perform(const NextStep& step);
  void set_timer(core::MonotonicTime until);

  void ask_time();
  void time_answered(core::MonotonicTime asked, const core::Bytes& nonce, const cloud::LinkResult& result);
  [[nodiscard]] core::Result<> learn_time(core::MonotonicTime asked, core::ByteView nonce,
                                          const cloud::Session& session);

  void upload(const NextStep& step);
  [[nodiscard]] core::Result<> sign_head();
  void upload_answered(const Sent& sent, const cloud::LinkResult& result);
  void upload_refused(const core::Error& error, const cloud::Reply& reply);
  [[nodiscard]] core::Result<> acknowledge(const cloud::UploadAnswer& answer);
  [[nodiscard]] core::Result<> park(const std::vector<cloud::RefusedRecord>& refused);
  void stop_upload(StopWhy why);

  void poll(const NextStep& step);
  void page_arrived(cloud::Feed feed, const std::string& cursor, core::MonotonicTime asked,
                    const cloud::LinkResult& result);
  [[nodiscard]] core::Result<cloud::News> check_page(cloud::Feed feed, std::string_view cursor,
                                                     const cloud::SignedPage& page) const;
  void take_part();
  [[nodiscard]] core::Result<> take_decisions(std::size_t end);
  [[nodiscard]] core::Result<std::size_t> take_copies();
  void page_taken();
  void page_dropped(std::string_view why);
  [[nodiscard]] core::Result<std::string> cursor(cloud::Feed feed) const;

  void send_health();
  void renew();
  void give_back();

  /// Makes of `then(result)` what the link calls, unless this object is gone by then.
  template <class Then>
  cloud::LinkDone while_alive(Then then);
  [[nodiscard]] std::uint16_t chance();
  void failed(Backoff& backoff, const cloud::LinkFailure& failure);
  void failed(Backoff& backoff, std::string_view what, std::chrono::milliseconds at_least = {});
  /// Counts an answer other than the one that was hoped for.
  void refused(Backoff& backoff, const cloud::Reply& reply);
  void link_answered();
  [[nodiscard]] FeedState& state_of(cloud::Feed feed);
  [[nodiscard]] const FeedState& state_of(cloud::Feed feed) const;
  [[nodiscard]] Backoff& backoff_of(cloud::Feed feed);
  [[nodiscard]] bool verified(std::string_view key, std::string_view message, core::ByteView signature) const;

  SyncParts parts_;
  SyncSettings settings_;
  std::shared_ptr<int> alive_;  // answers and timers of an object that is gone find it expired
  hal::TimerId timer_;
  bool started_ = false;
  bool running_ = false;
  bool payment_busy_ = false;
  std::optional<core::MonotonicTime> tried_;
  std::optional<core::MonotonicTime> answered_;

  std::optional<journal::SignedHead> head_;  // of this round
  BatchSize batch_;
  std::int64_t sent_ = 0;
  std::optional<core::MonotonicTime> first_seen_;
  bool upload_under_way_ = false;
  std::optional<StopWhy> stopped_;

  std::optional<Page> page_;
  bool news_under_way_ = false;
  bool decisions_more_ = false;
  bool copies_more_ = false;
  std::array<FeedState, cloud::kFeeds> feeds_{};
  core::MonotonicTime decisions_due_{};
  std::vector<cloud::CloudKey> settings_keys_;

  bool other_under_way_ = false;
  std::optional<core::MonotonicTime> copies_asked_;
  std::optional<core::MonotonicTime> clock_asked_;
  std::optional<core::MonotonicTime> health_sent_;
  std::optional<core::MonotonicTime> recalls_due_;

  Backoff upload_;
  Backoff decisions_;
  Backoff copies_;
  Backoff clock_;
  Backoff renew_;
  Backoff health_;

  SyncStatus seen_;  // what is of this run only
  std::map<std::string, std::int64_t, std::less<>> unreported_;
};

}  // namespace tillkit::sync
