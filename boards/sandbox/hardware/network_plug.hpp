// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::sandbox {

/// Connections that go through one plug at a time; further ones wait.
inline constexpr std::size_t kRelaysMax = 32;

/// The network plug between firmware and cloud: passes bytes on between two TCP ports. Pulled, nothing passes in either
/// direction and nobody is told, as with a real one; what waits goes on when it is put back.
class NetworkPlug {
 public:
  /// Passes from `listen` to `target`, both `IPv4:PORT`. The loop must outlive it.
  /// - InvalidArgument: no such addresses. - Unavailable: `listen` is not free.
  [[nodiscard]] static core::Result<std::unique_ptr<NetworkPlug>> open(hal_linux::EventLoop& loop,
                                                                       std::string_view listen,
                                                                       std::string_view target);
  ~NetworkPlug();
  NetworkPlug(const NetworkPlug&) = delete;
  NetworkPlug& operator=(const NetworkPlug&) = delete;

  void pull();
  void put();
  [[nodiscard]] std::string address() const;

 private:
  class Impl;
  explicit NetworkPlug(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::sandbox
