// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <utility>

#include <arpa/inet.h>

#include "http_engine.hpp"
#include "http_exchange.hpp"
#include "loop_timer.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::hal_linux {
namespace {

using core::ErrorCode;
using hal::HttpDelivery;
using hal::HttpFault;

hal::HttpResult not_sent(HttpFault fault, ErrorCode code) {
  return std::unexpected(hal::HttpFailure{HttpDelivery::NotSent, fault, {.code = code}});
}

bool is_address(const std::string& text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(family, text.c_str(), address.data()) == 1;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && port >= 1 && port <= 65'535;
}

/// libcurl looks at its servers when the first name is asked for, and then only says that there is no such host.
bool is_name_server(const std::string& text) {
  if (is_address(text, AF_INET) || is_address(text, AF_INET6)) return true;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || !is_port(std::string_view(text).substr(colon + 1))) return false;
  const auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return is_address(host.substr(1, host.size() - 2), AF_INET6);
  return is_address(host, AF_INET);
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(EventLoop& loop, const hal::Clock& clock, HttpClientSettings settings)
      : loop_(loop), clock_(clock), timer_(loop, clock, [this] { timer_rang(); }), settings_(std::move(settings)) {}

  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] core::Result<> start();
  [[nodiscard]] core::Result<> replace_tls(const TlsSettings& tls);
  hal::HttpRequestId send(hal::HttpRequest request, hal::HttpCompletion done);
  void cancel(hal::HttpRequestId request);

 private:
  struct UnderWay {
    std::unique_ptr<HttpExchange> exchange;
    HttpEngine* engine;
  };
  struct Finished {
    hal::HttpCompletion done;
    hal::HttpResult result;
  };

  /// Takes a request on; what it gives back instead is why not.
  [[nodiscard]] std::optional<hal::HttpResult> begin(hal::HttpRequestId id, hal::HttpRequest& request,
                                                     hal::HttpCompletion& done);
  [[nodiscard]] bool renew_engine(std::shared_ptr<const TlsIdentity> identity);
  void timer_rang();
  /// Collects what libcurl has finished, calls the completions, and sets the timer. The client may be gone afterwards.
  void turn_over();
  void collect();
  void over(HttpExchange& exchange, CURLcode code);
  void drop_idle_engines();
  void complete();
  void set_timer();

  std::unique_ptr<CurlLibrary> library_;
  EventLoop& loop_;
  const hal::Clock& clock_;
  LoopTimer timer_;
  const HttpClientSettings settings_;
  std::string name_servers_;
  std::vector<std::unique_ptr<HttpEngine>> engines_;  // the last one takes new requests, the others run out
  std::map<hal::HttpRequestId, UnderWay> under_way_;
  std::deque<Finished> finished_;  // completions not called yet
  std::uint64_t last_id_ = 0;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

HttpClient::Impl::~Impl() {
  *alive_ = false;
  for (auto& [id, request] : under_way_)
    request.engine->remove(*request.exchange);
}

core::Result<> HttpClient::Impl::start() {
  if (settings_.tls.trust_anchors_pem.empty() && !settings_.plain_http_allowed)
    return core::fail(ErrorCode::InvalidArgument);
  for (const auto& server : settings_.name_servers) {
    if (!is_name_server(server)) return core::fail(ErrorCode::InvalidArgument);
    name_servers_.append(name_servers_.empty() ? "" : ",").append(server);
  }
  TILLKIT_TRY(auto identity, TlsIdentity::create(settings_.tls));
  TILLKIT_TRY(library_, CurlLibrary::start());
  if (!renew_engine(std::move(identity))) return core::fail(ErrorCode::Exhausted);
  return timer_.hold();
}

bool HttpClient::Impl::renew_engine(std::shared_ptr<const TlsIdentity> identity) {
  auto engine =
      HttpEngine::create(loop_, clock_, std::move(identity), settings_.kept_connections_max, [this] { turn_over(); });
  if (!engine) return false;
  engines_.push_back(std::move(engine));
  drop_idle_engines();
  return true;
}

core::Result<> HttpClient::Impl::replace_tls(const TlsSettings& tls) {
  if (tls.trust_anchors_pem.empty() && !settings_.plain_http_allowed) return core::fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(auto identity, TlsIdentity::create(tls));
  if (!renew_engine(std::move(identity))) return core::fail(ErrorCode::Exhausted);
  return {};
}

hal::HttpRequestId HttpClient::Impl::send(hal::HttpRequest request, hal::HttpCompletion done) {
  const hal::HttpRequestId id{++last_id_};
  if (auto refused = begin(id, request, done)) finished_.push_back({std::move(done), std::move(*refused)});
  set_timer();
  return id;
}

