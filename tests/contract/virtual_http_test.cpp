// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal_virtual/board.hpp"

// What a test can make the virtual HTTP client and its servers do. That the client keeps the contract is shown with the
// others.

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::HttpDelivery;
using hal::HttpFault;
using hal::HttpRequest;
using hal::HttpResult;
using hal_virtual::VirtualAnswer;
using hal_virtual::VirtualBoard;

HttpRequest get(std::string url = "https://cloud.example/v1/session") {
  return {.url = std::move(url)};
}

struct Exchange {
  std::optional<HttpResult> result;

  hal::HttpRequestId send(VirtualBoard& board, HttpRequest request) {
    return board.http.send(std::move(request), [this](HttpResult answer) {
      CHECK_FALSE(result.has_value());
      result = std::move(answer);
    });
  }
  bool failed(HttpDelivery delivery, HttpFault fault) const {
    if (!result || *result) return false;
    const auto& failure = result->error();
    CHECK((failure.error.code == ErrorCode::Timeout) == (delivery == HttpDelivery::SentUnanswered));
    return failure.delivery == delivery && failure.fault == fault;
  }
};

HttpResult ask(VirtualBoard& board, HttpRequest request = get()) {
  Exchange exchange;
  exchange.send(board, std::move(request));
  CHECK_FALSE(exchange.result.has_value());
  REQUIRE(board.world.advance_until([&] { return exchange.result.has_value(); }, 1h));
  return *exchange.result;
}

void serve_ok(VirtualBoard& board) {
  board.http.serve([](const HttpRequest&) { return VirtualAnswer::reply(200, "ok"); });
}

TEST_CASE("connections are kept and reused, up to their limit", "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);

  CHECK(ask(board).value().new_connection);
  CHECK_FALSE(ask(board).value().new_connection);
  for (const auto* host : {"https://a.example", "https://b.example", "https://c.example"}) {
    CHECK(ask(board, get(host)).value().new_connection);
  }

  CHECK(board.http.kept_connections() == 3);
  CHECK(ask(board).value().new_connection);
  board.http.close_kept_connections();
  CHECK(ask(board).value().new_connection);
}

TEST_CASE("a connection that was forgotten on the way loses the request without arriving", "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);
  REQUIRE(ask(board));
  board.http.forget_kept_connections();

  const auto lost = ask(board);

  CHECK(lost.error().fault == HttpFault::ConnectionLost);
  CHECK(lost.error().delivery == HttpDelivery::SentUnanswered);
  CHECK(board.http.arrived() == 1);
  CHECK(ask(board).value().new_connection);
}

TEST_CASE("each trouble of a new connection means that nothing was sent", "[contract][virtual]") {
  for (int number = 5; number <= 39; ++number) {
    if (number > 8 && number < 20) continue;
    if (number > 31 && number < 39) continue;
    CAPTURE(number);
    VirtualBoard board;
    serve_ok(board);
    const auto fault = static_cast<HttpFault>(number);
    board.http.refuse_connections(fault);
    Exchange exchange;

    exchange.send(board, get());
    board.clock.advance(1min);

    CHECK(exchange.failed(HttpDelivery::NotSent, fault));
    CHECK(board.http.arrived() == 0);
    board.http.accept_connections();
    CHECK(ask(board));
  }
}

