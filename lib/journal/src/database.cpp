// SPDX-License-Identifier: Apache-2.0
#include "database.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include <sqlite3.h>

#include "tillkit/core/assert.hpp"

namespace tillkit::journal::detail {
namespace {

/// Rows and pages that SQLite keeps in memory, in KiB.
constexpr int kCacheKib = 1024;

core::ErrorCode code_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return core::ErrorCode::Exhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return core::ErrorCode::Corrupt;
    case SQLITE_CONSTRAINT:
      return code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_ROWID
                 ? core::ErrorCode::AlreadyExists
                 : core::ErrorCode::InvalidArgument;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return core::ErrorCode::PermissionDenied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return core::ErrorCode::Unavailable;
    default: return core::ErrorCode::InvalidArgument;
  }
}

/// Null: none is open.
sqlite3_file* wal_file(sqlite3* connection) {
  sqlite3_file* wal = nullptr;
  const int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&wal));
  return code == SQLITE_OK && wal != nullptr && wal->pMethods != nullptr ? wal : nullptr;
}

std::unexpected<core::Error> failed(int code) {
  return std::unexpected(sqlite_error(code));
}

core::Result<> outcome(int code) {
  if (code == SQLITE_OK) return {};
  return failed(code);
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(std::string_view text) const {
      // A null pointer would bind NULL.
      return sqlite3_bind_text64(statement, index, text.data() == nullptr ? "" : text.data(), text.size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(core::ByteView bytes) const {
      if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, index}, value);
}

}  // namespace

core::Error sqlite_error(int code) {
  return core::Error{code_of(code), core::ErrorSource::Sqlite, code};
}

PreparedStatement::~PreparedStatement() {
  sqlite3_finalize(statement_);
}

core::Result<> PreparedStatement::begin(std::span<const Value> arguments) {
  if (under_way_) return core::fail(core::ErrorCode::FailedPrecondition);
  int index = 0;
  for (const Value& argument : arguments) {
    if (const int code = bind(statement_, ++index, argument); code != SQLITE_OK) {
      sqlite3_clear_bindings(statement_);
      return failed(code);
    }
  }
  under_way_ = true;
  return {};
}

core::Result<bool> PreparedStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failed(code);
}

void PreparedStatement::finish() {
  // What a reset repeats is the error of the last step, which was reported there.
  static_cast<void>(sqlite3_reset(statement_));
  sqlite3_clear_bindings(statement_);
  under_way_ = false;
}

int PreparedStatement::columns() const {
  return sqlite3_column_count(statement_);
}

core::Result<std::unique_ptr<Database>> Database::open(const DatabaseSettings& settings) {
  TILLKIT_TRY_VOID(outcome(sqlite3_initialize()));
  sqlite3* connection = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (settings.create ? SQLITE_OPEN_CREATE : 0);
  const int code =
      sqlite3_open_v2(settings.path.c_str(), &connection, flags, settings.vfs.empty() ? nullptr : settings.vfs.c_str());
  std::unique_ptr<Database> database(new Database(connection));  // also closes what failed to open
  if (code != SQLITE_OK) return failed(code);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  database->set_up();
  // Exclusive before the first access: no shared memory, and nobody else gets in.
  TILLKIT_TRY_VOID(database->execute("PRAGMA locking_mode=EXCLUSIVE"));
  if (settings.page_bytes != 0) {
    TILLKIT_TRY_VOID(database->execute("PRAGMA page_size=" + std::to_string(settings.page_bytes)));
  }
  // Reading the head takes the lock, and reads what a WAL holds.
  TILLKIT_TRY_VOID(database->number("PRAGMA schema_version"));
  // Where there is nothing to bring home, an empty WAL that opening has made may go again.
  if (database->wal_bytes() == 0) database->bring_wal_home_when_closing(true);
  return database;
}

