// SPDX-License-Identifier: Apache-2.0

// The tables' own guard: whatever the steps believe, a record that does not belong to them is not taken.
#include "tillkit/ledger/tables.hpp"

#include <array>
#include <chrono>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::ledger {
namespace {

using namespace std::chrono_literals;

std::optional<journal::Kind> applied_twice;

core::Result<> apply_twice(journal::Tx& tx, const journal::Record& record) {
  TILLKIT_TRY_VOID(kLedgerTables.apply(tx, record));
  if (record.kind != applied_twice) return {};
  return kLedgerTables.apply(tx, record);
}

/// One of each record, as far as it gets.
void live(Till& till) {
  const auto asked = till.request(Unit::Points, owner("m"), 80);
  if (asked) static_cast<void>(till.place(points("a", {{60, 10}, {20, 20}}), asked->key));
  const auto other = till.request(Unit::Points, owner("m"), 80);
  if (other) static_cast<void>(till.commit([&](journal::Tx& tx) { return refuse_lease(tx, other->key); }));
  static_cast<void>(till.place(budget("b", 500)));
  static_cast<void>(till.reserve(1, points_of({hold("a", "a-1", 20)})));
  static_cast<void>(till.reserve(1, budget_of({hold("b", "", 40)}, 0)));
  static_cast<void>(till.release(1));
  static_cast<void>(till.reserve(2, points_of({hold("a", "a-1", 20)})));
  static_cast<void>(till.reserve(2, budget_of({hold("b", "", 40)}, 0)));
  static_cast<void>(till.take(2));
  static_cast<void>(till.give(lease_id("a")));
}

TEST_CASE("a ledger's record that is applied twice is not taken at all", "[ledger]") {
  const std::array kinds{kLeaseRequested, kLeasePlaced, kLeaseRefused, kLeaseReturned, kReserved, kTaken, kReleased};
  for (const journal::Kind& kind : kinds) {
    CAPTURE(kind.view());
    applied_twice = kind;
    Till till;
    till.opened.reset();
    till.sets.front().apply = &apply_twice;
    till.start();
    live(till);
    std::size_t such = 0;
    REQUIRE(till.opened->each({.kind = kind}, [&](const journal::Record&) -> core::Result<> {
      ++such;
      return {};
    }));
    CHECK(such == 0);

    till.opened.reset();
    till.sets = {kLedgerTables};
    till.start();
    CHECK(till.sound());
  }
}

TEST_CASE("whatever a step believes, no record spends what is not there", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));
  REQUIRE(till.place(budget("b", 50)));
  REQUIRE(till.reserve(1, points_of({hold("a", "a-1", 50)})));
  const auto before = must(leases(till.tables()));
  const auto records = till.records();
  const auto reserves = [](std::string_view account, std::string_view hold_and_draw) {
    return "{" + std::string(account) + ",\"settles\":1,\"holds\":[" + std::string(hold_and_draw) + "}";
  };
  const std::string points_of_m = R"("unit":1,"of":"m")";

  CHECK_FALSE(till.append(kReserved, SaleId(2), reserves(points_of_m, R"({"lease":"a","lot":"a-1","amount":11}])")));
  CHECK_FALSE(till.append(kReserved, SaleId(2), reserves(points_of_m, R"({"lease":"a","lot":"a-1","amount":-1}])")));
  CHECK_FALSE(till.append(kReserved, SaleId(2), reserves(points_of_m, R"({"lease":"z","lot":"a-1","amount":1}])")));
  CHECK_FALSE(till.append(kReserved, SaleId(2), reserves(points_of_m, "]")));
  CHECK_FALSE(
      till.append(kReserved, SaleId(2), reserves(R"("unit":1,"of":"n")", R"({"lease":"a","lot":"a-1","amount":1}])")));
  CHECK_FALSE(
      till.append(kReserved, SaleId(2), reserves(R"("unit":2,"of":"m")", R"({"lease":"a","lot":"a-1","amount":1}])")));
  CHECK_FALSE(till.append(kReserved, SaleId(2),
                          reserves(R"("unit":3,"of":"o")", R"({"lease":"b","lot":"","amount":1}],"draw":1)")));
  CHECK_FALSE(
      till.append(kReserved, SaleId(2), reserves(points_of_m, R"({"lease":"a","lot":"a-1","amount":1}],"draw":0)")));
  CHECK_FALSE(till.append(kReserved, SaleId(), reserves(points_of_m, R"({"lease":"a","lot":"a-1","amount":1}])")));
  CHECK_FALSE(till.append(kTaken, SaleId(2), R"({"parts":[]})"));
  CHECK_FALSE(till.append(kReleased, SaleId(2), "{}"));
  CHECK_FALSE(till.append(kLeaseReturned, {}, R"({"lease":"a","unit":1,"of":"m","unused":10})"));  // reserved
  CHECK_FALSE(till.append(kLeaseReturned, {}, R"({"lease":"b","unit":3,"of":"o","unused":51})"));
  CHECK_FALSE(till.append(kLeaseRefused, {}, R"({"request":"T1X"})"));
  CHECK_FALSE(till.append(kLeaseRequested, {}, R"({"request":"","unit":1,"of":"m","amount":1})"));

  CHECK(till.records() == records);
  CHECK(must(leases(till.tables())).size() == before.size());
  CHECK(till.lease("a")->reserved == 50);
  CHECK(till.sound());
}

