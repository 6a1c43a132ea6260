// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/disk_vfs.hpp"

#include <array>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <sqlite3.h>

#include "record_store.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

/// A connection that tells what SQLite says.
class Connection {
 public:
  explicit Connection(const DiskVfs& vfs) : database_(vfs, "a.db") {}

  int execute(const std::string& sql) { return sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr); }
  /// The first column of the first row, or -1.
  std::int64_t ask(const char* sql) {
    Query query(database_, sql);
    return query.step() == SQLITE_ROW ? query.integer(0) : -1;
  }
  [[nodiscard]] bool opened() const { return database_.opened(); }
  [[nodiscard]] sqlite3* handle() const { return database_.handle(); }

 private:
  Database database_;
};

/// What a hundred commits of one record cost, after two that the file needs to take its form.
DiskCounts cost_of_commits(const Keeping& keeping) {
  Disk disk;
  RecordStore store(disk, keeping);
  REQUIRE(store.open());
  REQUIRE(store.execute("PRAGMA wal_autocheckpoint=0"));
  REQUIRE(store.append());
  REQUIRE(store.append());
  disk.reset_counts();
  for (int i = 0; i < 100; ++i)
    REQUIRE(store.append());
  return disk.counts();
}

TEST_CASE("one commit costs one flush in a WAL with FULL, four or five with a rollback journal", "[power]") {
  CHECK(cost_of_commits({}).flushes == 100);
  CHECK(cost_of_commits({.exclusive = false}).flushes == 100);
  CHECK(cost_of_commits({.synchronous = "NORMAL"}).flushes == 0);
  CHECK(cost_of_commits({.journal_mode = "DELETE", .exclusive = false}).flushes == 400);
  CHECK(cost_of_commits({.journal_mode = "DELETE", .synchronous = "EXTRA", .exclusive = false}).flushes == 500);
}

