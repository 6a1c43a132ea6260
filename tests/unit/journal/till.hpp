// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <sqlite3.h>
#include <unistd.h>

#include "some_sales.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/seed.hpp"
#include "watched_vfs.hpp"

namespace tillkit::journal {

/// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("tillkit-journal-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// All bytes of a file; empty where there is none.
inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A second connection that does what the journal never would.
class Raw {
 public:
  explicit Raw(const std::string& path) {
    sqlite3_initialize();
    REQUIRE(sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  }
  ~Raw() { sqlite3_close(connection_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  /// Runs SQL; `bytes` are bound to `?1`.
  void run(const std::string& sql, core::ByteView bytes = {}) {
    sqlite3_stmt* statement = nullptr;
    INFO(sql);
    REQUIRE(sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    if (!bytes.empty()) sqlite3_bind_blob64(statement, 1, bytes.data(), bytes.size(), SQLITE_STATIC);
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW)
      code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    INFO(sqlite3_errmsg(connection_));
    REQUIRE(code == SQLITE_DONE);
  }
  [[nodiscard]] std::string text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
      const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      value.assign(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* connection_ = nullptr;
};

/// A terminal's disk, key store and clock, which outlive the process on it; `open` starts one.
struct Till {
  explicit Till(std::uint64_t device = 1) : clock(world), store(world, device), random(test::seed() + device) {
    crypto = must(security::Crypto::start(store, random));
    signing_key = must(crypto->create_signing_key(1));
    settings.path = folder.file("till.db");
    settings.vfs = vfs.name();
  }

  Folder folder;
  WatchedVfs vfs;
  hal_virtual::World world;
  hal_virtual::VirtualClock clock;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::unique_ptr<security::Crypto> crypto;
  security::KeyId signing_key;
  Settings settings;
  std::vector<TableSet> sets{kTestSet};

  [[nodiscard]] Parts parts() { return {clock, store, random, *crypto, signing_key}; }
  [[nodiscard]] core::Result<std::unique_ptr<Journal>> try_open() { return Journal::open(settings, parts(), sets); }
  /// A start that works.
  [[nodiscard]] std::unique_ptr<Journal> open() {
    auto journal = must(try_open());
    must(journal->start_succeeded());
    return journal;
  }
  [[nodiscard]] std::string file() const { return settings.path; }
  [[nodiscard]] std::string wal() const { return settings.path + "-wal"; }
};

}  // namespace tillkit::journal
