// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "wire.hpp"

namespace tillkit::boards::sandbox {

/// A missing hardware is looked for so often.
inline constexpr std::chrono::milliseconds kReconnectEvery{250};

/// A wire that is a loopback TCP or a Unix stream connection, and connects again by itself.
class SocketWire final : public Wire {
 public:
  /// `loop` must outlive the wire. The first connection is tried at the loop's next turn.
  /// - InvalidArgument: `address` is neither `IPv4:PORT` nor a path.
  /// - Exhausted: the loop has no timer left.
  [[nodiscard]] static core::Result<std::unique_ptr<SocketWire>> open(hal_linux::EventLoop& loop,
                                                                      std::string_view address);
  ~SocketWire() override;
  SocketWire(const SocketWire&) = delete;
  SocketWire& operator=(const SocketWire&) = delete;

  void listen(WireListener& listener) override;
  [[nodiscard]] bool is_connected() const override;
  void send(std::string line) override;
  void hang_up() override;

 private:
  class Impl;
  explicit SocketWire(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::boards::sandbox
