// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/journal/head.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/report.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::journal {

/// A checkpoint is due from so many pages in the WAL on; at `kWalPagesMax` a commit does it itself.
inline constexpr int kCheckpointPages = 1'000;
inline constexpr int kWalPagesMax = 4'000;
/// One `drop` deletes so many records at most.
inline constexpr std::int64_t kDropRecordsMax = 500;

/// How much room the medium has: the board's own word for it (`statvfs`).
class StorageSpace {
 public:
  virtual ~StorageSpace() = default;

  /// Bytes that a file could still grow by. Quick; asked before each sale.
  [[nodiscard]] core::Result<std::uint64_t> free_bytes() { return do_free_bytes(); }

 private:
  [[nodiscard]] virtual core::Result<std::uint64_t> do_free_bytes() = 0;
};

struct Settings {
  std::string path;                           ///< of `till.db`; `-wal` lies beside it
  std::string vfs;                            ///< SQLite's name for the file system; empty: the platform's own
  std::uint32_t page_bytes = 512;             ///< for a new file; measured in tests/bench/bench_journal.cpp
  std::uint64_t quota_bytes = 1'073'741'824;  ///< the file never grows beyond this; its WAL takes 2 MiB more
  std::uint64_t reserve_bytes = 1'048'576;    ///< what finishing open sales may need; 1 MiB is about 150 sales
  StorageSpace* space = nullptr;              ///< null: only the quota counts
};

/// All must outlive the journal.
struct Parts {
  hal::Clock& clock;
  hal::KeyStore& key_store;
  hal::Random& random;
  security::Crypto& crypto;
  security::KeyId signing_key;  ///< signs heads
};

enum class State : std::uint8_t {
  Running = 0,
  Safe = 1,    ///< opened, but nothing can be committed; `SafeReason` says why
  Failed = 2,  ///< a write or a flush failed: what is on the medium shows only a new `open`, best after a restart
};

/// Stored in reports and shown; never renumber.
enum class SafeReason : std::uint8_t {
  None = 0,
  FailedStarts = 1,    ///< `kFailedStartsMax` starts in a row failed; heads can be signed, records acknowledged
  RolledBack = 2,      ///< the key store has counted further than this file: an older copy was put back
  ForeignCounter = 3,  ///< this file has counted further than the key store: it is not this device's, or that was reset
  SealBroken = 4,      ///< what the file says about itself was not sealed by this device
  TailBroken = 5,      ///< the last records are not those that this device sealed
  Inspected = 6,       ///< none: it was opened with `inspect`, only to be looked at
};
[[nodiscard]] std::string_view to_string(SafeReason reason);

enum class StartSale : std::uint8_t {
  Allowed = 0,
  SafeMode = 1,
  StorageFailed = 2,  ///< `State::Failed`
  StorageFull = 3,    ///< the reserve is not there; sales that are open can be finished
};
[[nodiscard]] std::string_view to_string(StartSale answer);

/// What a commit appended; both 0 where nothing was.
struct Committed {
  Seq first;
  Seq last;
};

/// Which records to read. All that is set must hold.
struct Selection {
  Seq from{1};
  Seq to{std::numeric_limits<std::int64_t>::max()};
  SaleId sale{};                  ///< by index
  std::optional<Kind> kind = {};  ///< looks at every record of the range
};

/// What `drop` must leave.
struct Keep {
  core::WallTime since;  ///< the refund window: whatever may have happened at this time or later stays
  Seq from{std::numeric_limits<std::int64_t>::max()};  ///< this record and all after it stay (the oldest open sale)
};

struct Dropped {
  std::int64_t records = 0;
  bool more = false;  ///< call again, at leisure
};

/// A personal value as it is read back. It travels beside its record: with `salt`, the receiver checks it against the
/// body.
struct Personal {
  Field field;
  core::Bytes salt;
  core::Secret value;
};

