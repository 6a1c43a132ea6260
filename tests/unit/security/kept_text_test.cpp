// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/kept_text.hpp"

#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"

namespace tillkit::security {
namespace {

using core::as_bytes;
using core::ErrorCode;

constexpr std::uint8_t kName = 7;

std::string text_of(const core::Result<core::Secret>& read) {
  return read ? std::string(core::as_text(read->view())) : std::string("nothing");
}

/// A text as long as this, and another than one of another letter.
std::string text(std::size_t bytes, char letter) {
  std::string made(bytes, letter);
  for (std::size_t i = 0; i < bytes; i += 97)
    made[i] = static_cast<char>('0' + i % 10);
  return made;
}

/// What a new process on the device reads.
std::string read_anew(Device& device) {
  const auto crypto = device.start();
  return text_of(KeptText(device.store, *crypto, kName).read());
}

TEST_CASE("a kept text comes back, of whatever length, and replaces the one before", "[security]") {
  Device device;
  for (const std::size_t bytes : {1U, 4'067U, 4'068U, 4'069U, 20'000U, 32'768U, 9'000U, 2U}) {
    CAPTURE(bytes);
    {
      const auto crypto = device.start();
      CHECK(KeptText(device.store, *crypto, kName).write(as_bytes(text(bytes, 'a'))));
    }
    CHECK(read_anew(device) == text(bytes, 'a'));
    // Nothing of the one before is left.
    CHECK(device.store.blobs().size() == 1 + (bytes + 4'067) / 4'068);
  }
}

TEST_CASE("a text that is empty or too long is refused, and the old one stays", "[security]") {
  Device device;
  const auto crypto = device.start();
  KeptText kept(device.store, *crypto, kName);
  CHECK(failed_with(kept.read(), ErrorCode::NotFound));
  CHECK(failed_with(kept.erase(), ErrorCode::NotFound));
  REQUIRE(kept.write(as_bytes("old")));

  CHECK(failed_with(kept.write({}), ErrorCode::InvalidArgument));
  CHECK(failed_with(kept.write(as_bytes(text(kKeptTextBytesMax + 1, 'b'))), ErrorCode::InvalidArgument));

  CHECK(text_of(kept.read()) == "old");
  CHECK(kept.erase());
  CHECK(failed_with(kept.read(), ErrorCode::NotFound));
  CHECK(device.store.blobs().empty());
}

TEST_CASE("two texts do not know of each other", "[security]") {
  Device device;
  const auto crypto = device.start();
  KeptText one(device.store, *crypto, 1);
  KeptText other(device.store, *crypto, 2);
  REQUIRE(one.write(as_bytes("one")));
  REQUIRE(other.write(as_bytes("other")));
  CHECK(text_of(one.read()) == "one");
  REQUIRE(one.erase());
  CHECK(text_of(other.read()) == "other");
}

TEST_CASE("wherever the store fails, the text is the old one or the new one", "[security]") {
  const std::string old_text = text(10'000, 'a');
  const std::string new_text = text(13'000, 'b');
  for (std::uint64_t n = 1;; ++n) {
    CAPTURE(n);
    Device device;
    bool written = false;
    bool struck = false;
    {
      const auto crypto = device.start();
      KeptText kept(device.store, *crypto, kName);
      REQUIRE(kept.write(as_bytes(old_text)));
      REQUIRE(kept.write(as_bytes(text(5'000, 'c'))));
      REQUIRE(kept.write(as_bytes(old_text)));
      const auto calls = device.store.faults().calls();
      device.store.faults().fail_from(n, kUnreachable);
      written = kept.write(as_bytes(new_text)).has_value();
      struck = device.store.faults().calls() - calls >= n;
      device.store.faults().clear();
    }
    CHECK(read_anew(device) == (written ? new_text : old_text));
    {
      const auto crypto = device.start();
      REQUIRE(KeptText(device.store, *crypto, kName).write(as_bytes("last")));
    }
    CHECK(read_anew(device) == "last");
    CHECK(device.store.blobs().size() == 2);
    if (!struck) break;
  }
}

TEST_CASE("a kept text that was touched is not used", "[security]") {
  Device device;
  {
    const auto crypto = device.start();
    REQUIRE(KeptText(device.store, *crypto, kName).write(as_bytes(text(9'000, 'a'))));
  }
  const auto whole = device.store.blobs();
  for (const auto& [blob, bytes] : whole) {
    CAPTURE(blob.value);
    core::Bytes changed = bytes;
    changed[changed.size() / 2] ^= std::byte{1};
    device.overwrite(blob, changed);
    CHECK(read_anew(device) == "nothing");
    device.store.put_back(whole);

    auto without = whole;
    without.erase(blob);
    device.store.put_back(without);
    CHECK(read_anew(device) == "nothing");

    for (const auto& [other, theirs] : whole) {
      if (other == blob) continue;
      device.store.put_back(whole);
      device.overwrite(blob, theirs);
      CHECK(read_anew(device) == "nothing");
    }
    device.store.put_back(whole);
  }
  CHECK(read_anew(device) == text(9'000, 'a'));

  // Another device cannot read it either.
  Device thief(2);
  thief.store.put_back(whole);
  const auto crypto = thief.start();
  CHECK(failed_with(KeptText(thief.store, *crypto, kName).read(), ErrorCode::Corrupt));
}

}  // namespace
}  // namespace tillkit::security
