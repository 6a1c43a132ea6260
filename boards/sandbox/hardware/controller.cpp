// SPDX-License-Identifier: Apache-2.0
#include "controller.hpp"

#include <algorithm>

namespace tillkit::sandbox {

Controller::Controller(hal_virtual::World& world, const std::vector<Place>& places)
    : cabinet_(world), bridge_(world, cabinet_, [this](std::string_view bytes) { say(bytes); }) {
  for (const Place& place : places) {
    keys_[place.slot] = place.mdb;
    cabinet_.put(place.mdb, static_cast<std::uint16_t>(place.price_minor), 0);
  }
}

bool Controller::select(std::uint16_t slot) {
  const auto key = keys_.find(slot);
  return key != keys_.end() && bridge_.select(key->second);
}

std::optional<std::uint16_t> Controller::turning() const {
  const auto item = cabinet_.turning_item();
  const auto key = std::ranges::find_if(keys_, [&](const auto& each) { return each.second == item; });
  return key == keys_.end() ? std::nullopt : std::optional(key->first);
}

}  // namespace tillkit::sandbox
