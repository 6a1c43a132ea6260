// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/link.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "tillkit/core/bytes.hpp"

namespace tillkit::cloud {
namespace {

using core::Error;
using core::ErrorCode;
using hal::HttpFault;
using hal::HttpRequest;
using hal::HttpResponse;
using hal::HttpResult;

constexpr std::string_view kAccepted = "application/json, application/problem+json";

/// A connection on which the session was refused, or not understood, is none to send anything else over.
bool is_session(const HttpResponse& answer) {
  return read_session(reply_of(answer)).has_value();
}

HttpRequest session_request(const LinkSettings& settings, std::string_view target) {
  return {.method = hal::HttpMethod::Get,
          .url = settings.origin + std::string(target),
          .headers = {{"Accept", std::string(kAccepted)}},
          .connect_timeout = settings.connect_timeout,
          .total_timeout = settings.session_timeout,
          .response_body_bytes_max = kAnswerBodyBytesMax,
          .worth_keeping = &is_session};
}

/// Requests on their way, and whoever waits for the answer. Refers to nothing but the HTTP client, so that the link may
/// go.
struct Call {
  hal::HttpClient& http;
  HttpRequest session;
  HttpRequest request;  ///< without its body
  core::Secret body;
  std::chrono::milliseconds timeout_once_opened;  ///< of the request, if the session took its time before it
  LinkDone done;
  bool opened = false;
};

std::string_view header(const HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &hal::HttpHeader::name);
  return found == response.headers.end() ? std::string_view{} : std::string_view(found->value);
}

LinkResult result_of(HttpResult result) {
  if (result) return *std::move(result);
  return std::unexpected(LinkFailure{.error = result.error().error, .fault = result.error().fault});
}

/// A failure before the request left: nothing happened, whatever it was for the session.
LinkResult before_anything(Error error, std::optional<HttpFault> fault) {
  if (error.code == ErrorCode::Timeout || error.code == ErrorCode::Rejected) error.code = ErrorCode::Unavailable;
  return std::unexpected(LinkFailure{.error = error, .fault = fault});
}

void send_call(std::unique_ptr<Call> call);

void finish(std::unique_ptr<Call> call, LinkResult result) {
  auto done = std::move(call->done);
  call.reset();  // with its copy of the body
  done(std::move(result));
}

void session_over(std::unique_ptr<Call> call, const HttpResult& result) {
  if (!result) return finish(std::move(call), before_anything(result.error().error, result.error().fault));
  const auto session = read_session(reply_of(*result));
  if (!session) return finish(std::move(call), before_anything(session.error(), std::nullopt));
  call->opened = true;
  call->request.total_timeout = call->timeout_once_opened;
  send_call(std::move(call));
}

void open_first(std::unique_ptr<Call> call) {
  hal::HttpClient& http = call->http;
  HttpRequest request = std::move(call->session);
  http.send(std::move(request),
            [call = std::move(call)](const HttpResult& result) mutable { session_over(std::move(call), result); });
}

void request_over(std::unique_ptr<Call> call, HttpResult result) {
  // The client says that no byte of it left, and why: this is the one case in which it is handed over again.
  const bool needs_connection = !result && result.error().delivery == hal::HttpDelivery::NotSent &&
                                result.error().fault == HttpFault::NoKeptConnection && !call->opened;
  if (needs_connection) return open_first(std::move(call));
  finish(std::move(call), result_of(std::move(result)));
}

void send_call(std::unique_ptr<Call> call) {
  hal::HttpClient& http = call->http;
  HttpRequest request = call->request;
  request.body = core::as_text(call->body.view());
  http.send(std::move(request),
            [call = std::move(call)](HttpResult result) mutable { request_over(std::move(call), std::move(result)); });
}

}  // namespace

LinkRequest post(std::string_view path, std::string body) {
  core::Secret kept(core::to_bytes(body));
  core::wipe(body);
  return {.target = std::string(path), .body = std::move(kept)};
}

Reply reply_of(const HttpResponse& response) {
  return {.status = response.status,
          .content_type = header(response, "content-type"),
          .retry_after = header(response, "retry-after"),
          .body = response.body};
}

void Link::send(LinkRequest request, LinkDone done) const {
  HttpRequest first = session_request(settings_, "/v1/session");
  first.total_timeout = request.session_timeout.value_or(settings_.session_timeout);
  HttpRequest then{.method = request.method,
                   .url = settings_.origin + request.target,
                   .headers = {{"Accept", std::string(kAccepted)}},
                   .connect_timeout = settings_.connect_timeout,
                   .total_timeout = request.timeout,
                   .response_body_bytes_max = request.answer_bytes_max,
                   .kept_connection_only = true};
  if (request.method == hal::HttpMethod::Post) then.headers.push_back({"Content-Type", "application/json"});
  send_call(std::make_unique<Call>(Call{.http = http_,
                                        .session = std::move(first),
                                        .request = std::move(then),
                                        .body = std::move(request.body),
                                        .timeout_once_opened = request.timeout_once_opened.value_or(request.timeout),
                                        .done = std::move(done)}));
}

void Link::open(LinkDone done) const {
  http_.send(session_request(settings_, "/v1/session"),
             [done = std::move(done)](HttpResult result) mutable { done(result_of(std::move(result))); });
}

core::Result<> Link::ask_time(core::ByteView nonce, LinkDone done) const {
  if (nonce.empty()) return core::fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const std::string target, session_target(nonce));
  HttpRequest request = session_request(settings_, target);
  request.allow_unknown_time = true;
  http_.send(std::move(request),
             [done = std::move(done)](HttpResult result) mutable { done(result_of(std::move(result))); });
  return {};
}

}  // namespace tillkit::cloud
