// SPDX-License-Identifier: Apache-2.0

// Snapshots, acknowledged records that go, heads, and what a journal of a million records costs at start.

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/core/json.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;

constexpr core::WallTime kAlways = core::WallTime::max();

TEST_CASE("a snapshot says what every derived table holds", "[journal]") {
  Till till;
  const auto journal = till.open();
  static_cast<void>(open_sale(*journal));
  const auto before = till.vfs.counts();

  const Seq seq = must(journal->snapshot());

  CHECK((till.vfs.counts() - before).flushes == 1);
  const auto body = must(core::JsonDocument::parse(must(journal->read(seq)).body));
  const auto table = must(must(body.root().member("tables")).at(0));
  CHECK(must(must(table.member("set")).text()) == "test");
  CHECK(must(must(table.member("table")).text()) == "open_sales");
  CHECK(must(must(table.member("rows")).integer()) == 1);
  CHECK(must(must(table.member("digest")).text()).size() == 64);
  CHECK(flaws(journal->verify()).empty());
}

TEST_CASE("a rebuild begins at the newest snapshot", "[journal]") {
  Till till;
  const auto journal = till.open();
  const SaleId first = open_sale(*journal);
  must(journal->snapshot());
  const SaleId second = open_sale(*journal);
  must(put(*journal, kClosed, first));
  must(journal->snapshot());
  must(put(*journal, kPaid, second));

  CHECK(flaws(journal->verify()).empty());
  CHECK(journal->verify().tables_compared);
}

TEST_CASE("a check in steps finds what a check at once does, while the journal goes on", "[journal]") {
  const auto report_of = [](const Journal& journal, std::int64_t at_most, const auto& meanwhile) {
    const auto verification = journal.begin_verify();
    int steps = 1;
    for (;; ++steps) {
      if (const auto report = verification->step(at_most)) return std::pair(*report, steps);
      meanwhile(steps);
    }
  };
  Till till;
  auto journal = till.open();
  std::vector<SaleId> sales;
  sales.reserve(20);
  for (int i = 0; i < 20; ++i)
    sales.push_back(open_sale(*journal));

  SECTION("nothing else happens") {
    const auto [report, steps] = report_of(*journal, 5, [](int) {});
    CHECK(report.sound());
    CHECK(report.records == 21);
    CHECK(report.tables_compared);
    CHECK(steps > 8);
  }
  SECTION("it goes on") {
    const auto [report, steps] = report_of(*journal, 5, [&](int step) {
      if (step <= 15) must(put(*journal, kPaid, sales.at(static_cast<std::size_t>(step))));
    });
    CHECK(flaws(report).empty());
    CHECK(report.tables_compared);
  }
  SECTION("a snapshot and a drop come between") {
    const auto [report, steps] = report_of(*journal, 5, [&](int step) {
      if (step == 2 || step == 8) must(journal->snapshot());
      if (step == 3) must(journal->acknowledge(Seq(10)));
      if (step == 4 || step == 11) must(journal->drop({.since = kAlways}));
      if (step == 9) must(journal->acknowledge(Seq(20)));
    });
    CHECK(flaws(report).empty());
    CHECK(report.tables_compared);
  }
  SECTION("something was changed") {
    journal.reset();
    Raw(till.settings.path).run("UPDATE records SET body = '{\"lines\":3}' WHERE seq = 7");
    Raw(till.settings.path).run("UPDATE open_sales SET paid = 9 WHERE sale = 12");
    journal = till.open();
    const auto [report, steps] = report_of(*journal, 3, [](int) {});
    CHECK_FALSE(report.sound());
    CHECK(flaws(report) == flaws(journal->verify()));
  }
}

