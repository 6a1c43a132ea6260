// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tillkit/hal/display.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A display, and the eyes that look at it. A screen is visible at the turn after it was given.
class VirtualDisplay final : public hal::Display, private Part {
 public:
  explicit VirtualDisplay(World& world) : Part(world) {}

  /// What a shopper sees now; empty: a dark display.
  [[nodiscard]] const std::string& visible() const { return visible_; }
  /// So many screens became visible.
  [[nodiscard]] std::uint64_t screens() const { return screens_; }

  void unplug();
  void plug();

 private:
  void do_show(std::string screen_json) override;
  void power_lost() override;

  void refresh_later();

  std::string latest_;
  std::string visible_;
  std::uint64_t screens_ = 0;
  bool plugged_ = true;
  bool refreshing_ = false;
};

}  // namespace tillkit::hal_virtual
