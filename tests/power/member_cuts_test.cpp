// SPDX-License-Identifier: Apache-2.0
// Power cuts of sales with members: enrolment, coupons, points, stored value, leases, budgets and what refunds do to
// them. The home of the members lives through all of it and has books of its own.
#include "till_cuts.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/test/member_shop.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using ledger::Unit;

/// The same goods for Mei: cola at 3.00, 5.00 off. With her coupon 3.00 less.
constexpr std::int64_t kMeiPays = 2'590;
constexpr std::int64_t kMeiPaysWithCoupon = 2'290;

bool paying(People& people) {
  return people.till().state() == SaleState::Paying;
}

/// The goods are scanned, and Mei has shown her code.
bool goods_for_mei(People& people) {
  if (!people.goods()) return false;
  if (people.till().shopper() && people.till().shopper()->may_spend) return true;
  if (paying(people)) return true;
  if (!people.world().show(member_token(people.world()))) return false;
  people.world().advance(100ms);
  return people.can_go_on();
}

/// Whatever the screen asks for, in cash; a price that changed is agreed to.
bool pay_the_rest_in_cash(People& people) {
  people.till().confirm_price();
  const std::int64_t left = people.till().left_to_pay().minor;
  return people.pay_cash(left, left);
}

std::function<void(TillWorld&)> members_and(const std::function<void(TillWorld&)>& what) {
  return [what](TillWorld& world) {
    open_for_members(world);
    what(world);
  };
}

void issue_coupon(TillWorld& world) {
  world.home.issue(kMei, coupon_of("c1", "three-off"));
}

/// Points or value of Mei's, leased here before the day begins.
void lease_of_mei(TillWorld& world, Unit unit, std::int64_t amount) {
  world.home.give(unit, kMei.view(), unit == Unit::Points ? "p1" : "v1", amount);
  world.prepare([&] { lease_here(world, unit == Unit::Points ? "LP" : "LV", unit, kMei.view(), amount); });
}

std::int64_t left_here(TillWorld& world, Unit unit, std::string_view of) {
  return ledger::available(world.journal().tables(), unit, *ledger::Owner::parse(of), world.clock.wall()).value();
}

std::int64_t points_at_home(TillWorld& world, const members::MemberId& member) {
  return world.home.book.balance(Unit::Points, *ledger::Owner::parse(member.view()), world.clock.wall().at).active;
}

std::string coupon_is(TillWorld& world, std::size_t redeemed) {
  const auto coupon = world.home.coupons.find(*offers::CouponId::parse("c1"));
  if (coupon == world.home.coupons.end()) return "the coupon is lost";
  return coupon->second.redeemed_by.size() == redeemed ? "" : "the coupon is not as it should be";
}

SaleStory closed_sale(TillWorld& world) {
  for (SaleStory& sale : world.sales()) {
    if (sale.state == SaleState::Closed) return sale;
  }
  return {};
}

TEST_CASE("power may go anywhere: enrolment online", "[power][members]") {
  check_cuts("enrolment online",
             {.people = [](People& people) { pay_by_codes(people, std::nullopt); },
              .records = "sale_priced price_proof sale_benefits attempt_intended attempt_paid enrolled notice "
                         "recognised earned notice coupon_granted notice sale_closed",
              .commits = 2,
              .before = members_and([](TillWorld& world) { world.home.payer = {}; }),
              .besides = [](TillWorld& world) -> std::string {
                const SaleStory sale = closed_sale(world);
                if (!sale.members.enrolled || !sale.members.member) return "the payer is no member";
                if (sale.ledger.earned.size() != 1) return "the payer has not earned once";
                return points_at_home(world, *sale.members.member) == 28 ? "" : "the home has other points";
              }},
             true);
}

