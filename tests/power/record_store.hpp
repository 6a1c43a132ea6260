// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "database.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/power_cuts.hpp"

namespace tillkit::test {

/// How a record store keeps its file.
struct Keeping {
  std::string journal_mode = "WAL";
  std::string synchronous = "FULL";
  /// WAL in shared memory, or a rollback journal that is really deleted, need normal locking.
  bool exclusive = true;
  bool flushes_lie = false;
};

/// One table of records in one SQLite file, one commit per record: the least that can be called a journal.
class RecordStore final : public Subject {
 public:
  static constexpr int kRecords = 8;

  RecordStore(Disk& disk, const Keeping& keeping);

  void run() override;
  void lose_power() override;
  void recover() override;
  Verdict judge() override;

  /// Commits one more record; false if it was not acknowledged.
  bool append();
  /// Opens the file, and makes the table unless it is there; false if that failed.
  bool open();
  /// Everything of the WAL goes to the file.
  bool checkpoint() { return execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

  bool execute(const std::string& sql) { return database_->execute(sql); }

 private:
  Disk& disk_;
  DiskVfs vfs_;
  Keeping keeping_;
  std::optional<Database> database_;
  /// Tried, in order: number i is at i - 1. True: acknowledged. One that was not may be there or not.
  std::vector<bool> acknowledged_;
};

/// A scenario: open, eight records, now and then a checkpoint; to recover: open, one more record, a checkpoint.
Scenario record_store(std::string name, const Keeping& keeping);

}  // namespace tillkit::test
