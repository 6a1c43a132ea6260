// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tillkit/cloud/link.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/sync/sync.hpp"
#include "tillkit/terminal/copies.hpp"
#include "tillkit/terminal/device_profile.hpp"

namespace tillkit::terminal {

/// All must outlive it. The link's HTTP client offers the profile's certificate.
struct StatePullParts {
  journal::Journal& journal;  ///< which runs
  journal::Cache& cache;
  const cloud::Link& link;
  hal::Clock& clock;
  hal::Scheduler& scheduler;
  hal::Random& random;
  hal::NetworkStatus& network;
};

/// How far it is.
struct PullStatus {
  enum class State : std::uint8_t {
    UnderWay = 0,
    Done = 1,     ///< all that the cloud has is here, and the cloud has all that the journal has
    Stopped = 2,  ///< the same, but the cloud takes nothing from this journal until a person decides
    Stuck = 3,    ///< the cloud does not answer, or not as it should; what is here stays
  };
  State state = State::UnderWay;
  std::int64_t taken = 0;    ///< changes that came, in this run
  std::int64_t refused = 0;  ///< of them, that could not be taken here
  std::int64_t unsent = 0;   ///< records that the cloud does not have
  std::string fault{};       ///< what went wrong last, as `SyncStatus::faults` names it; empty: nothing
  std::optional<sync::StopWhy> stopped{};
};

/// Gives up behind so many faults in a row, between which nothing came.
inline constexpr std::int64_t kPullFaultsMax = 4;
/// Gives up where for so long nothing came.
inline constexpr std::chrono::seconds kPullPatience{60};

/// Brings a terminal that does not sell up to date: the cloud's news down, from the cursors where they are, and the
/// journal up. As `Terminal` does it, in the same steps: it may end at any moment, and whoever comes next goes on.
///
/// What a sale would have to agree to (to give a refund to another terminal) waits until the terminal runs.
class StatePull final : private sync::SyncHost {
 public:
  StatePull(const StatePullParts& parts, const DeviceProfile& profile);

  /// Begins; the loop does the rest. Fails as `sync::Sync::start`.
  [[nodiscard]] core::Result<> start();
  /// Ask again each time that the loop has turned. Fails as `sync::Sync::status`.
  [[nodiscard]] core::Result<PullStatus> look();

 private:
  [[nodiscard]] sync::Cession may_cede(journal::SaleId /*sale*/) override { return sync::Cession::NotNow; }
  void settings_changed(const cloud::Settings& /*settings*/) override {}
  void decisions_taken() override {}
  void copies_taken() override {}
  void upload_stopped(sync::StopWhy /*why*/) override {}
  [[nodiscard]] std::optional<cloud::HealthReport> health() override { return std::nullopt; }
  [[nodiscard]] std::optional<core::WallTime> renew_at() override { return std::nullopt; }
  [[nodiscard]] core::Result<std::string> certificate_request() override;
  [[nodiscard]] core::Result<> renewed(const cloud::Credentials& credentials) override;

  const hal::Clock& clock_;
  CopyKeeper copies_;
  sync::Sync sync_;
  core::MonotonicTime moved_at_{};  // when something came or went last
  std::int64_t taken_ = 0;
  std::int64_t unsent_ = 0;
  std::int64_t faults_then_ = 0;  // how much had gone wrong when something came or went last
  std::int64_t faults_ = 0;
  std::string fault_;
  std::map<std::string, std::int64_t, std::less<>> faults_seen_;
};

}  // namespace tillkit::terminal
