// SPDX-License-Identifier: Apache-2.0
#include "controller.hpp"

namespace tillkit::sandbox {

Controller::Controller(hal_virtual::World& world, const std::vector<Place>& places)
    : cabinet_(world), bridge_(world, cabinet_, [this](std::string_view bytes) { say(bytes); }) {
  for (const Place& place : places)
    cabinet_.put(place.slot, static_cast<std::uint16_t>(place.price_minor), 0);
}

}  // namespace tillkit::sandbox
