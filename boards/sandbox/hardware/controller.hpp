// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "goods.hpp"
#include "shop.hpp"
#include "tillkit/hal_virtual/vmc.hpp"

namespace tillkit::sandbox {

/// Most that a slot of a controller can cost, in minor units: amounts on the bus have 16 bits, FFFF stands for unknown.
inline constexpr std::int64_t kControllerPriceMax = 0xFFFE;

/// A vending machine's own controller with its keys and motors, and the USB bridge through which the board hears of it.
/// Both have a power supply of their own: they go on when the board does not.
class Controller final : public SerialDevice, public Goods {
 public:
  /// Keys, prices and the numbers of the selections on the bus are those of `places`, each of them another. All else
  /// is said of slots of these.
  Controller(hal_virtual::World& world, const std::vector<Place>& places);

  /// A shopper presses the key of a slot. False: not now (sold out, busy, no reader that listens).
  [[nodiscard]] bool select(std::uint16_t slot);
  void pull_lever() { bridge_.pull_lever(); }

  void opened(Say say) override { say_ = std::move(say); }
  void closed() override { say_ = {}; }
  void take(core::ByteView bytes) override { bridge_.hear(core::as_text(bytes)); }

  void put(std::uint16_t slot, std::uint32_t products) override {
    const std::uint16_t item = keys_.at(slot);
    cabinet_.put(item, cabinet_.price(item), products);
  }
  [[nodiscard]] std::uint32_t stock(std::uint16_t slot) const override { return cabinet_.stock(keys_.at(slot)); }
  [[nodiscard]] std::uint32_t fallen(std::uint16_t slot) const override { return cabinet_.fallen(keys_.at(slot)); }
  [[nodiscard]] std::uint32_t fallen() const override { return cabinet_.fallen(); }
  /// A controller has no sensor that could be covered.
  [[nodiscard]] std::uint32_t unseen(std::uint16_t /*slot*/) const override { return 0; }
  void jam(std::uint16_t slot, bool stuck) override { cabinet_.jam(keys_.at(slot), stuck); }
  [[nodiscard]] bool jammed(std::uint16_t slot) const override { return cabinet_.jammed(keys_.at(slot)); }
  [[nodiscard]] std::optional<std::uint16_t> turning() const override;

 private:
  void say(std::string_view bytes) {
    if (say_) say_(core::as_bytes(bytes));
  }

  std::map<std::uint16_t, std::uint16_t> keys_;  // of a slot, its selection on the bus
  hal_virtual::VirtualCabinet cabinet_;
  hal_virtual::VirtualVmcBridge bridge_;
  Say say_;  // empty: nobody holds the line
};

}  // namespace tillkit::sandbox
