// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/version.hpp"

namespace tillkit::core {

std::string_view version() {
  return TILLKIT_VERSION;
}

WallTime source_time() {
  return WallTime(std::chrono::seconds(TILLKIT_SOURCE_TIME));
}

}  // namespace tillkit::core
