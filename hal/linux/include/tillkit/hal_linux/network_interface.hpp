// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::hal_linux {

/// How often the kernel's tables are read: a shopper who shows a code is told within that time that the cable is out.
inline constexpr std::chrono::milliseconds kNetworkLookEvery{1'000};

struct NetworkInterfaceSettings {
  std::string name{};  ///< `eth0`, `wwan0`. Empty: nothing is looked at, and it is `Online`: only trying tells.
  std::string root{};  ///< where `/sys` and `/proc` lie; empty for the real ones
  std::chrono::milliseconds look_every = kNetworkLookEvery;
};

/// What the kernel says of one network interface: its link (`operstate`), and a default route (IPv4 or IPv6) over it,
/// which stands for an address and a way out. Sends nothing.
class NetworkInterface final : public hal::NetworkStatus {
 public:
  /// `scheduler` must outlive it.
  NetworkInterface(hal::Scheduler& scheduler, NetworkInterfaceSettings settings);
  ~NetworkInterface() override;
  NetworkInterface(const NetworkInterface&) = delete;
  NetworkInterface& operator=(const NetworkInterface&) = delete;

 private:
  [[nodiscard]] hal::LinkState do_link() const override { return link_; }
  void do_listen(hal::LinkListener listener) override { listener_.set(std::move(listener)); }

  void look_later();
  [[nodiscard]] hal::LinkState look() const;

  hal::Scheduler& scheduler_;
  NetworkInterfaceSettings settings_;
  hal::driver::ListenerSlot<hal::LinkState> listener_;
  hal::LinkState link_;
  hal::TimerId timer_{};
};

}  // namespace tillkit::hal_linux
