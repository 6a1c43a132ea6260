// SPDX-License-Identifier: Apache-2.0

// One transaction per event: all of it or nothing, and what a record holds.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::journal {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;

std::vector<std::int64_t> seqs(const Journal& journal, const Selection& selection = {}) {
  std::vector<std::int64_t> found;
  must(journal.each(selection, [&](const Record& record) -> core::Result<> {
    found.push_back(record.seq.value());
    return {};
  }));
  return found;
}

TEST_CASE("a journal begins with its start, and goes on with a start at each opening", "[journal]") {
  Till till;
  JournalId id;
  {
    const auto journal = till.open();
    id = journal->id();
    CHECK(journal->last_seq() == Seq(1));
    CHECK(must(journal->read(Seq(1))).kind == kind("journal.started"));
    CHECK(must(journal->read(Seq(1))).at.boot == 1);
  }
  const auto journal = till.open();

  CHECK(journal->id() == id);
  CHECK(journal->last_seq() == Seq(2));
  CHECK(must(journal->read(Seq(2))).at.boot == 2);
  CHECK(journal->verify().sound());
}

TEST_CASE("records are numbered without gaps and read back as they were written", "[journal]") {
  Till till;
  auto journal = till.open();
  journal->set_duty({.operator_id = must(Operator::parse("li.na")),
                     .shift = 7,
                     .business_day = std::chrono::sys_days(std::chrono::days(20'000))});

  const Committed committed = must(journal->commit([&](Tx& tx) -> core::Result<> {
    CHECK(tx.next_seq() == Seq(2));
    TILLKIT_TRY(const Seq first,
                tx.append({.kind = kOpened, .version = 3, .sale = SaleId(2), .body = R"({"name":"可乐"})"}));
    CHECK(first == Seq(2));
    TILLKIT_TRY(const Seq second, tx.append({.kind = kind("test.note"), .body = "{}"}));
    CHECK(second == Seq(3));
    return {};
  }));
  journal.reset();
  journal = till.open();

  CHECK(committed.first == Seq(2));
  CHECK(committed.last == Seq(3));
  const Record record = must(journal->read(Seq(2)));
  CHECK(record.journal == journal->id());
  CHECK(record.kind == kOpened);
  CHECK(record.version == 3);
  CHECK(record.sale == SaleId(2));
  CHECK(record.body == R"({"name":"可乐"})");
  CHECK(record.at.wall == till.clock.wall());
  CHECK(record.at.boot == 1);
  CHECK(record.duty.operator_id.view() == "li.na");
  CHECK(record.duty.shift == 7);
  CHECK_FALSE(record.seal);
  CHECK(must(journal->read(Seq(3))).seal);
  CHECK(must(journal->read(Seq(3))).chain == must(next_chain(record.chain, must(journal->read(Seq(3))))));
  CHECK(journal->duty() == record.duty);
  CHECK(seqs(*journal) == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(failed_with(journal->read(Seq(5)), ErrorCode::NotFound));
}

TEST_CASE("records are found by range, by sale and by kind", "[journal]") {
  Till till;
  const auto journal = till.open();
  const SaleId first = open_sale(*journal);
  const SaleId second = open_sale(*journal);
  must(put(*journal, kPaid, first));
  must(put(*journal, kPaid, second));
  must(put(*journal, kClosed, first));

  CHECK(seqs(*journal, {.sale = first}) == std::vector<std::int64_t>{2, 4, 6});
  CHECK(seqs(*journal, {.from = Seq(3), .sale = first}) == std::vector<std::int64_t>{4, 6});
  CHECK(seqs(*journal, {.kind = kPaid}) == std::vector<std::int64_t>{4, 5});
  CHECK(seqs(*journal, {.sale = second, .kind = kPaid}) == std::vector<std::int64_t>{5});
  CHECK(seqs(*journal, {.from = Seq(2), .to = Seq(3)}) == std::vector<std::int64_t>{2, 3});
  CHECK(seqs(*journal, {.sale = SaleId(99)}).empty());
}

TEST_CASE("a visit ends where its visitor says so, and nothing is committed meanwhile", "[journal]") {
  Till till;
  const auto journal = till.open();
  must(put(*journal, kPaid));
  int visited = 0;

  const auto ended = journal->each({}, [&](const Record&) -> core::Result<> {
    ++visited;
    CHECK(failed_with(put(*journal, kPaid), ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->acknowledge(Seq(1)), ErrorCode::FailedPrecondition));
    return core::fail(ErrorCode::Cancelled);
  });

  CHECK(failed_with(ended, ErrorCode::Cancelled));
  CHECK(visited == 1);
  CHECK(must(put(*journal, kPaid)).last == Seq(3));
}

TEST_CASE("one commit is exactly one flush, of one record or of sixty", "[journal]") {
  Till till;
  const auto journal = till.open();
  for (const int records : {1, 2, 60}) {
    CAPTURE(records);
    const auto before = till.vfs.counts();

    must(journal->commit([&](Tx& tx) -> core::Result<> {
      for (int i = 0; i < records; ++i)
        TILLKIT_TRY_VOID(tx.append({.kind = kind("test.note"), .body = R"({"text":"a sale of some lines"})"}));
      return {};
    }));

    CHECK((till.vfs.counts() - before).flushes == 1);
  }
}

TEST_CASE("after a checkpoint, too, a commit is one flush", "[journal]") {
  Till till;
  const auto journal = till.open();
  for (int i = 0; !journal->checkpoint_due(); ++i) {
    REQUIRE(i < 2'000);
    must(put(*journal, kind("test.note"), {}, R"({"text":")" + std::string(900, 'x') + R"("})"));
  }
  must(journal->checkpoint());
  CHECK_FALSE(journal->checkpoint_due());
  const auto before = till.vfs.counts();

  must(put(*journal, kPaid));
  must(put(*journal, kPaid));

  CHECK((till.vfs.counts() - before).flushes == 2);
  CHECK(journal->verify().sound());
}

TEST_CASE("a WAL that nobody brings home is brought home by a commit", "[journal]") {
  Till till;
  const auto journal = till.open();
  const std::string body = R"({"text":")" + std::string(60'000, 'x') + R"("})";
  for (int i = 0; i < 100; ++i)
    must(put(*journal, kind("test.note"), {}, body));

  // 100 bodies are 12,000 pages; what stays is less than twice the bound.
  CHECK(bytes_of(till.wal()).size() < 2ULL * kWalPagesMax * 540);
  CHECK(journal->verify().sound());
}

TEST_CASE("a step that fails leaves nothing behind: no record, no row, no number", "[journal]") {
  Till till;
  const auto journal = till.open();
  const auto before = till.vfs.counts();
  const Chain chain = journal->last_chain();

  const auto failed = journal->commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = kOpened, .sale = SaleId(2), .body = "{}"}));
    return core::fail(ErrorCode::Rejected, core::ErrorSource::Provider, 42);
  });

  CHECK(failed.error() == core::Error{ErrorCode::Rejected, core::ErrorSource::Provider, 42});
  CHECK((till.vfs.counts() - before).writes == 0);
  CHECK(journal->last_seq() == Seq(1));
  CHECK(journal->last_chain() == chain);
  CHECK(open_sales(journal->tables()).empty());
  CHECK(must(put(*journal, kPaid)).last == Seq(2));
  CHECK(journal->verify().sound());
}

TEST_CASE("a step without a record writes nothing and is no mistake", "[journal]") {
  Till till;
  const auto journal = till.open();
  const auto before = till.vfs.counts();

  const Committed committed = must(journal->commit([](Tx&) -> core::Result<> { return {}; }));

  CHECK(committed.last == Seq{});
  CHECK((till.vfs.counts() - before).writes == 0);
  CHECK((till.vfs.counts() - before).flushes == 0);
}

TEST_CASE("no row changes without a record: only apply writes, and only its own tables", "[journal]") {
  Till till;
  const auto journal = till.open();
  const SaleId sale = open_sale(*journal);
  const auto rows = open_sales(journal->tables());

  // Outside of apply, whether the step minds or not, and with a record beside it.
  for (const bool with_record : {false, true}) {
    CAPTURE(with_record);
    const auto failed = journal->commit([&](Tx& tx) -> core::Result<> {
      if (with_record) TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .sale = sale, .body = "{}"}));
      CHECK(failed_with(tx.run(kPaySale, sale, 5), ErrorCode::FailedPrecondition));
      CHECK(failed_with(tx.append({.kind = kPaid, .sale = sale, .body = "{}"}), ErrorCode::FailedPrecondition));
      return {};
    });
    CHECK(failed_with(failed, ErrorCode::FailedPrecondition));
  }
  CHECK(failed_with(put(*journal, kTrespass), ErrorCode::PermissionDenied));

  CHECK(open_sales(journal->tables()) == rows);
  CHECK(journal->last_seq() == Seq(2));
}