TEST_CASE("only what is acknowledged, old, and before a snapshot is dropped", "[journal]") {
  Till till;
  const auto journal = till.open();
  for (int i = 0; i < 10; ++i) {
    must(put(*journal, kPaid));
    till.clock.advance(1h);
  }  // records 2 to 11, one an hour

  CHECK(must(journal->drop({.since = kAlways})).records == 0);  // nothing is acknowledged
  must(journal->acknowledge(Seq(8)));
  CHECK(must(journal->drop({.since = kAlways})).records == 0);  // there is no snapshot
  must(journal->snapshot());                                    // 12
  const core::WallTime sixth = must(journal->read(Seq(6))).at.wall.at;
  CHECK(must(journal->drop({.since = kAlways, .from = Seq(3)})).records == 2);
  CHECK(journal->first_seq() == Seq(3));
  CHECK(must(journal->drop({.since = sixth})).records == 3);
  CHECK(journal->first_seq() == Seq(6));
  CHECK(must(journal->read(Seq(6))).seq == Seq(6));
  CHECK(failed_with(journal->read(Seq(5)), ErrorCode::NotFound));
  CHECK(must(journal->drop({.since = kAlways})).records == 3);  // 6, 7, 8
  CHECK(journal->first_seq() == Seq(9));
  must(journal->acknowledge(Seq(12)));
  CHECK(must(journal->drop({.since = kAlways})).records == 3);  // up to the snapshot
  CHECK(journal->first_seq() == Seq(12));
  CHECK(must(journal->drop({.since = kAlways})).records == 0);

  CHECK(must(put(*journal, kPaid)).last == Seq(13));
  CHECK(flaws(journal->verify()).empty());
}

TEST_CASE("no seq is given twice, also when all that can be dropped is, and after a restart", "[journal]") {
  Till till;
  auto journal = till.open();
  for (int i = 0; i < 5; ++i)
    must(put(*journal, kPaid));
  const Seq snapshot = must(journal->snapshot());
  must(journal->acknowledge(snapshot));
  must(journal->drop({.since = kAlways}));
  journal.reset();

  journal = till.open();

  CHECK(journal->first_seq() == snapshot);
  CHECK(journal->last_seq() == Seq(snapshot.value() + 1));
  CHECK(journal->state() == State::Running);
  CHECK(flaws(journal->verify()).empty());
}

TEST_CASE("dropping goes in bounded steps", "[journal]") {
  Till till;
  const auto journal = till.open();
  for (int commit = 0; commit < 20; ++commit) {
    must(journal->commit([&](Tx& tx) -> core::Result<> {
      for (int i = 0; i < 60; ++i)
        TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = "{}"}));
      return {};
    }));
  }  // 1201
  must(journal->snapshot());
  must(journal->acknowledge(journal->last_seq()));
  const auto before = till.vfs.counts();

  const Dropped first = must(journal->drop({.since = kAlways}));

  CHECK(first.records == kDropRecordsMax);
  CHECK(first.more);
  CHECK((till.vfs.counts() - before).flushes == 1);
  CHECK(flaws(journal->verify()).empty());  // also half way, in the middle of a commit's records
  CHECK(must(journal->drop({.since = kAlways})).more);
  const Dropped last = must(journal->drop({.since = kAlways}));
  CHECK(last.records == 201);
  CHECK_FALSE(last.more);
}

TEST_CASE("a record made without a clock stays until a later one proves its age", "[journal]") {
  Till till;
  auto journal = till.open();
  must(put(*journal, kPaid));  // 2, at noon
  journal.reset();
  till.clock.start_in_1970();
  journal = till.open();  // 3, 4: not before noon, but perhaps a year later
  must(put(*journal, kPaid));
  const core::WallTime now = till.clock.wall().at + 48h;
  must(till.clock.adopt_wall(now, till.clock.monotonic()));
  must(put(*journal, kPaid));  // 5: two days later
  must(journal->snapshot());   // 6
  must(journal->acknowledge(journal->last_seq()));

  CHECK(must(journal->drop({.since = now - 1h})).records == 2);  // 1 and 2
  CHECK(journal->first_seq() == Seq(3));
  till.clock.advance(1h);
  CHECK(must(journal->drop({.since = now + 1h})).records == 3);  // 5 was before, so 3 and 4 were, too
  CHECK(journal->first_seq() == Seq(6));
}

