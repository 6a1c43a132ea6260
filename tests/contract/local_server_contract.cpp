// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::LocalRequest;
using hal::LocalRequestId;

/// A server and the clients that come to it.
class VirtualSubject : public VirtualBench {
 public:
  using Client = std::uint64_t;
  hal::LocalServer& server() { return board.local_server; }
  Client connect() { return board.local_server.connect(); }
  void send(Client client, std::string_view bytes) { board.local_server.send(client, bytes); }
  /// All that came so far.
  const std::string& read(Client client) { return read_[client] += board.local_server.read(client); }
  bool let_go(Client client) { return board.local_server.let_go(client); }
  void hang_up(Client client) { board.local_server.hang_up(client); }

 private:
  std::map<Client, std::string> read_;
};

class LinuxSubject : public LinuxBench {
 public:
  using Client = int;
  LinuxSubject() { server_.emplace(*loop, folder_.path("till.sock")); }
  ~LinuxSubject() {
    for (const auto& [client, text] : read_)
      ::close(client);
  }
  LinuxSubject(const LinuxSubject&) = delete;
  LinuxSubject& operator=(const LinuxSubject&) = delete;

  hal::LocalServer& server() { return *server_; }
  Client connect() {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(client >= 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.path("till.sock");
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    REQUIRE(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    read_[client];
    return client;
  }
  void send(Client client, std::string_view bytes) {
    REQUIRE(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  const std::string& read(Client client) {
    std::array<char, 65'536> block;
    for (;;) {
      const auto size = ::recv(client, block.data(), block.size(), 0);
      if (size <= 0) {
        ended_[client] = size == 0 || errno != EAGAIN;
        return read_[client];
      }
      read_[client].append(block.data(), static_cast<std::size_t>(size));
    }
  }
  bool let_go(Client client) {
    read(client);
    return ended_[client];
  }
  void hang_up(Client client) {
    ::close(client);
    read_.erase(client);
  }

 private:
  test::Folder folder_;
  std::map<int, std::string> read_;
  std::map<int, bool> ended_;
  std::optional<hal_linux::LocalServer> server_;
};

using Servers = std::tuple<VirtualSubject, LinuxSubject>;
using Written = std::optional<core::Result<>>;

auto into(Written& written) {
  return [&written](core::Result<> result) {
    CHECK_FALSE(written.has_value());
    written = result;
  };
}

/// Keeps what was asked.
struct Heard {
  std::vector<std::string> lines;
  std::vector<LocalRequestId> ids;
  std::vector<bool> too_long;

  auto listener() {
    return [this](LocalRequest request) {
      lines.emplace_back(request.line);
      ids.push_back(request.id);
      too_long.push_back(request.too_long);
    };
  }
};

/// Answers each request with its own line, and ends.
auto echo(hal::LocalServer& server) {
  return [&server](LocalRequest request) {
    const std::string piece = "you said " + std::string(request.line) + "\n";
    CHECK(server.write(request.id, piece, [&server, id = request.id](core::Result<> result) {
      CHECK(result.has_value());
      CHECK(server.end(id).has_value());
    }));
  };
}

TEMPLATE_LIST_TEST_CASE("a line is answered with lines and an empty one, and the client may ask again",
                        "[contract][local_server]", Servers) {
  TestType subject;
  subject.server().listen(echo(subject.server()));
  REQUIRE(subject.server().open());
  const auto client = subject.connect();

  subject.send(client, "who are you\n");
  CHECK(subject.until([&] { return subject.read(client) == "you said who are you\n\n"; }));
  subject.send(client, "and\n");

  CHECK(subject.until([&] { return subject.read(client) == "you said who are you\n\nyou said and\n\n"; }));
  CHECK_FALSE(subject.let_go(client));
}

TEMPLATE_LIST_TEST_CASE("a request comes when its line is whole, any bytes in it, and the next when it was answered",
                        "[contract][local_server]", Servers) {
  TestType subject;
  Heard heard;
  subject.server().listen(heard.listener());
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  const std::string odd("a\0\xFF\r\t", 5);

  subject.send(client, "first ha");
  subject.pass(5ms);
  CHECK(heard.lines.empty());
  subject.send(client, "lf\n" + odd + "\n\nlast\n");
  CHECK(subject.until([&] { return !heard.lines.empty(); }));
  subject.pass(5ms);
  CHECK(heard.lines == std::vector<std::string>{"first half"});
  while (heard.ids.size() < 4) {
    const auto count = heard.ids.size();
    REQUIRE(subject.server().end(heard.ids.back()));
    REQUIRE(subject.until([&] { return heard.ids.size() > count; }));
  }

  CHECK(heard.lines == std::vector<std::string>{"first half", odd, "", "last"});
  CHECK(subject.until([&] { return subject.read(client) == "\n\n\n"; }));
}

TEMPLATE_LIST_TEST_CASE("a listener is called from the loop only", "[contract][local_server]", Servers) {
  TestType subject;
  Heard heard;
  bool inside = false;
  subject.server().listen([&](LocalRequest request) {
    CHECK_FALSE(inside);
    heard.listener()(request);
  });
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  subject.send(client, "one\ntwo\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));

  inside = true;
  Written written;
  REQUIRE(subject.server().write(heard.ids[0], "answer\n", [&](core::Result<> result) {
    CHECK_FALSE(inside);
    into(written)(result);
  }));
  inside = false;
  REQUIRE(subject.until([&] { return written.has_value(); }));
  inside = true;
  REQUIRE(subject.server().end(heard.ids[0]));
  inside = false;

  CHECK(subject.until([&] { return heard.ids.size() == 2; }));
}

TEMPLATE_LIST_TEST_CASE("a line of 4 KiB is taken; a longer one is told as such, answered, and its client let go",
                        "[contract][local_server]", Servers) {
  TestType subject;
  Heard heard;
  subject.server().listen(heard.listener());
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  const std::string longest(hal::kLocalRequestBytesMax, 'x');

  subject.send(client, longest + "\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));
  CHECK(heard.lines[0] == longest);
  CHECK_FALSE(heard.too_long[0]);
  REQUIRE(subject.server().end(heard.ids[0]));
  subject.send(client, longest + "y\nmore\n");

  REQUIRE(subject.until([&] { return heard.ids.size() == 2; }));
  CHECK(heard.too_long[1]);
  CHECK(heard.lines[1].empty());
  Written written;
  REQUIRE(subject.server().write(heard.ids[1], "too long\n", into(written)));
  REQUIRE(subject.until([&] { return written.has_value(); }));
  REQUIRE(subject.server().end(heard.ids[1]));
  CHECK(subject.until([&] { return subject.let_go(client); }));
  CHECK(subject.read(client).starts_with("\ntoo long\n"));
  subject.pass(5ms);
  CHECK(heard.ids.size() == 2);
}

TEMPLATE_LIST_TEST_CASE("a piece that is not whole lines, or too long, is refused", "[contract][local_server]",
                        Servers) {
  TestType subject;
  Heard heard;
  bool called = false;
  subject.server().listen(heard.listener());
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  subject.send(client, "x\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));

  for (const std::string& piece :
       {std::string(), std::string("no end"), std::string("\n"), std::string("\na\n"), std::string("a\n\nb\n"),
        std::string("a\n\n"), std::string(hal::kLocalPieceBytesMax, 'x') + "\n"}) {
    CAPTURE(piece.substr(0, 20), piece.size());
    CHECK(code_of(subject.server().write(heard.ids[0], piece, [&](auto) { called = true; })) ==
          ErrorCode::InvalidArgument);
  }
  CHECK(code_of(subject.server().write(heard.ids[0], "a\n", {})) == ErrorCode::InvalidArgument);
  subject.pass(5ms);
  CHECK_FALSE(called);
  CHECK(subject.read(client).empty());
  Written written;
  const std::string longest = std::string(hal::kLocalPieceBytesMax - 1, 'x') + "\n";
  REQUIRE(subject.server().write(heard.ids[0], longest, into(written)));
  CHECK(subject.until([&] { return subject.read(client).size() == longest.size(); }));
}

TEMPLATE_LIST_TEST_CASE("a piece at a time, and none for a request that is over", "[contract][local_server]", Servers) {
  TestType subject;
  Heard heard;
  subject.server().listen(heard.listener());
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  subject.send(client, "x\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));
  Written written;

  REQUIRE(subject.server().write(heard.ids[0], "one\n", into(written)));
  CHECK(code_of(subject.server().write(heard.ids[0], "two\n", [](auto) {})) == ErrorCode::FailedPrecondition);
  CHECK(code_of(subject.server().end(heard.ids[0])) == ErrorCode::FailedPrecondition);
  REQUIRE(subject.until([&] { return written.has_value(); }));
  REQUIRE(subject.server().end(heard.ids[0]));

  CHECK(code_of(subject.server().write(heard.ids[0], "three\n", [](auto) {})) == ErrorCode::NotFound);
  CHECK(code_of(subject.server().end(heard.ids[0])) == ErrorCode::NotFound);
  CHECK(code_of(subject.server().end({})) == ErrorCode::NotFound);
  CHECK(code_of(subject.server().end({~std::uint64_t{0}})) == ErrorCode::NotFound);
  CHECK(subject.until([&] { return subject.read(client) == "one\n\n"; }));
}

TEMPLATE_LIST_TEST_CASE("a client that does not read stops the answer, makes nobody else wait, and gets it all later",
                        "[contract][local_server]", Servers) {
  TestType subject;
  const std::string piece = std::string(99'999, 'x') + "\n";
  std::size_t pieces = 0;
  bool ended = false;
  std::function<void(LocalRequestId)> next = [&](LocalRequestId id) {
    if (pieces == 100) {
      CHECK(subject.server().end(id).has_value());
      ended = true;
      return;
    }
    ++pieces;
    CHECK(subject.server().write(id, piece, [&, id](core::Result<> result) {
      CHECK(result.has_value());
      next(id);
    }));
  };
  subject.server().listen([&](LocalRequest request) {
    if (request.line == "all") return next(request.id);
    CHECK(subject.server().end(request.id).has_value());
  });
  REQUIRE(subject.server().open());
  const auto slow = subject.connect();
  const auto quick = subject.connect();

  subject.send(slow, "all\n");
  subject.pass(50ms);
  const auto before = pieces;
  CHECK(before >= 1);
  CHECK(before < 20);
  subject.send(quick, "hello\n");
  CHECK(subject.until([&] { return subject.read(quick) == "\n"; }));
  subject.pass(5ms);
  CHECK(pieces == before);

  CHECK(subject.until([&] { return subject.read(slow).size() == 100 * piece.size() + 1; }));
  CHECK(ended);
  CHECK(subject.read(slow).ends_with("x\n\n"));
}

TEMPLATE_LIST_TEST_CASE("four clients are let in, the fifth is turned away, and there is room again when one went",
                        "[contract][local_server]", Servers) {
  TestType subject;
  subject.server().listen(echo(subject.server()));
  REQUIRE(subject.server().open());
  std::vector<typename TestType::Client> clients;
  for (std::size_t i = 0; i < hal::kLocalConnectionsMax; ++i) {
    clients.push_back(subject.connect());
    subject.send(clients.back(), "in\n");
    REQUIRE(subject.until([&] { return subject.read(clients.back()) == "you said in\n\n"; }));
  }

  const auto fifth = subject.connect();
  CHECK(subject.until([&] { return subject.let_go(fifth); }));
  CHECK(subject.read(fifth).empty());
  subject.hang_up(clients[0]);
  subject.pass(5ms);
  const auto sixth = subject.connect();
  subject.send(sixth, "in\n");

  CHECK(subject.until([&] { return subject.read(sixth) == "you said in\n\n"; }));
  subject.send(clients[1], "still\n");
  CHECK(subject.until([&] { return subject.read(clients[1]).ends_with("you said still\n\n"); }));
}

TEMPLATE_LIST_TEST_CASE("the owner learns that a client has gone, and serves the others", "[contract][local_server]",
                        Servers) {
  TestType subject;
  Heard heard;
  subject.server().listen(heard.listener());
  REQUIRE(subject.server().open());
  const auto leaving = subject.connect();
  subject.send(leaving, "x\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));
  // More than lies between the two, so that it cannot have left.
  const std::string piece = std::string(hal::kLocalPieceBytesMax - 1, 'x') + "\n";
  std::optional<ErrorCode> learned;
  std::function<void()> next = [&] {
    const auto accepted = subject.server().write(heard.ids[0], piece, [&](core::Result<> result) {
      if (result) return next();
      learned = result.error().code;
    });
    if (!accepted) learned = accepted.error().code;
  };

  next();
  subject.hang_up(leaving);

  CHECK(subject.until([&] { return learned.has_value(); }));
  CHECK((learned == ErrorCode::Unavailable || learned == ErrorCode::NotFound));
  CHECK(code_of(subject.server().end(heard.ids[0])) == ErrorCode::NotFound);
  const auto other = subject.connect();
  subject.send(other, "y\n");
  CHECK(subject.until([&] { return heard.ids.size() == 2; }));
  CHECK(heard.ids[1] != heard.ids[0]);
}

TEMPLATE_LIST_TEST_CASE("a closed server lets all go and takes nothing until it is opened again",
                        "[contract][local_server]", Servers) {
  TestType subject;
  Heard heard;
  subject.server().listen(heard.listener());
  subject.server().close();
  REQUIRE(subject.server().open());
  CHECK(code_of(subject.server().open()) == ErrorCode::FailedPrecondition);
  const auto client = subject.connect();
  subject.send(client, "x\n");
  REQUIRE(subject.until([&] { return heard.ids.size() == 1; }));
  Written written;
  REQUIRE(subject.server().write(heard.ids[0], "answer\n", into(written)));

  subject.server().close();
  subject.server().close();

  CHECK_FALSE(written.has_value());
  REQUIRE(subject.until([&] { return written.has_value(); }));
  CHECK(code_of(*written) == ErrorCode::Cancelled);
  CHECK(code_of(subject.server().write(heard.ids[0], "more\n", [](auto) {})) == ErrorCode::NotFound);
  CHECK(subject.until([&] { return subject.let_go(client); }));
  REQUIRE(subject.server().open());
  const auto later = subject.connect();
  subject.send(later, "y\n");
  CHECK(subject.until([&] { return heard.ids.size() == 2; }));
}

TEMPLATE_LIST_TEST_CASE("a listener may close the server, replace itself, or be nobody", "[contract][local_server]",
                        Servers) {
  TestType subject;
  int closed = 0;
  subject.server().listen([&](LocalRequest) {
    ++closed;
    subject.server().listen({});
    subject.server().close();
  });
  REQUIRE(subject.server().open());
  const auto client = subject.connect();
  subject.send(client, "x\ny\n");
  CHECK(subject.until([&] { return subject.let_go(client); }));
  CHECK(closed == 1);

  REQUIRE(subject.server().open());
  const auto unheard = subject.connect();
  subject.send(unheard, "x\n");

  CHECK(subject.until([&] { return subject.let_go(unheard); }));
  CHECK(subject.read(unheard).empty());
}

}  // namespace
}  // namespace tillkit::contract
