// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "config.hpp"
#include "press.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal/board.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillkit::vending {

/// Hears what somebody should read in the device's log: no payment code, no name of anybody.
class Log {
 public:
  virtual ~Log() = default;
  virtual void note(std::string_view line) = 0;
};

/// How a vending machine treats people: turns what is touched into steps of the sale, says why something does not work,
/// and gets ready for the next shopper by itself.
///
/// Where a vending machine controller has the motors, it asks first: what was selected there becomes the sale on the
/// screen, at the machine's price before discounts; no sale, no approval.
class Machine final : public terminal::QuietObserver, public fulfilment::VmcApplication {
 public:
  /// All must outlive it.
  Machine(const hal::Board& board, const Config& config, Log& log);
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Begins to listen to the display. `terminal` was opened with this as its observer, and must outlive it.
  void serve(terminal::Terminal& terminal);

  /// From now on its requests are answered. It must outlive the machine.
  void answer_requests_of(fulfilment::VmcFulfilment& vmc) { vmc_ = &vmc; }

  /// Does what was touched.
  void press(const Press& press);

 private:
  void show(const receipt::ScreenModel& screen) override;
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override;
  void hand_out(journal::SaleId sale, const core::Money& cash) override;
  void attention(receipt::Attention attention, const receipt::TextValues& values) override;
  void check_age(int minimum_age) override;
  void status_changed(const terminal::Status& status) override;

  void ready(bool ready) override;
  void asked(const fulfilment::VmcRequest& request) override;
  void withdrawn() override;
  void session_over() override { begin_session_later(); }
  void cash_sale(const fulfilment::VmcCashSale& sale) override;

  [[nodiscard]] bool is_free() const;
  void deny();
  void take_back();
  void settle_request_later();
  void begin_session_later();

  template <class Done>
  void answer(const Done& done);
  /// Runs `task` from the loop, `delay` from now, instead of what was to run before.
  void later(std::chrono::milliseconds delay, hal::Task task);
  void person_left();

  const hal::Board& board_;
  const Config& config_;
  Log& log_;
  terminal::Terminal* terminal_ = nullptr;
  fulfilment::VmcFulfilment* vmc_ = nullptr;
  bool idle_shown_ = false;
  bool scanner_gone_ = false;  // as the log has it
  bool withdrawn_ = false;     // the sale on the screen is nobody's any more
  hal::TimerId timer_{};
  hal::TimerId request_timer_{};
  hal::TimerId session_timer_{};
  hal::TimerId age_timer_{};
};

}  // namespace tillkit::vending
