// SPDX-License-Identifier: Apache-2.0

// What a commit of about 1 KB costs: flushes and bytes, for the journal with pages of three sizes, and for plain SQLite
// with a unique text key. Counted at SQLite's file system, checkpoints included; `device` is what reaches the device
// when the kernel writes pages of 4 KiB. And what opening costs with a million records.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "../unit/journal/watched_vfs.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::journal {
namespace {

constexpr std::size_t kBodyBytes = 900;  // with the columns around it, chain and seal: about 1 KB
constexpr std::int64_t kMillion = 1'000'000;
constexpr Kind kPaid = kind("payment.attempt_paid");

template <class T>
T must(core::Result<T> result) {
  if (!result) {
    const std::string_view code = core::to_string(result.error().code);
    std::fprintf(stderr, "bench_journal: failed with %.*s\n", static_cast<int>(code.size()), code.data());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void must_sql(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "bench_journal: SQLite says %d\n", code);
  std::abort();
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "tillkit-bench-journal") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return (path_ / "till.db").string(); }

 private:
  std::filesystem::path path_;
};

// What a payment module would keep: one row per open attempt.
constexpr std::string_view kFirst[] = {
    "CREATE TABLE attempts(seq INTEGER PRIMARY KEY, state INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT"};
constexpr Migration kMigrations[] = {kFirst};
constexpr std::string_view kTables[] = {"attempts"};

core::Result<> apply(Tx& tx, const Record& record) {
  if (record.kind != kPaid) return {};
  TILLKIT_TRY_VOID(tx.run(Statement<void(Seq)>{"INSERT INTO attempts VALUES(?1, 1, 1230)"}, record.seq));
  TILLKIT_TRY_VOID(
      tx.run(Statement<void(std::int64_t)>{"DELETE FROM attempts WHERE seq = ?1"}, record.seq.value() - 5));
  return {};
}
constexpr TableSet kPayment{"payment", kMigrations, kTables, &apply};

struct Device {
  explicit Device(WatchedVfs::Flushes flushes) : vfs(flushes), clock(world), store(world, 1), random(1) {
    crypto = must(security::Crypto::start(store, random));
    signing_key = must(crypto->create_signing_key(1));
    settings.path = folder.file();
    settings.vfs = vfs.name();
  }
  [[nodiscard]] std::unique_ptr<Journal> open() {
    auto journal = must(Journal::open(settings, {clock, store, random, *crypto, signing_key}, std::array{kPayment}));
    must(journal->start_succeeded());
    return journal;
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
};

void report(benchmark::State& state, const WatchedVfs::Counts& counts, double commit_flushes) {
  const auto commits = static_cast<double>(state.iterations());
  state.counters["flushes"] = static_cast<double>(counts.flushes) / commits;
  state.counters["flushes_in_commit"] = commit_flushes / commits;
  state.counters["writes"] = static_cast<double>(counts.writes) / commits;
  state.counters["bytes"] = static_cast<double>(counts.bytes) / commits;
  state.counters["device"] = static_cast<double>(counts.device_bytes) / commits;
}

std::string body(std::mt19937_64& random) {
  std::string text = R"({"order":"SH71)" + std::to_string(random()) + R"(","lines":")";
  while (text.size() < kBodyBytes)
    text += static_cast<char>('a' + random() % 26);
  return text + "\"}";
}

