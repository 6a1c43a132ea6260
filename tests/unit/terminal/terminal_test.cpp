// SPDX-License-Identifier: Apache-2.0
// The facade: what an integrator opens, feeds with events and watches.
#include "tillkit/terminal/terminal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tillkit/hal_virtual/display.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using payment::TenderKind;
using payment::TenderRefusal;
using receipt::StopReason;

/// Notes what it hears, for a test to look at.
struct Watcher final : terminal::QuietObserver {
  std::vector<receipt::ScreenModel> screens;
  std::vector<terminal::Status> statuses;
  std::vector<journal::SaleId> closed;

  void show(const receipt::ScreenModel& screen) override { screens.push_back(screen); }
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override {
    if (how == checkout::SaleState::Closed) closed.push_back(sale);
  }
  void status_changed(const terminal::Status& status) override { statuses.push_back(status); }
};

/// A device with a scanner and a display, whose disk, wallet and keys live on when the terminal is gone.
struct Device {
  Device() {
    config.journal = {.path = "till.db", .vfs = vfs.name()};
    config.language = receipt::Language::En;
    config.checkout.terminal = journal::TerminalName::parse("T1").value();
    config.checkout.store.merchant = "Corner shop";
    for (const auto kind : {TenderKind::WalletCode, TenderKind::WalletQr, TenderKind::Cash})
      config.checkout.tenders.add(kind);
  }

  [[nodiscard]] core::Result<std::unique_ptr<terminal::Terminal>> open() {
    return terminal::Terminal::open(config, {board, provider, counter, staff, watcher}, make_shelf());
  }
  /// One that must be there.
  [[nodiscard]] std::unique_ptr<terminal::Terminal> opened() {
    auto terminal = open();
    REQUIRE(terminal);
    return *std::move(terminal);
  }
  void scan(std::string_view text) {
    scanner.present(std::string(text));
    world.advance(10ms);
  }
  void write_file(std::string_view name, std::string_view text) {
    const auto file = disk.open(name, true);
    REQUIRE(file);
    REQUIRE(disk.write(*file, 0, std::as_bytes(std::span(text))));
    REQUIRE(disk.sync(*file));
    disk.close(*file);
  }

  Disk disk;
  DiskVfs vfs{disk};
  hal_virtual::World world;
  hal_virtual::VirtualClock clock{world};
  hal_virtual::VirtualScheduler scheduler{world, clock};
  hal_virtual::VirtualKeyStore store{world, 1};
  hal_virtual::VirtualRandom random{7};
  hal_virtual::VirtualNetwork network{world};
  hal_virtual::VirtualScanner scanner{world};
  hal_virtual::VirtualDisplay display{world};
  WalletProvider provider{world, clock};
  fulfilment::CounterFulfilment counter;
  checkout::PermissionTable staff{{}};
  Watcher watcher;
  hal::Board board{.clock = clock,
                   .scheduler = scheduler,
                   .random = random,
                   .key_store = &store,
                   .network_status = &network,
                   .scanner = &scanner,
                   .display = &display};
  terminal::Config config;
};

TEST_CASE("a terminal sells what is scanned and shows it", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  CHECK(!terminal->stopped());

  device.scan(kCola);
  CHECK(device.display.visible().find("可乐 330 ml") != std::string::npos);
  device.scan("130000000000001234");
  device.world.advance(5s);

  CHECK(device.watcher.closed.size() == 1);
  CHECK(device.provider.wallet.kept_minor() == 350);
  CHECK(std::holds_alternative<receipt::ThankYouScreen>(device.watcher.screens.back()));
  CHECK(device.display.visible().find("thank_you") != std::string::npos);
}

TEST_CASE("a scan that is refused says why and changes nothing", "[terminal]") {
  Device device;
  const auto terminal = device.opened();

  device.scan("6900000099995");

  const auto* const refused = std::get_if<receipt::RefusedScreen>(&device.watcher.screens.back());
  REQUIRE(refused != nullptr);
  CHECK(std::get<receipt::SaleRefusal>(refused->refusal) == receipt::SaleRefusal::UnknownItem);
  CHECK(terminal->checkout().basket().empty());
}

