// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <algorithm>
#include <string>

#include "tillkit/journal/tx.hpp"

namespace tillkit::journal {
namespace {

// Released: never changed. What is new is a further migration.

// Numbers as keys, and the sale is the number of its first record: table and index grow at their right end only.
constexpr std::string_view kRecords =
    "CREATE TABLE records(seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, sale INTEGER, "
    "wall_ms INTEGER NOT NULL, quality INTEGER NOT NULL, boot INTEGER NOT NULL, monotonic_us INTEGER NOT NULL, "
    "operator TEXT NOT NULL, shift INTEGER NOT NULL, business_day INTEGER NOT NULL, chain BLOB NOT NULL, seal BLOB, "
    "body TEXT NOT NULL) STRICT";
constexpr std::string_view kRecordsBySale = "CREATE INDEX records_by_sale ON records(sale) WHERE sale IS NOT NULL";
constexpr std::string_view kPersonal =
    "CREATE TABLE personal(seq INTEGER NOT NULL, field TEXT NOT NULL, salt BLOB NOT NULL, ciphertext BLOB NOT NULL, "
    "PRIMARY KEY(seq, field)) STRICT, WITHOUT ROWID";
constexpr std::string_view kState =
    "CREATE TABLE state(one INTEGER PRIMARY KEY CHECK(one = 1), journal BLOB NOT NULL, acknowledged INTEGER NOT NULL, "
    "counter INTEGER NOT NULL, head_seq INTEGER NOT NULL, head_chain BLOB NOT NULL, base_seq INTEGER NOT NULL, "
    "base_chain BLOB NOT NULL, snapshot_seq INTEGER NOT NULL, checkpoints INTEGER NOT NULL, seal BLOB NOT NULL) STRICT";
constexpr std::string_view kSnapshotRows =
    "CREATE TABLE snapshot_rows(number INTEGER PRIMARY KEY, table_set TEXT NOT NULL, table_name TEXT NOT NULL, "
    "row BLOB NOT NULL) STRICT";
constexpr std::string_view kFirst[] = {kRecords, kRecordsBySale, kPersonal, kState, kSnapshotRows};
constexpr Migration kMigrations[] = {kFirst};
constexpr std::string_view kOwnTables[] = {"records", "personal", "state", "snapshot_rows", "versions"};

core::Result<> apply_nothing(Tx&, const Record&) {
  return {};
}

constexpr const char* kReadVersions = "SELECT table_set, version FROM versions";
constexpr const char* kSetVersion =
    "INSERT INTO versions(table_set, version) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET version = excluded.version";

struct Version {
  std::string set;
  std::int64_t version;
};

core::Result<std::vector<Version>> read_versions(detail::Database& database) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(kReadVersions));
  TILLKIT_TRY_VOID(statement->begin({}));
  const detail::Cursor cursor(*statement);
  std::vector<Version> versions;
  for (;;) {
    TILLKIT_TRY(const bool any, statement->step());
    if (!any) return versions;
    TILLKIT_TRY(const std::string_view set, cursor.text(0));
    TILLKIT_TRY(const std::int64_t version, cursor.integer(1));
    versions.push_back({std::string(set), version});
  }
}

core::Result<> check_sets(std::span<const TableSet> sets) {
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].name.empty() || sets[i].apply == nullptr) return core::fail(core::ErrorCode::InvalidArgument);
    for (std::size_t j = 0; j < i; ++j) {
      if (sets[j].name == sets[i].name) return core::fail(core::ErrorCode::InvalidArgument);
    }
    for (const std::string_view table : sets[i].tables) {
      const bool own = std::ranges::find(kOwnTables, table) != std::end(kOwnTables);
      if (own) return core::fail(core::ErrorCode::InvalidArgument);
    }
  }
  return {};
}

}  // namespace

const TableSet& journal_set() {
  static constexpr TableSet kSet{"journal", kMigrations, {}, &apply_nothing};
  return kSet;
}

core::Result<FileKind> look_at(detail::Database& database, std::span<const TableSet> sets, std::uint32_t application) {
  TILLKIT_TRY_VOID(check_sets(sets));
  TILLKIT_TRY(const std::int64_t things, database.number("SELECT count(*) FROM sqlite_master"));
  if (things == 0) return FileKind::Empty;
  TILLKIT_TRY(const std::int64_t marked, database.number("PRAGMA application_id"));
  if (marked != application) return core::fail(core::ErrorCode::Corrupt);
  TILLKIT_TRY(const std::vector<Version> versions, read_versions(database));
  for (const Version& stored : versions) {
    const auto known = std::ranges::find(sets, stored.set, &TableSet::name);
    if (known == sets.end() || stored.version > static_cast<std::int64_t>(known->migrations.size())) {
      return core::fail(core::ErrorCode::Unsupported);
    }
    if (stored.version < 0) return core::fail(core::ErrorCode::Corrupt);
  }
  return FileKind::Journal;
}

core::Result<> mark(detail::Database& database, std::uint32_t application) {
  TILLKIT_TRY_VOID(database.execute("PRAGMA application_id=" + std::to_string(application)));
  return database.execute(
      "CREATE TABLE versions(table_set TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID");
}

core::Result<bool> needs_migration(detail::Database& database, std::span<const TableSet> sets) {
  TILLKIT_TRY(const std::vector<Version> versions, read_versions(database));
  return std::ranges::any_of(sets, [&](const TableSet& set) {
    const auto stored = std::ranges::find(versions, set.name, &Version::set);
    return stored == versions.end() || stored->version != static_cast<std::int64_t>(set.migrations.size());
  });
}

core::Result<bool> migrate(detail::Database& database, std::span<const TableSet> sets) {
  TILLKIT_TRY(const std::vector<Version> versions, read_versions(database));
  bool migrated = false;
  for (const TableSet& set : sets) {
    const auto stored = std::ranges::find(versions, set.name, &Version::set);
    const auto from = stored == versions.end() ? std::size_t{0} : static_cast<std::size_t>(stored->version);
    if (stored != versions.end() && from == set.migrations.size()) continue;
    for (const Migration& migration : set.migrations.subspan(from)) {
      for (const std::string_view statement : migration)
        TILLKIT_TRY_VOID(database.execute(std::string(statement)));
    }
    TILLKIT_TRY_VOID(database.run(kSetVersion, {set.name, static_cast<std::int64_t>(set.migrations.size())}));
    migrated = true;
  }
  return migrated;
}

core::Result<> make_tables(detail::Database& database, std::span<const TableSet> sets) {
  for (const TableSet& set : sets) {
    for (const Migration& migration : set.migrations) {
      for (const std::string_view statement : migration)
        TILLKIT_TRY_VOID(database.execute(std::string(statement)));
    }
  }
  return {};
}

}  // namespace tillkit::journal
