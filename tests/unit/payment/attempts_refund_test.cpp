// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/payment/records.hpp"

// Refunds by the provider's rules, of open and of closed sales; and what a person decides.

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::approves;
using test::declines;
using test::WalletCall;

constexpr std::int64_t kPrice = PaymentWorld::kPrice;

struct PaidShop : Shop {
  explicit PaidShop(bool closed = false) {
    sales.close_sales = closed;
    const auto attempt = charge();
    CHECK(settle());
    order = attempt->order;
    begin_counting();
  }
  journal::OrderNumber order;
};

TEST_CASE("refunds never add up to more than was paid, closed sale or not", "[payment]") {
  for (const bool closed : {false, true}) {
    CAPTURE(closed);
    PaidShop shop(closed);
    CHECK(rows(shop).empty() == closed);
    for (const std::int64_t part : {250, 700}) {
      CHECK(shop.refund(shop.order, part).has_value());
      CHECK(shop.settle());
      CHECK(rows(shop).empty() == closed);
    }
    CHECK(failed_with(shop.refund(shop.order, kPrice - 950 + 1), ErrorCode::OutOfRange));
    CHECK(failed_with(shop.refund(shop.order, 0), ErrorCode::OutOfRange));
    CHECK(shop.refund(shop.order, kPrice - 950).has_value());
    CHECK(shop.settle());

    CHECK(shop.wallet.kept_minor() == 0);
    CHECK(shop.cost() == 6);
    CHECK_FALSE(shop.refund(shop.order, 1).has_value());
    CHECK(rows(shop).empty());
    shop.agree();
  }
}

TEST_CASE("one refund of an attempt at a time, and it is owed until it is done", "[payment]") {
  PaidShop shop;
  shop.wallet.script(WalletCall::Refund, approves().taking(1min));
  CHECK(shop.refund(shop.order, 100).has_value());
  CHECK_FALSE(shop.refund(shop.order, 100).has_value());
  const auto open = backlog(shop.journal().tables()).value();
  CHECK(open.refunds == 1);
  CHECK(open.owed == std::vector{core::Money{100, core::kCny}});
  CHECK(open.unresolved == 0);
  CHECK(shop.settle());

  CHECK(shop.wallet.kept_minor() == kPrice - 100);
  CHECK(shop.refund(shop.order, 100).has_value());
  CHECK(shop.settle());
  shop.agree();
}

TEST_CASE("a refund goes out once, and only after its intent is durable", "[payment]") {
  PaidShop shop;
  shop.wallet.script_all(WalletCall::Refund, approves().taking(1min));
  const Attempt attempt = shop.attempts().find_paid(shop.order).value();
  Stepped intended;
  const auto intend = [&](bool keep) {
    return shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY(intended, shop.attempts().intend_refund(tx, attempt, attempt.sale, {100, core::kCny}));
      CHECK(failed_with(shop.attempts().refund(intended), ErrorCode::FailedPrecondition));
      if (!keep) return core::fail(ErrorCode::Cancelled);
      return {};
    });
  };
  CHECK_FALSE(intend(false).has_value());
  CHECK(failed_with(shop.attempts().refund(intended), ErrorCode::FailedPrecondition));

  CHECK(intend(true).has_value());
  const Stepped first = intended;
  CHECK(shop.attempts().refund(first).has_value());
  CHECK(failed_with(shop.attempts().refund(first), ErrorCode::FailedPrecondition));
  shop.advance(1s);
  CHECK(failed_with(shop.attempts().refund(first), ErrorCode::FailedPrecondition));
  CHECK(shop.settle());
  CHECK(failed_with(shop.attempts().refund(first), ErrorCode::FailedPrecondition));
  // The next one waits to be let go, and the first is not taken for it.
  CHECK(intend(true).has_value());
  CHECK(failed_with(shop.attempts().refund(first), ErrorCode::FailedPrecondition));
  CHECK(shop.attempts().refund(intended).has_value());
  CHECK(shop.settle());

  CHECK(shop.wallet.kept_minor() == kPrice - 200);
  CHECK(shop.records() == "attempt_intended attempt_paid refund_intended refund_done refund_intended refund_done");
  shop.agree();
}

