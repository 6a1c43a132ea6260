// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/book.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <catch2/catch_test_macros.hpp>

#include "random.hpp"
#include "till.hpp"

namespace tillkit::ledger {
namespace {

const TerminalId kOne = *TerminalId::parse("one");
const TerminalId kTwo = *TerminalId::parse("two");
const Owner kMember = *Owner::parse("m");

/// Entries with keys of their own.
struct Cloud {
  EntryKey next() {
    ++seq;
    return {.seq = journal::Seq(seq)};
  }
  bool earn(std::string_view lot, std::int64_t amount, int days = 100, int from_days = 0, Unit unit = Unit::Points,
            const Owner& of = kMember) {
    return must(book.post_earned(next(), unit, of, {lot_id(lot), amount, days_on(days)}, days_on(from_days)));
  }
  core::Result<LeaseGrant> grant(std::string_view lease, std::int64_t amount, const TerminalId& terminal = kOne,
                                 int now = 0, Unit unit = Unit::Points, const Owner& of = kMember) {
    return book.grant(lease_id(lease), terminal, unit, of, amount, days_on(now), days_on(now + 30));
  }
  bool taken(std::vector<Hold> holds) { return must(book.post_taken(next(), holds)); }
  bool given_back(std::vector<Hold> holds) { return must(book.post_given_back(next(), Unit::Points, kMember, holds)); }
  bool taken_back(std::string_view lot, std::int64_t amount, int now = 0) {
    return must(book.post_taken_back(next(), Unit::Points, kMember, lot_id(lot), amount, days_on(now)));
  }
  bool returned(std::string_view lease, std::int64_t unused) {
    return must(book.post_returned(next(), lease_id(lease), unused));
  }
  [[nodiscard]] Balance balance(int now = 0) const { return book.balance(Unit::Points, kMember, days_on(now)); }
  [[nodiscard]] std::int64_t lost() const {
    const auto& losses = book.losses();
    return std::accumulate(losses.begin(), losses.end(), std::int64_t{},
                           [](std::int64_t sum, const Loss& loss) { return sum + loss.amount; });
  }

