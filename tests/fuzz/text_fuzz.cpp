// SPDX-License-Identifier: Apache-2.0
// Short texts: what a decoder accepts, its encoder gives back (in the one canonical form, where there are several).
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/time.hpp"

namespace core = tillkit::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = core::decode_base64(text)) TILLKIT_ASSERT(core::encode_base64(*bytes) == text);
  if (const auto bytes = core::decode_base64url(text)) TILLKIT_ASSERT(core::encode_base64url(*bytes) == text);
  if (const auto bytes = core::decode_hex(text)) TILLKIT_ASSERT(core::decode_hex(core::encode_hex(*bytes)) == bytes);
  if (const auto at = core::parse_rfc3339(text)) {
    if (const auto written = core::format_rfc3339(*at)) TILLKIT_ASSERT(core::parse_rfc3339(*written) == at);
  }
  if (const auto money = core::parse_amount(text, core::kCny)) TILLKIT_ASSERT(core::format_amount(*money) == text);
  return 0;
}
