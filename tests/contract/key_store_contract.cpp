// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using namespace std::string_view_literals;
using core::ErrorCode;
using hal::BlobId;

/// A device with its key store; `restart` is a power cut, and whoever used the store has to ask for it again.
class VirtualSubject {
 public:
  explicit VirtualSubject(std::uint64_t device = 1) : board_({.seed = device, .clock = {}, .http = {}}) {}
  hal::KeyStore& store() { return board_.key_store; }
  void restart() {
    board_.world.power().cut();
    board_.world.power().restore();
  }

 private:
  hal_virtual::VirtualBoard board_;
};

/// A folder of its own; a restart opens it anew.
class LinuxSubject {
 public:
  explicit LinuxSubject(int /*device*/ = 1) { open(); }
  hal::KeyStore& store() { return *store_; }
  void restart() {
    store_.reset();
    open();
  }

 private:
  void open() {
    auto opened = hal_linux::FileKeyStore::open(folder_.path("keys"), random_);
    REQUIRE(opened);
    store_ = *std::move(opened);
  }

  test::Folder folder_;
  hal_linux::Random random_;
  std::unique_ptr<hal_linux::FileKeyStore> store_;
};

using Stores = std::tuple<VirtualSubject, LinuxSubject>;
using Key = std::array<std::byte, hal::kDerivedKeyBytes>;

Key derive(hal::KeyStore& store, std::string_view label) {
  Key key{};
  REQUIRE(store.derive_key(label, key));
  return key;
}

TEMPLATE_LIST_TEST_CASE("a label gives the same key for the life of a device and another on another device",
                        "[contract][key_store]", Stores) {
  TestType subject(1);
  TestType other_device(2);
  const auto key = derive(subject.store(), "journal seal");

  REQUIRE(subject.store().write(BlobId{1}, core::to_bytes("x")));
  REQUIRE(subject.store().advance_counter());
  subject.restart();

  CHECK(derive(subject.store(), "journal seal") == key);
  CHECK(derive(other_device.store(), "journal seal") != key);
  CHECK(key != Key{});
}

TEMPLATE_LIST_TEST_CASE("labels that are nearly alike give unrelated keys", "[contract][key_store]", Stores) {
  TestType subject;
  std::set<Key> keys;

  for (const std::string_view label :
       {"a"sv, "b"sv, "aa"sv, "ab"sv, "ba"sv, "A"sv, "a "sv, " a"sv, "a\0"sv, "\0a"sv, "label 1"sv, "label 2"sv}) {
    CAPTURE(label);
    CHECK(keys.insert(derive(subject.store(), label)).second);
  }
}

TEMPLATE_LIST_TEST_CASE("a label has 1 to 64 bytes", "[contract][key_store]", Stores) {
  TestType subject;
  Key key{};

  CHECK(code_of(subject.store().derive_key("", key)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.store().derive_key(std::string(hal::kKeyStoreLabelBytesMax + 1, 'x'), key)) ==
        ErrorCode::InvalidArgument);
  CHECK(derive(subject.store(), std::string(hal::kKeyStoreLabelBytesMax, 'x')) !=
        derive(subject.store(), std::string(hal::kKeyStoreLabelBytesMax - 1, 'x')));
}

TEMPLATE_LIST_TEST_CASE("a blob is there after a power cut, as it was last written", "[contract][key_store]", Stores) {
  TestType subject;
  const core::Bytes longest(hal::kKeyStoreBlobBytesMax, std::byte{0xA5});
  REQUIRE(subject.store().write(BlobId{7}, core::to_bytes("old")));
  REQUIRE(subject.store().write(BlobId{7}, longest));
  REQUIRE(subject.store().write(BlobId{8}, {}));
  REQUIRE(subject.store().write(BlobId{~std::uint64_t{0}}, core::to_bytes("last")));

  subject.restart();

  CHECK(subject.store().read(BlobId{7}).value() == longest);
  CHECK(subject.store().read(BlobId{8}).value().empty());
  CHECK(subject.store().read(BlobId{~std::uint64_t{0}}).value() == core::to_bytes("last"));
}

TEMPLATE_LIST_TEST_CASE("an erased blob is gone for good", "[contract][key_store]", Stores) {
  TestType subject;
  REQUIRE(subject.store().write(BlobId{7}, core::to_bytes("x")));

  REQUIRE(subject.store().erase(BlobId{7}));
  CHECK(code_of(subject.store().read(BlobId{7})) == ErrorCode::NotFound);
  CHECK(code_of(subject.store().erase(BlobId{7})) == ErrorCode::NotFound);

  subject.restart();
  CHECK(code_of(subject.store().read(BlobId{7})) == ErrorCode::NotFound);
}

TEMPLATE_LIST_TEST_CASE("a blob without a name or too long is refused and the old one stays", "[contract][key_store]",
                        Stores) {
  TestType subject;
  REQUIRE(subject.store().write(BlobId{7}, core::to_bytes("old")));

  CHECK(code_of(subject.store().write(BlobId{7}, core::Bytes(hal::kKeyStoreBlobBytesMax + 1))) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(subject.store().write({}, core::to_bytes("x"))) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.store().read({})) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.store().erase({})) == ErrorCode::InvalidArgument);

  CHECK(subject.store().read(BlobId{7}).value() == core::to_bytes("old"));
}

TEMPLATE_LIST_TEST_CASE("one blob above the limit is refused, replacing one is not", "[contract][key_store]", Stores) {
  TestType subject;
  for (std::uint64_t i = 1; i <= hal::kKeyStoreBlobsMax; ++i) {
    REQUIRE(subject.store().write(BlobId{i}, core::to_bytes("x")));
  }

  CHECK(code_of(subject.store().write(BlobId{1'000}, core::to_bytes("x"))) == ErrorCode::Exhausted);
  CHECK(code_of(subject.store().read(BlobId{1'000})) == ErrorCode::NotFound);
  CHECK(subject.store().write(BlobId{1}, core::to_bytes("y")));
  REQUIRE(subject.store().erase(BlobId{2}));
  CHECK(subject.store().write(BlobId{1'000}, core::to_bytes("x")));
}

TEMPLATE_LIST_TEST_CASE("the counter starts at zero, rises by one, and never falls", "[contract][key_store]", Stores) {
  TestType subject;
  CHECK(subject.store().counter().value() == 0);

  CHECK(subject.store().advance_counter().value() == 1);
  CHECK(subject.store().advance_counter().value() == 2);
  subject.restart();

  CHECK(subject.store().counter().value() == 2);
  CHECK(subject.store().advance_counter().value() == 3);
}

}  // namespace
}  // namespace tillkit::contract
