// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "random.hpp"
#include "tillkit/fulfilment/vmc_bus.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/hal_virtual/vmc.hpp"

namespace tillkit::fulfilment::vending {

/// One sale as the journal has it.
struct Sale {
  enum class State : std::uint8_t { Intended, Closed, Refunded };
  State state = State::Intended;
  core::Money paid;
  bool released = false;
  bool goods_unknown = false;  ///< nobody saw: settled by the policy, and counted
  bool credit_lost = false;    ///< the vend failed, and the refund could not be stored
  bool cut = false;            ///< the power went while it was open; for the books of the test
  std::optional<MdbItem> mdb{};
};

/// What is committed, survives; what is not, never was.
class Journal {
 public:
  explicit Journal(hal_virtual::Power& power) : power_(power) {}

  /// One commit. False: the power went before it was durable.
  bool commit(const std::function<void(std::map<std::uint64_t, Sale>&)>& change) {
    if (!power_.step()) return false;
    change(sales_);
    static_cast<void>(power_.step());  // it went just after
    return true;
  }

  [[nodiscard]] const std::map<std::uint64_t, Sale>& sales() const { return sales_; }
  [[nodiscard]] bool settled() const;
  /// For the driver of the test: the power went now.
  std::uint64_t mark_cut();

 private:
  hal_virtual::Power& power_;
  std::map<std::uint64_t, Sale> sales_;
};

/// The cabinet's memory, as a coprocessor on the bus would keep it.
class Memory final : public VmcMemory {
 public:
  Memory(hal_virtual::VirtualCabinet& cabinet, hal_virtual::VirtualScheduler& scheduler)
      : cabinet_(cabinet), scheduler_(scheduler) {}

  core::Result<> note(HandoverId vend) override;
  core::Result<> recall(HandoverId vend, core::Completion<UnitOutcome> done) override;

 private:
  hal_virtual::VirtualCabinet& cabinet_;
  hal_virtual::VirtualScheduler& scheduler_;
};

/// How this terminal behaves.
struct Habits {
  std::uint64_t seed = 1;
  std::uint32_t denies_percent = 10;
  std::uint32_t discounts_percent = 30;
  std::uint32_t refund_lost_percent = 0;  ///< the storage is full when a refund is to be stored
  bool begins_sessions = false;
};

/// The program on the terminal: what runs while the power is on. It takes money in the commit of the intent.
class Terminal final : private VmcApplication {
 public:
  Terminal(hal_virtual::VirtualBoard& board, hal_virtual::VirtualCabinet& cabinet, Journal& journal,
           VmcTransport& transport, const Habits& habits);

  [[nodiscard]] VmcFulfilment& fulfilment() { return fulfilment_; }
  [[nodiscard]] std::uint32_t requests() const { return requests_; }

 private:
  void ready(bool ready) override;
  void asked(const VmcRequest& request) override;
  void withdrawn() override {}
  void session_over() override;
  void cash_sale(const VmcCashSale& /*sale*/) override {}

  void pay(const VmcRequest& request);
  void ended(std::uint64_t id, const core::Result<HandoverReport>& outcome);
  void resolve(std::uint64_t id);
  void conclude(std::uint64_t id, HandoverEvent event);
  void settle(std::uint64_t id);
  void begin_session_later();
  [[nodiscard]] Handover handover_of(std::uint64_t id) const;
  [[nodiscard]] bool chance(std::uint32_t percent) { return core::below(random_, 100U) < percent; }

  hal_virtual::VirtualBoard& board_;
  hal_virtual::VirtualCabinet& cabinet_;
  Journal& journal_;
  Habits habits_;
  core::Random random_;
  VmcFulfilment fulfilment_;
  bool busy_ = false;
  std::uint32_t requests_ = 0;
};

}  // namespace tillkit::fulfilment::vending
