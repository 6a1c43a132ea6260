// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/statement.hpp"

struct sqlite3;       // NOLINT(readability-identifier-naming): its own name
struct sqlite3_stmt;  // NOLINT(readability-identifier-naming)

namespace tillkit::journal {

inline constexpr std::size_t kStatementsMax = 512;

namespace detail {

/// The error that an extended result code of SQLite stands for.
[[nodiscard]] core::Error sqlite_error(int code);

class PreparedStatement {
 public:
  PreparedStatement(sqlite3_stmt* statement, std::string sql, std::vector<std::string> written)
      : statement_(statement), sql_(std::move(sql)), written_(std::move(written)) {}
  ~PreparedStatement();
  PreparedStatement(const PreparedStatement&) = delete;
  PreparedStatement& operator=(const PreparedStatement&) = delete;

  /// Binds; what a view shows must live until the statement ends. Then it is under way until `finish`.
  [[nodiscard]] core::Result<> begin(std::span<const Value> arguments);
  [[nodiscard]] core::Result<> begin(std::initializer_list<Value> arguments) {
    return begin(std::span(arguments.begin(), arguments.size()));
  }
  [[nodiscard]] core::Result<bool> step();
  void finish();

  [[nodiscard]] sqlite3_stmt* handle() const { return statement_; }
  [[nodiscard]] std::string_view sql() const { return sql_; }
  /// The tables that it writes to.
  [[nodiscard]] std::span<const std::string> written() const { return written_; }
  [[nodiscard]] int columns() const;

 private:
  sqlite3_stmt* statement_;
  std::string sql_;
  std::vector<std::string> written_;
  bool under_way_ = false;
};

enum class Durability : std::uint8_t {
  EveryCommit,  ///< synchronous=FULL: one flush per commit
  Eventually,   ///< synchronous=NORMAL: consistent after a power cut, the last commits may be gone
};

struct DatabaseSettings {
  std::string path;
  std::string vfs;
  std::uint32_t page_bytes = 0;  ///< for a new file; 0: as the file is
  bool create = true;
};

/// One connection to one file: the only one that writes and checkpoints it.
class Database {
 public:
  /// Opens, locks the file for itself and reads its head. Changes nothing yet, also not the journal mode: until
  /// `prepare_for_writing` closing leaves the file and its WAL byte for byte as they were.
  /// - NotFound: there is no such file, and none was to be made. - Unavailable: somebody else has it, or it cannot be
  /// opened. - Corrupt: no SQLite file.
  [[nodiscard]] static core::Result<std::unique_ptr<Database>> open(const DatabaseSettings& settings);
  /// Deletes a file that nobody has open, and its WAL. What is not there is no error.
  [[nodiscard]] static core::Result<> remove(const DatabaseSettings& settings);
  /// A database in memory.
  [[nodiscard]] static core::Result<std::unique_ptr<Database>> in_memory();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Sets WAL and the durability.
  /// - Unsupported: the VFS cannot do WAL.
  [[nodiscard]] core::Result<> prepare_for_writing(Durability durability);
  /// Whether closing copies the WAL into the file, or leaves both as they are, as a power cut does.
  void bring_wal_home_when_closing(bool bring);

  /// Runs SQL of our own that gives no rows.
  [[nodiscard]] core::Result<> execute(const std::string& sql);
  /// The one number that SQL of our own gives (`PRAGMA page_count`).
  [[nodiscard]] core::Result<std::int64_t> number(const std::string& sql);
  /// The one text.
  [[nodiscard]] core::Result<std::string> text(const std::string& sql);

  /// Compiles, or finds again. Statements of modules may read and change rows, nothing else.
  [[nodiscard]] core::Result<PreparedStatement*> prepare(std::string_view sql);

  /// Runs a statement that gives no rows. The number of rows that changed.
  [[nodiscard]] core::Result<std::int64_t> run(PreparedStatement& statement, std::span<const Value> arguments);
  [[nodiscard]] core::Result<std::int64_t> run(std::string_view sql, std::span<const Value> arguments);
  [[nodiscard]] core::Result<std::int64_t> run(std::string_view sql, std::initializer_list<Value> arguments) {
    return run(sql, std::span(arguments.begin(), arguments.size()));
  }

  [[nodiscard]] core::Result<> begin();
  /// - Exhausted: the disk is full. Nothing happened.
  /// - Timeout: the device failed while writing or flushing. Whether the commit is there shows only a reopened file.
  [[nodiscard]] core::Result<> commit();
  void rollback();
  /// Whether the open transaction has begun to write.
  [[nodiscard]] bool writing() const;

  [[nodiscard]] std::int64_t wal_bytes() const;
  /// Pages in the WAL after the last commit.
  [[nodiscard]] int wal_pages() const { return wal_pages_; }
  /// A checkpoint has copied them all: they will be written over.
  void wal_is_home() { wal_pages_ = 0; }
  /// Writes what the WAL shows once more, and flushes it. After a flush that failed a program goes on seeing what was
  /// to be written, but no later flush brings it to the medium; what is committed behind it would be lost with it.
  /// - Timeout: the device failed while writing or flushing.
  [[nodiscard]] core::Result<> write_wal_again();
  /// Copies the WAL into the file. `empty` also cuts the WAL to nothing.
  /// - Unavailable: a read is under way; later. - Timeout: the device failed while writing or flushing.
  [[nodiscard]] core::Result<> checkpoint(bool empty);

  [[nodiscard]] sqlite3* handle() const { return connection_; }

 private:
  explicit Database(sqlite3* connection) : connection_(connection) {}
  void set_up();
  template <class Read>
  [[nodiscard]] core::Result<> first_row(const std::string& sql, const Read& read);
  [[nodiscard]] bool commit_is_last_write() const;
  static int on_wal(void* self, sqlite3*, const char*, int pages);
  static int on_compile(void* self, int action, const char* first, const char*, const char*, const char*);

  sqlite3* connection_;
  std::map<std::string_view, std::unique_ptr<PreparedStatement>> statements_;  // the keys lie in the statements
  std::vector<std::string> compiling_writes_;
  bool compiling_for_module_ = false;
  int wal_pages_ = 0;
};

}  // namespace detail
}  // namespace tillkit::journal
