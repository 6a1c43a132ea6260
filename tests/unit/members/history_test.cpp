// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/history.hpp"

#include <string>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;

MembersHistory told(const Shop& shop, journal::SaleId sale) {
  MembersHistory history;
  must(shop.journal->each({.sale = sale}, [&](const journal::Record& record) { return tell(history, record); }));
  return history;
}

TEST_CASE("the records of a sale tell its member, its coupons and what it was told", "[members]") {
  Shop shop;
  shop.place(held("C-1", shop), member("M-1"), shop.now() + 24h);
  const auto sale = shop.next_sale();
  const std::vector<CouponUse> uses{lease("C-1"), token("T-1", shop.now() + 24h, "")};
  const Grant grant{offer_id("spend-100"), offer_id("gift"), 2};

  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(recognise(tx, sale, member("M-0"), RecogniseHow::Card));
    TILLKIT_TRY_VOID(recognise(tx, sale, member("M-1"), RecogniseHow::Token));
    return reserve_coupons(tx, sale, uses);
  }));
  CHECK(told(shop, sale).coupons_state == CouponsState::Reserved);
  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(redeem_coupons(tx, sale));
    TILLKIT_TRY_VOID(grant_coupons(tx, sale, member("M-1"), grant));
    const CouponCount one{CouponEnd::Redeemed, 0, 2};
    TILLKIT_TRY_VOID(count_shown(tx, sale, {&one, 1}));
    return reach_tier(tx, sale, member("M-1"), {}, name("gold"));
  }));

  const MembersHistory history = told(shop, sale);
  CHECK(history.member == member("M-1"));
  CHECK(history.how == RecogniseHow::Token);
  CHECK_FALSE(history.enrolled);
  CHECK(history.coupons_state == CouponsState::Redeemed);
  CHECK(history.coupons == uses);
  CHECK(history.granted == std::vector{grant});
  CHECK(history.notices == 3);
}

TEST_CASE("the records of a refund tell what it gave back and took back", "[members]") {
  Shop shop;
  const auto refund = shop.next_sale();
  const Grant grant{{}, offer_id("gift"), 1};

  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    const std::array uses{lease("C-1"), lease("C-2", "")};
    TILLKIT_TRY_VOID(return_coupons(tx, refund, journal::SaleId(7), uses));
    return void_grant(tx, refund, journal::SaleId(7), member("M-1"), grant);
  }));

  const MembersHistory history = told(shop, refund);
  CHECK_FALSE(history.member.has_value());
  CHECK(history.returned == std::vector{coupon_id("C-1"), coupon_id("C-2")});
  CHECK(history.voided == std::vector{grant});
  CHECK(history.notices == 2);
}

TEST_CASE("a sale that released and reserved again tells the last reservation", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  const auto first = token("T-1", shop.now() + 24h);
  const auto second = token("T-2", shop.now() + 24h);
  must(shop.reserve(sale, {first}));
  must(shop.release(sale));
  CHECK(told(shop, sale).coupons_state == CouponsState::Released);

  must(shop.reserve(sale, {second}));

  CHECK(told(shop, sale).coupons == std::vector{second});
  CHECK(told(shop, sale).coupons_state == CouponsState::Reserved);
}

TEST_CASE("a sale that enrolled its payer says so, a later one does not", "[members]") {
  Shop shop;
  const Identity payer{IdentityKind::Payer, security::BlindIndex(5)};
  must(shop.enrol_payer(payer));
  const journal::SaleId first(shop.sales * 1'000);
  must(shop.enrol_payer(payer, EnrolPolicy::Provisional, Consent::Given));
  const journal::SaleId second(shop.sales * 1'000);

  CHECK(told(shop, first).enrolled);
  CHECK(told(shop, first).member == provisional_id(payer));
  CHECK_FALSE(told(shop, second).enrolled);
  CHECK(told(shop, second).how == RecogniseHow::Payer);
}

TEST_CASE("records that say nothing of the sale's member are passed over, unknown and broken ones are not",
          "[members]") {
  MembersHistory history;
  const auto record = [](std::string_view kind, std::string body) {
    journal::Record made;
    made.kind = must(journal::Kind::parse(kind));
    made.body = std::move(body);
    return made;
  };

  for (const char* kind : {"payment.attempt_paid", "members.merged", "members.consented", "members.refused_consent",
                           "members.coupon_placed", "members.coupon_given_up", "members.double_redemption",
                           "members.coupons_shown", "members.tier_reached"}) {
    CAPTURE(kind);
    CHECK(tell(history, record(kind, "{}")).has_value());
  }
  CHECK(failed_with(tell(history, record("members.later", "{}")), ErrorCode::Unsupported));
  CHECK(failed_with(tell(history, record("members.recognised", "{}")), ErrorCode::NotFound));
  CHECK(failed_with(tell(history, record("members.recognised", R"({"member":"M-1","how":7})")), ErrorCode::Corrupt));
  CHECK(
      failed_with(tell(history, record("members.recognised", R"({"member":"","how":1})")), ErrorCode::InvalidArgument));
  CHECK(failed_with(tell(history, record("members.coupons_reserved", R"({"coupons":[{}]})")), ErrorCode::NotFound));
  CHECK(failed_with(tell(history, record("members.coupons_returned", R"({"sale":1,"coupons":[""]})")),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(
      tell(history, record("members.coupon_granted", R"({"member":"M-1","by":"","offer":"gift","count":0})")),
      ErrorCode::OutOfRange));
  CHECK(failed_with(tell(history, record("members.notice", "{")), ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::members
