// SPDX-License-Identifier: Apache-2.0
// Power cuts of sales whose goods come out of a cabinet. It goes on while the till is dark, with a memory or without:
// goods, money, journal and slots agree afterwards, nothing falls twice, and nobody pays twice.
#include "till_cuts.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using fulfilment::HandoverState;
using fulfilment::UnitOutcome;
using hal::SlotId;

constexpr std::int64_t kColaPrice = 350;

std::vector<fulfilment::Slot> two_slots() {
  return {slot_of(11, "cola", 2), slot_of(12, "cola", 3)};
}

/// A till beside a cabinet. `dark`: the cabinet's own power goes with the till's.
struct Cabinet {
  bool remembers = true;
  bool dark = false;
  std::function<void(TillWorld&)> then = [](TillWorld&) {};
};

/// The shopper wants so many, once: what came of it stays.
std::function<void(People&)> shopper(int units, bool in_cash) {
  return [units, in_cash](People& people) {
    for (int i = 0; i < kTries && people.can_go_on() && !people.sold() && !people.is_given_up(); ++i) {
      const bool has_goods = !people.till().basket().empty();
      for (int unit = 0; unit < units && !has_goods; ++unit) {
        if (!people.till().add_from(SlotId(11))) return;
      }
      if (in_cash) {
        people.pay_cash(units * kColaPrice, units * kColaPrice);
      } else {
        people.world().pay_by_code();
      }
      if (!people.wait()) return;
    }
  };
}

/// What the merchant has is what came out; and as nobody knows of each unit, the journal says that it was decided.
std::string goods_are_paid(TillWorld& world, bool remembers) {
  if (std::string broken = world.goods_disagreement(); !broken.empty()) return broken;
  std::int64_t kept = 0;
  int settled = 0;
  for (const SaleStory& sale : world.sales()) {
    if (!sale.goods) continue;
    const auto& units = sale.goods->report.units;
    const bool refunded = sale.goods->choice != fulfilment::UnknownGoods::ChargeStands;
    const auto free = std::ranges::count(units, UnitOutcome::NotOut) +
                      (refunded ? std::ranges::count(units, UnitOutcome::Unknown) : 0);
    kept += kColaPrice * (std::ssize(units) - free);
    settled += sale.goods->state == HandoverState::Settled ? 1 : 0;
  }
  std::int64_t money = world.wallet.kept_minor();
  for (const SaleStory& sale : world.sales()) {
    for (const checkout::CashPart& cash : sale.cash)
      money += cash.tendered.minor - cash.change.minor;
    money -= sale.cash_back.minor;
  }
  if (money != kept) {
    return "the merchant has " + std::to_string(money) + " for goods of " + std::to_string(kept);
  }
  if (settled > (remembers ? 0 : 1)) return "more hand-overs were settled than power went";
  return "";
}

Story vend(Story story, const Cabinet& cabinet) {
  story.before = [cabinet](TillWorld& world) {
    world.stock_cabinet(two_slots(), cabinet.remembers);
    cabinet.then(world);
  };
  story.besides = [remembers = cabinet.remembers](TillWorld& world) { return goods_are_paid(world, remembers); };
  story.any_end = true;
  story.all_dark = cabinet.dark;
  return story;
}

constexpr std::string_view kVendByWallet =
    "sale_priced price_proof attempt_intended attempt_paid vend_intended vend_ended sale_closed";

TEST_CASE("power may go anywhere: a vend paid by wallet", "[power][vending]") {
  const Story story{
      .people = shopper(1, false), .records = std::string(kVendByWallet), .commits = 3, .end = {1, kColaPrice}};
  check_cuts("a vend, remembered", vend(story, {}));
  check_cuts("a vend, not remembered", vend(story, {.remembers = false}), true);
  check_cuts("a vend, cabinet dark", vend(story, {.dark = true}), true);
}

TEST_CASE("power may go anywhere: a vend paid in cash", "[power][vending]") {
  const Story story{.people = shopper(1, true),
                    .records = "sale_priced price_proof cash_taken vend_intended vend_ended sale_closed",
                    .commits = 2,
                    .end = {1, kColaPrice}};
  check_cuts("a vend, cash", vend(story, {}), true);
  check_cuts("a vend, cash, not remembered", vend(story, {.remembers = false}), true);
}

TEST_CASE("power may go anywhere: a jam and its refund", "[power][vending]") {
  const Story story{.people = shopper(1, false),
                    .records =
                        "sale_priced price_proof attempt_intended attempt_paid vend_intended vend_ended "
                        "sale_undoing refund_intended refund_done sale_closed",
                    .commits = 4,
                    .end = kNothing};
  const auto jam = [](TillWorld& world) { world.cabinet.jam(SlotId(11)); };
  check_cuts("a jam, remembered", vend(story, {.then = jam}), true);
  check_cuts("a jam, not remembered", vend(story, {.remembers = false, .then = jam}), true);
}

TEST_CASE("power may go anywhere: a vend in part", "[power][vending]") {
  // Two from the first slot, the third from the second, which sticks.
  const Story story{.people = shopper(3, false),
                    .records = std::string(kVendByWallet) + " return_started refund_intended refund_done sale_closed",
                    .commits = 4,
                    .end = {1, 2 * kColaPrice}};
  const auto jam = [](TillWorld& world) { world.cabinet.jam(SlotId(12)); };
  check_cuts("in part, remembered", vend(story, {.then = jam}), true);
  check_cuts("in part, not remembered", vend(story, {.remembers = false, .then = jam}), true);
  check_cuts("in part, cabinet dark", vend(story, {.dark = true, .then = jam}), true);
}

TEST_CASE("power may go at any moment between payment and drop", "[power][vending]") {
  for (const bool remembers : {true, false}) {
    for (const bool dark : {false, true}) {
      for (auto moment = 0ms; moment < 4'500ms; moment += 50ms) {
        CAPTURE(remembers, dark, moment.count());
        Disk disk;
        TillWorld world(disk);
        world.stock_cabinet(two_slots(), remembers);
        REQUIRE(world.start());
        REQUIRE(world.till().add_from(SlotId(11)));
        REQUIRE(world.till().add_from(SlotId(11)));
        REQUIRE(world.pay_by_code());
        world.advance(moment);

        disk.cut();
        world.stop();
        if (dark) {
          world.world.power().cut();
          world.world.power().restore();
        }
        disk.restart(Damage::LoseUnsynced, 1);
        world.advance(moment % 3'000ms);
        REQUIRE(world.start());
        REQUIRE(world.settle(kPatience));

        CHECK(world.disagreement().empty());
        CHECK(goods_are_paid(world, remembers).empty());
        CHECK(world.till().impossible_answers() == 0);
        CHECK(world.cabinet.fallen() <= 2);
      }
    }
  }
}

}  // namespace
}  // namespace tillkit::test
