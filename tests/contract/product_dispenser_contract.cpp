// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"
#include "sandbox_bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::DropOutcome;
using hal::SlotId;
using hal::VendId;

constexpr SlotId kSlot{11};
constexpr SlotId kEmptySlot{12};
constexpr SlotId kNoSlot{99};

/// A cabinet with three products in `kSlot` and none in `kEmptySlot`.
class VirtualSubject : public VirtualBench {
 public:
  VirtualSubject() {
    cabinet().fill(kSlot, 3);
    cabinet().fill(kEmptySlot, 0);
  }
  hal::ProductDispenser& dispenser() { return cabinet(); }

  void jam() { cabinet().jam(kSlot); }
  void blind_sensor() { cabinet().blind_sensor(true); }
  void open_door() { cabinet().open_door(); }
  void unplug() { cabinet().unplug(); }
  void plug() { cabinet().plug(); }
  void stop_answering() { cabinet().stop_answering(); }
  void answer_again() { cabinet().answer_again(); }
  void forget_vends() { cabinet().forget_vends(); }
  void cut_and_restore_power() {
    board.world.power().cut();
    board.world.power().restore();
  }
  std::uint32_t fallen() { return cabinet().fallen(); }
  std::uint32_t motor_starts() { return cabinet().motor_starts(); }

 private:
  hal_virtual::VirtualProductDispenser& cabinet() { return board.dispenser; }
};

/// The sandbox's, at its machine.
class SandboxSubject : public SandboxBench {
 public:
  SandboxSubject() {
    board.dispenser.fill(kSlot, 3);
    board.dispenser.fill(kEmptySlot, 0);
  }
  hal::ProductDispenser& dispenser() { return parts().cabinet; }

  void jam() { board.dispenser.jam(kSlot); }
  void blind_sensor() { board.dispenser.blind_sensor(true); }
  void open_door() { board.dispenser.open_door(); }
  void unplug() {
    tell([&] { board.dispenser.unplug(); });
  }
  void plug() {
    tell([&] { board.dispenser.plug(); });
  }
  void stop_answering() { board.dispenser.stop_answering(); }
  void answer_again() { board.dispenser.answer_again(); }
  void forget_vends() {
    tell([&] { board.dispenser.forget_vends(); });
  }
  std::uint32_t fallen() { return board.dispenser.fallen(); }
  std::uint32_t motor_starts() { return board.dispenser.motor_starts(); }

 private:
  void tell(const std::function<void()>& change) {
    change();
    settle();
  }
};

using Dispensers = std::tuple<VirtualSubject, SandboxSubject>;
using Outcome = std::optional<core::Result<DropOutcome>>;

auto into(Outcome& outcome) {
  return [&outcome](core::Result<DropOutcome> result) {
    CHECK_FALSE(outcome.has_value());
    outcome = result;
  };
}

template <class Subject>
core::Result<DropOutcome> dispense(Subject& subject, VendId vend, SlotId slot = kSlot,
                                   std::chrono::milliseconds limit = 5s) {
  Outcome outcome;
  REQUIRE(subject.dispenser().dispense(vend, slot, limit, into(outcome)));
  CHECK_FALSE(outcome.has_value());
  REQUIRE(subject.until([&] { return outcome.has_value(); }));
  return *outcome;
}

DropOutcome seen(const core::Result<DropOutcome>& result) {
  REQUIRE(result.has_value());
  return *result;
}

template <class Subject>
core::Result<DropOutcome> inspect(Subject& subject, VendId vend) {
  Outcome outcome;
  const auto starts = subject.motor_starts();
  REQUIRE(subject.dispenser().inspect(vend, into(outcome)));
  CHECK_FALSE(outcome.has_value());
  REQUIRE(subject.until([&] { return outcome.has_value(); }));
  CHECK(subject.motor_starts() == starts);
  return *outcome;
}

TEMPLATE_LIST_TEST_CASE("one order drops one product", "[contract][product_dispenser]", Dispensers) {
  TestType subject;

  CHECK(seen(dispense(subject, VendId{1})) == DropOutcome::Dropped);
  subject.pass(1min);
  CHECK(subject.fallen() == 1);

  CHECK(seen(dispense(subject, VendId{2})) == DropOutcome::Dropped);
  CHECK(subject.fallen() == 2);
}

