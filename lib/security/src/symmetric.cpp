// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "psa_context.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/security/encryption.hpp"
#include "tillkit/security/mac.hpp"

namespace tillkit::security {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
static_assert(kNonceBytes + kTagBytes == kEncryptionOverheadBytes);

core::Result<HeldKey> hold(core::ByteView key, psa_key_type_t type, psa_algorithm_t algorithm, psa_key_usage_t usage) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, type);
  psa_set_key_algorithm(&attributes, algorithm);
  psa_set_key_usage_flags(&attributes, usage);
  psa_key_id_t id = PSA_KEY_ID_NULL;
  TILLKIT_TRY_VOID(call_psa([&] { return psa_import_key(&attributes, octets(key.data()), key.size(), &id); }));
  return HeldKey(id);
}

core::Result<HeldKey> hold_mac_key(core::ByteView key) {
  return hold(key, PSA_KEY_TYPE_HMAC, PSA_ALG_HMAC(PSA_ALG_SHA_256), PSA_KEY_USAGE_SIGN_MESSAGE);
}

/// The device's key of that label, handed to `take` and wiped.
template <class Take>
core::Result<HeldKey> derived(std::string_view label, const Take& take) {
  PsaContext* context = active_context();
  if (context == nullptr) return core::fail(core::ErrorCode::FailedPrecondition);
  std::array<std::byte, hal::kDerivedKeyBytes> key{};
  const auto made = context->store.derive_key(label, key);
  core::Result<HeldKey> held = made ? take(core::ByteView(key)) : core::Result<HeldKey>(std::unexpected(made.error()));
  core::wipe(key);
  return held;
}

}  // namespace

void HeldKey::wipe() {
  // Only a key that is not there can fail here, and then there is nothing to wipe.
  if (id_ != 0) static_cast<void>(psa_destroy_key(id_));
  id_ = 0;
}

core::Result<MacKey> Crypto::import_mac_key(core::ByteView key) {
  if (key.size() < kMacKeyBytesMin) return core::fail(core::ErrorCode::InvalidArgument);
  TILLKIT_TRY(HeldKey held, hold_mac_key(key));
  return MacKey(std::move(held));
}

core::Result<MacKey> Crypto::derive_mac_key(std::string_view label) {
  TILLKIT_TRY(HeldKey held, derived(label, hold_mac_key));
  return MacKey(std::move(held));
}

core::Result<EncryptionKey> Crypto::derive_encryption_key(std::string_view label) {
  TILLKIT_TRY(HeldKey held, derived(label, [](core::ByteView key) {
                return hold(key, PSA_KEY_TYPE_AES, PSA_ALG_GCM, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
              }));
  return EncryptionKey(std::move(held));
}

core::Result<Sha256> MacKey::mac(core::ByteView message) const {
  Sha256 mac{};
  std::size_t written = 0;
  TILLKIT_TRY_VOID(call_psa([&] {
    return psa_mac_compute(key_.id(), PSA_ALG_HMAC(PSA_ALG_SHA_256), octets(message.data()), message.size(),
                           octets(mac.data()), mac.size(), &written);
  }));
  return mac;
}

core::Result<BlindIndex> blind_index(const MacKey& merchant_key, std::string_view field, core::ByteView value) {
  // The zero between them cannot stand in a field's name, so no two pairs run together to the same bytes.
  core::Bytes message = core::to_bytes(field);
  message.reserve(field.size() + 1 + value.size());
  message.push_back(std::byte{0});
  message.insert(message.end(), value.begin(), value.end());
  const auto mac = merchant_key.mac(message);
  core::wipe(message);
  if (!mac) return std::unexpected(mac.error());

  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bits = (bits << 8U) | std::to_integer<std::uint64_t>((*mac)[i]);
  return BlindIndex(static_cast<std::int64_t>(bits));
}

core::Result<core::Bytes> EncryptionKey::encrypt(core::ByteView plain, core::ByteView context) const {
  core::Bytes encrypted(plain.size() + kEncryptionOverheadBytes);
  std::byte* const nonce = encrypted.data();
  std::byte* const ciphertext = nonce + kNonceBytes;
  std::size_t written = 0;
  TILLKIT_TRY_VOID(call_psa([&] { return psa_generate_random(octets(nonce), kNonceBytes); }));
  TILLKIT_TRY_VOID(call_psa([&] {
    return psa_aead_encrypt(key_.id(), PSA_ALG_GCM, octets(nonce), kNonceBytes, octets(context.data()), context.size(),
                            octets(plain.data()), plain.size(), octets(ciphertext), plain.size() + kTagBytes, &written);
  }));
  return encrypted;
}

core::Result<core::Secret> EncryptionKey::decrypt(core::ByteView encrypted, core::ByteView context) const {
  if (encrypted.size() < kEncryptionOverheadBytes) return core::fail(core::ErrorCode::Corrupt);
  const std::byte* const nonce = encrypted.data();
  const std::byte* const ciphertext = nonce + kNonceBytes;
  core::Bytes plain(encrypted.size() - kEncryptionOverheadBytes);
  std::size_t written = 0;
  TILLKIT_TRY_VOID(call_psa([&] {
    return psa_aead_decrypt(key_.id(), PSA_ALG_GCM, octets(nonce), kNonceBytes, octets(context.data()), context.size(),
                            octets(ciphertext), plain.size() + kTagBytes, octets(plain.data()), plain.size(), &written);
  }));
  return core::Secret(std::move(plain));
}

core::Result<> verify_es256(std::span<const std::byte, kP256PublicKeyBytes> public_key, core::ByteView message,
                            std::span<const std::byte, kEs256SignatureBytes> signature) {
  TILLKIT_TRY(const HeldKey key, hold(public_key, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1),
                                      PSA_ALG_ECDSA(PSA_ALG_SHA_256), PSA_KEY_USAGE_VERIFY_MESSAGE));
  return call_psa([&] {
    return psa_verify_message(key.id(), PSA_ALG_ECDSA(PSA_ALG_SHA_256), octets(message.data()), message.size(),
                              octets(signature.data()), signature.size());
  });
}

}  // namespace tillkit::security
