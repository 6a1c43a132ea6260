// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/error.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/random.hpp"

namespace tillkit::hal_linux {

/// Why a folder is not taken as a key store though it can be opened: the number in the error (`ErrorSource::Device`).
enum class KeyFolderFault : std::uint8_t {
  OpenToOthers = 1,    ///< others than its owner may enter the folder or read a file: `chmod 700`, files `chmod 600`
  OtherOwner = 2,      ///< the folder or a file belongs to another user
  NoFolder = 3,        ///< something else has this name
  SecretMissing = 4,   ///< blobs without the device's secret: it was removed, or the folder was copied in part
  SecretDamaged = 5,   ///< the secret has not its length, or cannot be read
  CounterMissing = 6,  ///< the secret is there, and the counter was removed
  CounterDamaged = 7,  ///< the counter's two halves disagree, or it cannot be read
};
[[nodiscard]] std::string_view to_string(KeyFolderFault fault);

/// What `FileKeyStore::open` refused for, where it was for one of these.
[[nodiscard]] std::optional<KeyFolderFault> key_folder_fault(const core::Error& error);

enum class KeyFolderUse : std::uint8_t {
  Own = 1,   ///< the terminal: makes what is missing, and holds the folder alone
  Look = 2,  ///< the technician's tool: changes nothing, and may look while a terminal has it
};

/// `hal::KeyStore` in files of one folder: `device-secret`, `counter`, and one `blob-...` for each blob.
///
/// The folder is its owner's alone (0700, files 0600). A file is replaced as a whole: written beside, flushed, renamed,
/// and the folder is flushed; what lies there besides (a file that a power cut left half written, somebody else's) is
/// ignored. Keys are HMAC-SHA-256 of the label under the secret (RFC 5869, one block).
///
/// It keeps the secret from other users, not from whoever has the disk or is root, and a disk put back brings the old
/// counter back: the cloud then sees it by the journal's heads. Where the device has a TPM, a secure element or a
/// PKCS#11 token, derive from `hal::KeyStore` for it; nothing else changes.
class FileKeyStore final : public hal::KeyStore {
 public:
  /// Opens the folder; `Own` makes it, with a secret from `random`, where there is nothing.
  /// - PermissionDenied: `OpenToOthers`, `OtherOwner`, or the system's refusal (errno). Nothing was changed.
  /// - NotFound: nothing there, for `Look`; or the folder's own parent is missing.
  /// - Corrupt: another `KeyFolderFault`. Nothing was changed: a new secret would not open the old journal.
  /// - Unavailable: another process owns it, or the medium cannot be reached. - Exhausted: no room.
  [[nodiscard]] static core::Result<std::unique_ptr<FileKeyStore>> open(const std::string& folder, hal::Random& random,
                                                                        KeyFolderUse use = KeyFolderUse::Own);
  ~FileKeyStore() override;
  FileKeyStore(const FileKeyStore&) = delete;
  FileKeyStore& operator=(const FileKeyStore&) = delete;

 private:
  class Impl;
  explicit FileKeyStore(std::unique_ptr<Impl> impl);

  // For `Look`, all that writes is PermissionDenied.
  [[nodiscard]] core::Result<> do_derive_key(std::string_view label,
                                             std::span<std::byte, hal::kDerivedKeyBytes> key) override;
  [[nodiscard]] core::Result<core::Bytes> do_read(hal::BlobId blob) override;
  [[nodiscard]] core::Result<> do_write(hal::BlobId blob, std::span<const std::byte> bytes) override;
  [[nodiscard]] core::Result<> do_erase(hal::BlobId blob) override;
  [[nodiscard]] core::Result<std::uint64_t> do_counter() override;
  [[nodiscard]] core::Result<std::uint64_t> do_advance_counter() override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
