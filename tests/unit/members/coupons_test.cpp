// SPDX-License-Identifier: Apache-2.0

// Coupons: placed here or shown as a token, and never used twice.

#include <limits>
#include <string>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::WallQuality;
using namespace std::chrono_literals;

core::WallReading trusted(core::WallTime at) {
  return {at, WallQuality::Trusted};
}

PlacedCoupon placed(const Shop& shop, std::string_view id) {
  const auto found = must(find_coupon(shop.tables(), coupon_id(id)));
  REQUIRE(found.has_value());
  return *found;
}

TEST_CASE("a placed coupon is here as it was placed", "[members]") {
  Shop shop;
  HeldCoupon coupon = held("C-1", shop, 3);
  coupon.valid_from = shop.now() - 1h;
  const auto until = shop.now() + 24h;

  shop.place(coupon, member("M-1"), until);

  const PlacedCoupon found = placed(shop, "C-1");
  CHECK(found.coupon == coupon);
  CHECK(found.member == member("M-1"));
  CHECK(found.until == until);
  CHECK(found.left() == 3);
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-2"))).has_value());
  CHECK(shop.count(kNotice) == 0);
}

TEST_CASE("a coupon with neither end is placed and told as such", "[members]") {
  Shop shop;
  HeldCoupon coupon = held("C-1", shop);
  coupon.expires_at = core::WallTime::max();

  shop.place(coupon, {}, core::WallTime::max());

  CHECK(placed(shop, "C-1").coupon == coupon);
  CHECK(placed(shop, "C-1").member.empty());
  CHECK(shop.reserve(shop.next_sale(), {lease("C-1", "")}).has_value());
  CHECK(shop.sound());
}

TEST_CASE("a placement that comes twice changes nothing", "[members]") {
  Shop shop;
  const auto until = shop.now() + 24h;
  shop.place(held("C-1", shop), member("M-1"), until);
  must(shop.reserve(shop.next_sale(), {lease("C-1")}));
  const auto last = shop.last();

  shop.place(held("C-1", shop, 5), member("M-2"), until + 24h);

  CHECK(shop.last() == last);
  CHECK(placed(shop, "C-1").left() == 0);
}

TEST_CASE("a placement needs a coupon, an offer and uses", "[members]") {
  Shop shop;
  const auto refused = [&](const HeldCoupon& coupon) {
    return failed_with(
        shop.commit([&](journal::Tx& tx) { return place_coupon(tx, coupon, member("M-1"), shop.now() + 1h); }),
        ErrorCode::InvalidArgument);
  };

  HeldCoupon coupon = held("C-1", shop);
  coupon.id = {};
  CHECK(refused(coupon));
  coupon = held("C-1", shop);
  coupon.offer = {};
  CHECK(refused(coupon));
  CHECK(refused(held("C-1", shop, 0)));
  CHECK(refused(held("C-1", shop, kCouponUsesMax + 1)));
  shop.place(held("C-1", shop, kCouponUsesMax), member("M-1"), shop.now() + 1h);
}

TEST_CASE("a sale reserves, redeems, and only then tells the member", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();

  must(shop.reserve(sale, {lease("C-1")}));
  CHECK(placed(shop, "C-1").reserved == 1);
  CHECK(must(reserved_for(shop.tables(), sale)) == std::vector{lease("C-1")});
  CHECK(shop.count(kNotice) == 0);

  must(shop.redeem(sale));
  CHECK(placed(shop, "C-1").reserved == 0);
  CHECK(placed(shop, "C-1").redeemed == 1);
  CHECK(placed(shop, "C-1").left() == 0);
  CHECK(must(reserved_for(shop.tables(), sale)).empty());
  const auto notices = shop.bodies(kNotice);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0] == R"({"member":"M-1","what":7,"of":)" + std::to_string(shop.last().value() - 1) + R"(,"count":1})");
  CHECK(shop.sound());
}