TEST_CASE("dropping takes personal values along", "[journal]") {
  Till till;
  const auto journal = till.open();
  const std::array values{PersonalValue{must(Field::parse("phone")), "13812345678"}};
  must(journal->commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = "{}", .personal = values}));
    return {};
  }));
  must(journal->snapshot());
  must(journal->acknowledge(Seq(3)));

  must(journal->drop({.since = kAlways}));

  CHECK(must(journal->personal(Seq(2))).empty());
  CHECK(flaws(journal->verify()).empty());
}

TEST_CASE("an acknowledgement is durable, never goes back, and never ahead", "[journal]") {
  Till till;
  auto journal = till.open();
  must(put(*journal, kPaid));
  const auto before = till.vfs.counts();

  must(journal->acknowledge(Seq(2)));
  must(journal->acknowledge(Seq(1)));
  must(journal->acknowledge(Seq(2)));
  CHECK((till.vfs.counts() - before).flushes == 1);
  CHECK(failed_with(journal->acknowledge(Seq(3)), ErrorCode::OutOfRange));
  till.vfs.die_at(1);
  journal.reset();
  till.vfs.heal();

  CHECK(till.open()->acknowledged() == Seq(2));
}

TEST_CASE("a head is signed by the device and no two have one counter", "[journal]") {
  Till till;
  auto journal = till.open();
  const auto public_key = must(till.crypto->public_key(till.signing_key));
  must(put(*journal, kPaid));

  const SignedHead head = must(journal->sign_head());
  journal.reset();
  journal = till.open();
  const SignedHead later = must(journal->sign_head());

  CHECK(head.journal == journal->id());
  CHECK(head.seq == Seq(2));
  CHECK(head.chain == must(journal->read(Seq(2))).chain);
  CHECK(later.counter > head.counter);
  CHECK(verify_head(head, public_key).has_value());
  CHECK(verify_head(later, public_key).has_value());
  for (int field = 0; field < 5; ++field) {
    CAPTURE(field);
    SignedHead forged = head;
    if (field == 0) forged.journal.bytes[0] ^= std::byte{1};
    if (field == 1) forged.seq = Seq(3);
    if (field == 2) forged.chain[0] ^= std::byte{1};
    if (field == 3) ++forged.counter;
    if (field == 4) forged.signature[5] ^= std::byte{1};
    CHECK(failed_with(verify_head(forged, public_key), ErrorCode::Corrupt));
  }
}

TEST_CASE("two journals of one terminal have two ids", "[journal]") {
  Till till;
  const JournalId first = till.open()->id();
  std::filesystem::remove(till.file());

  const auto journal = till.open();

  CHECK(journal->id() != first);
  CHECK(journal->last_seq() == Seq(1));
  CHECK(journal->state() == State::Running);
}

TEST_CASE("a start is one commit: two flushes of a new WAL, and not more with more records", "[journal]") {
  Till till;
  till.open().reset();
  const auto measure = [&] {
    const auto before = till.vfs.counts();
    auto journal = till.open();
    return till.vfs.counts() - before;
  };
  const auto small = measure();
  {
    const auto journal = till.open();
    for (int commit = 0; commit < 100; ++commit) {
      must(journal->commit([&](Tx& tx) -> core::Result<> {
        for (int i = 0; i < 60; ++i)
          TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = R"({"text":"something that fills a page"})"}));
        return {};
      }));
    }
  }

  const auto large = measure();

  // Closing brings the WAL home: two more.
  CHECK(small.flushes <= 4);
  CHECK(large.flushes == small.flushes);
}

}  // namespace
}  // namespace tillkit::journal
