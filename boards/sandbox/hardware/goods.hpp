// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "machine.hpp"

namespace tillkit::sandbox {

/// The goods behind glass, whoever turns the motors.
class Goods {
 public:
  virtual ~Goods() = default;

  virtual void put(std::uint16_t slot, std::uint32_t products) = 0;
  [[nodiscard]] virtual std::uint32_t stock(std::uint16_t slot) const = 0;
  /// What ever fell from this slot, and from all.
  [[nodiscard]] virtual std::uint32_t fallen(std::uint16_t slot) const = 0;
  [[nodiscard]] virtual std::uint32_t fallen() const = 0;
  /// Of what fell from this slot: what the drop sensor could not see, since it was covered.
  [[nodiscard]] virtual std::uint32_t unseen(std::uint16_t slot) const = 0;
  virtual void jam(std::uint16_t slot, bool stuck) = 0;
  [[nodiscard]] virtual bool jammed(std::uint16_t slot) const = 0;
  /// The slot whose motor turns.
  [[nodiscard]] virtual std::optional<std::uint16_t> turning() const = 0;
};

/// Goods whose motors the board turns.
class BoardGoods final : public Goods {
 public:
  /// `machine` must outlive it.
  explicit BoardGoods(Machine& machine) : machine_(machine) {}

  void put(std::uint16_t slot, std::uint32_t products) override { cabinet().fill(hal::SlotId{slot}, products); }
  [[nodiscard]] std::uint32_t stock(std::uint16_t slot) const override { return cabinet().stock(hal::SlotId{slot}); }
  [[nodiscard]] std::uint32_t fallen(std::uint16_t slot) const override { return cabinet().fallen(hal::SlotId{slot}); }
  [[nodiscard]] std::uint32_t fallen() const override { return cabinet().fallen(); }
  [[nodiscard]] std::uint32_t unseen(std::uint16_t slot) const override { return cabinet().unseen(hal::SlotId{slot}); }
  void jam(std::uint16_t slot, bool stuck) override {
    stuck ? cabinet().jam(hal::SlotId{slot}) : cabinet().unjam(hal::SlotId{slot});
  }
  [[nodiscard]] bool jammed(std::uint16_t slot) const override { return cabinet().jammed(hal::SlotId{slot}); }
  [[nodiscard]] std::optional<std::uint16_t> turning() const override {
    return machine_.turning().transform([](hal::SlotId slot) { return slot.value(); });
  }

 private:
  [[nodiscard]] hal_virtual::VirtualProductDispenser& cabinet() const { return machine_.devices().dispenser; }

  Machine& machine_;
};

}  // namespace tillkit::sandbox
