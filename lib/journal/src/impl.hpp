// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "database.hpp"
#include "file_state.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/journal/journal.hpp"
#include "transaction.hpp"

namespace tillkit::journal {

class Journal::Impl {
 public:
  Impl(const Settings& settings, const Parts& parts, std::span<const TableSet> sets,
       std::unique_ptr<detail::Database> database, security::MacKey seal_key, security::EncryptionKey personal_key)
      : settings_(settings),
        parts_(parts),
        sets_(sets.begin(), sets.end()),
        database_(std::move(database)),
        seal_key_(std::move(seal_key)),
        personal_key_(std::move(personal_key)),
        tables_(*database_) {}

  /// The start: all that `open` does once the file is known to be ours, or empty.
  [[nodiscard]] core::Result<> start(bool empty, std::uint32_t failed_starts);
  /// The same where nothing may be written.
  [[nodiscard]] core::Result<> look();

  [[nodiscard]] core::Result<Committed> run(StepFunction function, void* step);
  [[nodiscard]] core::Result<Record> read(Seq seq) const;
  [[nodiscard]] core::Result<> visit_all(const Selection& selection, VisitFunction function, void* visit);
  [[nodiscard]] core::Result<std::vector<Personal>> personal(Seq seq) const;
  [[nodiscard]] core::Result<> acknowledge(Seq seq);
  [[nodiscard]] core::Result<SignedHead> sign_head();
  [[nodiscard]] core::Result<Seq> snapshot();
  [[nodiscard]] core::Result<Dropped> drop(const Keep& keep);
  [[nodiscard]] core::Result<> checkpoint();
  [[nodiscard]] bool checkpoint_due() const {
    return wal_holds_forgotten_ || database_->wal_pages() >= kCheckpointPages;
  }
  [[nodiscard]] std::unique_ptr<Verification> begin_verify() const;
  [[nodiscard]] core::Result<ExportReport> export_lines(const ExportSink& sink) const;
  [[nodiscard]] core::Result<Seq> read_on(Seq from, std::int64_t records_max, const FoundSink& sink) const;
  [[nodiscard]] StartSale may_start_sale();
  [[nodiscard]] core::Result<> start_succeeded();

  /// Read-only view of the modules' tables.
  class OpenTables : public Tables {
   public:
    explicit OpenTables(detail::Database& database) : Tables(database) {}
  };

  State state_ = State::Safe;
  SafeReason reason_ = SafeReason::None;
  FileState file_;
  Tail tail_;
  Duty duty_;
  std::uint32_t boot_ = 0;

  [[nodiscard]] detail::Database& database() const { return *database_; }
  [[nodiscard]] const Tables& tables() const { return tables_; }

 private:
  class Verifier;

  /// Reads what the file says of itself and its newest record, and whether it may be continued.
  [[nodiscard]] core::Result<> load(std::uint64_t counter);
  /// Whether a step may be taken now that writes; heads and acknowledgements also work after failed starts.
  [[nodiscard]] core::Result<> check_writable(bool housekeeping) const;
  /// Why the file, as it is, must not be continued.
  [[nodiscard]] core::Result<SafeReason> suspicion(bool sealed, std::uint64_t counter) const;
  [[nodiscard]] core::Result<bool> tail_is_sealed() const;
  /// Migrates and appends the start, in the transaction that is open, and commits it with `next`.
  [[nodiscard]] core::Result<> append_first(FileState& next, bool empty);
  [[nodiscard]] core::Result<> append_snapshot(detail::Transaction& transaction);
  [[nodiscard]] core::Result<> advance_to(std::uint64_t counter);
  [[nodiscard]] detail::Live live() const {
    return {file_.journal, tail_, duty_, boot_, parts_.clock, parts_.random, parts_.crypto, personal_key_};
  }

  /// Seals and inserts what was appended, and commits it with `state`. On failure everything is as before.
  [[nodiscard]] core::Result<> finish(detail::Transaction& transaction, const FileState* state);
  /// Writes the file's state in a commit of its own.
  [[nodiscard]] core::Result<> commit_state(const FileState& state);
  /// Remembers a failed write or flush.
  [[nodiscard]] core::Result<> watch(core::Result<> outcome);
  void keep_wal_short(bool forgot);
  /// Copies the WAL into the file and begins it anew; where it holds what was forgotten, nothing of it is left.
  [[nodiscard]] core::Result<> copy_wal();

  Settings settings_;
  Parts parts_;
  std::vector<TableSet> sets_;
  std::unique_ptr<detail::Database> database_;
  security::MacKey seal_key_;
  security::EncryptionKey personal_key_;
  OpenTables tables_;
  bool only_looks_ = false;           // opened by `inspect`
  bool busy_ = false;                 // inside of a commit or a visit
  bool wal_holds_forgotten_ = false;  // perhaps
};

inline constexpr Kind kStarted = kind("journal.started");

}  // namespace tillkit::journal
