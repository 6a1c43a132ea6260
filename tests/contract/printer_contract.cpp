// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::PrintedPart;
using hal::PrinterState;
using hal::PrintOutcome;

/// A printer, its paper and the person beside it.
class VirtualSubject : public VirtualBench {
 public:
  hal::Printer& printer() { return board.printer; }
  std::string paper() { return std::string(core::as_text(board.printer.paper())); }
  void set_paper_left(std::size_t bytes) { board.printer.set_paper_left(bytes); }
  void load_paper() { board.printer.load_paper(); }
  void open_cover() { board.printer.open_cover(); }
  void close_cover() { board.printer.close_cover(); }
  void unplug() { board.printer.unplug(); }
  void stop_answering() { board.printer.stop_answering(); }
  void answer_again() { board.printer.answer_again(); }
  void cut_and_restore_power() {
    board.world.power().cut();
    board.world.power().restore();
  }
};

using Printers = std::tuple<VirtualSubject>;
using Outcome = std::optional<core::Result<PrintOutcome>>;

auto into(Outcome& outcome) {
  return [&outcome](core::Result<PrintOutcome> result) {
    CHECK_FALSE(outcome.has_value());
    outcome = result;
  };
}

template <class Subject>
PrintOutcome print_and_wait(Subject& subject, std::string_view text) {
  Outcome outcome;
  REQUIRE(subject.printer().print(core::to_bytes(text), 20s, into(outcome)));
  CHECK_FALSE(outcome.has_value());
  REQUIRE(subject.until([&] { return outcome.has_value(); }));
  REQUIRE(outcome->has_value());
  return **outcome;
}

TEMPLATE_LIST_TEST_CASE("a job is printed once, byte for byte, and confirmed after", "[contract][printer]", Printers) {
  TestType subject;
  std::string all_values;
  for (int value = 0; value < 256; ++value)
    all_values += static_cast<char>(value);

  const auto first = print_and_wait(subject, all_values);
  CHECK(subject.paper() == all_values);
  const auto second = print_and_wait(subject, "second");

  CHECK(first.part == PrintedPart::All);
  CHECK(first.state == PrinterState::Ready);
  CHECK(second.part == PrintedPart::All);
  CHECK(subject.paper() == all_values + "second");
  CHECK(subject.printer().status().state == PrinterState::Ready);
}

TEMPLATE_LIST_TEST_CASE("a printer without paper or with an open cover prints nothing and says why",
                        "[contract][printer]", Printers) {
  TestType subject;

  subject.set_paper_left(0);
  const auto no_paper = print_and_wait(subject, "receipt");
  subject.load_paper();
  subject.open_cover();
  const auto cover = print_and_wait(subject, "receipt");
  CHECK(subject.printer().status().state == PrinterState::CoverOpen);
  subject.close_cover();

  CHECK(no_paper.part == PrintedPart::None);
  CHECK(no_paper.state == PrinterState::PaperOut);
  CHECK(cover.part == PrintedPart::None);
  CHECK(cover.state == PrinterState::CoverOpen);
  subject.pass(10s);
  CHECK(subject.paper().empty());
}

