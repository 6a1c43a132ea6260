// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <catch2/catch_test_macros.hpp>

#include "cloud_world.hpp"

using namespace tillkit;
using test::CloudWorld;
using test::UploadedJournal;

namespace {

std::string enrolled(std::string_view member, std::string_view index, int consent) {
  return R"({"member":")" + std::string(member) + R"(","kind":1,"index":")" + std::string(index) +
         R"(","policy":1,"consent":)" + std::to_string(consent) + "}";
}

std::string redeemed(std::string_view coupon, int by) {
  return R"({"coupons":[{"coupon":")" + std::string(coupon) + R"(","offer":"o","member":"","by":)" +
         std::to_string(by) + R"(,"expires":1896000000000)" + (by == 2 ? R"(,"risk":300)" : "") + "}]}";
}

std::string hold(std::string_view lease, std::string_view lot, int amount) {
  return R"([{"lease":")" + std::string(lease) + R"(","lot":")" + std::string(lot) + R"(","amount":)" +
         std::to_string(amount) + "}]";
}

/// The day's records of three terminals: a member on two of them, spending, refunds, one coupon twice.
std::array<UploadedJournal, 3> a_day(CloudWorld& world) {
  std::array journals{world.journal_of("T1", 1), world.journal_of("T2", 2), world.journal_of("T3", 3)};
  auto& [one, two, three] = journals;
  const std::int64_t first = one.sell(1'000, "P1-000000000000002a");
  one.add("members.enrolled", first, enrolled("P1-000000000000002a", "42", 0));
  one.add("ledger.earned", first, R"({"of":"P1-000000000000002a","points":10,"why":1})");
  one.add("members.coupon_granted", first, R"({"member":"P1-000000000000002a","by":"b","offer":"o","count":2})");
  one.add("members.coupons_redeemed", first, redeemed("c-1", 2));
  one.add("ledger.lease_placed", 0, R"({"lease":"l-3"})");
  const std::int64_t second = one.sell(500, "m-77");
  one.add("ledger.taken", second,
          R"({"parts":[{"unit":1,"of":"m-77","settles":40,"holds":)" + hold("l-3", "own-a", 40) + "}]}");
  one.add("ledger.lease_returned", 0, R"({"lease":"l-3","unit":1,"of":"m-77","unused":60})");

  two.wall -= 60'000;  // the first to use the coupon, whatever the names say
  const std::int64_t third = two.sell(700, "P1-000000000000002a");
  two.add("members.enrolled", third, enrolled("P1-000000000000002a", "42", 1));
  two.add("ledger.earned", third, R"({"of":"P1-000000000000002a","points":7,"why":1})");
  two.add("members.coupons_redeemed", third, redeemed("c-1", 2));
  two.add("members.notice", third, R"({"member":"P1-000000000000002a","what":1,"of":3,"count":7})");

  three.wall += 120'000;
  const std::int64_t fourth = three.sell(900, "m-77");
  three.add("ledger.earned", fourth, R"({"of":"m-77","points":9,"why":1})");
  const std::int64_t back =
      three.add("checkout.return_started", -1,
                R"({"of":)" + std::to_string(fourth) +
                    R"(,"units":[],"amount":{"minor":900,"currency":"CNY"},"whole":true,"by":"a"})");
  three.add("ledger.taken_back", back, R"({"sale":)" + std::to_string(fourth) + R"(,"of":"m-77","points":9})");
  three.add("checkout.sale_closed", back, R"({"how":10})");
  // Another terminal gives back what the first one took.
  three.add("ledger.given_back", back,
            R"({"sale":1,"unit":1,"of":"m-77","settles":10,"holds":)" + hold("l-3", "own-a", 10) + "}");
  three.add("members.tier_reached", fourth, R"({"member":"m-77","from":"","to":"gold"})");
  return journals;
}

void prepare(CloudWorld& world) {
  REQUIRE(world.admin("member", R"("member":"m-77","consented":true,"identities":[{"kind":"payer","index":"42"}])")
              .status == 200);
  REQUIRE(world.admin("give", R"("unit":"points","of":"m-77","amount":100,"lot":"a")").status == 200);
  REQUIRE(world.admin("lease", R"("terminal":"T1","unit":"points","of":"m-77","amount":100)").says(R"("l-3")"));
  REQUIRE(world.admin("issue", R"("coupon":"c-1","offer":"o")").status == 200);
}

}  // namespace

