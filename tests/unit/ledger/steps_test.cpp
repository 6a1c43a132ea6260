// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/steps.hpp"

#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::ledger {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a lease that was asked for is placed once, however often the answer comes", "[ledger]") {
  Till till;
  const LeaseRequest asked = must(till.request(Unit::Points, owner("m"), 100));
  const LeaseGrant grant = points("a", {{60, 10}, {20, 20}});

  REQUIRE(till.place(grant, asked.key));
  const auto records = till.records();

  CHECK(failed_with(till.place(grant, asked.key), ErrorCode::NotFound));
  CHECK(till.place(grant));
  CHECK(till.records() == records);
  CHECK(till.lease("a").value().grant == grant);
  CHECK(must(leases(till.tables())).size() == 1);
  CHECK(must(open_requests(till.tables())).empty());
  CHECK(till.spendable(Unit::Points, "m") == 80);
  CHECK(till.sound());
}

TEST_CASE("a request stays until it is answered, across a restart", "[ledger]") {
  Till till;
  const LeaseRequest first = must(till.request(Unit::Points, owner("m"), 100));
  const LeaseRequest second = must(till.request(Unit::Risk, {}, 5'000));
  till.restart();

  const auto open = must(open_requests(till.tables()));

  REQUIRE(open.size() == 2);
  CHECK(open[0].key == first.key);
  CHECK(open[1].key == second.key);
  CHECK(open[1].unit == Unit::Risk);
  CHECK(open[1].of.empty());
  CHECK(open[1].amount == 5'000);
  CHECK(till.commit([&](journal::Tx& tx) { return refuse_lease(tx, first.key); }));
  CHECK(must(open_requests(till.tables())).size() == 1);
  const auto again = till.commit([&](journal::Tx& tx) { return refuse_lease(tx, first.key); });
  CHECK(failed_with(again, ErrorCode::NotFound));
  CHECK(till.sound());
}

TEST_CASE("an answer that names a lease which was here ends the request and places nothing", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));
  REQUIRE(till.give(lease_id("a")));
  const LeaseRequest asked = must(till.request(Unit::Points, owner("m"), 60));

  CHECK(till.place(points("a", {{60, 10}}), asked.key));

  CHECK(must(open_requests(till.tables())).empty());
  CHECK(must(leases(till.tables())).empty());
  CHECK(till.sound());
}

TEST_CASE("an answer to another question is refused, and the request stays", "[ledger]") {
  Till till;
  const LeaseRequest asked = must(till.request(Unit::Value, owner("m"), 100));

  CHECK(failed_with(till.place(points("a", {{60, 10}}), asked.key), ErrorCode::InvalidArgument));
  LeaseGrant other = points("a", {{60, 10}});
  other.unit = Unit::Value;
  other.of = owner("n");
  CHECK(failed_with(till.place(other, asked.key), ErrorCode::InvalidArgument));

  CHECK(must(open_requests(till.tables())).size() == 1);
}

TEST_CASE("a lease that does not add up is not placed", "[ledger]") {
  Till till;
  const LeaseGrant good = points("a", {{60, 10}, {20, 20}});
  const auto refused = [&](auto&& change) {
    LeaseGrant grant = good;
    change(grant);
    const auto placed = till.place(grant);
    return placed ? std::nullopt : std::optional(placed.error().code);
  };

  CHECK(refused([](LeaseGrant& g) { g.id = {}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.unit = Unit{9}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.unit = Unit{0}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.of = {}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.amount = 79; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.amount = 0; }) == ErrorCode::OutOfRange);
  CHECK(refused([](LeaseGrant& g) { g.amount = kLeaseAmountMax + 1; }) == ErrorCode::OutOfRange);
  CHECK(refused([](LeaseGrant& g) { g.lots[0].amount = 0; }) == ErrorCode::OutOfRange);
  CHECK(refused([](LeaseGrant& g) { g.lots[0].amount = -20; }) == ErrorCode::OutOfRange);
  CHECK(refused([](LeaseGrant& g) { g.lots[0].lot = {}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.lots[0].lot = g.lots[1].lot; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.lots.clear(); }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.draw_key = security::Sha256{}; }) == ErrorCode::InvalidArgument);
  CHECK(refused([](LeaseGrant& g) { g.unit = Unit::Budget; }) == ErrorCode::InvalidArgument);  // with lots
  CHECK(till.place(budget("b", kLeaseAmountMax)));
  LeaseGrant risk{.id = lease_id("r"), .unit = Unit::Risk, .of = owner("m"), .amount = 5};
  CHECK(failed_with(till.place(risk), ErrorCode::InvalidArgument));
  risk.of = {};
  CHECK(till.place(risk));
  CHECK(must(leases(till.tables())).size() == 2);
}

