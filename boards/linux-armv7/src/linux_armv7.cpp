// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/linux_armv7.hpp"

#include <utility>

#include "tillkit/core/version.hpp"

namespace tillkit::boards {

LinuxArmv7::LinuxArmv7(LinuxArmv7Settings settings) : clock_(core::source_time()), settings_(std::move(settings)) {}

core::Result<std::unique_ptr<LinuxArmv7>> LinuxArmv7::start(LinuxArmv7Settings settings) {
  std::unique_ptr<LinuxArmv7> board(new LinuxArmv7(std::move(settings)));
  TILLKIT_TRY(board->loop_, hal_linux::EventLoop::create(board->clock_));
  if (!board->settings_.mdb_bridge.empty()) board->serial_port_.emplace(*board->loop_, board->settings_.mdb_bridge);
  return board;
}

core::Result<> LinuxArmv7::connect(hal_linux::HttpClientSettings settings) {
  TILLKIT_TRY(http_client_, hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)));
  return {};
}

hal::Board LinuxArmv7::parts() {
  hal::Board parts{.clock = clock_, .scheduler = *loop_, .random = random_};
  parts.http_client = http_client_.get();
  if (serial_port_) parts.serial_port = &*serial_port_;
  return parts;
}

}  // namespace tillkit::boards
