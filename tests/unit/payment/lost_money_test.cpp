// SPDX-License-Identifier: Apache-2.0

// What users of payment SDKs have lost money on, each told as it happened and asked of this one.

#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/payment/limits.hpp"
#include "tillkit/payment/records.hpp"
#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::approves;
using test::Damage;
using test::declines;
using test::Disk;
using test::WalletCall;
using test::WalletScript;

constexpr std::int64_t kPrice = PaymentWorld::kPrice;

/// The key of every attempt in the journal, as often as it stands there.
std::multiset<std::string> keys(PaymentWorld& world) {
  std::multiset<std::string> found;
  const auto read = world.journal().each({.kind = kAttemptIntended}, [&](const journal::Record& record) {
    const auto body = core::JsonDocument::parse(record.body).value();
    found.emplace(body.root().member("order").value().text().value());
    return core::Result<>{};
  });
  CHECK(read.has_value());
  return found;
}

/// How often the wallet was charged, and for how many orders.
struct Charges {
  std::size_t charges = 0;
  std::set<std::string> orders;
};

Charges charges(const test::StandInWallet& wallet) {
  Charges found;
  for (const test::WalletEntry& entry : wallet.ledger()) {
    if (entry.kind != test::WalletEntry::Kind::Charge) continue;
    ++found.charges;
    found.orders.insert(entry.order);
  }
  return found;
}

/// The link flaps: what was done is not said, or said wrongly, or too late.
const std::array kFlaps{approves().unanswered(), approves().closing(), approves().saying(409),
                        approves().saying(503),  approves().late(20s), approves().twice(2s)};

// --- 8 orders became 19 charges (stripe-terminal-android#747) ---

TEST_CASE("queued sales, a flapping link, restarts and new sales: as many keys and charges as sales, no key twice",
          "[payment]") {
  constexpr std::size_t kSales = 60;
  Shop shop;
  shop.sales.close_sales = true;
  for (std::size_t sale = 0; sale < kSales; ++sale) {
    CAPTURE(sale);
    shop.wallet.script(WalletCall::Authorise, kFlaps[sale % kFlaps.size()]);
    shop.wallet.script(WalletCall::Query, approves().lost().saying(503));
    REQUIRE(shop.charge());  // while those before it are still being asked about
    shop.advance(std::chrono::seconds{sale % 5});
    if (sale % 3 == 0) shop.restart();
    if (sale % 7 == 6) shop.attempts().link_is_back();
    if (shop.attempts().open() >= kUnresolvedMax - 1) CHECK(shop.settle());
  }
  CHECK(shop.settle());

  const auto used = keys(shop);
  CHECK(used.size() == kSales);
  CHECK(std::set(used.begin(), used.end()).size() == kSales);
  CHECK(charges(shop.wallet).charges == kSales);
  CHECK(charges(shop.wallet).orders == std::set(used.begin(), used.end()));
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == kSales);
  CHECK(shop.wallet.kept_minor() == static_cast<std::int64_t>(kSales) * kPrice);
  CHECK(shop.sales.goods == static_cast<int>(kSales));
  shop.agree();
}

/// The same while power goes; after each cut the terminal sells on until it has begun all its sales.
class FlappingSales final : public test::Subject {
 public:
  explicit FlappingSales(Disk& disk) : world_(disk) {
    world_.sales.close_sales = true;
    world_.wallet.script_all(WalletCall::Query, approves().late(500ms));
  }

  void run() override {
    if (world_.start()) sell();
  }
  void lose_power() override { world_.stop(); }
  void recover() override {
    if (world_.start()) sell();
  }

  test::Verdict judge() override {
    if (!world_.running()) return {.broken = "the terminal does not start"};
    if (const auto broken = world_.disagreement(); !broken.empty()) return {.broken = broken};
    const auto used = keys(world_);
    if (std::set(used.begin(), used.end()).size() != used.size()) return {.broken = "a key was used twice"};
    const Charges taken = charges(world_.wallet);
    if (taken.charges != taken.orders.size()) return {.broken = "an order was charged twice"};
    if (taken.charges > kSales) return {.broken = std::to_string(taken.charges) + " charges"};
    std::uint64_t lost = 0;
    for (const auto& key : begun_)
      lost += used.contains(key) ? 0U : 1U;
    return {.lost = lost, .broken = ""};
  }

 private:
  static constexpr std::size_t kSales = 4;

