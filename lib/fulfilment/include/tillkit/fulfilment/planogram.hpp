// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/report.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/proof.hpp"

/// What lies where in a machine, and how much of it is left.
namespace tillkit::fulfilment {

/// Why nothing is sold from a slot. Stored; never renumber.
enum class SlotBlock : std::uint8_t {
  None = 0,        ///< It is sold from, as long as there is stock.
  Technician = 1,  ///< Somebody took it out of use.
  Jammed = 2,      ///< Its motor stuck: somebody must look.
};
inline constexpr std::size_t kSlotBlocks = 3;

/// `none`, `technician`, `jammed`
[[nodiscard]] std::string_view to_string(SlotBlock block);

struct Slot {
  hal::SlotId slot{};
  offers::Name item{};  ///< Empty: nothing is sold from it.
  std::uint32_t capacity = 0;
  std::uint32_t stock = 0;
  SlotBlock block = SlotBlock::None;
  std::optional<MdbItem> mdb{};

  [[nodiscard]] bool sells() const { return block == SlotBlock::None && stock > 0 && !item.empty(); }
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// All slots, by their numbers.
[[nodiscard]] core::Result<std::vector<Slot>> slots(const journal::Tables& tables);
/// None: there is no such slot.
[[nodiscard]] core::Result<std::optional<Slot>> find_slot(const journal::Tables& tables, hal::SlotId slot);
/// The slot that a machine's selection means. None: none.
[[nodiscard]] core::Result<std::optional<Slot>> find_mdb(const journal::Tables& tables, MdbItem item);

/// Goods of one line that are to come out of slots.
struct Wanted {
  offers::LineId line{};
  offers::Name item{};
  std::int64_t units = 0;
  hal::SlotId chosen{};  ///< By the shopper; none: whichever.
};

/// Where they come from, range by range.
struct Placed {
  std::vector<offers::UnitRange> goods;
  std::vector<hal::SlotId> slots;

  friend bool operator==(const Placed&, const Placed&) = default;
};

/// Places goods: the chosen slot first, while it holds the item, then the others that do, by their numbers, each as far
/// as its stock goes.
/// - NotFound: no slot holds one of the items.
/// - FailedPrecondition: those that hold it are blocked.
/// - OutOfRange: they hold too little.
[[nodiscard]] core::Result<Placed> place(std::span<const Slot> planogram, std::span<const Wanted> wanted);

/// Whether a technician's slot can be one.
/// - InvalidArgument: no number, `kMdbItemUnknown`, more stock than capacity, or stock of nothing.
/// - OutOfRange: beyond `kSlotCapacityMax`.
[[nodiscard]] core::Result<> check(const Slot& slot);

/// Records what a technician says of slots. `all`: those not named are no more. Nothing is recorded where an error is
/// returned:
/// - as `check`; InvalidArgument also: a slot, or a selection of the bus, named twice.
/// - Exhausted: more than `kSlotsMax`.
[[nodiscard]] core::Result<> set_slots(journal::Tx& tx, std::span<const Slot> slots, bool all,
                                       const journal::Operator& by);

}  // namespace tillkit::fulfilment
