// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// One job. A long receipt is 4 KiB of text; a QR code as a raster image adds up to 16 KiB.
inline constexpr std::size_t kPrintBytesMax = 64 * 1024;
/// No printer warms up, prints and cuts faster.
inline constexpr std::chrono::milliseconds kPrintLimitMin{1'000};

enum class PrinterState : std::uint8_t {
  Ready = 1,
  PaperOut = 2,
  CoverOpen = 3,
  Fault = 4,         ///< cutter, head temperature, voltage: a person must look
  Disconnected = 5,  ///< does not answer
};

struct PrinterStatus {
  PrinterState state = PrinterState::Disconnected;
  bool paper_low = false;
};

/// How much of a job is on the paper. The numbers are stored in records; never renumber.
enum class PrintedPart : std::uint8_t {
  All = 1,   ///< the printer confirmed the last byte
  Some = 2,  ///< it stopped inside the job: print all of it again, marked as a copy
  None = 3,  ///< it stopped before the job: print it when the state allows
  /// All of it was handed over to a printer that has no way to say what it printed: somebody looks at the paper.
  HandedOver = 4,
};

struct PrintOutcome {
  PrintedPart part = PrintedPart::None;
  PrinterState state = PrinterState::Ready;  ///< after the job; with `Some` and `None` why it stopped
};

/// Puts ESC/POS bytes on paper, one job at a time.
///
/// A driver MUST call each completion exactly once, from the loop and never from inside `print`; MUST wait for the
/// printer's own word before it says `All` (one that cannot hear it says `HandedOver`); and MUST NOT print any of a job
/// again, not after an error, not after paper was put in, not after a restart. A power cut ends the job: what is on the
/// paper stays, the completion never comes.
class Printer {
 public:
  virtual ~Printer() = default;

  /// Prints `bytes`; gives up after `limit`. Returns at once. If it returns an error, nothing was printed and `done` is
  /// dropped:
  /// - InvalidArgument: nothing to print, no completion, or a `limit` below `kPrintLimitMin`.
  /// - Exhausted: more than `kPrintBytesMax`.
  /// - FailedPrecondition: a job is under way.
  /// - Unavailable: the printer is not connected, or is known not to answer (switched off).
  ///
  /// Else `done` gets how much is on the paper, or:
  /// - Unavailable: the printer went away, or was silent for all of `limit`, before a byte of the job left. Nothing
  ///   was printed.
  /// - Timeout: the printer stopped answering behind the first byte. All, some or none of it may have been printed, or
  /// may yet be.
  [[nodiscard]] core::Result<> print(core::Bytes bytes, std::chrono::milliseconds limit,
                                     core::Completion<PrintOutcome> done) {
    if (bytes.empty() || !done || limit < kPrintLimitMin) return core::fail(core::ErrorCode::InvalidArgument);
    if (bytes.size() > kPrintBytesMax) return core::fail(core::ErrorCode::Exhausted);
    return do_print(std::move(bytes), limit, std::move(done));
  }

  /// What the printer last said of itself. Does not block and may be some seconds old.
  [[nodiscard]] PrinterStatus status() const { return do_status(); }

 private:
  [[nodiscard]] virtual core::Result<> do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                                core::Completion<PrintOutcome> done) = 0;
  [[nodiscard]] virtual PrinterStatus do_status() const = 0;
};

}  // namespace tillkit::hal
