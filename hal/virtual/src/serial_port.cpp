// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/serial_port.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace tillkit::hal_virtual {
namespace {

constexpr std::size_t kStepBytes = 32;

}  // namespace

void VirtualSerialPort::far_send(core::Bytes bytes) {
  if (settings_.data_bits == hal::DataBits::Seven) {
    for (auto& byte : bytes)
      byte &= std::byte{0x7F};
  }
  receive_later(std::move(bytes), false);
}

void VirtualSerialPort::lose_bytes() {
  receive_later({}, true);
}

void VirtualSerialPort::receive_later(core::Bytes bytes, bool lost) {
  if (!open_) return;
  const auto time = time_for(bytes.size());
  world().in_device(time, [this, bytes = std::move(bytes), lost, opened = opened_count_] {
    if (lost && open_ && opened == opened_count_) listener_.tell(std::unexpected(hal::SerialFault::BytesLost));
    for (auto rest = std::span(bytes); !rest.empty() && open_ && opened == opened_count_;) {
      const auto chunk = rest.first(std::min(rest.size(), hal::kSerialChunkBytesMax));
      listener_.tell(chunk);
      rest = rest.subspan(chunk.size());
    }
  });
}

void VirtualSerialPort::unplug() {
  plugged_ = false;
  if (!open_) return;
  world().in_device({}, [this, opened = opened_count_] {
    if (!open_ || opened != opened_count_) return;
    end_writes(core::ErrorCode::Unavailable);
    shut();
    listener_.tell(std::unexpected(hal::SerialFault::HungUp));
  });
}

void VirtualSerialPort::release() {
  held_ = false;
  if (open_) send_later();
}

void VirtualSerialPort::do_listen(hal::SerialListener listener) {
  if (has_power()) listener_.set(std::move(listener));
}

core::Result<> VirtualSerialPort::do_open(const hal::SerialSettings& settings) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  if (open_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (settings.baud > kVirtualBaudMax) return core::fail(core::ErrorCode::Unsupported);
  if (!plugged_) return core::fail(core::ErrorCode::Unavailable);
  settings_ = settings;
  open_ = true;
  ++opened_count_;
  return {};
}

void VirtualSerialPort::do_close() {
  if (!open_) return;
  end_writes(core::ErrorCode::Cancelled);
  shut();
}

void VirtualSerialPort::shut() {
  open_ = false;
  sending_ = false;
}

core::Result<> VirtualSerialPort::do_write(core::Bytes bytes, core::Completion<> done) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  const auto fault = faults_.next_call();
  const bool answer_lost = fault && fault->code == core::ErrorCode::Timeout;
  if (fault && !answer_lost) return std::unexpected(*fault);
  if (!open_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (writes_.size() >= hal::kSerialWritesMax) return core::fail(core::ErrorCode::Exhausted);
  if (bytes.size() > hal::kSerialQueueBytesMax - queued_bytes_) return core::fail(core::ErrorCode::Exhausted);

  queued_bytes_ += bytes.size();
  writes_.push_back({.bytes = std::move(bytes), .answer_lost = answer_lost, .done = std::move(done)});
  send_later();
  return {};
}

void VirtualSerialPort::send_later() {
  if (sending_ || held_ || writes_.empty()) return;
  sending_ = true;
  const auto& first = writes_.front();
  const auto size = std::min(kStepBytes, first.bytes.size() - first.sent);
  world().in_device(time_for(size), [this, opened = opened_count_] {
    if (!open_ || opened != opened_count_) return;
    sending_ = false;
    if (!held_) send_some();
  });
}

void VirtualSerialPort::send_some() {
  auto& write = writes_.front();
  const auto size = std::min(kStepBytes, write.bytes.size() - write.sent);
  const auto some = std::span(write.bytes).subspan(write.sent, size);
  if (!plugged_) return;  // the hang-up is on its way
  if (!world().power().step()) return;
  far_received_.insert(far_received_.end(), some.begin(), some.end());
  write.sent += size;
  queued_bytes_ -= size;
  if (!world().power().step()) return;

  core::Completion<> done;
  core::Result<> result;
  if (write.sent == write.bytes.size()) {
    if (write.answer_lost) result = core::fail(core::ErrorCode::Timeout);
    done = std::move(write.done);
    writes_.pop_front();
  }
  send_later();
  if (done) done(std::move(result));
}

/// Completes all that waits at the next turn: `untouched` where no byte left, else `Timeout`.
void VirtualSerialPort::end_writes(core::ErrorCode untouched) {
  queued_bytes_ = 0;
  for (auto& write : std::exchange(writes_, {})) {
    const auto code = write.sent == 0 ? untouched : core::ErrorCode::Timeout;
    world().in_device({}, [code, done = std::move(write.done)]() mutable { done(core::fail(code)); });
  }
}

World::Duration VirtualSerialPort::time_for(std::size_t bytes) const {
  const auto bits = 1 + static_cast<std::uint64_t>(settings_.data_bits) +
                    (settings_.parity == hal::Parity::None ? 0U : 1U) + static_cast<std::uint64_t>(settings_.stop_bits);
  const auto microseconds = bytes * bits * 1'000'000U / settings_.baud;
  return World::Duration{static_cast<std::int64_t>(microseconds)};
}

void VirtualSerialPort::power_lost() {
  shut();
  writes_.clear();
  queued_bytes_ = 0;
  listener_.set({});
}

}  // namespace tillkit::hal_virtual
