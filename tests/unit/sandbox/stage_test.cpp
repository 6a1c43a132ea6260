// SPDX-License-Identifier: Apache-2.0
#include "stage.hpp"

#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal_linux/clock.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;
using sandbox::Acted;
using What = sandbox::BackstageNews::What;

sandbox::Shop small_shop() {
  return {.places = sandbox::read_planogram(
                        R"({"slots":[{"slot":11,"item":"cola","name":"Cola","price":350,"capacity":8,"stock":2},)"
                        R"({"slot":12,"item":"cola","name":"Cola","price":350,"capacity":8,"stock":2}]})")
                        .value(),
          .shoppers = sandbox::read_people(R"({"people":[{"id":"li","name":"Li","wallet":"alipay","user":"li-7",)"
                                           R"("balance_minor":5000}]})")
                          .value()};
}

/// A stage whose board is played by the test.
struct Theatre {
  explicit Theatre(bool till = true)
      : loop(hal_linux::EventLoop::create(clock).value()),
        firmware(*loop, {}),
        stage(machine, small_shop(), {.firmware = firmware, .till = till}, true, true) {}

  void board_comes() {
    machine.connect([](const std::string&) {});
    REQUIRE(machine.take_line(R"({"do":"hello","boot":"1"})"));
  }
  void vend(int number) {
    const std::string words = std::to_string(number);
    REQUIRE(machine.take_line(R"({"do":"dispense","order":)" + words + R"(,"vend":)" + words +
                              R"(,"slot":11,"limit_ms":4000})"));
  }
  void terminal_says_that_slot_11_is(const std::string& block) {
    stage.take_news({What::Slots, R"({"slot":11,"item":"cola","capacity":8,"stock":2,"block":")" + block + "\"}\n" +
                                      R"({"slot":12,"item":"cola","capacity":8,"stock":1,"block":"none"})" + "\n" +
                                      R"({"done":"planogram.show","slots":2})" + "\n\n"});
  }
  [[nodiscard]] bool shows(std::string_view text) const { return stage.state().contains(text); }

  hal_linux::Clock clock{core::WallTime{}};
  std::unique_ptr<hal_linux::EventLoop> loop;
  sandbox::Firmware firmware;
  hal_virtual::VirtualBoard devices;
  sandbox::Machine machine{devices};
  sandbox::Stage stage;
};

constexpr std::string_view kClear11 =
    R"({"command":"planogram.set","change":{"slot":11,"blocked":false,"stock":2},"by":"technician"})";
constexpr std::string_view kRefill = R"({"command":"planogram.set","change":{"refill":true},"by":"technician"})";

TEST_CASE("whoever frees a motor gives the slot back to the terminal", "[sandbox]") {
  Theatre theatre;
  theatre.board_comes();
  CHECK(theatre.stage.act(R"({"act":"jam","slot":11,"on":true})").told.empty());
  theatre.terminal_says_that_slot_11_is("jammed");
  CHECK(theatre.shows(R"("jammed":true,"unseen":0,"accounted":0,"terminal":{"stock":2,"block":"jammed"})"));

  const Acted freed = theatre.stage.act(R"({"act":"jam","slot":11,"on":false})");

  CHECK(freed.status == 200);
  REQUIRE(freed.told.size() == 1);
  CHECK(freed.told.front() == kClear11);
  CHECK(theatre.devices.dispenser.jammed(hal::SlotId{11}) == false);
}

TEST_CASE("a slot that only the terminal holds blocked is cleared by a technician", "[sandbox]") {
  Theatre theatre;
  theatre.board_comes();

  const Acted cleared = theatre.stage.act(R"({"act":"clear","slot":11})");

  REQUIRE(cleared.told.size() == 1);
  CHECK(cleared.told.front() == kClear11);
  CHECK(theatre.stage.act(R"({"act":"clear","slot":13})").status == 404);
}

TEST_CASE("a refill is told to the terminal, with the slots that are well again; a stuck one stays blocked",
          "[sandbox]") {
  Theatre theatre;
  theatre.board_comes();
  theatre.terminal_says_that_slot_11_is("jammed");

  const Acted refilled = theatre.stage.act(R"({"act":"refill"})");
  REQUIRE(refilled.told.size() == 2);
  CHECK(refilled.told.front() == kRefill);
  CHECK(refilled.told.back().contains(R"("slot":11,"blocked":false,"stock":8)"));
  CHECK(theatre.devices.dispenser.stock(hal::SlotId{12}) == 8);

  theatre.devices.dispenser.jam(hal::SlotId{11});
  CHECK(theatre.stage.act(R"({"act":"refill"})").told.size() == 1);
  CHECK(theatre.devices.dispenser.jammed(hal::SlotId{11}));
}

