// SPDX-License-Identifier: Apache-2.0

// A stored key that was touched, by whatever means, is found and never used.

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"

namespace tillkit::security {
namespace {

using core::as_bytes;
using core::ErrorCode;

constexpr std::array<std::uint8_t, 2> kBoth{1, 2};

/// Nothing can be done with this key but destroying it.
void check_unusable(Crypto& crypto, std::uint8_t name) {
  const KeyId key{(1U << 8) | name};
  CHECK(failed_with(crypto.open_signing_key(name), ErrorCode::Corrupt));
  CHECK(failed_with(crypto.sign_es256(key, as_bytes("m")), ErrorCode::Corrupt));
  CHECK(failed_with(crypto.public_key(key), ErrorCode::Corrupt));
  CHECK(failed_with(crypto.certificate_request(key, "t"), ErrorCode::Corrupt));
  CHECK(failed_with(crypto.create_signing_key(name), ErrorCode::Corrupt));
}

TEST_CASE("each flipped bit in each stored blob is found, and the key works again when it is undone", "[security]") {
  Device device;
  const auto crypto = device.start();
  for (const std::uint8_t name : kBoth)
    static_cast<void>(must(crypto->create_signing_key(name)));
  REQUIRE(device.store.blobs().size() == 2);

  for (const std::uint8_t name : kBoth) {
    const core::Bytes whole = device.store.blobs().at(blob_of_key(name));
    const auto signature = must(crypto->sign_es256(must(crypto->open_signing_key(name)), as_bytes("m")));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        CAPTURE(name, at, bit);
        core::Bytes changed = whole;
        changed[at] ^= std::byte{1} << bit;
        device.overwrite(blob_of_key(name), changed);
        CHECK(failed_with(crypto->open_signing_key(name), ErrorCode::Corrupt));
        if (bit == 0) check_unusable(*crypto, name);
        // It stays as it is, for whoever wants to know what happened.
        CHECK(device.store.blobs().at(blob_of_key(name)) == changed);
      }
    }
    device.overwrite(blob_of_key(name), whole);
    CHECK(must(crypto->sign_es256(must(crypto->open_signing_key(name)), as_bytes("m"))) == signature);
  }
}

TEST_CASE("a blob cut short or made longer is found", "[security]") {
  Device device;
  const auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));
  const core::Bytes whole = device.store.blobs().at(blob_of_key(1));

  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    device.overwrite(blob_of_key(1), core::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::Corrupt));
  }
  core::Bytes longer = whole;
  longer.push_back(std::byte{0});
  device.overwrite(blob_of_key(1), longer);
  check_unusable(*crypto, 1);
}

TEST_CASE("blobs that changed places are found", "[security]") {
  Device device;
  const auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));
  static_cast<void>(must(crypto->create_signing_key(2)));
  auto blobs = device.store.blobs();
  std::swap(blobs.at(blob_of_key(1)), blobs.at(blob_of_key(2)));
  // And one under a name that has none.
  blobs[blob_of_key(3)] = blobs.at(blob_of_key(1));
  device.store.put_back(blobs);

  for (const std::uint8_t name : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    CAPTURE(name);
    check_unusable(*crypto, name);
  }
}

TEST_CASE("a copied medium is worth nothing on another device", "[security]") {
  Device device(1);
  Device thief(2);
  auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));
  crypto.reset();

  thief.store.put_back(device.store.blobs());
  crypto = thief.start();

  check_unusable(*crypto, 1);
}

TEST_CASE("a damaged key can be destroyed and made anew", "[security]") {
  Device device;
  const auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));
  static_cast<void>(must(crypto->create_signing_key(2)));
  const auto survivor = must(crypto->public_key(must(crypto->open_signing_key(2))));
  device.overwrite(blob_of_key(1), core::to_bytes("nonsense"));
  REQUIRE(failed_with(crypto->open_signing_key(1), ErrorCode::Corrupt));

  REQUIRE(crypto->destroy_signing_key(1));

  CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::NotFound));
  CHECK(crypto->create_signing_key(1).has_value());
  CHECK(must(crypto->public_key(must(crypto->open_signing_key(2)))) == survivor);
}

TEST_CASE("a blob that the medium cannot give back is corrupt and can be destroyed", "[security]") {
  Device device;
  const auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));
  device.store.damage(blob_of_key(1));

  check_unusable(*crypto, 1);

  REQUIRE(crypto->destroy_signing_key(1));
  CHECK(crypto->create_signing_key(1).has_value());
}

TEST_CASE("a key in use is not disturbed by damage behind its back until it is opened again", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  device.overwrite(blob_of_key(1), core::to_bytes("nonsense"));

  // The copy in memory was authentic when it was loaded: the terminal keeps selling.
  CHECK(crypto->sign_es256(key, as_bytes("m")).has_value());
  CHECK(failed_with(crypto->open_signing_key(1), ErrorCode::Corrupt));
  CHECK(failed_with(crypto->sign_es256(key, as_bytes("m")), ErrorCode::Corrupt));
}

TEST_CASE("a stored key does not look like a key", "[security]") {
  Device device;
  const auto crypto = device.start();
  static_cast<void>(must(crypto->create_signing_key(1)));

  const std::string_view stored = core::as_text(device.store.blobs().at(blob_of_key(1)));

  // How PSA begins a key in its own format; the private number stands behind it.
  constexpr std::string_view kMagic("PSA\0KEY\0", 8);
  CHECK(stored.find(kMagic) == std::string_view::npos);
  CHECK(stored.find("PSA") == std::string_view::npos);
}

}  // namespace
}  // namespace tillkit::security
