// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <mbedtls/asn1.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

extern "C" {  // this one forgets to say that it is C
#include <mbedtls/psa_util.h>
}

#include "tls.hpp"
#include "tls_needed.hpp"
#include "tls_verify.hpp"

namespace tillkit::hal_linux {
namespace {

using core::ErrorCode;
using core::ErrorSource;

/// Forward secrecy and authenticated encryption only. AES-256-GCM first where the processor has AES, ChaCha20 before
/// AES-128 where it has not (a Cortex-A7), would be faster on one of them; servers choose by their own order anyway.
constexpr std::array<int, 10> kCipherSuites = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

/// All that mbedTLS takes in TLS 1.2; by default it would offer more.
constexpr std::array<std::uint16_t, 6> kTls12Signatures = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_NONE,
};

/// What mbedTLS's default allows today, spelled out: a profile there may change between minor versions.
constexpr mbedtls_x509_crt_profile certificate_profile() {
  mbedtls_x509_crt_profile profile{};
  profile.allowed_mds = MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
                        MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512);
  profile.allowed_pks = MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_RSA) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) |
                        MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_RSASSA_PSS);
  profile.allowed_curves =
      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) | MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1);
  profile.rsa_min_bitlen = 2048;
  return profile;
}
constexpr mbedtls_x509_crt_profile kProfile = certificate_profile();

core::Result<> parsed(int mbedtls_result) {
  if (mbedtls_result == 0) return {};
  // Positive: so many certificates of several could not be read. One of them may be the one that counts.
  const int number = mbedtls_result < 0 ? mbedtls_result : MBEDTLS_ERR_X509_INVALID_FORMAT;
  return core::fail(ErrorCode::InvalidArgument, ErrorSource::Mbedtls, number);
}

/// mbedTLS wants the closing zero of a PEM text to be counted.
template <class Parse, class Into>
core::Result<> parse_pem(Parse parse, Into& into, const std::string& pem) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(pem.c_str());
  return parsed(parse(&into, bytes, pem.size() + 1));
}

class Identity final : public TlsIdentity {
 public:
  Identity() {
    mbedtls_x509_crt_init(&anchors_);
    mbedtls_x509_crt_init(&own_chain_);
    mbedtls_x509_crl_init(&lists_);
    mbedtls_pk_init(&own_key_);
  }
  ~Identity() override {
    mbedtls_pk_free(&own_key_);
    mbedtls_x509_crl_free(&lists_);
    mbedtls_x509_crt_free(&own_chain_);
    mbedtls_x509_crt_free(&anchors_);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  [[nodiscard]] core::Result<> load(const TlsSettings& settings);
  [[nodiscard]] bool configure(void* ssl_config, TlsHandshake& handshake, TlsOffer offer) const override;

 private:
  [[nodiscard]] core::Result<> load_own(const TlsSettings& settings);

  // mbedTLS takes what it only reads through pointers that are not const.
  mutable mbedtls_x509_crt anchors_;
  mutable mbedtls_x509_crl lists_;
  mutable mbedtls_x509_crt own_chain_;
  mutable mbedtls_pk_context own_key_;
  bool has_lists_ = false;
  bool has_own_ = false;
};

core::Result<> Identity::load(const TlsSettings& settings) {
  if (!settings.trust_anchors_pem.empty())
    TILLKIT_TRY_VOID(parse_pem(mbedtls_x509_crt_parse, anchors_, settings.trust_anchors_pem));
  if (!settings.revocation_lists_pem.empty()) {
    TILLKIT_TRY_VOID(parse_pem(mbedtls_x509_crl_parse, lists_, settings.revocation_lists_pem));
    has_lists_ = true;
  }
  return load_own(settings);
}

core::Result<> Identity::load_own(const TlsSettings& settings) {
  const bool has_key = settings.client_key != security::KeyId{};
  if (settings.client_chain_pem.empty() != !has_key) return core::fail(ErrorCode::InvalidArgument);
  if (!has_key) return {};

  TILLKIT_TRY_VOID(parse_pem(mbedtls_x509_crt_parse, own_chain_, settings.client_chain_pem));
  TILLKIT_TRY_VOID(parsed(mbedtls_pk_setup_opaque(&own_key_, settings.client_key.value)));
  TILLKIT_TRY_VOID(
      parsed(mbedtls_pk_check_pair(&own_chain_.pk, &own_key_, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE)));
  has_own_ = true;
  return {};
}

bool Identity::configure(void* ssl_config, TlsHandshake& handshake, TlsOffer offer) const {
  auto& config = *static_cast<mbedtls_ssl_config*>(ssl_config);
  handshake.restart(has_lists_ ? &lists_ : nullptr);

  mbedtls_ssl_conf_rng(&config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
  if (offer == TlsOffer::Tls12Only) {
    mbedtls_ssl_conf_max_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_sig_algs(&config, kTls12Signatures.data());
  }
  mbedtls_ssl_conf_ciphersuites(&config, kCipherSuites.data());
  mbedtls_ssl_conf_cert_profile(&config, &kProfile);
  mbedtls_ssl_conf_ca_chain(&config, &anchors_, has_lists_ ? &lists_ : nullptr);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_verify(&config, judge_certificate, &handshake);
  // The groups are not set here: mbedTLS has already taken them over when libcurl calls. Its default list holds nothing
  // below P-256, and our build nothing but P-256, P-384 and X25519. The same goes for signatures: SHA-2 only.
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  // A new handshake on a kept connection would call for a judge who is gone.
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_legacy_renegotiation(&config, MBEDTLS_SSL_LEGACY_NO_RENEGOTIATION);
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  mbedtls_ssl_conf_session_tickets(&config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);  // libcurl had switched them off
#endif
  return !has_own_ || mbedtls_ssl_conf_own_cert(&config, &own_chain_, &own_key_) == 0;
}

}  // namespace

core::Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::create(const TlsSettings& settings) {
  std::array<std::uint8_t, 1> probe{};
  if (const auto status = psa_generate_random(probe.data(), probe.size()); status != PSA_SUCCESS)
    return core::fail(ErrorCode::FailedPrecondition, ErrorSource::Mbedtls, status);

  auto identity = std::make_shared<Identity>();
  TILLKIT_TRY_VOID(identity->load(settings));
  return identity;
}

}  // namespace tillkit::hal_linux
