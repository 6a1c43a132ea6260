// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tillkit::security {

/// The version of mbedTLS that this program carries, e.g. `3.6.6`.
[[nodiscard]] std::string crypto_library_version();

}  // namespace tillkit::security
