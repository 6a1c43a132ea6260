// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <sqlite3.h>

#include "tillkit/test/disk_vfs.hpp"

namespace tillkit::test {

/// A connection to one file of a disk. Every call on one that could not be opened, or has lost power, fails.
class Database {
 public:
  Database(const DiskVfs& vfs, const char* file) {
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    opened_ = sqlite3_open_v2(file, &handle_, kFlags, vfs.name().c_str()) == SQLITE_OK;
  }
  /// Closing works without power, too; that a statement is left open is the test's mistake.
  ~Database() {
    if (sqlite3_close(handle_) != SQLITE_OK) std::abort();
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] bool opened() const { return opened_; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }
  bool execute(const std::string& sql) {
    return opened_ && sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

 private:
  sqlite3* handle_ = nullptr;
  bool opened_ = false;
};

/// A statement for one use.
class Query {
 public:
  Query(const Database& database, const char* sql) {
    if (sqlite3_prepare_v2(database.handle(), sql, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Query() { sqlite3_finalize(statement_); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void bind(int index, const std::string& text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string text(int column) const {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes == nullptr ? ""
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace tillkit::test
