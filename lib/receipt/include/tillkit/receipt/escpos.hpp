// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/receipt/layout.hpp"
#include "tillkit/receipt/limits.hpp"
#include "tillkit/receipt/receipt.hpp"
#include "tillkit/receipt/texts.hpp"

namespace tillkit::receipt {

/// What differs from one ESC/POS printer to the next.
struct PaperPrinter {
  std::size_t columns = kColumnsNarrow;
  PaperFont font = PaperFont::Gb18030;  ///< not `Any`: no printer has all of Unicode
  bool cutter = true;                   ///< without one the paper is fed to where it is torn off
};

/// The lines as one job of ESC/POS bytes: set-up first, whatever the job before left behind; text in GB 18030; strong
/// and tall lines; QR codes as large as the paper takes them; a cut at the end. What the font lacks is printed as
/// `printable` says. Characters and commands never span a line feed, except what `GS (` counts.
/// - InvalidArgument: a font or a number of columns that no printer has, or a QR text that is empty, longer than
///   `kLinkBytesMax` or not printable ASCII. Exhausted: more than `kPaperBytesMax`.
[[nodiscard]] core::Result<core::Bytes> to_escpos(std::span<const PaperLine> lines, const PaperPrinter& printer);

/// `lay_out` and `to_escpos` in one: a receipt, or a copy of it, ready for `hal::Printer`. Errors as theirs.
[[nodiscard]] core::Result<core::Bytes> print_job(const ReceiptData& receipt, Language language,
                                                  const PaperPrinter& printer);

}  // namespace tillkit::receipt
