// SPDX-License-Identifier: Apache-2.0
#include "authority.hpp"

#include <array>
#include <mutex>
#include <set>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "authority_digest.hpp"
#include "files.hpp"
#include "freer.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::sandbox {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

constexpr std::chrono::days kRootValidity{3'650};
constexpr std::chrono::days kServerValidity{398};
/// The server's clock and a device's are not the same.
constexpr std::chrono::minutes kValidBefore{5};
constexpr std::size_t kSerialBytes = 16;
constexpr int kHalfBytes = 32;  // of an ES256 signature
constexpr std::size_t kPublicKeyBytes = 65;

std::unexpected<core::Error> broken() {
  return fail(ErrorCode::Unsupported);
}

core::WallTime now() {
  return core::WallTime(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()));
}

Memory memory_of(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string pem_of(const Certificate& certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate.get());
  return text_of(memory);
}

std::string pem_of(const Key& key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(memory);
}

Result<std::string> public_key_of(EVP_PKEY* key) {
  std::array<char, 32> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return fail(ErrorCode::InvalidArgument);
  if (std::string_view(group.data()) != SN_X9_62_prime256v1) return fail(ErrorCode::InvalidArgument);
  std::array<unsigned char, 2 * kPublicKeyBytes> point{};
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1 ||
      size != kPublicKeyBytes) {
    return fail(ErrorCode::InvalidArgument);
  }
  return std::string(reinterpret_cast<const char*>(point.data()), size);
}

Result<Request> read_request(std::string_view text) {
  const Memory memory = memory_of(text);
  Request request(PEM_read_bio_X509_REQ(memory.get(), nullptr, nullptr, nullptr));
  if (request == nullptr) return fail(ErrorCode::InvalidArgument);
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY_VOID(public_key_of(key));
  return request;
}

bool set_time(ASN1_TIME* field, core::WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
  return ASN1_TIME_set(field, seconds) != nullptr;
}

std::string serial_of(const X509* certificate) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr) return {};
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return core::encode_hex(core::as_bytes(bytes));
}

bool set_serial(X509* certificate) {
  std::string bytes = random_bytes(kSerialBytes);
  // Positive, and always as long: RFC 5280 has at most 20 bytes.
  bytes[0] = static_cast<char>((static_cast<unsigned char>(bytes[0]) & 0x3F) | 0x40);
  const Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), kSerialBytes, nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

struct Extra {
  int kind;
  std::string value;
};

struct Wanted {
  std::string name;
  EVP_PKEY* key;
  core::WallTime until;
  std::vector<Extra> extras;
};

/// Makes a certificate; without an `issuer` it is its own.
Result<Certificate> make_certificate(const Wanted& wanted, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate made(X509_new());
  if (made == nullptr) return broken();
  X509_NAME* subject = X509_get_subject_name(made.get());
  const auto* name = reinterpret_cast<const unsigned char*>(wanted.name.data());
  const bool filled =
      X509_set_version(made.get(), X509_VERSION_3) == 1 && set_serial(made.get()) &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, static_cast<int>(wanted.name.size()), -1, 0) ==
          1 &&
      X509_set_issuer_name(made.get(), issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1 &&
      set_time(X509_getm_notBefore(made.get()), now() - kValidBefore) &&
      set_time(X509_getm_notAfter(made.get()), wanted.until) && X509_set_pubkey(made.get(), wanted.key) == 1;
  if (!filled) return broken();
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer == nullptr ? made.get() : issuer, made.get(), nullptr, nullptr, 0);
  for (const Extra& extra : wanted.extras) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, extra.kind, extra.value.c_str()));
    if (extension == nullptr || X509_add_ext(made.get(), extension.get(), -1) != 1) return broken();
  }
  if (X509_sign(made.get(), issuer_key, EVP_sha256()) == 0) return broken();
  return made;
}

/// Both callbacks of OpenSSL find their authority here.
int authority_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