TEST_CASE("a budget's key for its draws comes back as it was granted", "[ledger]") {
  Till till;
  LeaseGrant grant = budget("b", 500);
  grant.draw_key = security::Sha256{std::byte{1}, std::byte{0xFE}};

  REQUIRE(till.place(grant));
  till.restart();

  CHECK(till.lease("b").value().grant == grant);
  CHECK(till.sound());
}

TEST_CASE("what expires first is spent first, then what has the lower name", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("b", {{10, 20}, {10, 5}})));
  REQUIRE(till.place(points("a", {{10, 20}, {10, 9}})));
  REQUIRE(till.place(points("c", {{10, 20}}, 15)));  // its lease ends earlier

  const auto chosen = must(choose_holds(till.tables(), Unit::Points, owner("m"), 45, kNow));

  CHECK(chosen == std::vector{hold("b", "b-2", 10), hold("a", "a-2", 10), hold("c", "c-1", 10), hold("a", "a-1", 10),
                              hold("b", "b-1", 5)});
  CHECK(failed_with(choose_holds(till.tables(), Unit::Points, owner("m"), 51, kNow), ErrorCode::Exhausted));
  CHECK(failed_with(choose_holds(till.tables(), Unit::Points, owner("m"), 0, kNow), ErrorCode::OutOfRange));
  CHECK(failed_with(choose_holds(till.tables(), Unit::Value, owner("m"), 1, kNow), ErrorCode::Exhausted));
}

TEST_CASE("nothing is spent of a lease or a lot that is over, or while nobody knows the time", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}, {20, 40}}, 30)));
  const WallReading unknown{kBegin, core::WallQuality::Unknown};
  const WallReading estimated{kBegin, core::WallQuality::Estimated};

  CHECK(till.spendable(Unit::Points, "m", estimated) == 80);
  CHECK(till.spendable(Unit::Points, "m", known(days_on(10) - 1ms)) == 80);
  CHECK(till.spendable(Unit::Points, "m", known(days_on(10))) == 20);
  CHECK(till.spendable(Unit::Points, "m", known(days_on(30) - 1ms)) == 20);
  CHECK(till.spendable(Unit::Points, "m", known(days_on(30))) == 0);
  CHECK(till.spendable(Unit::Points, "m", unknown) == 0);
  CHECK(till.spendable(Unit::Points, "n") == 0);
  CHECK(failed_with(choose_holds(till.tables(), Unit::Points, owner("m"), 1, unknown), ErrorCode::FailedPrecondition));
  CHECK(
      failed_with(choose_holds(till.tables(), Unit::Points, owner("m"), 21, known(days_on(10))), ErrorCode::Exhausted));
}

TEST_CASE("what a sale has reserved nobody else spends, until it is released", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}, {20, 20}})));
  const Reservation first = points_of({hold("a", "a-1", 50)});
  const Reservation second = points_of({hold("a", "a-1", 10), hold("a", "a-2", 5)}, 0);

  REQUIRE(till.reserve(1, first));
  REQUIRE(till.reserve(1, second));

  CHECK(till.spendable(Unit::Points, "m") == 15);
  CHECK(till.lease("a")->reserved == 65);
  CHECK(till.lease("a")->left() == 15);
  CHECK(must(reserved_for(till.tables(), SaleId(1))) == std::vector{first, second});
  CHECK(failed_with(till.reserve(2, points_of({hold("a", "a-1", 1)})), ErrorCode::Exhausted));
  CHECK(failed_with(till.give(lease_id("a")), ErrorCode::FailedPrecondition));
  till.restart();
  REQUIRE(till.release(1));
  CHECK(till.spendable(Unit::Points, "m") == 80);
  CHECK(must(reserved_for(till.tables(), SaleId(1))).empty());
  CHECK(till.sound());
}

