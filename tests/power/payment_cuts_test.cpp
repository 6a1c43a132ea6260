// SPDX-License-Identifier: Apache-2.0
// Payment's own power cuts: the real journal, tables, machines and planner on a disk that loses power at every write
// and sync, and again while it recovers. A wallet lives through all of it, with books of its own.
#include <array>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/payment_world.hpp"
#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kPrice = PaymentWorld::kPrice;

/// What happens in one scenario: the wallet's part first, then what people do, then how it must end undisturbed.
struct Story {
  std::function<void(StandInWallet& wallet)> wallet = [](StandInWallet&) {};
  std::function<void(PaymentWorld& world)> people = [](PaymentWorld& world) { world.charge(); };
  std::string records;          ///< of the undisturbed run; proves that the story is what its name says
  std::uint64_t commits = 0;    ///< and what it costs
  std::int64_t kept_minor = 0;  ///< and what the merchant has in the end
};

/// The terminal and its wallet. Whatever was cut: what the sale was told stays, and the books agree.
class Payment final : public Subject {
 public:
  Payment(Disk& disk, const Story& story) : world_(disk), story_(story) {
    world_.sales.close_sales = true;
    story_.wallet(world_.wallet);
  }

  void run() override {
    if (!world_.start()) return;
    const std::uint64_t before = world_.commits();
    story_.people(world_);
    finish();
    if (!world_.disk.has_power()) return;
    undisturbed_ = true;
    commits_ = world_.commits() - before;
  }

  void lose_power() override { world_.stop(); }

  void recover() override {
    undisturbed_ = false;
    if (!world_.start()) return;
    finish();
  }

  Verdict judge() override {
    if (!world_.running()) return {.broken = "the terminal does not start"};
    Verdict verdict{.broken = world_.disagreement()};
    if (!verdict.broken.empty()) return verdict;
    if (world_.attempts().open() > 0) return {.broken = "something has no end"};
    if (undisturbed_) return judge_undisturbed();
    // What the sale was told was durable then.
    const std::string records = world_.records();
    for (const std::string& word : world_.sales.told) {
      if (!was_recorded(records, word)) ++verdict.lost;
    }
    if (world_.sales.goods > 1) verdict.broken = "goods were given twice";
    return verdict;
  }

 private:
  void finish() {
    if (!world_.settle() && world_.disk.has_power()) stuck_ = true;
  }

  Verdict judge_undisturbed() {
    if (stuck_) return {.broken = "it does not come to its end"};
    if (world_.records() != story_.records) return {.broken = "it was: " + world_.records()};
    if (commits_ != story_.commits) return {.broken = "it took " + std::to_string(commits_) + " commits"};
    if (world_.wallet.kept_minor() != story_.kept_minor)
      return {.broken = "the wallet keeps " + std::to_string(world_.wallet.kept_minor())};
    return {};
  }

  /// Whether the journal has a record that puts an attempt into this state.
  static bool was_recorded(const std::string& records, const std::string& state) {
    if (state == "refunding")
      return records.find("refund_intended") != std::string::npos || has(records, "attempt_paid");
    if (state == "refunded") return has(records, "refund_done") || has(records, "attempt_given_back");
    if (state == "paid") return has(records, "attempt_paid");
    return has(records, "attempt_" + state) || has(records, state);
  }
  static bool has(const std::string& records, const std::string& kind) {
    return records.find(kind) != std::string::npos;
  }

  PaymentWorld world_;
  Story story_;
  bool undisturbed_ = false;
  bool stuck_ = false;
  std::uint64_t commits_ = 0;
};

// Less on 32 bits, where the emulator makes every operation dear.
constexpr bool kEmulated = sizeof(void*) == 4;
constexpr std::array kFewDamages{Damage::Scatter, Damage::Tear};

Report cut(const std::string& name, const Story& story) {
  const Scenario scenario{name, [&story](Disk& disk) { return std::make_unique<Payment>(disk, story); }};
  PowerPlan plan{.seed = seed(), .recovery_cuts_max = kEmulated ? 1U : 4U};
  if (kEmulated) {
    plan.damages = kFewDamages;
    plan.cuts_max = 24;
  }
  Report report = cut_everywhere(scenario, plan);
  std::cout << table(std::span(&report, 1));
  return report;
}

void check(const std::string& name, const Story& story) {
  const Report report = cut(name, story);
  INFO(report.text());
  CHECK(report.lawful());
}

/// Refunds parts of the sale that was just paid, one after the other, each to its end.
std::function<void(PaymentWorld&)> pays_and_refunds(std::vector<std::int64_t> parts) {
  return [parts = std::move(parts)](PaymentWorld& world) {
    const auto attempt = world.charge();
    if (!attempt) return;
    for (const std::int64_t part : parts) {
      if (!world.settle() || !world.disk.has_power()) return;
      if (!world.refund(attempt->order, part)) return;
    }
  };
}

TEST_CASE("power may go anywhere: wallet paid", "[power][payment]") {
  check("wallet paid", {.records = "attempt_intended attempt_paid", .commits = 2, .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: wallet declined", "[power][payment]") {
  check("wallet declined", {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, declines()); },
                            .records = "attempt_intended attempt_declined",
                            .commits = 2});
}

