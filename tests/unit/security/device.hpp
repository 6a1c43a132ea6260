// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <psa/crypto.h>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::security {

/// The value of a call that must succeed for the test to go on.
template <class T>
T must(core::Result<T> result) {
  REQUIRE(result.has_value());
  return *std::move(result);
}

template <class T>
bool failed_with(const core::Result<T>& result, core::ErrorCode code) {
  return !result.has_value() && result.error().code == code;
}

template <class T>
bool failed_with(const core::Result<T>& result, const core::Error& error) {
  return !result.has_value() && result.error() == error;
}

/// What the store or the random source says when it cannot be reached; the number tells that it came through as it was.
inline constexpr core::Error kUnreachable{core::ErrorCode::Unavailable, core::ErrorSource::Device, 77};

/// One device: its key store and its random source, which outlive the process on it.
struct Device {
  explicit Device(std::uint64_t number = 1) : store(world, number), random(test::seed() + number) {}

  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;

  /// A process starts. At most one runs at a time.
  [[nodiscard]] std::unique_ptr<Crypto> start() { return must(Crypto::start(store, random)); }

  /// Changes what lies on the medium behind the library's back.
  void overwrite(hal::BlobId blob, core::Bytes bytes) {
    auto blobs = store.blobs();
    blobs[blob] = std::move(bytes);
    store.put_back(std::move(blobs));
  }
};

/// Whose blob this is: keys are stored under purpose 1 and their name, beside other things of PSA. Part of the format.
constexpr hal::BlobId blob_of_key(std::uint8_t name) {
  return {(std::uint64_t{1} << 32) | (1U << 8) | name};
}

inline const std::uint8_t* octets(core::ByteView bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

/// Verifies with nothing but the public half, as a server does.
inline bool verifies(std::span<const std::byte, kP256PublicKeyBytes> public_key, core::ByteView message,
                     core::ByteView signature) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_MESSAGE);
  psa_key_id_t key = PSA_KEY_ID_NULL;
  if (psa_import_key(&attributes, octets(public_key), public_key.size(), &key) != PSA_SUCCESS) return false;
  const psa_status_t status = psa_verify_message(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), octets(message), message.size(),
                                                 octets(signature), signature.size());
  psa_destroy_key(key);
  return status == PSA_SUCCESS;
}

}  // namespace tillkit::security