TEST_CASE("power may go anywhere: enrolment offline, then merged", "[power][members]") {
  check_cuts("enrolment offline then merged",
             {.people =
                  [](People& people) {
                    pay_by_codes(people, std::nullopt);
                    if (!people.can_go_on() || !people.sold()) return;
                    const auto member = closed_sale(people.world()).members.member;
                    if (!member || !members::is_provisional(*member)) return;
                    const auto now = members::resolve(people.world().journal().tables(), *member);
                    if (now && *now == *member) {
                      people.world().home.merge(*member, kMei);
                      static_cast<void>(people.world().journal().commit(
                          [&](journal::Tx& tx) { return members::merge(tx, *member, kMei); }));
                    }
                  },
              .records = "sale_priced price_proof sale_benefits attempt_intended attempt_paid enrolled notice "
                         "recognised earned notice coupon_granted notice sale_closed merged",
              .commits = 3,
              .before = members_and([](TillWorld& world) { world.home.answers = false; }),
              .besides = [](TillWorld& world) -> std::string {
                const auto member = closed_sale(world).members.member;
                if (!member) return "the payer is no member";
                const auto now = members::resolve(world.journal().tables(), *member);
                if (!now || *now != kMei) return "it is not merged";
                return points_at_home(world, kMei) == 28 ? "" : "the points did not come together";
              }},
             true);
}

TEST_CASE("power may go anywhere: coupon redeemed", "[power][members]") {
  check_cuts("coupon redeemed",
             {.people =
                  [](People& people) {
                    if (people.sold() || !goods_for_mei(people)) return;
                    people.pay_cash(kMeiPaysWithCoupon, kMeiPaysWithCoupon);
                  },
              .records = "sale_priced price_proof sale_benefits recognised coupon_placed coupons_reserved cash_taken "
                         "coupons_redeemed notice coupons_shown earned notice coupon_granted notice sale_closed",
              .commits = 1,
              .end = {1, kMeiPaysWithCoupon},
              .before = members_and(issue_coupon),
              .besides = [](TillWorld& world) { return coupon_is(world, 1); }},
             true);
}

TEST_CASE("power may go anywhere: coupon with a declined payment", "[power][members]") {
  check_cuts("coupon, declined",
             {.wallet = [](StandInWallet& w) { w.script_all(WalletCall::Authorise, declines()); },
              .people =
                  [](People& people) {
                    if (people.is_given_up() || !goods_for_mei(people)) return;
                    people.world().pay_by_code();
                    if (!people.wait() || paying(people)) return;
                    if (people.count(SaleState::Voided) == 0) static_cast<void>(people.till().void_sale(kAnna));
                  },
              .records = "sale_priced price_proof sale_benefits recognised coupon_placed coupons_reserved "
                         "attempt_intended attempt_declined coupons_released sale_reopened sale_closed",
              .commits = 3,
              .end = kNothing,
              .before = members_and(issue_coupon),
              .besides = [](TillWorld& world) { return coupon_is(world, 0); }},
             true);
}

TEST_CASE("power may go anywhere: coupon and late success", "[power][members]") {
  check_cuts("coupon, late success",
             {.wallet =
                  [](StandInWallet& w) {
                    w.script(WalletCall::Authorise, approves().taking(50s));
                    w.script(WalletCall::Reverse, approves().lost());
                  },
              .people =
                  [](People& people) {
                    if (people.is_given_up() || people.sold() || !goods_for_mei(people)) return;
                    if (!people.world().pay_by_code()) return;
                    people.world().world.advance_until([&] { return people.world().wallet.kept_minor() > 0; }, 2min);
                    people.world().wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
                  },
              .records = "sale_priced price_proof sale_benefits recognised coupon_placed coupons_reserved "
                         "attempt_intended attempt_reversing sale_undoing coupons_released coupons_shown attempt_paid "
                         "refund_intended refund_done sale_closed",
              .commits = 4,
              .end = kNothing,
              .or_else = End{1, kMeiPaysWithCoupon},
              .before = members_and(issue_coupon),
              .besides = [](TillWorld& world) { return coupon_is(world, closed_sale(world).id.value() == 0 ? 0 : 1); }},
             true);
}

