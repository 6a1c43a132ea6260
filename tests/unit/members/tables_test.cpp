// SPDX-License-Identifier: Apache-2.0

// The tables' own guard, what they forget, and that a rebuild gives the same whatever callers did.

#include "tillkit/members/tables.hpp"

#include <map>
#include <random>
#include <set>
#include <string>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;
using std::chrono::days;

TEST_CASE("whatever a step believes, the tables take no record about what is not there", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  shop.place(held("C-gone", shop), member("M-1"), shop.now() + 24h);
  must(shop.give_up(coupon_id("C-gone")));
  must(shop.join("A", "B"));
  must(shop.enrol_payer({IdentityKind::Payer, security::BlindIndex(1)}));
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {token("T-1", shop.now() + 24h)}));
  shop.place(held("T-1", shop), member("M-1"), shop.now() + 24h);
  const auto reserves = [](std::string_view coupon, int by) {
    return R"({"coupons":[{"coupon":")" + std::string(coupon) + R"(","offer":"o","member":"","by":)" +
           std::to_string(by) + R"(,"expires":1,"risk":0}]})";
  };
  const std::string lease_twice = R"({"coupons":[{"coupon":"C-1","offer":"o","member":"","by":1,"expires":1},)"
                                  R"({"coupon":"C-1","offer":"o","member":"","by":1,"expires":1}]})";
  const struct {
    journal::Kind kind;
    std::string body;
  } strangers[] = {
      {kMerged, R"({"from":"A","into":"A"})"},
      {kMerged, R"({"from":"A","into":"B"})"},
      {kMerged, R"({"from":"B","into":"A"})"},
      {kMerged, R"({"from":"A"})"},
      {kEnrolled, R"({"member":"P1-0000000000000001","kind":1,"index":"1","policy":1,"consent":0})"},
      {kEnrolled, R"({"member":"P1-0000000000000001","kind":6,"index":"2","policy":1,"consent":0})"},
      {kEnrolled, R"({"member":"P1-0000000000000001","kind":1,"index":"2x","policy":1,"consent":0})"},
      {kEnrolled, R"({"member":"P1-0000000000000001","kind":1,"index":"","policy":1,"consent":0})"},
      {kEnrolled, R"({"member":"P1-0000000000000001","kind":1,"index":2,"policy":1,"consent":0})"},
      {kCouponPlaced,
       R"({"coupon":"C-1","offer":"o","member":"","claimed":1,"valid_from":1,"expires":9,"uses":1,"until":9})"},
      {kCouponPlaced,
       R"({"coupon":"C-2","offer":"o","member":"","claimed":1,"valid_from":1,"expires":9,"uses":0,"until":9})"},
      {kCouponPlaced,
       R"({"coupon":"C-gone","offer":"o","member":"","claimed":1,"valid_from":1,"expires":9,"uses":1,"until":9})"},
      {kCouponGivenUp, R"({"coupon":"C-gone","unused":1})"},
      {kCouponGivenUp, R"({"coupon":"C-2","unused":1})"},
      {kCouponsReserved, reserves("C-2", 1)},
      {kCouponsReserved, reserves("C-gone", 1)},
      {kCouponsReserved, reserves("T-1", 1)},
      {kCouponsReserved, reserves("T-1", 2)},
      {kCouponsReserved, reserves("C-1", 2)},
      {kCouponsReserved, reserves("C-1", 3)},
      {kCouponsReserved, lease_twice},
      {kCouponsRedeemed, R"({"coupons":[]})"},
      {kCouponsReleased, "{}"},
      {kCouponsShown, R"({"shown":[{"end":9,"reason":0,"count":1}]})"},
  };
  const auto last = shop.last();

  for (const auto& [kind, body] : strangers) {
    CAPTURE(kind.view(), body);
    CHECK_FALSE(shop.append(kind, body, journal::SaleId(77)).has_value());
  }

  CHECK(shop.last() == last);
  must(shop.redeem(sale));
  CHECK(shop.sound());
}

