// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <mbedtls/x509_crt.h>

namespace tillkit::hal_linux {

/// mbedTLS's verification callback: adds to what mbedTLS found in one certificate of the chain, and takes its opinion
/// on dates away (that came from the system's clock). `handshake` is a TlsHandshake. Always 0: the flags decide.
int judge_certificate(void* handshake, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);

}  // namespace tillkit::hal_linux