TEST_CASE("a refusal gives way to how it stands, and the screen to another language", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  device.scan(kCola);
  device.scan("6900000099995");
  CHECK(device.display.visible().find("\"refused\"") != std::string::npos);

  terminal->show_state();
  device.world.advance(10ms);
  CHECK(std::holds_alternative<receipt::BasketScreen>(device.watcher.screens.back()));
  CHECK(device.display.visible().find("\"language\":\"en\"") != std::string::npos);
  terminal->set_language(receipt::Language::ZhCn);
  device.world.advance(10ms);
  CHECK(device.display.visible().find("\"basket\"") != std::string::npos);
  CHECK(device.display.visible().find("\"language\":\"zh-CN\"") != std::string::npos);

  const auto nothing = terminal->checkout().pay_points();
  REQUIRE_FALSE(nothing);
  terminal->show_refusal(nothing.error());
  device.scan("130000000000001234");
  CHECK(std::holds_alternative<receipt::ThankYouScreen>(device.watcher.screens.back()));
  terminal->show_state();
  CHECK(std::holds_alternative<receipt::IdleScreen>(device.watcher.screens.back()));
}

TEST_CASE("the language of one shopper goes, and the terminal's own comes back", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  terminal->set_language(receipt::Language::ZhCn);
  device.world.advance(10ms);
  CHECK(device.display.visible().find("\"language\":\"zh-CN\"") != std::string::npos);

  terminal->restore_language();
  device.world.advance(10ms);

  CHECK(device.display.visible().find("\"language\":\"en\"") != std::string::npos);
}

TEST_CASE("a scan that nobody can read is refused like a code that nobody understands", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  device.scan(kCola);

  SECTION("damaged") {
    device.scanner.present_garbled();
  }
  SECTION("too long") {
    device.scanner.present(std::string(hal::kScanBytesMax + 1, '1'));
  }
  device.world.advance(10ms);

  const auto* const refused = std::get_if<receipt::RefusedScreen>(&device.watcher.screens.back());
  REQUIRE(refused != nullptr);
  CHECK(std::get<receipt::SaleRefusal>(refused->refusal) == receipt::SaleRefusal::CodeNotUnderstood);
  CHECK(terminal->checkout().basket().lines().size() == 1);
}

TEST_CASE("a scanner that is gone is told once, and so is its return", "[terminal]") {
  Device device;
  const bool from_the_start = GENERATE(true, false);
  CAPTURE(from_the_start);
  if (from_the_start) device.scanner.unplug();
  const auto terminal = device.opened();
  const auto times = [&](bool gone) {
    int changes = 0;
    bool before = false;
    for (const terminal::Status& status : device.watcher.statuses) {
      if (status.scanner_gone != before && status.scanner_gone == gone) ++changes;
      before = status.scanner_gone;
    }
    return changes;
  };

  device.scanner.unplug();
  device.world.advance(30s);
  CHECK(terminal->status().scanner_gone);
  CHECK(times(true) == 1);
  CHECK(terminal->can_take(TenderKind::WalletCode) == TenderRefusal::NoScanner);
  CHECK_FALSE(terminal->can_take(TenderKind::WalletQr));

  device.scanner.plug();
  device.world.advance(2s);
  CHECK_FALSE(terminal->status().scanner_gone);
  CHECK(times(false) == 1);
  CHECK(times(true) == 1);
  CHECK_FALSE(terminal->can_take(TenderKind::WalletCode));
  device.scan(kCola);
  CHECK(terminal->checkout().basket().lines().size() == 1);
}

TEST_CASE("a code that comes some other way pays while the scanner is gone", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  device.scan(kCola);
  device.scanner.unplug();
  device.world.advance(2s);

  CHECK(terminal->checkout().scan("130000000000001234"));
  device.world.advance(5s);

  CHECK(device.provider.wallet.kept_minor() == 350);
}

TEST_CASE("whether a tender can be taken is a question with typed answers", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  CHECK(!terminal->can_take(TenderKind::WalletCode));
  CHECK(!terminal->can_take(TenderKind::Cash));
  CHECK(terminal->can_take(TenderKind::Points) == TenderRefusal::NotOffered);

  device.network.set_hint(hal::LinkState::Offline);
  CHECK(terminal->can_take(TenderKind::WalletCode) == TenderRefusal::Offline);
  CHECK(!terminal->can_take(TenderKind::Cash));
}

TEST_CASE("what is not decided is seen with its number, age and money", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  device.provider.wallet.script(WalletCall::Authorise, approves().taking(10min));
  device.scan(kCola);
  device.scan("130000000000001234");
  device.world.advance(2s);

  const terminal::Status waiting = device.watcher.statuses.back();
  CHECK(waiting.waiting);
  CHECK(waiting.backlog.unresolved == 1);
  CHECK(waiting.backlog.at_risk == std::vector{core::Money{350, core::kCny}});
  CHECK(waiting.backlog.oldest.has_value());
  CHECK(waiting.unsent_records > 0);

  device.world.advance(2min);
  const terminal::Status over = device.watcher.statuses.back();
  CHECK(!over.waiting);
  CHECK(over.backlog.unresolved == 0);
  CHECK(over.backlog.at_risk.empty());
}

