// SPDX-License-Identifier: Apache-2.0
#pragma once

// What this module needs of the mbedTLS that it is compiled with. A board may bring one in its own sysroot; each of
// these would otherwise show late: at the link, as a private key in a plain file, or as a terminal that stands still.

#include <mbedtls/build_info.h>
#include <psa/crypto.h>

#if MBEDTLS_VERSION_NUMBER < 0x03060000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "mbedTLS: version 3.6 is needed"
#endif

// TLS and certificate requests use a key inside PSA.
#if !defined(MBEDTLS_USE_PSA_CRYPTO)
#error "mbedTLS: MBEDTLS_USE_PSA_CRYPTO is off: see toolchain/dependencies/mbedtls.options"
#endif

// A key outlives the process.
#if !defined(MBEDTLS_PSA_CRYPTO_C) || !defined(MBEDTLS_PSA_CRYPTO_STORAGE_C)
#error "mbedTLS: MBEDTLS_PSA_CRYPTO_STORAGE_C is off: see toolchain/dependencies/mbedtls.options"
#endif

// Private keys do not go unencrypted into the current folder.
#if defined(MBEDTLS_PSA_ITS_FILE_C)
#error "mbedTLS: MBEDTLS_PSA_ITS_FILE_C writes keys into plain files: see toolchain/dependencies/mbedtls.options"
#endif

// Random numbers come from hal::Random and nowhere else.
#if !defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
#error "mbedTLS: MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG is off: see toolchain/dependencies/mbedtls.options"
#endif

// mbedTLS would hold its mutex while it calls our storage, which calls it again (psa_storage.cpp).
#if defined(MBEDTLS_THREADING_C)
#error "mbedTLS: MBEDTLS_THREADING_C would stand still in our storage: see toolchain/dependencies/mbedtls.options"
#endif

// KeyId has 32 bits and no owner.
#if defined(MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER)
#error "mbedTLS: MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER is on: see toolchain/dependencies/mbedtls.options"
#endif

// Stored keys are encrypted with AES-256-GCM.
#if !defined(PSA_WANT_KEY_TYPE_AES) || !defined(PSA_WANT_ALG_GCM)
#error "mbedTLS: MBEDTLS_AES_C or MBEDTLS_GCM_C is off: see toolchain/dependencies/mbedtls.options"
#endif

// The device signs with ES256.
#if !defined(PSA_WANT_ECC_SECP_R1_256) || !defined(PSA_WANT_ALG_SHA_256)
#error "mbedTLS: MBEDTLS_ECP_DP_SECP256R1_ENABLED or SHA256_C is off: see toolchain/dependencies/mbedtls.options"
#endif

// It signs without trusting one random number with the key (signing_key.hpp).
#if !defined(PSA_WANT_ALG_DETERMINISTIC_ECDSA)
#error "mbedTLS: MBEDTLS_ECDSA_DETERMINISTIC is off: see toolchain/dependencies/mbedtls.options"
#endif

// It asks for its own certificate.
#if !defined(MBEDTLS_X509_CSR_WRITE_C) || !defined(MBEDTLS_PEM_WRITE_C)
#error "mbedTLS: MBEDTLS_X509_CSR_WRITE_C or PEM_WRITE_C is off: see toolchain/dependencies/mbedtls.options"
#endif

// mbedTLS asks for this header but does not ship it.
#if __has_include(<psa/internal_trusted_storage.h>)
#include <psa/internal_trusted_storage.h>
#else
#error "mbedTLS: psa/internal_trusted_storage.h is missing: build it with toolchain/dependencies/include in its path"
#endif
