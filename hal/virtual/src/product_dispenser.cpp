// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/product_dispenser.hpp"

#include <algorithm>
#include <utility>

namespace tillkit::hal_virtual {
namespace {

constexpr std::chrono::milliseconds kInspectTime{10};
constexpr std::chrono::milliseconds kInspectPatience{1'000};

}  // namespace

std::uint32_t VirtualProductDispenser::stock(hal::SlotId slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? 0 : found->second.stock;
}

std::uint32_t VirtualProductDispenser::fallen(hal::SlotId slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? 0 : found->second.fallen;
}

std::uint32_t VirtualProductDispenser::unseen(hal::SlotId slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? 0 : found->second.unseen;
}

bool VirtualProductDispenser::jammed(hal::SlotId slot) const {
  const auto found = slots_.find(slot);
  return found != slots_.end() && found->second.jammed;
}

std::uint32_t VirtualProductDispenser::fallen() const {
  std::uint32_t all = 0;
  for (const auto& [id, slot] : slots_)
    all += slot.fallen;
  return all;
}

core::Result<> VirtualProductDispenser::do_dispense(hal::VendId vend, hal::SlotId slot, std::chrono::milliseconds limit,
                                                    core::Completion<hal::DropOutcome> done) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  const auto fault = faults_.next_call();
  const bool answer_lost = fault && fault->code == core::ErrorCode::Timeout;
  if (fault && !answer_lost) return std::unexpected(*fault);
  if (order_ || motor_on_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (!plugged_) return core::fail(core::ErrorCode::Unavailable);

  ++order_count_;
  order_.emplace(Order{vend, slot, limit, answer_lost, std::move(done)});
  world().in_device(kOrderTime, [this] { take_order(); });
  world().in_device(kOrderTime + limit + kAnswerGrace, [this, order = order_count_] {
    if (order_ && order == order_count_) finish(core::fail(core::ErrorCode::Timeout));
  });
  return {};
}

void VirtualProductDispenser::take_order() {
  if (!plugged_) return finish(core::fail(core::ErrorCode::Unavailable));
  const bool refuses_loudly = answers_ && !order_->answer_lost;
  const auto refuse = [&](core::ErrorCode code) {
    if (refuses_loudly) finish(core::fail(code));
  };
  const auto slot = slots_.find(order_->slot);
  if (slot == slots_.end()) return refuse(core::ErrorCode::NotFound);
  if (door_open_) return refuse(core::ErrorCode::FailedPrecondition);
  if (remembered(order_->vend) != nullptr) return refuse(core::ErrorCode::AlreadyExists);

  if (!world().power().step()) return;
  // The cabinet remembers a vend from its beginning; until a product fell it counts as stuck.
  remember(order_->vend, hal::DropOutcome::Jammed);
  ++motor_starts_;
  motor_on_ = true;
  if (!world().power().step()) return;

  const bool falls = !slot->second.jammed && slot->second.stock > 0 && kFallTime <= order_->limit;
  const bool turns = !slot->second.jammed && kTurnTime <= order_->limit;
  if (falls) return static_cast<void>(world().in_device(kFallTime, [this] { reach_fall(); }));
  const auto seen = turns ? hal::DropOutcome::NotSeen : hal::DropOutcome::Jammed;
  world().in_device(turns ? kTurnTime : order_->limit, [this, seen] { stop_motor(seen); });
}

void VirtualProductDispenser::reach_fall() {
  auto& slot = slots_[order_->slot];
  if (!world().power().step()) return;
  --slot.stock;
  ++slot.fallen;
  if (sensor_blind_) ++slot.unseen;
  if (!sensor_blind_) remember(order_->vend, hal::DropOutcome::Dropped);
  if (!world().power().step()) return;

  if (!sensor_blind_) return stop_motor(hal::DropOutcome::Dropped);
  const bool turns = kTurnTime <= order_->limit;
  const auto seen = turns ? hal::DropOutcome::NotSeen : hal::DropOutcome::Jammed;
  world().in_device((turns ? kTurnTime : order_->limit) - kFallTime, [this, seen] { stop_motor(seen); });
}

void VirtualProductDispenser::stop_motor(hal::DropOutcome seen) {
  motor_on_ = false;
  remember(order_->vend, seen);
  if (answers_ && plugged_ && !order_->answer_lost) finish(seen);
}

void VirtualProductDispenser::finish(core::Result<hal::DropOutcome> result) {
  auto done = std::move(order_->done);
  order_.reset();
  done(std::move(result));
}

core::Result<> VirtualProductDispenser::do_inspect(hal::VendId vend, core::Completion<hal::DropOutcome> done) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) {
    const bool no_answer = error->code == core::ErrorCode::Timeout;
    return core::fail(no_answer ? core::ErrorCode::Unavailable : error->code, error->source, error->foreign);
  }
  if (!remembers_) return core::fail(core::ErrorCode::Unsupported);
  if (order_ || motor_on_ || inspection_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (!plugged_) return core::fail(core::ErrorCode::Unavailable);

  inspection_ = std::move(done);
  world().in_device(answers_ ? kInspectTime : kInspectPatience, [this, vend] { answer_inspection(vend); });
  return {};
}

void VirtualProductDispenser::answer_inspection(hal::VendId vend) {
  auto done = std::exchange(inspection_, {});
  if (!answers_ || !plugged_) return done(core::fail(core::ErrorCode::Unavailable));
  const auto* memory = remembered(vend);
  if (memory == nullptr) return done(core::fail(core::ErrorCode::NotFound));
  done(memory->outcome);
}

VirtualProductDispenser::Memory* VirtualProductDispenser::remembered(hal::VendId vend) {
  const auto found = std::ranges::find(memory_, vend, &Memory::vend);
  return found == memory_.end() ? nullptr : &*found;
}

void VirtualProductDispenser::remember(hal::VendId vend, hal::DropOutcome outcome) {
  if (!remembers_) return;
  if (auto* memory = remembered(vend)) {
    memory->outcome = outcome;
    return;
  }
  memory_.push_back({vend, outcome});
  if (memory_.size() > hal::kVendsRememberedMin) memory_.pop_front();
}

void VirtualProductDispenser::power_lost() {
  motor_on_ = false;
  order_.reset();
  inspection_ = {};
}

}  // namespace tillkit::hal_virtual
