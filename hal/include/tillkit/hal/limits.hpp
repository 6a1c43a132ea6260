// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::hal {

/// The limits that the contracts of this folder name.
[[nodiscard]] std::span<const core::NamedLimit> hal_limits();

}  // namespace tillkit::hal