TEST_CASE("a record that a module cannot apply is not written, even if the step does not mind", "[journal]") {
  Till till;
  const auto journal = till.open();

  CHECK(failed_with(put(*journal, kRefused), ErrorCode::Rejected));
  CHECK(failed_with(journal->commit([&](Tx& tx) -> core::Result<> {
    static_cast<void>(tx.append({.kind = kRefused, .body = "{}"}));
    return {};
  }),
                    ErrorCode::Rejected));

  CHECK(journal->last_seq() == Seq(1));
  CHECK(must(put(*journal, kPaid)).last == Seq(2));
}

TEST_CASE("what reads cannot write, and what writes cannot do more than change rows", "[journal]") {
  Till till;
  const auto journal = till.open();
  const auto read = [&](const char* sql) { return journal->tables().find(Statement<std::tuple<std::int64_t>()>{sql}); };

  CHECK(must(read("SELECT count(*) FROM open_sales")) == std::tuple<std::int64_t>(0));
  CHECK_FALSE(read("DELETE FROM open_sales RETURNING sale").has_value());
  CHECK_FALSE(read("PRAGMA page_count").has_value());
  CHECK_FALSE(read("ATTACH 'x' AS y").has_value());
  CHECK_FALSE(read("SELECT sale, paid FROM open_sales").has_value());  // two columns
  CHECK_FALSE(read("SELECT nonsense FROM open_sales").has_value());
}

