// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::payment {

/// An answer, or why there is none, and when they want to be asked next (from now on; none: they did not say).
template <class T>
struct Answered {
  core::Result<T> result;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

/// Called once, later, from the loop; never from inside the call that took it.
template <class T>
using Answer = std::move_only_function<void(Answered<T>)>;

/// Somebody who can take money from a wallet: a gateway, or a wallet's own interface.
///
/// A call puts at most one request about money on the wire, ever; nobody below repeats it. The journal names what is
/// asked before the call. A call that returns an error did nothing, and `done` is not called:
/// - InvalidArgument, OutOfRange: something that can never be asked so (number, amount, code, description).
///
/// `done` gets what they said, or:
/// - Timeout: it left, and nobody here knows what became of it. Query; never show it as declined.
/// - Rejected: they received it and said no; for a charge nothing is taken (`cloud::is_problem` says why).
/// - Unsupported: this provider cannot do that, or speaks another version. Nothing happened.
/// - all others: surely nothing happened (no connection, no name, clock unknown, too many requests).
class Provider {
 public:
  virtual ~Provider() = default;

  /// Asks whose code it is. A question without an effect.
  [[nodiscard]] core::Result<> identify(const codes::PaymentCode& code, Answer<cloud::IdentifyAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_identify(code, std::move(done));
  }

  /// Charges a code that the shopper showed. Once per order number.
  [[nodiscard]] core::Result<> authorise(const cloud::Order& order, const codes::PaymentCode& code,
                                         std::string_view description, Answer<cloud::AttemptAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_authorise(order, code, description, std::move(done));
  }

  /// Makes a code to show, for these wallets (none: all that the merchant has). Once per order number; `reverse`
  /// cancels it.
  [[nodiscard]] core::Result<> create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                                         std::string_view description, std::chrono::seconds valid_for,
                                         Answer<cloud::QrAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_create_qr(order, wallets, description, valid_for, std::move(done));
  }

  /// Asks what became of an order. Changes nothing.
  [[nodiscard]] core::Result<> query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_query(order, std::move(done));
  }

  /// Makes sure that an order takes no money. May be repeated.
  [[nodiscard]] core::Result<> reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_reverse(order, std::move(done));
  }

  /// Gives back all or a part. May be repeated with the same refund number.
  [[nodiscard]] core::Result<> refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_refund(refund, std::move(done));
  }

 private:
  virtual core::Result<> do_identify(const codes::PaymentCode& code, Answer<cloud::IdentifyAnswer> done) = 0;
  virtual core::Result<> do_authorise(const cloud::Order& order, const codes::PaymentCode& code,
                                      std::string_view description, Answer<cloud::AttemptAnswer> done) = 0;
  virtual core::Result<> do_create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                                      std::string_view description, std::chrono::seconds valid_for,
                                      Answer<cloud::QrAnswer> done) = 0;
  virtual core::Result<> do_query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) = 0;
  virtual core::Result<> do_reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) = 0;
  virtual core::Result<> do_refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) = 0;
};

}  // namespace tillkit::payment