TEST_CASE("what is taken is gone, and what is left of the lease goes back once", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}, {20, 20}})));
  REQUIRE(till.reserve(1, points_of({hold("a", "a-1", 50)})));
  REQUIRE(till.take(1));

  CHECK(till.lease("a")->taken == 50);
  CHECK(till.lease("a")->reserved == 0);
  CHECK(till.spendable(Unit::Points, "m") == 30);
  REQUIRE(till.give(lease_id("a")));

  const auto returned = must(till.opened->read(journal::Seq(till.records())));
  CHECK(returned.kind == kLeaseReturned);
  CHECK(returned.body == R"({"lease":"a","unit":1,"of":"m","unused":30})");
  CHECK(failed_with(till.give(lease_id("a")), ErrorCode::NotFound));
  CHECK(failed_with(till.reserve(2, points_of({hold("a", "a-1", 1)})), ErrorCode::NotFound));
  CHECK(till.spendable(Unit::Points, "m") == 0);
  CHECK(till.sound());
}

TEST_CASE("taking and releasing where nothing is reserved does nothing", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));
  REQUIRE(till.reserve(1, points_of({hold("a", "a-1", 50)})));
  REQUIRE(till.take(1));
  const auto records = till.records();

  CHECK(till.take(1));
  CHECK(till.release(1));
  CHECK(till.take(7));
  CHECK(till.release(7));

  CHECK(till.records() == records);
  CHECK(till.lease("a")->taken == 50);
}

TEST_CASE("a reservation is checked against the tables, whatever its maker believes", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));
  REQUIRE(till.place(budget("b", 100)));
  const auto refused = [&](const Reservation& reservation, std::int64_t sale = 1) {
    const auto reserved = till.reserve(sale, reservation);
    return reserved ? std::nullopt : std::optional(reserved.error().code);
  };
  const auto records = till.records();

  CHECK(refused(points_of({})) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("a", "a-1", 5)}), 0) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("a", "a-1", 5)}, -1)) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("a", "a-1", 0)})) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("a", "a-1", -5)})) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("b", "", 5)})) == ErrorCode::InvalidArgument);
  CHECK(refused(points_of({hold("c", "c-1", 5)})) == ErrorCode::NotFound);
  CHECK(refused(points_of({hold("a", "a-2", 5)})) == ErrorCode::NotFound);
  CHECK(refused(points_of({hold("a", "", 5)})) == ErrorCode::NotFound);
  CHECK(refused(points_of({hold("a", "a-1", 61)})) == ErrorCode::Exhausted);
  CHECK(refused(points_of({hold("a", "a-1", 40), hold("a", "a-1", 21)})) == ErrorCode::Exhausted);
  Reservation others = points_of({hold("a", "a-1", 5)});
  others.of = owner("n");
  CHECK(refused(others) == ErrorCode::InvalidArgument);
  others = points_of({hold("a", "a-1", 5)});
  others.draw = 0;
  CHECK(refused(others) == ErrorCode::InvalidArgument);
  CHECK(refused(budget_of({hold("b", "", 5)}, 1)) == ErrorCode::InvalidArgument);
  CHECK(refused(budget_of({hold("b", "", 5)}, ~std::uint64_t{0})) == ErrorCode::InvalidArgument);
  CHECK(till.records() == records);
  CHECK(refused(points_of({hold("a", "a-1", 40), hold("a", "a-1", 20)})) == std::nullopt);
}

