// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/assert.hpp"

namespace tillkit::catalog {

/// Spreads a number over 64 bits (the finalizer of SplitMix64).
constexpr std::uint64_t hash_of(std::uint64_t number) {
  number ^= number >> 30;
  number *= 0xBF58'476D'1CE4'E5B9;
  number ^= number >> 27;
  number *= 0x94D0'49BB'1331'11EB;
  return number ^ (number >> 31);
}

/// FNV-1a, spread.
constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100'0000'01B3;
  }
  return hash_of(hash);
}

/// Where things with a key stand in somebody's list: open addressing, 4 bytes a slot, of which 12 bits are the key's
/// hash, so that nearly no other key is ever looked at. The keys stay with the list.
class HashIndex {
 public:
  static constexpr unsigned kIndexBits = 20;
  /// Indexes are below this; a slot holds the index plus 1.
  static constexpr std::uint32_t kIndexEnd = (1U << kIndexBits) - 1;

  /// The index for which `same(index)` holds among those put in with this hash.
  template <class Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, Same same) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = start(hash);; at = next(at)) {
      const std::uint32_t slot = slots_[at];
      if (slot == 0) return std::nullopt;
      const std::uint32_t index = (slot & kIndexEnd) - 1;
      if ((slot & ~kIndexEnd) == tag(hash) && same(index)) return index;
    }
  }

  /// `hash_at(index)` gives the hash of what is in already.
  template <class HashAt>
  void insert(std::uint64_t hash, std::uint32_t index, HashAt hash_at) {
    TILLKIT_ASSERT(index < kIndexEnd);
    if (slots_.size() * 4 < (count_ + 1) * 5) grow(hash_at);  // at most 4/5 full
    place(hash, index + 1);
    ++count_;
  }

  [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(slots_[0]); }

 private:
  static constexpr std::size_t kSlotsMin = 16;

  static constexpr std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32) & ~kIndexEnd; }
  [[nodiscard]] std::size_t start(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash) & (slots_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  void place(std::uint64_t hash, std::uint32_t entry) {
    std::size_t at = start(hash);
    while (slots_[at] != 0)
      at = next(at);
    slots_[at] = tag(hash) | entry;
  }

  template <class HashAt>
  void grow(HashAt hash_at) {
    std::vector<std::uint32_t> before(slots_.empty() ? kSlotsMin : slots_.size() * 2);
    std::swap(slots_, before);
    for (const std::uint32_t slot : before) {
      if (slot != 0) place(hash_at((slot & kIndexEnd) - 1), slot & kIndexEnd);
    }
  }

  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace tillkit::catalog
