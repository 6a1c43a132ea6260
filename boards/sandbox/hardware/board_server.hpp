// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "machine.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::sandbox {

/// Where a board connects to its machine. The newest connection is the board's; one before it is closed.
class BoardServer {
 public:
  /// Loop and machine must outlive it.
  /// - InvalidArgument: `address` is neither `IPv4:PORT` nor a path.
  /// - Unavailable: the address is not free.
  [[nodiscard]] static core::Result<std::unique_ptr<BoardServer>> listen(hal_linux::EventLoop& loop, Machine& machine,
                                                                         std::string_view address);
  ~BoardServer();
  BoardServer(const BoardServer&) = delete;
  BoardServer& operator=(const BoardServer&) = delete;

  /// What a board must be told to find it.
  [[nodiscard]] std::string address() const;

 private:
  class Impl;
  explicit BoardServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::sandbox
