// SPDX-License-Identifier: Apache-2.0

// What a technician is told of sales and of what is open, and what becomes of a decision.

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/terminal/resolution.hpp"
#include "tillkit/terminal/technician.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::terminal {
namespace {

using namespace std::chrono_literals;
using test::declines;
using test::kAnna;
using test::kCola;
using test::WalletCall;

struct Till {
  test::Disk disk;
  test::TillWorld world{disk};

  Till() { REQUIRE(world.start()); }

  std::vector<std::string> ask(const std::string& request, bool decides = true) {
    Technician technician(world.journal(), world.clock, decides ? &world.till() : nullptr);
    const auto answer = technician.answer(request);
    std::string text;
    for (bool more = true; more;) {
      std::string piece;
      more = answer->next(piece);
      CHECK(piece.size() <= kAnswerPieceBytes);
      text += piece;
    }
    return split(text);
  }
  std::vector<std::string> sales(const std::string& members = "") {
    return ask(R"({"command":"sales")" + members + "}");
  }
  std::vector<std::string> numbers(const std::string& members = "") {
    std::vector<std::string> found;
    for (const std::string& line : sales(members)) {
      if (member(line, "done").empty()) found.push_back(member(line, "sale"));
    }
    return found;
  }
  std::string resolve(std::string_view order, std::string_view decision, std::string_view by = "lead",
                      std::string_view reason = "statement of today") {
    const auto lines = ask(R"({"command":"attempt.resolve","order":")" + std::string(order) + R"(","decision":")" +
                           std::string(decision) + R"(","by":")" + std::string(by) + R"(","reason":")" +
                           std::string(reason) + R"("})");
    REQUIRE(lines.size() == 1);
    return lines.front();
  }

  journal::SaleId sell_for_cash() {
    CHECK(world.scan(kCola));
    CHECK(world.pay_cash(500));
    return world.last_sale();
  }
  /// Its order number.
  std::string sell_to_wallet() {
    CHECK(world.scan(kCola));
    CHECK(world.pay_by_code());
    CHECK(world.world.advance_until([&] { return world.till().under_way() == 0; }, 1h));
    return order_of(world.last_sale());
  }
  std::string order_of(journal::SaleId sale) {
    return std::string(must(checkout::read_sale(world.journal(), sale)).payments.attempts.at(0).order.view());
  }
  /// An attempt whose reversal is refused until a person is called; nothing was taken.
  std::string stuck() {
    world.wallet.script(WalletCall::Authorise, test::approves().taking(std::chrono::hours{2'000}));
    world.wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
    CHECK(world.scan(kCola));
    CHECK(world.pay_by_code());
    CHECK(world.world.advance_until([&] { return world.till().under_way() == 0; }, 240h));
    return order_of(world.last_sale());
  }
};

TEST_CASE("sales are told the newest first, with what paid them", "[terminal]") {
  Till till;
  till.world.till().sign_on(kAnna).value();
  const auto cash = till.sell_for_cash();
  const std::string order = till.sell_to_wallet();
  const auto wallet = till.world.last_sale();
  const auto refund = till.world.refund(cash).value();

  const auto lines = till.sales();

  REQUIRE(lines.size() == 4);
  CHECK(member(lines[0], "sale") == std::to_string(refund.value()));
  CHECK(member(lines[0], "state") == "returned");
  CHECK(member(lines[0], "of") == std::to_string(cash.value()));
  CHECK(member(lines[1], "sale") == std::to_string(wallet.value()));
  CHECK(member(lines[1], "number") == till.world.till().number_of(wallet).view());
  CHECK(lines[1].contains(R"("tenders":[{"tender":"wallet_code","amount":{"minor":350,"currency":"CNY"},)"));
  CHECK(lines[1].contains(R"("order":")" + order + R"(","state":"paid"}],"given_back":[])"));
  CHECK(member(lines[2], "state") == "closed");
  CHECK(lines[2].contains(R"("total":{"minor":350,"currency":"CNY"},"tenders":[{"tender":"cash",)"));
  CHECK(member(lines[2], "operator") == "anna");
  CHECK(member(lines[2], "shift") == "1");
  CHECK(member(lines[2], "business_day").size() == 10);
  CHECK(member(lines[3], "sales") == "3");
  CHECK(member(lines[3], "whole") == "true");
}

TEST_CASE("sales are chosen by number, state and how many", "[terminal]") {
  Till till;
  std::vector<std::string> all;
  for (int i = 0; i < 120; ++i)
    all.insert(all.begin(), std::to_string(till.sell_for_cash().value()));
  CHECK(till.world.scan(kCola));
  const auto aside = till.world.till().suspend().value();

  CHECK(till.numbers().size() == static_cast<std::size_t>(kSalesDefault));
  CHECK(till.numbers(R"(,"state":"closed","limit":1000)") == all);
  CHECK(till.numbers(R"(,"state":"suspended")") == std::vector{std::to_string(aside.value())});
  CHECK(till.numbers(R"(,"state":"voided")").empty());
  CHECK(till.numbers(R"(,"state":"closed","limit":3)") == std::vector(all.begin(), all.begin() + 3));
  CHECK(member(till.sales(R"(,"state":"closed","limit":3)").back(), "next") == all[3]);
  CHECK(till.numbers(R"(,"limit":2,"to":)" + all[3]) == std::vector(all.begin() + 3, all.begin() + 5));
  CHECK(till.numbers(R"(,"from":)" + all[7] + R"(,"to":)" + all[5]) == std::vector(all.begin() + 5, all.begin() + 8));
  CHECK(member(till.sales(R"(,"limit":1000)").back(), "next").empty());
}

TEST_CASE("a stopped terminal's name is read from its order numbers, where it has any", "[terminal]") {
  Till till;
  till.sell_for_cash();
  CHECK(member(till.ask(R"({"command":"sales"})", false).at(0), "number").empty());

  till.sell_to_wallet();

  const auto lines = till.ask(R"({"command":"sales"})", false);
  CHECK(member(lines.at(1), "number").starts_with("T1-"));
  CHECK(member(lines.at(1), "number") == member(till.sales().at(1), "number"));
}

TEST_CASE("the outbox names what is open, how old it is and what it comes to", "[terminal]") {
  Till till;
  const auto nothing = till.ask(R"({"command":"outbox"})");
  REQUIRE(nothing.size() == 1);
  CHECK(member(nothing[0], "unresolved") == "0");
  CHECK(nothing[0].contains(R"("at_risk":[],"owed":[])"));
  const std::string order = till.stuck();
  till.sell_to_wallet();
  till.world.wallet.script_all(WalletCall::Refund, test::approves().lost());
  CHECK(till.world.refund(till.world.last_sale()).has_value());
  CHECK(till.world.scan(kCola, 2));
  CHECK(till.world.till().suspend().has_value());
  till.world.advance(1h);

  const auto lines = till.ask(R"({"command":"outbox"})");

  REQUIRE(lines.size() == 4);
  CHECK(member(lines[0], "attempt") == order);
  CHECK(member(lines[0], "needs_person") == "true");
  CHECK(member(lines[0], "state") == "needs_person");
  CHECK(std::stoi(member(lines[0], "age_s")) > 3'600);
  CHECK(member(lines[1], "state") == "intended");
  CHECK_FALSE(member(lines[1], "refund").empty());
  CHECK(member(lines[1], "age_s") == "3600");
  CHECK(lines[2].contains(R"("amount":{"minor":700,"currency":"CNY"})"));
  CHECK(member(lines[3], "unresolved") == "1");
  CHECK(member(lines[3], "for_a_person") == "1");
  CHECK(member(lines[3], "refunds") == "1");
  CHECK(member(lines[3], "suspended") == "1");
  CHECK(lines[3].contains(R"("at_risk":[{"minor":350,"currency":"CNY"}],"owed":[{"minor":350,"currency":"CNY"}])"));
  CHECK(member(lines[3], "unacknowledged") == std::to_string(till.world.journal().last_seq().value()));
  CHECK(std::stoi(member(lines[3], "oldest_unacknowledged_s")) > 3'600);
}

TEST_CASE("a person's decision ends the attempt and its sale in one commit", "[terminal]") {
  for (const std::string_view decision : {"paid", "not-paid", "given-back"}) {
    CAPTURE(decision);
    Till till;
    const std::string order = till.stuck();
    const auto sale = till.world.last_sale();
    const auto commits = till.world.commits();

    const std::string answer = till.resolve(order, decision);

    CHECK(member(answer, "done") == "attempt.resolve");
    CHECK(member(answer, "order") == order);
    CHECK(member(answer, "decision") == decision);
    CHECK(member(answer, "sale") == std::to_string(sale.value()));
    CHECK(member(answer, "sale_state") == "undone");
    CHECK(till.world.commits() == commits + 1);
    CHECK(till.world.records().ends_with("person_decided sale_closed"));
    CHECK(must(payment::backlog(till.world.journal().tables())).unresolved == 0);
    CHECK(member(till.resolve(order, decision), "error") == "not_found");
    CHECK(till.world.journal().verify().sound());
  }
}

TEST_CASE("a refund that was refused is decided for the sale that gives back", "[terminal]") {
  Till till;
  const std::string order = till.sell_to_wallet();
  till.world.wallet.script_all(WalletCall::Refund, declines("payer_account_closed"));
  const auto back = till.world.refund(till.world.last_sale()).value();
  CHECK(till.world.settle());
  const auto open = till.ask(R"({"command":"outbox"})");
  CHECK(member(open.at(0), "refund_state") == "refused");

  const std::string answer = till.resolve(order, "given-back");

  CHECK(member(answer, "sale") == std::to_string(back.value()));
  CHECK(member(answer, "sale_state") == "returned");
  CHECK(till.world.journal().verify().sound());
}

TEST_CASE("a decision that cannot be made is told why, and changes nothing", "[terminal]") {
  Till till;
  const std::string order = till.stuck();
  till.world.wallet.script(WalletCall::Authorise, test::approves().taking(20s));
  CHECK(till.world.scan(kCola));
  CHECK(till.world.pay_by_code());
  till.world.advance(2s);
  const std::string waiting = till.order_of(till.world.last_sale());
  const auto last = till.world.journal().last_seq();

  const auto refused = [&](const std::string& answer, std::string_view code, std::string_view what) {
    CAPTURE(answer);
    CHECK(member(answer, "error") == code);
    CHECK(member(answer, "what").contains(what));
    CHECK(till.world.journal().last_seq() == last);
  };
  refused(till.resolve("T1ABCDEFGHJK", "paid"), "not_found", "no open attempt has the order number 'T1ABCDEFGHJK'");
  refused(till.resolve("no order", "paid"), "invalid_argument", "'order' is the order number of an attempt");
  refused(till.resolve(waiting, "paid"), "failed_precondition",
          "does not wait for a person: it is intended and comes to its end by itself");
  refused(till.resolve(order, "maybe"), "invalid_argument", "one of paid, not-paid, given-back");
  refused(till.resolve(order, "paid", ""), "invalid_argument", "'by' is the name of whoever decides");
  refused(till.resolve(order, "paid", "unattended"), "invalid_argument", "'by' is the name of whoever decides");
  refused(till.resolve(order, "paid", "lead", ""), "invalid_argument", "'reason' is why it is decided so");
  refused(till.resolve(order, "paid", "lead", "  "), "invalid_argument", "'reason' is why it is decided so");
  refused(till.resolve(order, "paid", "lead", std::string(5'000, 'x')), "invalid_argument", "4096 bytes");
  refused(till.resolve(order, "paid", "anna"), "permission_denied", "'anna' may not decide");
  refused(till.ask(R"({"command":"attempt.resolve","order":")" + order +
                       R"(","decision":"paid","by":"lead","reason":"why"})",
                   false)
              .at(0),
          "failed_precondition", "takes nothing now");
  refused(till.ask(R"({"command":"attempt.resolve"})").at(0), "invalid_argument", "'order'");
  refused(till.sales(R"(,"state":"gone")").at(0), "invalid_argument", "'state' is one of open, suspended, paying");
  refused(till.sales(R"(,"limit":0)").at(0), "invalid_argument", "a number from 1 to 10000");
  refused(till.sales(R"(,"from":0)").at(0), "invalid_argument", "the number of a sale");
  refused(till.sales(R"(,"to":"x")").at(0), "invalid_argument", "the number of a sale");
}

TEST_CASE("checking all records does not hold up a sale", "[terminal]") {
  Till till;
  const std::string verify = R"({"command":"journal.verify"})";
  CHECK(till.world.scan(kCola));

  CHECK(member(till.ask(verify).at(0), "error") == "failed_precondition");
  CHECK(till.world.pay_by_code());
  CHECK(member(till.ask(verify).at(0), "error") == "failed_precondition");
  CHECK(till.world.settle());

  CHECK(member(till.ask(verify).at(0), "sound") == "true");
}

TEST_CASE("an order number gives its terminal's name away to whoever knows its record", "[terminal]") {
  const auto name = must(journal::TerminalName::parse("T1"));
  const auto order = must(journal::make_order_number(name, journal::Seq(1'234), 77));

  CHECK(terminal_of(order, journal::Seq(1'234)) == name);
  CHECK_FALSE(terminal_of(order, journal::Seq(1'235)).has_value());
  CHECK_FALSE(terminal_of({}, journal::Seq(1)).has_value());
}

}  // namespace
}  // namespace tillkit::terminal
