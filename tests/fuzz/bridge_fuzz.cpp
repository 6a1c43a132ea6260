// SPDX-License-Identifier: Apache-2.0
// Whatever a bridge sends, and whatever is done in between: nothing is told that did not happen, and what is read as a
// request is the same when it is written plainly.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "vend_laws.hpp"

namespace core = tillkit::core;
namespace fulfilment = tillkit::fulfilment;

using namespace std::chrono_literals;

namespace {

void check_request(std::string_view line) {
  const auto word = fulfilment::read_bridge_line(line, core::kCny);
  if (word.kind != fulfilment::BridgeWord::Kind::Vend || word.unpayable) return;
  const std::string plain = "c,STATUS,VEND," + core::format_amount(word.request.price) + "," +
                            std::to_string(word.request.item.value_or(0xFFFF));
  const auto again = fulfilment::read_bridge_line(plain, core::kCny);
  TILLKIT_ASSERT(!again.unpayable && again.request == word.request);
}

/// A byte from F0H on is something that happens here, all others are sent by the bridge.
void act(std::uint8_t what, fulfilment::VmcBridge& bridge, tillkit::fuzz::VendLaws& laws,
         tillkit::hal_virtual::VirtualBoard& board) {
  const fulfilment::HandoverId vend(1);
  switch (what & 0x0FU) {
    case 0: return laws.tried_to_approve(bridge.approve(vend, {100, core::kCny}));
    case 1: return laws.tried_to_deny(bridge.deny());
    case 2:
      if (!laws.approved) return;
      static_cast<void>(bridge.give_up());
      return laws.end();
    case 3: return static_cast<void>(bridge.begin_session(std::nullopt));
    case 4: return static_cast<void>(bridge.end_session());
    case 5: return board.serial_port.unplug();
    case 6: return board.serial_port.plug();
    case 7: return board.serial_port.lose_bytes();
    case 8: return board.serial_port.hold();
    case 9: return board.serial_port.release();
    default: return board.world.advance(1s);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_request({reinterpret_cast<const char*>(data), size});

  tillkit::hal_virtual::VirtualBoard board;
  tillkit::fuzz::VendLaws laws;
  auto bridge = fulfilment::VmcBridge::make({}, board.serial_port, board.scheduler);
  TILLKIT_ASSERT(bridge.has_value());
  (*bridge)->listen(&laws);
  board.world.advance(1ms);
  core::Bytes piece;
  const auto send = [&] {
    if (!piece.empty()) board.serial_port.far_send(std::exchange(piece, {}));
    board.world.advance(20ms);
  };
  for (const std::uint8_t byte : std::span(data, size)) {
    if (byte < 0xF0) {
      piece.push_back(std::byte{byte});
      if (byte == '\n') send();
      continue;
    }
    send();
    act(byte, **bridge, laws, board);
    board.world.advance(20ms);
  }
  send();
  return 0;
}
