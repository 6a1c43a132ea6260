// SPDX-License-Identifier: Apache-2.0
#include "authority_signature.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace tillkit::sandbox {
namespace {

constexpr std::size_t kHalfBytes = 32;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key key_of(std::string_view point) {
  std::string group = "P-256";
  std::string copy(point);
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                              OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
                              OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters.data()));
  return Key(key);
}

/// OpenSSL takes DER.
std::string der_of(std::string_view raw) {
  Number r(BN_bin2bn(bytes_of(raw), kHalfBytes, nullptr));
  Number s(BN_bin2bn(bytes_of(raw) + kHalfBytes, kHalfBytes, nullptr));
  const Signature signature(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || signature == nullptr) return {};
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  // They are the signature's now.
  r.release();  // NOLINT(bugprone-unused-return-value)
  s.release();  // NOLINT(bugprone-unused-return-value)
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

bool is_signed_es256(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (signature.size() != 2 * kHalfBytes) return false;
  const Key key = key_of(public_key);
  const std::string der = der_of(signature);
  const Context context(EVP_MD_CTX_new());
  if (key == nullptr || der.empty() || context == nullptr) return false;
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace tillkit::sandbox
