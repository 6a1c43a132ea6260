// SPDX-License-Identifier: Apache-2.0
// A whole till's power cuts: from the scan to the refund, at every write and sync, and again while it recovers. Wallet,
// shopper and cashier live through all of it; after a cut people act on what they see.
#include <array>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using checkout::SaleStory;
using journal::SaleId;

/// Six cola and rice cakes, 5.00 off.
constexpr std::int64_t kPrice = 2'890;

/// Everything comes to its end within so long, unless the medium is full: then it is tried again until power goes.
constexpr std::chrono::hours kPatience{2};

/// Shopper and cashier: they know what they were told, and look at the till for the rest.
class People {
 public:
  explicit People(TillWorld& world) : world_(world) {}

  [[nodiscard]] TillWorld& world() { return world_; }
  [[nodiscard]] checkout::Checkout& till() { return world_.till(); }
  /// The till answers.
  [[nodiscard]] bool can_go_on() const {
    return world_.disk.has_power() && world_.running() && world_.journal().state() == journal::State::Running;
  }

  [[nodiscard]] std::size_t count(SaleState state) const {
    std::size_t found = 0;
    for (const SaleStory& sale : world_.sales())
      found += sale.state == state ? 1U : 0U;
    return found;
  }
  [[nodiscard]] bool sold() const { return count(SaleState::Closed) > 0; }
  [[nodiscard]] bool is_given_up() const { return count(SaleState::Undone) + count(SaleState::Undoing) > 0; }
  [[nodiscard]] std::optional<SaleId> first(SaleState state) const {
    for (const SaleStory& sale : world_.sales()) {
      if (sale.state == state) return sale.id;
    }
    return std::nullopt;
  }

  /// The goods are on the screen, or are scanned now.
  bool goods() {
    if (!till().basket().empty()) return true;
    return world_.scan(kCola, 6) && world_.scan(kRice);
  }
  /// Cash is counted before the till is asked, and lies on the counter until it answers.
  bool pay_cash(std::int64_t minor, std::int64_t stays) {
    on_the_counter_ = stays;
    const bool taken = world_.pay_cash(minor);
    if (taken) drawer_ += stays;
    if (taken || can_go_on()) on_the_counter_.reset();
    return taken;
  }
  bool wait() { return world_.settle(kPatience) && can_go_on(); }
  /// What somebody was told is durable.
  void was_told(SaleId sale) { told_.push_back(sale); }

  /// After a start: what lies on the counter is in the drawer, if the till knows of it, or is handed back.
  void look() {
    if (on_the_counter_ && cash_in() == drawer_ + *on_the_counter_) drawer_ += *on_the_counter_;
    on_the_counter_.reset();
  }

  /// What was told and is not so.
  [[nodiscard]] std::uint64_t lost() const {
    std::uint64_t lost = cash_in() < drawer_ ? 1 : 0;
    const auto sales = world_.sales();
    for (const SaleId sale : told_)
      lost += std::ranges::find(sales, sale, &SaleStory::id) == sales.end() ? 1U : 0U;
    for (const auto& [id, how] : world_.onlooker.ended) {
      const auto sale = std::ranges::find(sales, id, &SaleStory::id);
      lost += sale == sales.end() || sale->state != how ? 1U : 0U;
    }
    return lost;
  }
  /// What is in the drawer besides, by the journal.
  [[nodiscard]] bool drawer_is_right() const { return cash_in() == drawer_; }
  /// What the merchant has, by the drawer and the wallet's own books.
  [[nodiscard]] std::int64_t money() const {
    std::int64_t out = 0;
    for (const SaleStory& sale : world_.sales())
      out += sale.cash_back.minor;
    return drawer_ - out + world_.wallet.kept_minor();
  }

 private:
  [[nodiscard]] std::int64_t cash_in() const {
    std::int64_t in = 0;
    for (const SaleStory& sale : world_.sales()) {
      for (const checkout::CashPart& cash : sale.cash)
        in += cash.tendered.minor - cash.change.minor;
    }
    return in;
  }

