// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/storage_library.hpp"

#include <sqlite3.h>

namespace tillkit::journal {
namespace {

constexpr int kOldestVersion = 3'046'000;
constexpr int kSynchronousFull = 2;

/// What `PRAGMA synchronous` says in a fresh connection, or -1.
int default_synchronous() {
  int level = -1;
  sqlite3* connection = nullptr;
  if (sqlite3_initialize() != SQLITE_OK) return level;
  if (sqlite3_open_v2(":memory:", &connection, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, "PRAGMA synchronous", -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      level = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
  }
  sqlite3_close(connection);
  return level;
}

}  // namespace

std::string_view storage_library_version() {
  return sqlite3_libversion();
}

core::Result<> check_storage_library() {
  const bool fit =
      sqlite3_libversion_number() >= kOldestVersion && sqlite3_libversion_number() == SQLITE_VERSION_NUMBER &&
      sqlite3_threadsafe() != 0 && default_synchronous() >= kSynchronousFull &&
      // WAL has a default of its own; where it was not lowered to NORMAL the option is absent or 2 and above.
      sqlite3_compileoption_used("DEFAULT_WAL_SYNCHRONOUS=0") == 0 &&
      sqlite3_compileoption_used("DEFAULT_WAL_SYNCHRONOUS=1") == 0;
  if (!fit) return core::fail(core::ErrorCode::Unsupported, core::ErrorSource::Sqlite, sqlite3_libversion_number());
  return {};
}

}  // namespace tillkit::journal
