// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"

namespace tillkit::security {
namespace {

using core::as_bytes;
using core::ErrorCode;

TEST_CASE("a signature verifies with the public key, and a changed message does not", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  const auto public_key = must(crypto->public_key(key));
  CHECK(public_key[0] == std::byte{4});

  for (const std::size_t length : {0U, 1U, 55U, 56U, 64U, 65U, 5000U}) {
    CAPTURE(length);
    std::string message(length, 'm');
    const auto signature = must(crypto->sign_es256(key, as_bytes(message)));
    CHECK(verifies(public_key, as_bytes(message), signature));

    message += '!';
    CHECK_FALSE(verifies(public_key, as_bytes(message), signature));
  }
}

TEST_CASE("a key outlives the process and is the same afterwards", "[security]") {
  Device device;
  auto crypto = device.start();
  const KeyId made = must(crypto->create_signing_key(7));
  const auto public_key = must(crypto->public_key(made));
  const auto signature = must(crypto->sign_es256(made, as_bytes("sale 1")));

  crypto.reset();
  crypto = device.start();
  const KeyId opened = must(crypto->open_signing_key(7));

  CHECK(opened == made);
  CHECK(must(crypto->public_key(opened)) == public_key);
  // Deterministic, so the same signature also says: the same private key.
  CHECK(must(crypto->sign_es256(opened, as_bytes("sale 1"))) == signature);
  CHECK(must(crypto->sign_es256(opened, as_bytes("sale 2"))) != signature);
}

TEST_CASE("the private half cannot be read out", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));

  std::array<std::uint8_t, 256> out{};
  std::size_t written = 0;
  CHECK(psa_export_key(key.value, out.data(), out.size(), &written) == PSA_ERROR_NOT_PERMITTED);

  // Nor by a copy that may be exported.
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_SIGN_HASH);
  psa_key_id_t copy = PSA_KEY_ID_NULL;
  CHECK(psa_copy_key(key.value, &attributes, &copy) == PSA_ERROR_NOT_PERMITTED);
  CHECK(std::ranges::count(out, 0) == 256);
}

TEST_CASE("a key signs what TLS asks of a client, and nothing else", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  const std::array<std::uint8_t, 48> hash{};
  std::array<std::uint8_t, 64> out{};
  std::size_t written = 0;

  // TLS 1.3 and most suites of TLS 1.2; AES-256-GCM-SHA384 of TLS 1.2 signs with its own hash.
  CHECK(psa_sign_hash(key.value, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256), hash.data(), 32, out.data(), out.size(),
                      &written) == PSA_SUCCESS);
  CHECK(psa_sign_hash(key.value, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_384), hash.data(), 48, out.data(), out.size(),
                      &written) == PSA_SUCCESS);
  // A signature with a random nonce would give the key away with the first bad random number.
  CHECK(psa_sign_hash(key.value, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash.data(), 32, out.data(), out.size(), &written) ==
        PSA_ERROR_NOT_PERMITTED);
  const auto public_key = must(crypto->public_key(key));
  CHECK(psa_raw_key_agreement(PSA_ALG_ECDH, key.value, octets(public_key), public_key.size(), out.data(), out.size(),
                              &written) == PSA_ERROR_NOT_PERMITTED);
}

TEST_CASE("creating a key under a name that is taken leaves the first one as it was", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId first = must(crypto->create_signing_key(1));
  const auto public_key = must(crypto->public_key(first));
  const auto blobs = device.store.blobs();

  CHECK(failed_with(crypto->create_signing_key(1), ErrorCode::AlreadyExists));

  CHECK(device.store.blobs() == blobs);
  CHECK(must(crypto->public_key(must(crypto->open_signing_key(1)))) == public_key);
}

TEST_CASE("keys of other names are other keys", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId first = must(crypto->create_signing_key(1));
  const KeyId last = must(crypto->create_signing_key(255));

  CHECK(first != last);
  CHECK(must(crypto->public_key(first)) != must(crypto->public_key(last)));
  CHECK(device.store.blobs().contains(blob_of_key(1)));
  CHECK(device.store.blobs().contains(blob_of_key(255)));
}

TEST_CASE("0 names no key", "[security]") {
  Device device;
  const auto crypto = device.start();

  CHECK(failed_with(crypto->create_signing_key(0), ErrorCode::InvalidArgument));
  CHECK(failed_with(crypto->open_signing_key(0), ErrorCode::InvalidArgument));
  CHECK(failed_with(crypto->destroy_signing_key(0), ErrorCode::InvalidArgument));
  CHECK(device.store.blobs().empty());
}