  TillWorld& world_;
  std::int64_t drawer_ = 0;
  std::optional<std::int64_t> on_the_counter_;
  std::vector<SaleId> told_;
};

/// How a scenario may end, however often power went: so many sales, and so much that the merchant has in the end, in
/// the drawer and in the wallet together.
struct End {
  std::size_t sold = 0;
  std::int64_t money = 0;

  friend bool operator==(const End&, const End&) = default;
};
constexpr End kSold{1, kPrice};
constexpr End kNothing{0, 0};

/// What happens in one scenario: first the wallet's part, then what people do, also after a start, until they have what
/// they want; then how it must end.
struct Story {
  std::function<void(StandInWallet& wallet)> wallet = [](StandInWallet&) {};
  std::function<void(People& people)> people;
  std::string records;        ///< of the undisturbed run; proves that the story is what its name says
  std::uint64_t commits = 0;  ///< and what it costs
  End end = kSold;
  std::optional<End> or_else = std::nullopt;  ///< where power went
  std::function<void(TillWorld& world)> before = [](TillWorld&) {};
};

/// The till, its wallet and its people.
class Counter final : public Subject {
 public:
  Counter(Disk& disk, const Story& story) : world_(disk), people_(world_), story_(story) {
    story_.before(world_);
    story_.wallet(world_.wallet);
  }

  void run() override {
    if (!world_.start()) return;
    const std::uint64_t before = world_.commits();
    act();
    if (!people_.can_go_on()) return;
    undisturbed_ = true;
    commits_ = world_.commits() - before;
  }

  void lose_power() override { world_.stop(); }

  void recover() override {
    undisturbed_ = false;
    stuck_ = false;
    if (!world_.start()) return;
    people_.look();
    act();
  }

  Verdict judge() override {
    if (!world_.running()) return {.broken = "the till does not start"};
    return {.lost = people_.lost(), .broken = what_is_broken()};
  }

 private:
  void act() {
    if (!world_.settle(kPatience) && world_.disk.has_power()) stuck_ = true;
    if (people_.can_go_on()) story_.people(people_);
    if (!people_.can_go_on()) return;
    if (!world_.settle(kPatience) && world_.disk.has_power()) stuck_ = true;
  }

  std::string what_is_broken() {
    if (std::string broken = world_.disagreement(); !broken.empty()) return broken;
    if (stuck_ || world_.till().under_way() > 0) return "something has no end";
    if (!people_.drawer_is_right()) return "drawer and journal disagree";
    const End end{people_.count(SaleState::Closed), people_.money()};
    const auto told = std::ranges::count(world_.onlooker.ended, SaleState::Closed, &Ended::second);
    if (static_cast<std::size_t>(told) > end.sold) return "goods were given twice";
    const bool as_wanted = end == story_.end || (!undisturbed_ && end == story_.or_else);
    if (!as_wanted) {
      return "it was sold " + std::to_string(end.sold) + " times, and the merchant has " + std::to_string(end.money);
    }
    if (std::string broken = receipts(); !broken.empty()) return broken;
    if (!undisturbed_) return "";
    if (world_.records() != story_.records) return "it was: " + world_.records();
    if (commits_ != story_.commits) return "it took " + std::to_string(commits_) + " commits";
    return "";
  }

  /// Whatever is over can be printed, and adds up.
  std::string receipts() {
    for (const SaleStory& sale : world_.sales()) {
      const bool printable = sale.state == SaleState::Closed || sale.state == SaleState::Returned;
      if (printable && !world_.till().receipt(sale.id)) return "a sale has no receipt";
    }
    return "";
  }

  using Ended = std::pair<SaleId, SaleState>;

