// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/printer.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace tillkit::hal_virtual {
namespace {

constexpr std::size_t kStepBytes = 64;
constexpr std::chrono::milliseconds kStepTime{8};

}  // namespace

hal::PrinterState VirtualPrinter::state() const {
  if (!plugged_) return hal::PrinterState::Disconnected;
  if (cover_open_) return hal::PrinterState::CoverOpen;
  if (paper_left_ == 0) return hal::PrinterState::PaperOut;
  return hal::PrinterState::Ready;
}

hal::PrinterStatus VirtualPrinter::do_status() const {
  return {.state = state(), .paper_low = paper_left_ < hal::kPrintBytesMax};
}

core::Result<> VirtualPrinter::do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                        core::Completion<hal::PrintOutcome> done) {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  const auto fault = faults_.next_call();
  const bool answer_lost = fault && fault->code == core::ErrorCode::Timeout;
  if (fault && !answer_lost) return std::unexpected(*fault);
  if (job_) return core::fail(core::ErrorCode::FailedPrecondition);
  if (!plugged_) return core::fail(core::ErrorCode::Unavailable);

  job_.emplace(
      Job{.bytes = std::move(bytes), .answer_lost = answer_lost, .done = std::move(done), .step = {}, .limit = {}});
  job_->step = world().in_device(kStepTime, [this] { print_some(); });
  job_->limit = world().in_device(limit, [this] { finish(core::fail(core::ErrorCode::Timeout)); });
  return {};
}

void VirtualPrinter::print_some() {
  auto& job = *job_;
  if (const auto now = state(); now != hal::PrinterState::Ready) {
    const bool gone = now == hal::PrinterState::Disconnected;
    if (gone && job.printed == 0) return finish(core::fail(core::ErrorCode::Unavailable));
    if (gone || !answers_ || job.answer_lost) return;  // the limit ends it
    return finish(hal::PrintOutcome{job.printed == 0 ? hal::PrintedPart::None : hal::PrintedPart::Some, now});
  }

  const auto size = std::min({kStepBytes, paper_left_, job.bytes.size() - job.printed});
  const auto some = std::span(job.bytes).subspan(job.printed, size);
  if (!world().power().step()) return;
  paper_.insert(paper_.end(), some.begin(), some.end());
  if (paper_left_ != kNewRoll) paper_left_ -= size;
  job.printed += size;
  if (!world().power().step()) return;

  if (job.printed < job.bytes.size()) {
    job.step = world().in_device(kStepTime, [this] { print_some(); });
  } else if (answers_ && !job.answer_lost) {
    finish(hal::PrintOutcome{hal::PrintedPart::All, state()});
  }
}

void VirtualPrinter::finish(core::Result<hal::PrintOutcome> result) {
  auto job = std::move(*job_);
  job_.reset();
  world().cancel_in_device(job.step);
  world().cancel_in_device(job.limit);
  job.done(std::move(result));
}

void VirtualPrinter::power_lost() {
  job_.reset();
}

}  // namespace tillkit::hal_virtual
