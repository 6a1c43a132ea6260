// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/hal/http_client.hpp"

namespace tillkit::hal {
namespace {

using namespace std::chrono_literals;

bool good(const HttpRequest& request, bool plain_http_allowed = false) {
  const auto result = check_http_request(request, plain_http_allowed);
  if (!result) {
    CHECK(result.error().delivery == HttpDelivery::NotSent);
    CHECK(result.error().fault == HttpFault::BadRequest);
    CHECK(result.error().error == core::Error{core::ErrorCode::InvalidArgument});
  }
  return result.has_value();
}

bool good_url(std::string url, bool plain_http_allowed = false) {
  return good({.url = std::move(url)}, plain_http_allowed);
}

bool good_header(std::string name, std::string value = "x") {
  return good({.url = "https://till.test", .headers = {{std::move(name), std::move(value)}}});
}

}  // namespace

TEST_CASE("addresses that name a server and what to ask of it pass", "[http]") {
  for (const char* url : {"https://till.test", "https://till.test/", "https://till.test:8443/v1/session",
                          "https://192.0.2.1/a?b=c&d=%20", "https://[2001:db8::1]:443/x", "https://a_b-c.test?q"}) {
    CAPTURE(url);
    CHECK(good_url(url));
  }
}

TEST_CASE("addresses that could mean something else are refused", "[http]") {
  for (const char* url : {"",
                          "https://",
                          "till.test",
                          "ftp://till.test/",
                          "HTTPS://till.test/",
                          "https:///path",
                          "https://till.test/a b",
                          "https://user@till.test/",
                          "https://user:secret@till.test/",
                          "https://till.test:0/",
                          "https://till.test:65536/",
                          "https://till.test:/",
                          "https://till.test:80a/",
                          "https://till.test/#part",
                          "https://till.test/\n",
                          "https://ti ll",
                          "https://till.test\\x",
                          "https://[::1",
                          "https://[till.test]/",
                          "https://::1/",
                          "https://till%2etest/",
                          "https://.test/",
                          "https://till.test/\xc3\xa4",
                          "file:///etc/passwd"}) {
    CAPTURE(url);
    CHECK_FALSE(good_url(url));
  }
}

TEST_CASE("plain http passes only where it was allowed", "[http]") {
  CHECK_FALSE(good_url("http://till.test/"));
  CHECK(good_url("http://till.test/", true));
}

TEST_CASE("header names are tokens and values stay on their line", "[http]") {
  CHECK(good_header("Content-Type", "application/json; charset=utf-8"));
  CHECK(good_header("X!#$%&'*+-.^_`|~9", ""));
  CHECK(good_header("X", "\xe4\xbd\xa0"));  // bytes above ASCII are allowed in values
  for (const char* name : {"", "X Y", "X:", "X\r\n", "\xc3\xa4", "(x)"}) {
    CAPTURE(name);
    CHECK_FALSE(good_header(name));
  }
  for (const char* value : {"a\r\nHost: b", "a\nb", "a\rb", "\x01", "\x7f", " a", "a ", "\ta"}) {
    CAPTURE(value);
    CHECK_FALSE(good_header("X", value));
  }
  CHECK_FALSE(good_header("X", std::string("a\0b", 3)));
}

TEST_CASE("headers that belong to the driver are refused in any spelling", "[http]") {
  for (const char* name : {"Host", "host", "CONTENT-LENGTH", "Transfer-Encoding", "connection", "Expect"}) {
    CAPTURE(name);
    CHECK_FALSE(good_header(name));
  }
  CHECK(good_header("Hosts"));
}

TEST_CASE("each limit of a request holds, and its last value passes", "[http]") {
  const auto post = [] { return HttpRequest{.method = HttpMethod::Post, .url = "https://till.test"}; };

  auto request = post();
  request.url += '/' + std::string(kHttpUrlBytesMax - request.url.size() - 1, 'x');
  CHECK(good(request));
  request.url += 'x';
  CHECK_FALSE(good(request));

  request = post();
  request.headers.assign(kHttpHeadersMax, {"X", "y"});
  CHECK(good(request));
  request.headers.push_back({"X", "y"});
  CHECK_FALSE(good(request));

  request = post();
  request.body.assign(kHttpRequestBodyBytesMax, 'x');
  CHECK(good(request));
  request.body += 'x';
  CHECK_FALSE(good(request));

  request = post();
  request.response_body_bytes_max = kHttpResponseBodyBytesMax;
  CHECK(good(request));
  ++request.response_body_bytes_max;
  CHECK_FALSE(good(request));

  request = post();
  request.connect_timeout = request.total_timeout = 1ms;
  CHECK(good(request));
  request.connect_timeout = 0ms;
  CHECK_FALSE(good(request));
  request = post();
  request.total_timeout = -1ms;
  CHECK_FALSE(good(request));
}

TEST_CASE("only a POST and a PUT have a body", "[http]") {
  for (const auto method : {HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Delete}) {
    CAPTURE(static_cast<int>(method));
    const bool has_body = method == HttpMethod::Post || method == HttpMethod::Put;
    CHECK(good({.method = method, .url = "https://till.test"}));
    CHECK(good({.method = method, .url = "https://till.test", .body = "x"}) == has_body);
  }
  CHECK_FALSE(good({.method = static_cast<HttpMethod>(99), .url = "https://till.test"}));
}

TEST_CASE("every fault has a name of its own", "[http]") {
  std::set<std::string_view> names;
  int named = 0;
  for (int number = 0; number < 256; ++number) {
    const auto name = to_string(static_cast<HttpFault>(number));
    if (name == "unknown") continue;
    ++named;
    names.insert(name);
  }
  CHECK(named == 27);
  CHECK(names.size() == 27);
  CHECK(to_string(HttpFault::ClientCertificateRefused) == "client_certificate_refused");
  CHECK(to_string(HttpDelivery::NotSent) == "not_sent");
  CHECK(to_string(HttpDelivery::SentUnanswered) == "sent_unanswered");
  CHECK(to_string(static_cast<HttpDelivery>(0)) == "unknown");
}

}  // namespace tillkit::hal
