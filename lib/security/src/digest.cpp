// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/digest.hpp"

#include "psa_context.hpp"

namespace tillkit::security {

core::Result<Sha256> sha256(core::ByteView bytes) {
  Sha256 digest{};
  std::size_t written = 0;
  // PSA hashes without psa_crypto_init (mbedTLS 3.6; tests/unit/security/digest_test.cpp), and no callback of ours is
  // in the way, so there is no context to ask why.
  const psa_status_t status = psa_hash_compute(PSA_ALG_SHA_256, octets(bytes.data()), bytes.size(),
                                               octets(digest.data()), digest.size(), &written);
  if (status != PSA_SUCCESS) return std::unexpected(error_of(status));
  if (written != digest.size()) return core::fail(core::ErrorCode::Corrupt);
  return digest;
}

}  // namespace tillkit::security