TEST_CASE("power may go anywhere: points and wallet", "[power][members]") {
  check_cuts("points and wallet",
             {.people =
                  [](People& people) {
                    for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
                      if (!goods_for_mei(people)) return;
                      if (!paying(people)) people.world().pay_points(1'000);
                      people.world().pay_by_code();
                      if (!people.wait()) return;
                    }
                  },
              .records = "sale_priced price_proof sale_benefits recognised reserved attempt_intended attempt_paid "
                         "taken notice earned notice coupon_granted notice sale_closed",
              .commits = 2,
              .end = {1, kMeiPays - 1'000},
              .before = members_and([](TillWorld& world) { lease_of_mei(world, Unit::Points, 1'500); }),
              .besides = [](TillWorld& world) -> std::string {
                if (left_here(world, Unit::Points, kMei.view()) != 500) return "other points are left";
                // 50 for 25.90, of which 10.00 were paid with points.
                return points_at_home(world, kMei) == 31 ? "" : "it earned other points";
              }},
             true);
}

TEST_CASE("power may go anywhere: stored value alone", "[power][members]") {
  check_cuts("stored value alone",
             {.people =
                  [](People& people) {
                    if (people.sold() || !goods_for_mei(people)) return;
                    people.world().pay_value();
                  },
              .records = "sale_priced price_proof sale_benefits recognised reserved taken notice earned notice "
                         "coupon_granted notice sale_closed",
              .commits = 1,
              .end = {1, 0},
              .before = members_and([](TillWorld& world) { lease_of_mei(world, Unit::Value, 4'000); }),
              .besides = [](TillWorld& world) -> std::string {
                return left_here(world, Unit::Value, kMei.view()) == 4'000 - kMeiPays ? "" : "other value is left";
              }},
             true);
}

TEST_CASE("power may go anywhere: stored value and points on a held lease", "[power][members]") {
  check_cuts("value and points on a held lease",
             {.people =
                  [](People& people) {
                    if (people.sold() || !goods_for_mei(people)) return;
                    if (!people.world().pay_points(590)) return;
                    people.world().pay_value();
                  },
              .records = "sale_priced price_proof sale_benefits recognised reserved reserved taken notice notice "
                         "earned notice coupon_granted notice sale_closed",
              .commits = 1,
              .end = {1, 0},
              .before = members_and([](TillWorld& world) {
                world.network.set_hint(hal::LinkState::Offline);
                lease_of_mei(world, Unit::Points, 1'000);
                lease_of_mei(world, Unit::Value, 2'000);
              }),
              .besides = [](TillWorld& world) -> std::string {
                if (left_here(world, Unit::Points, kMei.view()) != 410) return "other points are left";
                return left_here(world, Unit::Value, kMei.view()) == 0 ? "" : "other value is left";
              }},
             true);
}

TEST_CASE("power may go anywhere: lease fetched now", "[power][members]") {
  check_cuts("lease fetched now",
             {.people =
                  [](People& people) {
                    for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
                      people.world().advance(1s);  // what was asked for before is answered
                      if (!people.can_go_on() || !goods_for_mei(people)) return;
                      people.world().pay_value();
                      people.world().advance(1s);
                      if (!people.wait()) return;
                    }
                  },
              .records = "lease_requested sale_priced price_proof sale_benefits recognised lease_placed reserved taken "
                         "notice earned notice coupon_granted notice sale_closed",
              .commits = 2,
              .end = {1, 0},
              .before = members_and([](TillWorld& world) { world.home.give(Unit::Value, kMei.view(), "v1", 9'000); }),
              .besides = [](TillWorld& world) -> std::string {
                const auto balance =
                    world.home.book.balance(Unit::Value, *ledger::Owner::parse(kMei.view()), world.clock.wall().at);
                if (balance.active + balance.leased != 9'000 - kMeiPays) return "value is lost";
                return left_here(world, Unit::Value, kMei.view()) == balance.leased ? "" : "a lease is forgotten";
              }},
             true);
}

TEST_CASE("power may go anywhere: lease expired", "[power][members]") {
  check_cuts(
      "lease expired",
      {.people =
           [](People& people) {
             if (!people.sold()) {
               if (!goods_for_mei(people)) return;
               people.world().advance(1h);
               if (!people.can_go_on() || people.world().pay_value()) return;
               if (!pay_the_rest_in_cash(people)) return;
             }
             static_cast<void>(people.till().return_leases());
           },
       .records = "sale_priced price_proof sale_benefits recognised cash_taken earned notice coupon_granted "
                  "notice sale_closed lease_returned",
       .commits = 2,
       .end = {1, kMeiPays},
       .before = members_and([](TillWorld& world) {
         world.network.set_hint(hal::LinkState::Offline);
         world.home.give(Unit::Value, kMei.view(), "v1", 5'000);
         world.prepare([&] {
           const auto grant = world.home.lease("LV", Unit::Value, kMei.view(), 5'000, 1h);
           static_cast<void>(world.journal().commit([&](journal::Tx& tx) { return ledger::place_lease(tx, grant); }));
         });
       }),
       .besides = [](TillWorld& world) -> std::string {
         const auto balance =
             world.home.book.balance(Unit::Value, *ledger::Owner::parse(kMei.view()), world.clock.wall().at);
         return balance.active == 5'000 ? "" : "the value did not come home";
       }},
      true);
}

TEST_CASE("power may go anywhere: pay-gift", "[power][members]") {
  check_cuts("pay-gift",
             {.people =
                  [](People& people) {
                    if (people.sold() || !goods_for_mei(people)) return;
                    people.pay_cash(kMeiPays, kMeiPays);
                  },
              .records = "sale_priced price_proof sale_benefits recognised cash_taken earned notice coupon_granted "
                         "notice sale_closed",
              .commits = 1,
              .end = {1, kMeiPays},
              .before = members_and([](TillWorld&) {}),
              .besides = [](TillWorld& world) -> std::string {
                return world.home.granted[*offers::OfferId::parse("three-off")] == 1 ? "" : "not one gift";
              }},
             true);
}

TEST_CASE("power may go anywhere: random discount abandoned and repeated", "[power][members]") {
  // The first draw here, whatever happens before it is paid.
  constexpr std::int64_t kDrawn = 490;
  check_cuts("random discount",
             {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, declines()); },
              .people =
                  [](People& people) {
                    if (people.sold() || !people.goods()) return;
                    if (people.till().left_to_pay().minor != kPrice - kDrawn) return;
                    people.world().pay_by_code();
                    if (!people.wait() || people.sold() || paying(people)) return;
                    if (people.till().left_to_pay().minor != kPrice - kDrawn) return;
                    static_cast<void>(people.till().void_sale(kAnna));
                    if (!people.can_go_on() || !people.goods()) return;
                    if (people.till().left_to_pay().minor != kPrice - kDrawn) return;
                    people.world().pay_by_code();
                  },
              .records = "sale_priced price_proof sale_benefits reserved attempt_intended attempt_declined "
                         "released sale_reopened sale_closed sale_priced price_proof sale_benefits reserved "
                         "attempt_intended attempt_paid enrolled notice recognised taken earned notice coupon_granted "
                         "notice sale_closed",
              .commits = 5,
              .end = {1, kPrice - kDrawn},
              .before = members_and([](TillWorld& world) {
                world.codes_identify = false;
                world.home.give(Unit::Budget, "lucky", "b1", 5'000);
                world.prepare([&] { lease_here(world, "LB", Unit::Budget, "lucky", 3'000, true); });
              }),
              .besides = [](TillWorld& world) -> std::string {
                return left_here(world, Unit::Budget, "lucky") == 3'000 - kDrawn ? "" : "the budget paid otherwise";
              }},
             true);
}

TEST_CASE("power may go anywhere: free order", "[power][members]") {
  check_cuts("free order",
             {.people =
                  [](People& people) {
                    if (people.sold() || !people.goods()) return;
                    static_cast<void>(people.till().pay_nothing());
                  },
              .records = "sale_priced price_proof sale_benefits reserved taken sale_closed",
              .commits = 1,
              .end = {1, 0},
              .before = members_and([](TillWorld& world) {
                world.home.give(Unit::Budget, "free-day", "b1", 5'000);
                world.prepare([&] { lease_here(world, "LB", Unit::Budget, "free-day", 5'000); });
              }),
              .besides = [](TillWorld& world) -> std::string {
                return left_here(world, Unit::Budget, "free-day") == 5'000 - 3'390 ? "" : "the budget paid otherwise";
              }},
             true);
}

/// The whole of the only sale goes back.
void refund_all(People& people) {
  if (!people.can_go_on() || !people.sold() || people.count(SaleState::Returned) > 0) return;
  const auto refund = people.world().refund(*people.first(SaleState::Closed));
  if (refund) people.was_told(*refund);
}

TEST_CASE("power may go anywhere: refund with spent points", "[power][members]") {
  check_cuts("refund, points spent",
             {.people =
                  [](People& people) {
                    if (!people.sold()) {
                      if (!goods_for_mei(people)) return;
                      if (!people.pay_cash(kMeiPays, kMeiPays)) return;
                    }
                    // What it earned is spent elsewhere before the goods come back.
                    TillWorld& world = people.world();
                    world.home.upload(world.journal());
                    if (points_at_home(world, kMei) > 0 && people.count(SaleState::Returned) == 0) {
                      static_cast<void>(world.home.lease("elsewhere", Unit::Points, kMei.view(), 51));
                    }
                    refund_all(people);
                  },
              .records = "sale_priced price_proof sale_benefits recognised cash_taken earned notice coupon_granted "
                         "notice sale_closed return_started cash_returned grant_voided notice taken_back notice "
                         "sale_closed",
              .commits = 2,
              .end = {1, 0},
              .before = members_and([](TillWorld&) {}),
              .besides = [](TillWorld& world) -> std::string {
                const auto balance =
                    world.home.book.balance(Unit::Points, *ledger::Owner::parse(kMei.view()), world.clock.wall().at);
                return balance.debt == 51 && balance.active == 0 ? "" : "the debt is another";
              }},
             true);
}

TEST_CASE("power may go anywhere: refund with a used pay-gift", "[power][members]") {
  check_cuts("refund, gift used",
             {.people =
                  [](People& people) {
                    TillWorld& world = people.world();
                    if (people.count(SaleState::Closed) == 0) {
                      if (!goods_for_mei(people) || !people.pay_cash(kMeiPays, kMeiPays)) return;
                    }
                    // The cloud makes a coupon of the grant, and Mei uses it here.
                    world.home.upload(world.journal());
                    const auto id = *offers::CouponId::parse("gift-1");
                    if (!world.home.coupons.contains(id)) world.home.issue(kMei, coupon_of("gift-1", "three-off"));
                    if (people.count(SaleState::Closed) == 1) {
                      if (people.till().basket().empty() && !world.scan(kRice)) return;
                      if (!goods_for_mei(people) || !pay_the_rest_in_cash(people)) return;
                    }
                    if (people.count(SaleState::Closed) == 2 && people.count(SaleState::Returned) == 0) {
                      refund_all(people);
                    }
                  },
              .records = "sale_priced price_proof sale_benefits recognised cash_taken earned notice coupon_granted "
                         "notice sale_closed sale_priced price_proof sale_benefits recognised coupon_placed "
                         "coupons_reserved cash_taken coupons_redeemed notice coupons_shown earned notice sale_closed "
                         "return_started cash_returned grant_voided notice taken_back notice sale_closed",
              .commits = 3,
              .end = {2, 990},
              .before = members_and([](TillWorld&) {}),
              .besides = [](TillWorld& world) -> std::string {
                // The grant is void, the coupon was used: the cloud knows both, and reports it with its funder.
                if (world.home.granted[*offers::OfferId::parse("three-off")] != 0) return "the grant is not void";
                return world.home.coupons.at(*offers::CouponId::parse("gift-1")).redeemed_by.size() == 1
                           ? ""
                           : "the gift was not used once";
              }},
             true);
}

TEST_CASE("power may go anywhere: budget exhausted in mid-sale", "[power][members]") {
  check_cuts(
      "budget exhausted in mid-sale",
      {.people =
           [](People& people) {
             if (people.sold() || !people.goods()) return;
             if (people.till().left_to_pay().is_zero()) people.world().advance(2h);
             if (!people.can_go_on()) return;
             // It was free a moment ago: the shopper is asked first.
             if (people.till().left_to_pay().is_zero() && people.till().pay_nothing()) return;
             pay_the_rest_in_cash(people);
           },
       .records = "sale_priced price_proof sale_benefits cash_taken sale_closed",
       .commits = 1,
       .end = kSold,
       .before = members_and([](TillWorld& world) {
         world.home.give(Unit::Budget, "free-day", "b1", 5'000);
         world.prepare([&] {
           const auto grant = world.home.lease("LB", Unit::Budget, "free-day", 5'000, 1h);
           static_cast<void>(world.journal().commit([&](journal::Tx& tx) { return ledger::place_lease(tx, grant); }));
         });
       })},
      true);
}

}  // namespace
}  // namespace tillkit::test
