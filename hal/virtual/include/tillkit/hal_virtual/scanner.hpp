// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A scanner, and the hand that holds codes before it.
class VirtualScanner final : public hal::Scanner, private Part {
 public:
  explicit VirtualScanner(World& world) : Part(world) {}

  /// Somebody holds a code before it, now. Delivered at the next turn if the scanner may read.
  void present(std::string text);
  /// The same, and the line between scanner and terminal garbles it.
  void present_garbled();
  void unplug();
  void plug() { plugged_ = true; }
  [[nodiscard]] bool plugged() const { return plugged_; }

  [[nodiscard]] bool enabled() const { return enabled_; }
  /// So many codes were held before it while it was disabled, unplugged or without power, or nobody listened.
  [[nodiscard]] std::uint64_t unread() const { return unread_; }

  /// Counts and fails calls of `enable`.
  FaultPlan& faults() { return faults_; }

 private:
  void do_listen(hal::ScanListener listener) override;
  [[nodiscard]] core::Result<> do_enable() override;
  void do_disable() override;
  void power_lost() override;

  void deliver_later(hal::ScanEvent event);

  FaultPlan faults_;
  hal::driver::ListenerSlot<hal::ScanEvent> listener_;
  bool plugged_ = true;
  bool enabled_ = false;
  std::uint64_t enabled_count_ = 0;  // a scan belongs to the time it was enabled for
  std::uint64_t unread_ = 0;
};

}  // namespace tillkit::hal_virtual
