// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::fulfilment {

// MDB/ICP 4.2, section 2. The bus has one master, the vending machine controller (VMC); all numbers are MSB first.

/// One character on the bus: eight data bits, and the mode bit above them.
using MdbWord = std::uint16_t;
inline constexpr MdbWord kMdbModeBit = 0x100;

/// A block is at most so long, its checksum included.
inline constexpr std::size_t kMdbBlockBytesMax = 36;
/// A character takes 11 bits at 9600 baud, and a UART tells of it when it is over (appendix A3).
inline constexpr std::chrono::microseconds kMdbByteTime{1'200};
/// From the end of one character to the start of the next of a block.
inline constexpr std::chrono::microseconds kMdbInterByteMax{1'000};
/// From the end of a block to its answer.
inline constexpr std::chrono::microseconds kMdbResponseMax{5'000};

/// The addresses of the two cashless devices that a bus may have.
enum class MdbAddress : std::uint8_t { Cashless1 = 0x10, Cashless2 = 0x60 };

/// What a POLL can bring, in the order in which it goes out where one block holds several.
enum class MdbReply : std::uint8_t {
  JustReset = 1,  ///< Always alone: a VMC begins anew when it reads it.
  ReaderConfig = 2,
  VendApproved = 3,
  VendDenied = 4,
  Malfunction = 5,
  RevalueDenied = 6,
  Cancelled = 7,
  EndSession = 8,
  OutOfSequence = 9,
  PeripheralId = 10,
  BeginSession = 11,
  SessionCancelRequest = 12,
};
inline constexpr std::size_t kMdbReplies = 12;

/// Some kinds of replies.
class MdbReplies {
 public:
  [[nodiscard]] constexpr bool has(MdbReply reply) const { return (bits_ & bit(reply)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(MdbReply reply) { bits_ |= bit(reply); }
  constexpr void remove(MdbReply reply) { bits_ &= ~bit(reply); }

 private:
  static constexpr std::uint32_t bit(MdbReply reply) { return std::uint32_t{1} << static_cast<unsigned>(reply); }

  std::uint32_t bits_ = 0;
};

/// What one received character led to.
struct MdbLinkEvent {
  enum class Kind : std::uint8_t {
    None = 0,
    Command =
        1,     ///< The VMC said something but POLL, and it was acknowledged. Never told twice for one that it repeated.
    Sent = 2,  ///< The queued replies went out, for the first time or again.
    Heard = 3,  ///< The VMC acknowledged them; they left the queue.
  };
  Kind kind = Kind::None;
  core::ByteView
      command{};         ///< Without address bits and checksum: `03 00 ...` is VEND REQUEST. Valid until the next call.
  MdbReplies replies{};  ///< Of `Sent` and `Heard`.
};

/// What to put on the bus at once, and what happened.
struct MdbLinkAnswer {
  std::span<const MdbWord> send{};  ///< Valid until the next call.
  MdbLinkEvent event{};
};

/// The link of an MDB peripheral: characters and time in, characters out. Knows no money and no session.
///
/// Each POLL is answered from what was queued before, so the answer is there at once. All other commands are
/// acknowledged at once, and what they ask for is queued for a later POLL. A block that is damaged, too long, too slow
/// or for somebody else is not answered: silence means NAK, which a peripheral never sends. A reply is repeated at each
/// POLL until the VMC acknowledges it, and right away when it asks for that (RET).
class MdbLink {
 public:
  explicit MdbLink(MdbAddress address) : address_(address) {}

  /// Takes one character from the VMC. `at` is when it was over; time never runs back.
  [[nodiscard]] MdbLinkAnswer receive(MdbWord word, core::MonotonicTime at);

  /// Queues a reply; `bytes` are 1 to `kMdbBlockBytesMax` - 1, its code first. One of each kind waits at most: what is
  /// not yet acknowledged is replaced.
  void queue(MdbReply reply, core::ByteView bytes);
  /// Takes a reply back, acknowledged or not; none waits: nothing.
  void take_back(MdbReply reply);
  [[nodiscard]] bool waits(MdbReply reply) const { return queued_[index(reply)].size != 0; }
  /// Drops all replies, and holds no polls.
  void clear();

  /// While it is held, a POLL gets silence. Commands are acknowledged all the same.
  void hold_polls(bool hold) { polls_held_ = hold; }

  /// When the last whole and right block for this address was over.
  [[nodiscard]] std::optional<core::MonotonicTime> last_block() const { return last_block_; }

 private:
  struct Payload {
    std::array<std::byte, kMdbBlockBytesMax> bytes{};
    std::size_t size = 0;
  };

  [[nodiscard]] static std::size_t index(MdbReply reply) { return static_cast<std::size_t>(reply) - 1; }
  [[nodiscard]] MdbLinkAnswer take_answer(MdbWord word, core::MonotonicTime at);
  [[nodiscard]] MdbLinkAnswer end_block(core::MonotonicTime at);
  [[nodiscard]] MdbLinkAnswer answer_poll(core::MonotonicTime at);
  [[nodiscard]] MdbLinkAnswer send_block(core::MonotonicTime at);
  void build_block();

  MdbAddress address_;
  std::array<std::byte, kMdbBlockBytesMax> block_{};
  std::size_t size_ = 0;  // 0: no block for us is under way
  core::MonotonicTime last_word_{};
  std::optional<core::MonotonicTime> last_block_;

  std::array<std::byte, kMdbBlockBytesMax> last_command_{};
  std::size_t last_command_size_ = 0;  // 0: the VMC polled since

  std::array<Payload, kMdbReplies> queued_{};
  std::array<MdbWord, kMdbBlockBytesMax> out_{};
  std::size_t out_size_ = 0;
  MdbReplies in_flight_{};  // what `out_` holds and the queue still holds unchanged
  std::optional<core::MonotonicTime> answer_until_;
  bool polls_held_ = false;
};

/// How long a command is, its checksum included; nothing: that cannot be told yet. An unknown command is longer than a
/// block may be, so that it ends in silence. `begin` starts with the command without address bits.
[[nodiscard]] std::optional<std::size_t> mdb_command_size(core::ByteView begin);

}  // namespace tillkit::fulfilment
