// SPDX-License-Identifier: Apache-2.0
#include "subjects.hpp"

#include <catch2/catch_test_macros.hpp>

namespace tillkit::contract {
namespace {

using std::chrono::duration_cast;

template <class T>
T made(core::Result<T> result) {
  REQUIRE(result.has_value());
  return *std::move(result);
}

std::string_view kind_text(Act::Kind kind) {
  switch (kind) {
    case Act::Kind::Reply: return "reply";
    case Act::Kind::Silence: return "silence";
    case Act::Kind::Close: return "close";
    case Act::Kind::Reset: return "reset";
    case Act::Kind::CutShort: return "cut";
    case Act::Kind::Malformed: return "malformed";
  }
  return "";
}

hal_virtual::VirtualAnswer virtual_answer(const Act& act) {
  using enum hal_virtual::VirtualAnswer::Kind;
  using hal_virtual::VirtualAnswer;
  switch (act.kind) {
    case Act::Kind::Reply: break;
    case Act::Kind::Silence: return VirtualAnswer::of(Silence);
    case Act::Kind::Close:
    case Act::Kind::Reset: return VirtualAnswer::of(Close, act.delay);
    case Act::Kind::CutShort: return VirtualAnswer::of(CutShort, act.delay);
    case Act::Kind::Malformed: return VirtualAnswer::of(Malformed, act.delay);
  }
  auto answer = VirtualAnswer::reply(act.status, act.body, act.delay);
  if (act.body_bytes > 0) answer.response.body.assign(act.body_bytes, '.');
  answer.response.headers.push_back({"X-Mixed-Case", "Value"});
  answer.keeps_connection = act.keeps_connection;
  return answer;
}

}  // namespace

std::string told(const std::optional<hal::HttpResult>& result) {
  if (!result) return "nothing";
  if (*result) return std::to_string((*result)->status);
  return std::string(to_string(result->error().delivery)) + " " + std::string(to_string(result->error().fault));
}

std::string told(const core::Error& error) {
  return std::string(to_string(error.code)) + " " + std::string(to_string(error.source)) + " " +
         std::to_string(error.foreign);
}

TestClock::TestClock() {
  show(core::WallTime{duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())});
}

core::MonotonicTime TestClock::do_monotonic() const {
  return core::MonotonicTime{
      duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}

LinuxDevice::LinuxDevice()
    : loop(made(hal_linux::EventLoop::create(clock))), crypto(made(security::Crypto::start(store, random))) {}

hal_linux::HttpClientSettings LinuxDevice::settings() const {
  hal_linux::HttpClientSettings settings;
  settings.tls.trust_anchors_pem = peers.text("root");
  settings.plain_http_allowed = true;
  settings.name_servers = {peers.text("name_server")};
  return settings;
}

std::unique_ptr<hal_linux::HttpClient> LinuxDevice::client(hal_linux::HttpClientSettings settings) const {
  return made(hal_linux::HttpClient::create(*loop, clock, std::move(settings)));
}

bool LinuxDevice::until(const std::function<bool()>& done) {
  const auto patience = clock.monotonic() + std::chrono::seconds{20};
  while (!done()) {
    if (clock.monotonic() > patience) return false;
    loop->turn(std::chrono::milliseconds{20});
  }
  return true;
}

hal::HttpResult LinuxDevice::ask(hal::HttpClient& client, hal::HttpRequest request) {
  // Shared: should the test end first, the client may outlive this frame.
  auto outcome = std::make_shared<Outcome>();
  client.send(std::move(request), [outcome](hal::HttpResult given) { outcome->take()(std::move(given)); });
  REQUIRE(until([&] { return outcome->over(); }));
  CHECK(outcome->completions == 1);
  return std::move(*outcome->result);
}

std::string LinuxHttpSubject::url_where(const Act& act) {
  std::string query = "&kind=" + std::string(kind_text(act.kind)) + "&status=" + std::to_string(act.status) +
                      "&delay=" + std::to_string(act.delay.count()) + "&close=" + (act.keeps_connection ? "0" : "1");
  query += act.body_bytes > 0 ? "&bytes=" + std::to_string(act.body_bytes) : "&body=" + act.body;
  return device_.peers.plain_url(query);
}

std::string LinuxHttpSubject::url_where_nobody_listens() {
  return "http://127.0.0.1:" + std::to_string(device_.peers.port("unreachable")) + "/";
}

VirtualHttpSubject::VirtualHttpSubject() {
  board_.http.serve([this](const hal::HttpRequest& request) {
    ++arrivals_[request.url];
    return virtual_answer(acts_[request.url]);
  });
}

std::string VirtualHttpSubject::url_where(const Act& act) {
  const auto url = "http://till.test/act?n=" + std::to_string(acts_.size());
  acts_[url] = act;
  return url;
}

std::string VirtualHttpSubject::url_where_nobody_listens() {
  board_.http.refuse_connections(hal::HttpFault::ConnectFailed);
  return "http://nobody.test/";
}

}  // namespace tillkit::contract
