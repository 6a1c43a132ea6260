// SPDX-License-Identifier: Apache-2.0
// Money in: what can be taken, in which pieces, and how a shopper gets out again.
#include <array>
#include <string>

#include <catch2/generators/catch_generators.hpp>

#include "shop.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/payment/limits.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using payment::TenderKind;
using payment::TenderRefusal;
using receipt::SaleRefusal;

ShelfMaker shelf_with_gum_at(std::int64_t minor) {
  return shelf_of({{.id = "gum", .name = "Gum", .price = fen(minor), .tax_rate = core::BasisPoints(1'300)}});
}

TEST_CASE("cash is rounded once, with the coins that settle the rest", "[checkout]") {
  Shop shop(shelf_with_gum_at(1'236));
  REQUIRE(shop.world.scan("gum"));

  const auto part = shop.till().pay_cash(fen(1'000));
  REQUIRE(part);
  CHECK(part->missing == fen(236));
  CHECK(shop.world.onlooker.screen() == "choose_tender");
  CHECK(shop.till().left_to_pay() == fen(236));
  const auto rest = shop.till().pay_cash(fen(500));
  REQUIRE(rest);
  CHECK(rest->taken == fen(230));
  CHECK(rest->rounding == fen(6));
  CHECK(rest->change == fen(270));

  const auto sale = shop.world.last_sale();
  const auto receipt = shop.receipt_of(sale);
  CHECK(receipt.total == 1'236);
  REQUIRE(receipt.tenders.size() == 2);
  CHECK(receipt.tenders[1].rounding == 6);
  const auto* const screen = shop.world.onlooker.shown<receipt::ThankYouScreen>();
  REQUIRE(screen != nullptr);
  CHECK(screen->paid == fen(1'236));
  CHECK(screen->change == fen(270));
  shop.check_books();
}

TEST_CASE("a sale that costs nothing is closed without a tender", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kBag, 2));
  CHECK(tender_refusal_of(shop.till().pay_cash(fen(100))) == TenderRefusal::NothingToPay);
  CHECK(tender_refusal_of(shop.till().pay_code(shop.world.new_code())) == TenderRefusal::NothingToPay);

  CHECK(shop.commits_of([&] { REQUIRE(shop.till().pay_nothing()); }) == 1);

  const auto sale = shop.world.last_sale();
  CHECK(shop.story(sale).state == SaleState::Closed);
  CHECK(shop.receipt_of(sale).total == 0);
  const auto back = shop.world.refund(sale);
  REQUIRE(back);
  CHECK(shop.story(*back).state == SaleState::Returned);
  CHECK(shop.receipt_of(*back).total == 0);
  shop.check_books();
}

TEST_CASE("what costs something cannot be had for nothing", "[checkout]") {
  Shop shop;
  CHECK(refusal_of(shop.till().pay_nothing()) == SaleRefusal::BasketEmpty);
  shop.scan_seven();

  const auto refused = shop.till().pay_nothing();

  CHECK(refusal_of(refused) == SaleRefusal::AmountTooHigh);
  CHECK(refused.error().values.amount == fen(2'890));
}

TEST_CASE("a tender takes a part of what is left, and nothing else", "[checkout]") {
  Shop shop;
  CHECK(refusal_of(shop.till().pay_cash(fen(100))) == SaleRefusal::BasketEmpty);
  CHECK(refusal_of(shop.till().pay_code(shop.world.new_code())) == SaleRefusal::BasketEmpty);
  CHECK(refusal_of(shop.till().suspend()) == SaleRefusal::BasketEmpty);
  CHECK(refusal_of(shop.till().void_sale(kLead)) == SaleRefusal::NothingToRemove);
  shop.scan_seven();

  CHECK(refusal_of(shop.till().pay_code(shop.world.new_code(), fen(2'891))) == SaleRefusal::AmountTooHigh);
  CHECK(refusal_of(shop.till().pay_code(shop.world.new_code(), fen(0))) == SaleRefusal::AmountTooHigh);
  CHECK(refusal_of(shop.till().pay_qr(fen(-1))) == SaleRefusal::AmountTooHigh);
  CHECK(refusal_of(shop.till().pay_qr(core::Money{100, core::Currency{}})) == SaleRefusal::AmountTooHigh);
  CHECK(refusal_of(shop.till().pay_cash(fen(0))) == SaleRefusal::CashInvalid);
  CHECK(refusal_of(shop.till().pay_cash(fen(2'895))) == SaleRefusal::CashInvalid);
  CHECK(shop.world.records().empty());

  REQUIRE(shop.world.pay_by_code(1'000));
  for (const auto& refused : {refusal_of(shop.till().pay_cash(fen(3'000))), refusal_of(shop.till().pay_qr()),
                              refusal_of(shop.till().add(kCola, pieces(1))), refusal_of(shop.till().suspend()),
                              refusal_of(shop.till().void_sale(kLead)),
                              refusal_of(shop.till().change(shop.basket().lines()[0].id, pieces(0), kLead))})
    CHECK(refused == SaleRefusal::AlreadyPaying);
  CHECK(refusal_of(shop.till().pay_code(shop.world.new_code(), fen(1'891))) == SaleRefusal::AmountTooHigh);
  REQUIRE(shop.till().pay_code(shop.world.new_code(), fen(1'000)));
  CHECK(refusal_of(shop.till().pay_code(shop.world.new_code())) == SaleRefusal::AlreadyPaying);  // one is held
  REQUIRE(shop.world.settle());
  CHECK(shop.till().left_to_pay() == fen(890));
  REQUIRE(shop.world.pay_cash(890));
  shop.check_books();
}

TEST_CASE("a code that was held too long is shown again", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.till().pay_qr(fen(1'000)));
  shop.world.advance(1s);
  REQUIRE(shop.world.pay_by_code());
  const auto order = shop.story(shop.till().sale()).payments.attempts.front().order;

  SECTION("charged in time") {
    shop.world.advance(checkout::kCodeHeldMax - 5s);
    REQUIRE(shop.world.wallet.shopper_scans(order.view()));
    REQUIRE(shop.world.settle());
    CHECK(shop.world.sales().front().state == SaleState::Closed);
  }
  SECTION("forgotten") {
    shop.world.advance(checkout::kCodeHeldMax + 1s);
    REQUIRE(shop.world.wallet.shopper_scans(order.view()));
    REQUIRE(shop.world.settle());
    CHECK(shop.world.onlooker.screen() == "choose_tender");
    CHECK(shop.till().left_to_pay() == fen(1'890));
    REQUIRE(shop.world.pay_cash(1'890));
  }
  shop.check_books();
}

TEST_CASE("a held code that cannot follow is forgotten, not charged later", "[checkout]") {
  int could_not_follow = 0;
  for (std::uint64_t call = 1; call <= 6; ++call) {
    CAPTURE(call);
    Shop shop;
    shop.scan_seven();
    REQUIRE(shop.world.pay_by_code(1'000));
    REQUIRE(shop.world.pay_by_code());
    shop.world.random.faults().fail_call(call, {core::ErrorCode::Unavailable});
    REQUIRE(shop.world.settle());
    if (shop.world.sales().front().state != SaleState::Paying) continue;
    ++could_not_follow;
    CHECK(shop.world.onlooker.screen() == "choose_tender");

    REQUIRE(shop.world.pay_by_code(500));
    REQUIRE(shop.world.settle());

    CHECK(shop.till().left_to_pay() == fen(1'390));
    REQUIRE(shop.world.pay_cash(1'390));
    shop.check_books();
  }
  CHECK(could_not_follow > 0);
}

TEST_CASE("a code on the screen is paid, or expires", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_by_qr());
  shop.world.advance(1s);
  const auto* const screen = shop.world.onlooker.shown<receipt::ShowCodeScreen>();
  REQUIRE(screen != nullptr);
  CHECK(screen->amount == fen(2'890));
  CHECK(!screen->qr_text.empty());
  shop.world.advance(10s);

  SECTION("paid") {
    const auto order = shop.story(shop.till().sale()).payments.attempts.front().order;
    REQUIRE(shop.world.wallet.shopper_scans(order.view()));
    REQUIRE(shop.world.settle());
    CHECK(shop.world.onlooker.screen() == "thank_you");
    CHECK(shop.world.wallet.kept_minor() == 2'890);
  }
  SECTION("expired") {
    REQUIRE(shop.world.settle());
    CHECK(shop.world.sales().front().state == SaleState::Undone);
    CHECK(shop.world.onlooker.screen() == "not_completed");
  }
  shop.check_books();
}

TEST_CASE("a wallet is refused at once without a network, with what works instead", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.network.set_hint(hal::LinkState::Offline);

  const auto refused = shop.till().pay_code(shop.world.new_code());

  CHECK(tender_refusal_of(refused) == TenderRefusal::Offline);
  CHECK(refused.error().works.has(TenderKind::Cash));
  CHECK_FALSE(refused.error().works.has(TenderKind::WalletCode));
  CHECK(shop.till().can_take(TenderKind::WalletQr) == TenderRefusal::Offline);
  CHECK_FALSE(shop.till().can_take(TenderKind::Cash));
  CHECK(shop.world.records().empty());
  REQUIRE(shop.world.pay_cash(3'000));
  shop.check_books();
}

TEST_CASE("a network of which no way out is known is tried: only trying tells", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.network.set_hint(hal::LinkState::Limited);

  CHECK_FALSE(shop.till().can_take(TenderKind::WalletCode));
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  CHECK(shop.story(shop.world.last_sale()).state == SaleState::Closed);
  shop.check_books();
}

TEST_CASE("a cloud that answers goes before a network that calls itself offline", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.network.set_hint(hal::LinkState::Offline);
  CHECK(tender_refusal_of(shop.till().pay_code(shop.world.new_code())) == TenderRefusal::Offline);
  shop.world.cloud_answers = true;

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  CHECK(shop.story(shop.world.last_sale()).state == SaleState::Closed);
  shop.check_books();
}

TEST_CASE("a tender that the shop does not take, or cannot now, is refused in words", "[checkout]") {
  SECTION("not offered") {
    Shop shop(make_shelf, [](TillWorld& world) { world.settings.tenders = {}; });
    shop.scan_seven();
    CHECK(tender_refusal_of(shop.till().pay_cash(fen(3'000))) == TenderRefusal::NotOffered);
  }
  SECTION("clock unknown") {
    Shop shop(make_shelf, [](TillWorld& world) { world.clock.start_in_1970(); });
    shop.scan_seven();
    CHECK(tender_refusal_of(shop.till().pay_code(shop.world.new_code())) == TenderRefusal::ClockUnknown);
    REQUIRE(shop.world.pay_cash(3'000));
    CHECK(shop.story(shop.world.last_sale()).state == SaleState::Closed);
  }
  SECTION("too many that nobody knows the end of") {
    Shop shop;
    shop.world.wallet.script_all(WalletCall::Authorise, approves().lost());
    shop.world.wallet.script_all(WalletCall::Query, approves().lost());
    shop.world.wallet.script_all(WalletCall::Reverse, approves().lost());
    for (std::size_t i = 0; i < payment::kUnresolvedMax; ++i) {
      REQUIRE(shop.world.scan(kCola));
      REQUIRE(shop.world.pay_by_code());
      shop.world.advance(3min);
      CHECK(shop.basket().empty());
    }
    REQUIRE(shop.world.scan(kCola));
    CHECK(tender_refusal_of(shop.till().pay_code(shop.world.new_code())) == TenderRefusal::TooManyUnresolved);
    REQUIRE(shop.world.pay_cash(400));
    shop.world.wallet.script_all(WalletCall::Query, approves());
    shop.world.wallet.script_all(WalletCall::Reverse, approves());
    REQUIRE(shop.world.settle());
    shop.check_books();
  }
}

TEST_CASE("a price that rises before it is paid needs a yes; one that falls does not", "[checkout]") {
  // The clock stands at noon of 2026-06-21 in the shop.
  constexpr std::string_view kFlash = R"({"version": "v", "currency": "CNY", "offers": [
      {"id": "flash", "name": "Flash", "effect": {"amount_off": {"amount": "1.00", "at_least": "2.00"}},
       "condition": {"time": {"from": "2026-06-21T04:00:00Z", "until": "2026-06-21T04:10:00Z"}}},
      {"id": "late", "name": "Late", "effect": {"amount_off": {"amount": "0.50", "at_least": "2.00"}},
       "condition": {"time": {"from": "2026-06-21T04:20:00Z"}}}]})";
  Shop shop(shelf_of({{.id = "gum", .name = "Gum", .price = fen(500)}}, kFlash));
  REQUIRE(shop.world.scan("gum"));
  REQUIRE(shop.payable() == 400);

  shop.world.advance(11min);
  for (int i = 0; i < 2; ++i) {
    const auto risen = shop.till().pay_cash(fen(500));
    CHECK(refusal_of(risen) == SaleRefusal::PriceChanged);
    CHECK(risen.error().values.amount == fen(500));
  }
  CHECK(shop.world.onlooker.screen() == "basket");

  SECTION("yes") {
    shop.till().confirm_price();
    REQUIRE(shop.world.pay_cash(500));
    CHECK(shop.story(shop.world.last_sale()).total == fen(500));
  }
  SECTION("yes, and then it falls") {
    shop.till().confirm_price();
    shop.world.advance(10min);
    REQUIRE(shop.world.pay_cash(500));
    CHECK(shop.story(shop.world.last_sale()).total == fen(450));
  }
  static_cast<void>(shop.receipt_of(shop.world.last_sale()));
  shop.check_books();
}

TEST_CASE("shoppers and cashiers get out at any moment", "[checkout]") {
  Shop shop;
  shop.scan_seven();

  SECTION("before anything is paid: a void") {
    REQUIRE(shop.till().give_up(kAnna));
    CHECK(shop.world.sales().front().state == SaleState::Voided);
  }
  SECTION("while a wallet thinks: asked once more, then reversed") {
    shop.world.wallet.script(WalletCall::Authorise, approves().taking(10min));
    REQUIRE(shop.world.pay_by_code());
    shop.world.advance(5s);
    REQUIRE(shop.till().give_up(kAnna));
    shop.world.advance(30s);
    CHECK(shop.world.onlooker.screen() == "not_completed");
    REQUIRE(shop.world.settle());
    CHECK(shop.world.sales().front().state == SaleState::Undone);
    CHECK(shop.receipt_of(shop.world.last_sale()).kind == receipt::ReceiptKind::NotCompleted);
  }
  SECTION("while a wallet thinks, and it was paid after all: the sale stands") {
    shop.world.wallet.script(WalletCall::Authorise, approves().unanswered());
    REQUIRE(shop.world.pay_by_code());
    shop.world.advance(2s);
    REQUIRE(shop.till().give_up(kAnna));
    REQUIRE(shop.world.settle());
    CHECK(shop.world.sales().front().state == SaleState::Closed);
  }
  SECTION("after a part was paid in cash") {
    REQUIRE(shop.world.pay_cash(1'000));
    CHECK(shop.commits_of([&] { REQUIRE(shop.till().give_up(kAnna)); }) == 1);
    CHECK(shop.world.onlooker.screen() == "refund_done");
    CHECK(shop.world.sales().front().state == SaleState::Undone);
    CHECK(shop.world.sales().front().cash_back == fen(1'000));
  }
  SECTION("after a part was paid by a wallet") {
    REQUIRE(shop.world.pay_by_code(1'000));
    REQUIRE(shop.world.settle());
    REQUIRE(shop.till().give_up(kAnna));
    const auto* const screen = shop.world.onlooker.shown<receipt::NotCompletedScreen>();
    REQUIRE(screen != nullptr);
    CHECK(screen->amount == fen(1'000));
    CHECK_FALSE(screen->order.empty());
    CHECK(refusal_of(shop.till().refund({.sale = shop.world.last_sale(), .by = kLead})) ==
          SaleRefusal::AttemptUnresolved);
    REQUIRE(shop.world.settle());
    CHECK(shop.world.sales().front().state == SaleState::Undone);
    CHECK(shop.receipt_of(shop.world.last_sale()).tenders.size() == 1);
  }
  CHECK(shop.basket().empty());
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.world.pay_cash(400));
  shop.check_books();
}

TEST_CASE("a wallet's answer that a reversal crosses is given back, and the sale can be told", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(50s));
  shop.world.wallet.script(WalletCall::Reverse, approves().travelling(14s));

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  const auto sale = shop.story(shop.world.last_sale());
  CHECK(sale.state == SaleState::Undone);
  CHECK(sale.payments.attempts.front().state == payment::AttemptState::Refunded);
  static_cast<void>(shop.receipt_of(sale.id));
  shop.check_books();
}

/// A machine that moves goods: nobody has built one here yet.
class Machine final : public fulfilment::Fulfilment {
 public:
  bool connected = true;

 private:
  core::Result<fulfilment::Intention> do_intend(const fulfilment::Handover&) const override {
    if (!connected) return core::fail(core::ErrorCode::Unavailable);
    return fulfilment::Intention::Start;
  }
  core::Result<> do_start(const fulfilment::Handover&, fulfilment::Released,
                          core::Completion<fulfilment::HandoverReport>) override {
    return core::fail(core::ErrorCode::Unavailable);
  }
  core::Result<> do_inspect(const fulfilment::Handover&, core::Completion<fulfilment::HandoverReport>) override {
    return core::fail(core::ErrorCode::Unavailable);
  }
  core::Recovery do_recovery() const override { return core::Recovery::Inspect; }
};

TEST_CASE("goods that nobody can hand over now are not paid", "[checkout]") {
  Machine machine;
  machine.connected = false;
  Shop shop(make_shelf, [&](TillWorld& world) { world.goods = &machine; });
  shop.scan_seven();

  CHECK(refusal_of(shop.till().pay_cash(fen(3'000))) == SaleRefusal::HandoverUnavailable);
  CHECK(shop.world.records().empty());
  shop.world.stop();
}

TEST_CASE("a sale whose goods cannot be handed over once it is paid is undone", "[checkout]") {
  Machine machine;
  machine.connected = GENERATE(true, false);
  CAPTURE(machine.connected);
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_cash(1'000));
  shop.world.wallet.script(WalletCall::Authorise, approves().unanswered());
  REQUIRE(shop.world.pay_by_code());
  shop.world.stop();
  shop.world.goods = &machine;  // the board was changed while it was off
  REQUIRE(shop.world.start());

  REQUIRE(shop.world.settle());

  CHECK(shop.world.sales().front().state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  shop.check_books();
  shop.world.stop();
}

TEST_CASE("where nothing more can be stored, no sale begins, and it says why", "[checkout]") {
  SECTION("no room") {
    Shop shop(make_shelf, [](TillWorld& world) { world.fill_storage(false); });
    CHECK(refusal_of(shop.till().add(kCola, pieces(1))) == SaleRefusal::StorageFull);
    CHECK(shop.till().can_take(TenderKind::Cash) == TenderRefusal::Storage);
  }
  SECTION("the medium fails: what was last done shows the next start") {
    Shop shop;
    shop.scan_seven();
    shop.disk.fail_call(std::nullopt, 1, Disk::Lasting::ForEver);
    CHECK(refusal_of(shop.till().pay_cash(fen(3'000))) == SaleRefusal::StorageFailed);
    CHECK(shop.world.journal().state() == journal::State::Failed);
    REQUIRE(shop.till().void_sale(journal::kUnattended));
    CHECK(refusal_of(shop.till().add(kCola, pieces(1))) == SaleRefusal::StorageFailed);
    shop.disk.repair();
    shop.world.stop();
    shop.disk.restart(Damage::LoseUnsynced, 1);
    REQUIRE(shop.world.start());
    CHECK(shop.world.records().empty());
  }
}

TEST_CASE("sixteen tenders of one sale are enough", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  for (std::size_t i = 0; i < checkout::kTendersMax; ++i)
    REQUIRE(shop.world.pay_cash(10));
  CHECK(refusal_of(shop.till().pay_cash(fen(3'000))) == SaleRefusal::AlreadyPaying);

  REQUIRE(shop.till().give_up(kAnna));

  CHECK(shop.world.sales().front().cash_back == fen(160));
  shop.check_books();
}

TEST_CASE("however many codes were declined, cash still pays", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  for (std::size_t i = 0; i <= checkout::kTendersMax; ++i) {
    shop.world.wallet.script(WalletCall::Authorise, declines());
    REQUIRE(shop.world.pay_by_code());
    REQUIRE(shop.world.settle());
  }

  CHECK(shop.world.pay_cash(3'000));
  CHECK(shop.till().receipt(shop.world.last_sale()));
  shop.check_books();
}

}  // namespace
}  // namespace tillkit::test
