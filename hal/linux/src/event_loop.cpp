// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "descriptor.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/hal/driver/timer_queue.hpp"

namespace tillkit::hal_linux {
namespace {

constexpr std::size_t kEventsPerTurn = 64;
constexpr std::uint64_t kTimerSerial = 0;

core::ErrorCode code_of_epoll_error(int error) {
  switch (error) {
    case EPERM: return core::ErrorCode::Unsupported;
    case ENOMEM:
    case ENOSPC: return core::ErrorCode::Exhausted;
    default: return core::ErrorCode::InvalidArgument;
  }
}

/// Tells epoll what `descriptor` is watched for, whether it knew it before or not: a descriptor that was closed and
/// opened again under the same number is forgotten by the kernel but not by its owner.
core::Result<> control(int epoll, int descriptor, std::uint32_t events, std::uint64_t serial) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = serial;
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return {};
  if (errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return core::fail(code_of_epoll_error(errno), core::ErrorSource::System, errno);
}

int timeout_of(std::chrono::milliseconds at_most) {
  return static_cast<int>(std::clamp<std::int64_t>(at_most.count(), 0, INT_MAX));
}

}  // namespace

class EventLoop::Impl {
 public:
  Impl(const hal::Clock& clock, Descriptor epoll, Descriptor timer)
      : clock_(clock), epoll_(std::move(epoll)), timer_(std::move(timer)) {}

  [[nodiscard]] core::Result<> watch(int descriptor, Readiness interest, Callback callback);
  void unwatch(int descriptor);
  bool turn(std::chrono::milliseconds at_most);
  void run();
  void stop() { stopped_ = true; }
  void post(hal::Task task) { posted_.push_back(std::move(task)); }

  const hal::Clock& clock() const { return clock_; }
  hal::driver::TimerQueue& timers() { return timers_; }

 private:
  struct Watch {
    int descriptor = -1;
    Callback callback;
  };

  /// Says how long epoll may wait at most, and arms the timer for what is due before that.
  [[nodiscard]] int prepare_wait(std::chrono::milliseconds at_most);
  void run_watch(std::uint64_t serial, std::uint32_t events);
  void timer_rang();

  const hal::Clock& clock_;
  Descriptor epoll_;
  Descriptor timer_;
  std::optional<core::MonotonicTime> armed_for_;
  hal::driver::TimerQueue timers_;
  std::vector<hal::Task> posted_;
  // Events name a watch by a serial number, not by its descriptor: an event that was fetched before its watch was
  // removed must not reach the next one that gets the same descriptor.
  std::unordered_map<int, std::uint64_t> serial_of_;
  std::unordered_map<std::uint64_t, Watch> watches_;
  std::uint64_t last_serial_ = kTimerSerial;
  bool turning_ = false;
  bool stopped_ = false;
};

core::Result<> EventLoop::Impl::watch(int descriptor, Readiness interest, Callback callback) {
  if (!callback || (!interest.readable && !interest.writable)) return core::fail(core::ErrorCode::InvalidArgument);
  const auto before = serial_of_.find(descriptor);
  if (before == serial_of_.end() && watches_.size() >= kWatchesMax) return core::fail(core::ErrorCode::Exhausted);

  const std::uint32_t events =
      (interest.readable ? std::uint32_t{EPOLLIN} : 0U) | (interest.writable ? std::uint32_t{EPOLLOUT} : 0U);
  const auto serial = ++last_serial_;
  TILLKIT_TRY_VOID(control(epoll_.get(), descriptor, events, serial));

  // The old callback may own whoever calls this: it dies last.
  const auto replaced = before == serial_of_.end() ? decltype(watches_)::node_type{} : watches_.extract(before->second);
  serial_of_[descriptor] = serial;
  watches_.emplace(serial, Watch{descriptor, std::move(callback)});
  return {};
}

void EventLoop::Impl::unwatch(int descriptor) {
  const auto found = serial_of_.find(descriptor);
  if (found == serial_of_.end()) return;
  const auto dropped = watches_.extract(found->second);
  serial_of_.erase(found);
  // A descriptor that its owner has closed already is gone from epoll, too: that failure says nothing new.
  static_cast<void>(epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr));
}

