// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/serial_port.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// The fastest that the virtual line can do.
inline constexpr std::uint32_t kVirtualBaudMax = 4'000'000;

/// A serial port, its line, and the far end of it. Bytes take the time that their settings need.
class VirtualSerialPort final : public hal::SerialPort, private Part {
 public:
  explicit VirtualSerialPort(World& world) : Part(world) {}

  /// The far end sends. Nobody has the line open: the bytes are gone.
  void far_send(core::Bytes bytes);
  /// All that ever came out at the far end. Stays through power cuts.
  [[nodiscard]] const core::Bytes& far_received() const { return far_received_; }

  /// The line, or the adapter that makes it, is pulled out.
  void unplug();
  void plug() { plugged_ = true; }
  /// The receiver overruns: bytes are lost here.
  void lose_bytes();
  /// The line takes no bytes until it is released.
  void hold() { held_ = true; }
  void release();

  [[nodiscard]] bool is_open() const { return open_; }

  /// Counts and fails calls of `open` and `write`. A planned `Timeout` of `write` sends all of it.
  FaultPlan& faults() { return faults_; }

 private:
  struct Write {
    core::Bytes bytes;
    std::size_t sent = 0;
    bool answer_lost = false;
    core::Completion<> done;
  };

  void do_listen(hal::SerialListener listener) override;
  [[nodiscard]] core::Result<> do_open(const hal::SerialSettings& settings) override;
  void do_close() override;
  [[nodiscard]] core::Result<> do_write(core::Bytes bytes, core::Completion<> done) override;
  void power_lost() override;

  void receive_later(core::Bytes bytes, bool lost);
  void send_later();
  void send_some();
  void end_writes(core::ErrorCode untouched);
  void shut();
  [[nodiscard]] World::Duration time_for(std::size_t bytes) const;

  FaultPlan faults_;
  hal::driver::ListenerSlot<hal::SerialEvent> listener_;
  hal::SerialSettings settings_;
  bool plugged_ = true;
  bool open_ = false;
  bool held_ = false;
  bool sending_ = false;
  std::uint64_t opened_count_ = 0;  // what was on its way belongs to the opening it was sent in
  std::deque<Write> writes_;
  std::size_t queued_bytes_ = 0;
  core::Bytes far_received_;
};

}  // namespace tillkit::hal_virtual
