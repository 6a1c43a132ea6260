// SPDX-License-Identifier: Apache-2.0
// Goods that a controller on the bus moves: the whole way from its request to what comes of the sale.
#include <array>
#include <memory>
#include <span>

#include <catch2/generators/catch_generators.hpp>

#include "member_shop_test.hpp"
#include "tillkit/fulfilment/vmc_bus.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/vmc.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using checkout::SaleState;
using fulfilment::MdbItem;
using hal::SlotId;
using receipt::SaleRefusal;

constexpr SlotId kColaSlot{11};
constexpr SlotId kRiceSlot{12};
constexpr std::uint16_t kColaKey = 0;  // the bus counts in its own way
constexpr std::uint16_t kRiceKey = 11;
constexpr std::uint16_t kColaPrice = 350;
constexpr std::uint16_t kRicePrice = 1'290;

/// A till on the bus of a controller, whose keys have other numbers than the slots.
class ControllerShop final : public fulfilment::VmcApplication {
 public:
  ControllerShop() {
    cabinet.put(kColaKey, kColaPrice, 5);
    cabinet.put(kRiceKey, kRicePrice, 5);
    world.make_goods = [this] { return start_program(); };
    world.prepare([this] { say_what_lies_where(); });
    REQUIRE(world.start());
    vmc.start();
    world.advance(3s);
    REQUIRE(vmc.idle());
  }

  /// A key is pressed; why the till does not sell it.
  std::optional<SaleRefusal> select(std::uint16_t key) {
    refusal_.reset();
    CHECK(vmc.select(key));
    world.advance(500ms);
    return refusal_;
  }
  void pay() {
    REQUIRE(world.pay_by_code());
    world.advance(10s);
  }
  [[nodiscard]] fulfilment::Slot slot(SlotId number) {
    const auto found = fulfilment::find_slot(world.journal().tables(), number);
    REQUIRE((found && *found));
    return **found;
  }

  Disk disk;
  TillWorld world{disk};
  hal_virtual::VirtualCabinet cabinet{world.world};
  hal_virtual::VirtualVmc vmc{world.world, cabinet};
  fulfilment::VmcFulfilment* goods = nullptr;

 private:
  struct Program {
    std::unique_ptr<fulfilment::VmcBus> bus;
    std::unique_ptr<fulfilment::VmcFulfilment> goods;
  };

  std::shared_ptr<fulfilment::Fulfilment> start_program() {
    auto program = std::make_shared<Program>();
    program->bus = fulfilment::VmcBus::make(
                       {}, world.clock, world.scheduler,
                       [this](std::span<const fulfilment::MdbWord> words) { vmc.answer(words); }, nullptr)
                       .value();
    program->goods = std::make_unique<fulfilment::VmcFulfilment>(*program->bus, world.scheduler, *this);
    goods = program->goods.get();
    vmc.connect([this, bus = program->bus.get()](std::uint16_t word, hal_virtual::World::Duration later) {
      bus->receive(word, world.clock.monotonic() + later);
    });
    return {program, program->goods.get()};
  }
  void say_what_lies_where() {
    std::array slots{slot_of(kColaSlot.value(), "cola", 5), slot_of(kRiceSlot.value(), "rice", 5)};
    slots[0].mdb = MdbItem(kColaKey);
    slots[1].mdb = MdbItem(kRiceKey);
    REQUIRE(world.journal().commit([&](journal::Tx& tx) { return fulfilment::set_slots(tx, slots, true, kLead); }));
  }

  void ready(bool /*ready*/) override {}
  void asked(const fulfilment::VmcRequest& request) override {
    refusal_ = refusal_of(world.till().add_asked(request.price, MdbItem(request.item.value())));
  }
  void withdrawn() override {}
  void session_over() override {}
  void cash_sale(const fulfilment::VmcCashSale& /*sale*/) override {}

  std::optional<SaleRefusal> refusal_;
};

TEST_CASE("a selection is sold by its number on the bus, whatever the number of its slot", "[checkout][vending][mdb]") {
  const bool cola = GENERATE(true, false);
  CAPTURE(cola);
  ControllerShop shop;
  CHECK_FALSE(shop.select(cola ? kColaKey : kRiceKey));

  shop.pay();

  REQUIRE(shop.world.last_sale() != journal::SaleId{});
  const checkout::SaleStory sale = shop.world.sales().back();
  CHECK(sale.state == SaleState::Closed);
  CHECK(sale.lines.front().slot == (cola ? kColaSlot : kRiceSlot));
  CHECK(shop.cabinet.fallen(cola ? kColaKey : kRiceKey) == 1);
  CHECK(shop.cabinet.fallen() == 1);
  CHECK(shop.slot(kColaSlot).stock == (cola ? 4 : 5));
  CHECK(shop.slot(kRiceSlot).stock == (cola ? 5 : 4));
  CHECK(shop.world.wallet.kept_minor() == (cola ? kColaPrice : kRicePrice));
  CHECK(shop.world.disagreement().empty());
}

TEST_CASE("a controller hears that its refund is not stored, and it is given back once it can be",
          "[checkout][vending][mdb]") {
  const bool stored = GENERATE(true, false);
  CAPTURE(stored);
  ControllerShop shop;
  shop.cabinet.jam_next(kColaKey);
  CHECK_FALSE(shop.select(kColaKey));
  REQUIRE(shop.world.pay_by_code());
  for (int i = 0; i < 100 && !shop.cabinet.turning(); ++i)
    shop.world.advance(50ms);
  REQUIRE(shop.cabinet.turning());
  if (!stored) shop.disk.limit_space(0);
  shop.world.advance(10s);

  CHECK(shop.vmc.refunds() == (stored ? 1 : 0));
  CHECK(shop.vmc.refund_errors() == (stored ? 0 : 1));
  CHECK((shop.world.wallet.kept_minor() == 0) == stored);
  shop.disk.repair();
  REQUIRE(shop.world.settle());
  CHECK(shop.world.sales().back().state == SaleState::Undone);
  CHECK(shop.world.wallet.kept_minor() == 0);
  CHECK(shop.cabinet.fallen() == 0);
  CHECK(shop.world.disagreement().empty());
}

}  // namespace
}  // namespace tillkit::test