TEST_CASE("records of other modules change nothing", "[members]") {
  Shop shop;

  CHECK(shop.append(journal::kind("payment.sale"), R"({"coupon":1})").has_value());
  CHECK(shop.append(journal::kind("members.later"), R"({"coupon":1})").has_value());
  CHECK(shop.sound());
}

// --- what is forgotten ---

std::string rows(Shop& shop, std::string_view table) {
  must(shop.journal->checkpoint());
  shop.journal.reset();
  std::string count = journal::Raw(shop.till.file()).text("SELECT count(*) FROM " + std::string(table));
  shop.journal = shop.till.open();
  return count;
}

void pass(Shop& shop, std::chrono::hours time) {
  shop.till.clock.advance(time);
}

/// A record that lets the tables look at the time.
void touch(Shop& shop) {
  must(shop.commit([&](journal::Tx& tx) {
    const CouponCount one{CouponEnd::Abandoned, 0, 1};
    return count_shown(tx, shop.next_sale(), {&one, 1});
  }));
}

TEST_CASE("a token's use is forgotten long after it expired, and is not taken again then either", "[members]") {
  Shop shop;
  const auto shown = token("T-1", shop.now() + days{10});
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {shown}));
  must(shop.redeem(sale));

  pass(shop, days{10} + kKeptAfterEnd - 1h);
  touch(shop);
  CHECK(must(is_used(shop.tables(), shown.coupon)));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  pass(shop, 1h);
  touch(shop);
  CHECK_FALSE(must(is_used(shop.tables(), shown.coupon)));

  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  CHECK(rows(shop, "coupon_uses") == "0");
  CHECK(shop.reserve(shop.next_sale(), {token("T-2", shop.now() + 24h)}).has_value());
  must(shop.give_back(shop.next_sale(), sale, {shown}));
  CHECK(shop.sound());
}

TEST_CASE("a use that a sale still holds is not forgotten", "[members]") {
  Shop shop;
  const auto shown = token("T-1", shop.now() + 24h);
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1"), shown}));

  pass(shop, days{1'000});
  touch(shop);

  CHECK(must(is_used(shop.tables(), shown.coupon)));
  CHECK(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());
  must(shop.redeem(sale));
  touch(shop);
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());
  CHECK(shop.sound());
}

TEST_CASE("a placed coupon is forgotten long after it expired, and not placed again then", "[members]") {
  Shop shop;
  const HeldCoupon coupon = held("C-1", shop);
  shop.place(coupon, member("M-1"), shop.now() + 24h);
  pass(shop, days{30} + kKeptAfterEnd - 1h);
  touch(shop);
  CHECK(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());

  pass(shop, 1h);
  touch(shop);

  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());
  CHECK(rows(shop, "coupons") == "0");
  const auto again =
      shop.commit([&](journal::Tx& tx) { return place_coupon(tx, coupon, member("M-1"), shop.now() + 24h); });
  CHECK(failed_with(again, ErrorCode::FailedPrecondition));
  CHECK(shop.sound());
}

TEST_CASE("a coupon that was given up unused is forgotten after its lease, a redeemed one only after it expired",
          "[members]") {
  Shop shop;
  HeldCoupon coupon = held("C-unused", shop);
  coupon.expires_at = core::WallTime::max();
  const auto until = shop.now() + 1h;
  shop.place(coupon, member("M-1"), until);
  must(shop.give_up(coupon.id));
  HeldCoupon used = coupon;
  used.id = coupon_id("C-used");
  shop.place(used, member("M-1"), until);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-used")}));
  must(shop.redeem(sale));
  must(shop.give_up(used.id));

  pass(shop, kKeptAfterEnd + 1h);
  touch(shop);

  CHECK(rows(shop, "coupons") == "1");
  CHECK(failed_with(shop.commit([&](journal::Tx& tx) { return place_coupon(tx, coupon, member("M-1"), until); }),
                    ErrorCode::FailedPrecondition));
  CHECK(
      failed_with(shop.reserve(shop.next_sale(), {token("C-used", core::WallTime::max())}), ErrorCode::AlreadyExists));
  shop.place(coupon, member("M-1"), shop.now() + 1h);
  CHECK(shop.sound());
}

