// SPDX-License-Identifier: Apache-2.0
// How hal_linux::HttpClient finds, keeps and loses its peers, and what it does to the loop.
#include <algorithm>
#include <array>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <unistd.h>

#include "subjects.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using hal::HttpMethod;
using hal::HttpRequest;

std::string url_on(const LinuxDevice& device, std::string_view server, std::string_view host = "127.0.0.1") {
  return "http://" + std::string(host) + ":" + std::to_string(device.peers.port(server)) +
         "/act?n=" + std::string(server) + std::string(host);
}

/// Sends as many requests at once as `count` and waits for all.
void ask_at_once(LinuxDevice& device, hal::HttpClient& client, std::size_t count) {
  std::vector<Outcome> outcomes(count);
  for (auto& outcome : outcomes)
    client.send({.url = device.peers.plain_url("&delay=30")}, outcome.take());
  REQUIRE(device.until([&] { return std::ranges::all_of(outcomes, &Outcome::over); }));
  CHECK(std::ranges::all_of(outcomes, [](const Outcome& outcome) { return told(outcome.result) == "200"; }));
}

}  // namespace

TEST_CASE("names are asked of the name server that was set", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const char* name = GENERATE("till.test", "TILL.test", "long.test", "localhost");  // `long`: answered over TCP only
  CAPTURE(name);

  CHECK(told(device.get(*client, url_on(device, "plain", name))) == "200");
}

TEST_CASE("a name that does not exist is told from a name server that does not answer", "[http]") {
  LinuxDevice device;

  SECTION("no such name") {
    const auto client = device.client();
    CHECK(told(device.get(*client, url_on(device, "plain", "nosuch.test"))) == "not_sent name_not_resolved");
  }
  SECTION("a name server that says it cannot tell") {
    const auto client = device.client();
    CHECK(told(device.get(*client, url_on(device, "plain", "broken.test"))) == "not_sent name_timeout");
  }
  SECTION("a name server that is silent") {
    auto settings = device.settings();
    settings.name_servers = {device.peers.text("silent_name_server")};
    const auto client = device.client(settings);
    const auto started = device.clock.monotonic();
    const auto result = device.ask(*client, {.url = url_on(device, "plain", "till.test"), .connect_timeout = 300ms});
    CHECK(told(result) == "not_sent name_timeout");
    CHECK(device.clock.monotonic() - started >= 300ms);
    CHECK(device.clock.monotonic() - started < 2s);
  }
  SECTION("a port where no name server listens") {
    auto settings = device.settings();
    settings.name_servers = {"127.0.0.1:" + std::to_string(device.peers.port("unreachable"))};
    const auto client = device.client(settings);
    CHECK(told(device.ask(*client, {.url = url_on(device, "plain", "till.test"), .connect_timeout = 1s})) ==
          "not_sent name_timeout");
  }
}

TEST_CASE("the connect time-out covers the connection and the handshake", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto url = GENERATE_REF(url_on(device, "full"), "https" + url_on(device, "full").substr(4),
                                "https" + url_on(device, "tls_silent").substr(4));
  CAPTURE(url);
  const auto started = device.clock.monotonic();

  const auto result = device.ask(*client, {.url = url, .connect_timeout = 200ms});

  REQUIRE(told(result) == "not_sent connect_timeout");
  CHECK(result.error().error.code == core::ErrorCode::Unavailable);
  CHECK(device.clock.monotonic() - started >= 200ms);
  CHECK(device.clock.monotonic() - started < 2s);
}

TEST_CASE("a total time-out before the request left is no time-out of the answer", "[http]") {
  LinuxDevice device;
  const auto client = device.client();

  const auto result =
      device.ask(*client, {.url = url_on(device, "full"), .connect_timeout = 5s, .total_timeout = 150ms});

  CHECK(told(result) == "not_sent connect_timeout");
}

TEST_CASE("the loop goes on while names, connections and answers are waited for", "[http]") {
  LinuxDevice device;
  auto settings = device.settings();
  settings.name_servers = {device.peers.text("silent_name_server")};
  const auto client = device.client(settings);
  std::array<Outcome, 3> outcomes;
  client->send({.url = url_on(device, "plain", "till.test"), .connect_timeout = 400ms}, outcomes[0].take());
  client->send({.url = url_on(device, "full"), .connect_timeout = 400ms}, outcomes[1].take());
  client->send({.url = device.peers.plain_url("&kind=silence"), .total_timeout = 400ms}, outcomes[2].take());

  auto last = device.clock.monotonic();
  std::chrono::microseconds longest{0};
  while (!std::ranges::all_of(outcomes, &Outcome::over)) {
    device.loop->turn(5ms);
    longest = std::max(longest, device.clock.monotonic() - last);
    last = device.clock.monotonic();
  }

  CHECK(longest < 200ms);  // a blocking look-up would have held it up for seconds
}

TEST_CASE("no more connections are kept than were allowed", "[http]") {
  LinuxDevice device;
  const std::size_t allowed = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{3});
  CAPTURE(allowed);
  auto settings = device.settings();
  settings.kept_connections_max = allowed;
  const auto client = device.client(settings);

  ask_at_once(device, *client, 6);

  const auto open = [&] { return device.peers.count("open", "plain"); };
  CHECK(device.until([&] { return open() == static_cast<int>(allowed); }));
  const auto next = device.get(*client, device.peers.plain_url());
  REQUIRE(told(next) == "200");
  CHECK(next->new_connection == (allowed == 0));
}

