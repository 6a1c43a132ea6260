// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/journal/journal.hpp"

namespace tillctl {

/// The checkout of a terminal that is stopped: it decides about attempts, with all that their sales need for it, and
/// does nothing else. It was not started, so nothing that is open is asked about, given up or reversed; it has nothing
/// to sell, and nothing leaves it.
///
/// It permits a decision to everybody: whoever has the device and its keys in hand. The record says who that was.
class StoppedCheckout {
 public:
  virtual ~StoppedCheckout() = default;

  [[nodiscard]] virtual tillkit::checkout::Checkout& checkout() = 0;

  /// Journal and clock must outlive it. - as `hal_linux::EventLoop::create`.
  [[nodiscard]] static tillkit::core::Result<std::unique_ptr<StoppedCheckout>> make(
      tillkit::journal::Journal& journal, tillkit::hal::Clock& clock, const tillkit::journal::TerminalName& terminal,
      tillkit::core::Currency currency);
};

}  // namespace tillctl
