// SPDX-License-Identifier: Apache-2.0

// Tables of older programs come forward in one transaction, or the file stays as it was.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;

// Three releases of one module's tables.
constexpr std::string_view kOne[] = {
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT) STRICT"};
constexpr std::string_view kTwo[] = {
    "ALTER TABLE open_sales RENAME TO old_sales",
    "CREATE TABLE open_sales(sale INTEGER PRIMARY KEY, paid INTEGER NOT NULL, note TEXT, "
    "tip INTEGER NOT NULL DEFAULT 0) STRICT",
    "INSERT INTO open_sales(sale, paid, note) SELECT sale, paid, note FROM old_sales", "DROP TABLE old_sales"};
constexpr std::string_view kThree[] = {"CREATE INDEX open_sales_by_paid ON open_sales(paid)",
                                       "UPDATE open_sales SET tip = paid / 10"};
constexpr Migration kAll[] = {kOne, kTwo, kThree};

TableSet release(std::size_t version) {
  return {"test", std::span(kAll).first(version), kTestTables, &apply_test};
}

void sell_with(Till& till, std::size_t version) {
  till.sets = {release(version)};
  const auto journal = till.open();
  const SaleId sale = open_sale(*journal);
  must(put(*journal, kPaid, sale, R"({"amount":1230})"));
}

std::string schema(const Till& till) {
  return Raw(till.file()).text("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)");
}

TEST_CASE("every released version comes forward, keeps its rows, and ends with the tables of a new file", "[journal]") {
  Till fresh(7);
  sell_with(fresh, 3);
  const std::string newest = schema(fresh);
  fresh.crypto.reset();

  for (const std::size_t from : {1U, 2U, 3U}) {
    for (const std::size_t step : {1U, 2U}) {
      CAPTURE(from, step);
      Till till;
      sell_with(till, from);
      for (std::size_t to = from; to < 3;) {
        to = std::min<std::size_t>(to + step, 3);
        till.sets = {release(to)};
        till.open().reset();
      }

      const auto journal = till.open();
      CHECK(open_sales(journal->tables()) == std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 15}});
      must(put(*journal, kPaid, SaleId(2), "{}"));
      CHECK(flaws(journal->verify()).empty());
      if (from < 3) {
        CHECK(std::get<0>(*must(
                  journal->tables().find(Statement<std::tuple<std::int64_t>()>{"SELECT tip FROM open_sales"}))) == 1);
      }
      till.crypto.reset();
    }
  }
  CHECK(newest.contains("open_sales_by_paid"));
}

TEST_CASE("migrated and fresh files have the same tables", "[journal]") {
  std::vector<std::string> schemas;
  for (const std::size_t from : {1U, 2U, 3U}) {
    Till till;
    sell_with(till, from);
    till.sets = {release(3)};
    till.open().reset();
    schemas.push_back(schema(till));
  }
  CHECK(schemas[0] == schemas[2]);
  CHECK(schemas[1] == schemas[2]);
}

TEST_CASE("a migration writes a snapshot, so that a rebuild begins behind it", "[journal]") {
  Till till;
  sell_with(till, 1);
  till.sets = {release(3)};

  const auto journal = till.open();

  CHECK(must(journal->read(Seq(4))).kind == kind("journal.snapshot"));
  CHECK(must(journal->read(Seq(5))).kind == kind("journal.started"));
  const VerifyReport report = journal->verify();
  CHECK(report.sound());
  CHECK(report.tables_compared);
}

TEST_CASE("a migration that fails at any statement loses nothing, and the older program goes on", "[journal]") {
  for (std::size_t migration = 1; migration < 3; ++migration) {
    for (std::size_t at = 0; at < kAll[migration].size(); ++at) {
      for (const bool dirty : {false, true}) {
        CAPTURE(migration, at, dirty);
        Till till;
        sell_with(till, 1);
        if (dirty) {
          // The older program was killed: what it committed last lies in the WAL.
          auto journal = till.open();
          must(put(*journal, kPaid, SaleId(2), "{}"));
          till.vfs.die_at(1);
          journal.reset();
          till.vfs.heal();
        }
        const std::string before = bytes_of(till.file());
        const std::string wal_before = bytes_of(till.wal());
        CHECK(dirty == !wal_before.empty());
        std::vector<std::string_view> broken(kAll[migration].begin(), kAll[migration].end());
        broken[at] = "INSERT INTO no_such_table VALUES(1)";
        std::vector<Migration> migrations(std::begin(kAll), std::end(kAll));
        migrations[migration] = broken;
        till.sets = {{"test", migrations, kTestTables, &apply_test}};

        const auto failed = till.try_open();

        CHECK(failed_with(failed, ErrorCode::InvalidArgument));
        CHECK(bytes_of(till.file()) == before);
        CHECK(bytes_of(till.wal()) == wal_before);
        till.sets = {release(1)};
        const auto journal = till.open();
        CHECK(open_sales(journal->tables()) ==
              std::vector<std::pair<std::int64_t, std::int64_t>>{{2, dirty ? 17 : 15}});
        CHECK(journal->verify().sound());
      }
    }
  }
}

