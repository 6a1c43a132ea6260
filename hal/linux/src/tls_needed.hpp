// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the TLS set-up needs of the mbedTLS that it is compiled with. A board may bring one in its own sysroot; most of
// these would otherwise show as a server that cannot be reached, or not at all.

#include <mbedtls/build_info.h>
#include <psa/crypto.h>

#if MBEDTLS_VERSION_NUMBER < 0x03060000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "mbedTLS: version 3.6 is needed"
#endif
#if !defined(MBEDTLS_USE_PSA_CRYPTO)
#error \
    "mbedTLS: MBEDTLS_USE_PSA_CRYPTO is off, so TLS cannot use a client key inside PSA; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
#error \
    "mbedTLS: MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG is off, so its random numbers would not come from hal::Random; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_SSL_CLI_C) || !defined(MBEDTLS_SSL_PROTO_TLS1_2) || !defined(MBEDTLS_SSL_PROTO_TLS1_3)
#error \
    "mbedTLS: MBEDTLS_SSL_CLI_C, MBEDTLS_SSL_PROTO_TLS1_2 or MBEDTLS_SSL_PROTO_TLS1_3 is off, but servers of both kinds are met; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED) || !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED) || \
    !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED)
#error \
    "mbedTLS: an ephemeral key exchange is off (ECDHE-RSA, ECDHE-ECDSA, or that of TLS 1.3), so there is no forward secrecy; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_SSL_HAVE_GCM) && !defined(MBEDTLS_SSL_HAVE_CHACHAPOLY)
#error \
    "mbedTLS: neither GCM nor ChaCha20-Poly1305 is on, but only authenticated ciphers are offered; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_X509_CRT_PARSE_C) || !defined(MBEDTLS_X509_CRL_PARSE_C) || !defined(MBEDTLS_PEM_PARSE_C)
#error \
    "mbedTLS: MBEDTLS_X509_CRT_PARSE_C, MBEDTLS_X509_CRL_PARSE_C or MBEDTLS_PEM_PARSE_C is off, so trust anchors or revocation lists cannot be read; see toolchain/dependencies/mbedtls.options"
#endif
#if !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
#error \
    "mbedTLS: MBEDTLS_SSL_SERVER_NAME_INDICATION is off, so a server with several names would show the wrong certificate; see toolchain/dependencies/mbedtls.options"
#endif
