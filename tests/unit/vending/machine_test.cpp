// SPDX-License-Identifier: Apache-2.0
// A machine before its shoppers: a real terminal and journal on virtual hardware and time.
#include "machine.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/fulfilment/dispenser.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/display.hpp"
#include "tillkit/hal_virtual/product_dispenser.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/hal_virtual/serial_port.hpp"
#include "tillkit/hal_virtual/vmc.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::vending {
namespace {

using namespace std::chrono_literals;
using hal::SlotId;

constexpr std::string_view kCode = "130000000000001234";
constexpr SlotId kColaSlot{11}, kRiceSlot{12}, kBeerSlot{13}, kBagSlot{14}, kEmptySlot{15};
constexpr std::uint16_t kUnknownItem = 77;

struct NotedLog final : Log {
  std::string lines;
  void note(std::string_view line) override { lines.append(line).append("\n"); }
};

/// The kiosk's goods are turned by the terminal, or by a controller behind a bridge.
enum class Motors { Own, Controller };

/// A vending machine of five slots, its shopper, and the technician who filled it.
class Kiosk {
 public:
  explicit Kiosk(Motors motors = Motors::Own) {
    if (motors == Motors::Controller) fit_controller();
    config_.patience = {.basket = 20s, .result = 8s};
    terminal::Config config;
    config.journal = {.path = "till.db", .vfs = vfs_.name()};
    config.language = receipt::Language::En;
    config.checkout.terminal = journal::TerminalName::parse("T1").value();
    config.checkout.store.merchant = "Corner shop";
    config.checkout.tenders.add(payment::TenderKind::WalletCode);
    config.checkout.tenders.add(payment::TenderKind::WalletQr);
    auto opened = terminal::Terminal::open(
        config,
        {.board = board_, .provider = provider, .fulfilment = *goods_, .permissions = staff_, .observer = machine_},
        test::make_shelf());
    REQUIRE(opened);
    terminal = *std::move(opened);
    REQUIRE_FALSE(terminal->stopped());
    fill();
    machine_.serve(*terminal);
    pass(10ms);
  }

  void press(std::string_view line) {
    display.touch(std::string(line));
    pass(10ms);
  }
  void select(SlotId slot) { press(R"({"press":"select","slot":)" + std::to_string(slot.value()) + "}"); }
  void scan(std::string_view text) {
    scanner.present(std::string(text));
    pass(10ms);
  }
  void pass(std::chrono::milliseconds time) { world_.advance(time); }
  /// What the screen shows: `basket`, `thank_you`, ...
  [[nodiscard]] std::string screen() const {
    const std::string& text = display.visible();
    const std::string_view name = R"("screen":")";
    const auto begin = text.find(name);
    if (begin == std::string::npos) return text;
    return text.substr(begin + name.size(), text.find('"', begin + name.size()) - begin - name.size());
  }
  [[nodiscard]] bool shows(std::string_view text) const { return display.visible().find(text) != std::string::npos; }

