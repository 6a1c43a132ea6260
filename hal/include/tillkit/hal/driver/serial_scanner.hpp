// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/driver/scan_text.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"

namespace tillkit::hal::driver {

/// A line that hung up is tried again so often.
inline constexpr std::chrono::milliseconds kScannerRetryPause{1'000};

/// A scanner on a serial line (RS-232, a virtual COM port over USB): each scan ends with CR, LF or both.
///
/// The line is open while the scanner is enabled, so that nothing of before is read; that also lets scanners rest which
/// watch DTR. A text that contains CR or LF comes as two; set the scanner to another mode for such codes.
class SerialScanner final : public Scanner {
 public:
  /// Both must outlive the scanner; the line is its alone.
  SerialScanner(SerialPort& port, Scheduler& scheduler, const SerialSettings& line);
  ~SerialScanner() override;
  SerialScanner(const SerialScanner&) = delete;
  SerialScanner& operator=(const SerialScanner&) = delete;

 private:
  void do_listen(ScanListener listener) override { text_.listen(std::move(listener)); }
  [[nodiscard]] core::Result<> do_enable() override;
  void do_disable() override;

  void heard(const SerialEvent& event);
  void try_again();

  SerialPort& port_;
  Scheduler& scheduler_;
  const SerialSettings line_;
  ScanText text_;
  TimerId retry_timer_;
  bool enabled_ = false;
  bool lost_ = false;                // the line hung up while it was enabled, and is not back
  std::uint64_t enabled_count_ = 0;  // a listener may disable and enable while it is called
};

}  // namespace tillkit::hal::driver
