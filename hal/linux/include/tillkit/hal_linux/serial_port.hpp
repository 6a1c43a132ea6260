// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/serial_port.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::hal_linux {

/// `hal::SerialPort` on a tty (`/dev/ttyS1`, `/dev/ttyUSB0`, a pseudo terminal), held exclusively while it is open.
///
/// The speeds are those that termios names, 1,200 to 4,000,000 baud. A byte with a parity or framing error is dropped
/// and told as `BytesLost`; bytes that the adapter drops unseen are not noticed.
class SerialPort final : public hal::SerialPort {
 public:
  /// `loop` must outlive the port. The end of the port drops listener and completions without calling them.
  SerialPort(EventLoop& loop, std::string path);
  ~SerialPort() override;
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

 private:
  class Impl;
  void do_listen(hal::SerialListener listener) override;
  [[nodiscard]] core::Result<> do_open(const hal::SerialSettings& settings) override;
  void do_close() override;
  [[nodiscard]] core::Result<> do_write(core::Bytes bytes, core::Completion<> done) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