TEST_CASE("all bytes of a WAL are counted: each page with the 24 bytes before it", "[power]") {
  const DiskCounts cost = cost_of_commits({});

  CHECK(cost.bytes_written % (1'024 + 24) == 0);
  CHECK(cost.bytes_written >= 100 * (1'024 + 24));
  // Both are written apart.
  CHECK(cost.writes == 2 * cost.bytes_written / (1'024 + 24));
}

TEST_CASE("connections through one VFS respect each other's locks", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  Connection first(vfs);
  Connection second(vfs);
  REQUIRE(first.execute("PRAGMA journal_mode=DELETE; CREATE TABLE t(x); INSERT INTO t VALUES(1)") == SQLITE_OK);

  REQUIRE(first.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(second.ask("SELECT count(*) FROM t") == 1);
  CHECK(second.execute("BEGIN IMMEDIATE") == SQLITE_BUSY);
  CHECK(second.execute("BEGIN; SELECT * FROM t") == SQLITE_OK);
  CHECK(first.execute("COMMIT") == SQLITE_BUSY);
  CHECK(second.execute("COMMIT") == SQLITE_OK);
  CHECK(first.execute("COMMIT") == SQLITE_OK);
  CHECK(second.ask("SELECT count(*) FROM t") == 2);
}

TEST_CASE("in a WAL with shared memory one writes while others read", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  Connection writer(vfs);
  Connection reader(vfs);
  REQUIRE(writer.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)") == SQLITE_OK);

  REQUIRE(reader.execute("BEGIN; SELECT * FROM t") == SQLITE_OK);
  CHECK(writer.execute("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(reader.ask("SELECT count(*) FROM t") == 1);
  CHECK(reader.execute("COMMIT") == SQLITE_OK);
  CHECK(reader.ask("SELECT count(*) FROM t") == 2);
  REQUIRE(writer.execute("BEGIN IMMEDIATE") == SQLITE_OK);
  CHECK(reader.execute("BEGIN IMMEDIATE") == SQLITE_BUSY);
  CHECK(writer.execute("COMMIT") == SQLITE_OK);
  CHECK(reader.execute("BEGIN IMMEDIATE; COMMIT") == SQLITE_OK);
  // A reader of an old state keeps a checkpoint from going to the end.
  REQUIRE(reader.execute("BEGIN; SELECT * FROM t") == SQLITE_OK);
  REQUIRE(writer.execute("INSERT INTO t VALUES(3)") == SQLITE_OK);
  CHECK(writer.ask("PRAGMA wal_checkpoint(TRUNCATE)") == 1);
  REQUIRE(reader.execute("COMMIT") == SQLITE_OK);
  CHECK(writer.ask("PRAGMA wal_checkpoint(TRUNCATE)") == 0);
}

TEST_CASE("exclusive locking keeps every other connection out", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  Connection first(vfs);
  Connection second(vfs);

  REQUIRE(first.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; CREATE TABLE t(x)") == SQLITE_OK);

  CHECK(second.execute("SELECT * FROM t") == SQLITE_BUSY);
}

TEST_CASE("two disks do not know of each other", "[power]") {
  Disk first_disk;
  Disk second_disk;
  const DiskVfs first_vfs(first_disk);
  const DiskVfs second_vfs(second_disk);
  CHECK(first_vfs.name() != second_vfs.name());
  Connection first(first_vfs);
  Connection second(second_vfs);

  REQUIRE(first.execute("CREATE TABLE t(x)") == SQLITE_OK);
  first_disk.cut();

  CHECK(second.execute("CREATE TABLE t(x)") == SQLITE_OK);
}

TEST_CASE("a VFS that is gone is not found any more", "[power]") {
  Disk disk;
  std::string name;
  {
    const DiskVfs vfs(disk);
    name = vfs.name();
    CHECK(sqlite3_vfs_find(name.c_str()) != nullptr);
  }
  CHECK(sqlite3_vfs_find(name.c_str()) == nullptr);
}

TEST_CASE("a connection can be closed after a cut in the middle of anything", "[power]") {
  for (const char* const mode : {"WAL", "DELETE"}) {
    Disk disk;
    const DiskVfs vfs(disk);
    Connection connection(vfs);
    REQUIRE(connection.execute(std::string("PRAGMA journal_mode=") + mode + "; CREATE TABLE t(x)") == SQLITE_OK);
    REQUIRE(connection.execute("BEGIN; INSERT INTO t VALUES(randomblob(5000))") == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(connection.handle(), "SELECT * FROM t", -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);

    disk.cut();

    CHECK(connection.execute("COMMIT") != SQLITE_OK);
    CHECK(sqlite3_finalize(statement) == SQLITE_OK);
  }
}

TEST_CASE("a connection from before the cut can do nothing to the disk after it", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  Connection old(vfs);
  REQUIRE(old.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1)") == SQLITE_OK);

  disk.restart(Damage::LoseUnsynced, seed());

  CHECK(old.execute("INSERT INTO t VALUES(2)") != SQLITE_OK);
  Connection now(vfs);
  CHECK(now.ask("SELECT count(*) FROM t") == 1);
  CHECK(now.execute("INSERT INTO t VALUES(3)") == SQLITE_OK);
}

TEST_CASE("without power nothing opens, and a file that is not there is not made unasked", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  sqlite3* connection = nullptr;
  CHECK(sqlite3_open_v2("a.db", &connection, SQLITE_OPEN_READWRITE, vfs.name().c_str()) == SQLITE_CANTOPEN);
  CHECK(sqlite3_close(connection) == SQLITE_OK);

  disk.cut();

  CHECK_FALSE(Connection(vfs).opened());
}

TEST_CASE("each error of the disk reaches SQLite under its own name", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  Connection connection(vfs);
  REQUIRE(connection.execute("PRAGMA synchronous=EXTRA; PRAGMA journal_mode=DELETE; CREATE TABLE t(x)") == SQLITE_OK);
  const auto error_of = [&](Call call, std::uint64_t nth) {
    disk.fail_call(call, nth, Disk::Lasting::Once);
    connection.execute("INSERT INTO t VALUES(1)");
    disk.repair();
    return sqlite3_extended_errcode(connection.handle());
  };

  CHECK(error_of(Call::Write, 1) == SQLITE_IOERR_WRITE);
  CHECK(error_of(Call::Sync, 1) == SQLITE_IOERR_FSYNC);
  CHECK(error_of(Call::SyncDirectory, 1) == SQLITE_IOERR_DIR_FSYNC);
  CHECK(error_of(Call::Create, 1) == SQLITE_CANTOPEN);
  CHECK(error_of(Call::Remove, 1) == SQLITE_IOERR_DELETE);
  disk.limit_space(0);
  CHECK(connection.execute("INSERT INTO t VALUES(1)") == SQLITE_FULL);
}

TEST_CASE("an empty file does not exist for SQLite, but can be opened", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  sqlite3_vfs* const raw = sqlite3_vfs_find(vfs.name().c_str());
  REQUIRE(raw != nullptr);
  const auto there = [&](int how) {
    int answer = -1;
    CHECK(raw->xAccess(raw, "a", how, &answer) == SQLITE_OK);
    return answer;
  };
  const DiskFile file = disk.open("a", true).value();

  CHECK(there(SQLITE_ACCESS_EXISTS) == 0);
  CHECK(there(SQLITE_ACCESS_READWRITE) == 1);
  REQUIRE(disk.truncate(file, 1));
  CHECK(there(SQLITE_ACCESS_EXISTS) == 1);
  REQUIRE(disk.remove("a"));
  CHECK(there(SQLITE_ACCESS_READWRITE) == 0);
  disk.cut();
  int answer = -1;
  CHECK(raw->xAccess(raw, "a", SQLITE_ACCESS_EXISTS, &answer) == SQLITE_IOERR_ACCESS);
}

TEST_CASE("SQLite's nameless files live until they are closed", "[power]") {
  Disk disk;
  const DiskVfs vfs(disk);
  sqlite3_vfs* const raw = sqlite3_vfs_find(vfs.name().c_str());
  REQUIRE(raw != nullptr);
  std::vector<std::uint64_t> memory(static_cast<std::size_t>(raw->szOsFile) / sizeof(std::uint64_t) + 1);
  auto* const file = reinterpret_cast<sqlite3_file*>(memory.data());
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_TEMP_DB;

  REQUIRE(raw->xOpen(raw, nullptr, file, kFlags, nullptr) == SQLITE_OK);
  CHECK(file->pMethods->xWrite(file, "text", 4, 0) == SQLITE_OK);
  std::array<char, 6> into{'x', 'x', 'x', 'x', 'x', 'x'};
  CHECK(file->pMethods->xRead(file, into.data(), 6, 0) == SQLITE_IOERR_SHORT_READ);
  CHECK(std::string(into.data(), 6) == std::string("text\0\0", 6));
  CHECK(disk.used_bytes() == 4);
  CHECK(file->pMethods->xClose(file) == SQLITE_OK);

  CHECK(disk.used_bytes() == 0);
}

}  // namespace
}  // namespace tillkit::test
