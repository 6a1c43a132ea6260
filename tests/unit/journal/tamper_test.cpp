// SPDX-License-Identifier: Apache-2.0

// Somebody edits the file with SQLite at hand, but without the device's keys.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using Words = std::vector<std::string>;

/// A day's work: the start (1), and five commits of one record (2 to 6), the fourth of which has two (5, 6), then 7.
void work(Till& till) {
  const auto journal = till.open();
  const SaleId sale = open_sale(*journal);
  must(put(*journal, kPaid, sale, R"({"amount":1230})"));
  must(put(*journal, kPaid, sale, R"({"amount":1240})"));
  must(journal->commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .sale = sale, .body = R"({"amount":1250})"}));
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .sale = sale, .body = R"({"amount":1260})"}));
    return {};
  }));
  must(put(*journal, kind("test.note"), sale, R"({"text":"end of day"})"));
}

/// What a thief can do who knows the form of the chain: all that needs no key.
void recompute_chain(Till& till, Seq from) {
  std::vector<Record> records;
  {
    const auto journal = must(till.try_open());
    must(journal->each({}, [&](const Record& record) -> core::Result<> {
      records.push_back(record);
      return {};
    }));
  }
  Raw raw(till.file());
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (records[i].seq < from) continue;
    records[i].chain = must(next_chain(records[i - 1].chain, records[i]));
    raw.run("UPDATE records SET chain = ?1 WHERE seq = " + std::to_string(records[i].seq.value()), records[i].chain);
  }
}

TEST_CASE("an untouched journal verifies", "[journal]") {
  Till till;
  work(till);

  const VerifyReport report = till.open()->verify();

  CHECK(flaws(report).empty());
  CHECK(report.records == 8);  // with the second start
  CHECK(report.seals == 7);
  CHECK(report.tables_compared);
}

TEST_CASE("an edited record is named, whatever was edited", "[journal]") {
  for (const char* const edit : {"body = '{\"amount\":1}'", "kind = 'test.free'", "sale = 3", "sale = NULL",
                                 "wall_ms = wall_ms + 1", "quality = 1", "boot = 2", "monotonic_us = monotonic_us + 1",
                                 "operator = 'li.na'", "shift = 2", "business_day = 1", "version = 2"}) {
    CAPTURE(edit);
    Till till;
    work(till);
    Raw(till.file()).run("UPDATE records SET " + std::string(edit) + " WHERE seq = 3");

    const VerifyReport report = till.open()->verify();

    REQUIRE_FALSE(report.findings.empty());
    CHECK(flaws(report).front() == "changed 3");
    for (const std::string& flaw : flaws(report))
      CHECK((flaw == "changed 3" || flaw == "table_wrong open_sales" || flaw.starts_with("rebuild_failed")));
  }
}

TEST_CASE("an edited record is named by its seal when the whole chain behind it was computed anew", "[journal]") {
  Till till;
  work(till);
  Raw(till.file()).run(R"(UPDATE records SET body = '{"amount":1}' WHERE seq = 3)");
  recompute_chain(till, Seq(3));

  const auto journal = must(till.try_open());

  CHECK(journal->state() == State::Safe);
  CHECK(journal->safe_reason() == SafeReason::TailBroken);
  CHECK(flaws(journal->verify()).front() == "seal_wrong 3");
}

TEST_CASE("a commit of several records is named as a whole by its seal", "[journal]") {
  Till till;
  work(till);
  Raw(till.file()).run(R"(UPDATE records SET body = '{"amount":9999}' WHERE seq = 5)");
  recompute_chain(till, Seq(5));

  CHECK(flaws(must(till.try_open())->verify()).front() == "seal_wrong 5-6");
}

TEST_CASE("a removed record is missing", "[journal]") {
  Till till;
  work(till);
  Raw(till.file()).run("DELETE FROM records WHERE seq = 4");

  const Words found = flaws(till.open()->verify());

  REQUIRE(found.size() >= 2);
  CHECK(found[0] == "missing 4");
  CHECK(found[1] == "unproven 5");
}

