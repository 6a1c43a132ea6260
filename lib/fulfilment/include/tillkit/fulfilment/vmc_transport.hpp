// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/report.hpp"

namespace tillkit::fulfilment {

/// What a machine calls a selection; 0 to `kVmcItemMax`.
using VmcItem = std::uint16_t;
inline constexpr VmcItem kVmcItemMax = 0xFFFE;  // FFFF: the machine does not say

/// A selection that the machine wants to have paid here.
struct VmcRequest {
  core::Money price;
  std::optional<VmcItem> item;

  friend bool operator==(const VmcRequest&, const VmcRequest&) = default;
};

/// A vend that the machine sold for cash.
struct VmcCashSale {
  core::Money price;
  std::optional<VmcItem> item;

  friend bool operator==(const VmcCashSale&, const VmcCashSale&) = default;
};

/// Hears what a vending machine says. Called from the loop, never from inside a call of the transport.
class VmcListener {
 public:
  virtual ~VmcListener() = default;

  /// The machine takes cashless payments from now on, or does not.
  virtual void on_ready(bool ready) = 0;
  /// Somebody selected. Until `on_withdrawn`, or until it is answered, this request is open.
  virtual void on_asked(const VmcRequest& request) = 0;
  /// The open request is over before the machine had an approval: it will not vend, surely.
  virtual void on_withdrawn() = 0;
  /// The machine has the approval, or is about to have it whatever happens here.
  virtual void on_released() = 0;
  /// What came of an approval: `Out`; `NotOut`, the approval never reached the machine; or `Unknown`.
  virtual void on_vended(UnitOutcome outcome) = 0;
  /// The machine says that it could not vend what was approved. Whether the money's way back is stored; until this
  /// returns, the machine gets no answer.
  [[nodiscard]] virtual bool on_failed() = 0;
  /// A session is over, whoever ended it.
  virtual void on_session_over() = 0;
  virtual void on_cash_sale(const VmcCashSale& sale) = 0;
};

/// Carries the dialogue with a vending machine controller: the bus itself, or a bridge to it.
class VmcTransport {
 public:
  virtual ~VmcTransport() = default;

  /// Whom to tell; it must outlive the transport or be replaced by nullptr: nobody.
  virtual void listen(VmcListener* listener) = 0;
  [[nodiscard]] virtual bool ready() const = 0;

  /// Whether this amount can be said to the machine, to the cent.
  /// - InvalidArgument: another currency, or below zero.
  /// - OutOfRange: more than the machine's numbers hold, or between two steps of its scale.
  [[nodiscard]] virtual core::Result<> check(const core::Money& amount) const = 0;

  /// Approves the open request. If it returns an error, nothing was approved:
  /// - as `check`.
  /// - FailedPrecondition: no request is open.
  /// - Unavailable, Exhausted: the machine cannot be reached.
  [[nodiscard]] virtual core::Result<> approve(HandoverId vend, const core::Money& amount) = 0;
  /// Denies the open request.
  /// - FailedPrecondition: no request is open, or it is approved already.
  [[nodiscard]] virtual core::Result<> deny() = 0;
  /// Waits no longer for what comes of an approval, and says what is known: `NotOut` (it never left) or `Unknown`.
  [[nodiscard]] virtual UnitOutcome give_up() = 0;

  /// Opens a session where the machine needs one before a selection; no funds: not determined.
  /// - as `check`; FailedPrecondition: not ready, or a session is open. Unavailable: the machine cannot be reached.
  [[nodiscard]] virtual core::Result<> begin_session(const std::optional<core::Money>& funds) = 0;
  /// Asks the machine to end the session. `on_session_over` follows.
  /// - FailedPrecondition: there is none, or a request is open in it: answer that first.
  [[nodiscard]] virtual core::Result<> end_session() = 0;

  /// Whether what the machine did is remembered beyond a power cut of this terminal.
  [[nodiscard]] virtual bool remembers() const = 0;
  /// Asks what came of an approval.
  /// - Unsupported: nothing is remembered.
  /// - Unavailable: no answer now.
  ///
  /// Else `done` gets it, or NotFound (this approval never reached the machine and never will) or Unavailable.
  [[nodiscard]] virtual core::Result<> inspect(HandoverId vend, core::Completion<UnitOutcome> done) = 0;
};

}  // namespace tillkit::fulfilment
