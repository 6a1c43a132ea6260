// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/payment/records.hpp"

// Attempts with a real journal against a wallet with books of its own: what is stored, what it costs, how it ends.

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using test::approves;
using test::declines;
using test::WalletCall;

// --- what each end costs ---

TEST_CASE("a wallet that pays costs two commits, and closing the sale takes it out of the tables", "[payment]") {
  Shop shop;
  const auto attempt = shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 2);
  CHECK(shop.records() == "attempt_intended attempt_paid");
  CHECK(shop.sales.told == Told{"paid"});
  CHECK(shop.sales.goods == 1);
  CHECK(shop.state() == AttemptState::Paid);
  CHECK(shop.close_sale(attempt->sale).has_value());
  CHECK(rows(shop).empty());
  CHECK(shop.attempts().find_paid(attempt->order).has_value());
  shop.agree();
}

TEST_CASE("waiting for a password is not stored, however long it takes", "[payment]") {
  for (const auto seconds : {2s, 12s, 44s}) {
    CAPTURE(seconds.count());
    Shop shop;
    shop.sales.close_sales = true;
    shop.wallet.script(WalletCall::Authorise, approves().taking(seconds));
    shop.charge();
    CHECK(shop.settle());

    CHECK(shop.cost() == 2);
    CHECK(shop.sales.waits > 0);
    CHECK(shop.sales.told == Told{"paid"});
    CHECK(rows(shop).empty());
    shop.agree();
  }
}

TEST_CASE("a declined wallet costs two commits and leaves no row", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, declines("over_limit"));
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 2);
  CHECK(shop.records() == "attempt_intended attempt_declined");
  CHECK(shop.sales.answer->reason == cloud::DeclineReason::OverLimit);
  CHECK(rows(shop).empty());
  shop.agree();
}

TEST_CASE("what surely did not leave costs two commits and needs no reversal", "[payment]") {
  Shop shop;
  shop.provider.refuses = true;
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 2);
  CHECK(shop.records() == "attempt_intended attempt_not_sent");
  CHECK(shop.wallet.arrivals(WalletCall::Reverse) == 0);
  shop.agree();
}

TEST_CASE("a password that never comes costs three commits: intended, reversing, reversed", "[payment]") {
  Shop shop;
  shop.sales.close_sales = true;
  shop.wallet.script(WalletCall::Authorise, approves().taking(10min));
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 3);
  CHECK(shop.records() == "attempt_intended attempt_reversing attempt_reversed");
  CHECK(shop.sales.told == Told{"reversing", "reversed"});
  CHECK(shop.sales.goods == 0);
  CHECK(rows(shop).empty());
  shop.agree();
}

TEST_CASE("a late success that the reversal gives back costs three commits and no goods", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(50s));
  shop.wallet.script(WalletCall::Reverse, approves().travelling(14s));
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 3);
  CHECK(shop.records() == "attempt_intended attempt_reversing attempt_paid attempt_given_back");
  CHECK(shop.sales.goods == 0);
  CHECK(shop.wallet.kept_minor() == 0);
  CHECK(rows(shop).empty());
  shop.agree();
}

TEST_CASE("a late success that has to be refunded costs four commits: its refund is intended with it", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(50s));
  shop.wallet.script(WalletCall::Reverse, approves().lost());
  shop.wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.cost() == 4);
  CHECK(shop.records() == "attempt_intended attempt_reversing attempt_paid refund_intended refund_done");
  CHECK(shop.sales.told == Told{"reversing", "refunding", "refunded"});
  CHECK(shop.sales.goods == 0);
  CHECK(rows(shop).empty());
  CHECK(open_refunds(shop).empty());
  shop.agree();
}

TEST_CASE("a wallet refund costs two commits, taken on first or done at once", "[payment]") {
  for (const bool at_once : {true, false}) {
    CAPTURE(at_once);
    Shop shop;
    const auto attempt = shop.charge();
    CHECK(shop.settle());
    shop.begin_counting();
    if (!at_once) shop.wallet.script(WalletCall::Refund, approves().taking(3min));
    CHECK(shop.refund(attempt->order, PaymentWorld::kPrice).has_value());
    CHECK(shop.settle());

    CHECK(shop.cost() == 2);
    CHECK(shop.wallet.kept_minor() == 0);
    CHECK(rows(shop).empty());
    shop.agree();
  }
}

// --- the wallet's other ways ---

TEST_CASE("however the answer of a charge that was made fails, it ends paid with two commits", "[payment]") {
  const std::vector ways{approves().unanswered(), approves().late(40s),   approves().twice(3s),
                         approves().saying(409),  approves().saying(500), approves().saying(503),
                         approves().closing(),    approves(50),           approves().travelling(9s)};
  for (std::size_t way = 0; way < ways.size(); ++way) {
    CAPTURE(way);
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, ways[way]);
    shop.charge();
    CHECK(shop.settle());

    CHECK(shop.sales.told == Told{"paid"});
    CHECK(shop.sales.goods == 1);
    CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
    CHECK(shop.cost() == 2);
    shop.agree();
  }
}

TEST_CASE("a charge that arrives after its reversal takes nothing", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().travelling(5min));
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.sales.told == Told{"reversing", "reversed"});
  CHECK(shop.wallet.kept_minor() == 0);
  CHECK(shop.cost() == 3);
  shop.agree();
}

TEST_CASE("what the provider paid of a price stands in the record, the payer only as a personal value", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves(50));
  const auto attempt = shop.charge();
  CHECK(shop.settle());

  std::string body;
  journal::Seq seq;
  CHECK(shop.journal()
            .each({.kind = kAttemptPaid},
                  [&](const journal::Record& record) -> core::Result<> {
                    body = record.body;
                    seq = record.seq;
                    CHECK(record.sale == attempt->sale);
                    return {};
                  })
            .has_value());
  CHECK(body.starts_with(R"({"attempt":)" + std::to_string(attempt->id.value()) +
                         R"(,"late":false,"paid":{"minor":1200,"currency":"CNY"},"discounts":[{"amount":)"
                         R"({"minor":50,"currency":"CNY"},"funder":1,"id":"d1"}],"transaction":"42","payer_wallet":2,)"
                         R"("personal":{"payer":)"));
  CHECK(body.find("p1") == std::string::npos);
  const auto personal = shop.journal().personal(seq).value();
  REQUIRE(personal.size() == 1);
  CHECK(core::as_text(personal[0].value.view()) == "p1");
}

TEST_CASE("no record of payment ever holds a payment code", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().unanswered());
  shop.charge();
  CHECK(shop.settle());

  CHECK(shop.journal()
            .each({},
                  [&](const journal::Record& record) -> core::Result<> {
                    CHECK(record.body.find("13000000") == std::string::npos);
                    return {};
                  })
            .has_value());
}

TEST_CASE("a code on the screen is paid, or expires and is cancelled", "[payment]") {
  for (const bool scans : {true, false}) {
    CAPTURE(scans);
    Shop shop;
    const auto attempt = shop.show_code();
    shop.advance(20s);
    CHECK(shop.sales.shown_codes.size() == 1);
    if (scans) CHECK(shop.wallet.shopper_scans(attempt->order.view()));
    CHECK(shop.settle());

    CHECK(shop.sales.goods == (scans ? 1 : 0));
    CHECK(shop.cost() == (scans ? 2 : shop.sales.told == Told{"declined"} ? 2 : 3));
    CHECK(shop.wallet.kept_minor() == (scans ? PaymentWorld::kPrice : 0));
    shop.agree();
  }
}

}  // namespace
}  // namespace tillkit::payment
