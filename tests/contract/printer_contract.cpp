// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <tuple>

#include <catch2/catch_template_test_macros.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include "bench.hpp"
#include "descriptor.hpp"
#include "escpos_printer.hpp"
#include "pty.hpp"
#include "sandbox_bench.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal/driver/serial_printer.hpp"
#include "tillkit/hal_linux/file_printer.hpp"
#include "tillkit/hal_linux/serial_port.hpp"
#include "tillkit/test/folder.hpp"

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
  static constexpr auto kWhole = PrintedPart::All;

  void wait_long() { pass(30s); }
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

constexpr hal::SerialSettings kLine{.baud = 115'200};

/// An ESC/POS printer on a serial line. It has the terminal's power.
class SerialSubject : public VirtualBench {
 public:
  static constexpr auto kWhole = PrintedPart::All;

  SerialSubject() {
    work();
    start();
  }
  void wait_long() { pass(30s); }
  hal::Printer& printer() { return *driver_; }
  std::string paper() const { return far_.paper; }
  void set_paper_left(std::size_t bytes) { far_.paper_left = bytes; }
  void load_paper() { far_.paper_left = EscPosPrinter::kNewRoll; }
  void open_cover() { far_.cover_open = true; }
  void close_cover() { far_.cover_open = false; }
  void unplug() {
    board.serial_port.unplug();
    pass(1ms);
  }
  void stop_answering() { far_.answering = false; }
  void answer_again() { far_.answering = true; }
  void cut_and_restore_power() {
    driver_.reset();
    board.world.power().cut();
    far_.power_off();
    board.world.power().restore();
    start();
  }
  EscPosPrinter& far() { return far_; }
  void start() {
    driver_.emplace(board.serial_port, board.scheduler, board.clock, kLine);
    REQUIRE(until([&] { return printer().status().state == PrinterState::Ready; }));
  }
  void stop() { driver_.reset(); }

 private:
  void work() {
    const auto& received = board.serial_port.far_received();
    far_.receive(core::as_text(received).substr(read_));
    read_ = received.size();
    far_.work(64);
    if (const auto answers = far_.take_answers(); !answers.empty()) board.serial_port.far_send(core::to_bytes(answers));
    board.world.outside(8ms, [this] { work(); });
  }

  EscPosPrinter far_;
  std::size_t read_ = 0;
  std::optional<hal::driver::SerialPrinter> driver_;
};

/// The same on a pseudo terminal and the real loop.
class PtySubject : public LinuxBench {
 public:
  static constexpr auto kWhole = PrintedPart::All;

  PtySubject() : port_(*loop, pty_.path()) { start(); }
  void wait_long() { pass(1s); }
  bool until(const std::function<bool()>& done) {
    return LinuxBench::until([&] {
      far_.receive(pty_.read());
      far_.work(256);
      pty_.write(far_.take_answers());
      return done();
    });
  }
  void pass(std::chrono::milliseconds time) {
    const auto end = clock().monotonic() + time;
    CHECK(until([&] { return clock().monotonic() >= end; }));
  }
  hal::Printer& printer() { return *driver_; }
  std::string paper() const { return far_.paper; }
  void set_paper_left(std::size_t bytes) { far_.paper_left = bytes; }
  void load_paper() { far_.paper_left = EscPosPrinter::kNewRoll; }
  void open_cover() { far_.cover_open = true; }
  void close_cover() { far_.cover_open = false; }
  void unplug() {
    pty_.hang_up();
    REQUIRE(LinuxBench::until([&] { return printer().status().state == PrinterState::Disconnected; }));
  }
  void stop_answering() { far_.answering = false; }
  void answer_again() { far_.answering = true; }
  void cut_and_restore_power() {
    driver_.reset();
    static_cast<void>(pty_.read());
    far_.power_off();
    start();
  }

 private:
  void start() {
    driver_.emplace(port_, scheduler(), clock(), kLine);
    REQUIRE(until([&] { return printer().status().state == PrinterState::Ready; }));
  }

  Pty pty_;
  hal_linux::SerialPort port_;
  EscPosPrinter far_;
  std::optional<hal::driver::SerialPrinter> driver_;
};

/// A device file that only takes bytes.
class FileSubject : public LinuxBench {
 public:
  static constexpr auto kWhole = PrintedPart::HandedOver;

  FileSubject() { start(); }
  void wait_long() { pass(500ms); }
  hal::Printer& printer() { return *driver_; }
  const std::string& paper() { return paper_ += pty_.read(); }
  void unplug() { pty_.hang_up(); }
  void cut_and_restore_power() {
    driver_.reset();
    start();
  }

 private:
  void start() { driver_.emplace(*loop, pty_.path()); }

  Pty pty_;
  std::string paper_;
  std::optional<hal_linux::FilePrinter> driver_;
};

/// The sandbox's, at its machine.
class SandboxSubject : public SandboxBench {
 public:
  static constexpr auto kWhole = PrintedPart::All;

  void wait_long() { pass(30s); }
  hal::Printer& printer() { return parts().printer; }
  std::string paper() { return std::string(core::as_text(board.printer.paper())); }
  void set_paper_left(std::size_t bytes) {
    tell([&] { board.printer.set_paper_left(bytes); });
  }
  void load_paper() {
    tell([&] { board.printer.load_paper(); });
  }
  void open_cover() {
    tell([&] { board.printer.open_cover(); });
  }
  void close_cover() {
    tell([&] { board.printer.close_cover(); });
  }
  void unplug() {
    tell([&] { board.printer.unplug(); });
  }
  void stop_answering() { board.printer.stop_answering(); }
  void answer_again() { board.printer.answer_again(); }

 private:
  void tell(const std::function<void()>& change) {
    change();
    settle();
  }
};

/// Those that say how they are, and all.
using Telling = std::tuple<VirtualSubject, SerialSubject, PtySubject, SandboxSubject>;
using Printers = std::tuple<VirtualSubject, SerialSubject, PtySubject, FileSubject, SandboxSubject>;
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

  CHECK(first.part == TestType::kWhole);
  CHECK(first.state == PrinterState::Ready);
  CHECK(second.part == TestType::kWhole);
  CHECK(subject.paper() == all_values + "second");
  CHECK(subject.printer().status().state == PrinterState::Ready);
}

