// SPDX-License-Identifier: Apache-2.0
// Power cuts of sales whose goods come out of a cabinet. It goes on while the till is dark, with a memory or without:
// goods, money, journal and slots agree afterwards, nothing falls twice, and nobody pays twice.
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "till_cuts.hpp"
#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/serial_port.hpp"
#include "tillkit/hal_virtual/vmc.hpp"

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

// --- a controller on the bus ---

constexpr std::uint16_t kSelection = 5;

/// A vending machine whose controller has the motors, behind a bridge; it goes on when the till is dark, and remembers
/// nothing that a till may ask.
class Controller final : public fulfilment::VmcApplication {
 public:
  explicit Controller(TillWorld& world) : world_(world) {
    cabinet_.put(kSelection, kColaPrice, 10);
    carry();
  }

  std::shared_ptr<fulfilment::Fulfilment> start_program() {
    struct Program {
      std::unique_ptr<fulfilment::VmcBridge> bridge;
      std::unique_ptr<fulfilment::VmcFulfilment> goods;
    };
    auto program = std::make_shared<Program>();
    program->bridge = fulfilment::VmcBridge::make({}, line_, world_.scheduler).value();
    program->goods = std::make_unique<fulfilment::VmcFulfilment>(*program->bridge, world_.scheduler, *this);
    goods_ = program->goods.get();
    return {program, program->goods.get()};
  }

  /// Somebody selects, once the machine can be paid here. False: it cannot.
  bool select() {
    for (int i = 0; i < 100 && !machine_.idle(); ++i)
      world_.advance(100ms);
    const bool selected = machine_.select(kSelection);
    world_.advance(500ms);
    return selected;
  }
  [[nodiscard]] std::uint32_t fallen() const { return cabinet_.fallen(); }

 private:
  void ready(bool /*ready*/) override {}
  void asked(const fulfilment::VmcRequest& request) override {
    const bool free = world_.running() && world_.till().basket().empty() && !world_.till().is_paying();
    if (free && world_.till().add_asked(request.price, fulfilment::MdbItem(request.item.value_or(0)))) return;
    [[maybe_unused]] const auto denied = goods_->deny();
  }
  void withdrawn() override {
    if (!world_.running() || world_.till().state() == SaleState::Fulfilling) return;
    [[maybe_unused]] const auto given_up = world_.till().give_up(journal::kUnattended);
  }
  void session_over() override {}
  void cash_sale(const fulfilment::VmcCashSale& /*sale*/) override {}

  /// What the till wrote reaches the bridge.
  void carry() {
    const auto& all = line_.far_received();
    const auto fresh = core::as_text(std::span(all).subspan(carried_));
    carried_ = all.size();
    machine_.hear(fresh);
    world_.world.outside(20ms, [this] { carry(); });
  }

  TillWorld& world_;
  hal_virtual::VirtualSerialPort line_{world_.world};
  hal_virtual::VirtualCabinet cabinet_{world_.world};
  hal_virtual::VirtualVmcBridge machine_{world_.world, cabinet_,
                                         [this](std::string_view bytes) { line_.far_send(core::to_bytes(bytes)); }};
  std::size_t carried_ = 0;
  fulfilment::VmcFulfilment* goods_ = nullptr;
};

/// What came out is paid, or the journal says that nobody knows; and then it was decided once.
std::string controller_is_paid(TillWorld& world, const Controller& controller) {
  std::uint32_t out = 0;
  std::uint32_t unknown = 0;
  std::int64_t kept = 0;
  for (const SaleStory& sale : world.sales()) {
    if (!sale.goods) continue;
    const UnitOutcome outcome = sale.goods->report.units.at(0);
    out += outcome == UnitOutcome::Out ? 1U : 0U;
    unknown += outcome == UnitOutcome::Unknown ? 1U : 0U;
    const bool stands = sale.goods->choice == fulfilment::UnknownGoods::ChargeStands;
    kept += outcome == UnitOutcome::Out || (outcome == UnitOutcome::Unknown && stands) ? kColaPrice : 0;
  }
  if (unknown > 1) return "more vends are unknown than power went";
  if (controller.fallen() < out || controller.fallen() > out + unknown) {
    return std::to_string(controller.fallen()) + " fell, the journal says " + std::to_string(out) + " and " +
           std::to_string(unknown) + " unknown";
  }
  return world.wallet.kept_minor() == kept ? "" : "the merchant has other money than for what came out";
}

TEST_CASE("power may go anywhere: a vend by a controller that goes on", "[power][vending][mdb]") {
  // The world has it: it goes before the world does.
  const auto controller = std::make_shared<std::weak_ptr<Controller>>();
  const Story story{
      .people =
          [controller](People& people) {
            for (int i = 0; i < kTries && people.can_go_on() && !people.sold() && !people.is_given_up(); ++i) {
              if (people.till().basket().empty() && !controller->lock()->select()) return;
              people.world().pay_by_code();
              if (!people.wait()) return;
            }
          },
      .records =
          "sale_priced price_proof attempt_intended attempt_paid vend_intended vend_released vend_ended sale_closed",
      .commits = 4,
      .end = {1, kColaPrice},
      .any_end = true,
      .before =
          [controller](TillWorld& world) {
            auto made = std::make_shared<Controller>(world);
            *controller = made;
            world.make_goods = [made = std::move(made)] { return made->start_program(); };
          },
      .besides = [controller](TillWorld& world) { return controller_is_paid(world, *controller->lock()); }};
  check_cuts("a controller", story, true);
}

}  // namespace
}  // namespace tillkit::test
