// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/sandbox.hpp"

#include <array>
#include <utility>

#include "devices.hpp"
#include "socket_wire.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/version.hpp"

namespace tillkit::boards {
namespace {

constexpr std::chrono::milliseconds kHardwarePatience{2'000};

}  // namespace

class Sandbox::Parts {
 public:
  Parts(std::unique_ptr<sandbox::SocketWire> wire, hal::Scheduler& scheduler, std::string boot)
      : wire_(std::move(wire)), devices(*wire_, scheduler, std::move(boot)) {}

 private:
  std::unique_ptr<sandbox::SocketWire> wire_;

 public:
  sandbox::Devices devices;
};

Sandbox::Sandbox() : clock_(core::source_time()) {}
Sandbox::~Sandbox() = default;

core::Result<std::unique_ptr<Sandbox>> Sandbox::start(SandboxSettings settings) {
  std::unique_ptr<Sandbox> board(new Sandbox());
  TILLKIT_TRY(board->loop_, hal_linux::EventLoop::create(board->clock_));
  if (!settings.keys.empty()) {
    TILLKIT_TRY(board->key_store_, hal_linux::FileKeyStore::open(settings.keys, board->random_));
  }
  if (!settings.local_socket.empty()) board->local_server_.emplace(*board->loop_, std::move(settings.local_socket));
  std::array<std::byte, 16> boot{};
  TILLKIT_TRY_VOID(board->random_.fill(boot));
  TILLKIT_TRY(auto wire, sandbox::SocketWire::open(*board->loop_, settings.devices));
  board->parts_ = std::make_unique<Parts>(std::move(wire), *board->loop_, core::encode_hex(boot));
  const core::MonotonicTime patience = board->clock_.monotonic() + kHardwarePatience;
  while (!board->parts_->devices.ready() && board->clock_.monotonic() < patience)
    board->loop_->turn(std::chrono::milliseconds{20});
  return board;
}

core::Result<> Sandbox::connect(hal_linux::HttpClientSettings settings) {
  TILLKIT_TRY(http_client_, hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)));
  return {};
}

hal::Board Sandbox::parts() {
  sandbox::Devices& devices = parts_->devices;
  hal::Board parts{.clock = clock_, .scheduler = *loop_, .random = random_};
  parts.key_store = key_store_.get();
  parts.http_client = http_client_.get();
  if (local_server_) parts.local_server = &*local_server_;
  parts.network_status = &devices.plug;
  parts.watchdog = &devices.watchdog;
  parts.scanner = &devices.scanner;
  parts.display = &devices.display;
  parts.printer = &devices.printer;
  parts.product_dispenser = &devices.cabinet;
  parts.serial_port = &devices.bridge;
  return parts;
}

core::Result<> Sandbox::pay_out(core::Money amount) {
  if (!amount.is_positive()) return core::fail(core::ErrorCode::InvalidArgument);
  return parts_->devices.pay_out(amount.minor);
}

}  // namespace tillkit::boards
