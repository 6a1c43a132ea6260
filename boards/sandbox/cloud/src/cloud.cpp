// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include <algorithm>
#include <optional>

namespace tillkit::sandbox {
namespace {

using core::JsonDocument;
using core::Result;

/// The terminal whose certificate it is, or none: not of ours, revoked, over.
Result<std::optional<Caller>> caller_of(Cloud& cloud, const HttpRequest& request) {
  if (request.client_certificate.empty()) return std::optional<Caller>();
  const auto holder = cloud.authority.holder(request.client_certificate);
  if (!holder) return std::optional<Caller>();
  std::optional<TerminalRow> terminal;
  std::optional<CertificateRow> certificate;
  const Result<> read = cloud.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(terminal, find_row<TerminalRow>(reader, kTerminals, holder->terminal, kOnly));
    TILLKIT_TRY(certificate, find_row<CertificateRow>(reader, kCertificates, holder->terminal, holder->serial));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  if (!terminal || terminal->revoked || !certificate || certificate->revoked) return std::optional<Caller>();
  // A connection may be older than the end of its certificate.
  if (certificate->until_ms <= milliseconds_of(wall_now())) return std::optional<Caller>();
  return std::optional(Caller{.terminal = holder->terminal, .store = terminal->store, .merchant = terminal->merchant});
}

bool is_json(std::string_view content_type) {
  return content_type == "application/json" || content_type.starts_with("application/json;");
}

}  // namespace

core::WallTime wall_now() {
  return core::WallTime(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()));
}

std::int64_t milliseconds_of(core::WallTime at) {
  return at.time_since_epoch().count();
}

HttpAnswer Router::answer(const HttpRequest& request) {
  const auto found = std::ranges::find_if(operations_, [&](const Operation& operation) {
    return operation.path == request.path && operation.method == request.method;
  });
  if (found == operations_.end()) return problem(Problem::InvalidRequest, "no such operation");
  if (request.body.size() > found->body_bytes_max) return problem(Problem::TooLarge);
  Lock lock(cloud_.mutex);
  if (cloud_.stopping) return problem(Problem::Unavailable);
  const auto answer = answer_locked(*found, request, lock);
  return answer ? *answer : problem_of(answer.error());
}

Result<HttpAnswer> Router::answer_locked(const Operation& operation, const HttpRequest& request, Lock& lock) {
  Caller caller;
  // Anybody may come without a certificate; one that is shown must be good.
  if (operation.who == Who::Terminals || !request.client_certificate.empty()) {
    TILLKIT_TRY(const std::optional<Caller> known, caller_of(cloud_, request));
    if (!known) return problem(Problem::NotAllowed);
    caller = *known;
  }
  if (!within_rate(caller.terminal)) return problem(Problem::TooManyRequests);
  if (operation.method == "GET") {
    Call call{.http = request, .body = nullptr, .caller = std::move(caller), .lock = lock};
    return operation.handle(call);
  }
  if (!is_json(request.content_type)) return problem(Problem::InvalidRequest, "application/json is expected");
  const core::JsonLimits limits{.bytes_max = operation.body_bytes_max, .values_max = operation.body_values_max};
  const auto document = JsonDocument::parse(request.body, limits);
  if (!document) return problem(Problem::InvalidRequest, "no JSON");
  const core::JsonValue body = document->root();
  Call call{.http = request, .body = &body, .caller = std::move(caller), .lock = lock};
  auto answer = operation.handle(call);
  if (!answer && answer.error().source == core::ErrorSource::Input) {
    return problem_of(answer.error(), document->path_of(answer.error()).value_or(""));
  }
  return answer;
}

bool Router::within_rate(const std::string& terminal) {
  const auto now = std::chrono::steady_clock::now();
  const double full = requests_per_s_;
  const auto [found, added] = allowances_.try_emplace(terminal, Allowance{full, now});
  Allowance& allowance = found->second;
  const std::chrono::duration<double> passed = now - allowance.at;
  allowance = {std::min(full, allowance.requests + passed.count() * full), now};
  if (allowance.requests < 1) return false;
  allowance.requests -= 1;
  return true;
}

}  // namespace tillkit::sandbox
