// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/fulfilment/vmc_bridge.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/hal_virtual/vmc.hpp"
#include "vmc_notes.hpp"

namespace tillkit::fulfilment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::failed_with;
using core::kCny;
using core::must;
using Kind = BridgeWord::Kind;

constexpr std::uint16_t kItem = 5;
const HandoverId kVend(7);

/// A terminal, a serial line, and a machine behind a bridge.
struct Bench {
  /// `lost`: lines that the machine says and nobody hears.
  explicit Bench(BridgeSettings settings = {}, std::vector<std::string> lost_lines = {}) : lost(std::move(lost_lines)) {
    cabinet.put(kItem, 250, 100);
    bridge = must(VmcBridge::make(settings, board.serial_port, board.scheduler));
    bridge->listen(&notes);
    pump();
    board.world.advance(2s);
    CHECK(std::exchange(notes.told, {}) == Told{"ready"});
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void pump() {
    const auto& all = board.serial_port.far_received();
    const auto fresh = core::as_text(std::span(all).subspan(carried));
    written += fresh;
    carried = all.size();
    if (!deaf) machine.hear(fresh);
    board.world.outside(20ms, [this] { pump(); });
  }
  void ask() {
    CHECK(machine.select(kItem));
    board.world.advance(100ms);
    CHECK(std::exchange(notes.told, {}) == Told{"asked 2.50 item 5"});
  }
  void approve(std::int64_t minor = 250) {
    CHECK(bridge->approve(kVend, {minor, kCny}).has_value());
    board.world.advance(200ms);
    CHECK(std::exchange(notes.told, {}) == Told{"released"});
  }
  Told after(hal_virtual::World::Duration time) {
    board.world.advance(time);
    return std::exchange(notes.told, {});
  }

  [[nodiscard]] std::string heard(std::string_view bytes) const {
    std::string text(bytes);
    for (const std::string& line : lost) {
      if (const auto at = text.find(line + "\r\n"); at != std::string::npos) text.erase(at, line.size() + 2);
    }
    return text;
  }

  std::vector<std::string> lost;
  hal_virtual::VirtualBoard board;
  hal_virtual::VirtualCabinet cabinet{board.world};
  hal_virtual::VirtualVmcBridge machine{board.world, cabinet, [this](std::string_view bytes) {
                                          board.serial_port.far_send(core::to_bytes(heard(bytes)));
                                        }};
  Notes notes;
  std::unique_ptr<VmcBridge> bridge;
  std::size_t carried = 0;
  std::string written;
  bool deaf = false;
};

TEST_CASE("lines of a bridge mean what they say, and anything else means nothing", "[mdb]") {
  const auto kind = [](std::string_view line) { return read_bridge_line(line, kCny).kind; };
  CHECK(kind("c,STATUS,INACTIVE") == Kind::Inactive);
  CHECK(kind("c,STATUS,DISABLED") == Kind::Disabled);
  CHECK(kind("c,STATUS,ENABLED") == Kind::Enabled);
  CHECK(kind("c,STATUS,IDLE") == Kind::Idle);
  CHECK(kind("c,STATUS,IDLE,655.35") == Kind::Idle);
  CHECK(kind("c,VEND,SUCCESS") == Kind::Success);
  CHECK(kind("c,ERR,VEND 3") == Kind::Failure);
  CHECK(kind("c,1") == Kind::Started);
  CHECK(kind("c,ERR,\"cashless is on\"") == Kind::On);
  CHECK(kind("c,ERR,VEND 1") == Kind::Cancelled);
  CHECK(kind("c,ERR,\"VEND -3\"") == Kind::Refused);
  CHECK(kind("c,ERR,START 1") == Kind::NoSession);
  CHECK(kind("c,ERR,\"START -3\"") == Kind::NoSession);
  CHECK(kind("c,ERR,\"cashless is off\"") == Kind::Off);
  for (const char* const other : {"", "c", "c,0", "r,ACK", "c,STATUS,ENABLED ", "C,STATUS,ENABLED", "c,ERR,VEND 5",
                                  "c,VEND,SUCCES", "c,VEND,SUCCESSc,STATUS,IDLE"}) {
    CAPTURE(other);
    CHECK(kind(other) == Kind::Other);
  }
}

TEST_CASE("a request has a price to the cent and an item, or is none", "[mdb]") {
  const auto read = [](std::string_view text) { return read_bridge_line("c,STATUS,VEND," + std::string(text), kCny); };
  CHECK(read("2.50,5").request == VmcRequest{{250, kCny}, VmcItem{5}});
  CHECK(read("2.5,5").request == VmcRequest{{250, kCny}, VmcItem{5}});
  CHECK(read("2,0").request == VmcRequest{{200, kCny}, VmcItem{0}});
  CHECK(read("0.00,5").request == VmcRequest{{0, kCny}, VmcItem{5}});
  CHECK(read("2.500,65535").request == VmcRequest{{250, kCny}, std::nullopt});
  for (const char* const unpayable : {"2.505,5", "99999999999999999999.00,5"}) {
    CAPTURE(unpayable);
    CHECK(read(unpayable).kind == Kind::Vend);
    CHECK(read(unpayable).unpayable);
  }
  for (const char* const other : {"", ",", "2.50", "2.50,", "2.50,x", "2.50,5x", "2.50,-1", "2.50,65536", "-1,5",
                                  ".5,5", "2..5,5", "1.2.3,5", "2,50,5", " 2.50,5", "2.50, 5"}) {
    CAPTURE(other);
    CHECK(read(other).kind == Kind::Other);
  }
}

TEST_CASE("lines that are too long, broken or not text are dropped whole", "[mdb]") {
  BridgeLines lines;
  std::vector<std::string> whole;
  const auto feed = [&](std::string_view text) {
    for (const std::byte byte : core::as_bytes(text)) {
      if (const auto line = lines.take(byte)) whole.emplace_back(*line);
    }
  };

  feed("c,1\r\n\r\n\n" + std::string(kBridgeLineBytesMax, 'a') + "\n");
  feed(std::string(kBridgeLineBytesMax + 1, 'b') + "\n" + std::string(100'000, 'c') + "\nc,2\n");
  feed("c,\x01\x80\n");
  feed("c,STAT");
  lines.lose();
  feed("US,IDLE\nc,3\n");

  CHECK(whole == std::vector<std::string>{"c,1", std::string(kBridgeLineBytesMax, 'a'), "c,2", "c,3"});
}

TEST_CASE("a bridge is switched off, set up and switched on", "[mdb]") {
  Bench bench;
  CHECK(bench.written ==
        "\nC,0\nC,SETCONF,mdb-address=0x10\nC,SETCONF,mdb-currency-code=0x1156\nC,SETCONF,mdb-always-idle=1\nC,1\n");

  Bench second({.currency = core::kEur, .address = MdbAddress::Cashless2, .always_idle = false});
  CHECK(second.written ==
        "\nC,0\nC,SETCONF,mdb-address=0x60\nC,SETCONF,mdb-currency-code=0x1978\nC,SETCONF,mdb-always-idle=0\nC,1\n");
}

TEST_CASE("a vend through a bridge, for less than was asked", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.approve(199);

  CHECK(bench.written.ends_with("C,VEND,1.99\n"));
  CHECK(bench.after(2s) == Told{"out"});
  CHECK(bench.cabinet.fallen() == 1);
  CHECK(bench.machine.surprises() == 0);
  CHECK(failed_with(bench.bridge->approve(kVend, {1, kCny}), ErrorCode::FailedPrecondition));
}

TEST_CASE("a vend that fails behind a bridge says so", "[mdb]") {
  Bench bench;
  bench.cabinet.jam_next(kItem);
  bench.ask();
  bench.approve();

  CHECK(bench.after(2s) == Told{"failed"});
  bench.ask();
}

TEST_CASE("a denied request and one that is taken back leave the bridge ready for the next", "[mdb]") {
  Bench bench;
  bench.ask();
  CHECK(bench.bridge->deny().has_value());
  CHECK(failed_with(bench.bridge->deny(), ErrorCode::FailedPrecondition));
  CHECK(bench.after(200ms).empty());
  CHECK(bench.machine.denials() == 1);

  bench.ask();
  bench.machine.pull_lever();
  CHECK(bench.after(200ms) == Told{"withdrawn"});
  CHECK(failed_with(bench.bridge->approve(kVend, {250, kCny}), ErrorCode::FailedPrecondition));
  bench.ask();
}

TEST_CASE("a cancel that crosses the approval moves nothing, and says so", "[mdb]") {
  const std::string cancelled = "c,ERR,VEND 1";
  const std::string refused = "c,ERR,\"VEND -3\"";
  const auto cross = [](Bench& bench) {
    bench.ask();
    bench.machine.pull_lever();
    REQUIRE(bench.bridge->approve(kVend, {250, kCny}).has_value());
  };
  SECTION("the bridge refuses the approval") {
    Bench bench({}, {cancelled});
    cross(bench);
    CHECK(bench.after(500ms) == Told{"released", "not_out"});
    bench.ask();
  }
  SECTION("the machine said that it cancelled") {
    Bench bench({}, {refused});
    cross(bench);
    CHECK(bench.after(500ms) == Told{"released"});
    CHECK(bench.after(3s) == Told{"not_out"});
    bench.ask();
  }
  SECTION("neither is heard: nobody knows") {
    Bench bench({}, {refused, cancelled});
    cross(bench);
    CHECK(bench.after(500ms) == Told{"released"});
    CHECK(bench.after(3s) == Told{"unknown"});
    bench.ask();
  }
  SECTION("it waits in the port, and the machine restarts meanwhile") {
    Bench bench;
    bench.board.serial_port.hold();
    cross(bench);
    CHECK(bench.after(5s).empty());
    bench.machine.reset();
    CHECK(bench.after(500ms) == Told{"not ready", "not_out"});
    CHECK(bench.cabinet.fallen() == 0);
  }
}

TEST_CASE("an approval that the bridge does not take moves nothing, and the machine waits no longer", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.deaf = true;
  REQUIRE(bench.bridge->approve(kVend, {250, kCny}).has_value());
  bench.board.world.advance(100ms);
  bench.deaf = false;
  bench.board.serial_port.far_send(core::to_bytes("c,ERR,\"VEND -2\"\r\n"));

  CHECK(bench.after(500ms) == Told{"released", "not_out"});
  CHECK(bench.machine.denials() == 1);
  bench.ask();
}

TEST_CASE("what is selected anew while the approval is on the line is what it approves", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.machine.pull_lever();
  REQUIRE(bench.machine.select(kItem));
  REQUIRE(bench.bridge->approve(kVend, {250, kCny}).has_value());

  CHECK(bench.after(200ms) == Told{"released"});
  CHECK(bench.after(3s) == Told{"out"});
  CHECK(bench.cabinet.fallen() == 1);
  CHECK(bench.machine.surprises() == 0);
}

TEST_CASE("a probe does not switch the reader off while a vend is open", "[mdb]") {
  Bench bench({}, {"c,1"});
  bench.cabinet.set_motor_time(25s);
  bench.written.clear();
  bench.ask();
  bench.approve();

  CHECK(bench.after(22s).empty());
  CHECK_FALSE(bench.written.contains("C,0"));
  CHECK(bench.after(5s) == Told{"out"});
  CHECK(bench.cabinet.fallen() == 1);

  bench.board.world.advance(15s);
  CHECK(bench.written.contains("C,0"));  // once it is over: its settings may not have arrived
}

TEST_CASE("an amount that the machine's numbers cannot hold is not approved", "[mdb]") {
  Bench bench;
  bench.ask();
  CHECK(failed_with(bench.bridge->approve(kVend, {65'535, kCny}), ErrorCode::OutOfRange));
  CHECK(failed_with(bench.bridge->approve(kVend, {-1, kCny}), ErrorCode::InvalidArgument));
  CHECK(failed_with(bench.bridge->approve(kVend, {250, core::kEur}), ErrorCode::InvalidArgument));
  bench.approve();
}

TEST_CASE("a machine or a bridge that restarts after an approval leaves it unknown, and before it withdraws", "[mdb]") {
  Bench bench;
  bench.ask();

  SECTION("machine, before") {
    bench.machine.reset();
    CHECK(bench.after(2s) == Told{"not ready", "withdrawn", "ready"});
  }
  SECTION("machine, after") {
    bench.approve();
    bench.machine.reset();
    CHECK(bench.after(2s) == Told{"not ready", "unknown", "ready"});
  }
  SECTION("bridge, before") {
    bench.machine.restart();
    CHECK(bench.after(15s) == Told{"withdrawn", "not ready", "ready"});
  }
  SECTION("bridge, before, and the approval found it so") {
    bench.machine.restart();
    REQUIRE(bench.bridge->approve(kVend, {250, kCny}).has_value());
    CHECK(bench.after(3s) == Told{"released", "not_out", "not ready", "ready"});
  }
  SECTION("bridge, after") {
    bench.approve();
    bench.machine.restart();
    CHECK(bench.after(15s) == Told{"unknown", "not ready", "ready"});
  }
  CHECK(bench.machine.always_idle());
  bench.ask();
}

TEST_CASE("a bridge that does not answer any more is looked for anew", "[mdb]") {
  Bench bench;
  bench.deaf = true;
  CHECK(bench.after(30s).empty());
  CHECK(bench.after(10s) == Told{"not ready"});
  CHECK(bench.after(60s).empty());

  bench.deaf = false;
  CHECK(bench.after(60s) == Told{"ready"});
  bench.ask();
}

TEST_CASE("a bridge that works is not disturbed by being probed", "[mdb]") {
  Bench bench;
  bench.cabinet.set_motor_time(60s);
  bench.ask();
  bench.approve();
  CHECK(bench.after(55s).empty());
  CHECK(bench.after(10s) == Told{"out"});
}

TEST_CASE("a line that is lost leaves the vend unknown, not undone", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.approve();
  bench.board.world.advance(1s);
  bench.machine.lose_next_line();

  CHECK(bench.after(2s) == Told{"unknown"});
  CHECK(bench.cabinet.fallen() == 1);
}

TEST_CASE("bytes that are lost cost their line only", "[mdb]") {
  Bench bench;
  bench.board.serial_port.far_send(core::to_bytes("c,STATUS,VEND,1"));
  bench.board.world.advance(10ms);
  bench.board.serial_port.lose_bytes();
  bench.board.serial_port.far_send(core::to_bytes("0.00,5\n"));
  CHECK(bench.after(200ms).empty());
  bench.ask();
}

TEST_CASE("a pulled cable withdraws an open request, and the bridge is found again", "[mdb]") {
  Bench bench;
  bench.ask();

  bench.board.serial_port.unplug();
  CHECK(bench.after(10s) == Told{"not ready", "withdrawn"});
  CHECK_FALSE(bench.bridge->connected());
  CHECK(failed_with(bench.bridge->begin_session(std::nullopt), ErrorCode::Unavailable));
  bench.board.serial_port.plug();
  CHECK(bench.after(4s) == Told{"ready"});
  bench.ask();
}

TEST_CASE("a cable that is pulled during a vend does not switch the reader off when it is back", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.approve();
  bench.written.clear();

  SECTION("back in time for the outcome") {
    bench.cabinet.set_motor_time(60s);
    bench.board.serial_port.unplug();
    CHECK(bench.after(100ms) == Told{"not ready"});
    bench.board.serial_port.plug();
    bench.board.world.advance(3s);
    CHECK(bench.written == "\nC,1\n");
  }
  SECTION("the bridge lost its power: the vend is unknown, and the reader is switched on again") {
    bench.board.serial_port.unplug();
    bench.machine.restart();
    CHECK(bench.after(100ms) == Told{"not ready"});
    bench.board.serial_port.plug();
    CHECK(bench.after(5s) == Told{"unknown", "ready"});
  }
}

TEST_CASE("an approval that never left the port comes back as not moved, and one that waits there is dropped",
          "[mdb]") {
  Bench bench;
  bench.ask();
  bench.board.serial_port.hold();
  REQUIRE(bench.bridge->approve(kVend, {250, kCny}).has_value());

  SECTION("the cable is pulled") {
    bench.board.serial_port.unplug();
    CHECK(bench.after(100ms) == Told{"not ready", "not_out"});
  }
  SECTION("given up") {
    CHECK(bench.after(20s).empty());
    CHECK(bench.bridge->give_up() == UnitOutcome::Unknown);
    CHECK(bench.notes.told.empty());  // not from inside the call
    CHECK(bench.after(1ms) == Told{"not ready"});
    bench.board.serial_port.release();
    bench.board.world.advance(3s);
    CHECK_FALSE(bench.written.contains("C,VEND"));
  }
  CHECK(bench.cabinet.fallen() == 0);
}

TEST_CASE("a price that no money says is denied at once", "[mdb]") {
  Bench bench;
  bench.board.serial_port.far_send(core::to_bytes("c,STATUS,VEND,1.005,5\r\n"));
  CHECK(bench.after(200ms).empty());
  CHECK(bench.written.ends_with("C,STOP\n"));
}

TEST_CASE("a machine that needs a session first gets one, and its end is heard", "[mdb]") {
  Bench bench({.always_idle = false});
  CHECK_FALSE(bench.machine.select(kItem));

  REQUIRE(bench.bridge->begin_session(core::Money{1'000, kCny}).has_value());
  CHECK(failed_with(bench.bridge->begin_session(std::nullopt), ErrorCode::FailedPrecondition));
  CHECK(bench.after(100ms).empty());
  CHECK(bench.written.ends_with("C,START,10.00\n"));
  bench.ask();
  CHECK(failed_with(bench.bridge->end_session(), ErrorCode::FailedPrecondition));
  bench.approve();
  CHECK(bench.after(3s) == Told{"out", "session over"});

  REQUIRE(bench.bridge->begin_session(std::nullopt).has_value());
  bench.board.world.advance(100ms);
  REQUIRE(bench.bridge->end_session().has_value());
  CHECK(bench.after(200ms) == Told{"session over"});
}

TEST_CASE("settings that say nothing are refused, and a bridge remembers nothing", "[mdb]") {
  hal_virtual::VirtualBoard board;
  CHECK(failed_with(VmcBridge::make({.currency = core::Currency{}}, board.serial_port, board.scheduler),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(VmcBridge::make({.reconnect_every = 0ms}, board.serial_port, board.scheduler),
                    ErrorCode::InvalidArgument));
  CHECK(failed_with(VmcBridge::make({.probe_every = 0ms}, board.serial_port, board.scheduler),
                    ErrorCode::InvalidArgument));
  Bench bench;
  CHECK_FALSE(bench.bridge->remembers());
  CHECK(failed_with(bench.bridge->inspect(kVend, [](const auto&) {}), ErrorCode::Unsupported));
}

}  // namespace
}  // namespace tillkit::fulfilment
