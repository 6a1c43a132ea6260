// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal/driver/escpos_status.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/bytes.hpp"

namespace tillkit::hal::driver {
namespace {

using namespace std::string_view_literals;

/// The status after answers to DLE EOT 1, 2 and 4, as bits of the printers' manuals.
PrinterStatus status_of(unsigned printer, unsigned offline, unsigned paper) {
  StatusAnswers answers;
  CHECK(answers.take(StatusQuery::Printer, std::byte(printer)));
  CHECK(answers.take(StatusQuery::Offline, std::byte(offline)));
  CHECK(answers.take(StatusQuery::Paper, std::byte(paper)));
  return answers.status();
}

/// What each byte is taken for: '.' other, 's' status, 'p' printed.
std::string kinds(std::string_view bytes) {
  AnswerReader reader;
  std::string seen;
  for (const std::byte byte : core::as_bytes(bytes))
    seen += ".sp"[static_cast<std::size_t>(reader.take(byte))];
  return seen;
}

/// The places of a job where a query may stand, as offsets behind a byte.
std::vector<std::size_t> places(std::string_view job) {
  JobPlaces places;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < job.size(); ++i) {
    if (places.pass(core::as_bytes(job)[i])) found.push_back(i + 1);
  }
  return found;
}

TEST_CASE("the answers of a printer say how it is", "[contract][printer]") {
  CHECK(status_of(0x12, 0x12, 0x12).state == PrinterState::Ready);
  CHECK(status_of(0x16, 0x12, 0x12).state == PrinterState::Ready);  // the cash drawer is none of its business
  CHECK(status_of(0x1A, 0x32, 0x7E).state == PrinterState::PaperOut);
  CHECK(status_of(0x1A, 0x16, 0x12).state == PrinterState::CoverOpen);
  CHECK(status_of(0x1A, 0x16, 0x7E).state == PrinterState::CoverOpen);
  CHECK(status_of(0x1A, 0x52, 0x12).state == PrinterState::Fault);
  CHECK(status_of(0x1A, 0x12, 0x12).state == PrinterState::Fault);
  CHECK_FALSE(status_of(0x12, 0x12, 0x12).paper_low);
  CHECK(status_of(0x12, 0x12, 0x1E).paper_low);
  CHECK(status_of(0x12, 0x12, 0x1E).state == PrinterState::Ready);
}

TEST_CASE("a byte whose fixed bits are others is no status", "[contract][printer]") {
  for (unsigned value = 0; value < 256; ++value) {
    CAPTURE(value);
    StatusAnswers answers;
    const bool fixed = (value & 0x80U) == 0 && (value & 0x10U) != 0 && (value & 2U) != 0 && (value & 1U) == 0;
    CHECK(answers.take(StatusQuery::Paper, std::byte(value)) == fixed);
  }
}

TEST_CASE("answers of different kinds are told apart", "[contract][printer]") {
  CHECK(kinds("\x12\x1a\x7e"sv) == "sss");
  CHECK(kinds("\0\x03\x0c\x0f"sv) == "pppp");
  CHECK(kinds("\x11\x13\xff\x80"sv) == "....");  // flow control and noise
  CHECK(kinds("\x37\x25\0\0"sv) == "...p");      // the answer to the command that drops is no word on what is printed
  CHECK(kinds("\x37\x12\0"sv) == ".sp");         // noise that looks like its head
}

TEST_CASE("a query may stand behind a line, and not inside what a command counts", "[contract][printer]") {
  CHECK(places("one\ntwo\n"sv) == std::vector<std::size_t>{4, 8});
  CHECK(places("\x1d(k\3\0\n\n\n\n"sv) == std::vector<std::size_t>{9});
  CHECK(places("\x1d(k\0\0\n"sv) == std::vector<std::size_t>{6});
  CHECK(places("\x1d"
               "8L\2\0\0\0\n\n\n"sv) == std::vector<std::size_t>{10});
  CHECK(places("\x1d!\1a\n\x1d"
               "VB\0\n"sv) == std::vector<std::size_t>{5, 10});
  std::string long_one("\x1d(k\x2c\x01", 5);
  long_one += std::string(300, '\n') + "\n";
  CHECK(places(long_one) == std::vector<std::size_t>{306});
}

}  // namespace
}  // namespace tillkit::hal::driver
