// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "sandbox_bench.hpp"
#include "tillkit/core/bytes.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;
using contract::code_of;
using contract::SandboxBench;
using core::ErrorCode;

/// A thing on the serial line that says each byte back.
class Echo final : public sandbox::SerialDevice {
 public:
  void opened(Say say) override { say_ = std::move(say); }
  void closed() override { say_ = {}; }
  void take(core::ByteView bytes) override {
    heard += core::as_text(bytes);
    if (say_) say_(bytes);
  }

  std::string heard;

 private:
  Say say_;
};

TEST_CASE("a line that says nothing ends the connection and changes nothing", "[sandbox]") {
  SandboxBench bench;
  REQUIRE(bench.parts().display.show("before"));
  bench.settle();

  for (const std::string_view line :
       {"", "[]", "{}", R"({"do":"dance"})", R"({"do":"show"})", R"({"do":"show","screen":"%"})",
        R"({"do":"dispense","order":1,"vend":1,"slot":0,"limit_ms":5000})",
        R"({"do":"dispense","order":1,"vend":1,"slot":11,"limit_ms":60001})",
        R"({"do":"print","job":1,"limit_ms":999,"bytes":"eA=="})", R"({"do":"pay_out","minor":0})",
        R"({"do":"pay_out","minor":-100})", R"({"do":"watchdog","timeout_ms":1})"}) {
    CAPTURE(line);
    CHECK_FALSE(bench.machine().take_line(line));
  }

  bench.pass(10s);
  CHECK(bench.board.display.visible() == "before");
  CHECK(bench.board.dispenser.motor_starts() == 0);
  CHECK(bench.board.printer.paper().empty());
  CHECK(bench.machine().paid_out_minor() == 0);
}

TEST_CASE("nobody uses the machine before it was greeted, nor while its power is off", "[sandbox]") {
  hal_virtual::VirtualBoard devices;
  sandbox::Machine machine(devices);
  std::vector<std::string> heard;
  machine.connect([&](std::string line) { heard.push_back(std::move(line)); });

  CHECK_FALSE(machine.take_line(R"({"do":"scanner","enabled":true,"time":1})"));
  CHECK(heard.empty());
  machine.cut_power();
  CHECK_FALSE(machine.take_line(R"({"do":"hello","boot":"1"})"));
  machine.restore_power();
  CHECK(machine.take_line(R"({"do":"hello","boot":"1"})"));

  REQUIRE(heard.size() == 1);
  CHECK(heard[0].starts_with(R"({"is":"state")"));
}

TEST_CASE("a program that comes back without a power cut finds a dark machine, and what it did", "[sandbox]") {
  SandboxBench bench;
  bench.board.dispenser.fill(hal::SlotId{11}, 2);
  REQUIRE(bench.parts().display.show("a sale"));
  REQUIRE(bench.parts().scanner.enable());
  std::optional<core::Result<hal::DropOutcome>> seen;
  REQUIRE(bench.parts().cabinet.dispense(hal::VendId{7}, hal::SlotId{11}, 5s, [&](auto outcome) { seen = outcome; }));
  bench.pass(1s);

  CHECK(bench.machine().take_line(R"({"do":"hello","boot":"another"})"));
  bench.pass(1min);

  CHECK(bench.board.display.visible().empty());
  CHECK_FALSE(bench.board.scanner.enabled());
  CHECK(bench.board.dispenser.fallen() == 0);
  CHECK_FALSE(bench.machine().turning());
  std::optional<core::Result<hal::DropOutcome>> told;
  REQUIRE(bench.board.dispenser.inspect(hal::VendId{7}, [&](auto outcome) { told = outcome; }));
  bench.pass(1s);
  REQUIRE((told && *told));
  CHECK(**told == hal::DropOutcome::Jammed);
}

TEST_CASE("the same program that connects again finds the machine as it left it", "[sandbox]") {
  SandboxBench bench;
  REQUIRE(bench.parts().display.show("a sale"));
  REQUIRE(bench.parts().scanner.enable());
  bench.pass(10ms);
  bench.machine().disconnect();

  std::vector<std::string> heard;
  bench.machine().connect([&](std::string line) { heard.push_back(std::move(line)); });
  CHECK(bench.machine().take_line(R"({"do":"hello","boot":"boot 1"})"));

  CHECK(bench.board.display.visible() == "a sale");
  CHECK(bench.board.scanner.enabled());
}

