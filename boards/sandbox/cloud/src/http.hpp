// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tillkit/core/result.hpp"

struct ssl_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's SSL_CTX

/// HTTP for the sandbox's programs, as far as they need it. The library behind it stays in http.cpp.
namespace tillkit::sandbox {

struct HttpRequest {
  std::string method{};
  std::string path{};
  std::multimap<std::string, std::string> query{};
  std::string content_type{};
  std::string authorization{};
  std::string body{};
  std::string client_certificate{};  ///< DER, its chain checked by TLS; empty where the client showed none
};

/// Ways in which a peer is worse than one that answers. For stand-ins.
enum class Misbehaviour : std::uint8_t {
  None,
  HangsUp,       ///< Closes the connection instead of answering.
  AnswersTwice,  ///< Sends the whole answer a second time behind the first.
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::optional<std::chrono::seconds> retry_after{};
  Misbehaviour misbehaviour = Misbehaviour::None;
  /// Instead of a body: asked again and again for what comes next, and may wait for it; none ends the answer. It is
  /// asked for the last time after `stop` was called, too.
  std::function<std::optional<std::string>()> stream{};
};

/// Called on a thread per connection, several at a time.
using HttpHandler = std::function<HttpAnswer(const HttpRequest&)>;

/// A server listens on loopback only.
struct HttpServerOptions {
  int port = 0;                     ///< 0: any that is free
  std::size_t connections_max = 8;  ///< threads; further connections wait until one is closed
  std::size_t body_bytes_max = 0;   ///< a longer body is not read: `body_too_large`
  HttpAnswer body_too_large{};
  HttpAnswer not_understood{};             ///< what is no HTTP, or asks for more than HTTP headers may hold
  std::function<bool(ssl_ctx_st&)> tls{};  ///< sets TLS up; without it the server speaks plain HTTP
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;

  /// Takes the port; requests are answered from `start` on.
  /// - Unavailable: the port is not free.
  /// - FailedPrecondition: TLS could not be set up.
  [[nodiscard]] static core::Result<std::unique_ptr<HttpServer>> bind(HttpServerOptions options, HttpHandler handler);

  [[nodiscard]] virtual int port() const = 0;
  virtual void start() = 0;
  /// Answers what is under way, closes all connections and returns; called once.
  virtual void stop() = 0;
};

struct HttpReply {
  int status = 0;
  std::string content_type{};
  std::string body{};
};

/// Posts JSON on a connection of its own and waits for the answer, about `limit` long. `authorization` is the header's
/// value; empty: none.
/// - Unavailable: no connection; nothing left this program.
/// - Timeout: no answer, or not all of it.
[[nodiscard]] core::Result<HttpReply> http_post(const std::string& origin, const std::string& path,
                                                const std::string& body, std::chrono::milliseconds limit,
                                                const std::string& authorization = {});

}  // namespace tillkit::sandbox
