// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "sockets.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::sandbox {

/// After the firmware has ended by itself it is started again so much later, as a watchdog would.
inline constexpr std::chrono::milliseconds kRestartPause{2'000};

/// The firmware as a process: started, killed as by a power cut, and started again. It ends with this program.
class Firmware {
 public:
  /// `command` is the program and its arguments; empty: somebody else starts it. The loop must outlive it.
  Firmware(hal_linux::EventLoop& loop, std::vector<std::string> command);
  ~Firmware();
  Firmware(const Firmware&) = delete;
  Firmware& operator=(const Firmware&) = delete;

  /// Called when it has ended by itself.
  void on_end(std::function<void()> told) { told_ = std::move(told); }

  /// Starts it; runs already: nothing.
  /// - Unavailable: the system gives no process.
  [[nodiscard]] core::Result<> start();
  /// Ends it at once, as the power does, and returns when it is gone.
  void kill();

  [[nodiscard]] bool is_managed() const { return !command_.empty(); }
  [[nodiscard]] bool is_running() const { return process_ > 0; }
  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] std::uint32_t starts() const { return starts_; }

 private:
  void ended();
  void reap();

  hal_linux::EventLoop& loop_;
  const std::vector<std::string> command_;
  std::function<void()> told_;
  pid_t process_ = -1;
  OwnedDescriptor process_end_;  // readable when the process has ended
  hal::TimerId restart_;
  std::uint32_t starts_ = 0;
};

}  // namespace tillkit::sandbox
