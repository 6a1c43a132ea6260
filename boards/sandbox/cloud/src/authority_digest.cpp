// SPDX-License-Identifier: Apache-2.0
#include "authority_digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "tillkit/core/assert.hpp"

namespace tillkit::sandbox {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  // Without randomness nothing that this program makes is worth anything.
  TILLKIT_ASSERT(RAND_bytes(bytes_of(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string sha256(std::string_view message) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  TILLKIT_ASSERT(SHA256(bytes_of(message), message.size(), bytes_of(digest)) != nullptr);
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(message), message.size(),
                          bytes_of(mac), nullptr);
  TILLKIT_ASSERT(made != nullptr);
  return mac;
}

}  // namespace tillkit::sandbox
