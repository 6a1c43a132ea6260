// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "descriptor.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/driver/scan_text.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "wedge_keys.hpp"

namespace tillkit::hal_linux {

/// Reads a stream of `input_event`, wherever it comes from.
class WedgeReader {
 public:
  /// Opens the stream, never blocking, for nobody else to read.
  using Open = std::function<core::Result<Descriptor>()>;

  WedgeReader(EventLoop& loop, Open open);
  ~WedgeReader();
  WedgeReader(const WedgeReader&) = delete;
  WedgeReader& operator=(const WedgeReader&) = delete;

  void listen(hal::ScanListener listener) { text_.listen(std::move(listener)); }
  [[nodiscard]] core::Result<> enable();
  void disable();

 private:
  [[nodiscard]] core::Result<> find_device();
  void look_again();
  void ready();
  /// False: there is nothing more to read now, or the device is gone.
  [[nodiscard]] bool read_some(bool deliver);
  void gone();

  EventLoop& loop_;
  const Open open_;
  Descriptor device_;
  hal::driver::ScanText text_;
  WedgeKeys keys_;
  hal::TimerId retry_timer_;
  bool enabled_ = false;
  bool dropped_ = false;  // by the kernel, up to the next report
  std::uint64_t enabled_count_ = 0;
};

}  // namespace tillkit::hal_linux