  void sell() {
    while (begun_.size() < kSales && world_.disk.has_power()) {
      world_.wallet.script(WalletCall::Authorise, kFlaps[begun_.size()]);
      const auto attempt = world_.charge();
      if (!attempt) return;
      begun_.insert(std::string(attempt->order.view()));
      world_.advance(1s);
    }
    static_cast<void>(world_.settle());
  }

  PaymentWorld world_;
  std::set<std::string> begun_;
};

TEST_CASE("queued sales, a flapping link and power cuts anywhere: never more charges than sales", "[payment][power]") {
  constexpr bool kEmulated = sizeof(void*) == 4;
  constexpr std::array kFewDamages{Damage::Scatter, Damage::Tear};
  test::PowerPlan plan{.seed = test::seed(), .recovery_cuts_max = kEmulated ? 0U : 2U};
  if (kEmulated) plan.damages = kFewDamages;

  const test::Report report =
      test::cut_everywhere({"flapping sales", [](Disk& disk) { return std::make_unique<FlappingSales>(disk); }}, plan);

  std::cout << test::table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

// --- a migration that failed dropped the tables (stripe-terminal-android#731) ---

// The next release's tables, one day.
constexpr std::string_view kNextAttempts =
    "CREATE TABLE attempts(attempt INTEGER PRIMARY KEY, sale INTEGER NOT NULL, number TEXT NOT NULL,"
    " tender INTEGER NOT NULL, wallet INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
    " state INTEGER NOT NULL, began_at INTEGER NOT NULL, began_quality INTEGER NOT NULL, paid_at INTEGER NOT NULL,"
    " paid_quality INTEGER NOT NULL, sale_closed INTEGER NOT NULL, tip INTEGER NOT NULL DEFAULT 0) STRICT";
constexpr std::string_view kNext[] = {"ALTER TABLE attempts RENAME TO old_attempts", kNextAttempts,
                                      "INSERT INTO attempts SELECT *, 0 FROM old_attempts", "DROP TABLE old_attempts",
                                      "CREATE INDEX refunds_by_sale ON refunds(sale)"};
constexpr std::size_t kNextStatements = std::size(kNext);

/// The program of the next release; the statement at `broken` does not work.
std::vector<journal::TableSet> next_release(std::vector<std::string_view>& statements,
                                            std::vector<journal::Migration>& migrations, std::size_t broken) {
  statements.assign(std::begin(kNext), std::end(kNext));
  if (broken < statements.size()) statements[broken] = "INSERT INTO no_such_table VALUES(1)";
  migrations.assign(kPaymentTables.migrations.begin(), kPaymentTables.migrations.end());
  migrations.emplace_back(statements);
  journal::TableSet set = kPaymentTables;
  set.migrations = migrations;
  return {set};
}

TEST_CASE("an update that fails at any statement of its migration drops nothing: it refuses, and the old one goes on",
          "[payment]") {
  for (std::size_t broken = 0; broken <= kNextStatements; ++broken) {
    CAPTURE(broken);
    Shop shop;
    const auto refunded = shop.charge();
    CHECK(shop.settle());
    shop.wallet.script_all(WalletCall::Refund, approves().lost());
    CHECK(shop.refund(refunded->order, 400).has_value());
    shop.wallet.script(WalletCall::Authorise, approves().unanswered());
    const auto unknown = shop.charge();
    const auto before = rows(shop);
    const auto refunds_before = open_refunds(shop);
    shop.stop();
    std::vector<std::string_view> statements;
    std::vector<journal::Migration> migrations;
    shop.sets = next_release(statements, migrations, broken);

    const auto started = shop.try_start();

    CHECK(started.has_value() == (broken == kNextStatements));
    if (!started) {
      CHECK(failed_with(started, ErrorCode::InvalidArgument));
      shop.stop();
      shop.sets = {kPaymentTables};
      REQUIRE(shop.start());
    }
    CHECK(rows(shop) == before);
    CHECK(open_refunds(shop) == refunds_before);
    shop.wallet.script_all(WalletCall::Refund, approves());
    CHECK(shop.settle());
    CHECK(shop.wallet.kept_minor() == 2 * kPrice - 400);
    CHECK(shop.wallet.arrivals(WalletCall::Authorise, std::string(unknown->order.view())) == 1);
    shop.agree();
  }
}

TEST_CASE("an update whose migration meets a full or failing medium refuses, and nothing is lost", "[payment]") {
  for (const bool full : {true, false}) {
    bool struck = true;
    for (std::uint64_t at = 1; struck; ++at) {
      CAPTURE(full, at);
      REQUIRE(at < 200);
      Shop shop;
      shop.wallet.script(WalletCall::Authorise, approves().unanswered());
      shop.charge();
      const auto before = rows(shop);
      shop.stop();
      std::vector<std::string_view> statements;
      std::vector<journal::Migration> migrations;
      shop.sets = next_release(statements, migrations, kNextStatements);
      if (full) {
        shop.limit_space(shop.used_bytes() + (at - 1) * test::kSectorBytes);
      } else {
        shop.fail_call(std::nullopt, at, Disk::Lasting::ForEver);
      }
      const auto started = shop.try_start();
      struck = shop.faults_struck() > 0;
      if (struck && !started) CHECK_FALSE(failed_with(started, ErrorCode::InvalidArgument));
      shop.stop();
      shop.Disk::restart(Damage::LoseUnsynced, at);
      shop.repair();

      REQUIRE(shop.start());
      CHECK(rows(shop) == before);
      CHECK(shop.settle());
      CHECK(shop.wallet.kept_minor() == kPrice);
      shop.agree();
    }
  }
}

// --- a time-out, then a 409, shown as declined (stripe-terminal-android#470) ---

TEST_CASE("a timeout and then a 409 is unknown until a query says paid, never declined", "[payment]") {
  for (const WalletScript& first : {approves().unanswered(), approves().saying(409)}) {
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, first);
    shop.wallet.script(WalletCall::Query, approves().unanswered());
    shop.wallet.script_all(WalletCall::Query, approves().saying(409));
    shop.charge();
    shop.advance(40s);
    CHECK(shop.sales.told.empty());
    CHECK(backlog(shop.journal().tables()).value().unresolved == 1);
    CHECK(shop.wallet.arrivals(WalletCall::Query) > 1);

    shop.wallet.script_all(WalletCall::Query, approves());
    CHECK(shop.settle());

    CHECK(shop.sales.told == Told{"paid"});
    CHECK(shop.records() == "attempt_intended attempt_paid");
    CHECK(charges(shop.wallet).charges == 1);
    CHECK(shop.cost() == 2);
    shop.agree();
  }
}

