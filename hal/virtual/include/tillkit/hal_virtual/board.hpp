// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/display.hpp"
#include "tillkit/hal_virtual/http_client.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/local_server.hpp"
#include "tillkit/hal_virtual/network_status.hpp"
#include "tillkit/hal_virtual/printer.hpp"
#include "tillkit/hal_virtual/product_dispenser.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/hal_virtual/scheduler.hpp"
#include "tillkit/hal_virtual/serial_port.hpp"
#include "tillkit/hal_virtual/watchdog.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

struct VirtualBoardSettings {
  std::uint64_t seed = 1;
  VirtualClockSettings clock = {};
  VirtualHttpSettings http = {};
};

/// One of each virtual device, in a world of its own. It outlives the program under test, as a board does.
///
///     VirtualBoard board;
///     auto terminal = start(board.clock, board.scheduler, board.dispenser);
///     board.world.advance(2s);                                   // all that comes due runs
///     board.world.power().cut();
///     terminal = {};                                             // what ran on it is gone
///     board.world.power().restore();
///     terminal = start(board.clock, board.scheduler, board.dispenser);
struct VirtualBoard {
  explicit VirtualBoard(const VirtualBoardSettings& settings = {})
      : clock(world, settings.clock),
        scheduler(world, clock),
        random(settings.seed),
        key_store(world, settings.seed),
        local_server(world),
        scanner(world),
        display(world),
        printer(world),
        serial_port(world),
        dispenser(world),
        network(world),
        watchdog(world),
        http(world, clock, network, settings.http) {}
  /// What waits is dropped while all that it may refer to is still there.
  ~VirtualBoard() { world.power().cut(); }
  VirtualBoard(const VirtualBoard&) = delete;
  VirtualBoard& operator=(const VirtualBoard&) = delete;

  World world;
  VirtualClock clock;
  VirtualScheduler scheduler;
  VirtualRandom random;
  VirtualKeyStore key_store;
  VirtualLocalServer local_server;
  VirtualScanner scanner;
  VirtualDisplay display;
  VirtualPrinter printer;
  VirtualSerialPort serial_port;
  VirtualProductDispenser dispenser;
  VirtualNetwork network;
  VirtualWatchdog watchdog;
  VirtualHttpClient http;
};

}  // namespace tillkit::hal_virtual
