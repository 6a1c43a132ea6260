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
#include <catch2/generators/catch_generators.hpp>

#include "tillkit/fulfilment/dispenser.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/display.hpp"
#include "tillkit/hal_virtual/product_dispenser.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/hal_virtual/serial_port.hpp"
#include "tillkit/hal_virtual/vmc.hpp"
#include "tillkit/test/stand_in_home.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::vending {
namespace {

using namespace std::chrono_literals;
using hal::SlotId;

constexpr std::string_view kCode = "130000000000001234";
constexpr SlotId kColaSlot{11}, kRiceSlot{12}, kBeerSlot{13}, kBagSlot{14}, kEmptySlot{15};
constexpr std::uint16_t kUnknownItem = 77;
/// The number of a slot's key on the controller's bus.
constexpr std::uint16_t key_of(SlotId slot) {
  return static_cast<std::uint16_t>(slot.value() - kColaSlot.value());
}

struct NotedLog final : Log {
  std::string lines;
  void note(std::string_view line) override { lines.append(line).append("\n"); }
};

/// The kiosk's goods are turned by the terminal, or by a controller behind a bridge.
enum class Motors { Own, Controller };

/// A vending machine of five slots, its shopper, and the technician who filled it.
class Kiosk {
 public:
  explicit Kiosk(Motors motors = Motors::Own, bool always_idle = true) {
    config_.goods.mdb_always_idle = always_idle;
    if (motors == Motors::Controller) fit_controller();
    config_.patience = {.basket = 20s, .result = 8s};
    terminal::Config config;
    config.journal = {.path = "till.db", .vfs = vfs_.name()};
    config.language = receipt::Language::En;
    config.checkout.terminal = journal::TerminalName::parse("T1").value();
    config.checkout.store.merchant = "Corner shop";
    config.checkout.tenders.add(payment::TenderKind::WalletCode);
    config.checkout.tenders.add(payment::TenderKind::WalletQr);
    config.checkout.membership.identify_max = 5s;
    config.merchant_key = core::Bytes(32, std::byte{5});
    auto opened = terminal::Terminal::open(config,
                                           {.board = board_,
                                            .provider = provider,
                                            .fulfilment = *goods_,
                                            .permissions = staff_,
                                            .observer = machine_,
                                            .members = &home},
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
  /// So often does the log say it.
  [[nodiscard]] int noted(std::string_view words) const {
    int times = 0;
    for (std::size_t at = log.lines.find(words); at != std::string::npos; at = log.lines.find(words, at + 1))
      ++times;
    return times;
  }
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
    cabinet.put(key_of(kColaSlot), 350, 5);
    cabinet.put(key_of(kRiceSlot), 1'290, 5);
    cabinet.put(kUnknownItem, 3'500, 5);
    auto bridge = fulfilment::VmcBridge::make({.always_idle = config_.goods.mdb_always_idle}, line_, scheduler_);
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
                       .mdb = fulfilment::MdbItem(key_of(slot))});
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
  test::StandInHome home{scheduler_, clock_};
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

TEST_CASE("the language that one shopper chose is not the next one's", "[vending]") {
  Kiosk kiosk;
  constexpr std::string_view kChinese = R"({"press":"language","to":"zh-CN"})";
  const auto speaks = [&](std::string_view language) {
    return kiosk.shows(R"("language":")" + std::string(language) + '"');
  };

  SECTION("it is over when the sale's end leaves the screen") {
    kiosk.select(kColaSlot);
    kiosk.press(kChinese);
    kiosk.scan(kCode);
    kiosk.pass(5s);
    CHECK(kiosk.screen() == "thank_you");
    CHECK(speaks("zh-CN"));
    kiosk.pass(9s);
  }
  SECTION("it is over when the goods were left behind") {
    kiosk.select(kColaSlot);
    kiosk.press(kChinese);
    kiosk.pass(19s);
    CHECK(speaks("zh-CN"));
    kiosk.pass(2s);
  }
  SECTION("it is over when the shopper cancels") {
    kiosk.select(kColaSlot);
    kiosk.press(kChinese);
    CHECK(speaks("zh-CN"));
    kiosk.press(R"({"press":"cancel"})");
  }
  SECTION("it is over when who chose it chose nothing else") {
    kiosk.press(kChinese);
    kiosk.pass(15s);
    CHECK(speaks("zh-CN"));
    kiosk.press(kChinese);
    kiosk.pass(15s);
    CHECK(speaks("zh-CN"));
    kiosk.pass(6s);
  }
  CHECK(kiosk.screen() == "idle");
  CHECK(speaks("en"));

  kiosk.press(kChinese);
  kiosk.pass(10s);
  kiosk.select(kColaSlot);
  kiosk.pass(15s);
  CHECK(kiosk.screen() == "basket");
  CHECK(speaks("zh-CN"));
}

TEST_CASE("consent is asked of who is buying: before and after, the machine says that nobody is", "[vending]") {
  Kiosk kiosk;
  const std::string_view said = GENERATE(R"({"press":"consent","yes":true})", R"({"press":"consent","yes":false})");
  CAPTURE(said);

  kiosk.press(said);
  CHECK(kiosk.screen() == "refused");
  CHECK(kiosk.shows("no_sale"));
  kiosk.pass(9s);
  kiosk.select(kColaSlot);
  kiosk.press(said);
  CHECK(kiosk.screen() == "basket");
  kiosk.scan(kCode);
  kiosk.pass(5s);
  CHECK(kiosk.screen() == "thank_you");
  kiosk.press(said);
  CHECK(kiosk.shows("no_sale"));
}

TEST_CASE("who gets only some of the goods reads what comes back, and the log says of which sale", "[vending]") {
  Kiosk kiosk;
  const bool english = GENERATE(true, false);
  CAPTURE(english);
  if (!english) kiosk.press(R"({"press":"language","to":"zh-CN"})");
  kiosk.dispenser.jam(kRiceSlot);
  kiosk.provider.wallet.script_all(test::WalletCall::Refund, test::approves().lost());
  kiosk.select(kColaSlot);
  kiosk.select(kRiceSlot);
  kiosk.scan(kCode);
  while (kiosk.screen() != "thank_you" && !kiosk.shows("attention"))
    kiosk.pass(100ms);

  kiosk.pass(7s);
  CHECK(kiosk.screen() == "thank_you");
  CHECK(kiosk.shows(R"("paid":{"minor":350)"));
  CHECK(kiosk.shows(R"("back":{"minor":1290)"));
  CHECK(kiosk.shows(english ? "did not come out, ¥12.90 comes back by itself" : "没有出来，¥12.90会自动退回"));
  CHECK(kiosk.noted("goods_stuck, sale T1-") == 1);
  CHECK(kiosk.noted("¥12.90") == 1);
  kiosk.pass(2s);
  CHECK(kiosk.screen() == "idle");
}

TEST_CASE("a scan that nobody can read is said so", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kColaSlot);
  SECTION("damaged on its way") {
    kiosk.scanner.present_garbled();
  }
  SECTION("longer than any code") {
    kiosk.scanner.present(std::string(hal::kScanBytesMax + 1, '1'));
  }
  kiosk.pass(10ms);

  CHECK(kiosk.screen() == "refused");
  CHECK(kiosk.shows("code_not_understood"));
  kiosk.pass(9s);
  CHECK(kiosk.screen() == "basket");
}

TEST_CASE("while the scanner is gone, the log says so once and no code to show is offered", "[vending]") {
  Kiosk kiosk;
  kiosk.select(kColaSlot);
  CHECK(kiosk.shows(R"({"tender":"wallet_code")"));
  CHECK(kiosk.noted("scanner") == 0);

  kiosk.scanner.unplug();
  kiosk.pass(10s);
  kiosk.select(kColaSlot);
  CHECK(kiosk.screen() == "basket");
  CHECK_FALSE(kiosk.shows(R"({"tender":"wallet_code")"));
  CHECK(kiosk.shows(R"({"tender":"wallet_qr")"));
  CHECK(kiosk.noted("the scanner is gone") == 1);

  kiosk.scanner.plug();
  kiosk.pass(10s);
  kiosk.select(kRiceSlot);
  CHECK(kiosk.shows(R"({"tender":"wallet_code")"));
  CHECK(kiosk.noted("the scanner is gone") == 1);
  CHECK(kiosk.noted("the scanner is back") == 1);
  kiosk.scan(kCode);
  kiosk.pass(8s);
  CHECK(kiosk.provider.wallet.kept_minor() > 0);
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
  CHECK(kiosk.shows(R"("works":[])"));
  kiosk.press(R"({"press":"pay_qr"})");
  CHECK(kiosk.shows("nothing_to_pay"));
  CHECK(kiosk.shows("Please confirm"));
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
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  CHECK(kiosk.shows("可乐"));
}

TEST_CASE("a controller's request that nobody pays is denied, and one that it takes back is not charged",
          "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.press(R"({"press":"cancel"})");
  kiosk.pass(200ms);
  CHECK(kiosk.controller.denials() == 1);
  CHECK(kiosk.screen() == "idle");

  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.pass(25s);
  CHECK(kiosk.controller.denials() == 2);

  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.controller.pull_lever();
  kiosk.pass(1s);
  CHECK(kiosk.terminal->checkout().basket().empty());
  kiosk.scan(kCode);
  kiosk.pass(30s);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.cabinet.fallen() == 0);
}

TEST_CASE("a request that is taken back while something is asked about its shopper leaves nothing behind",
          "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.home.answers = false;
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.press(R"({"press":"phone","number":"13800138000"})");
  kiosk.scan(kCode);
  CHECK(kiosk.terminal->checkout().is_paying());

  kiosk.controller.pull_lever();
  kiosk.pass(1s);

  CHECK(kiosk.terminal->checkout().basket().empty());
  CHECK(kiosk.screen() == "idle");
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  CHECK(kiosk.controller.denials() == 0);
  CHECK(kiosk.screen() == "basket");
  kiosk.pass(10s);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.cabinet.fallen() == 0);
}

TEST_CASE("a request that is taken back while the wallet says no leaves nothing behind", "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.provider.wallet.script(test::WalletCall::Authorise, test::declines().taking(2s));
  kiosk.scan(kCode);
  kiosk.controller.pull_lever();
  kiosk.pass(10s);

  CHECK(kiosk.terminal->checkout().basket().empty());
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  CHECK(kiosk.controller.denials() == 0);
  CHECK(kiosk.screen() == "basket");
}

TEST_CASE("a controller that cannot vend what was paid has the money go back", "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller);
  kiosk.cabinet.jam_next(key_of(kColaSlot));
  kiosk.pass(3s);
  REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
  kiosk.pass(200ms);
  kiosk.scan(kCode);
  kiosk.pass(10min);

  CHECK(kiosk.cabinet.fallen() == 0);
  CHECK(kiosk.provider.wallet.kept_minor() == 0);
  CHECK(kiosk.screen() == "idle");
}

TEST_CASE("a controller that needs sessions sells one thing after the other", "[vending][mdb]") {
  Kiosk kiosk(Motors::Controller, false);
  kiosk.pass(3s);

  for (const std::int64_t sold : {1, 2}) {
    CAPTURE(sold);
    REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
    kiosk.pass(200ms);
    kiosk.scan(sold == 1 ? "130000000000001234" : "130000000000001242");
    kiosk.pass(30s);
    CHECK(kiosk.cabinet.fallen() == static_cast<std::uint32_t>(sold));
    CHECK(kiosk.provider.wallet.kept_minor() == sold * 350);
  }

  SECTION("after a denied request") {
    REQUIRE(kiosk.controller.select(key_of(kRiceSlot)));
    kiosk.pass(200ms);
    kiosk.press(R"({"press":"cancel"})");
    kiosk.pass(3s);
    CHECK(kiosk.controller.denials() == 1);
  }
  SECTION("after a lever that was pulled in a session without a request") {
    kiosk.controller.pull_lever();
    kiosk.pass(3s);
  }
  SECTION("after the machine was switched off and on") {
    kiosk.controller.reset();
    kiosk.pass(5s);
  }
  SECTION("after the bridge was switched off and on") {
    kiosk.controller.restart();
    kiosk.pass(30s);
  }
  SECTION("after a sale that the machine took back") {
    REQUIRE(kiosk.controller.select(key_of(kRiceSlot)));
    kiosk.pass(200ms);
    kiosk.controller.pull_lever();
    kiosk.pass(20s);
  }
  CHECK(kiosk.screen() == "idle");
  CHECK(kiosk.controller.select(key_of(kRiceSlot)));
}

TEST_CASE("whenever the shopper takes a request back, goods and money agree", "[vending][mdb]") {
  for (auto later = 4'900ms; later <= 5'100ms; later += 3ms) {  // around the wallet's answer
    CAPTURE(later.count());
    Kiosk kiosk(Motors::Controller);
    kiosk.pass(3s);
    REQUIRE(kiosk.controller.select(key_of(kColaSlot)));
    kiosk.pass(200ms);
    kiosk.provider.wallet.script(test::WalletCall::Authorise, test::approves().taking(100ms));
    kiosk.scan(kCode);
    kiosk.pass(later);
    kiosk.controller.pull_lever();
    kiosk.pass(10min);

    CHECK(kiosk.provider.wallet.kept_minor() == kiosk.cabinet.fallen() * 350);
    CHECK(kiosk.controller.select(key_of(kColaSlot)));
  }
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