TEST_CASE("power may go anywhere: password then paid", "[power][payment]") {
  check("password then paid",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().taking(20s)); },
         .records = "attempt_intended attempt_paid",
         .commits = 2,
         .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: password then reversed", "[power][payment]") {
  check("password then reversed",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().taking(20min)); },
         .records = "attempt_intended attempt_reversing attempt_reversed",
         .commits = 3});
}

TEST_CASE("power may go anywhere: not sent", "[power][payment]") {
  check("not sent", {.people =
                         [](PaymentWorld& world) {
                           world.provider.refuses = true;
                           world.charge();
                           world.advance(1s);
                           world.provider.refuses = false;
                         },
                     .records = "attempt_intended attempt_not_sent",
                     .commits = 2});
}

TEST_CASE("power may go anywhere: unanswered then paid", "[power][payment]") {
  check("unanswered then paid",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().unanswered()); },
         .records = "attempt_intended attempt_paid",
         .commits = 2,
         .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: unanswered then reversed", "[power][payment]") {
  check("unanswered then reversed",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().lost()); },
         .records = "attempt_intended attempt_reversing attempt_reversed",
         .commits = 3});
}

TEST_CASE("power may go anywhere: late success during reversal", "[power][payment]") {
  check("late success", {.wallet =
                             [](StandInWallet& w) {
                               w.script(WalletCall::Authorise, approves().taking(50s));
                               w.script(WalletCall::Reverse, approves().lost());
                             },
                         .people =
                             [](PaymentWorld& world) {
                               if (!world.charge()) return;
                               world.world.advance_until([&] { return world.wallet.kept_minor() > 0; }, 2min);
                               world.wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
                             },
                         .records = "attempt_intended attempt_reversing attempt_paid refund_intended refund_done",
                         .commits = 4});
}

TEST_CASE("power may go anywhere: late success that the reversal gives back", "[power][payment]") {
  check("late, given back", {.wallet =
                                 [](StandInWallet& w) {
                                   w.script(WalletCall::Authorise, approves().taking(50s));
                                   w.script(WalletCall::Reverse, approves().travelling(14s));
                                 },
                             .records = "attempt_intended attempt_reversing attempt_paid attempt_given_back",
                             .commits = 3});
}

TEST_CASE("power may go anywhere: reversal unanswered twice", "[power][payment]") {
  check("reversal unanswered", {.wallet =
                                    [](StandInWallet& w) {
                                      w.script(WalletCall::Authorise, approves().taking(20min));
                                      w.script(WalletCall::Reverse, approves().unanswered());
                                      w.script(WalletCall::Reverse, approves().lost());
                                    },
                                .records = "attempt_intended attempt_reversing attempt_reversed",
                                .commits = 3});
}

TEST_CASE("power may go anywhere: authorise delivered after its reversal", "[power][payment]") {
  check("authorise too late",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().travelling(5min)); },
         .records = "attempt_intended attempt_reversing attempt_reversed",
         .commits = 3});
}

TEST_CASE("power may go anywhere: answered twice", "[power][payment]") {
  check("answered twice", {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().twice(3s)); },
                           .records = "attempt_intended attempt_paid",
                           .commits = 2,
                           .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: 409", "[power][payment]") {
  check("409", {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().saying(409)); },
                .records = "attempt_intended attempt_paid",
                .commits = 2,
                .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: 5xx", "[power][payment]") {
  check("5xx", {.wallet =
                    [](StandInWallet& w) {
                      w.script(WalletCall::Authorise, approves().saying(502));
                      w.script(WalletCall::Query, approves().lost().saying(503));
                    },
                .records = "attempt_intended attempt_paid",
                .commits = 2,
                .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: wallet refund", "[power][payment]") {
  check("refund", {.people = pays_and_refunds({kPrice}),
                   .records = "attempt_intended attempt_paid refund_intended refund_done",
                   .commits = 4});
}

TEST_CASE("power may go anywhere: partial refunds to the end", "[power][payment]") {
  check("partial refunds", {.people = pays_and_refunds({250, 700, kPrice - 950}),
                            .records = "attempt_intended attempt_paid refund_intended refund_done refund_intended "
                                       "refund_done refund_intended refund_done",
                            .commits = 8});
}

TEST_CASE("power may go anywhere: refund unanswered", "[power][payment]") {
  check("refund unanswered", {.wallet =
                                  [](StandInWallet& w) {
                                    w.script(WalletCall::Refund, approves().unanswered());
                                    w.script(WalletCall::Refund, approves().lost());
                                  },
                              .people = pays_and_refunds({400}),
                              .records = "attempt_intended attempt_paid refund_intended refund_done",
                              .commits = 4,
                              .kept_minor = kPrice - 400});
}

TEST_CASE("power may go anywhere: merchant QR paid", "[power][payment]") {
  check("QR paid", {.people =
                        [](PaymentWorld& world) {
                          const auto attempt = world.show_code();
                          world.advance(10s);
                          if (attempt) static_cast<void>(world.wallet.shopper_scans(attempt->order.view()));
                        },
                    .records = "attempt_intended attempt_paid",
                    .commits = 2,
                    .kept_minor = kPrice});
}

TEST_CASE("power may go anywhere: merchant QR expired", "[power][payment]") {
  check("QR expired", {.people = [](PaymentWorld& world) { world.show_code(); },
                       .records = "attempt_intended attempt_reversing attempt_reversed",
                       .commits = 3});
}

}  // namespace
}  // namespace tillkit::test
