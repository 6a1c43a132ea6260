// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::sandbox {

struct AuthoritySettings {
  std::string folder{};                         ///< root.pem, signing.pem and trust.pem lie here
  std::vector<std::string> names{"localhost"};  ///< of the server; 127.0.0.1 is always one of them
  std::chrono::seconds device_validity = std::chrono::days(365);
};

/// A device's certificate.
struct DeviceCertificate {
  std::string pem{};
  std::string serial{};  ///< hexadecimal
  core::WallTime until{};
};

/// Who a client's certificate was made for.
struct CertificateHolder {
  std::string terminal{};
  std::string serial{};
};

/// The cloud's certificate authority and its signing key, on OpenSSL: devices use mbedTLS, so neither side checks its
/// own mistakes. Callable from any thread.
class Authority {
 public:
  virtual ~Authority() = default;

  /// Reads the keys from the folder, or makes them at the first start, each in a file that is there whole or not at
  /// all.
  /// - Unavailable: the folder cannot be written.
  /// - Corrupt: a file is there and is no key with its certificate.
  [[nodiscard]] static core::Result<std::unique_ptr<Authority>> open(const AuthoritySettings& settings);

  /// The public key that a certificate request (PEM) is for: 65 bytes.
  /// - InvalidArgument: it cannot be read, is not signed by its own key, or the key is no P-256 key.
  [[nodiscard]] virtual core::Result<std::string> requested_key(std::string_view request) const = 0;

  /// Makes the certificate of a terminal for a request that `requested_key` took.
  [[nodiscard]] virtual core::Result<DeviceCertificate> issue(std::string_view request, std::string_view terminal) = 0;

  /// `InvalidArgument`: not one of ours.
  [[nodiscard]] virtual core::Result<CertificateHolder> holder(std::string_view der) const = 0;

  /// Refuses the certificate in handshakes, until the process ends: whoever keeps the list says it again at a start.
  virtual void revoke(const std::string& serial) = 0;

  [[nodiscard]] virtual const std::string& root_pem() const = 0;

  /// What the cloud signs with: the name of the key, its public half (65 bytes), and ES256 (r and s, 64 bytes).
  [[nodiscard]] virtual const std::string& signing_key_name() const = 0;
  [[nodiscard]] virtual const std::string& signing_public_key() const = 0;
  [[nodiscard]] virtual core::Result<std::string> sign(std::string_view message) const = 0;

  /// Sets the server's side of TLS up: its certificate, and clients' certificates of this authority, which are asked
  /// for and not demanded: a device that enrols has none yet.
  [[nodiscard]] virtual bool set_up(ssl_ctx_st& context) = 0;
};

}  // namespace tillkit::sandbox
