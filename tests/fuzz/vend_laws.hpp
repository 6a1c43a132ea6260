// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/core/assert.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"

namespace tillkit::fuzz {

/// Holds whatever a machine says against what may be told of it: a request is open or it is not, an approval is
/// released at most once and ends at most once.
class VendLaws final : public fulfilment::VmcListener {
 public:
  bool open = false;      ///< a request that may be approved or denied
  bool approved = false;  ///< an approval that nobody told the end of
  bool released = false;
  bool refund_stored = true;

  void on_ready(bool ready) override {
    TILLKIT_ASSERT(ready != ready_);
    ready_ = ready;
  }
  void on_asked(const fulfilment::VmcRequest& request) override {
    TILLKIT_ASSERT(!open && !approved && !request.price.is_negative());
    open = true;
  }
  void on_withdrawn() override {
    TILLKIT_ASSERT(open && !approved);
    open = false;
  }
  void on_released() override {
    TILLKIT_ASSERT(approved && !released);
    released = true;
  }
  void on_vended(fulfilment::UnitOutcome outcome) override {
    TILLKIT_ASSERT(approved);
    if (outcome == fulfilment::UnitOutcome::Out) TILLKIT_ASSERT(released);
    if (outcome == fulfilment::UnitOutcome::NotOut) TILLKIT_ASSERT(!released);
    end();
  }
  bool on_failed() override {
    TILLKIT_ASSERT(approved);
    end();
    return refund_stored;
  }
  void on_session_over() override {}
  void on_cash_sale(const fulfilment::VmcCashSale& sale) override { TILLKIT_ASSERT(!sale.price.is_negative()); }

  void end() {
    approved = false;
    released = false;
  }

  /// The caller answered, and this came back.
  template <class Result>
  void tried_to_approve(const Result& result) {
    if (!result) return;
    TILLKIT_ASSERT(open && !approved);
    open = false;
    approved = true;
    released = false;
  }
  template <class Result>
  void tried_to_deny(const Result& result) {
    TILLKIT_ASSERT(result.has_value() == open);
    open = false;
  }

 private:
  bool ready_ = false;
};

}  // namespace tillkit::fuzz
