// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/random.hpp"

#include <algorithm>

namespace tillkit::hal_virtual {

core::Result<> VirtualRandom::do_fill(std::span<std::byte> out) {
  if (const auto error = faults_.next_call()) {
    std::ranges::fill(out, std::byte{});
    return std::unexpected(*error);
  }
  // Byte by byte from whole words, the same on every machine; the rest of the last word is dropped.
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % sizeof word == 0) word = generator_();
    out[i] = static_cast<std::byte>(word & 0xFFU);
    word >>= 8U;
  }
  return {};
}

}  // namespace tillkit::hal_virtual
