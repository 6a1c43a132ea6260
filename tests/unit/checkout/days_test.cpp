// SPDX-License-Identifier: Apache-2.0
// Days on which everything goes wrong: whatever people, wallets, networks and power do, in the end the books agree.
#include <algorithm>
#include <array>
#include <string>

#include "random.hpp"
#include "shop.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using core::below;
using core::Random;

// The emulator takes ten times as long.
constexpr int kDays = sizeof(void*) == 4 ? 30 : 300;
constexpr int kActs = 24;

/// A wallet that does to a request whatever can happen to one.
WalletScript any_script(Random& random) {
  WalletScript script = below(random, 5) == 0 ? declines() : approves(below(random, 3) == 0 ? 5 : 0);
  switch (below(random, 10)) {
    case 0: return script.taking(std::chrono::seconds{below(random, 90)});
    case 1: return script.unanswered();
    case 2: return script.lost();
    case 3: return script.travelling(std::chrono::seconds{below(random, 60)});
    case 4: return script.saying(409);
    case 5: return script.lost().saying(503);
    case 6: return script.late(std::chrono::seconds{below(random, 30)});
    case 7: return script.twice(std::chrono::seconds{1 + below(random, 5)});
    default: return script;
  }
}

/// One day of one till.
class Day {
 public:
  explicit Day(Random& random) : random_(random) {}

  /// One thing that somebody does, sensible or not: what is refused changes nothing.
  void act() {
    switch (below(random_, 16)) {
      case 0:
      case 1:
      case 2: return scan();
      case 3: return change();
      case 4: return give_up();
      case 5: return aside();
      case 6:
      case 7: return pay_cash();
      case 8:
      case 9: return pay_code();
      case 10: return pay_qr();
      case 11:
      case 12: return refund();
      case 13: return world().advance(std::chrono::seconds{below(random_, 100)});
      case 14: return surroundings();
      default: return restart();
    }
  }

  /// Everybody goes home: what is open is given up, and whatever is under way comes to its end.
  void end() {
    heal();
    for (int i = 0; i < 3; ++i) {
      REQUIRE(world().settle());
      if (till().sale().value() != 0 || !till().basket().empty()) static_cast<void>(till().give_up(kLead));
    }
    REQUIRE(world().settle());
    shop_.check_books();
    for (const checkout::SaleStory& sale : world().sales()) {
      CAPTURE(sale.id.value());
      CHECK((checkout::is_final(sale.state) || sale.state == SaleState::Suspended));
      const bool printable = sale.state == SaleState::Closed || sale.state == SaleState::Returned;
      if (printable) static_cast<void>(shop_.receipt_of(sale.id));
    }
    // The next day begins with the same till.
    shop_.restart();
    REQUIRE(till().basket().empty());
    REQUIRE(world().scan(kCola));
    REQUIRE(world().pay_cash(400));
    shop_.check_books();
  }

  [[nodiscard]] std::size_t ended(SaleState how) {
    return static_cast<std::size_t>(std::ranges::count(world().onlooker.ended, how, &Ended::second));
  }

 private:
  using Ended = std::pair<journal::SaleId, SaleState>;

  TillWorld& world() { return shop_.world; }
  checkout::Checkout& till() { return shop_.till(); }