TEMPLATE_LIST_TEST_CASE("paper that ends inside a job leaves a part of it, and paper put in prints no more of it",
                        "[contract][printer]", Printers) {
  TestType subject;
  const std::string receipt(3'000, 'r');
  subject.set_paper_left(1'000);

  const auto outcome = print_and_wait(subject, receipt);
  subject.load_paper();
  subject.pass(10s);

  CHECK(outcome.part == PrintedPart::Some);
  CHECK(outcome.state == PrinterState::PaperOut);
  CHECK(subject.paper() == receipt.substr(0, 1'000));
}

TEMPLATE_LIST_TEST_CASE("paper that ends with the last byte is a whole receipt", "[contract][printer]", Printers) {
  TestType subject;
  subject.set_paper_left(7);

  const auto outcome = print_and_wait(subject, "receipt");

  CHECK(outcome.part == PrintedPart::All);
  CHECK(outcome.state == PrinterState::PaperOut);
}

TEMPLATE_LIST_TEST_CASE("a printer that stops answering may have printed", "[contract][printer]", Printers) {
  TestType subject;
  Outcome outcome;
  const auto start = subject.clock().monotonic();
  subject.stop_answering();

  REQUIRE(subject.printer().print(core::to_bytes("receipt"), 2s, into(outcome)));
  REQUIRE(subject.until([&] { return outcome.has_value(); }));

  CHECK(code_of(*outcome) == ErrorCode::Timeout);
  CHECK(subject.clock().monotonic() - start >= 2s);
  subject.answer_again();
  CHECK(print_and_wait(subject, "next").part == PrintedPart::All);
}

TEMPLATE_LIST_TEST_CASE("a second job is refused while one is under way, and printed after", "[contract][printer]",
                        Printers) {
  TestType subject;
  Outcome first;
  bool second_called = false;
  REQUIRE(subject.printer().print(core::Bytes(2'000, std::byte{'1'}), 20s, into(first)));

  const auto refused = subject.printer().print(core::to_bytes("2"), 20s, [&](auto) { second_called = true; });
  CHECK(code_of(refused) == ErrorCode::FailedPrecondition);
  CHECK(subject.until([&] { return first.has_value(); }));
  subject.pass(10s);

  CHECK_FALSE(second_called);
  CHECK(subject.paper() == std::string(2'000, '1'));
  CHECK(print_and_wait(subject, "2").part == PrintedPart::All);
}

TEMPLATE_LIST_TEST_CASE("a completion may start the next job", "[contract][printer]", Printers) {
  TestType subject;
  Outcome second;

  REQUIRE(subject.printer().print(core::to_bytes("1"), 20s, [&](auto) {
    CHECK(subject.printer().print(core::to_bytes("2"), 20s, into(second)).has_value());
  }));

  CHECK(subject.until([&] { return second.has_value(); }));
  CHECK(subject.paper() == "12");
}

TEMPLATE_LIST_TEST_CASE("a job that is empty, too long, too hasty or without a completion is refused",
                        "[contract][printer]", Printers) {
  TestType subject;
  bool called = false;
  const auto done = [&](auto) { called = true; };
  const core::Bytes largest(hal::kPrintBytesMax, std::byte{'x'});

  CHECK(code_of(subject.printer().print({}, 20s, done)) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.printer().print(core::to_bytes("x"), 20s, {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.printer().print(core::to_bytes("x"), hal::kPrintLimitMin - 1ms, done)) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(subject.printer().print(core::Bytes(hal::kPrintBytesMax + 1), 20s, done)) == ErrorCode::Exhausted);
  subject.pass(30s);

  CHECK_FALSE(called);
  CHECK(subject.paper().empty());
  CHECK(subject.printer().print(largest, 60s, done));
}

TEMPLATE_LIST_TEST_CASE("a printer that is not there prints nothing", "[contract][printer]", Printers) {
  TestType subject;
  bool called = false;
  subject.unplug();

  CHECK(code_of(subject.printer().print(core::to_bytes("x"), 20s, [&](auto) { called = true; })) ==
        ErrorCode::Unavailable);
  CHECK(subject.printer().status().state == PrinterState::Disconnected);
  subject.pass(30s);
  CHECK_FALSE(called);
}

TEMPLATE_LIST_TEST_CASE("a power cut ends a job: no completion, no byte more, and the paper stays",
                        "[contract][printer]", Printers) {
  TestType subject;
  bool called = false;
  REQUIRE(subject.printer().print(core::Bytes(4'000, std::byte{'x'}), 20s, [&](auto) { called = true; }));
  CHECK(subject.until([&] { return !subject.paper().empty(); }));

  subject.cut_and_restore_power();
  const auto paper = subject.paper();
  subject.pass(30s);

  CHECK_FALSE(called);
  CHECK(subject.paper() == paper);
  CHECK(paper.size() < 4'000);
  CHECK(print_and_wait(subject, "next").part == PrintedPart::All);
}

}  // namespace
}  // namespace tillkit::contract