TEST_CASE("redeeming twice redeems once, and nothing reserved means nothing to do", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 2), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1")}));
  must(shop.redeem(sale));
  const auto last = shop.last();

  must(shop.redeem(sale));
  must(shop.release(sale));
  must(shop.redeem(shop.next_sale()));
  must(shop.reserve(shop.next_sale(), {}));
  must(shop.give_back(shop.next_sale(), sale, {}));

  CHECK(shop.last() == last);
  CHECK(placed(shop, "C-1").left() == 1);
}

TEST_CASE("what a sale releases can be used by the next, also by itself", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  const auto shown = token("T-1", shop.now() + 24h);
  must(shop.reserve(sale, {lease("C-1"), shown}));

  must(shop.release(sale));

  CHECK(placed(shop, "C-1").left() == 1);
  CHECK_FALSE(must(is_used(shop.tables(), shown.coupon)));
  CHECK(shop.count(kNotice) == 0);
  must(shop.reserve(sale, {lease("C-1"), shown}));
  must(shop.redeem(sale));
  CHECK(shop.sound());
}

TEST_CASE("a use that another sale reserved or redeemed is not free", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 2), member("M-1"), shop.now() + 24h);
  must(shop.reserve(shop.next_sale(), {lease("C-1")}));
  const auto last = shop.last();

  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1"), lease("C-1")}), ErrorCode::AlreadyExists));
  CHECK(shop.last() == last);
  must(shop.reserve(shop.next_sale(), {lease("C-1")}));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1")}), ErrorCode::AlreadyExists));
  CHECK(shop.sound());
}

TEST_CASE("a sale reserves once, until it releases", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 5), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1")}));

  CHECK(failed_with(shop.reserve(sale, {lease("C-1")}), ErrorCode::AlreadyExists));
  must(shop.redeem(sale));
  CHECK(failed_with(shop.reserve(sale, {lease("C-1")}), ErrorCode::AlreadyExists));
}

TEST_CASE("a refused reservation reserves nothing of the rest", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto last = shop.last();

  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1"), lease("C-2")}), ErrorCode::NotFound));

  CHECK(shop.last() == last);
  CHECK(placed(shop, "C-1").left() == 1);
}

TEST_CASE("a use names a coupon, an offer, a right and no negative risk, in a sale", "[members]") {
  Shop shop;
  const auto refused = [&](const CouponUse& use) {
    return failed_with(shop.reserve(shop.next_sale(), {use}), ErrorCode::InvalidArgument);
  };
  const CouponUse good = token("T-1", shop.now() + 1h);

  CouponUse use = good;
  use.coupon = {};
  CHECK(refused(use));
  use = good;
  use.offer = {};
  CHECK(refused(use));
  use = good;
  use.by = static_cast<CouponBy>(3);
  CHECK(refused(use));
  use = good;
  use.risk_minor = -1;
  CHECK(refused(use));
  CHECK(failed_with(shop.reserve(journal::SaleId{}, {good}), ErrorCode::InvalidArgument));
  CHECK(shop.reserve(shop.next_sale(), {good}).has_value());
}

TEST_CASE("a sale takes as many coupons as the limit says, and no more", "[members]") {
  Shop shop;
  std::vector<CouponUse> uses;
  for (std::size_t i = 0; i <= kCouponUsesPerSaleMax; ++i)
    uses.push_back(token("T-" + std::string(60, 'x').substr(0, 55) + std::to_string(i), shop.now() + 24h));

  CHECK(failed_with(shop.reserve(shop.next_sale(), uses), ErrorCode::Exhausted));
  CHECK(failed_with(shop.give_back(shop.next_sale(), journal::SaleId(1), uses), ErrorCode::Exhausted));
  uses.pop_back();
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, uses));
  must(shop.redeem(sale));

  CHECK(shop.count(kNotice) == 1);
  CHECK(shop.bodies(kNotice)[0].ends_with(R"("count":100})"));
  CHECK(shop.sound());
}