/// The durable, sealed, append-only list of what happened, and the tables that follow from it.
///
/// One object per file and process, one thread. The file is locked exclusively while it lives. Nothing blocks but
/// reading and writing flash: a commit is one flush, a checkpoint (`checkpoint_due`) three, bounded by `kWalPagesMax`
/// pages. Errors of the storage keep SQLite's number.
class Journal {
 public:
  /// Opens `till.db`, or makes it; migrates the tables; appends a record `journal.started`, all in one commit; advances
  /// the counter. With 1,000,000 records it takes as long as with one. Counts a failed start until `start_succeeded`.
  ///
  /// Where it finds a reason for it, it opens in safe mode and writes nothing: see `state` and `safe_reason`.
  /// - Unsupported: a newer program wrote the file, or one with a module that this one lacks.
  /// - Unavailable: another process has the file, or the medium or the key store cannot be reached.
  /// - Corrupt: no journal, or too damaged to be read; `export_file` gives what is readable.
  /// - Exhausted: no room. - InvalidArgument: a migration is wrong, or two table sets have one name.
  /// The file is then byte for byte as it was, unless only the counter could not be advanced: then it has one more
  /// `journal.started`.
  [[nodiscard]] static core::Result<std::unique_ptr<Journal>> open(const Settings& settings, const Parts& parts,
                                                                   std::span<const TableSet> sets);

  /// Opens `till.db` of a terminal that is stopped, only to look: always in safe mode, whose reason is what `open`
  /// would have found, or `Inspected`. Appends no record, migrates nothing, counts no start, advances no counter,
  /// writes nothing to the key store (which may be one that refuses to), and leaves the file and its WAL byte for byte
  /// as they were. `parts.signing_key` is not used.
  /// - NotFound: no file, or an empty one. It is not made. - otherwise as `open`.
  [[nodiscard]] static core::Result<std::unique_ptr<Journal>> inspect(const Settings& settings, const Parts& parts,
                                                                      std::span<const TableSet> sets);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  [[nodiscard]] State state() const;
  [[nodiscard]] SafeReason safe_reason() const;

  /// This start works: failed starts are counted anew. Durable when it returns.
  /// - FailedPrecondition: it was no start, but `inspect`.
  [[nodiscard]] core::Result<> start_succeeded();

  /// Whether a new sale may begin: everything works, and the reserve that finishing it needs is there. A sale that has
  /// begun is finished without asking.
  [[nodiscard]] StartSale may_start_sale();

  [[nodiscard]] const JournalId& id() const;
  /// The newest record; 0 in an empty journal.
  [[nodiscard]] Seq last_seq() const;
  [[nodiscard]] const Chain& last_chain() const;
  /// Records up to this one were acknowledged by the cloud.
  [[nodiscard]] Seq acknowledged() const;
  /// The oldest record that is still there.
  [[nodiscard]] Seq first_seq() const;

  /// Who is on duty from the next record on. After `open` it is what the last record says.
  void set_duty(const Duty& duty);
  [[nodiscard]] const Duty& duty() const;

  /// The modules' tables, to be read outside of a commit.
  [[nodiscard]] const Tables& tables() const;

  /// Handles one event: calls `step(Tx&) -> core::Result<>`, then makes durable what it appended, with one flush.
  ///
  /// Where `step` fails, or anything else, nothing happened: no record, no row, no seq is used up. Where it appended
  /// nothing, nothing is written, and that is a success.
  /// - what `step` returned, or what an `append` in it met, even if `step` ignored it.
  /// - Exhausted: no room on the medium or in the quota. Nothing happened.
  /// - FailedPrecondition: safe mode, failed, or inside of another commit or visit. Nothing happened.
  /// - Timeout: the medium failed while writing or flushing. Whether it is there shows the next `open`; until then
  ///   nothing is written any more (`State::Failed`).
  template <class Step>
  [[nodiscard]] core::Result<Committed> commit(Step&& step) {
    using Function = std::remove_reference_t<Step>;
    return run([](void* function, Tx& tx) -> core::Result<> { return (*static_cast<Function*>(function))(tx); },
               const_cast<void*>(static_cast<const void*>(std::addressof(step))));
  }

  /// Reads one record. `NotFound`: it was dropped, or does not exist yet. `Corrupt`: it cannot be read.
  [[nodiscard]] core::Result<Record> read(Seq seq) const;

