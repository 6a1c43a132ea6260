// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/gateway.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "tillkit/core/bytes.hpp"

namespace tillkit::payment {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;
using hal::HttpFault;
using hal::HttpRequest;
using hal::HttpResponse;
using hal::HttpResult;
using std::chrono::milliseconds;

using Response = std::expected<HttpResponse, Error>;

HttpRequest session_request(const GatewaySettings& settings) {
  return {.method = hal::HttpMethod::Get,
          .url = settings.origin + "/v1/session",
          .headers = {{"Accept", "application/json, application/problem+json"}},
          .connect_timeout = settings.connect_timeout,
          .total_timeout = settings.session_timeout,
          .response_body_bytes_max = cloud::kAnswerBodyBytesMax};
}

/// What a call sends: the request about money, and the session before it where there is no connection.
struct Requests {
  HttpRequest session;
  HttpRequest money;  ///< without its body
  core::Secret body;
  milliseconds timeout_once_opened;  ///< of the request about money, if the session took its time before it
};

Requests requests(const GatewaySettings& settings, std::string_view path, std::string body) {
  HttpRequest money{
      .method = hal::HttpMethod::Post,
      .url = settings.origin + std::string(path),
      .headers = {{"Accept", "application/json, application/problem+json"}, {"Content-Type", "application/json"}},
      .connect_timeout = settings.connect_timeout,
      .total_timeout = settings.answer_timeout,
      .response_body_bytes_max = cloud::kAnswerBodyBytesMax,
      .kept_connection_only = true};
  core::Secret kept(core::to_bytes(body));
  core::wipe(body);
  return {.session = session_request(settings),
          .money = std::move(money),
          .body = std::move(kept),
          .timeout_once_opened = settings.answer_timeout};
}

/// Requests on their way, and whoever waits for the answer. Refers to nothing but the HTTP client, so that the gateway
/// may go.
struct Call {
  hal::HttpClient& http;
  Requests requests;
  std::move_only_function<void(Response)> done;
  bool opened = false;
};

std::string_view header(const HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &hal::HttpHeader::name);
  return found == response.headers.end() ? std::string_view{} : std::string_view(found->value);
}

/// Valid as long as the response.
cloud::Reply reply_of(const HttpResponse& response) {
  return {.status = response.status,
          .content_type = header(response, "content-type"),
          .retry_after = header(response, "retry-after"),
          .body = response.body};
}

/// A failure before the request about money left: nothing happened, whatever it was for the session.
Error before_anything(Error error) {
  if (error.code == ErrorCode::Timeout || error.code == ErrorCode::Rejected) error.code = ErrorCode::Unavailable;
  return error;
}

void send(std::unique_ptr<Call> call);

void finish(std::unique_ptr<Call> call, Response response) {
  auto done = std::move(call->done);
  call.reset();  // with its copy of the body
  done(std::move(response));
}

void session_over(std::unique_ptr<Call> call, const HttpResult& result) {
  if (!result) return finish(std::move(call), std::unexpected(before_anything(result.error().error)));
  const auto session = cloud::read_session(reply_of(*result));
  if (!session) return finish(std::move(call), std::unexpected(before_anything(session.error())));
  call->opened = true;
  call->requests.money.total_timeout = call->requests.timeout_once_opened;
  send(std::move(call));
}

void open(std::unique_ptr<Call> call) {
  hal::HttpClient& http = call->http;
  HttpRequest request = std::move(call->requests.session);
  http.send(std::move(request),
            [call = std::move(call)](const HttpResult& result) mutable { session_over(std::move(call), result); });
}

void request_over(std::unique_ptr<Call> call, HttpResult result) {
  if (result) return finish(std::move(call), *std::move(result));
  // The client says that no byte of it left, and why: this is the one case in which it is handed over again.
  const bool needs_connection = result.error().delivery == hal::HttpDelivery::NotSent &&
                                result.error().fault == HttpFault::NoKeptConnection && !call->opened;
  if (needs_connection) return open(std::move(call));
  finish(std::move(call), std::unexpected(result.error().error));
}

void send(std::unique_ptr<Call> call) {
  hal::HttpClient& http = call->http;
  HttpRequest request = call->requests.money;
  request.body = core::as_text(call->requests.body.view());
  http.send(std::move(request),
            [call = std::move(call)](HttpResult result) mutable { request_over(std::move(call), std::move(result)); });
}

/// Sends a request about money, once; `read` makes an answer of its reply.
template <class T, class Read>
void ask(hal::HttpClient& http, Requests requests, Answer<T> done, Read read) {
  auto told = [done = std::move(done), read = std::move(read)](Response response) mutable {
    if (!response) return done(Answered<T>{.result = std::unexpected(response.error())});
    const cloud::Reply reply = reply_of(*response);
    done(Answered<T>{.result = read(reply), .retry_after = cloud::retry_after(reply)});
  };
  send(std::make_unique<Call>(Call{.http = http, .requests = std::move(requests), .done = std::move(told)}));
}

}  // namespace

void Gateway::open(Answer<cloud::Session> done) {
  http_.send(session_request(settings_), [done = std::move(done)](const HttpResult& result) mutable {
    if (!result) return done({.result = std::unexpected(result.error().error)});
    const cloud::Reply reply = reply_of(*result);
    done({.result = cloud::read_session(reply), .retry_after = cloud::retry_after(reply)});
  });
}

Result<> Gateway::do_identify(const codes::PaymentCode& code, Answer<cloud::IdentifyAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::identify_body(code));
  Requests both = requests(settings_, cloud::kIdentifyPath, std::move(body));
  // All of it without a connection to open; else half for that and half for the question.
  both.money.total_timeout = settings_.identify_timeout;
  both.timeout_once_opened = std::max(milliseconds{1}, settings_.identify_timeout / 2);
  both.session.total_timeout = both.timeout_once_opened;
  ask(http_, std::move(both), std::move(done), [](const cloud::Reply& reply) { return cloud::read_identify(reply); });
  return {};
}

Result<> Gateway::do_authorise(const cloud::Order& order, const codes::PaymentCode& code, std::string_view description,
                               Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::authorise_body(order, code, description));
  ask(http_, requests(settings_, cloud::kAuthorisePath, std::move(body)), std::move(done),
      [order](const cloud::Reply& reply) { return cloud::read_authorise(reply, order); });
  return {};
}

Result<> Gateway::do_create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                               std::string_view description, std::chrono::seconds valid_for,
                               Answer<cloud::QrAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::qr_body(order, wallets, description, valid_for));
  ask(http_, requests(settings_, cloud::kQrPath, std::move(body)), std::move(done),
      [order](const cloud::Reply& reply) { return cloud::read_qr(reply, order); });
  return {};
}

Result<> Gateway::do_query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::order_body(order.number));
  ask(http_, requests(settings_, cloud::kQueryPath, std::move(body)), std::move(done),
      [order](const cloud::Reply& reply) { return cloud::read_query(reply, order); });
  return {};
}

Result<> Gateway::do_reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::order_body(order.number));
  ask(http_, requests(settings_, cloud::kReversePath, std::move(body)), std::move(done),
      [order](const cloud::Reply& reply) { return cloud::read_reverse(reply, order); });
  return {};
}

Result<> Gateway::do_refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::refund_body(refund));
  ask(http_, requests(settings_, cloud::kRefundPath, std::move(body)), std::move(done),
      [refund](const cloud::Reply& reply) { return cloud::read_refund(reply, refund); });
  return {};
}

}  // namespace tillkit::payment