 private:
  void fit_controller() {
    cabinet.put(kColaSlot.value(), 350, 5);
    cabinet.put(kUnknownItem, 3'500, 5);
    auto bridge = fulfilment::VmcBridge::make({}, line_, scheduler_);
    REQUIRE(bridge);
    bridge_ = *std::move(bridge);
    vmc_ = std::make_unique<fulfilment::VmcFulfilment>(*bridge_, scheduler_, machine_);
    machine_.answer_requests_of(*vmc_);
    goods_ = vmc_.get();
    carry();
  }
  /// What the terminal wrote reaches the bridge.
  void carry() {
    const auto& all = line_.far_received();
    const auto fresh = core::as_text(std::span(all).subspan(carried_));
    carried_ = all.size();
    controller.hear(fresh);
    world_.outside(20ms, [this] { carry(); });
  }
  void fill() {
    struct Place {
      SlotId slot;
      std::string_view item;
      std::uint32_t stock;
    };
    std::vector<fulfilment::Slot> slots;
    for (const auto& [slot, item, stock] :
         {Place{kColaSlot, "cola", 2}, Place{kRiceSlot, "rice", 1}, Place{kBeerSlot, "beer", 1},
          Place{kBagSlot, "bag", 3}, Place{kEmptySlot, "cola", 0}}) {
      slots.push_back({.slot = slot,
                       .item = offers::Name::parse(item).value(),
                       .capacity = 5,
                       .stock = stock,
                       .mdb = fulfilment::MdbItem(slot.value())});
      dispenser.fill(slot, stock);
    }
    REQUIRE(terminal->journal()->commit(
        [&](journal::Tx& tx) { return fulfilment::set_slots(tx, slots, true, journal::kUnattended); }));
  }

  test::Disk disk_;
  test::DiskVfs vfs_{disk_};
  hal_virtual::World world_;
  hal_virtual::VirtualClock clock_{world_};
  hal_virtual::VirtualScheduler scheduler_{world_, clock_};
  hal_virtual::VirtualKeyStore store_{world_, 1};
  hal_virtual::VirtualRandom random_{7};
  hal_virtual::VirtualNetwork network_{world_};

 public:
  hal_virtual::VirtualScanner scanner{world_};
  hal_virtual::VirtualDisplay display{world_};
  hal_virtual::VirtualProductDispenser dispenser{world_};
  test::WalletProvider provider{world_, clock_};
  NotedLog log;

 private:
  fulfilment::DispenserFulfilment motors_{dispenser, true};
  fulfilment::Fulfilment* goods_ = &motors_;
  checkout::PermissionTable staff_{{}};
  hal::Board board_{.clock = clock_,
                    .scheduler = scheduler_,
                    .random = random_,
                    .key_store = &store_,
                    .network_status = &network_,
                    .scanner = &scanner,
                    .display = &display,
                    .product_dispenser = &dispenser};
  Config config_;
  Machine machine_{board_, config_, log};
  hal_virtual::VirtualSerialPort line_{world_};
  std::size_t carried_ = 0;
  std::unique_ptr<fulfilment::VmcBridge> bridge_;
  std::unique_ptr<fulfilment::VmcFulfilment> vmc_;

 public:
  hal_virtual::VirtualCabinet cabinet{world_};
  hal_virtual::VirtualVmcBridge controller{world_, cabinet,
                                           [this](std::string_view bytes) { line_.far_send(core::to_bytes(bytes)); }};
  std::unique_ptr<terminal::Terminal> terminal;
};

TEST_CASE("a shopper chooses, shows a code, and takes the goods; the machine is ready again", "[vending]") {
  Kiosk kiosk;
  CHECK(kiosk.screen() == "idle");

  kiosk.select(kColaSlot);
  CHECK(kiosk.screen() == "basket");
  CHECK(kiosk.shows("3.50"));
  kiosk.scan(kCode);
  kiosk.pass(500ms);
  CHECK(kiosk.screen() == "handing_over");
  CHECK(kiosk.dispenser.fallen() == 0);
  kiosk.pass(4s);

  CHECK(kiosk.dispenser.fallen(kColaSlot) == 1);
  CHECK(kiosk.provider.wallet.kept_minor() == 350);
  CHECK(kiosk.screen() == "thank_you");
  kiosk.pass(9s);
  CHECK(kiosk.screen() == "idle");
}

TEST_CASE("what sticks is paid back, said, and not sold again", "[vending]") {
  Kiosk kiosk;
  kiosk.dispenser.jam(kColaSlot);
  kiosk.select(kColaSlot);
  kiosk.scan(kCode);
  kiosk.pass(30s);

  CHECK(kiosk.dispenser.fallen() == 0);
  kiosk.pass(5min);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.screen() == "idle");

  kiosk.select(kColaSlot);
  CHECK(kiosk.screen() == "refused");
  kiosk.pass(9s);
  CHECK(kiosk.screen() == "idle");
  kiosk.select(kRiceSlot);
  CHECK(kiosk.screen() == "basket");
}

TEST_CASE("an empty slot and a number without a slot are refused in words, and the choice stays", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kRiceSlot);

  kiosk.select(SlotId(99));
  CHECK(kiosk.screen() == "refused");
  kiosk.select(kRiceSlot);
  CHECK(kiosk.screen() == "refused");
  kiosk.pass(9s);

  CHECK(kiosk.screen() == "basket");
  CHECK(kiosk.terminal->checkout().basket().lines().size() == 1);
}

