// SPDX-License-Identifier: Apache-2.0
// Goods that a machine moves once they are paid.
#include <deque>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include <catch2/generators/catch_generators.hpp>

#include "member_shop_test.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/fulfilment/limits.hpp"
#include "tillkit/fulfilment/records.hpp"
#include "tillkit/payment/limits.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using checkout::SaleStory;
using fulfilment::HandoverReport;
using fulfilment::HandoverState;
using hal::SlotId;
using receipt::Attention;
using receipt::SaleRefusal;
using enum fulfilment::UnitOutcome;

constexpr SlotId kFirst{11};
constexpr SlotId kSecond{12};
constexpr SlotId kRiceSlot{21};

/// Cola in two slots, rice cakes in one, and a bag for nothing.
std::vector<fulfilment::Slot> planogram() {
  return {slot_of(11, "cola", 2), slot_of(12, "cola", 3), slot_of(21, "rice", 1), slot_of(31, "bag", 5)};
}

/// A till that takes its goods from a cabinet.
struct VendingShop : MemberShop {
  explicit VendingShop(bool remembers = true)
      : MemberShop([remembers](TillWorld& opened) { opened.stock_cabinet(planogram(), remembers); }) {}

  [[nodiscard]] hal_virtual::VirtualProductDispenser& cabinet() { return world.cabinet; }
  bool choose(SlotId slot, int times = 1) {
    for (int i = 0; i < times; ++i) {
      if (!till().add_from(slot)) return false;
    }
    return true;
  }
  void pay_and_settle() {
    REQUIRE(world.pay_by_code());
    REQUIRE(world.settle());
  }
  fulfilment::Slot slot(SlotId number) {
    const auto found = fulfilment::find_slot(world.journal().tables(), number);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
  void set(const fulfilment::Slot& slot) {
    const std::array set{slot};
    REQUIRE(world.journal().commit([&](journal::Tx& tx) { return fulfilment::set_slots(tx, set, false, kLead); }));
  }
  [[nodiscard]] std::int64_t called(Attention attention) const {
    return std::ranges::count(world.onlooker.attentions, attention);
  }
  void check_all() {
    check_books();
    CHECK(world.goods_disagreement().empty());
    CHECK(till().impossible_answers() == 0);
  }
};

/// Like a board whose machine does as the test says.
class Machine final : public fulfilment::Fulfilment {
 public:
  std::deque<core::Result<HandoverReport>> answers;  // to questions
  core::Recovery recovers = core::Recovery::Inspect;
  std::optional<core::Money> price;  // that it asked; nothing dearer comes out
  std::int64_t scale = 1;            // it can be told multiples of this
  int started = 0;
  int asked = 0;

  void release() { released_(); }
  void report(core::Result<HandoverReport> report) { std::exchange(done_, {})(std::move(report)); }
  void wire(hal::Scheduler& scheduler) { scheduler_ = &scheduler; }

 private:
  core::Result<fulfilment::Intention> do_intend(const fulfilment::Handover& handover) const override {
    if (fulfilment::units_of(handover) > 1) return core::fail(core::ErrorCode::Exhausted);
    const bool told_so = handover.paid.minor % scale == 0 && (!price || handover.paid <= *price);
    if (!told_so) return core::fail(core::ErrorCode::OutOfRange);
    return fulfilment::Intention::Start;
  }
  core::Result<> do_start(const fulfilment::Handover& handover, fulfilment::Released released,
                          core::Completion<HandoverReport> done) override {
    ++started;
    told = handover;
    released_ = std::move(released);
    done_ = std::move(done);
    return {};
  }
  core::Result<> do_inspect(const fulfilment::Handover&, core::Completion<HandoverReport> done) override {
    ++asked;
    if (answers.empty()) return core::fail(core::ErrorCode::Unsupported);
    done_ = std::move(done);
    const auto timer = scheduler_->call_after(10ms, [this] {
      auto answer = answers.front();
      if (answers.size() > 1) answers.pop_front();
      std::exchange(done_, {})(std::move(answer));
    });
    CHECK(timer);
    return {};
  }
  core::Recovery do_recovery() const override { return recovers; }

  fulfilment::Released released_;
  core::Completion<HandoverReport> done_;
  hal::Scheduler* scheduler_ = nullptr;

 public:
  fulfilment::Handover told;
};

struct MachineShop : MemberShop {
  explicit MachineShop(Machine& machine)
      : MemberShop([&machine](TillWorld& opened) {
          opened.goods = &machine;
          machine.wire(opened.scheduler);
        }) {}
};

TEST_CASE("a wallet pays, the goods fall, and the sale closes: three commits", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.choose(kFirst));