// --- not forwarded until the app was restarted (stripe-terminal-android#485, #212, #317) ---

/// Three that have no end while the link is down: a charge, a reversal and a refund.
struct StuckShop : Shop {
  StuckShop() {
    const auto paid = charge();
    CHECK(settle());
    down();
    CHECK(refund(paid->order, 400).has_value());
    charge();
    advance(2h);  // it is being reversed by now
    charge();
    advance(20s);
  }
  void down() {
    for (const WalletCall call : {WalletCall::Authorise, WalletCall::Query, WalletCall::Reverse, WalletCall::Refund})
      wallet.script_all(call, call == WalletCall::Authorise ? approves().unanswered() : approves().lost());
  }
  void up() {
    for (const WalletCall call : {WalletCall::Authorise, WalletCall::Query, WalletCall::Reverse, WalletCall::Refund})
      wallet.script_all(call, approves());
  }
};

TEST_CASE("what is under way can be seen: how many, since when, how much is at risk and how much is owed",
          "[payment]") {
  StuckShop shop;

  const auto open = backlog(shop.journal().tables()).value();

  CHECK(shop.attempts().open() == 3);
  CHECK(open.unresolved == 2);
  CHECK(open.refunds == 1);
  CHECK(open.needs_person == 0);
  CHECK(open.at_risk == std::vector{core::Money{2 * kPrice, core::kCny}});
  CHECK(open.owed == std::vector{core::Money{400, core::kCny}});
  CHECK(open.oldest == open_refunds(shop).at(0).began);
}

TEST_CASE("when the link is back all that is under way goes on by itself, without a restart or a call", "[payment]") {
  StuckShop shop;
  shop.up();

  shop.advance(30min);  // the longest pause

  CHECK(shop.attempts().open() == 0);
  CHECK(shop.settle());
  const auto open = backlog(shop.journal().tables()).value();
  CHECK(open.unresolved + open.refunds == 0);
  CHECK(open.at_risk.empty());
  CHECK_FALSE(open.oldest);
  CHECK(shop.sales.goods == 2);
  CHECK(shop.wallet.kept_minor() == 2 * kPrice - 400);
  shop.agree();
}