TEST_CASE("a column of another type, or too large a number, is told", "[journal]") {
  Till till;
  const auto journal = till.open();
  const Tables& tables = journal->tables();

  CHECK(failed_with(tables.find(Statement<std::tuple<std::int64_t>()>{"SELECT 'text'"}), ErrorCode::Corrupt));
  CHECK(failed_with(tables.find(Statement<std::tuple<std::string>()>{"SELECT 1"}), ErrorCode::Corrupt));
  CHECK(failed_with(tables.find(Statement<std::tuple<std::int64_t>()>{"SELECT NULL"}), ErrorCode::Corrupt));
  CHECK(failed_with(tables.find(Statement<std::tuple<std::uint8_t>()>{"SELECT 256"}), ErrorCode::Corrupt));
  CHECK(failed_with(tables.find(Statement<std::tuple<std::uint32_t>()>{"SELECT -1"}), ErrorCode::Corrupt));
  CHECK(failed_with(tables.find(Statement<std::tuple<bool>()>{"SELECT 2"}), ErrorCode::Corrupt));
  CHECK(must(tables.find(Statement<std::tuple<std::optional<std::int64_t>>()>{"SELECT NULL"})) ==
        std::tuple<std::optional<std::int64_t>>());
  const auto echoed = must(tables.find(
      Statement<std::tuple<std::string, core::Bytes, bool, std::optional<std::string>>(
          std::string_view, core::ByteView, bool, std::optional<std::string_view>)>{"SELECT ?1, ?2, ?3, ?4"},
      "可乐", core::as_bytes("b"), true, std::nullopt));
  REQUIRE(echoed.has_value());
  CHECK(std::get<0>(*echoed) == "可乐");
  CHECK(std::get<1>(*echoed) == core::to_bytes("b"));
  CHECK(std::get<2>(*echoed));
  CHECK_FALSE(std::get<3>(*echoed));
}

