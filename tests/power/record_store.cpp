// SPDX-License-Identifier: Apache-2.0
#include "record_store.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tillkit::test {
namespace {

constexpr std::size_t kBodyBytes = 900;
// Small, so that the scenario's few records meet several checkpoints.
constexpr const char* kCheckpointPages = "8";

/// What record `number` says: as long as a sale's, and different in every sector from any other's.
std::string body_of(std::int64_t number) {
  const std::string word = "record " + std::to_string(number) + " ";
  std::string body;
  body.reserve(kBodyBytes + word.size());
  while (body.size() < kBodyBytes)
    body += word;
  return body;
}

/// A statement for one use.
class Query {
 public:
  Query(sqlite3* connection, const char* sql) {
    if (sqlite3_prepare_v2(connection, sql, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
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

}  // namespace

RecordStore::RecordStore(Disk& disk, const Keeping& keeping) : disk_(disk), vfs_(disk), keeping_(keeping) {
  if (keeping_.flushes_lie) disk_.lie_about_flushes();
}

RecordStore::~RecordStore() {
  close();
}

void RecordStore::run() {
  if (!open()) return;
  for (int i = 0; i < kRecords; ++i)
    append();
}

void RecordStore::lose_power() {
  close();
}

void RecordStore::recover() {
  if (!open()) return;
  append();
  checkpoint();
}

Verdict RecordStore::judge() {
  Verdict verdict;
  // What the last attempts left must also be found by a stranger who opens the file.
  close();
  if (!open()) return {.lost = 0, .broken = "the file does not open"};
  {
    Query check(connection_, "PRAGMA integrity_check");
    if (check.step() != SQLITE_ROW) return {.lost = 0, .broken = "integrity_check fails"};
    if (const std::string answer = check.text(0); answer != "ok") verdict.broken = "integrity_check: " + answer;
  }
  std::vector<bool> there(acknowledged_.size());
  Query records(connection_, "SELECT number, body FROM records ORDER BY number");
  int step = records.step();
  for (; step == SQLITE_ROW; step = records.step()) {
    const std::int64_t number = records.integer(0);
    if (number < 1 || static_cast<std::size_t>(number) > there.size()) {
      verdict.broken = "record " + std::to_string(number) + " was never written";
    } else if (records.text(1) != body_of(number)) {
      verdict.broken = "record " + std::to_string(number) + " does not say what was written";
    } else {
      there[static_cast<std::size_t>(number) - 1] = true;
    }
  }
  if (step != SQLITE_DONE) verdict.broken = "the records cannot be read";
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (acknowledged_[i] && !there[i]) ++verdict.lost;
  }
  return verdict;
}

bool RecordStore::append() {
  acknowledged_.push_back(false);
  const auto number = static_cast<std::int64_t>(acknowledged_.size());
  Query insert(connection_, "INSERT INTO records VALUES(?, ?)");
  insert.bind(1, number);
  insert.bind(2, body_of(number));
  acknowledged_.back() = insert.step() == SQLITE_DONE;
  return acknowledged_.back();
}

bool RecordStore::open() {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2("till.db", &connection_, kFlags, vfs_.name().c_str()) != SQLITE_OK) return false;
  return execute(std::string("PRAGMA locking_mode=") + (keeping_.exclusive ? "EXCLUSIVE" : "NORMAL")) &&
         execute("PRAGMA journal_mode=" + keeping_.journal_mode) &&
         execute("PRAGMA synchronous=" + keeping_.synchronous) &&
         execute(std::string("PRAGMA wal_autocheckpoint=") + kCheckpointPages) &&
         execute("CREATE TABLE IF NOT EXISTS records(number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
}

bool RecordStore::execute(const std::string& sql) {
  Query query(connection_, sql.c_str());
  int step = query.step();
  while (step == SQLITE_ROW)
    step = query.step();
  return step == SQLITE_DONE;
}

void RecordStore::close() {
  if (sqlite3_close(connection_) != SQLITE_OK) std::abort();
  connection_ = nullptr;
}

Scenario record_store(std::string name, const Keeping& keeping) {
  return {std::move(name), [keeping](Disk& disk) { return std::make_unique<RecordStore>(disk, keeping); }};
}

}  // namespace tillkit::test
