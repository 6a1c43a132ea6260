// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/stand_in_wallet.hpp"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A wallet with a clock, and somebody who notes its answers.
struct Shop {
  milliseconds now{0};
  StandInWallet wallet{[this] { return now; }};
  std::vector<WalletAnswer> answers;

  void send(const WalletRequest& request) {
    wallet.send(request, [this](const WalletAnswer& answer) { answers.push_back(answer); });
  }
  void advance(milliseconds time) {
    now += time;
    wallet.run();
  }
  /// Sends, and takes the answer that comes at once.
  WalletAnswer ask(const WalletRequest& request) {
    const std::size_t before = answers.size();
    send(request);
    wallet.run();
    REQUIRE(answers.size() == before + 1);
    return answers.back();
  }
  WalletAnswer authorise(const WalletScript& script, const std::string& order = "A", std::int64_t minor = 1'000) {
    wallet.script(WalletCall::Authorise, script);
    return ask({.call = WalletCall::Authorise, .order = order, .minor = minor, .code = "code of " + order});
  }
  WalletAnswer query(const std::string& order = "A") { return ask({.call = WalletCall::Query, .order = order}); }
  WalletAnswer reverse(const std::string& order = "A") { return ask({.call = WalletCall::Reverse, .order = order}); }
  WalletAnswer refund(const std::string& key, std::int64_t minor, const std::string& order = "A") {
    return ask({.call = WalletCall::Refund, .order = order, .refund = key, .minor = minor});
  }
  WalletBook book(const std::string& order = "A") { return wallet.books()[order]; }
};

