// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/network_status.hpp"

#include <utility>

namespace tillkit::hal_virtual {

void VirtualNetwork::unplug() {
  plugged_ = false;
  set_hint(hal::LinkState::Offline);
}

void VirtualNetwork::plug() {
  plugged_ = true;
  set_hint(hal::LinkState::Online);
}

void VirtualNetwork::set_hint(hal::LinkState hint) {
  if (hint == hint_) return;
  hint_ = hint;
  if (telling_ || !has_power()) return;
  telling_ = true;
  world().in_device({}, [this] {
    telling_ = false;
    listener_.tell(hint_);
  });
}

void VirtualNetwork::do_listen(hal::LinkListener listener) {
  if (has_power()) listener_.set(std::move(listener));
}

void VirtualNetwork::power_lost() {
  telling_ = false;
  listener_.set({});
}

}  // namespace tillkit::hal_virtual
