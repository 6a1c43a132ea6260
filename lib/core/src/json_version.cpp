// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>

#include "tillkit/core/version.hpp"

namespace tillkit::core {

std::string_view json_library_version() {
  return cJSON_Version();
}

}  // namespace tillkit::core
