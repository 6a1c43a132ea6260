// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::codes {

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> codes_limits();

}  // namespace tillkit::codes
