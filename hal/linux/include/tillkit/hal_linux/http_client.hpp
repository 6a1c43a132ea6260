// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::hal_linux {

/// How a client proves who it is and whom it believes. All texts are PEM.
struct TlsSettings {
  /// The only roots believed; the system's store is never asked. Empty only where plain HTTP is allowed: then no
  /// `https` server is believed.
  std::string trust_anchors_pem;
  /// Checked for each certificate of a chain whose issuer has a list here; the list must not be past its next update.
  /// An issuer without one is not asked about: a server's new intermediate must not silence every terminal.
  std::string revocation_lists_pem;
  std::string client_chain_pem;  ///< this device's certificate, then intermediates; empty: none is offered
  security::KeyId client_key;    ///< the key of the first certificate in client_chain_pem
};

struct HttpClientSettings {
  TlsSettings tls;
  bool plain_http_allowed = false;  ///< `http://` for loopback peers of the sandbox and of tests
  std::size_t kept_connections_max = 3;
  std::vector<std::string> name_servers;  ///< `192.0.2.1` or `192.0.2.1:5353`; empty: those of /etc/resolv.conf
};

/// `hal::HttpClient` on libcurl's multi interface, driven by the board's loop. Names by c-ares.
///
/// TLS 1.3 and 1.2 by mbedTLS, only with forward secrecy, authenticated encryption and SHA-2. Sessions are resumed; a
/// kept connection or session is not used past the time for which its certificates were found good. If several things
/// are wrong with a server's certificates, the fault that is told is the one that the others depend on: Untrusted,
/// Revoked, WrongName, WeakSignature, WeakKey, WrongUsage, NotYetValid, Expired, RevocationListStale.
///
/// `HttpFailure::error` holds libcurl's number (`ErrorSource::Curl`), or for TLS what mbedTLS said (negative) or the
/// alert that the server sent (positive, RFC 8446 section 6).
///
/// In TLS 1.3 a request leaves before the server has looked at the client's certificate: `ClientCertificateRefused`
/// then comes as `SentUnanswered`.
class HttpClient final : public hal::HttpClient {
 public:
  /// `loop` and `clock` must outlive the client, and so must a `security::Crypto`: it holds the client key, and all
  /// randomness of TLS comes through it.
  /// - InvalidArgument: a PEM text that cannot be read or a client key that is not the certificate's (both with
  /// mbedTLS's
  ///   number), a client key or chain without the other, a name server that is no address, or no trust anchor.
  /// - FailedPrecondition: no Crypto lives.
  /// - Unsupported: this libcurl was built without mbedTLS 3.6 or without c-ares.
  /// - Exhausted: no memory, or no timer of the loop is left.
  [[nodiscard]] static core::Result<std::unique_ptr<HttpClient>> create(EventLoop& loop, const hal::Clock& clock,
                                                                        HttpClientSettings settings);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Takes new trust or a renewed certificate. Kept connections are closed, sessions forgotten; requests under way go
  /// on as they began. Fails as `create` does; then nothing has changed.
  [[nodiscard]] core::Result<> replace_tls(const TlsSettings& tls);

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  hal::HttpRequestId do_send(hal::HttpRequest request, hal::HttpCompletion done) override;
  void do_cancel(hal::HttpRequestId request) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
