// SPDX-License-Identifier: Apache-2.0
// Who buys: recognised, made a member in the act of paying, and never asked for more than was shown.
#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "member_shop_test.hpp"
#include "tillkit/members/records.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using checkout::SaleStory;
using receipt::SaleRefusal;

TEST_CASE("a code that is identified pays the member's price, and the member earns", "[checkout][members]") {
  MemberShop shop;
  REQUIRE(shop.world.scan(kCola, 6));
  CHECK(shop.payable() == 2'100);

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.last();
  CHECK(sale.state == SaleState::Closed);
  CHECK(sale.total == fen(1'800));
  CHECK(sale.members.member == kMei);
  CHECK(sale.members.how == members::RecogniseHow::PaymentCode);
  CHECK_FALSE(sale.members.enrolled);
  REQUIRE(sale.ledger.earned.size() == 1);
  CHECK(sale.ledger.earned.front().points == 36);  // 18.00, twice for gold
  CHECK(shop.points_of(kMei) == 36);
  CHECK(shop.receipt_of(sale.id).points == 36);
  shop.check_books();
}

TEST_CASE("identifying waits no longer than its budget, and a late answer changes nothing", "[checkout][members]") {
  MemberShop shop([](TillWorld& world) { world.home.answers_after = 801ms; });
  REQUIRE(shop.world.scan(kCola, 6));
  const auto before = shop.world.world.now();

  REQUIRE(shop.world.pay_by_code());
  CHECK(shop.till().is_paying());
  CHECK(refusal_of(shop.till().add(kRice, pieces(1))) == SaleRefusal::AlreadyPaying);
  shop.world.advance(799ms);
  CHECK(shop.world.sales().empty());  // nothing is intended yet
  shop.world.advance(2ms);

  CHECK(shop.world.sales().size() == 1);
  CHECK(shop.world.world.now() - before <= 801ms);
  REQUIRE(shop.world.settle());
  const SaleStory sale = shop.last();
  CHECK(sale.total == fen(2'100));
  CHECK(sale.members.how == members::RecogniseHow::Payer);  // by the outcome: it earns, the price stays
  CHECK(sale.ledger.earned.size() == 1);
  CHECK(shop.world.home.identified == 1);
  shop.check_books();
}

TEST_CASE("a member's price that is higher than what was shown is not asked for", "[checkout][members]") {
  constexpr std::string_view kStrangersOnly = R"({"version":"x","currency":"CNY","offers":[
    {"id":"welcome","condition":{"not":{"member":{}}},"effect":{"amount_off":{"amount":"2.00"}}},
    {"id":"points","effect":{"points_earn":{"points":1,"per":"1.00"}}}]})";
  Shop shop(shelf_of({{.id = "tea", .codes = {}, .name = "Tea", .price = fen(1'000)}}, kStrangersOnly),
            [](TillWorld& world) {
              const auto shelf = world.shelf;
              open_for_members(world);
              world.shelf = shelf;
            });
  REQUIRE(shop.world.scan("tea", 2));
  CHECK(shop.payable() == 1'800);

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.story(shop.world.last_sale());
  CHECK(sale.total == fen(1'800));
  CHECK(sale.members.member == kMei);
  CHECK(sale.ledger.earned.size() == 1);
  shop.check_books();
}

TEST_CASE("who pays becomes a member in the commit of the payment, once, and earns once", "[checkout][members]") {
  for (const auto policy : {members::EnrolPolicy::Provisional, members::EnrolPolicy::Automatic}) {
    CAPTURE(static_cast<int>(policy));
    MemberShop shop([&](TillWorld& world) {
      world.home.payer = {};
      world.settings.membership.enrol = policy;
    });
    REQUIRE(shop.world.scan(kCola, 6));
    const std::uint64_t commits = shop.commits_of([&] {
      REQUIRE(shop.world.pay_by_code());
      REQUIRE(shop.world.settle());
    });

    CHECK(commits == 2);
    const SaleStory sale = shop.last();
    REQUIRE(sale.members.enrolled);
    REQUIRE(sale.members.member);
    CHECK(members::is_provisional(*sale.members.member));
    CHECK(sale.ledger.earned.size() == 1);
    const auto known = members::find_identity(shop.world.journal().tables(), *sale.members.enrolled);
    REQUIRE(known);
    CHECK(known->member == *sale.members.member);
    CHECK(known->consented == (policy == members::EnrolPolicy::Automatic));
    // Payment and membership have one seal: one commit.
    journal::Seq paid{};
    std::vector<journal::Seq> seals;
    REQUIRE(shop.world.journal().each({}, [&](const journal::Record& record) -> core::Result<> {
      if (record.kind == payment::kAttemptPaid) paid = record.seq;
      if (record.seal && paid.value() != 0) seals.push_back(record.seq);
      return {};
    }));
    REQUIRE(!seals.empty());
    std::vector<std::string> together;
    REQUIRE(shop.world.journal().each({.from = paid, .to = seals.front()},
                                      [&](const journal::Record& record) -> core::Result<> {
                                        together.emplace_back(record.kind.view());
                                        return {};
                                      }));
    for (const std::string_view kind : {"members.enrolled", "ledger.earned", "checkout.sale_closed"})
      CHECK(std::ranges::count(together, kind) == 1);

    // The same payer again is the same member.
    REQUIRE(shop.world.scan(kCola, 6));
    REQUIRE(shop.world.pay_by_code());
    REQUIRE(shop.world.settle());
    const SaleStory again = shop.last();
    CHECK_FALSE(again.members.enrolled);
    CHECK(again.members.member == sale.members.member);
    CHECK(again.ledger.earned.size() == 1);
    shop.check_books();
  }
}

TEST_CASE("the policy 'off' makes nobody a member", "[checkout][members]") {
  MemberShop shop([](TillWorld& world) {
    world.home.payer = {};
    world.settings.membership.enrol = members::EnrolPolicy::Off;
  });
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.last();
  CHECK(sale.state == SaleState::Closed);
  CHECK_FALSE(sale.members.member);
  CHECK(sale.ledger.earned.empty());
  shop.check_books();
}

/// Personal values that the journal still has.
std::size_t personal_values(journal::Journal& journal) {
  std::size_t found = 0;
  for (journal::Seq seq = journal.first_seq(); seq <= journal.last_seq(); seq = journal::Seq(seq.value() + 1)) {
    const auto values = journal.personal(seq);
    REQUIRE(values);
    found += values->size();
  }
  return found;
}

TEST_CASE("who refuses before paying leaves no personal data, and is no member the next time", "[checkout][members]") {
  MemberShop shop([](TillWorld& world) { world.home.payer = {}; });
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.till().set_consent(members::Consent::Refused));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.last();
  CHECK(sale.state == SaleState::Closed);
  CHECK_FALSE(sale.members.member);
  CHECK(sale.ledger.earned.empty());
  CHECK(personal_values(shop.world.journal()) == 0);
  CHECK(shop.world.home.identified == 0);

  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  CHECK_FALSE(shop.last().members.member);
  CHECK(personal_values(shop.world.journal()) == 0);
  shop.check_books();
}

TEST_CASE("what is said to becoming a member while nobody buys is not the next shopper's word", "[checkout][members]") {
  const auto said = GENERATE(members::Consent::Given, members::Consent::Refused);
  CAPTURE(static_cast<int>(said));
  MemberShop shop([](TillWorld& world) { world.home.payer = {}; });
  CHECK(refusal_of(shop.till().set_consent(said)) == SaleRefusal::NoSale);
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.world.pay_cash(500));
  CHECK(shop.world.onlooker.screen() == "thank_you");

  CHECK(refusal_of(shop.till().set_consent(said)) == SaleRefusal::NoSale);
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  // A member who was not asked: enrolled, and without consent.
  const SaleStory sale = shop.last();
  REQUIRE(sale.members.enrolled);
  const auto known = members::find_identity(shop.world.journal().tables(), *sale.members.enrolled);
  REQUIRE(known);
  CHECK_FALSE(known->consented);
  shop.check_books();
}

TEST_CASE("what is said to becoming a member goes with who walks away", "[checkout][members]") {
  MemberShop shop([](TillWorld& world) { world.home.payer = {}; });
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.till().set_consent(members::Consent::Given));
  REQUIRE(shop.till().give_up(journal::kUnattended));

  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const auto known = members::find_identity(shop.world.journal().tables(), *shop.last().members.enrolled);
  REQUIRE(known);
  CHECK_FALSE(known->consented);
}

TEST_CASE("who says yes before any goods is the one who was recognised", "[checkout][members]") {
  MemberShop shop;
  REQUIRE(shop.till().show_phone("13700001111"));
  shop.world.advance(std::chrono::milliseconds{100});
  REQUIRE(shop.till().shopper());
  CHECK(shop.till().set_consent(members::Consent::Given));
  shop.world.advance(std::chrono::minutes{2});
  CHECK_FALSE(shop.till().shopper());
  CHECK(refusal_of(shop.till().set_consent(members::Consent::Given)) == SaleRefusal::NoSale);
}

TEST_CASE("who refuses after the sale loses membership and points, and the wallet's name for the payer goes",
          "[checkout][members]") {
  MemberShop shop([](TillWorld& world) { world.home.payer = {}; });
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const SaleStory sale = shop.last();
  REQUIRE(sale.members.member);
  CHECK(personal_values(shop.world.journal()) == 1);

  REQUIRE(shop.till().refuse_membership(sale.id));

  CHECK(personal_values(shop.world.journal()) == 0);
  CHECK(members::find_identity(shop.world.journal().tables(), *sale.members.enrolled)->known ==
        members::Known::Refused);
  CHECK(shop.points_of(*sale.members.member) == 0);
  CHECK(shop.world.home.disagreement().empty());
  const auto report = shop.world.journal().verify();
  CHECK(report.flaws == 0);
}

TEST_CASE("a card number earns and does not spend", "[checkout][members]") {
  MemberShop shop;
  const auto card = *codes::MemberCard::parse("88001234");
  shop.world.home.add(shop.world.home.profile_of(kMei), {*shop.world.identities->card(card)});
  shop.world.home.give(ledger::Unit::Points, kMei.view(), "lot-1", 5'000);
  lease_here(shop.world, "L1", ledger::Unit::Points, kMei.view(), 5'000);
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.till().show_phone("13800138000"));  // nobody's: it would become a member
  REQUIRE(shop.till().shopper());
  CHECK(shop.till().shopper()->enrol);

  CHECK(tender_refusal_of(shop.till().pay_points()) == payment::TenderRefusal::NoMember);
  REQUIRE(shop.world.pay_cash(2'100));
  const SaleStory sale = shop.last();
  CHECK(sale.members.enrolled);
  CHECK(sale.ledger.earned.size() == 1);
  shop.check_books();
}

TEST_CASE("two identities of one person are merged, and the points are one sum", "[checkout][members]") {
  MemberShop shop([](TillWorld& world) { world.home.payer = {}; });
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const auto first = *shop.last().members.member;
  CHECK(shop.points_of(first) == 21);

  merge_here(shop.world, first, kMei);
  CHECK(shop.points_of(kMei) == 21);
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  CHECK(shop.last().ledger.earned.front().member.view() == kMei.view());
  CHECK(shop.points_of(first) == 42);
  shop.check_books();
}

TEST_CASE("a hint changes nothing until somebody confirms it", "[checkout][members]") {
  MemberShop shop;
  REQUIRE(shop.world.scan(kCola, 6));
  shop.till().suggest_member({.member = kMei, .confidence = core::BasisPoints(9'000)});
  REQUIRE(shop.world.onlooker.member_checks.size() == 1);
  CHECK_FALSE(shop.till().shopper());
  CHECK(shop.payable() == 2'100);

  SECTION("right") {
    REQUIRE(shop.till().member_confirmed(true));
    shop.world.advance(100ms);
    CHECK(shop.payable() == 1'800);
    CHECK_FALSE(shop.till().shopper()->may_spend);
  }
  SECTION("wrong") {
    REQUIRE(shop.till().member_confirmed(false));
    CHECK_FALSE(shop.till().shopper());
    CHECK(refusal_of(shop.till().member_confirmed(true)) == SaleRefusal::MemberUnknown);
  }
}

/// A board that cannot hand over by hand.
class Machine final : public fulfilment::Fulfilment {
  [[nodiscard]] core::Result<fulfilment::Intention> do_intend(const fulfilment::Handover& /*handover*/) const override {
    return fulfilment::Intention::Start;
  }
  [[nodiscard]] core::Result<> do_start(const fulfilment::Handover& /*handover*/, fulfilment::Released /*released*/,
                                        core::Completion<fulfilment::HandoverReport> /*done*/) override {
    return core::fail(core::ErrorCode::Unavailable);
  }
  [[nodiscard]] core::Result<> do_inspect(const fulfilment::Handover& /*handover*/,
                                          core::Completion<fulfilment::HandoverReport> /*done*/) override {
    return core::fail(core::ErrorCode::Unavailable);
  }
  [[nodiscard]] core::Recovery do_recovery() const override { return core::Recovery::Settle; }
};

TEST_CASE("goods that do not come out take payment, coupon and points back together", "[checkout][members]") {
  Machine machine;
  MemberShop shop;
  shop.world.home.issue(kMei, coupon_of("c1", "three-off"));
  shop.world.home.give(ledger::Unit::Points, kMei.view(), "lot-1", 500);
  lease_here(shop.world, "L1", ledger::Unit::Points, kMei.view(), 500);
  REQUIRE(shop.world.scan(kCola, 6));
  REQUIRE(shop.world.show(member_token(shop.world)));
  shop.world.advance(100ms);
  CHECK(shop.payable() == 1'500);
  REQUIRE(shop.world.pay_points(500));
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(8s));
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);
  const auto coupon = members::find_coupon(shop.world.journal().tables(), *offers::CouponId::parse("c1"));
  REQUIRE(coupon.value());
  CHECK((*coupon)->reserved == 1);

  // The terminal comes back as another board than the one that took the order.
  shop.world.goods = &machine;
  shop.restart();
  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.last();
  CHECK(sale.state == SaleState::Undone);
  CHECK(sale.members.returned.size() == 1);
  CHECK(sale.ledger.given_back.front().part.amount() == 500);
  CHECK(shop.points_of(kMei) == 500);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK((*members::find_coupon(shop.world.journal().tables(), *offers::CouponId::parse("c1")))->left() == 1);
  shop.check_books();
}

}  // namespace
}  // namespace tillkit::test
