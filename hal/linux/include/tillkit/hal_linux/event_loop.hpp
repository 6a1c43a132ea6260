// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::hal_linux {

/// So many descriptors may be watched at once; one more is `Exhausted`. Name servers and HTTP connections take the
/// most.
inline constexpr std::size_t kWatchesMax = 256;

/// What a watch waits for, and what it was woken for.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool failed = false;  ///< only reported: error or hang-up; read to learn which
};

/// The one loop of a Linux board: timers and file descriptors, nothing blocks.
///
/// Timers keep the contract of `hal::Scheduler`. Watches are level-triggered; in one turn they come
/// before the timers, so that an answer that is here wins over the time-out that a long commit made due. A callback may
/// add and remove any watch, its own included, but not turn the loop. One thread only.
class EventLoop final : public hal::Scheduler {
 public:
  using Callback = std::move_only_function<void(Readiness)>;

  /// `clock` must outlive the loop; its monotonic time is what the timers go by.
  /// - Exhausted: no file descriptor or kernel memory is left.
  [[nodiscard]] static core::Result<std::unique_ptr<EventLoop>> create(const hal::Clock& clock);
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Calls `callback` while `descriptor` is ready for `interest` (readable, writable or both). A second call for the
  /// same descriptor replaces interest and callback. The descriptor stays its owner's; unwatch before closing it.
  /// `failed` comes unasked, and again each turn until the descriptor is read or unwatched.
  /// - InvalidArgument: no interest, no callback, or no such descriptor.
  /// - Unsupported: a file that is always ready and cannot be watched.
  /// - Exhausted: `kWatchesMax`, or the system's own limit.
  [[nodiscard]] core::Result<> watch(int descriptor, Readiness interest, Callback callback);
  void unwatch(int descriptor);

  /// Runs `task` at the next turn, before its timers. For drivers that owe a completion: it never fails and is no
  /// timer; each driver bounds what it owes.
  void post(hal::Task task);

  /// Waits at most `at_most` for a timer or a descriptor and runs what is due: one turn. False: nothing was due.
  /// A signal ends the wait early.
  bool turn(std::chrono::milliseconds at_most);

  /// Turns until `stop` is called from a callback; the turn that calls it is finished.
  void run();
  void stop();

 private:
  class Impl;
  explicit EventLoop(std::unique_ptr<Impl> impl);
  [[nodiscard]] core::MonotonicTime do_now() const override;
  [[nodiscard]] core::Result<hal::TimerId> do_call_at(core::MonotonicTime due, hal::Task task) override;
  bool do_cancel(hal::TimerId timer) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
