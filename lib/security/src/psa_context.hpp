// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "mbedtls_needed.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal/random.hpp"

namespace tillkit::security {

/// What the key store last reported as durably written.
struct Written {
  psa_storage_uid_t uid;
  psa_storage_info_t info;
};

/// What PSA's callbacks work with: they get no context of their own, so they find it through `active_context`.
struct PsaContext {
  hal::KeyStore& store;
  hal::Random& random;
  psa_key_id_t blob_key = PSA_KEY_ID_NULL;  ///< encrypts what is stored; volatile, made anew at each start
  std::optional<core::Error> error;         ///< why `store` or `random` failed first since the call into PSA began
  std::optional<Written> written;           ///< until PSA asks whether it arrived
};

/// The context of the one Crypto that lives, or null.
[[nodiscard]] PsaContext* active_context();
void set_active_context(PsaContext* context);

/// Says in our words why a PSA call failed: with the error of the key store or of the random source, if one of them was
/// the reason (PSA has few status codes and replaces them on the way), else with PSA's status.
[[nodiscard]] core::Result<> outcome(psa_status_t status);

/// The error that a status stands for, seen alone.
[[nodiscard]] core::Error error_of(psa_status_t status);

/// Keeps the first error of a call for `outcome`. PSA tidies up after a failure, and that may fail as well.
void remember(PsaContext& context, const core::Error& error);

/// Forgets what belonged to the call before. Every call into PSA begins with it, except those inside a callback: there
/// the outer call owns the error.
void begin_call();

/// Calls into PSA and returns the outcome.
template <class Call>
[[nodiscard]] core::Result<> call_psa(const Call& call) {
  begin_call();
  return outcome(call());
}

/// The bytes as PSA wants them.
[[nodiscard]] inline const std::uint8_t* octets(const std::byte* bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes);
}
[[nodiscard]] inline std::uint8_t* octets(std::byte* bytes) {
  return reinterpret_cast<std::uint8_t*>(bytes);
}

/// Draws once, so that a source which is not ready is noticed at the start and not at the first signature.
[[nodiscard]] core::Result<> start_random(PsaContext& context);

/// Derives the key of the stored blobs and hands it to PSA.
[[nodiscard]] core::Result<> start_storage(PsaContext& context);

}  // namespace tillkit::security
