// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/receipt_printer.hpp"

#include <utility>

namespace tillkit::terminal {

using core::ErrorCode;
using hal::PrintedPart;
using hal::PrinterState;
using receipt::Attention;

static_assert(receipt::kPaperBytesMax == hal::kPrintBytesMax);

namespace {

bool has_receipt(checkout::SaleState how) {
  return how == checkout::SaleState::Closed || how == checkout::SaleState::Undone ||
         how == checkout::SaleState::Returned;
}

}  // namespace

void ReceiptPrinter::sale_ended(journal::SaleId sale, checkout::SaleState how) {
  if (!has_receipt(how)) return;
  if (jobs_.size() >= kReceiptsWaitingMax) return tell_not_printed(sale);
  jobs_.push_back({.sale = sale});
  begin_soon();
}

checkout::Outcome<ReceiptPrinter::Queued> ReceiptPrinter::reprint(journal::SaleId sale, const journal::Operator& by) {
  if (jobs_.size() >= kReceiptsWaitingMax) {
    return std::unexpected(
        checkout::Refused{.refusal = receipt::SaleRefusal::StorageFull,
                          .cause = core::Error{ErrorCode::Exhausted, core::ErrorSource::Tillkit, 0}});
  }
  const auto counted = parts_.checkout.reprint(sale, by);
  if (!counted) return std::unexpected(counted.error());
  const Queued queued{.copy = counted->copy, .waiting = jobs_.size()};
  jobs_.push_back({.sale = sale, .copy = counted->copy});
  begin_soon();
  return queued;
}

void ReceiptPrinter::look() {
  if (printing_ || jobs_.empty()) return;
  const bool wait = told_ && parts_.printer.status().state != PrinterState::Ready;
  if (!wait) begin();
}

/// Not at once: the sale that ended is still being told to others.
void ReceiptPrinter::begin_soon() {
  if (printing_ || jobs_.size() != 1) return;
  // Without a timer the next `look` begins.
  if (const auto timer = parts_.scheduler.call_after({}, [this] { look(); })) begin_timer_ = *timer;
}

void ReceiptPrinter::begin() {
  while (!jobs_.empty()) {
    Job& job = jobs_.front();
    if (job.stopped_inside && !count_copy(job)) {
      give_up_first();
      continue;
    }
    auto bytes = bytes_of(job);
    if (!bytes) {
      // A sale of which there is nothing to print has no receipt.
      if (bytes.error().code == ErrorCode::FailedPrecondition) {
        jobs_.pop_front();
      } else {
        give_up_first();
      }
      continue;
    }
    const auto taken =
        parts_.printer.print(*std::move(bytes), kReceiptPrintMax,
                             [this, alive = std::weak_ptr<int>(alive_)](core::Result<hal::PrintOutcome> result) {
                               if (!alive.expired()) printed(std::move(result));
                             });
    printing_ = taken.has_value();
    // Somebody else's job is under way: later.
    if (!taken && taken.error().code != ErrorCode::FailedPrecondition) stopped(parts_.printer.status().state);
    return;
  }
}

/// Makes the receipt a copy that is counted. False: nobody here may, or it cannot be stored.
bool ReceiptPrinter::count_copy(Job& job) {
  const auto counted = parts_.checkout.reprint(job.sale, parts_.journal.duty().operator_id);
  if (!counted) return false;
  job.copy = counted->copy;
  job.stopped_inside = false;
  return true;
}

core::Result<core::Bytes> ReceiptPrinter::bytes_of(const Job& job) const {
  auto made = parts_.checkout.receipt(job.sale);
  if (!made) {
    const auto& cause = made.error().cause;
    return core::fail(cause ? cause->code : ErrorCode::NotFound);
  }
  made->copy = job.copy;
  return receipt::print_job(*made, language_, paper_);
}

void ReceiptPrinter::printed(core::Result<hal::PrintOutcome> result) {
  printing_ = false;
  Job& job = jobs_.front();
  if (!result) {
    if (result.error().code == ErrorCode::Unavailable) return stopped(PrinterState::Disconnected);
    // Nobody knows how much of it is on the paper: a person looks.
    give_up_first();
    return stopped(PrinterState::Disconnected);
  }
  switch (result->part) {
    case PrintedPart::All:
    case PrintedPart::HandedOver:
      jobs_.pop_front();
      told_.reset();
      return begin();
    case PrintedPart::None: return stopped(result->state);
    case PrintedPart::Some:
      job.stopped_inside = true;
      if (++job.tries >= kReceiptTriesMax) give_up_first();
      return stopped(result->state);
  }
}

/// It goes on by `look`, when the printer can again.
void ReceiptPrinter::stopped(PrinterState state) {
  const Attention attention = state == PrinterState::PaperOut ? Attention::PaperOut : Attention::PrinterFault;
  if (std::exchange(told_, attention) != attention) parts_.observer.attention(attention, {});
}

void ReceiptPrinter::give_up_first() {
  const journal::SaleId sale = jobs_.front().sale;
  jobs_.pop_front();
  tell_not_printed(sale);
}

void ReceiptPrinter::tell_not_printed(journal::SaleId sale) {
  receipt::TextValues values;
  values.sale = parts_.checkout.number_of(sale).view();
  parts_.observer.attention(Attention::ReceiptNotPrinted, values);
}

}  // namespace tillkit::terminal