core::Result<std::unique_ptr<Database>> Database::in_memory() {
  TILLKIT_TRY_VOID(outcome(sqlite3_initialize()));
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(
      ":memory:", &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  std::unique_ptr<Database> database(new Database(connection));
  if (code != SQLITE_OK) return failed(code);
  database->set_up();
  return database;
}

core::Result<> Database::remove(const DatabaseSettings& settings) {
  TILLKIT_TRY_VOID(outcome(sqlite3_initialize()));
  sqlite3_vfs* const vfs = sqlite3_vfs_find(settings.vfs.empty() ? nullptr : settings.vfs.c_str());
  if (vfs == nullptr) return core::fail(core::ErrorCode::NotFound);
  // The WAL last: alone it is nothing, but with an older file it would be read.
  for (const std::string& path : {settings.path, settings.path + "-wal"}) {
    const int code = vfs->xDelete(vfs, path.c_str(), 1);
    if (code != SQLITE_OK && code != SQLITE_IOERR_DELETE_NOENT) return failed(code);
  }
  return {};
}

Database::~Database() {
  statements_.clear();
  const int code = sqlite3_close(connection_);
  TILLKIT_ASSERT(code == SQLITE_OK);  // it refuses only while a statement lives
}

/// What a file and a rebuild in memory have in common.
void Database::set_up() {
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_wal_hook(connection_, &Database::on_wal, this);  // also takes the place of the automatic checkpoint
  sqlite3_set_authorizer(connection_, &Database::on_compile, this);
}

core::Result<> Database::prepare_for_writing(Durability durability) {
  TILLKIT_TRY(const std::string mode, text("PRAGMA journal_mode=WAL"));
  if (mode != "wal") return core::fail(core::ErrorCode::Unsupported);
  TILLKIT_TRY_VOID(
      execute(durability == Durability::EveryCommit ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
  TILLKIT_TRY_VOID(execute("PRAGMA cache_size=-" + std::to_string(kCacheKib)));
  // What does not fit the cache stays in memory until the commit: a transaction that is rolled back wrote nothing.
  TILLKIT_TRY_VOID(execute("PRAGMA cache_spill=OFF"));
  // What is deleted is overwritten: a forgotten phone number must not lie about in a free page.
  return execute("PRAGMA secure_delete=ON");
}

void Database::bring_wal_home_when_closing(bool bring) {
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, bring ? 0 : 1, nullptr);
}

core::Result<> Database::execute(const std::string& sql) {
  compiling_for_module_ = false;
  return outcome(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr));
}

/// Hands the first row of a statement of our own to `read`. There must be one.
template <class Read>
core::Result<> Database::first_row(const std::string& sql, const Read& read) {
  compiling_for_module_ = false;
  sqlite3_stmt* statement = nullptr;
  if (const int code = sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr); code != SQLITE_OK) {
    return failed(code);
  }
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) read(statement);
  sqlite3_finalize(statement);
  if (code != SQLITE_ROW) return failed(code == SQLITE_DONE ? SQLITE_ERROR : code);
  return {};
}

core::Result<std::int64_t> Database::number(const std::string& sql) {
  std::int64_t value = 0;
  TILLKIT_TRY_VOID(first_row(sql, [&](sqlite3_stmt* row) { value = sqlite3_column_int64(row, 0); }));
  return value;
}

core::Result<std::string> Database::text(const std::string& sql) {
  std::string value;
  TILLKIT_TRY_VOID(first_row(sql, [&](sqlite3_stmt* row) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
    if (text != nullptr) value = text;
  }));
  return value;
}

core::Result<PreparedStatement*> Database::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
  if (statements_.size() >= kStatementsMax) return core::fail(core::ErrorCode::Exhausted);
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }

  compiling_for_module_ = true;
  compiling_writes_.clear();
  sqlite3_stmt* handle = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &handle, &rest);
  compiling_for_module_ = false;
  if (code != SQLITE_OK) return failed(code);
  if (handle == nullptr) return core::fail(core::ErrorCode::InvalidArgument);
  auto statement = std::make_unique<PreparedStatement>(handle, std::string(sql), std::exchange(compiling_writes_, {}));
  const std::string_view key = statement->sql();
  return statements_.emplace(key, std::move(statement)).first->second.get();
}

core::Result<std::int64_t> Database::run(PreparedStatement& statement, std::span<const Value> arguments) {
  TILLKIT_TRY_VOID(statement.begin(arguments));
  const auto stepped = statement.step();
  statement.finish();
  if (!stepped) return std::unexpected(stepped.error());
  return sqlite3_changes64(connection_);
}

core::Result<std::int64_t> Database::run(std::string_view sql, std::span<const Value> arguments) {
  TILLKIT_TRY(PreparedStatement* const statement, prepare(sql));
  return run(*statement, arguments);
}

core::Result<> Database::begin() {
  return execute("BEGIN");
}

