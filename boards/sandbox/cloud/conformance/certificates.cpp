// SPDX-License-Identifier: Apache-2.0
#include "certificates.hpp"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "authority.hpp"
#include "files.hpp"
#include "freer.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::conformance {
namespace {

using sandbox::Freer;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Request = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using Store = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

Bio bio_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::vector<Certificate> certificates_of(std::string_view pem) {
  const Bio bio = bio_of(pem);
  std::vector<Certificate> all;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    all.emplace_back(one);
  return all;
}

std::string public_key_of(const X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  unsigned char* bytes = nullptr;
  const std::size_t size = key == nullptr ? 0 : EVP_PKEY_get1_encoded_public_key(key, &bytes);
  std::string text(reinterpret_cast<const char*>(bytes), size);
  OPENSSL_free(bytes);
  return text;
}

bool leads_to(const std::vector<Certificate>& chain, const std::vector<Certificate>& roots) {
  const Store store(X509_STORE_new());
  for (const Certificate& root : roots)
    X509_STORE_add_cert(store.get(), root.get());
  STACK_OF(X509)* between = sk_X509_new_null();
  for (const Certificate& one : chain)
    sk_X509_push(between, one.get());
  const StoreContext context(X509_STORE_CTX_new());
  const bool good = X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), between) == 1 &&
                    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT) == 1 &&
                    X509_verify_cert(context.get()) == 1;
  sk_X509_free(between);
  return good;
}

}  // namespace

std::optional<bool> speaks_old_tls(std::string_view origin) {
  const std::string address(origin.substr(std::string_view("https://").size()));
  const std::string peer = address.contains(':') ? address : address + ":443";
  const Context context(SSL_CTX_new(TLS_client_method()));
  // The library's own level would refuse before the server can.
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  const Bio plain(BIO_new_connect(peer.c_str()));
  if (plain == nullptr || BIO_do_connect(plain.get()) != 1) return std::nullopt;
  const std::unique_ptr<SSL, Freer<SSL_free>> ssl(SSL_new(context.get()));
  std::string name = address.substr(0, address.rfind(':'));
  SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  BIO_up_ref(plain.get());
  SSL_set_bio(ssl.get(), plain.get(), plain.get());
  return SSL_connect(ssl.get()) == 1;
}

std::string p384_request() {
  const Key key(EVP_EC_gen("P-384"));
  const Request request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

core::Result<std::string> foreign_certificate(const std::string& folder, std::string_view request,
                                              std::string_view name) {
  TILLKIT_TRY_VOID(sandbox::make_folder(folder));
  TILLKIT_TRY(const auto authority, sandbox::Authority::open({.folder = folder}));
  TILLKIT_TRY(const sandbox::DeviceCertificate made, authority->issue(request, name));
  return made.pem;
}

std::optional<std::string> wrong_with_certificate(std::string_view certificates, std::string_view roots,
                                                  std::string_view public_key, std::string_view valid_until) {
  const auto chain = certificates_of(certificates);
  const auto anchors = certificates_of(roots);
  if (chain.empty()) return "certificates begin with the terminal's, in PEM";
  if (anchors.empty()) return "trust_anchors are certificates in PEM";
  if (public_key_of(chain.front().get()) != public_key) return "the first certificate is for the request's key";
  if (!leads_to(chain, anchors)) return "the certificates lead to one of trust_anchors and are good for clients";
  const auto until = core::parse_rfc3339(valid_until);
  std::tm end{};
  if (!until || ASN1_TIME_to_tm(X509_get0_notAfter(chain.front().get()), &end) != 1) return "valid_until is a time";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(until->time_since_epoch()).count();
  const bool same = std::llabs(static_cast<long long>(timegm(&end)) - static_cast<long long>(seconds)) <= 1;
  if (!same) return "valid_until is when the certificate ends";
  return std::nullopt;
}

}  // namespace tillkit::conformance
