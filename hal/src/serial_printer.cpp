// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal/driver/serial_printer.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal::driver {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;
using core::Result;

/// In a job this is how soon time-outs are noticed; answers are heard at once.
constexpr std::chrono::milliseconds kJobTick = 50ms;
/// While a piece is printed the printer is asked so often whether it still can.
constexpr std::chrono::milliseconds kLookPause = 300ms;
/// So long it must be quiet behind the last word on what was printed.
constexpr std::chrono::milliseconds kQuiet = 300ms;
/// Word that does not come for so long is asked for again: the question may have been dropped.
constexpr std::chrono::milliseconds kSettlePause = 2'000ms;
/// A cover that is just closed makes some printers stop for a moment: one round that finds it so is none.
constexpr int kStoppedRounds = 2;
/// So many unanswered rounds, and the printer is not there.
constexpr int kSilentRounds = 2;
/// One write to the line.
constexpr std::size_t kWriteBytes = 4'096;
static_assert(kWriteBytes + 256 <= kSerialQueueBytesMax);

}  // namespace

SerialPrinter::SerialPrinter(SerialPort& port, Scheduler& scheduler, const Clock& clock, const SerialSettings& line)
    : port_(port), scheduler_(scheduler), clock_(clock), line_(line), alive_(std::make_shared<int>()) {
  port_.listen([this](const SerialEvent& event) { heard(event); });
  set_tick(kStatusPause);
  open_line();
}

SerialPrinter::~SerialPrinter() {
  scheduler_.cancel(tick_timer_);
  port_.listen({});
  port_.close();
}

void SerialPrinter::open_line() {
  open_ = port_.open(line_).has_value();
  if (!open_) return;
  reader_ = {};
  query_.reset();
  silent_rounds_ = 0;
  unsettled_ = true;
  settling_ = false;
  settled_since_.reset();
  // What a program that was here before left in the printer.
  if (send(kDropUnprinted)) begin_round();
}

/// Its place among the timers is taken anew before anything else can take it.
void SerialPrinter::set_tick(std::chrono::milliseconds pause) {
  scheduler_.cancel(tick_timer_);
  const auto timer = scheduler_.call_after(pause, [this] { tick(); });
  TILLKIT_ASSERT(timer.has_value());
  tick_timer_ = *timer;
}

void SerialPrinter::tick() {
  set_tick(job_ || settling_ ? kJobTick : kStatusPause);
  if (!open_) return open_line();
  const auto now = clock_.monotonic();
  const std::weak_ptr<int> alive = alive_;
  if (query_ && now - asked_at_ >= kStatusAnswerMax) round_over(false);
  if (alive.expired()) return;
  if (job_) return tick_in_job();
  settle();
  if (!query_ && now - round_at_ >= kStatusPause) begin_round();
}

void SerialPrinter::tick_in_job() {
  const auto now = clock_.monotonic();
  if (now >= job_->limit) {
    // Nothing of it left as long as it only was asked how it is.
    const bool untouched = job_->sent == 0;
    drop_rest();
    return finish(fail(untouched ? ErrorCode::Unavailable : ErrorCode::Timeout));
  }
  switch (job_->step) {
    case Step::Asking:
      settle();
      if (job_ && !query_ && now >= job_->look_at) begin_round();
      return;
    case Step::Sending: return;
    case Step::Waiting:
    case Step::Looking:
    case Step::Dropped:
      if (!query_ && now >= job_->look_at) begin_round();
      return;
  }
}

void SerialPrinter::heard(const SerialEvent& event) {
  if (!event) {
    if (event.error() == SerialFault::HungUp) hung_up();
    return;  // a lost byte is an answer that does not come
  }
  const std::weak_ptr<int> alive = alive_;
  for (const std::byte byte : *event) {
    switch (reader_.take(byte)) {
      case AnswerKind::Status: status_answer(byte); break;
      case AnswerKind::Printed: printed_answer(); break;
      case AnswerKind::Other: break;
    }
    if (alive.expired() || !open_) return;
  }
}

void SerialPrinter::begin_round() {
  round_at_ = clock_.monotonic();
  answers_ = {};
  ask(0);
}

void SerialPrinter::ask(std::size_t query) {
  query_ = query;
  asked_at_ = clock_.monotonic();
  send(status_query(kStatusQueries[query]));
}

void SerialPrinter::status_answer(std::byte answer) {
  if (!query_) return;
  const std::size_t query = *query_;
  answers_.take(kStatusQueries[query], answer);
  if (query + 1 < kStatusQueries.size()) return ask(query + 1);
  round_over(true);
}

