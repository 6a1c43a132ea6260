// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/network_interface.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/hal_linux/serial_port.hpp"
#include "tillkit/hal_linux/watchdog.hpp"

namespace tillkit::boards {

/// What differs from one device of this kind to the next.
struct LinuxArmv7Settings {
  std::string keys{};               ///< folder of the key store; empty: the board has none
  std::string local_socket{};       ///< for the technician's tool; empty: the board has none
  std::string mdb_bridge{};         ///< path of the line to the MDB bridge, e.g. `/dev/ttyS1`; empty: none is fitted
  std::string watchdog{};           ///< e.g. `/dev/watchdog`; empty: nothing restarts a program that hangs
  std::string network_interface{};  ///< e.g. `wwan0`; empty: only trying tells whether there is a network
};

/// Any ARM Linux device (a Cortex-A7 with 128 MB is the typical one) with the parts that the kernel gives: clock, loop,
/// random numbers, network, serial lines. It also runs on the build machine.
class LinuxArmv7 {
 public:
  /// Wires the parts. Opens no device yet.
  /// - Unavailable: the kernel refuses the loop's descriptors. Otherwise as `hal_linux::FileKeyStore::open`.
  [[nodiscard]] static core::Result<std::unique_ptr<LinuxArmv7>> start(LinuxArmv7Settings settings);

  /// Adds the network, once its keys are there: whom it believes and who it is come from the device's enrolment.
  /// Errors as `hal_linux::HttpClient::create`; the board is then as before.
  [[nodiscard]] core::Result<> connect(hal_linux::HttpClientSettings settings);

  [[nodiscard]] hal::Board parts();
  [[nodiscard]] hal_linux::EventLoop& loop() { return *loop_; }
  /// None before `connect`. To give it a renewed certificate.
  [[nodiscard]] hal_linux::HttpClient* http_client() { return http_client_.get(); }

 private:
  explicit LinuxArmv7(LinuxArmv7Settings settings);

  hal_linux::Clock clock_;
  hal_linux::Random random_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::FileKeyStore> key_store_;
  std::optional<hal_linux::LocalServer> local_server_;
  std::optional<hal_linux::NetworkInterface> network_;
  std::optional<hal_linux::Watchdog> watchdog_;
  std::unique_ptr<hal_linux::HttpClient> http_client_;
  std::optional<hal_linux::SerialPort> serial_port_;
  LinuxArmv7Settings settings_;
};

}  // namespace tillkit::boards
