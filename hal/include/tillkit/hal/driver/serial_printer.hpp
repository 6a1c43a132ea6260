// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/driver/escpos_status.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"

namespace tillkit::hal::driver {

/// A piece of a job ends at the first place behind so many bytes (`JobPlaces`): about ten lines, which any printer's
/// buffer holds. The next piece is sent when the printer says that this one is on the paper.
inline constexpr std::size_t kPrintPieceBytes = 512;
/// A printer answers a status query within 100 ms even while it prints.
inline constexpr std::chrono::milliseconds kStatusAnswerMax{500};
/// While nothing is printed it is asked so often.
inline constexpr std::chrono::milliseconds kStatusPause{1'000};

/// An ESC/POS printer on a serial line (RS-232, a virtual COM port over USB, Bluetooth).
///
/// It says `All` when the printer has answered a query that stands behind the last byte (GS r 1), so a job does not
/// depend on the speed of line or paper. What a printer has received and not printed when it stops is dropped there
/// (DLE DC4 8), also when the driver starts; a printer that does not know this command may print the rest of a piece
/// when paper is put in, and no more. Answers that are late are not taken for those to the next job.
class SerialPrinter final : public Printer {
 public:
  /// Opens the line, now and whenever it comes back. All must outlive the printer; the line is its alone.
  SerialPrinter(SerialPort& port, Scheduler& scheduler, const Clock& clock, const SerialSettings& line);
  /// Closes the line. A job's completion is dropped.
  ~SerialPrinter() override;
  SerialPrinter(const SerialPrinter&) = delete;
  SerialPrinter& operator=(const SerialPrinter&) = delete;

 private:
  enum class Step : std::uint8_t {
    Asking,   ///< how the printer is, before the first byte
    Sending,  ///< a piece is on its way to the line
    Waiting,  ///< for the word that a piece is printed
    Looking,  ///< all is printed; how the printer is now
    Dropped,  ///< it stopped inside; when it answers, it has dropped the rest
  };
  struct Job {
    core::Bytes bytes;
    std::size_t sent = 0;  ///< given to the line
    JobPlaces places;
    Step step = Step::Asking;
    core::MonotonicTime limit;
    core::MonotonicTime look_at{};  ///< when the next round of queries is due
    int stopped_rounds = 0;         ///< rounds in a row that found the printer stopped
    PrinterState stopped_by = PrinterState::Fault;
    core::Completion<PrintOutcome> done;
  };

  [[nodiscard]] core::Result<> do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                        core::Completion<PrintOutcome> done) override;
  [[nodiscard]] PrinterStatus do_status() const override { return status_; }

  void open_line();
  void tick();
  void set_tick(std::chrono::milliseconds pause);
  void tick_in_job();
  void heard(const SerialEvent& event);
  void status_answer(std::byte answer);
  void printed_answer();
  void begin_round();
  void ask(std::size_t query);
  void round_over(bool answered);
  void settle();
  void send_piece();
  void send_on(core::Bytes rest);
  bool send(core::ByteView bytes);
  void hung_up();
  void drop_rest();
  void finish(core::Result<PrintOutcome> result);

  SerialPort& port_;
  Scheduler& scheduler_;
  const Clock& clock_;
  const SerialSettings line_;
  std::shared_ptr<int> alive_;  // the line's completions may come after the end
  TimerId tick_timer_;
  bool open_ = false;
  AnswerReader reader_;
  PrinterStatus status_;

  // A round of status queries, one under way at a time: answers do not say what they answer.
  std::optional<std::size_t> query_;
  core::MonotonicTime asked_at_{};
  core::MonotonicTime round_at_{};
  StatusAnswers answers_;
  int silent_rounds_ = 0;

  // Word that something was printed may still be on its way from a job before: then it is asked for once more, and when
  // it is quiet behind the answer, the next one is the next job's.
  bool unsettled_ = true;
  bool settling_ = false;
  core::MonotonicTime settle_asked_at_{};
  std::optional<core::MonotonicTime> settled_since_;

  std::optional<Job> job_;
  std::uint64_t job_number_ = 0;
};

}  // namespace tillkit::hal::driver
