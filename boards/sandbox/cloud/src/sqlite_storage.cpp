// SPDX-License-Identifier: Apache-2.0
#include "sqlite_storage.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <map>

#include <sqlite3.h>
#include <unistd.h>

#include "tillkit/core/assert.hpp"

namespace tillkit::sandbox {
namespace {

using core::ErrorCode;
using core::ErrorSource;
using core::fail;
using core::Result;

/// What a test sees of a program that died as it was told to.
constexpr int kDiedAsTold = 86;

std::unexpected<core::Error> failure(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return fail(ErrorCode::Exhausted, ErrorSource::Sqlite, code);
    case SQLITE_BUSY: return fail(ErrorCode::FailedPrecondition, ErrorSource::Sqlite, code);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(ErrorCode::Corrupt, ErrorSource::Sqlite, code);
    default: return fail(ErrorCode::Unavailable, ErrorSource::Sqlite, code);
  }
}

Result<> check(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
  return failure(code);
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// The statements of one table, made once.
struct Statements {
  Statement get;
  Statement list;
  Statement list_all;
  Statement put;
  Statement erase;
};

/// One run of a prepared statement; leaves it as it found it.
class Run {
 public:
  explicit Run(const Statement& statement) : statement_(statement.get()) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  Run& text(std::string_view value) {
    // An empty view may point nowhere, which SQLite would take for NULL.
    const char* bytes = value.data() == nullptr ? "" : value.data();
    keep(sqlite3_bind_text64(statement_, ++bound_, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
  }
  Run& number(std::size_t value) {
    keep(sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value)));
    return *this;
  }

  /// True: there is a row.
  Result<bool> step() {
    if (first_error_ != SQLITE_OK) return failure(first_error_);
    const int code = sqlite3_step(statement_);
    TILLKIT_TRY_VOID(check(code));
    return code == SQLITE_ROW;
  }

  [[nodiscard]] std::string column(int index) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, index));
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, index)));
  }

 private:
  void keep(int code) {
    if (first_error_ == SQLITE_OK) first_error_ = code;
  }

  sqlite3_stmt* statement_;
  int bound_ = 0;
  int first_error_ = SQLITE_OK;
};

class SqliteStorage final : public Storage, private Tx {
 public:
  SqliteStorage(Database database, DieAt die_at) : database_(std::move(database)), die_at_(die_at) {}

  Result<> set_up(std::span<const Table> tables) {
    // One process, one connection: the lock is taken at the first read and held for good.
    TILLKIT_TRY_VOID(execute("PRAGMA locking_mode=EXCLUSIVE"));
    TILLKIT_TRY_VOID(execute("PRAGMA journal_mode=WAL"));
    TILLKIT_TRY_VOID(execute("PRAGMA synchronous=FULL"));
    for (const Table table : tables) {
      TILLKIT_TRY_VOID(add_table(std::string(table.name)));
    }
    return {};
  }

  Result<> update(const std::function<Result<>(Tx&)>& work) override {
    TILLKIT_TRY_VOID(execute("BEGIN IMMEDIATE"));
    const int changes_before = sqlite3_total_changes(database_.get());
    auto outcome = work(*this);
    const bool wrote = sqlite3_total_changes(database_.get()) != changes_before;
    if (outcome && wrote) maybe_die();
    if (outcome) outcome = execute("COMMIT");
    if (!outcome) {
      // A failed commit may have rolled back by itself; then there is nothing left to take back.
      if (sqlite3_get_autocommit(database_.get()) == 0) std::ignore = execute("ROLLBACK");
      return outcome;
    }
    if (wrote) maybe_die();
    return {};
  }

  Result<> view(const std::function<Result<>(Reader&)>& work) override { return work(*this); }

 private:
  Result<std::optional<std::string>> get(Table table, std::string_view owner, std::string_view key) override {
    Run run(of(table).get);
    TILLKIT_TRY(const bool found, run.text(owner).text(key).step());
    if (!found) return std::optional<std::string>();
    return std::optional(run.column(0));
  }

  Result<std::vector<Row>> list(Table table, std::string_view owner, std::string_view after,
                                std::size_t limit) override {
    Run run(of(table).list);
    run.text(owner).text(after).number(limit);
    return rows_of(run);
  }

