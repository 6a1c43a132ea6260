// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "psa_context.hpp"
#include "tillkit/core/bytes.hpp"

namespace tillkit::security {

core::Result<> start_random(PsaContext& context) {
  std::array<std::byte, 16> drawn;
  const auto filled = context.random.fill(drawn);
  core::wipe(drawn);
  return filled;
}

}  // namespace tillkit::security

/// PSA's only source of random numbers (MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG). Without a Crypto it has none and says so.
extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*, std::uint8_t* output,
                                                        std::size_t output_size, std::size_t* output_length) {
  *output_length = 0;
  auto* context = tillkit::security::active_context();
  if (context == nullptr) return PSA_ERROR_INSUFFICIENT_ENTROPY;

  const auto filled = context->random.fill(std::as_writable_bytes(std::span(output, output_size)));
  if (!filled) {
    tillkit::security::remember(*context, filled.error());
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
  }
  *output_length = output_size;
  return PSA_SUCCESS;
}
