// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/display_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "descriptor.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/driver/press_lines.hpp"
#include "unix_door.hpp"

namespace tillkit::hal_linux {
namespace {

/// So long nobody is let in after the system had no descriptor for a program.
constexpr std::chrono::seconds kPauseWithoutDescriptors{1};

bool is_for_later(int error) {
  return error == EAGAIN || error == EINTR;
}

mode_t mode_of(DisplayDoor door) {
  constexpr mode_t kOwner = S_IRUSR | S_IWUSR;
  return door == DisplayDoor::Group ? kOwner | S_IRGRP | S_IWGRP : kOwner;
}

}  // namespace

class DisplaySocket::Impl {
 public:
  Impl(EventLoop& loop, std::string path, DisplayDoor door)
      : loop_(loop), path_(std::move(path)), mode_(mode_of(door)) {}
  ~Impl() {
    loop_.cancel(pause_);
    for (const auto& [number, viewer] : viewers_)
      loop_.unwatch(viewer.socket.get());
    if (!door_) return;
    loop_.unwatch(door_.get());
    // Before the door is closed: so it is ours, and not that of who found it closed and took its place.
    static_cast<void>(::unlink(path_.c_str()));
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] core::Result<> open();
  void show(std::string screen);
  void listen(hal::PressListener listener) { listener_.set(std::move(listener)); }

 private:
  using Number = std::uint64_t;

  struct Viewer {
    Descriptor socket;
    hal::driver::PressLines presses;
    std::string out;  // the line that it is being sent
    std::size_t sent = 0;
    std::uint64_t screen = 0;  // the newest of which it was sent something
  };

  [[nodiscard]] core::Result<> watch_door();
  void let_in();
  /// False: there is no place.
  [[nodiscard]] bool make_room();
  void ready(Number number, Readiness readiness);
  void receive(Number number);
  /// False: it is gone.
  bool send(Number number);
  void let_go(Number number);

  EventLoop& loop_;
  const std::string path_;
  const mode_t mode_;
  Descriptor door_;
  hal::TimerId pause_;
  hal::driver::ListenerSlot<std::string> listener_;
  std::string line_;  // the latest screen
  std::uint64_t screen_ = 0;
  std::map<Number, Viewer> viewers_;  // by numbers that are never given twice: a listener may let one go
  Number newest_ = 0;
};

core::Result<> DisplaySocket::Impl::open() {
  if (door_) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY(door_, listen_at(path_, mode_, static_cast<int>(kDisplaysMax)));
  const auto watched = watch_door();
  if (!watched) {
    static_cast<void>(::unlink(path_.c_str()));
    door_.reset();
  }
  return watched;
}

core::Result<> DisplaySocket::Impl::watch_door() {
  const auto watched = loop_.watch(door_.get(), {.readable = true}, [this](Readiness) { let_in(); });
  if (watched) return {};
  return core::fail(core::ErrorCode::Unavailable, watched.error().source, watched.error().foreign);
}

void DisplaySocket::Impl::let_in() {
  Descriptor socket{::accept4(door_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!socket) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS) return;
    // It still waits at the door and would wake the loop all the time.
    const auto pause = loop_.call_after(kPauseWithoutDescriptors, [this] { static_cast<void>(watch_door()); });
    if (!pause) return;
    pause_ = *pause;
    loop_.unwatch(door_.get());
    return;
  }
  if (viewers_.size() >= kDisplaysMax && !make_room()) return;
  const Number number = ++newest_;
  viewers_[number].socket = std::move(socket);
  static_cast<void>(send(number));
}

bool DisplaySocket::Impl::make_room() {
  // Who has not taken the screen of before does not look at it.
  const auto behind = std::ranges::find_if(viewers_, [](const auto& entry) { return !entry.second.out.empty(); });
  if (behind == viewers_.end()) return false;
  let_go(behind->first);
  return true;
}

void DisplaySocket::Impl::show(std::string screen) {
  // A line break in JSON is white space: in a text it would be written as `\n`.
  std::ranges::replace(screen, '\n', ' ');
  line_ = std::move(screen);
  line_ += '\n';
  ++screen_;
  for (auto next = viewers_.begin(); next != viewers_.end();) {
    const Number number = (next++)->first;  // it may be gone behind it
    static_cast<void>(send(number));
  }
}

void DisplaySocket::Impl::ready(Number number, Readiness readiness) {
  if (readiness.writable && !send(number)) return;
  if (readiness.readable || readiness.failed) receive(number);
}

/// Sends what it takes now, and waits for the rest.
bool DisplaySocket::Impl::send(Number number) {
  Viewer& viewer = viewers_.find(number)->second;
  for (;;) {
    if (viewer.out.empty() && viewer.screen != screen_) {
      viewer.out = line_;
      viewer.sent = 0;
      viewer.screen = screen_;
    }
    if (viewer.out.empty()) break;
    const auto size = ::send(viewer.socket.get(), viewer.out.data() + viewer.sent, viewer.out.size() - viewer.sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && is_for_later(errno)) break;
    if (size < 0) {
      let_go(number);
      return false;
    }
    viewer.sent += static_cast<std::size_t>(size);
    if (viewer.sent == viewer.out.size()) viewer.out.clear();
  }
  const Readiness interest{.readable = true, .writable = !viewer.out.empty()};
  if (loop_.watch(viewer.socket.get(), interest, [this, number](Readiness readiness) { ready(number, readiness); })) {
    return true;
  }
  let_go(number);
  return false;
}

void DisplaySocket::Impl::receive(Number number) {
  std::array<char, hal::kPressBytesMax> read;
  const auto size = ::recv(viewers_.find(number)->second.socket.get(), read.data(), read.size(), 0);
  if (size < 0 && is_for_later(errno)) return;
  if (size <= 0) return let_go(number);
  for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) {
    // A listener may show a screen, and who does not take it is let go.
    const auto viewer = viewers_.find(number);
    if (viewer == viewers_.end()) return;
    if (auto press = viewer->second.presses.take(read[i])) listener_.tell(*std::move(press));
  }
}

void DisplaySocket::Impl::let_go(Number number) {
  const auto viewer = viewers_.extract(number);
  loop_.unwatch(viewer.mapped().socket.get());
}

DisplaySocket::DisplaySocket(EventLoop& loop, std::string path, DisplayDoor door)
    : impl_(std::make_unique<Impl>(loop, std::move(path), door)) {}
DisplaySocket::~DisplaySocket() = default;

core::Result<> DisplaySocket::open() {
  return impl_->open();
}
void DisplaySocket::do_show(std::string screen_json) {
  impl_->show(std::move(screen_json));
}
void DisplaySocket::do_listen(hal::PressListener listener) {
  impl_->listen(std::move(listener));
}

}  // namespace tillkit::hal_linux
