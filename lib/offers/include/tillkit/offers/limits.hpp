// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::offers {

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> offers_limits();

}  // namespace tillkit::offers
