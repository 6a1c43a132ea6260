// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::security {

inline constexpr std::size_t kKeptTextBytesMax = 32'768;

/// A text of the device's own that is more than one blob of the key store holds: its certificate, what it was enrolled
/// with. Encrypted under a key that only this device derives, and replaced as a whole: after a power cut it is the old
/// text or the new one.
///
/// An older text put back by whoever can write the medium is not told from the newest: see this module's README.
class KeptText {
 public:
  /// `name` (1 to 255) is the owner's, and stored: never reused for something else. Both must outlive it.
  KeptText(hal::KeyStore& store, Crypto& crypto, std::uint8_t name) : store_(store), crypto_(crypto), name_(name) {}

  /// - NotFound: nothing is kept. - Corrupt: it was changed, or belongs to another device; it stays as it is.
  /// - otherwise as `hal::KeyStore::read`.
  [[nodiscard]] core::Result<core::Secret> read() const;

  /// Durable when it returns; one flush for each 4,068 bytes begun, and one.
  /// - InvalidArgument: nothing, or more than `kKeptTextBytesMax`. The old text is untouched.
  /// - Timeout: it is the old text or the new one. - otherwise as `hal::KeyStore::write`; it is the old one.
  [[nodiscard]] core::Result<> write(core::ByteView text);

  /// - NotFound: nothing was kept. - otherwise as `hal::KeyStore::erase`.
  [[nodiscard]] core::Result<> erase();

 private:
  struct Head {
    std::uint8_t side = 0;  // 1 or 2: which of the two sets of parts counts
    std::uint8_t parts = 0;
  };
  [[nodiscard]] core::Result<Head> head() const;
  [[nodiscard]] hal::BlobId part(std::uint8_t side, std::size_t index) const;
  /// Erases the parts of a side from `index` on.
  [[nodiscard]] core::Result<> erase_parts(std::uint8_t side, std::size_t index);

  hal::KeyStore& store_;
  Crypto& crypto_;
  std::uint8_t name_;
};

}  // namespace tillkit::security
