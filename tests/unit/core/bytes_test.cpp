// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/bytes.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit::core;

TEST_CASE("text and bytes are the same memory seen in two ways", "[core]") {
  const std::string text("a\0\xFF", 3);

  CHECK(as_bytes(text).size() == 3);
  CHECK(as_bytes(text)[2] == std::byte{0xFF});
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(as_text(to_bytes(text)) == text);
  CHECK(as_text({}).empty());
}

TEST_CASE("secrets are equal only if every byte is", "[core]") {
  const Bytes key = to_bytes("0123456789abcdef");

  CHECK(equal_constant_time(key, to_bytes("0123456789abcdef")));
  CHECK(equal_constant_time({}, {}));
  CHECK_FALSE(equal_constant_time(key, to_bytes("0123456789abcde")));
  for (std::size_t i = 0; i < key.size(); ++i) {
    CAPTURE(i);
    Bytes other = key;
    other[i] ^= std::byte{0x80};
    CHECK_FALSE(equal_constant_time(key, other));
  }
}

TEST_CASE("wiped memory holds zeros", "[core]") {
  Bytes key = to_bytes("a key of the shop");
  const std::span<std::byte> memory(key);
  wipe(memory);
  CHECK(std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{0}; }));

  Bytes other = to_bytes("another");
  wipe(other);
  CHECK(other.empty());
  std::string pin = "1234";
  wipe(pin);
  CHECK(pin.empty());
}

TEST_CASE("a secret that moves leaves nothing behind", "[core]") {
  Secret first(to_bytes("token"));

  Secret second(std::move(first));
  Secret third;
  third = std::move(second);

  CHECK(as_text(third.view()) == "token");
  CHECK(first.empty());   // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
}