TEST_CASE("an unused coupon whose lease ran out stays until somebody gives it up", "[members]") {
  Shop shop;
  HeldCoupon coupon = held("C-1", shop);
  coupon.expires_at = core::WallTime::max();
  shop.place(coupon, member("M-1"), shop.now() + 1h);

  pass(shop, days{1'000});
  touch(shop);

  CHECK(shop.give_up(coupon.id).has_value());
  touch(shop);
  CHECK(rows(shop, "coupons") == "0");
}

TEST_CASE("a clock that nobody vouches for forgets nothing", "[members]") {
  Shop shop;
  shop.till.clock.set_synchronised(false);
  const auto shown = token("T-1", shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {shown}));
  must(shop.redeem(sale));

  pass(shop, days{1'000});
  REQUIRE(shop.till.clock.wall().quality != core::WallQuality::Trusted);
  touch(shop);

  CHECK(must(is_used(shop.tables(), shown.coupon)));
}

TEST_CASE("one record forgets 64 rows at most, the next ones the rest", "[members]") {
  Shop shop;
  std::vector<CouponUse> uses;
  uses.reserve(100);
  for (int i = 0; i < 100; ++i)
    uses.push_back(token("T-" + std::to_string(i), shop.now() + 24h));
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, uses));
  must(shop.redeem(sale));
  pass(shop, days{1'000});

  touch(shop);
  CHECK(rows(shop, "coupon_uses") == "36");
  CHECK(failed_with(shop.reserve(shop.next_sale(), {uses[0]}), ErrorCode::AlreadyExists));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {uses[99]}), ErrorCode::AlreadyExists));
  touch(shop);
  CHECK(rows(shop, "coupon_uses") == "0");
  CHECK(shop.sound());
}

// --- whatever callers do ---

/// What an honest clerk with a pencil knows: who holds which use, and how many are gone.
struct Pencil {
  std::map<std::string, int> placed{};                            // coupon: uses, while it is here
  std::map<std::string, int> taken{};                             // by lease, of this placement, and by token
  std::map<std::int64_t, std::vector<CouponUse>> reserved{};      // by sale
  std::map<std::int64_t, std::multiset<std::string>> redeemed{};  // by sale
};

void check_nothing_twice(const Shop& shop, const Pencil& pencil) {
  for (const auto& [coupon, uses] : pencil.placed) {
    CAPTURE(coupon);
    const auto found = must(find_coupon(shop.tables(), coupon_id(coupon)));
    REQUIRE(found.has_value());
    const auto taken = pencil.taken.find(coupon);
    const int expected = uses - (taken == pencil.taken.end() ? 0 : taken->second);
    CHECK(static_cast<int>(found->left()) == expected);
    CHECK(expected >= 0);
  }
}

