// SPDX-License-Identifier: Apache-2.0
// Whatever characters a VMC sends, well formed or not, and whatever is done in between: all that is answered is an ACK
// or a whole block, never NAK, and nothing is told that did not happen.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/fulfilment/mdb_peripheral.hpp"
#include "vend_laws.hpp"

namespace core = tillkit::core;
namespace fulfilment = tillkit::fulfilment;

using namespace std::chrono_literals;
using fulfilment::kMdbModeBit;
using fulfilment::MdbWord;

namespace {

void check_answer(std::span<const MdbWord> words) {
  if (words.empty()) return;
  TILLKIT_ASSERT(words.size() <= fulfilment::kMdbBlockBytesMax);
  unsigned sum = 0;
  for (const MdbWord word : words.first(words.size() - 1)) {
    TILLKIT_ASSERT((word & kMdbModeBit) == 0);
    sum += word;
  }
  // ACK is the sum of nothing.
  TILLKIT_ASSERT(words.back() == ((sum & 0xFFU) | kMdbModeBit));
}

class Bus {
 public:
  explicit Bus(fulfilment::MdbPeripheral& device) : device_(device) {}

  void character(MdbWord word) {
    now_ += fulfilment::kMdbByteTime;
    check_answer(device_.receive(word, now_));
    device_.act();
  }
  void block(std::span<const std::uint8_t> bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const unsigned word = i == 0 ? (bytes[i] & 0x07U) | 0x110U : bytes[i];
      sum += word;
      character(static_cast<MdbWord>(word));
    }
    character(static_cast<MdbWord>(sum & 0xFFU));
  }
  void wait(std::chrono::microseconds time) {
    now_ += time;
    device_.tick(now_);
  }

 private:
  fulfilment::MdbPeripheral& device_;
  core::MonotonicTime now_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto device = fulfilment::MdbPeripheral::make({.scale = {core::kCny, 10, 3}, .answer_within = 5s});
  TILLKIT_ASSERT(device.has_value());
  tillkit::fuzz::VendLaws laws;
  device->listen(&laws);
  Bus bus(*device);
  // What happens, and for a block its length: one byte; then what it needs.
  for (std::span<const std::uint8_t> rest(data, size); !rest.empty();) {
    const std::uint8_t what = rest[0];
    rest = rest.subspan(1);
    if (what < 0x40) {
      const auto bytes = rest.first(std::min<std::size_t>(what, rest.size()));
      bus.block(bytes);
      rest = rest.subspan(bytes.size());
      continue;
    }
    switch (what) {
      case 'a': laws.tried_to_approve(device->approve({100, core::kCny})); break;
      case 'd': laws.tried_to_deny(device->deny()); break;
      case 'g':
        if (!laws.approved) break;
        static_cast<void>(device->give_up());
        laws.end();
        break;
      case 'b': static_cast<void>(device->begin_session(std::nullopt)); break;
      case 'e': static_cast<void>(device->end_session()); break;
      case 'r': device->bus_reset(); break;
      case 'f': laws.refund_stored = !laws.refund_stored; break;
      case 't': bus.wait(1s); break;
      case 'T': bus.wait(60s); break;
      case 'k': bus.character(0x00); break;
      case 'K': bus.character(0xAA); break;
      default:
        if (rest.empty()) return 0;
        bus.character(static_cast<MdbWord>(rest[0] | ((what & 1U) != 0 ? kMdbModeBit : 0U)));
        rest = rest.subspan(1);
        break;
    }
  }
  return 0;
}
