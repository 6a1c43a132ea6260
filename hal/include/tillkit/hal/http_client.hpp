// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

inline constexpr std::size_t kHttpRequestsMax = 16;  ///< under way at once; one more is refused
inline constexpr std::size_t kHttpUrlBytesMax = 2048;
inline constexpr std::size_t kHttpHeadersMax = 32;  ///< of a request
inline constexpr std::size_t kHttpRequestBodyBytesMax = 1024 * 1024;
inline constexpr std::size_t kHttpResponseHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kHttpResponseBodyBytesMax = 4 * 1024 * 1024;  ///< the most that a request may ask for

enum class HttpMethod : std::uint8_t { Get, Post, Put, Delete };

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpResponse;

struct HttpRequest {
  HttpMethod method = HttpMethod::Get;
  std::string url = {};  ///< `https://...`; `http://` only where the client was configured for it
  std::vector<HttpHeader> headers = {};
  std::string body = {};  ///< bytes, sent with Content-Length; `Get` and `Delete` have none

  /// From the call until a connection is ready to take the request: name look-up, TCP and TLS. At least 1 ms.
  std::chrono::milliseconds connect_timeout{5'000};
  /// From the call until the whole answer is here. At least 1 ms.
  std::chrono::milliseconds total_timeout{15'000};
  /// A longer body is no answer. At most `kHttpResponseBodyBytesMax`.
  std::size_t response_body_bytes_max = 256 * 1024;

  /// Send only over a connection that has answered a request before; else `NotSent` with `NoKeptConnection`.
  bool kept_connection_only = false;
  /// Send even though the wall time is `Unknown`: certificate chains are checked, their dates are not, and the
  /// connection is not kept. For `GET /v1/session` only. While false and the time is unknown: `NotSent` with
  /// `ClockUnknown`.
  bool allow_unknown_time = false;
  /// Keep the connection only after an answer of which this says yes, before anything else can be sent over it; none:
  /// after any whole answer. Called once or more, with a body that may be cut off while more of it is to come.
  bool (*worth_keeping)(const HttpResponse& answer) = nullptr;
};

struct HttpResponse {
  int status = 0;                   ///< 100 to 599, the final one
  std::vector<HttpHeader> headers;  ///< names in lower case, in order of arrival
  std::string body;
  bool new_connection = false;  ///< this request opened its connection
};

/// What became of the request. The numbers are stored in records; never renumber.
enum class HttpDelivery : std::uint8_t {
  NotSent = 1,         ///< No byte of the request left: nothing happened. `error.code` is not `Timeout`.
  SentUnanswered = 2,  ///< Some of it may have arrived and been acted on. `error.code` is `Timeout`.
};

/// Why there is no answer. The numbers are stored in records; never renumber.
enum class HttpFault : std::uint8_t {
  // before the connection
  BadRequest = 1,        ///< the request breaks a rule of HttpRequest
  TooManyRequests = 2,   ///< kHttpRequestsMax are under way
  ClockUnknown = 3,      ///< certificate dates cannot be checked; get the time first
  NoKeptConnection = 4,  ///< kept_connection_only, and there is none
  NameNotResolved = 5,   ///< the name server says there is no such name
  NameTimeout = 6,       ///< no name server answered in time
  ConnectFailed = 7,     ///< refused or unreachable
  ConnectTimeout = 8,    ///< no connection within connect_timeout
  // TLS
  Expired = 20,                   ///< a certificate's last day is over
  NotYetValid = 21,               ///< a certificate's first day is to come: look at the clock, too
  WrongName = 22,                 ///< the certificate is for another host
  Untrusted = 23,                 ///< no chain to a trust anchor
  Revoked = 24,                   ///< on the revocation list that was given
  WeakKey = 25,                   ///< RSA under 2048 bits or a curve below P-256
  WeakSignature = 26,             ///< SHA-1 or MD5
  WrongUsage = 27,                ///< the certificate is not one for servers
  ProtocolTooOld = 28,            ///< the server has nothing newer than TLS 1.1
  NoCommonCipher = 29,            ///< nothing in common that has forward secrecy and AEAD
  ClientCertificateRefused = 30,  ///< the server wants a client certificate, or another one
  RevocationListStale = 31,       ///< the revocation list that was given is past its next update
  TlsFailed = 39,                 ///< anything else in the handshake
  // after
  AnswerTimeout = 50,    ///< total_timeout passed
  ConnectionLost = 51,   ///< closed or reset before any answer
  AnswerCutShort = 52,   ///< closed in the middle of an answer
  AnswerTooLarge = 53,   ///< header or body above its limit
  AnswerMalformed = 54,  ///< not HTTP, or lengths that contradict each other
  Cancelled = 55,        ///< by `cancel`
};

struct HttpFailure {
  HttpDelivery delivery;
  HttpFault fault;
  core::Error
      error;  ///< `foreign` is what the layer below said (CURLcode; mbedTLS number, negative; TLS alert, positive)
};

[[nodiscard]] std::string_view to_string(HttpDelivery delivery);
/// `expired`, `wrong_name`, ... as in records, logs and the cloud's health report.
[[nodiscard]] std::string_view to_string(HttpFault fault);

using HttpResult = std::expected<HttpResponse, HttpFailure>;
using HttpCompletion = std::move_only_function<void(HttpResult)>;

/// Names a request under way; never reused in the life of a client; 0 names none.
struct HttpRequestId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const HttpRequestId&, const HttpRequestId&) = default;
};

/// Sends HTTP requests without blocking the loop.
///
/// A driver MUST put a request on the wire at most once: it never repeats, redirects, or falls back, whatever happened
/// to the connection. It MUST call each completion exactly once, from the loop, never from inside `send` or `cancel`;
/// MUST report `NotSent` only where surely no byte of the request left; MUST ignore proxy variables, not send `Expect`,
/// keep connections open for reuse, and check certificates against `hal::Clock`.
///
/// A completion may send, cancel, and end the client. The end of a client drops the completions of what is still under
/// way without calling them: whatever uses a client ends before it does, so they would refer to what is gone. Requests
/// that had left may have arrived. Who ends a client and lives on cancels first and lets the loop turn once.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Starts a request. `done` gets the answer (any status) or the failure, also for a bad request.
  HttpRequestId send(HttpRequest request, HttpCompletion done) { return do_send(std::move(request), std::move(done)); }

  /// Gives a request up: it completes with `Cancelled` at the loop's next turn, `NotSent` only if no byte had left.
  /// Its connection is closed. A request that is over already: nothing.
  void cancel(HttpRequestId request) { do_cancel(request); }

 private:
  virtual HttpRequestId do_send(HttpRequest request, HttpCompletion done) = 0;
  virtual void do_cancel(HttpRequestId request) = 0;
};

/// Checks a request against the rules above, as each driver does first. The fault is `BadRequest`, the error
/// `InvalidArgument`; header names are RFC 9110 tokens, values have no control characters, and the headers that belong
/// to the driver (`Host`, `Content-Length`, `Transfer-Encoding`, `Connection`, `Expect`) are refused.
[[nodiscard]] std::expected<void, HttpFailure> check_http_request(const HttpRequest& request, bool plain_http_allowed);

}  // namespace tillkit::hal
