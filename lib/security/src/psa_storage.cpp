// SPDX-License-Identifier: Apache-2.0

// PSA's storage of persistent keys (the PSA Secure Storage API) on hal::KeyStore: each blob encrypted, each blob
// authenticated.
//
// PSA calls psa_its_* from the middle of its own work (making, loading, destroying a key), and they call PSA again for
// AES-GCM. In mbedTLS 3.6 that is safe as long as it has no mutex to hold (mbedtls_needed.hpp refuses
// MBEDTLS_THREADING_C):
// - The slot of the outer key is FILLING or PENDING_DELETION. Slots are found and evicted only when FULL, and are taken
//   only when EMPTY, so the inner call cannot touch it.
// - The inner call works with `blob_key`, which is volatile: it is in memory, is never evicted, needs no storage, and
//   so there is no third level. Its slot is registered for reading and unregistered before the inner call returns.
// - PSA copies its inputs or reads them once; between the calls there is no other state.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "psa_context.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::security {
namespace {

// A blob: version, three zeros, flags (little endian), nonce, ciphertext, tag. Stored: never change version 1.
constexpr std::byte kVersion{1};
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kOverheadBytes = kHeaderBytes + kNonceBytes + kTagBytes;
constexpr std::size_t kDataBytesMax = hal::kKeyStoreBlobBytesMax - kOverheadBytes;
constexpr std::string_view kBlobKeyLabel = "tillkit/security/psa-storage/v1";

// The upper half of a BlobId says whose it is; PSA's uids of keys have 32 bits. Stored: never renumber.
constexpr std::uint64_t kPsaBlobs = std::uint64_t{1} << 32;

using Header = std::array<std::byte, kHeaderBytes>;
using AssociatedData = std::array<std::byte, kHeaderBytes + sizeof(psa_storage_uid_t)>;

Header header_of(psa_storage_create_flags_t flags) {
  Header header{kVersion};
  for (std::size_t i = 0; i < sizeof flags; ++i)
    header[4 + i] = static_cast<std::byte>(flags >> (8 * i));
  return header;
}

psa_storage_create_flags_t flags_of(const Header& header) {
  psa_storage_create_flags_t flags = 0;
  for (std::size_t i = 0; i < sizeof flags; ++i) {
    flags |= std::to_integer<psa_storage_create_flags_t>(header[4 + i]) << (8 * i);
  }
  return flags;
}

/// What is authenticated besides the ciphertext: format and flags, and the uid, so that two blobs cannot change places.
AssociatedData associated_data(const Header& header, psa_storage_uid_t uid) {
  AssociatedData data{};
  std::ranges::copy(header, data.begin());
  for (std::size_t i = 0; i < sizeof uid; ++i)
    data[kHeaderBytes + i] = static_cast<std::byte>(uid >> (8 * i));
  return data;
}

bool names_a_blob(psa_storage_uid_t uid) {
  return uid != 0 && uid < kPsaBlobs;
}
hal::BlobId blob_of(psa_storage_uid_t uid) {
  return {kPsaBlobs | uid};
}

/// Keeps the error for `outcome` and gives PSA the nearest status.
psa_status_t failed(PsaContext& context, const core::Error& error) {
  // Not there is an answer that PSA asks for (is the name free?), not a failure of the store.
  if (error.code == core::ErrorCode::NotFound) return PSA_ERROR_DOES_NOT_EXIST;
  remember(context, error);
  switch (error.code) {
    case core::ErrorCode::Corrupt: return PSA_ERROR_DATA_CORRUPT;
    case core::ErrorCode::Exhausted: return PSA_ERROR_INSUFFICIENT_STORAGE;
    default: return PSA_ERROR_STORAGE_FAILURE;
  }
}

psa_status_t corrupt(PsaContext& context, psa_status_t why) {
  return failed(context, {core::ErrorCode::Corrupt, core::ErrorSource::Mbedtls, why});
}

struct Opened {
  core::Secret data;
  psa_storage_create_flags_t flags = PSA_STORAGE_FLAG_NONE;
};

/// Reads a blob and decrypts it; nothing of it is used before its tag is checked.
psa_status_t open_blob(PsaContext& context, psa_storage_uid_t uid, Opened& opened) {
  const auto read = context.store.read(blob_of(uid));
  if (!read) return failed(context, read.error());
  if (read->size() < kOverheadBytes) return corrupt(context, PSA_ERROR_DATA_INVALID);

  Header header;
  std::copy_n(read->begin(), kHeaderBytes, header.begin());
  if (header != header_of(flags_of(header))) return corrupt(context, PSA_ERROR_DATA_INVALID);

  const AssociatedData bound = associated_data(header, uid);
  const std::byte* const nonce = read->data() + kHeaderBytes;
  const std::byte* const ciphertext = nonce + kNonceBytes;
  core::Bytes data(read->size() - kOverheadBytes);
  std::size_t data_bytes = 0;
  const psa_status_t status =
      psa_aead_decrypt(context.blob_key, PSA_ALG_GCM, octets(nonce), kNonceBytes, octets(bound.data()), bound.size(),
                       octets(ciphertext), data.size() + kTagBytes, octets(data.data()), data.size(), &data_bytes);
  if (status == PSA_ERROR_INVALID_SIGNATURE) return corrupt(context, status);
  if (status != PSA_SUCCESS) return failed(context, error_of(status));
  opened = {core::Secret(std::move(data)), flags_of(header)};
  return PSA_SUCCESS;
}

psa_status_t write_blob(PsaContext& context, psa_storage_uid_t uid, std::span<const std::byte> data,
                        psa_storage_create_flags_t flags) {
  core::Bytes blob(kOverheadBytes + data.size());
  const Header header = header_of(flags);
  std::ranges::copy(header, blob.begin());
  std::byte* const nonce = blob.data() + kHeaderBytes;
  std::byte* const ciphertext = nonce + kNonceBytes;

  // A random nonce, because there is no counter that a restored disk could not set back. 96 bits carry some billions of
  // writes under one key; a device writes a few keys in its life.
  psa_status_t status = psa_generate_random(octets(nonce), kNonceBytes);
  if (status != PSA_SUCCESS) return failed(context, error_of(status));

  const AssociatedData bound = associated_data(header, uid);
  std::size_t ciphertext_bytes = 0;
  status = psa_aead_encrypt(context.blob_key, PSA_ALG_GCM, octets(nonce), kNonceBytes, octets(bound.data()),
                            bound.size(), octets(data.data()), data.size(), octets(ciphertext), data.size() + kTagBytes,
                            &ciphertext_bytes);
  if (status != PSA_SUCCESS) return failed(context, error_of(status));

  const auto written = context.store.write(blob_of(uid), blob);
  return written ? PSA_SUCCESS : failed(context, written.error());
}

}  // namespace

