// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/http_client.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal_virtual {
namespace {

using hal::HttpDelivery;
using hal::HttpFailure;
using hal::HttpFault;

HttpFailure not_sent(HttpFault fault, core::ErrorCode code) {
  return {.delivery = HttpDelivery::NotSent, .fault = fault, .error = {.code = code}};
}

HttpFailure unanswered(HttpFault fault) {
  return {.delivery = HttpDelivery::SentUnanswered, .fault = fault, .error = {.code = core::ErrorCode::Timeout}};
}

bool comes_after_arrival(HttpFault fault) {
  return fault >= HttpFault::AnswerTimeout && fault < HttpFault::Cancelled;
}

bool is_connection_fault(HttpFault fault) {
  return fault >= HttpFault::NameNotResolved && fault <= HttpFault::TlsFailed;
}

bool takes_the_whole_time(HttpFault fault) {
  return fault == HttpFault::NameTimeout || fault == HttpFault::ConnectTimeout;
}

std::string origin_of(std::string_view url) {
  const auto host = url.find("://") + 3;
  return std::string(url.substr(0, std::min(url.find_first_of("/?", host), url.size())));
}

std::size_t header_bytes(const hal::HttpResponse& response) {
  std::size_t size = std::string_view("HTTP/1.1 200 OK\r\n\r\n").size();
  for (const auto& [name, value] : response.headers)
    size += name.size() + value.size() + std::string_view(": \r\n").size();
  return size;
}

VirtualAnswer answer_for(HttpFault planned) {
  using enum VirtualAnswer::Kind;
  switch (planned) {
    case HttpFault::ConnectionLost: return VirtualAnswer::of(Close);
    case HttpFault::AnswerCutShort: return VirtualAnswer::of(CutShort);
    case HttpFault::AnswerMalformed: return VirtualAnswer::of(Malformed);
    case HttpFault::AnswerTooLarge:
      return VirtualAnswer::reply(200, std::string(hal::kHttpResponseBodyBytesMax + 1, '.'));
    default: return VirtualAnswer::of(Silence);
  }
}

}  // namespace

VirtualAnswer VirtualAnswer::reply(int status, std::string body, std::chrono::milliseconds delay) {
  VirtualAnswer answer{.kind = Kind::Reply, .response = {}, .delay = delay};
  answer.response.status = status;
  answer.response.body = std::move(body);
  return answer;
}

VirtualHttpClient::VirtualHttpClient(World& world, const hal::Clock& clock, const VirtualNetwork& network,
                                     const VirtualHttpSettings& settings)
    : Part(world), clock_(clock), network_(network), settings_(settings) {}

std::size_t VirtualHttpClient::under_way() const {
  const auto open = [](const auto& entry) { return entry.second.stage != Stage::Over; };
  return static_cast<std::size_t>(std::ranges::count_if(exchanges_, open));
}

void VirtualHttpClient::forget_kept_connections() {
  for (auto& connection : kept_)
    connection.forgotten = true;
}

void VirtualHttpClient::refuse_connections(HttpFault fault) {
  TILLKIT_ASSERT(is_connection_fault(fault));
  trouble_ = fault;
}

hal::HttpRequestId VirtualHttpClient::do_send(hal::HttpRequest request, hal::HttpCompletion done) {
  const auto id = ++last_id_;
  if (!has_power()) return {id};
  const auto planned = faults_.next_call();
  TILLKIT_ASSERT(planned != HttpFault::Cancelled);
  const auto refusal = refused(request, planned);
  auto origin = refusal ? std::string{} : origin_of(request.url);

  auto& exchange = exchanges_[id];
  exchange.request = std::move(request);
  exchange.done = std::move(done);
  exchange.planned = planned;
  exchange.connection.origin = std::move(origin);
  exchange.keep = clock_.wall().quality != core::WallQuality::Unknown;
  if (refusal) {
    exchange.stage = Stage::Over;
    world().in_device({}, [this, id, refusal] { finish(id, std::unexpected(*refusal)); });
    return {id};
  }

  later(id, exchange.request.total_timeout, [this](auto late) { fail(late, HttpFault::AnswerTimeout); });
  const bool may_reuse = !planned || comes_after_arrival(*planned);
  if (const auto kept = find_kept(exchange.connection.origin); may_reuse && kept != kept_.end()) {
    exchange.connection = *kept;
    kept_.erase(kept);
    later(id, {}, [this](auto ready) { leave(ready); });
  } else {
    connect(id, exchange);
  }
  return {id};
}

