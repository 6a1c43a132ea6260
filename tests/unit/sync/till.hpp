// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "model_cloud.hpp"
#include "must.hpp"
#include "tillkit/cloud/link.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/members/cache.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/sync/records.hpp"
#include "tillkit/sync/sync.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"

namespace tillkit::sync {

using core::must;
using namespace std::chrono_literals;

inline constexpr journal::Kind kSold = journal::kind("test.sold");

class TestHost final : public SyncHost {
 public:
  Cession cession = Cession::Yes;
  std::vector<std::size_t> settings;  ///< how many tiers each had
  int taken = 0;
  int copies_steps = 0;
  std::optional<StopWhy> stopped;
  std::optional<cloud::HealthReport> report;
  std::optional<core::WallTime> renewal;
  int renewals = 0;

  Cession may_cede(journal::SaleId) override { return cession; }
  void settings_changed(const cloud::Settings& changed) override { settings.push_back(changed.tiers.size()); }
  void decisions_taken() override { ++taken; }
  void copies_taken() override { ++copies_steps; }
  void upload_stopped(StopWhy why) override { stopped = why; }
  std::optional<cloud::HealthReport> health() override { return report; }
  std::optional<core::WallTime> renew_at() override { return renewal; }
  core::Result<std::string> certificate_request() override { return std::string(100, 'A'); }
  core::Result<> renewed(const cloud::Credentials& credentials) override {
    ++renewals;
    renewal = credentials.valid_until;
    return {};
  }
};

/// Items and rule sets as anybody might keep them: in memory, for tests.
class TestSink final : public CopySink {
 public:
  std::vector<std::string> calls;
  core::Result<> put_item(journal::CacheTx&, std::string_view item) override {
    return note("put " + std::string(item));
  }
  core::Result<> remove_item(journal::CacheTx&, std::string_view id) override {
    return note("gone " + std::string(id));
  }
  core::Result<> put_rule_set(journal::CacheTx&, std::string_view rules) override {
    return note("rules " + std::string(rules));
  }

 private:
  core::Result<> note(std::string what) {
    calls.push_back(std::move(what));
    return {};
  }
};

/// A terminal with a journal, a cache and sync, between a disk in memory and a cloud.
struct Till {
  explicit Till(const hal_virtual::VirtualBoardSettings& settings = {}, test::Disk* other_disk = nullptr,
                std::shared_ptr<Keys> shared = std::make_shared<Keys>())
      : keys(std::move(shared)),
        board(settings),
        disk(other_disk == nullptr ? &own_disk : other_disk),
        vfs(*disk),
        cloud(board, *keys) {}
  ~Till() { stop(); }
  Till(const Till&) = delete;
  Till& operator=(const Till&) = delete;

  /// False: the disk has no power.
  bool start() {
    auto opened =
        journal::Journal::open({.path = "till.db", .vfs = vfs.name()},
                               {board.clock, board.key_store, board.random, *keys->crypto, keys->terminal}, sets);
    if (!opened) return false;
    journal = *std::move(opened);
    if (!journal->start_succeeded()) return false;
    auto cached = journal::Cache::open({.path = "cache.db", .vfs = vfs.name()}, replicas);
    if (!cached) return false;
    cache = *std::move(cached);
    link = std::make_unique<cloud::Link>(board.http, cloud::LinkSettings{.origin = "https://cloud.example"});
    sync = std::make_unique<Sync>(
        SyncParts{.journal = *journal,
                  .cache = cache.get(),
                  .link = *link,
                  .clock = board.clock,
                  .scheduler = board.scheduler,
                  .random = board.random,
                  .network = board.network,
                  .host = host,
                  .copies = copies},
        SyncSettings{.terminal = *cloud::TerminalId::parse("T07"), .keys = {keys->cloud_key()}, .pace = pace});
    return sync->start().has_value();
  }
  void stop() {
    sync.reset();
    link.reset();
    cache.reset();
    journal.reset();
  }
  /// The power goes and comes back.
  void restart() {
    board.world.power().cut();
    stop();
    board.world.power().restore();
    REQUIRE(start());
  }

  /// Appends a record; false: it is not there.
  bool sell(std::string_view body = R"({"total":100})", std::span<const journal::PersonalValue> personal = {}) {
    const auto done = journal->commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append(
          {.kind = kSold, .sale = journal::SaleId{tx.next_seq().value()}, .body = body, .personal = personal}));
      return {};
    });
    if (done) sync->wake();
    return done.has_value();
  }
  template <class Step>
  core::Result<> commit(Step&& step) {
    const auto committed = journal->commit([&](journal::Tx& tx) -> core::Result<> { return step(tx); });
    if (!committed) return std::unexpected(committed.error());
    return {};
  }
  bool advance_until_sent(std::chrono::seconds at_most = 3'600s) {
    return board.world.advance_until([this] { return backlog() == 0; }, at_most);
  }
  void advance(std::chrono::microseconds time) { board.world.advance(time); }
  [[nodiscard]] std::int64_t backlog() const { return journal->last_seq().value() - journal->acknowledged().value(); }
  [[nodiscard]] SyncStatus status() const { return must(sync->status()); }
  [[nodiscard]] std::int64_t fault(std::string_view what) const {
    const SyncStatus now = status();
    const auto found = now.faults.find(what);
    return found == now.faults.end() ? 0 : found->second;
  }
  [[nodiscard]] int records_of(journal::Kind kind) const {
    int count = 0;
    must_ok(journal->each({.kind = kind}, [&](const journal::Record&) -> core::Result<> {
      ++count;
      return {};
    }));
    return count;
  }
  /// The cloud has what the journal has, record by record; empty: it does.
  [[nodiscard]] std::string difference() const {
    if (!cloud.broken.empty()) return cloud.broken;
    for (std::int64_t seq = 1; seq <= journal->acknowledged().value(); ++seq) {
      const auto record = journal->read(journal::Seq{seq});
      const auto there = cloud.records.find(seq);
      if (!record || there == cloud.records.end()) return "missing " + std::to_string(seq);
      if (there->second.all != core::as_text(journal::canonical_record(*record))) return "other " + std::to_string(seq);
    }
    if (!cloud.records.empty() && cloud.records.rbegin()->first > journal->last_seq().value()) return "too many";
    return {};
  }
  static void must_ok(const core::Result<>& result) { REQUIRE(result.has_value()); }

  std::shared_ptr<Keys> keys;
  hal_virtual::VirtualBoard board;
  test::Disk own_disk;
  test::Disk* disk;
  test::DiskVfs vfs;
  ModelCloud cloud;
  TestHost host;
  TestSink sink;
  CopySink* copies = &sink;
  std::vector<journal::ReplicaSet> replicas{members::kMemberReplica};
  Pace pace;
  std::vector<journal::TableSet> sets{members::kMemberTables, ledger::kLedgerTables, kSyncTables};
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<journal::Cache> cache;
  std::unique_ptr<cloud::Link> link;
  std::unique_ptr<Sync> sync;
};

}  // namespace tillkit::sync
