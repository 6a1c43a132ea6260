// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/cache.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "database.hpp"
#include "schema.hpp"
#include "tillkit/journal/journal.hpp"

namespace tillkit::journal {
namespace {

/// Items are read by the thousand and never one per flush: the file system's own page.
constexpr std::uint32_t kPageBytes = 4096;

constexpr std::string_view kFirst[] = {
    "CREATE TABLE cursors(feed TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID"};
constexpr Migration kMigrations[] = {kFirst};
constexpr std::array<std::string_view, 2> kOwnTables{"cursors", "versions"};

constexpr const char* kMove =
    "INSERT INTO cursors(feed, cursor) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET cursor = excluded.cursor";
constexpr Statement<std::tuple<std::string>(std::string_view)> kCursor{"SELECT cursor FROM cursors WHERE feed = ?1"};

core::Result<> apply_nothing(Tx&, const Record&) {
  return {};
}

detail::DatabaseSettings database_settings(const CacheSettings& settings) {
  return {.path = settings.path, .vfs = settings.vfs, .page_bytes = kPageBytes};
}

class OpenTables : public Tables {
 public:
  explicit OpenTables(detail::Database& database) : Tables(database) {}
};

}  // namespace

class Cache::Impl {
 public:
  explicit Impl(std::unique_ptr<detail::Database> opened) : database(std::move(opened)), tables(*database) {}

  std::unique_ptr<detail::Database> database;
  OpenTables tables;
  bool busy = false;
};

core::Result<std::unique_ptr<Cache>> Cache::open(const CacheSettings& settings, std::span<const ReplicaSet> sets) {
  std::vector<TableSet> all{{"cache", kMigrations, {}, &apply_nothing}};
  for (const ReplicaSet& set : sets)
    all.push_back({set.name, set.migrations, {}, &apply_nothing});

  TILLKIT_TRY(auto database, detail::Database::open(database_settings(settings)));
  TILLKIT_TRY(const FileKind file, look_at(*database, all, kCacheFile));
  TILLKIT_TRY_VOID(database->prepare_for_writing(detail::Durability::Eventually));
  TILLKIT_TRY_VOID(database->begin());
  const auto made = [&]() -> core::Result<> {
    if (file == FileKind::Empty) TILLKIT_TRY_VOID(mark(*database, kCacheFile));
    TILLKIT_TRY_VOID(migrate(*database, all));
    return database->commit();
  }();
  if (!made) {
    database->rollback();
    return std::unexpected(made.error());
  }
  database->bring_wal_home_when_closing(true);
  return std::unique_ptr<Cache>(new Cache(std::make_unique<Impl>(std::move(database))));
}

core::Result<> Cache::discard(const CacheSettings& settings) {
  return detail::Database::remove(database_settings(settings));
}

Cache::Cache(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cache::~Cache() = default;

const Tables& Cache::tables() const {
  return impl_->tables;
}

core::Result<std::string> Cache::cursor(std::string_view feed) const {
  TILLKIT_TRY(const auto found, impl_->tables.find(kCursor, feed));
  return found ? std::get<0>(*found) : std::string{};
}

core::Result<> Cache::run(StepFunction function, void* change) {
  if (impl_->busy) return core::fail(core::ErrorCode::FailedPrecondition);
  detail::Database& database = *impl_->database;
  TILLKIT_TRY_VOID(database.begin());
  impl_->busy = true;
  CacheTx tx(database);
  core::Result<> outcome = function(change, tx);
  impl_->busy = false;
  if (outcome) outcome = tx.outcome_;
  if (outcome) outcome = database.commit();
  if (!outcome) database.rollback();
  // The step is done, whatever becomes of the checkpoint: it is tried again after the next one.
  if (outcome && database.wal_pages() >= kWalPagesMax) static_cast<void>(database.checkpoint(false));
  return outcome;
}

core::Result<std::int64_t> CacheTx::change(const char* sql, std::initializer_list<detail::Value> arguments) {
  if (!outcome_) return std::unexpected(outcome_.error());
  auto changed = [&]() -> core::Result<std::int64_t> {
    TILLKIT_TRY(detail::PreparedStatement* const statement, database_->prepare(sql));
    const auto own = [](const std::string& table) {
      return std::ranges::find(kOwnTables, std::string_view(table)) != kOwnTables.end();
    };
    if (std::ranges::any_of(statement->written(), own)) return core::fail(core::ErrorCode::PermissionDenied);
    if (statement->columns() != 0) return core::fail(core::ErrorCode::InvalidArgument);
    TILLKIT_TRY(const std::int64_t rows, database_->run(*statement, std::span(arguments.begin(), arguments.size())));
    rows_ += rows;
    if (rows_ > kCacheRowsPerStepMax) return core::fail(core::ErrorCode::Exhausted);
    return rows;
  }();
  if (!changed) outcome_ = std::unexpected(changed.error());
  return changed;
}

core::Result<> CacheTx::move_cursor(std::string_view feed, std::string_view cursor) {
  if (feed.empty() || cursor.size() > kCursorBytesMax) return core::fail(core::ErrorCode::InvalidArgument);
  const auto moved = database_->run(kMove, {feed, cursor});
  if (!moved) outcome_ = std::unexpected(moved.error());
  return any_rows(moved);
}

bool Cache::checkpoint_due() const {
  return impl_->database->wal_pages() >= kCheckpointPages;
}

core::Result<> Cache::checkpoint() {
  if (impl_->busy) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY_VOID(impl_->database->checkpoint(false));
  impl_->database->wal_is_home();
  return {};
}

}  // namespace tillkit::journal
