// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/time.hpp"
#include "tillkit/fulfilment/mdb_link.hpp"

namespace tillkit::fulfilment {

/// `13 00 00 64` as bytes.
inline std::vector<std::uint8_t> bytes_of(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 3)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(at, 2)), nullptr, 16)));
  return bytes;
}

/// `06 06*`: what was put on the bus, with a star where the mode bit is set; empty for silence.
inline std::string text_of(std::span<const MdbWord> words) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const MdbWord word : words) {
    if (!text.empty()) text += ' ';
    text += kDigits[(word >> 4U) & 0xFU];
    text += kDigits[word & 0xFU];
    if ((word & kMdbModeBit) != 0) text += '*';
  }
  return text;
}

/// The master's end of a bus, character by character. `Device` has `receive(word, at)`, which returns what it sends.
template <class Device>
class Master {
 public:
  explicit Master(Device device) : device_(std::move(device)) {}

  /// Says a block: the first byte with the mode bit, and the checksum behind.
  std::string say(std::string_view block) {
    const auto bytes = bytes_of(block);
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes)
      sum += byte;
    return say_with(bytes, static_cast<std::uint8_t>(sum));
  }

  std::string say_with(const std::vector<std::uint8_t>& bytes, std::uint8_t checksum) {
    now_ += pause;
    std::string answer;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      answer += character(static_cast<MdbWord>(bytes[i] | (i == 0 ? kMdbModeBit : 0U)));
    return answer + character(checksum);
  }

  /// One character, `later` after the last one.
  std::string character(MdbWord word, std::chrono::microseconds later = kMdbByteTime) {
    now_ += later;
    return text_of(device_(word, now_));
  }

  std::string ack() { return character(0x00); }
  std::string ret() { return character(0xAA); }
  std::string nak() { return character(0xFF); }

  /// POLL, and ACK for what is not an ACK.
  std::string poll() {
    std::string answer = say("12");
    if (answer.size() > 3) ack();
    return answer;
  }
  std::string poll_unheard() { return say("12"); }

  [[nodiscard]] core::MonotonicTime now() const { return now_; }
  void wait(std::chrono::microseconds time) { now_ += time; }

  std::chrono::milliseconds pause{25};

 private:
  Device device_;
  core::MonotonicTime now_{};
};

}  // namespace tillkit::fulfilment