TEST_CASE("whoever believes that an attempt is still paid is refused its refund, and the rest of the commit goes",
          "[payment]") {
  PaidShop shop;
  shop.wallet.script_all(WalletCall::Refund, approves().lost());
  const Attempt before = shop.attempts().find_paid(shop.order).value();
  CHECK(shop.refund(shop.order, 100).has_value());

  const auto committed = shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
    const auto second = shop.attempts().intend_refund(tx, before, before.sale, {100, core::kCny});
    CHECK(failed_with(second, ErrorCode::FailedPrecondition));
    TILLKIT_TRY_VOID(tx.append({.kind = journal::kind("test.note"), .body = "{}"}));
    return {};
  });

  CHECK(committed.has_value());
  CHECK(open_refunds(shop).size() == 1);
}

TEST_CASE("between two refunds of an order lies the provider's gap, also across a start", "[payment]") {
  for (const bool restarts : {false, true}) {
    CAPTURE(restarts);
    PaidShop shop;
    const auto gap = shop.policies.of(codes::Wallet::WeChatPay).refund_gap;
    REQUIRE(gap == 60s);
    CHECK(shop.refund(shop.order, 100).has_value());
    CHECK(shop.settle());
    if (restarts) shop.restart();
    CHECK(shop.refund(shop.order, 100).has_value());
    shop.advance(gap - 1s);
    CHECK(shop.wallet.arrivals(WalletCall::Refund) == 1);
    shop.advance(2s);
    CHECK(shop.wallet.arrivals(WalletCall::Refund) == 2);
    CHECK(shop.settle());
    shop.agree();
  }
}

TEST_CASE("more refunds than the provider allows are refused before anything is intended", "[payment]") {
  PaidShop shop;
  const auto allowed = shop.policies.of(codes::Wallet::WeChatPay).refunds_max;
  for (std::uint32_t i = 0; i < allowed; ++i) {
    REQUIRE(shop.refund(shop.order, 1).has_value());
    REQUIRE(shop.settle());
  }
  CHECK(failed_with(shop.refund(shop.order, 1), ErrorCode::Exhausted));
  CHECK(shop.cost() == 2 * allowed);
  shop.agree();
}

TEST_CASE("past the refund window nothing is intended", "[payment]") {
  for (const bool closed : {false, true}) {
    PaidShop shop(closed);
    shop.stop();
    shop.advance(shop.policies.of(codes::Wallet::WeChatPay).refund_window);
    REQUIRE(shop.start());
    CHECK(failed_with(shop.refund(shop.order, 1), ErrorCode::FailedPrecondition));
  }
}

TEST_CASE("a refund without an answer is repeated under its number and gives back once", "[payment]") {
  PaidShop shop;
  shop.wallet.script(WalletCall::Refund, approves().unanswered());
  shop.wallet.script(WalletCall::Refund, approves().saying(500));
  CHECK(shop.refund(shop.order, 500).has_value());
  CHECK(shop.settle());

  CHECK(shop.wallet.arrivals(WalletCall::Refund) == 3);
  CHECK(shop.wallet.kept_minor() == kPrice - 500);
  CHECK(shop.cost() == 2);
  shop.agree();
}

TEST_CASE("an attempt is found by its number, and others are not taken for it", "[payment]") {
  PaidShop shop(true);
  CHECK(shop.attempts().find_paid(shop.order).value().amount == kAll);

  std::string other(shop.order.view());
  other.back() = other.back() == '0' ? '1' : '0';
  const auto stranger = journal::OrderNumber::parse(other).value();
  CHECK(failed_with(shop.attempts().find_paid(stranger), ErrorCode::NotFound));
  shop.wallet.script(WalletCall::Authorise, declines());
  const auto declined = shop.charge();
  CHECK(shop.settle());
  CHECK(failed_with(shop.attempts().find_paid(declined->order), ErrorCode::FailedPrecondition));
}

TEST_CASE("what was paid too late and given back is never refunded again", "[payment]") {
  Shop shop;
  shop.sales.close_sales = true;
  shop.wallet.script(WalletCall::Authorise, approves().taking(50s));
  shop.wallet.script(WalletCall::Reverse, approves().lost());
  const auto attempt = shop.charge();
  CHECK(shop.settle());

  CHECK(shop.wallet.kept_minor() == 0);
  CHECK(failed_with(shop.attempts().find_paid(attempt->order), ErrorCode::FailedPrecondition));
  shop.agree();
}

