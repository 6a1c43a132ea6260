// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>

namespace tillkit::test {

/// Where random tests start: TILLKIT_SEED (decimal, or hexadecimal with 0x), or always the same number.
/// `CAPTURE` it, so that a failure can be repeated.
inline std::uint64_t seed() {
  const char* const text = std::getenv("TILLKIT_SEED");
  if (text == nullptr || *text == '\0') return 20'261'121;
  return std::strtoull(text, nullptr, 0);
}

}  // namespace tillkit::test