core::Result<> Database::commit() {
  const int code = sqlite3_exec(connection_, "COMMIT", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  rollback();
  core::Error error = sqlite_error(code);
  // The frame that makes a commit is the last one written, so a disk that is full before it leaves no commit behind.
  // Nothing else says that surely: not a failed write, and a failed flush least of all.
  const bool nothing_happened = (code & 0xFF) == SQLITE_FULL ? commit_is_last_write() : (code & 0xFF) != SQLITE_IOERR;
  if (!nothing_happened) error.code = core::ErrorCode::Timeout;
  return std::unexpected(error);
}

void Database::rollback() {
  // SQLite may have rolled back by itself: then there is nothing to do.
  if (sqlite3_get_autocommit(connection_) != 0) return;
  const int code = sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  TILLKIT_ASSERT(code == SQLITE_OK || sqlite3_get_autocommit(connection_) != 0);
}

bool Database::writing() const {
  return sqlite3_txn_state(connection_, "main") == SQLITE_TXN_WRITE;
}

core::Result<> Database::checkpoint(bool empty) {
  int pages = 0;
  int copied = 0;
  const int mode = empty ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(connection_, "main", mode, &pages, &copied);
  if (code == SQLITE_OK) return {};
  core::Error error = sqlite_error(code);
  if ((code & 0xFF) == SQLITE_IOERR) error.code = core::ErrorCode::Timeout;
  return std::unexpected(error);
}

core::Result<> Database::write_wal_again() {
  sqlite3_file* const wal = wal_file(connection_);
  if (wal == nullptr) return {};
  sqlite3_int64 end = 0;
  int code = wal->pMethods->xFileSize(wal, &end);
  std::array<std::byte, 4'096> block{};
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < end; at += static_cast<sqlite3_int64>(block.size())) {
    const int size = static_cast<int>(std::min(end - at, static_cast<sqlite3_int64>(block.size())));
    code = wal->pMethods->xRead(wal, block.data(), size, at);
    if (code == SQLITE_OK) code = wal->pMethods->xWrite(wal, block.data(), size, at);
  }
  if (code == SQLITE_OK && end > 0) code = wal->pMethods->xSync(wal, SQLITE_SYNC_FULL);
  if (code == SQLITE_OK) return {};
  core::Error error = sqlite_error(code);
  error.code = core::ErrorCode::Timeout;
  return std::unexpected(error);
}

std::int64_t Database::wal_bytes() const {
  sqlite3_file* const wal = wal_file(connection_);
  if (wal == nullptr) return 0;
  sqlite3_int64 bytes = 0;
  return wal->pMethods->xFileSize(wal, &bytes) == SQLITE_OK ? bytes : 1;  // unknown: not nothing
}

/// Without 'powersafe overwrite' SQLite repeats the commit's frame up to the end of the sector.
bool Database::commit_is_last_write() const {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr) {
    return false;
  }
  return (file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
}

int Database::on_wal(void* self, sqlite3*, const char*, int pages) {
  static_cast<Database*>(self)->wal_pages_ = pages;
  return SQLITE_OK;
}

int Database::on_compile(void* self, int action, const char* first, const char*, const char*, const char*) {
  auto& database = *static_cast<Database*>(self);
  if (!database.compiling_for_module_) return SQLITE_OK;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: {
      auto& writes = database.compiling_writes_;
      if (std::ranges::find(writes, first) == writes.end()) writes.emplace_back(first);
      return SQLITE_OK;
    }
    default: return SQLITE_DENY;
  }
}

Cursor::~Cursor() {
  if (statement_ != nullptr) statement_->finish();
}

core::Result<bool> Cursor::next() {
  return statement_->step();
}

int Cursor::columns() const {
  return statement_->columns();
}

ColumnType Cursor::type(int column) const {
  switch (sqlite3_column_type(statement_->handle(), column)) {
    case SQLITE_INTEGER: return ColumnType::Integer;
    case SQLITE_FLOAT: return ColumnType::Real;
    case SQLITE_TEXT: return ColumnType::Text;
    case SQLITE_BLOB: return ColumnType::Bytes;
    default: return ColumnType::Null;
  }
}

core::Result<std::int64_t> Cursor::integer(int column) const {
  if (type(column) != ColumnType::Integer) return core::fail(core::ErrorCode::Corrupt);
  return sqlite3_column_int64(statement_->handle(), column);
}

core::Result<std::string_view> Cursor::text(int column) const {
  if (type(column) != ColumnType::Text) return core::fail(core::ErrorCode::Corrupt);
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_->handle(), column));
  if (text == nullptr) return core::fail(core::ErrorCode::Exhausted);  // no memory
  return std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle(), column)));
}

core::Result<core::ByteView> Cursor::bytes(int column) const {
  if (type(column) != ColumnType::Bytes) return core::fail(core::ErrorCode::Corrupt);
  const auto* const bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_->handle(), column));
  return core::ByteView(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle(), column)));
}

}  // namespace tillkit::journal::detail

namespace tillkit::journal {

core::Result<detail::Cursor> Tables::read(const char* sql, std::initializer_list<detail::Value> arguments,
                                          std::size_t columns) const {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database_->prepare(sql));
  if (!statement->written().empty() || static_cast<std::size_t>(statement->columns()) != columns) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  TILLKIT_TRY_VOID(statement->begin(arguments));
  return detail::Cursor(*statement);
}

}  // namespace tillkit::journal