  /// Calls `visit(const Record&) -> core::Result<>` for each, in order, until it returns an error; passes that on.
  template <class Visit>
  [[nodiscard]] core::Result<> each(const Selection& selection, Visit&& visit) const {
    using Function = std::remove_reference_t<Visit>;
    return visit_all(
        selection,
        [](void* function, const Record& record) -> core::Result<> {
          return (*static_cast<Function*>(function))(record);
        },
        const_cast<void*>(static_cast<const void*>(std::addressof(visit))));
  }

  /// The personal values of one record; empty where there are none (any more).
  /// - Corrupt: one cannot be decrypted.
  [[nodiscard]] core::Result<std::vector<Personal>> personal(Seq seq) const;

  /// The cloud has everything up to `seq`. Durable when it returns: one flush. Less than before changes nothing.
  /// - OutOfRange: there is no such record yet. Nothing changed.
  /// - FailedPrecondition, Exhausted, Timeout: as `commit`.
  [[nodiscard]] core::Result<> acknowledge(Seq seq);

  /// Signs how far the journal has come; each head has a counter of its own. One flush here, one in the key store.
  /// - Timeout: the key store did not answer; nothing was signed, call again.
  /// - otherwise as `acknowledge`, and what `Crypto::sign_es256` says.
  [[nodiscard]] core::Result<SignedHead> sign_head();

  /// Appends a record `journal.snapshot` with a digest of all derived tables, and stores their rows beside it, so that
  /// a rebuild starts here. One flush. Errors as `commit`.
  [[nodiscard]] core::Result<Seq> snapshot();

  /// Deletes records from the front, at most `kDropRecordsMax`: those that are acknowledged, lie before the newest
  /// snapshot, and need not be kept. A record of which the clock did not know when it happened counts as late as the
  /// next of which it did. One flush. Errors as `acknowledge`.
  [[nodiscard]] core::Result<Dropped> drop(const Keep& keep);

  /// Whether the WAL has grown so long that a quiet moment should be used for a checkpoint.
  [[nodiscard]] bool checkpoint_due() const;
  /// Copies the WAL into the file, so that every commit until the next checkpoint is one flush. Three flushes.
  /// - Unavailable: a read of `tables` is under way. - FailedPrecondition, Exhausted, Timeout: as `commit`; nothing is
  ///   lost.
  [[nodiscard]] core::Result<> checkpoint();

  /// Checks everything: each record against its chain, the seals, the signed state of the file, personal values against
  /// their bodies, and the derived tables against a rebuild from the newest snapshot. Reads the whole file and writes
  /// nothing; for the technician and for tests. Damage is what it reports, not how it fails.
  [[nodiscard]] VerifyReport verify() const;
  /// The same in steps, so that nobody waits for the whole.
  [[nodiscard]] std::unique_ptr<Verification> begin_verify() const;

  /// Hands out everything readable as lines of JSON: see `export_file`.
  [[nodiscard]] core::Result<ExportReport> export_lines(const ExportSink& sink) const;

  /// The same in parts, so that nobody waits for the whole: looks at up to `records_max` records from `from` on, and
  /// calls `sink` with each record, and with each stretch that cannot be read. Returns where to go on; 0 at the end.
  /// - only what `sink` returns.
  [[nodiscard]] core::Result<Seq> read_on(Seq from, std::int64_t records_max, const FoundSink& sink) const;

 private:
  class Impl;
  [[nodiscard]] static core::Result<std::unique_ptr<Impl>> prepare(const Settings& settings, const Parts& parts,
                                                                   std::span<const TableSet> sets, bool create);
  explicit Journal(std::unique_ptr<Impl> impl);
  using StepFunction = core::Result<> (*)(void* step, Tx& tx);
  using VisitFunction = core::Result<> (*)(void* visit, const Record& record);
  [[nodiscard]] core::Result<Committed> run(StepFunction function, void* step);
  [[nodiscard]] core::Result<> visit_all(const Selection& selection, VisitFunction function, void* visit) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::journal
