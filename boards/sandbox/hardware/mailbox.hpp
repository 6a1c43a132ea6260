// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <sys/eventfd.h>

#include "sockets.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::sandbox {

/// How other threads give the one loop something to do.
class Mailbox {
 public:
  using Task = std::move_only_function<void()>;

  /// The loop must outlive it.
  explicit Mailbox(hal_linux::EventLoop& loop) : loop_(loop), bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Mailbox() {
    if (bell_) loop_.unwatch(bell_.get());
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// - Exhausted: the system has no descriptor left.
  [[nodiscard]] core::Result<> open() {
    if (!bell_) return core::fail(core::ErrorCode::Exhausted);
    return loop_.watch(bell_.get(), {.readable = true}, [this](hal_linux::Readiness) { empty(); });
  }

  /// From any thread: `task` runs in the loop, in the order of the calls.
  void put(Task task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    const std::uint64_t one = 1;
    // A bell that rings already is enough.
    static_cast<void>(!::write(bell_.get(), &one, sizeof one));
  }

 private:
  void empty() {
    std::uint64_t rung = 0;
    static_cast<void>(!::read(bell_.get(), &rung, sizeof rung));
    std::deque<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks = std::exchange(tasks_, {});
    }
    for (Task& task : tasks)
      task();
  }

  hal_linux::EventLoop& loop_;
  OwnedDescriptor bell_;
  std::mutex mutex_;
  std::deque<Task> tasks_;
};

}  // namespace tillkit::sandbox