TEST_CASE("a migration killed at any write leaves the old tables or the new ones", "[journal][power]") {
  bool cut = true;
  bool seen_old = false;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    REQUIRE(at < 500);
    Till till;
    sell_with(till, 1);
    till.sets = {release(3)};
    till.vfs.die_at(at);
    static_cast<void>(till.try_open());
    cut = till.vfs.died();
    till.vfs.heal();
    // The older program may still open it, or knows that it must not.
    till.sets = {release(1)};
    if (auto journal = till.try_open()) {
      seen_old = true;
      CHECK(open_sales((*journal)->tables()).size() == 1);
      CHECK(flaws((*journal)->verify()).empty());
    } else {
      CHECK(failed_with(journal, ErrorCode::Unsupported));
    }
    till.sets = {release(3)};

    const auto journal = till.open();
    CHECK(open_sales(journal->tables()) == std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 15}});
    CHECK(flaws(journal->verify()).empty());
  }
  CHECK(seen_old);
}

TEST_CASE("a file of a newer program is refused and left as it was", "[journal]") {
  Till till;
  sell_with(till, 3);
  const std::string before = bytes_of(till.file());

  till.sets = {release(2)};
  CHECK(failed_with(till.try_open(), ErrorCode::Unsupported));
  CHECK(bytes_of(till.file()) == before);
  till.sets = {};  // a module that this program does not have
  CHECK(failed_with(till.try_open(), ErrorCode::Unsupported));
  CHECK(bytes_of(till.file()) == before);
  CHECK_FALSE(std::filesystem::exists(till.wal()));
  Raw(till.file()).run("UPDATE versions SET version = 2 WHERE table_set = 'journal'");
  till.sets = {release(3)};
  CHECK(failed_with(till.try_open(), ErrorCode::Unsupported));
}

TEST_CASE("a newer file with records in its WAL is refused, and no byte of either moves", "[journal]") {
  Till till;
  till.sets = {release(3)};
  {
    auto journal = till.open();
    static_cast<void>(open_sale(*journal));
    till.vfs.die_at(1);
    journal.reset();
    till.vfs.heal();
  }
  const std::string before = bytes_of(till.file());
  const std::string wal_before = bytes_of(till.wal());
  REQUIRE_FALSE(wal_before.empty());
  till.sets = {release(1)};

  CHECK(failed_with(till.try_open(), ErrorCode::Unsupported));

  CHECK(bytes_of(till.file()) == before);
  CHECK(bytes_of(till.wal()) == wal_before);
  till.sets = {release(3)};
  must(FailedStarts(till.store).succeeded());
  CHECK(till.open()->last_seq() == Seq(3));
}

TEST_CASE("a module that comes later gets its tables, and older records are not forgotten for it", "[journal]") {
  Till till;
  sell_with(till, 1);
  static constexpr std::string_view kFirst[] = {"CREATE TABLE seen(seq INTEGER PRIMARY KEY) STRICT"};
  static constexpr Migration kMigrations[] = {kFirst};
  static constexpr std::string_view kTables[] = {"seen"};
  const TableSet later{"later", kMigrations, kTables, [](Tx& tx, const Record& record) -> core::Result<> {
                         TILLKIT_TRY_VOID(tx.run(Statement<void(Seq)>{"INSERT INTO seen VALUES(?1)"}, record.seq));
                         return {};
                       }};
  till.sets = {release(1), later};

  const auto journal = till.open();

  CHECK(std::get<0>(
            *must(journal->tables().find(Statement<std::tuple<std::int64_t>()>{"SELECT count(*) FROM seen"}))) == 2);
  CHECK(flaws(journal->verify()).empty());
}

TEST_CASE("table sets without sense are refused before anything is touched", "[journal]") {
  Till till;
  till.sets = {kTestSet, kTestSet};
  CHECK(failed_with(till.try_open(), ErrorCode::InvalidArgument));
  till.sets = {{"test", kTestMigrations, kTestTables, nullptr}};
  CHECK(failed_with(till.try_open(), ErrorCode::InvalidArgument));
  till.sets = {{"", kTestMigrations, kTestTables, &apply_test}};
  CHECK(failed_with(till.try_open(), ErrorCode::InvalidArgument));
  constexpr std::string_view kStolen[] = {"records"};
  till.sets = {{"test", kTestMigrations, kStolen, &apply_test}};
  CHECK(failed_with(till.try_open(), ErrorCode::InvalidArgument));
  CHECK(bytes_of(till.file()).empty());
}

TEST_CASE("some other SQLite file is not taken for a journal", "[journal]") {
  Till till;
  {
    std::filesystem::remove(till.file());
    sqlite3_initialize();
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(till.file().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "CREATE TABLE customers(name)", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
  }
  const std::string before = bytes_of(till.file());

  CHECK(failed_with(till.try_open(), ErrorCode::Corrupt));

  CHECK(bytes_of(till.file()) == before);
}

}  // namespace
}  // namespace tillkit::journal
