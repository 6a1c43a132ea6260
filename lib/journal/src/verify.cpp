// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "impl.hpp"
#include "record_store.hpp"
#include "schema.hpp"
#include "snapshot.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tolerant_reader.hpp"

namespace tillkit::journal {
namespace {

void add(VerifyReport& report, Flaw flaw, Seq first, Seq last, std::string_view what = {}) {
  ++report.flaws;
  if (report.findings.size() < kFindingsMax) report.findings.push_back({flaw, first, last, std::string(what)});
}

Seq after(Seq seq) {
  return Seq(seq.value() + 1);
}

/// Walks the records in order and holds each against the one before it.
class ChainCheck {
 public:
  ChainCheck(VerifyReport& report, const FileState& state, const security::MacKey& seal_key)
      : report_(report), state_(state), seal_key_(seal_key), last_(state.base_seq), commit_from_(after(last_)) {
    previous_ = state.base_chain;
  }

  void unreadable(const Gap& gap) {
    add(report_, Flaw::Unreadable, gap.first, gap.last);
    last_ = std::max(gap.last, gap.first);
    previous_.reset();
    commit_from_ = after(last_);
  }

  void record(const Record& record) {
    ++report_.records;
    if (record.seq > after(last_)) {
      add(report_, Flaw::Missing, after(last_), Seq(record.seq.value() - 1));
      previous_.reset();
      commit_from_ = record.seq;
    }
    check_chain(record);
    check_seal(record);
    if (record.seq == state_.head_seq && record.chain != state_.head_chain) {
      add(report_, Flaw::HeadMissing, record.seq, record.seq);
    }
    previous_ = record.chain;
    last_ = record.seq;
  }

  void end() {
    if (commit_from_ <= last_) add(report_, Flaw::SealMissing, commit_from_, last_);
    const Seq known = std::max({state_.head_seq, state_.acknowledged, state_.snapshot_seq, after(state_.base_seq)});
    if (last_ < known) add(report_, Flaw::Missing, after(last_), known);
  }

 private:
  void check_chain(const Record& record) {
    bool holds = false;
    if (previous_) {
      const auto chain = next_chain(*previous_, record);
      holds = chain && *chain == record.chain;
    }
    // Behind a flaw one cannot tell a changed record from one that follows on a changed one.
    if (!holds) add(report_, previous_ && sound_ ? Flaw::Changed : Flaw::Unproven, record.seq, record.seq);
    sound_ = holds;
  }

  void check_seal(const Record& record) {
    if (!record.seal) {
      if (record.seq.value() - commit_from_.value() + 1 == static_cast<std::int64_t>(kRecordsPerCommitMax)) {
        add(report_, Flaw::SealMissing, commit_from_, record.seq);
      }
      return;
    }
    const auto expected = seal_of(seal_key_, record.chain);
    const bool holds = expected && core::equal_constant_time(*record.seal, *expected);
    if (holds) ++report_.seals;
    // A chain that was computed anew breaks all seals from there on; only the first says where.
    if (!holds && seals_hold_) add(report_, Flaw::SealWrong, commit_from_, record.seq);
    seals_hold_ = holds;
    commit_from_ = after(record.seq);
  }

  VerifyReport& report_;
  const FileState& state_;
  const security::MacKey& seal_key_;
  Seq last_;
  Seq commit_from_;
  std::optional<Chain> previous_;  // none: unknown
  bool sound_ = true;
  bool seals_hold_ = true;
};

/// Whether the body shows this value under this field.
bool body_shows(const Record& record, std::string_view field, const security::Sha256& mac) {
  const auto body = core::JsonDocument::parse(record.body);
  if (!body) return false;
  const auto personal = body->root().find("personal");
  const auto shown = personal ? personal->find(field) : std::nullopt;
  const auto text = shown ? shown->text() : core::Result<std::string_view>(core::fail(core::ErrorCode::NotFound));
  return text && *text == core::encode_base64url(mac);
}

struct Digests {
  VerifyReport& report;
  Seq seq;
  const core::JsonDocument& body;

  /// Holds one table against what the snapshot's body says of it.
  void check(const TableSet& set, std::string_view table, const core::Result<TableDigest>& actual) const {
    if (!actual || !says(set.name, table, *actual)) add(report, Flaw::SnapshotWrong, seq, seq, table);
  }

