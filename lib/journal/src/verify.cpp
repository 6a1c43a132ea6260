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

  /// `snapshot`: the newest, or none where all records are there. False: it did not come to comparing.
  [[nodiscard]] bool run(const std::optional<Record>& snapshot, Seq first, Seq last) {
    auto memory = detail::Database::in_memory();
    if (!memory || !make_tables(**memory, sets_) || !(*memory)->begin()) return false;
    if (snapshot && !load(**memory, *snapshot)) return false;
    if (!replay(**memory, snapshot ? snapshot->seq : first, last)) return false;
    for (const TableSet& set : sets_) {
      for (const std::string_view table : set.tables) {
        const auto rebuilt = table_digest(**memory, table);
        const auto actual = table_digest(live_, table);
        if (!rebuilt || !actual || *rebuilt != *actual) add(report_, Flaw::TableWrong, Seq{}, Seq{}, table);
      }
    }
    (*memory)->rollback();
    return true;
  }

 private:
  bool load(detail::Database& memory, const Record& snapshot) {
    const auto body = core::JsonDocument::parse(snapshot.body);
    if (!body || !load_snapshot_rows(live_, memory, sets_)) {
      add(report_, Flaw::SnapshotWrong, snapshot.seq, snapshot.seq);
      return false;
    }
    const Digests digests{report_, snapshot.seq, *body};
    for (const TableSet& set : sets_) {
      for (const std::string_view table : set.tables)
        digests.check(set, table, table_digest(memory, table));
    }
    return true;
  }

  bool replay(detail::Database& memory, Seq first, Seq last) {
    detail::Transaction transaction(memory, sets_, nullptr);
    return each_record(live_, journal_, {.from = first, .to = last},
                       [&](const Record& record) -> core::Result<> {
                         const auto applied = transaction.apply(record);
                         if (!applied) add(report_, Flaw::RebuildFailed, record.seq, record.seq);
                         return applied;
                       })
        .has_value();
  }

  VerifyReport& report_;
  detail::Database& live_;
  const JournalId& journal_;
  std::span<const TableSet> sets_;
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

void Journal::Impl::check_personal(VerifyReport& report) const {
  // Every row, also one that belongs to no record: so not from the records.
  const auto outcome = tables_.each(
      Statement<std::tuple<Seq, std::string, core::Bytes, core::Bytes>()>{
          "SELECT seq, field, salt, ciphertext FROM personal ORDER BY seq, field"},
      [&](Seq seq, const std::string& field, const core::Bytes& salt, const core::Bytes& ciphertext) -> core::Result<> {
        const auto record = find_record(*database_, file_.journal, seq);
        const auto value = personal_key_.decrypt(ciphertext, personal_context(file_.journal, seq, field, salt));
        const auto key = parts_.crypto.import_mac_key(salt);
        if (!record || !value || !key) {
          add(report, Flaw::PersonalWrong, seq, seq, field);
          return {};
        }
        const auto mac = key->mac(value->view());
        if (!mac || !body_shows(*record, field, *mac)) add(report, Flaw::PersonalWrong, seq, seq, field);
        return {};
      });
  if (!outcome) add(report, Flaw::Unreadable, Seq{}, Seq{}, "personal");
}

VerifyReport Journal::Impl::verify() const {
  VerifyReport report;
  const auto stored = load_state(*database_, seal_key_);
  if (!stored || !stored->sealed) add(report, Flaw::StateWrong, after(file_.base_seq), tail_.seq);
  const auto counter = parts_.key_store.counter();
  if (counter && file_.counter < *counter) add(report, Flaw::RolledBack, Seq{}, Seq{});

  ChainCheck chain(report, file_, seal_key_);
  std::optional<Record> snapshot;
  TolerantReader records(*database_, file_.journal, std::max(file_.head_seq, file_.acknowledged));
  while (const auto found = records.next()) {
    if (!found->record) {
      chain.unreadable(found->gap);
      continue;
    }
    chain.record(*found->record);
    if (found->record->kind == kSnapshot) snapshot = *found->record;
  }
  chain.end();
  check_personal(report);

  if (!snapshot && file_.base_seq != Seq{}) {
    add(report, Flaw::SnapshotWrong, file_.snapshot_seq, file_.snapshot_seq);
    return report;
  }
  // Tables that a start has yet to bring forward are not those that a rebuild makes.
  const auto older = needs_migration(*database_, sets_);
  if (!older || *older) return report;
  Rebuild rebuild(report, *database_, file_.journal, sets_);
  report.tables_compared = rebuild.run(snapshot, after(file_.base_seq), tail_.seq);
  return report;
}

}  // namespace tillkit::journal
