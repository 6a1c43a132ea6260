// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/cloud/session.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/http_client.hpp"

namespace tillkit::cloud {

struct LinkSettings {
  std::string origin;  ///< `https://pay.example`, without a path
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds session_timeout{6'000};
};

/// What is to be sent.
struct LinkRequest {
  hal::HttpMethod method = hal::HttpMethod::Post;
  std::string target;      ///< path and query
  core::Secret body = {};  ///< of a Post: JSON
  /// From the request until its answer is here. The cloud answers within 10 s.
  std::chrono::milliseconds timeout{15'000};
  /// The same, where a connection had to be opened first; none: `timeout`.
  std::optional<std::chrono::milliseconds> timeout_once_opened = {};
  std::optional<std::chrono::milliseconds> session_timeout = {};  ///< none: the link's
  std::size_t answer_bytes_max = kAnswerBodyBytesMax;
};

/// Makes a POST of a body that a function of this module wrote; the text is wiped.
[[nodiscard]] LinkRequest post(std::string_view path, std::string body);

/// Why there is no answer.
struct LinkFailure {
  core::Error error;
  std::optional<hal::HttpFault> fault;  ///< none: the session was answered, and refused or not understood
};

using LinkResult = std::expected<hal::HttpResponse, LinkFailure>;
/// Called once, later, from the loop.
using LinkDone = std::move_only_function<void(LinkResult)>;

/// Valid as long as the response.
[[nodiscard]] Reply reply_of(const hal::HttpResponse& response);

/// Sends requests to the cloud.
///
/// A request goes out only over a connection that has answered `GET /v1/session` (or another request after it), and it
/// goes out at most once: where there is no such connection, one is opened with the session first. What goes wrong
/// until then means that nothing happened, and is never a Timeout. A connection on which the session was refused, or
/// not understood, is not kept.
///
/// It keeps no state: it may end while requests are under way, and their answers still arrive. A copy of a body lives
/// until its answer is here and is wiped then; the HTTP client has its own.
class Link {
 public:
  /// `http` must outlive it, and all requests that are under way.
  Link(hal::HttpClient& http, LinkSettings settings) : http_(http), settings_(std::move(settings)) {}

  /// Fails with:
  /// - Timeout: it left, and nobody knows what came of it. - Unavailable and all else: nothing happened.
  void send(LinkRequest request, LinkDone done) const;

  /// Asks for the session alone: opens a connection before it is needed, or shows that the one at hand still works.
  void open(LinkDone done) const;

  /// Asks for a signed time, which is all that may be asked while this terminal does not know the time: dates of
  /// certificates are not checked, and the connection is not kept. Read the answer with `read_session`. `nonce` has
  /// `kNonceBytes` random bytes; `InvalidArgument`: it has not, and `done` is not called.
  [[nodiscard]] core::Result<> ask_time(core::ByteView nonce, LinkDone done) const;

 private:
  hal::HttpClient& http_;
  LinkSettings settings_;
};

}  // namespace tillkit::cloud
