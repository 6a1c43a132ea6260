// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::WallQuality;
using core::WallTime;
using hal_virtual::Battery;
using hal_virtual::FaultPlan;
using hal_virtual::VirtualBoard;

TEST_CASE("a fault plan fails the calls that it names and no others", "[contract][virtual]") {
  FaultPlan plan;
  plan.fail_call(2, {ErrorCode::Unavailable});
  plan.fail_from(4, {ErrorCode::Corrupt});
  std::string seen;

  for (int call = 1; call <= 5; ++call) {
    const auto error = plan.next_call();
    seen += !error ? '-' : error->code == ErrorCode::Corrupt ? 'C' : 'U';
  }
  plan.clear();
  seen += plan.next_call() ? '!' : '-';
  plan.fail_call(1, {ErrorCode::Rejected});
  seen += plan.next_call() ? 'R' : '!';
  seen += plan.next_call() ? '!' : '-';

  CHECK(seen == "-U-CC-R-");
  CHECK(plan.calls() == 8);
}

TEST_CASE("a power cut drops all that waits, and a new boot begins at zero", "[contract][virtual][power]") {
  VirtualBoard board;
  bool ran = false;
  REQUIRE(board.scheduler.call_after(10ms, [&] { ran = true; }));
  board.clock.advance(5ms);

  board.world.power().cut();
  CHECK(board.scheduler.call_after(0us, [&] { ran = true; }));  // a program that does not know yet that it is gone
  board.clock.advance(1s);
  board.world.power().restore();
  CHECK(board.clock.monotonic() == core::MonotonicTime{});
  CHECK(board.world.power().boots() == 2);
  board.clock.advance(1s);

  CHECK_FALSE(ran);
  CHECK(board.clock.monotonic() == core::MonotonicTime{1s});
  CHECK(board.world.now() == 2s + 5ms);
}

TEST_CASE("a task that cuts the power is the last that runs", "[contract][virtual][power]") {
  VirtualBoard board;
  std::string order;
  REQUIRE(board.scheduler.call_after(1ms, [&] { order += 'a'; }));
  REQUIRE(board.scheduler.call_after(1ms, [&] {
    order += 'b';
    board.world.power().cut();
    order += board.key_store.write(hal::BlobId{1}, {}) ? '!' : '-';
  }));
  REQUIRE(board.scheduler.call_after(1ms, [&] { order += 'c'; }));

  board.clock.advance(1s);

  CHECK(order == "ab-");
  CHECK(board.key_store.blobs().empty());
}

TEST_CASE("with a battery the civil clock goes on without power, without one it starts in 1970",
          "[contract][virtual][power]") {
  VirtualBoard board;
  const auto before = board.clock.wall();
  CHECK(before.quality == WallQuality::Trusted);
  REQUIRE(board.clock.adopt_wall(before.at + 7h, board.clock.monotonic()));

  board.world.power().cut();
  board.clock.advance(1h);
  board.world.power().restore(Battery::Kept);
  CHECK(board.clock.wall() == core::WallReading{before.at + 1h, WallQuality::Estimated});

  board.world.power().cut();
  board.clock.advance(1h);
  board.world.power().restore(Battery::Lost);
  CHECK(board.clock.wall().quality == WallQuality::Unknown);
  CHECK(board.clock.true_wall() == before.at + 2h);
  board.clock.set_synchronised(true);
  CHECK(board.clock.wall() == core::WallReading{before.at + 2h, WallQuality::Trusted});
}