TEST_CASE("'the link is back' is a call, and ends every long pause", "[payment]") {
  StuckShop shop;
  shop.advance(5h);
  shop.up();
  shop.advance(1s);
  CHECK(shop.attempts().open() > 0);

  shop.attempts().link_is_back();
  shop.advance(90s);  // the provider's gap between two refunds is not ours to shorten

  CHECK(shop.attempts().open() == 0);
  CHECK(shop.settle());
  shop.agree();
}

// --- one payment that could not go wedged the queue, a locked key store for ever (stripe-terminal-ios#261, #355) ---

/// Sells around a first attempt of which nothing can be learned: one is paid at once, one after a question, one is
/// reversed.
void sell_around(Shop& shop) {
  shop.charge();
  shop.wallet.script(WalletCall::Authorise, approves().unanswered());
  shop.charge();
  shop.wallet.script(WalletCall::Authorise, approves().taking(10min));
  shop.charge();
  shop.advance(5min);
}

TEST_CASE("an attempt that nobody answers sensibly does not hold up its neighbours, nor the next start", "[payment]") {
  const std::vector poisons{approves().lost(), approves().closing(), approves().saying(409), approves().saying(500)};
  for (std::size_t poison = 0; poison <= poisons.size(); ++poison) {
    for (const bool restarts : {false, true}) {
      CAPTURE(poison, restarts);
      Shop shop;
      shop.wallet.script(WalletCall::Authorise, approves().unanswered());
      const auto first = shop.charge();
      if (poison < poisons.size()) shop.wallet.script_order(std::string(first->order.view()), poisons[poison]);
      if (poison == poisons.size()) shop.provider.senseless = first->order.view();
      if (restarts) shop.restart();

      sell_around(shop);
      if (restarts) shop.restart();

      CHECK(shop.sales.goods == 2);
      CHECK(shop.attempts().open() == 1);
      const auto open = backlog(shop.journal().tables()).value();
      CHECK(open.unresolved == 1);
      CHECK(open.at_risk == std::vector{kAll});
      CHECK(open.oldest == first->began);
      // It is still asked about, and whenever somebody knows it ends.
      if (poison < poisons.size()) shop.wallet.script_order(std::string(first->order.view()), approves());
      shop.provider.senseless.clear();
      CHECK(shop.settle());
      CHECK(shop.sales.goods == 2);
      shop.agree();
    }
  }
}

TEST_CASE("an attempt that waits for a person does not hold up its neighbours, and stays in sight", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(2'000h));
  const auto first = shop.charge();
  shop.wallet.script_order(std::string(first->order.view()), declines("reversal-window-over"));
  REQUIRE(shop.world.advance_until([&] { return shop.state() == AttemptState::NeedsPerson; }, 240h));

  sell_around(shop);
  shop.restart();

  CHECK(shop.sales.goods == 2);
  CHECK(shop.attempts().open() == 0);
  const auto open = backlog(shop.journal().tables()).value();
  CHECK(open.needs_person == 1);
  CHECK(open.unresolved == 1);
  CHECK(open.oldest == first->began);
  CHECK(shop.attempts().resolve(first->order, Decision::NotPaid, kTechnician, "bill").has_value());
  CHECK(backlog(shop.journal().tables()).value().unresolved == 0);
}

TEST_CASE("a key store that is locked is said to be, the next start works, and nothing is lost", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().unanswered());
  shop.charge();
  // Locked while the terminal runs: it sells on.
  shop.store.faults().fail_from(1, core::Error{ErrorCode::Unavailable});
  shop.charge();
  shop.advance(1s);
  CHECK(shop.sales.told == Told{"paid"});
  shop.stop();
  for (int start = 0; start < 5; ++start) {
    CHECK(failed_with(shop.try_start(), ErrorCode::Unavailable));
    shop.stop();
  }

  shop.store.faults().clear();

  REQUIRE(shop.start());
  CHECK(shop.settle());
  CHECK(shop.sales.told == Told{"paid", "paid"});
  CHECK(shop.wallet.kept_minor() == 2 * kPrice);
  shop.agree();
}

