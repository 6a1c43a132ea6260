// SPDX-License-Identifier: Apache-2.0

// What the file key store promises beyond its interface: whose folder it takes, what it does about files that a power
// cut or somebody else left there, and what a technician's look leaves behind.

#include "tillkit/hal_linux/file_key_store.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using core::ErrorCode;
using hal::BlobId;
using hal_linux::FileKeyStore;
using hal_linux::KeyFolderFault;
using hal_linux::KeyFolderUse;

constexpr uid_t kNobody = 65'534;

/// A device's key folder.
struct Keys {
  test::Folder folder;
  hal_linux::Random random;
  std::string path = folder.path("keys");

  [[nodiscard]] core::Result<std::unique_ptr<FileKeyStore>> open(KeyFolderUse use = KeyFolderUse::Own) {
    return FileKeyStore::open(path, random, use);
  }
  /// One blob, and a counter of 2.
  void fill() {
    const auto store = open();
    REQUIRE(store);
    REQUIRE((*store)->write(BlobId{7}, core::to_bytes("old")));
    REQUIRE((*store)->advance_counter());
    REQUIRE((*store)->advance_counter());
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary | std::ios::trunc) << text;
    ::chmod(file(name).c_str(), 0600);
  }
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream in(entry.path(), std::ios::binary);
      found[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return found;
  }
};

