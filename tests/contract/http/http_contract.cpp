// SPDX-License-Identifier: Apache-2.0
// What every hal::HttpClient promises. Which fault stands for a closed connection is left to the network: a close and a
// reset can look alike.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "subjects.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::HttpMethod;
using hal::HttpRequest;

using Subjects = std::tuple<VirtualHttpSubject, LinuxHttpSubject>;
constexpr auto kAnyMethod = {HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Delete};

HttpRequest request_for(HttpMethod method, std::string url) {
  HttpRequest request{.method = method, .url = std::move(url)};
  if (method == HttpMethod::Post || method == HttpMethod::Put) request.body = R"({"amount":100})";
  return request;
}

template <class Subject>
hal::HttpResult ask(Subject& subject, HttpRequest request) {
  auto outcome = std::make_shared<Outcome>();
  subject.client().send(std::move(request), [outcome](hal::HttpResult given) { outcome->take()(std::move(given)); });
  CHECK_FALSE(outcome->over());  // never from inside `send`
  REQUIRE(subject.until([&] { return outcome->over(); }));
  CHECK(outcome->completions == 1);
  return std::move(*outcome->result);
}

template <class Subject>
hal::HttpResult get(Subject& subject, const std::string& url) {
  return ask(subject, {.url = url});
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("an answer comes back as the server gave it, whatever its status", "[http]", Subjects) {
  TestType subject;
  for (const int status : {200, 201, 302, 404, 409, 500, 503}) {
    CAPTURE(status);

    const auto result = get(subject, subject.url_where({.status = status, .body = "hello"}));

    REQUIRE(told(result) == std::to_string(status));
    CHECK(result->body == "hello");
    CHECK(std::ranges::any_of(
        result->headers, [](const auto& header) { return header.name == "x-mixed-case" && header.value == "Value"; }));
  }
}

TEMPLATE_LIST_TEST_CASE("every method arrives once", "[http]", Subjects) {
  TestType subject;
  for (const auto method : kAnyMethod) {
    CAPTURE(static_cast<int>(method));
    const auto url = subject.url_where({});

    CHECK(told(ask(subject, request_for(method, url))) == "200");

    CHECK(subject.arrivals(url) == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("a server that closes instead of answering is asked once, on a kept connection too", "[http]",
                        Subjects) {
  TestType subject;
  enum class Over { New, Kept, OnlyKept };
  for (const auto kind : {Act::Kind::Close, Act::Kind::Reset}) {
    for (const auto method : kAnyMethod) {
      for (const auto over : {Over::New, Over::Kept, Over::OnlyKept}) {
        CAPTURE(static_cast<int>(kind), static_cast<int>(method), static_cast<int>(over));
        // The one before has lost its connection.
        if (over != Over::New) REQUIRE(told(get(subject, subject.url_where({}))) == "200");
        const auto url = subject.url_where({.kind = kind});

        auto request = request_for(method, url);
        request.kept_connection_only = over == Over::OnlyKept;
        const auto result = ask(subject, std::move(request));

        REQUIRE(told(result) == "sent_unanswered connection_lost");
        CHECK(result.error().error.code == ErrorCode::Timeout);
        CHECK(subject.arrivals(url) == 1);
      }
    }
  }
}

TEMPLATE_LIST_TEST_CASE("a connection is kept only after an answer that is worth it", "[http]", Subjects) {
  TestType subject;
  const auto judged = [&](const std::string& body, int status = 200) {
    return ask(subject, {.url = subject.url_where({.status = status, .body = body}),
                         .worth_keeping = [](const hal::HttpResponse& answer) {
                           return answer.status == 200 && answer.body == "yes";
                         }});
  };
  const auto is_kept = [&] {
    return told(ask(subject, {.url = subject.url_where({}), .kept_connection_only = true})) == "200";
  };

  for (const auto& [body, status] : {std::pair("yesbut", 200), std::pair("", 200), std::pair("yes", 403)}) {
    CAPTURE(body, status);
    CHECK(told(judged(body, status)) == std::to_string(status));
    CHECK_FALSE(is_kept());
  }
  CHECK(told(judged("yes")) == "200");
  CHECK(is_kept());
  // What comes later over that connection is judged, too.
  CHECK(told(judged("no")) == "200");
  CHECK_FALSE(is_kept());
}

TEMPLATE_LIST_TEST_CASE("an answer that is no whole answer leaves the outcome open", "[http]", Subjects) {
  TestType subject;
  const auto kind = GENERATE(Act::Kind::CutShort, Act::Kind::Malformed);
  const auto url = subject.url_where({.kind = kind});

  const auto result = ask(subject, request_for(HttpMethod::Post, url));

  REQUIRE(told(result) ==
          (kind == Act::Kind::CutShort ? "sent_unanswered answer_cut_short" : "sent_unanswered answer_malformed"));
  CHECK(result.error().error.code == ErrorCode::Timeout);
  CHECK(subject.arrivals(url) == 1);
}

TEMPLATE_LIST_TEST_CASE("a body is taken up to its limit and not a byte more", "[http]", Subjects) {
  TestType subject;
  const std::size_t limit = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{5'000});
  CAPTURE(limit);

  const auto full = ask(subject, {.url = subject.url_where({.body_bytes = limit}), .response_body_bytes_max = limit});
  REQUIRE(told(full) == "200");
  CHECK(full->body.size() == limit);

  const auto over =
      ask(subject, {.url = subject.url_where({.body_bytes = limit + 1}), .response_body_bytes_max = limit});
  CHECK(told(over) == "sent_unanswered answer_too_large");
}

TEMPLATE_LIST_TEST_CASE("silence ends at the total time-out", "[http]", Subjects) {
  TestType subject;
  const auto url = subject.url_where({.kind = Act::Kind::Silence});

  const auto result = ask(subject, {.method = HttpMethod::Post, .url = url, .total_timeout = 300ms});

  REQUIRE(told(result) == "sent_unanswered answer_timeout");
  CHECK(result.error().error.code == ErrorCode::Timeout);
  CHECK(subject.arrivals(url) == 1);
}

TEMPLATE_LIST_TEST_CASE("where nobody listens nothing was sent", "[http]", Subjects) {
  TestType subject;

  const auto result = get(subject, subject.url_where_nobody_listens());

  REQUIRE(told(result) == "not_sent connect_failed");
  CHECK(result.error().error.code == ErrorCode::Unavailable);
}

TEMPLATE_LIST_TEST_CASE("a bad request is told by its completion, later", "[http]", Subjects) {
  TestType subject;
  const auto url = subject.url_where({});

  const auto result = ask(subject, {.url = url, .body = "a GET has none"});

  REQUIRE(told(result) == "not_sent bad_request");
  CHECK(result.error().error.code == ErrorCode::InvalidArgument);
  CHECK(subject.arrivals(url) == 0);
}

TEMPLATE_LIST_TEST_CASE("connections are kept, and their use is told", "[http]", Subjects) {
  TestType subject;

  const auto first = get(subject, subject.url_where({}));
  const auto second = get(subject, subject.url_where({}));
  const auto last_of_connection = get(subject, subject.url_where({.keeps_connection = false}));
  const auto after = get(subject, subject.url_where({}));

  REQUIRE((first && second && last_of_connection && after));
  CHECK(first->new_connection);
  CHECK_FALSE(second->new_connection);
  CHECK_FALSE(last_of_connection->new_connection);
  CHECK(after->new_connection);
}

TEMPLATE_LIST_TEST_CASE("a request for a kept connection opens none", "[http]", Subjects) {
  TestType subject;
  const auto url = subject.url_where({});

  const auto without = ask(subject, {.url = url, .kept_connection_only = true});
  REQUIRE(told(without) == "not_sent no_kept_connection");
  CHECK(without.error().error.code != ErrorCode::Timeout);
  CHECK(subject.arrivals(url) == 0);

  REQUIRE(told(get(subject, url)) == "200");
  const auto with = ask(subject, {.url = url, .kept_connection_only = true});
  REQUIRE(told(with) == "200");
  CHECK_FALSE(with->new_connection);

  REQUIRE(told(get(subject, subject.url_where({.keeps_connection = false}))) == "200");
  CHECK(told(ask(subject, {.url = url, .kept_connection_only = true})) == "not_sent no_kept_connection");
  CHECK(subject.arrivals(url) == 2);
}

TEMPLATE_LIST_TEST_CASE("while the time is unknown only who says so may ask, and the connection is not kept", "[http]",
                        Subjects) {
  TestType subject;
  subject.make_time_unknown();
  const auto url = subject.url_where({});

  const auto refused = get(subject, url);
  REQUIRE(told(refused) == "not_sent clock_unknown");
  CHECK(subject.arrivals(url) == 0);

  for (const int round : {1, 2}) {
    CAPTURE(round);
    const auto allowed = ask(subject, {.url = url, .allow_unknown_time = true});
    REQUIRE(told(allowed) == "200");
    CHECK(allowed->new_connection);
  }
}

TEMPLATE_LIST_TEST_CASE("requests above the limit are refused, those under way are not", "[http]", Subjects) {
  TestType subject;
  std::vector<std::unique_ptr<Outcome>> outcomes;
  for (std::size_t count = 0; count < hal::kHttpRequestsMax + 2; ++count) {
    outcomes.push_back(std::make_unique<Outcome>());
    subject.client().send({.url = subject.url_where({.delay = 100ms})}, outcomes.back()->take());
  }

  REQUIRE(subject.until([&] { return std::ranges::all_of(outcomes, [](const auto& each) { return each->over(); }); }));

  for (std::size_t index = 0; index < outcomes.size(); ++index) {
    CAPTURE(index);
    CHECK(told(outcomes[index]->result) == (index < hal::kHttpRequestsMax ? "200" : "not_sent too_many_requests"));
    CHECK(outcomes[index]->completions == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("a cancelled request completes once, at the next turn, as what it was by then", "[http]",
                        Subjects) {
  TestType subject;
  const auto url = subject.url_where({.kind = Act::Kind::Silence});

  SECTION("before a byte left") {
    Outcome outcome;
    const auto id = subject.client().send(request_for(HttpMethod::Post, url), outcome.take());
    subject.client().cancel(id);
    CHECK_FALSE(outcome.over());

    REQUIRE(subject.until([&] { return outcome.over(); }));
    REQUIRE(told(outcome.result) == "not_sent cancelled");
    CHECK(outcome.result->error().error.code == ErrorCode::Cancelled);
    CHECK(subject.arrivals(url) == 0);
  }
  SECTION("after it arrived") {
    Outcome outcome;
    const auto id = subject.client().send(request_for(HttpMethod::Post, url), outcome.take());
    REQUIRE(subject.until([&] { return subject.arrivals(url) == 1; }));
    subject.client().cancel(id);
    CHECK_FALSE(outcome.over());

    REQUIRE(subject.until([&] { return outcome.over(); }));
    REQUIRE(told(outcome.result) == "sent_unanswered cancelled");
    CHECK(outcome.result->error().error.code == ErrorCode::Timeout);
    CHECK(subject.arrivals(url) == 1);

    const auto next = get(subject, subject.url_where({}));
    REQUIRE(told(next) == "200");
    CHECK(next->new_connection);  // its connection went with it
  }
  SECTION("twice, and when it was over") {
    Outcome outcome;
    const auto id = subject.client().send({.url = subject.url_where({})}, outcome.take());
    REQUIRE(subject.until([&] { return outcome.over(); }));
    subject.client().cancel(id);
    subject.client().cancel(id);
    subject.client().cancel({});

    REQUIRE(told(get(subject, subject.url_where({}))) == "200");
    CHECK(outcome.completions == 1);
    CHECK(told(outcome.result) == "200");
  }
}

TEMPLATE_LIST_TEST_CASE("request numbers are never given twice", "[http]", Subjects) {
  TestType subject;
  std::vector<hal::HttpRequestId> ids;
  std::vector<std::unique_ptr<Outcome>> outcomes;

  for (int round = 0; round < 40; ++round) {
    outcomes.push_back(std::make_unique<Outcome>());
    ids.push_back(subject.client().send({.url = round % 2 == 0 ? "" : subject.url_where({})}, outcomes.back()->take()));
    if (round % 3 == 0) subject.client().cancel(ids.back());
    REQUIRE(subject.until([&] { return outcomes.back()->over(); }));
  }

  std::ranges::sort(ids);
  CHECK(std::ranges::adjacent_find(ids) == ids.end());
  CHECK(ids.front() != hal::HttpRequestId{});
}

TEMPLATE_LIST_TEST_CASE("a completion may send the next request", "[http]", Subjects) {
  TestType subject;
  const auto url = subject.url_where({});
  int answers = 0;
  std::function<void()> ask_again = [&] {
    subject.client().send({.url = url}, [&](const hal::HttpResult& result) {
      CHECK(told(result) == "200");
      if (++answers < 5) ask_again();
    });
  };

  ask_again();

  CHECK(subject.until([&] { return answers == 5; }));
  CHECK(subject.arrivals(url) == 5);
}

}  // namespace tillkit::contract
