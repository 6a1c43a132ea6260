// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tillkit/core/money.hpp"
#include "tillkit/fulfilment/vmc_transport.hpp"

namespace tillkit::fulfilment {

using Told = std::vector<std::string>;

/// Writes down what it hears.
class Notes final : public VmcListener {
 public:
  Told told;
  bool refund_can_be_stored = true;
  std::function<void()> when_failed;

  void on_ready(bool ready) override { told.emplace_back(ready ? "ready" : "not ready"); }
  void on_asked(const VmcRequest& request) override {
    told.push_back("asked " + core::format_amount(request.price) +
                   (request.item ? " item " + std::to_string(*request.item) : ""));
  }
  void on_withdrawn() override { told.emplace_back("withdrawn"); }
  void on_released() override { told.emplace_back("released"); }
  void on_vended(UnitOutcome outcome) override { told.emplace_back(to_string(outcome)); }
  bool on_failed() override {
    told.emplace_back("failed");
    if (when_failed) when_failed();
    return refund_can_be_stored;
  }
  void on_session_over() override { told.emplace_back("session over"); }
  void on_cash_sale(const VmcCashSale& sale) override {
    told.push_back("cash " + core::format_amount(sale.price) +
                   (sale.item ? " item " + std::to_string(*sale.item) : ""));
  }
};

}  // namespace tillkit::fulfilment
