// SPDX-License-Identifier: Apache-2.0

// A technician's look at a terminal that is stopped: everything can be read, nothing is written.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;

core::Result<std::unique_ptr<Journal>> inspect(Till& till) {
  return Journal::inspect(till.settings, till.parts(), till.sets);
}

/// All that a look must leave as it was.
struct Left {
  std::string file;
  std::string wal;
  bool wal_there;
  std::map<hal::BlobId, core::Bytes> blobs;
  std::uint64_t counter;
  friend bool operator==(const Left&, const Left&) = default;
};

Left left(Till& till) {
  return {bytes_of(till.file()), bytes_of(till.wal()), std::filesystem::exists(till.wal()), till.store.blobs(),
          must(till.store.counter())};
}

void work(Till& till) {
  const auto journal = till.open();
  const SaleId sale = open_sale(*journal);
  must(put(*journal, kPaid, sale, R"({"amount":1230})"));
}

std::vector<std::int64_t> seqs(const Journal& journal, std::int64_t at_once) {
  std::vector<std::int64_t> found;
  Seq from{1};
  while (from != Seq{}) {
    from = must(journal.read_on(from, at_once, [&](const Found& next) -> core::Result<> {
      if (next.record) found.push_back(next.record->seq.value());
      if (!next.record) found.push_back(-next.gap.first.value());
      return {};
    }));
  }
  return found;
}

TEST_CASE("a look shows everything and writes nothing", "[journal]") {
  Till till;
  work(till);
  const Left before = left(till);
  {
    const auto journal = must(inspect(till));

    CHECK(journal->state() == State::Safe);
    CHECK(journal->safe_reason() == SafeReason::Inspected);
    CHECK(to_string(journal->safe_reason()) == "inspected");
    CHECK(journal->last_seq() == Seq(3));
    CHECK(must(journal->read(Seq(3))).kind == kPaid);
    CHECK(open_sales(journal->tables()).size() == 1);
    const VerifyReport report = journal->verify();
    CHECK(flaws(report).empty());
    CHECK(report.records == 3);
    CHECK(report.tables_compared);
    CHECK(must(journal->export_lines([](std::string_view) -> core::Result<> { return {}; })).whole);
  }
  CHECK(left(till) == before);
  CHECK(till.open()->state() == State::Running);
}

TEST_CASE("a look refuses all that would write", "[journal]") {
  for (const bool after_failed_starts : {false, true}) {
    CAPTURE(after_failed_starts);
    Till till;
    work(till);
    if (after_failed_starts) {
      for (int i = 0; i < 3; ++i)
        must(till.try_open());
    }
    const Left before = left(till);
    {
      const auto journal = must(inspect(till));

      CHECK(journal->safe_reason() == (after_failed_starts ? SafeReason::FailedStarts : SafeReason::Inspected));
      CHECK(journal->may_start_sale() == StartSale::SafeMode);
      CHECK(failed_with(put(*journal, kPaid), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->acknowledge(Seq(1)), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->sign_head(), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->snapshot(), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->checkpoint(), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->drop({.since = core::WallTime::max()}), ErrorCode::FailedPrecondition));
      CHECK(failed_with(journal->start_succeeded(), ErrorCode::FailedPrecondition));
    }
    CHECK(left(till) == before);
  }
}

TEST_CASE("a look at what a killed process left reads its WAL and leaves it", "[journal]") {
  Till till;
  {
    auto journal = till.open();
    must(put(*journal, kPaid));
    till.vfs.die_at(1);
    journal.reset();
    till.vfs.heal();
  }
  const Left before = left(till);
  REQUIRE_FALSE(before.wal.empty());

  CHECK(must(inspect(till))->last_seq() == Seq(2));

  CHECK(left(till) == before);
}

TEST_CASE("a look makes no file and counts no start", "[journal]") {
  Till till;
  const Left before = left(till);

  CHECK_FALSE(inspect(till).has_value());
  CHECK(left(till) == before);
  CHECK_FALSE(std::filesystem::exists(till.file()));
  std::ofstream(till.file()).close();
  CHECK(failed_with(inspect(till), ErrorCode::NotFound));
  std::ofstream(till.file()) << std::string(5'000, 'x');
  CHECK(failed_with(inspect(till), ErrorCode::Corrupt));
  CHECK(must(FailedStarts(till.store).count()) == 0);
}

TEST_CASE("a look says why a start would be in safe mode", "[journal]") {
  Till till;
  work(till);
  const std::string older = bytes_of(till.file());
  work(till);
  std::ofstream(till.file(), std::ios::binary | std::ios::trunc) << older;
  const Left before = left(till);

  {
    const auto journal = must(inspect(till));

    CHECK(journal->safe_reason() == SafeReason::RolledBack);
    CHECK(flaws(journal->verify()) == std::vector<std::string>{"rolled_back"});
  }
  CHECK(left(till) == before);
}

TEST_CASE("a look while the terminal runs is refused", "[journal]") {
  Till till;
  const auto running = till.open();

  CHECK(failed_with(inspect(till), ErrorCode::Unavailable));

  CHECK(must(put(*running, kPaid)).last == Seq(2));
}

TEST_CASE("a look at an older program's file brings nothing forward, and does not call its tables wrong", "[journal]") {
  static constexpr std::string_view kSecond[] = {"ALTER TABLE open_sales ADD COLUMN tip INTEGER"};
  static constexpr Migration kBoth[] = {kTestFirst, kSecond};
  Till till;
  work(till);
  till.sets = {{"test", kBoth, kTestTables, &apply_test}};
  const Left before = left(till);
  {
    const auto journal = must(inspect(till));
    const VerifyReport report = journal->verify();

    CHECK(flaws(report).empty());
    CHECK_FALSE(report.tables_compared);
  }
  CHECK(left(till) == before);
}

TEST_CASE("records are read on in parts, across what cannot be read", "[journal]") {
  Till till;
  {
    const auto journal = till.open();
    for (int i = 0; i < 9; ++i)
      must(put(*journal, kPaid, SaleId(2)));
  }
  Raw(till.file()).run("UPDATE records SET chain = zeroblob(3) WHERE seq IN (3, 4, 7)");
  Raw(till.file()).run("DELETE FROM records WHERE seq = 9");
  const auto journal = must(inspect(till));

  for (const std::int64_t at_once : {1, 2, 3, 100}) {
    CAPTURE(at_once);
    CHECK(seqs(*journal, at_once) == std::vector<std::int64_t>{1, 2, -3, 5, 6, -7, 8, 10});
  }
  CHECK(must(journal->read_on(
            Seq(11), 5, [](const Found&) -> core::Result<> { return core::fail(ErrorCode::Exhausted); })) == Seq{});
  CHECK(failed_with(
      journal->read_on(Seq(1), 5, [](const Found&) -> core::Result<> { return core::fail(ErrorCode::Exhausted); }),
      ErrorCode::Exhausted));
  const Found gap{std::nullopt, {Seq(3), Seq(4)}};
  CHECK(must(export_line(gap)) == R"({"unreadable":[3,4]})");
  CHECK(must(export_line({must(journal->read(Seq(2))), {}})).starts_with(R"({"journal":")"));
}

}  // namespace
}  // namespace tillkit::journal