TEMPLATE_LIST_TEST_CASE("an empty slot turns and nothing is seen", "[contract][product_dispenser]", Dispensers) {
  TestType subject;

  CHECK(seen(dispense(subject, VendId{1}, kEmptySlot)) == DropOutcome::NotSeen);
  CHECK(subject.motor_starts() == 1);
  CHECK(subject.fallen() == 0);
}

TEMPLATE_LIST_TEST_CASE("a product that falls unseen is not reported as dropped", "[contract][product_dispenser]",
                        Dispensers) {
  TestType subject;
  subject.blind_sensor();

  CHECK(seen(dispense(subject, VendId{1})) == DropOutcome::NotSeen);
  CHECK(subject.fallen() == 1);
}

TEMPLATE_LIST_TEST_CASE("a motor that sticks is a jam, not before its time is up", "[contract][product_dispenser]",
                        Dispensers) {
  TestType subject;
  subject.jam();
  const auto start = subject.clock().monotonic();

  CHECK(seen(dispense(subject, VendId{1}, kSlot, 3s)) == DropOutcome::Jammed);
  CHECK(subject.clock().monotonic() - start >= 3s);
  CHECK(subject.fallen() == 0);
}

TEMPLATE_LIST_TEST_CASE("a limit that is too short stops the motor before a product falls",
                        "[contract][product_dispenser]", Dispensers) {
  TestType subject;

  CHECK(seen(dispense(subject, VendId{1}, kSlot, hal::kDispenseLimitMin)) == DropOutcome::Jammed);
  subject.pass(1min);
  CHECK(subject.fallen() == 0);
}

TEMPLATE_LIST_TEST_CASE("what names nothing or breaks a limit is refused and no motor moves",
                        "[contract][product_dispenser]", Dispensers) {
  TestType subject;
  bool called = false;
  const auto done = [&](auto) { called = true; };
  auto& dispenser = subject.dispenser();

  CHECK(code_of(dispenser.dispense({}, kSlot, 5s, done)) == ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.dispense(VendId{1}, {}, 5s, done)) == ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.dispense(VendId{1}, kSlot, 5s, {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.dispense(VendId{1}, kSlot, hal::kDispenseLimitMin - 1ms, done)) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.dispense(VendId{1}, kSlot, hal::kDispenseLimitMax + 1ms, done)) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.inspect({}, done)) == ErrorCode::InvalidArgument);
  CHECK(code_of(dispenser.inspect(VendId{1}, {})) == ErrorCode::InvalidArgument);
  subject.pass(2min);

  CHECK_FALSE(called);
  CHECK(subject.motor_starts() == 0);
}

TEMPLATE_LIST_TEST_CASE("a slot that is not there and an open door move no motor", "[contract][product_dispenser]",
                        Dispensers) {
  TestType subject;

  CHECK(code_of(dispense(subject, VendId{1}, kNoSlot)) == ErrorCode::NotFound);
  subject.open_door();
  CHECK(code_of(dispense(subject, VendId{2})) == ErrorCode::FailedPrecondition);

  CHECK(subject.motor_starts() == 0);
  CHECK(code_of(inspect(subject, VendId{1})) == ErrorCode::NotFound);
  CHECK(code_of(inspect(subject, VendId{2})) == ErrorCode::NotFound);
}

TEMPLATE_LIST_TEST_CASE("a second order is refused while one is under way", "[contract][product_dispenser]",
                        Dispensers) {
  TestType subject;
  Outcome first;
  bool second_called = false;
  const auto second = [&](auto) { second_called = true; };
  REQUIRE(subject.dispenser().dispense(VendId{1}, kSlot, 5s, into(first)));

  CHECK(code_of(subject.dispenser().dispense(VendId{2}, kSlot, 5s, second)) == ErrorCode::FailedPrecondition);
  CHECK(code_of(subject.dispenser().inspect(VendId{2}, second)) == ErrorCode::FailedPrecondition);
  CHECK(subject.until([&] { return first.has_value(); }));
  subject.pass(1min);

  CHECK(subject.fallen() == 1);
  CHECK_FALSE(second_called);
}

TEMPLATE_LIST_TEST_CASE("a vend that the cabinet remembers is not made twice", "[contract][product_dispenser]",
                        Dispensers) {
  TestType subject;
  CHECK(seen(dispense(subject, VendId{1})) == DropOutcome::Dropped);

  CHECK(code_of(dispense(subject, VendId{1})) == ErrorCode::AlreadyExists);
  subject.cut_and_restore_power();
  CHECK(code_of(dispense(subject, VendId{1})) == ErrorCode::AlreadyExists);

  CHECK(subject.motor_starts() == 1);
  CHECK(subject.fallen() == 1);
}