std::optional<hal::HttpResult> HttpClient::Impl::begin(hal::HttpRequestId id, hal::HttpRequest& request,
                                                       hal::HttpCompletion& done) {
  if (auto good = hal::check_http_request(request, settings_.plain_http_allowed); !good)
    return std::unexpected(good.error());
  if (under_way_.size() >= hal::kHttpRequestsMax) return not_sent(HttpFault::TooManyRequests, ErrorCode::Exhausted);
  const auto now = clock_.wall();
  const bool time_known = now.quality != core::WallQuality::Unknown;
  if (!time_known && !request.allow_unknown_time)
    return not_sent(HttpFault::ClockUnknown, ErrorCode::FailedPrecondition);
  if (!engines_.back()->usable_at(now) && !renew_engine(engines_.back()->identity()))
    return not_sent(HttpFault::ConnectFailed, ErrorCode::Unavailable);

  auto& engine = *engines_.back();
  const auto offer = engine.offer_for(request.url);
  auto exchange =
      std::make_unique<HttpExchange>(std::move(request), std::move(done), clock_,
                                     HttpExchange::Options{.identity = engine.identity(),
                                                           .name_servers = name_servers_,
                                                           .plain_http_allowed = settings_.plain_http_allowed,
                                                           .dates_count = time_known,
                                                           .keep_connection = settings_.kept_connections_max > 0,
                                                           .offer = offer});
  if (!exchange->prepare() || !engine.add(*exchange)) {
    done = exchange->take_completion();
    return not_sent(HttpFault::ConnectFailed, ErrorCode::Unavailable);
  }
  under_way_.emplace(id, UnderWay{std::move(exchange), &engine});
  return std::nullopt;
}

void HttpClient::Impl::cancel(hal::HttpRequestId request) {
  auto found = under_way_.extract(request);
  if (found.empty()) return;
  auto& [exchange, engine] = found.mapped();
  engine->remove(*exchange);
  finished_.push_back({exchange->take_completion(), exchange->cancelled()});
  set_timer();
}

void HttpClient::Impl::timer_rang() {
  const auto now = clock_.monotonic();
  for (const auto& engine : engines_) {
    if (const auto due = engine->timer_due(); due && *due <= now) engine->run_timer();
  }
  turn_over();
}

void HttpClient::Impl::turn_over() {
  collect();
  complete();
}

void HttpClient::Impl::collect() {
  for (const auto& engine : engines_) {
    while (const auto done = engine->next_over()) {
      over(*done->exchange, done->code);
    }
  }
  // The loop is full of watches: what is under way there gets no further. New requests get a new engine.
  for (auto next = under_way_.begin(); next != under_way_.end();) {
    const auto& [exchange, engine] = (next++)->second;
    if (engine->stuck()) over(*exchange, CURLE_OUT_OF_MEMORY);
  }
  drop_idle_engines();
}

void HttpClient::Impl::over(HttpExchange& exchange, CURLcode code) {
  const auto found =
      std::ranges::find_if(under_way_, [&](const auto& entry) { return entry.second.exchange.get() == &exchange; });
  TILLKIT_ASSERT(found != under_way_.end());
  auto& engine = *found->second.engine;
  if (const auto validity = exchange.handshake().validity()) engine.rests_on(*validity);
  auto result = exchange.finish(code);
  const bool may_offer_less = exchange.may_offer_less();
  engine.remove(exchange);
  if (may_offer_less) {
    engine.offer_tls12_only(exchange.url());
    if (exchange.prepare_with(TlsOffer::Tls12Only) && engine.add(exchange)) return;
  }
  finished_.push_back({exchange.take_completion(), std::move(result)});
  under_way_.erase(found);
}

void HttpClient::Impl::drop_idle_engines() {
  const auto* newest = engines_.back().get();
  std::erase_if(engines_, [&](const auto& engine) { return engine.get() != newest && engine->exchanges() == 0; });
}

void HttpClient::Impl::complete() {
  // Only what is finished by now: a completion that sends a bad request again and again must not hold up the loop.
  const auto alive = alive_;
  for (auto count = finished_.size(); count > 0; --count) {
    auto next = std::move(finished_.front());
    finished_.pop_front();
    next.done(std::move(next.result));
    if (!*alive) return;
  }
  set_timer();
}

void HttpClient::Impl::set_timer() {
  if (!finished_.empty()) {
    timer_.ring_at(clock_.monotonic());
    return;
  }
  std::optional<core::MonotonicTime> due;
  for (const auto& engine : engines_) {
    if (const auto at = engine->timer_due(); at && (!due || *at < *due)) due = at;
  }
  if (due) {
    timer_.ring_at(*due);
  } else {
    timer_.rest();
  }
}

core::Result<std::unique_ptr<HttpClient>> HttpClient::create(EventLoop& loop, const hal::Clock& clock,
                                                             HttpClientSettings settings) {
  auto impl = std::make_unique<Impl>(loop, clock, std::move(settings));
  TILLKIT_TRY_VOID(impl->start());
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

core::Result<> HttpClient::replace_tls(const TlsSettings& tls) {
  return impl_->replace_tls(tls);
}

hal::HttpRequestId HttpClient::do_send(hal::HttpRequest request, hal::HttpCompletion done) {
  return impl_->send(std::move(request), std::move(done));
}
void HttpClient::do_cancel(hal::HttpRequestId request) {
  impl_->cancel(request);
}

}  // namespace tillkit::hal_linux