/// Why the request does not even begin, if so.
std::optional<HttpFailure> VirtualHttpClient::refused(const hal::HttpRequest& request,
                                                      std::optional<HttpFault> planned) const {
  if (const auto good = hal::check_http_request(request, settings_.plain_http_allowed); !good) return good.error();
  const auto breaks = [&](HttpFault fault, bool rule_broken) { return planned == fault || rule_broken; };
  if (breaks(HttpFault::BadRequest, false)) return not_sent(HttpFault::BadRequest, core::ErrorCode::InvalidArgument);
  if (breaks(HttpFault::TooManyRequests, under_way() >= hal::kHttpRequestsMax)) {
    return not_sent(HttpFault::TooManyRequests, core::ErrorCode::Exhausted);
  }
  const bool time_unknown = clock_.wall().quality == core::WallQuality::Unknown;
  if (breaks(HttpFault::ClockUnknown, time_unknown && !request.allow_unknown_time)) {
    return not_sent(HttpFault::ClockUnknown, core::ErrorCode::FailedPrecondition);
  }
  const bool none_kept = find_kept(origin_of(request.url)) == kept_.end();
  if (breaks(HttpFault::NoKeptConnection, request.kept_connection_only && none_kept)) {
    return not_sent(HttpFault::NoKeptConnection, core::ErrorCode::Unavailable);
  }
  return std::nullopt;
}

std::vector<VirtualHttpClient::Connection>::const_iterator VirtualHttpClient::find_kept(
    const std::string& origin) const {
  const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [&](const auto& kept) { return kept.origin == origin; });
  return last == kept_.rend() ? kept_.end() : std::prev(last.base());
}

void VirtualHttpClient::connect(std::uint64_t id, Exchange& exchange) {
  exchange.new_connection = true;
  if (!network_.plugged()) return later(id, {}, [this](auto lone) { fail(lone, HttpFault::ConnectFailed); });

  const auto trouble = exchange.planned && is_connection_fault(*exchange.planned) ? exchange.planned : trouble_;
  const bool slow = trouble && takes_the_whole_time(*trouble);
  const auto late_fault = slow ? *trouble : HttpFault::ConnectTimeout;
  later(id, exchange.request.connect_timeout, [this, late_fault](auto late) {
    if (exchanges_.at(late).stage == Stage::Connecting) fail(late, late_fault);
  });
  if (slow) return;
  later(id, settings_.connect_time, [this, trouble](auto ready) {
    if (!network_.plugged()) return;  // the time-out ends it
    if (trouble) return fail(ready, *trouble);
    leave(ready);
  });
}

void VirtualHttpClient::leave(std::uint64_t id) {
  auto& exchange = exchanges_.at(id);
  if (!world().power().step()) return;
  exchange.stage = Stage::Sent;
  if (exchange.connection.forgotten) {
    return later(id, 2 * settings_.transit_time, [this](auto reset) { fail(reset, HttpFault::ConnectionLost); });
  }
  // The network has the request now: it arrives even if the power goes here.
  world().outside(settings_.transit_time,
                  [this, id, request = exchange.request, planned = exchange.planned] { arrive(id, request, planned); });
}

void VirtualHttpClient::arrive(std::uint64_t id, const hal::HttpRequest& request, std::optional<HttpFault> planned) {
  if (!network_.plugged()) return;
  ++arrived_;
  auto answer = server_ ? server_(request) : VirtualAnswer::of(VirtualAnswer::Kind::Silence);
  if (planned) answer = answer_for(*planned);
  world().power().step();
  if (answer.kind == VirtualAnswer::Kind::Silence) return;
  const auto delay = answer.delay + settings_.transit_time;
  world().outside(delay, [this, id, answer = std::move(answer)]() mutable { deliver(id, std::move(answer)); });
}

