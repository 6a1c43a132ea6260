// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::hal {

inline constexpr std::size_t kKeyStoreBlobBytesMax = 4096;
inline constexpr std::size_t kKeyStoreBlobsMax = 64;
inline constexpr std::size_t kKeyStoreLabelBytesMax = 64;
inline constexpr std::size_t kDerivedKeyBytes = 32;

/// Names one stored blob. 0 names none.
struct BlobId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const BlobId&, const BlobId&) = default;
};

/// What the device keeps for the library's keys: one secret of its own, a few small blobs, and a counter that only
/// rises.
///
/// The library encrypts and authenticates each blob before it comes here (lib/security), so a driver needs no
/// cryptography for them. A driver MUST write atomically and durably before it returns: after a power cut a blob is the
/// old one or the new one, never a mixture, and one that was reported written is there. The device secret MUST differ
/// on every device, MUST survive a factory reset of the journal, and SHOULD be out of reach of whoever copies the disk
/// (fuses, TPM, secure element, TrustZone).
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  /// Derives a key from the device secret: the same `label` gives the same 32 bytes for the life of the device, other
  /// labels give unrelated ones. Labels have 1 to `kKeyStoreLabelBytesMax` bytes.
  /// - InvalidArgument: the label's or the span's length.
  /// - Unavailable: the secret cannot be reached now (locked, not yet started). Try again later.
  [[nodiscard]] core::Result<> derive_key(std::string_view label, std::span<std::byte, kDerivedKeyBytes> key) {
    if (label.empty() || label.size() > kKeyStoreLabelBytesMax) return core::fail(core::ErrorCode::InvalidArgument);
    return do_derive_key(label, key);
  }

  /// Reads a whole blob.
  /// - NotFound: there is none of this name.
  /// - Corrupt: the medium says that it cannot give back what was written. The blob stays as it is.
  /// - Unavailable: the store cannot be reached now. Try again later.
  [[nodiscard]] core::Result<core::Bytes> read(BlobId blob) {
    if (blob.value == 0) return core::fail(core::ErrorCode::InvalidArgument);
    return do_read(blob);
  }

  /// Writes or replaces a blob of up to `kKeyStoreBlobBytesMax` bytes. Durable when it returns; blocks for one flush.
  /// - InvalidArgument: no name, or too long.
  /// - Exhausted: `kKeyStoreBlobsMax` are stored already, or the medium is full. The old blob, if any, is untouched.
  /// - Unavailable: the store cannot be written now. The old blob, if any, is untouched.
  /// - PermissionDenied: it was opened only to be read. The old blob, if any, is untouched.
  /// - Timeout: the medium failed in the last flush: the blob is the old one or the new one.
  [[nodiscard]] core::Result<> write(BlobId blob, std::span<const std::byte> bytes) {
    if (blob.value == 0 || bytes.size() > kKeyStoreBlobBytesMax) return core::fail(core::ErrorCode::InvalidArgument);
    return do_write(blob, bytes);
  }

  /// Removes a blob; durable when it returns. `NotFound` if there was none; else as `write`.
  [[nodiscard]] core::Result<> erase(BlobId blob) {
    if (blob.value == 0) return core::fail(core::ErrorCode::InvalidArgument);
    return do_erase(blob);
  }

  /// The counter's value; 0 on a new device.
  /// - Unavailable: it cannot be read now. - Corrupt: what is stored of it is damaged; the same call fails again.
  [[nodiscard]] core::Result<std::uint64_t> counter() { return do_counter(); }

  /// Adds one and returns the new value; durable when it returns. It MUST never fall, also not when the disk is put
  /// back to an older state, where the hardware can do that.
  /// - Unavailable, Exhausted, PermissionDenied: nothing changed; as `write`. - Corrupt: as `counter`.
  /// - Timeout: the hardware stopped answering; the counter may have risen by one.
  [[nodiscard]] core::Result<std::uint64_t> advance_counter() { return do_advance_counter(); }

 private:
  [[nodiscard]] virtual core::Result<> do_derive_key(std::string_view label,
                                                     std::span<std::byte, kDerivedKeyBytes> key) = 0;
  [[nodiscard]] virtual core::Result<core::Bytes> do_read(BlobId blob) = 0;
  [[nodiscard]] virtual core::Result<> do_write(BlobId blob, std::span<const std::byte> bytes) = 0;
  [[nodiscard]] virtual core::Result<> do_erase(BlobId blob) = 0;
  [[nodiscard]] virtual core::Result<std::uint64_t> do_counter() = 0;
  [[nodiscard]] virtual core::Result<std::uint64_t> do_advance_counter() = 0;
};

}  // namespace tillkit::hal