TEST_CASE("goods that nobody pays leave the screen, but not while a wallet is asked", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kColaSlot);
  kiosk.pass(19s);
  CHECK(kiosk.screen() == "basket");
  kiosk.pass(2s);
  CHECK(kiosk.screen() == "idle");
  CHECK(kiosk.terminal->checkout().basket().empty());

  kiosk.select(kColaSlot);
  kiosk.press(R"({"press":"pay_qr"})");
  kiosk.pass(1s);
  CHECK(kiosk.screen() == "show_code");
  kiosk.pass(30s);
  CHECK(kiosk.screen() == "show_code");
  kiosk.press(R"({"press":"cancel"})");
  kiosk.pass(10min);
  CHECK(kiosk.screen() == "idle");
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.dispenser.motor_starts() == 0);
}

TEST_CASE("the screen speaks the shopper's language", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kColaSlot);
  CHECK(kiosk.shows(R"("language":"en")"));

  kiosk.press(R"({"press":"language","to":"zh-CN"})");

  CHECK(kiosk.screen() == "basket");
  CHECK(kiosk.shows(R"("language":"zh-CN")"));
}

TEST_CASE("goods with an age limit leave the basket of a machine that nobody watches", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kBeerSlot);
  kiosk.pass(10ms);

  CHECK(kiosk.terminal->checkout().basket().empty());
  CHECK(kiosk.screen() == "refused");
  kiosk.scan(kCode);
  kiosk.pass(1min);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.dispenser.motor_starts() == 0);
}

TEST_CASE("what costs nothing is taken without paying", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kBagSlot);
  kiosk.press(R"({"press":"pay_nothing"})");
  kiosk.pass(4s);

  CHECK(kiosk.dispenser.fallen(kBagSlot) == 1);
  CHECK(kiosk.screen() == "thank_you");
}

TEST_CASE("a controller asks, the shopper pays less than its price, and it vends", "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(kUnknownItem));
  kiosk.pass(200ms);
  CHECK(kiosk.screen() == "basket");
  kiosk.scan(kCode);
  kiosk.pass(30s);

  CHECK(kiosk.cabinet.fallen() == 1);
  CHECK(kiosk.provider.wallet.kept_minor() == 3'000);  // 5.00 off from 30.00 on, of goods that no rule knows
  CHECK(kiosk.controller.denials() == 0);
  REQUIRE(kiosk.controller.select(kColaSlot.value()));
  kiosk.pass(200ms);
  CHECK(kiosk.shows("可乐"));
}

TEST_CASE("a controller's request that nobody pays is denied, and one that it takes back is not charged",
          "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(kColaSlot.value()));
  kiosk.pass(200ms);
  kiosk.press(R"({"press":"cancel"})");
  kiosk.pass(200ms);
  CHECK(kiosk.controller.denials() == 1);
  CHECK(kiosk.screen() == "idle");

  REQUIRE(kiosk.controller.select(kColaSlot.value()));
  kiosk.pass(200ms);
  kiosk.pass(25s);
  CHECK(kiosk.controller.denials() == 2);

  REQUIRE(kiosk.controller.select(kColaSlot.value()));
  kiosk.pass(200ms);
  kiosk.controller.pull_lever();
  kiosk.pass(1s);
  CHECK(kiosk.terminal->checkout().basket().empty());
  kiosk.scan(kCode);
  kiosk.pass(30s);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.cabinet.fallen() == 0);
}

TEST_CASE("a controller that cannot vend what was paid has the money go back", "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.cabinet.jam_next(kColaSlot.value());
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(kColaSlot.value()));
  kiosk.pass(200ms);
  kiosk.scan(kCode);
  kiosk.pass(10min);

  CHECK(kiosk.cabinet.fallen() == 0);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.screen() == "idle");
}

TEST_CASE("what the display says beside presses changes nothing, and is noted without its text", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kColaSlot);

  kiosk.press(R"({"press":"open the door, 130000000000001234"})");
  kiosk.press("\xff\xfe");

  CHECK(kiosk.screen() == "basket");
  CHECK(kiosk.log.lines.find("no press") != std::string::npos);
  CHECK(kiosk.log.lines.find("1234") == std::string::npos);
}

}  // namespace
}  // namespace tillkit::vending
