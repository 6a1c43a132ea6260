// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/mdb_peripheral.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::fulfilment {

/// What stays powered with the vending machine and remembers, as a coprocessor on its bus does.
class VmcMemory {
 public:
  virtual ~VmcMemory() = default;

  /// The next approval is of this vend. What is noted here and never approved counts as not moved.
  /// - Unavailable: it cannot note it now: nothing may be approved.
  [[nodiscard]] virtual core::Result<> note(HandoverId vend) = 0;
  /// As `VmcTransport::inspect`.
  [[nodiscard]] virtual core::Result<> recall(HandoverId vend, core::Completion<UnitOutcome> done) = 0;
};

/// A vending machine on a bus that this process answers itself: the virtual one, or a port that hands characters over
/// within `kMdbResponseMax` and with the mode bit. (A Linux UART does neither: use `VmcBridge`.)
class VmcBus final : public VmcTransport {
 public:
  /// Puts characters on the bus, the first one at once.
  using Send = std::move_only_function<void(std::span<const MdbWord>)>;

  /// `memory` may be nullptr. All that is given here must outlive it.
  /// - InvalidArgument: as `MdbPeripheral::make`, or nothing to send with. Exhausted: no timer is free.
  [[nodiscard]] static core::Result<std::unique_ptr<VmcBus>> make(const MdbSettings& settings, hal::Clock& clock,
                                                                  hal::Scheduler& scheduler, Send send,
                                                                  VmcMemory* memory);
  ~VmcBus() override { scheduler_.cancel(timer_); }
  VmcBus(const VmcBus&) = delete;
  VmcBus& operator=(const VmcBus&) = delete;

  /// Takes one character from the bus; called from the loop. `at` is when it was over.
  void receive(MdbWord word, core::MonotonicTime at);
  /// The bus was held low for 100 ms or more.
  void bus_reset() { peripheral_.bus_reset(); }

  [[nodiscard]] const MdbPeripheral& peripheral() const { return peripheral_; }

  void listen(VmcListener* listener) override { peripheral_.listen(listener); }
  [[nodiscard]] bool ready() const override { return peripheral_.ready(); }
  [[nodiscard]] core::Result<> check(const core::Money& amount) const override;
  [[nodiscard]] core::Result<> approve(HandoverId vend, const core::Money& amount) override;
  [[nodiscard]] core::Result<> deny() override { return peripheral_.deny(); }
  [[nodiscard]] UnitOutcome give_up() override { return peripheral_.give_up(); }
  [[nodiscard]] core::Result<> begin_session(const std::optional<core::Money>& funds) override;
  [[nodiscard]] core::Result<> end_session() override { return peripheral_.end_session(); }
  [[nodiscard]] bool remembers() const override { return memory_ != nullptr; }
  [[nodiscard]] core::Result<> inspect(HandoverId vend, core::Completion<UnitOutcome> done) override;

 private:
  VmcBus(const MdbPeripheral& peripheral, hal::Clock& clock, hal::Scheduler& scheduler, Send send, VmcMemory* memory);

  [[nodiscard]] core::Result<> tick_later();
  void tick();

  MdbPeripheral peripheral_;
  hal::Clock& clock_;
  hal::Scheduler& scheduler_;
  Send send_;
  VmcMemory* memory_;
  hal::TimerId timer_;
};

}  // namespace tillkit::fulfilment
