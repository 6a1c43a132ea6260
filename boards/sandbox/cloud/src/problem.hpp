// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "http.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::sandbox {

/// The problems of the contract (`x-problems`) that this cloud reports.
enum class Problem {
  InvalidRequest,
  NotAllowed,
  OrderNotFound,
  OrderBusy,
  OrderReversed,
  TooLarge,
  KeyReused,
  WalletNotOffered,
  ReversalWindowOver,
  ReversalTooSoon,
  OrderNotPaid,
  RefundTooLarge,
  NothingLeft,
  RefundWindowOver,
  TooManyRefunds,
  TooManyRequests,
  InternalError,
  WalletUnanswered,
  Unavailable,
  ClaimRefused,
  CertificateRequestRefused,
  JournalNotYours,
  JournalForked,
  JournalBroken,
  CursorUnknown,
  SaleNotFound,
};

/// The problem document, with Retry-After where the contract wants one. `detail` is for people and never holds a
/// payment code or a claim.
[[nodiscard]] HttpAnswer problem(Problem kind, std::string_view detail = {});

/// The problem that is called so (`refund-too-large`), as a wallet names it, or InternalError.
[[nodiscard]] Problem problem_of(std::string_view name);

/// What a failed operation answers: the client's mistake where the error blames the input, else ours.
[[nodiscard]] HttpAnswer problem_of(const core::Error& error, std::string_view detail = {});

/// A 200 with what a writer wrote, or 500.
[[nodiscard]] HttpAnswer answer_of(core::Result<std::string> json);

}  // namespace tillkit::sandbox
