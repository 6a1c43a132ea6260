// SPDX-License-Identifier: Apache-2.0
// The program starts again: in every state that is stored, on every day, for every operator.
#include <string>

#include "shop.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using receipt::SaleRefusal;

/// The records of one kind, with who was on duty.
std::vector<journal::Record> records_of(Shop& shop, std::string_view module) {
  std::vector<journal::Record> found;
  REQUIRE(shop.world.journal().each({}, [&](const journal::Record& record) -> core::Result<> {
    if (record.kind.view().starts_with(module)) found.push_back(record);
    return {};
  }));
  return found;
}

TEST_CASE("an open basket is gone after a restart, and leaves nothing", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.restart();

  CHECK(shop.basket().empty());
  CHECK(shop.world.onlooker.screen() == "idle");
  CHECK(shop.world.records().empty());
}

TEST_CASE("a sale that was declined is on the screen again after a restart", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kBeer));
  REQUIRE(shop.till().age_checked(18, true, kAnna));
  shop.world.wallet.script(WalletCall::Authorise, declines());
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  REQUIRE(shop.till().state() == SaleState::Open);
  const auto sale = shop.till().sale();

  SECTION("as it was, age included") {
    shop.restart();
    CHECK(shop.till().state() == SaleState::Open);
    CHECK(shop.world.onlooker.screen() == "basket");
    CHECK(shop.till().sale() == sale);
    REQUIRE(shop.world.pay_cash(1'000));
  }
  SECTION("dearer by other rules: that needs a yes") {
    shop.restart();
    REQUIRE(shop.till().void_sale(kAnna));
    shop.world.scan(kCola, 10);
    shop.world.wallet.script(WalletCall::Authorise, declines());
    REQUIRE(shop.world.pay_by_code());
    REQUIRE(shop.world.settle());
    CHECK(shop.payable() == 3'000);
    shop.world.shelf = shelf_of({{.id = "cola", .name = "Cola", .price = fen(350)}});
    shop.restart();
    CHECK(refusal_of(shop.till().pay_cash(fen(5'000))) == SaleRefusal::PriceChanged);
    shop.till().confirm_price();
    REQUIRE(shop.world.pay_cash(5'000));
    CHECK(shop.story(shop.world.last_sale()).total == fen(3'500));
  }
  SECTION("it can be put aside") {
    shop.restart();
    REQUIRE(shop.till().suspend());
    REQUIRE(shop.till().resume(sale));
    REQUIRE(shop.world.pay_cash(1'000));
  }
  SECTION("or taken back") {
    shop.restart();
    CHECK(refusal_of(shop.till().sign_on(kAnna)) == SaleRefusal::SaleOpen);
    REQUIRE(shop.till().change(shop.basket().lines().front().id, pieces(0), kAnna));
    CHECK(refusal_of(shop.till().sign_on(kAnna)) == SaleRefusal::SaleOpen);
    REQUIRE(shop.till().void_sale(kAnna));
    CHECK(shop.story(sale).state == SaleState::Voided);
    REQUIRE(shop.till().sign_on(kAnna));
  }
  shop.check_books();
}

TEST_CASE("a sale of which cash took a part waits for the rest after a restart", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_cash(1'000));
  shop.restart();
  CHECK(shop.world.onlooker.screen() == "choose_tender");
  CHECK(shop.till().left_to_pay() == fen(1'890));
  CHECK(refusal_of(shop.till().add(kCola, pieces(1))) == SaleRefusal::AlreadyPaying);

  SECTION("it comes") {
    REQUIRE(shop.world.pay_by_code());
  }
  SECTION("it is given up") {
    REQUIRE(shop.till().give_up(kAnna));
  }
  REQUIRE(shop.world.settle());
  CHECK(shop.basket().empty());
  shop.check_books();
}

TEST_CASE("a wallet that was asked before a restart is asked what became of it, and nobody is charged twice",
          "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(10s));
  REQUIRE(shop.world.pay_by_code());
  shop.restart();

  CHECK(shop.world.onlooker.screen() == "waiting_for_wallet");
  CHECK(refusal_of(shop.till().pay_cash(fen(3'000))) == SaleRefusal::AlreadyPaying);
  REQUIRE(shop.world.settle());

  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.world.wallet.kept_minor() == 2'890);
  shop.check_books();
}

TEST_CASE("what goes back goes on after a restart, and the terminal sells meanwhile", "[checkout]") {
  Shop shop;
  const auto sold = shop.sell_to_a_wallet();
  shop.world.advance(2min);
  shop.scan_seven();
  REQUIRE(shop.world.pay_by_code(1'000));
  REQUIRE(shop.world.settle());
  shop.world.wallet.script_all(WalletCall::Refund, approves().lost());
  REQUIRE(shop.till().give_up(kAnna));
  const auto undone = shop.world.last_sale();
  const auto back = shop.world.refund(sold);
  REQUIRE(back);
  shop.world.advance(1min);
  CHECK(shop.story(undone).state == SaleState::Undoing);
  CHECK(shop.story(*back).state == SaleState::Returning);

  shop.restart();
  CHECK(shop.world.onlooker.screen() == "idle");
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.world.pay_cash(350));
  shop.world.wallet.script_all(WalletCall::Refund, approves());
  REQUIRE(shop.world.settle());

  CHECK(shop.story(undone).state == SaleState::Undone);
  CHECK(shop.story(*back).state == SaleState::Returned);
  CHECK(shop.world.wallet.kept_minor() == 0);
  shop.check_books();
}

TEST_CASE("each record says who was on duty, in which shift and on which business day", "[checkout]") {
  Shop shop;
  CHECK(shop.commits_of([&] { REQUIRE(shop.till().sign_on(kAnna)); }) == 1);
  static_cast<void>(shop.sell_to_a_wallet());
  shop.restart();
  static_cast<void>(shop.sell_for_cash());
  CHECK(shop.commits_of([&] { REQUIRE(shop.till().sign_off()); }) == 1);
  REQUIRE(shop.world.scan(kCola));
  CHECK(refusal_of(shop.till().sign_on(kLead)) == SaleRefusal::SaleOpen);
  CHECK(refusal_of(shop.till().sign_off()) == SaleRefusal::SaleOpen);
  REQUIRE(shop.world.pay_cash(350));
  shop.restart();
  REQUIRE(shop.till().sign_on(kLead));

  const auto today = std::chrono::sys_days{std::chrono::year{2026} / 6 / 21};
  const auto records = records_of(shop, "checkout.");
  REQUIRE(records.size() > 8);
  CHECK(records.front().kind.view() == "checkout.shift_started");
  CHECK(records.back().kind.view() == "checkout.shift_started");
  CHECK(records.back().duty.shift == 2);
  CHECK(records.back().duty.operator_id == kLead);
  bool signed_off = false;
  for (const journal::Record& record : records) {
    CAPTURE(record.kind.view());
    CHECK(record.duty.business_day == today);
    const bool by_anna = !signed_off;
    if (&record != &records.back()) {
      CHECK(record.duty.operator_id == (by_anna ? kAnna : journal::kUnattended));
      CHECK(record.duty.shift == (by_anna ? 1U : 0U));
    }
    signed_off = signed_off || record.kind.view() == "checkout.shift_ended";
  }
  for (const journal::Record& record : records_of(shop, "payment."))
    CHECK(record.duty.operator_id == kAnna);
  CHECK(shop.receipt_of(shop.world.sales().front().id).header.operator_name == "anna");
  CHECK(shop.receipt_of(shop.world.last_sale()).header.operator_name.empty());
}

/// Sells at these hours of the shop's clock, and says to which day of June 2026 that counts.
unsigned day_of_sale(Shop& shop) {
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.world.pay_cash(350));
  const auto day = shop.story(shop.world.last_sale()).duty.business_day;
  return static_cast<unsigned>(std::chrono::year_month_day{day}.day());
}

TEST_CASE("the business day changes at its hour of the shop's clock, without a touch", "[checkout]") {
  Shop shop;  // it is noon on the 21st
  CHECK(day_of_sale(shop) == 21);
  shop.world.advance(15h + 59min);  // 03:59
  CHECK(day_of_sale(shop) == 21);
  // Nobody touches it: what ends in the background belongs to the new day.
  REQUIRE(shop.world.scan(kCola));
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(10min));
  shop.world.wallet.script(WalletCall::Reverse, approves().lost());
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const auto records = records_of(shop, "payment.");
  CHECK(records.front().duty.business_day == std::chrono::sys_days{std::chrono::year{2026} / 6 / 21});
  CHECK(records.back().duty.business_day == std::chrono::sys_days{std::chrono::year{2026} / 6 / 22});
  CHECK(day_of_sale(shop) == 22);
}

TEST_CASE("a shop in another time zone, with another hour, has its own day", "[checkout]") {
  Shop shop(make_shelf, [](TillWorld& world) {
    world.settings.utc_offset = -std::chrono::hours{5};  // 23:00 on the 20th
    world.settings.day_change = 0h;
  });
  CHECK(day_of_sale(shop) == 20);
  shop.world.advance(59min);
  CHECK(day_of_sale(shop) == 20);
  shop.world.advance(1min);
  CHECK(day_of_sale(shop) == 21);
}

TEST_CASE("while the clock is not known the day before goes on", "[checkout]") {
  Shop shop;
  CHECK(day_of_sale(shop) == 21);
  shop.world.stop();
  shop.world.clock.start_in_1970();
  shop.world.advance(24h);
  REQUIRE(shop.world.start());
  CHECK(day_of_sale(shop) == 21);

  shop.world.clock.set_wall(shop.world.clock.true_wall());
  shop.world.clock.set_synchronised(true);
  CHECK(day_of_sale(shop) == 22);
}

}  // namespace
}  // namespace tillkit::test