TEST_CASE("the sale may ask for a refund in the moment that it hears of the payment", "[payment]") {
  Shop shop;
  const auto paid = shop.charge();
  shop.sales.then = [&] { CHECK(shop.refund(paid->order, kPrice).has_value()); };
  CHECK(shop.settle());

  CHECK(shop.wallet.kept_minor() == 0);
  shop.agree();
}

// --- a person ---

TEST_CASE("a refused refund goes to a person, who says what became of its amount", "[payment]") {
  for (const bool back : {true, false}) {
    for (const bool closed : {true, false}) {
      CAPTURE(back, closed);
      PaidShop shop(closed);
      shop.wallet.script(WalletCall::Refund, declines("payer_account_closed"));
      CHECK(shop.refund(shop.order, 300).has_value());
      CHECK(shop.settle());
      CHECK(shop.state() == AttemptState::NeedsPerson);
      CHECK(backlog(shop.journal().tables()).value().needs_person == 1);
      shop.restart();
      const auto decision = back ? Decision::GivenBack : Decision::Paid;
      CHECK(shop.attempts().resolve(shop.order, decision, kTechnician, "paid out in cash").has_value());

      CHECK(shop.cost() == 2 + 1);  // refund, decision
      CHECK(rows(shop).empty() == closed);
      CHECK(open_refunds(shop).empty());
      const auto left = back ? kPrice - 300 : kPrice;
      CHECK(failed_with(shop.refund(shop.order, left + 1), ErrorCode::OutOfRange));
      CHECK(shop.journal().verify().sound());
    }
  }
}

TEST_CASE("after the reversal's window a person decides, once, with a name and a reason", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(std::chrono::hours{2'000}));
  shop.wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
  const auto attempt = shop.charge();
  CHECK(failed_with(shop.attempts().resolve(attempt->order, Decision::NotPaid, kTechnician, "why"),
                    ErrorCode::FailedPrecondition));
  REQUIRE(shop.world.advance_until([&] { return shop.state() == AttemptState::NeedsPerson; }, 240h));
  CHECK(shop.cost() == 3);
  CHECK(shop.records() == "attempt_intended attempt_reversing needs_person");
  CHECK(failed_with(shop.attempts().resolve(attempt->order, Decision::NotPaid, {}, "why"), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.attempts().resolve(attempt->order, Decision::NotPaid, kTechnician, ""),
                    ErrorCode::InvalidArgument));
  CHECK(shop.attempts().resolve(attempt->order, Decision::NotPaid, kTechnician, "bill of Anna Li").has_value());
  CHECK(
      failed_with(shop.attempts().resolve(attempt->order, Decision::NotPaid, kTechnician, "why"), ErrorCode::NotFound));

  CHECK(shop.cost() == 4);
  CHECK(shop.sales.told.back() == "reversed");
  CHECK(rows(shop).empty());
  const auto record = shop.journal().read(shop.journal().last_seq()).value();
  CHECK(record.kind == kPersonDecided);
  CHECK(record.body.find(R"("decision":16,"given_back":{"minor":0,"currency":"CNY"},"by":"t-9")") != std::string::npos);
  CHECK(record.body.find("Anna") == std::string::npos);
  CHECK(core::as_text(shop.journal().personal(record.seq).value().at(0).value.view()) == "bill of Anna Li");
  CHECK(shop.journal().verify().sound());
}

TEST_CASE("a refund past its window goes to a person, and who says it is given back ends both", "[payment]") {
  PaidShop shop(true);
  shop.wallet.script_all(WalletCall::Refund, approves().lost());
  CHECK(shop.refund(shop.order, kPrice).has_value());
  shop.stop();
  shop.advance(shop.policies.of(codes::Wallet::WeChatPay).refund_window);
  REQUIRE(shop.start());
  shop.advance(1s);
  CHECK(shop.state() == AttemptState::NeedsPerson);
  CHECK(open_refunds(shop).at(0).state == RefundState::NeedsPerson);
  CHECK(shop.attempts().resolve(shop.order, Decision::GivenBack, kTechnician, "by transfer").has_value());

  CHECK(rows(shop).empty());
  CHECK(open_refunds(shop).empty());
  CHECK_FALSE(shop.refund(shop.order, 1).has_value());
  CHECK(shop.journal().verify().sound());
}

}  // namespace
}  // namespace tillkit::payment
