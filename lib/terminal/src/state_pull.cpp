// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/state_pull.hpp"

#include <utility>

namespace tillkit::terminal {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

/// Nobody waits for what may come; what is there is asked for at once.
sync::Pace pace() {
  return {.gather = std::chrono::milliseconds{0}, .decisions_wait = std::chrono::seconds{0}};
}

}  // namespace

StatePull::StatePull(const StatePullParts& parts, const DeviceProfile& profile)
    : clock_(parts.clock),
      copies_(profile.enrolment.currency),
      sync_({.journal = parts.journal,
             .cache = &parts.cache,
             .link = parts.link,
             .clock = parts.clock,
             .scheduler = parts.scheduler,
             .random = parts.random,
             .network = parts.network,
             .host = *this,
             .copies = &copies_},
            {.terminal = profile.enrolment.terminal, .keys = profile.enrolment.credentials.keys, .pace = pace()}) {}

Result<> StatePull::start() {
  moved_at_ = clock_.monotonic();
  return sync_.start();
}

Result<PullStatus> StatePull::look() {
  TILLKIT_TRY(const sync::SyncStatus now, sync_.status());
  for (const auto& [what, times] : now.faults) {
    std::int64_t& seen = faults_seen_[what];
    if (times == seen) continue;
    faults_ += times - seen;
    seen = times;
    fault_ = what;
  }
  if (now.taken != taken_ || now.backlog != unsent_) {
    taken_ = now.taken;
    unsent_ = now.backlog;
    moved_at_ = clock_.monotonic();
    faults_then_ = faults_;
  }
  PullStatus status{.taken = now.taken,
                    .refused = now.passed_over + now.refused_decisions,
                    .unsent = now.backlog,
                    .fault = fault_,
                    .stopped = now.stopped};
  const bool all_sent = now.backlog == 0 || now.stopped;
  if (now.up_to_date && all_sent) {
    status.state = now.stopped ? PullStatus::State::Stopped : PullStatus::State::Done;
  } else if (faults_ - faults_then_ >= kPullFaultsMax || clock_.monotonic() - moved_at_ >= kPullPatience) {
    status.state = PullStatus::State::Stuck;
  }
  return status;
}

// Certificates are a running terminal's business.
Result<std::string> StatePull::certificate_request() {
  return fail(ErrorCode::Unsupported);
}
Result<> StatePull::renewed(const cloud::Credentials& /*credentials*/) {
  return fail(ErrorCode::Unsupported);
}

}  // namespace tillkit::terminal
