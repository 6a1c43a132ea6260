// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A cabinet with spirals, the products in it, and those that fell out. A turn takes 2 s; a product falls after 1.5 s.
/// What it did and its memory of the last vends stay through power cuts.
class VirtualProductDispenser final : public hal::ProductDispenser, private Part {
 public:
  static constexpr std::chrono::milliseconds kOrderTime{10};
  static constexpr std::chrono::milliseconds kFallTime{1'500};
  static constexpr std::chrono::milliseconds kTurnTime{2'000};
  /// After the limit the driver waits so long for the cabinet's word.
  static constexpr std::chrono::milliseconds kAnswerGrace{500};

  explicit VirtualProductDispenser(World& world) : Part(world) {}

  /// Makes the slot, if there is none, and puts products in.
  void fill(hal::SlotId slot, std::uint32_t products) { slots_[slot].stock += products; }
  [[nodiscard]] std::uint32_t stock(hal::SlotId slot) const;
  /// So many products fell, from one slot and from all.
  [[nodiscard]] std::uint32_t fallen(hal::SlotId slot) const;
  [[nodiscard]] std::uint32_t fallen() const;
  /// Of those, so many fell while the sensor was blind.
  [[nodiscard]] std::uint32_t unseen(hal::SlotId slot) const;
  /// So many times did a motor start.
  [[nodiscard]] std::uint32_t motor_starts() const { return motor_starts_; }

  void jam(hal::SlotId slot) { slots_[slot].jammed = true; }
  void unjam(hal::SlotId slot) { slots_[slot].jammed = false; }
  /// Products fall and the sensor does not see it.
  void blind_sensor(bool blind) { sensor_blind_ = blind; }
  void open_door() { door_open_ = true; }
  void close_door() { door_open_ = false; }
  void unplug() { plugged_ = false; }
  void plug() { plugged_ = true; }
  /// It does as it is told and says nothing more.
  void stop_answering() { answers_ = false; }
  void answer_again() { answers_ = true; }
  /// A cabinet of the simple kind forgets each vend when it is over.
  void forget_vends() { remembers_ = false; }
  void remember_vends() { remembers_ = true; }

  [[nodiscard]] bool jammed(hal::SlotId slot) const;
  [[nodiscard]] bool sensor_blind() const { return sensor_blind_; }
  [[nodiscard]] bool door_open() const { return door_open_; }
  [[nodiscard]] bool plugged() const { return plugged_; }
  [[nodiscard]] bool answers() const { return answers_; }
  [[nodiscard]] bool remembers() const { return remembers_; }

  /// Counts and fails calls of `dispense` and `inspect`. A planned `Timeout` of `dispense` vends and loses the answer;
  /// planned for `inspect` it is `Unavailable`.
  FaultPlan& faults() { return faults_; }

 private:
  struct Slot {
    std::uint32_t stock = 0;
    std::uint32_t fallen = 0;
    std::uint32_t unseen = 0;
    bool jammed = false;
  };
  struct Memory {
    hal::VendId vend;
    hal::DropOutcome outcome;
  };
  struct Order {
    hal::VendId vend;
    hal::SlotId slot;
    std::chrono::milliseconds limit;
    bool answer_lost = false;
    core::Completion<hal::DropOutcome> done;
  };

  [[nodiscard]] core::Result<> do_dispense(hal::VendId vend, hal::SlotId slot, std::chrono::milliseconds limit,
                                           core::Completion<hal::DropOutcome> done) override;
  [[nodiscard]] core::Result<> do_inspect(hal::VendId vend, core::Completion<hal::DropOutcome> done) override;
  void power_lost() override;

  void take_order();
  void reach_fall();
  void stop_motor(hal::DropOutcome seen);
  void finish(core::Result<hal::DropOutcome> result);
  void answer_inspection(hal::VendId vend);
  void give_up();
  [[nodiscard]] Memory* remembered(hal::VendId vend);
  void remember(hal::VendId vend, hal::DropOutcome outcome);

  FaultPlan faults_;
  std::map<hal::SlotId, Slot> slots_;
  std::deque<Memory> memory_;
  std::uint32_t motor_starts_ = 0;
  bool sensor_blind_ = false;
  bool door_open_ = false;
  bool plugged_ = true;
  bool answers_ = true;
  bool remembers_ = true;
  bool motor_on_ = false;
  std::optional<Order> order_;
  std::uint64_t order_count_ = 0;  // a step of an order that is over is no step of the next
  core::Completion<hal::DropOutcome> inspection_;
};

}  // namespace tillkit::hal_virtual
