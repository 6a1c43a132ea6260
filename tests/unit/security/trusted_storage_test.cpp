// SPDX-License-Identifier: Apache-2.0

// What PSA sees of our storage, and what lies on the medium then.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <psa/internal_trusted_storage.h>

#include "device.hpp"

namespace tillkit::security {
namespace {

constexpr psa_storage_uid_t kUid = 0xFFFF'0001;
constexpr std::size_t kOverheadBytes = 36;  // header, nonce, tag

std::string get(psa_storage_uid_t uid, std::uint32_t offset, std::uint32_t length) {
  std::string data(length, '?');
  std::size_t read = 0;
  if (psa_its_get(uid, offset, length, data.data(), &read) != PSA_SUCCESS) return "failed";
  data.resize(read);
  return data;
}

psa_status_t set(psa_storage_uid_t uid, const std::string& data, psa_storage_create_flags_t flags = 0) {
  return psa_its_set(uid, static_cast<std::uint32_t>(data.size()), data.data(), flags);
}

TEST_CASE("stored data is read back whole and in parts", "[security]") {
  Device device;
  const auto crypto = device.start();
  REQUIRE(set(kUid, "0123456789") == PSA_SUCCESS);

  CHECK(get(kUid, 0, 10) == "0123456789");
  CHECK(get(kUid, 3, 4) == "3456");
  CHECK(get(kUid, 8, 100) == "89");
  CHECK(get(kUid, 10, 1).empty());
  CHECK(get(kUid, 0, 0).empty());
  std::size_t read = 99;
  CHECK(psa_its_get(kUid, 0, 0, nullptr, &read) == PSA_SUCCESS);
  CHECK(read == 0);
  std::array<char, 1> out{'?'};
  CHECK(psa_its_get(kUid, 11, 1, out.data(), &read) == PSA_ERROR_INVALID_ARGUMENT);
  CHECK(out[0] == '?');
}

TEST_CASE("information about stored data is its size", "[security]") {
  Device device;
  const auto crypto = device.start();
  psa_storage_info_t info{1, 1};
  REQUIRE(set(kUid, "0123456789") == PSA_SUCCESS);

  // Once from the promise of the write, once from the medium.
  for (int i = 0; i < 2; ++i) {
    CAPTURE(i);
    REQUIRE(psa_its_get_info(kUid, &info) == PSA_SUCCESS);
    CHECK(info.size == 10);
    CHECK(info.flags == PSA_STORAGE_FLAG_NONE);
  }
  CHECK(psa_its_get_info(kUid + 1, &info) == PSA_ERROR_DOES_NOT_EXIST);
}

TEST_CASE("the promise of a write counts for its own uid and once", "[security]") {
  Device device;
  const auto crypto = device.start();
  psa_storage_info_t info{};
  REQUIRE(set(kUid, "first") == PSA_SUCCESS);
  REQUIRE(set(kUid + 1, "second") == PSA_SUCCESS);
  device.overwrite({(std::uint64_t{1} << 32) | kUid}, {});

  CHECK(psa_its_get_info(kUid, &info) == PSA_ERROR_DATA_CORRUPT);

  REQUIRE(set(kUid, "first") == PSA_SUCCESS);
  REQUIRE(psa_its_get_info(kUid, &info) == PSA_SUCCESS);
  device.overwrite({(std::uint64_t{1} << 32) | kUid}, {});
  CHECK(psa_its_get_info(kUid, &info) == PSA_ERROR_DATA_CORRUPT);
}

TEST_CASE("new data replaces old data, and removed data is gone", "[security]") {
  Device device;
  const auto crypto = device.start();
  REQUIRE(set(kUid, "old and long") == PSA_SUCCESS);
  REQUIRE(set(kUid, "new") == PSA_SUCCESS);
  CHECK(get(kUid, 0, 100) == "new");

  REQUIRE(psa_its_remove(kUid) == PSA_SUCCESS);

  psa_storage_info_t info{};
  std::size_t read = 0;
  CHECK(psa_its_get_info(kUid, &info) == PSA_ERROR_DOES_NOT_EXIST);
  CHECK(psa_its_get_info(kUid, &info) == PSA_ERROR_DOES_NOT_EXIST);
  CHECK(psa_its_get(kUid, 0, 0, nullptr, &read) == PSA_ERROR_DOES_NOT_EXIST);
  CHECK(psa_its_remove(kUid) == PSA_ERROR_DOES_NOT_EXIST);
  CHECK(device.store.blobs().empty());
}

TEST_CASE("data from nothing to the limit is kept, and more is refused", "[security]") {
  Device device;
  const auto crypto = device.start();
  constexpr std::size_t kDataBytesMax = hal::kKeyStoreBlobBytesMax - kOverheadBytes;

  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, kDataBytesMax}) {
    CAPTURE(length);
    const std::string data(length, 'd');
    REQUIRE(set(kUid, data) == PSA_SUCCESS);
    CHECK(get(kUid, 0, 5000) == data);
  }
  CHECK(set(kUid, std::string(kDataBytesMax + 1, 'e')) == PSA_ERROR_INSUFFICIENT_STORAGE);
  CHECK(get(kUid, 0, 5000) == std::string(kDataBytesMax, 'd'));
}