TEMPLATE_LIST_TEST_CASE("a printer without paper or with an open cover prints nothing and says why",
                        "[contract][printer]", Telling) {
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
  subject.wait_long();
  CHECK(subject.paper().empty());
}

TEMPLATE_LIST_TEST_CASE("paper that ends inside a job leaves a part of it, and paper put in prints no more of it",
                        "[contract][printer]", Telling) {
  TestType subject;
  const std::string receipt(3'000, 'r');
  subject.set_paper_left(1'000);

  const auto outcome = print_and_wait(subject, receipt);
  subject.load_paper();
  subject.wait_long();

  CHECK(outcome.part == PrintedPart::Some);
  CHECK(outcome.state == PrinterState::PaperOut);
  CHECK(subject.paper() == receipt.substr(0, 1'000));
}

TEMPLATE_LIST_TEST_CASE("paper that ends with the last byte is a whole receipt", "[contract][printer]", Telling) {
  TestType subject;
  subject.set_paper_left(7);

  const auto outcome = print_and_wait(subject, "receipt");

  CHECK(outcome.part == PrintedPart::All);
  CHECK(outcome.state == PrinterState::PaperOut);
}

TEMPLATE_LIST_TEST_CASE("a printer that stops answering may have printed", "[contract][printer]", Telling) {
  TestType subject;
  Outcome outcome;
  const auto start = subject.clock().monotonic();

  REQUIRE(subject.printer().print(core::Bytes(4'000, std::byte{'x'}), 2s, into(outcome)));
  REQUIRE(subject.until([&] { return !subject.paper().empty(); }));
  subject.stop_answering();
  REQUIRE(subject.until([&] { return outcome.has_value(); }));

  CHECK(code_of(*outcome) == ErrorCode::Timeout);
  CHECK(subject.clock().monotonic() - start >= 2s);
  subject.answer_again();
  REQUIRE(subject.until([&] { return subject.printer().status().state == PrinterState::Ready; }));
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
  subject.wait_long();

  CHECK_FALSE(second_called);
  CHECK(subject.paper() == std::string(2'000, '1'));
  CHECK(print_and_wait(subject, "2").part == TestType::kWhole);
}

TEMPLATE_LIST_TEST_CASE("a completion may start the next job", "[contract][printer]", Printers) {
  TestType subject;
  Outcome second;

  REQUIRE(subject.printer().print(core::to_bytes("1"), 20s, [&](auto) {
    CHECK(subject.printer().print(core::to_bytes("2"), 20s, into(second)).has_value());
  }));

  CHECK(subject.until([&] { return second.has_value(); }));
  CHECK(subject.until([&] { return subject.paper() == "12"; }));
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
  subject.wait_long();

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
  subject.wait_long();
  CHECK_FALSE(called);
}

TEMPLATE_LIST_TEST_CASE("a power cut ends a job: no completion, no byte more, and the paper stays",
                        "[contract][printer]", Printers) {
  TestType subject;
  bool called = false;
  REQUIRE(subject.printer().print(core::Bytes(20'000, std::byte{'x'}), 20s, [&](auto) { called = true; }));
  CHECK(subject.until([&] { return !subject.paper().empty(); }));

  subject.cut_and_restore_power();
  const auto paper = subject.paper();
  subject.wait_long();

  CHECK_FALSE(called);
  CHECK(subject.paper() == paper);
  CHECK(paper.size() < 20'000);
  CHECK(print_and_wait(subject, "next").part == TestType::kWhole);
}

TEST_CASE("what a printer of before said is no word on the job of now", "[contract][printer]") {
  SerialSubject subject;
  // This one does not know how to drop what it has: it prints the rest of its piece when there is paper.
  subject.far().drops = false;
  subject.set_paper_left(100);
  CHECK(print_and_wait(subject, std::string(300, 'a')).part == PrintedPart::Some);
  Outcome outcome;
  subject.load_paper();
  REQUIRE(subject.until([&] { return subject.printer().status().state == PrinterState::Ready; }));

  REQUIRE(subject.printer().print(core::to_bytes(std::string(3'000, 'b')), 20s, into(outcome)));
  REQUIRE(subject.until([&] { return outcome.has_value(); }));

  CHECK((*outcome)->part == PrintedPart::All);
  CHECK(subject.paper() == std::string(300, 'a') + std::string(3'000, 'b'));
}

TEST_CASE("a long job goes out in pieces, and no query stands inside a counted command", "[contract][printer]") {
  SerialSubject subject;
  std::string job;
  for (int line = 0; line < 100; ++line)
    job += "a line of a receipt, as long as such lines are\n";
  // A QR code of 600 bytes, many of them line feeds.
  job += std::string("\x1d(k\x5b\x02\x31\x50\x30", 8) + std::string(600, '\n') + "the end\n";

  const auto before = subject.board.serial_port.far_received().size();
  CHECK(print_and_wait(subject, job).part == PrintedPart::All);

  CHECK(subject.paper() == job);
  const auto& received = subject.board.serial_port.far_received();
  const auto sent = core::as_text(received).substr(before);
  CHECK(sent.contains(std::string(600, '\n') + "the end"));
  std::size_t queries = 0;
  for (std::size_t at = sent.find("\x1dr\x01"); at != std::string::npos; at = sent.find("\x1dr\x01", at + 1))
    ++queries;
  CHECK(queries >= job.size() / 1'200);
}

TEST_CASE("a line that hangs up inside a job may have printed, before it surely has not; when it is back it prints",
          "[contract][printer]") {
  SerialSubject subject;
  Outcome outcome;

  SECTION("inside") {
    REQUIRE(subject.printer().print(core::Bytes(4'000, std::byte{'x'}), 20s, into(outcome)));
    CHECK(subject.until([&] { return !subject.paper().empty(); }));
    subject.unplug();
    CHECK(subject.until([&] { return outcome.has_value(); }));
    CHECK(code_of(*outcome) == ErrorCode::Timeout);
  }
  SECTION("before") {
    REQUIRE(subject.printer().print(core::to_bytes("x"), 20s, into(outcome)));
    subject.unplug();
    CHECK(subject.until([&] { return outcome.has_value(); }));
    CHECK(code_of(*outcome) == ErrorCode::Unavailable);
    CHECK(subject.paper().empty());
  }

  CHECK(subject.printer().status().state == PrinterState::Disconnected);
  subject.board.serial_port.plug();
  REQUIRE(subject.until([&] { return subject.printer().status().state == PrinterState::Ready; }));
  CHECK(print_and_wait(subject, "next").part == PrintedPart::All);
}

TEST_CASE("what a program that died left in a printer is dropped by the next one", "[contract][printer]") {
  SerialSubject subject;
  Outcome dropped;
  subject.set_paper_left(10);
  const auto before = subject.board.serial_port.far_received().size();
  REQUIRE(subject.printer().print(core::Bytes(1'000, std::byte{'x'}), 20s, into(dropped)));
  CHECK(subject.until([&] { return subject.board.serial_port.far_received().size() >= before + 1'000; }));

  subject.stop();
  subject.load_paper();
  subject.far().cover_open = true;  // so that it does not print on before the next one is there
  subject.pass(100ms);
  subject.far().cover_open = false;
  subject.start();

  CHECK(print_and_wait(subject, "next").part == PrintedPart::All);
  CHECK(subject.paper() == std::string(10, 'x') + "next");
  CHECK_FALSE(dropped.has_value());
}

TEST_CASE("a printer that says nothing for a while is not connected", "[contract][printer]") {
  SerialSubject subject;
  subject.stop_answering();
  CHECK(subject.until([&] { return subject.printer().status().state == PrinterState::Disconnected; }));
  subject.answer_again();
  CHECK(subject.until([&] { return subject.printer().status().state == PrinterState::Ready; }));
}

using OnALine = std::tuple<SerialSubject, PtySubject>;

TEMPLATE_LIST_TEST_CASE("a printer that is switched off behind its line surely printed nothing", "[contract][printer]",
                        OnALine) {
  TestType subject;
  Outcome outcome;
  const auto start = subject.clock().monotonic();
  subject.stop_answering();

  REQUIRE(subject.printer().print(core::to_bytes("receipt"), 2s, into(outcome)));
  REQUIRE(subject.until([&] { return outcome.has_value(); }));

  CHECK(code_of(*outcome) == ErrorCode::Unavailable);
  CHECK(subject.clock().monotonic() - start >= 2s);
  // Known to be off, it is not asked for minutes once more.
  REQUIRE(subject.until([&] { return subject.printer().status().state == PrinterState::Disconnected; }));
  CHECK(code_of(subject.printer().print(core::to_bytes("receipt"), 20s, into(outcome))) == ErrorCode::Unavailable);
  CHECK(subject.paper().empty());

  subject.answer_again();
  REQUIRE(subject.until([&] { return subject.printer().status().state == PrinterState::Ready; }));
  CHECK(print_and_wait(subject, "receipt").part == PrintedPart::All);
  CHECK(subject.paper() == "receipt");
}

TEST_CASE("a printer that is unplugged during the last transfer may have printed", "[contract][printer]") {
  FileSubject subject;
  Outcome outcome;
  REQUIRE(subject.printer().print(core::to_bytes("receipt"), 20s, into(outcome)));
  REQUIRE(subject.turn());
  REQUIRE_FALSE(outcome.has_value());
  REQUIRE(subject.paper() == "receipt");

  subject.unplug();
  REQUIRE(subject.until([&] { return outcome.has_value(); }));

  CHECK(code_of(*outcome) == ErrorCode::Timeout);
}

TEST_CASE("what is no device gets no bytes", "[contract][printer]") {
  LinuxBench bench;
  const test::Folder folder;
  const auto pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const hal_linux::Descriptor reader(::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));

  for (const std::string& path : {pipe, std::string("/proc/self/comm")}) {
    CAPTURE(path);
    hal_linux::FilePrinter printer(*bench.loop, path);
    CHECK(code_of(printer.print(core::to_bytes("x"), 20s, [](auto) {})) == ErrorCode::Unavailable);
  }
}

}  // namespace
}  // namespace tillkit::contract