TEST_CASE("a drifting crystal moves the device's clocks and its timers, not the world", "[contract][virtual]") {
  VirtualBoard board({.seed = 1, .clock = {.synchronised = false}, .http = {}});
  const auto wall = board.clock.wall().at;
  std::optional<std::chrono::microseconds> rang_at;
  board.clock.set_drift_ppm(50);  // 4.32 s a day
  REQUIRE(board.scheduler.call_after(24h + 4'320ms, [&] { rang_at = board.world.now(); }));

  board.clock.advance(24h);

  CHECK(board.clock.monotonic() == core::MonotonicTime{24h + 4'320ms});
  CHECK(board.clock.wall().at == wall + 24h + 4'320ms);
  CHECK(board.clock.true_wall() == wall + 24h);
  CHECK(rang_at == 24h);

  board.clock.set_drift_ppm(-1'000);
  rang_at.reset();
  const auto start = board.clock.monotonic();
  REQUIRE(board.scheduler.call_at(start + 999s, [&] { rang_at = board.world.now(); }));
  board.clock.advance(2'000s);
  CHECK(rang_at == 24h + 1'000s);
  CHECK(board.clock.monotonic() == start + 1'998s);
}

TEST_CASE("a timer on a drifting crystal is never early", "[contract][virtual]") {
  for (const std::int32_t ppm : {-1'000, -333, -1, 0, 1, 77, 1'000}) {
    VirtualBoard board;
    board.clock.set_drift_ppm(ppm);
    for (std::int64_t delay = 1; delay < 2'000'000'000'000; delay = delay * 7 + 3) {
      CAPTURE(ppm, delay);
      const auto due = board.clock.monotonic() + std::chrono::microseconds{delay};
      bool ran = false;
      REQUIRE(board.scheduler.call_at(due, [&] {
        ran = true;
        CHECK(board.clock.monotonic() >= due);
        CHECK(board.clock.monotonic() <= due + 1us);
      }));
      CHECK(board.world.advance_until([&] { return ran; }, 24h * 30));
    }
  }
}

TEST_CASE("a wall clock that steps does not touch timers", "[contract][virtual]") {
  VirtualBoard board;
  const auto wall = board.clock.wall().at;
  bool ran = false;
  REQUIRE(board.scheduler.call_after(1s, [&] { ran = true; }));

  board.clock.step_wall(-1h);
  CHECK(board.clock.wall().at == wall - 1h);
  board.clock.advance(999ms);
  CHECK_FALSE(ran);
  board.clock.start_in_1970();
  CHECK(board.clock.wall().quality == WallQuality::Unknown);
  board.clock.advance(1ms);
  CHECK(ran);
}

TEST_CASE("what came due during a stall runs late and in order", "[contract][virtual]") {
  VirtualBoard board;
  std::string order;
  REQUIRE(board.scheduler.call_after(3ms, [&] { order += 'c'; }));
  REQUIRE(board.scheduler.call_after(2ms, [&] { order += 'b'; }));
  REQUIRE(board.scheduler.call_after(1ms, [&] {
    board.world.stall(1s);
    order += 'a';
  }));

  board.clock.advance(10ms);

  CHECK(order == "abc");
  CHECK(board.world.now() == 1s + 1ms);
}

TEST_CASE("a key store that is cut at each step holds the old or the new, and the counter does not lose",
          "[contract][virtual][power]") {
  bool completed = false;
  for (std::uint64_t cut = 1; !completed; ++cut) {
    CAPTURE(cut);
    VirtualBoard board;
    auto& store = board.key_store;
    REQUIRE(store.write(hal::BlobId{1}, core::to_bytes("old")));
    board.world.power().cut_at_step(cut);

    const bool written = store.write(hal::BlobId{1}, core::to_bytes("new")).has_value() && board.world.power().on();
    const bool counted = store.advance_counter().has_value() && board.world.power().on();
    completed = board.world.power().on();
    if (!completed) board.world.power().restore();

    const auto blob = store.read(hal::BlobId{1}).value();
    CHECK((blob == core::to_bytes("new") || (!written && blob == core::to_bytes("old"))));
    if (counted) CHECK(store.counter().value() == 1);
    CHECK(store.counter().value() <= 1);
  }
}

TEST_CASE("each device fails its n-th call as planned, and nothing happens", "[contract][virtual]") {
  VirtualBoard board;
  const core::Error broken{ErrorCode::Unavailable, core::ErrorSource::Device, 42};
  for (auto* plan : {&board.scheduler.faults(), &board.random.faults(), &board.key_store.faults(),
                     &board.scanner.faults(), &board.printer.faults(), &board.serial_port.faults(),
                     &board.dispenser.faults(), &board.watchdog.faults(), &board.clock.faults()}) {
    plan->fail_call(1, broken);
  }
  board.dispenser.fill(hal::SlotId{1}, 1);
  bool called = false;
  const auto done = [&](auto) { called = true; };
  core::Bytes bytes(4);

  CHECK(board.scheduler.call_after(0us, [&] { called = true; }).error() == broken);
  CHECK(board.random.fill(bytes).error() == broken);
  CHECK(board.key_store.write(hal::BlobId{1}, bytes).error() == broken);
  CHECK(board.scanner.enable().error() == broken);
  CHECK(board.printer.print(bytes, 5s, done).error() == broken);
  CHECK(board.serial_port.open({}).error() == broken);
  CHECK(board.dispenser.dispense(hal::VendId{1}, hal::SlotId{1}, 5s, done).error() == broken);
  CHECK(board.watchdog.start(5s).error() == broken);
  CHECK(board.clock.adopt_wall(board.clock.true_wall(), board.clock.monotonic()).error() == broken);
  board.clock.advance(1min);

  CHECK_FALSE(called);
  CHECK(board.key_store.blobs().empty());
  CHECK(board.printer.paper().empty());
  CHECK(board.dispenser.motor_starts() == 0);
  CHECK(board.scanner.enable());
  CHECK(board.watchdog.start(5s));
}

TEST_CASE("a planned time-out has had its effect", "[contract][virtual]") {
  VirtualBoard board;
  const core::Error silence{ErrorCode::Timeout};
  board.dispenser.fill(hal::SlotId{1}, 1);
  board.dispenser.faults().fail_call(1, silence);
  board.printer.faults().fail_call(1, silence);
  board.key_store.faults().fail_call(1, silence);
  std::vector<ErrorCode> codes;
  const auto keep = [&](const auto& result) { codes.push_back(result ? ErrorCode{} : result.error().code); };

  REQUIRE(board.dispenser.dispense(hal::VendId{1}, hal::SlotId{1}, 5s, keep));
  REQUIRE(board.printer.print(core::to_bytes("receipt"), 5s, keep));
  keep(board.key_store.advance_counter());
  board.clock.advance(1min);

  CHECK(codes == std::vector(3, ErrorCode::Timeout));
  CHECK(board.dispenser.fallen() == 1);
  CHECK(core::as_text(board.printer.paper()) == "receipt");
  CHECK(board.key_store.counter().value() == 1);
}

TEST_CASE("the same seed makes the same board", "[contract][virtual]") {
  const auto draw = [](std::uint64_t seed) {
    VirtualBoard board({.seed = seed, .clock = {}, .http = {}});
    std::array<std::byte, hal::kDerivedKeyBytes> key{};
    core::Bytes bytes(64);
    REQUIRE(board.random.fill(bytes));
    REQUIRE(board.key_store.derive_key("label", key));
    bytes.insert(bytes.end(), key.begin(), key.end());
    return bytes;
  };

  CHECK(draw(1) == draw(1));
  CHECK(draw(1) != draw(2));
}

}  // namespace
}  // namespace tillkit::contract
