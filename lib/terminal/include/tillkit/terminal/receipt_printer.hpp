// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/receipt/escpos.hpp"
#include "tillkit/receipt/texts.hpp"

namespace tillkit::terminal {

/// So many receipts wait for paper; what a busy till sells while somebody fetches a roll. One more is told as not
/// printed.
inline constexpr std::size_t kReceiptsWaitingMax = 100;
/// A receipt that stopped inside so often is not begun again by itself.
inline constexpr int kReceiptTriesMax = 3;
/// One job: the longest takes 70 s on a line of 9600 baud.
inline constexpr std::chrono::minutes kReceiptPrintMax{2};

/// Prints the receipts of sales that ended, in their order, one at a time, and never holds up a sale.
///
/// A printer that has no paper or is not there: they wait, and a person is told once (`Attention::PaperOut`,
/// `PrinterFault`). One that stopped inside a receipt: all of it is printed again, as a copy, which checkout counts and
/// permits. What is not printed, or of which nobody knows, is told with its sale (`Attention::ReceiptNotPrinted`): it
/// can be printed again at any time. A restart forgets what waits, as it does not know what came out; the sales are
/// in the journal.
class ReceiptPrinter {
 public:
  struct Parts {
    hal::Printer& printer;
    hal::Scheduler& scheduler;
    journal::Journal& journal;
    checkout::Checkout& checkout;
    checkout::Observer& observer;  ///< hears what a person must look at
  };
  /// A copy on its way.
  struct Queued {
    std::uint32_t copy = 0;
    std::size_t waiting = 0;  ///< receipts that come out before it
  };

  /// All parts must outlive it.
  ReceiptPrinter(const Parts& parts, const receipt::PaperPrinter& paper, receipt::Language language)
      : parts_(parts), paper_(paper), language_(language), alive_(std::make_shared<int>()) {}
  ~ReceiptPrinter() { parts_.scheduler.cancel(begin_timer_); }
  ReceiptPrinter(const ReceiptPrinter&) = delete;
  ReceiptPrinter& operator=(const ReceiptPrinter&) = delete;

  /// Its receipt is printed next, if it has one.
  void sale_ended(journal::SaleId sale, checkout::SaleState how);

  /// Prints a receipt again, as a copy: 1 commit, as `checkout::Checkout::reprint`. A queue that is full refuses with
  /// the cause `Exhausted`, before anything is counted.
  [[nodiscard]] checkout::Outcome<Queued> reprint(journal::SaleId sale, const journal::Operator& by);

  /// Goes on with what waits; to be called now and then, as a printer does not say when it has paper.
  void look();

  /// Receipts that are not printed yet.
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }

 private:
  struct Job {
    journal::SaleId sale;
    std::uint32_t copy = 0;
    bool stopped_inside = false;  ///< some of it is on paper: next is a copy
    int tries = 0;
  };

  void begin_soon();
  void begin();
  [[nodiscard]] bool count_copy(Job& job);
  [[nodiscard]] core::Result<core::Bytes> bytes_of(const Job& job) const;
  void printed(core::Result<hal::PrintOutcome> result);
  void stopped(hal::PrinterState state);
  void give_up_first();
  void tell_not_printed(journal::SaleId sale);

  const Parts parts_;
  const receipt::PaperPrinter paper_;
  const receipt::Language language_;
  std::shared_ptr<int> alive_;  // the printer's completion may come after the end
  std::deque<Job> jobs_;
  bool printing_ = false;
  std::optional<receipt::Attention> told_;  // since it last printed
  hal::TimerId begin_timer_;
};

}  // namespace tillkit::terminal
