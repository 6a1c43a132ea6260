// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/mdb_link.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::fulfilment {
namespace {

using Kind = MdbLinkEvent::Kind;

constexpr std::byte kAddressBits{0xF8};
constexpr std::byte kCommandBits{0x07};
constexpr std::byte kPoll{0x02};

/// Longer than any block: it ends in silence.
constexpr std::size_t kUnknown = kMdbBlockBytesMax + 1;

constexpr MdbWord kAck = 0x00;
constexpr MdbWord kRet = 0xAA;
constexpr std::array<MdbWord, 1> kAcknowledge{kAck | kMdbModeBit};

std::byte checksum(core::ByteView bytes) {
  std::uint8_t sum = 0;
  for (const std::byte byte : bytes)
    sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(byte));
  return std::byte{sum};
}

/// The whole block's size, of commands that have a second byte to tell them apart (sections 7.3 and 7.4).
std::size_t size_of(std::uint8_t command, std::uint8_t subcommand) {
  switch (command) {
    case 1: return subcommand <= 1 ? 7 : kUnknown;  // SETUP: configuration, prices
    case 3: {                                       // VEND
      constexpr std::array<std::size_t, 7> kSizes{7, 3, 5, 3, 3, 7, 7};
      return subcommand < kSizes.size() ? kSizes[subcommand] : kUnknown;
    }
    case 4: return subcommand <= 2 ? 3 : kUnknown;                        // READER: disable, enable, cancel
    case 5: return subcommand == 0 ? 5 : subcommand == 1 ? 3 : kUnknown;  // REVALUE: request, limit
    case 7:                                                               // EXPANSION
      if (subcommand == 0) return 32;                                     // identification
      if (subcommand == 3) return 13;                                     // time and date
      if (subcommand == 4) return 7;                                      // optional features
      return kUnknown;
    default: return kUnknown;
  }
}

}  // namespace

std::optional<std::size_t> mdb_command_size(core::ByteView begin) {
  if (begin.empty()) return std::nullopt;
  const auto command = std::to_integer<std::uint8_t>(begin[0]);
  if (command == 0 || begin[0] == kPoll) return 2;  // RESET, POLL: the byte and its checksum
  if (command == 6) return kUnknown;
  if (begin.size() < 2) return std::nullopt;
  return size_of(command, std::to_integer<std::uint8_t>(begin[1]));
}

MdbLinkAnswer MdbLink::receive(MdbWord word, core::MonotonicTime at) {
  const auto gap = at - last_word_;
  last_word_ = at;
  const std::byte byte{static_cast<std::uint8_t>(word & 0xFFU)};
  if ((word & kMdbModeBit) != 0) {  // an address: whatever was under way is over
    answer_until_.reset();
    const bool ours = (byte & kAddressBits) == std::byte{static_cast<std::uint8_t>(address_)};
    size_ = ours ? 1 : 0;
    block_[0] = byte;
    return {};
  }
  if (size_ == 0) return take_answer(word, at);
  if (gap > kMdbInterByteMax + kMdbByteTime || size_ == block_.size()) {
    size_ = 0;
    return {};
  }
  block_[size_++] = byte;
  const std::array<std::byte, 2> begin{block_[0] & kCommandBits, block_[1]};
  const auto whole = mdb_command_size(begin);
  if (!whole || size_ < *whole) return {};
  return end_block(at);
}

MdbLinkAnswer MdbLink::take_answer(MdbWord word, core::MonotonicTime at) {
  if (!answer_until_) return {};
  const bool in_time = at <= *answer_until_;
  answer_until_.reset();
  if (!in_time) return {};
  if (word == kRet) return send_block(at);
  if (word != kAck) return {};  // NAK: the next POLL brings it again
  for (std::size_t i = 0; i < kMdbReplies; ++i) {
    if (in_flight_.has(static_cast<MdbReply>(i + 1))) queued_[i].size = 0;
  }
  const MdbReplies heard = std::exchange(in_flight_, {});
  return {{}, {Kind::Heard, {}, heard}};
}

MdbLinkAnswer MdbLink::end_block(core::MonotonicTime at) {
  const std::size_t size = std::exchange(size_, 0) - 1;
  const core::ByteView bytes(block_.data(), size);
  if (checksum(bytes) != block_[size]) return {};
  last_block_ = at;
  block_[0] &= kCommandBits;
  if (block_[0] == kPoll) return answer_poll(at);
  in_flight_ = {};
  const core::ByteView last(last_command_.data(), last_command_size_);
  if (std::ranges::equal(last, bytes)) return {kAcknowledge, {}};  // our ACK was lost
  std::ranges::copy(bytes, last_command_.begin());
  last_command_size_ = size;
  return {kAcknowledge, {Kind::Command, bytes, {}}};
}

MdbLinkAnswer MdbLink::answer_poll(core::MonotonicTime at) {
  last_command_size_ = 0;
  in_flight_ = {};
  if (polls_held_) return {};
  build_block();
  if (in_flight_.empty()) return {kAcknowledge, {}};
  return send_block(at);
}

MdbLinkAnswer MdbLink::send_block(core::MonotonicTime at) {
  // The whole answer may start late and takes its time; then the VMC has its own time to answer.
  answer_until_ = at + kMdbResponseMax + kMdbByteTime * static_cast<std::int64_t>(out_size_ + 1) + kMdbResponseMax;
  return {std::span(out_).first(out_size_), {Kind::Sent, {}, in_flight_}};
}

void MdbLink::build_block() {
  out_size_ = 0;
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < kMdbReplies; ++i) {
    const Payload& payload = queued_[i];
    if (payload.size == 0) continue;
    if (out_size_ + payload.size + 1 > kMdbBlockBytesMax) break;
    for (std::size_t k = 0; k < payload.size; ++k) {
      const auto byte = std::to_integer<std::uint8_t>(payload.bytes[k]);
      sum = static_cast<std::uint8_t>(sum + byte);
      out_[out_size_++] = byte;
    }
    in_flight_.add(static_cast<MdbReply>(i + 1));
    if (static_cast<MdbReply>(i + 1) == MdbReply::JustReset) break;
  }
  out_[out_size_++] = static_cast<MdbWord>(sum | kMdbModeBit);
}

void MdbLink::queue(MdbReply reply, core::ByteView bytes) {
  TILLKIT_ASSERT(!bytes.empty() && bytes.size() < kMdbBlockBytesMax);
  Payload& payload = queued_[index(reply)];
  std::ranges::copy(bytes, payload.bytes.begin());
  payload.size = bytes.size();
  in_flight_.remove(reply);
}

void MdbLink::take_back(MdbReply reply) {
  queued_[index(reply)].size = 0;
  in_flight_.remove(reply);
}

void MdbLink::clear() {
  for (Payload& payload : queued_)
    payload.size = 0;
  in_flight_ = {};
  answer_until_.reset();
  polls_held_ = false;
}

}  // namespace tillkit::fulfilment