TEST_CASE("a token's coupon is used once, while it is reserved and after it is redeemed", "[members]") {
  Shop shop;
  const auto shown = token("T-1", shop.now() + 24h);
  const auto sale = shop.next_sale();
  CHECK_FALSE(must(is_used(shop.tables(), shown.coupon)));

  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown, shown}), ErrorCode::AlreadyExists));
  must(shop.reserve(sale, {shown}));
  CHECK(must(is_used(shop.tables(), shown.coupon)));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  must(shop.redeem(sale));
  CHECK(must(is_used(shop.tables(), shown.coupon)));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  shop.restart();
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  CHECK(shop.sound());
}

TEST_CASE("a coupon that is placed here is not honoured as a token, too", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto shown = token("C-1", shop.now() + 24h);

  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1"), shown}), ErrorCode::AlreadyExists));
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1")}));
  must(shop.redeem(sale));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
  must(shop.give_up(coupon_id("C-1")));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {shown}), ErrorCode::AlreadyExists));
}

TEST_CASE("a coupon that was given up unused may be honoured as a token", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  must(shop.give_up(coupon_id("C-1")));

  CHECK(shop.reserve(shop.next_sale(), {token("C-1", shop.now() + 24h)}).has_value());
}

TEST_CASE("a coupon that was honoured as a token has one use less when the cloud places it", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {token("C-1", shop.now() + 24h), token("C-3", shop.now() + 24h)}));
  must(shop.redeem(sale));

  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  shop.place(held("C-3", shop, 3), member("M-1"), shop.now() + 24h);

  CHECK(placed(shop, "C-1").left() == 0);
  CHECK(placed(shop, "C-3").left() == 2);
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1")}), ErrorCode::AlreadyExists));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-3"), lease("C-3"), lease("C-3")}),
                    ErrorCode::AlreadyExists));
  CHECK(shop.reserve(shop.next_sale(), {lease("C-3"), lease("C-3")}).has_value());
  CHECK(must(coupons_of(shop.tables(), member("M-1"), trusted(shop.now()))).empty());
  CHECK(shop.sound());
}

TEST_CASE("what is given up says how many uses are left and is not redeemed here any more", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 3), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1")}));
  CHECK(failed_with(shop.give_up(coupon_id("C-1")), ErrorCode::FailedPrecondition));
  must(shop.redeem(sale));

  must(shop.give_up(coupon_id("C-1")));

  CHECK(shop.bodies(kCouponGivenUp) == std::vector<std::string>{R"({"coupon":"C-1","unused":2})"});
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1")}), ErrorCode::NotFound));
  CHECK(failed_with(shop.give_up(coupon_id("C-1")), ErrorCode::NotFound));
  CHECK(failed_with(shop.give_up(coupon_id("C-2")), ErrorCode::NotFound));
  CHECK(must(coupons_of(shop.tables(), member("M-1"), trusted(shop.now()))).empty());
}

TEST_CASE("an old placement that comes again after the coupon was given up does not bring it back", "[members]") {
  Shop shop;
  const auto until = shop.now() + 24h;
  shop.place(held("C-1", shop, 2), member("M-1"), until);
  must(shop.give_up(coupon_id("C-1")));
  const auto last = shop.last();

  shop.place(held("C-1", shop, 2), member("M-1"), until);
  CHECK(shop.last() == last);
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-1"))).has_value());

  shop.place(held("C-1", shop, 1), member("M-1"), until + 1ms);
  CHECK(placed(shop, "C-1").left() == 1);
  CHECK(shop.sound());
}