TEST_CASE("a request that a dying kept connection swallowed takes no other, kept or new", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const char* kind = GENERATE("close", "reset");
  const bool others_kept = GENERATE(false, true);
  const auto method = GENERATE(HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Delete);
  const std::string body = GENERATE("", "x");  // what libcurl would do differs with it
  if (method != HttpMethod::Post && method != HttpMethod::Put && !body.empty()) return;
  CAPTURE(kind, others_kept, static_cast<int>(method), body);
  ask_at_once(device, *client, others_kept ? 3 : 1);
  const auto url = device.peers.plain_url("&kind=" + std::string(kind));
  const int accepted = device.peers.count("accepted", "plain");

  const auto result = device.ask(*client, {.method = method, .url = url, .body = body});

  CHECK(told(result) == "sent_unanswered connection_lost");
  CHECK(device.peers.arrivals(url) == 1);
  CHECK(device.peers.count("accepted", "plain") == accepted);
}

TEST_CASE("the end of a client closes its connections and drops what is under way", "[http]") {
  LinuxDevice device;
  auto client = device.client();
  Outcome outcome;
  REQUIRE(told(device.get(*client, device.peers.plain_url())) == "200");
  const auto url = device.peers.plain_url("&kind=silence");
  client->send({.url = url}, outcome.take());
  client->send({.url = "not even a url"}, outcome.take());
  REQUIRE(device.until([&] { return device.peers.arrivals(url) == 1; }));
  const int told_before = outcome.completions;

  client.reset();

  CHECK(device.until([&] { return device.peers.count("open", "plain") == 0; }));
  CHECK(outcome.completions == told_before);
}

TEST_CASE("a completion may end its client", "[http]") {
  LinuxDevice device;
  auto client = device.client();
  int completions = 0;
  const auto end_it = [&](const hal::HttpResult&) {
    ++completions;
    client.reset();
  };
  SECTION("that of an answer, with others under way") {
    client->send({.url = device.peers.plain_url("&kind=silence")}, [&](const hal::HttpResult&) { ++completions; });
    client->send({.url = device.peers.plain_url()}, end_it);
  }
  SECTION("that of a refusal, with another behind it") {
    client->send({}, end_it);
    client->send({}, [&](const hal::HttpResult&) { ++completions; });
  }

  REQUIRE(device.until([&] { return completions > 0; }));

  for (int turns = 0; turns < 5; ++turns)
    device.loop->turn(5ms);
  CHECK(completions == 1);
}

TEST_CASE("when the loop's timers are used up the client still tells what became of its requests", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto take_all = [&] {
    while (device.loop->call_after(1h, [] {})) {
    }
  };
  std::array<Outcome, 3> outcomes;
  const auto send = [&](Outcome& outcome, HttpRequest request) {
    client->send(std::move(request), [&](hal::HttpResult result) {
      take_all();  // whatever came free in the meantime
      outcome.take()(std::move(result));
    });
  };

  take_all();
  send(outcomes[0], {.url = device.peers.plain_url()});
  send(outcomes[1], {.url = url_on(device, "full"), .connect_timeout = 100ms});
  send(outcomes[2], {.url = "bad"});

  REQUIRE(device.until([&] { return std::ranges::all_of(outcomes, &Outcome::over); }));
  CHECK(told(outcomes[0].result) == "200");
  CHECK(told(outcomes[1].result) == "not_sent connect_timeout");
  CHECK(told(outcomes[2].result) == "not_sent bad_request");
  CHECK_FALSE(hal_linux::HttpClient::create(*device.loop, device.clock, device.settings()).has_value());
}

TEST_CASE("when the loop's watches are used up requests fail, and work again afterwards", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  std::vector<std::array<int, 2>> pipes;
  for (;;) {
    pipes.push_back({-1, -1});
    REQUIRE(::pipe(pipes.back().data()) == 0);
    if (!device.loop->watch(pipes.back()[0], {.readable = true}, [](hal_linux::Readiness) {})) break;
  }

  CHECK(told(device.get(*client, device.peers.plain_url())) == "not_sent connect_failed");

  for (const auto& [out, in] : pipes) {
    device.loop->unwatch(out);
    ::close(out);
    ::close(in);
  }
  CHECK(told(device.get(*client, device.peers.plain_url())) == "200");
}

TEST_CASE("settings that cannot work are refused at the start", "[http]") {
  LinuxDevice device;
  auto settings = device.settings();
  const auto refused = [&] {
    const auto client = hal_linux::HttpClient::create(*device.loop, device.clock, settings);
    return !client && client.error().code == core::ErrorCode::InvalidArgument;
  };

  SECTION("name servers") {
    for (const char* server : {"", "till.test", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:5x", "[::1",
                               "300.0.0.1", "127.0.0.1,127.0.0.2", "[127.0.0.1]:53"}) {
      CAPTURE(server);
      settings.name_servers = {server};
      CHECK(refused());
    }
    for (const char* server : {"127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:53"}) {
      CAPTURE(server);
      settings.name_servers = {"192.0.2.1", server};
      CHECK_FALSE(refused());
    }
  }
  SECTION("no trust anchor, and no plain http either") {
    settings.tls.trust_anchors_pem.clear();
    CHECK_FALSE(refused());
    settings.plain_http_allowed = false;
    CHECK(refused());
  }
}

TEST_CASE("without a Crypto there is no client", "[http]") {
  LinuxDevice device;
  device.crypto.reset();

  const auto client = hal_linux::HttpClient::create(*device.loop, device.clock, device.settings());

  REQUIRE_FALSE(client.has_value());
  CHECK(client.error().code == core::ErrorCode::FailedPrecondition);
}

}  // namespace tillkit::contract
