// SPDX-License-Identifier: Apache-2.0
// A whole till's power cuts: from the scan to the refund, at every write and sync, and again while it recovers. Wallet,
// shopper and cashier live through all of it; after a cut people act on what they see.
#include "till_cuts.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("power may go anywhere: cash", "[power][checkout]") {
  check_cuts("cash", {.people =
                          [](People& people) {
                            if (people.sold() || !people.goods()) return;
                            people.pay_cash(3'000, kPrice);
                          },
                      .records = "sale_priced price_proof cash_taken sale_closed",
                      .commits = 1});
}

TEST_CASE("power may go anywhere: two tenders, both paid", "[power][checkout]") {
  check_cuts(
      "two tenders, both paid",
      {.people = [](People& people) { pay_by_codes(people, 1'000); },
       .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
       .commits = 4});
}

TEST_CASE("power may go anywhere: two tenders, the second code held", "[power][checkout]") {
  check_cuts(
      "two tenders, the second code held",
      {.people = pay_by_two_codes,
       .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
       .commits = 3});
}

TEST_CASE("power may go anywhere: second declined, another shown", "[power][checkout]") {
  check_cuts("second declined, another shown",
             {.wallet =
                  [](StandInWallet& w) {
                    w.script(WalletCall::Authorise, approves());
                    w.script(WalletCall::Authorise, declines());
                  },
              .people = [](People& people) { pay_by_codes(people, 1'000); },
              .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_declined "
                         "attempt_intended attempt_paid sale_closed",
              .commits = 6});
}

TEST_CASE("power may go anywhere: password then paid, of a sale", "[power][checkout]") {
  check_cuts("a sale, password then paid",
             {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().taking(20s)); },
              .people = [](People& people) { pay_by_codes(people, std::nullopt); },
              .records = "sale_priced price_proof attempt_intended attempt_paid sale_closed",
              .commits = 2});
}

TEST_CASE("power may go anywhere: given up after the first was paid", "[power][checkout]") {
  check_cuts(
      "given up after the first was paid",
      {.people =
           [](People& people) {
             for (int i = 0; i < kTries && people.can_go_on() && !people.is_given_up(); ++i) {
               if (!people.goods()) return;
               if (people.till().state() != SaleState::Paying) people.world().pay_by_code(1'000);
               if (!people.wait()) return;
               if (people.till().state() == SaleState::Paying) static_cast<void>(people.till().give_up(kAnna));
               if (!people.wait()) return;
             }
           },
       .records = "sale_priced price_proof attempt_intended attempt_paid sale_undoing refund_intended refund_done "
                  "sale_closed",
       .commits = 4,
       .end = kNothing});
}

TEST_CASE("power may go anywhere: cash and wallet, given up", "[power][checkout]") {
  check_cuts(
      "cash and wallet, given up",
      {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().taking(20min)); },
       .people =
           [](People& people) {
             for (int i = 0; i < kTries && people.can_go_on() && !people.is_given_up(); ++i) {
               if (!people.goods()) return;
               if (people.till().state() != SaleState::Paying) people.pay_cash(1'000, 1'000);
               if (!people.can_go_on()) return;
               people.world().pay_by_code(1'000);
               people.world().advance(3s);
               if (!people.can_go_on()) return;
               if (people.till().state() == SaleState::Paying) static_cast<void>(people.till().give_up(kAnna));
               if (!people.wait()) return;
             }
           },
       .records = "sale_priced price_proof cash_taken attempt_intended attempt_reversing sale_undoing cash_returned "
                  "attempt_reversed sale_closed",
       .commits = 4,
       .end = kNothing});
}

TEST_CASE("power may go anywhere: late success during reversal, of a sale", "[power][checkout]") {
  check_cuts("a sale, late success",
             {.wallet =
                  [](StandInWallet& w) {
                    w.script(WalletCall::Authorise, approves().taking(50s));
                    w.script(WalletCall::Reverse, approves().lost());
                  },
              .people =
                  [](People& people) {
                    if (people.is_given_up() || people.sold() || !people.goods()) return;
                    if (!people.world().pay_by_code()) return;
                    people.world().world.advance_until([&] { return people.world().wallet.kept_minor() > 0; }, 2min);
                    people.world().wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
                  },
              .records = "sale_priced price_proof attempt_intended attempt_reversing sale_undoing attempt_paid "
                         "refund_intended refund_done sale_closed",
              .commits = 4,
              .end = kNothing,
              .or_else = kSold});
}

TEST_CASE("power may go anywhere: late success that the reversal gives back, of a sale", "[power][checkout]") {
  check_cuts("a sale, late, given back",
             {.wallet =
                  [](StandInWallet& w) {
                    w.script(WalletCall::Authorise, approves().taking(50s));
                    w.script(WalletCall::Reverse, approves().travelling(14s));
                  },
              .people =
                  [](People& people) {
                    if (people.is_given_up() || people.sold() || !people.goods()) return;
                    people.world().pay_by_code();
                  },
              .records = "sale_priced price_proof attempt_intended attempt_reversing sale_undoing attempt_paid "
                         "attempt_given_back sale_closed",
              .commits = 3,
              .end = kNothing,
              .or_else = kSold});
}

TEST_CASE("power may go anywhere: suspended and resumed", "[power][checkout]") {
  check_cuts("suspended and resumed",
             {.people =
                  [](People& people) {
                    if (people.sold()) return;
                    if (!people.first(SaleState::Suspended)) {
                      if (!people.goods()) return;
                      const auto sale = people.till().suspend();
                      if (!sale) return;
                      people.was_told(*sale);
                    }
                    if (people.till().basket().empty() && !people.till().resume(*people.first(SaleState::Suspended)))
                      return;
                    people.pay_cash(3'000, kPrice);
                  },
              .records = "sale_suspended sale_priced price_proof cash_taken sale_closed",
              .commits = 2});
}

TEST_CASE("power may go anywhere: refund by line and by unit, cash and wallet", "[power][checkout]") {
  const std::array<std::vector<offers::UnitRange>, 3> steps{
      std::vector<offers::UnitRange>{{.line = offers::LineId(1), .first = 1, .count = 2}},
      std::vector<offers::UnitRange>{{.line = offers::LineId(2), .first = 1, .count = 1}},
      std::vector<offers::UnitRange>{}};
  check_cuts("refund by line and unit",
             {.people =
                  [&](People& people) {
                    if (!people.sold()) {
                      if (!people.goods()) return;
                      if (people.till().state() != SaleState::Paying && !people.pay_cash(1'000, 1'000)) return;
                      pay_by_codes(people, std::nullopt);
                    }
                    if (!people.can_go_on() || !people.sold()) return;
                    const SaleId sale = *people.first(SaleState::Closed);
                    for (std::size_t i = people.count(SaleState::Returned); i < steps.size(); ++i) {
                      const auto refund = people.world().refund(sale, steps[i]);
                      if (!refund) return;
                      people.was_told(*refund);
                      if (!people.wait()) return;
                    }
                  },
              .records = "sale_priced price_proof cash_taken attempt_intended attempt_paid sale_closed "
                         "return_started refund_intended refund_done sale_closed "
                         "return_started refund_intended refund_done sale_closed "
                         "return_started cash_returned refund_intended refund_done sale_closed",
              .commits = 9,
              .end = {1, 0}});
}

TEST_CASE("power may go anywhere: storage full before a sale", "[power][checkout]") {
  check_cuts("storage full before a sale", {.people =
                                                [](People& people) {
                                                  const auto added = people.till().scan(kCola);
                                                  // Told at the first scan, not when the shopper pays.
                                                  if (!added && people.world().onlooker.screen() == "refused") return;
                                                  people.pay_cash(400, 350);
                                                },
                                            .records = "",
                                            .commits = 0,
                                            .end = kNothing,
                                            .before = [](TillWorld& world) { world.fill_storage(false); }});
}

TEST_CASE("power may go anywhere: storage full in a sale", "[power][checkout]") {
  check_cuts(
      "storage full in a sale",
      {.people =
           [](People& people) {
             pay_by_codes(people, 1'000);
             if (!people.can_go_on() || !people.sold()) return;
             // It was finished from the reserve: nothing is left for another one.
             if (people.world().scan(kCola)) people.pay_cash(400, 350);
           },
       .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
       .commits = 4,
       .or_else = kNothing,  // a start needs a little room, too
       .before = [](TillWorld& world) { world.fill_storage(true); }});
}

TEST_CASE("the medium may be full at any byte of a sale", "[power][checkout]") {
  const Story story{
      .people = pay_by_two_codes,
      .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
      .commits = 3};
  const Scenario scenario{"a sale, full disk", [&](Disk& disk) { return std::make_unique<Counter>(disk, story); }};
  const Report report = fill_everywhere(scenario, {.seed = seed()});
  std::cout << table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

}  // namespace
}  // namespace tillkit::test
