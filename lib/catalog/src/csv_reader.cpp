// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/csv_reader.hpp"

#include <algorithm>

namespace tillkit::catalog {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::size_t CsvReader::take(std::string_view chunk) {
  if (has_record_) begin_record();
  std::size_t taken = take_bom(chunk);
  while (taken < chunk.size() && !has_record_) {
    const std::size_t run = take_run(chunk.substr(taken));
    taken += run;
    if (run == 0) step(chunk[taken++]);
  }
  return taken;
}

void CsvReader::finish() {
  if (has_record_) begin_record();
  if (at_start_ && bom_bytes_ > 0) {  // the beginning of a mark is no mark
    at_start_ = false;
    append(kByteOrderMark.substr(0, bom_bytes_));
    state_ = State::Plain;
    begun_ = true;
  }
  carriage_ = false;
  if (!begun_) return;
  if (state_ == State::Quoted) blame(CsvFault::Quote);
  end_record();
}

/// Swallows a byte order mark, also one that comes in pieces; what turns out to be none is text.
std::size_t CsvReader::take_bom(std::string_view chunk) {
  std::size_t taken = 0;
  while (at_start_ && taken < chunk.size()) {
    if (chunk[taken] == kByteOrderMark[bom_bytes_]) {
      ++taken;
      if (++bom_bytes_ == kByteOrderMark.size()) at_start_ = false;
      continue;
    }
    at_start_ = false;
    for (const char c : kByteOrderMark.substr(0, bom_bytes_))
      step(c);
  }
  return taken;
}

/// Takes the bytes that mean nothing but themselves, all at once; the state tells which these are.
std::size_t CsvReader::take_run(std::string_view chunk) {
  if (carriage_) return 0;
  std::size_t run = 0;
  if (state_ == State::Plain) {
    while (run < chunk.size() && chunk[run] != ',' && chunk[run] != '"' && chunk[run] != '\r' && chunk[run] != '\n')
      ++run;
  } else if (state_ == State::Quoted) {
    while (run < chunk.size() && chunk[run] != '"' && chunk[run] != '\n')
      ++run;
  }
  append(chunk.substr(0, run));
  return run;
}

void CsvReader::step(char c) {
  begun_ = true;
  if (carriage_) {
    carriage_ = false;
    if (c == '\n') return end_record();
    // A CR alone ends nothing: it is text, and behind a closing quote there may be none.
    if (state_ == State::QuoteSeen) blame(CsvFault::Quote);
    append("\r");
    state_ = State::Plain;
  }
  switch (state_) {
    case State::CellStart:
      if (c == '"') {
        state_ = State::Quoted;
        return;
      }
      return step_plain(c);
    case State::Plain:
      if (c == '"') blame(CsvFault::Quote);
      return step_plain(c);
    case State::Quoted:
      if (c == '"') {
        state_ = State::QuoteSeen;
        return;
      }
      if (c == '\n') ++line_;
      return append({&c, 1});
    case State::QuoteSeen:
      if (c == '"') {
        state_ = State::Quoted;
        return append({&c, 1});
      }
      if (c == ',' || c == '\n') return step_plain(c);
      if (c == '\r') {
        carriage_ = true;
        return;
      }
      blame(CsvFault::Quote);
      return step_plain(c);
  }
}

void CsvReader::step_plain(char c) {
  if (c == ',') {
    end_cell();
    state_ = State::CellStart;
    return;
  }
  if (c == '\n') return end_record();
  state_ = State::Plain;
  if (c == '\r') {
    carriage_ = true;
    return;
  }
  append({&c, 1});
}

void CsvReader::append(std::string_view text) {
  const std::size_t room = kCsvRecordBytesMax - text_.size();
  if (text.size() > room) blame(CsvFault::TooLong);
  text_ += text.substr(0, room);
}

/// The first fault of a row is the one to tell.
void CsvReader::blame(CsvFault fault) {
  if (fault_ == CsvFault::None) fault_ = fault;
}

void CsvReader::end_cell() {
  if (cell_ends_.size() == kCsvCellsMax) return blame(CsvFault::TooManyCells);
  cell_ends_.push_back(text_.size());
}

void CsvReader::end_record() {
  end_cell();
  std::size_t start = 0;
  for (const std::size_t end : cell_ends_) {
    cells_.push_back(std::string_view(text_).substr(start, end - start));
    start = end;
  }
  ++line_;
  has_record_ = true;
}

void CsvReader::begin_record() {
  text_.clear();
  cell_ends_.clear();
  cells_.clear();
  record_line_ = line_;
  state_ = State::CellStart;
  fault_ = CsvFault::None;
  begun_ = false;
  has_record_ = false;
}

}  // namespace tillkit::catalog