  TillWorld world_;
  People people_;
  Story story_;
  bool undisturbed_ = false;
  bool stuck_ = false;
  std::uint64_t commits_ = 0;
};

// Less on 32 bits, where the emulator makes every operation dear.
constexpr bool kEmulated = sizeof(void*) == 4;
// A till's recovery is long; with sanitizers, ten times as long.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint32_t kRecoveryPlaces = 2;
#else
constexpr std::uint32_t kRecoveryPlaces = 4;
#endif
constexpr std::array kFewDamages{Damage::Scatter};

void check(const std::string& name, const Story& story) {
  const Scenario scenario{name, [&story](Disk& disk) { return std::make_unique<Counter>(disk, story); }};
  PowerPlan plan{.seed = seed(), .recovery_cuts_max = kEmulated ? 1U : kRecoveryPlaces};
  if (kEmulated) plan.damages = kFewDamages;
  const Report report = cut_everywhere(scenario, plan);
  std::cout << table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

/// A shopper tries so often before giving up on this shop.
constexpr int kTries = 5;

/// Pays until the goods are sold: `part` first, then the rest.
void pay_by_codes(People& people, std::optional<std::int64_t> part) {
  for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
    if (!people.goods()) return;
    const bool nothing_taken = people.till().left_to_pay().minor == kPrice;
    people.world().pay_by_code(nothing_taken ? part : std::nullopt);
    if (!people.wait()) return;
  }
}

/// The second code is shown while the first is under way.
void pay_by_two_codes(People& people) {
  for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
    if (!people.goods()) return;
    const bool nothing_taken = people.till().left_to_pay().minor == kPrice;
    if (people.world().pay_by_code(nothing_taken ? std::optional<std::int64_t>(1'000) : std::nullopt) && nothing_taken)
      people.world().pay_by_code();
    if (!people.wait()) return;
  }
}

TEST_CASE("power may go anywhere: cash", "[power][checkout]") {
  check("cash", {.people =
                     [](People& people) {
                       if (people.sold() || !people.goods()) return;
                       people.pay_cash(3'000, kPrice);
                     },
                 .records = "sale_priced price_proof cash_taken sale_closed",
                 .commits = 1});
}

TEST_CASE("power may go anywhere: two tenders, both paid", "[power][checkout]") {
  check("two tenders, both paid",
        {.people = [](People& people) { pay_by_codes(people, 1'000); },
         .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
         .commits = 4});
}

TEST_CASE("power may go anywhere: two tenders, the second code held", "[power][checkout]") {
  check("two tenders, the second code held",
        {.people = pay_by_two_codes,
         .records = "sale_priced price_proof attempt_intended attempt_paid attempt_intended attempt_paid sale_closed",
         .commits = 3});
}

TEST_CASE("power may go anywhere: second declined, another shown", "[power][checkout]") {
  check("second declined, another shown",
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
  check("a sale, password then paid",
        {.wallet = [](StandInWallet& w) { w.script(WalletCall::Authorise, approves().taking(20s)); },
         .people = [](People& people) { pay_by_codes(people, std::nullopt); },
         .records = "sale_priced price_proof attempt_intended attempt_paid sale_closed",
         .commits = 2});
}

TEST_CASE("power may go anywhere: given up after the first was paid", "[power][checkout]") {
  check("given up after the first was paid",
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
  check("cash and wallet, given up",
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
  check("a sale, late success",
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
  check("a sale, late, given back",
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
  check("suspended and resumed",
        {.people =
             [](People& people) {
               if (people.sold()) return;
               if (!people.first(SaleState::Suspended)) {
                 if (!people.goods()) return;
                 const auto sale = people.till().suspend();
                 if (!sale) return;
                 people.was_told(*sale);
               }
               if (people.till().basket().empty() && !people.till().resume(*people.first(SaleState::Suspended))) return;
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
  check("refund by line and unit",
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
  check("storage full before a sale", {.people =
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
  check("storage full in a sale",
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
