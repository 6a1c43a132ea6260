// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal/http_client.hpp"

#include <algorithm>
#include <array>

namespace tillkit::hal {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_token(std::string_view text) {  // RFC 9110, section 5.6.2
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() &&
         std::ranges::all_of(text, [&](char c) { return is_digit(c) || is_letter(c) || kMarks.contains(c); });
}

bool is_field_value(
    std::string_view text) {  // RFC 9110, section 5.5: neither control characters nor blanks at its ends
  if (text.empty()) return true;
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (blank(text.front()) || blank(text.back())) return false;
  return std::ranges::all_of(text,
                             [&](char c) { return blank(c) || (static_cast<unsigned char>(c) > 0x20 && c != 0x7f); });
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return false;
  int port = 0;
  for (const char digit : text)
    port = port * 10 + (digit - '0');
  return port >= 1 && port <= 65'535;
}

/// Host and port as they may stand in a request. Nobody signs in by address here, so an `@` is refused.
bool is_authority(std::string_view text) {
  std::string_view port;
  bool host_ok = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    const auto address = text.substr(1, end - 1);
    host_ok =
        address.contains(':') && std::ranges::all_of(address, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
    port = text.substr(end + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, end);
    host_ok = !name.empty() && !name.starts_with('.') && std::ranges::all_of(name, [](char c) {
      return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_';
    });
    port = text.substr(end);
  }
  return host_ok && (port.empty() || (port.starts_with(':') && is_port(port.substr(1))));
}

bool is_path_and_query(std::string_view text) {  // no `#`: a fragment is never sent, so it would be a mistake
  constexpr std::string_view kUnsafe = "\"<>\\^`{|}#";
  if (!text.empty() && text.front() != '/' && text.front() != '?') return false;
  return std::ranges::all_of(text, [&](char c) { return c > 0x20 && c < 0x7f && !kUnsafe.contains(c); });
}

bool is_url(std::string_view url, bool plain_http_allowed) {
  constexpr std::string_view kSecure = "https://";
  constexpr std::string_view kPlain = "http://";
  if (url.size() > kHttpUrlBytesMax) return false;
  if (url.starts_with(kSecure)) {
    url.remove_prefix(kSecure.size());
  } else if (plain_http_allowed && url.starts_with(kPlain)) {
    url.remove_prefix(kPlain.size());
  } else {
    return false;
  }
  const auto end = std::min(url.find_first_of("/?#"), url.size());
  return is_authority(url.substr(0, end)) && is_path_and_query(url.substr(end));
}

bool is_header(const HttpHeader& header) {
  constexpr std::array<std::string_view, 5> kDrivers = {"Host", "Content-Length", "Transfer-Encoding", "Connection",
                                                        "Expect"};
  return is_token(header.name) && is_field_value(header.value) &&
         std::ranges::none_of(kDrivers, [&](auto name) { return equal_ignoring_case(name, header.name); });
}

bool is_method(HttpMethod method) {
  switch (method) {
    case HttpMethod::Get:
    case HttpMethod::Post:
    case HttpMethod::Put:
    case HttpMethod::Delete: return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(HttpDelivery delivery) {
  switch (delivery) {
    case HttpDelivery::NotSent: return "not_sent";
    case HttpDelivery::SentUnanswered: return "sent_unanswered";
  }
  return "unknown";
}

std::string_view to_string(HttpFault fault) {
  switch (fault) {
    case HttpFault::BadRequest: return "bad_request";
    case HttpFault::TooManyRequests: return "too_many_requests";
    case HttpFault::ClockUnknown: return "clock_unknown";
    case HttpFault::NoKeptConnection: return "no_kept_connection";
    case HttpFault::NameNotResolved: return "name_not_resolved";
    case HttpFault::NameTimeout: return "name_timeout";
    case HttpFault::ConnectFailed: return "connect_failed";
    case HttpFault::ConnectTimeout: return "connect_timeout";
    case HttpFault::Expired: return "expired";
    case HttpFault::NotYetValid: return "not_yet_valid";
    case HttpFault::WrongName: return "wrong_name";
    case HttpFault::Untrusted: return "untrusted";
    case HttpFault::Revoked: return "revoked";
    case HttpFault::WeakKey: return "weak_key";
    case HttpFault::WeakSignature: return "weak_signature";
    case HttpFault::WrongUsage: return "wrong_usage";
    case HttpFault::ProtocolTooOld: return "protocol_too_old";
    case HttpFault::NoCommonCipher: return "no_common_cipher";
    case HttpFault::ClientCertificateRefused: return "client_certificate_refused";
    case HttpFault::RevocationListStale: return "revocation_list_stale";
    case HttpFault::TlsFailed: return "tls_failed";
    case HttpFault::AnswerTimeout: return "answer_timeout";
    case HttpFault::ConnectionLost: return "connection_lost";
    case HttpFault::AnswerCutShort: return "answer_cut_short";
    case HttpFault::AnswerTooLarge: return "answer_too_large";
    case HttpFault::AnswerMalformed: return "answer_malformed";
    case HttpFault::Cancelled: return "cancelled";
  }
  return "unknown";
}

std::expected<void, HttpFailure> check_http_request(const HttpRequest& request, bool plain_http_allowed) {
  constexpr std::chrono::milliseconds kShortest{1};
  const bool has_body = request.method == HttpMethod::Post || request.method == HttpMethod::Put;
  const bool good = is_method(request.method) && is_url(request.url, plain_http_allowed) &&
                    request.headers.size() <= kHttpHeadersMax && std::ranges::all_of(request.headers, is_header) &&
                    request.body.size() <= kHttpRequestBodyBytesMax && (has_body || request.body.empty()) &&
                    request.connect_timeout >= kShortest && request.total_timeout >= kShortest &&
                    request.response_body_bytes_max <= kHttpResponseBodyBytesMax;
  if (good) return {};
  return std::unexpected(
      HttpFailure{HttpDelivery::NotSent, HttpFault::BadRequest, {.code = core::ErrorCode::InvalidArgument}});
}

}  // namespace tillkit::hal
