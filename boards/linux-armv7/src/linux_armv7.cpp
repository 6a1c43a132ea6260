// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/linux_armv7.hpp"

#include <utility>

#include "tillkit/core/version.hpp"

namespace tillkit::boards {

LinuxArmv7::LinuxArmv7(LinuxArmv7Settings settings) : clock_(core::source_time()), settings_(std::move(settings)) {}

core::Result<std::unique_ptr<LinuxArmv7>> LinuxArmv7::start(LinuxArmv7Settings settings) {
  std::unique_ptr<LinuxArmv7> board(new LinuxArmv7(std::move(settings)));
  TILLKIT_TRY(board->loop_, hal_linux::EventLoop::create(board->clock_));
  const LinuxArmv7Settings& fitted = board->settings_;
  if (!fitted.keys.empty()) {
    TILLKIT_TRY(board->key_store_, hal_linux::FileKeyStore::open(fitted.keys, board->random_));
  }
  if (!fitted.local_socket.empty()) board->local_server_.emplace(*board->loop_, fitted.local_socket);
  if (!fitted.mdb_bridge.empty()) board->serial_port_.emplace(*board->loop_, fitted.mdb_bridge);
  if (!fitted.watchdog.empty()) board->watchdog_.emplace(fitted.watchdog);
  board->network_.emplace(*board->loop_, hal_linux::NetworkInterfaceSettings{.name = fitted.network_interface});
  return board;
}

core::Result<> LinuxArmv7::connect(hal_linux::HttpClientSettings settings) {
  TILLKIT_TRY(http_client_, hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)));
  return {};
}

hal::Board LinuxArmv7::parts() {
  hal::Board parts{.clock = clock_, .scheduler = *loop_, .random = random_};
  parts.http_client = http_client_.get();
  parts.key_store = key_store_.get();
  parts.network_status = &*network_;
  if (local_server_) parts.local_server = &*local_server_;
  if (watchdog_) parts.watchdog = &*watchdog_;
  if (serial_port_) parts.serial_port = &*serial_port_;
  return parts;
}

}  // namespace tillkit::boards
