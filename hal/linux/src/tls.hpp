// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal_linux/http_client.hpp"

// The TLS set-up. No mbedTLS type leaves it: contexts go in and out as the `void*` that libcurl hands around anyway.

namespace tillkit::hal_linux {

/// The span of wall time in which everything that a handshake relied on holds, both ends included.
struct TlsValidity {
  core::WallTime from = core::WallTime::min();
  core::WallTime until = core::WallTime::max();

  [[nodiscard]] bool contains(core::WallTime at) const { return from <= at && at <= until; }
  void narrow(const TlsValidity& other);
};

class TlsHandshake;

/// What a connection offers. Nearly always the first.
enum class TlsOffer : std::uint8_t {
  Newest,     ///< TLS 1.3 and 1.2
  Tls12Only,  ///< for servers of TLS 1.2 that take up what was meant for 1.3, see TlsHandshake::wants_tls12_only
};

/// Trust anchors, revocation lists and this device's certificate, parsed once. Connections point into it: it outlives
/// them.
class TlsIdentity {
 public:
  /// - InvalidArgument: a PEM text that cannot be read, no anchor, or a key that is not the certificate's.
  /// - FailedPrecondition: PSA has not been started (security::Crypto), so there is no randomness.
  [[nodiscard]] static core::Result<std::shared_ptr<const TlsIdentity>> create(const TlsSettings& settings);
  virtual ~TlsIdentity() = default;

  /// Makes the configuration of one connection strict and has `handshake` judge the server's certificates. `ssl_config`
  /// is what libcurl's CURLOPT_SSL_CTX_FUNCTION gives. False: out of memory; the connection must not be made.
  [[nodiscard]] virtual bool configure(void* ssl_config, TlsHandshake& handshake, TlsOffer offer) const = 0;

 protected:
  TlsIdentity() = default;
};

/// What one handshake showed, and the judgement on it.
///
/// It must stay where it is until the handshake is over; afterwards nothing refers to it.
class TlsHandshake {
 public:
  /// `clock` must outlive it. With `dates_count` false the chain is checked, its dates are not.
  TlsHandshake(const hal::Clock& clock, bool dates_count) : clock_(clock), dates_count_(dates_count) {}

  /// Keeps the number of the mbedTLS call that failed, and the fatal alert from the server, if that was why. `ssl` is
  /// what libcurl's CURLINFO_TLS_SSL_PTR gives, or null; to be called while the connection still exists.
  void failed(std::int32_t mbedtls_number, const void* ssl);
  void finished() { finished_ = true; }

  /// What was wrong; none if nothing was noticed. If several things are wrong with the certificates, the one that the
  /// others depend on comes first: Untrusted (then nothing the chain says can be believed), Revoked, WrongName,
  /// WeakSignature, WeakKey, WrongUsage (they last), ClockUnknown, NotYetValid, Expired, RevocationListStale (time, or
  /// the clock, changes them).
  [[nodiscard]] std::optional<hal::HttpFault> fault() const;
  /// The server chose TLS 1.2 and signed with RSA-PSS, which a client that offers 1.3 must offer, and which mbedTLS
  /// takes in 1.3 only. It does so if it goes by its own preference (OpenSSL's cipher_server_preference). Another
  /// connection, with `Tls12Only`, works; all that is lost is the protection of the version, down to one that is good
  /// enough.
  [[nodiscard]] bool wants_tls12_only() const;
  /// The TLS alert received (positive) or what mbedTLS said (negative); 0: neither.
  [[nodiscard]] std::int32_t foreign() const;
  /// Until when a resumed session may stand for this handshake; none if certificates were not checked in full.
  [[nodiscard]] std::optional<TlsValidity> validity() const;

  // For the verification of the certificates, which goes from the anchor to the server's own.
  void restart(const void* revocation_lists);
  void judged(std::uint32_t flags, const TlsValidity& validity, bool servers_own);
  [[nodiscard]] bool at_top_of_chain() const { return !judging_; }
  [[nodiscard]] bool dates_count() const { return dates_count_; }
  [[nodiscard]] core::WallReading now() const { return clock_.wall(); }
  [[nodiscard]] const void* revocation_lists() const { return revocation_lists_; }

 private:
  const hal::Clock& clock_;
  const bool dates_count_;
  const void* revocation_lists_ = nullptr;
  bool judging_ = false;          // one certificate of the chain has been judged
  bool server_accepted_ = false;  // all have, and nothing was wrong
  bool finished_ = false;
  bool tls12_ = false;       // the server chose it
  std::uint32_t flags_ = 0;  // mbedTLS's own bits
  std::int32_t alert_ = 0;
  std::int32_t error_ = 0;
  TlsValidity validity_;
};

}  // namespace tillkit::hal_linux