  CHECK(shop.commits_of([&] { shop.pay_and_settle(); }) == 3);

  CHECK(shop.world.records() ==
        "sale_priced price_proof sale_benefits recognised attempt_intended attempt_paid earned notice vend_intended "
        "vend_ended sale_closed");
  CHECK(shop.last().state == SaleState::Closed);
  CHECK(shop.last().goods->report.units == std::vector{Out});
  CHECK(shop.last().lines.front().slot == kFirst);
  CHECK(shop.cabinet().fallen(kFirst) == 1);
  CHECK(shop.slot(kFirst).stock == 1);
  CHECK(shop.world.onlooker.screen() == "thank_you");
  CHECK(shop.receipt_of(shop.world.last_sale()).kind == receipt::ReceiptKind::Sale);
  shop.check_all();
}

TEST_CASE("cash and goods that cost nothing take two commits", "[checkout][vending]") {
  VendingShop shop;
  SECTION("cash, with change on the last screen") {
    REQUIRE(shop.choose(kFirst));
    CHECK(shop.commits_of([&] {
      REQUIRE(shop.world.pay_cash(1'000));
      REQUIRE(shop.world.settle());
    }) == 2);
    const auto* const thanks = shop.world.onlooker.shown<receipt::ThankYouScreen>();
    REQUIRE(thanks != nullptr);
    CHECK(thanks->change == fen(650));
  }
  SECTION("a free one") {
    REQUIRE(shop.choose(SlotId(31)));
    CHECK(shop.commits_of([&] {
      REQUIRE(shop.till().pay_nothing());
      REQUIRE(shop.world.settle());
    }) == 2);
  }
  CHECK(shop.last().state == SaleState::Closed);
  CHECK(shop.cabinet().fallen() == 1);
  shop.check_all();
}

TEST_CASE("while the goods move, the screen counts them and nothing else can be done", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.choose(kFirst, 2));
  REQUIRE(shop.world.pay_cash(1'000));

  CHECK(shop.till().state() == SaleState::Fulfilling);
  CHECK(shop.till().left_to_pay() == fen(0));
  CHECK(refusal_of(shop.till().give_up(kAnna)) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().void_sale(kAnna)) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().suspend()) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().add_from(kFirst)) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().add_asked(fen(100), fulfilment::MdbItem(1))) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().pay_cash(fen(1'000))) == SaleRefusal::HandingOver);
  CHECK(refusal_of(shop.till().show_phone("13800000000")) == SaleRefusal::HandingOver);
  shop.world.advance(1'600ms);
  const auto* const moving = shop.world.onlooker.shown<receipt::HandingOverScreen>();
  REQUIRE(moving != nullptr);
  CHECK(moving->out == 1);
  CHECK(moving->units == 2);

  REQUIRE(shop.world.settle());

  CHECK(shop.cabinet().fallen(kFirst) == 2);
  CHECK(shop.till().basket().empty());
  shop.check_all();
}

TEST_CASE("a jam takes everything back: payment, coupon, points, gifts", "[checkout][vending][members]") {
  VendingShop shop;
  shop.world.home.issue(kMei, coupon_of("c1", "three-off"));
  shop.world.home.give(ledger::Unit::Points, kMei.view(), "lot-1", 500);
  lease_here(shop.world, "L1", ledger::Unit::Points, kMei.view(), 500);
  fulfilment::Slot full = slot_of(11, "cola", 8);
  shop.set(full);
  shop.cabinet().fill(kFirst, 6);
  shop.cabinet().jam(kFirst);
  REQUIRE(shop.choose(kFirst, 8));
  shop.recognise_mei();
  REQUIRE(shop.world.pay_points(500));
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(200ms);
  const SaleStory paid = shop.last();
  REQUIRE(paid.state == SaleState::Fulfilling);
  CHECK_FALSE(paid.ledger.earned.empty());
  CHECK(paid.members.coupons_state == members::CouponsState::Redeemed);

  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.last();
  CHECK(sale.state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.points_of(kMei) == 500);
  CHECK(sale.members.returned.size() == 1);
  CHECK(sale.members.voided.size() == sale.members.granted.size());
  CHECK(shop.world.onlooker.shown<receipt::RefundDoneScreen>() == nullptr);
  CHECK(shop.cabinet().motor_starts() == 1);
  CHECK(shop.called(Attention::GoodsStuck) == 1);
  CHECK(shop.slot(kFirst).block == fulfilment::SlotBlock::Jammed);
  CHECK(shop.slot(kFirst).stock == 8);
  CHECK(refusal_of(shop.till().add_from(kFirst)) == SaleRefusal::SlotBlocked);
  shop.check_books();
}

TEST_CASE("a jam paid by wallet costs one commit more than a vend, in cash none", "[checkout][vending]") {
  const bool wallet = GENERATE(true, false);
  CAPTURE(wallet);
  VendingShop shop;
  shop.cabinet().jam(kFirst);
  REQUIRE(shop.choose(kFirst));

  CHECK(shop.commits_of([&] {
    REQUIRE((wallet ? shop.world.pay_by_code() : shop.world.pay_cash(1'000)));
    REQUIRE(shop.world.settle());
  }) == (wallet ? 4 : 2));

  CHECK(shop.last().state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.world.onlooker.handed_out.size() == (wallet ? 0 : 1));
  CHECK(shop.world.onlooker.screen() == (wallet ? "not_completed" : "refund_done"));
  shop.check_all();
}

TEST_CASE("what came out in part is paid in part", "[checkout][vending]") {
  VendingShop shop;
  shop.set(slot_of(12, "cola", 5));  // two more than there are
  REQUIRE(shop.choose(kSecond, 5));
  shop.recognise_mei();

  CHECK(shop.commits_of([&] { shop.pay_and_settle(); }) == 4);

  const auto sales = shop.world.sales();
  REQUIRE(sales.size() == 2);
  CHECK(sales[0].state == SaleState::Closed);
  CHECK(sales[0].goods->state == HandoverState::InPart);
  CHECK(sales[0].goods->report.units == std::vector{Out, Out, Out, NotOut, NotOut});
  CHECK(sales[1].state == SaleState::Returned);
  CHECK(sales[1].of == sales[0].id);
  CHECK(sales[1].units == std::vector<offers::UnitRange>{{offers::LineId(1), 4, 2}});
  CHECK(shop.world.wallet.kept_minor() == 3 * 300);
  CHECK(shop.points_of(kMei) == 2 * 9);  // gold: twice a point a yuan
  CHECK(shop.slot(kSecond).stock == 0);
  CHECK(shop.slot(kSecond).block == fulfilment::SlotBlock::None);
  // The slot that gave nothing was not turned a second time.
  CHECK(shop.cabinet().motor_starts() == 4);
  const auto thanks = shop.world.onlooker.all<receipt::ThankYouScreen>();
  REQUIRE(thanks.size() == 1);
  CHECK(thanks[0].paid == fen(3 * 300));
  CHECK(thanks[0].back == fen(2 * 300));
  CHECK_FALSE(thanks[0].goods_unknown);
  shop.check_all();
}

TEST_CASE("cash for goods that did not come out stands on the last screen beside the change", "[checkout][vending]") {
  VendingShop shop;
  shop.cabinet().jam(kRiceSlot);
  REQUIRE(shop.choose(kFirst));
  REQUIRE(shop.choose(kRiceSlot));
  REQUIRE(shop.world.pay_cash(2'000));
  REQUIRE(shop.world.settle());

  const auto* const thanks = shop.world.onlooker.shown<receipt::ThankYouScreen>();
  REQUIRE(thanks != nullptr);
  CHECK(thanks->paid == fen(350));
  CHECK(thanks->change == fen(360));
  CHECK(thanks->back == fen(1'290));
  CHECK(shop.world.onlooker.handed_out.size() == 1);
  shop.check_all();
}

TEST_CASE("the same goods in two slots: the chosen one first, then the next that has some", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.world.scan(kRice));
  REQUIRE(shop.choose(kSecond, 3));
  REQUIRE(shop.world.scan(kCola));
  CHECK(shop.basket().lines().size() == 3);
  REQUIRE(shop.choose(kSecond));  // it is used up: it comes from the other one
  CHECK(refusal_of(shop.till().add_from(kSecond)) == SaleRefusal::SoldOut);
  CHECK(refusal_of(shop.till().add(kCola, pieces(1))) == SaleRefusal::SoldOut);
  CHECK(refusal_of(shop.till().add_from(SlotId(99))) == SaleRefusal::SlotUnknown);

  shop.pay_and_settle();

  CHECK(shop.cabinet().fallen(kFirst) == 2);
  CHECK(shop.cabinet().fallen(kSecond) == 3);
  CHECK(shop.cabinet().fallen(kRiceSlot) == 1);
  CHECK(refusal_of(shop.till().add_from(kFirst)) == SaleRefusal::SoldOut);
  shop.check_all();
}

TEST_CASE("more units than the cabinet remembers are not paid", "[checkout][vending]") {
  VendingShop shop;
  shop.set(slot_of(11, "cola", 20));
  REQUIRE(shop.choose(kFirst, static_cast<int>(fulfilment::kDispensedUnitsMax)));
  CHECK_FALSE(refusal_of(shop.till().pay_cash(fen(10))));  // a part of it
  REQUIRE(shop.till().give_up(kAnna));
  REQUIRE(shop.choose(kFirst, static_cast<int>(fulfilment::kDispensedUnitsMax) + 1));
  CHECK(refusal_of(shop.till().pay_cash(fen(9'000))) == SaleRefusal::HandoverUnavailable);
}

TEST_CASE("a slot that is closed while its goods are paid gives the money back", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.choose(kRiceSlot));
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(8s));
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);
  fulfilment::Slot closed = shop.slot(kRiceSlot);
  closed.block = fulfilment::SlotBlock::Technician;
  shop.set(closed);

  REQUIRE(shop.world.settle());

  CHECK(shop.last().state == SaleState::Undone);
  CHECK_FALSE(shop.last().goods);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.cabinet().motor_starts() == 0);
  shop.check_all();
}

TEST_CASE("a lost answer is asked for, and nothing falls twice", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.choose(kFirst));
  shop.cabinet().stop_answering();
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(20s);
  CHECK(shop.till().state() == SaleState::Fulfilling);
  CHECK(shop.cabinet().fallen() == 1);

  shop.cabinet().answer_again();
  REQUIRE(shop.world.settle());

  CHECK(shop.last().state == SaleState::Closed);
  CHECK(shop.last().goods->report.units == std::vector{Out});
  CHECK(shop.cabinet().motor_starts() == 1);
  shop.check_all();
}

TEST_CASE("what nobody saw is settled as the merchant chose, and counted", "[checkout][vending]") {
  const auto choice = GENERATE(fulfilment::UnknownGoods::Refund, fulfilment::UnknownGoods::ChargeStands);
  const bool answers_once_more = GENERATE(false, true);
  CAPTURE(choice, answers_once_more);
  Shop shop(make_shelf, [&](TillWorld& world) {
    world.settings.handover.unknown = choice;
    world.stock_cabinet(planogram(), false);
  });
  REQUIRE(shop.till().add_from(kFirst));
  shop.world.cabinet.stop_answering();
  REQUIRE(shop.world.pay_by_code());
  if (answers_once_more) shop.world.cabinet.answer_again();

  REQUIRE(shop.world.settle());

  const SaleStory sale = shop.story(shop.world.last_sale());
  const bool refunded = !answers_once_more && choice == fulfilment::UnknownGoods::Refund;
  CHECK(sale.state == (refunded ? SaleState::Undone : SaleState::Closed));
  CHECK(shop.world.wallet.kept_minor() == (refunded ? 0 : 350));
  CHECK(sale.goods->choice.has_value() == !answers_once_more);
  CHECK(std::ranges::count(shop.world.onlooker.attentions, Attention::GoodsUnknown) == (answers_once_more ? 0 : 1));
  CHECK(shop.world.cabinet.motor_starts() == 1);
  shop.check_books();
  CHECK(shop.world.goods_disagreement().empty());
}

TEST_CASE("after a restart the cabinet is asked, and moves nothing", "[checkout][vending]") {
  const auto stop_after = GENERATE(0ms, 5ms, 800ms, 1'505ms, 1'700ms, 4s);
  CAPTURE(stop_after.count());
  VendingShop shop;
  REQUIRE(shop.choose(kFirst, 2));
  REQUIRE(shop.world.pay_cash(1'000));
  shop.world.advance(stop_after);

  shop.restart();
  REQUIRE(shop.world.settle());

  shop.check_all();
  CHECK(shop.world.sales().front().goods->state != HandoverState::Settled);
  CHECK(shop.called(Attention::GoodsUnknown) == 0);
}

TEST_CASE("a machine with the approval is committed before it vends: four commits", "[checkout][vending]") {
  Machine machine;
  MachineShop shop(machine);
  REQUIRE(shop.till().add_asked(fen(420), fulfilment::MdbItem(7)));

  CHECK(shop.commits_of([&] {
    REQUIRE(shop.world.pay_by_code());
    shop.world.advance(1s);
    CHECK(machine.told.paid == fen(420));
    CHECK(shop.commits_of([&] { machine.release(); }) == 1);
    machine.report(HandoverReport{{Out}});
    REQUIRE(shop.world.settle());
  }) == 4);

  CHECK(shop.last().goods_released);
  CHECK(shop.last().state == SaleState::Closed);
  CHECK(shop.receipt_of(shop.world.last_sale()).total == 420);
  shop.check_books();
}

TEST_CASE("a machine that says nothing more keeps the charge with the approval, and loses it without",
          "[checkout][vending]") {
  const bool released = GENERATE(false, true);
  const bool restarted = GENERATE(false, true);
  CAPTURE(released, restarted);
  Machine machine;
  MachineShop shop(machine);
  REQUIRE(shop.till().add_asked(fen(420), fulfilment::kMdbItemUnknown));
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);
  if (released) machine.release();

  if (restarted) {
    shop.restart();
  } else {
    machine.report(core::fail(core::ErrorCode::Timeout));
  }
  REQUIRE(shop.world.settle());

  CHECK(shop.last().state == (released ? SaleState::Closed : SaleState::Undone));
  CHECK(shop.last().goods->choice ==
        (released ? fulfilment::UnknownGoods::ChargeStands : fulfilment::UnknownGoods::Refund));
  CHECK(shop.world.wallet.kept_minor() == (released ? 420 : 0));
  CHECK(machine.started == 1);
  shop.check_books();
}

TEST_CASE("a machine that does not answer is asked at its intervals, and settled when they are over",
          "[checkout][vending]") {
  Machine machine;
  MachineShop shop(machine);
  REQUIRE(shop.till().add_asked(fen(420), fulfilment::kMdbItemUnknown));
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);
  machine.answers.push_back(core::fail(core::ErrorCode::Unavailable));
  machine.report(core::fail(core::ErrorCode::Timeout));

  shop.world.advance(30s);
  CHECK(shop.till().state() == SaleState::Fulfilling);
  CHECK(machine.asked == 15);
  REQUIRE(shop.world.settle());

  CHECK(shop.last().goods->choice == fulfilment::UnknownGoods::Refund);
  shop.check_books();
}

TEST_CASE("what a machine asks for is the planogram's item at the machine's price", "[checkout][vending]") {
  Machine machine;
  MemberShop shop([&](TillWorld& opened) {
    opened.goods = &machine;
    opened.prepare([&] {
      fulfilment::Slot cola = slot_of(11, "cola", 1);
      cola.mdb = fulfilment::MdbItem(7);
      fulfilment::Slot uncounted{.slot = SlotId(12), .item = cola.item, .mdb = fulfilment::MdbItem(8)};
      fulfilment::Slot shut{.slot = SlotId(13), .item = cola.item, .block = fulfilment::SlotBlock::Technician};
      shut.mdb = fulfilment::MdbItem(9);
      const std::array slots{cola, uncounted, shut};
      REQUIRE(opened.journal().commit([&](journal::Tx& tx) { return fulfilment::set_slots(tx, slots, true, kLead); }));
    });
  });
  const auto asked = [&](std::int64_t minor, fulfilment::MdbItem item) {
    const auto refusal = refusal_of(shop.till().add_asked(fen(minor), item));
    return refusal;
  };
  CHECK(asked(420, fulfilment::MdbItem(9)) == SaleRefusal::SlotBlocked);
  CHECK(asked(-1, fulfilment::MdbItem(7)) == SaleRefusal::NotForSale);
  CHECK(refusal_of(shop.till().add_asked({100, core::Currency{}}, fulfilment::MdbItem(7))) == SaleRefusal::NotForSale);

  SECTION("in the catalog: its rules hold") {
    CHECK_FALSE(asked(420, fulfilment::MdbItem(7)));
    CHECK(shop.basket().lines().front().item.view() == "cola");
    CHECK(shop.basket().lines().front().slot == kFirst);
    CHECK(shop.payable() == 420);
    REQUIRE(shop.world.pay_by_code());
    shop.world.advance(1s);
    machine.report(HandoverReport{{Out}});
    REQUIRE(shop.world.settle());
    CHECK(shop.receipt_of(shop.world.last_sale()).total == 300);  // cola for members, whose code it was
    CHECK(asked(420, fulfilment::MdbItem(7)) == SaleRefusal::SoldOut);
  }
  SECTION("what is not counted here is the machine's business") {
    CHECK_FALSE(asked(420, fulfilment::MdbItem(8)));
  }
  SECTION("unknown: offers for the whole basket hold") {
    CHECK_FALSE(asked(3'500, fulfilment::kMdbItemUnknown));
    CHECK(shop.payable() == 3'000);
    REQUIRE(shop.world.pay_by_code());
    shop.world.advance(1s);
    CHECK(machine.told.slots.empty());
    machine.report(HandoverReport{{Out}});
    REQUIRE(shop.world.settle());
    CHECK(shop.receipt_of(shop.world.last_sale()).total == 3'000);
  }
  shop.check_books();
}

/// One slot of a machine on a bus, with this in it.
void plan_one_slot(TillWorld& opened, Machine& machine, const std::string& item) {
  opened.goods = &machine;
  machine.wire(opened.scheduler);
  opened.prepare([&opened, item] {
    fulfilment::Slot slot{.slot = kFirst, .item = *offers::Name::parse(item)};
    slot.mdb = fulfilment::MdbItem(7);
    const std::array slots{slot};
    REQUIRE(opened.journal().commit([&](journal::Tx& tx) { return fulfilment::set_slots(tx, slots, true, kLead); }));
  });
}

TEST_CASE("what a machine asks for is what the shopper pays, also where the tax comes on top elsewhere",
          "[checkout][vending]") {
  Machine machine;
  machine.price = fen(108);
  Shop shop(shelf_of({{.id = "tea",
                       .name = "Tea",
                       .price = fen(100),
                       .tax_rate = core::BasisPoints(800),
                       .tax_inclusive = false}}),
            [&](TillWorld& opened) { plan_one_slot(opened, machine, "tea"); });
  REQUIRE(shop.till().add_asked(fen(108), fulfilment::MdbItem(7)));
  CHECK(shop.basket().lines().front().item.view() == "tea");

  CHECK(shop.payable() == 108);
  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);
  CHECK(machine.told.paid == fen(108));
  REQUIRE(machine.started == 1);
  machine.report(HandoverReport{{Out}});
  REQUIRE(shop.world.settle());

  const receipt::ReceiptData receipt = shop.receipt_of(shop.world.last_sale());
  CHECK(receipt.total == 108);
  REQUIRE(receipt.taxes.size() == 1);
  CHECK(receipt.taxes.front().tax == 8);
  CHECK(receipt.taxes.front().base == 100);
  shop.check_books();
}

/// A rule by which a drink of 3.50 costs this much less to some.
std::string five_fen_off(std::string_view lane, std::string_view condition) {
  return R"({"version": "v", "currency": "CNY", "offers": [{"id": "less", "lane": ")" + std::string(lane) +
         R"(", "condition": {)" + std::string(condition) + R"(}, "effect": {"amount_off": {"amount": "0.05"}}}]})";
}

TEST_CASE("a wallet's discount that makes a price of which the machine cannot be told is not given",
          "[checkout][vending]") {
  Machine machine;
  machine.scale = 10;
  Shop shop(shelf_of({{.id = "tea", .name = "Tea", .price = fen(350)}},
                     five_fen_off("tender", R"("tender": {"names": ["wechat_pay"]})")),
            [&](TillWorld& opened) { plan_one_slot(opened, machine, "tea"); });
  REQUIRE(shop.till().add_asked(fen(350), fulfilment::MdbItem(7)));

  REQUIRE(shop.world.pay_by_code());
  shop.world.advance(1s);

  CHECK(machine.told.paid == fen(350));
  REQUIRE(machine.started == 1);
  machine.report(HandoverReport{{Out}});
  REQUIRE(shop.world.settle());
  CHECK(shop.world.wallet.kept_minor() == 350);
  shop.check_books();
}

TEST_CASE("a price that changed to one of which the machine cannot be told is not charged", "[checkout][vending]") {
  // The clock stands at noon of 2026-06-21 in the shop.
  Machine machine;
  machine.scale = 10;
  Shop shop(shelf_of({{.id = "tea", .name = "Tea", .price = fen(350)}},
                     five_fen_off("order", R"("time": {"from": "2026-06-21T04:20:00Z"})")),
            [&](TillWorld& opened) { plan_one_slot(opened, machine, "tea"); });
  REQUIRE(shop.till().add_asked(fen(350), fulfilment::MdbItem(7)));
  CHECK(shop.payable() == 350);
  shop.world.advance(30min);

  CHECK(refusal_of(shop.till().pay_qr()) == SaleRefusal::HandoverUnavailable);

  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.world.records().empty());
}

/// As many refunds are open as may be asked for, while a wallet thinks about one more cola. (Few sales with many
/// tenders each are quicker than many sales.)
void fill_refunds(VendingShop& shop) {
  constexpr std::size_t kSales = payment::kRefundsOpenMax / checkout::kTendersMax;
  static_assert(kSales * checkout::kTendersMax == payment::kRefundsOpenMax);
  shop.set(slot_of(kFirst.value(), "cola", kSales + 1));
  shop.cabinet().fill(kFirst, kSales + 1);
  std::vector<journal::SaleId> sold;
  while (sold.size() < kSales) {
    REQUIRE(shop.choose(kFirst));
    for (std::size_t tender = 1; tender < checkout::kTendersMax; ++tender) {
      REQUIRE(shop.world.pay_by_code(10));
      shop.world.advance(200ms);
    }
    shop.pay_and_settle();
    sold.push_back(shop.world.last_sale());
  }
  REQUIRE(shop.choose(kFirst));
  shop.world.wallet.script(WalletCall::Authorise, approves().taking(8s));
  REQUIRE(shop.world.pay_by_code());
  shop.world.wallet.script_all(WalletCall::Refund, approves().lost());
  shop.world.advance(1s);
  for (const journal::SaleId sale : sold)
    REQUIRE(shop.world.refund(sale));
  REQUIRE(shop.till().is_paying());
}

void answer_refunds(VendingShop& shop) {
  shop.world.wallet.script_all(WalletCall::Refund, approves());
}

TEST_CASE("goods that stay inside are given back, however many refunds are open", "[checkout][vending]") {
  const bool slots_closed = GENERATE(false, true);
  CAPTURE(slots_closed);
  VendingShop shop;
  fill_refunds(shop);
  if (slots_closed) {
    for (const SlotId number : {kFirst, kSecond}) {
      fulfilment::Slot closed = shop.slot(number);
      closed.block = fulfilment::SlotBlock::Technician;
      shop.set(closed);
    }
  } else {
    shop.cabinet().jam(kFirst);
  }
  const journal::SaleId stuck = shop.till().sale();

  shop.world.advance(30s);

  CHECK(shop.story(stuck).state == SaleState::Undoing);
  CHECK(shop.till().basket().empty());
  CHECK(shop.called(Attention::GoodsStuck) == (slots_closed ? 0 : 1));
  const auto backlog = payment::backlog(shop.world.journal().tables());
  REQUIRE(backlog);
  CHECK(backlog->refunds == payment::kRefundsOpenMax + 1);

  answer_refunds(shop);
  REQUIRE(shop.world.settle());

  CHECK(shop.story(stuck).state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  shop.check_books();
}

TEST_CASE("where too many refunds are open, a wallet pays for no goods that may stay inside", "[checkout][vending]") {
  VendingShop shop;
  fill_refunds(shop);
  const journal::SaleId asked_late = shop.till().sale();
  shop.world.advance(30s);  // the one that was under way comes out
  CHECK(shop.story(asked_late).state == SaleState::Closed);
  REQUIRE(shop.choose(kSecond));

  CHECK(refusal_of(shop.till().refund({.sale = asked_late, .by = kLead})) == SaleRefusal::RefundUnderWay);
  CHECK(tender_refusal_of(shop.till().pay_code(shop.world.new_code())) == payment::TenderRefusal::TooManyRefunds);
  CHECK(shop.till().can_take(payment::TenderKind::WalletQr) == payment::TenderRefusal::TooManyRefunds);
  CHECK_FALSE(shop.till().can_take(payment::TenderKind::Cash));
  answer_refunds(shop);
  REQUIRE(shop.world.settle());
  shop.pay_and_settle();

  CHECK(shop.last().state == SaleState::Closed);
  shop.check_books();
}

TEST_CASE("power goes while goods that stay inside are given back beyond the open refunds", "[checkout][vending]") {
  // At one write after the other on the way from the payment to the refund, until it is past all of them.
  bool cut = true;
  for (std::uint64_t operation = 1; cut; operation += 4) {
    CAPTURE(operation);
    VendingShop shop;
    fill_refunds(shop);
    shop.cabinet().jam(kFirst);
    const journal::SaleId stuck = shop.till().sale();
    shop.disk.cut_at(shop.disk.operations() + operation);
    shop.world.advance(20s);
    cut = !shop.disk.has_power();
    shop.world.stop();
    shop.disk.restart(Damage::LoseUnsynced, operation);
    REQUIRE(shop.world.start());

    shop.world.advance(2min);

    const SaleState then = shop.story(stuck).state;
    CHECK((then == SaleState::Undoing || then == SaleState::Undone));
    CHECK(shop.till().basket().empty());
    answer_refunds(shop);
    REQUIRE(shop.world.settle());
    CHECK(shop.story(stuck).state == SaleState::Undone);
    CHECK(shop.cabinet().motor_starts() <= payment::kRefundsOpenMax / checkout::kTendersMax + 1);
    CHECK(shop.world.wallet.kept_minor() == 0);
    shop.check_books();
  }
}

TEST_CASE("an end that cannot be stored now is stored later", "[checkout][vending]") {
  VendingShop shop;
  REQUIRE(shop.choose(kFirst));
  REQUIRE(shop.world.pay_cash(1'000));
  shop.disk.limit_space(0);
  shop.world.advance(10s);
  CHECK(shop.till().state() == SaleState::Fulfilling);

  shop.disk.repair();
  REQUIRE(shop.world.settle());

  CHECK(shop.last().state == SaleState::Closed);
  CHECK(shop.cabinet().motor_starts() == 1);
  shop.check_all();
}

/// A day of a machine that misbehaves, at every chance it has.
void random_day(std::uint64_t number) {
  std::mt19937_64 random(seed() + number);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  const bool remembers = !one_in(3);
  CAPTURE(seed(), number, remembers);
  VendingShop shop(remembers);
  auto& cabinet = shop.cabinet();
  for (const SlotId slot : {kFirst, kSecond, kRiceSlot}) {
    shop.set(slot_of(slot.value(), slot == kRiceSlot ? "rice" : "cola", 60));
    cabinet.fill(slot, static_cast<std::uint32_t>(random() % 60));
  }
  for (int sale = 0; sale < 12; ++sale) {
    const int units = 1 + static_cast<int>(random() % 5);
    for (int i = 0; i < units; ++i) {
      const std::array all{kFirst, kSecond, kRiceSlot};
      static_cast<void>(shop.till().add_from(all.at(static_cast<std::size_t>(random() % all.size()))));
    }
    if (one_in(3)) static_cast<void>(shop.world.show(member_token(shop.world)));
    shop.world.advance(100ms);
    if (shop.basket().empty()) continue;
    const SlotId some = one_in(2) ? kFirst : kSecond;
    if (one_in(4)) cabinet.jam(some);
    if (one_in(6)) cabinet.stop_answering();
    if (one_in(8)) cabinet.open_door();
    if (one_in(8)) cabinet.unplug();
    shop.till().confirm_price();
    const bool paid = one_in(2) ? shop.world.pay_by_code() : shop.world.pay_cash(shop.till().left_to_pay().minor);
    CHECK(paid);
    shop.world.advance(std::chrono::milliseconds(random() % 6'000));
    if (one_in(3)) shop.restart();
    if (one_in(2)) cabinet.answer_again();
    cabinet.plug();
    cabinet.close_door();
    REQUIRE(shop.world.settle());
    cabinet.answer_again();
    cabinet.unjam(some);
    fulfilment::Slot slot = shop.slot(some);
    if (slot.block == fulfilment::SlotBlock::Jammed) {
      slot.block = fulfilment::SlotBlock::None;
      shop.set(slot);
    }
    CHECK(shop.till().basket().empty());
  }
  shop.check_books();
  CHECK(shop.till().impossible_answers() == 0);
  std::uint32_t out = 0;
  std::uint32_t unknown = 0;
  for (const SaleStory& sale : shop.world.sales()) {
    if (!sale.goods) continue;
    CHECK(sale.goods->choice.has_value() == (sale.goods->state == HandoverState::Settled));
    out += static_cast<std::uint32_t>(std::ranges::count(sale.goods->report.units, Out));
    unknown += static_cast<std::uint32_t>(std::ranges::count(sale.goods->report.units, Unknown));
  }
  CHECK(cabinet.fallen() >= out);
  CHECK(cabinet.fallen() <= out + unknown);
}

TEST_CASE("whatever a machine does, goods, money and journal agree", "[checkout][vending]") {
  const std::uint64_t days = sizeof(void*) == 4 ? 3 : 40;
  for (std::uint64_t day = 0; day < days; ++day)
    random_day(day);
}

}  // namespace
}  // namespace tillkit::test
