// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/core/limits.hpp"
#include "tillkit/hal/product_dispenser.hpp"

namespace tillkit::fulfilment {

/// Slots of one machine: a main cabinet and what stands beside it.
inline constexpr std::size_t kSlotsMax = 600;
/// Products that one slot may hold.
inline constexpr std::uint32_t kSlotCapacityMax = 999;
/// Units of one hand-over that the journal names one by one.
inline constexpr std::size_t kVendUnitsMax = 250;
/// Units of one hand-over by a cabinet: all of them must be among those that it surely remembers.
inline constexpr std::size_t kDispensedUnitsMax = hal::kVendsRememberedMin;
/// A planogram file.
inline constexpr std::size_t kPlanogramBytesMax = 262'144;

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> fulfilment_limits();

}  // namespace tillkit::fulfilment
