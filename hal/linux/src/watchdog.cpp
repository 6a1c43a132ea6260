// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/watchdog.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "descriptor.hpp"

namespace tillkit::hal_linux {

using core::ErrorCode;
using core::ErrorSource;
using core::fail;
using core::Result;

// Closing the device without its magic letter leaves the hardware running: whoever comes next has its time to start.
Watchdog::~Watchdog() {
  if (device_ >= 0) static_cast<void>(::close(device_));
}

Result<> Watchdog::do_start(std::chrono::milliseconds timeout) {
  if (device_ >= 0) return fail(ErrorCode::FailedPrecondition);
  Descriptor device(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!device) {
    const int error = errno;
    const bool absent = error == ENOENT || error == ENODEV || error == ENXIO;
    return fail(absent ? ErrorCode::Unsupported : ErrorCode::Unavailable, ErrorSource::System, error);
  }
  int seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(timeout).count());
  if (::ioctl(device.get(), WDIOC_SETTIMEOUT, &seconds) != 0) {
    const int error = errno;
    // Opening it has started it. The letter stops it again, unless the kernel is built never to stop one.
    static_cast<void>(!::write(device.get(), "V", 1));
    return fail(ErrorCode::Unsupported, ErrorSource::System, error);
  }
  int status = 0;
  caused_last_reset_ = ::ioctl(device.get(), WDIOC_GETBOOTSTATUS, &status) == 0 && (status & WDIOF_CARDRESET) != 0;
  device_ = device.release();
  return {};
}

Result<> Watchdog::do_feed() {
  if (device_ < 0) return fail(ErrorCode::FailedPrecondition);
  if (::ioctl(device_, WDIOC_KEEPALIVE, 0) != 0) return fail(ErrorCode::Unavailable, ErrorSource::System, errno);
  return {};
}

}  // namespace tillkit::hal_linux
