// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.hpp"
#include "sandbox_bench.hpp"
#include "tillkit/hal_linux/display_socket.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

/// A display and the eyes before it. Unplugged and plugged again is also what a restart of the display looks like.
class VirtualSubject : public VirtualBench {
 public:
  hal::Display& display() { return board.display; }
  std::string visible() { return board.display.visible(); }
  void touch(std::string press) { board.display.touch(std::move(press)); }
  void unplug() { board.display.unplug(); }
  void plug() { board.display.plug(); }
  void cut_and_restore_power() {
    board.world.power().cut();
    board.world.power().restore();
  }
};

/// A program that draws the screen: shows the last whole line that it got.
class Viewer {
 public:
  explicit Viewer(const std::string& path, int buffer_bytes = 0) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(socket_ >= 0);
    if (buffer_bytes > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Viewer() { ::close(socket_); }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  /// False: the display let it go.
  bool read() {
    std::array<char, 65'536> some;
    for (;;) {
      const auto size = ::recv(socket_, some.data(), some.size(), 0);
      if (size == 0) return false;
      if (size < 0) return errno == EAGAIN;
      held_.append(some.data(), static_cast<std::size_t>(size));
      for (std::size_t end = held_.find('\n'); end != std::string::npos; end = held_.find('\n')) {
        seen = held_.substr(0, end);
        ++screens;
        held_.erase(0, end + 1);
      }
    }
  }
  void send(std::string_view bytes) {
    CHECK(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }

  std::string seen;
  std::size_t screens = 0;

 private:
  int socket_ = -1;
  bool connected_ = false;
  std::string held_;
};

/// A program at a socket. It clears its picture when it is disconnected.
class SocketSubject : public LinuxBench {
 public:
  explicit SocketSubject(hal_linux::DisplayDoor door = hal_linux::DisplayDoor::Owner) : door_(door) {
    start();
    plug();
  }
  hal::Display& display() { return *display_; }
  std::string visible() {
    if (viewer_ && !viewer_->read()) viewer_.reset();
    return viewer_ ? viewer_->seen : std::string();
  }
  void touch(const std::string& press) { viewer_->send(press + "\n"); }
  void unplug() { viewer_.reset(); }
  void plug() {
    viewer_.emplace(path());
    REQUIRE(viewer_->connected());
  }
  void cut_and_restore_power() {
    display_.reset();
    start();
    plug();
  }
  [[nodiscard]] std::string path() const { return folder_.path() + "/display.sock"; }

 private:
  void start() {
    display_.emplace(*loop, path(), door_);
    REQUIRE(display_->open());
  }

  const hal_linux::DisplayDoor door_;
  test::Folder folder_;
  std::optional<hal_linux::DisplaySocket> display_;
  std::optional<Viewer> viewer_;
};

/// The sandbox's. A board that is not connected looks to the display like one that is not there.
class SandboxSubject : public SandboxBench {
 public:
  hal::Display& display() { return parts().display; }
  std::string visible() { return board.display.visible(); }
  void touch(std::string press) { board.display.touch(std::move(press)); }
  void unplug() { board.display.unplug(); }
  void plug() { board.display.plug(); }
};

using Displays = std::tuple<VirtualSubject, SocketSubject, SandboxSubject>;

TEMPLATE_LIST_TEST_CASE("the latest screen becomes visible and stays", "[contract][display]", Displays) {
  TestType subject;

  REQUIRE(subject.display().show(R"({"screen":"welcome"})"));
  REQUIRE(subject.display().show(R"({"screen":"total"})"));

  CHECK(subject.until([&] { return subject.visible() == R"({"screen":"total"})"; }));
  subject.pass(5ms);
  CHECK(subject.visible() == R"({"screen":"total"})");
}

TEMPLATE_LIST_TEST_CASE("a display that comes back shows the latest screen by itself", "[contract][display]",
                        Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));

  subject.unplug();
  subject.pass(5ms);
  CHECK(subject.display().show("2"));
  CHECK(subject.display().show("3"));
  subject.pass(5ms);
  subject.plug();

  CHECK(subject.until([&] { return subject.visible() == "3"; }));
  subject.unplug();
  subject.pass(5ms);
  subject.plug();
  CHECK(subject.until([&] { return subject.visible() == "3"; }));
}

TEMPLATE_LIST_TEST_CASE("a screen that is empty or too long is refused and the one before stays", "[contract][display]",
                        Displays) {
  TestType subject;
  const std::string largest(hal::kScreenBytesMax, ' ');
  REQUIRE(subject.display().show(largest));

  CHECK(code_of(subject.display().show("")) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.display().show(largest + ' ')) == ErrorCode::Exhausted);

  CHECK(subject.until([&] { return subject.visible() == largest; }));
}

TEMPLATE_LIST_TEST_CASE("nothing of before is shown after a power cut", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  REQUIRE(subject.display().show("2"));

  subject.cut_and_restore_power();
  subject.pass(5ms);
  CHECK(subject.visible().empty());

  REQUIRE(subject.display().show("3"));
  CHECK(subject.until([&] { return subject.visible() == "3"; }));
}

