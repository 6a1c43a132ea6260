// SPDX-License-Identifier: Apache-2.0
// A disk that fails or is full: what was acknowledged stays, and the store works again once the disk does.
#include <iostream>

#include <catch2/catch_test_macros.hpp>

#include "record_store.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

const Keeping kWal;
const Keeping kRollback{.journal_mode = "DELETE", .synchronous = "EXTRA", .exclusive = false};

void keeps_all(const Report& report) {
  std::cout << table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

TEST_CASE("an I/O error at any call, once or for ever, loses no acknowledged record", "[power]") {
  keeps_all(fail_everywhere(record_store("I/O error, WAL FULL", kWal), {.seed = seed()}));
  keeps_all(fail_everywhere(record_store("I/O error, DELETE EXTRA", kRollback), {.seed = seed()}));
}

TEST_CASE("an I/O error at any call of a recovery loses no acknowledged record", "[power]") {
  const PowerPlan plan{.seed = seed()};
  keeps_all(fail_recovery_everywhere(record_store("recovery, I/O error, WAL FULL", kWal), plan));
  keeps_all(fail_recovery_everywhere(record_store("recovery, I/O error, DELETE EXTRA", kRollback), plan));
}

TEST_CASE("a disk that is full at any moment loses no acknowledged record", "[power]") {
  keeps_all(fill_everywhere(record_store("full disk, WAL FULL", kWal), {.seed = seed()}));
  keeps_all(fill_everywhere(record_store("full disk, DELETE EXTRA", kRollback), {.seed = seed()}));
}

TEST_CASE("a record whose flush failed is not acknowledged, the next one is", "[power]") {
  for (const Keeping& keeping : {kWal, kRollback}) {
    CAPTURE(keeping.journal_mode);
    Disk disk;
    RecordStore store(disk, keeping);
    REQUIRE(store.open());
    REQUIRE(store.append());

    disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
    CHECK_FALSE(store.append());
    CHECK(store.append());

    disk.cut();
    store.lose_power();
    disk.restart(Damage::LoseUnsynced, seed());
    store.recover();
    const Verdict verdict = store.judge();
    CHECK(verdict.lost == 0);
    CHECK(verdict.broken.empty());
  }
}

TEST_CASE("a full store takes records again when there is room", "[power]") {
  Disk disk;
  RecordStore store(disk, kWal);
  REQUIRE(store.open());
  disk.limit_space(disk.used_bytes() + 3'000);
  int stored = 0;
  while (stored < 10 && store.append())
    ++stored;
  CHECK(stored > 0);
  CHECK(stored < 10);
  CHECK_FALSE(store.append());

  disk.repair();

  CHECK(store.append());
  CHECK(store.judge().lost == 0);
}

TEST_CASE("a record that cannot be read is not called intact", "[power]") {
  Disk disk;
  RecordStore store(disk, kWal);
  REQUIRE(store.open());
  REQUIRE(store.append());
  REQUIRE(store.checkpoint());

  disk.fail_call(Call::Read, 1, Disk::Lasting::ForEver);

  CHECK_FALSE(store.judge().broken.empty());
}

}  // namespace
}  // namespace tillkit::test