void SerialPrinter::round_over(bool answered) {
  query_.reset();
  silent_rounds_ = answered ? 0 : silent_rounds_ + 1;
  if (answered) status_ = answers_.status();
  if (silent_rounds_ >= kSilentRounds) status_ = {};
  if (!job_) return;
  job_->look_at = clock_.monotonic() + kLookPause;
  if (job_->step == Step::Looking) return finish(PrintOutcome{PrintedPart::All, status_.state});
  if (job_->step == Step::Dropped) return finish(PrintOutcome{PrintedPart::Some, job_->stopped_by});
  if (!answered) return;
  const bool ready = status_.state == PrinterState::Ready;
  if (job_->step == Step::Asking) {
    if (!ready) return finish(PrintOutcome{PrintedPart::None, status_.state});
    if (!unsettled_) return send_piece();
    return settle();
  }
  job_->stopped_rounds = ready ? 0 : job_->stopped_rounds + 1;
  if (job_->step != Step::Waiting || job_->stopped_rounds < kStoppedRounds) return;
  job_->step = Step::Dropped;
  job_->stopped_by = status_.state;
  drop_rest();
  begin_round();
}

/// Brings the count of words on what was printed to none under way.
void SerialPrinter::settle() {
  if (!unsettled_) return;
  if (!settling_) {
    if (status_.state != PrinterState::Ready) return;
    settling_ = send(kPrintedQuery);
    settle_asked_at_ = clock_.monotonic();
    if (settling_) set_tick(kJobTick);
    return;
  }
  if (!settled_since_ && clock_.monotonic() - settle_asked_at_ >= kSettlePause) settling_ = false;
  if (!settled_since_ || clock_.monotonic() - *settled_since_ < kQuiet) return;
  unsettled_ = false;
  settling_ = false;
  settled_since_.reset();
  if (job_ && job_->step == Step::Asking) job_->look_at = {};  // it was some time ago: ask once more
}

void SerialPrinter::printed_answer() {
  if (settling_) settled_since_ = clock_.monotonic();
  if (unsettled_ || !job_ || job_->step != Step::Waiting) return;
  job_->stopped_rounds = 0;
  if (job_->sent < job_->bytes.size()) return send_piece();
  job_->step = Step::Looking;
  job_->look_at = {};
  if (query_) return;  // its answers were asked for before the end
  begin_round();
}

void SerialPrinter::send_piece() {
  auto& job = *job_;
  job.step = Step::Sending;
  const std::size_t begin = job.sent;
  bool ends_here = false;
  while (job.sent < job.bytes.size() && !(ends_here && job.sent - begin >= kPrintPieceBytes))
    ends_here = job.places.pass(job.bytes[job.sent++]);
  core::Bytes piece(job.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                    job.bytes.begin() + static_cast<std::ptrdiff_t>(job.sent));
  piece.insert(piece.end(), kPrintedQuery.begin(), kPrintedQuery.end());
  send_on(std::move(piece));
}

/// Writes a piece as the line takes it; a raster image is longer than the line's queue.
void SerialPrinter::send_on(core::Bytes rest) {
  const std::size_t size = std::min(rest.size(), kWriteBytes);
  core::Bytes now(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  const auto written = port_.write(std::move(now), [this, number = job_number_, rest = std::move(rest),
                                                    alive = std::weak_ptr<int>(alive_)](Result<> left) mutable {
    // A line that hung up says so itself; a job that is over needs nothing more.
    if (alive.expired() || !left || !job_ || number != job_number_) return;
    if (!rest.empty()) return send_on(std::move(rest));
    job_->step = Step::Waiting;
    job_->look_at = clock_.monotonic() + kLookPause;
  });
  // It is closed, and the hang-up is on its way, or will be found by the next tick.
  if (!written && job_) job_->step = Step::Waiting;
}

bool SerialPrinter::send(core::ByteView bytes) {
  return port_.write({bytes.begin(), bytes.end()}, [](Result<>) { /* a line that hung up says so itself */ })
      .has_value();
}

void SerialPrinter::hung_up() {
  open_ = false;
  query_.reset();
  status_ = {};
  if (!job_) return;
  const bool untouched = job_->sent == 0;
  finish(fail(untouched ? ErrorCode::Unavailable : ErrorCode::Timeout));
}

/// Of a job that ends before its end the printer may have some.
void SerialPrinter::drop_rest() {
  if (job_->sent == 0) return;
  unsettled_ = true;
  settling_ = false;
  settled_since_.reset();
  send(kDropUnprinted);
}

void SerialPrinter::finish(Result<PrintOutcome> result) {
  auto job = *std::exchange(job_, std::nullopt);
  job.done(std::move(result));
}

Result<> SerialPrinter::do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                 core::Completion<PrintOutcome> done) {
  if (job_) return fail(ErrorCode::FailedPrecondition);
  // Behind a USB adapter the line is there also while the printer is switched off.
  if (!open_ || silent_rounds_ >= kSilentRounds) return fail(ErrorCode::Unavailable);
  job_.emplace(
      Job{.bytes = std::move(bytes), .places = {}, .limit = clock_.monotonic() + limit, .done = std::move(done)});
  ++job_number_;
  set_tick(kJobTick);
  if (!query_) begin_round();
  return {};
}

}  // namespace tillkit::hal::driver
