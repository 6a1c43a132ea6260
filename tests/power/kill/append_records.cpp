// SPDX-License-Identifier: Apache-2.0
// The least that can be killed: appends numbered records to a file, one commit each, and says so when one is durable.
// What it must do to stand in for a till, or a till for it, is in ../README.md.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace {

constexpr std::size_t kBodyBytes = 900;

[[noreturn]] void give_up(sqlite3* connection, const char* what) {
  std::fprintf(stderr, "append_records: %s: %s\n", what, sqlite3_errmsg(connection));
  std::exit(1);
}

std::string body_of(sqlite3_int64 number) {
  const std::string word = "record " + std::to_string(number) + " ";
  std::string body;
  while (body.size() < kBodyBytes)
    body += word;
  return body;
}

void execute(sqlite3* connection, const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(connection, sql);
}

sqlite3_stmt* prepare(sqlite3* connection, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) != SQLITE_OK) give_up(connection, sql);
  return statement;
}

void say(const std::string& line) {
  // To whoever reads along it counts once the line is out, so nothing may wait in a buffer.
  if (std::fputs(line.c_str(), stdout) == EOF || std::fflush(stdout) != 0) std::exit(1);
}

sqlite3* open_store(const std::string& folder) {
  sqlite3* connection = nullptr;
  if (sqlite3_initialize() != SQLITE_OK ||
      sqlite3_open_v2((folder + "/till.db").c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                      nullptr) != SQLITE_OK) {
    give_up(connection, "open");
  }
  execute(connection, "PRAGMA locking_mode=EXCLUSIVE");
  execute(connection, "PRAGMA journal_mode=WAL");
  execute(connection, "PRAGMA synchronous=FULL");
  execute(connection, "PRAGMA wal_autocheckpoint=50");
  execute(connection, "CREATE TABLE IF NOT EXISTS records(number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
  return connection;
}

[[noreturn]] void run(sqlite3* connection) {
  sqlite3_stmt* const last = prepare(connection, "SELECT coalesce(max(number), 0) FROM records");
  if (sqlite3_step(last) != SQLITE_ROW) give_up(connection, "last record");
  sqlite3_int64 number = sqlite3_column_int64(last, 0);
  sqlite3_finalize(last);
  sqlite3_stmt* const insert = prepare(connection, "INSERT INTO records VALUES(?, ?)");
  say("ready\n");
  while (true) {
    ++number;
    const std::string body = body_of(number);
    sqlite3_bind_int64(insert, 1, number);
    sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) give_up(connection, "insert");
    sqlite3_reset(insert);
    say("acknowledged " + std::to_string(number) + "\n");
  }
}

void list(sqlite3* connection) {
  sqlite3_stmt* const check = prepare(connection, "PRAGMA integrity_check");
  if (sqlite3_step(check) != SQLITE_ROW) give_up(connection, "integrity_check");
  const std::string_view answer = reinterpret_cast<const char*>(sqlite3_column_text(check, 0));
  if (answer != "ok") give_up(connection, "the file is damaged");
  sqlite3_finalize(check);
  sqlite3_stmt* const records = prepare(connection, "SELECT number, body FROM records ORDER BY number");
  int step = sqlite3_step(records);
  for (; step == SQLITE_ROW; step = sqlite3_step(records)) {
    const sqlite3_int64 number = sqlite3_column_int64(records, 0);
    const std::string_view body = reinterpret_cast<const char*>(sqlite3_column_text(records, 1));
    if (body != body_of(number)) give_up(connection, "a record does not say what was written");
    say("stored " + std::to_string(number) + "\n");
  }
  if (step != SQLITE_DONE) give_up(connection, "the records cannot be read");
  sqlite3_finalize(records);
  sqlite3_close(connection);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view command = count == 3 ? arguments[1] : "";
  if (command != "run" && command != "list") {
    std::fputs("usage: append_records run FOLDER | append_records list FOLDER\n", stderr);
    return 2;
  }
  sqlite3* const connection = open_store(arguments[2]);
  if (command == "run") run(connection);
  list(connection);
  return 0;
}