TEST_CASE("a sale that is given up gives its draw to the next one, a paid one does not", "[ledger]") {
  Till till;
  REQUIRE(till.place(budget("b", 1'000)));
  CHECK(till.draw() == 0);
  CHECK(till.draw() == 0);

  REQUIRE(till.reserve(1, budget_of({hold("b", "", 10)}, 0)));
  CHECK(till.draw() == 1);
  CHECK(failed_with(till.reserve(2, budget_of({hold("b", "", 10)}, 0)), ErrorCode::InvalidArgument));
  REQUIRE(till.reserve(2, budget_of({hold("b", "", 10)}, 1)));
  REQUIRE(till.reserve(3, budget_of({hold("b", "", 10)}, 2)));
  REQUIRE(till.release(2));
  CHECK(till.draw() == 1);
  REQUIRE(till.release(1));
  CHECK(till.draw() == 0);
  till.restart();
  REQUIRE(till.reserve(4, budget_of({hold("b", "", 10)}, 0)));
  REQUIRE(till.take(4));
  REQUIRE(till.take(3));

  CHECK(till.draw() == 1);
  REQUIRE(till.reserve(5, budget_of({hold("b", "", 10)}, 1)));
  CHECK(till.draw() == 3);
  CHECK(must(reserved_for(till.tables(), SaleId(5))).front().draw == 1);
  CHECK(till.sound());
}

TEST_CASE("a lease that is used up leaves the tables and is never placed again", "[ledger]") {
  Till till;
  const LeaseGrant grant = points("a", {{60, 10}, {20, 20}});
  REQUIRE(till.place(grant));
  REQUIRE(till.reserve(1, points_of({hold("a", "a-1", 60)})));
  REQUIRE(till.reserve(1, points_of({hold("a", "a-2", 20)})));
  REQUIRE(till.take(1));

  CHECK_FALSE(till.lease("a").has_value());
  CHECK(till.place(grant));
  CHECK_FALSE(till.lease("a").has_value());
  CHECK(failed_with(till.give(lease_id("a")), ErrorCode::NotFound));
  CHECK(till.sound());
}

TEST_CASE("what is earned, given back and taken back is written as it was", "[ledger]") {
  Till till;
  const auto newest = [&] { return must(till.opened->read(journal::Seq(till.records()))); };
  const auto earned = [&](std::int64_t points, EarnWhy why = EarnWhy::Goods, std::int64_t sale = 3) {
    return till.commit([&](journal::Tx& tx) { return earn(tx, SaleId(sale), owner("m"), points, why); });
  };
  const auto taken_back = [&](std::int64_t points, std::int64_t sold = 3) {
    return till.commit([&](journal::Tx& tx) { return take_back(tx, SaleId(9), SaleId(sold), owner("m"), points); });
  };
  const auto given_back = [&](const Reservation& part, std::int64_t sold = 3) {
    return till.commit([&](journal::Tx& tx) { return give_back(tx, SaleId(9), SaleId(sold), part); });
  };

  REQUIRE(earned(12, EarnWhy::Grant));
  CHECK(newest().body == R"({"of":"m","points":12,"why":2})");
  CHECK(newest().sale == SaleId(3));
  REQUIRE(taken_back(7));
  CHECK(newest().body == R"({"sale":3,"of":"m","points":7})");
  REQUIRE(given_back(points_of({hold("a", "a-1", 4)}, 2)));
  CHECK(newest().body == R"({"sale":3,"unit":1,"of":"m","settles":2,"holds":[{"lease":"a","lot":"a-1","amount":4}]})");
  REQUIRE(given_back(points_of({}, 2)));  // worth less than a point
  CHECK(newest().body == R"({"sale":3,"unit":1,"of":"m","settles":2,"holds":[]})");
  CHECK(failed_with(earned(0), ErrorCode::OutOfRange));
  CHECK(failed_with(earned(kLeaseAmountMax + 1), ErrorCode::OutOfRange));
  CHECK(failed_with(earned(1, EarnWhy{3}), ErrorCode::InvalidArgument));
  CHECK(failed_with(earned(1, EarnWhy::Goods, 0), ErrorCode::InvalidArgument));
  CHECK(failed_with(taken_back(0), ErrorCode::OutOfRange));
  CHECK(failed_with(taken_back(1, 0), ErrorCode::InvalidArgument));
  CHECK(failed_with(given_back(points_of({}, 0)), ErrorCode::InvalidArgument));
  CHECK(failed_with(given_back(points_of({hold("a", "a-1", 4)}), 0), ErrorCode::InvalidArgument));
  CHECK(till.sound());
}

TEST_CASE("a step that fails later in the commit leaves nothing behind", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));

  const auto done = till.commit([](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(reserve(tx, SaleId(1), points_of({hold("a", "a-1", 60)})));
    TILLKIT_TRY_VOID(take(tx, SaleId(1)));
    return core::fail(ErrorCode::Cancelled);
  });

  CHECK(failed_with(done, ErrorCode::Cancelled));
  CHECK(till.lease("a")->left() == 60);
  CHECK(till.sound());
}

}  // namespace
}  // namespace tillkit::ledger
