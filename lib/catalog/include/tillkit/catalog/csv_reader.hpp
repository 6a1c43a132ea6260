// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/catalog/limits.hpp"

namespace tillkit::catalog {

/// What makes a row unreadable as CSV.
enum class CsvFault : std::uint8_t { None, Quote, TooLong, TooManyCells };

/// A row of a CSV file. The texts belong to the reader.
struct CsvRecord {
  std::uint32_t line = 0;  ///< The physical line where it starts, from 1.
  CsvFault fault = CsvFault::None;
  std::span<const std::string_view> cells{};  ///< Without their quotes; with a fault, as far as they were kept.
};

/// Splits CSV text (RFC 4180) into rows, whatever pieces the text comes in: quoted cells with line breaks and doubled
/// quotes, CRLF or LF, a UTF-8 byte order mark at the start. It does not look at the encoding.
///
///     while (!chunk.empty()) {
///       chunk.remove_prefix(reader.take(chunk));
///       if (reader.has_record()) use(reader.record());
///     }
///
/// and after the last piece `finish()` and the same question once more. Holds one row, at most `kCsvRecordBytesMax`.
class CsvReader {
 public:
  /// Reads to the end of a row, or of `chunk`, and returns how many bytes that took.
  [[nodiscard]] std::size_t take(std::string_view chunk);
  /// Ends a last row that has no line break.
  void finish();

  /// Whether `take` or `finish` ended with a whole row.
  [[nodiscard]] bool has_record() const { return has_record_; }
  /// That row, until the next call of `take`.
  [[nodiscard]] CsvRecord record() const { return {record_line_, fault_, cells_}; }

 private:
  enum class State : std::uint8_t { CellStart, Plain, Quoted, QuoteSeen };

  std::size_t take_bom(std::string_view chunk);
  std::size_t take_run(std::string_view chunk);
  void step(char c);
  void step_plain(char c);
  void append(std::string_view text);
  void blame(CsvFault fault);
  void end_cell();
  void end_record();
  void begin_record();

  std::string text_;
  std::vector<std::size_t> cell_ends_;
  std::vector<std::string_view> cells_;
  std::uint32_t line_ = 1;
  std::uint32_t record_line_ = 1;
  std::size_t bom_bytes_ = 0;
  State state_ = State::CellStart;
  CsvFault fault_ = CsvFault::None;
  bool at_start_ = true;   // of the file: a byte order mark may come
  bool carriage_ = false;  // a CR outside of quotes, undecided
  bool begun_ = false;     // the row has at least one byte
  bool has_record_ = false;
};

}  // namespace tillkit::catalog
