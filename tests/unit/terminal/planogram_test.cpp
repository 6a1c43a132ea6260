// SPDX-License-Identifier: Apache-2.0

// What a technician says of a machine's slots.

#include "tillkit/fulfilment/planogram.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/checkout/permissions.hpp"

namespace tillkit::terminal {
namespace {

/// A terminal where `lead` may say what lies in the slots.
struct Machine : Shop {
  std::vector<std::string> ask(std::string_view request) {
    Technician technician(*journal, board.clock, nullptr, nullptr, &permissions);
    const auto answer = technician.answer(request);
    std::string text;
    for (bool more = true; more;) {
      std::string piece;
      more = answer->next(piece);
      text += piece;
    }
    return split(text);
  }
  std::vector<std::string> set(std::string_view what, std::string_view by = "lead") {
    return ask(R"({"command":"planogram.set",)" + std::string(what) + R"(,"by":")" + std::string(by) + R"("})");
  }
  std::vector<fulfilment::Slot> slots() { return must(fulfilment::slots(journal->tables())); }

  checkout::PermissionTable permissions{
      std::vector{checkout::Permission{.operator_id = *journal::Operator::parse("lead"),
                                       .actions = core::EnumSet<checkout::Action>{checkout::Action::Slots}}}};
};

constexpr std::string_view kTwo = R"("planogram":{"slots":[{"slot":11,"item":"cola","capacity":8,"stock":2,"mdb":0},)"
                                  R"({"slot":12,"item":"rice","capacity":6}]})";

TEST_CASE("a planogram is told slot by slot", "[terminal][vending]") {
  Machine machine;
  CHECK(machine.ask(R"({"command":"planogram.show"})").size() == 1);

  CHECK(member(machine.set(kTwo).back(), "done") == "planogram.set");

  const auto lines = machine.ask(R"({"command":"planogram.show"})");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == R"({"slot":11,"item":"cola","capacity":8,"stock":2,"block":"none","mdb":0})");
  CHECK(lines[1] == R"({"slot":12,"item":"rice","capacity":6,"stock":0,"block":"none"})");
  CHECK(member(lines[2], "slots") == "2");
}

TEST_CASE("one slot is changed, and the others stay as they are", "[terminal][vending]") {
  Machine machine;
  machine.set(kTwo);

  CHECK(member(machine.set(R"("change":{"slot":11,"blocked":true})").back(), "slots") == "1");
  CHECK(machine.slots()[0].block == fulfilment::SlotBlock::Technician);
  machine.set(R"("change":{"slot":11,"blocked":false,"stock":5})");
  CHECK(machine.slots()[0].sells());
  CHECK(machine.slots()[0].stock == 5);
  machine.set(R"("change":{"slot":13,"item":"bag","capacity":4})");
  machine.set(R"("change":{"refill":true})");

  CHECK(machine.slots().size() == 3);
  for (const fulfilment::Slot& slot : machine.slots())
    CHECK(slot.stock == slot.capacity);
}

TEST_CASE("what cannot be said of slots is told why, and nothing is written", "[terminal][vending]") {
  Machine machine;
  machine.set(kTwo);
  const auto records = machine.journal->last_seq();
  const std::vector<std::pair<std::string, std::string>> wrong{
      {R"("change":{"slot":99,"refill":true})", "there is no slot 99"},
      {R"("change":{"slot":11,"mdb":"3"})", "/change/mdb: expected a whole number"},
      {R"("change":{"slot":11,"price":3})", "/change/price: expected no member of this name"},
      {R"("change":{"slot":12,"mdb":0})", "a selection of the bus twice"},
      {R"("change":{"slot":12,"stock":7})", "more stock than capacity"},
      {R"("planogram":{"slots":[{"slot":11}]})", "/planogram/slots/0: expected an 'item'"},
      {R"("planogram":{"slots":[]},"change":{"slot":11})", "exactly one of them"},
  };
  for (const auto& [what, why] : wrong) {
    CAPTURE(what);
    CHECK(member(machine.set(what).back(), "what").find(why) != std::string::npos);
  }
  CHECK(member(machine.set(kTwo, "anna").back(), "error") == "permission_denied");
  CHECK(member(machine.set(kTwo, "").back(), "what").find("'by' is the name") != std::string::npos);

  CHECK(machine.journal->last_seq() == records);
  CHECK(machine.slots().size() == 2);
}

}  // namespace
}  // namespace tillkit::terminal
