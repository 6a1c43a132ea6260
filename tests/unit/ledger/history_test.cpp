// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/history.hpp"

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::ledger {
namespace {

LedgerHistory history_of(const Till& till, std::int64_t sale) {
  LedgerHistory history;
  REQUIRE(
      till.opened->each({.sale = SaleId(sale)}, [&](const journal::Record& record) { return tell(history, record); }));
  return history;
}

journal::Record record_of(journal::Kind kind, std::string body) {
  journal::Record record;
  record.kind = kind;
  record.body = std::move(body);
  return record;
}

TEST_CASE("a sale's records say what it spent, also when the tables have forgotten it", "[ledger]") {
  Till till;
  const Reservation given_up = budget_of({hold("b", "", 40)}, 0);
  const Reservation paid = points_of({hold("a", "a-1", 60), hold("a", "a-2", 20)}, 8);
  const Reservation later = budget_of({hold("b", "", 50)});
  REQUIRE(till.place(points("a", {{60, 10}, {20, 20}})));
  REQUIRE(till.place(budget("b", 100)));
  REQUIRE(till.reserve(1, given_up));
  REQUIRE(till.release(1));
  REQUIRE(till.reserve(1, paid));
  REQUIRE(till.take(1));
  REQUIRE(till.reserve(1, later));
  REQUIRE(till.commit([](journal::Tx& tx) { return earn(tx, SaleId(1), owner("m"), 12, EarnWhy::Grant); }));

  const LedgerHistory history = history_of(till, 1);

  REQUIRE(history.spent.size() == 3);
  CHECK(history.spent[0].part == given_up);
  CHECK(history.spent[0].state == SpentState::Released);
  CHECK(history.spent[1].part == paid);
  CHECK(history.spent[1].state == SpentState::Taken);
  CHECK(history.spent[2].part == later);
  CHECK(history.spent[2].state == SpentState::Reserved);
  REQUIRE(history.earned.size() == 1);
  CHECK(history.earned[0].member == owner("m"));
  CHECK(history.earned[0].points == 12);
  CHECK(history.earned[0].why == EarnWhy::Grant);
  CHECK(history.given_back.empty());
  CHECK(history.taken_back.empty());
  CHECK_FALSE(till.lease("a").has_value());
}

TEST_CASE("a refund's records say what it gave back and took back, and of which sale", "[ledger]") {
  Till till;
  const Reservation part = points_of({hold("a", "a-2", 20), hold("a", "a-1", 5)}, 3);
  REQUIRE(till.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(give_back(tx, SaleId(9), SaleId(1), part));
    return take_back(tx, SaleId(9), SaleId(1), owner("m"), 4);
  }));

  const LedgerHistory history = history_of(till, 9);

  REQUIRE(history.given_back.size() == 1);
  CHECK(history.given_back[0].sold == SaleId(1));
  CHECK(history.given_back[0].part == part);
  REQUIRE(history.taken_back.size() == 1);
  CHECK(history.taken_back[0].sold == SaleId(1));
  CHECK(history.taken_back[0].member == owner("m"));
  CHECK(history.taken_back[0].points == 4);
  CHECK(history.spent.empty());
}

TEST_CASE("records of leases and of other modules say nothing of a sale", "[ledger]") {
  LedgerHistory history;

  CHECK(tell(history, record_of(kLeasePlaced, "{}")));
  CHECK(tell(history, record_of(journal::kind("payment.attempt_paid"), "no JSON")));

  CHECK(history.spent.empty());
}

TEST_CASE("a record that this module does not write is told from one that it does", "[ledger]") {
  LedgerHistory history;
  const auto told = [&](journal::Kind kind, std::string body) {
    return tell(history, record_of(kind, std::move(body)));
  };

  CHECK(failed_with(told(journal::kind("ledger.other"), "{}"), ErrorCode::Corrupt));
  CHECK_FALSE(told(kEarned, "{}"));
  CHECK_FALSE(told(kEarned, "no JSON"));
  CHECK(failed_with(told(kEarned, R"({"of":"m","points":0,"why":1})"), ErrorCode::Corrupt));
  CHECK(failed_with(told(kEarned, R"({"of":"m","points":1,"why":3})"), ErrorCode::Corrupt));
  CHECK(failed_with(told(kTakenBack, R"({"sale":0,"of":"m","points":1})"), ErrorCode::Corrupt));
  CHECK(failed_with(told(kReserved, R"({"unit":5,"of":"m","settles":1,"holds":[],"draw":-1})"), ErrorCode::Corrupt));
  CHECK(failed_with(told(kReserved, R"({"unit":1,"of":"m","settles":1,"holds":[],"draw":-2})"), ErrorCode::Corrupt));
  CHECK(history.earned.empty());
  CHECK(history.spent.empty());
}

TEST_CASE("what expires last goes back first, in any pieces, and never more than was taken", "[ledger]") {
  const Reservation part = points_of({hold("a", "a-1", 10), hold("b", "b-1", 20), hold("a", "a-2", 30)});

  std::vector<Hold> before = must(choose_give_back(part, {}, 35));
  CHECK(before == std::vector{hold("a", "a-2", 30), hold("b", "b-1", 5)});
  CHECK(must(choose_give_back(part, {}, 0)).empty());
  CHECK(must(choose_give_back(part, {}, 60)).size() == 3);
  CHECK(failed_with(choose_give_back(part, {}, 61), ErrorCode::OutOfRange));
  CHECK(failed_with(choose_give_back(part, {}, -1), ErrorCode::OutOfRange));
  const auto rest = must(choose_give_back(part, before, 25));
  CHECK(rest == std::vector{hold("b", "b-1", 15), hold("a", "a-1", 10)});
  CHECK(failed_with(choose_give_back(part, before, 26), ErrorCode::OutOfRange));
  before.insert(before.end(), rest.begin(), rest.end());
  CHECK(must(choose_give_back(part, before, 0)).empty());
  CHECK(failed_with(choose_give_back(part, before, 1), ErrorCode::OutOfRange));
  CHECK(failed_with(choose_give_back(part, {hold("a", "a-1", 11)}, 1), ErrorCode::OutOfRange));
  CHECK(failed_with(choose_give_back(part, {hold("x", "a-1", 1)}, 1), ErrorCode::OutOfRange));
}

TEST_CASE("a lot that a sale took twice gives back both parts", "[ledger]") {
  const Reservation part = points_of({hold("a", "a-1", 10), hold("a", "a-1", 5)});

  CHECK(must(choose_give_back(part, {hold("a", "a-1", 7)}, 8)) == std::vector{hold("a", "a-1", 8)});
  CHECK(must(choose_give_back(part, {}, 12)) == std::vector{hold("a", "a-1", 5), hold("a", "a-1", 7)});
}

}  // namespace
}  // namespace tillkit::ledger
