// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/crypto.hpp"

#include <utility>

#include "psa_context.hpp"
#include "signing_key.hpp"

namespace tillkit::security {
namespace {

core::Result<KeyId> signing_key_of(std::uint8_t name) {
  if (name == 0) return core::fail(core::ErrorCode::InvalidArgument);
  return KeyId{kSigningKeys | name};
}

}  // namespace

class Crypto::Impl {
 public:
  Impl(hal::KeyStore& store, hal::Random& random) : context_{store, random, PSA_KEY_ID_NULL, {}, {}} {
    set_active_context(&context_);
  }
  ~Impl() {
    mbedtls_psa_crypto_free();  // wipes every key in memory; still needs the context
    set_active_context(nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  core::Result<> start() {
    TILLKIT_TRY_VOID(start_random(context_));
    TILLKIT_TRY_VOID(call_psa([] { return psa_crypto_init(); }));
    return start_storage(context_);
  }

 private:
  PsaContext context_;
};

Crypto::Crypto(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Crypto::~Crypto() = default;

core::Result<std::unique_ptr<Crypto>> Crypto::start(hal::KeyStore& store, hal::Random& random) {
  if (active_context() != nullptr) return core::fail(core::ErrorCode::FailedPrecondition);
  auto impl = std::make_unique<Impl>(store, random);
  TILLKIT_TRY_VOID(impl->start());
  return std::unique_ptr<Crypto>(new Crypto(std::move(impl)));
}

core::Result<KeyId> Crypto::create_signing_key(std::uint8_t name) {
  TILLKIT_TRY(const KeyId key, signing_key_of(name));
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_bits(&attributes, 256);
  psa_set_key_algorithm(&attributes, kSigningPolicy);
  // No EXPORT and no COPY: the private half has no way out.
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_SIGN_HASH);
  psa_set_key_id(&attributes, key.value);  // makes it persistent
  psa_key_id_t made = PSA_KEY_ID_NULL;
  TILLKIT_TRY_VOID(call_psa([&] { return psa_generate_key(&attributes, &made); }));
  return key;
}

core::Result<KeyId> Crypto::open_signing_key(std::uint8_t name) {
  TILLKIT_TRY(const KeyId key, signing_key_of(name));
  // Opening says what is stored, so a copy from earlier in PSA's memory must not answer. There may be none: no error.
  static_cast<void>(psa_purge_key(key.value));
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  TILLKIT_TRY_VOID(call_psa([&] { return psa_get_key_attributes(key.value, &attributes); }));
  psa_reset_key_attributes(&attributes);
  return key;
}

core::Result<> Crypto::destroy_signing_key(std::uint8_t name) {
  TILLKIT_TRY(const KeyId key, signing_key_of(name));
  // Not psa_destroy_key: it loads the key first, so a damaged one could never be destroyed.
  TILLKIT_TRY_VOID(call_psa([&] { return psa_its_remove(key.value); }));
  static_cast<void>(psa_purge_key(key.value));  // the copy in memory, if there is one
  return {};
}

core::Result<std::array<std::byte, kP256PublicKeyBytes>> Crypto::public_key(KeyId key) const {
  TILLKIT_TRY_VOID(check_signing_key(key));
  std::array<std::byte, kP256PublicKeyBytes> point{};
  std::size_t written = 0;
  TILLKIT_TRY_VOID(
      call_psa([&] { return psa_export_public_key(key.value, octets(point.data()), point.size(), &written); }));
  return point;
}

core::Result<std::array<std::byte, kEs256SignatureBytes>> Crypto::sign_es256(KeyId key,
                                                                             std::span<const std::byte> message) const {
  TILLKIT_TRY_VOID(check_signing_key(key));
  std::array<std::byte, kEs256SignatureBytes> signature{};
  std::size_t written = 0;
  TILLKIT_TRY_VOID(call_psa([&] {
    return psa_sign_message(key.value, kEs256, octets(message.data()), message.size(), octets(signature.data()),
                            signature.size(), &written);
  }));
  return signature;
}

}  // namespace tillkit::security