TEST_CASE("a refund gives a use back, once, and only one that its sale redeemed", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 2), member("M-1"), shop.now() + 24h);
  const auto first = shop.next_sale();
  const auto second = shop.next_sale();
  const auto shown = token("T-1", shop.now() + 24h);
  must(shop.reserve(first, {lease("C-1"), shown}));
  must(shop.redeem(first));
  must(shop.reserve(second, {lease("C-1")}));

  must(shop.give_back(shop.next_sale(), second, {lease("C-1")}));
  CHECK(placed(shop, "C-1").left() == 0);
  must(shop.give_back(shop.next_sale(), first, {lease("C-1"), shown}));
  CHECK(placed(shop, "C-1").left() == 1);
  CHECK_FALSE(must(is_used(shop.tables(), shown.coupon)));
  must(shop.give_back(shop.next_sale(), first, {lease("C-1"), shown}));
  CHECK(placed(shop, "C-1").left() == 1);

  must(shop.reserve(shop.next_sale(), {lease("C-1"), shown}));
  must(shop.give_back(shop.next_sale(), first, {shown}));
  CHECK(must(is_used(shop.tables(), shown.coupon)));
  CHECK(shop.count(kCouponsReturned) == 4);
  CHECK(shop.sound());
}

TEST_CASE("a refund of what is not known here any more is in the record all the same", "[members]") {
  Shop shop;
  const auto refund = shop.next_sale();

  must(shop.give_back(refund, journal::SaleId(7), {lease("C-1"), lease("C-2", "M-2"), lease("C-3", "")}));

  CHECK(shop.bodies(kCouponsReturned) == std::vector<std::string>{R"({"sale":7,"coupons":["C-1","C-2","C-3"]})"});
  CHECK(shop.count(kNotice) == 2);
  CHECK(failed_with(shop.give_back(refund, journal::SaleId{}, {lease("C-1")}), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.give_back(journal::SaleId{}, refund, {lease("C-1")}), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.give_back(refund, refund, {CouponUse{}}), ErrorCode::InvalidArgument));
}

TEST_CASE("a refund of an earlier placement does not add a use to a later one", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop, 2), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1")}));
  must(shop.redeem(sale));
  must(shop.give_up(coupon_id("C-1")));
  shop.place(held("C-1", shop, 1), member("M-1"), shop.now() + 48h);
  must(shop.reserve(shop.next_sale(), {lease("C-1")}));

  must(shop.give_back(shop.next_sale(), sale, {lease("C-1")}));

  CHECK(placed(shop, "C-1").left() == 0);
  CHECK(shop.sound());
}

TEST_CASE("a member's coupons are those that it, and whoever was merged into it, may redeem now", "[members]") {
  Shop shop;
  const auto now = shop.now();
  HeldCoupon coupon = held("C-good", shop);
  shop.place(coupon, member("M-1"), now + 24h);
  shop.place(held("C-merged", shop), member("M-2"), now + 24h);
  shop.place(held("C-other", shop), member("M-3"), now + 24h);
  shop.place(held("C-bearer", shop), {}, now + 24h);
  coupon = held("C-early", shop);
  coupon.valid_from = now + 1ms;
  shop.place(coupon, member("M-1"), now + 24h);
  coupon = held("C-expired", shop);
  coupon.expires_at = now;
  shop.place(coupon, member("M-1"), now + 24h);
  shop.place(held("C-over", shop), member("M-1"), now);
  shop.place(held("C-reserved", shop), member("M-1"), now + 24h);
  must(shop.reserve(shop.next_sale(), {lease("C-reserved")}));
  must(shop.join("M-2", "M-1"));

  const auto ids = [&](const MemberId& who, const core::WallReading& at) {
    std::string text;
    for (const PlacedCoupon& found : must(coupons_of(shop.tables(), who, at)))
      text += std::string(found.coupon.id.view()) + " ";
    return text;
  };

  CHECK(ids(member("M-1"), trusted(now)) == "C-good C-merged ");
  CHECK(ids(member("M-2"), trusted(now)) == "C-good C-merged ");
  CHECK(ids(member("M-1"), {now, WallQuality::Estimated}) == "C-good C-merged ");
  CHECK(ids(member("M-1"), trusted(now + 1ms)) == "C-early C-good C-merged ");
  CHECK(ids(member("M-1"), {now, WallQuality::Unknown}).empty());
  CHECK(ids({}, trusted(now)).empty());
  CHECK(ids(member("M-9"), trusted(now)).empty());
}

