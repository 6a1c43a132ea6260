// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tillkit/boards/linux_armv7.hpp"
#include "tillkit/boards/template_board.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/test/folder.hpp"

using namespace std::chrono_literals;
using tillkit::boards::LinuxArmv7;
using tillkit::boards::LinuxArmv7Settings;
using tillkit::boards::TemplateBoard;

TEMPLATE_TEST_CASE("a board starts with a clock, a loop and random numbers that work", "[boards]", LinuxArmv7,
                   TemplateBoard) {
  auto board = TestType::start({});
  REQUIRE(board.has_value());
  const tillkit::hal::Board parts = (*board)->parts();

  std::array<std::byte, 16> first{};
  std::array<std::byte, 16> second{};
  REQUIRE(parts.random.fill(first).has_value());
  REQUIRE(parts.random.fill(second).has_value());
  const auto set_at = parts.clock.monotonic();
  auto ran_at = tillkit::core::MonotonicTime::min();
  REQUIRE(parts.scheduler
              .call_after(2ms,
                          [&] {
                            ran_at = parts.clock.monotonic();
                            (*board)->loop().stop();
                          })
              .has_value());
  (*board)->loop().run();

  CHECK(first != second);
  CHECK(ran_at >= set_at + 2ms);
  CHECK(parts.clock.wall().at >= tillkit::core::source_time());
}

TEST_CASE("a board hands out only the parts that it has", "[boards]") {
  auto bare = LinuxArmv7::start({});
  auto with_bridge = LinuxArmv7::start({.mdb_bridge = "/dev/ttyS1"});
  REQUIRE(bare.has_value());
  REQUIRE(with_bridge.has_value());

  CHECK((*bare)->parts().serial_port == nullptr);
  CHECK((*with_bridge)->parts().serial_port != nullptr);
  CHECK((*bare)->parts().http_client == nullptr);
  CHECK((*bare)->parts().key_store == nullptr);
  CHECK((*bare)->parts().scanner == nullptr);
  CHECK((*bare)->parts().printer == nullptr);
  CHECK((*bare)->parts().display == nullptr);
}

TEST_CASE("a board with scanner, printer and display starts before they are there", "[boards]") {
  const tillkit::test::Folder folder;
  auto lines = LinuxArmv7::start({.scanner_line = "/dev/no-such-line",
                                  .printer_line = "/dev/no-such-line",
                                  .display_socket = folder.path("display.sock")});
  auto files = LinuxArmv7::start({.scanner_keyboard = "/dev/no-such-keyboard", .printer_file = "/dev/no-such-printer"});
  REQUIRE(lines.has_value());
  REQUIRE(files.has_value());

  for (const auto* board : {&*lines, &*files}) {
    const auto parts = (*board)->parts();
    REQUIRE(parts.scanner != nullptr);
    REQUIRE(parts.printer != nullptr);
    CHECK_FALSE(parts.scanner->enable());
    CHECK(parts.printer->status().state == tillkit::hal::PrinterState::Disconnected);
  }
  REQUIRE((*lines)->parts().display != nullptr);
  CHECK((*lines)->parts().display->show("{}"));
  CHECK((*files)->parts().display == nullptr);
}

TEST_CASE("two scanners, two printers, or a display whose place is taken do not make a board", "[boards]") {
  const tillkit::test::Folder folder;
  const auto code = [](const LinuxArmv7Settings& settings) { return LinuxArmv7::start(settings).error().code; };

  CHECK(code({.scanner_keyboard = "/dev/a", .scanner_line = "/dev/b"}) == tillkit::core::ErrorCode::InvalidArgument);
  CHECK(code({.printer_line = "/dev/a", .printer_file = "/dev/b"}) == tillkit::core::ErrorCode::InvalidArgument);
  CHECK(code({.display_socket = folder.path()}) == tillkit::core::ErrorCode::AlreadyExists);
}
