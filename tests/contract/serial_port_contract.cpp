// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_linux/serial_port.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::SerialEvent;
using hal::SerialFault;

/// A port and the far end of its line.
class VirtualSubject : public VirtualBench {
 public:
  hal::SerialPort& port() { return board.serial_port; }
  void far_send(std::string_view bytes) { board.serial_port.far_send(core::to_bytes(bytes)); }
  std::string far_received() { return std::string(core::as_text(board.serial_port.far_received())); }
  void hang_up() { board.serial_port.unplug(); }
};

/// A pseudo terminal: the test holds the end that is called the master.
class LinuxSubject : public LinuxBench {
 public:
  LinuxSubject() {
    far_end_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(far_end_ >= 0);
    REQUIRE(grantpt(far_end_) == 0);
    REQUIRE(unlockpt(far_end_) == 0);
    port_.emplace(*loop, ptsname(far_end_));
  }
  ~LinuxSubject() {
    if (far_end_ >= 0) ::close(far_end_);
  }
  LinuxSubject(const LinuxSubject&) = delete;
  LinuxSubject& operator=(const LinuxSubject&) = delete;

  hal::SerialPort& port() { return *port_; }
  void far_send(std::string_view bytes) {
    // What does not fit is lost, as on a line; with nobody on it nothing fits.
    static_cast<void>(!::write(far_end_, bytes.data(), bytes.size()));
  }
  const std::string& far_received() {
    std::array<char, 4'096> read;
    for (;;) {
      const auto size = ::read(far_end_, read.data(), read.size());
      if (size <= 0) return received_;
      received_.append(read.data(), static_cast<std::size_t>(size));
    }
  }
  void hang_up() { ::close(std::exchange(far_end_, -1)); }

 private:
  int far_end_ = -1;
  std::string received_;
  std::optional<hal_linux::SerialPort> port_;
};

using Ports = std::tuple<VirtualSubject, LinuxSubject>;
using Written = std::optional<core::Result<>>;

constexpr hal::SerialSettings kFast{.baud = 115'200};

auto into(Written& written) {
  return [&written](core::Result<> result) {
    CHECK_FALSE(written.has_value());
    written = result;
  };
}

/// Keeps what a port tells.
struct Heard {
  std::string bytes;
  std::size_t largest_chunk = 0;
  std::vector<SerialFault> faults;

  auto listener() {
    return [this](SerialEvent event) {
      if (!event) return faults.push_back(event.error());
      bytes += core::as_text(*event);
      largest_chunk = std::max(largest_chunk, event->size());
      CHECK_FALSE(event->empty());
    };
  }
};

std::string all_values() {
  std::string values;
  for (int value = 0; value < 256; ++value)
    values += static_cast<char>(value);
  return values + values;
}

TEMPLATE_LIST_TEST_CASE("what is written arrives unchanged and in order", "[contract][serial_port]", Ports) {
  TestType subject;
  Written first;
  Written second;
  REQUIRE(subject.port().open(kFast));

  REQUIRE(subject.port().write(core::to_bytes(all_values()), into(first)));
  REQUIRE(subject.port().write(core::to_bytes("second"), [&](core::Result<> result) {
    CHECK(first.has_value());
    into(second)(result);
  }));

  CHECK_FALSE(first.has_value());
  CHECK(subject.until([&] { return second.has_value(); }));
  CHECK(subject.until([&] { return subject.far_received() == all_values() + "second"; }));
  CHECK((first && *first));
  CHECK((second && *second));
}

TEMPLATE_LIST_TEST_CASE("what the far end sends is heard unchanged, in order and in bounded chunks",
                        "[contract][serial_port]", Ports) {
  TestType subject;
  Heard heard;
  subject.port().listen(heard.listener());
  REQUIRE(subject.port().open(kFast));
  const auto sent = all_values() + std::string(1'500, 'x') + "end";

  subject.far_send(sent);

  CHECK(heard.bytes.empty());
  CHECK(subject.until([&] { return heard.bytes.size() >= sent.size(); }));
  subject.pass(5ms);
  CHECK(heard.bytes == sent);
  CHECK(heard.largest_chunk <= hal::kSerialChunkBytesMax);
  CHECK(heard.faults.empty());
}

TEMPLATE_LIST_TEST_CASE("a closed port takes and hears nothing", "[contract][serial_port]", Ports) {
  TestType subject;
  Heard heard;
  bool called = false;
  subject.port().listen(heard.listener());
  const auto write = [&] { return subject.port().write(core::to_bytes("x"), [&](auto) { called = true; }); };

  CHECK(code_of(write()) == ErrorCode::FailedPrecondition);
  REQUIRE(subject.port().open(kFast));
  subject.port().close();
  subject.port().close();
  CHECK(code_of(write()) == ErrorCode::FailedPrecondition);
  subject.far_send("nobody");
  subject.pass(5ms);
  REQUIRE(subject.port().open(kFast));
  subject.far_send("somebody");

  CHECK(subject.until([&] { return !heard.bytes.empty(); }));
  subject.pass(5ms);
  CHECK(heard.bytes == "somebody");
  CHECK_FALSE(called);
}

TEMPLATE_LIST_TEST_CASE("a port is opened once, and only as the line can do it", "[contract][serial_port]", Ports) {
  TestType subject;

  CHECK(code_of(subject.port().open({.baud = 0})) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.port().open({.baud = 5'000'000})) == ErrorCode::Unsupported);
  CHECK(code_of(subject.port().write(core::to_bytes("x"), [](auto) {})) == ErrorCode::FailedPrecondition);
  REQUIRE(subject.port().open({}));
  CHECK(code_of(subject.port().open({})) == ErrorCode::FailedPrecondition);
}

TEMPLATE_LIST_TEST_CASE("an empty write and one without a completion are refused", "[contract][serial_port]", Ports) {
  TestType subject;
  bool called = false;
  REQUIRE(subject.port().open(kFast));

  CHECK(code_of(subject.port().write({}, [&](auto) { called = true; })) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.port().write(core::to_bytes("x"), {})) == ErrorCode::InvalidArgument);

  subject.pass(5ms);
  CHECK_FALSE(called);
  CHECK(subject.far_received().empty());
}