void commit_to_journal(benchmark::State& state) {
  Device device(WatchedVfs::Flushes::Done);
  device.settings.page_bytes = static_cast<std::uint32_t>(state.range(0));
  const auto journal = device.open();
  std::mt19937_64 random(1);
  double commit_flushes = 0;
  const auto before = device.vfs.counts();
  for ([[maybe_unused]] const auto iteration : state) {
    const std::string text = body(random);
    const auto start = device.vfs.counts();
    must(journal->commit([&](Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .sale = SaleId(tx.next_seq().value()), .body = text}));
      return {};
    }));
    commit_flushes += static_cast<double>((device.vfs.counts() - start).flushes);
    if (journal->checkpoint_due()) must(journal->checkpoint());
  }
  must(journal->checkpoint());
  report(state, device.vfs.counts() - before, commit_flushes);
}
BENCHMARK(commit_to_journal)->Arg(512)->Arg(1024)->Arg(4096)->Iterations(10'000)->Unit(benchmark::kMicrosecond);

/// What one would write without this library: `unique_text_key` or an integer key, WAL, FULL, SQLite's own checkpoints.
void commit_to_plain_sqlite(benchmark::State& state) {
  const bool unique_text_key = state.range(1) != 0;
  const Folder folder;
  WatchedVfs vfs(WatchedVfs::Flushes::Done);
  sqlite3* connection = nullptr;
  must_sql(sqlite3_open_v2(folder.file().c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                           vfs.name().c_str()));
  const std::string set_up =
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=" + std::to_string(state.range(0)) +
      "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE queue(id INTEGER PRIMARY "
      "KEY, key TEXT" +
      (unique_text_key ? " UNIQUE" : "") + ", body TEXT)";
  must_sql(sqlite3_exec(connection, set_up.c_str(), nullptr, nullptr, nullptr));
  sqlite3_stmt* insert = nullptr;
  must_sql(sqlite3_prepare_v2(connection, "INSERT INTO queue(key, body) VALUES(?1, ?2)", -1, &insert, nullptr));
  std::mt19937_64 random(1);
  const auto before = vfs.counts();
  for ([[maybe_unused]] const auto iteration : state) {
    const std::string text = body(random);
    const std::string key = std::to_string(random()) + std::to_string(random());
    sqlite3_bind_text(insert, 1, key.data(), 32, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    must_sql(sqlite3_step(insert));
    sqlite3_reset(insert);
  }
  must_sql(sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr));
  const auto counts = vfs.counts() - before;
  report(state, counts, static_cast<double>(counts.flushes));
  sqlite3_finalize(insert);
  sqlite3_close(connection);
}
BENCHMARK(commit_to_plain_sqlite)
    ->ArgNames({"page", "unique_text_key"})
    ->Args({4096, 1})
    ->Args({4096, 0})
    ->Args({1024, 0})
    ->Args({512, 0})
    ->Iterations(10'000)
    ->Unit(benchmark::kMicrosecond);

/// From nothing to the first commit that is possible, with a million records that the cloud has acknowledged.
void open_with_a_million_records(benchmark::State& state) {
  Device device(WatchedVfs::Flushes::Counted);  // only while it is filled
  {
    const auto journal = device.open();
    while (journal->last_seq().value() < kMillion) {
      must(journal->commit([&](Tx& tx) -> core::Result<> {
        for (std::size_t i = 0; i < kRecordsPerCommitMax; ++i)
          TILLKIT_TRY_VOID(tx.append({.kind = kind("test.note"), .body = R"({"text":"a line of some length"})"}));
        return {};
      }));
    }
    must(journal->snapshot());
    must(journal->acknowledge(journal->last_seq()));
  }
  const WatchedVfs vfs(WatchedVfs::Flushes::Done);
  device.settings.vfs = vfs.name();
  std::unique_ptr<Journal> journal;
  WatchedVfs::Counts counts;
  for ([[maybe_unused]] const auto iteration : state) {
    const auto before = vfs.counts();
    journal = device.open();
    benchmark::DoNotOptimize(journal->may_start_sale());
    counts = vfs.counts() - before;
    state.PauseTiming();
    journal.reset();
    state.ResumeTiming();
  }
  state.counters["flushes"] = static_cast<double>(counts.flushes);
  state.counters["bytes"] = static_cast<double>(counts.bytes);
  state.counters["file_MiB"] = static_cast<double>(std::filesystem::file_size(device.settings.path)) / 1'048'576;
}
BENCHMARK(open_with_a_million_records)->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tillkit::journal
