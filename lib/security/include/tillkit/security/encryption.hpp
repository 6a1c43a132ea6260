// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/security/held_key.hpp"

namespace tillkit::security {

/// What encryption adds to a text: a nonce of 12 bytes in front, a tag of 16 behind.
inline constexpr std::size_t kEncryptionOverheadBytes = 28;

/// A key for AES-256-GCM, held inside PSA for as long as this object lives. `Crypto` makes it and must outlive it.
class EncryptionKey {
 public:
  /// Encrypts under a fresh random nonce, and binds the result to `context`: it opens with the same context only. 2^32
  /// texts are safe under one key.
  /// - Unavailable: no random numbers now.
  [[nodiscard]] core::Result<core::Bytes> encrypt(core::ByteView plain, core::ByteView context) const;

  /// - Corrupt: it was changed, belongs to another context or to another key. Nothing of it is given out.
  [[nodiscard]] core::Result<core::Secret> decrypt(core::ByteView encrypted, core::ByteView context) const;

 private:
  friend class Crypto;
  explicit EncryptionKey(HeldKey key) : key_(std::move(key)) {}
  HeldKey key_;
};

}  // namespace tillkit::security