TEMPLATE_LIST_TEST_CASE("more than may wait is refused and there is room again when it left", "[contract][serial_port]",
                        Ports) {
  TestType subject;
  REQUIRE(subject.port().open(kFast));
  std::size_t done = 0;
  bool refused_called = false;
  const auto count = [&](core::Result<> result) {
    CHECK(result.has_value());
    ++done;
  };

  SECTION("bytes") {
    REQUIRE(subject.port().write(core::Bytes(hal::kSerialQueueBytesMax, std::byte{'x'}), count));
    CHECK(code_of(subject.port().write(core::to_bytes("y"), [&](auto) { refused_called = true; })) ==
          ErrorCode::Exhausted);
    CHECK(subject.until([&] {
      static_cast<void>(subject.far_received());
      return done == 1;
    }));
    CHECK(subject.until([&] { return subject.far_received().size() == hal::kSerialQueueBytesMax; }));
  }
  SECTION("writes") {
    for (std::size_t i = 0; i < hal::kSerialWritesMax; ++i)
      REQUIRE(subject.port().write(core::to_bytes("x"), count));
    CHECK(code_of(subject.port().write(core::to_bytes("y"), [&](auto) { refused_called = true; })) ==
          ErrorCode::Exhausted);
    CHECK(subject.until([&] { return done == hal::kSerialWritesMax; }));
    CHECK(subject.until([&] { return subject.far_received() == std::string(hal::kSerialWritesMax, 'x'); }));
  }

  CHECK(subject.port().write(core::to_bytes("z"), count));
  CHECK(subject.until([&] { return subject.far_received().ends_with('z'); }));
  CHECK_FALSE(refused_called);
}

TEMPLATE_LIST_TEST_CASE("closing tells writes that left in part from those that did not leave",
                        "[contract][serial_port]", Ports) {
  TestType subject;
  Written part;
  Written untouched;
  REQUIRE(subject.port().open(kFast));
  REQUIRE(subject.port().write(core::Bytes(hal::kSerialQueueBytesMax, std::byte{'x'}), into(part)));
  subject.pass(20ms);
  REQUIRE_FALSE(part.has_value());
  REQUIRE(subject.port().write(core::to_bytes("y"), into(untouched)));

  subject.port().close();

  CHECK_FALSE(part.has_value());
  CHECK(subject.until([&] { return part && untouched; }));
  CHECK(code_of(*part) == ErrorCode::Timeout);
  CHECK(code_of(*untouched) == ErrorCode::Cancelled);
}

