// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

// What wallets and the way to them do to a sale. The money is counted in the stand-in's books.

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using S = AttemptState;
using F = AttemptEffect;
using States = std::vector<AttemptState>;

struct Shop {
  hal_virtual::VirtualBoard board;
  StandIn gateway{board};
  Till till;

  explicit Shop(const ProviderPolicy& policy = gateway_policy()) : till(board, gateway, policy) {}

  void charge_and_settle() {
    till.charge();
    CHECK(till.settle());
    till.check_books();
  }
};

TEST_CASE("a code that is good pays", "[payment]") {
  Shop shop;
  shop.charge_and_settle();

  CHECK(shop.till.states() == States{S::Intended, S::Paid});
  CHECK(shop.gateway.charges("T1A5") == 1);
  CHECK(shop.gateway.calls("query") == 0);
}

TEST_CASE("a code that is declined leaves the shopper free to try another", "[payment]") {
  Shop shop;
  shop.gateway.declines = true;
  shop.gateway.needs_password = true;
  shop.charge_and_settle();

  CHECK(shop.till.states() == States{S::Intended, S::Declined});
  CHECK(shop.till.count(F::Release) == 1);
}

TEST_CASE("a password is waited for, and the sale goes on when it comes", "[payment]") {
  for (const auto seconds : {1s, 4s, 12s, 40s, 59s}) {
    CAPTURE(seconds.count());
    Shop shop;
    shop.gateway.needs_password = true;
    shop.gateway.pays_after = seconds;
    shop.charge_and_settle();

    CHECK(shop.till.states() == States{S::Intended, S::Pending, S::Paid});
  }
}

TEST_CASE("a password that never comes ends in a confirmed reversal", "[payment]") {
  Shop shop(wechat_pay_policy());
  shop.gateway.needs_password = true;
  shop.charge_and_settle();

  CHECK(shop.till.states() == States{S::Intended, S::Pending, S::Reversing, S::Reversed});
  CHECK(shop.till.count(F::Abandon) == 1);
  CHECK(shop.gateway.calls("reverse") == 1);
}

TEST_CASE("a shopper who pays between the last question and the reversal gets the money back, not the goods",
          "[payment]") {
  Shop shop;
  shop.gateway.needs_password = true;
  shop.gateway.plan("reverse", 1, Mishap::Held);
  shop.till.charge();
  REQUIRE(shop.board.world.advance_until([&] { return shop.till.state() == S::Reversing; }, 2min));
  shop.gateway.pay("T1A5");
  CHECK(shop.gateway.kept_minor() == Till::kAmountMinor);

  CHECK(shop.till.settle());
  shop.till.check_books();
  CHECK(shop.till.states() == States{S::Intended, S::Pending, S::Reversing, S::Refunding, S::Refunded});
  CHECK(shop.till.count(F::Take) == 0);
}

TEST_CASE("whatever happens to the answer of a charge that was made, it is never taken for a no", "[payment]") {
  for (int number = 0; number < kMishaps; ++number) {
    const auto mishap = static_cast<Mishap>(number);
    if (mishap == Mishap::None || mishap == Mishap::Twice || mishap == Mishap::Held) continue;
    CAPTURE(number);
    Shop shop;
    shop.gateway.plan("authorise", 1, mishap);
    shop.charge_and_settle();

    CHECK(shop.till.states() == States{S::Intended, S::Unknown, S::Paid});
    CHECK(shop.gateway.charges("T1A5") == 1);
    CHECK(shop.gateway.calls("query") == 1);
  }
}

TEST_CASE("whatever happens to the answer of a charge that was declined, the shopper is not charged", "[payment]") {
  for (int number = 0; number < kMishaps; ++number) {
    CAPTURE(number);
    Shop shop;
    shop.gateway.declines = true;
    shop.gateway.needs_password = true;
    shop.gateway.plan("authorise", 1, static_cast<Mishap>(number));
    shop.charge_and_settle();

    const bool lost = static_cast<Mishap>(number) == Mishap::Held;
    CHECK(shop.till.state() == (lost ? S::Reversed : S::Declined));
    shop.gateway.deliver_held();
    CHECK(shop.gateway.kept_minor() == 0);
  }
}

TEST_CASE("a request that arrives twice charges once", "[payment]") {
  Shop shop;
  shop.gateway.plan("authorise", 1, Mishap::Twice);
  shop.charge_and_settle();

  CHECK(shop.till.state() == S::Paid);
  CHECK(shop.gateway.charges("T1A5") == 1);
}

