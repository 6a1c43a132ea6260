// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/random.hpp"

namespace tillkit::boards {

/// Where the virtual hardware is, and where this terminal keeps what is its own.
struct SandboxSettings {
  std::string devices;       ///< of `tillkit-sandbox`: `127.0.0.1:7070`, or the path of a Unix socket
  std::string keys;          ///< folder of the key store; empty: the board has none
  std::string local_socket;  ///< for the technician's tool; empty: the board has none
};

/// A board whose hardware is another program, `tillkit-sandbox`: a machine with goods, a screen, a scanner, a printer
/// and a cash acceptor, seen in a browser. Clock, loop, keys and network are this machine's own.
///
/// The hardware outlives the program, as real hardware does. While it is not there every part says `Unavailable` or
/// `Disconnected`; the board looks for it by itself, and goes on when it is back.
class Sandbox {
 public:
  /// Wires the parts, and waits up to two seconds for the hardware to say what it has. The hardware takes it for a
  /// start after a power cut: it is dark, and its motors stand still.
  /// - InvalidArgument: `devices` is no address.
  /// - as `hal_linux::FileKeyStore::open`, and `hal_linux::EventLoop::create`.
  [[nodiscard]] static core::Result<std::unique_ptr<Sandbox>> start(SandboxSettings settings);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Adds the network, once its keys are there. Errors as `hal_linux::HttpClient::create`; the board is then as before.
  [[nodiscard]] core::Result<> connect(hal_linux::HttpClientSettings settings);

  [[nodiscard]] hal::Board parts();
  [[nodiscard]] hal_linux::EventLoop& loop() { return *loop_; }
  /// None before `connect`. To give it a renewed certificate.
  [[nodiscard]] hal_linux::HttpClient* http_client() { return http_client_.get(); }

  /// Has the cash acceptor pay out coins and notes. What is put in comes as a press: `{"press":"cash","minor":500}`.
  /// - InvalidArgument: no amount above zero.
  /// - Unavailable: the hardware is not connected. Nothing was paid out.
  [[nodiscard]] core::Result<> pay_out(core::Money amount);

 private:
  class Parts;

  Sandbox();

  hal_linux::Clock clock_;
  hal_linux::Random random_;
  std::unique_ptr<hal_linux::EventLoop> loop_;
  std::unique_ptr<hal_linux::FileKeyStore> key_store_;
  std::optional<hal_linux::LocalServer> local_server_;
  std::unique_ptr<hal_linux::HttpClient> http_client_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tillkit::boards
