// SPDX-License-Identifier: Apache-2.0
#include "http_engine.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace tillkit::hal_linux {
namespace {

/// A terminal talks to a handful of servers. Beyond that the oldest lesson is learnt again, at the price of a
/// handshake.
constexpr std::size_t kTls12OnlyMax = 8;

std::string_view origin_of(std::string_view url) {
  return url.substr(0, url.find_first_of("/?", url.find("://") + 3));
}

}  // namespace

core::Result<std::unique_ptr<CurlLibrary>> CurlLibrary::start() {
  // It counts its users itself. There is no better place: PSA, which it starts too, must have been started with our
  // storage and randomness before, and a process without a client should not pay for it.
  if (const auto code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    return core::fail(core::ErrorCode::Exhausted, core::ErrorSource::Curl, static_cast<std::int32_t>(code));
  std::unique_ptr<CurlLibrary> library(new CurlLibrary());

  const auto* built = curl_version_info(CURLVERSION_NOW);
  const std::string_view tls = built->ssl_version != nullptr ? built->ssl_version : "";
  if (!tls.starts_with("mbedTLS/3.6.") || built->ares == nullptr) return core::fail(core::ErrorCode::Unsupported);
  return library;
}

CurlLibrary::~CurlLibrary() {
  curl_global_cleanup();
}

HttpEngine::HttpEngine(EventLoop& loop, const hal::Clock& clock, std::shared_ptr<const TlsIdentity> identity,
                       Turned turned)
    : loop_(loop), clock_(clock), identity_(std::move(identity)), turned_(std::move(turned)) {}

HttpEngine::~HttpEngine() = default;

std::unique_ptr<HttpEngine> HttpEngine::create(EventLoop& loop, const hal::Clock& clock,
                                               std::shared_ptr<const TlsIdentity> identity, std::size_t connections_max,
                                               Turned turned) {
  std::unique_ptr<HttpEngine> engine(new HttpEngine(loop, clock, std::move(identity), std::move(turned)));
  return engine->set_up(connections_max) ? std::move(engine) : nullptr;
}

bool HttpEngine::set_up(std::size_t connections_max) {
  multi_.reset(curl_multi_init());
  if (!multi_) return false;
  const auto set = [this](CURLMoption option, auto value) {
    return (curl_multi_setopt)(multi_.get(), option, value) == CURLM_OK;
  };
  // 0 would mean 'four for each request'; a client that keeps none says so with each request.
  const long kept = connections_max == 0 ? 1L : static_cast<long>(connections_max);
  return set(CURLMOPT_SOCKETFUNCTION, &HttpEngine::on_socket) && set(CURLMOPT_SOCKETDATA, static_cast<void*>(this)) &&
         set(CURLMOPT_TIMERFUNCTION, &HttpEngine::on_timer) && set(CURLMOPT_TIMERDATA, static_cast<void*>(this)) &&
         set(CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING)) && set(CURLMOPT_MAXCONNECTS, kept);
}

bool HttpEngine::add(HttpExchange& exchange) {
  if (curl_multi_add_handle(multi_.get(), exchange.handle()) != CURLM_OK) return false;
  ++exchanges_;
  return true;
}

void HttpEngine::remove(HttpExchange& exchange) {
  static_cast<void>(curl_multi_remove_handle(multi_.get(), exchange.handle()));
  --exchanges_;
}

std::optional<HttpEngine::Over> HttpEngine::next_over() {
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* exchange = nullptr;
    static_cast<void>(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange));
    return Over{static_cast<HttpExchange*>(exchange), message->data.result};
  }
  return std::nullopt;
}

bool HttpEngine::usable_at(core::WallReading now) const {
  return !stuck_ && (now.quality == core::WallQuality::Unknown || validity_.contains(now.at));
}

TlsOffer HttpEngine::offer_for(std::string_view url) const {
  return std::ranges::find(tls12_only_, origin_of(url)) != tls12_only_.end() ? TlsOffer::Tls12Only : TlsOffer::Newest;
}

void HttpEngine::offer_tls12_only(std::string_view url) {
  if (offer_for(url) == TlsOffer::Tls12Only) return;
  if (tls12_only_.size() == kTls12OnlyMax) tls12_only_.erase(tls12_only_.begin());
  tls12_only_.emplace_back(origin_of(url));
}

int HttpEngine::on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) {
  auto& engine = *static_cast<HttpEngine*>(self);
  if (what == CURL_POLL_REMOVE) {
    engine.loop_.unwatch(descriptor);
    return 0;
  }
  const Readiness interest{.readable = (what & CURL_POLL_IN) != 0, .writable = (what & CURL_POLL_OUT) != 0};
  const auto watched = engine.loop_.watch(
      descriptor, interest, [&engine, descriptor](Readiness readiness) { engine.ready(descriptor, readiness); });
  // libcurl must not be told: it would give up for good. The owner looks after the turn.
  if (!watched) engine.stuck_ = true;
  return 0;
}

int HttpEngine::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& engine = *static_cast<HttpEngine*>(self);
  if (timeout_ms < 0) {
    engine.timer_due_.reset();
  } else {
    engine.timer_due_ = engine.clock_.monotonic() + std::chrono::milliseconds{timeout_ms};
  }
  return 0;
}

void HttpEngine::run_timer() {
  timer_due_.reset();
  int running = 0;
  static_cast<void>(curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running));
}

void HttpEngine::ready(curl_socket_t descriptor, Readiness readiness) {
  const int events = (readiness.readable || readiness.failed ? CURL_CSELECT_IN : 0) |
                     (readiness.writable ? CURL_CSELECT_OUT : 0) | (readiness.failed ? CURL_CSELECT_ERR : 0);
  int running = 0;
  static_cast<void>(curl_multi_socket_action(multi_.get(), descriptor, events, &running));
  const auto turned = turned_;  // a copy: the engine may not be there when it returns
  turned();
}

}  // namespace tillkit::hal_linux
