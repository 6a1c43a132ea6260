// SPDX-License-Identifier: Apache-2.0
#include "problem.hpp"

#include <array>
#include <string>
#include <utility>

#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

struct ProblemRow {
  Problem kind;
  std::string_view name;
  int status;
  std::string_view title;
};

// clang-format off
constexpr std::array kRows{
    ProblemRow{Problem::InvalidRequest,            "invalid-request",             400, "The request is not what the contract says"},
    ProblemRow{Problem::NotAllowed,                "not-allowed",                 403, "This terminal may not do this"},
    ProblemRow{Problem::OrderNotFound,             "order-not-found",             404, "No such order"},
    ProblemRow{Problem::OrderBusy,                 "order-busy",                  409, "Another request about this order is under way"},
    ProblemRow{Problem::OrderReversed,             "order-reversed",              410, "This order was reversed before"},
    ProblemRow{Problem::TooLarge,                  "too-large",                   413, "The request is too large"},
    ProblemRow{Problem::KeyReused,                 "key-reused",                  422, "Another body under the same key"},
    ProblemRow{Problem::WalletNotOffered,          "wallet-not-offered",          422, "The merchant does not take this wallet or currency"},
    ProblemRow{Problem::ReversalWindowOver,        "reversal-window-over",        422, "Too late to reverse"},
    ProblemRow{Problem::ReversalTooSoon,           "reversal-too-soon",           422, "The wallet does not reverse yet"},
    ProblemRow{Problem::OrderNotPaid,              "order-not-paid",              422, "This order is not paid"},
    ProblemRow{Problem::RefundTooLarge,            "refund-too-large",            422, "More than is left of the order"},
    ProblemRow{Problem::NothingLeft,               "nothing-left",                422, "All of it was given back before"},
    ProblemRow{Problem::RefundWindowOver,          "refund-window-over",          422, "Too late to refund"},
    ProblemRow{Problem::TooManyRefunds,            "too-many-refunds",            422, "No further refund of this order"},
    ProblemRow{Problem::TooManyRequests,           "too-many-requests",           429, "Too many requests"},
    ProblemRow{Problem::InternalError,             "internal-error",              500, "A fault of this cloud"},
    ProblemRow{Problem::WalletUnanswered,          "wallet-unanswered",           502, "The wallet does not answer"},
    ProblemRow{Problem::Unavailable,               "unavailable",                 503, "Down for a moment"},
    ProblemRow{Problem::ClaimRefused,              "claim-refused",               403, "This claim code is not good"},
    ProblemRow{Problem::CertificateRequestRefused, "certificate-request-refused", 422, "This certificate request is not good"},
    ProblemRow{Problem::JournalNotYours,           "journal-not-yours",           403, "This journal is another terminal's"},
    ProblemRow{Problem::JournalForked,             "journal-forked",              422, "Another history of this journal was uploaded before"},
    ProblemRow{Problem::JournalBroken,             "journal-broken",              422, "The records do not continue the journal"},
    ProblemRow{Problem::CursorUnknown,             "cursor-unknown",              410, "This cursor is not known"},
    ProblemRow{Problem::SaleNotFound,              "sale-not-found",              404, "No such sale"},
};
// clang-format on

constexpr bool rows_stand_in_their_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].kind) != static_cast<int>(i)) return false;
  }
  return true;
}
static_assert(rows_stand_in_their_order());

constexpr std::chrono::seconds kRetryAfter{1};

}  // namespace

HttpAnswer problem(Problem kind, std::string_view detail) {
  const ProblemRow& row = kRows[static_cast<std::size_t>(std::to_underlying(kind))];
  core::JsonWriter json;
  json.begin_object().name("type").text("urn:tillkit:problem:" + std::string(row.name));
  json.name("status").integer(row.status).name("title").text(row.title);
  if (!detail.empty()) json.name("detail").text(detail);
  json.end_object();
  HttpAnswer answer{
      .status = row.status, .content_type = "application/problem+json", .body = json.finish().value_or("{}")};
  if (row.status == 429 || row.status == 503) answer.retry_after = kRetryAfter;
  return answer;
}

Problem problem_of(std::string_view name) {
  for (const ProblemRow& row : kRows) {
    if (row.name == name) return row.kind;
  }
  return Problem::InternalError;
}

HttpAnswer problem_of(const core::Error& error, std::string_view detail) {
  using core::ErrorSource;
  if (error.source == ErrorSource::Input) return problem(Problem::InvalidRequest, detail);
  return problem(error.source == ErrorSource::Sqlite ? Problem::Unavailable : Problem::InternalError);
}

HttpAnswer answer_of(core::Result<std::string> json) {
  if (!json) return problem(Problem::InternalError);
  return {.body = *std::move(json)};
}

}  // namespace tillkit::sandbox
