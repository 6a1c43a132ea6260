// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::cloud {

/// The closed list of problems that the cloud may report (`x-problems` in cloud-api.yaml says what to do about each).
/// Stored in records, and the `foreign` number of errors with `ErrorSource::Provider`; never renumber.
enum class ProblemType : std::uint8_t {
  InvalidRequest = 1,
  NotAllowed = 2,
  OrderNotFound = 3,
  OrderBusy = 4,
  OrderReversed = 5,
  TooLarge = 6,
  KeyReused = 7,
  WalletNotOffered = 8,
  ReversalWindowOver = 9,
  ReversalTooSoon = 10,
  OrderNotPaid = 11,
  RefundTooLarge = 12,
  NothingLeft = 13,
  RefundWindowOver = 14,
  TooManyRefunds = 15,
  TooManyRequests = 16,
  InternalError = 17,
  WalletUnanswered = 18,
  Unavailable = 19,
  ClaimRefused = 20,
  CertificateRequestRefused = 21,
  JournalNotYours = 22,
  JournalForked = 23,
  JournalBroken = 24,
  CursorUnknown = 25,
  SaleNotFound = 26,
};

struct ProblemRow {
  ProblemType type;
  std::string_view name;  ///< without `urn:tillkit:problem:`
  int status;
  bool nothing_happened;  ///< False: the request may have been acted on.
};

/// One row per type, in the order of their numbers.
[[nodiscard]] std::span<const ProblemRow> problem_rows();

/// `order-reversed`, ...
[[nodiscard]] std::string_view to_string(ProblemType type);

/// What the cloud says went wrong, for people: the texts are not to be acted on.
struct Problem {
  ProblemType type = ProblemType::InvalidRequest;
  std::string title;
  std::string detail;
};

/// Reads a problem document.
/// - Corrupt: it is none, its type is not on the list, or its status contradicts the reply's or its type's; the byte
///   offset where there is one.
[[nodiscard]] core::Result<Problem> read_problem(const Reply& reply);

/// Says what a reply other than 200 means for whoever asked:
/// - Rejected: they answered no, for a reason on the list (`Provider`, the `ProblemType`). Nothing happened.
/// - Unavailable: too many requests (`Provider`, the `ProblemType`). Nothing happened; it may be repeated later.
/// - Timeout: all else: 409, 5xx, and what is not understood (`Http`, the status). The outcome is unknown.
[[nodiscard]] core::Error error_of(const Reply& reply);

/// The problem that an error carries, if it came from `error_of` with one.
[[nodiscard]] bool is_problem(const core::Error& error, ProblemType type);

}  // namespace tillkit::cloud