TEMPLATE_LIST_TEST_CASE("what is touched is told once, in order, and from the loop", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  std::vector<std::string> told;
  subject.display().listen([&](std::string press) { told.push_back(std::move(press)); });

  subject.touch(R"({"press":"select","slot":11})");
  subject.touch(std::string(hal::kPressBytesMax, 'x'));
  subject.touch(std::string(hal::kPressBytesMax + 1, 'y'));
  CHECK(told.empty());
  CHECK(subject.until([&] { return told.size() == 2; }));
  subject.pass(5ms);

  CHECK(told == std::vector<std::string>{R"({"press":"select","slot":11})", std::string(hal::kPressBytesMax, 'x')});
}

TEMPLATE_LIST_TEST_CASE("a listener of presses can put another one in its place", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  std::string first, second;
  subject.display().listen([&](const std::string& press) {
    first += press;
    subject.display().listen([&](const std::string& later) { second += later; });
  });

  subject.touch("a");
  CHECK(subject.until([&] { return first == "a"; }));
  subject.touch("b");
  CHECK(subject.until([&] { return second == "b"; }));
  subject.display().listen({});
  subject.touch("c");
  subject.pass(5ms);

  CHECK(first == "a");
  CHECK(second == "b");
}

TEST_CASE("a program that reads nothing holds up nobody, and reads the latest screen when it does",
          "[contract][display]") {
  SocketSubject subject;
  Viewer slow(subject.path(), 4'096);
  subject.pass(5ms);

  for (int i = 0; i < 200; ++i) {
    REQUIRE(subject.display().show(std::to_string(i) + std::string(30'000, ' ')));
    subject.turn();
  }
  REQUIRE(subject.display().show("last"));

  CHECK(subject.until([&] { return subject.visible() == "last"; }));
  CHECK(subject.until([&] {
    CHECK(slow.read());
    return slow.seen == "last";
  }));
  CHECK(slow.screens < 100);
}

TEST_CASE("several programs draw the same screen, and each can be touched", "[contract][display]") {
  SocketSubject subject;
  Viewer other(subject.path());
  std::string told;
  subject.display().listen([&](const std::string& press) { told += press; });
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1" && other.read() && other.seen == "1"; }));

  subject.touch("a");
  other.send("b\r\n\n");

  CHECK(subject.until([&] { return told.size() == 2; }));
  CHECK(told.find('a') != std::string::npos);
  CHECK(told.find('b') != std::string::npos);
}

TEST_CASE("where all places are taken, who does not read gives its place up, and who reads keeps it",
          "[contract][display]") {
  SocketSubject subject;
  std::vector<std::unique_ptr<Viewer>> readers;
  for (std::size_t i = 2; i < hal_linux::kDisplaysMax; ++i)
    readers.push_back(std::make_unique<Viewer>(subject.path()));
  Viewer dead(subject.path(), 4'096);
  subject.pass(5ms);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(subject.display().show(std::string(60'000, 'x')));
    for (const auto& reader : readers)
      CHECK(reader->read());
    static_cast<void>(subject.visible());
    subject.turn();
  }
  REQUIRE(subject.display().show("2"));

  Viewer late(subject.path());
  CHECK(subject.until([&] { return late.read() && late.seen == "2"; }));
  CHECK(subject.until([&] { return !dead.read(); }));
  for (const auto& reader : readers)
    CHECK(subject.until([&] { return reader->read() && reader->seen == "2"; }));

  // Nobody is behind now: one more finds no place.
  CHECK(subject.until([&] { return subject.visible() == "2"; }));
  Viewer too_many(subject.path());
  CHECK(subject.until([&] { return !too_many.read(); }));
  CHECK(too_many.screens == 0);
}

TEST_CASE("a screen in several lines is one line, and a press that is too long takes nothing with it",
          "[contract][display]") {
  SocketSubject subject;
  std::vector<std::string> told;
  subject.display().listen([&](std::string press) { told.push_back(std::move(press)); });
  REQUIRE(subject.display().show("{\n \"a\":1}\n"));
  CHECK(subject.until([&] { return subject.visible() == "{  \"a\":1} "; }));

  subject.touch(std::string(100'000, 'y'));
  subject.touch("next");
  CHECK(subject.until([&] { return !told.empty(); }));

  CHECK(told == std::vector<std::string>{"next"});
}

TEST_CASE("the door is open to the owner only, or to the group where the board says so", "[contract][display]") {
  for (const auto& [door, mode] : {std::pair{hal_linux::DisplayDoor::Owner, mode_t{0600}},
                                   std::pair{hal_linux::DisplayDoor::Group, mode_t{0660}}}) {
    SocketSubject subject(door);
    struct stat status{};
    REQUIRE(::stat(subject.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == mode);
    CHECK(S_ISSOCK(status.st_mode));

    hal_linux::DisplaySocket second(*subject.loop, subject.path(), door);
    CHECK(code_of(second.open()) == ErrorCode::AlreadyExists);
  }
}

}  // namespace
}  // namespace tillkit::contract
