// SPDX-License-Identifier: Apache-2.0
#include "start_again.hpp"

#include "tillkit/journal/failed_starts.hpp"

namespace tillkit::vending {

using core::ErrorCode;
using journal::FailedStarts;
using journal::kFailedStartsMax;

StartAgain::StartAgain(hal::Clock& clock, hal::KeyStore& store, Log& log)
    : clock_(clock),
      store_(store),
      log_(log),
      begun_(clock.monotonic()),
      // Where nobody can count, nothing would bound the loop.
      failed_before_(FailedStarts(store).count().value_or(kFailedStartsMax)) {}

bool StartAgain::is_due(terminal::Terminal& terminal) {
  if (stays_ || !helps(terminal)) return false;
  const auto now = clock_.monotonic();
  if (!due_) {
    std::chrono::seconds shown = kStoppedShown;
    for (std::uint32_t i = 0; i < failed_before_; ++i)
      shown *= 10;
    due_ = now + shown;
    // Now, and not when the program ends: somebody may end it before.
    if (!count((now - begun_ >= kWorkingRun ? 0 : failed_before_) + 1)) {
      stays_ = true;
      log_.note("this start cannot be counted as failed: somebody must start the program again");
      return false;
    }
    log_.note("storage failed; in " + std::to_string(shown.count()) + " s the program ends, to be started again");
  }
  return now >= *due_;
}

bool StartAgain::helps(terminal::Terminal& terminal) const {
  if (!terminal.stopped() || failed_before_ >= kFailedStartsMax) return false;
  if (terminal.journal() != nullptr && terminal.journal()->state() == journal::State::Failed) return true;
  const auto trouble = terminal.trouble();
  return trouble && (trouble->code == ErrorCode::Timeout || trouble->code == ErrorCode::Unavailable);
}

/// The next start finds as many failed ones as there were before this run, and this one. A terminal that came up has
/// set the count to 0 meanwhile.
core::Result<> StartAgain::count(std::uint32_t failed) {
  FailedStarts starts(store_);
  TILLKIT_TRY(std::uint32_t counted, starts.count());
  for (; counted < failed; ++counted)
    TILLKIT_TRY_VOID(starts.begin());
  return {};
}

}  // namespace tillkit::vending