TEST_CASE("a server that acted and does not answer properly leaves the outcome unknown", "[contract][virtual]") {
  using enum VirtualAnswer::Kind;
  const std::vector<std::pair<VirtualAnswer, HttpFault>> cases{
      {VirtualAnswer::of(Silence), HttpFault::AnswerTimeout},
      {VirtualAnswer::of(Close), HttpFault::ConnectionLost},
      {VirtualAnswer::of(CutShort), HttpFault::AnswerCutShort},
      {VirtualAnswer::of(Malformed), HttpFault::AnswerMalformed},
      {VirtualAnswer::reply(200, std::string(1'001, 'x')), HttpFault::AnswerTooLarge},
      {VirtualAnswer::reply(200, "late", 1h), HttpFault::AnswerTimeout},
  };
  for (const auto& [answer, fault] : cases) {
    CAPTURE(to_string(fault));
    VirtualBoard board;
    board.http.serve([&](const HttpRequest&) { return answer; });
    Exchange exchange;
    auto request = get();
    request.response_body_bytes_max = 1'000;

    exchange.send(board, std::move(request));
    board.clock.advance(2h);

    CHECK(exchange.failed(HttpDelivery::SentUnanswered, fault));
    CHECK(board.http.arrived() == 1);
    CHECK(board.http.kept_connections() == 0);
  }
}

TEST_CASE("planned faults fail the n-th request, before or after it arrived", "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);
  board.http.faults().fail_call(2, HttpFault::Expired);
  board.http.faults().fail_call(3, HttpFault::ConnectionLost);

  CHECK(ask(board));
  CHECK(ask(board).error().fault == HttpFault::Expired);
  CHECK(board.http.arrived() == 1);
  CHECK(ask(board).error().fault == HttpFault::ConnectionLost);
  CHECK(board.http.arrived() == 2);
  CHECK(ask(board));
}

TEST_CASE("without a network nothing is sent, and an answer under way is lost", "[contract][virtual]") {
  VirtualBoard board;
  board.http.serve([](const HttpRequest&) { return VirtualAnswer::reply(200, "ok", 1s); });
  REQUIRE(ask(board));
  Exchange under_way;
  under_way.send(board, get());
  board.clock.advance(500ms);

  board.network.unplug();
  board.clock.advance(1min);
  CHECK(under_way.failed(HttpDelivery::SentUnanswered, HttpFault::AnswerTimeout));
  CHECK(board.http.arrived() == 2);
  CHECK(ask(board).error().fault == HttpFault::ConnectFailed);

  board.network.plug();
  CHECK(ask(board));
  CHECK(board.http.arrived() == 3);
}

TEST_CASE("the network does not stop when the power goes: what left arrives, its answer finds nobody",
          "[contract][virtual][power]") {
  const hal_virtual::VirtualHttpSettings
      times;  // it leaves when connected, and is then on its way for the transit time
  bool answered = false;
  auto cut_after = 0ms;
  while (!answered) {
    CAPTURE(cut_after.count());
    VirtualBoard board;
    serve_ok(board);
    board.http.send(get(), [&](const HttpResult&) { answered = true; });

    board.clock.advance(cut_after);
    board.world.power().cut();
    board.clock.advance(1min);
    board.world.power().restore();

    CHECK(board.http.arrived() == (cut_after < times.connect_time ? 0 : 1));
    CHECK(answered == (cut_after >= times.connect_time + 2 * times.transit_time));
    CHECK(board.http.under_way() == 0);
    CHECK(ask(board).value().new_connection);
    cut_after += 5ms;
  }
}

TEST_CASE("the power can be cut where the server has acted and the answer has not left", "[contract][virtual][power]") {
  VirtualBoard board;
  int charges = 0;
  bool answered = false;
  board.http.serve([&](const HttpRequest&) {
    ++charges;
    return VirtualAnswer::reply(200);
  });
  board.world.power().cut_at_step(2);  // the first is the request leaving
  board.http.send(get(), [&](const HttpResult&) { answered = true; });

  board.clock.advance(1min);

  CHECK(charges == 1);
  CHECK_FALSE(board.world.power().on());
  CHECK_FALSE(answered);
}

TEST_CASE("a completion may send again, and a cancelled request closes its connection", "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);
  Exchange second;
  board.http.send(get(), [&](const HttpResult&) { second.send(board, get()); });
  CHECK(board.world.advance_until([&] { return second.result.has_value(); }, 1min));
  CHECK_FALSE(second.result->value().new_connection);

  Exchange before;
  board.http.cancel(before.send(board, get("https://other.example/")));
  Exchange after;
  const auto id = after.send(board, get());
  board.clock.advance(5ms);
  board.http.cancel(id);
  board.http.cancel(id);
  CHECK_FALSE(after.result.has_value());
  board.clock.advance(1min);

  CHECK(before.failed(HttpDelivery::NotSent, HttpFault::Cancelled));
  CHECK(after.failed(HttpDelivery::SentUnanswered, HttpFault::Cancelled));
  CHECK(board.http.kept_connections() == 0);
}

TEST_CASE("while the time is unknown only what allows for it is sent, on a connection of its own",
          "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);
  board.clock.start_in_1970();
  auto session = get();
  session.allow_unknown_time = true;

  CHECK(ask(board).error().fault == HttpFault::ClockUnknown);
  CHECK(ask(board, session));
  CHECK(board.http.kept_connections() == 0);
  REQUIRE(board.clock.adopt_wall(board.clock.true_wall(), board.clock.monotonic()));
  CHECK(ask(board));
  CHECK(board.http.kept_connections() == 1);
}

TEST_CASE("a request for a kept connection does not open one", "[contract][virtual]") {
  VirtualBoard board;
  serve_ok(board);
  auto kept_only = get();
  kept_only.kept_connection_only = true;

  CHECK(ask(board, kept_only).error().fault == HttpFault::NoKeptConnection);
  REQUIRE(ask(board));
  CHECK(ask(board, kept_only));
  auto elsewhere = kept_only;
  elsewhere.url = "https://other.example/";
  CHECK(ask(board, elsewhere).error().fault == HttpFault::NoKeptConnection);
  CHECK(board.http.arrived() == 2);
}

TEST_CASE("one request above the limit is refused at once", "[contract][virtual]") {
  VirtualBoard board;
  std::vector<Exchange> exchanges(hal::kHttpRequestsMax);
  for (auto& exchange : exchanges)
    exchange.send(board, get());
  Exchange refused;

  refused.send(board, get());
  board.clock.advance(1ms);

  CHECK(refused.failed(HttpDelivery::NotSent, HttpFault::TooManyRequests));
  CHECK(board.http.under_way() == hal::kHttpRequestsMax);
  board.clock.advance(1min);
  CHECK(board.http.under_way() == 0);
}

}  // namespace
}  // namespace tillkit::contract