class OpensslAuthority final : public Authority {
 public:
  explicit OpensslAuthority(const AuthoritySettings& settings) : settings_(settings) {}

  Result<> read_or_make() {
    TILLKIT_TRY(const std::string root, read_or_make_file("root.pem", [] { return make_root(); }));
    const Memory memory = memory_of(root);
    root_key_.reset(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
    root_.reset(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (root_key_ == nullptr || root_ == nullptr) return fail(ErrorCode::Corrupt);
    root_pem_ = pem_of(root_);
    TILLKIT_TRY(const std::string signing, read_or_make_file("signing.pem", [] { return make_signing_key(); }));
    signing_key_.reset(PEM_read_bio_PrivateKey(memory_of(signing).get(), nullptr, nullptr, nullptr));
    if (signing_key_ == nullptr) return fail(ErrorCode::Corrupt);
    TILLKIT_TRY(signing_public_key_, public_key_of(signing_key_.get()));
    return write_file(settings_.folder + "/trust.pem", root_pem_);
  }

  Result<std::string> requested_key(std::string_view text) const override {
    TILLKIT_TRY(const Request request, read_request(text));
    return public_key_of(X509_REQ_get0_pubkey(request.get()));
  }

  Result<DeviceCertificate> issue(std::string_view text, std::string_view terminal) override {
    TILLKIT_TRY(const Request request, read_request(text));
    // What the certificate says is whole seconds.
    const core::WallTime until(
        std::chrono::ceil<std::chrono::seconds>((now() + settings_.device_validity).time_since_epoch()));
    const Wanted wanted{.name = std::string(terminal),
                        .key = X509_REQ_get0_pubkey(request.get()),
                        .until = until,
                        .extras = {{NID_basic_constraints, "critical,CA:FALSE"},
                                   {NID_key_usage, "critical,digitalSignature"},
                                   {NID_ext_key_usage, "clientAuth"},
                                   {NID_authority_key_identifier, "keyid:always"}}};
    TILLKIT_TRY(const Certificate made, make_certificate(wanted, root_.get(), root_key_.get()));
    return DeviceCertificate{.pem = pem_of(made), .serial = serial_of(made.get()), .until = until};
  }

  Result<CertificateHolder> holder(std::string_view der) const override {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const Certificate certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
    if (certificate == nullptr) return fail(ErrorCode::InvalidArgument);
    std::array<char, 65> name{};
    const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                                               static_cast<int>(name.size()));
    if (size <= 0 || X509_verify(certificate.get(), root_key_.get()) != 1) return fail(ErrorCode::InvalidArgument);
    return CertificateHolder{.terminal = std::string(name.data(), static_cast<std::size_t>(size)),
                             .serial = serial_of(certificate.get())};
  }

  void revoke(const std::string& serial) override {
    const std::lock_guard lock(revoked_lock_);
    revoked_.insert(serial);
  }

  const std::string& root_pem() const override { return root_pem_; }
  const std::string& signing_key_name() const override { return signing_key_name_; }
  const std::string& signing_public_key() const override { return signing_public_key_; }

  Result<std::string> sign(std::string_view message) const override {
    const Context context(EVP_MD_CTX_new());
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signing_key_.get()) != 1) return broken();
    std::array<unsigned char, 128> der{};
    std::size_t size = der.size();
    if (EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size()) != 1) {
      return broken();
    }
    const unsigned char* start = der.data();
    const Signature signature(d2i_ECDSA_SIG(nullptr, &start, static_cast<long>(size)));
    if (signature == nullptr) return broken();
    // OpenSSL signs in DER, the contract has r and s.
    std::string raw(std::size_t{2} * kHalfBytes, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kHalfBytes) != kHalfBytes ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kHalfBytes, kHalfBytes) != kHalfBytes) {
      return broken();
    }
    return raw;
  }

  bool set_up(ssl_ctx_st& context) override {
    // Made anew at each start: devices know the root, not this.
    const Key key(EVP_EC_gen("P-256"));
    if (key == nullptr) return false;
    std::string names = "IP:127.0.0.1";
    for (const std::string& name : settings_.names)
      names += ",DNS:" + name;
    const Wanted wanted{.name = settings_.names.empty() ? "127.0.0.1" : settings_.names.front(),
                        .key = key.get(),
                        .until = now() + kServerValidity,
                        .extras = {{NID_basic_constraints, "critical,CA:FALSE"},
                                   {NID_key_usage, "critical,digitalSignature"},
                                   {NID_ext_key_usage, "serverAuth"},
                                   {NID_authority_key_identifier, "keyid:always"},
                                   {NID_subject_alt_name, names}}};
    const auto certificate = make_certificate(wanted, root_.get(), root_key_.get());
    if (!certificate) return false;
    constexpr std::string_view kSessions = "tillkit-cloud";
    SSL_CTX_set_ex_data(&context, authority_index(), this);
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, &OpensslAuthority::verify);
    return SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_use_certificate(&context, certificate->get()) == 1 &&
           SSL_CTX_use_PrivateKey(&context, key.get()) == 1 &&
           X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), root_.get()) == 1 &&
           SSL_CTX_add_client_CA(&context, root_.get()) == 1 &&
           // Without it a session of a client with a certificate is not resumed.
           SSL_CTX_set_session_id_context(&context, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                          static_cast<unsigned>(kSessions.size())) == 1;
  }

 private:
  static int verify(int good, X509_STORE_CTX* store) {
    if (good != 1 || X509_STORE_CTX_get_error_depth(store) != 0) return good;
    const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* authority = static_cast<OpensslAuthority*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), authority_index()));
    if (!authority->is_revoked(serial_of(X509_STORE_CTX_get_current_cert(store)))) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REVOKED);
    return 0;
  }

  bool is_revoked(const std::string& serial) {
    const std::lock_guard lock(revoked_lock_);
    return revoked_.contains(serial);
  }

  template <class Make>
  Result<std::string> read_or_make_file(const std::string& name, Make make) {
    const std::string path = settings_.folder + "/" + name;
    TILLKIT_TRY(std::optional<std::string> content, read_file(path));
    if (content) return *std::move(content);
    TILLKIT_TRY(std::string made, make());
    TILLKIT_TRY_VOID(write_file(path, made));
    return made;
  }

  static Result<std::string> make_root() {
    const Key key(EVP_EC_gen("P-256"));
    if (key == nullptr) return broken();
    const std::string number = core::encode_hex(core::as_bytes(random_bytes(4)));
    const Wanted wanted{.name = "tillkit sandbox root " + number,
                        .key = key.get(),
                        .until = now() + kRootValidity,
                        .extras = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                   {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                   {NID_subject_key_identifier, "hash"}}};
    TILLKIT_TRY(const Certificate made, make_certificate(wanted, nullptr, key.get()));
    return pem_of(key) + pem_of(made);
  }

  static Result<std::string> make_signing_key() {
    const Key key(EVP_EC_gen("P-256"));
    if (key == nullptr) return broken();
    return pem_of(key);
  }

  AuthoritySettings settings_;
  Key root_key_;
  Certificate root_;
  std::string root_pem_;
  Key signing_key_;
  std::string signing_key_name_ = "cloud-1";
  std::string signing_public_key_;
  std::mutex revoked_lock_;
  std::set<std::string> revoked_;
};

}  // namespace

Result<std::unique_ptr<Authority>> Authority::open(const AuthoritySettings& settings) {
  auto authority = std::make_unique<OpensslAuthority>(settings);
  TILLKIT_TRY_VOID(authority->read_or_make());
  return std::unique_ptr<Authority>(std::move(authority));
}

}  // namespace tillkit::sandbox
