// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/vmc_bus.hpp"

#include <chrono>
#include <utility>

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

/// How late an overdue answer may be noticed.
constexpr std::chrono::milliseconds kTick{1'000};

}  // namespace

Result<std::unique_ptr<VmcBus>> VmcBus::make(const MdbSettings& settings, hal::Clock& clock, hal::Scheduler& scheduler,
                                             Send send, VmcMemory* memory) {
  if (!send) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const MdbPeripheral peripheral, MdbPeripheral::make(settings));
  std::unique_ptr<VmcBus> bus(new VmcBus(peripheral, clock, scheduler, std::move(send), memory));
  TILLKIT_TRY_VOID(bus->tick_later());
  return bus;
}

VmcBus::VmcBus(const MdbPeripheral& peripheral, hal::Clock& clock, hal::Scheduler& scheduler, Send send,
               VmcMemory* memory)
    : peripheral_(peripheral), clock_(clock), scheduler_(scheduler), send_(std::move(send)), memory_(memory) {}

void VmcBus::receive(MdbWord word, core::MonotonicTime at) {
  const auto answer = peripheral_.receive(word, at);
  if (!answer.empty()) send_(answer);
  peripheral_.act();
  peripheral_.tick(at);
}

Result<> VmcBus::check(const core::Money& amount) const {
  TILLKIT_TRY_VOID(amount_of(amount, peripheral_.scale()));
  return {};
}

Result<> VmcBus::approve(HandoverId vend, const core::Money& amount) {
  TILLKIT_TRY_VOID(check(amount));
  if (peripheral_.state() != MdbState::Asked) return fail(ErrorCode::FailedPrecondition);
  if (memory_ != nullptr) TILLKIT_TRY_VOID(memory_->note(vend));
  return peripheral_.approve(amount);
}

Result<> VmcBus::begin_session(const std::optional<core::Money>& funds) {
  return peripheral_.begin_session(funds);
}

Result<> VmcBus::inspect(HandoverId vend, core::Completion<UnitOutcome> done) {
  if (memory_ == nullptr) return fail(ErrorCode::Unsupported);
  return memory_->recall(vend, std::move(done));
}

Result<> VmcBus::tick_later() {
  TILLKIT_TRY(timer_, scheduler_.call_after(kTick, [this] { tick(); }));
  return {};
}

void VmcBus::tick() {
  // Were no timer free, the next character brings the time, and each vend has a timer of its own.
  if (!tick_later()) timer_ = {};
  peripheral_.tick(clock_.monotonic());
}

}  // namespace tillkit::fulfilment
