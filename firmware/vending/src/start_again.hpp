// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "machine.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillkit::vending {

/// That the machine is out of service can be read so long before the program ends; each time that the start before
/// failed too, ten times as long, so that storage which comes back after minutes finds starts that are left.
inline constexpr std::chrono::seconds kStoppedShown{10};
/// A run that ends sooner did not get to work: it counts as one more start that failed.
inline constexpr std::chrono::minutes kWorkingRun{10};

/// Says when the program must end so that whoever supervises it starts it again into recovery: storage failed under the
/// journal, and only a new start can see what is durable. Nobody stands beside a vending machine to do it.
///
/// It is not for storage that is full, nor for a journal that needs a person. Starts are counted where the journal
/// counts those that failed: storage that fails again and again ends in safe mode, not in a loop.
class StartAgain {
 public:
  /// Before the terminal is opened, which counts this start. `clock`, `store` and `log` must outlive it.
  StartAgain(hal::Clock& clock, hal::KeyStore& store, Log& log);

  /// True: end now, with a failure; what is open is settled by the next start. Call it at each turn of the loop.
  [[nodiscard]] bool is_due(terminal::Terminal& terminal);

 private:
  [[nodiscard]] bool helps(terminal::Terminal& terminal) const;
  [[nodiscard]] core::Result<> count(std::uint32_t failed);

  hal::Clock& clock_;
  hal::KeyStore& store_;
  Log& log_;
  core::MonotonicTime begun_;
  std::uint32_t failed_before_;  // starts in a row
  std::optional<core::MonotonicTime> due_{};
  bool stays_ = false;
};

}  // namespace tillkit::vending
