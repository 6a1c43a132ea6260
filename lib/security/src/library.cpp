// SPDX-License-Identifier: Apache-2.0
#include "tillkit/security/library.hpp"

#include <array>

#include <mbedtls/version.h>

namespace tillkit::security {

std::string crypto_library_version() {
  // mbedTLS asks for 9 bytes: "255.255.255" never comes, "3.6.10" fits.
  std::array<char, 16> text{};
  mbedtls_version_get_string(text.data());
  return text.data();
}

}  // namespace tillkit::security
