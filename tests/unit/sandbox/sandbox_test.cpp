// SPDX-License-Identifier: Apache-2.0
#include "tillkit/boards/sandbox.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "board_server.hpp"
#include "machine.hpp"
#include "sockets.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_linux/clock.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;
using boards::Sandbox;
using core::ErrorCode;

/// The hardware in real time, on a thread of its own: to the board it is another program.
class Hardware {
 public:
  explicit Hardware(std::string address) {
    std::atomic<bool> listening = false;
    thread_ = std::thread([this, &listening, asked = std::move(address)] {
      hal_linux::Clock clock(core::WallTime{});
      auto loop = hal_linux::EventLoop::create(clock);
      hal_virtual::VirtualBoard devices;
      sandbox::Machine machine(devices);
      devices.dispenser.fill(hal::SlotId{11}, 3);
      auto server = sandbox::BoardServer::listen(**loop, machine, asked);
      if (server) address_ = (*server)->address();
      listening = true;
      auto before = clock.monotonic();
      while (!over_) {
        (*loop)->turn(2ms);
        const auto now = clock.monotonic();
        devices.world.advance(std::chrono::floor<std::chrono::microseconds>(now - before));
        before = now;
        machine.look();
        if (auto* task = task_.exchange(nullptr)) {
          (*task)(machine);
          done_ = true;
        }
      }
    });
    while (!listening)
      std::this_thread::yield();
  }
  ~Hardware() {
    over_ = true;
    thread_.join();
  }
  Hardware(const Hardware&) = delete;
  Hardware& operator=(const Hardware&) = delete;

  /// Does something at the machine, and returns when it is done.
  void at_machine(std::function<void(sandbox::Machine&)> task) {
    done_ = false;
    task_ = &task;
    while (!done_)
      std::this_thread::yield();
  }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::atomic<bool> over_ = false;
  std::atomic<bool> done_ = false;
  std::atomic<std::function<void(sandbox::Machine&)>*> task_ = nullptr;
  std::thread thread_;
};

std::unique_ptr<Sandbox> start(const std::string& address) {
  auto board = Sandbox::start({.devices = address, .keys = {}, .local_socket = {}});
  REQUIRE(board);
  return *std::move(board);
}

bool until(Sandbox& board, const std::function<bool()>& done) {
  const auto clock = board.parts().clock.monotonic();
  while (!done()) {
    if (board.parts().clock.monotonic() - clock > 20s) return false;
    board.loop().turn(5ms);
  }
  return true;
}

std::string visible(Hardware& hardware) {
  std::string seen;
  hardware.at_machine([&](sandbox::Machine& machine) { seen = machine.devices().display.visible(); });
  return seen;
}

