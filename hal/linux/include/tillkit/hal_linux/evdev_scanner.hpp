// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::hal_linux {

/// A scanner that was unplugged is looked for so often.
inline constexpr std::chrono::milliseconds kWedgeRetryPause{1'000};

/// `hal::Scanner` on a scanner that types as a USB or Bluetooth keyboard: an evdev device, best named by its place
/// (`/dev/input/by-id/usb-...-event-kbd`), so that it is found again when it comes back.
///
/// The device is grabbed, also while the scanner is disabled: what it reads is typed to nobody else, no console and no
/// desktop. The scanner is set to US keyboard and enter at the end. A key that such a scanner does not type, and keys
/// that the kernel had to drop, make the scan `Garbled`.
class EvdevScanner final : public hal::Scanner {
 public:
  /// `loop` must outlive the scanner. Looks for the device at once, and then until it is there.
  EvdevScanner(EventLoop& loop, std::string path);
  ~EvdevScanner() override;
  EvdevScanner(const EvdevScanner&) = delete;
  EvdevScanner& operator=(const EvdevScanner&) = delete;

 private:
  void do_listen(hal::ScanListener listener) override;
  [[nodiscard]] core::Result<> do_enable() override;
  void do_disable() override;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