 private:
  [[nodiscard]] bool says(std::string_view set, std::string_view table, const TableDigest& actual) const {
    const auto tables = body.root().find("tables");
    const auto rows =
        tables ? tables->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
    if (!rows) return false;
    const auto text = [](const core::JsonValue& row, std::string_view name) {
      const auto member = row.find(name);
      const auto value =
          member ? member->text() : core::Result<std::string_view>(core::fail(core::ErrorCode::NotFound));
      return value ? *value : std::string_view{};
    };
    for (const core::JsonValue row : *rows) {
      const auto count = row.find("rows");
      if (text(row, "set") == set && text(row, "table") == table) {
        return count && count->integer() == core::Result<std::int64_t>(actual.rows) &&
               text(row, "digest") == core::encode_hex(actual.digest);
      }
    }
    return false;
  }
};

/// Builds the derived tables once more, in memory, and compares.
class Rebuild {
 public:
  Rebuild(VerifyReport& report, detail::Database& live, const JournalId& journal, std::span<const TableSet> sets)
      : report_(report), live_(live), journal_(journal), sets_(sets) {}
  ~Rebuild() {
    if (memory_) memory_->rollback();
  }
  Rebuild(const Rebuild&) = delete;
  Rebuild& operator=(const Rebuild&) = delete;

  /// `snapshot`: the newest, or none where all records are there, from `first` on. False: nothing can be compared.
  [[nodiscard]] bool begin(const std::optional<Record>& snapshot, Seq first) {
    auto memory = detail::Database::in_memory();
    if (!memory || !make_tables(**memory, sets_) || !(*memory)->begin()) return false;
    memory_ = *std::move(memory);
    next_ = snapshot ? snapshot->seq : first;
    return !snapshot || load(*snapshot);
  }

  /// Up to `at_most` records on the way to `last`. False: one of them cannot be read or applied.
  [[nodiscard]] bool replay(Seq last, std::int64_t at_most) {
    const std::int64_t left = last.value() - next_.value() + 1;
    const Seq to(next_.value() + std::min(left, at_most) - 1);
    detail::Transaction transaction(*memory_, sets_, nullptr);
    const auto done =
        each_record(live_, journal_, {.from = next_, .to = to}, [&](const Record& record) -> core::Result<> {
          const auto applied = transaction.apply(record);
          if (!applied) add(report_, Flaw::RebuildFailed, record.seq, record.seq);
          return applied;
        });
    next_ = after(to);
    return done.has_value();
  }
  [[nodiscard]] bool has_come_to(Seq last) const { return next_ > last; }

  void compare() {
    for (const TableSet& set : sets_) {
      for (const std::string_view table : set.tables) {
        const auto rebuilt = table_digest(*memory_, table);
        const auto actual = table_digest(live_, table);
        if (!rebuilt || !actual || *rebuilt != *actual) add(report_, Flaw::TableWrong, Seq{}, Seq{}, table);
      }
    }
  }

 private:
  bool load(const Record& snapshot) {
    const auto body = core::JsonDocument::parse(snapshot.body);
    if (!body || !load_snapshot_rows(live_, *memory_, sets_)) {
      add(report_, Flaw::SnapshotWrong, snapshot.seq, snapshot.seq);
      return false;
    }
    const Digests digests{report_, snapshot.seq, *body};
    for (const TableSet& set : sets_) {
      for (const std::string_view table : set.tables)
        digests.check(set, table, table_digest(*memory_, table));
    }
    return true;
  }

  VerifyReport& report_;
  detail::Database& live_;
  const JournalId& journal_;
  std::span<const TableSet> sets_;
  std::unique_ptr<detail::Database> memory_;
  Seq next_;
};

}  // namespace

std::string_view to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::Changed: return "changed";
    case Flaw::Missing: return "missing";
    case Flaw::Unproven: return "unproven";
    case Flaw::SealWrong: return "seal_wrong";
    case Flaw::SealMissing: return "seal_missing";
    case Flaw::Unreadable: return "unreadable";
    case Flaw::StateWrong: return "state_wrong";
    case Flaw::HeadMissing: return "head_missing";
    case Flaw::RolledBack: return "rolled_back";
    case Flaw::PersonalWrong: return "personal_wrong";
    case Flaw::SnapshotWrong: return "snapshot_wrong";
    case Flaw::TableWrong: return "table_wrong";
    case Flaw::RebuildFailed: return "rebuild_failed";
  }
  return "unknown";
}

class Journal::Impl::Verifier final : public Verification {
 public:
  explicit Verifier(const Impl& journal) : of_(journal) { begin(); }

 private:
  enum class Phase : std::uint8_t { Records, Personal, Rebuild, Done };

  std::optional<VerifyReport> do_step(std::int64_t at_most) override {
    // What was read before is another file's: records are gone, or the rows of the snapshot are others.
    if (of_.file_.base_seq != base_ || of_.file_.snapshot_seq != snapshot_seq_) begin();
    switch (phase_) {
      case Phase::Records: phase_ = read_records(at_most); break;
      case Phase::Personal: phase_ = check_personal(at_most); break;
      case Phase::Rebuild: phase_ = rebuild(at_most); break;
      case Phase::Done: break;
    }
    if (phase_ != Phase::Done) return std::nullopt;
    return report_;
  }

