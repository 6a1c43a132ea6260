// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/link.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tillkit/core/encoding.hpp"
#include "tillkit/hal_virtual/board.hpp"

using namespace tillkit;
using namespace std::chrono_literals;
using core::ErrorCode;

namespace {

constexpr std::string_view kSession = R"({"contract":"1.0","server_time":"2026-11-21T00:05:30.250Z"})";

struct Bench {
  hal_virtual::VirtualBoard board;
  cloud::Link link{board.http, {.origin = "https://cloud.example"}};
  std::vector<std::string> seen;
  int session_status = 200;
  std::string session{kSession};
  std::optional<cloud::LinkResult> got;

  Bench() {
    board.http.serve([this](const hal::HttpRequest& request) {
      seen.push_back(request.url.substr(std::string("https://cloud.example").size()) + request.body);
      const bool is_session = request.url.contains("/v1/session");
      auto answer = hal_virtual::VirtualAnswer::reply(is_session ? session_status : 200, is_session ? session : "{}");
      answer.response.headers = {{"content-type", "application/json"}};
      return answer;
    });
  }

  cloud::LinkDone take() {
    return [this](cloud::LinkResult result) {
      CHECK_FALSE(got.has_value());
      got = std::move(result);
    };
  }
  const cloud::LinkResult& answer() {
    board.world.advance(1min);
    REQUIRE(got.has_value());
    return *got;
  }
};

}  // namespace

TEST_CASE("the first request on a connection is the session, and then each goes out once", "[cloud]") {
  Bench bench;

  bench.link.send(cloud::post("/v1/leases", "{1}"), bench.take());
  REQUIRE(bench.answer().has_value());
  bench.got.reset();
  bench.link.send({.method = hal::HttpMethod::Get, .target = "/v1/news?feed=copies"}, bench.take());

  CHECK(cloud::reply_of(*bench.answer()).content_type == "application/json");
  CHECK(bench.seen == std::vector<std::string>{"/v1/session", "/v1/leases{1}", "/v1/news?feed=copies"});
}

TEST_CASE("a session that is refused means that nothing happened", "[cloud]") {
  Bench bench;
  bench.session_status = 500;

  bench.link.send(cloud::post("/v1/leases", "{}"), bench.take());

  CHECK(bench.answer().error().error.code == ErrorCode::Unavailable);
  CHECK_FALSE(bench.got->error().fault.has_value());
  CHECK(bench.seen == std::vector<std::string>{"/v1/session"});
}

TEST_CASE("where the session was refused nothing else goes over that connection", "[cloud]") {
  Bench bench;
  const auto why = GENERATE(500, 403, 200);  // the last one is of another contract
  CAPTURE(why);
  bench.session_status = why;
  if (why == 200) bench.session = R"({"contract":"2.0","server_time":"2026-11-21T00:05:30.250Z"})";
  bench.link.open(bench.take());
  CHECK(bench.answer()->status == why);
  bench.got.reset();

  bench.link.send(cloud::post("/v1/leases", "{}"), bench.take());
  CHECK_FALSE(bench.answer().has_value());
  bench.got.reset();
  bench.session_status = 200;
  bench.session = kSession;
  bench.link.send(cloud::post("/v1/leases", "{}"), bench.take());

  CHECK(bench.answer().has_value());
  CHECK(bench.seen == std::vector<std::string>{"/v1/session", "/v1/session", "/v1/session", "/v1/leases{}"});
}

TEST_CASE("a failure names what went wrong on the line", "[cloud]") {
  Bench bench;
  bench.board.http.refuse_connections(hal::HttpFault::ConnectTimeout);

  bench.link.send(cloud::post("/v1/leases", "{}"), bench.take());

  CHECK(bench.answer().error().fault == hal::HttpFault::ConnectTimeout);
  CHECK(bench.got->error().error.code == ErrorCode::Unavailable);
}

TEST_CASE("while the time is unknown only the time is asked for", "[cloud]") {
  Bench bench;
  bench.board.clock.start_in_1970();
  REQUIRE(bench.board.clock.wall().quality == core::WallQuality::Unknown);

  bench.link.send(cloud::post("/v1/leases", "{}"), bench.take());
  CHECK(bench.answer().error().fault == hal::HttpFault::ClockUnknown);
  bench.got.reset();
  const core::Bytes nonce(cloud::kNonceBytes);
  REQUIRE(bench.link.ask_time(nonce, bench.take()));

  CHECK(bench.answer()->status == 200);
  CHECK(bench.seen == std::vector<std::string>{"/v1/session?nonce=" + core::encode_base64url(nonce)});
  CHECK(bench.link.ask_time({}, {}).error().code == ErrorCode::InvalidArgument);
}
