// SPDX-License-Identifier: Apache-2.0
// What hal_linux::HttpClient takes for an answer, and what it sends. The peer writes bytes as they stand in
// tests/interop/peers/http_peer.py.
#include <algorithm>
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "subjects.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using hal::HttpMethod;

struct RawCase {
  const char* peer_writes;
  const char* told;
};

/// The header lines of a request as they went over the wire, without the request line.
std::set<std::string> header_lines(const std::string& raw) {
  std::set<std::string> lines;
  std::istringstream in(raw.substr(0, raw.find("\r\n\r\n")));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    if (line.ends_with('\r')) line.pop_back();
    lines.insert(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("what is no HTTP answer, or leaves open where it ends, is no answer", "[http]") {
  const auto [peer_writes, expected] = GENERATE(
      RawCase{"http09", "sent_unanswered answer_malformed"}, RawCase{"garbage", "sent_unanswered answer_malformed"},
      RawCase{"status_text", "sent_unanswered answer_malformed"},
      RawCase{"status_two_digits", "sent_unanswered answer_malformed"},
      RawCase{"status_999", "sent_unanswered answer_malformed"}, RawCase{"http2", "sent_unanswered answer_malformed"},
      RawCase{"http12", "sent_unanswered answer_malformed"}, RawCase{"switching", "sent_unanswered answer_malformed"},
      RawCase{"header_without_colon", "sent_unanswered answer_malformed"},
      RawCase{"header_name_blank", "sent_unanswered answer_malformed"},
      RawCase{"header_nul", "sent_unanswered answer_malformed"},
      RawCase{"length_twice_other", "sent_unanswered answer_malformed"},
      RawCase{"length_list", "sent_unanswered answer_malformed"},
      RawCase{"length_negative", "sent_unanswered answer_malformed"},
      RawCase{"length_plus", "sent_unanswered answer_malformed"},
      RawCase{"length_and_chunks", "sent_unanswered answer_malformed"},
      RawCase{"chunks_and_length", "sent_unanswered answer_malformed"},
      RawCase{"chunks_bad", "sent_unanswered answer_malformed"},
      RawCase{"header_64k", "sent_unanswered answer_too_large"},
      RawCase{"headers_many", "sent_unanswered answer_too_large"},
      RawCase{"interim_endless", "sent_unanswered answer_too_large"},
      RawCase{"length_endless", "sent_unanswered answer_too_large"},
      RawCase{"header_cut_at_line", "sent_unanswered answer_cut_short"},
      RawCase{"header_cut", "sent_unanswered answer_cut_short"},
      RawCase{"length_too_long", "sent_unanswered answer_cut_short"},
      RawCase{"chunks_cut", "sent_unanswered answer_cut_short"},
      RawCase{"chunks_cut_at_end", "sent_unanswered answer_cut_short"});
  CAPTURE(peer_writes);
  LinuxDevice device;
  const auto client = device.client();
  const auto url = device.peers.raw_url(peer_writes);

  const auto result = device.get(*client, url);

  REQUIRE(told(result) == expected);
  CHECK(result.error().error.code == core::ErrorCode::Timeout);
  CHECK(device.peers.arrivals(url) == 1);
}

TEST_CASE("answers that are unusual but clear are taken", "[http]") {
  const char* peer_writes =
      GENERATE("interim", "chunks", "no_length", "old_version", "length_twice_same", "folded", "cookie");
  CAPTURE(peer_writes);
  LinuxDevice device;
  const auto client = device.client();

  const auto result = device.get(*client, device.peers.raw_url(peer_writes));

  REQUIRE(told(result) == "200");
  CHECK(result->body == "hi");
  CHECK_FALSE(std::ranges::any_of(result->headers, [](const auto& header) { return header.name == "link"; }));
  CHECK_FALSE(std::ranges::any_of(result->headers, [](const auto& header) { return header.name == "trailer"; }));
  if (peer_writes == std::string_view("folded")) CHECK(result->headers.front().value == "a b");
}

TEST_CASE("a body that does not tell its length is held to the limit as well", "[http]") {
  LinuxDevice device;
  const char* peer_writes = GENERATE("chunks", "no_length", "old_version");
  CAPTURE(peer_writes);
  const auto ask = [&](std::size_t limit) {
    const auto client = device.client();  // each with its own connection: this peer closes without saying so
    return told(device.ask(*client, {.url = device.peers.raw_url(peer_writes), .response_body_bytes_max = limit}));
  };

  CHECK(ask(2) == "200");
  CHECK(ask(1) == "sent_unanswered answer_too_large");
}

TEST_CASE("a compressed body is handed over as it is, and none is asked for", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto url = device.peers.raw_url("gzip");

  const auto result = device.get(*client, url);

  REQUIRE(told(result) == "200");
  CHECK(result->body.starts_with("\x1f\x8b"));
  CHECK_FALSE(device.peers.request(url).contains("ncoding"));
}

TEST_CASE("a redirect is an answer and not an order", "[http]") {
  LinuxDevice device;
  const auto client = device.client();

  const auto result = device.get(*client, device.peers.raw_url("redirect"));

  CHECK(told(result) == "302");
  CHECK(device.peers.arrivals("http://x/act?n=redirected") == 0);
}

TEST_CASE("a cookie is not kept", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto url = device.peers.plain_url();

  REQUIRE(told(device.get(*client, device.peers.raw_url("cookie"))) == "200");
  REQUIRE(told(device.get(*client, url)) == "200");

  CHECK_FALSE(device.peers.request(url).contains("a=b"));
}

TEST_CASE("bytes behind an answer never become the answer to the next request", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  // The first answer says 2 bytes and brings a whole second answer with it.
  const auto poisoned =
      device.peers.plain_url("&body=hi&tail=HTTP/1.1%20666%20X%0d%0aContent-Length:%204%0d%0a%0d%0aevil");

  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    const auto first = device.get(*client, poisoned);
    REQUIRE(told(first) == "200");
    CHECK(first->body == "hi");

    const auto second = device.get(*client, device.peers.plain_url("&body=mine"));
    REQUIRE(told(second) == "200");
    CHECK(second->body == "mine");
  }
}

TEST_CASE("an answer in single bytes is read, and time-outs count from the start", "[http]") {
  LinuxDevice device;
  const auto client = device.client();

  CHECK(told(device.get(*client, device.peers.plain_url("&body=hello&drip=1"))) == "200");
  const auto slow =
      device.ask(*client, {.url = device.peers.plain_url("&body=hello&drip=100"), .total_timeout = 400ms});
  CHECK(told(slow) == "sent_unanswered answer_timeout");
}

TEST_CASE("a request goes out as it was given and says nothing else", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto host = "Host: 127.0.0.1:" + std::to_string(device.peers.port("plain"));

  SECTION("without headers") {
    for (const auto method : {HttpMethod::Get, HttpMethod::Delete}) {
      auto url = device.peers.plain_url("&x=/a/../b//");
      url.replace(url.find("/act"), 4, "/./a/../act");  // signatures are over what was written
      REQUIRE(told(device.ask(*client, {.method = method, .url = url})) == "404");  // the peer takes it literally, too
      const auto raw = device.peers.request(url);
      CHECK(raw.starts_with(std::string(method == HttpMethod::Get ? "GET" : "DELETE") + " /./a/../act?n="));
      CHECK(raw.contains("&x=/a/../b// HTTP/1.1\r\n"));
      CHECK(header_lines(raw) == std::set<std::string>{host});
    }
  }
  SECTION("with headers and a body, empty ones too") {
    for (const auto method : {HttpMethod::Post, HttpMethod::Put}) {
      for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{1'000'000}}) {
        CAPTURE(static_cast<int>(method), size);
        const auto url = device.peers.plain_url();
        hal::HttpRequest request{.method = method, .url = url, .body = std::string(size, 'x')};
        request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"Accept", "*/*"}};
        const auto result = device.ask(*client, std::move(request));
        REQUIRE(told(result) == "200");
        const auto raw = device.peers.request(url);
        CHECK(header_lines(raw) == std::set<std::string>{host, "Content-Type: application/json", "X-Empty:",
                                                         "Accept: */*", "Content-Length: " + std::to_string(size)});
        CHECK(raw.substr(raw.find("\r\n\r\n") + 4) == std::string(size, 'x'));
      }
    }
  }
}

TEST_CASE("a body with every byte arrives and comes back unchanged", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  std::string body;
  for (int byte = 0; byte < 1024; ++byte)
    body.push_back(static_cast<char>(byte & 0xff));

  const auto result =
      device.ask(*client, {.method = HttpMethod::Post, .url = device.peers.plain_url("&echo=1"), .body = body});

  REQUIRE(told(result) == "200");
  CHECK(result->body == body);
}

TEST_CASE("proxy variables of the environment are not followed", "[http]") {
  LinuxDevice device;
  const auto client = device.client();
  REQUIRE(std::getenv("http_proxy") != nullptr);  // the peers set them all to a trap

  CHECK(told(device.get(*client, device.peers.plain_url())) == "200");
  CHECK(told(device.get(*client, device.peers.secure_url("ok13_ec"))) == "200");

  CHECK(device.peers.count("accepted", "trap") == 0);
}

}  // namespace tillkit::contract
