// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/scanner.hpp"

#include <utility>

#include "tillkit/core/bytes.hpp"

namespace tillkit::hal_virtual {

void VirtualScanner::present(std::string text) {
  if (text.empty()) return;
  if (text.size() <= hal::kScanBytesMax) return deliver_later(std::move(text));
  core::wipe(text);
  deliver_later(std::unexpected(hal::ScanFault::TooLong));
}

void VirtualScanner::present_garbled() {
  deliver_later(std::unexpected(hal::ScanFault::Garbled));
}

void VirtualScanner::unplug() {
  if (!plugged_) return;
  deliver_later(std::unexpected(hal::ScanFault::Disconnected));
  plugged_ = false;
}

void VirtualScanner::deliver_later(hal::ScanEvent event) {
  if (!has_power() || !plugged_ || !enabled_) {
    ++unread_;
    if (event) core::wipe(*event);
    return;
  }
  world().in_device({}, [this, event = std::move(event), enabled_count = enabled_count_]() mutable {
    if (enabled_ && enabled_count == enabled_count_ && listener_.listening()) {
      listener_.tell(std::move(event));
      return;
    }
    ++unread_;
    if (event) core::wipe(*event);
  });
}

void VirtualScanner::do_listen(hal::ScanListener listener) {
  if (has_power()) listener_.set(std::move(listener));
}

core::Result<> VirtualScanner::do_enable() {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  if (!plugged_) return core::fail(core::ErrorCode::Unavailable);
  if (!enabled_) ++enabled_count_;
  enabled_ = true;
  return {};
}

void VirtualScanner::do_disable() {
  enabled_ = false;
}

void VirtualScanner::power_lost() {
  enabled_ = false;
  listener_.set({});
}

}  // namespace tillkit::hal_virtual
