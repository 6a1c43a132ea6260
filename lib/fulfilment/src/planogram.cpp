// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/planogram.hpp"

#include <algorithm>

#include "tillkit/fulfilment/limits.hpp"

namespace tillkit::fulfilment {

using core::ErrorCode;
using core::fail;
using core::Result;

std::string_view to_string(SlotBlock block) {
  switch (block) {
    case SlotBlock::None: return "none";
    case SlotBlock::Technician: return "technician";
    case SlotBlock::Jammed: return "jammed";
  }
  return "invalid";
}

Result<Placed> place(std::span<const Slot> planogram, std::span<const Wanted> wanted) {
  std::vector<Slot> left(planogram.begin(), planogram.end());
  Placed placed;
  for (const Wanted& goods : wanted) {
    std::int64_t first = 1;
    const auto take_from = [&](Slot& slot) {
      const std::int64_t here = std::min<std::int64_t>(goods.units - first + 1, slot.stock);
      if (here <= 0 || !slot.sells()) return;
      placed.goods.push_back({.line = goods.line, .first = first, .count = here});
      placed.slots.push_back(slot.slot);
      slot.stock -= static_cast<std::uint32_t>(here);
      first += here;
    };
    bool any = false;
    bool any_open = false;
    for (const bool chosen : {true, false}) {
      for (Slot& slot : left) {
        if (slot.item.empty() || slot.item != goods.item || (slot.slot == goods.chosen) != chosen) continue;
        any = true;
        any_open = any_open || slot.block == SlotBlock::None;
        take_from(slot);
      }
    }
    if (!any) return fail(ErrorCode::NotFound);
    if (!any_open) return fail(ErrorCode::FailedPrecondition);
    if (first <= goods.units) return fail(ErrorCode::OutOfRange);
  }
  return placed;
}

Result<> check(const Slot& slot) {
  if (slot.slot == hal::SlotId{} || slot.mdb == kMdbItemUnknown) return fail(ErrorCode::InvalidArgument);
  if (slot.capacity > kSlotCapacityMax || slot.stock > kSlotCapacityMax) return fail(ErrorCode::OutOfRange);
  const bool stock_of_nothing = slot.item.empty() && slot.stock > 0;
  if (slot.stock > slot.capacity || stock_of_nothing) return fail(ErrorCode::InvalidArgument);
  return {};
}

}  // namespace tillkit::fulfilment