TEST_CASE("a network that comes back is used at once", "[terminal]") {
  Device device;
  const auto terminal = device.opened();
  device.provider.wallet.script(WalletCall::Authorise, approves().taking(10min));
  for (int i = 0; i < 40; ++i)
    device.provider.wallet.script(WalletCall::Reverse, approves().lost());
  device.scan(kCola);
  device.scan("130000000000001234");
  device.network.set_hint(hal::LinkState::Offline);
  device.world.advance(30min);
  const auto before = device.provider.wallet.arrivals(WalletCall::Reverse);
  device.world.advance(1s);
  CHECK(device.provider.wallet.arrivals(WalletCall::Reverse) == before);
  CHECK(terminal->status().backlog.unresolved == 1);
  device.provider.wallet =
      StandInWallet([&] { return std::chrono::floor<std::chrono::milliseconds>(device.world.now()); });

  device.network.set_hint(hal::LinkState::Online);
  device.world.advance(1min);

  CHECK(terminal->status().backlog.unresolved == 0);
}

TEST_CASE("after three failed starts the terminal sells nothing, says so, and can still be looked at", "[terminal]") {
  Device device;
  {
    const auto terminal = device.opened();
  }
  journal::FailedStarts failed(device.store);
  for (std::uint32_t i = 0; i < journal::kFailedStartsMax; ++i)
    REQUIRE(failed.begin());

  const auto terminal = device.opened();

  CHECK(terminal->stopped() == StopReason::SafeMode);
  CHECK(terminal->can_take(TenderKind::Cash) == TenderRefusal::Storage);
  CHECK(terminal->status().stopped == StopReason::SafeMode);
  REQUIRE(terminal->journal() != nullptr);
  CHECK(terminal->journal()->read(journal::Seq(1)));
  const auto* const screen = std::get_if<receipt::StoppedScreen>(&device.watcher.screens.back());
  REQUIRE(screen != nullptr);
  CHECK(screen->reason == StopReason::SafeMode);
  device.scan(kCola);
  CHECK(device.watcher.closed.empty());
}

TEST_CASE("a journal that cannot be opened stops the terminal and stays as it is", "[terminal]") {
  Device device;
  device.write_file("till.db", "this is no journal, and it is longer than the header of a database would be, by far.");

  const auto terminal = device.opened();

  CHECK(terminal->stopped() == StopReason::Journal);
  CHECK(terminal->trouble().has_value());
  CHECK(terminal->journal() == nullptr);
  CHECK(device.disk.size_of("till.db").value() == 84);
}

TEST_CASE("a medium that fails in the middle of the day stops the terminal, and a start goes on", "[terminal]") {
  Device device;
  auto terminal = device.opened();
  device.scan(kCola);
  device.disk.fail_call(Call::Sync, 1, Disk::Lasting::ForEver);

  CHECK(!terminal->checkout().pay_cash({500, core::kCny}));
  device.world.advance(3s);

  CHECK(terminal->stopped() == StopReason::Storage);
  CHECK(terminal->can_take(TenderKind::Cash) == TenderRefusal::Storage);
  terminal.reset();
  device.disk.repair();
  device.disk.restart(Damage::LoseUnsynced, 1);
  terminal = device.opened();
  CHECK(!terminal->stopped());
  CHECK(device.watcher.closed.empty());
}

TEST_CASE("a board without keys or a network's state is refused", "[terminal]") {
  Device device;
  SECTION("no key store") {
    device.board.key_store = nullptr;
  }
  SECTION("no network status") {
    device.board.network_status = nullptr;
  }

  const auto opened = device.open();

  REQUIRE(!opened);
  CHECK(opened.error().code == core::ErrorCode::Unsupported);
}

TEST_CASE("a long day does not let the write-ahead log grow without end", "[terminal]") {
  Device device;
  const auto terminal = device.opened();

  for (int i = 0; i < 150; ++i) {
    device.scan(kCola);
    REQUIRE(terminal->checkout().pay_cash({500, core::kCny}));
    device.world.advance(5s);
  }

  CHECK(device.watcher.closed.size() == 150);
  CHECK(!terminal->journal()->checkpoint_due());
  CHECK(device.disk.size_of("till.db-wal").value() < 700'000);
}

}  // namespace
}  // namespace tillkit::test
