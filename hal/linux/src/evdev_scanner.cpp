// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/evdev_scanner.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>

#include "wedge_reader.hpp"

namespace tillkit::hal_linux {
namespace {

core::Result<Descriptor> open_grabbed(const std::string& path) {
  Descriptor device{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  // A file that is no evdev device refuses the grab; so does one that somebody else holds.
  if (!device || ::ioctl(device.get(), EVIOCGRAB, 1) != 0) {
    return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, errno);
  }
  return device;
}

}  // namespace

class EvdevScanner::Impl : public WedgeReader {
 public:
  using WedgeReader::WedgeReader;
};

EvdevScanner::EvdevScanner(EventLoop& loop, std::string path)
    : impl_(std::make_unique<Impl>(loop, [path = std::move(path)] { return open_grabbed(path); })) {}
EvdevScanner::~EvdevScanner() = default;

void EvdevScanner::do_listen(hal::ScanListener listener) {
  impl_->listen(std::move(listener));
}
core::Result<> EvdevScanner::do_enable() {
  return impl_->enable();
}
void EvdevScanner::do_disable() {
  impl_->disable();
}

}  // namespace tillkit::hal_linux
