// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>

#include "tillkit/hal_linux/http_library.hpp"

namespace tillkit::hal_linux {

HttpLibrary http_library() {
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  const auto text = [](const char* value) { return value != nullptr ? std::string(value) : std::string(); };
  HttpLibrary library{text(info->version), text(info->ssl_version), text(info->ares), {}};
  for (const char* const* protocol = info->protocols; *protocol != nullptr; ++protocol) {
    library.protocols.emplace_back(*protocol);
  }
  return library;
}

}  // namespace tillkit::hal_linux
