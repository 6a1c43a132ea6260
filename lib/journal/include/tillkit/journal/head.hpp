// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::journal {

/// How far a journal had come, signed by the device. Each has its own `counter`, so that of two heads the later is
/// known even when a file was put back.
struct SignedHead {
  JournalId journal;
  Seq seq;
  Chain chain{};
  std::uint64_t counter = 0;
  std::array<std::byte, security::kEs256SignatureBytes> signature{};
};

/// What is signed: `tillkit journal head 1`, a zero byte, 16 bytes of journal, seq (64 bits, big endian), chain,
/// counter (64 bits).
[[nodiscard]] core::Bytes signed_bytes(const SignedHead& head);

/// Checks a head with the device's public key, as the cloud does. A `security::Crypto` must live.
/// - Corrupt: the signature does not belong to it.
[[nodiscard]] core::Result<> verify_head(const SignedHead& head,
                                         std::span<const std::byte, security::kP256PublicKeyBytes> public_key);

}  // namespace tillkit::journal
