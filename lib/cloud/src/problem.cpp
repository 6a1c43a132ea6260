// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/problem.hpp"

#include <algorithm>
#include <array>

#include "reading.hpp"
#include "tillkit/core/id.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::ErrorSource;
using core::JsonValue;
using core::Result;

constexpr std::string_view kTypePrefix = "urn:tillkit:problem:";
constexpr int kConflict = 409;
constexpr int kTooManyRequests = 429;
constexpr int kServerErrors = 500;
constexpr int kServiceUnavailable = 503;

// clang-format off
constexpr std::array kRows{
    ProblemRow{ProblemType::InvalidRequest,            "invalid-request",             400, true},
    ProblemRow{ProblemType::NotAllowed,                "not-allowed",                 403, true},
    ProblemRow{ProblemType::OrderNotFound,             "order-not-found",             404, true},
    ProblemRow{ProblemType::OrderBusy,                 "order-busy",                  409, false},
    ProblemRow{ProblemType::OrderReversed,             "order-reversed",              410, true},
    ProblemRow{ProblemType::TooLarge,                  "too-large",                   413, true},
    ProblemRow{ProblemType::KeyReused,                 "key-reused",                  422, true},
    ProblemRow{ProblemType::WalletNotOffered,          "wallet-not-offered",          422, true},
    ProblemRow{ProblemType::ReversalWindowOver,        "reversal-window-over",        422, true},
    ProblemRow{ProblemType::ReversalTooSoon,           "reversal-too-soon",           422, true},
    ProblemRow{ProblemType::OrderNotPaid,              "order-not-paid",              422, true},
    ProblemRow{ProblemType::RefundTooLarge,            "refund-too-large",            422, true},
    ProblemRow{ProblemType::NothingLeft,               "nothing-left",                422, true},
    ProblemRow{ProblemType::RefundWindowOver,          "refund-window-over",          422, true},
    ProblemRow{ProblemType::TooManyRefunds,            "too-many-refunds",            422, true},
    ProblemRow{ProblemType::TooManyRequests,           "too-many-requests",           429, true},
    ProblemRow{ProblemType::InternalError,             "internal-error",              500, false},
    ProblemRow{ProblemType::WalletUnanswered,          "wallet-unanswered",           502, false},
    ProblemRow{ProblemType::Unavailable,               "unavailable",                 503, false},
    ProblemRow{ProblemType::ClaimRefused,              "claim-refused",               403, true},
    ProblemRow{ProblemType::CertificateRequestRefused, "certificate-request-refused", 422, true},
    ProblemRow{ProblemType::JournalNotYours,           "journal-not-yours",           403, true},
    ProblemRow{ProblemType::JournalForked,             "journal-forked",              422, true},
    ProblemRow{ProblemType::JournalBroken,             "journal-broken",              422, true},
    ProblemRow{ProblemType::CursorUnknown,             "cursor-unknown",              410, true},
    ProblemRow{ProblemType::SaleNotFound,              "sale-not-found",              404, true},
};
// clang-format on

constexpr const ProblemRow& row_of(ProblemType type) {
  return kRows[static_cast<std::size_t>(type) - 1];
}

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].type) != i + 1) return false;
    // A conflict and whatever a server or something before it breaks on say nothing about the money.
    if (kRows[i].nothing_happened == (kRows[i].status == kConflict || kRows[i].status >= kServerErrors)) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Result<Problem> read_document(const JsonValue& root, int status) {
  TILLKIT_TRY(const JsonValue stated, root.member("status"));
  TILLKIT_TRY(const std::int64_t number, stated.integer());
  if (number != status) return stated.mistake();
  TILLKIT_TRY(const JsonValue type, root.member("type"));
  TILLKIT_TRY(const std::string_view uri, type.text());
  if (!uri.starts_with(kTypePrefix)) return type.mistake();
  const auto row = std::ranges::find(kRows, uri.substr(kTypePrefix.size()), &ProblemRow::name);
  if (row == kRows.end()) return type.mistake();
  if (row->status != status) return type.mistake();
  Problem problem{.type = row->type, .title = {}, .detail = {}};
  TILLKIT_TRY(problem.title, read_text(root, "title"));
  if (root.find("detail")) {
    TILLKIT_TRY(problem.detail, read_text(root, "detail"));
  }
  return problem;
}

}  // namespace

std::span<const ProblemRow> problem_rows() {
  return kRows;
}

std::string_view to_string(ProblemType type) {
  return row_of(type).name;
}

bool has_media_type(const Reply& reply, std::string_view type) {
  std::string_view given = reply.content_type.substr(0, reply.content_type.find(';'));
  while (given.ends_with(' ') || given.ends_with('\t'))
    given.remove_suffix(1);
  return std::ranges::equal(given, type, {}, lower, lower);
}

std::optional<std::chrono::seconds> retry_after(const Reply& reply) {
  constexpr std::size_t kDigitsMax = 4;
  if (reply.status != kTooManyRequests && reply.status != kServiceUnavailable) return std::nullopt;
  const std::string_view text = reply.retry_after;
  if (text.empty() || text.size() > kDigitsMax || !std::ranges::all_of(text, core::is_digit_char)) return std::nullopt;
  std::chrono::seconds wait{0};
  for (const char digit : text)
    wait = wait * 10 + std::chrono::seconds{digit - '0'};
  if (wait.count() == 0 || wait > kRetryAfterMax) return std::nullopt;
  return wait;
}

Result<Problem> read_problem(const Reply& reply) {
  return read_body<Problem>(reply, "application/problem+json", ErrorCode::Corrupt,
                            [&](const JsonValue& root) { return read_document(root, reply.status); });
}

core::Error error_of(const Reply& reply) {
  const auto problem = read_problem(reply);
  if (!problem || !row_of(problem->type).nothing_happened) {
    return {.code = ErrorCode::Timeout, .source = ErrorSource::Http, .foreign = reply.status};
  }
  const bool later = problem->type == ProblemType::TooManyRequests;
  return {.code = later ? ErrorCode::Unavailable : ErrorCode::Rejected,
          .source = ErrorSource::Provider,
          .foreign = static_cast<std::int32_t>(problem->type)};
}

bool is_problem(const core::Error& error, ProblemType type) {
  return error.source == ErrorSource::Provider && error.foreign == static_cast<std::int32_t>(type);
}

}  // namespace tillkit::cloud
