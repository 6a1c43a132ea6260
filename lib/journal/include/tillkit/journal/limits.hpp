// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::journal {

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> journal_limits();

}  // namespace tillkit::journal
