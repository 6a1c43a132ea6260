// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/utf8.hpp"

namespace tillkit::core {
namespace {

bool is_between(std::string_view text, std::size_t at, unsigned low, unsigned high) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= low && byte <= high;
}

bool is_tail(std::string_view text, std::size_t at) {
  return is_between(text, at, 0x80, 0xBF);
}

}  // namespace

std::size_t utf8_sequence_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;  // a tail byte, or the overlong C0 and C1
  if (lead < 0xE0) return is_tail(text, 1) ? 2 : 0;
  if (lead < 0xF0) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;   // below: overlong
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;  // above: surrogates
    return is_between(text, 1, low, high) && is_tail(text, 2) ? 3 : 0;
  }
  if (lead < 0xF5) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;   // below: overlong
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;  // above: beyond U+10FFFF
    return is_between(text, 1, low, high) && is_tail(text, 2) && is_tail(text, 3) ? 4 : 0;
  }
  return 0;
}

Result<> check_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = utf8_sequence_bytes(text.substr(at));
    if (bytes == 0) return fail_at(at);
    at += bytes;
  }
  return {};
}

}  // namespace tillkit::core
