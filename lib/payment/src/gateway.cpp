// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/gateway.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/cloud/link.hpp"

namespace tillkit::payment {
namespace {

using core::Result;
using std::chrono::milliseconds;

/// Whoever waits for an answer, as whom the link tells; `read` makes an answer of the reply.
template <class T, class Read>
cloud::LinkDone told(Answer<T> done, Read read) {
  return [done = std::move(done), read = std::move(read)](cloud::LinkResult result) mutable {
    if (!result) return done(Answered<T>{.result = std::unexpected(result.error().error)});
    const cloud::Reply reply = cloud::reply_of(*result);
    done(Answered<T>{.result = read(reply), .retry_after = cloud::retry_after(reply)});
  };
}

cloud::LinkRequest request(std::string_view path, std::string body, milliseconds timeout) {
  cloud::LinkRequest request = cloud::post(path, std::move(body));
  request.timeout = timeout;
  return request;
}

}  // namespace

void Gateway::open(Answer<cloud::Session> done) {
  link_.open(
      told<cloud::Session>(std::move(done), [](const cloud::Reply& reply) { return cloud::read_session(reply); }));
}

Result<> Gateway::do_identify(const codes::PaymentCode& code, Answer<cloud::IdentifyAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::identify_body(code));
  cloud::LinkRequest question = request(cloud::kIdentifyPath, std::move(body), identify_timeout_);
  // All of it without a connection to open; else half for that and half for the question.
  question.timeout_once_opened = std::max(milliseconds{1}, identify_timeout_ / 2);
  question.session_timeout = question.timeout_once_opened;
  link_.send(std::move(question), told<cloud::IdentifyAnswer>(std::move(done), [](const cloud::Reply& reply) {
               return cloud::read_identify(reply);
             }));
  return {};
}

Result<> Gateway::do_authorise(const cloud::Order& order, const codes::PaymentCode& code, std::string_view description,
                               Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::authorise_body(order, code, description));
  link_.send(request(cloud::kAuthorisePath, std::move(body), answer_timeout_),
             told<cloud::AttemptAnswer>(
                 std::move(done), [order](const cloud::Reply& reply) { return cloud::read_authorise(reply, order); }));
  return {};
}

Result<> Gateway::do_create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                               std::string_view description, std::chrono::seconds valid_for,
                               Answer<cloud::QrAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::qr_body(order, wallets, description, valid_for));
  link_.send(request(cloud::kQrPath, std::move(body), answer_timeout_),
             told<cloud::QrAnswer>(std::move(done),
                                   [order](const cloud::Reply& reply) { return cloud::read_qr(reply, order); }));
  return {};
}

Result<> Gateway::do_query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::order_body(order.number));
  link_.send(request(cloud::kQueryPath, std::move(body), answer_timeout_),
             told<cloud::AttemptAnswer>(
                 std::move(done), [order](const cloud::Reply& reply) { return cloud::read_query(reply, order); }));
  return {};
}

Result<> Gateway::do_reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::order_body(order.number));
  link_.send(request(cloud::kReversePath, std::move(body), answer_timeout_),
             told<cloud::AttemptAnswer>(
                 std::move(done), [order](const cloud::Reply& reply) { return cloud::read_reverse(reply, order); }));
  return {};
}

Result<> Gateway::do_refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) {
  TILLKIT_TRY(std::string body, cloud::refund_body(refund));
  link_.send(request(cloud::kRefundPath, std::move(body), answer_timeout_),
             told<cloud::RefundAnswer>(
                 std::move(done), [refund](const cloud::Reply& reply) { return cloud::read_refund(reply, refund); }));
  return {};
}

}  // namespace tillkit::payment