TEST_CASE("whichever call to the key store fails at a start, the error has a type and the next start works",
          "[payment]") {
  bool failed = true;
  for (std::uint64_t call = 1; failed; ++call) {
    CAPTURE(call);
    REQUIRE(call < 30);
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, approves().unanswered());
    shop.charge();
    shop.stop();
    shop.store.faults().fail_call(call, core::Error{ErrorCode::Unavailable});

    const auto started = shop.try_start();

    failed = !started;
    if (failed) CHECK(failed_with(started, ErrorCode::Unavailable));
    shop.stop();
    shop.store.faults().clear();
    REQUIRE(shop.start());
    CHECK(shop.settle());
    CHECK(shop.sales.told == Told{"paid"});
    shop.agree();
  }
}

// --- one word for two things on two paths (stripe-terminal-react-native#1061, #1098) ---

TEST_CASE("what the wallet decided has one word, however and whenever it is heard", "[payment]") {
  enum class Heard { AtOnce, Late, Asked, AfterRestart };
  for (const bool takes : {true, false}) {
    for (const Heard heard : {Heard::AtOnce, Heard::Late, Heard::Asked, Heard::AfterRestart}) {
      CAPTURE(takes, static_cast<int>(heard));
      Shop shop;
      const WalletScript truth = takes ? approves() : declines();
      shop.wallet.script(WalletCall::Authorise, heard == Heard::AtOnce ? truth
                                                : heard == Heard::Late ? truth.late(10s)
                                                                       : truth.unanswered());
      shop.charge();
      if (heard == Heard::AfterRestart) shop.restart();
      CHECK(shop.settle());

      const std::string word = takes ? "paid" : "declined";
      CHECK(shop.sales.told == Told{word});
      CHECK(shop.records() == "attempt_intended attempt_" + word);
      shop.agree();
    }
  }
}

TEST_CASE("a refusal for lack of a network is no decline, and a decline is no refusal", "[payment]") {
  Shop shop;
  shop.provider.refuses = true;  // nothing leaves
  shop.charge();
  CHECK(shop.settle());
  CHECK(shop.sales.told == Told{"not_sent"});
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 0);

  shop.provider.refuses = false;
  shop.wallet.script(WalletCall::Authorise, declines());
  shop.charge();
  CHECK(shop.settle());
  CHECK(shop.sales.told == Told{"not_sent", "declined"});

  // It left, and the link broke: neither the one nor the other.
  shop.wallet.script(WalletCall::Authorise, approves().lost());
  shop.charge();
  CHECK(shop.settle());
  CHECK(shop.sales.told == Told{"not_sent", "declined", "reversing", "reversed"});
  CHECK(shop.records() ==
        "attempt_intended attempt_not_sent attempt_intended attempt_declined attempt_intended attempt_reversing "
        "attempt_reversed");
  shop.agree();
}

// --- 'can I go offline now?' had no answer (stripe-terminal-android#275, #428, stripe-terminal-ios#275, #626) ---

constexpr std::array kTenders{TenderKind::WalletCode, TenderKind::WalletQr, TenderKind::Cash, TenderKind::StoredValue,
                              TenderKind::Points};

/// What the shop knows of itself, as the loop would gather it.
TenderSituation situation_of(PaymentWorld& world, bool online) {
  TenderSituation situation{.offered = {}, .left_to_pay = kAll, .online = online};
  for (const TenderKind kind : kTenders)
    situation.offered.add(kind);
  situation.can_store = world.journal().may_start_sale() == journal::StartSale::Allowed;
  situation.clock = world.clock.wall().quality;
  situation.unresolved = backlog(world.journal().tables()).value().unresolved;
  return situation;
}

/// The reasons that hold, one by one, in the order in which they are said.
std::vector<TenderRefusal> reasons(TenderKind kind, const TenderSituation& now) {
  const bool wallet = kind == TenderKind::WalletCode || kind == TenderKind::WalletQr;
  const bool leased = kind == TenderKind::StoredValue || kind == TenderKind::Points;
  const auto lease = kind == TenderKind::Points ? now.points_leased_minor : now.value_leased_minor;
  std::vector<TenderRefusal> all;
  if (now.left_to_pay.minor <= 0) all.push_back(TenderRefusal::NothingToPay);
  if (!now.can_store) all.push_back(TenderRefusal::Storage);
  if (!now.offered.has(kind)) all.push_back(TenderRefusal::NotOffered);
  if (wallet && !now.online) all.push_back(TenderRefusal::Offline);
  if (wallet && now.clock == core::WallQuality::Unknown) all.push_back(TenderRefusal::ClockUnknown);
  if (wallet && now.unresolved >= kUnresolvedMax) all.push_back(TenderRefusal::TooManyUnresolved);
  if (wallet && now.refunds_open >= kRefundsOpenMax) all.push_back(TenderRefusal::TooManyRefunds);
  if (kind == TenderKind::WalletCode && !now.can_scan) all.push_back(TenderRefusal::NoScanner);
  if (leased && !now.member_may_spend) all.push_back(TenderRefusal::NoMember);
  if (leased && !now.online && lease <= 0) all.push_back(TenderRefusal::NotCovered);
  return all;
}

