// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tillkit/hal/display.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A display, the eyes that look at it, and the finger that touches it. A screen is visible at the turn after it was
/// given.
class VirtualDisplay final : public hal::Display, private Part {
 public:
  explicit VirtualDisplay(World& world) : Part(world) {}

  /// What a shopper sees now; empty: a dark display.
  [[nodiscard]] const std::string& visible() const { return visible_; }
  /// So many screens became visible.
  [[nodiscard]] std::uint64_t screens() const { return screens_; }

  /// Somebody touches it, now. Delivered at the next turn, unless it is dark or nobody listens.
  void touch(std::string press);

  void unplug();
  void plug();

 private:
  void do_show(std::string screen_json) override;
  void do_listen(hal::PressListener listener) override;
  void power_lost() override;

  void refresh_later();

  hal::driver::ListenerSlot<std::string> listener_;
  std::string latest_;
  std::string visible_;
  std::uint64_t screens_ = 0;
  bool plugged_ = true;
  bool refreshing_ = false;
};

}  // namespace tillkit::hal_virtual