TEST_CASE("a charge that arrives after its reversal is refused by the tombstone", "[payment]") {
  Shop shop;
  shop.gateway.plan("authorise", 1, Mishap::Held);
  shop.charge_and_settle();
  CHECK(shop.till.states() == States{S::Intended, S::Unknown, S::Reversing, S::Reversed});

  shop.gateway.deliver_held();

  CHECK(shop.gateway.charges("T1A5") == 0);
  shop.till.check_books();
}

TEST_CASE("'not found' is no answer: a charge that arrives after the question still counts", "[payment]") {
  Shop shop;
  shop.gateway.plan("authorise", 1, Mishap::Held);
  shop.till.charge();
  REQUIRE(shop.board.world.advance_until([&] { return shop.gateway.calls("query") == 2; }, 1min));
  CHECK(shop.till.state() == S::Unknown);
  shop.gateway.deliver_held();

  CHECK(shop.till.settle());
  shop.till.check_books();
  CHECK(shop.till.state() == S::Paid);
}

TEST_CASE("a connection that cannot be made means that nothing happened", "[payment]") {
  Shop shop;
  shop.board.http.refuse_connections(hal::HttpFault::ConnectFailed);
  shop.charge_and_settle();

  CHECK(shop.till.states() == States{S::Intended, S::NotSent});
  CHECK(shop.board.http.arrived() == 0);
  CHECK(shop.till.count(F::Release) == 1);
}

TEST_CASE("a busy gateway is asked again when it says, and not before", "[payment]") {
  Shop shop;
  shop.gateway.plan("authorise", 1, Mishap::BusyPage);
  shop.till.charge();
  shop.board.clock.advance(6900ms);
  CHECK(shop.gateway.calls("query") == 0);
  CHECK(shop.till.settle());

  CHECK(shop.till.state() == S::Paid);
  CHECK(shop.board.world.now() < 8s);
  shop.till.check_books();
}

TEST_CASE("a gateway that is gone for hours is asked until it knows, and the shopper has the money back", "[payment]") {
  for (const bool charged : {true, false}) {
    CAPTURE(charged);
    Shop shop;
    shop.gateway.plan("authorise", 1, charged ? Mishap::Silence : Mishap::Held);
    shop.till.charge();
    shop.board.clock.advance(1s);
    shop.board.network.unplug();
    shop.board.clock.advance(2h);
    CHECK(shop.till.state() == S::Reversing);
    CHECK(shop.gateway.calls("reverse") == 0);
    shop.board.network.plug();

    CHECK(shop.till.settle());
    shop.till.check_books();
    CHECK(shop.till.state() == (charged ? S::Refunded : S::Reversed));
  }
}

TEST_CASE("a reversal is repeated until it is confirmed", "[payment]") {
  Shop shop;
  shop.gateway.needs_password = true;
  shop.gateway.reversals_unconfirmed = 2;
  shop.gateway.plan("reverse", 1, Mishap::Silence);
  shop.gateway.plan("reverse", 2, Mishap::Conflict);
  shop.gateway.plan("reverse", 3, Mishap::ServerError);
  shop.gateway.plan("reverse", 4, Mishap::HalfBody);
  shop.charge_and_settle();

  CHECK(shop.till.state() == S::Reversed);
  CHECK(shop.gateway.calls("reverse") == 5);
}

TEST_CASE("a late success past the reversal window is refunded", "[payment]") {
  Shop shop;
  shop.gateway.needs_password = true;
  shop.till.charge();
  REQUIRE(shop.board.world.advance_until([&] { return shop.till.state() == S::Reversing; }, 2min));
  shop.gateway.reversal_window_over = true;
  shop.gateway.pay("T1A5");

  CHECK(shop.till.settle());
  shop.till.check_books();
  CHECK(shop.till.states() == States{S::Intended, S::Pending, S::Reversing, S::Refunding, S::Refunded});
  CHECK(shop.till.refund_state() == RefundState::Refunded);
  CHECK(shop.gateway.calls("refund") == 1);
}

TEST_CASE("what a provider will not end goes to a person, once", "[payment]") {
  Shop shop;
  shop.gateway.needs_password = true;
  shop.gateway.always("query", Mishap::Conflict);
  shop.gateway.always("reverse", Mishap::Conflict);
  shop.till.charge();

  CHECK(shop.till.settle());
  CHECK(shop.till.state() == S::NeedsPerson);
  CHECK(shop.till.count(F::CallPerson) == 1);
  CHECK(shop.till.count(F::Take) == 0);
}

