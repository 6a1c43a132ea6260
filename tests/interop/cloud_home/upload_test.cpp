// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "cloud_world.hpp"

using namespace tillkit;
using test::CloudWorld;

namespace {

std::string acknowledges(std::int64_t seq) {
  return R"("acknowledged":)" + std::to_string(seq) + R"(,"refused":[])";
}

}  // namespace

TEST_CASE("records come in once, and the same again changes nothing", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  journal.sell(1'000);
  const std::string first = journal.upload_all();
  CHECK(world.upload("T1", first).says(acknowledges(2)));
  const std::string before = world.books();

  CHECK(world.upload("T1", first).says(acknowledges(2)));
  CHECK(world.books() == before);

  journal.sell(500);
  CHECK(world.upload("T1", journal.upload_all()).says(acknowledges(4)));
  CHECK(world.books().contains(R"("total":500)"));
}

TEST_CASE("a question brings how far the cloud is, and a gap is not taken", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  for (int i = 0; i < 5; ++i)
    journal.sell(100);

  CHECK(world.upload("T1", journal.upload(1, 0)).says(acknowledges(0)));
  CHECK(world.upload("T1", journal.upload(3, 6)).says(acknowledges(0)));
  CHECK(world.upload("T1", journal.upload(1, 4)).says(acknowledges(4)));
  CHECK(world.upload("T1", journal.upload(7, 10)).says(acknowledges(4)));
  CHECK(world.upload("T1", journal.upload(3, 10)).says(acknowledges(10)));
}

TEST_CASE("another terminal's journal is refused", "[cloud_home]") {
  CloudWorld world;
  auto mine = world.journal_of("T1", 1);
  mine.sell(100);
  REQUIRE(world.upload("T1", mine.upload_all()).status == 200);
  auto copy = world.journal_of("T2", 1);
  copy.sell(100);

  const auto answer = world.upload("T2", copy.upload_all());

  CHECK(answer.status == 403);
  CHECK(answer.says("journal-not-yours"));
}

TEST_CASE("a fork is seen by counter, by seq and by content, and nothing of it is taken", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  for (int i = 0; i < 3; ++i)
    journal.sell(100);
  REQUIRE(world.upload("T1", journal.upload_all()).status == 200);
  const std::string before = world.books();

  SECTION("the same counter with another record") {
    const auto answer = world.upload("T1", journal.upload_with(journal.head(4, journal.counter), 1, 0));
    CHECK(answer.status == 422);
    CHECK(answer.says("journal-forked"));
  }
  SECTION("a higher counter with a lower seq") {
    CHECK(world.upload("T1", journal.upload_with(journal.head(4, 99), 1, 0)).says("journal-forked"));
  }
  SECTION("a lower counter with a higher seq") {
    REQUIRE(world.upload("T1", journal.upload_with(journal.head(6, 50), 1, 0)).status == 200);
    journal.sell(100);
    CHECK(world.upload("T1", journal.upload_with(journal.head(8, 40), 7, 8)).says("journal-forked"));
  }
  SECTION("another record where there is one") {
    journal.cut(4);
    journal.sell(999);
    CHECK(world.upload("T1", journal.upload_from(5)).says("journal-forked"));
  }
  SECTION("another record where there is one, and more behind it") {
    journal.cut(4);
    journal.sell(999);
    journal.sell(998);
    CHECK(world.upload("T1", journal.upload_from(5)).says("journal-forked"));
  }
  CHECK(world.books() == before);
}

TEST_CASE("a broken chain and a head that is not the terminal's are refused", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  journal.sell(100);
  journal.sell(200);

  SECTION("the head's chain value is not the records'") {
    journal::Chain other{};
    CHECK(world.upload("T1", journal.upload_with(journal.head(4, 1, other), 1, 4)).says("journal-broken"));
  }
  SECTION("the head is signed by another device") {
    auto foreign = world.journal_of("T2", 1);
    foreign.sell(100);
    CHECK(world.upload("T1", foreign.upload_all()).says("journal-broken"));
  }
  SECTION("records that come later do not have the chain value of a head that came before") {
    REQUIRE(world.upload("T1", journal.upload_with(journal.head(4, 1), 1, 1)).status == 200);
    journal.cut(2);
    journal.sell(201);
    journal.sell(202);
    CHECK(world.upload("T1", journal.upload_with(journal.head(6, 2), 2, 6)).says("journal-broken"));
  }
  CHECK(world.books().contains(R"("sales":[])") == !world.books().contains(R"("total":100)"));
}

TEST_CASE("poison among a thousand records is parked and holds up nothing", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  for (int i = 0; i < 250; ++i)
    journal.sell(100);
  journal.add("checkout.sale_closed", 1, R"({"how":"five"})");
  journal.add("members.sneezed", 0, "{}");
  journal.add("acme.door_opened", 0, "{}");
  journal.add("ledger.taken", 1,
              R"({"parts":[{"unit":1,"of":"m-1","settles":5,"holds":[{"lease":"nobody","lot":"","amount":5}]}]})");
  journal.add("checkout.shift_started", 0, "no JSON");
  for (int i = 0; i < 247; ++i)
    journal.sell(100);
  REQUIRE(world.upload("T1", journal.upload(1, 500)).says(acknowledges(500)));
  const std::string second = journal.upload(501, 999);

  const auto answer = world.upload("T1", second);

  CHECK(answer.says(R"("acknowledged":999)"));
  CHECK(answer.says(R"("seq":501,"reason":"body_not_understood")"));
  CHECK(answer.says(R"("seq":502,"reason":"kind_not_known")"));
  CHECK_FALSE(answer.says(R"("seq":503)"));
  CHECK(answer.says(R"("seq":504,"reason":"contradicts_the_books")"));
  CHECK(answer.says(R"("seq":505,"reason":"body_not_understood")"));
  // The answer got lost.
  CHECK(world.upload("T1", second).body == answer.body);
  CHECK(world.admin("parked", "").says(R"("kind":"members.sneezed")"));
  CHECK(world.books().contains(R"("sale":998)"));
}

TEST_CASE("personal values are held against the body", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  const std::string salt(16, 's');
  // HMAC-SHA-256 of 13800138000 under 16 times s.
  journal.add("payment.attempt_paid", 0, R"({"personal":{"payer":"FSDdIiFKre0DKvc6pJDLy3IphKtpaXJoLuoJo1kmkZQ"}})",
              {{"payer", salt, "13800138000"}});
  journal.add("payment.attempt_paid", 0, "{}", {{"payer", salt, "13800138000"}});
  journal.add("payment.attempt_paid", 0, R"({"personal":{"payer":"AAAA"}})");

  const auto answer = world.upload("T1", journal.upload_all());

  CHECK(answer.says(R"("acknowledged":3)"));
  CHECK_FALSE(answer.says(R"("seq":1,)"));
  CHECK(answer.says(R"("seq":2,"reason":"personal_not_matching")"));
  CHECK_FALSE(answer.says(R"("seq":3,)"));
}

TEST_CASE("an upload is taken exactly as the contract has it", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  journal.sell(100);
  const std::string good = journal.upload_all();
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    const std::size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, from.size(), to);
    return world.upload("T1", changed).status;
  };

  CHECK(with(R"("records":[)", R"("extra":1,"records":[)") == 400);
  CHECK(with(R"("seq":2,"kind")", R"("seq":3,"kind")") == 400);
  CHECK(with(R"("version":1,)", "") == 400);
  CHECK(with(R"("boot":1,)", R"("boot":-1,)") == 400);
  CHECK(with(R"("operator":"unattended")", R"("operator":"")") == 400);
  CHECK(world.upload("T1", good).status == 200);
}
