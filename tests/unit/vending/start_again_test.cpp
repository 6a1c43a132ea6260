// SPDX-License-Identifier: Apache-2.0
// A machine whose storage fails, and the starts that follow: a real terminal and journal on a virtual disk.
#include "start_again.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal_virtual/display.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::vending {
namespace {

using namespace std::chrono_literals;
using receipt::StopReason;
using test::Call;
using test::Disk;

struct NotedLog final : Log {
  std::string lines;
  void note(std::string_view line) override { lines.append(line).append("\n"); }
};

/// A device whose disk and keys live on when the program ends.
class Machinery {
 public:
  Machinery() {
    config_.journal = {.path = "till.db", .vfs = vfs_.name()};
    config_.checkout.terminal = journal::TerminalName::parse("T1").value();
    config_.checkout.store.merchant = "Corner shop";
    config_.checkout.tenders.add(payment::TenderKind::Cash);
  }

  void start() {
    start_again_.emplace(clock_, store, log);
    auto opened =
        terminal::Terminal::open(config_, {board_, provider_, counter_, staff_, watcher_}, test::make_shelf());
    REQUIRE(opened);
    terminal = *std::move(opened);
  }
  void end() {
    terminal.reset();
    start_again_.reset();
  }
  /// The loop turns for `time`, or until the program ends; whether it did.
  bool turn_for(std::chrono::milliseconds time) {
    for (constexpr auto kTurn = 500ms; time > 0ms; time -= kTurn) {
      world_.advance(kTurn);
      if (start_again_->is_due(*terminal)) return true;
    }
    return false;
  }
  /// Something is sold, which needs the disk.
  bool sell() {
    scanner_.present(std::string(test::kCola));
    world_.advance(10ms);
    return terminal->checkout().pay_cash({500, core::kCny}).has_value();
  }
  [[nodiscard]] std::uint32_t failed_starts() { return journal::FailedStarts(store).count().value(); }

  Disk disk;
  NotedLog log;

 private:
  test::DiskVfs vfs_{disk};
  hal_virtual::World world_;
  hal_virtual::VirtualClock clock_{world_};
  hal_virtual::VirtualScheduler scheduler_{world_, clock_};

 public:
  hal_virtual::VirtualKeyStore store{world_, 1};
  hal_virtual::VirtualDisplay display{world_};

 private:
  hal_virtual::VirtualRandom random_{7};
  hal_virtual::VirtualNetwork network_{world_};
  hal_virtual::VirtualScanner scanner_{world_};
  test::WalletProvider provider_{world_, clock_};
  fulfilment::CounterFulfilment counter_;
  checkout::PermissionTable staff_{{}};
  terminal::QuietObserver watcher_;
  hal::Board board_{.clock = clock_,
                    .scheduler = scheduler_,
                    .random = random_,
                    .key_store = &store,
                    .network_status = &network_,
                    .scanner = &scanner_,
                    .display = &display};
  terminal::Config config_;
  std::optional<StartAgain> start_again_;