TEST_CASE("whatever a step believes, no lease is placed twice or with wrong sums", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}})));
  REQUIRE(till.place(points("b", {{60, 10}})));
  REQUIRE(till.give(lease_id("b")));
  const auto records = till.records();
  const auto placed = [&](std::string_view lease, std::string_view lots, int unit = 1) {
    return till.append(kLeasePlaced, {},
                       R"({"lease":")" + std::string(lease) + R"(","unit":)" + std::to_string(unit) +
                           R"(,"of":"m","amount":60,"until":9999999999999,"lots":[)" + std::string(lots) +
                           R"(],"draw_key":"","request":""})");
  };

  CHECK_FALSE(placed("a", R"({"lot":"x","amount":60,"expires":9})"));
  CHECK_FALSE(placed("b", R"({"lot":"x","amount":60,"expires":9})"));
  CHECK_FALSE(placed("", R"({"lot":"x","amount":60,"expires":9})"));
  CHECK_FALSE(placed("c", R"({"lot":"x","amount":59,"expires":9})"));
  CHECK_FALSE(placed("c", R"({"lot":"x","amount":61,"expires":9})"));
  CHECK_FALSE(placed("c", R"({"lot":"","amount":60,"expires":9})"));
  CHECK_FALSE(placed("c", R"({"lot":"x","amount":60,"expires":9})", 3));
  CHECK_FALSE(placed("c", R"({"lot":"x","amount":60,"expires":9})", 5));
  CHECK(till.records() == records);
  CHECK(placed("c", R"({"lot":"x","amount":60,"expires":9})"));
  CHECK(till.sound());
}

constexpr journal::Statement<std::tuple<std::int64_t>()> kRemembered{"SELECT count(*) FROM leases_over"};

TEST_CASE("leases that are over leave only their ids, and those go a year after their time, but never come back",
          "[ledger]") {
  Till till;
  const LeaseGrant first = points("a-0", {{60, 10}}, 30);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "a-" + std::to_string(i);
    REQUIRE(till.place(points(name, {{60, 10}}, 30 + i)));
    REQUIRE(till.give(lease_id(name)));
  }
  const auto remembered = [&] { return std::get<0>(*must(till.tables().find(kRemembered))); };
  CHECK(remembered() == 20);

  REQUIRE(till.clock.adopt_wall(days_on(30 + 365 + 9), till.clock.monotonic()));
  REQUIRE(till.place(points("b", {{60, 1'000}}, 900)));

  CHECK(remembered() == 10);
  CHECK(till.place(first));
  CHECK(till.place(points("a-15", {{60, 10}}, 45)));
  CHECK_FALSE(till.lease("a-0").has_value());
  CHECK_FALSE(till.lease("a-15").has_value());
  CHECK(till.sound());

  // Nobody wants such a lease any more; of one that old nobody here knows whether it was placed.
  CHECK(till.place(points("new", {{60, 10}}, 30)));
  CHECK_FALSE(till.lease("new").has_value());
  CHECK(till.place(points("newer", {{60, 10}}, 40)));
  CHECK(till.lease("newer").has_value());
  CHECK(till.sound());
}

TEST_CASE("a clock that nobody trusts forgets no lease", "[ledger]") {
  Till till;
  REQUIRE(till.place(points("a", {{60, 10}}, 30)));
  REQUIRE(till.give(lease_id("a")));
  till.clock.set_synchronised(false);
  till.clock.set_wall(days_on(3'000));

  REQUIRE(till.place(points("b", {{60, 10}}, 30)));

  CHECK(till.clock.wall().quality != core::WallQuality::Trusted);
  CHECK(till.place(points("a", {{60, 10}}, 30)));
  CHECK_FALSE(till.lease("a").has_value());
  CHECK(std::get<0>(*must(till.tables().find(kRemembered))) == 1);
}

TEST_CASE("the tables can be made again from a snapshot, too", "[ledger]") {
  Till till;
  live(till);
  REQUIRE(till.place(points("c", {{60, 10}})));
  REQUIRE(till.reserve(7, points_of({hold("c", "c-1", 5)})));

  REQUIRE(till.opened->snapshot());
  REQUIRE(till.release(7));
  REQUIRE(till.reserve(8, budget_of({hold("b", "", 5)}, till.draw())));

  CHECK(till.sound());
}

}  // namespace
}  // namespace tillkit::ledger