TEST_CASE("a removed record is missing also where all others were moved up and chained anew", "[journal]") {
  Till till;
  work(till);
  {
    Raw raw(till.file());
    raw.run("DELETE FROM records WHERE seq = 4");
    raw.run("UPDATE records SET seq = seq - 1 WHERE seq > 4");
  }
  recompute_chain(till, Seq(4));

  const auto journal = must(till.try_open());

  CHECK(journal->safe_reason() == SafeReason::TailBroken);
  CHECK(flaws(journal->verify()).front() == "seal_wrong 4-5");
}

TEST_CASE("records that changed places are named", "[journal]") {
  Till till;
  work(till);
  {
    Raw raw(till.file());
    raw.run("UPDATE records SET seq = 100 WHERE seq = 3");
    raw.run("UPDATE records SET seq = 3 WHERE seq = 5");
    raw.run("UPDATE records SET seq = 5 WHERE seq = 100");
  }

  const Words found = flaws(till.open()->verify());

  REQUIRE(found.size() >= 2);
  CHECK(found[0] == "changed 3");
  CHECK(std::ranges::find(found, "changed 2") == found.end());
  CHECK(std::ranges::any_of(found, [](const std::string& word) { return word.ends_with(" 5"); }));
  CHECK(std::ranges::none_of(found, [](const std::string& word) { return word.ends_with(" 7"); }));
}

TEST_CASE("a record put in by hand is named", "[journal]") {
  Till till;
  work(till);
  Raw(till.file())
      .run(
          "INSERT INTO records SELECT 8, kind, version, sale, wall_ms, quality, boot, monotonic_us, operator, shift, "
          "business_day, chain, seal, body FROM records WHERE seq = 7");

  const auto journal = must(till.try_open());

  CHECK(journal->safe_reason() == SafeReason::TailBroken);
  CHECK(flaws(journal->verify()).front() == "changed 8");
}

TEST_CASE("a seal that was taken away, or made up, is named", "[journal]") {
  for (const char* const seal : {"NULL", "zeroblob(16)"}) {
    CAPTURE(seal);
    Till till;
    work(till);
    Raw(till.file()).run("UPDATE records SET seal = " + std::string(seal) + " WHERE seq = 7");

    const auto journal = must(till.try_open());

    CHECK(journal->safe_reason() == SafeReason::TailBroken);
    CHECK(flaws(journal->verify()).front() == (std::string_view(seal) == "NULL" ? "seal_missing 7" : "seal_wrong 7"));
  }
}

TEST_CASE("the end of the journal cannot be cut off behind what is known of it", "[journal]") {
  Till till;
  work(till);
  must(till.open()->sign_head());
  Raw(till.file()).run("DELETE FROM records WHERE seq > 5");

  const auto journal = must(till.try_open());

  CHECK(journal->safe_reason() == SafeReason::TailBroken);
  const Words found = flaws(journal->verify());
  CHECK(std::ranges::find(found, "missing 6-8") != found.end());
}

TEST_CASE("an older copy of the file is noticed at the next start", "[journal]") {
  for (const bool by_head : {false, true}) {
    CAPTURE(by_head);
    Till till;
    work(till);
    const std::string copy = till.folder.file("copy.db");
    std::filesystem::copy_file(till.file(), copy);
    {
      const auto journal = till.open();
      must(put(*journal, kPaid));
      if (by_head) must(journal->sign_head());
    }
    std::filesystem::copy_file(copy, till.file(), std::filesystem::copy_options::overwrite_existing);

    const auto journal = must(till.try_open());

    CHECK(journal->state() == State::Safe);
    CHECK(journal->safe_reason() == SafeReason::RolledBack);
    CHECK(flaws(journal->verify()) == Words{"rolled_back"});
    // Nothing goes on from here: no seq is given out twice.
    CHECK(failed_with(put(*journal, kPaid), core::ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->sign_head(), core::ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->acknowledge(Seq(1)), core::ErrorCode::FailedPrecondition));
    CHECK(journal->may_start_sale() == StartSale::SafeMode);
    // But what is there can be read.
    CHECK(must(journal->read(Seq(7))).kind == kind("test.note"));
  }
}

