// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal/driver/serial_scanner.hpp"

#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal::driver {

SerialScanner::SerialScanner(SerialPort& port, Scheduler& scheduler, const SerialSettings& line)
    : port_(port), scheduler_(scheduler), line_(line), text_(scheduler) {
  port_.listen([this](const SerialEvent& event) { heard(event); });
}

SerialScanner::~SerialScanner() {
  scheduler_.cancel(retry_timer_);
  port_.listen({});
  port_.close();
}

core::Result<> SerialScanner::do_enable() {
  if (enabled_ && lost_) return core::fail(core::ErrorCode::Unavailable);
  if (enabled_) return {};
  // Whatever keeps the line from being opened, there is no scanner.
  if (const auto opened = port_.open(line_); !opened) {
    return core::fail(core::ErrorCode::Unavailable, opened.error().source, opened.error().foreign);
  }
  enabled_ = true;
  ++enabled_count_;
  return {};
}

void SerialScanner::do_disable() {
  scheduler_.cancel(retry_timer_);
  enabled_ = false;
  lost_ = false;
  port_.close();
  text_.drop();
}

void SerialScanner::heard(const SerialEvent& event) {
  if (!event) {
    if (event.error() == SerialFault::BytesLost) {
      text_.damage();
      return text_.wait();
    }
    text_.drop();
    lost_ = true;
    try_again();
    return text_.tell(std::unexpected(ScanFault::Disconnected));
  }
  const auto enabled = enabled_count_;
  for (const std::byte byte : *event) {
    const char character = static_cast<char>(byte);
    if (character != '\r' && character != '\n') {
      text_.add(character);
      continue;
    }
    text_.end();
    if (!enabled_ || enabled != enabled_count_) return;
  }
  text_.wait();
}

/// Until the line is back or nobody wants it.
void SerialScanner::try_again() {
  const auto timer = scheduler_.call_after(kScannerRetryPause, [this] {
    lost_ = !port_.open(line_);
    if (lost_) try_again();
  });
  TILLKIT_ASSERT(timer.has_value());
  retry_timer_ = *timer;
}

}  // namespace tillkit::hal::driver
