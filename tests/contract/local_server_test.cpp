// SPDX-License-Identifier: Apache-2.0

// What the Unix socket promises beyond its interface: its file, what lies at its place, who may come in.

#include "tillkit/hal_linux/local_server.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal_linux::LocalServer;

struct Socket : LinuxBench {
  test::Folder folder;
  std::string path = folder.path("till.sock");

  [[nodiscard]] static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    return address;
  }
  /// A connected socket, or -1.
  [[nodiscard]] int connect() const {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(path);
    if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return client;
    ::close(client);
    return -1;
  }
  /// What a process leaves that was killed while it listened.
  void leave_stale() const {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(path);
    REQUIRE(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(dead, 1) == 0);
    ::close(dead);
    REQUIRE(std::filesystem::is_socket(path));
  }
  /// Whether a client is answered.
  [[nodiscard]] bool answers(LocalServer& server) {
    server.listen([&server](hal::LocalRequest request) { CHECK(server.end(request.id)); });
    const int client = connect();
    if (client < 0) return false;
    CHECK(::send(client, "x\n", 2, MSG_NOSIGNAL) == 2);
    char answer = 0;
    ssize_t size = -1;
    CHECK(until([&] {
      size = ::recv(client, &answer, 1, 0);
      return size >= 0 || errno != EAGAIN;
    }));
    ::close(client);
    return size == 1 && answer == '\n';
  }
};

TEST_CASE("the socket is its owner's alone, and goes with the server", "[contract][local_server]") {
  Socket socket;
  const mode_t before = ::umask(0);
  {
    LocalServer server(*socket.loop, socket.path);
    REQUIRE(server.open());
    ::umask(before);

    struct stat status{};
    REQUIRE(::lstat(socket.path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK((status.st_mode & 07777U) == 0600);
    CHECK(socket.answers(server));

    server.close();
    CHECK_FALSE(std::filesystem::exists(socket.path));
    REQUIRE(server.open());
  }
  CHECK(std::filesystem::is_empty(socket.folder.path()));
}

TEST_CASE("what a dead process left is replaced, also half way", "[contract][local_server]") {
  Socket socket;
  socket.leave_stale();
  std::ofstream(socket.path + ".new") << "half made";
  LocalServer server(*socket.loop, socket.path);

  REQUIRE(server.open());

  CHECK(socket.answers(server));
  CHECK_FALSE(std::filesystem::exists(socket.path + ".new"));
}

TEST_CASE("a living server is not replaced, also when it has no time for clients", "[contract][local_server]") {
  Socket socket;
  LocalServer first(*socket.loop, socket.path);
  REQUIRE(first.open());
  LocalServer second(*socket.loop, socket.path);

  CHECK(code_of(second.open()) == ErrorCode::AlreadyExists);
  std::array<int, 8> waiting{};
  for (int& client : waiting)
    client = socket.connect();
  CHECK(code_of(second.open()) == ErrorCode::AlreadyExists);
  for (const int client : waiting)
    if (client >= 0) ::close(client);
  socket.pass(20ms);

  CHECK(socket.answers(first));
  first.close();
  CHECK(second.open());
  CHECK(socket.answers(second));
}

TEST_CASE("a file that is no socket is not touched", "[contract][local_server]") {
  Socket socket;
  std::ofstream(socket.path) << "notes";
  LocalServer server(*socket.loop, socket.path);

  CHECK(code_of(server.open()) == ErrorCode::AlreadyExists);

  std::string text;
  std::ifstream(socket.path) >> text;
  CHECK(text == "notes");
}

TEST_CASE("a path that is too long, or leads nowhere, is refused", "[contract][local_server]") {
  Socket socket;
  LocalServer long_path(*socket.loop, socket.folder.path(std::string(104, 'x')));
  LocalServer nowhere(*socket.loop, socket.folder.path("missing/till.sock"));
  LocalServer none(*socket.loop, "");

  CHECK(code_of(long_path.open()) == ErrorCode::InvalidArgument);
  CHECK(code_of(none.open()) == ErrorCode::InvalidArgument);
  CHECK(code_of(nowhere.open()) == ErrorCode::Unavailable);
  CHECK(std::filesystem::is_empty(socket.folder.path()));
}

TEST_CASE("another user is let go without an answer", "[contract][local_server]") {
  if (::geteuid() != 0) SKIP("needs root, to be somebody else");
  Socket socket;
  LocalServer server(*socket.loop, socket.path);
  int asked = 0;
  server.listen([&](hal::LocalRequest request) {
    ++asked;
    CHECK(server.end(request.id));
  });
  REQUIRE(server.open());
  // Permissions alone keep them out; so for once they do not.
  REQUIRE(::chmod(socket.folder.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(socket.path.c_str(), 0666) == 0);

  const pid_t stranger = ::fork();
  REQUIRE(stranger >= 0);
  if (stranger == 0) {
    char answer = 0;
    if (::setresuid(65'534, 65'534, 65'534) != 0) ::_exit(3);
    const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.path.copy(address.sun_path, socket.path.size());
    if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(4);
    static_cast<void>(::send(client, "x\n", 2, MSG_NOSIGNAL));
    ::_exit(::recv(client, &answer, 1, 0) <= 0 ? 0 : 5);
  }
  int status = -1;
  CHECK(socket.until([&] { return ::waitpid(stranger, &status, WNOHANG) == stranger; }));

  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(asked == 0);
  CHECK(socket.answers(server));
}

TEST_CASE("a client that has said all it wants is still answered", "[contract][local_server]") {
  Socket socket;
  LocalServer server(*socket.loop, socket.path);
  REQUIRE(server.open());
  hal::LocalRequestId asked;
  server.listen([&](hal::LocalRequest request) { asked = request.id; });
  const int client = socket.connect();
  REQUIRE(client >= 0);
  REQUIRE(::send(client, "x\n", 2, MSG_NOSIGNAL) == 2);
  REQUIRE(::shutdown(client, SHUT_WR) == 0);
  REQUIRE(socket.until([&] { return asked != hal::LocalRequestId{}; }));
  socket.pass(5ms);

  REQUIRE(server.write(asked, "answer\n", [&](core::Result<> result) {
    CHECK(result.has_value());
    CHECK(server.end(asked));
  }));

  std::string answer;
  CHECK(socket.until([&] {
    std::array<char, 64> block;
    const auto size = ::recv(client, block.data(), block.size(), 0);
    if (size > 0) answer.append(block.data(), static_cast<std::size_t>(size));
    return size == 0;
  }));
  CHECK(answer == "answer\n\n");
  ::close(client);
}

}  // namespace
}  // namespace tillkit::contract