TEST_CASE("a file that was put back stays noticed, start after start", "[journal]") {
  Till till;
  work(till);
  const std::string copy = till.folder.file("copy.db");
  std::filesystem::copy_file(till.file(), copy);
  till.open().reset();
  std::filesystem::copy_file(copy, till.file(), std::filesystem::copy_options::overwrite_existing);

  for (int i = 0; i < 5; ++i)
    CHECK(must(till.try_open())->safe_reason() == SafeReason::RolledBack);

  CHECK(bytes_of(till.file()) == bytes_of(copy));
}

TEST_CASE("a counter in the file that was raised by hand does not hide an older copy", "[journal]") {
  Till till;
  work(till);
  Raw(till.file()).run("UPDATE state SET counter = counter + 1");

  const auto journal = must(till.try_open());

  CHECK(journal->safe_reason() == SafeReason::SealBroken);
  CHECK(flaws(journal->verify()).front() == "state_wrong 1-7");
}

TEST_CASE("whatever the file says about itself is sealed", "[journal]") {
  for (const char* const edit : {"acknowledged = 5", "head_seq = 2", "head_chain = zeroblob(32)", "base_seq = 1",
                                 "base_chain = ?1", "snapshot_seq = 3", "checkpoints = 77", "journal = zeroblob(16)"}) {
    CAPTURE(edit);
    Till till;
    work(till);
    Raw(till.file()).run("UPDATE state SET " + std::string(edit), Chain{std::byte{1}});

    CHECK(must(till.try_open())->safe_reason() == SafeReason::SealBroken);
  }
}

TEST_CASE("another device's file is refused for selling", "[journal]") {
  Till till(1);
  work(till);
  till.crypto.reset();
  Till other(2);
  std::filesystem::copy_file(till.file(), other.file());

  CHECK(must(other.try_open())->safe_reason() == SafeReason::SealBroken);
}

TEST_CASE("a file that has counted further than the key store is not continued", "[journal]") {
  Till till;
  work(till);
  for (int i = 0; i < 3; ++i)
    till.open().reset();
  till.crypto.reset();
  // The same device with a key store that starts anew.
  Till reset(1);
  std::filesystem::copy_file(till.file(), reset.file());

  CHECK(must(reset.try_open())->safe_reason() == SafeReason::ForeignCounter);
}

TEST_CASE("a derived table that was edited is named", "[journal]") {
  for (const char* const edit : {"UPDATE open_sales SET paid = 0", "DELETE FROM open_sales",
                                 "INSERT INTO open_sales VALUES(77, 0, NULL)", "UPDATE open_sales SET note = 'x'"}) {
    for (const bool with_snapshot : {false, true}) {
      CAPTURE(edit, with_snapshot);
      Till till;
      work(till);
      if (with_snapshot) {
        const auto journal = till.open();
        must(journal->snapshot());
        must(put(*journal, kPaid, SaleId(2), R"({"amount":3})"));
      }
      Raw(till.file()).run(edit);

      CHECK(flaws(till.open()->verify()) == Words{"table_wrong open_sales"});
    }
  }
}

TEST_CASE("rows of a snapshot that were edited are named", "[journal]") {
  for (const char* const edit : {"DELETE FROM snapshot_rows", "UPDATE snapshot_rows SET row = zeroblob(3)"}) {
    CAPTURE(edit);
    Till till;
    work(till);
    must(till.open()->snapshot());
    Raw(till.file()).run(edit);

    const Words found = flaws(till.open()->verify());

    CHECK(std::ranges::any_of(found, [](const std::string& word) { return word.starts_with("snapshot_wrong"); }));
  }
}

TEST_CASE("a finding is counted beyond what a report names", "[journal]") {
  Till till;
  {
    const auto journal = till.open();
    for (int i = 0; i < 300; ++i)
      must(put(*journal, kPaid));
  }
  Raw(till.file()).run("UPDATE records SET shift = 5 WHERE seq % 2 = 0");

  const VerifyReport report = must(till.try_open())->verify();

  CHECK(report.findings.size() == kFindingsMax);
  CHECK(report.flaws == 150);
}

}  // namespace
}  // namespace tillkit::journal
