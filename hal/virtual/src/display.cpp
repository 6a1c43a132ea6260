// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/display.hpp"

#include <utility>

namespace tillkit::hal_virtual {

void VirtualDisplay::do_show(std::string screen_json) {
  if (!has_power()) return;
  latest_ = std::move(screen_json);
  refresh_later();
}

void VirtualDisplay::do_listen(hal::PressListener listener) {
  if (has_power()) listener_.set(std::move(listener));
}

void VirtualDisplay::touch(std::string press) {
  if (!has_power() || !plugged_ || press.empty() || press.size() > hal::kPressBytesMax) return;
  world().in_device({}, [this, press = std::move(press)]() mutable { listener_.tell(std::move(press)); });
}

void VirtualDisplay::refresh_later() {
  if (refreshing_ || latest_.empty()) return;
  refreshing_ = true;
  world().in_device({}, [this] {
    refreshing_ = false;
    if (!plugged_) return;
    visible_ = latest_;
    ++screens_;
  });
}

void VirtualDisplay::unplug() {
  plugged_ = false;
  visible_.clear();
}

void VirtualDisplay::plug() {
  plugged_ = true;
  if (has_power()) refresh_later();
}

void VirtualDisplay::power_lost() {
  listener_.set({});
  latest_.clear();
  visible_.clear();
  refreshing_ = false;
}

}  // namespace tillkit::hal_virtual
