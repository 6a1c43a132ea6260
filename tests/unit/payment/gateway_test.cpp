// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/gateway.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "stand_in.hpp"

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using cloud::Outcome;
using core::ErrorCode;
using hal::HttpFault;

constexpr std::string_view kCode = "2810123456789012345678";

codes::PaymentCode code(std::string_view text = kCode) {
  codes::WalletRoute route;
  route.add(codes::Wallet::Alipay);
  return {text, route, true};
}

struct Bench {
  hal_virtual::VirtualBoard board;
  StandIn stand_in{board};
  std::unique_ptr<Gateway> gateway =
      std::make_unique<Gateway>(board.http, GatewaySettings{.origin = "https://pay.example"});
  cloud::Order order{.number = cloud::OrderNumber::parse("T1A5").value(), .amount = {1'250, core::kCny}};
  cloud::Refund refund{
      .number = cloud::RefundNumber::parse("T1A6").value(), .order = order.number, .amount = {250, core::kCny}};

  /// What the call that `start` makes is answered with; it is answered once, and not from inside the call.
  template <class T, class Start>
  Answered<T> answer(Start start) {
    std::optional<Answered<T>> got;
    int times = 0;
    const auto begun = start([&](Answered<T> answered) {
      ++times;
      got = std::move(answered);
    });
    CHECK(begun.has_value());
    CHECK(times == 0);
    CHECK(board.world.advance_until([&] { return got.has_value(); }, 5min));
    board.world.advance(5min);
    CHECK(times == 1);
    return std::move(got).value_or(Answered<T>{.result = core::fail(ErrorCode::Corrupt)});
  }
  Answered<cloud::AttemptAnswer> authorise() {
    return answer<cloud::AttemptAnswer>(
        [this](auto done) { return gateway->authorise(order, code(), "Cola", std::move(done)); });
  }
  Answered<cloud::AttemptAnswer> query() {
    return answer<cloud::AttemptAnswer>([this](auto done) { return gateway->query(order, std::move(done)); });
  }
  Answered<cloud::AttemptAnswer> reverse() {
    return answer<cloud::AttemptAnswer>([this](auto done) { return gateway->reverse(order, std::move(done)); });
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& request : stand_in.requests())
      all.push_back(request.url.substr(std::string("https://pay.example/v1/").size()));
    return all;
  }
};

using Paths = std::vector<std::string>;

TEST_CASE("the first request on each connection is the session", "[payment]") {
  Bench bench;

  CHECK(bench.authorise().result->outcome == Outcome::Paid);
  CHECK(bench.query().result->outcome == Outcome::Paid);
  CHECK(bench.paths() == Paths{"session", "gateway/authorise", "gateway/query"});
  bench.board.http.close_kept_connections();
  CHECK(bench.reverse().result->outcome == Outcome::Refunded);
  CHECK(bench.paths() == Paths{"session", "gateway/authorise", "gateway/query", "session", "gateway/reverse"});
}

TEST_CASE("a connection can be opened before it is needed", "[payment]") {
  Bench bench;
  const auto opened = bench.answer<cloud::Session>([&](auto done) -> core::Result<> {
    bench.gateway->open(std::move(done));
    return {};
  });

  REQUIRE(opened.result);
  CHECK(opened.result->contract_major == 1);
  CHECK(bench.authorise().result);
  CHECK(bench.paths() == Paths{"session", "gateway/authorise"});
}

TEST_CASE("whatever goes wrong with the session, nothing about money was sent", "[payment]") {
  struct Case {
    Mishap mishap = Mishap::None;
    int status = 200;
    std::string body = {};
    ErrorCode code = ErrorCode::Unavailable;
  };
  const std::vector<Case> cases{
      {.mishap = Mishap::Silence},
      {.mishap = Mishap::Close},
      {.mishap = Mishap::CutShort},
      {.mishap = Mishap::NotHttp},
      {.mishap = Mishap::NotJson},
      {.mishap = Mishap::HalfBody},
      {.mishap = Mishap::WrongType},
      {.mishap = Mishap::TooLong},
      {.mishap = Mishap::Conflict},
      {.mishap = Mishap::ServerError},
      {.mishap = Mishap::BusyPage},
      {.status = 403, .body = R"({"type":"urn:tillkit:problem:not-allowed","status":403,"title":"No"})"},
      {.status = 404, .body = "{}"},
      {.body = R"({"contract":"2.0","server_time":"2026-06-21T04:00:00Z"})", .code = ErrorCode::Unsupported},
  };
  for (const auto& [mishap, status, body, expected] : cases) {
    CAPTURE(static_cast<int>(mishap), status, body);
    Bench bench;
    bench.stand_in.always("session", mishap);
    bench.stand_in.session_status = status;
    bench.stand_in.session_body = body;

    const auto answered = bench.authorise();
    REQUIRE_FALSE(answered.result);
    CHECK(answered.result.error().code == expected);
    CHECK(bench.stand_in.calls("authorise") == 0);
    CHECK(bench.stand_in.calls("session") == 1);
  }
}

TEST_CASE("what fails before the request leaves is never unknown", "[payment]") {
  for (const auto fault : {HttpFault::NameNotResolved, HttpFault::NameTimeout, HttpFault::ConnectFailed,
                           HttpFault::ConnectTimeout, HttpFault::Expired, HttpFault::Untrusted, HttpFault::TlsFailed}) {
    CAPTURE(std::string(to_string(fault)));
    Bench bench;
    bench.board.http.refuse_connections(fault);
    const auto answered = bench.authorise();

    REQUIRE_FALSE(answered.result);
    CHECK(answered.result.error().code == ErrorCode::Unavailable);
    CHECK(bench.board.http.arrived() == 0);
  }
}

TEST_CASE("what fails after the request left is unknown, and the request is not sent again", "[payment]") {
  for (const auto fault : {HttpFault::AnswerTimeout, HttpFault::ConnectionLost, HttpFault::AnswerCutShort,
                           HttpFault::AnswerTooLarge, HttpFault::AnswerMalformed}) {
    CAPTURE(std::string(to_string(fault)));
    Bench bench;
    bench.board.http.faults().fail_call(3, fault);  // no connection, session, authorise
    const auto answered = bench.authorise();

    REQUIRE_FALSE(answered.result);
    CHECK(answered.result.error().code == ErrorCode::Timeout);
    CHECK(bench.stand_in.calls("authorise") == 1);
  }
}

TEST_CASE("a connection that died unnoticed loses the request, which is not sent again", "[payment]") {
  Bench bench;
  REQUIRE(bench.query().result);
  bench.board.http.forget_kept_connections();

  const auto answered = bench.authorise();
  REQUIRE_FALSE(answered.result);
  CHECK(answered.result.error().code == ErrorCode::Timeout);
  CHECK(bench.stand_in.calls("authorise") == 0);
  CHECK(bench.query().result->outcome == Outcome::NotFound);
}

TEST_CASE("a connection that closes between session and charge means that nothing happened", "[payment]") {
  Bench bench;
  bench.board.http.faults().fail_call(3, HttpFault::NoKeptConnection);
  const auto answered = bench.authorise();

  REQUIRE_FALSE(answered.result);
  CHECK(answered.result.error().code == ErrorCode::Unavailable);
  CHECK(bench.paths() == Paths{"session"});
}

TEST_CASE("a request that the client refuses is not tried again with a session before it", "[payment]") {
  Bench bench;
  bench.board.http.faults().fail_call(1, HttpFault::TooManyRequests);
  const auto answered = bench.authorise();

  REQUIRE_FALSE(answered.result);
  CHECK(answered.result.error().code == ErrorCode::Exhausted);
  CHECK(bench.board.http.arrived() == 0);
}

TEST_CASE("a no of the gateway says which, and is no silence", "[payment]") {
  Bench bench;
  CHECK(bench.reverse().result->outcome == Outcome::Reversed);
  const auto answered = bench.authorise();

  REQUIRE_FALSE(answered.result);
  CHECK(answered.result.error().code == ErrorCode::Rejected);
  CHECK(cloud::is_problem(answered.result.error(), cloud::ProblemType::OrderReversed));
}

TEST_CASE("the time that the gateway wants comes with the answer", "[payment]") {
  Bench bench;
  bench.stand_in.plan("query", 1, Mishap::BusyPage);
  const auto answered = bench.query();

  CHECK(answered.retry_after == 7s);
  CHECK(answered.result.error().code == ErrorCode::Timeout);
  CHECK_FALSE(bench.query().retry_after);
}

TEST_CASE("a payment code stands in the body of its charge and nowhere else", "[payment]") {
  Bench bench;
  REQUIRE(bench.authorise().result);
  REQUIRE(bench.query().result);
  REQUIRE(bench.reverse().result);
  int bodies = 0;
  for (const auto& request : bench.stand_in.requests()) {
    CAPTURE(request.url);
    CHECK_FALSE(request.url.contains(kCode));
    for (const auto& [name, value] : request.headers)
      CHECK_FALSE(value.contains(kCode));
    bodies += request.body.contains(kCode) ? 1 : 0;
  }
  CHECK(bodies == 1);
}

TEST_CASE("what can never be asked fails at once, and nothing is sent", "[payment]") {
  Bench bench;
  const auto never = [](const auto&) { FAIL_CHECK("called"); };
  auto nothing = bench.order;
  nothing.amount.minor = 0;

  CHECK_FALSE(bench.gateway->authorise(nothing, code(), "x", never).has_value());
  CHECK_FALSE(bench.gateway->authorise(bench.order, code(""), "x", never).has_value());
  CHECK_FALSE(bench.gateway->create_qr(bench.order, {}, "x", 0s, never).has_value());
  CHECK_FALSE(bench.gateway->query({}, never).has_value());
  CHECK_FALSE(bench.gateway->reverse({}, never).has_value());
  CHECK_FALSE(bench.gateway->refund({}, never).has_value());
  CHECK_FALSE(bench.gateway->identify(code(""), never).has_value());
  bench.board.world.advance(1min);
  CHECK(bench.board.http.arrived() == 0);
}

TEST_CASE("without a clock nothing is sent", "[payment]") {
  Bench bench;
  bench.board.clock.start_in_1970();
  const auto answered = bench.authorise();

  CHECK(answered.result.error().code == ErrorCode::FailedPrecondition);
  CHECK(bench.board.http.arrived() == 0);
}

TEST_CASE("the answer of a charge arrives though the gateway object is gone", "[payment]") {
  Bench bench;
  std::optional<Answered<cloud::AttemptAnswer>> got;
  REQUIRE(bench.gateway->authorise(bench.order, code(), "Cola", [&](auto answered) { got = std::move(answered); }));
  bench.gateway.reset();

  REQUIRE(bench.board.world.advance_until([&] { return got.has_value(); }, 1min));
  CHECK(got->result->outcome == Outcome::Paid);
}

TEST_CASE("nobody waits for an identify longer than its time, with a connection or without", "[payment]") {
  for (const auto& [connected, silent] :
       {std::pair{true, "identify"}, std::pair{false, "session"}, std::pair{false, "identify"}}) {
    CAPTURE(connected, silent);
    Bench bench;
    if (connected) REQUIRE(bench.query().result);
    bench.stand_in.always(silent, Mishap::Silence);
    const auto start = bench.board.world.now();
    std::optional<std::chrono::microseconds> end;
    REQUIRE(bench.gateway->identify(code(), [&](const Answered<cloud::IdentifyAnswer>& answered) {
      end = bench.board.world.now();
      CHECK_FALSE(answered.result);
    }));
    bench.board.world.advance(1min);
    REQUIRE(end);
    CHECK(*end - start <= 800ms);

    bench.stand_in.heal();
    const auto answered = bench.answer<cloud::IdentifyAnswer>(
        [&](auto done) { return bench.gateway->identify(code(), std::move(done)); });
    REQUIRE(answered.result);
    CHECK(answered.result->payer->reference.view() == "p1");
  }
}

TEST_CASE("a refund is asked for and answered", "[payment]") {
  Bench bench;
  REQUIRE(bench.authorise().result);
  const auto answered = bench.answer<cloud::RefundAnswer>(
      [&](auto done) { return bench.gateway->refund(bench.refund, std::move(done)); });

  REQUIRE(answered.result);
  CHECK(answered.result->outcome == cloud::RefundOutcome::Refunded);
  CHECK(bench.stand_in.given_back_minor("T1A5") == 250);
}

TEST_CASE("a code to show comes with its text", "[payment]") {
  Bench bench;
  const auto answered = bench.answer<cloud::QrAnswer>(
      [&](auto done) { return bench.gateway->create_qr(bench.order, {}, "Cola", 60s, std::move(done)); });

  REQUIRE(answered.result);
  CHECK(answered.result->text == "https://qr.example/1");
  CHECK(answered.result->valid_for == 60s);
}

}  // namespace
}  // namespace tillkit::payment
