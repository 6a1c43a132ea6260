// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/driver/request_lines.hpp"
#include "tillkit/hal/local_server.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// So many bytes of an answer lie between the server and a client that does not read.
inline constexpr std::size_t kVirtualSocketBytes = 65'536;

/// A local server and its clients.
class VirtualLocalServer final : public hal::LocalServer, private Part {
 public:
  explicit VirtualLocalServer(World& world) : Part(world) {}

  // What clients do; each is named by its number.

  /// Comes to the door, as the same user as the program or as another.
  std::uint64_t connect(bool same_user = true);
  /// Sends; let go already: the bytes are gone.
  void send(std::uint64_t client, std::string_view bytes);
  /// Reads all that has arrived.
  std::string read(std::uint64_t client);
  void hang_up(std::uint64_t client);
  /// Whether the server has let it go, or never let it in.
  [[nodiscard]] bool let_go(std::uint64_t client) const { return !clients_.contains(client); }

  [[nodiscard]] bool is_open() const { return open_; }
  /// Counts and fails calls of `open` and `write`.
  FaultPlan& faults() { return faults_; }

 private:
  struct Client {
    hal::driver::RequestLines lines;
    std::string unread;  // sent, and not yet taken into `lines`
    hal::LocalRequestId request{};
    bool last = false;
    bool ending = false;
    std::string out;
    core::Completion<> done;
  };

  void do_listen(hal::LocalListener listener) override;
  [[nodiscard]] core::Result<> do_open() override;
  void do_close() override;
  [[nodiscard]] core::Result<> do_write(hal::LocalRequestId request, std::string piece,
                                        core::Completion<> done) override;
  [[nodiscard]] core::Result<> do_end(hal::LocalRequestId request) override;
  void power_lost() override;

  /// Does at the next turn what there is to do for a client.
  void serve_later(std::uint64_t client);
  void serve(std::uint64_t number);
  void send_some(std::uint64_t number, Client& client);
  void next_request(std::uint64_t number, Client& client);
  [[nodiscard]] std::map<std::uint64_t, Client>::iterator find(hal::LocalRequestId request);

  FaultPlan faults_;
  hal::driver::ListenerSlot<hal::LocalRequest> listener_;
  bool open_ = false;
  std::map<std::uint64_t, Client> clients_;
  std::map<std::uint64_t, std::string> arrived_;  // stays readable when a client was let go
  std::uint64_t newest_client_ = 0;
  std::uint64_t newest_request_ = 0;
};

}  // namespace tillkit::hal_virtual
