// SPDX-License-Identifier: Apache-2.0
#include "http.hpp"

// select() ends at 1,024 descriptors.
#define CPPHTTPLIB_USE_POLL
#define CPPHTTPLIB_OPENSSL_SUPPORT
#include <thread>

#include <httplib.h>

#include "tillkit/core/bytes.hpp"

namespace tillkit::sandbox {
namespace {

using core::ErrorCode;
using core::ErrorSource;
using core::fail;
using core::Result;

constexpr const char* kHost = "127.0.0.1";
/// A device keeps its connections; each costs a thread, and nothing is gained by closing one.
constexpr std::chrono::seconds kIdleMax{300};
constexpr std::size_t kRequestsPerConnectionMax = 1'000'000'000;

std::string certificate_of(const httplib::Request& request) {
  if (request.ssl == nullptr) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(request.ssl), &X509_free);
  if (certificate == nullptr) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

/// The library gives a handler no hold of its connection: it is found by the peer's port.
void hang_up_on(int peer_port) {
  constexpr int kDescriptorsMax = 4'096;
  for (int descriptor = 0; descriptor < kDescriptorsMax; ++descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == peer_port) shutdown(descriptor, SHUT_RDWR);
  }
}

/// The body, and behind it a whole second answer that nobody asked for.
void answer_twice(const HttpAnswer& answer, httplib::Response& response) {
  response.set_content_provider(
      answer.body.size(), answer.content_type, [answer](std::size_t, std::size_t, httplib::DataSink& sink) {
        const std::string both = answer.body + "HTTP/1.1 200 OK\r\nContent-Type: " + answer.content_type +
                                 "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
        return sink.write(both.data(), both.size());
      });
}

void write_answer(const HttpAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  if (answer.retry_after) response.set_header("Retry-After", std::to_string(answer.retry_after->count()));
  if (answer.misbehaviour == Misbehaviour::AnswersTwice) {
    answer_twice(answer, response);
  } else if (answer.stream) {
    response.set_chunked_content_provider(answer.content_type,
                                          [next = answer.stream](std::size_t, httplib::DataSink& sink) {
                                            const auto piece = next();
                                            if (!piece) {
                                              sink.done();
                                              return true;
                                            }
                                            return sink.write(piece->data(), piece->size());
                                          });
  } else {
    response.set_content(answer.body, answer.content_type);
  }
}

class LibraryServer final : public HttpServer {
 public:
  LibraryServer(HttpServerOptions options, HttpHandler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {
    if (options_.tls) {
      server_ = std::make_unique<httplib::SSLServer>([this](SSL_CTX& context) { return options_.tls(context); });
    } else {
      server_ = std::make_unique<httplib::Server>();
    }
  }

  Result<> bind_port() {
    if (!server_->is_valid()) return fail(ErrorCode::FailedPrecondition);
    set_up();
    if (options_.port == 0) {
      port_ = server_->bind_to_any_port(kHost);
    } else {
      port_ = server_->bind_to_port(kHost, options_.port) ? options_.port : -1;
    }
    if (port_ <= 0) return fail(ErrorCode::Unavailable);
    return {};
  }

  int port() const override { return port_; }

  void start() override {
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    server_->wait_until_ready();
  }

  void stop() override {
    server_->stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void set_up() {
    const std::size_t threads = options_.connections_max;
    server_->new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    // The library's own choice would share the port with whoever else takes it.
    server_->set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_->set_tcp_nodelay(true);
    server_->set_keep_alive_timeout(kIdleMax.count());
    server_->set_keep_alive_max_count(kRequestsPerConnectionMax);
    server_->set_payload_max_length(options_.body_bytes_max);
    server_->set_error_handler(httplib::Server::HandlerWithResponse([this](const auto&, httplib::Response& response) {
      // Answers of the handler have a body; the library's own have none.
      if (!response.body.empty() || response.content_length_ > 0) return httplib::Server::HandlerResponse::Unhandled;
      write_answer(response.status == 413 ? options_.body_too_large : options_.not_understood, response);
      return httplib::Server::HandlerResponse::Handled;
    }));
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      handle(request, response);
    };
    server_->Get(".*", answer);
    server_->Post(".*", answer);
  }

  void handle(const httplib::Request& request, httplib::Response& response) const {
    HttpRequest asked{.method = request.method,
                      .path = request.path,
                      .query = request.params,
                      .content_type = request.get_header_value("Content-Type"),
                      .authorization = request.get_header_value("Authorization"),
                      .body = request.body,
                      .client_certificate = certificate_of(request)};
    const HttpAnswer answer = handler_(asked);
    core::wipe(asked.body);
    if (answer.misbehaviour == Misbehaviour::HangsUp) hang_up_on(request.remote_port);
    write_answer(answer, response);
  }

  HttpServerOptions options_;
  HttpHandler handler_;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::bind(HttpServerOptions options, HttpHandler handler) {
  auto server = std::make_unique<LibraryServer>(std::move(options), std::move(handler));
  TILLKIT_TRY_VOID(server->bind_port());
  return std::unique_ptr<HttpServer>(std::move(server));
}

Result<HttpReply> http_post(const std::string& origin, const std::string& path, const std::string& body,
                            std::chrono::milliseconds limit, const std::string& authorization) {
  // A connection of its own: what a peer sends behind an answer cannot be taken for the next one.
  httplib::Client client(origin);
  client.set_keep_alive(false);
  client.set_connection_timeout(limit);
  client.set_read_timeout(limit);
  client.set_write_timeout(limit);
  const auto until = std::chrono::steady_clock::now() + limit;
  httplib::Headers headers;
  if (!authorization.empty()) headers.emplace("Authorization", authorization);
  const httplib::Result result =
      client.Post(path, headers, body, "application/json",
                  [until](std::uint64_t, std::uint64_t) { return std::chrono::steady_clock::now() < until; });
  if (!result) {
    const httplib::Error error = result.error();
    const bool connected = error != httplib::Error::Connection && error != httplib::Error::ConnectionTimeout &&
                           error != httplib::Error::BindIPAddress;
    return fail(connected ? ErrorCode::Timeout : ErrorCode::Unavailable, ErrorSource::Http, static_cast<int>(error));
  }
  return HttpReply{
      .status = result->status, .content_type = result->get_header_value("Content-Type"), .body = result->body};
}

}  // namespace tillkit::sandbox
