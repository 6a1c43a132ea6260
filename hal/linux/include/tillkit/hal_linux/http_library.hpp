// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tillkit::hal_linux {

/// The HTTP library that this program carries.
struct HttpLibrary {
  std::string version;                 ///< libcurl's: `8.14.1`
  std::string tls;                     ///< its TLS libraries, all of them: `mbedTLS/3.6.6`
  std::string resolver;                ///< c-ares's: `1.34.5`; empty: the C library's resolver
  std::vector<std::string> protocols;  ///< `http`, `https`
};

[[nodiscard]] HttpLibrary http_library();

}  // namespace tillkit::hal_linux
