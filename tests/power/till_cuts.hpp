// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"
#include "tillkit/test/till_world.hpp"

/// A whole till with its wallet and its people, whose power is cut: what the tests of that share.
namespace tillkit::test {

using checkout::SaleState;
using checkout::SaleStory;
using journal::SaleId;

/// Six cola and rice cakes, 5.00 off.
inline constexpr std::int64_t kPrice = 2'890;

/// Everything comes to its end within so long, unless the medium is full: then it is tried again until power goes.
inline constexpr std::chrono::hours kPatience{2};

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
inline constexpr End kSold{1, kPrice};
inline constexpr End kNothing{0, 0};

/// What happens in one scenario: first the wallet's part, then what people do, also after a start, until they have what
/// they want; then how it must end.
struct Story {
  std::function<void(StandInWallet& wallet)> wallet = [](StandInWallet&) {};
  std::function<void(People& people)> people;
  std::string records;        ///< of the undisturbed run; proves that the story is what its name says
  std::uint64_t commits = 0;  ///< and what it costs
  End end = kSold;
  std::optional<End> or_else = std::nullopt;  ///< where power went
  bool any_end = false;                       ///< where power went: `besides` judges
  bool all_dark = false;                      ///< power goes for the devices, too, whose own it else is
  std::function<void(TillWorld& world)> before = [](TillWorld&) {};
  /// What else must be so in the end, in words what is not.
  std::function<std::string(TillWorld& world)> besides = [](TillWorld&) { return std::string(); };
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

  void lose_power() override {
    world_.stop();
    if (!story_.all_dark) return;
    world_.world.power().cut();
    world_.world.power().restore();
  }

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
    const bool as_wanted = end == story_.end || (!undisturbed_ && (end == story_.or_else || story_.any_end));
    if (!as_wanted) {
      return "it was sold " + std::to_string(end.sold) + " times, and the merchant has " + std::to_string(end.money);
    }
    if (std::string broken = receipts(); !broken.empty()) return broken;
    if (std::string broken = story_.besides(world_); !broken.empty()) return broken;
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
inline constexpr bool kEmulated = sizeof(void*) == 4;
// A till's recovery is long; with sanitizers, ten times as long.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::uint32_t kRecoveryPlaces = 2;
#else
inline constexpr std::uint32_t kRecoveryPlaces = 4;
#endif
inline constexpr std::array kFewDamages{Damage::Scatter};
inline constexpr std::uint32_t kEmulatedCuts = 20;
inline constexpr std::uint32_t kEmulatedDearCuts = 12;

inline constexpr std::array kSomeDamages{Damage::Scatter, Damage::KeepAll};

/// `dear`: with sanitizers power is cut with two kinds of damage, and once in each recovery; under the emulator at
/// fewer places, and no recovery is cut; else as for all.
inline void check_cuts(const std::string& name, const Story& story, bool dear = false) {
  const Scenario scenario{name, [&story](Disk& disk) { return std::make_unique<Counter>(disk, story); }};
  PowerPlan plan{.seed = seed(), .recovery_cuts_max = kEmulated ? 1U : kRecoveryPlaces};
  if (kEmulated) {
    plan.damages = kFewDamages;
    plan.cuts_max = kEmulatedCuts;
  }
  if (kEmulated && dear) {
    plan.recovery_cuts_max = 0;
    plan.cuts_max = kEmulatedDearCuts;
  }
#ifdef __SANITIZE_ADDRESS__
  if (dear) {
    plan.damages = kSomeDamages;
    plan.recovery_cuts_max = 1;
  }
#endif
  const Report report = cut_everywhere(scenario, plan);
  std::cout << table(std::span(&report, 1));
  INFO(report.text());
  CHECK(report.lawful());
}

/// A shopper tries so often before giving up on this shop.
inline constexpr int kTries = 5;

/// Pays until the goods are sold: `part` first, then the rest.
inline void pay_by_codes(People& people, std::optional<std::int64_t> part) {
  for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
    if (!people.goods()) return;
    const bool nothing_taken = people.till().left_to_pay().minor == kPrice;
    people.world().pay_by_code(nothing_taken ? part : std::nullopt);
    if (!people.wait()) return;
  }
}

/// The second code is shown while the first is under way.
inline void pay_by_two_codes(People& people) {
  for (int i = 0; i < kTries && people.can_go_on() && !people.sold(); ++i) {
    if (!people.goods()) return;
    const bool nothing_taken = people.till().left_to_pay().minor == kPrice;
    if (people.world().pay_by_code(nothing_taken ? std::optional<std::int64_t>(1'000) : std::nullopt) && nothing_taken)
      people.world().pay_by_code();
    if (!people.wait()) return;
  }
}

}  // namespace tillkit::test
