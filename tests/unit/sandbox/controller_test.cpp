// SPDX-License-Identifier: Apache-2.0
#include "controller.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_virtual/board.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;

sandbox::Place cola() {
  sandbox::Place place;
  place.slot = 11;
  place.mdb = 0;
  place.price_minor = 350;
  return place;
}

/// A controller whose reader is switched on and may be asked at any time, and what the line said since.
struct Bus {
  Bus() {
    controller.put(11, 2);
    controller.opened([this](core::ByteView bytes) { heard += core::as_text(bytes); });
    say("C,SETCONF,mdb-always-idle=1");
    say("C,1");
    pass(1s);
    heard.clear();
  }
  void say(const std::string& line) { controller.take(core::as_bytes(line + "\r\n")); }
  void pass(std::chrono::microseconds time) { devices.world.advance(time); }

  hal_virtual::VirtualBoard devices;
  sandbox::Controller controller{devices.world, {cola()}};
  std::string heard;
};

TEST_CASE("a key of the controller asks on the line, and its motor turns once that is approved", "[sandbox]") {
  Bus bus;

  REQUIRE(bus.controller.select(11));
  bus.pass(100ms);
  CHECK(bus.heard == "c,STATUS,VEND,3.50,0\r\n");
  CHECK_FALSE(bus.controller.select(11));

  bus.heard.clear();
  bus.say("C,VEND,3.00");
  bus.pass(100ms);
  CHECK(bus.controller.turning() == 11);
  bus.pass(5s);
  CHECK_FALSE(bus.controller.turning());
  CHECK(bus.heard.contains("c,VEND,SUCCESS"));
  CHECK(bus.controller.fallen(11) == 1);
  CHECK(bus.controller.fallen() == 1);
  CHECK(bus.controller.stock(11) == 1);
}

TEST_CASE("a slot of the controller sticks until it is freed", "[sandbox]") {
  Bus bus;
  bus.controller.jam(11, true);
  CHECK(bus.controller.jammed(11));

  for (const bool stuck : {true, true, false}) {
    CAPTURE(stuck);
    bus.controller.jam(11, stuck);
    bus.heard.clear();
    REQUIRE(bus.controller.select(11));
    bus.pass(100ms);
    bus.say("C,VEND,3.50");
    bus.pass(5s);
    CHECK(bus.heard.contains(stuck ? "c,ERR,VEND 3" : "c,VEND,SUCCESS"));
  }
  CHECK(bus.controller.fallen(11) == 1);
}

TEST_CASE("a controller goes on when the board is dark, and nobody hears it", "[sandbox]") {
  Bus bus;
  REQUIRE(bus.controller.select(11));
  bus.pass(100ms);
  bus.say("C,VEND,3.50");
  bus.heard.clear();

  bus.devices.world.power().cut();
  bus.controller.closed();
  bus.pass(5s);

  CHECK(bus.controller.fallen(11) == 1);
  CHECK(bus.heard.empty());
}

TEST_CASE("a controller sells nothing that it has not, and nothing while its reader is off", "[sandbox]") {
  Bus bus;

  CHECK_FALSE(bus.controller.select(12));
  bus.say("C,0");
  bus.pass(100ms);
  CHECK_FALSE(bus.controller.select(11));
}

}  // namespace
