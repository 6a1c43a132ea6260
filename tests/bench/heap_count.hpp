// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tillkit::bench {

/// Calls of operator new so far, in a program that links heap_count.cpp. What C libraries take with malloc is not in
/// it.
[[nodiscard]] std::int64_t heap_allocations();

}  // namespace tillkit::bench