TEST_CASE("nobody works inside while goods move, or fills what the terminal cannot be told of", "[sandbox]") {
  Theatre theatre;
  const Acted off = theatre.stage.act(R"({"act":"refill"})");
  CHECK(off.status == 409);
  CHECK(off.body.contains(R"("code":"machine_off")"));
  // A motor can be freed at any time; the terminal is told later.
  CHECK(theatre.stage.act(R"({"act":"jam","slot":11,"on":false})").status == 200);

  theatre.board_comes();
  theatre.vend(1);
  CHECK(theatre.stage.act(R"({"act":"refill"})").body.contains(R"("code":"goods_move")"));
  CHECK(theatre.stage.act(R"({"act":"clear","slot":11})").status == 409);
  theatre.devices.world.advance(3s);
  CHECK(theatre.stage.act(R"({"act":"refill"})").status == 200);

  // Between two goods of one sale no motor turns.
  REQUIRE(theatre.devices.display.show(R"({"screen":"handing_over"})"));
  theatre.devices.world.advance(1s);
  CHECK(theatre.stage.act(R"({"act":"refill"})").body.contains(R"("code":"goods_move")"));
}

TEST_CASE("a machine without a terminal that listens is refilled all the same", "[sandbox]") {
  Theatre theatre(false);

  const Acted refilled = theatre.stage.act(R"({"act":"refill"})");

  CHECK(refilled.status == 200);
  CHECK(refilled.told.empty());
  CHECK(theatre.devices.dispenser.stock(hal::SlotId{11}) == 8);
}

TEST_CASE("what falls before a covered sensor is counted, until a technician has looked", "[sandbox]") {
  Theatre theatre;
  theatre.board_comes();
  theatre.vend(1);
  theatre.devices.world.advance(3s);
  CHECK(theatre.shows(R"("fallen":1,"jammed":false,"unseen":0,"accounted":0)"));

  CHECK(theatre.stage.act(R"({"act":"sensor","blind":true})").status == 200);
  theatre.vend(2);
  theatre.devices.world.advance(3s);
  CHECK(theatre.shows(R"("fallen":2,"jammed":false,"unseen":1,"accounted":0)"));

  CHECK(theatre.stage.act(R"({"act":"clear","slot":11})").status == 200);
  CHECK(theatre.shows(R"("fallen":2,"jammed":false,"unseen":1,"accounted":1)"));
}

TEST_CASE("a terminal that is off has its slots as before", "[sandbox]") {
  Theatre theatre;
  CHECK(theatre.shows(R"("terminal":null)"));
  theatre.terminal_says_that_slot_11_is("technician");

  theatre.stage.take_news({What::Slots, ""});

  CHECK(theatre.shows(R"("terminal":{"stock":2,"block":"technician"})"));
}

TEST_CASE("a shopper who is a member by now is shown as one, with the points", "[sandbox]") {
  Theatre theatre;
  CHECK(theatre.shows(R"("user":"li-7","member":"")"));

  theatre.stage.take_news({What::Members, R"({"payers":[{"wallet":"wechat_pay","user":"li-7","member":"other"},)"
                                          R"({"wallet":"alipay","user":"li-7","member":"P1-17"}]})"});
  theatre.stage.take_news(
      {What::Cloud, R"({"balances":[{"unit":"points","of":"P1-17","active":5,"leased":2,"debt":0}]})"});

  CHECK(theatre.shows(R"("user":"li-7","member":"P1-17")"));
  CHECK(theatre.shows(R"({"member":"P1-17","points":7})"));
}

TEST_CASE("a refusal has its words and a code", "[sandbox]") {
  Theatre theatre;

  CHECK(theatre.stage.act(R"({"act":"press","press":{"press":"cancel"}})").body ==
        R"({"error":"the machine is off","code":"machine_off"})");
  CHECK(theatre.stage.act(R"({"act":"dance"})").body.contains(R"("code":"not_understood")"));
}

}  // namespace