TEST_CASE("a key that was never made is not found", "[security]") {
  Device device;
  const auto crypto = device.start();

  CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::NotFound));
  CHECK(failed_with(crypto->destroy_signing_key(1), ErrorCode::NotFound));
}

TEST_CASE("only ids of signing keys are taken, whatever else PSA holds", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId real = must(crypto->create_signing_key(1));
  std::vector<std::uint32_t> others{0, 1, 0xFF, 0x100, 0x102, 0x200, 0x201, 0x3FFF'FFFF, 0xFFFF'FFFF};
  // Where PSA puts volatile keys: one of them encrypts the stored blobs.
  for (std::uint32_t i = 0; i < 32; ++i)
    others.push_back(0x4000'0000 + i);

  for (const std::uint32_t other : others) {
    CAPTURE(other);
    CHECK(failed_with(crypto->public_key(KeyId{other}), ErrorCode::NotFound));
    CHECK(failed_with(crypto->sign_es256(KeyId{other}, as_bytes("m")), ErrorCode::NotFound));
    CHECK(failed_with(crypto->certificate_request(KeyId{other}, "t"), ErrorCode::NotFound));
  }
  CHECK(crypto->sign_es256(real, as_bytes("m")).has_value());
}

TEST_CASE("a destroyed key is gone for good, and its name is free for another", "[security]") {
  Device device;
  auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  const auto public_key = must(crypto->public_key(key));

  REQUIRE(crypto->destroy_signing_key(1));

  CHECK(device.store.blobs().empty());
  CHECK(failed_with(crypto->sign_es256(key, as_bytes("m")), ErrorCode::NotFound));
  CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::NotFound));
  crypto.reset();
  crypto = device.start();
  CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::NotFound));
  CHECK(must(crypto->public_key(must(crypto->create_signing_key(1)))) != public_key);
}

TEST_CASE("more keys than PSA holds in memory are read again when they are needed", "[security]") {
  constexpr std::uint8_t kKeys = 40;
  static_assert(kKeys > MBEDTLS_PSA_KEY_SLOT_COUNT);
  Device device;
  auto crypto = device.start();
  std::map<std::uint8_t, std::array<std::byte, kEs256SignatureBytes>> signatures;

  // Making the later keys evicts the earlier ones, in the middle of storing and of encrypting what is stored.
  for (std::uint8_t name = 1; name <= kKeys; ++name) {
    CAPTURE(name);
    const KeyId key = must(crypto->create_signing_key(name));
    signatures[name] = must(crypto->sign_es256(key, as_bytes("m")));
  }

  const auto reads_before = device.store.faults().calls();
  for (const auto& [name, signature] : signatures) {
    CAPTURE(name);
    const KeyId key = must(crypto->open_signing_key(name));
    CHECK(must(crypto->sign_es256(key, as_bytes("m"))) == signature);
  }
  CHECK(device.store.faults().calls() > reads_before);
  crypto.reset();
  crypto = device.start();
  // A stride, so that each key was evicted since its last use.
  for (std::uint8_t i = 0; i < kKeys; ++i) {
    const auto name = static_cast<std::uint8_t>(1 + i * 7 % kKeys);
    CAPTURE(name);
    const KeyId key{(1U << 8) | name};
    CHECK(must(crypto->sign_es256(key, as_bytes("m"))) == signatures.at(name));
  }
}

TEST_CASE("a full key store refuses a key, and those that are there work on", "[security]") {
  Device device;
  const auto crypto = device.start();
  std::uint8_t name = 1;
  for (; name <= hal::kKeyStoreBlobsMax; ++name)
    static_cast<void>(must(crypto->create_signing_key(name)));

  CHECK(failed_with(crypto->create_signing_key(name), ErrorCode::Exhausted));

  CHECK(failed_with(crypto->open_signing_key(name), ErrorCode::NotFound));
  CHECK(crypto->sign_es256(must(crypto->open_signing_key(1)), as_bytes("m")).has_value());
  REQUIRE(crypto->destroy_signing_key(1));
  CHECK(crypto->create_signing_key(name).has_value());
}

TEST_CASE("a second Crypto is refused while one lives, and does not disturb it", "[security]") {
  Device device;
  Device other(2);
  auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));

  CHECK(failed_with(Crypto::start(device.store, device.random), ErrorCode::FailedPrecondition));
  CHECK(failed_with(Crypto::start(other.store, other.random), ErrorCode::FailedPrecondition));

  CHECK(crypto->sign_es256(key, as_bytes("m")).has_value());
  crypto.reset();
  CHECK(Crypto::start(other.store, other.random).has_value());
}

}  // namespace
}  // namespace tillkit::security
