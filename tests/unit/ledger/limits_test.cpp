// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/limits.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::ledger {
namespace {

TEST_CASE("the limits of the ledger are listed once each, in order, with a unit", "[ledger]") {
  const auto limits = ledger_limits();

  CHECK(std::ranges::is_sorted(limits, std::ranges::less{}, &core::NamedLimit::name));
  CHECK(std::ranges::adjacent_find(limits, std::ranges::equal_to{}, &core::NamedLimit::name) == limits.end());
  for (const auto& [name, value, unit] : limits) {
    CAPTURE(std::string(name));
    CHECK(name.starts_with("ledger."));
    CHECK(value > 0);
    CHECK_FALSE(unit.empty());
  }
}

TEST_CASE("so many requests are open at most, and no unit or amount is asked for that cannot be leased", "[ledger]") {
  Till till;
  for (std::size_t i = 0; i < kRequestsOpenMax; ++i)
    REQUIRE(till.request(Unit::Points, owner("m"), kLeaseAmountMax));

  CHECK(failed_with(till.request(Unit::Points, owner("m"), 1), ErrorCode::Exhausted));
  CHECK(failed_with(till.request(Unit::Points, owner("m"), 0), ErrorCode::OutOfRange));
  CHECK(failed_with(till.request(Unit::Points, owner("m"), kLeaseAmountMax + 1), ErrorCode::OutOfRange));
  CHECK(failed_with(till.request(Unit::Points, {}, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(till.request(Unit::Risk, owner("m"), 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(till.request(Unit{5}, owner("m"), 1), ErrorCode::InvalidArgument));
  const auto open = must(open_requests(till.tables()));
  REQUIRE(till.commit([&](journal::Tx& tx) { return refuse_lease(tx, open.front().key); }));
  CHECK(till.request(Unit::Points, owner("m"), 1));
  CHECK(till.sound());
}

TEST_CASE("a number for a request needs random numbers", "[ledger]") {
  Till till;
  till.random.faults().fail_from(1, {ErrorCode::Unavailable});

  CHECK(failed_with(till.request(Unit::Points, owner("m"), 1), ErrorCode::Unavailable));
  CHECK(must(open_requests(till.tables())).empty());
}

TEST_CASE("a lease has so many lots at most", "[ledger]") {
  Till till;
  const std::vector<std::pair<std::int64_t, int>> most(kLotsPerLeaseMax, {1, 10});
  auto more = most;
  more.emplace_back(1, 10);

  CHECK(till.place(points("a", most)));
  CHECK(failed_with(till.place(points("b", more)), ErrorCode::Exhausted));
}

TEST_CASE("a sale reserves so often at most", "[ledger]") {
  Till till;
  REQUIRE(till.place(budget("b", 1'000)));
  for (std::size_t i = 0; i < kReservationsPerSaleMax; ++i)
    REQUIRE(till.reserve(1, budget_of({hold("b", "", 1)}, i)));

  CHECK(failed_with(till.reserve(1, budget_of({hold("b", "", 1)})), ErrorCode::Exhausted));
  CHECK(till.reserve(2, budget_of({hold("b", "", 1)})));
  CHECK(till.take(1));
  CHECK(till.sound());
}

TEST_CASE("a sale holds so many pieces at most, and the record that takes them all has room for the longest names",
          "[ledger]") {
  Till till;
  const std::string offer(64, 'o');
  std::vector<Hold> holds;
  for (std::size_t i = 0; i < kHoldsPerSaleMax; ++i) {
    const std::string number = std::to_string(1'000 + i);
    const std::string lease = std::string(28, 'a') + number;
    const std::string lot = std::string(44, 'b') + number;
    LeaseGrant grant{.id = lease_id(lease), .unit = Unit::Value, .of = owner(offer), .amount = kLeaseAmountMax};
    grant.until = days_on(30);
    grant.lots = {{lot_id(lot), kLeaseAmountMax, days_on(20)}};
    REQUIRE(till.place(grant));
    holds.push_back(hold(lease, lot, kLeaseAmountMax));
  }
  REQUIRE(till.place({.id = lease_id("z"),
                      .unit = Unit::Value,
                      .of = owner(offer),
                      .amount = 2,
                      .until = days_on(30),
                      .lots = {{lot_id("z"), 2, days_on(25)}}}));
  const auto all = kLeaseAmountMax * static_cast<std::int64_t>(kHoldsPerSaleMax);
  CHECK(till.spendable(Unit::Value, offer) == all + 2);
  CHECK(must(choose_holds(till.tables(), Unit::Value, owner(offer), all, kNow)) == holds);
  CHECK(failed_with(choose_holds(till.tables(), Unit::Value, owner(offer), all + 1, kNow), ErrorCode::Exhausted));

  // Spread over as many reservations as there may be: the longest record.
  constexpr std::size_t kEach = kHoldsPerSaleMax / kReservationsPerSaleMax;
  for (std::size_t i = 0; i < kReservationsPerSaleMax; ++i) {
    const auto first = holds.begin() + static_cast<std::ptrdiff_t>(i * kEach);
    const Reservation part{.unit = Unit::Value,
                           .of = owner(offer),
                           .settles_minor = std::numeric_limits<std::int64_t>::max(),
                           .holds = {first, first + static_cast<std::ptrdiff_t>(kEach)}};
    if (i + 1 == kReservationsPerSaleMax) {
      auto more = part;
      more.holds.push_back(hold("z", "z", 1));
      CHECK(failed_with(till.reserve(1, more), ErrorCode::Exhausted));
    }
    REQUIRE(till.reserve(1, part));
  }
  CHECK(till.take(1));
  CHECK(must(leases(till.tables())).size() == 1);
  holds.push_back(hold("z", "z", 1));
  CHECK(failed_with(till.reserve(2, {.unit = Unit::Value, .of = owner(offer), .holds = holds}), ErrorCode::Exhausted));
  CHECK(till.sound());
}

// A table set of the same name may write its tables: 100,000 leases one by one would take a minute.
inline constexpr journal::Kind kMany = journal::kind("test.many");
core::Result<> apply_many(journal::Tx& tx, const journal::Record& record) {
  if (record.kind != kMany) return kLedgerTables.apply(tx, record);
  constexpr journal::Statement<void(std::int64_t)> kLeases{
      "INSERT INTO leases(lease, unit, owner, amount, until, draw_key)"
      " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
      " SELECT 'many-' || i, 1, 'many', 1, 9999999999999, '' FROM n"};
  constexpr journal::Statement<void()> kParts{
      "INSERT INTO lease_parts(lease, lot, place, amount, expires, reserved, taken)"
      " SELECT lease, 'l-' || lease, 0, 1, 9999999999999, 0, 0 FROM leases"};
  constexpr journal::Statement<void(std::int64_t)> kSum{"INSERT INTO lease_sums(one, held) VALUES(1, ?1)"};
  const auto many = static_cast<std::int64_t>(kLeasesMax) - 1;
  TILLKIT_TRY_VOID(tx.run(kLeases, many));
  TILLKIT_TRY_VOID(tx.run(kParts));
  TILLKIT_TRY_VOID(tx.run(kSum, many));
  return {};
}

TEST_CASE("a terminal holds so many leases at most, and room comes with each that ends", "[ledger]") {
  Till till;
  till.opened.reset();
  till.sets.front().apply = &apply_many;
  till.start();
  REQUIRE(till.append(kMany, {}, "{}"));

  CHECK(till.place(points("a", {{60, 10}})));
  CHECK(failed_with(till.place(points("b", {{60, 10}})), ErrorCode::Exhausted));
  CHECK(till.place(points("a", {{60, 10}})));  // is here already
  REQUIRE(till.give(lease_id("many-77")));
  CHECK(till.place(points("b", {{60, 10}})));
  CHECK(failed_with(till.place(points("c", {{60, 10}})), ErrorCode::Exhausted));
}

}  // namespace
}  // namespace tillkit::ledger