TEMPLATE_LIST_TEST_CASE("a hang-up is told once, ends the writes and closes the port", "[contract][serial_port]",
                        Ports) {
  TestType subject;
  Heard heard;
  Written part;
  Written untouched;
  subject.port().listen(heard.listener());
  REQUIRE(subject.port().open(kFast));
  REQUIRE(subject.port().write(core::Bytes(hal::kSerialQueueBytesMax, std::byte{'x'}), into(part)));
  subject.pass(20ms);
  REQUIRE_FALSE(part.has_value());
  REQUIRE(subject.port().write(core::to_bytes("y"), into(untouched)));

  subject.hang_up();

  CHECK(subject.until([&] { return part && untouched && !heard.faults.empty(); }));
  subject.pass(5ms);
  CHECK(heard.faults == std::vector{SerialFault::HungUp});
  CHECK(code_of(*part) == ErrorCode::Timeout);
  CHECK(code_of(*untouched) == ErrorCode::Unavailable);
  CHECK(code_of(subject.port().write(core::to_bytes("z"), [](auto) {})) == ErrorCode::FailedPrecondition);
  CHECK(code_of(subject.port().open(kFast)) == ErrorCode::Unavailable);
}

TEMPLATE_LIST_TEST_CASE("a listener may close the port and hears no more", "[contract][serial_port]", Ports) {
  TestType subject;
  std::size_t heard = 0;
  subject.port().listen([&](SerialEvent event) {
    heard += event ? event->size() : 1'000'000;
    subject.port().close();
  });
  REQUIRE(subject.port().open(kFast));

  subject.far_send(std::string(3'000, 'x'));
  CHECK(subject.until([&] { return heard > 0; }));
  subject.pass(10ms);

  CHECK(heard <= hal::kSerialChunkBytesMax);
}

TEMPLATE_LIST_TEST_CASE("a completion may write again, and a listener may answer", "[contract][serial_port]", Ports) {
  TestType subject;
  Written third;
  subject.port().listen([&](SerialEvent) {
    CHECK(subject.port().write(core::to_bytes("2"), [&](core::Result<> result) {
      CHECK(result.has_value());
      CHECK(subject.port().write(core::to_bytes("3"), into(third)).has_value());
    }));
  });
  REQUIRE(subject.port().open(kFast));
  REQUIRE(subject.port().write(core::to_bytes("1"), [](auto) {}));

  subject.far_send("?");

  CHECK(subject.until([&] { return third.has_value(); }));
  CHECK(subject.until([&] { return subject.far_received() == "123"; }));
}

TEST_CASE("a file that is no tty and a path that is nothing cannot be opened", "[contract][serial_port]") {
  LinuxBench bench;
  hal_linux::SerialPort no_tty(*bench.loop, "/dev/null");
  hal_linux::SerialPort nothing(*bench.loop, "/dev/no-such-line");

  CHECK(code_of(no_tty.open({})) == ErrorCode::Unsupported);
  const auto failure = nothing.open({});
  CHECK(code_of(failure) == ErrorCode::Unavailable);
  CHECK(failure.error().source == core::ErrorSource::System);
  CHECK(failure.error().foreign == ENOENT);
}

TEST_CASE("a tty that cannot do the frame says so and stays closed", "[contract][serial_port]") {
  LinuxSubject subject;  // a pseudo terminal knows eight bits without parity only

  CHECK(code_of(subject.port().open({.data_bits = hal::DataBits::Seven, .parity = hal::Parity::Even})) ==
        ErrorCode::Unsupported);
  CHECK(subject.port().open({}));
}

TEST_CASE("an unplugged virtual line can be opened again when it is back", "[contract][serial_port]") {
  VirtualSubject subject;
  Heard heard;
  subject.port().listen(heard.listener());
  REQUIRE(subject.port().open({}));
  subject.hang_up();
  subject.pass(1ms);

  subject.board.serial_port.plug();
  REQUIRE(subject.port().open({}));
  subject.far_send("back");
  subject.board.serial_port.lose_bytes();
  subject.pass(1s);

  CHECK(heard.bytes == "back");
  CHECK(heard.faults == std::vector{SerialFault::HungUp, SerialFault::BytesLost});
}

}  // namespace
}  // namespace tillkit::contract
