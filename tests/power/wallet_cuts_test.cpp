// SPDX-License-Identifier: Apache-2.0
// Disk and wallet together: a till of a hundred lines, as it should be and with the three mistakes that cost shoppers
// money. Shows that cuts find such mistakes, and how a scenario of a real sale is written.
#include <iostream>
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "database.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/seed.hpp"
#include "tillkit/test/stand_in_wallet.hpp"

namespace tillkit::test {
namespace {

using Catch::Matchers::ContainsSubstring;

struct Mistakes {
  bool charges_before_intent = false;
  bool new_number_after_restart = false;
  bool unknown_is_declined = false;
};

constexpr std::int64_t kPrice = 1'000;

/// Four sales: one is paid, one is paid but nobody says so, one is declined, one is paid and answered with a 409.
class SmallTill final : public Subject {
 public:
  SmallTill(Disk& disk, Mistakes mistakes) : disk_(disk), vfs_(disk), mistakes_(mistakes) {
    wallet_.script(WalletCall::Authorise, approves());
    wallet_.script(WalletCall::Authorise, approves().unanswered());
    wallet_.script(WalletCall::Authorise, declines());
    wallet_.script(WalletCall::Authorise, approves().saying(409));
  }

  void run() override {
    if (!open()) return;
    for (int sale = 1; sale <= 4 && disk_.has_power(); ++sale)
      charge(sale, "S" + std::to_string(sale));
  }

  void lose_power() override {
    database_.reset();
    wallet_.hang_up();
  }

  void recover() override {
    if (!open()) return;
    for (const auto& [number, sale] : unfinished()) {
      if (!disk_.has_power()) return;
      if (mistakes_.new_number_after_restart) {
        record(number, "declined");
        charge(sale, number + "N");
      } else {
        resolve(number);
      }
    }
  }

  Verdict judge() override {
    std::map<std::string, std::string> states;
    Query attempts(*database_, "SELECT number, state FROM attempts");
    while (attempts.step() == SQLITE_ROW)
      states[attempts.text(0)] = attempts.text(1);
    std::map<char, std::int64_t> kept_by_sale;
    for (const auto& [number, book] : wallet_.books())
      kept_by_sale[number[1]] += book.kept_minor();
    for (const auto& [sale, kept] : kept_by_sale) {
      if (kept > kPrice) return {.broken = std::string("sale ") + sale + " was charged twice"};
    }
    for (const auto& [number, book] : wallet_.books()) {
      if (!states.contains(number)) return {.broken = number + " was charged, and the till does not know of it"};
      if ((states[number] == "paid") != (book.kept_minor() == kPrice)) {
        return {.broken = number + " is " + states[number] + " here, and the wallet keeps " +
                          std::to_string(book.kept_minor())};
      }
    }
    // What a shopper was shown must still be so.
    std::uint64_t lost = 0;
    for (const auto& [number, state] : shown_) {
      if (states[number] != state) ++lost;
    }
    return {.lost = lost, .broken = ""};
  }

 private:
  bool open() {
    database_.emplace(vfs_, "till.db");
    return database_->execute("PRAGMA locking_mode=EXCLUSIVE") && database_->execute("PRAGMA journal_mode=WAL") &&
           database_->execute("PRAGMA synchronous=FULL") &&
           database_->execute("CREATE TABLE IF NOT EXISTS attempts(number TEXT PRIMARY KEY, sale INTEGER, state TEXT)");
  }

  void charge(int sale, const std::string& number) {
    if (!mistakes_.charges_before_intent && !intend(sale, number)) return;
    const auto answer = ask({.call = WalletCall::Authorise, .order = number, .minor = kPrice, .code = number});
    if (mistakes_.charges_before_intent && !intend(sale, number)) return;
    if (answer && answer->outcome == WalletOutcome::Paid) {
      show(number, "paid");
    } else if (mistakes_.unknown_is_declined || (answer && answer->outcome == WalletOutcome::Declined)) {
      show(number, "declined");
    } else {
      resolve(number);
    }
  }

  /// Asks what became of an order; what cannot be learned is reversed.
  void resolve(const std::string& number) {
    const auto answer = ask({.call = WalletCall::Query, .order = number});
    const WalletOutcome outcome = answer ? answer->outcome : WalletOutcome::None;
    if (outcome == WalletOutcome::Paid) return show(number, "paid");
    if (outcome == WalletOutcome::Declined) return show(number, "declined");
    ask({.call = WalletCall::Reverse, .order = number});
    show(number, "reversed");
  }

  std::optional<WalletAnswer> ask(const WalletRequest& request) {
    std::optional<WalletAnswer> heard;
    wallet_.send(request, [&](const WalletAnswer& answer) { heard = answer; });
    wallet_.run();
    return heard;
  }

  bool intend(int sale, const std::string& number) {
    Query insert(*database_, "INSERT INTO attempts VALUES(?, ?, 'intended')");
    insert.bind(1, number);
    insert.bind(2, sale);
    return insert.step() == SQLITE_DONE;
  }

  bool record(const std::string& number, const std::string& state) {
    Query update(*database_, "UPDATE attempts SET state = ? WHERE number = ?");
    update.bind(1, state);
    update.bind(2, number);
    return update.step() == SQLITE_DONE;
  }

  void show(const std::string& number, const std::string& state) {
    if (record(number, state)) shown_[number] = state;
  }

  std::map<std::string, int> unfinished() {
    std::map<std::string, int> numbers;
    Query attempts(*database_, "SELECT number, sale FROM attempts WHERE state = 'intended'");
    while (attempts.step() == SQLITE_ROW)
      numbers[attempts.text(0)] = static_cast<int>(attempts.integer(1));
    return numbers;
  }

  Disk& disk_;
  DiskVfs vfs_;
  Mistakes mistakes_;
  StandInWallet wallet_{[] { return std::chrono::milliseconds(0); }};
  std::optional<Database> database_;
  std::map<std::string, std::string> shown_;
};

Report cut(const std::string& name, Mistakes mistakes) {
  const Scenario scenario{name, [=](Disk& disk) { return std::make_unique<SmallTill>(disk, mistakes); }};
  Report report = cut_everywhere(scenario, {.seed = seed()});
  std::cout << table(std::span(&report, 1));
  return report;
}

TEST_CASE("a till that stores its intent first agrees with the wallet after every cut", "[power][wallet]") {
  const Report report = cut("small till", {});
  INFO(report.text());
  CHECK(report.lawful());
}

TEST_CASE("a till that charges before it stores its intent is found out", "[power][wallet]") {
  const Report report = cut("charges before intent", {.charges_before_intent = true});
  CHECK_FALSE(report.lawful());
  CHECK_THAT(report.text(), ContainsSubstring("the till does not know of it"));
}

TEST_CASE("a till that charges again under a new number after a restart is found out", "[power][wallet]") {
  const Report report = cut("new number after restart", {.new_number_after_restart = true});
  CHECK_FALSE(report.lawful());
  CHECK_THAT(report.text(), ContainsSubstring("was charged twice"));
}

TEST_CASE("a till that calls unknown declined is found out even without a cut", "[power][wallet]") {
  const Report report = cut("unknown is declined", {.unknown_is_declined = true});
  CHECK_FALSE(report.lawful());
  CHECK_THAT(report.text(), ContainsSubstring("undisturbed") && ContainsSubstring("S2 is declined here"));
}

}  // namespace
}  // namespace tillkit::test
