// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/security/encryption.hpp"
#include "tillkit/security/mac.hpp"

namespace tillkit::security {

/// Names a key inside PSA. The key itself never leaves it. 0 names none.
struct KeyId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const KeyId&, const KeyId&) = default;
};

inline constexpr std::size_t kEs256SignatureBytes = 64;
inline constexpr std::size_t kP256PublicKeyBytes = 65;
inline constexpr std::size_t kCommonNameBytesMax = 64;  ///< RFC 5280, ub-common-name
inline constexpr std::size_t kMacKeyBytesMin = 16;

/// The cryptography of this process: PSA, with our key storage and our random numbers.
///
/// PSA keeps its state per process and has no locks, so at most one object lives at a time, a second `start` is
/// `FailedPrecondition`, and all that uses PSA (TLS, too) runs on one thread. `store` and `random` must outlive it, and
/// it must outlive all other users of PSA: it wipes the keys in memory when it goes. What is stored stays.
///
/// Every call may also pass on what `store` or `random` answered, with their error code and number:
/// - Unavailable: one of them cannot be reached now. Nothing was changed; try again later.
class Crypto {
 public:
  /// Starts PSA. Blocks for as long as `random` and `store` do. Stores nothing.
  /// - FailedPrecondition: another Crypto lives in this process.
  [[nodiscard]] static core::Result<std::unique_ptr<Crypto>> start(hal::KeyStore& store, hal::Random& random);
  ~Crypto();
  Crypto(const Crypto&) = delete;
  Crypto& operator=(const Crypto&) = delete;

  /// Makes the device's P-256 signing key and stores it, encrypted, under `name` (1 to 255). Durable when it returns;
  /// after a power cut the key is there or it is not. It signs messages (ES256), certificate requests, and as a client
  /// in TLS 1.2 and 1.3 (`KeyId::value` is the id for `mbedtls_pk_setup_opaque`). Its private half cannot be read out.
  /// - AlreadyExists: there is one of this name. It is untouched.
  /// - Corrupt: there is one of this name, and it is damaged (see `open_signing_key`). It is untouched.
  /// - Exhausted: the key store is full. Nothing was stored.
  [[nodiscard]] core::Result<KeyId> create_signing_key(std::uint8_t name);

  /// Opens a stored key; reads it from the store, also where it is open already.
  /// - NotFound: there is none of this name.
  /// - Corrupt: what is stored was changed, swapped with another blob, or belongs to another device. It stays stored.
  [[nodiscard]] core::Result<KeyId> open_signing_key(std::uint8_t name);

  /// Destroys a stored key for good, also one that is corrupt. After a power cut it is gone or it is whole.
  /// - NotFound: there is none of this name.
  [[nodiscard]] core::Result<> destroy_signing_key(std::uint8_t name);

  // Keys for this process's own use. They are in memory only, and must go before this object does.

  /// A MAC key that only this device can derive: the same `label` gives the same key for the life of the device.
  /// Whoever derives names himself in the label: `tillkit/journal/seal/v1`.
  /// - InvalidArgument: the label's length (`hal::kKeyStoreLabelBytesMax`).
  [[nodiscard]] core::Result<MacKey> derive_mac_key(std::string_view label);

  /// The same for encryption. One label serves one purpose.
  [[nodiscard]] core::Result<EncryptionKey> derive_encryption_key(std::string_view label);

  /// A MAC key that came from elsewhere (a salt, the merchant's key).
  /// - InvalidArgument: shorter than `kMacKeyBytesMin`.
  [[nodiscard]] core::Result<MacKey> import_mac_key(core::ByteView key);

  // The calls below take what `create_signing_key` and `open_signing_key` gave; for any other id they fail with
  // NotFound. Few keys are held in memory at a time: the key may be read from the store again, and fail as when it is
  // opened.

  /// The public half: 0x04, x, y.
  [[nodiscard]] core::Result<std::array<std::byte, kP256PublicKeyBytes>> public_key(KeyId key) const;

  /// Signs as JWS ES256 does: r and s, 32 bytes each (not DER). The same key and message give the same signature.
  [[nodiscard]] core::Result<std::array<std::byte, kEs256SignatureBytes>> sign_es256(
      KeyId key, std::span<const std::byte> message) const;

  /// A PKCS#10 request in PEM for a client certificate of this key; `common_name` is UTF-8 without control characters,
  /// 1 to `kCommonNameBytesMax` bytes, and taken literally (no `,` or `=` syntax).
  /// - InvalidArgument: another name.
  [[nodiscard]] core::Result<std::string> certificate_request(KeyId key, std::string_view common_name) const;

 private:
  class Impl;
  explicit Crypto(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Checks an ES256 signature (r and s) with nothing but the public half, as whoever receives it does. A `Crypto` must
/// live.
/// - Corrupt: it is not the signature of this message under this key.
/// - InvalidArgument: the key is no point of the curve.
[[nodiscard]] core::Result<> verify_es256(std::span<const std::byte, kP256PublicKeyBytes> public_key,
                                          core::ByteView message,
                                          std::span<const std::byte, kEs256SignatureBytes> signature);

}  // namespace tillkit::security