  Result<std::vector<Row>> list_all(Table table, const RowKey& after, std::size_t limit) override {
    Run run(of(table).list_all);
    run.text(after.owner).text(after.key).number(limit);
    return rows_of(run);
  }

  Result<> put(Table table, std::string_view owner, std::string_view key, std::string_view value) override {
    Run run(of(table).put);
    TILLKIT_TRY_VOID(run.text(owner).text(key).text(value).step());
    return {};
  }

  Result<> erase(Table table, std::string_view owner, std::string_view key) override {
    Run run(of(table).erase);
    TILLKIT_TRY_VOID(run.text(owner).text(key).step());
    return {};
  }

  static Result<std::vector<Row>> rows_of(Run& run) {
    std::vector<Row> rows;
    while (true) {
      TILLKIT_TRY(const bool found, run.step());
      if (!found) return rows;
      rows.push_back({{run.column(0), run.column(1)}, run.column(2)});
    }
  }

  const Statements& of(Table table) const {
    const auto found = statements_.find(table.name);
    TILLKIT_ASSERT(found != statements_.end());
    return found->second;
  }

  Result<> add_table(const std::string& name) {
    TILLKIT_TRY_VOID(execute("CREATE TABLE IF NOT EXISTS " + name +
                             " (owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, "
                             "PRIMARY KEY (owner, key)) WITHOUT ROWID, STRICT"));
    Statements made;
    const std::array<std::pair<Statement*, std::string>, 5> texts{{
        {&made.get, "SELECT value FROM " + name + " WHERE owner = ? AND key = ?"},
        {&made.list,
         "SELECT owner, key, value FROM " + name + " WHERE owner = ? AND key > ? ORDER BY owner, key LIMIT ?"},
        {&made.list_all,
         "SELECT owner, key, value FROM " + name + " WHERE (owner, key) > (?, ?) ORDER BY owner, key LIMIT ?"},
        {&made.put, "INSERT OR REPLACE INTO " + name + " (owner, key, value) VALUES (?, ?, ?)"},
        {&made.erase, "DELETE FROM " + name + " WHERE owner = ? AND key = ?"},
    }};
    for (const auto& [statement, text] : texts) {
      sqlite3_stmt* prepared = nullptr;
      TILLKIT_TRY_VOID(check(sqlite3_prepare_v3(database_.get(), text.c_str(), static_cast<int>(text.size()),
                                                SQLITE_PREPARE_PERSISTENT, &prepared, nullptr)));
      statement->reset(prepared);
    }
    statements_.emplace(name, std::move(made));
    return {};
  }

  Result<> execute(const std::string& text) {
    return check(sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr));
  }

  void maybe_die() {
    if (++point_ == die_at_.point) _exit(kDiedAsTold);
  }

  Database database_;
  DieAt die_at_;
  std::int64_t point_ = 0;
  // Behind the database, so that the statements go first.
  std::map<std::string, Statements, std::less<>> statements_;
};

}  // namespace

std::string number_key(std::int64_t number) {
  constexpr std::size_t kDigits = 19;
  TILLKIT_ASSERT(number >= 0);
  std::string digits = std::to_string(number);
  return std::string(kDigits - digits.size(), '0') + digits;
}

DieAt die_at_of_environment(const char* name) {
  DieAt die_at;
  // Asked before there is a second thread.
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  if (text == nullptr) return die_at;
  const std::string_view digits = text;
  std::from_chars(digits.data(), digits.data() + digits.size(), die_at.point);
  return die_at;
}

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::string& path, std::span<const Table> tables,
                                                     DieAt die_at) {
  TILLKIT_TRY_VOID(check(sqlite3_initialize()));
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(opened);
  TILLKIT_TRY_VOID(check(code));
  sqlite3_extended_result_codes(opened, 1);
  auto storage = std::make_unique<SqliteStorage>(std::move(database), die_at);
  TILLKIT_TRY_VOID(storage->set_up(tables));
  return std::unique_ptr<Storage>(std::move(storage));
}

}  // namespace tillkit::sandbox
