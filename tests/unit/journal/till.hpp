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

#include "tillkit/core/result.hpp"
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

/// The value of a call that must succeed for the test to go on.
template <class T>
T must(core::Result<T> result) {
  if (!result) FAIL("failed: " << core::to_string(result.error().code) << " " << result.error().foreign);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <class T>
bool failed_with(const core::Result<T>& result, core::ErrorCode code) {
  return !result.has_value() && result.error().code == code;
}

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

// A module's tables for tests: sales that are open, with their total.

inline constexpr Kind kOpened = kind("test.opened");
inline constexpr Kind kPaid = kind("test.paid");
inline constexpr Kind kClosed = kind("test.closed");
inline constexpr Kind kRefused = kind("test.refused");    // `apply` does not take it
inline constexpr Kind kTrespass = kind("test.trespass");  // `apply` writes where it may not

inline constexpr Statement<void(SaleId, std::int64_t)> kAddSale{
    "INSERT INTO open_sales(sale, paid, note) VALUES(?1, ?2, NULL)"};
inline constexpr Statement<void(SaleId, std::int64_t)> kPaySale{
    "UPDATE open_sales SET paid = paid + ?2 WHERE sale = ?1"};
inline constexpr Statement<void(SaleId)> kRemoveSale{"DELETE FROM open_sales WHERE sale = ?1"};
inline constexpr Statement<std::tuple<SaleId, std::int64_t>()> kOpenSales{
    "SELECT sale, paid FROM open_sales ORDER BY sale"};

inline core::Result<> apply_test(Tx& tx, const Record& record) {
  const auto done = [](const core::Result<std::int64_t>& result) -> core::Result<> {
    if (!result) return std::unexpected(result.error());
    return {};
  };
  if (record.kind == kOpened) return done(tx.run(kAddSale, record.sale, 0));
  if (record.kind == kPaid) return done(tx.run(kPaySale, record.sale, static_cast<std::int64_t>(record.body.size())));
  if (record.kind == kClosed) return done(tx.run(kRemoveSale, record.sale));
  if (record.kind == kRefused) return core::fail(core::ErrorCode::Rejected);
  if (record.kind == kTrespass) return done(tx.run(Statement<void()>{"UPDATE records SET boot = 9"}));
  return {};
}

inline constexpr std::string_view kTestFirst[] = {
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT) STRICT"};
inline constexpr Migration kTestMigrations[] = {kTestFirst};
inline constexpr std::string_view kTestTables[] = {"open_sales"};
inline constexpr TableSet kTestSet{"test", kTestMigrations, kTestTables, &apply_test};

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

/// One commit with one record.
inline core::Result<Committed> put(Journal& journal, Kind kind, SaleId sale = {}, std::string_view body = "{}") {
  return journal.commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
    return {};
  });
}

/// Opens a sale.
inline SaleId open_sale(Journal& journal) {
  const SaleId sale(journal.last_seq().value() + 1);
  static_cast<void>(must(put(journal, kOpened, sale, R"({"lines":2})")));
  return sale;
}

inline std::vector<std::pair<std::int64_t, std::int64_t>> open_sales(const Tables& tables) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sales;
  must(tables.each(kOpenSales, [&](SaleId sale, std::int64_t paid) -> core::Result<> {
    sales.emplace_back(sale.value(), paid);
    return {};
  }));
  return sales;
}

/// What `verify` found, as words: `changed 3`, `missing 4-5`, `table_wrong open_sales`.
inline std::vector<std::string> flaws(const VerifyReport& report) {
  std::vector<std::string> words;
  for (const Finding& finding : report.findings) {
    std::string word(to_string(finding.flaw));
    if (finding.first != Seq{}) word += " " + std::to_string(finding.first.value());
    if (finding.last != finding.first) word += "-" + std::to_string(finding.last.value());
    if (!finding.what.empty()) word += " " + finding.what;
    words.push_back(word);
  }
  return words;
}

}  // namespace tillkit::journal