TEST_CASE("a commit inside of a commit is refused", "[journal]") {
  Till till;
  const auto journal = till.open();

  must(journal->commit([&](Tx& tx) -> core::Result<> {
    CHECK(failed_with(put(*journal, kPaid), ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->snapshot(), ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->sign_head(), ErrorCode::FailedPrecondition));
    CHECK(failed_with(journal->checkpoint(), ErrorCode::FailedPrecondition));
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = "{}"}));
    return {};
  }));

  CHECK(journal->last_seq() == Seq(2));
}

TEST_CASE("records beyond a limit, or without form, are refused, and the commit can go on", "[journal]") {
  Till till;
  const auto journal = till.open();
  const std::string longest = R"({"t":")" + std::string(kBodyBytesMax - 8, 'x') + R"("})";
  REQUIRE(longest.size() == kBodyBytesMax);

  must(journal->commit([&](Tx& tx) -> core::Result<> {
    CHECK(failed_with(tx.append({.kind = {}, .body = "{}"}), ErrorCode::InvalidArgument));
    CHECK(failed_with(tx.append({.kind = kPaid, .body = ""}), ErrorCode::InvalidArgument));
    CHECK(failed_with(tx.append({.kind = kPaid, .body = "[]"}), ErrorCode::InvalidArgument));
    CHECK(failed_with(tx.append({.kind = kPaid, .body = "{\"\xFF\":1}"}), ErrorCode::InvalidArgument));
    CHECK(failed_with(tx.append({.kind = kPaid, .sale = SaleId(-1), .body = "{}"}), ErrorCode::InvalidArgument));
    CHECK(failed_with(tx.append({.kind = kPaid, .body = longest + "}"}), ErrorCode::Exhausted));
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = longest}));
    for (std::size_t i = 1; i < kRecordsPerCommitMax; ++i)
      TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = "{}"}));
    CHECK(failed_with(tx.append({.kind = kPaid, .body = "{}"}), ErrorCode::Exhausted));
    return {};
  }));

  CHECK(journal->last_seq() == Seq(1 + static_cast<std::int64_t>(kRecordsPerCommitMax)));
  CHECK(must(journal->read(Seq(2))).body == longest);
  CHECK(journal->verify().sound());
}

TEST_CASE("a record's time never runs backwards, and says when it is not known", "[journal]") {
  Till till;
  auto journal = till.open();
  must(put(*journal, kPaid));
  const auto then = till.clock.wall().at;

  till.clock.step_wall(-2h);
  must(put(*journal, kPaid));
  const RecordTime behind = must(journal->read(Seq(3))).at;
  journal.reset();
  till.clock.start_in_1970();
  journal = till.open();
  const RecordTime without_clock = must(journal->read(Seq(4))).at;

  CHECK(behind.wall == core::WallReading{then, core::WallQuality::Unknown});
  CHECK(without_clock.wall == core::WallReading{then, core::WallQuality::Unknown});
  CHECK(without_clock.boot == 2);
}

TEST_CASE("an order number points to the record that it was made for", "[journal]") {
  Till till;
  const auto journal = till.open();
  const TerminalName terminal = must(TerminalName::parse("SH0007"));
  OrderNumber order;
  OrderNumber another;

  const Committed committed = must(journal->commit([&](Tx& tx) -> core::Result<> {
    TILLKIT_TRY(order, tx.make_order_number(terminal));
    TILLKIT_TRY(another, tx.make_order_number(terminal));
    TILLKIT_TRY_VOID(tx.append({.kind = kPaid, .body = R"({"order":")" + std::string(order.view()) + R"("})"}));
    return {};
  }));

  CHECK(must(seq_of(order, terminal)) == committed.first);
  CHECK(order != another);
  CHECK(must(journal->read(must(seq_of(order, terminal)))).body.contains(order.view()));
}

}  // namespace
}  // namespace tillkit::journal
