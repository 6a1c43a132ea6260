// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "tillkit/core/bytes.hpp"

namespace tillkit::core {

/// A cyclic redundancy check, computed in parts: `Crc32 crc; crc.update(head); crc.update(tail); crc.value()`.
///
/// `Polynomial` is in its plain notation (highest power first) also where the bits run the other way (`Reflected`).
template <std::unsigned_integral Word, Word Polynomial, Word Start, bool Reflected, Word FinalXor>
class Crc {
 public:
  constexpr void update(ByteView bytes) {
    for (const std::byte byte : bytes) {
      if constexpr (Reflected) {
        state_ = static_cast<Word>((state_ >> 8) ^ kTable[(state_ ^ static_cast<Word>(byte)) & 0xFFU]);
      } else {
        const auto top = static_cast<Word>(state_ >> (kBits - 8));
        state_ = static_cast<Word>((state_ << 8) ^ kTable[(top ^ static_cast<Word>(byte)) & 0xFFU]);
      }
    }
  }

  /// The check of everything so far; more may follow.
  [[nodiscard]] constexpr Word value() const { return static_cast<Word>(state_ ^ FinalXor); }

  [[nodiscard]] static constexpr Word of(ByteView bytes) {
    Crc crc;
    crc.update(bytes);
    return crc.value();
  }

 private:
  static constexpr int kBits = std::numeric_limits<Word>::digits;
  static_assert(kBits >= 16);

  static constexpr std::array<Word, 256> make_table() {
    std::array<Word, 256> table{};
    Word mirrored = 0;
    for (int bit = 0; bit < kBits; ++bit) {
      if ((Polynomial >> bit) & 1U) mirrored = static_cast<Word>(mirrored | (Word{1} << (kBits - 1 - bit)));
    }
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
      auto word = static_cast<Word>(Reflected ? byte : byte << (kBits - 8));
      for (int bit = 0; bit < 8; ++bit) {
        const bool out = Reflected ? (word & 1U) != 0 : (word >> (kBits - 1)) != 0;
        word = static_cast<Word>(Reflected ? word >> 1 : word << 1);
        if (out) word = static_cast<Word>(word ^ (Reflected ? mirrored : Polynomial));
      }
      table[byte] = word;
    }
    return table;
  }

  static constexpr std::array<Word, 256> kTable = make_table();

  Word state_ = Start;
};

// The value beside each is its check of the nine bytes "123456789".

/// CRC-16/IBM-3740, also called CCITT-FALSE: 0x29B1. Ends an EMVCo QR code.
using Crc16CcittFalse = Crc<std::uint16_t, 0x1021, 0xFFFF, false, 0>;
/// CRC-16/XMODEM: 0x31C3.
using Crc16Xmodem = Crc<std::uint16_t, 0x1021, 0, false, 0>;
/// CRC-16/MODBUS: 0x4B37.
using Crc16Modbus = Crc<std::uint16_t, 0x8005, 0xFFFF, true, 0>;
/// CRC-16/KERMIT: 0x2189.
using Crc16Kermit = Crc<std::uint16_t, 0x1021, 0, true, 0>;
/// CRC-32/ISO-HDLC, the one of Ethernet, gzip and PNG: 0xCBF43926.
using Crc32 = Crc<std::uint32_t, 0x04C1'1DB7, 0xFFFF'FFFF, true, 0xFFFF'FFFF>;

}  // namespace tillkit::core
