// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/bytes.hpp"

#include <cstring>

namespace tillkit::core {

bool equal_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |= std::to_integer<unsigned>(a[i] ^ b[i]);
    asm volatile("" : "+r"(different));  // else the compiler may leave the loop at the first difference
  }
  return different == 0;
}

void wipe(std::span<std::byte> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  asm volatile("" : : "r"(bytes.data()) : "memory");  // somebody might read it: the zeros must be written
}

void wipe(Bytes& bytes) {
  wipe(std::span(bytes));
  bytes.clear();
}

void wipe(std::string& text) {
  wipe(std::as_writable_bytes(std::span(text)));
  text.clear();
}

}  // namespace tillkit::core