WalletRequest charge_of(const std::string& order) {
  return {.call = WalletCall::Authorise, .order = order, .minor = 1'000, .code = "code of " + order};
}

TEST_CASE("an approved charge is in the books once, however often it is asked for", "[wallet]") {
  Shop shop;
  const WalletAnswer first = shop.authorise(approves(150));
  const WalletAnswer again = shop.authorise(declines());

  CHECK(first.status == 200);
  CHECK(first.outcome == WalletOutcome::Paid);
  CHECK(first.amount_minor == 1'000);
  CHECK(first.paid_minor == 850);
  CHECK(again == first);
  CHECK(shop.query() == first);
  CHECK(shop.book() == WalletBook{.charged_minor = 1'000, .charges = 1});
  CHECK(shop.wallet.arrivals(WalletCall::Authorise, "A") == 2);
  CHECK(shop.wallet.arrivals(WalletCall::Query) == 1);
  CHECK(shop.wallet.arrivals(WalletCall::Reverse, "A") == 0);
}

TEST_CASE("a declined charge takes nothing and stays declined", "[wallet]") {
  Shop shop;
  const WalletAnswer answer = shop.authorise(declines("over_limit"));

  CHECK(answer.outcome == WalletOutcome::Declined);
  CHECK(answer.reason == "over_limit");
  CHECK(shop.query() == answer);
  CHECK(shop.authorise(approves()) == answer);
  CHECK(shop.wallet.books().empty());
  CHECK(shop.reverse().outcome == WalletOutcome::Reversed);
}

TEST_CASE("another body under the same key is refused and changes nothing", "[wallet]") {
  Shop shop;
  shop.authorise(approves());

  for (const WalletAnswer& answer : {shop.authorise(approves(), "A", 1'001),
                                     shop.ask({.call = WalletCall::CreateQr, .order = "A", .minor = 1'000})}) {
    CHECK(answer.status == 422);
    CHECK(answer.problem == "key-reused");
    CHECK(answer.outcome == WalletOutcome::None);
  }
  CHECK(shop.book() == WalletBook{.charged_minor = 1'000, .charges = 1});
}

TEST_CASE("a request without a key or an amount is refused", "[wallet]") {
  Shop shop;
  CHECK(shop.authorise(approves(), "").problem == "invalid-request");
  CHECK(shop.authorise(approves(), "A", 0).status == 400);
  shop.authorise(approves(), "B");
  CHECK(shop.refund("", 1, "B").problem == "invalid-request");
  CHECK(shop.refund("R", 0, "B").problem == "invalid-request");
  CHECK(shop.ask({.call = WalletCall::Refund, .order = "B", .refund = "R", .minor = 1, .currency = "EUR"}).problem ==
        "invalid-request");
  CHECK(shop.wallet.kept_minor() == 1'000);
}

TEST_CASE("a payment code pays one order only", "[wallet]") {
  Shop shop;
  shop.authorise(declines());
  const WalletAnswer answer =
      shop.ask({.call = WalletCall::Authorise, .order = "B", .minor = 1'000, .code = "code of A"});

  CHECK(answer.outcome == WalletOutcome::Declined);
  CHECK(answer.reason == "code_not_valid");
}

TEST_CASE("a password takes its time and then pays or does not", "[wallet]") {
  Shop shop;
  CHECK(shop.authorise(approves().taking(8s)).outcome == WalletOutcome::Pending);
  CHECK(shop.authorise(declines("wrong_password").taking(8s), "B").why == "password");
  shop.advance(7'999ms);
  CHECK(shop.query().outcome == WalletOutcome::Pending);
  CHECK(shop.wallet.books().empty());

  shop.advance(1ms);

  CHECK(shop.query().outcome == WalletOutcome::Paid);
  CHECK(shop.query("B").reason == "wrong_password");
  CHECK(shop.wallet.ledger() == std::vector<WalletEntry>{{8s, WalletEntry::Kind::Charge, "A", "A", 1'000}});
}

TEST_CASE("a charge that is pending can be reversed, and is never taken then", "[wallet]") {
  Shop shop;
  shop.authorise(approves().taking(8s));

  CHECK(shop.reverse().outcome == WalletOutcome::Reversed);
  shop.advance(10s);

  CHECK(shop.query().outcome == WalletOutcome::Reversed);
  CHECK(shop.authorise(approves()).problem == "order-reversed");
  CHECK(shop.wallet.books().empty());
}

TEST_CASE("a reversal of what was paid gives all of it back, once", "[wallet]") {
  Shop shop;
  shop.authorise(approves());

  const WalletAnswer answer = shop.reverse();

  CHECK(answer.outcome == WalletOutcome::Refunded);
  CHECK(answer.refunded_minor == 1'000);
  CHECK(shop.reverse() == answer);
  CHECK(shop.query() == answer);
  CHECK(shop.book() == WalletBook{.charged_minor = 1'000, .reversed_minor = 1'000, .charges = 1});
  CHECK(shop.book().kept_minor() == 0);
  CHECK(shop.authorise(approves()).status == 410);
}

TEST_CASE("a reversal of an order never seen keeps a tombstone", "[wallet]") {
  Shop shop;
  CHECK(shop.query().outcome == WalletOutcome::NotFound);
  CHECK(shop.reverse().outcome == WalletOutcome::Reversed);

  const WalletAnswer late = shop.authorise(approves());

  CHECK(late.status == 410);
  CHECK(late.problem == "order-reversed");
  CHECK(shop.ask({.call = WalletCall::CreateQr, .order = "A", .minor = 1}).problem == "order-reversed");
  CHECK(shop.query().outcome == WalletOutcome::Reversed);
  CHECK(shop.refund("R", 1).problem == "order-not-paid");
  CHECK(shop.wallet.books().empty());
}

TEST_CASE("an authorise can be overtaken by its reversal", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().travelling(5s));
  shop.send(charge_of("A"));
  shop.advance(2s);
  CHECK(shop.query().outcome == WalletOutcome::NotFound);
  CHECK(shop.reverse().outcome == WalletOutcome::Reversed);

  shop.advance(3s);

  CHECK(shop.answers.back().problem == "order-reversed");
  CHECK(shop.wallet.arrivals(WalletCall::Authorise, "A") == 1);
  CHECK(shop.wallet.books().empty());
}

TEST_CASE("a reversal can take its time, and can be refused for now", "[wallet]") {
  Shop shop;
  shop.authorise(approves());
  shop.wallet.script(WalletCall::Reverse, declines("reversal-too-soon"));
  CHECK(shop.reverse().problem == "reversal-too-soon");
  CHECK(shop.query().outcome == WalletOutcome::Paid);

  shop.wallet.script(WalletCall::Reverse, approves().taking(4s));
  CHECK(shop.reverse().why == "reversing");
  CHECK(shop.reverse().why == "reversing");
  CHECK(shop.query().why == "reversing");
  CHECK(shop.refund("R", 1).problem == "order-not-paid");
  CHECK(shop.wallet.kept_minor() == 1'000);
  shop.advance(4s);

  CHECK(shop.reverse().outcome == WalletOutcome::Refunded);
  CHECK(shop.wallet.kept_minor() == 0);
}

TEST_CASE("while a reversal takes its time no password pays any more", "[wallet]") {
  Shop shop;
  shop.authorise(approves().taking(2s));
  shop.wallet.script(WalletCall::Reverse, approves().taking(4s));
  shop.reverse();

  shop.advance(3s);
  CHECK(shop.query().why == "reversing");
  shop.advance(1s);

  CHECK(shop.query().outcome == WalletOutcome::Reversed);
  CHECK(shop.wallet.books().empty());
}

TEST_CASE("refunds are done once per key and never exceed the charge", "[wallet]") {
  Shop shop;
  shop.authorise(approves(300));

  const WalletAnswer first = shop.refund("R1", 600);
  CHECK(first.outcome == WalletOutcome::Refunded);
  CHECK(first.to_payer_minor == 600);
  CHECK(shop.refund("R1", 600) == first);
  CHECK(shop.refund("R1", 601).problem == "key-reused");
  CHECK(shop.refund("R2", 401).problem == "refund-too-large");
  CHECK(shop.query().outcome == WalletOutcome::Paid);
  CHECK(shop.query().refunded_minor == 600);
  // The payer paid 700: of the rest the provider takes its discount back.
  CHECK(shop.refund("R3", 400).to_payer_minor == 100);
  CHECK(shop.refund("R4", 1).problem == "nothing-left");
  CHECK(shop.query().outcome == WalletOutcome::Refunded);
  CHECK(shop.refund("R5", 1, "B").problem == "order-not-found");
  CHECK(shop.book() == WalletBook{.charged_minor = 1'000, .refunded_minor = 1'000, .charges = 1});
}

TEST_CASE("a refund can be accepted first and refused", "[wallet]") {
  Shop shop;
  shop.authorise(approves());
  shop.wallet.script(WalletCall::Refund, approves().taking(60s));
  CHECK(shop.refund("R1", 700).outcome == WalletOutcome::Accepted);
  CHECK(shop.book().refunded_minor == 0);
  CHECK(shop.refund("R2", 301).problem == "refund-too-large");
  shop.wallet.script(WalletCall::Refund, declines("payer_account_closed"));
  const WalletAnswer refused = shop.refund("R3", 300);
  CHECK(refused.outcome == WalletOutcome::Refused);
  CHECK(refused.reason == "payer_account_closed");
  CHECK(shop.refund("R3", 300) == refused);

  shop.advance(60s);

  CHECK(shop.refund("R1", 700).outcome == WalletOutcome::Refunded);
  CHECK(shop.refund("R4", 300).outcome == WalletOutcome::Refunded);
  CHECK(shop.book().kept_minor() == 0);
}

TEST_CASE("a reversal leaves an accepted refund its part, and takes it if that is refused", "[wallet]") {
  for (const bool refused : {false, true}) {
    CAPTURE(refused);
    Shop shop;
    shop.authorise(approves());
    shop.wallet.script(WalletCall::Refund, (refused ? declines() : approves()).taking(60s));
    shop.refund("R1", 700);

    CHECK(shop.reverse().why == "reversing");
    CHECK(shop.book().reversed_minor == 300);
    shop.advance(60s);

    CHECK(shop.reverse().outcome == WalletOutcome::Refunded);
    CHECK(shop.book().refunded_minor == (refused ? 0 : 700));
    CHECK(shop.book().kept_minor() == 0);
  }
}

TEST_CASE("a shown code is paid when somebody scans it in time", "[wallet]") {
  Shop shop;
  const WalletRequest show{.call = WalletCall::CreateQr, .order = "A", .minor = 500, .valid_for = 60s};
  const WalletAnswer shown = shop.ask(show);
  CHECK(shown.why == "scan");
  CHECK(shown.qr_text == "https://wallet.example/pay/A");
  CHECK(shop.ask(show) == shown);
  CHECK_FALSE(shop.wallet.shopper_scans("B"));

  CHECK(shop.wallet.shopper_scans("A", approves().taking(5s)));
  CHECK_FALSE(shop.wallet.shopper_scans("A"));
  shop.advance(5s);

  CHECK(shop.query().outcome == WalletOutcome::Paid);
  CHECK(shop.book().charged_minor == 500);
}

TEST_CASE("a shown code that nobody scans dies, as one that is reversed", "[wallet]") {
  Shop shop;
  shop.ask({.call = WalletCall::CreateQr, .order = "A", .minor = 500, .valid_for = 60s});
  shop.ask({.call = WalletCall::CreateQr, .order = "B", .minor = 500, .valid_for = 600s});
  shop.reverse("B");
  shop.now += 60s;
  CHECK_FALSE(shop.wallet.shopper_scans("A"));
  CHECK_FALSE(shop.wallet.shopper_scans("B"));
  shop.wallet.run();

  CHECK(shop.query().outcome == WalletOutcome::Declined);
  CHECK(shop.query().reason == "expired");
  CHECK(shop.wallet.books().empty());
}

TEST_CASE("money moves whether or not the answer arrives", "[wallet]") {
  struct Case {
    const char* name;
    WalletScript script;
    bool charged;
    std::size_t answers;
    int status;
  };
  const std::vector<Case> cases = {
      {"no answer", approves().unanswered(), true, 0, 0},
      {"never arrived", approves().lost(), false, 0, 0},
      {"closed after it was done", approves().closing(), true, 1, 0},
      {"closed before", approves().lost().closing(), false, 1, 0},
      {"409 though it was done", approves().saying(409), true, 1, 409},
      {"500 though it was done", approves().saying(500), true, 1, 500},
      {"502", approves().lost().saying(502), false, 1, 502},
      {"503 without effect", approves().lost().saying(503), false, 1, 503},
      {"429 without effect", approves().lost().saying(429), false, 1, 429},
      {"something odd", approves().saying(302), true, 1, 302},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, each.script);
    shop.send(charge_of("A"));
    shop.advance(60s);

    CHECK(shop.wallet.kept_minor() == (each.charged ? 1'000 : 0));
    CHECK(shop.wallet.arrivals(WalletCall::Authorise) == (each.charged ? 1U : 0U));
    REQUIRE(shop.answers.size() == each.answers);
    if (each.answers == 0) continue;
    CHECK(shop.answers[0].status == each.status);
    CHECK(shop.answers[0].outcome == WalletOutcome::None);
    CHECK(shop.query().outcome == (each.charged ? WalletOutcome::Paid : WalletOutcome::NotFound));
  }
}

TEST_CASE("a problem is called as in the contract", "[wallet]") {
  Shop shop;
  const auto problem_of = [&](int status) {
    shop.wallet.script(WalletCall::Query, approves().saying(status));
    return shop.query().problem;
  };
  CHECK(problem_of(409) == "order-busy");
  CHECK(problem_of(429) == "too-many-requests");
  CHECK(problem_of(500) == "internal-error");
  CHECK(problem_of(502) == "wallet-unanswered");
  CHECK(problem_of(503) == "unavailable");
  CHECK(problem_of(0).empty());
}

TEST_CASE("an answer can be late, and old by then", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Query, approves().late(20s));
  shop.authorise(approves().taking(5s));
  shop.answers.clear();
  shop.send({.call = WalletCall::Query, .order = "A"});
  shop.advance(19'999ms);
  CHECK(shop.answers.empty());

  shop.advance(1ms);

  REQUIRE(shop.answers.size() == 1);
  CHECK(shop.answers[0].outcome == WalletOutcome::Pending);
  CHECK(shop.query().outcome == WalletOutcome::Paid);
}

TEST_CASE("an answer can come twice", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().late(1s).twice(3s));
  shop.send(charge_of("A"));
  shop.advance(1s);
  CHECK(shop.answers.size() == 1);
  shop.advance(3s);
  REQUIRE(shop.answers.size() == 2);
  CHECK(shop.answers[0] == shop.answers[1]);
  CHECK(shop.book().charges == 1);
  CHECK(shop.wallet.next() == std::nullopt);
}

TEST_CASE("scripts wait in line for each kind of request, and one can stand for all", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, declines("first"));
  shop.wallet.script(WalletCall::Authorise, declines("second"));
  shop.wallet.script_all(WalletCall::Authorise, declines("all"));

  const auto reason = [&](const std::string& order) { return shop.ask(charge_of(order)).reason; };

  CHECK(reason("A") == "first");
  CHECK(shop.query().status == 200);
  CHECK(reason("B") == "second");
  CHECK(reason("C") == "all");
  CHECK(reason("D") == "all");
}

TEST_CASE("after hanging up requests still arrive and answers go nowhere", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().travelling(1s));
  shop.send(charge_of("A"));

  shop.wallet.hang_up();
  shop.advance(10s);

  CHECK(shop.answers.empty());
  CHECK(shop.wallet.kept_minor() == 1'000);
  CHECK(shop.query().outcome == WalletOutcome::Paid);
}

TEST_CASE("whoever is called back may ask again, or hang up", "[wallet]") {
  Shop shop;
  bool asked = false;
  shop.wallet.send(charge_of("A"), [&](const WalletAnswer&) {
    shop.wallet.send({.call = WalletCall::Query, .order = "A"}, [&](const WalletAnswer& answer) {
      asked = answer.outcome == WalletOutcome::Paid;
      shop.wallet.hang_up();
    });
  });

  shop.wallet.run();

  CHECK(asked);
}

TEST_CASE("things happen in their order, at their time, however late somebody looks", "[wallet]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().travelling(9s));
  shop.wallet.script(WalletCall::Authorise, approves().taking(3s));
  shop.send(charge_of("A"));
  shop.send(charge_of("B"));
  CHECK(shop.wallet.next() == 0s);

  shop.advance(60s);

  CHECK(shop.wallet.ledger() == std::vector<WalletEntry>{{3s, WalletEntry::Kind::Charge, "B", "B", 1'000},
                                                         {9s, WalletEntry::Kind::Charge, "A", "A", 1'000}});
}

TEST_CASE("whatever is asked in whatever order, no order gives back more than it took", "[wallet]") {
  CAPTURE(seed());
  std::mt19937_64 random(seed());
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  for (int round = 0; round < 200; ++round) {
    Shop shop;
    for (int step = 0; step < 60; ++step) {
      WalletScript script = below(3) == 0 ? declines() : approves(static_cast<std::int64_t>(below(300)));
      if (below(3) == 0) script = script.taking(milliseconds(below(5'000)));
      if (below(3) == 0) script = script.travelling(milliseconds(below(5'000)));
      if (below(4) == 0) script = script.twice(1s);
      if (below(8) == 0) script = script.saying(409);
      const auto call = static_cast<WalletCall>(below(5));
      const std::string order(1, static_cast<char>('A' + below(3)));
      shop.wallet.script(call, script);
      shop.send({.call = call,
                 .order = order,
                 .refund = call == WalletCall::Refund ? std::to_string(below(6)) : "",
                 .minor = static_cast<std::int64_t>(call == WalletCall::Refund ? 1 + below(600) : 1'000),
                 .code = "code of " + order});
      if (below(4) == 0) shop.wallet.shopper_scans(order, script);
      shop.advance(milliseconds(below(2'000)));
    }
    shop.advance(300s);
    for (const auto& [order, book] : shop.wallet.books()) {
      CAPTURE(round, order);
      CHECK(book.charges == 1);
      CHECK(book.charged_minor == 1'000);
      CHECK(book.kept_minor() >= 0);
      const WalletAnswer answer = shop.query(order);
      CHECK(answer.refunded_minor == book.refunded_minor + book.reversed_minor);
      CHECK((answer.outcome == WalletOutcome::Refunded) == (book.kept_minor() == 0));
    }
    CHECK(shop.wallet.next() == std::nullopt);
  }
}

}  // namespace
}  // namespace tillkit::test