  void begin() {
    rebuild_.reset();
    report_ = {};
    base_ = of_.file_.base_seq;
    snapshot_seq_ = of_.file_.snapshot_seq;
    phase_ = Phase::Records;
    next_ = Seq{1};
    snapshot_.reset();
    personal_ = {};
    const auto stored = load_state(of_.database(), of_.seal_key_);
    if (!stored || !stored->sealed) add(report_, Flaw::StateWrong, after(base_), of_.tail_.seq);
    const auto counter = of_.parts_.key_store.counter();
    if (counter && of_.file_.counter < *counter) add(report_, Flaw::RolledBack, Seq{}, Seq{});
    chain_.emplace(report_, of_.file_, of_.seal_key_);
  }

  Phase read_records(std::int64_t at_most) {
    const auto reached = of_.read_on(next_, at_most, [this](const Found& found) -> core::Result<> {
      if (!found.record) {
        chain_->unreadable(found.gap);
        return {};
      }
      chain_->record(*found.record);
      if (found.record->kind == kSnapshot) snapshot_ = *found.record;
      return {};
    });
    next_ = reached.value_or(Seq{});
    if (next_ != Seq{}) return Phase::Records;
    chain_->end();
    return Phase::Personal;
  }

  /// Every row, also one that belongs to no record: so not from the records.
  Phase check_personal(std::int64_t at_most) {
    std::int64_t rows = 0;
    const auto [last_seq, last_field] = personal_;
    const auto outcome = of_.tables_.each(
        Statement<std::tuple<Seq, std::string, core::Bytes, core::Bytes>(Seq, std::string_view, std::int64_t)>{
            "SELECT seq, field, salt, ciphertext FROM personal WHERE (seq, field) > (?1, ?2) ORDER BY seq, field "
            "LIMIT ?3"},
        [&](Seq seq, const std::string& field, const core::Bytes& salt,
            const core::Bytes& ciphertext) -> core::Result<> {
          ++rows;
          check_value(seq, field, salt, ciphertext);
          personal_ = {seq, field};
          return {};
        },
        last_seq, std::string_view(last_field), at_most);
    if (!outcome) add(report_, Flaw::Unreadable, Seq{}, Seq{}, "personal");
    return outcome && rows == at_most ? Phase::Personal : begin_rebuild();
  }

  void check_value(Seq seq, std::string_view field, core::ByteView salt, core::ByteView ciphertext) {
    const JournalId& journal = of_.file_.journal;
    const auto record = find_record(of_.database(), journal, seq);
    const auto value = of_.personal_key_.decrypt(ciphertext, personal_context(journal, seq, field, salt));
    const auto key = of_.parts_.crypto.import_mac_key(salt);
    if (!record || !value || !key) return add(report_, Flaw::PersonalWrong, seq, seq, field);
    const auto mac = key->mac(value->view());
    if (!mac || !body_shows(*record, field, *mac)) add(report_, Flaw::PersonalWrong, seq, seq, field);
  }

  Phase begin_rebuild() {
    if (!snapshot_ && base_ != Seq{}) {
      add(report_, Flaw::SnapshotWrong, snapshot_seq_, snapshot_seq_);
      return Phase::Done;
    }
    // Tables that a start has yet to bring forward are not those that a rebuild makes.
    const auto older = needs_migration(of_.database(), of_.sets_);
    if (!older || *older) return Phase::Done;
    rebuild_.emplace(report_, of_.database(), of_.file_.journal, of_.sets_);
    return rebuild_->begin(snapshot_, after(base_)) ? Phase::Rebuild : Phase::Done;
  }

  Phase rebuild(std::int64_t at_most) {
    const Seq last = of_.tail_.seq;
    if (!rebuild_->replay(last, at_most)) return Phase::Done;
    if (!rebuild_->has_come_to(last)) return Phase::Rebuild;
    // In the same step as the last record: the tables are as it left them.
    rebuild_->compare();
    report_.tables_compared = true;
    return Phase::Done;
  }

  const Impl& of_;
  VerifyReport report_;
  Seq base_;
  Seq snapshot_seq_;
  Phase phase_ = Phase::Records;
  Seq next_;  // of the records
  std::optional<ChainCheck> chain_;
  std::optional<Record> snapshot_;
  std::pair<Seq, std::string> personal_;  // the last that was looked at
  std::optional<Rebuild> rebuild_;
};

std::unique_ptr<Verification> Journal::Impl::begin_verify() const {
  return std::make_unique<Verifier>(*this);
}

}  // namespace tillkit::journal
