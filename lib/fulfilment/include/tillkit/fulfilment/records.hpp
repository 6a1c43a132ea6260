// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"

/// What hand-overs and slots leave in the journal. Bodies are JSON objects, all of version 1; a later version adds
/// members and never changes what these say. Numbers of enumerations are those of the headers. The record's sale is
/// meant.
namespace tillkit::fulfilment {

/// The goods of the sale may move from now on: `handover` (its id), `goods` (`line`, `first`, `count`, and `slot` where
/// they lie in one), `paid` for them.
inline constexpr journal::Kind kVendIntended = journal::kind("fulfilment.vend_intended");
/// The machine has the approval: it moves them by itself.
inline constexpr journal::Kind kVendReleased = journal::kind("fulfilment.vend_released");
/// It is over: `state` (a final `HandoverState`), `units` (a `UnitOutcome` each, in the order of the goods), `jammed`
/// and `empty` (slots), `choice` (an `UnknownGoods`; 0: every unit was seen) and `goods_unknown` (units that it decided
/// about).
inline constexpr journal::Kind kVendEnded = journal::kind("fulfilment.vend_ended");
/// What a technician says of slots: `slots` (`slot`, `item`, `capacity`, `stock`, `block` (a `SlotBlock`), `mdb` (-1:
/// none)), `all` (there are no others), `by`. Of no sale.
inline constexpr journal::Kind kSlotSet = journal::kind("fulfilment.slot_set");

}  // namespace tillkit::fulfilment