TEST_CASE("a cancelled sale is reversed, and not before the provider allows it", "[payment]") {
  Shop shop(wechat_pay_policy());
  shop.gateway.needs_password = true;
  shop.till.charge();
  shop.board.clock.advance(3s);
  shop.till.cancel();
  shop.board.clock.advance(1s);
  CHECK(shop.till.state() == S::Reversing);
  shop.board.clock.advance(10900ms);
  CHECK(shop.gateway.calls("reverse") == 0);

  CHECK(shop.till.settle());
  CHECK(shop.gateway.calls("reverse") == 1);
  shop.till.check_books();
}

TEST_CASE("a shopper who paid just before the cancel button gets the goods", "[payment]") {
  Shop shop;
  shop.gateway.needs_password = true;
  shop.gateway.pays_after = 3s;
  shop.till.charge();
  shop.board.clock.advance(3500ms);
  shop.till.cancel();

  CHECK(shop.till.settle());
  CHECK(shop.till.state() == S::Paid);
  shop.till.check_books();
}

TEST_CASE("a code on the screen is paid by whoever scans it", "[payment]") {
  Shop shop;
  shop.gateway.pays_after = 30s;
  shop.till.show_code();
  CHECK(shop.till.settle());

  CHECK(shop.till.shown_codes().size() == 1);
  CHECK(shop.till.states() == States{S::Intended, S::Pending, S::Paid});
  shop.till.check_books();
}

TEST_CASE("a code on the screen that nobody scans expires and is cancelled with its provider", "[payment]") {
  Shop shop;
  shop.till.show_code();
  shop.board.clock.advance(59s);
  CHECK(shop.till.state() == S::Pending);
  CHECK(shop.till.settle());

  CHECK(shop.till.state() == S::Reversed);
  CHECK(shop.board.world.now() < 62s);
  shop.gateway.pay("T1A5");
  CHECK(shop.gateway.kept_minor() == 0);
}

TEST_CASE("a code that was made and never came is reversed, so that nobody can pay it", "[payment]") {
  Shop shop;
  shop.gateway.plan("qr", 1, Mishap::HalfBody);
  shop.till.show_code();
  CHECK(shop.till.settle());

  CHECK(shop.till.shown_codes().empty());
  CHECK(shop.till.state() == S::Reversed);
  shop.till.check_books();
}

TEST_CASE("parts are refunded one after the other, with the provider's gap between them", "[payment]") {
  Shop shop;
  shop.charge_and_settle();
  shop.till.refund(250);
  CHECK(shop.till.settle());
  CHECK(shop.till.state() == S::Paid);
  shop.till.check_books();
  const auto first = shop.board.world.now();
  shop.till.refund(1'000);
  CHECK(shop.till.settle());

  CHECK(shop.board.world.now() - first >= 59s);
  CHECK(shop.till.state() == S::Refunded);
  CHECK(shop.gateway.given_back_minor("T1A5") == 1'250);
  shop.till.check_books();
}

TEST_CASE("a refund is given back once, whatever happens to its answers", "[payment]") {
  for (int number = 0; number < kMishaps; ++number) {
    CAPTURE(number);
    Shop shop;
    shop.charge_and_settle();
    shop.gateway.plan("refund", 1, static_cast<Mishap>(number));
    shop.gateway.refunds_accepted = 1;
    shop.till.refund(250);
    CHECK(shop.till.settle());

    CHECK(shop.till.state() == S::Paid);
    CHECK(shop.till.refunded_minor() == 250);
    shop.gateway.deliver_held();
    CHECK(shop.gateway.given_back_minor("T1A5") == 250);
    shop.till.check_books();
  }
}

TEST_CASE("a refund that is refused goes to a person, and the money stays counted as taken", "[payment]") {
  Shop shop;
  shop.charge_and_settle();
  shop.gateway.refuses_refunds = true;
  shop.till.refund(250);
  CHECK(shop.till.settle());

  CHECK(shop.till.state() == S::NeedsPerson);
  CHECK(shop.till.refund_state() == RefundState::Refused);
  CHECK(shop.gateway.kept_minor() == Till::kAmountMinor);
}

TEST_CASE("an old refund whose answer was lost is found, and not given back again", "[payment]") {
  Shop shop;
  shop.charge_and_settle();
  shop.gateway.plan("refund", 1, Mishap::Silence);
  shop.till.refund(250);
  shop.board.clock.advance(1s);
  shop.board.network.unplug();
  shop.board.clock.advance(30h);
  const int refunds = shop.gateway.calls("refund");
  shop.board.network.plug();
  CHECK(shop.till.settle());

  CHECK(shop.till.state() == S::Paid);
  CHECK(shop.gateway.calls("refund") == refunds);
  CHECK(shop.gateway.given_back_minor("T1A5") == 250);
  shop.till.check_books();
}

}  // namespace
}  // namespace tillkit::payment
