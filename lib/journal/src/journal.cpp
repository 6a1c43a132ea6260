// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/journal.hpp"

#include <algorithm>
#include <utility>

#include "impl.hpp"
#include "record_store.hpp"
#include "schema.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/version.hpp"

namespace tillkit::journal {
namespace {

constexpr std::string_view kSealLabel = "tillkit/journal/seal/v1";
constexpr std::string_view kPersonalLabel = "tillkit/journal/personal/v1";

/// Held for as long as a commit or a visit lasts.
class Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

std::vector<TableSet> with_own(std::span<const TableSet> sets) {
  std::vector<TableSet> all{journal_set()};
  all.insert(all.end(), sets.begin(), sets.end());
  return all;
}

}  // namespace

std::string_view to_string(SafeReason reason) {
  switch (reason) {
    case SafeReason::None: return "none";
    case SafeReason::FailedStarts: return "failed_starts";
    case SafeReason::RolledBack: return "rolled_back";
    case SafeReason::ForeignCounter: return "foreign_counter";
    case SafeReason::SealBroken: return "seal_broken";
    case SafeReason::TailBroken: return "tail_broken";
    case SafeReason::Inspected: return "inspected";
  }
  return "unknown";
}

std::string_view to_string(StartSale answer) {
  switch (answer) {
    case StartSale::Allowed: return "allowed";
    case StartSale::SafeMode: return "safe_mode";
    case StartSale::StorageFailed: return "storage_failed";
    case StartSale::StorageFull: return "storage_full";
  }
  return "unknown";
}

core::Result<std::unique_ptr<Journal>> Journal::open(const Settings& settings, const Parts& parts,
                                                     std::span<const TableSet> sets) {
  // Counted before the file is touched: whatever it does to us, the next start knows.
  TILLKIT_TRY(const std::uint32_t failed_starts, FailedStarts(parts.key_store).begin());
  TILLKIT_TRY(auto impl, prepare(settings, parts, sets, true));
  TILLKIT_TRY(const FileKind file, look_at(impl->database(), with_own(sets), kJournalFile));
  TILLKIT_TRY_VOID(impl->start(file == FileKind::Empty, failed_starts));
  return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

core::Result<std::unique_ptr<Journal>> Journal::inspect(const Settings& settings, const Parts& parts,
                                                        std::span<const TableSet> sets) {
  TILLKIT_TRY(auto impl, prepare(settings, parts, sets, false));
  TILLKIT_TRY(const FileKind file, look_at(impl->database(), with_own(sets), kJournalFile));
  if (file == FileKind::Empty) return core::fail(core::ErrorCode::NotFound);
  TILLKIT_TRY_VOID(impl->look());
  return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

core::Result<std::unique_ptr<Journal::Impl>> Journal::prepare(const Settings& settings, const Parts& parts,
                                                              std::span<const TableSet> sets, bool create) {
  TILLKIT_TRY(security::MacKey seal_key, parts.crypto.derive_mac_key(kSealLabel));
  TILLKIT_TRY(security::EncryptionKey personal_key, parts.crypto.derive_encryption_key(kPersonalLabel));
  TILLKIT_TRY(auto database, detail::Database::open({.path = settings.path,
                                                     .vfs = settings.vfs,
                                                     .page_bytes = create ? settings.page_bytes : 0,
                                                     .create = create}));
  return std::make_unique<Impl>(settings, parts, sets, std::move(database), std::move(seal_key),
                                std::move(personal_key));
}

core::Result<> Journal::Impl::load(std::uint64_t counter) {
  TILLKIT_TRY(const StoredState stored, load_state(*database_, seal_key_));
  file_ = stored.state;
  TILLKIT_TRY(const auto newest, newest_record(*database_, file_.journal));
  if (newest) {
    tail_ = {newest->seq, newest->chain, newest->at.wall.at};
    duty_ = newest->duty;
    boot_ = newest->at.boot;
    parts_.clock.raise_lower_bound(tail_.wall);
  }
  TILLKIT_TRY(reason_, suspicion(stored.sealed, counter));
  return {};
}

core::Result<> Journal::Impl::look() {
  only_looks_ = true;
  TILLKIT_TRY(const std::uint64_t counter, parts_.key_store.counter());
  TILLKIT_TRY_VOID(load(counter));
  if (reason_ != SafeReason::None) return {};
  TILLKIT_TRY(const std::uint32_t failed_starts, FailedStarts(parts_.key_store).count());
  reason_ = failed_starts >= kFailedStartsMax ? SafeReason::FailedStarts : SafeReason::Inspected;
  return {};
}

core::Result<> Journal::Impl::start(bool empty, std::uint32_t failed_starts) {
  TILLKIT_TRY(const std::uint64_t counter, parts_.key_store.counter());
  if (!empty) TILLKIT_TRY_VOID(load(counter));
  if (reason_ == SafeReason::None && failed_starts >= kFailedStartsMax) reason_ = SafeReason::FailedStarts;
  const bool housekeeping = reason_ == SafeReason::FailedStarts && !empty;
  if (reason_ != SafeReason::None && !housekeeping) return {};
  TILLKIT_TRY_VOID(database_->prepare_for_writing(detail::Durability::EveryCommit));
  // A WAL from before a power cut may hold what was forgotten since; the next quiet moment empties it.
  wal_holds_forgotten_ = database_->wal_bytes() != 0;
  if (housekeeping) return {};
  // A start that failed may have failed for its storage: see there.
  if (failed_starts != 0) TILLKIT_TRY_VOID(database_->write_wal_again());
  TILLKIT_TRY(const std::int64_t page_bytes, database_->number("PRAGMA page_size"));
  const std::uint64_t pages = settings_.quota_bytes / static_cast<std::uint64_t>(page_bytes);
  TILLKIT_TRY_VOID(database_->number("PRAGMA max_page_count=" + std::to_string(pages)));
  ++boot_;
  FileState next = file_;
  next.counter = counter + 1;
  if (empty) TILLKIT_TRY_VOID(parts_.random.fill(next.journal.bytes));

  TILLKIT_TRY_VOID(database_->begin());
  const auto started = append_first(next, empty);
  if (!started) {
    database_->rollback();
    return started;
  }
  database_->bring_wal_home_when_closing(true);
  state_ = State::Running;
  // The file first, then the key store: so a file that has counted less than the key store is surely an older one.
  return advance_to(next.counter);
}

core::Result<> Journal::Impl::append_first(FileState& next, bool empty) {
  if (empty) TILLKIT_TRY_VOID(mark(*database_, kJournalFile));
  TILLKIT_TRY(const bool migrated, migrate(*database_, with_own(sets_)));
  file_.journal = next.journal;
  const detail::Live from = live();
  detail::Transaction transaction(*database_, sets_, &from);
  if (migrated && !empty) {
    // What a migration has made of the tables, records alone would not: a rebuild begins after it.
    TILLKIT_TRY_VOID(append_snapshot(transaction));
    next.snapshot_seq = transaction.tail().seq;
  }
  core::JsonWriter json;
  json.begin_object().name("program").text(core::version()).name("counter").integer(next.counter);
  json.name("tables").begin_object();
  for (const TableSet& set : with_own(sets_))
    json.name(set.name).integer(set.migrations.size());
  TILLKIT_TRY(const std::string body, json.end_object().end_object().finish());
  TILLKIT_TRY_VOID(transaction.append({.kind = kStarted, .body = body}));
  next.head_seq = transaction.tail().seq;
  next.head_chain = transaction.tail().chain;
  return finish(transaction, &next);
}

core::Result<SafeReason> Journal::Impl::suspicion(bool sealed, std::uint64_t counter) const {
  if (!sealed) return SafeReason::SealBroken;
  if (file_.counter < counter) return SafeReason::RolledBack;
  // One more than the key store: the power went between the file and the counter.
  if (file_.counter > counter + 1) return SafeReason::ForeignCounter;
  if (tail_.seq < std::max({file_.head_seq, file_.acknowledged, file_.snapshot_seq, Seq(file_.base_seq.value() + 1)})) {
    return SafeReason::TailBroken;
  }
  if (file_.head_seq > file_.base_seq) {
    const auto head = find_record(*database_, file_.journal, file_.head_seq);
    if (!head || head->chain != file_.head_chain) return SafeReason::TailBroken;
  }
  TILLKIT_TRY(const bool holds, tail_is_sealed());
  return holds ? SafeReason::None : SafeReason::TailBroken;
}

/// Checks the last commit: back to the seal before it.
core::Result<bool> Journal::Impl::tail_is_sealed() const {
  TILLKIT_TRY(Record record, find_record(*database_, file_.journal, tail_.seq));
  TILLKIT_TRY(const Seal expected, seal_of(seal_key_, record.chain));
  if (!record.seal || !core::equal_constant_time(*record.seal, expected)) return false;
  for (std::size_t i = 0; i < kRecordsPerCommitMax; ++i) {
    const Seq before(record.seq.value() - 1);
    if (before == file_.base_seq) {
      TILLKIT_TRY(const Chain chain, next_chain(file_.base_chain, record));
      return chain == record.chain;
    }
    auto previous = find_record(*database_, file_.journal, before);
    if (!previous) return false;
    TILLKIT_TRY(const Chain chain, next_chain(previous->chain, record));
    if (chain != record.chain) return false;
    if (previous->seal) return true;
    record = *std::move(previous);
  }
  return false;
}

core::Result<> Journal::Impl::start_succeeded() {
  if (only_looks_) return core::fail(core::ErrorCode::FailedPrecondition);
  return FailedStarts(parts_.key_store).succeeded();
}

core::Result<> Journal::Impl::advance_to(std::uint64_t counter) {
  TILLKIT_TRY(const std::uint64_t reached, parts_.key_store.advance_counter());
  if (reached != counter) return core::fail(core::ErrorCode::Corrupt);  // somebody else counts with it
  return {};
}

core::Result<> Journal::Impl::check_writable(bool housekeeping) const {
  const bool after_failed_starts = housekeeping && state_ == State::Safe && reason_ == SafeReason::FailedStarts;
  if (only_looks_ || busy_ || tail_.seq == Seq{} || (state_ != State::Running && !after_failed_starts)) {
    return core::fail(core::ErrorCode::FailedPrecondition);
  }
  return {};
}

core::Result<> Journal::Impl::watch(core::Result<> outcome) {
  if (!outcome && outcome.error().code == core::ErrorCode::Timeout) {
    state_ = State::Failed;
    // Closing would copy pages of which nobody knows whether they are on the medium.
    database_->bring_wal_home_when_closing(false);
  }
  return outcome;
}

core::Result<> Journal::Impl::finish(detail::Transaction& transaction, const FileState* state) {
  if (transaction.broken()) return std::unexpected(*transaction.broken());
  std::vector<Record>& records = transaction.appended();
  if (!records.empty()) {
    TILLKIT_TRY(records.back().seal, seal_of(seal_key_, records.back().chain));
    for (const Record& record : records)
      TILLKIT_TRY_VOID(insert_record(*database_, record));
  }
  if (state != nullptr) TILLKIT_TRY_VOID(store_state(*database_, seal_key_, *state));
  TILLKIT_TRY_VOID(watch(database_->commit()));
  tail_ = transaction.tail();
  if (state != nullptr) file_ = *state;
  return {};
}

core::Result<Committed> Journal::Impl::run(StepFunction function, void* step) {
  TILLKIT_TRY_VOID(check_writable(false));
  const Busy busy(busy_);
  TILLKIT_TRY_VOID(database_->begin());
  const detail::Live from = live();
  detail::Transaction transaction(*database_, sets_, &from);
  core::Result<> outcome = function(step, transaction.tx());
  // An error that the step dropped still counts.
  if (outcome && transaction.broken()) outcome = std::unexpected(*transaction.broken());
  if (outcome && !transaction.appended().empty()) outcome = finish(transaction, nullptr);
  if (!outcome || transaction.appended().empty()) {
    database_->rollback();
    if (!outcome) return std::unexpected(outcome.error());
    return Committed{};
  }
  const Committed committed{transaction.appended().front().seq, transaction.appended().back().seq};
  keep_wal_short(transaction.forgot());
  return committed;
}

/// What was committed stays committed, so a checkpoint that fails here is no failure of the commit; one that failed
/// while writing stops the journal.
void Journal::Impl::keep_wal_short(bool forgot) {
  wal_holds_forgotten_ = wal_holds_forgotten_ || forgot;
  if (!forgot && database_->wal_pages() < kWalPagesMax) return;
  static_cast<void>(copy_wal());
}

core::Result<> Journal::Impl::copy_wal() {
  TILLKIT_TRY_VOID(watch(database_->checkpoint(wal_holds_forgotten_)));
  wal_holds_forgotten_ = false;
  // The first commit into a WAL that begins anew flushes its head, too: let it be this one, and not a sale's.
  FileState next = file_;
  ++next.checkpoints;
  return commit_state(next);
}

core::Result<> Journal::Impl::checkpoint() {
  TILLKIT_TRY_VOID(check_writable(true));
  return copy_wal();
}

core::Result<> Journal::Impl::commit_state(const FileState& state) {
  TILLKIT_TRY_VOID(database_->begin());
  auto stored = store_state(*database_, seal_key_, state);
  if (stored) stored = watch(database_->commit());
  if (!stored) {
    database_->rollback();
    return stored;
  }
  file_ = state;
  return {};
}

core::Result<> Journal::Impl::acknowledge(Seq seq) {
  TILLKIT_TRY_VOID(check_writable(true));
  if (seq > tail_.seq) return core::fail(core::ErrorCode::OutOfRange);
  if (seq <= file_.acknowledged) return {};
  FileState next = file_;
  next.acknowledged = seq;
  return commit_state(next);
}

core::Result<SignedHead> Journal::Impl::sign_head() {
  TILLKIT_TRY_VOID(check_writable(true));
  TILLKIT_TRY(const std::uint64_t counter, parts_.key_store.counter());
  FileState next = file_;
  next.counter = counter + 1;
  next.head_seq = tail_.seq;
  next.head_chain = tail_.chain;
  TILLKIT_TRY_VOID(commit_state(next));
  TILLKIT_TRY_VOID(advance_to(next.counter));
  SignedHead head{file_.journal, tail_.seq, tail_.chain, next.counter, {}};
  TILLKIT_TRY(head.signature, parts_.crypto.sign_es256(parts_.signing_key, signed_bytes(head)));
  return head;
}

core::Result<Record> Journal::Impl::read(Seq seq) const {
  return find_record(*database_, file_.journal, seq);
}

core::Result<> Journal::Impl::visit_all(const Selection& selection, VisitFunction function, void* visit) {
  if (busy_) return core::fail(core::ErrorCode::FailedPrecondition);
  const Busy busy(busy_);
  return each_record(*database_, file_.journal, selection,
                     [&](const Record& record) { return function(visit, record); });
}

core::Result<std::vector<Personal>> Journal::Impl::personal(Seq seq) const {
  std::vector<Personal> values;
  TILLKIT_TRY(detail::PreparedStatement* const statement,
              database_->prepare("SELECT field, salt, ciphertext FROM personal WHERE seq = ?1 ORDER BY field"));
  TILLKIT_TRY_VOID(statement->begin({seq.value()}));
  detail::Cursor row(*statement);
  for (;;) {
    TILLKIT_TRY(const bool any, row.next());
    if (!any) return values;
    TILLKIT_TRY(const std::string_view name, row.text(0));
    const auto field = Field::parse(name);
    if (!field) return core::fail(core::ErrorCode::Corrupt);
    TILLKIT_TRY(const core::ByteView salt, row.bytes(1));
    TILLKIT_TRY(const core::ByteView ciphertext, row.bytes(2));
    TILLKIT_TRY(core::Secret value,
                personal_key_.decrypt(ciphertext, personal_context(file_.journal, seq, name, salt)));
    values.push_back({*field, core::Bytes(salt.begin(), salt.end()), std::move(value)});
  }
}

StartSale Journal::Impl::may_start_sale() {
  if (state_ == State::Safe) return StartSale::SafeMode;
  if (state_ == State::Failed) return StartSale::StorageFailed;
  const auto pages = database_->number("PRAGMA page_count");
  const auto unused = database_->number("PRAGMA freelist_count");
  const auto page_bytes = database_->number("PRAGMA page_size");
  if (!pages || !unused || !page_bytes) return StartSale::StorageFailed;
  const auto used = static_cast<std::uint64_t>((*pages - *unused) * *page_bytes);
  if (used >= settings_.quota_bytes || settings_.quota_bytes - used < settings_.reserve_bytes) {
    return StartSale::StorageFull;
  }
  if (settings_.space != nullptr) {
    const auto free_bytes = settings_.space->free_bytes();
    if (!free_bytes) return StartSale::StorageFailed;
    if (*free_bytes < settings_.reserve_bytes) return StartSale::StorageFull;
  }
  return StartSale::Allowed;
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() = default;

State Journal::state() const {
  return impl_->state_;
}
SafeReason Journal::safe_reason() const {
  return impl_->reason_;
}
core::Result<> Journal::start_succeeded() {
  return impl_->start_succeeded();
}
StartSale Journal::may_start_sale() {
  return impl_->may_start_sale();
}
const JournalId& Journal::id() const {
  return impl_->file_.journal;
}
Seq Journal::last_seq() const {
  return impl_->tail_.seq;
}
const Chain& Journal::last_chain() const {
  return impl_->tail_.chain;
}
Seq Journal::acknowledged() const {
  return impl_->file_.acknowledged;
}
Seq Journal::first_seq() const {
  return Seq(impl_->file_.base_seq.value() + 1);
}
void Journal::set_duty(const Duty& duty) {
  impl_->duty_ = duty;
}
const Duty& Journal::duty() const {
  return impl_->duty_;
}
const Tables& Journal::tables() const {
  return impl_->tables();
}
core::Result<Committed> Journal::run(StepFunction function, void* step) {
  return impl_->run(function, step);
}
core::Result<Record> Journal::read(Seq seq) const {
  return impl_->read(seq);
}
core::Result<> Journal::visit_all(const Selection& selection, VisitFunction function, void* visit) const {
  return impl_->visit_all(selection, function, visit);
}
core::Result<std::vector<Personal>> Journal::personal(Seq seq) const {
  return impl_->personal(seq);
}
core::Result<> Journal::acknowledge(Seq seq) {
  return impl_->acknowledge(seq);
}
core::Result<SignedHead> Journal::sign_head() {
  return impl_->sign_head();
}
core::Result<Seq> Journal::snapshot() {
  return impl_->snapshot();
}
core::Result<Dropped> Journal::drop(const Keep& keep) {
  return impl_->drop(keep);
}
bool Journal::checkpoint_due() const {
  return impl_->checkpoint_due();
}
core::Result<> Journal::checkpoint() {
  return impl_->checkpoint();
}
VerifyReport Journal::verify() const {
  const auto verification = impl_->begin_verify();
  for (;;) {
    if (auto report = verification->step(std::numeric_limits<std::int64_t>::max())) return *std::move(report);
  }
}
std::unique_ptr<Verification> Journal::begin_verify() const {
  return impl_->begin_verify();
}
core::Result<ExportReport> Journal::export_lines(const ExportSink& sink) const {
  return impl_->export_lines(sink);
}
core::Result<Seq> Journal::read_on(Seq from, std::int64_t records_max, const FoundSink& sink) const {
  return impl_->read_on(from, records_max, sink);
}

}  // namespace tillkit::journal