std::optional<KeyFolderFault> fault_of(const core::Result<std::unique_ptr<FileKeyStore>>& opened) {
  CHECK_FALSE(opened.has_value());
  if (opened) return std::nullopt;
  return hal_linux::key_folder_fault(opened.error());
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  CHECK(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

/// Another user, for as long as it lives; only root can.
class AsNobody {
 public:
  AsNobody() { REQUIRE(::seteuid(kNobody) == 0); }
  ~AsNobody() { CHECK(::seteuid(0) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

/// No file may grow, for as long as it lives: a full medium.
class FullMedium {
 public:
  FullMedium() {
    std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  }
  ~FullMedium() { CHECK(::setrlimit(RLIMIT_FSIZE, &before_) == 0); }
  FullMedium(const FullMedium&) = delete;
  FullMedium& operator=(const FullMedium&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("a new key folder is for its owner alone", "[contract][key_store]") {
  Keys keys;
  const mode_t before = ::umask(0);
  keys.fill();
  ::umask(before);

  CHECK(mode_of(keys.path) == 0700);
  const auto files = keys.files();
  CHECK(files.size() == 3);
  for (const auto& [name, text] : files) {
    CAPTURE(name);
    CHECK(mode_of(keys.file(name)) == 0600);
  }
}

TEST_CASE("a key is the first block of HKDF over the secret, so that it stays the same in every version",
          "[contract][key_store]") {
  Keys keys;
  keys.fill();
  std::string secret;
  for (int i = 0; i < 32; ++i)
    secret += static_cast<char>(i);
  keys.put("device-secret", secret);

  std::array<std::byte, hal::kDerivedKeyBytes> key{};
  REQUIRE((*keys.open())->derive_key("tillkit/journal/seal/v1", key));

  // hmac.new(bytes(range(32)), b"tillkit/journal/seal/v1\x01", "sha256") in Python.
  CHECK(core::encode_hex(key) == "3b210d7d0552dc44653bc93494eccd05bb0723cd777e15fbbcc32f3cfbba3ded");
}

TEST_CASE("a folder that others may enter is refused, and said to be", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  const auto before = keys.files();

  for (const mode_t mode : {0750U, 0705U, 0710U, 0777U, 0701U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(keys.path.c_str(), mode) == 0);
    for (const KeyFolderUse use : {KeyFolderUse::Own, KeyFolderUse::Look}) {
      const auto opened = keys.open(use);
      CHECK(fault_of(opened) == KeyFolderFault::OpenToOthers);
      CHECK(code_of(opened) == ErrorCode::PermissionDenied);
    }
    CHECK(mode_of(keys.path) == mode);
  }
  REQUIRE(::chmod(keys.path.c_str(), 0700) == 0);
  REQUIRE(::chmod(keys.file("device-secret").c_str(), 0640) == 0);
  CHECK(fault_of(keys.open()) == KeyFolderFault::OpenToOthers);

  REQUIRE(::chmod(keys.file("device-secret").c_str(), 0600) == 0);
  CHECK(keys.open());
  CHECK(keys.files() == before);
}

TEST_CASE("another user's folder is refused; root may look at it", "[contract][key_store]") {
  if (::geteuid() != 0) SKIP("needs root, to be somebody else");
  Keys keys;
  keys.fill();
  for (const auto& [name, text] : keys.files())
    REQUIRE(::chown(keys.file(name).c_str(), kNobody, kNobody) == 0);
  REQUIRE(::chown(keys.path.c_str(), kNobody, kNobody) == 0);

  const auto opened = keys.open();

  CHECK(fault_of(opened) == KeyFolderFault::OtherOwner);
  CHECK(code_of(opened) == ErrorCode::PermissionDenied);
  CHECK((*keys.open(KeyFolderUse::Look))->counter().value() == 2);
  const AsNobody nobody;
  CHECK(keys.open());
}

TEST_CASE("what is no folder is refused and left alone", "[contract][key_store]") {
  Keys keys;
  std::ofstream(keys.path) << "notes";

  CHECK(fault_of(keys.open()) == KeyFolderFault::NoFolder);

  CHECK(std::filesystem::is_regular_file(keys.path));
  keys.path = keys.folder.path("missing/keys");
  CHECK(code_of(keys.open()) == ErrorCode::NotFound);
}

TEST_CASE("a key folder has one owner at a time, and anybody may look", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  const auto owner = keys.open();
  REQUIRE(owner);

  CHECK(code_of(keys.open()) == ErrorCode::Unavailable);
  const auto look = keys.open(KeyFolderUse::Look);

  REQUIRE(look);
  REQUIRE((*owner)->advance_counter());
  REQUIRE((*owner)->write(BlobId{9}, core::to_bytes("new")));
  CHECK((*look)->counter().value() == 3);
  CHECK((*look)->read(BlobId{9}).value() == core::to_bytes("new"));
}

TEST_CASE("a look changes nothing and makes nothing", "[contract][key_store]") {
  Keys keys;
  CHECK(code_of(keys.open(KeyFolderUse::Look)) == ErrorCode::NotFound);
  CHECK_FALSE(std::filesystem::exists(keys.path));
  std::filesystem::create_directory(keys.path);
  REQUIRE(::chmod(keys.path.c_str(), 0700) == 0);
  CHECK(code_of(keys.open(KeyFolderUse::Look)) == ErrorCode::NotFound);
  CHECK(keys.files().empty());
  keys.fill();
  const auto before = keys.files();
  const auto look = keys.open(KeyFolderUse::Look);
  REQUIRE(look);

  CHECK(code_of((*look)->write(BlobId{7}, core::to_bytes("x"))) == ErrorCode::PermissionDenied);
  CHECK(code_of((*look)->erase(BlobId{7})) == ErrorCode::PermissionDenied);
  CHECK(code_of((*look)->advance_counter()) == ErrorCode::PermissionDenied);

  CHECK((*look)->read(BlobId{7}).value() == core::to_bytes("old"));
  CHECK(keys.files() == before);
}

TEST_CASE("what a power cut left half written beside a file is ignored, and written over", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  for (const char* const name : {"blob-0000000000000007.new", "counter.new", "device-secret.new", "blob-xyz",
                                 "blob-0000000000000000", "notes.txt", "blob-000000000000000A"}) {
    keys.put(name, "torn");
    ::chmod(keys.file(name).c_str(), 0644);
  }

  const auto store = keys.open();

  REQUIRE(store);
  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("old"));
  CHECK((*store)->counter().value() == 2);
  REQUIRE((*store)->write(BlobId{7}, core::to_bytes("new")));
  CHECK((*store)->advance_counter().value() == 3);
  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("new"));
  CHECK(mode_of(keys.file("blob-0000000000000007")) == 0600);
  CHECK(keys.files().at("notes.txt") == "torn");
}

TEST_CASE("a folder of which a power cut let only the beginning come about is finished", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  for (const char* const left : {"", "counter", "device-secret.new"}) {
    CAPTURE(left);
    for (const auto& [name, text] : keys.files()) {
      if (name != left) std::filesystem::remove(keys.file(name));
    }
    CHECK(keys.open());
    CHECK(keys.files().at("device-secret").size() == 32);
  }
}

TEST_CASE("a secret or a counter that is missing or damaged is named, and not made anew", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  const auto sound = keys.files();
  const auto expect = [&](KeyFolderFault fault) {
    const auto before = keys.files();
    for (const KeyFolderUse use : {KeyFolderUse::Own, KeyFolderUse::Look}) {
      const auto opened = keys.open(use);
      CHECK(fault_of(opened) == fault);
      CHECK(code_of(opened) == ErrorCode::Corrupt);
    }
    CHECK(keys.files() == before);
    for (const auto& [name, text] : sound)
      keys.put(name, text);
  };

  std::filesystem::remove(keys.file("device-secret"));
  expect(KeyFolderFault::SecretMissing);
  for (const std::string& text : {std::string(), std::string(31, 'x'), std::string(33, 'x')}) {
    keys.put("device-secret", text);
    expect(KeyFolderFault::SecretDamaged);
  }
  std::filesystem::remove(keys.file("counter"));
  expect(KeyFolderFault::CounterMissing);
  for (const std::string& text : {std::string(), std::string(16, 'x'), std::string(17, '\0')}) {
    keys.put("counter", text);
    expect(KeyFolderFault::CounterDamaged);
  }
  CHECK((*keys.open())->counter().value() == 2);
}

TEST_CASE("an older counter put back under a running terminal does not make it count backwards",
          "[contract][key_store]") {
  Keys keys;
  keys.fill();
  const auto older = keys.files().at("counter");
  const auto store = keys.open();
  REQUIRE(store);
  REQUIRE((*store)->advance_counter().value() == 3);

  keys.put("counter", older);

  CHECK((*store)->counter().value() == 3);
  CHECK((*store)->advance_counter().value() == 4);
}

TEST_CASE("a full medium refuses the new and keeps the old", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  const auto before = keys.files();
  const auto store = keys.open();
  REQUIRE(store);
  {
    const FullMedium full;
    CHECK(code_of((*store)->write(BlobId{7}, core::to_bytes("new"))) == ErrorCode::Exhausted);
    CHECK(code_of((*store)->write(BlobId{8}, core::to_bytes("new"))) == ErrorCode::Exhausted);
    CHECK(code_of((*store)->advance_counter()) == ErrorCode::Exhausted);
  }
  CHECK(keys.files() == before);
  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("old"));
  CHECK((*store)->counter().value() == 2);
  CHECK((*store)->write(BlobId{7}, core::to_bytes("new")));
}

TEST_CASE("a medium that cannot be written refuses the new and keeps the old", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  // Something that no file can take the place of, which root meets too.
  std::filesystem::create_directory(keys.file("blob-0000000000000007.new"));
  std::filesystem::create_directory(keys.file("counter.new"));
  const auto store = keys.open();
  REQUIRE(store);

  CHECK(code_of((*store)->write(BlobId{7}, core::to_bytes("new"))) == ErrorCode::Unavailable);
  CHECK(code_of((*store)->advance_counter()) == ErrorCode::Unavailable);

  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("old"));
  CHECK((*store)->counter().value() == 2);
}

TEST_CASE("a read-only folder is Unavailable for writing and can be read", "[contract][key_store]") {
  if (::geteuid() != 0) SKIP("needs root, to be somebody for whom permissions count");
  Keys keys;
  REQUIRE(::chown(keys.folder.path().c_str(), kNobody, kNobody) == 0);
  const AsNobody nobody;
  keys.fill();
  REQUIRE(::chmod(keys.path.c_str(), 0500) == 0);
  const auto store = keys.open();
  REQUIRE(store);

  CHECK(code_of((*store)->write(BlobId{7}, core::to_bytes("new"))) == ErrorCode::Unavailable);
  CHECK(code_of((*store)->write(BlobId{8}, core::to_bytes("new"))) == ErrorCode::Unavailable);
  CHECK(code_of((*store)->erase(BlobId{7})) == ErrorCode::Unavailable);
  CHECK(code_of((*store)->advance_counter()) == ErrorCode::Unavailable);

  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("old"));
  CHECK((*store)->counter().value() == 2);
  REQUIRE(::chmod(keys.path.c_str(), 0700) == 0);
  CHECK((*store)->advance_counter().value() == 3);
}

TEST_CASE("a blob that is longer than any may be, or no file, is corrupt and stays", "[contract][key_store]") {
  Keys keys;
  keys.fill();
  keys.put("blob-0000000000000007", std::string(hal::kKeyStoreBlobBytesMax + 1, 'x'));
  std::filesystem::create_symlink("device-secret", keys.file("blob-0000000000000009"));
  std::filesystem::create_directory(keys.file("blob-000000000000000a"));
  const auto store = keys.open();
  REQUIRE(store);

  CHECK(code_of((*store)->read(BlobId{7})) == ErrorCode::Corrupt);
  CHECK_FALSE((*store)->read(BlobId{9}).has_value());
  CHECK(code_of((*store)->read(BlobId{10})) == ErrorCode::Corrupt);

  CHECK((*store)->write(BlobId{7}, core::to_bytes("new")));
  CHECK((*store)->read(BlobId{7}).value() == core::to_bytes("new"));
}

}  // namespace
}  // namespace tillkit::contract
