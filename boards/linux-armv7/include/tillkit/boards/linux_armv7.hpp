// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/hal/driver/serial_printer.hpp"
#include "tillkit/hal/driver/serial_scanner.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/display_socket.hpp"
#include "tillkit/hal_linux/evdev_scanner.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/file_printer.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/network_interface.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/hal_linux/serial_port.hpp"
#include "tillkit/hal_linux/watchdog.hpp"

namespace tillkit::boards {

/// What differs from one device of this kind to the next. A path that is empty: that is not fitted.
struct LinuxArmv7Settings {
  std::string keys{};               ///< folder of the key store
  std::string local_socket{};       ///< for the technician's tool
  std::string mdb_bridge{};         ///< the line to the MDB bridge, e.g. `/dev/ttyS1`
  std::string watchdog{};           ///< e.g. `/dev/watchdog`
  std::string network_interface{};  ///< e.g. `wwan0`; empty: only trying tells whether there is a network

  // One scanner: it types, or it sends.
  std::string scanner_keyboard{};  ///< e.g. `/dev/input/by-id/usb-...-event-kbd`
  std::string scanner_line{};      ///< e.g. `/dev/ttyACM0`
  hal::SerialSettings scanner_line_settings{.baud = 9'600};

  // One ESC/POS printer: it says what it printed, or it only takes bytes.
  std::string printer_line{};  ///< e.g. `/dev/ttyS2`
  hal::SerialSettings printer_line_settings{.baud = 115'200};
  std::string printer_file{};  ///< e.g. `/dev/usb/lp0`

  std::string display_socket{};  ///< where a user interface of the integrator's connects, e.g. `/run/till/display.sock`
  hal_linux::DisplayDoor display_door = hal_linux::DisplayDoor::Owner;
};

/// Any ARM Linux device (a Cortex-A7 with 128 MB is the typical one) with the parts that the kernel gives: clock, loop,
/// random numbers, network, serial lines. It also runs on the build machine.
class LinuxArmv7 {
 public:
  /// Wires the parts. A device that is not there yet is found when it comes; only the display's door must open now.
  /// - Unavailable: the kernel refuses the loop's descriptors. InvalidArgument: two scanners, or two printers.
  /// - as `hal_linux::DisplaySocket::open`, and `hal_linux::FileKeyStore::open`.
  [[nodiscard]] static core::Result<std::unique_ptr<LinuxArmv7>> start(LinuxArmv7Settings settings);

  /// Adds the network, once its keys are there: whom it believes and who it is come from the device's enrolment.
  /// Errors as `hal_linux::HttpClient::create`; the board is then as before.
  [[nodiscard]] core::Result<> connect(hal_linux::HttpClientSettings settings);

  /// What is fitted.
  [[nodiscard]] hal::Board parts();
  [[nodiscard]] hal_linux::EventLoop& loop() { return *loop_; }
  /// None before `connect`. To give it a renewed certificate.
  [[nodiscard]] hal_linux::HttpClient* http_client() { return http_client_.get(); }

 private:
  explicit LinuxArmv7(LinuxArmv7Settings settings);
  [[nodiscard]] core::Result<> fit();

  hal_linux::Clock clock_;
  hal_linux::Random random_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::FileKeyStore> key_store_;
  std::optional<hal_linux::LocalServer> local_server_;
  std::optional<hal_linux::NetworkInterface> network_;
  std::optional<hal_linux::Watchdog> watchdog_;
  std::unique_ptr<hal_linux::HttpClient> http_client_;
  std::optional<hal_linux::SerialPort> serial_port_;
  std::optional<hal_linux::SerialPort> scanner_port_;
  std::optional<hal_linux::SerialPort> printer_port_;
  std::unique_ptr<hal::Scanner> scanner_;
  std::unique_ptr<hal::Printer> printer_;
  std::unique_ptr<hal_linux::DisplaySocket> display_;
  LinuxArmv7Settings settings_;
};

}  // namespace tillkit::boards
