// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tillkit/hal/printer.hpp"

/// How an ESC/POS printer is asked how it is, and what its answers mean. For whoever writes a driver for one.
namespace tillkit::hal::driver {

/// Answered at once, whatever the printer does: DLE EOT 1, 2 and 4.
enum class StatusQuery : std::uint8_t {
  Printer = 1,  ///< online or not
  Offline = 2,  ///< why it is offline
  Paper = 4,    ///< the two sensors of the roll
};
inline constexpr std::array kStatusQueries{StatusQuery::Printer, StatusQuery::Offline, StatusQuery::Paper};

[[nodiscard]] constexpr std::array<std::byte, 3> status_query(StatusQuery query) {
  return {std::byte{0x10}, std::byte{0x04}, std::byte{static_cast<std::uint8_t>(query)}};
}

/// Answered when everything before it is printed: GS r 1.
inline constexpr std::array<std::byte, 3> kPrintedQuery{std::byte{0x1D}, std::byte{0x72}, std::byte{0x01}};

/// Drops at once what was received and not printed: DLE DC4 8. A printer that does not know it ignores it.
inline constexpr std::array<std::byte, 10> kDropUnprinted{
    std::byte{0x10}, std::byte{0x14}, std::byte{0x08}, std::byte{0x01}, std::byte{0x03},
    std::byte{0x14}, std::byte{0x01}, std::byte{0x06}, std::byte{0x02}, std::byte{0x08}};

/// Bits 0, 1, 4 and 7 of an answer to a `StatusQuery` are fixed; those of the other answers are others.
[[nodiscard]] constexpr bool is_status_answer(std::byte answer) {
  return (answer & std::byte{0x93}) == std::byte{0x12};
}

/// What a byte from the printer is.
enum class AnswerKind : std::uint8_t {
  Other = 0,    ///< flow control, the answer to `kDropUnprinted`, noise
  Status = 1,   ///< to a `StatusQuery`
  Printed = 2,  ///< to `kPrintedQuery`: bits 4 to 7 are 0
};

/// Tells the answers of a printer apart, byte by byte.
class AnswerReader {
 public:
  constexpr AnswerKind take(std::byte byte) {
    if (skip_ > 0) {
      --skip_;
      // Noise that looked like the head of an answer ends where a status answer comes.
      if (!is_status_answer(byte)) return AnswerKind::Other;
      skip_ = 0;
    }
    if (byte == kBlockHead) {
      skip_ = kBlockRest;
      return AnswerKind::Other;
    }
    if (is_status_answer(byte)) return AnswerKind::Status;
    return (byte & std::byte{0xF0}) == std::byte{0} ? AnswerKind::Printed : AnswerKind::Other;
  }

 private:
  /// The answer to `kDropUnprinted` is 37 25 00; its last byte would pass for one to `kPrintedQuery`.
  static constexpr std::byte kBlockHead{0x37};
  static constexpr int kBlockRest = 2;

  int skip_ = 0;
};

/// Puts the answers to all three queries together.
class StatusAnswers {
 public:
  /// False: it is no answer to this or any of the queries; nothing changed.
  constexpr bool take(StatusQuery query, std::byte answer) {
    if (!is_status_answer(answer)) return false;
    const auto bits = std::to_integer<unsigned>(answer);
    switch (query) {
      case StatusQuery::Printer: offline_ = (bits & 0x08U) != 0; return true;
      case StatusQuery::Offline:
        cover_open_ = (bits & 0x04U) != 0;
        stopped_by_paper_ = (bits & 0x20U) != 0;
        error_ = (bits & 0x40U) != 0;
        return true;
      case StatusQuery::Paper:
        paper_low_ = (bits & 0x0CU) != 0;
        paper_end_ = (bits & 0x60U) != 0;
        return true;
    }
    return false;
  }

  /// An open cover is told before the paper that cannot be seen through it.
  [[nodiscard]] constexpr PrinterStatus status() const {
    const auto state = [this] {
      if (cover_open_) return PrinterState::CoverOpen;
      if (paper_end_ || stopped_by_paper_) return PrinterState::PaperOut;
      if (error_ || offline_) return PrinterState::Fault;
      return PrinterState::Ready;
    };
    return {.state = state(), .paper_low = paper_low_ || paper_end_};
  }

 private:
  bool offline_ = false;
  bool cover_open_ = false;
  bool stopped_by_paper_ = false;
  bool error_ = false;
  bool paper_low_ = false;
  bool paper_end_ = false;
};

/// Finds the places of a job where a query may stand: behind a line feed that is not inside what `GS (` or `GS 8`
/// counts. A job may not have a line feed inside any other command.
class JobPlaces {
 public:
  /// Goes on over one byte; true: a query may stand behind it.
  constexpr bool pass(std::byte byte) {
    const auto value = std::to_integer<std::uint32_t>(byte);
    switch (at_) {
      case At::Text:
        if (value == 0x1D) at_ = At::Group;
        return value == '\n';
      case At::Group:
        at_ = value == '(' || value == '8' ? At::Letter : At::Text;
        length_bytes_ = value == '8' ? 4U : 2U;
        // GS itself may stand there, where the one before was text.
        if (value == 0x1D) at_ = At::Group;
        return false;
      case At::Letter:
        at_ = At::Length;
        read_ = 0;
        left_ = 0;
        return false;
      case At::Length:
        left_ |= value << (8U * read_);
        if (++read_ == length_bytes_) at_ = left_ == 0 ? At::Text : At::Counted;
        return false;
      case At::Counted:
        if (--left_ == 0) at_ = At::Text;
        return false;
    }
    return false;
  }

 private:
  enum class At : std::uint8_t { Text, Group, Letter, Length, Counted };

  At at_ = At::Text;
  std::uint32_t length_bytes_ = 2;
  std::uint32_t read_ = 0;
  std::uint32_t left_ = 0;
};

}  // namespace tillkit::hal::driver