TEST_CASE("in whatever order the terminals upload, the books end the same", "[cloud_home]") {
  std::array<std::size_t, 3> order{0, 1, 2};
  std::string expected;
  do {
    CAPTURE(order);
    CloudWorld world;
    prepare(world);
    auto journals = a_day(world);

    for (const std::size_t i : order) {
      const std::array terminals{"T1", "T2", "T3"};
      const auto answer = world.upload(terminals.at(i), journals.at(i).upload_all());
      CHECK(answer.says(R"("refused":[])"));
      CAPTURE(answer.body);
      CHECK(answer.status == 200);
    }

    const std::string books = world.books();
    if (expected.empty()) expected = books;
    CHECK(books == expected);
    CHECK(books.contains(R"("waiting":0,"adds_up":true)"));
    // 100 and 17 earned, 40 spent, 10 of them back, 9 earned and taken back.
    CHECK(books.contains(R"({"unit":"points","of":"m-77","active":87,"leased":0,"debt":0})"));
    CHECK(books.contains(R"({"member":"m-77","tier":"gold","orders":4,"spent_minor":2200,"consented":true})"));
    CHECK(books.contains(
        R"("double_redemptions":[{"coupon":"c-1","terminal":"T1","journal":"01010101010101010101010101010101")"));
    CHECK(books.contains(R"({"from":"P1-000000000000002a","into":"m-77"})"));
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("books that are read again from storage are the same", "[cloud_home]") {
  CloudWorld world;
  prepare(world);
  auto journals = a_day(world);
  for (std::size_t i = 0; i < journals.size(); ++i)
    REQUIRE(world.upload("T" + std::to_string(i + 1), journals.at(i).upload_all()).status == 200);
  const std::string before = world.books();

  world.restart();

  CHECK(world.books() == before);
}

TEST_CASE("who refuses is no member, until a later yes", "[cloud_home]") {
  CloudWorld world;
  auto one = world.journal_of("T1", 1);
  auto two = world.journal_of("T2", 2);
  const std::int64_t sale = one.sell(100, "P1-0000000000000007");
  one.add("members.enrolled", sale, enrolled("P1-0000000000000007", "7", 1));
  two.wall += 60'000;
  two.add("members.refused_consent", 0, R"({"kind":1,"index":"7","member":""})");
  const std::string who = R"({"identity":{"kind":"payer","index":"7"}})";

  // The refusal came later, and here first.
  REQUIRE(world.upload("T2", two.upload_all()).status == 200);
  REQUIRE(world.upload("T1", one.upload_all()).status == 200);
  CHECK(world.post("T1", "/v1/members/find", who).says("not_found"));

  one.wall += 600'000;
  one.add("members.enrolled", sale, enrolled("P1-0000000000000007", "7", 1));
  REQUIRE(world.upload("T1", one.upload_from(4)).status == 200);
  CHECK(world.post("T1", "/v1/members/find", who).says(R"("consented":true)"));

  // An old refusal that comes last is no later word.
  two.add("members.refused_consent", 0, R"({"kind":1,"index":"7","member":""})");
  REQUIRE(world.upload("T2", two.upload_from(2)).status == 200);
  CHECK(world.post("T1", "/v1/members/find", who).says(R"("consented":true)"));
}

TEST_CASE("who a wallet's user is can be asked", "[cloud_home]") {
  CloudWorld world;
  REQUIRE(world.admin("member", R"("member":"m-8","payers":[{"wallet":"alipay","user":"li"}])").status == 200);

  const auto said = world.admin(
      "payers",
      R"("payers":[{"wallet":"alipay","user":"li"},{"wallet":"wechat_pay","user":"li"},{"wallet":"alipay","user":"wu"}])");

  CHECK(said.body ==
        R"({"payers":[{"wallet":"alipay","user":"li","member":"m-8"},)"
        R"({"wallet":"wechat_pay","user":"li","member":""},{"wallet":"alipay","user":"wu","member":""}]})");
  CHECK(world.admin("payers", R"("payers":[{"wallet":"alipay"}])").status != 200);
}

TEST_CASE("a grant that is taken back voids what nobody used", "[cloud_home]") {
  CloudWorld world;
  auto journal = world.journal_of("T1", 1);
  const std::int64_t sale = journal.sell(1'000);
  const std::int64_t grant =
      journal.add("members.coupon_granted", sale, R"({"member":"m-1","by":"b","offer":"o","count":2})");
  const std::string stem = "g-AQEBAQEBAQEBAQEBAQEBAQ-" + std::to_string(grant) + "-";
  REQUIRE(world.upload("T1", journal.upload_all()).status == 200);
  REQUIRE(world.post("T2", "/v1/coupons/claim", R"({"coupon":")" + stem + "2\"}").says("set_apart"));
  auto other = world.journal_of("T2", 2);
  const std::int64_t used = other.sell(100);
  other.add("members.coupons_redeemed", used, redeemed(stem + "2", 1));

  journal.add("members.grant_voided", sale,
              R"({"member":"m-1","by":"b","offer":"o","count":2,"sale":)" + std::to_string(sale) + "}");
  REQUIRE(world.upload("T1", journal.upload_all()).says(R"("refused":[])"));
  REQUIRE(world.upload("T2", other.upload_all()).says(R"("refused":[])"));

  CHECK(world.post("T1", "/v1/coupons/claim", R"({"coupon":")" + stem + "1\"}").says("void"));
  CHECK(world.post("T1", "/v1/coupons/claim", R"({"coupon":")" + stem + "2\"}").says("used"));
}