int EventLoop::Impl::prepare_wait(std::chrono::milliseconds at_most) {
  if (!posted_.empty()) return 0;
  const auto due = timers_.next_due();
  const auto now = clock_.monotonic();
  if (due && *due <= now) return 0;
  if (due == armed_for_) return timeout_of(at_most);

  itimerspec alarm{};  // all zero disarms it
  if (due) {
    const auto wait = *due - now;
    const auto whole = std::chrono::floor<std::chrono::seconds>(wait);
    alarm.it_value.tv_sec = static_cast<time_t>(whole.count());
    alarm.it_value.tv_nsec =
        static_cast<decltype(alarm.it_value.tv_nsec)>(std::chrono::nanoseconds(wait - whole).count());
  }
  TILLKIT_ASSERT(timerfd_settime(timer_.get(), 0, &alarm, nullptr) == 0);
  armed_for_ = due;
  return timeout_of(at_most);
}

void EventLoop::Impl::timer_rang() {
  std::uint64_t times = 0;
  // It never blocks; if it has been set anew since it rang there is nothing to read.
  static_cast<void>(::read(timer_.get(), &times, sizeof times));
  armed_for_.reset();  // should the loop's clock be behind the kernel's timer, it is armed again for the rest
}

void EventLoop::Impl::run_watch(std::uint64_t serial, std::uint32_t events) {
  const auto found = watches_.find(serial);
  if (found == watches_.end()) return;  // removed by a callback of this turn

  auto callback = std::move(found->second.callback);
  callback({.readable = (events & EPOLLIN) != 0,
            .writable = (events & EPOLLOUT) != 0,
            .failed = (events & (EPOLLERR | EPOLLHUP)) != 0});
  if (const auto still = watches_.find(serial); still != watches_.end()) still->second.callback = std::move(callback);
}

bool EventLoop::Impl::turn(std::chrono::milliseconds at_most) {
  TILLKIT_ASSERT(!turning_);
  turning_ = true;
  const auto newest = timers_.newest();
  const int wait_ms = prepare_wait(at_most);
  auto posted = std::exchange(posted_, {});

  std::array<epoll_event, kEventsPerTurn> events;
  const int ready = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms);
  TILLKIT_ASSERT(ready >= 0 || errno == EINTR);

  bool ran = !posted.empty();
  for (auto& task : posted)
    task();
  for (const auto& event : std::span(events).first(static_cast<std::size_t>(std::max(ready, 0)))) {
    if (event.data.u64 == kTimerSerial) {
      timer_rang();
    } else {
      run_watch(event.data.u64, event.events);
      ran = true;
    }
  }
  const auto now = clock_.monotonic();
  while (auto task = timers_.take_due(now, newest)) {
    task();
    ran = true;
  }
  turning_ = false;
  return ran;
}

void EventLoop::Impl::run() {
  stopped_ = false;
  while (!stopped_)
    turn(std::chrono::milliseconds{INT_MAX});
}

core::Result<std::unique_ptr<EventLoop>> EventLoop::create(const hal::Clock& clock) {
  Descriptor epoll{epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll) return core::fail(core::ErrorCode::Exhausted, core::ErrorSource::System, errno);
  Descriptor timer{timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
  if (!timer) return core::fail(core::ErrorCode::Exhausted, core::ErrorSource::System, errno);
  TILLKIT_TRY_VOID(control(epoll.get(), timer.get(), EPOLLIN, kTimerSerial));
  return std::unique_ptr<EventLoop>(new EventLoop(std::make_unique<Impl>(clock, std::move(epoll), std::move(timer))));
}

EventLoop::EventLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLoop::~EventLoop() = default;

core::Result<> EventLoop::watch(int descriptor, Readiness interest, Callback callback) {
  return impl_->watch(descriptor, interest, std::move(callback));
}
void EventLoop::unwatch(int descriptor) {
  impl_->unwatch(descriptor);
}
void EventLoop::post(hal::Task task) {
  impl_->post(std::move(task));
}
bool EventLoop::turn(std::chrono::milliseconds at_most) {
  return impl_->turn(at_most);
}
void EventLoop::run() {
  impl_->run();
}
void EventLoop::stop() {
  impl_->stop();
}

core::MonotonicTime EventLoop::do_now() const {
  return impl_->clock().monotonic();
}
core::Result<hal::TimerId> EventLoop::do_call_at(core::MonotonicTime due, hal::Task task) {
  return impl_->timers().add(due, std::move(task));
}
bool EventLoop::do_cancel(hal::TimerId timer) {
  return impl_->timers().cancel(timer);
}

}  // namespace tillkit::hal_linux
