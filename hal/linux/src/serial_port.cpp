// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/serial_port.hpp"

#include <array>
#include <cerrno>
#include <deque>
#include <span>
#include <utility>

#include <unistd.h>

#include "descriptor.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tty.hpp"

namespace tillkit::hal_linux {

class SerialPort::Impl {
 public:
  Impl(EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
  ~Impl() {
    if (tty_) loop_.unwatch(tty_.get());
  }

  void listen(hal::SerialListener listener) { listener_.set(std::move(listener)); }
  [[nodiscard]] core::Result<> open(const hal::SerialSettings& settings);
  void close();
  [[nodiscard]] core::Result<> write(core::Bytes bytes, core::Completion<> done);

 private:
  struct Write {
    core::Bytes bytes;
    std::size_t sent = 0;
    core::Completion<> done;
  };

  [[nodiscard]] core::Result<> watch();
  void ready(Readiness readiness);
  void receive();
  void deliver(core::ByteView read);
  void send();
  void hang_up(int error);
  void shut();
  void end_writes(core::ErrorCode untouched, int error);

  EventLoop& loop_;
  const std::string path_;
  Descriptor tty_;
  std::uint64_t opened_count_ = 0;  // a listener may close and open again while it is called
  hal::driver::ListenerSlot<hal::SerialEvent> listener_;
  MarkReader marks_;
  std::deque<Write> writes_;
  std::size_t queued_bytes_ = 0;
};

core::Result<> SerialPort::Impl::open(const hal::SerialSettings& settings) {
  if (tty_) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY(tty_, open_tty(path_, settings));
  if (const auto watched = watch(); !watched) {
    tty_.reset();
    return core::fail(core::ErrorCode::Unavailable, watched.error().source, watched.error().foreign);
  }
  ++opened_count_;
  marks_ = {};
  return {};
}

core::Result<> SerialPort::Impl::watch() {
  return loop_.watch(tty_.get(), {.readable = true, .writable = !writes_.empty()},
                     [this](Readiness readiness) { ready(readiness); });
}

void SerialPort::Impl::close() {
  if (!tty_) return;
  shut();
  end_writes(core::ErrorCode::Cancelled, 0);
}

void SerialPort::Impl::shut() {
  loop_.unwatch(tty_.get());
  tty_.reset();
}

core::Result<> SerialPort::Impl::write(core::Bytes bytes, core::Completion<> done) {
  if (!tty_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (writes_.size() >= hal::kSerialWritesMax) return core::fail(core::ErrorCode::Exhausted);
  if (bytes.size() > hal::kSerialQueueBytesMax - queued_bytes_) return core::fail(core::ErrorCode::Exhausted);

  queued_bytes_ += bytes.size();
  writes_.push_back({.bytes = std::move(bytes), .done = std::move(done)});
  if (writes_.size() > 1) return {};
  const auto watched = watch();
  if (!watched) {
    queued_bytes_ = 0;
    writes_.clear();
  }
  return watched;
}

void SerialPort::Impl::ready(Readiness readiness) {
  const auto opened = opened_count_;
  if (readiness.readable || readiness.failed) receive();
  const bool still_open = tty_ && opened == opened_count_;
  if (still_open && readiness.writable && !writes_.empty()) send();
}

void SerialPort::Impl::receive() {
  std::array<std::byte, hal::kSerialChunkBytesMax> read;
  const auto size = ::read(tty_.get(), read.data(), read.size());
  if (size > 0) return deliver(std::span(read).first(static_cast<std::size_t>(size)));
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  hang_up(size < 0 ? errno : 0);
}

void SerialPort::Impl::deliver(core::ByteView read) {
  std::array<std::byte, hal::kSerialChunkBytesMax> good;
  const auto opened = opened_count_;
  const auto still_open = [&] { return tty_ && opened == opened_count_; };
  while (!read.empty() && still_open()) {
    const auto piece = marks_.next(read, good);
    if (piece.good > 0) listener_.tell(core::ByteView(good).first(piece.good));
    if (piece.damaged && still_open()) listener_.tell(std::unexpected(hal::SerialFault::BytesLost));
  }
}

void SerialPort::Impl::send() {
  auto& write = writes_.front();
  const auto rest = std::span(write.bytes).subspan(write.sent);
  const auto size = ::write(tty_.get(), rest.data(), rest.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return hang_up(errno);

  write.sent += static_cast<std::size_t>(size);
  queued_bytes_ -= static_cast<std::size_t>(size);
  if (write.sent < write.bytes.size()) return;
  auto done = std::move(write.done);
  writes_.pop_front();
  if (writes_.empty()) {
    // Level-triggered: a line that has nothing to send would wake the loop all the time.
    if (const auto watched = watch(); !watched) hang_up(watched.error().foreign);
  }
  done({});
}

void SerialPort::Impl::hang_up(int error) {
  shut();
  end_writes(core::ErrorCode::Unavailable, error);
  listener_.tell(std::unexpected(hal::SerialFault::HungUp));
}

/// Completes all that waits at the next turn: `untouched` where no byte left, else `Timeout`.
void SerialPort::Impl::end_writes(core::ErrorCode untouched, int error) {
  queued_bytes_ = 0;
  for (auto& write : std::exchange(writes_, {})) {
    const auto code = write.sent == 0 ? untouched : core::ErrorCode::Timeout;
    const auto source = error == 0 ? core::ErrorSource::Tillkit : core::ErrorSource::System;
    loop_.post(
        [done = std::move(write.done), code, source, error]() mutable { done(core::fail(code, source, error)); });
  }
}

SerialPort::SerialPort(EventLoop& loop, std::string path) : impl_(std::make_unique<Impl>(loop, std::move(path))) {}
SerialPort::~SerialPort() = default;

void SerialPort::do_listen(hal::SerialListener listener) {
  impl_->listen(std::move(listener));
}
core::Result<> SerialPort::do_open(const hal::SerialSettings& settings) {
  return impl_->open(settings);
}
void SerialPort::do_close() {
  impl_->close();
}
core::Result<> SerialPort::do_write(core::Bytes bytes, core::Completion<> done) {
  return impl_->write(std::move(bytes), std::move(done));
}

}  // namespace tillkit::hal_linux
