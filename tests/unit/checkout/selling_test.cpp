// SPDX-License-Identifier: Apache-2.0
// A day at the counter: what is sold, what it costs in commits, and what the books say.
#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/till_world.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;

/// A till that runs.
struct Shop {
  Disk disk;
  TillWorld world{disk};

  Shop() { REQUIRE(world.start()); }

  void scan_seven() {
    REQUIRE(world.scan(kCola, 6));
    REQUIRE(world.scan(kRice));
  }
};

TEST_CASE("a cash sale is one commit and one flush", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  const auto flushes = shop.world.disk.counts().flushes;

  const auto settled = shop.world.till().pay_cash({3'000, core::kCny});

  REQUIRE(settled);
  CHECK(settled->change == core::Money{110, core::kCny});
  CHECK(shop.world.disk.counts().flushes == flushes + 1);
  CHECK(shop.world.records() == "sale_priced price_proof cash_taken sale_closed");
  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.world.till().basket().empty());
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("a wallet's sale is two commits", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  const auto commits = shop.world.commits();

  REQUIRE(shop.world.pay_by_code());
  CHECK(shop.world.onlooker.screen() == "waiting_for_wallet");
  REQUIRE(shop.world.settle());

  CHECK(shop.world.commits() == commits + 2);
  CHECK(shop.world.records() == "sale_priced price_proof attempt_intended attempt_paid sale_closed");
  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.world.wallet.kept_minor() == 2'890);
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("a declined code leaves the basket as it was, and another one pays it", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script(WalletCall::Authorise, declines());
  const auto commits = shop.world.commits();

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());

  CHECK(shop.world.commits() == commits + 2);
  CHECK(shop.world.onlooker.screen() == "declined");
  CHECK(shop.world.till().state() == SaleState::Open);
  CHECK(shop.world.till().basket().lines().size() == 2);

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.world.sales().size() == 1);
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("an attempt that never ends is given up, and the terminal sells on", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(10min));
  const auto commits = shop.world.commits();

  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1min);
  CHECK(shop.world.onlooker.screen() == "not_completed");
  CHECK(shop.world.till().basket().empty());
  REQUIRE(shop.world.settle());

  CHECK(shop.world.commits() == commits + 3);
  CHECK(shop.world.records() ==
        "sale_priced price_proof attempt_intended attempt_reversing sale_undoing attempt_reversed sale_closed");
  CHECK(shop.world.sales().front().state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("two wallets pay one sale, and the second code can be shown before the first is decided", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  const auto commits = shop.world.commits();

  SECTION("one after the other") {
    REQUIRE(shop.world.pay_by_code(1'000));
    REQUIRE(shop.world.settle());
    CHECK(shop.world.onlooker.screen() == "choose_tender");
    REQUIRE(shop.world.pay_by_code());
    REQUIRE(shop.world.settle());
    CHECK(shop.world.commits() == commits + 4);
  }
  SECTION("held") {
    REQUIRE(shop.world.pay_by_code(1'000));
    REQUIRE(shop.world.pay_by_code());
    REQUIRE(shop.world.settle());
    CHECK(shop.world.commits() == commits + 3);
  }
  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.world.wallet.books().size() == 2);
  CHECK(shop.world.wallet.kept_minor() == 2'890);
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("giving up after a part was paid gives all of it back", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_cash(1'000));
  REQUIRE(shop.world.pay_by_code(1'000));
  REQUIRE(shop.world.settle());
  CHECK(shop.world.till().left_to_pay() == core::Money{890, core::kCny});

  REQUIRE(shop.world.till().give_up(kAnna));
  REQUIRE(shop.world.settle());

  CHECK(shop.world.sales().front().state == SaleState::Undone);
  CHECK(shop.world.sales().front().cash_back == core::Money{1'000, core::kCny});
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("refunds go back unit by unit until nothing is left", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const journal::SaleId sale = shop.world.last_sale();
  const auto commits = shop.world.commits();

  const auto first = shop.world.refund(sale, {{.line = offers::LineId(1), .first = 1, .count = 2}});
  REQUIRE(first);
  REQUIRE(shop.world.settle());
  CHECK(shop.world.commits() == commits + 2);
  CHECK(shop.world.wallet.kept_minor() == 2'890 - 596);
  REQUIRE(shop.world.refund(sale));
  REQUIRE(shop.world.settle());

  CHECK(shop.world.wallet.kept_minor() == 0);
  const auto again = shop.world.till().refund({.sale = sale, .by = kLead});
  REQUIRE(!again);
  CHECK(std::get<receipt::SaleRefusal>(again.error().refusal) == receipt::SaleRefusal::AlreadyRefunded);
  CHECK(shop.world.disagreement().empty());
  CHECK(shop.world.till().receipt(sale));
  const auto receipt = shop.world.till().receipt(*first);
  REQUIRE(receipt);
  CHECK(receipt->kind == receipt::ReceiptKind::Refund);
  CHECK(receipt->total == 596);
}

}  // namespace
}  // namespace tillkit::test
