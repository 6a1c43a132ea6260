// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config.hpp"
#include "machine.hpp"
#include "start_again.hpp"
#include "tillkit/checkout/permissions.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/cloud_services.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillkit::vending {

/// What did not come up, in words for the device's log.
struct Failure {
  std::string what;
  core::Error error;
  bool not_enrolled = false;  ///< A person must enrol it first; to try again by itself is of no use.
};

/// What this program needs of a board on Linux.
struct BoardAccess {
  hal::Board parts;  ///< with key store and network status; the HTTP client comes by `connect`
  std::function<core::Result<hal_linux::HttpClient*>(hal_linux::HttpClientSettings)> connect;
};

/// The object graph of a vending machine: keys, cloud, the way of the goods, terminal and machine.
class Device {
 public:
  /// Opens everything and goes on with what is open. `config` and `log` must outlive it, and so must the board.
  [[nodiscard]] static std::expected<std::unique_ptr<Device>, Failure> open(BoardAccess board,
                                                                            const terminal::DataFolder& data,
                                                                            const Config& config, Log& log);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// False: the terminal is up, and says on its screen why it does not sell.
  [[nodiscard]] bool sells() const { return !terminal_->stopped(); }
  /// Its storage failed, and the time in which people could read so is over: only a new start can help.
  [[nodiscard]] bool must_start_again() { return start_again_->is_due(*terminal_); }
  /// The loop came round: the watchdog, where there is one, has its time again.
  void still_alive();

 private:
  Device(BoardAccess board, const terminal::DataFolder& data, const Config& config, Log& log);
  [[nodiscard]] std::expected<void, Failure> open_cloud();
  [[nodiscard]] std::expected<void, Failure> open_goods();
  [[nodiscard]] std::expected<void, Failure> open_bridge();
  [[nodiscard]] std::expected<void, Failure> open_terminal();
  void start_watchdog();
  void note_network();

  BoardAccess access_;
  hal::Board& board_;
  terminal::DataFolder data_;
  const Config& config_;
  Log& log_;
  std::unique_ptr<security::Crypto> crypto_;
  security::KeyId key_{};
  std::unique_ptr<terminal::CloudServices> cloud_;
  checkout::PermissionTable permissions_;
  std::unique_ptr<fulfilment::VmcBridge> bridge_;
  Machine machine_;
  std::unique_ptr<fulfilment::Fulfilment> goods_;
  std::optional<StartAgain> start_again_;
  std::unique_ptr<terminal::Terminal> terminal_;
  hal::LinkState noted_link_ = hal::LinkState::Online;
  bool watched_ = false;
  core::MonotonicTime feed_due_{};
};

}  // namespace tillkit::vending
