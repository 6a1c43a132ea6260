// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/watchdog.hpp"

namespace tillkit::hal_virtual {

core::Result<> VirtualWatchdog::do_start(std::chrono::milliseconds timeout) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  if (timeout_) return core::fail(core::ErrorCode::FailedPrecondition);
  timeout_ = timeout;
  wind_up();
  return {};
}

core::Result<> VirtualWatchdog::do_feed() {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  if (!timeout_) return core::fail(core::ErrorCode::FailedPrecondition);
  world().cancel_in_device(bite_);
  wind_up();
  return {};
}

void VirtualWatchdog::wind_up() {
  bite_ = world().in_device(*timeout_, [this] { world().power().reset(ResetCause::Watchdog); });
}

void VirtualWatchdog::power_lost() {
  timeout_.reset();
}

void VirtualWatchdog::power_returned(Battery, ResetCause cause) {
  caused_last_reset_ = cause == ResetCause::Watchdog;
}

}  // namespace tillkit::hal_virtual
