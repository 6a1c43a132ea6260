// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// The network plug of a virtual board, and what the device believes of it.
class VirtualNetwork final : public hal::NetworkStatus, private Part {
 public:
  explicit VirtualNetwork(World& world) : Part(world) {}

  /// What is under way is lost; nothing arrives until it is plugged.
  void unplug();
  void plug();
  [[nodiscard]] bool plugged() const { return plugged_; }

  /// The device believes this from now on, true or not.
  void set_hint(hal::LinkState hint);

 private:
  [[nodiscard]] hal::LinkState do_link() const override { return hint_; }
  void do_listen(hal::LinkListener listener) override;
  void power_lost() override;

  hal::driver::ListenerSlot<hal::LinkState> listener_;
  hal::LinkState hint_ = hal::LinkState::Online;
  bool plugged_ = true;
  bool telling_ = false;
};

}  // namespace tillkit::hal_virtual
