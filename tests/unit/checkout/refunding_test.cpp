// SPDX-License-Identifier: Apache-2.0
// Money back: by unit, by tender, to the fen; and what a person decides.
#include <string>

#include <catch2/generators/catch_generators.hpp>

#include "shop.hpp"
#include "tillkit/checkout/limits.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using receipt::SaleRefusal;

std::vector<offers::UnitRange> one_unit(std::uint32_t line, std::int64_t unit) {
  return {{.line = offers::LineId(line), .first = unit, .count = 1}};
}

checkout::Outcome<journal::SaleId> refund(Shop& shop, journal::SaleId sale, std::span<const offers::UnitRange> units,
                                          const journal::Operator& by = kLead) {
  return shop.till().refund({.sale = sale, .units = units, .by = by});
}

TEST_CASE("cash refunds unit by unit give out exactly what was taken", "[checkout]") {
  for (const std::int64_t price : {101, 103, 104, 107, 109, 333}) {
    CAPTURE(price);
    Shop shop(shelf_of({{.id = "gum", .name = "Gum", .price = fen(price), .tax_rate = core::BasisPoints(600)}}));
    REQUIRE(shop.world.scan("gum", 7));
    REQUIRE(shop.world.pay_cash(5'000));
    const auto sale = shop.story(shop.world.last_sale());
    const std::int64_t taken = sale.cash.front().tendered.minor - sale.cash.front().change.minor;

    std::int64_t out = 0;
    for (std::int64_t unit = 1; unit <= 7; ++unit) {
      std::optional<journal::SaleId> back;
      CHECK(shop.commits_of([&] { back = *refund(shop, sale.id, one_unit(1, unit)); }) == 1);
      const auto told = shop.story(*back);
      CHECK(told.state == SaleState::Returned);
      CHECK(told.cash_back.minor % 10 == 0);
      CHECK(told.cash_back_settled == fen(price));
      out += told.cash_back.minor;
      CHECK(out <= taken);
      static_cast<void>(shop.receipt_of(*back));
    }

    CHECK(out == taken);
    CHECK(refusal_of(refund(shop, sale.id, one_unit(1, 3))) == SaleRefusal::AlreadyRefunded);
    CHECK(refusal_of(refund(shop, sale.id, {})) == SaleRefusal::AlreadyRefunded);
    shop.check_books();
  }
}

TEST_CASE("wallets give back first, then cash", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_cash(1'000));
  REQUIRE(shop.world.pay_by_code(900));
  REQUIRE(shop.world.settle());
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const auto sale = shop.world.last_sale();
  CHECK(shop.receipt_of(sale).tenders.size() == 3);

  const auto rice = refund(shop, sale, one_unit(2, 1));
  REQUIRE(rice);
  CHECK(refusal_of(refund(shop, sale, {})) == SaleRefusal::RefundUnderWay);
  REQUIRE(shop.world.settle());
  const auto first = shop.story(*rice);
  CHECK(first.cash_back.is_zero());
  REQUIRE(first.payments.refunds.size() == 2);
  CHECK(first.payments.refunds[0].amount == fen(900));
  CHECK(first.payments.refunds[0].amount.minor + first.payments.refunds[1].amount.minor == first.total.minor);
  static_cast<void>(shop.receipt_of(*rice));

  const auto rest = refund(shop, sale, {});
  REQUIRE(rest);
  REQUIRE(shop.world.settle());
  const auto second = shop.story(*rest);
  CHECK(second.cash_back == fen(1'000));
  CHECK(shop.world.wallet.kept_minor() == 0);
  static_cast<void>(shop.receipt_of(*rest));
  shop.check_books();
}

TEST_CASE("a refund stays within what an operator may give, and what is left", "[checkout]") {
  Shop shop(make_shelf, [](TillWorld& world) {
    world.permissions =
        checkout::PermissionTable({{.operator_id = kAnna,
                                    .actions = core::EnumSet<checkout::Action>{checkout::Action::Refund},
                                    .refund_max_minor = 299}});
  });
  const auto sale = shop.sell_for_cash();

  CHECK(refusal_of(refund(shop, sale, {}, kAnna)) == SaleRefusal::PermissionMissing);
  const auto beyond = refund(shop, sale, one_unit(1, 7), kAnna);
  CHECK(refusal_of(beyond) == SaleRefusal::RefundTooMuch);
  CHECK(beyond.error().values.amount == fen(2'890));
  CHECK(refusal_of(refund(shop, sale, one_unit(9, 1), kAnna)) == SaleRefusal::RefundTooMuch);
  REQUIRE(refund(shop, sale, one_unit(1, 1), kAnna));
  CHECK(refusal_of(refund(shop, sale, one_unit(1, 1), kAnna)) == SaleRefusal::AlreadyRefunded);
  shop.check_books();
}

TEST_CASE("only what was sold here can be given back", "[checkout]") {
  Shop shop;
  const auto sale = shop.sell_for_cash();
  const auto back = shop.world.refund(sale, one_unit(1, 1));
  REQUIRE(back);
  REQUIRE(shop.world.scan(kCola));
  const auto aside = shop.till().suspend();
  REQUIRE(aside);

  CHECK(refusal_of(refund(shop, journal::SaleId(9'999), {})) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(refund(shop, journal::SaleId(0), {})) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(refund(shop, *back, {})) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(refund(shop, *aside, {})) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(shop.till().receipt(*aside)) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(shop.till().reprint(*aside, kLead)) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(shop.till().receipt(journal::SaleId(9'999))) == SaleRefusal::SaleNotFound);

  const auto number = shop.till().number_of(sale);
  const auto terminal = shop.world.settings.terminal;
  CHECK(checkout::sale_of(number.view(), terminal, shop.world.journal().id()).value() == sale);
  for (const std::string_view wrong : {"", "T1", "T1-", "T2-0000-5", "T1-0000-5"})
    CHECK_FALSE(checkout::sale_of(wrong, terminal, shop.world.journal().id()));
  CHECK_FALSE(checkout::sale_of(std::string(number.view()) + "x", terminal, shop.world.journal().id()));
}

TEST_CASE("a wallet's refund window is the provider's", "[checkout]") {
  Shop shop;
  const auto sale = shop.sell_to_a_wallet();
  shop.world.advance(std::chrono::hours{366 * 24});

  CHECK(refusal_of(refund(shop, sale, {})) == SaleRefusal::RefundWindowOver);

  CHECK(shop.story(sale).state == SaleState::Closed);
  CHECK_FALSE(shop.world.records().contains("return_started"));
}

TEST_CASE("a refund that the wallet refuses waits for a person, and the old receipt stays as it was", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_by_code(1'000));
  REQUIRE(shop.world.settle());
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const auto sale = shop.world.last_sale();
  const auto printed = shop.receipt_of(sale);
  shop.world.advance(1h);
  shop.world.wallet.script(WalletCall::Refund, declines("not-enough-balance"));
  const auto back = refund(shop, sale, {{{.line = offers::LineId(1), .first = 1, .count = 4}}});
  REQUIRE(back);
  REQUIRE(shop.world.settle());

  CHECK(shop.story(*back).state == SaleState::Returning);
  REQUIRE(shop.world.onlooker.attentions.size() == 1);
  CHECK(shop.world.onlooker.attentions.front() == receipt::Attention::RefundNeedsPerson);
  CHECK(refusal_of(refund(shop, sale, {})) == SaleRefusal::RefundUnderWay);
  const auto order = shop.story(sale).payments.attempts.front().order;
  CHECK(refusal_of(shop.till().resolve({}, payment::Decision::GivenBack, kLead, "seen")) == SaleRefusal::SaleNotFound);
  CHECK(refusal_of(shop.till().resolve(shop.story(sale).payments.attempts.back().order, payment::Decision::Paid, kLead,
                                       "seen")) == SaleRefusal::SaleNotFound);
  shop.restart();
  CHECK(shop.commits_of([&] {
    REQUIRE(shop.till().resolve(order, payment::Decision::GivenBack, kLead, "paid out by hand"));
  }) == 1);

  CHECK(shop.story(*back).state == SaleState::Returned);
  CHECK(shop.receipt_of(sale) == printed);
  static_cast<void>(shop.receipt_of(*back));
  // What is left goes back to the other wallet.
  const auto rest = refund(shop, sale, {});
  REQUIRE(rest);
  REQUIRE(shop.world.settle());
  CHECK(shop.story(*rest).state == SaleState::Returned);
  CHECK(shop.story(*back).total.minor + shop.story(*rest).total.minor == 2'890);
  CHECK(shop.receipt_of(sale) == printed);
}

TEST_CASE("a sale that a person must decide about comes to its end, whatever the person says", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script_all(WalletCall::Authorise, approves().lost());
  shop.world.wallet.script_all(WalletCall::Query, approves().lost());
  shop.world.wallet.script_all(WalletCall::Reverse, approves().lost());
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(std::chrono::hours{24 * 9});
  const auto sale = shop.world.last_sale();
  CHECK(shop.story(sale).state == SaleState::Undoing);
  REQUIRE(shop.world.onlooker.attentions.size() == 1);
  CHECK(shop.world.onlooker.attentions.front() == receipt::Attention::AttemptNeedsPerson);
  const auto attempt = shop.story(sale).payments.attempts.front();
  const auto refused = refund(shop, sale, {});
  CHECK(refusal_of(refused) == SaleRefusal::AttemptUnresolved);
  CHECK(refused.error().values.order == attempt.order.view());
  CHECK(shop.receipt_of(sale).kind == receipt::ReceiptKind::NotCompleted);
  shop.restart();

  const auto decision = GENERATE(payment::Decision::Paid, payment::Decision::NotPaid, payment::Decision::GivenBack);
  REQUIRE(shop.till().resolve(attempt.order, decision, kLead, "looked it up"));

  CHECK(shop.story(sale).state == SaleState::Undone);
  CHECK(shop.till().under_way() == 0);
  CHECK_FALSE(shop.till().resolve(attempt.order, decision, kLead, "once more"));
  const journal::VerifyReport report = shop.world.journal().verify();
  CHECK(report.sound());
  CHECK(report.tables_compared);
}

TEST_CASE("what needs no person is not decided by one", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(20s));
  REQUIRE(shop.world.pay_by_code());
  const auto order = shop.story(shop.till().sale()).payments.attempts.front().order;

  CHECK(refusal_of(shop.till().resolve(order, payment::Decision::Paid, kLead, "seen")) == SaleRefusal::SaleOver);

  REQUIRE(shop.world.settle());
  CHECK(shop.world.onlooker.screen() == "thank_you");
}

TEST_CASE("copies are counted, and the original stays the original", "[checkout]") {
  Shop shop;
  const auto sale = shop.sell_for_cash();
  const auto original = shop.receipt_of(sale);
  CHECK(original.copy == 0);
  shop.world.advance(1h);

  for (std::uint32_t copy = 1; copy <= 3; ++copy) {
    std::optional<receipt::ReceiptData> printed;
    CHECK(shop.commits_of([&] { printed = *shop.till().reprint(sale, kAnna); }) == 1);
    CHECK(printed->copy == copy);
    CHECK(receipt::mistake_in(*printed) == receipt::ReceiptMistake::None);
  }
  shop.restart();

  CHECK(shop.story(sale).copies == 3);
  CHECK(shop.receipt_of(sale) == original);
  CHECK(shop.till().reprint(sale, kLead)->copy == 4);
}

}  // namespace
}  // namespace tillkit::test