class TemporaryFolder {
 public:
  TemporaryFolder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~TemporaryFolder() { ::rmdir(path_.c_str()); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string in(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_ = "/tmp/sandbox-test-XXXXXX";
};

TEST_CASE("a board sells at its hardware over either kind of connection", "[sandbox]") {
  const TemporaryFolder folder;
  for (const std::string& asked : {std::string("127.0.0.1:0"), folder.in("devices")}) {
    CAPTURE(asked);
    Hardware hardware(asked);
    const auto board = start(hardware.address());
    const hal::Board parts = board->parts();
    std::string scanned, pressed;
    parts.scanner->listen([&](hal::ScanEvent event) { scanned = event.value(); });
    parts.display->listen([&](std::string press) { pressed = std::move(press); });

    REQUIRE(parts.scanner->enable());
    REQUIRE(parts.display->show("screen"));
    CHECK(until(*board, [&] { return visible(hardware) == "screen"; }));
    hardware.at_machine([](sandbox::Machine& machine) {
      machine.devices().scanner.present("281234567890123456");
      machine.devices().display.touch("a press");
    });
    CHECK(until(*board, [&] { return scanned == "281234567890123456" && pressed == "a press"; }));

    bool printed = false;
    REQUIRE(parts.printer->print(core::Bytes(hal::kPrintBytesMax, std::byte{'x'}), 20s, [&](auto outcome) {
      CHECK((outcome && outcome->part == hal::PrintedPart::All));
      printed = true;
    }));
    bool dropped = false;
    REQUIRE(parts.product_dispenser->dispense(hal::VendId{1}, hal::SlotId{11}, 5s, [&](auto outcome) {
      CHECK((outcome && *outcome == hal::DropOutcome::Dropped));
      dropped = true;
    }));
    CHECK(until(*board, [&] { return printed && dropped; }));
  }
}

TEST_CASE("a board without hardware says so, finds it when it comes, and shows it the latest screen", "[sandbox]") {
  const TemporaryFolder folder;
  const auto board = start(folder.in("devices"));
  const hal::Board parts = board->parts();

  const auto refused = parts.scanner->enable();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::Unavailable);
  CHECK(parts.printer->status().state == hal::PrinterState::Disconnected);
  CHECK(parts.serial_port->open({}).error().code == ErrorCode::Unavailable);
  CHECK(board->pay_out({100, core::kCny}).error().code == ErrorCode::Unavailable);
  REQUIRE(parts.display->show("1"));
  REQUIRE(parts.display->show("2"));

  Hardware hardware(folder.in("devices"));
  CHECK(until(*board, [&] { return visible(hardware) == "2"; }));
  CHECK(parts.scanner->enable());
  CHECK(board->pay_out({0, core::kCny}).error().code == ErrorCode::InvalidArgument);
  CHECK(board->pay_out({100, core::kCny}));
}

TEST_CASE("hardware that goes away ends what is under way, and all goes on when it is back", "[sandbox]") {
  const TemporaryFolder folder;
  auto hardware = std::make_unique<Hardware>(folder.in("devices"));
  const auto board = start(hardware->address());
  const hal::Board parts = board->parts();
  std::vector<std::string> scans;
  parts.scanner->listen([&](hal::ScanEvent event) { scans.push_back(event.value_or("gone")); });
  REQUIRE(parts.scanner->enable());
  REQUIRE(parts.display->show("a sale"));
  std::vector<ErrorCode> ends;
  const auto note = [&](const auto& outcome) {
    CHECK_FALSE(outcome);
    ends.push_back(outcome ? ErrorCode{} : outcome.error().code);
  };
  REQUIRE(parts.product_dispenser->dispense(hal::VendId{1}, hal::SlotId{11}, 20s, note));
  REQUIRE(parts.printer->print(core::to_bytes(std::string(hal::kPrintBytesMax, 'x')), 60s, note));
  CHECK(until(*board, [&] { return visible(*hardware) == "a sale"; }));

  hardware.reset();
  CHECK(until(*board, [&] { return ends.size() == 2; }));
  CHECK(ends == std::vector{ErrorCode::Timeout, ErrorCode::Timeout});
  CHECK(scans == std::vector<std::string>{"gone"});
  CHECK(parts.product_dispenser->dispense(hal::VendId{2}, hal::SlotId{11}, 5s, [](auto) {}).error().code ==
        ErrorCode::Unavailable);

  hardware = std::make_unique<Hardware>(folder.in("devices"));
  CHECK(until(*board, [&] { return visible(*hardware) == "a sale"; }));
  hardware->at_machine([](sandbox::Machine& machine) { machine.devices().scanner.present("read again"); });
  CHECK(until(*board, [&] { return scans.size() == 2; }));
  CHECK(scans.back() == "read again");
}

TEST_CASE("a machine that talks nonsense, or without end, is left and looked for again", "[sandbox]") {
  auto listening = sandbox::listen_at("127.0.0.1:0");
  REQUIRE(listening);
  const std::string address = sandbox::address_of(*listening, "127.0.0.1:0");
  std::atomic<int> connections = 0;
  std::thread liar([&] {
    for (const std::string& nonsense : {std::string("{\"is\":\"state\"}\n"), std::string("no JSON\n"),
                                        std::string(200'000, 'x'), std::string("{\"is\":\"news\"}\n")}) {
      int accepted = -1;
      while ((accepted = ::accept(listening->get(), nullptr, nullptr)) < 0)
        std::this_thread::yield();
      const sandbox::OwnedDescriptor board(accepted);
      ++connections;
      std::string rest = nonsense;
      // The board may have left in the middle of it.
      while (!rest.empty()) {
        const auto size = ::send(board.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (size <= 0) break;
        rest.erase(0, static_cast<std::size_t>(size));
      }
      const bool last = nonsense.contains("news");
      char byte = 0;
      while (!last && ::recv(board.get(), &byte, 1, 0) > 0) {
      }
    }
  });

  const auto board = start(address);
  CHECK(until(*board, [&] { return connections == 4; }));
  liar.join();

  CHECK(board->parts().scanner->enable().error().code == ErrorCode::Unavailable);
}

TEST_CASE("a board that talks without end is hung up on, and the next one is served", "[sandbox]") {
  Hardware hardware("127.0.0.1:0");
  const auto address = boards::sandbox::SocketAddress::parse(hardware.address());
  const sandbox::OwnedDescriptor board(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(board.get(), address->get(), address->size) == 0);
  const std::string endless(4'096, 'x');

  std::size_t sent = 0;
  while (::send(board.get(), endless.data(), endless.size(), MSG_NOSIGNAL) > 0)
    REQUIRE((sent += endless.size()) < 64 * 1024 * 1024);

  const auto next = start(hardware.address());
  CHECK(next->parts().scanner->enable());
}

TEST_CASE("a machine that does not listen is left before much waits for it", "[sandbox]") {
  auto listening = sandbox::listen_at("127.0.0.1:0");
  REQUIRE(listening);
  const std::string address = sandbox::address_of(*listening, "127.0.0.1:0");
  std::atomic<int> connections = 0;
  std::atomic<bool> over = false;
  std::thread deaf([&] {
    std::vector<sandbox::OwnedDescriptor> boards;
    const std::string state =
        R"({"is":"state","scanner":true,"printer":"ready","paper_low":false,"cabinet":true,"remembers":true,)"
        R"("bridge":false,"link":"online","watchdog_bit":false})"
        "\n";
    while (!over) {
      const int accepted = ::accept(listening->get(), nullptr, nullptr);
      if (accepted < 0) {
        std::this_thread::yield();
        continue;
      }
      boards.emplace_back(accepted);
      CHECK(::send(accepted, state.data(), state.size(), MSG_NOSIGNAL) > 0);
      ++connections;
    }
  });
  const auto board = start(address);
  const hal::Board parts = board->parts();
  CHECK(parts.scanner->enable());

  CHECK(until(*board, [&] {
    CHECK(parts.display->show(std::string(hal::kScreenBytesMax, 'x')));
    return connections >= 2;
  }));

  over = true;
  deaf.join();
}

TEST_CASE("a board that does not listen is hung up on before much waits for it", "[sandbox]") {
  Hardware hardware("127.0.0.1:0");
  const auto address = boards::sandbox::SocketAddress::parse(hardware.address());
  const sandbox::OwnedDescriptor board(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(board.get(), address->get(), address->size) == 0);
  const std::string hello = "{\"do\":\"hello\",\"boot\":\"1\"}\n";
  REQUIRE(::send(board.get(), hello.data(), hello.size(), MSG_NOSIGNAL) > 0);

  bool is_here = false;
  const auto look = [&](sandbox::Machine& machine) { is_here = machine.board_is_here(); };
  while (!is_here)
    hardware.at_machine(look);

  for (int pieces = 0; pieces < 1'000 && is_here; ++pieces) {
    hardware.at_machine([](sandbox::Machine& machine) {
      for (int i = 0; i < 100; ++i)
        machine.devices().display.touch(std::string(hal::kPressBytesMax, 'x'));
    });
    hardware.at_machine(look);
  }

  CHECK_FALSE(is_here);
}

TEST_CASE("an address that is none is refused at the start", "[sandbox]") {
  const auto board = Sandbox::start({.devices = "somewhere", .keys = {}, .local_socket = {}});

  REQUIRE_FALSE(board);
  CHECK(board.error().code == ErrorCode::InvalidArgument);
}

}  // namespace
