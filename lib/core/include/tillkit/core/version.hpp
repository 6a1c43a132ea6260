// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tillkit/core/time.hpp"

namespace tillkit::core {

/// The version of tillkit that this program carries, e.g. `0.1.0`.
[[nodiscard]] std::string_view version();

/// When the source that this program was built from was last changed (the commit's time, or SOURCE_DATE_EPOCH): the
/// earliest that it can be, for a device that starts without a clock.
[[nodiscard]] WallTime source_time();

/// The version of the JSON library under `JsonDocument`, e.g. `1.7.18`.
[[nodiscard]] std::string_view json_library_version();

}  // namespace tillkit::core
