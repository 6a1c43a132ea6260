// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tillkit;
using sandbox::ask_socket;
using sandbox::run_command;

TEST_CASE("what a command prints is read to its end", "[sandbox]") {
  CHECK(run_command("echo '{\"equal\":true}'; echo more", 10s) == "{\"equal\":true}\nmore\n");
  CHECK(run_command("exit 3", 10s).empty());
  CHECK(run_command("head -c 1048576 /dev/zero | tr '\\0' x", 10s).size() == sandbox::kCommandBytesMax);
}

TEST_CASE("a command that prints too much or never ends is killed with all that it started", "[sandbox]") {
  CHECK(run_command("yes", 10s).empty());
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);  // whoever lives holds it open

  CHECK(run_command("echo begun; sleep 1000 & sleep 1000", 100ms).empty());

  ::close(ends[1]);
  pollfd all_gone{.fd = ends[0], .events = POLLIN, .revents = 0};
  CHECK(::poll(&all_gone, 1, 10'000) == 1);
  ::close(ends[0]);
}

TEST_CASE("an answer of the firmware is read to the empty line that ends it, or not at all", "[sandbox]") {
  const std::string path = "/tmp/sandbox-test-" + std::to_string(::getpid());
  auto listening = sandbox::listen_at(path);
  REQUIRE(listening);
  const auto answered = [&](const std::string& answer) {
    std::thread firmware([&] {
      int accepted = -1;
      while ((accepted = ::accept(listening->get(), nullptr, nullptr)) < 0)
        std::this_thread::yield();
      const sandbox::OwnedDescriptor peer(accepted);
      std::string line(64, '\0');
      CHECK(::recv(peer.get(), line.data(), line.size(), 0) == 21);
      CHECK(::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL) > 0);
    });
    std::string read = ask_socket(path, R"({"command":"outbox"})", 5s);
    firmware.join();
    return read;
  };

  const std::string whole = "{\"seq\":1,\"body\":{\"done\":1}}\n{\"done\":\"journal.show\"}\n\n";
  CHECK(answered(whole) == whole);
  CHECK(answered("{\"error\":\"not_found\"}\n\n") == "{\"error\":\"not_found\"}\n\n");
  CHECK(answered("{\"seq\":1}\n{\"done\":\"jour").empty());
  CHECK(answered("{\"seq\":1}\n").empty());
  ::unlink(path.c_str());
  CHECK(ask_socket(path, "{}", 5s).empty());
}

}  // namespace