void VirtualHttpClient::deliver(std::uint64_t id, VirtualAnswer answer) {
  const auto found = exchanges_.find(id);
  const bool expected = found != exchanges_.end() && found->second.stage == Stage::Sent;
  if (!expected || !network_.plugged()) return;

  const bool server_keeps = answer.keeps_connection;
  auto result = read(found->second, std::move(answer));
  const auto worth_keeping = found->second.request.worth_keeping;
  const bool is_worth = result && (worth_keeping == nullptr || worth_keeping(*result));
  if (is_worth && server_keeps && found->second.keep) keep(std::move(found->second.connection));
  finish(id, std::move(result));
}

hal::HttpResult VirtualHttpClient::read(const Exchange& exchange, VirtualAnswer&& answer) const {
  using enum VirtualAnswer::Kind;
  switch (answer.kind) {
    case Reply: break;
    case Silence:
    case Close: return std::unexpected(unanswered(HttpFault::ConnectionLost));
    case CutShort: return std::unexpected(unanswered(HttpFault::AnswerCutShort));
    case Malformed: return std::unexpected(unanswered(HttpFault::AnswerMalformed));
  }
  auto& response = answer.response;
  if (response.status < 200 || response.status > 599) return std::unexpected(unanswered(HttpFault::AnswerMalformed));
  if (header_bytes(response) > hal::kHttpResponseHeaderBytesMax ||
      response.body.size() > exchange.request.response_body_bytes_max) {
    return std::unexpected(unanswered(HttpFault::AnswerTooLarge));
  }
  for (auto& header : response.headers) {
    for (auto& c : header.name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
  }
  response.new_connection = exchange.new_connection;
  return std::move(response);
}

void VirtualHttpClient::keep(Connection connection) {
  kept_.push_back(std::move(connection));
  if (kept_.size() > settings_.kept_connections_max) kept_.erase(kept_.begin());
}

void VirtualHttpClient::do_cancel(hal::HttpRequestId request) {
  const auto found = exchanges_.find(request.value);
  if (found == exchanges_.end() || found->second.stage == Stage::Over) return;
  auto& exchange = found->second;
  const auto failure = exchange.stage == Stage::Sent ? unanswered(HttpFault::Cancelled)
                                                     : not_sent(HttpFault::Cancelled, core::ErrorCode::Cancelled);
  exchange.stage = Stage::Over;
  world().in_device({}, [this, id = request.value, failure] { finish(id, std::unexpected(failure)); });
}

void VirtualHttpClient::fail(std::uint64_t id, HttpFault fault) {
  if (exchanges_.at(id).stage == Stage::Sent) return finish(id, std::unexpected(unanswered(fault)));
  // Before the request left, all that the total time-out can have cut off is the connecting.
  const auto seen = fault == HttpFault::AnswerTimeout ? HttpFault::ConnectTimeout : fault;
  finish(id, std::unexpected(not_sent(seen, core::ErrorCode::Unavailable)));
}

void VirtualHttpClient::finish(std::uint64_t id, hal::HttpResult result) {
  auto exchange = std::move(exchanges_.extract(id).mapped());
  for (const auto timer : exchange.timers)
    world().cancel_in_device(timer);
  exchange.done(std::move(result));
}

void VirtualHttpClient::later(std::uint64_t id, World::Duration delay,
                              std::move_only_function<void(std::uint64_t)> step) {
  const auto timer = world().in_device(delay, [this, id, step = std::move(step)]() mutable {
    const auto found = exchanges_.find(id);
    if (found != exchanges_.end() && found->second.stage != Stage::Over) step(id);
  });
  exchanges_.at(id).timers.push_back(timer);
}

void VirtualHttpClient::power_lost() {
  kept_.clear();
  const auto dropped = std::exchange(exchanges_, {});
}

}  // namespace tillkit::hal_virtual
