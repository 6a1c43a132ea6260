// SPDX-License-Identifier: Apache-2.0

// A running terminal that is asked, by clients that read, that do not, and that go.

#include "tillkit/terminal/technician_service.hpp"

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"

namespace tillkit::terminal {
namespace {

using namespace std::chrono_literals;

struct Running : Shop {
  Technician technician{*journal, board.clock};
  std::optional<TechnicianService> service{std::in_place, board.local_server, board.scheduler, technician};

  Running() { must(service->start()); }
  ~Running() { service.reset(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Asks, and reads until the answer is whole.
  std::string ask(std::uint64_t client, std::string_view request) {
    std::string text;
    board.local_server.send(client, std::string(request) + "\n");
    CHECK(board.world.advance_until(
        [&] {
          text += board.local_server.read(client);
          return text == "\n" || text.ends_with("\n\n") || board.local_server.let_go(client);
        },
        60s));
    return text;
  }
};

TEST_CASE("a running terminal answers one question after the other", "[terminal]") {
  Running shop;
  shop.note();
  const auto client = shop.board.local_server.connect();

  const std::string verified = shop.ask(client, R"({"command":"journal.verify"})");
  const std::string shown = shop.ask(client, R"({"command":"journal.show"})");
  const std::string wrong = shop.ask(client, "what?");

  CHECK(verified.contains(R"("sound":true)"));
  CHECK(verified.ends_with("}\n\n"));
  CHECK(shown.contains(R"("kind":"test.note")"));
  CHECK(wrong.contains(R"("error":"invalid_argument")"));
}

TEST_CASE("a request that is too long is told so", "[terminal]") {
  Running shop;

  const auto answer = shop.ask(shop.board.local_server.connect(), std::string(hal::kLocalRequestBytesMax + 1, 'x'));

  CHECK(answer.contains("the request is too long"));
}

TEST_CASE("a long export does not hold up the terminal, and others are answered meanwhile", "[terminal]") {
  Running shop;
  for (int i = 0; i < 700; ++i)
    shop.note(R"({"text":")" + std::string(500, 'x') + R"("})");
  const auto slow = shop.board.local_server.connect();
  const auto quick = shop.board.local_server.connect();
  shop.board.local_server.send(slow, "{\"command\":\"journal.export\"}\n");
  shop.board.world.advance(1s);

  CHECK(shop.ask(quick, R"({"command":"journal.show","limit":1})").contains(R"("seq":701)"));
  shop.note();
  std::string text;
  CHECK(shop.board.world.advance_until(
      [&] {
        text += shop.board.local_server.read(slow);
        return text.ends_with("\n\n");
      },
      60s));

  CHECK(text.contains(R"("done":"journal.export","records":702,"whole":true)"));
}

TEST_CASE("a search that finds nothing for long goes on in turns of its own", "[terminal]") {
  Running shop;
  for (int i = 0; i < 1'200; ++i)
    shop.note();

  const auto answer = shop.ask(shop.board.local_server.connect(), R"({"command":"journal.show","kind":"test.other"})");

  CHECK(answer.starts_with(R"({"done":"journal.show","records":0)"));
}

TEST_CASE("a client that goes, and a service that goes, leave nothing behind", "[terminal]") {
  Running shop;
  for (int i = 0; i < 700; ++i)
    shop.note(R"({"text":")" + std::string(500, 'x') + R"("})");
  const auto leaving = shop.board.local_server.connect();
  shop.board.local_server.send(leaving, "{\"command\":\"journal.export\"}\n");
  shop.board.world.advance(1s);
  shop.board.local_server.hang_up(leaving);
  shop.board.world.advance(1s);
  const auto waiting = shop.board.local_server.connect();
  shop.board.local_server.send(waiting, "{\"command\":\"journal.export\"}\n");
  shop.board.world.advance(1s);
  const auto searching = shop.board.local_server.connect();
  shop.board.local_server.send(searching, "{\"command\":\"journal.show\",\"kind\":\"test.other\"}\n");
  shop.board.world.turn();

  shop.service.reset();
  shop.board.world.advance(1s);

  CHECK(shop.board.local_server.let_go(waiting));
  CHECK_FALSE(shop.board.local_server.is_open());
}

}  // namespace
}  // namespace tillkit::terminal
