// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/digest.hpp"

#include <array>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::security {
namespace {

std::string hex_of(core::ByteView bytes) {
  return core::encode_hex(must(sha256(bytes)));
}

struct Vector {
  std::string_view message;  // hexadecimal
  std::string_view digest;
};

// NIST CAVP, SHA256ShortMsg.rsp.
constexpr std::array kShortMessages{
    Vector{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    Vector{"d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
    Vector{"11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"},
    Vector{"b4190e", "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"},
    Vector{"74ba2521", "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"},
};

TEST_CASE("SHA-256 gives what NIST says", "[security]") {
  for (const Vector& vector : kShortMessages) {
    CAPTURE(vector.message);
    CHECK(hex_of(must(core::decode_hex(vector.message))) == vector.digest);
  }
  // The examples of FIPS 180-4: one block, two blocks, many blocks.
  CHECK(hex_of(core::as_bytes("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(core::as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex_of(core::as_bytes(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 is there before, beside and after a Crypto", "[security]") {
  const std::string before = hex_of(core::as_bytes("abc"));
  Device device;
  {
    const auto crypto = device.start();

    CHECK(hex_of(core::as_bytes("abc")) == before);
  }

  CHECK(hex_of(core::as_bytes("abc")) == before);
}

}  // namespace
}  // namespace tillkit::security
