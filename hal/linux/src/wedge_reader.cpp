// SPDX-License-Identifier: Apache-2.0
#include "wedge_reader.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include <linux/input.h>
#include <unistd.h>

#include "tillkit/core/assert.hpp"
#include "tillkit/hal_linux/evdev_scanner.hpp"

namespace tillkit::hal_linux {
WedgeReader::WedgeReader(EventLoop& loop, Open open) : loop_(loop), open_(std::move(open)), text_(loop) {
  if (!find_device()) look_again();
}

WedgeReader::~WedgeReader() {
  loop_.cancel(retry_timer_);
  if (device_) loop_.unwatch(device_.get());
}

core::Result<> WedgeReader::find_device() {
  TILLKIT_TRY(Descriptor device, open_());
  TILLKIT_TRY_VOID(loop_.watch(device.get(), {.readable = true}, [this](Readiness) { ready(); }));
  device_ = std::move(device);
  keys_.forget();
  dropped_ = false;
  return {};
}

void WedgeReader::look_again() {
  loop_.cancel(retry_timer_);
  const auto timer = loop_.call_after(kWedgeRetryPause, [this] {
    if (!device_ && !find_device()) look_again();
  });
  TILLKIT_ASSERT(timer.has_value());
  retry_timer_ = *timer;
}

core::Result<> WedgeReader::enable() {
  if (enabled_ && !device_) return core::fail(core::ErrorCode::Unavailable);
  if (enabled_) return {};
  if (!device_) {
    if (const auto found = find_device(); !found) {
      return core::fail(core::ErrorCode::Unavailable, found.error().source, found.error().foreign);
    }
  }
  // What was scanned while nobody wanted it.
  while (device_ && read_some(false)) {
  }
  if (!device_) return core::fail(core::ErrorCode::Unavailable);
  text_.drop();
  enabled_ = true;
  ++enabled_count_;
  return {};
}

void WedgeReader::disable() {
  enabled_ = false;
  text_.drop();
}

void WedgeReader::ready() {
  const auto enabled = enabled_count_;
  static_cast<void>(read_some(enabled_));
  if (enabled_ && enabled == enabled_count_) text_.wait();
}

bool WedgeReader::read_some(bool deliver) {
  std::array<input_event, 64> events;
  const auto size = ::read(device_.get(), events.data(), sizeof events);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    gone();
    return false;
  }
  const auto enabled = enabled_count_;
  // The kernel gives whole events.
  for (const input_event& event : std::span(events).first(static_cast<std::size_t>(size) / sizeof(input_event))) {
    if (event.type == EV_SYN && event.code == SYN_DROPPED) {
      dropped_ = true;
      keys_.forget();
      if (deliver) text_.damage();
    }
    // What stands between the gap and the next report belongs to what is lost.
    if (event.type == EV_SYN && event.code == SYN_REPORT) dropped_ = false;
    if (event.type != EV_KEY || dropped_) continue;
    const WedgeKey key = keys_.take(event.code, event.value);
    if (!deliver || !enabled_ || enabled != enabled_count_) continue;
    switch (key.kind) {
      case WedgeKey::Kind::Nothing: break;
      case WedgeKey::Kind::Character: text_.add(key.character); break;
      case WedgeKey::Kind::Strange: text_.damage(); break;
      case WedgeKey::Kind::End: text_.end(); break;
    }
  }
  return true;
}

void WedgeReader::gone() {
  loop_.unwatch(device_.get());
  device_.reset();
  text_.drop();
  look_again();
  if (enabled_) text_.tell(std::unexpected(hal::ScanFault::Disconnected));
}

}  // namespace tillkit::hal_linux