 public:
  std::unique_ptr<terminal::Terminal> terminal;
};

TEST_CASE("after an error of its storage a machine says so, ends, and sells again after the next start", "[vending]") {
  Machinery machine;
  machine.start();
  CHECK_FALSE(machine.turn_for(15min));
  machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
  CHECK_FALSE(machine.sell());

  CHECK_FALSE(machine.turn_for(9s));
  CHECK(machine.display.visible().contains(R"("screen":"stopped")"));
  CHECK(machine.turn_for(3s));

  CHECK(machine.log.lines.contains("the program ends, to be started again"));
  machine.end();
  machine.start();
  CHECK_FALSE(machine.terminal->stopped());
  CHECK(machine.sell());
  CHECK(machine.failed_starts() == 0);
}

TEST_CASE("storage that fails again soon after each start leads to safe mode and not to a loop", "[vending]") {
  Machinery machine;
  for (std::uint32_t i = 0; i < journal::kFailedStartsMax; ++i) {
    CAPTURE(i);
    machine.start();
    REQUIRE_FALSE(machine.terminal->stopped());
    machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
    CHECK_FALSE(machine.sell());
    CHECK(machine.turn_for(1'010s));
    CHECK(machine.failed_starts() == i + 1);
    machine.end();
  }

  machine.start();

  CHECK(machine.terminal->stopped() == StopReason::SafeMode);
  CHECK_FALSE(machine.turn_for(1h));
}

TEST_CASE("starts that fail for their storage are tried ever later, and not without end", "[vending]") {
  Machinery machine;
  machine.start();
  machine.end();
  machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::ForEver);

  for (const auto shown : {10s, 100s, 1'000s}) {
    CAPTURE(shown.count());
    machine.start();
    REQUIRE(machine.terminal->stopped() == StopReason::Journal);
    CHECK_FALSE(machine.turn_for(shown - 1s));
    CHECK(machine.turn_for(2s));
    machine.end();
  }

  machine.start();
  CHECK(machine.terminal->stopped());
  CHECK_FALSE(machine.turn_for(1h));
}

TEST_CASE("what is sold after such a start survives a power cut", "[vending][power]") {
  Machinery machine;
  machine.start();
  CHECK(machine.sell());
  machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
  CHECK_FALSE(machine.sell());
  REQUIRE(machine.turn_for(11s));
  machine.end();
  // Programs still see what never came to the disk: only the program is a new one.
  machine.start();
  REQUIRE(machine.sell());
  const auto sold = machine.terminal->journal()->last_seq();

  machine.disk.cut();
  machine.end();
  machine.disk.restart(test::Damage::LoseUnsynced, 1);
  machine.start();

  REQUIRE_FALSE(machine.terminal->stopped());
  CHECK(machine.terminal->journal()->last_seq() > sold);
}

TEST_CASE("power may go at any moment of the start after storage failed", "[vending][power]") {
  constexpr std::uint64_t kMost = 500;
  // Somebody may end the program before it ends itself.
  const bool by_itself = GENERATE(true, false);
  bool cut = true;
  for (std::uint64_t n = 1; cut && n < kMost; ++n) {
    CAPTURE(by_itself, n);
    Machinery machine;
    machine.start();
    CHECK(machine.sell());
    machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
    CHECK_FALSE(machine.sell());
    REQUIRE(machine.turn_for(by_itself ? 11s : 1s) == by_itself);
    machine.end();
    machine.disk.cut_at(machine.disk.operations() + n);

    machine.start();
    cut = !machine.disk.has_power();
    machine.disk.cut();
    machine.end();
    machine.disk.restart(test::Damage::LoseUnsynced, n);
    machine.start();

    REQUIRE_FALSE(machine.terminal->stopped());
    CHECK(machine.terminal->journal() != nullptr);
  }
  CHECK_FALSE(cut);
}

TEST_CASE("a run that worked for a while is not counted with the failed ones before it", "[vending]") {
  Machinery machine;
  for (int day = 0; day < 5; ++day) {
    CAPTURE(day);
    machine.start();
    REQUIRE_FALSE(machine.terminal->stopped());
    CHECK_FALSE(machine.turn_for(kWorkingRun));
    machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
    CHECK_FALSE(machine.sell());
    CHECK(machine.turn_for(110s));
    CHECK(machine.failed_starts() == 1);
    machine.end();
  }
}

TEST_CASE("full storage and a damaged journal need a person, not another start", "[vending]") {
  Machinery machine;
  SECTION("full") {
    machine.start();
    machine.disk.limit_space(machine.disk.used_bytes());
    CHECK_FALSE(machine.sell());
  }
  SECTION("damaged") {
    const auto file = machine.disk.open("till.db", true);
    REQUIRE(file);
    REQUIRE(machine.disk.write(*file, 0, std::as_bytes(std::span(std::string_view("this is no journal")))));
    REQUIRE(machine.disk.sync(*file));
    machine.disk.close(*file);
    machine.start();
    CHECK(machine.terminal->stopped() == StopReason::Journal);
  }

  CHECK_FALSE(machine.turn_for(2h));
}

TEST_CASE("a start that cannot be counted is left to a person", "[vending]") {
  Machinery machine;
  machine.start();
  machine.disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);
  CHECK_FALSE(machine.sell());
  machine.store.faults().fail_from(1, core::Error{.code = core::ErrorCode::Unavailable});

  CHECK_FALSE(machine.turn_for(2h));

  CHECK(machine.log.lines.contains("somebody must start the program again"));
}

}  // namespace
}  // namespace tillkit::vending
