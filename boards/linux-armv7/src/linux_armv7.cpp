// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/linux_armv7.hpp"

#include <utility>

#include "tillkit/core/version.hpp"

namespace tillkit::boards {

LinuxArmv7::LinuxArmv7(LinuxArmv7Settings settings) : clock_(core::source_time()), settings_(std::move(settings)) {}

core::Result<std::unique_ptr<LinuxArmv7>> LinuxArmv7::start(LinuxArmv7Settings settings) {
  std::unique_ptr<LinuxArmv7> board(new LinuxArmv7(std::move(settings)));
  TILLKIT_TRY(board->loop_, hal_linux::EventLoop::create(board->clock_));
  TILLKIT_TRY_VOID(board->fit());
  return board;
}

core::Result<> LinuxArmv7::fit() {
  const LinuxArmv7Settings& fitted = settings_;
  const bool two_scanners = !fitted.scanner_keyboard.empty() && !fitted.scanner_line.empty();
  const bool two_printers = !fitted.printer_line.empty() && !fitted.printer_file.empty();
  if (two_scanners || two_printers) return core::fail(core::ErrorCode::InvalidArgument);
  if (!fitted.keys.empty()) {
    TILLKIT_TRY(key_store_, hal_linux::FileKeyStore::open(fitted.keys, random_));
  }
  if (!fitted.local_socket.empty()) local_server_.emplace(*loop_, fitted.local_socket);
  if (!fitted.mdb_bridge.empty()) serial_port_.emplace(*loop_, fitted.mdb_bridge);
  if (!fitted.watchdog.empty()) watchdog_.emplace(fitted.watchdog);
  network_.emplace(*loop_, hal_linux::NetworkInterfaceSettings{.name = fitted.network_interface});
  if (!fitted.scanner_keyboard.empty()) {
    scanner_ = std::make_unique<hal_linux::EvdevScanner>(*loop_, fitted.scanner_keyboard);
  }
  if (!fitted.scanner_line.empty()) {
    scanner_port_.emplace(*loop_, fitted.scanner_line);
    scanner_ = std::make_unique<hal::driver::SerialScanner>(*scanner_port_, *loop_, fitted.scanner_line_settings);
  }
  if (!fitted.printer_line.empty()) {
    printer_port_.emplace(*loop_, fitted.printer_line);
    printer_ =
        std::make_unique<hal::driver::SerialPrinter>(*printer_port_, *loop_, clock_, fitted.printer_line_settings);
  }
  if (!fitted.printer_file.empty()) printer_ = std::make_unique<hal_linux::FilePrinter>(*loop_, fitted.printer_file);
  if (fitted.display_socket.empty()) return {};
  display_ = std::make_unique<hal_linux::DisplaySocket>(*loop_, fitted.display_socket, fitted.display_door);
  return display_->open();
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
  parts.scanner = scanner_.get();
  parts.printer = printer_.get();
  parts.display = display_.get();
  return parts;
}

}  // namespace tillkit::boards
