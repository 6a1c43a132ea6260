// SPDX-License-Identifier: Apache-2.0
// Shows that the harness can see: what is known to lose records is seen losing them, what is known to keep them keeps
// them.
#include <iostream>

#include <catch2/catch_test_macros.hpp>

#include "record_store.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

Report cut(const Scenario& scenario, std::uint32_t recovery_cuts_max) {
  Report report = cut_everywhere(scenario, {.seed = seed(), .recovery_cuts_max = recovery_cuts_max});
  std::cout << table(std::span(&report, 1));
  return report;
}

void keeps_all(const Scenario& scenario) {
  const Report report = cut(scenario, kRecoveryCutsMax);
  INFO(report.text());
  CHECK(report.lawful());
}

/// It loses records, but not where all had reached the disk by chance; and that is all it does.
void loses(const Scenario& scenario) {
  const Report report = cut(scenario, 0);
  INFO(report.text());
  CHECK(report.of(Damage::LoseUnsynced).losing > 0);
  CHECK(report.of(Damage::KeepAll).losing == 0);
  CHECK(report.sum().broken == 0);
}

TEST_CASE("WAL with FULL loses no acknowledged record, wherever power is cut", "[power]") {
  keeps_all(record_store("WAL FULL", {}));
}

TEST_CASE("WAL with FULL and shared memory loses no acknowledged record", "[power]") {
  keeps_all(record_store("WAL FULL, shared", {.exclusive = false}));
}

TEST_CASE("a rollback journal with EXTRA loses no acknowledged record", "[power]") {
  keeps_all(record_store("DELETE EXTRA", {.journal_mode = "DELETE", .synchronous = "EXTRA", .exclusive = false}));
}

TEST_CASE("a truncated rollback journal with FULL loses no acknowledged record", "[power]") {
  keeps_all(record_store("TRUNCATE FULL", {.journal_mode = "TRUNCATE", .exclusive = false}));
}

TEST_CASE("WAL with NORMAL is seen losing records", "[power]") {
  loses(record_store("WAL NORMAL", {.synchronous = "NORMAL"}));
  loses(record_store("WAL NORMAL, shared", {.synchronous = "NORMAL", .exclusive = false}));
}

TEST_CASE("a rollback journal with FULL is seen losing the record whose journal comes back", "[power]") {
  loses(record_store("DELETE FULL", {.journal_mode = "DELETE", .exclusive = false}));
}

TEST_CASE("a disk that lies about flushes is seen losing records even with WAL and FULL", "[power]") {
  const Report report = cut(record_store("WAL FULL, lying disk", {.flushes_lie = true}), 0);
  INFO(report.text());
  CHECK(report.sum().losing > 0);
}

TEST_CASE("without any sync a file is seen broken", "[power]") {
  const Report report =
      cut(record_store("DELETE OFF", {.journal_mode = "DELETE", .synchronous = "OFF", .exclusive = false}), 0);
  INFO(report.text());
  CHECK(report.sum().losing > 0);
  CHECK(report.sum().broken > 0);
}

}  // namespace
}  // namespace tillkit::test
