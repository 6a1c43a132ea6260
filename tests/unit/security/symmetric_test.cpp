// SPDX-License-Identifier: Apache-2.0

// MACs, blind indexes, encryption, and checking a signature with the public half.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::security {
namespace {

using core::as_bytes;
using core::ErrorCode;

struct Vector {
  std::string_view key;  // hexadecimal, as all here
  std::string_view message;
  std::string_view mac;
};

// RFC 4231, test cases 1, 3, 4, 6 (a key longer than a block).
const std::array kVectors{
    Vector{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    Vector{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    Vector{"0102030405060708090a0b0c0d0e0f10111213141516171819",
           "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
           "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

TEST_CASE("HMAC-SHA-256 gives what RFC 4231 says", "[security]") {
  Device device;
  const auto crypto = device.start();
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.key);
    const MacKey key = must(crypto->import_mac_key(must(core::decode_hex(vector.key))));
    CHECK(core::encode_hex(must(key.mac(must(core::decode_hex(vector.message))))) == vector.mac);
  }
  const std::string long_key(131, '\xAA');
  const MacKey key = must(crypto->import_mac_key(as_bytes(long_key)));
  CHECK(core::encode_hex(must(key.mac(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("a MAC key that is too short is refused", "[security]") {
  Device device;
  const auto crypto = device.start();

  CHECK(failed_with(crypto->import_mac_key(as_bytes("fifteen bytes..")), ErrorCode::InvalidArgument));
  CHECK(crypto->import_mac_key(as_bytes("sixteen bytes...")).has_value());
}

TEST_CASE("a derived key is the device's own, the same after a restart, another for another label", "[security]") {
  Device device(1);
  Device other(2);
  std::array<Sha256, 4> macs{};
  {
    const auto crypto = device.start();
    macs[0] = must(must(crypto->derive_mac_key("tillkit/test/a")).mac(as_bytes("m")));
    macs[1] = must(must(crypto->derive_mac_key("tillkit/test/b")).mac(as_bytes("m")));
  }
  {
    const auto crypto = device.start();
    macs[2] = must(must(crypto->derive_mac_key("tillkit/test/a")).mac(as_bytes("m")));
  }
  const auto crypto = other.start();
  macs[3] = must(must(crypto->derive_mac_key("tillkit/test/a")).mac(as_bytes("m")));

  CHECK(macs[0] == macs[2]);
  CHECK(macs[0] != macs[1]);
  CHECK(macs[0] != macs[3]);
  CHECK(failed_with(crypto->derive_mac_key(""), ErrorCode::InvalidArgument));
  CHECK(failed_with(crypto->derive_encryption_key(std::string(65, 'l')), ErrorCode::InvalidArgument));
}

TEST_CASE("a key store that cannot be reached gives no derived key", "[security]") {
  Device device;
  const auto crypto = device.start();
  device.store.faults().fail_from(1, kUnreachable);

  CHECK(failed_with(crypto->derive_mac_key("tillkit/test/a"), kUnreachable));
  CHECK(failed_with(crypto->derive_encryption_key("tillkit/test/a"), kUnreachable));
}

TEST_CASE("a blind index is the same for the same value, and tells fields and keys apart", "[security]") {
  Device device;
  const auto crypto = device.start();
  const MacKey merchant = must(crypto->import_mac_key(as_bytes("a merchant's own key")));
  const MacKey another = must(crypto->import_mac_key(as_bytes("another merchant's key")));
  const auto index = [](const MacKey& key, std::string_view field, std::string_view value) {
    return must(blind_index(key, field, as_bytes(value)));
  };

  const BlindIndex phone = index(merchant, "phone", "+8613800138000");

  CHECK(phone == index(merchant, "phone", "+8613800138000"));
  CHECK(phone != index(merchant, "phone", "+8613800138001"));
  CHECK(phone != index(merchant, "card", "+8613800138000"));
  CHECK(phone != index(another, "phone", "+8613800138000"));
  // The border between field and value is part of it.
  CHECK(index(merchant, "ab", "c") != index(merchant, "a", "bc"));
  // The first 64 bits of the MAC, as the cloud computes them.
  const Sha256 mac = must(merchant.mac(as_bytes(std::string_view("phone\0+8613800138000", 20))));
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bits = (bits << 8U) | std::to_integer<std::uint64_t>(mac[i]);
  CHECK(static_cast<std::uint64_t>(phone.value()) == bits);
}

TEST_CASE("what is encrypted opens with its own context only, and not once changed", "[security]") {
  Device device;
  const auto crypto = device.start();
  const EncryptionKey key = must(crypto->derive_encryption_key("tillkit/test/e"));
  const EncryptionKey other = must(crypto->derive_encryption_key("tillkit/test/f"));
  const core::Bytes encrypted = must(key.encrypt(as_bytes("13800138000"), as_bytes("record 7")));

  CHECK(encrypted.size() == 11 + kEncryptionOverheadBytes);
  CHECK(core::as_text(must(key.decrypt(encrypted, as_bytes("record 7"))).view()) == "13800138000");
  CHECK(failed_with(key.decrypt(encrypted, as_bytes("record 8")), ErrorCode::Corrupt));
  CHECK(failed_with(other.decrypt(encrypted, as_bytes("record 7")), ErrorCode::Corrupt));
  for (std::size_t i = 0; i < encrypted.size(); ++i) {
    CAPTURE(i);
    core::Bytes changed = encrypted;
    changed[i] ^= std::byte{1};
    CHECK(failed_with(key.decrypt(changed, as_bytes("record 7")), ErrorCode::Corrupt));
    changed.resize(i);
    CHECK(failed_with(key.decrypt(changed, as_bytes("record 7")), ErrorCode::Corrupt));
  }
  CHECK(must(key.encrypt(as_bytes("13800138000"), as_bytes("record 7"))) != encrypted);
  CHECK(must(key.decrypt(must(key.encrypt({}, {})), {})).empty());
}

TEST_CASE("nothing is encrypted without random numbers", "[security]") {
  Device device;
  const auto crypto = device.start();
  const EncryptionKey key = must(crypto->derive_encryption_key("tillkit/test/e"));
  device.random.faults().fail_call(1, kUnreachable);

  CHECK(failed_with(key.encrypt(as_bytes("m"), {}), kUnreachable));
  CHECK(key.encrypt(as_bytes("m"), {}).has_value());
}

TEST_CASE("a signature is checked with the public half alone", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  const KeyId other = must(crypto->create_signing_key(2));
  const auto public_key = must(crypto->public_key(key));
  auto signature = must(crypto->sign_es256(key, as_bytes("head")));

  CHECK(verify_es256(public_key, as_bytes("head"), signature).has_value());
  CHECK(failed_with(verify_es256(public_key, as_bytes("heaD"), signature), ErrorCode::Corrupt));
  CHECK(failed_with(verify_es256(must(crypto->public_key(other)), as_bytes("head"), signature), ErrorCode::Corrupt));
  signature[0] ^= std::byte{1};
  CHECK(failed_with(verify_es256(public_key, as_bytes("head"), signature), ErrorCode::Corrupt));
  std::array<std::byte, kP256PublicKeyBytes> no_point{};
  CHECK(failed_with(verify_es256(no_point, as_bytes("head"), signature), ErrorCode::InvalidArgument));
}

TEST_CASE("held keys are given back: thousands may come and go", "[security]") {
  Device device;
  const auto crypto = device.start();
  for (int i = 0; i < 2'000; ++i) {
    CAPTURE(i);
    MacKey first = must(crypto->import_mac_key(as_bytes("sixteen bytes...")));
    MacKey second = must(crypto->import_mac_key(as_bytes("other sixteen...")));
    first = std::move(second);
    REQUIRE(first.mac(as_bytes("m")).has_value());
  }
}

}  // namespace
}  // namespace tillkit::security