TEMPLATE_LIST_TEST_CASE("a cabinet tells what came of its last vends, also after a power cut",
                        "[contract][product_dispenser]", Dispensers) {
  TestType subject;
  CHECK(seen(dispense(subject, VendId{1})) == DropOutcome::Dropped);
  CHECK(seen(dispense(subject, VendId{2}, kEmptySlot)) == DropOutcome::NotSeen);
  subject.jam();
  for (std::uint64_t vend = 3; vend <= hal::kVendsRememberedMin; ++vend) {
    CHECK(seen(dispense(subject, VendId{vend}, kSlot, 1s)) == DropOutcome::Jammed);
  }

  subject.cut_and_restore_power();

  CHECK(seen(inspect(subject, VendId{1})) == DropOutcome::Dropped);
  CHECK(seen(inspect(subject, VendId{2})) == DropOutcome::NotSeen);
  CHECK(seen(inspect(subject, VendId{3})) == DropOutcome::Jammed);
  CHECK(code_of(inspect(subject, VendId{1'000})) == ErrorCode::NotFound);
}

TEMPLATE_LIST_TEST_CASE("a cabinet that remembers nothing says so", "[contract][product_dispenser]", Dispensers) {
  TestType subject;
  subject.forget_vends();
  CHECK(seen(dispense(subject, VendId{1})) == DropOutcome::Dropped);
  bool called = false;

  CHECK(code_of(subject.dispenser().inspect(VendId{1}, [&](auto) { called = true; })) == ErrorCode::Unsupported);
  subject.pass(1min);
  CHECK_FALSE(called);
}

TEMPLATE_LIST_TEST_CASE("a cabinet that stops answering may have dropped, and tells later",
                        "[contract][product_dispenser]", Dispensers) {
  TestType subject;
  const auto start = subject.clock().monotonic();
  subject.stop_answering();

  CHECK(code_of(dispense(subject, VendId{1}, kSlot, 5s)) == ErrorCode::Timeout);
  CHECK(subject.clock().monotonic() - start >= 5s);
  CHECK(subject.fallen() == 1);
  CHECK(code_of(inspect(subject, VendId{1})) == ErrorCode::Unavailable);

  subject.answer_again();
  CHECK(seen(inspect(subject, VendId{1})) == DropOutcome::Dropped);
}

TEMPLATE_LIST_TEST_CASE("a cabinet that is not there moves no motor", "[contract][product_dispenser]", Dispensers) {
  TestType subject;
  bool called = false;
  const auto done = [&](auto) { called = true; };
  subject.unplug();

  CHECK(code_of(subject.dispenser().dispense(VendId{1}, kSlot, 5s, done)) == ErrorCode::Unavailable);
  CHECK(code_of(subject.dispenser().inspect(VendId{1}, done)) == ErrorCode::Unavailable);
  subject.plug();
  subject.pass(1min);

  CHECK_FALSE(called);
  CHECK(subject.motor_starts() == 0);
}

TEMPLATE_LIST_TEST_CASE("wherever the power is cut, no product falls later and the cabinet tells the truth",
                        "[contract][product_dispenser][power]", Dispensers) {
  bool completed = false;
  auto cut_after = 0ms;
  while (!completed) {
    CAPTURE(cut_after.count());
    TestType subject;
    REQUIRE(subject.dispenser().dispense(VendId{1}, kSlot, 5s, [&](auto result) {
      CHECK((result && *result == DropOutcome::Dropped));
      completed = true;
    }));

    subject.pass(cut_after);
    const auto fallen = subject.fallen();
    const auto starts = subject.motor_starts();
    subject.cut_and_restore_power();
    subject.pass(1min);

    CHECK(subject.fallen() == fallen);
    CHECK(subject.motor_starts() == starts);
    const auto told = inspect(subject, VendId{1});
    if (starts == 0) CHECK(code_of(told) == ErrorCode::NotFound);
    if (starts == 1) CHECK(seen(told) == (fallen == 1 ? DropOutcome::Dropped : DropOutcome::Jammed));
    cut_after += 100ms;
  }
}

}  // namespace
}  // namespace tillkit::contract
