// SPDX-License-Identifier: Apache-2.0
// What each kind of sale costs a whole till, counted exactly by the disk below it: commits, flushes, records and bytes,
// beside plain SQLite that keeps the same records.
//
// usage: bench_journal_till                 the table
//        bench_journal_till ROW COUNT       does that row so many times; for count_instructions.sh
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "tillkit/test/till_world.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;
using namespace tillkit::test;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void scan_three(TillWorld& world) {
  must(world.scan(kCola, 6) && world.scan(kRice) && world.scan(kBag), "scan");
}

void pay_by_wallet(TillWorld& world) {
  must(world.pay_by_code() && world.settle(), "pay");
}

struct Row {
  std::string_view name;
  std::string_view what;
  void (*before)(TillWorld& world);  ///< not counted
  void (*counted)(TillWorld& world);
  void (*after)(TillWorld& world);  ///< not counted
};

void nothing(TillWorld&) {}

constexpr std::array kRows{
    Row{"cash", "cash, with change", &scan_three, [](TillWorld& world) { must(world.pay_cash(5'000), "cash"); },
        &nothing},
    Row{"wallet", "wallet, paid", &scan_three, &pay_by_wallet, &nothing},
    Row{"password", "wallet, paid after a password",
        [](TillWorld& world) {
          scan_three(world);
          world.wallet.script(WalletCall::Authorise, approves().taking(20s));
        },
        &pay_by_wallet, &nothing},
    Row{"declined", "wallet, declined",
        [](TillWorld& world) {
          scan_three(world);
          world.wallet.script(WalletCall::Authorise, declines());
        },
        &pay_by_wallet, [](TillWorld& world) { must(world.till().void_sale(kLead).has_value(), "void"); }},
    Row{"reversed", "wallet, given up and reversed",
        [](TillWorld& world) {
          scan_three(world);
          world.wallet.script(WalletCall::Authorise, approves().taking(10min));
        },
        &pay_by_wallet, &nothing},
    Row{"two_held", "two wallets, second code held", &scan_three,
        [](TillWorld& world) { must(world.pay_by_code(1'000) && world.pay_by_code() && world.settle(), "pay"); },
        &nothing},
    Row{"two_later", "two wallets, one after the other", &scan_three,
        [](TillWorld& world) {
          must(world.pay_by_code(1'000) && world.settle(), "pay");
          pay_by_wallet(world);
        },
        &nothing},
    Row{"refund", "refund to a wallet",
        [](TillWorld& world) {
          scan_three(world);
          pay_by_wallet(world);
          world.advance(2min);
        },
        [](TillWorld& world) { must(world.refund(world.onlooker.ended.back().first) && world.settle(), "refund"); },
        &nothing},
    Row{"cash_refund", "refund in cash",
        [](TillWorld& world) {
          scan_three(world);
          must(world.pay_cash(5'000), "cash");
        },
        [](TillWorld& world) { must(world.refund(world.onlooker.ended.back().first).has_value(), "refund"); },
        &nothing},
    Row{"suspended", "put aside", &scan_three,
        [](TillWorld& world) { must(world.till().suspend().has_value(), "suspend"); },
        [](TillWorld& world) {
          const auto open = checkout::open_sales(world.journal().tables());
          must(open && world.till().resume(open->back().id) && world.till().void_sale(kLead), "resume");
        }},
};

/// The same records as somebody would keep them without this library: a text key, SQLite's own pages and checkpoints.
class PlainStore {
 public:
  PlainStore() : vfs_(disk_) {
    must(sqlite3_open_v2("plain.db", &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_.name().c_str()) ==
             SQLITE_OK,
         "open");
    run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE records(id INTEGER PRIMARY KEY, key TEXT UNIQUE, kind TEXT, body TEXT)");
    must(sqlite3_prepare_v2(connection_, "INSERT INTO records(key, kind, body) VALUES(?1, ?2, ?3)", -1, &insert_,
                            nullptr) == SQLITE_OK,
         "prepare");
  }
  ~PlainStore() {
    sqlite3_finalize(insert_);
    sqlite3_close(connection_);
  }
  PlainStore(const PlainStore&) = delete;
  PlainStore& operator=(const PlainStore&) = delete;

  void run(const char* sql) { must(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }
  void append(const journal::Record& record) {
    // As a random id would be: 32 digits that are in no order.
    std::string key;
    for (int i = 0; i < 4; ++i) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      std::array<char, 9> part{};
      std::snprintf(part.data(), part.size(), "%08x", static_cast<unsigned>(state_ >> 32U));
      key += part.data();
    }
    const std::string_view kind = record.kind.view();
    sqlite3_bind_text(insert_, 1, key.data(), static_cast<int>(key.size()), SQLITE_TRANSIENT);
    sqlite3_bind_text(insert_, 2, kind.data(), static_cast<int>(kind.size()), SQLITE_TRANSIENT);
    sqlite3_bind_text(insert_, 3, record.body.data(), static_cast<int>(record.body.size()), SQLITE_TRANSIENT);
    must(sqlite3_step(insert_) == SQLITE_DONE, "insert");
    sqlite3_reset(insert_);
  }
  [[nodiscard]] Disk& disk() { return disk_; }

 private:
  Disk disk_;
  DiskVfs vfs_;
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::uint64_t state_ = 1;
};

struct Cost {
  std::uint64_t commits = 0;
  std::uint64_t records = 0;
  DiskCounts disk;
  DiskCounts plain;
};

void add(DiskCounts& sum, const DiskCounts& counts) {
  sum.flushes += counts.flushes;
  sum.writes += counts.writes;
  sum.bytes_written += counts.bytes_written;
}

void keep_in_plain(PlainStore& plain, const journal::Journal& journal, journal::Seq from, Cost& cost) {
  plain.disk().reset_counts();
  bool open = false;
  const auto read = journal.each({.from = from}, [&](const journal::Record& record) -> core::Result<> {
    if (!open) plain.run("BEGIN");
    open = true;
    plain.append(record);
    ++cost.records;
    if (record.seal) {
      plain.run("COMMIT");
      ++cost.commits;
      open = false;
    }
    return {};
  });
  must(read.has_value(), "read");
  add(cost.plain, plain.disk().counts());
}

void do_once(const Row& row, TillWorld& world, PlainStore* plain, Cost& cost) {
  row.before(world);
  if (world.journal().checkpoint_due()) must(world.journal().checkpoint().has_value(), "checkpoint");
  const journal::Seq first(world.journal().last_seq().value() + 1);
  world.disk.reset_counts();
  row.counted(world);
  add(cost.disk, world.disk.counts());
  if (plain != nullptr) keep_in_plain(*plain, world.journal(), first, cost);
  row.after(world);
}

void print_table() {
  constexpr int kTimes = 50;
  std::printf("%-34s %8s %8s %8s %9s | plain SQLite: %8s %9s\n", "", "commits", "flushes", "records", "bytes",
              "flushes", "bytes");
  for (const Row& row : kRows) {
    Disk disk;
    TillWorld world(disk);
    must(world.start(), "start");
    PlainStore plain;
    Cost cost;
    for (int i = 0; i < kTimes; ++i)
      do_once(row, world, &plain, cost);
    const auto each = [](std::uint64_t sum) { return static_cast<double>(sum) / kTimes; };
    std::printf("%-34s %8.2f %8.2f %8.2f %9.0f | %22.2f %9.0f\n", std::string(row.what).c_str(), each(cost.commits),
                each(cost.disk.flushes), each(cost.records), each(cost.disk.bytes_written), each(cost.plain.flushes),
                each(cost.plain.bytes_written));
  }
  std::printf(
      "averages of %d; 3 lines with price proof; bytes as handed to the disk, without checkpoints (plain: with)\n",
      kTimes);
}

int repeat(std::string_view name, int times) {
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    Disk disk;
    TillWorld world(disk);
    must(world.start(), "start");
    Cost cost;
    for (int i = 0; i < times; ++i)
      do_once(row, world, nullptr, cost);
    return 0;
  }
  std::fputs("bench_journal_till: there is no such row\n", stderr);
  return 2;
}

}  // namespace

int main(int argument_count, char** arguments) {
  try {
    if (argument_count == 3) return repeat(arguments[1], std::atoi(arguments[2]));
    print_table();
    return 0;
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench_journal_till: %s\n", trouble.what());
    return 1;
  }
}