TEST_CASE("a notice goes to whoever the member is now, and none for a bearer's coupon", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  shop.place(held("C-2", shop), member("M-2"), shop.now() + 24h);
  shop.place(held("C-3", shop), {}, shop.now() + 24h);
  must(shop.join("M-1", "M-2"));
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {lease("C-1", "M-1"), lease("C-2", "M-2"), lease("C-3", "")}));

  must(shop.redeem(sale));

  REQUIRE(shop.count(kNotice) == 1);
  CHECK(shop.bodies(kNotice)[0].starts_with(R"({"member":"M-2","what":7,)"));
  CHECK(shop.bodies(kNotice)[0].ends_with(R"("count":2})"));
}

TEST_CASE("when as many coupons are placed as fit, one more is refused and one that is here is not", "[members]") {
  Shop shop;
  shop.fill(1, kPlacedCouponsMax - 1);
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);

  const auto one_more = shop.commit(
      [&](journal::Tx& tx) { return place_coupon(tx, held("C-2", shop), member("M-1"), shop.now() + 24h); });

  CHECK(failed_with(one_more, ErrorCode::Exhausted));
  must(shop.give_up(coupon_id("C-1")));
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 48h);
}

TEST_CASE("when as many uses are kept as fit, one more is refused", "[members]") {
  Shop shop;
  shop.fill(2, kCouponUsesKeptMax - 2);
  const auto expires = shop.now() + 24h;

  CHECK(
      failed_with(shop.reserve(shop.next_sale(), {token("T-1", expires), token("T-2", expires), token("T-3", expires)}),
                  ErrorCode::Exhausted));
  const auto sale = shop.next_sale();
  must(shop.reserve(sale, {token("T-1", expires), token("T-2", expires)}));
  CHECK(failed_with(shop.reserve(shop.next_sale(), {token("T-3", expires)}), ErrorCode::Exhausted));
  must(shop.release(sale));
  CHECK(shop.reserve(shop.next_sale(), {token("T-3", expires)}).has_value());
}

TEST_CASE("granted coupons and grants that are taken back are recorded and told", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  const auto refund = shop.next_sale();
  const Grant grant{offer_id("spend-100"), offer_id("gift"), 2};

  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(grant_coupons(tx, sale, member("M-1"), grant));
    return void_grant(tx, refund, sale, member("M-1"), grant);
  }));

  CHECK(shop.bodies(kCouponGranted) ==
        std::vector<std::string>{R"({"member":"M-1","by":"spend-100","offer":"gift","count":2})"});
  CHECK(shop.bodies(kGrantVoided) ==
        std::vector<std::string>{R"({"member":"M-1","by":"spend-100","offer":"gift","count":2,"sale":1000})"});
  const auto notices = shop.bodies(kNotice);
  REQUIRE(notices.size() == 2);
  const auto seq = shop.last().value();
  CHECK(notices[0] == R"({"member":"M-1","what":9,"of":)" + std::to_string(seq - 3) + R"(,"count":2})");
  CHECK(notices[1] == R"({"member":"M-1","what":10,"of":)" + std::to_string(seq - 1) + R"(,"count":2})");
}

