// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// Shorter, a slow flash commit would look like a hang; longer, a shopper would have walked away.
inline constexpr std::chrono::milliseconds kWatchdogTimeoutMin{1'000};
inline constexpr std::chrono::milliseconds kWatchdogTimeoutMax{60'000};

/// Resets the board when nobody feeds it: the way out of a hang.
///
/// A driver MUST use hardware that goes on when the processor hangs, and MUST NOT feed it by itself. Once started it
/// cannot be stopped, not by the end of the program either. A reset is a power cut to everything volatile.
class Watchdog {
 public:
  virtual ~Watchdog() = default;

  /// Starts it: unfed for `timeout` (`kWatchdogTimeoutMin` to `kWatchdogTimeoutMax`; hardware rounds up) it resets the
  /// board.
  /// - InvalidArgument: `timeout`. It is not running.
  /// - FailedPrecondition: it is running already, with its first time-out.
  /// - Unsupported: there is none, or it cannot wait so long. It is not running.
  /// - Unavailable: somebody else holds it. It is not running for us.
  [[nodiscard]] core::Result<> start(std::chrono::milliseconds timeout) {
    if (timeout < kWatchdogTimeoutMin || timeout > kWatchdogTimeoutMax) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    return do_start(timeout);
  }

  /// Gives it another `timeout`. Feed it where the loop proves that it still works, never from a timer of its own.
  /// - FailedPrecondition: it is not running.
  /// - Unavailable: the hardware did not take it. The board may be reset: that is what it is for.
  [[nodiscard]] core::Result<> feed() { return do_feed(); }

  /// True if the watchdog caused the reset that began this boot. The same answer for the whole boot.
  [[nodiscard]] bool caused_last_reset() const { return do_caused_last_reset(); }

 private:
  [[nodiscard]] virtual core::Result<> do_start(std::chrono::milliseconds timeout) = 0;
  [[nodiscard]] virtual core::Result<> do_feed() = 0;
  [[nodiscard]] virtual bool do_caused_last_reset() const = 0;
};

}  // namespace tillkit::hal
