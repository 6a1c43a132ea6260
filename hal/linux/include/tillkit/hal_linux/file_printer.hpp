// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::hal_linux {

/// `hal::Printer` on a device file that only takes bytes: `/dev/usb/lp0`, `/dev/lp0`.
///
/// It never says `All`: the best that it knows is that the kernel handed the last byte over (`HandedOver`). A printer
/// that has run out of paper takes no more bytes, so a long job ends as `Timeout` there, a short one is in its memory
/// and comes with the next roll; only a kernel that reports the paper itself (ENOSPC) makes it `None` or `Some`. The
/// state is `Ready` where the file is there, `Disconnected` where not. Where status matters, let the printer be a
/// serial device (`hal::driver::SerialPrinter`).
///
/// The file is opened for each job, so a printer may be switched off between two.
class FilePrinter final : public hal::Printer {
 public:
  /// `loop` must outlive the printer. The end of the printer drops a job's completion.
  FilePrinter(EventLoop& loop, std::string path);
  ~FilePrinter() override;
  FilePrinter(const FilePrinter&) = delete;
  FilePrinter& operator=(const FilePrinter&) = delete;

 private:
  class Impl;
  [[nodiscard]] core::Result<> do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                        core::Completion<hal::PrintOutcome> done) override;
  [[nodiscard]] hal::PrinterStatus do_status() const override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