TEST_CASE("calls without sense are refused and change nothing", "[security]") {
  Device device;
  const auto crypto = device.start();
  psa_storage_info_t info{};
  std::size_t read = 0;
  std::array<char, 4> out{};

  for (const psa_storage_uid_t uid : {psa_storage_uid_t{0}, psa_storage_uid_t{1} << 32, ~psa_storage_uid_t{0}}) {
    CAPTURE(uid);
    CHECK(set(uid, "data") == PSA_ERROR_INVALID_ARGUMENT);
    CHECK(psa_its_get(uid, 0, 4, out.data(), &read) == PSA_ERROR_INVALID_ARGUMENT);
    CHECK(psa_its_get_info(uid, &info) == PSA_ERROR_INVALID_ARGUMENT);
    CHECK(psa_its_remove(uid) == PSA_ERROR_INVALID_ARGUMENT);
  }
  CHECK(psa_its_set(kUid, 4, nullptr, 0) == PSA_ERROR_INVALID_ARGUMENT);
  CHECK(psa_its_get(kUid, 0, 4, nullptr, &read) == PSA_ERROR_INVALID_ARGUMENT);
  CHECK(psa_its_get(kUid, 0, 4, out.data(), nullptr) == PSA_ERROR_INVALID_ARGUMENT);
  CHECK(psa_its_get_info(kUid, nullptr) == PSA_ERROR_INVALID_ARGUMENT);
  CHECK(set(kUid, "data", PSA_STORAGE_FLAG_WRITE_ONCE) == PSA_ERROR_NOT_SUPPORTED);
  CHECK(device.store.blobs().empty());
}

TEST_CASE("what lies on the medium shows nothing of the data, and never the same twice", "[security]") {
  Device device;
  const auto crypto = device.start();
  const std::string data = "0123456789abcdef0123456789abcdef0123456789abcdef";
  std::vector<core::Bytes> seen;

  for (int i = 0; i < 3; ++i) {
    REQUIRE(set(kUid, data) == PSA_SUCCESS);
    const core::Bytes& blob = device.store.blobs().begin()->second;
    CHECK(blob.size() == data.size() + kOverheadBytes);
    CHECK(core::as_text(blob).find("0123") == std::string_view::npos);
    // Behind the header nothing repeats: another nonce, so another key stream.
    for (const core::Bytes& earlier : seen)
      CHECK_FALSE(std::equal(blob.begin() + 8, blob.begin() + 20, earlier.begin() + 8));
    seen.push_back(blob);
  }
}

TEST_CASE("without a Crypto there is neither storage nor randomness", "[security]") {
  {
    Device device;
    const auto crypto = device.start();
  }
  psa_storage_info_t info{};
  std::size_t read = 99;
  std::array<std::uint8_t, 16> out{};

  CHECK(set(kUid, "data") == PSA_ERROR_BAD_STATE);
  CHECK(psa_its_get(kUid, 0, 16, out.data(), &read) == PSA_ERROR_BAD_STATE);
  CHECK(psa_its_get_info(kUid, &info) == PSA_ERROR_BAD_STATE);
  CHECK(psa_its_remove(kUid) == PSA_ERROR_BAD_STATE);
  CHECK(psa_generate_random(out.data(), out.size()) != PSA_SUCCESS);
  // A TLS library may start PSA by itself; it must not get weak numbers either.
  REQUIRE(psa_crypto_init() == PSA_SUCCESS);
  CHECK(psa_generate_random(out.data(), out.size()) == PSA_ERROR_INSUFFICIENT_ENTROPY);
  CHECK(std::ranges::count(out, 0) == 16);
  mbedtls_psa_crypto_free();
}

}  // namespace
}  // namespace tillkit::security