core::Result<> start_storage(PsaContext& context) {
  std::array<std::byte, hal::kDerivedKeyBytes> key;
  auto made = context.store.derive_key(kBlobKeyLabel, key);
  if (made) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_algorithm(&attributes, PSA_ALG_GCM);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
    made = call_psa([&] { return psa_import_key(&attributes, octets(key.data()), key.size(), &context.blob_key); });
  }
  core::wipe(key);
  return made;
}

}  // namespace tillkit::security

using namespace tillkit::security;

extern "C" psa_status_t psa_its_set(psa_storage_uid_t uid, std::uint32_t data_length, const void* p_data,
                                    psa_storage_create_flags_t create_flags) {
  PsaContext* context = active_context();
  if (context == nullptr) return PSA_ERROR_BAD_STATE;
  if (!names_a_blob(uid) || (p_data == nullptr && data_length != 0)) return PSA_ERROR_INVALID_ARGUMENT;
  // Write-once blobs: PSA has no use for them, and a key that cannot be destroyed would outlive the device's owner.
  if (create_flags != PSA_STORAGE_FLAG_NONE) return PSA_ERROR_NOT_SUPPORTED;

  context->written.reset();
  if (data_length > kDataBytesMax) return failed(*context, error_of(PSA_ERROR_INSUFFICIENT_STORAGE));
  const std::span data(static_cast<const std::byte*>(p_data), data_length);
  const psa_status_t status = write_blob(*context, uid, data, create_flags);
  if (status == PSA_SUCCESS) context->written = Written{uid, {data_length, create_flags}};
  return status;
}

extern "C" psa_status_t psa_its_get(psa_storage_uid_t uid, std::uint32_t data_offset, std::uint32_t data_length,
                                    void* p_data, std::size_t* p_data_length) {
  PsaContext* context = active_context();
  if (context == nullptr) return PSA_ERROR_BAD_STATE;
  if (!names_a_blob(uid) || p_data_length == nullptr || (p_data == nullptr && data_length != 0)) {
    return PSA_ERROR_INVALID_ARGUMENT;
  }

  context->written.reset();
  *p_data_length = 0;
  Opened opened;
  if (const psa_status_t status = open_blob(*context, uid, opened); status != PSA_SUCCESS) return status;
  const std::span data = opened.data.view();
  if (data_offset > data.size()) return PSA_ERROR_INVALID_ARGUMENT;

  const std::span part = data.subspan(data_offset, std::min<std::size_t>(data_length, data.size() - data_offset));
  std::ranges::copy(part, static_cast<std::byte*>(p_data));
  *p_data_length = part.size();
  return PSA_SUCCESS;
}

extern "C" psa_status_t psa_its_get_info(psa_storage_uid_t uid, psa_storage_info_t* p_info) {
  PsaContext* context = active_context();
  if (context == nullptr) return PSA_ERROR_BAD_STATE;
  if (!names_a_blob(uid) || p_info == nullptr) return PSA_ERROR_INVALID_ARGUMENT;

  // After it has stored a key PSA asks whether it arrived; without an answer it reports a failure and tries to remove
  // the key. A store that becomes unreachable just then would make 'Unavailable, nothing happened' out of a key that is
  // durably there. So what the store has promised is repeated, once, instead of asked again.
  if (const auto written = std::exchange(context->written, std::nullopt); written && written->uid == uid) {
    *p_info = written->info;
    return PSA_SUCCESS;
  }

  Opened opened;
  if (const psa_status_t status = open_blob(*context, uid, opened); status != PSA_SUCCESS) return status;
  *p_info = {static_cast<std::uint32_t>(opened.data.view().size()), opened.flags};
  return PSA_SUCCESS;
}

extern "C" psa_status_t psa_its_remove(psa_storage_uid_t uid) {
  PsaContext* context = active_context();
  if (context == nullptr) return PSA_ERROR_BAD_STATE;
  if (!names_a_blob(uid)) return PSA_ERROR_INVALID_ARGUMENT;

  context->written.reset();
  // Not read first: a blob that is damaged must be removable.
  const auto erased = context->store.erase(blob_of(uid));
  return erased ? PSA_SUCCESS : failed(*context, erased.error());
}
