// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "psa_context.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::security {

/// The uids that PSA stores our signing keys under: purpose 1, then the name. Stored: never renumber.
inline constexpr psa_key_id_t kSigningKeys = 1U << 8;

// ECDSA with any hash, deterministic (RFC 6979).
// - Any hash: ES256 and TLS 1.3 use SHA-256 with this curve, but TLS 1.2 signs with the hash of its cipher suite, and
// for
//   AES-256-GCM that is SHA-384.
// - Deterministic: one weak or repeated random number in an ordinary ECDSA signature gives the private key away, and
// the
//   signatures look the same to who verifies them. mbedTLS's opaque keys ask for this kind first, then for the other
//   one, so one policy serves messages, requests, TLS 1.2 and TLS 1.3 as a client. (Its TLS 1.2 *server* insists on the
//   other kind; a terminal serves nobody.)
inline constexpr psa_algorithm_t kSigningPolicy = PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_ANY_HASH);
inline constexpr psa_algorithm_t kEs256 = PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);

/// Passes the ids of signing keys only: PSA knows other keys, which are none of the caller's business.
[[nodiscard]] inline core::Result<> check_signing_key(KeyId key) {
  constexpr psa_key_id_t kNameMax = 0xFF;
  if (key.value <= kSigningKeys || key.value > kSigningKeys + kNameMax) return core::fail(core::ErrorCode::NotFound);
  return {};
}

}  // namespace tillkit::security