TEST_CASE("'can I take this now?' is answered in every situation, with the first reason that holds", "[payment]") {
  std::set<TenderRefusal> seen;
  for (unsigned bits = 0; bits < 1U << 14U; ++bits) {
    const auto bit = [&](unsigned n) { return ((bits >> n) & 1U) != 0; };
    TenderSituation now{.offered = {},
                        .left_to_pay = {bit(0) ? 100 : 0, core::kCny},
                        .online = bit(1),
                        .can_store = bit(2),
                        .clock = bit(3)   ? core::WallQuality::Trusted
                                 : bit(4) ? core::WallQuality::Estimated
                                          : core::WallQuality::Unknown,
                        .unresolved = bit(5) ? kUnresolvedMax : kUnresolvedMax - 1,
                        .can_scan = bit(12),
                        .refunds_open = bit(13) ? kRefundsOpenMax : kRefundsOpenMax - 1,
                        .member_may_spend = bit(6),
                        .value_leased_minor = bit(7) ? 1 : 0,
                        .points_leased_minor = bit(8) ? 1 : 0};
    if (bit(9)) now.offered.add(TenderKind::Cash);
    if (bit(10)) now.offered.add(TenderKind::WalletCode);
    if (bit(11)) now.offered.add(TenderKind::Points);
    if (bit(10) && bit(11)) now.offered.add(TenderKind::WalletQr);
    if (bit(9) && bit(11)) now.offered.add(TenderKind::StoredValue);
    for (const TenderKind kind : kTenders) {
      const auto expected = reasons(kind, now);
      const auto said = refusal_of(kind, now);
      if (said) seen.insert(*said);
      const bool right = expected.empty() ? !said : said == expected.front();
      if (!right || what_works(now).has(kind) != expected.empty()) {
        CAPTURE(bits, to_string(kind));
        REQUIRE(right);
        REQUIRE(what_works(now).has(kind) == expected.empty());
      }
    }
  }
  CHECK(seen.size() == kTenderRefusals);
}

TEST_CASE("'can I take a wallet now?' follows the terminal: link, medium, and what is unresolved", "[payment]") {
  Shop shop;
  CHECK_FALSE(refusal_of(TenderKind::WalletCode, situation_of(shop, true)));
  CHECK(refusal_of(TenderKind::WalletCode, situation_of(shop, false)) == TenderRefusal::Offline);
  CHECK_FALSE(refusal_of(TenderKind::Cash, situation_of(shop, false)));

  shop.wallet.script_all(WalletCall::Authorise, approves().unanswered());
  shop.wallet.script_all(WalletCall::Query, approves().lost());
  for (std::size_t sale = 0; sale < kUnresolvedMax; ++sale) {
    CHECK_FALSE(refusal_of(TenderKind::WalletCode, situation_of(shop, true)));
    REQUIRE(shop.charge());
  }
  CHECK(refusal_of(TenderKind::WalletCode, situation_of(shop, true)) == TenderRefusal::TooManyUnresolved);
  CHECK_FALSE(shop.charge());
  shop.wallet.script_all(WalletCall::Query, approves());
  CHECK(shop.settle());
  CHECK_FALSE(refusal_of(TenderKind::WalletCode, situation_of(shop, true)));

  shop.fail_call(test::Call::Sync, 1, Disk::Lasting::Once);
  CHECK_FALSE(shop.charge());
  CHECK(refusal_of(TenderKind::WalletCode, situation_of(shop, true)) == TenderRefusal::Storage);
  CHECK(refusal_of(TenderKind::Cash, situation_of(shop, true)) == TenderRefusal::Storage);
  shop.stop();
  shop.Disk::restart(Damage::LoseUnsynced, 1);
  shop.clock.start_in_1970();
  REQUIRE(shop.start());
  CHECK(refusal_of(TenderKind::WalletCode, situation_of(shop, true)) == TenderRefusal::ClockUnknown);
}

}  // namespace
}  // namespace tillkit::payment
