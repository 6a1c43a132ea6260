// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::journal {

/// Writes the forms that are hashed, sealed or signed: numbers big endian, texts with their length.
class BigEndian {
 public:
  template <std::integral Integer>
  BigEndian& number(Integer value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = sizeof(Integer); i-- > 0;)
      bytes_.push_back(static_cast<std::byte>(bits >> (8 * i)));
    return *this;
  }

  BigEndian& raw(core::ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }

  template <std::unsigned_integral Length>
  BigEndian& text(std::string_view text) {
    TILLKIT_ASSERT(text.size() <= std::numeric_limits<Length>::max());
    return number(static_cast<Length>(text.size())).raw(core::as_bytes(text));
  }

  [[nodiscard]] core::Bytes take() { return std::move(bytes_); }
  [[nodiscard]] core::ByteView view() const { return bytes_; }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

 private:
  core::Bytes bytes_;
};

}  // namespace tillkit::journal
