// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <mbedtls/pk.h>
#include <mbedtls/x509_csr.h>

#include "psa_context.hpp"
#include "signing_key.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/utf8.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::security {
namespace {

// A P-256 request with a name of 64 bytes is about 300 bytes, in PEM about 450.
constexpr std::size_t kPemBytesMax = 1024;

class Writer {
 public:
  Writer() {
    mbedtls_pk_init(&key_);
    mbedtls_x509write_csr_init(&request_);
  }
  ~Writer() {
    mbedtls_x509write_csr_free(&request_);
    mbedtls_pk_free(&key_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// mbedTLS's error number or 0; `pem` ends with a zero.
  int write(KeyId key, const std::string& subject, std::span<unsigned char> pem) {
    if (const int error = mbedtls_pk_setup_opaque(&key_, key.value); error != 0) return error;
    mbedtls_x509write_csr_set_key(&request_, &key_);
    mbedtls_x509write_csr_set_md_alg(&request_, MBEDTLS_MD_SHA256);
    if (const int error = mbedtls_x509write_csr_set_subject_name(&request_, subject.c_str()); error != 0) return error;
    // No random source: an opaque key is used inside PSA, which has its own.
    return mbedtls_x509write_csr_pem(&request_, pem.data(), pem.size(), nullptr, nullptr);
  }

 private:
  mbedtls_pk_context key_;
  mbedtls_x509write_csr request_;
};

core::Result<> check_common_name(std::string_view name) {
  if (name.empty() || name.size() > kCommonNameBytesMax) return core::fail(core::ErrorCode::InvalidArgument);
  TILLKIT_TRY_VOID(core::check_utf8(name));
  // Control characters would forge lines in the logs of whoever reads certificates.
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (const auto found = std::ranges::find_if(name, control); found != name.end()) {
    return core::fail_at(static_cast<std::size_t>(found - name.begin()));
  }
  return {};
}

/// `CN=` and the DER of a UTF8String in hex (RFC 4514, section 2.4): the form that mbedTLS takes without interpreting
/// `,` `=` `+` `\` or spaces.
std::string subject_of(std::string_view name) {
  static_assert(kCommonNameBytesMax < 0x80, "a longer one needs DER's long form of the length");
  const std::array<std::byte, 2> tag_and_length{std::byte{MBEDTLS_ASN1_UTF8_STRING},
                                                static_cast<std::byte>(name.size())};
  return "CN=#" + core::encode_hex(tag_and_length) + core::encode_hex(core::as_bytes(name));
}

}  // namespace

core::Result<std::string> Crypto::certificate_request(KeyId key, std::string_view common_name) const {
  TILLKIT_TRY_VOID(check_signing_key(key));
  TILLKIT_TRY_VOID(check_common_name(common_name));
  // Loads the key, because mbedtls_pk_setup_opaque says 'bad input' whatever the reason is.
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  TILLKIT_TRY_VOID(call_psa([&] { return psa_get_key_attributes(key.value, &attributes); }));
  psa_reset_key_attributes(&attributes);

  std::array<unsigned char, kPemBytesMax> pem{};
  begin_call();
  const int error = Writer().write(key, subject_of(common_name), pem);
  if (error == 0) return std::string(reinterpret_cast<const char*>(pem.data()));

  // mbedTLS replaces the reason on its way out; the key store's or the random source's own comes first.
  if (const auto& reason = active_context()->error) return std::unexpected(*reason);
  const bool memory = error == MBEDTLS_ERR_PK_ALLOC_FAILED || error == MBEDTLS_ERR_X509_ALLOC_FAILED;
  return core::fail(memory ? core::ErrorCode::Exhausted : core::ErrorCode::Corrupt, core::ErrorSource::Mbedtls, error);
}

}  // namespace tillkit::security