  void scan() {
    constexpr std::array kCodes{kCola, kRice, kBeer, kBag};
    if (below(random_, 5) == 0) {
      static_cast<void>(till().add(kApples, grams(1 + below(random_, 2'000))));
    } else {
      world().scan(core::pick(random_, kCodes), 1 + below(random_, 9));
    }
    if (below(random_, 2) == 0) static_cast<void>(till().age_checked(18, below(random_, 3) > 0, kAnna));
  }
  void change() {
    const auto& lines = till().basket().lines();
    if (lines.empty()) return;
    const checkout::BasketLine line = core::pick(random_, lines);
    const auto quantity = line.weighed() ? grams(below(random_, 900)) : pieces(below(random_, 6));
    static_cast<void>(till().change(line.id, quantity, kAnna));
  }
  void give_up() { static_cast<void>(below(random_, 3) == 0 ? till().void_sale(kAnna) : till().give_up(kAnna)); }
  void aside() {
    till().confirm_price();
    if (below(random_, 2) == 0) return static_cast<void>(till().suspend());
    for (const checkout::SaleStory& sale : world().sales()) {
      if (sale.state == SaleState::Suspended) return static_cast<void>(till().resume(sale.id));
    }
  }
  std::optional<std::int64_t> any_part() {
    if (below(random_, 2) == 0) return std::nullopt;
    return 1 + below(random_, 1'500);
  }
  void pay_cash() { world().pay_cash(10 * (1 + below(random_, 600))); }
  void pay_code() {
    for (int i = below(random_, 3); i > 0; --i)
      world().wallet.script(WalletCall::Authorise, any_script(random_));
    world().pay_by_code(any_part());
    if (below(random_, 4) == 0) world().pay_by_code(any_part());
    if (below(random_, 2) == 0) world().advance(std::chrono::seconds{below(random_, 60)});
  }
  void pay_qr() {
    const auto part = any_part();
    if (!till().pay_qr(part ? std::optional(fen(*part)) : std::nullopt)) return;
    world().advance(std::chrono::seconds{below(random_, 60)});
    const auto attempts = shop_.story(world().last_sale()).payments.attempts;
    if (attempts.empty() || below(random_, 3) == 0) return;
    static_cast<void>(world().wallet.shopper_scans(attempts.back().order.view(), any_script(random_)));
  }
  void refund() {
    const auto sales = world().sales();
    if (sales.empty()) return;
    const checkout::SaleStory& sale = core::pick(random_, sales);
    std::vector<offers::UnitRange> units;
    if (below(random_, 3) > 0 && !sale.lines.empty()) {
      const checkout::BasketLine& line = core::pick(random_, sale.lines);
      units.push_back({.line = line.id, .first = 1 + below(random_, 3), .count = 1 + below(random_, 2)});
    }
    world().refund(sale.id, units);
  }
  void surroundings() {
    switch (below(random_, 5)) {
      case 0: return world().network.set_hint(hal::LinkState::Offline);
      case 1: world().network.set_hint(hal::LinkState::Online); return till().link_is_back();
      case 2: return world().wallet.script(WalletCall::Query, any_script(random_));
      case 3: return world().wallet.script(WalletCall::Reverse, any_script(random_).lost());
      default: return till().set_shelf(make_shelf_with_cola_at(300 + 10 * below(random_, 20)));
    }
  }
  /// The program stops, or power goes with whatever was not flushed.
  void restart() {
    world().stop();
    if (below(random_, 2) == 0) {
      constexpr std::array kAll{Damage::LoseUnsynced, Damage::KeepAll, Damage::Scatter, Damage::Tear};
      shop_.disk.restart(core::pick(random_, kAll), random_());
    }
    world().advance(std::chrono::seconds{below(random_, 120)});
    REQUIRE(world().start());
  }
  void heal() {
    world().network.set_hint(hal::LinkState::Online);
    for (const WalletCall call : {WalletCall::Query, WalletCall::Reverse, WalletCall::Refund})
      world().wallet.script_all(call, approves());
  }

  Random& random_;
  Shop shop_;
};

TEST_CASE("hundreds of bad days end with books that agree", "[checkout][slow]") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  std::array<std::size_t, checkout::kSaleStates + 1> ends{};
  for (int i = 0; i < kDays; ++i) {
    CAPTURE(i);
    Day day(random);
    for (int act = 0; act < kActs; ++act)
      day.act();
    day.end();
    for (std::size_t state = 1; state <= checkout::kSaleStates; ++state)
      ends[state] += day.ended(static_cast<SaleState>(state));
  }
  // Every end was met.
  for (const SaleState how : {SaleState::Closed, SaleState::Undone, SaleState::Voided, SaleState::Returned}) {
    CAPTURE(std::string(to_string(how)));
    CHECK(ends[static_cast<std::size_t>(how)] > 0);
  }
}

}  // namespace
}  // namespace tillkit::test
