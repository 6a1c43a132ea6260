// SPDX-License-Identifier: Apache-2.0

// Replicas: a file of their own, no flush per step, and the cursor goes with its page.

#include "tillkit/journal/cache.hpp"

#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;

constexpr std::string_view kFirst[] = {"CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"};
constexpr std::string_view kSecond[] = {"ALTER TABLE items ADD COLUMN price INTEGER NOT NULL DEFAULT 0"};
constexpr Migration kMigrations[] = {kFirst, kSecond};
constexpr ReplicaSet kOne{"catalog", std::span(kMigrations).first(1)};
constexpr ReplicaSet kTwo{"catalog", kMigrations};

constexpr Statement<void(std::int64_t, std::string_view)> kPutItem{
    "INSERT INTO items(id, name) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET name = excluded.name"};
constexpr Statement<std::tuple<std::int64_t>()> kCountItems{"SELECT count(*) FROM items"};

struct Disk {
  Folder folder;
  WatchedVfs vfs;
  CacheSettings settings{folder.file("cache.db"), vfs.name()};
  std::vector<ReplicaSet> sets{kOne};

  [[nodiscard]] std::unique_ptr<Cache> open() const { return must(Cache::open(settings, sets)); }
};

core::Result<> put_items(CacheTx& tx, std::int64_t from, std::int64_t count) {
  for (std::int64_t id = from; id < from + count; ++id)
    TILLKIT_TRY_VOID(tx.run(kPutItem, id, "item"));
  return {};
}

std::int64_t items(const Cache& cache) {
  return std::get<0>(*must(cache.tables().find(kCountItems)));
}

TEST_CASE("a page and its cursor are there together, also after a restart", "[journal]") {
  const Disk disk;
  auto cache = disk.open();
  CHECK(must(cache->cursor("items")).empty());

  must(cache->step("items", "page-2", [](CacheTx& tx) { return put_items(tx, 1, 200); }));
  cache.reset();
  cache = disk.open();

  CHECK(must(cache->cursor("items")) == "page-2");
  CHECK(must(cache->cursor("members")).empty());
  CHECK(items(*cache) == 200);
}

TEST_CASE("a step of the cache flushes nothing", "[journal]") {
  const Disk disk;
  const auto cache = disk.open();
  must(cache->step([](CacheTx& tx) { return put_items(tx, 1, 1); }));
  const auto before = disk.vfs.counts();

  for (int i = 0; i < 20; ++i)
    must(cache->step("items", "c", [](CacheTx& tx) { return put_items(tx, 1, 10); }));

  CHECK((disk.vfs.counts() - before).flushes == 0);
}

TEST_CASE("a step of too many rows is refused as a whole, cursor included", "[journal]") {
  const Disk disk;
  const auto cache = disk.open();

  CHECK(failed_with(cache->step("items", "page-2", [](CacheTx& tx) { return put_items(tx, 1, 201); }),
                    ErrorCode::Exhausted));
  CHECK(failed_with(cache->step("items", "page-2",
                                [](CacheTx& tx) -> core::Result<> {
                                  static_cast<void>(put_items(tx, 1, 201));
                                  return {};
                                }),
                    ErrorCode::Exhausted));

  CHECK(items(*cache) == 0);
  CHECK(must(cache->cursor("items")).empty());
}

TEST_CASE("a step that fails leaves the last good state", "[journal]") {
  const Disk disk;
  const auto cache = disk.open();
  must(cache->step("items", "page-2", [](CacheTx& tx) { return put_items(tx, 1, 5); }));

  CHECK(failed_with(cache->step("items", "page-3",
                                [&](CacheTx& tx) -> core::Result<> {
                                  TILLKIT_TRY_VOID(put_items(tx, 10, 5));
                                  CHECK(failed_with(cache->step([](CacheTx&) -> core::Result<> { return {}; }),
                                                    ErrorCode::FailedPrecondition));
                                  return core::fail(ErrorCode::Corrupt);
                                }),
                    ErrorCode::Corrupt));
  CHECK(failed_with(cache->step("", "x", [](CacheTx&) -> core::Result<> { return {}; }), ErrorCode::InvalidArgument));
  CHECK(failed_with(cache->step("items", std::string(257, 'c'), [](CacheTx&) -> core::Result<> { return {}; }),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(cache->step([](CacheTx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.run(Statement<void()>{"DELETE FROM cursors"}));
    return {};
  }),
                    ErrorCode::PermissionDenied));

  CHECK(items(*cache) == 5);
  CHECK(must(cache->cursor("items")) == "page-2");
}

TEST_CASE("a process killed at any write has each page with its cursor, or neither", "[journal][power]") {
  bool cut = true;
  for (std::uint64_t at = 1; cut; ++at) {
    CAPTURE(at);
    REQUIRE(at < 1'000);
    Disk disk;
    auto cache = disk.open();
    disk.vfs.die_at(at);
    for (int page = 1; page <= 3; ++page) {
      static_cast<void>(
          cache->step("items", std::to_string(page), [&](CacheTx& tx) { return put_items(tx, page * 1'000, 100); }));
    }
    static_cast<void>(cache->checkpoint());
    cut = disk.vfs.died();
    cache.reset();
    disk.vfs.heal();

    cache = disk.open();

    const std::string cursor = must(cache->cursor("items"));
    CHECK(items(*cache) == (cursor.empty() ? 0 : 100 * std::stoi(cursor)));
  }
}

TEST_CASE("a cache comes forward, and one of a newer program is refused until it is discarded", "[journal]") {
  Disk disk;
  must(disk.open()->step("items", "5", [](CacheTx& tx) { return put_items(tx, 1, 5); }));
  disk.sets = {kTwo};
  CHECK(items(*disk.open()) == 5);
  disk.sets = {kOne};
  const std::string before = bytes_of(disk.settings.path);
  CHECK(failed_with(Cache::open(disk.settings, disk.sets), ErrorCode::Unsupported));
  CHECK(bytes_of(disk.settings.path) == before);

  must(Cache::discard(disk.settings));

  CHECK(items(*disk.open()) == 0);
  CHECK(must(disk.open()->cursor("items")).empty());
}

TEST_CASE("a cache that cannot be read is discarded and begun anew", "[journal]") {
  const Disk disk;
  std::ofstream(disk.settings.path, std::ios::binary) << std::string(9'000, 'x');
  CHECK(failed_with(Cache::open(disk.settings, disk.sets), ErrorCode::Corrupt));

  must(Cache::discard(disk.settings));
  must(Cache::discard(disk.settings));

  CHECK(items(*disk.open()) == 0);
}

TEST_CASE("a cache is not taken for a journal, nor a journal for a cache", "[journal]") {
  Till till;
  till.open().reset();
  CHECK(failed_with(Cache::open({till.file(), till.vfs.name()}, std::span(&kOne, 1)), ErrorCode::Corrupt));
  const Disk disk;
  disk.open().reset();
  till.settings.path = disk.settings.path;
  CHECK(failed_with(till.try_open(), ErrorCode::Corrupt));
}

TEST_CASE("a long feed keeps the WAL short by checkpoints at leisure", "[journal]") {
  const Disk disk;
  const auto cache = disk.open();
  std::int64_t id = 0;
  while (!cache->checkpoint_due()) {
    REQUIRE(id < 1'000'000);
    must(cache->step([&](CacheTx& tx) { return put_items(tx, id, 200); }));
    id += 200;
  }

  must(cache->checkpoint());

  CHECK_FALSE(cache->checkpoint_due());
  CHECK(items(*cache) == id);
}

}  // namespace
}  // namespace tillkit::journal
