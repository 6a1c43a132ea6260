// SPDX-License-Identifier: Apache-2.0
#include "tls_verify.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>

#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crl.h>

#include "tls.hpp"
#include "tls_needed.hpp"

namespace tillkit::hal_linux {
namespace {

using hal::HttpFault;

constexpr std::uint32_t kDateFlags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                                     MBEDTLS_X509_BADCRL_EXPIRED | MBEDTLS_X509_BADCRL_FUTURE;
/// mbedTLS keeps this bit free for callbacks.
constexpr std::uint32_t kClockUnknown = MBEDTLS_X509_BADCERT_OTHER;

struct Judgement {
  std::uint32_t flags;
  HttpFault fault;
};

/// In order of weight, see TlsHandshake::fault.
constexpr std::array kJudgements = {
    Judgement{MBEDTLS_X509_BADCERT_NOT_TRUSTED | MBEDTLS_X509_BADCERT_MISSING | MBEDTLS_X509_BADCERT_SKIP_VERIFY,
              HttpFault::Untrusted},
    Judgement{MBEDTLS_X509_BADCERT_REVOKED, HttpFault::Revoked},
    Judgement{MBEDTLS_X509_BADCERT_CN_MISMATCH, HttpFault::WrongName},
    Judgement{MBEDTLS_X509_BADCERT_BAD_MD, HttpFault::WeakSignature},
    Judgement{MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_PK, HttpFault::WeakKey},
    Judgement{MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
              HttpFault::WrongUsage},
    Judgement{kClockUnknown, HttpFault::ClockUnknown},
    Judgement{MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCRL_FUTURE, HttpFault::NotYetValid},
    Judgement{MBEDTLS_X509_BADCERT_EXPIRED, HttpFault::Expired},
    Judgement{MBEDTLS_X509_BADCRL_EXPIRED, HttpFault::RevocationListStale},
    // A list that is forged, or signed too weakly, says nothing about who is on it.
    Judgement{MBEDTLS_X509_BADCRL_NOT_TRUSTED, HttpFault::Untrusted},
    Judgement{MBEDTLS_X509_BADCRL_BAD_MD, HttpFault::WeakSignature},
    Judgement{MBEDTLS_X509_BADCRL_BAD_PK | MBEDTLS_X509_BADCRL_BAD_KEY, HttpFault::WeakKey},
};

core::WallTime wall_time(const mbedtls_x509_time& at) {
  using namespace std::chrono;
  const auto day =
      year{at.year} / month{static_cast<unsigned>(at.mon)} / std::chrono::day{static_cast<unsigned>(at.day)};
  return core::WallTime{duration_cast<milliseconds>(sys_days{day}.time_since_epoch() + hours{at.hour} +
                                                    minutes{at.min} + seconds{at.sec})};
}

TlsValidity validity_of(const mbedtls_x509_time& from, const mbedtls_x509_time& until) {
  // The last second counts to its end (RFC 5280, section 4.1.2.5). A list without a next update (year 0) ends at once.
  const auto end = until.year == 0 ? wall_time(from) : wall_time(until) + std::chrono::milliseconds{999};
  return {wall_time(from), end};
}

/// The same name, as mbedTLS compares them: attribute by attribute, letters in either case.
bool same_name(const mbedtls_x509_name* a, const mbedtls_x509_name* b) {
  const auto bytes = [](const mbedtls_asn1_buf& text) { return std::span(text.p, text.len); };
  const auto lower = [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c - 'A' + 'a') : c;
  };
  for (; a != nullptr && b != nullptr; a = a->next, b = b->next) {
    if (!std::ranges::equal(bytes(a->oid), bytes(b->oid))) return false;
    if (!std::ranges::equal(bytes(a->val), bytes(b->val), {}, lower, lower)) return false;
  }
  return a == nullptr && b == nullptr;
}

/// The span of the revocation list that the issuer of `certificate` gave; of several, of the one that lasts longest.
std::optional<TlsValidity> list_validity(const mbedtls_x509_crl* lists, const mbedtls_x509_crt& certificate) {
  std::optional<TlsValidity> newest;
  for (auto list = lists; list != nullptr && list->version != 0; list = list->next) {
    if (!same_name(&list->issuer, &certificate.issuer)) continue;
    const auto validity = validity_of(list->this_update, list->next_update);
    if (!newest || newest->until < validity.until) newest = validity;
  }
  return newest;
}

std::uint32_t date_flags(const TlsHandshake& handshake, const TlsValidity& certificate,
                         const std::optional<TlsValidity>& list) {
  const auto now = handshake.now();
  if (now.quality == core::WallQuality::Unknown) return kClockUnknown;
  std::uint32_t flags = 0;
  if (now.at > certificate.until) flags |= MBEDTLS_X509_BADCERT_EXPIRED;
  if (now.at < certificate.from) flags |= MBEDTLS_X509_BADCERT_FUTURE;
  if (list && now.at > list->until) flags |= MBEDTLS_X509_BADCRL_EXPIRED;
  if (list && now.at < list->from) flags |= MBEDTLS_X509_BADCRL_FUTURE;
  return flags;
}

/// mbedTLS looks at the usages of the server's own certificate too, but after its callback and without a flag that
/// libcurl would keep. An issuer with a list of usages can only pass those on: one for client certificates makes none
/// for servers.
std::uint32_t usage_flags(const mbedtls_x509_crt& certificate, bool servers_own) {
  std::uint32_t flags = 0;
  if (mbedtls_x509_crt_check_extended_key_usage(&certificate, MBEDTLS_OID_SERVER_AUTH,
                                                MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0)
    flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
  // All suites that are offered have the server sign; none encrypts with the certificate's key.
  if (servers_own && mbedtls_x509_crt_check_key_usage(&certificate, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0)
    flags |= MBEDTLS_X509_BADCERT_KEY_USAGE;
  return flags;
}

/// Alerts by which a server turns a client's certificate down. 40 is how TLS 1.2 servers say that there was none.
bool is_about_our_certificate(std::int32_t alert) {
  switch (alert) {
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
    case MBEDTLS_SSL_ALERT_MSG_NO_CERT:
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN:
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
    case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED: return true;
    default: return false;
  }
}

HttpFault fault_of_number(std::int32_t number) {
  // mbedTLS adds the number of a lower layer, in the last seven bits, to that of a higher one.
  const auto high = -(-number & ~0x7f);
  switch (high) {
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return HttpFault::ProtocolTooOld;
    case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG:
    case MBEDTLS_ERR_X509_SIG_MISMATCH: return HttpFault::WeakSignature;
    case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE: return HttpFault::WeakKey;
    default: return HttpFault::TlsFailed;
  }
}

}  // namespace

int judge_certificate(void* handshake, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
  auto& judge = *static_cast<TlsHandshake*>(handshake);
  const bool servers_own = depth == 0;
  auto validity = validity_of(certificate->valid_from, certificate->valid_to);
  // The top of the chain has nobody above it who could have revoked it.
  const auto list = judge.at_top_of_chain()
                        ? std::nullopt
                        : list_validity(static_cast<const mbedtls_x509_crl*>(judge.revocation_lists()), *certificate);

  *flags &= ~kDateFlags;
  if (judge.dates_count()) *flags |= date_flags(judge, validity, list);
  *flags |= usage_flags(*certificate, servers_own);

  if (list) validity.narrow(*list);
  judge.judged(*flags, validity, servers_own);
  return 0;
}

void TlsValidity::narrow(const TlsValidity& other) {
  from = std::max(from, other.from);
  until = std::min(until, other.until);
}

void TlsHandshake::restart(const void* revocation_lists) {
  revocation_lists_ = revocation_lists;
  judging_ = false;
  server_accepted_ = false;
  finished_ = false;
  tls12_ = false;
  flags_ = 0;
  alert_ = 0;
  error_ = 0;
  validity_ = {};
}

void TlsHandshake::judged(std::uint32_t flags, const TlsValidity& validity, bool servers_own) {
  judging_ = true;
  flags_ |= flags;
  validity_.narrow(validity);
  server_accepted_ = servers_own && flags_ == 0;
}

void TlsHandshake::failed(std::int32_t mbedtls_number, const void* ssl) {
  error_ = mbedtls_number;
  if (ssl == nullptr) return;
  const auto& context = *static_cast<const mbedtls_ssl_context*>(ssl);
  tls12_ = mbedtls_ssl_get_version_number(&context) == MBEDTLS_SSL_VERSION_TLS1_2;

  // mbedTLS reports 'a fatal alert' and keeps to itself which. Its debug output would say it, and much else that must
  // not be said; but the two bytes of the alert still lie where it has just read them. The header that we compile with
  // is the one that it was built with (tls_needed.hpp pins the series), so the place is known.
  const auto* message = context.MBEDTLS_PRIVATE(in_msg);
  if (message == nullptr || context.MBEDTLS_PRIVATE(in_msgtype) != MBEDTLS_SSL_MSG_ALERT) return;
  if (context.MBEDTLS_PRIVATE(in_msglen) != 2 || message[0] != MBEDTLS_SSL_ALERT_LEVEL_FATAL) return;
  alert_ = message[1];
}

std::optional<HttpFault> TlsHandshake::fault() const {
  for (const auto& judgement : kJudgements)
    if ((flags_ & judgement.flags) != 0) return judgement.fault;

  if (alert_ == MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION) return HttpFault::ProtocolTooOld;
  if (server_accepted_ || finished_) {
    // After the server's certificate was taken, the only thing left to disagree about is ours.
    if (is_about_our_certificate(alert_)) return HttpFault::ClientCertificateRefused;
  } else if (alert_ == MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE ||
             alert_ == MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY) {
    return HttpFault::NoCommonCipher;
  }
  if (alert_ != 0) return HttpFault::TlsFailed;
  if (error_ != 0) return fault_of_number(error_);
  return std::nullopt;
}

bool TlsHandshake::wants_tls12_only() const {
  return tls12_ && server_accepted_ && !finished_ && alert_ == 0 && error_ == MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER;
}

std::int32_t TlsHandshake::foreign() const {
  if (flags_ != 0) return MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;  // libcurl keeps this one number to itself
  return alert_ != 0 ? alert_ : error_;
}

std::optional<TlsValidity> TlsHandshake::validity() const {
  if (!server_accepted_ || !dates_count_) return std::nullopt;
  return validity_;
}

}  // namespace tillkit::hal_linux