TEST_CASE("whatever is reserved, redeemed, released, returned and given up in any order, no use happens twice",
          "[members]") {
  std::mt19937_64 random(test::seed());
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    Shop shop;
    Pencil pencil;
    for (int i = 0; i < 5; ++i) {
      const std::string id = "C-" + std::to_string(i);
      const int uses = 1 + pick(3);
      shop.place(held(id, shop, static_cast<std::uint32_t>(uses)), member("M-1"), shop.now() + 24h);
      pencil.placed[id] = uses;
    }
    for (int step = 0; step < 150; ++step) {
      const journal::SaleId sale(1 + pick(12));
      switch (pick(5)) {
        case 0:
        case 1: {
          std::vector<CouponUse> uses;
          for (int n = 1 + pick(3); n > 0; --n) {
            const std::string id = std::string(pick(2) == 0 ? "C-" : "T-") + std::to_string(pick(5));
            uses.push_back(pick(4) == 0 || id[0] == 'T' ? token(id, shop.now() + 24h) : lease(id));
          }
          if (!shop.reserve(sale, uses)) break;
          for (const CouponUse& use : uses) {
            const std::string id(use.coupon.view());
            CHECK((use.by == CouponBy::Lease) == pencil.placed.contains(id));
            ++pencil.taken[id];
            if (use.by == CouponBy::Token) CHECK(pencil.taken[id] == 1);
          }
          CHECK_FALSE(pencil.reserved.contains(sale.value()));
          CHECK_FALSE(pencil.redeemed.contains(sale.value()));
          pencil.reserved[sale.value()] = uses;
          break;
        }
        case 2: {
          must(shop.redeem(sale));
          for (const CouponUse& use : pencil.reserved[sale.value()])
            pencil.redeemed[sale.value()].insert(std::string(use.coupon.view()));
          pencil.reserved.erase(sale.value());
          break;
        }
        case 3: {
          must(shop.release(sale));
          for (const CouponUse& use : pencil.reserved[sale.value()])
            --pencil.taken[std::string(use.coupon.view())];
          pencil.reserved.erase(sale.value());
          break;
        }
        default: {
          const std::string id = std::string(pick(2) == 0 ? "C-" : "T-") + std::to_string(pick(5));
          must(shop.give_back(shop.next_sale(), sale, {lease(id)}));
          auto& gone = pencil.redeemed[sale.value()];
          if (const auto one = gone.find(id); one != gone.end()) {
            gone.erase(one);
            --pencil.taken[id];
          }
          break;
        }
      }
      if (pencil.redeemed.contains(sale.value()) && pencil.redeemed[sale.value()].empty())
        pencil.redeemed.erase(sale.value());
      check_nothing_twice(shop, pencil);
    }
    CHECK(shop.sound());
    if (round % 4 == 0) {
      // What is counted is what is there.
      must(shop.journal->snapshot().has_value() ? core::Result<>{} : core::fail(ErrorCode::Corrupt));
      shop.restart();
      CHECK(shop.sound());
      const std::string uses = rows(shop, "coupon_uses");
      must(shop.journal->checkpoint());
      shop.journal.reset();
      journal::Raw raw(shop.till.file());
      CHECK(raw.text("SELECT count FROM totals WHERE what = 2") == uses);
      CHECK(raw.text("SELECT count FROM totals WHERE what = 1") == "5");
    }
  }
}

TEST_CASE("a rebuild from a snapshot is the same as one from the beginning", "[members]") {
  Shop shop;
  const Identity payer{IdentityKind::Payer, security::BlindIndex(5)};
  const MemberId made = must(shop.enrol_payer(payer)).value();
  must(shop.join(made.view(), "M-1"));
  must(shop.join(made.view(), "M-2"));
  shop.place(held("C-1", shop, 2), made, shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1"), token("T-1", shop.now() + 24h)}));
  must(shop.journal->snapshot().has_value() ? core::Result<>{} : core::fail(ErrorCode::Corrupt));

  must(shop.redeem(sale));
  must(shop.join("M-1", "M-3"));
  must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));
  touch(shop);

  CHECK(shop.sound());
  shop.restart();
  CHECK(shop.sound());
  CHECK(must(find_identity(shop.tables(), payer)).known == Known::Refused);
}

TEST_CASE("a step that fails leaves nothing of the whole commit", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto last = shop.last();
  const auto sale = shop.next_sale();

  const auto outcome = shop.commit([&](journal::Tx& tx) -> core::Result<> {
    const std::array uses{lease("C-1")};
    TILLKIT_TRY_VOID(reserve_coupons(tx, sale, uses));
    TILLKIT_TRY_VOID(redeem_coupons(tx, sale));
    return core::fail(ErrorCode::Rejected);
  });

  CHECK(failed_with(outcome, ErrorCode::Rejected));
  CHECK(shop.last() == last);
  CHECK(shop.reserve(sale, {lease("C-1")}).has_value());
}

TEST_CASE("within one commit a later step sees what an earlier one did", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);

  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    const std::array uses{lease("C-1")};
    TILLKIT_TRY_VOID(reserve_coupons(tx, journal::SaleId(1), uses));
    CHECK(failed_with(reserve_coupons(tx, journal::SaleId(2), uses), ErrorCode::AlreadyExists));
    return redeem_coupons(tx, journal::SaleId(1));
  }));

  CHECK(shop.sound());
}

}  // namespace
}  // namespace tillkit::members
