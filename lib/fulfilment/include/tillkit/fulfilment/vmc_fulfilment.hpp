// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"
#include "tillkit/hal/scheduler.hpp"

namespace tillkit::fulfilment {

/// Hears what a shopper does at the vending machine. Called from the loop, never from inside a call of `VmcFulfilment`.
class VmcApplication {
 public:
  virtual ~VmcApplication() = default;

  /// Selections can be paid here from now on, or cannot.
  virtual void ready(bool ready) = 0;
  /// Somebody selected and waits: `deny`, or take the money and let the hand-over start. While a sale of an earlier
  /// request is still under way, deny: one request, one sale.
  virtual void asked(const VmcRequest& request) = 0;
  /// The request is over: the shopper cancelled, or the machine reset, switched off or waited too long. A hand-over of
  /// it cannot start any more; what was paid for it goes back.
  virtual void withdrawn() = 0;
  virtual void session_over() = 0;
  virtual void cash_sale(const VmcCashSale& sale) = 0;
};

struct VmcPolicy {
  /// From the approval to what came of it; then it counts as unknown. The slowest machine must be faster than this.
  std::chrono::milliseconds outcome_within{300'000};
};

/// Hands over through a vending machine controller, which has the motors and asks this terminal for money.
///
/// The order of things: the machine asks (`VmcApplication::asked`), the money is taken, the intent is stored, `start`
/// approves with `Handover::paid`, the machine acknowledges (`Released`), vends, and says how it went. What came of an
/// approval is `Out` (it says so, or it reset after it: MDB 7.4.7), `NotOut` (it says so, or it cancelled before the
/// approval reached it), or unknown: silence, a reset in the very moment, or nothing within
/// `VmcPolicy::outcome_within`. `done` is called in each case.
class VmcFulfilment final : public Fulfilment, private VmcListener {
 public:
  /// All that is given here must outlive it.
  VmcFulfilment(VmcTransport& transport, hal::Scheduler& scheduler, VmcApplication& application, VmcPolicy policy = {});
  ~VmcFulfilment() override;
  VmcFulfilment(const VmcFulfilment&) = delete;
  VmcFulfilment& operator=(const VmcFulfilment&) = delete;

  [[nodiscard]] bool ready() const { return transport_.ready(); }
  /// What the machine asks for and nobody answered.
  [[nodiscard]] const std::optional<VmcRequest>& request() const { return request_; }

  /// Answers the open request with no.
  /// - FailedPrecondition: there is none.
  [[nodiscard]] core::Result<> deny();

  /// As `VmcTransport::begin_session` and `end_session`.
  [[nodiscard]] core::Result<> begin_session(const std::optional<core::Money>& funds) {
    return transport_.begin_session(funds);
  }
  [[nodiscard]] core::Result<> end_session() { return transport_.end_session(); }

 private:
  struct Vend {
    Handover handover;
    Released released;
    core::Completion<HandoverReport> done;
    hal::TimerId timer;
  };

  /// - FailedPrecondition: no request is open, or it is for another selection than `Handover::mdb`.
  /// - Exhausted: more than one unit.
  /// - InvalidArgument, OutOfRange: the amount paid cannot be said to this machine, or is more than it asks.
  [[nodiscard]] core::Result<Intention> do_intend(const Handover& handover) const override;
  [[nodiscard]] core::Result<> do_start(const Handover& handover, Released released,
                                        core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Result<> do_inspect(const Handover& handover, core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Recovery do_recovery() const override;
  /// The machine is told that the credit is lost, where its language can say that.
  void do_end_not_stored() override { refund_refused_ = true; }

  void on_ready(bool ready) override { application_.ready(ready); }
  void on_asked(const VmcRequest& request) override;
  void on_withdrawn() override;
  void on_released() override;
  void on_vended(UnitOutcome outcome) override { finish(outcome); }
  [[nodiscard]] bool on_failed() override;
  void on_session_over() override { application_.session_over(); }
  void on_cash_sale(const VmcCashSale& sale) override { application_.cash_sale(sale); }

  [[nodiscard]] core::Result<> check(const Handover& handover) const;
  void finish(UnitOutcome outcome);

  VmcTransport& transport_;
  hal::Scheduler& scheduler_;
  VmcApplication& application_;
  VmcPolicy policy_;
  std::optional<VmcRequest> request_;
  std::optional<Vend> vend_;
  bool refund_refused_ = false;
};

}  // namespace tillkit::fulfilment