TEST_CASE("a grant needs a sale, a member, a template and a count", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  const Grant good{offer_id("spend-100"), offer_id("gift"), 1};
  const auto refused = [&](journal::SaleId of, const MemberId& who, const Grant& grant) {
    const bool granted = failed_with(shop.commit([&](journal::Tx& tx) { return grant_coupons(tx, of, who, grant); }),
                                     ErrorCode::InvalidArgument);
    const bool voided = failed_with(shop.commit([&](journal::Tx& tx) { return void_grant(tx, of, sale, who, grant); }),
                                    ErrorCode::InvalidArgument);
    return granted && voided;
  };

  CHECK(refused({}, member("M-1"), good));
  CHECK(refused(sale, {}, good));
  CHECK(refused(sale, member("M-1"), {good.by, {}, 1}));
  CHECK(refused(sale, member("M-1"), {good.by, good.coupon, 0}));
  CHECK(refused(sale, member("M-1"), {good.by, good.coupon, kCouponUsesMax + 1}));
  CHECK(failed_with(shop.commit([&](journal::Tx& tx) { return void_grant(tx, sale, {}, member("M-1"), good); }),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("what became of coupons that were shown adds up by end and reason", "[members]") {
  Shop shop;
  const auto show = [&](const std::vector<CouponCount>& shown) {
    return shop.commit([&](journal::Tx& tx) { return count_shown(tx, shop.next_sale(), shown); });
  };

  must(show({{CouponEnd::Redeemed, 0, 1}, {CouponEnd::Rejected, 28, 2}, {CouponEnd::Redeemed, 0, 1}}));
  must(show({{CouponEnd::Redeemed, 0, 1}, {CouponEnd::TokenRefused, 3, 1}, {CouponEnd::Rejected, 1, 1}}));
  must(show({}));

  CHECK(must(coupons_shown(shop.tables())) == std::vector<CouponCount>{{CouponEnd::Redeemed, 0, 3},
                                                                       {CouponEnd::Rejected, 1, 1},
                                                                       {CouponEnd::Rejected, 28, 2},
                                                                       {CouponEnd::TokenRefused, 3, 1}});
  CHECK(shop.bodies(kCouponsShown).size() == 2);
  CHECK(shop.bodies(kCouponsShown)[0] ==
        R"({"shown":[{"end":1,"reason":0,"count":2},{"end":2,"reason":28,"count":2}]})");
  CHECK(failed_with(show({{static_cast<CouponEnd>(0), 0, 1}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(show({{static_cast<CouponEnd>(9), 0, 1}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(show({{CouponEnd::Redeemed, 0, 0}}), ErrorCode::InvalidArgument));
  CHECK(failed_with(show({{CouponEnd::Redeemed, 0, 1'000'001}}), ErrorCode::InvalidArgument));
  CHECK(shop.sound());
}

TEST_CASE("each end of a coupon that was shown has its word", "[members]") {
  const char* const words[] = {"redeemed",     "rejected",    "token_refused", "already_used",
                               "no_risk_left", "not_offline", "abandoned",     "other_member"};
  for (std::size_t i = 0; i < kCouponEnds; ++i)
    CHECK(to_string(static_cast<CouponEnd>(i + 1)) == words[i]);
}

TEST_CASE("a double redemption is recorded with its sale, its funder and what it cost", "[members]") {
  Shop shop;
  const auto funder = must(offers::FunderId::parse("brand-7"));
  const auto record = [&](std::string_view coupon, journal::SaleId sale, const offers::FunderId& who,
                          std::int64_t amount) {
    return shop.commit([&](journal::Tx& tx) {
      return record_double_redemption(tx, coupon.empty() ? offers::CouponId{} : coupon_id(coupon), sale, who, amount);
    });
  };

  must(record("T-1", journal::SaleId(7), funder, 1'000));

  CHECK(shop.bodies(kDoubleRedemption) ==
        std::vector<std::string>{R"({"coupon":"T-1","sale":7,"funder":"brand-7","amount":1000})"});
  CHECK(failed_with(record("", journal::SaleId(7), funder, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(record("T-1", {}, funder, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(record("T-1", journal::SaleId(7), {}, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(record("T-1", journal::SaleId(7), funder, -1), ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::members
