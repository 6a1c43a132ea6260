// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace tillkit::hal {

/// What the device knows of its link, without asking anybody on it.
enum class LinkState : std::uint8_t {
  Offline = 1,  ///< no link, or no address on it
  Limited = 2,  ///< a link and an address, but no way out is known (no route, a login page)
  Online = 3,   ///< a link, an address and a way out
};

using LinkListener = std::move_only_function<void(LinkState)>;

/// Says whether trying the network is likely to work: a hint, wrong both ways.
///
/// Use it to try sooner, to show a symbol, and to tell a shopper at once that wallets need a network. Never use it as
/// proof: `Online` does not mean that the cloud answers, and `Offline` does not mean that a request that left did not
/// arrive. What became of a request is known from its answer alone.
///
/// A driver MUST NOT send anything to find out, and MUST call the listener from the loop, never from inside a call.
class NetworkStatus {
 public:
  virtual ~NetworkStatus() = default;

  /// What was last heard. Does not block.
  [[nodiscard]] LinkState link() const { return do_link(); }

  /// Whom to tell of each change; replaces the one before. An empty listener: nobody. Quick changes may come as one,
  /// the last state always comes.
  void listen(LinkListener listener) { do_listen(std::move(listener)); }

 private:
  [[nodiscard]] virtual LinkState do_link() const = 0;
  virtual void do_listen(LinkListener listener) = 0;
};

}  // namespace tillkit::hal
