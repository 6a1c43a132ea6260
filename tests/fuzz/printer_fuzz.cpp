// SPDX-License-Identifier: Apache-2.0
// A printer that says anything at any time: a job ends once and in time, and is never called printed without a word
// that it is.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal/driver/serial_printer.hpp"
#include "tillkit/hal_virtual/board.hpp"

namespace core = tillkit::core;
namespace hal = tillkit::hal;
using namespace std::chrono_literals;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4'096) return 0;
  tillkit::hal_virtual::VirtualBoard board;
  hal::driver::SerialPrinter printer(board.serial_port, board.scheduler, board.clock, {.baud = 115'200});
  std::string job;
  for (int line = 0; line < 40; ++line)
    job += "a line that is printed or is not\n";
  int ended = 0;
  bool all = false;
  const auto limit = 20s;
  if (!printer.print(core::to_bytes(job), limit, [&](core::Result<hal::PrintOutcome> outcome) {
        ++ended;
        all = outcome && outcome->part == hal::PrintedPart::All;
      })) {
    return 0;
  }
  // Each input byte is a pause, or an answer that comes now.
  bool word = false;
  for (std::size_t i = 0; i < size && ended == 0; ++i) {
    if (data[i] >= 0xC0) {
      board.world.advance(std::chrono::milliseconds{(data[i] - 0xBF) * 20});
      continue;
    }
    word = word || data[i] < 0x10;
    board.serial_port.far_send({std::byte{data[i]}});
    board.world.advance(1ms);
  }
  board.world.advance(limit + 1s);
  TILLKIT_ASSERT(ended == 1);
  const auto sent = core::as_text(board.serial_port.far_received());
  TILLKIT_ASSERT(!all || (word && sent.contains("\x1dr\x01")));
  return 0;
}
