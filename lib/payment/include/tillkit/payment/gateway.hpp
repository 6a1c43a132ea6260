// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "tillkit/cloud/link.hpp"
#include "tillkit/cloud/session.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/payment/provider.hpp"

namespace tillkit::payment {

struct GatewaySettings {
  std::string origin;  ///< `https://pay.example`, without a path
  std::chrono::milliseconds connect_timeout{5'000};
  /// From a request until its answer is here. The gateway answers within 10 s.
  std::chrono::milliseconds answer_timeout{15'000};
  std::chrono::milliseconds session_timeout{6'000};
  /// For all of an identify, its session included: nobody waits longer for a question.
  std::chrono::milliseconds identify_timeout{800};
};

/// A provider that speaks cloud-api.yaml, over `cloud::Link`: a request about money goes out at most once, and what
/// goes wrong before it does means that nothing happened, and is never a Timeout.
///
/// It keeps no state: it may end while requests are under way, and their answers still arrive. A copy of a charge's
/// body, and with it of the payment code, lives until its answer is here and is wiped then; the HTTP client has its
/// own.
class Gateway final : public Provider {
 public:
  /// `http` must outlive it, and all requests that are under way.
  Gateway(hal::HttpClient& http, const GatewaySettings& settings)
      : link_(http, {.origin = settings.origin,
                     .connect_timeout = settings.connect_timeout,
                     .session_timeout = settings.session_timeout}),
        answer_timeout_(settings.answer_timeout),
        identify_timeout_(settings.identify_timeout) {}

  /// Opens a connection before it is needed, or shows that the one at hand still works. Fails as `read_session` does;
  /// nothing about money is asked, so `Timeout` is as good as `Unavailable` here.
  void open(Answer<cloud::Session> done);

 private:
  core::Result<> do_identify(const codes::PaymentCode& code, Answer<cloud::IdentifyAnswer> done) override;
  core::Result<> do_authorise(const cloud::Order& order, const codes::PaymentCode& code, std::string_view description,
                              Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                              std::string_view description, std::chrono::seconds valid_for,
                              Answer<cloud::QrAnswer> done) override;
  core::Result<> do_query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) override;

  cloud::Link link_;
  std::chrono::milliseconds answer_timeout_;
  std::chrono::milliseconds identify_timeout_;
};

}  // namespace tillkit::payment
