// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/limits.hpp"

#include <array>

namespace tillkit::fulfilment {
namespace {

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"fulfilment.dispensed_units_max", static_cast<std::int64_t>(kDispensedUnitsMax), "units"},
    core::NamedLimit{"fulfilment.planogram_bytes_max", static_cast<std::int64_t>(kPlanogramBytesMax), "bytes"},
    core::NamedLimit{"fulfilment.slot_capacity_max",   kSlotCapacityMax,                              "products"},
    core::NamedLimit{"fulfilment.slots_max",           static_cast<std::int64_t>(kSlotsMax),          "slots"},
    core::NamedLimit{"fulfilment.vend_units_max",      static_cast<std::int64_t>(kVendUnitsMax),      "units"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> fulfilment_limits() {
  return kLimits;
}

}  // namespace tillkit::fulfilment
