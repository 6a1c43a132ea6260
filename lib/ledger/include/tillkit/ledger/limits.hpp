// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::ledger {

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> ledger_limits();

}  // namespace tillkit::ledger
