// SPDX-License-Identifier: Apache-2.0
#include "record_store.hpp"

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

}  // namespace

RecordStore::RecordStore(Disk& disk, const Keeping& keeping) : disk_(disk), vfs_(disk), keeping_(keeping) {
  if (keeping_.flushes_lie) disk_.lie_about_flushes();
}

void RecordStore::run() {
  if (!open()) return;
  for (int i = 0; i < kRecords; ++i)
    append();
}

void RecordStore::lose_power() {
  database_.reset();
}

void RecordStore::recover() {
  if (!open()) return;
  append();
  checkpoint();
}

Verdict RecordStore::judge() {
  Verdict verdict;
  // What the last attempts left must also be found by a stranger who opens the file.
  if (!open()) return {.lost = 0, .broken = "the file does not open"};
  {
    Query check(*database_, "PRAGMA integrity_check");
    if (check.step() != SQLITE_ROW) return {.lost = 0, .broken = "integrity_check fails"};
    if (const std::string answer = check.text(0); answer != "ok") verdict.broken = "integrity_check: " + answer;
  }
  std::vector<bool> there(acknowledged_.size());
  Query records(*database_, "SELECT number, body FROM records ORDER BY number");
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
  Query insert(*database_, "INSERT INTO records VALUES(?, ?)");
  insert.bind(1, number);
  insert.bind(2, body_of(number));
  acknowledged_.back() = insert.step() == SQLITE_DONE;
  return acknowledged_.back();
}

bool RecordStore::open() {
  database_.reset();
  database_.emplace(vfs_, "till.db");
  return execute(std::string("PRAGMA locking_mode=") + (keeping_.exclusive ? "EXCLUSIVE" : "NORMAL")) &&
         execute("PRAGMA journal_mode=" + keeping_.journal_mode) &&
         execute("PRAGMA synchronous=" + keeping_.synchronous) &&
         execute(std::string("PRAGMA wal_autocheckpoint=") + kCheckpointPages) &&
         execute("CREATE TABLE IF NOT EXISTS records(number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
}

Scenario record_store(std::string name, const Keeping& keeping) {
  return {std::move(name), [keeping](Disk& disk) { return std::make_unique<RecordStore>(disk, keeping); }};
}

}  // namespace tillkit::test