TEST_CASE("an unfed watchdog asks for a new start, and the next program hears why it started", "[sandbox]") {
  SandboxBench bench;
  CHECK_FALSE(bench.parts().watchdog.caused_last_reset());
  REQUIRE(bench.parts().watchdog.start(2s));
  bench.pass(1500ms);
  REQUIRE(bench.parts().watchdog.feed());
  bench.pass(1500ms);
  CHECK_FALSE(bench.machine().take_bite());

  bench.pass(600ms);

  CHECK(bench.machine().take_bite());
  CHECK_FALSE(bench.machine().take_bite());
  bench.cut_and_restore_power();
  CHECK(bench.parts().watchdog.caused_last_reset());
  CHECK_FALSE(bench.board.watchdog.running());
  bench.cut_and_restore_power();
  CHECK_FALSE(bench.parts().watchdog.caused_last_reset());
}

TEST_CASE("cash is a press, change is paid out, and a machine without a program keeps nothing", "[sandbox]") {
  SandboxBench bench;
  std::string pressed;
  bench.parts().display.listen([&](const std::string& press) { pressed += press; });

  bench.machine().insert_cash(500);
  bench.settle();
  CHECK(pressed == R"({"press":"cash","minor":500})");
  CHECK(bench.machine().tray_minor() == 0);
  REQUIRE(bench.parts().pay_out(150));
  CHECK(bench.machine().empty_tray() == 150);

  bench.machine().disconnect();
  bench.machine().insert_cash(1'000);

  CHECK(bench.machine().inserted_minor() == 500);
  CHECK(bench.machine().empty_tray() == 1'000);
}

TEST_CASE("a scan that was on its way when the scanner was disabled is not delivered when it is enabled again",
          "[sandbox]") {
  SandboxBench bench;
  std::vector<std::string> seen;
  bench.parts().scanner.listen([&](hal::ScanEvent event) { seen.push_back(event.value()); });
  REQUIRE(bench.parts().scanner.enable());
  bench.settle();
  bench.board.scanner.present("on its way");
  bench.board.world.turn();  // the machine has read and said it, the board has not heard it

  bench.parts().scanner.disable();
  REQUIRE(bench.parts().scanner.enable());
  bench.board.scanner.present("read after");
  bench.settle();

  CHECK(seen == std::vector<std::string>{"read after"});
}

TEST_CASE("bytes pass both ways on the line to the bridge", "[sandbox]") {
  SandboxBench bench;
  Echo echo;
  CHECK(code_of(bench.parts().bridge.open({})) == ErrorCode::Unavailable);
  bench.machine().fit(echo);
  bench.settle();
  std::string heard;
  bench.parts().bridge.listen([&](hal::SerialEvent event) {
    REQUIRE(event.has_value());
    CHECK(event->size() <= hal::kSerialChunkBytesMax);
    heard += core::as_text(*event);
  });
  REQUIRE(bench.parts().bridge.open({}));
  std::string sent(3'000, 'x');
  sent[7] = '\0';
  sent[8] = '\xff';
  bool written = false;

  REQUIRE(bench.parts().bridge.write(core::to_bytes(sent), [&](core::Result<> result) {
    CHECK(result);
    written = true;
  }));
  CHECK_FALSE(written);
  bench.settle();

  CHECK(written);
  CHECK(echo.heard == sent);
  CHECK(heard == sent);
}

TEST_CASE("a bridge that was closed is heard no more, and what waited may have arrived", "[sandbox]") {
  SandboxBench bench;
  Echo echo;
  bench.machine().fit(echo);
  bench.settle();
  std::string heard;
  bench.parts().bridge.listen([&](hal::SerialEvent event) { heard += core::as_text(event.value()); });
  REQUIRE(bench.parts().bridge.open({}));
  std::optional<core::Result<>> written;

  REQUIRE(bench.parts().bridge.write(core::to_bytes("x"), [&](core::Result<> result) { written = result; }));
  bench.parts().bridge.close();
  CHECK_FALSE(written.has_value());
  REQUIRE(bench.parts().bridge.open({}));
  bench.settle();

  REQUIRE(written.has_value());
  CHECK(code_of(*written) == ErrorCode::Timeout);
  CHECK(heard.empty());
}

}  // namespace