  Book book;
  std::int64_t seq = 0;
};

TEST_CASE("points are active in their time only", "[ledger]") {
  Cloud cloud;
  cloud.earn("l1", 100, 10);
  cloud.earn("l2", 50, 30, 5);

  CHECK(cloud.balance(0) == Balance{.active = 100, .pending = 50});
  CHECK(cloud.balance(5) == Balance{.active = 150});
  CHECK(cloud.balance(10) == Balance{.active = 50});
  CHECK(cloud.balance(30) == Balance{});
  CHECK(cloud.book.balance(Unit::Value, kMember, kBegin) == Balance{});
  CHECK(cloud.book.balance(Unit::Points, owner("n"), kBegin) == Balance{});
  CHECK(cloud.book.check());
}

TEST_CASE("an entry counts once", "[ledger]") {
  Cloud cloud;
  const EntryKey earned = cloud.next();
  const EntryKey taken = cloud.next();
  const LotPart lot{lot_id("l"), 100, days_on(9)};
  const std::vector holds{hold("a", "l", 30)};

  CHECK(must(cloud.book.post_earned(earned, Unit::Points, kMember, lot, kBegin)));
  CHECK_FALSE(must(cloud.book.post_earned(earned, Unit::Points, kMember, lot, kBegin)));
  REQUIRE(cloud.grant("a", 60));
  CHECK(must(cloud.book.post_taken(taken, holds)));
  CHECK_FALSE(must(cloud.book.post_taken(taken, holds)));
  const EntryKey elsewhere{.journal = {{std::byte{1}}}, .seq = taken.seq};
  CHECK(must(cloud.book.post_taken(elsewhere, holds)));

  CHECK(cloud.balance() == Balance{.active = 40});
  CHECK(cloud.book.losses().empty());
  CHECK(
      failed_with(cloud.book.post_earned(cloud.next(), Unit::Points, kMember, lot, kBegin), ErrorCode::AlreadyExists));
  CHECK(cloud.book.check());
}

TEST_CASE("an entry that makes no sense is refused and may come again in order", "[ledger]") {
  Cloud cloud;
  const EntryKey key = cloud.next();
  const LotPart lot{lot_id("l"), 0, days_on(9)};

  CHECK(failed_with(cloud.book.post_earned(key, Unit::Points, kMember, lot, kBegin), ErrorCode::InvalidArgument));
  CHECK(
      failed_with(cloud.book.post_earned(key, Unit{7}, kMember, {lot_id("l"), 1}, kBegin), ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_earned(key, Unit::Points, kMember, {{}, 1}, kBegin), ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_taken(key, {}), ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_taken(key, std::vector{hold("a", "l", 0)}), ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_given_back(key, Unit::Points, kMember, std::vector{hold("a", "l", -1)}),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_taken_back(key, Unit::Points, kMember, {}, 1, kBegin), ErrorCode::InvalidArgument));
  CHECK(failed_with(cloud.book.post_returned(key, lease_id("a"), -1), ErrorCode::InvalidArgument));
  CHECK(must(cloud.book.post_earned(key, Unit::Points, kMember, {lot_id("l"), 1, days_on(9)}, kBegin)));
}

TEST_CASE("what a terminal holds nobody else gets, and the same lease comes again as it was", "[ledger]") {
  Cloud cloud;
  cloud.earn("late", 50, 90);
  cloud.earn("soon", 20, 10);
  cloud.earn("not-yet", 70, 90, 5);

  const LeaseGrant grant = must(cloud.grant("a", 30));

  CHECK(grant.lots == std::vector<LotPart>{{lot_id("soon"), 20, days_on(10)}, {lot_id("late"), 10, days_on(90)}});
  CHECK(grant.amount == 30);
  CHECK(grant.until == days_on(30));
  CHECK(cloud.balance() == Balance{.active = 40, .pending = 70, .leased = 30});
  CHECK(must(cloud.grant("b", 1'000, kTwo)).amount == 40);
  CHECK(failed_with(cloud.grant("c", 1, kTwo), ErrorCode::Exhausted));
  CHECK(must(cloud.grant("a", 7, kOne, 400)) == grant);
  CHECK(failed_with(cloud.grant("a", 30, kTwo), ErrorCode::AlreadyExists));
  CHECK(failed_with(cloud.grant("a", 30, kOne, 0, Unit::Value), ErrorCode::AlreadyExists));
  CHECK(failed_with(cloud.grant("a", 30, kOne, 0, Unit::Points, owner("n")), ErrorCode::AlreadyExists));
  CHECK(failed_with(cloud.grant("d", 0), ErrorCode::OutOfRange));
  CHECK(failed_with(cloud.grant("d", 1, TerminalId{}), ErrorCode::InvalidArgument));
  CHECK(cloud.balance() == Balance{.pending = 70, .leased = 70});
  CHECK(cloud.book.check());
}

TEST_CASE("time gives no lease back", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100, 10'000);
  REQUIRE(cloud.grant("a", 100));

  CHECK(cloud.balance(9'000) == Balance{.leased = 100});
  CHECK(failed_with(cloud.grant("b", 1, kTwo, 9'000), ErrorCode::Exhausted));
  cloud.taken({hold("a", "l", 60)});
  cloud.returned("a", 40);

  CHECK(cloud.balance(9'000) == Balance{.active = 40});
  CHECK(cloud.book.check());
}

TEST_CASE("a lease has so many lots at most, and is smaller then", "[ledger]") {
  Cloud cloud;
  for (std::size_t i = 0; i < kLotsPerLeaseMax + 1; ++i)
    cloud.earn("l" + std::to_string(100 + i), 10);

  const LeaseGrant grant = must(cloud.grant("a", 100'000));

  CHECK(grant.lots.size() == kLotsPerLeaseMax);
  CHECK(grant.amount == 640);
  CHECK(cloud.balance().active == 10);
}

TEST_CASE("budgets and risk budgets have no lots outside the book", "[ledger]") {
  Cloud cloud;
  cloud.earn("campaign-1", 100, 50, 0, Unit::Budget, owner("o"));
  cloud.earn("campaign-2", 100, 60, 0, Unit::Budget, owner("o"));
  cloud.earn("insurance", 1'000, 60, 0, Unit::Risk, owner("one"));

  const LeaseGrant grant = must(cloud.grant("b", 150, kOne, 0, Unit::Budget, owner("o")));
  const LeaseGrant risk = must(cloud.grant("r", 400, kOne, 0, Unit::Risk, owner("one")));
  cloud.taken({hold("b", "", 130), hold("r", "", 10)});
  must(cloud.book.post_given_back(cloud.next(), Unit::Budget, owner("o"), std::vector{hold("b", "", 60)}));
  cloud.returned("b", 20);

  CHECK(grant.lots.empty());
  CHECK(grant.of == owner("o"));
  CHECK(risk.of.empty());
  CHECK(cloud.book.balance(Unit::Budget, owner("o"), kBegin) == Balance{.active = 130});
  CHECK(cloud.book.balance(Unit::Risk, owner("one"), kBegin) == Balance{.active = 600, .leased = 390});
  CHECK(cloud.book.losses().empty());
  CHECK(cloud.book.check());
}

TEST_CASE("entries come in any order and end the same", "[ledger]") {
  using Post = std::function<void(Book&)>;
  const auto key = [](std::int64_t seq) { return EntryKey{.seq = journal::Seq(seq)}; };
  const std::vector<Post> posts{
      [&](Book& book) { must(book.post_taken(key(10), std::vector{hold("a", "l1", 40)})); },
      [&](Book& book) { must(book.post_taken(key(11), std::vector{hold("a", "l1", 10), hold("a", "l2", 20)})); },
      [&](Book& book) { must(book.post_given_back(key(12), Unit::Points, kMember, std::vector{hold("a", "l2", 20)})); },
      [&](Book& book) { must(book.post_returned(key(13), lease_id("a"), 30)); },
      [&](Book& book) { must(book.post_taken_back(key(14), Unit::Points, kMember, lot_id("l3"), 25, days_on(1))); },
      [&](Book& book) {
        must(book.post_earned(key(15), Unit::Points, kMember, {lot_id("l3"), 30, days_on(50)}, kBegin));
      },
      [&](Book& book) { must(book.grant(lease_id("a"), kOne, Unit::Points, kMember, 100, kBegin, days_on(9))); },
  };
  core::Random random(test::seed());
  CAPTURE(test::seed());
  std::vector<std::size_t> order(posts.size() * 2);
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i % posts.size();

  for (int round = 0; round < 500; ++round) {
    std::ranges::shuffle(order, random);
    Book book;
    // Lots that the lease can come from are there first; the rest arrives as it likes, and twice.
    must(book.post_earned(key(1), Unit::Points, kMember, {lot_id("l1"), 50, days_on(10)}, kBegin));
    must(book.post_earned(key(2), Unit::Points, kMember, {lot_id("l2"), 50, days_on(20)}, kBegin));
    for (const std::size_t i : order) {
      posts[i](book);
      REQUIRE(book.check());
    }
    CAPTURE(order);
    REQUIRE(book.waiting() == 0);
    REQUIRE(book.losses().empty());
    REQUIRE(book.balance(Unit::Points, kMember, days_on(1)) == Balance{.active = 55});
    // 20 were given back to a lot and 30 are unused; which lot paid for the points that were taken back depends on
    // what was there then.
  }
}

TEST_CASE("what is taken back after it was spent is a debt, and blocks until it is earned again", "[ledger]") {
  Cloud cloud;
  cloud.earn("l1", 100);
  REQUIRE(cloud.grant("a", 80));
  cloud.taken({hold("a", "l1", 80)});

  cloud.taken_back("l1", 100);

  CHECK(cloud.balance() == Balance{.debt = 80});
  CHECK(failed_with(cloud.grant("b", 1), ErrorCode::Exhausted));
  cloud.earn("l2", 50);
  CHECK(cloud.balance() == Balance{.debt = 30});
  CHECK(failed_with(cloud.grant("b", 1), ErrorCode::Exhausted));
  cloud.earn("l3", 50, 100, 10);
  CHECK(cloud.balance() == Balance{.pending = 20});
  CHECK(must(cloud.grant("b", 100, kOne, 10)).amount == 20);
  CHECK(cloud.book.check());
}

TEST_CASE("a debt is paid by what comes back, too", "[ledger]") {
  Cloud cloud;
  cloud.earn("l1", 100);
  cloud.earn("l2", 10);
  REQUIRE(cloud.grant("a", 110));
  cloud.taken({hold("a", "l1", 60)});
  cloud.taken_back("l1", 70);
  CHECK(cloud.balance() == Balance{.leased = 50, .debt = 70});

  cloud.returned("a", 50);

  CHECK(cloud.balance() == Balance{.debt = 20});
  CHECK(failed_with(cloud.grant("b", 1), ErrorCode::Exhausted));
  cloud.given_back({hold("a", "l1", 60)});
  CHECK(cloud.balance() == Balance{.active = 40});
  CHECK(must(cloud.grant("b", 100)).amount == 40);
  CHECK(cloud.book.check());
}

TEST_CASE("points are taken back from the lot that earned them first, then from what expires first", "[ledger]") {
  Cloud cloud;
  cloud.earn("l1", 10, 50);
  cloud.earn("l2", 10, 20);
  cloud.earn("l3", 10, 5);
  cloud.earn("l4", 10, 30);

  cloud.taken_back("l1", 25, 10);  // l3 is over

  const LeaseGrant rest = must(cloud.grant("a", 100, kOne, 10));
  CHECK(rest.lots == std::vector<LotPart>{{lot_id("l4"), 5, days_on(30)}});
  CHECK(cloud.book.check());
}

TEST_CASE("what goes back to a lot that is over stays over", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100, 10);
  REQUIRE(cloud.grant("a", 100));
  cloud.taken({hold("a", "l", 70)});
  cloud.returned("a", 30);
  cloud.given_back({hold("a", "l", 70)});

  CHECK(cloud.balance(9).active == 100);
  CHECK(cloud.balance(10) == Balance{});
  CHECK(failed_with(cloud.grant("b", 1, kOne, 10), ErrorCode::Exhausted));
  CHECK(cloud.book.check());
}

TEST_CASE("a refund waits for its sale and never gives back more than was taken", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100);
  REQUIRE(cloud.grant("a", 100));

  cloud.given_back({hold("a", "l", 30)});
  CHECK(cloud.book.waiting() == 1);
  CHECK(cloud.balance() == Balance{.leased = 100});
  cloud.taken({hold("a", "l", 40)});
  CHECK(cloud.book.waiting() == 0);
  CHECK(cloud.balance() == Balance{.active = 30, .leased = 60});
  cloud.given_back({hold("a", "l", 11)});

  CHECK(cloud.book.waiting() == 1);
  CHECK(cloud.balance() == Balance{.active = 30, .leased = 60});
  CHECK(cloud.book.check());
}

TEST_CASE("a lost terminal's leases are spent, if a person says so, and come back if it does", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100);
  REQUIRE(cloud.grant("a", 60));
  REQUIRE(cloud.grant("b", 40, kTwo));
  cloud.taken({hold("a", "l", 10)});

  cloud.book.write_off(kOne, true);
  CHECK(cloud.balance() == Balance{.leased = 40});
  cloud.given_back({hold("a", "l", 25)});  // another till refunds what it sold
  CHECK(cloud.balance() == Balance{.active = 25, .leased = 40});

  // It was under a chair.
  cloud.taken({hold("a", "l", 20)});
  CHECK(cloud.book.losses().empty());
  cloud.returned("a", 30);
  CHECK(cloud.balance() == Balance{.active = 55, .leased = 40});
  CHECK(cloud.book.losses().empty());
  CHECK(cloud.book.check());
}

TEST_CASE("a lost terminal's leases go back, if a person says so, and what it spent is a loss", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100);
  REQUIRE(cloud.grant("a", 60));
  cloud.taken({hold("a", "l", 10)});

  cloud.book.write_off(kOne, false);
  cloud.book.write_off(kOne, true);  // it is decided already
  CHECK(cloud.balance() == Balance{.active = 90});
  cloud.taken({hold("a", "l", 20)});
  cloud.returned("a", 30);

  CHECK(cloud.balance() == Balance{.active = 90});
  REQUIRE(cloud.book.losses().size() == 1);
  CHECK(cloud.book.losses()[0].lease == lease_id("a"));
  CHECK(cloud.book.losses()[0].entry == EntryKey{.seq = journal::Seq(3)});
  CHECK(cloud.book.losses()[0].amount == 20);
  // A refund brings back first what was spent by the rules, then the loss; the owner has it already.
  cloud.given_back({hold("a", "l", 25)});
  CHECK(cloud.balance() == Balance{.active = 100});
  CHECK(cloud.lost() == 5);
  cloud.given_back({hold("a", "l", 6)});
  CHECK(cloud.book.waiting() == 1);
  CHECK(cloud.book.check());
}

TEST_CASE("what goes out beyond a lease is a loss and no member's", "[ledger]") {
  Cloud cloud;
  cloud.earn("l", 100);
  REQUIRE(cloud.grant("a", 60));

  cloud.taken({hold("a", "l", 70)});
  cloud.taken({hold("a", "other", 5)});

  CHECK(cloud.balance() == Balance{.active = 40});
  CHECK(cloud.lost() == 15);
  CHECK(cloud.book.check());
}

TEST_CASE("two members who are one have one sum, one debt, and their leases stay good", "[ledger]") {
  Cloud cloud;
  const Owner other = owner("n");
  cloud.earn("l1", 100);
  cloud.earn("l2", 30, 100, 0, Unit::Points, other);
  REQUIRE(cloud.grant("a", 40, kOne, 0, Unit::Points, other));
  cloud.taken({hold("a", "l2", 30)});
  must(cloud.book.post_taken_back(cloud.next(), Unit::Points, other, lot_id("l2"), 30, kBegin));
  CHECK(cloud.book.balance(Unit::Points, other, kBegin) == Balance{.debt = 30});

  cloud.book.merge(other, kMember);
  cloud.book.merge(other, kMember);
  cloud.book.merge(kMember, other);

  CHECK(cloud.book.resolve(other) == kMember);
  CHECK(cloud.balance() == Balance{.active = 70});
  CHECK(cloud.book.balance(Unit::Points, other, kBegin) == cloud.balance());
  CHECK(must(cloud.grant("b", 100, kOne, 0, Unit::Points, other)).amount == 70);
  CHECK(must(cloud.grant("b", 100)).of == other);
  CHECK(cloud.balance() == Balance{.leased = 70});
  CHECK(cloud.book.check());
  cloud.book.merge(owner("x"), other);
  cloud.book.merge(kMember, owner("y"));
  CHECK(cloud.book.resolve(owner("x")) == owner("y"));
  CHECK(cloud.book.balance(Unit::Points, owner("x"), kBegin) == Balance{.leased = 70});
  CHECK(cloud.book.check());
}

}  // namespace
}  // namespace tillkit::ledger
